"""Write a workbook row by row: cells, formats, the limits of the format, and a readable layout.

Rows go to temporary files in a folder next to the workbook, so that memory does not grow with them; `close` and `abort`
remove it. The same content gives the same bytes: the creation date that the format requires is fixed.
"""

from __future__ import annotations

import math
import re
import shutil
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from numbers import Integral
from typing import TYPE_CHECKING, NamedTuple

from openpyxl.styles.numbers import builtin_format_id
from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxFileError
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.plain import json_text, json_value
from qpv_geo.tables.xlsx_cells import GENERAL, MOST_ROWS, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from xlsxwriter.format import Format

    from qpv_geo.untyped import AnyValue

MOST_COLUMNS = 16_384
MOST_CHARACTERS = 32_767
SHARE = "0.0%"
_CREATED = datetime(2024, 1, 1)  # noqa: DTZ001 - as good as any other: a file says nothing of when it was written
_FIRST_DAY = date(1900, 3, 1)
"""Spreadsheets count a 29 February 1900, which never was: they disagree on the days before this one."""
_EXACT_BELOW = 10**15
"""A spreadsheet shows 15 digits of a number, then zeros."""
_DAY, _MOMENT, _HOUR = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm:ss"
_ILLEGAL = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONGEST_NAME = 31
_MEASURED_ROWS = 100
"""Number of rows measured to set the width of columns."""
_NARROWEST, _FORMATTED, _WIDEST = 9, 16, 50
"""Column widths, in characters: minimum, for a formatted number (else shown as ####), and maximum."""
_FILTER_ARROW, _WRAPPED = 3, 36
_LINE_POINTS, _MOST_LINES = 15, 25
_A4 = 9
"""Number of the paper in the format (ECMA-376, part 1, 18.3.1.63)."""
_CHARACTERS_A_PAGE = 300
"""Most characters on a line that is still read on A4 in landscape."""
_MARGINS_INCHES = (0.4, 0.4, 0.5, 0.6)
"""Left, right, top and bottom."""


class Style(NamedTuple):
    """How a cell looks; `background` as ``#rrggbb``, `wrap` for a text that goes on over several lines."""

    number_format: str = GENERAL
    bold: bool = False
    background: str | None = None
    wrap: bool = False


PLAIN = Style()


class _ExactWorksheet(Worksheet):  # type: ignore[misc] # xlsxwriter has no types
    """A worksheet with all the digits of numbers, and texts in ``<r>`` tags, which xlsxwriter takes for its markup."""

    def _xml_number_element(self, number: float, attributes: Iterable[tuple[str, object]] = ()) -> None:
        # a position and a format: nothing to escape
        where = "".join(f' {name}="{value}"' for name, value in attributes)
        self.fh.write(f"<c{where}><v>{number!r}</v></c>")

    def _xml_rich_inline_string(self, string: str, attributes: Iterable[tuple[str, object]] = ()) -> None:
        self._xml_inline_string(string, True, attributes)  # noqa: FBT003 - the signature of xlsxwriter


class BookWriter:
    """A workbook that is being written.

    Parameters
    ----------
    path
        The file to write, whatever its extension; only `close` writes it. Temporary files are next to it, in a folder
        with its name and ``.feuilles``.
    """

    def __init__(self, path: Path) -> None:
        self._folder = path.with_name(f"{path.name}.feuilles")
        shutil.rmtree(self._folder, ignore_errors=True)  # left by a run that was killed
        self._folder.mkdir()
        options = {"constant_memory": True, "tmpdir": str(self._folder), "use_zip64": True}
        self._workbook = Workbook(str(path), options)
        self._workbook.set_properties({"created": _CREATED})
        self._formats: dict[Style, Format] = {}
        self._open = True

    def sheet(self, name: str) -> SheetWriter:
        """Add a sheet, under a name that is legal and not yet taken."""
        taken = {sheet.get_name().casefold() for sheet in self._workbook.worksheets()}
        name = legal_name(name, taken)
        return SheetWriter(self, self._workbook.add_worksheet(name, _ExactWorksheet), name)

    def format(self, style: Style) -> Format | None:
        """Return the xlsxwriter format of a style, None for the plain one."""
        if style == PLAIN:
            return None
        if style not in self._formats:
            properties: dict[str, object] = {
                "num_format": _number_format(style.number_format),
                "bold": style.bold,
                "valign": "top",
            }
            if style.background is not None:
                properties["bg_color"] = style.background
            if style.wrap:
                properties["text_wrap"] = True
            self._formats[style] = self._workbook.add_format(properties)
        return self._formats[style]

    def close(self) -> None:
        """Write the file.

        Raises
        ------
        OSError
            It cannot be written.
        """
        try:
            self._workbook.close()
        except XlsxFileError as error:
            told = error.args[0] if error.args else None
            raise (told if isinstance(told, OSError) else OSError(str(error))) from error
        self.abort()

    def abort(self) -> None:
        """Remove the temporary files, without writing the workbook."""
        if self._open:
            self._open = False
            for sheet in self._workbook.worksheets():
                with suppress(OSError):  # closing flushes the buffer, which fails on a full disk
                    sheet.row_data_fh.close()
            shutil.rmtree(self._folder, ignore_errors=True)


class SheetWriter:
    """A sheet that is being written, from its first row to its last; rows and columns count from 0 here.

    Every method raises FormatError for what a sheet cannot hold.
    """

    def __init__(self, book: BookWriter, worksheet: _ExactWorksheet, name: str) -> None:
        self._book = book
        self._worksheet = worksheet
        self._name = name
        self._widths: dict[int, int] = {}
        self._set: dict[int, float] = {}
        self._measured_until: int | None = None

    def header(self, row: int, names: Iterable[str], *, wrap: bool = False) -> None:
        """Write column names."""
        for column, name in enumerate(names):
            self.value(row, column, name, Style(bold=True, wrap=wrap))

    def set_widths(self, widths: Sequence[float]) -> None:
        """Set the widths of columns, in characters, instead of measuring what they hold."""
        self._set = dict(enumerate(widths))

    def check_columns(self, count: int) -> None:
        """Refuse a table that is too wide."""
        if count > MOST_COLUMNS:
            raise FormatError(msg.sheet_errors.too_many_columns(self._name, MOST_COLUMNS))

    def value(self, row: int, column: int, value: AnyValue, style: Style = PLAIN) -> None:
        """Write a value with its type: text, number, boolean, date; anything else as JSON or text.

        NaN is an empty cell. Values that a sheet would change are written as text: integers and decimals of more than
        15 digits, infinities, dates before 1900-03-01 and times with a time zone.
        """
        for_sheet = _for_sheet(value)
        if isinstance(for_sheet, date | time):
            self._moment(row, column, for_sheet)
        else:
            self._plain(row, column, for_sheet, style)

    def set_height(self, row: int, lines: int) -> None:
        """Make a row high enough for texts of some lines; called before its values are written."""
        if lines > 1:
            top = self._book.format(PLAIN._replace(wrap=True))
            self._worksheet.set_row(row, _LINE_POINTS * min(lines, _MOST_LINES), top)

    def finish(self, header_row: int, last_row: int, columns: int, *, printed: int | None = None) -> None:
        """Freeze the rows above the data, add filters, set the column widths, and fit the print to A4 in landscape.

        Parameters
        ----------
        printed
            Number of columns that are printed, all by default.
        """
        self._worksheet.freeze_panes(header_row + 1, 0)
        self._worksheet.autofilter(header_row, 0, last_row, columns - 1)
        widths = self._set or {column: _width(width) for column, width in self._widths.items()}
        for column, width in widths.items():
            self._worksheet.set_column(column, column, width)
        self._worksheet.set_landscape()
        self._worksheet.set_paper(_A4)
        wide = math.ceil(sum(list(widths.values())[:printed]) / _CHARACTERS_A_PAGE)
        self._worksheet.fit_to_pages(max(wide, 1), 0)
        if wide > 1:
            self._worksheet.repeat_columns(0, 0)
        self._worksheet.repeat_rows(header_row, header_row)
        if printed is not None and printed < columns:
            self._worksheet.print_area(0, 0, last_row, printed - 1)
        self._worksheet.set_margins(*_MARGINS_INCHES)
        self._worksheet.set_footer("&L&F&C&A&R&P / &N")

    def _plain(self, row: int, column: int, value: Value, style: Style) -> None:
        self._check(row, column)
        cell_format = self._book.format(style)
        if value is None:
            self._worksheet.write_blank(row, column, None, cell_format)
        elif isinstance(value, str):
            self._text(row, column, value, cell_format, wraps=style.wrap)
        elif isinstance(value, bool):
            self._worksheet.write_boolean(row, column, value, cell_format)
        else:
            self._worksheet.write_number(row, column, value, cell_format)
            self._measure(row, column, repr(value) if cell_format is None else " " * _FORMATTED)

    def _text(self, row: int, column: int, text: str, cell_format: Format | None, *, wraps: bool = False) -> None:
        if self._worksheet.write_string(row, column, text, cell_format) != 0:
            where = xl_col_to_name(column)
            raise FormatError(msg.sheet_errors.cell_too_long(self._name, row + 1, where, MOST_CHARACTERS))
        self._measure(row, column, text[:_WRAPPED] if wraps else text)

    def _moment(self, row: int, column: int, moment: date | time) -> None:
        shown = _MOMENT if isinstance(moment, datetime) else _DAY if isinstance(moment, date) else _HOUR
        self._check(row, column)
        self._worksheet.write_datetime(row, column, moment, self._book.format(Style(shown)))
        self._measure(row, column, " " * _FORMATTED)

    def _check(self, row: int, column: int) -> None:
        if row >= MOST_ROWS:
            raise FormatError(msg.sheet_errors.too_many_rows(self._name, MOST_ROWS))
        if column >= MOST_COLUMNS:
            raise FormatError(msg.sheet_errors.too_many_columns(self._name, MOST_COLUMNS))

    def _measure(self, row: int, column: int, text: str) -> None:
        if self._measured_until is None:
            self._measured_until = row + _MEASURED_ROWS
        if row < self._measured_until:
            self._widths[column] = max(self._widths.get(column, 0), _longest_line(text))


def width_of(texts: Iterable[str]) -> int:
    """Return the width of a column that shows texts, in characters, within limits."""
    return _width(max(map(_longest_line, texts), default=0))


def _longest_line(text: str) -> int:
    return max(map(len, text.splitlines()), default=0)


def _width(longest: int) -> int:
    return min(max(longest, _NARROWEST), _WIDEST) + _FILTER_ARROW


def _for_sheet(value: AnyValue) -> str | float | bool | date | time | None:  # noqa: PLR0911 - any value; a line a kind
    """Convert a value to one that a sheet can hold."""
    if isinstance(value, str | bool) or value is None:
        return value
    if isinstance(value, Integral):  # of Python or numpy
        return int(value) if abs(int(value)) < _EXACT_BELOW else str(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None if math.isnan(value) else str(value)
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() and Decimal(f"{value:.15g}") == value else str(value)
    if isinstance(value, datetime | date | time):
        return _moment_for_sheet(value)
    if isinstance(value, bytes):
        return str(json_value(value))
    return json_text(value) if isinstance(value, list | dict) else str(value)


def _moment_for_sheet(value: date | time) -> str | date | time:
    day = value.date() if isinstance(value, datetime) else value
    early = isinstance(day, date) and day < _FIRST_DAY
    zoned = isinstance(value, datetime | time) and value.tzinfo is not None
    return value.isoformat() if early or zoned else value


@lru_cache(maxsize=1_000)
def _number_format(code: str) -> str | int:
    """Return the number of a built-in format, so that it keeps following the user's locale; otherwise its code."""
    number: int | None = builtin_format_id(code)
    return number or code


def legal_name(wanted: str, taken: set[str]) -> str:
    """Return a free sheet name close to `wanted`: at most 31 UTF-16 units, without characters that Excel refuses."""
    name = _cut(_ILLEGAL.sub(" ", wanted).strip(" '"), _LONGEST_NAME).strip(" '") or msg.sheet_errors.OTHER_SHEET
    candidate, number = name, 1
    while candidate.casefold() in taken:
        number += 1
        suffix = f" ({number})"
        candidate = _cut(name, _LONGEST_NAME - len(suffix)) + suffix
    return candidate


def _cut(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore")
