"""Copy a workbook with its answers: openpyxl opens it, the answers are added beside the table, and it is saved.

What openpyxl loses is found beforehand by `qpv_geo.tables.xlsx_survey`. The answers come right of the table and of any
filled cell beside its rows; a filter or table (ListObject) that reaches the last column of the table is extended to
them. Columns of former answers are overwritten in place, and so are the sheets of their summary. The same workbook
gives the same bytes: the parts of the archive have no date, and the workbook keeps its own.
"""

from __future__ import annotations

import math
import re
import shutil
import warnings
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.cell import Cell, MergedCell
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.table import TableColumn
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.constants import ARC_CORE

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.xlsx_book import MOST_CHARACTERS, MOST_COLUMNS, SHARE, legal_name, width_of
from qpv_geo.tables.xlsx_cells import ISO_MOMENT, MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from openpyxl import Workbook
    from openpyxl.styles.cell_style import StyleArray
    from openpyxl.worksheet.worksheet import Worksheet

    from qpv_geo.tables.protocol import AddedColumns, RowBatch, Sheet
    from qpv_geo.tables.xlsx_reader import XlsxReader

_CREATED = datetime(2024, 1, 1)  # noqa: DTZ001 - as good as any other, for a workbook that does not tell
_ESCAPED = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""Characters that ECMA-376 escapes (part 1, 22.9.2.19)."""
_NOT_ESCAPED = re.compile(r"_(?=x(?!00[01]|[Ff]{3}[EFef])[0-9A-Fa-f]{4}_)")
"""Start of what looks like an escape in a text as openpyxl reads it, without the escape of the ``_`` itself."""
_MEASURED_ROWS = 100


class XlsxCopyWriter:
    """A workbook that is copied with its answers; see `qpv_geo.tables.protocol.Writer`.

    Parameters
    ----------
    path
        The file to write, whatever its extension.
    source
        The sheet that the blocks come from; its workbook is opened here.
    extra
        The columns to add.

    Raises
    ------
    FormatError
        openpyxl cannot open the workbook, or the sheet has no room for the answers; raised here or by any method.
    """

    def __init__(self, path: Path, source: XlsxReader, extra: AddedColumns) -> None:
        self._path, self._extra, self._name = path, extra, source.path.name
        self._first_row, self._width = source.first_row, len(source.schema)
        self._book = _opened(source.path)
        self._sheet: Any = self._book[source.sheet]  # its types know neither the cells nor their styles
        former = {source.schema.names[k]: k + 1 for k in reversed(extra.dropped)}
        new = [name for name in extra.schema.names if name not in former]
        start = self._clear([k + 1 for k in extra.dropped]) + 1
        if start + len(new) - 1 > MOST_COLUMNS:
            raise FormatError(msg.sheet_errors.too_many_columns(source.sheet, MOST_COLUMNS))
        self._columns = [former[name] if name in former else start + new.index(name) for name in extra.schema.names]
        self._styles: dict[tuple[int, str | None], StyleArray] = {}
        self._beside = max(1, min(self._columns, default=2) - 1)
        self._new = range(start, start + len(new))
        if new:
            _make_room(self._sheet, start, start + len(new) - 1)
            self._extend(start, new)
        self._write_header(new)

    def write(self, block: RowBatch, extra: pa.RecordBatch) -> None:
        """Add the answers of rows."""
        names = extra.schema.names
        for number, answers in enumerate(zip(*(column.to_pylist() for column in extra.columns), strict=True)):
            row = self._first_row + block.start + number
            beside = self._cell(row, self._beside)
            for column, name, value in zip(self._columns, names, answers, strict=True):
                style = self._style(beside, self._extra.colours.get(name, {}).get(value))
                if value is None and (beside is None or not beside.has_style):
                    continue
                cell = self._sheet.cell(row, column)
                if not isinstance(cell, MergedCell):
                    self._put(cell, value)
                    cell._style = style  # noqa: SLF001 - as openpyxl's documentation does; ten times faster

    def finish(self, sheets: Sequence[Sheet] = ()) -> None:
        """Add the extra sheets and write the file.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        self._set_widths(self._sheet, self._new, self._first_row - 1)
        colours = {word: colour for words in self._extra.colours.values() for word, colour in words.items()}
        for sheet in sheets:
            self._add_sheet(sheet, colours)
        try:
            with _DatelessZip(self._path, "w", ZIP_DEFLATED) as archive, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ExcelWriter(self._book, archive).save()
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise FormatError(msg.sheet_errors.cannot_be_copied(self._name)) from error

    def abort(self) -> None:
        """Do nothing: only `finish` writes."""

    # ── The sheet of the table ───────────────────────────────────────────────────────────────────────────────

    def _cell(self, row: int, column: int) -> Any:  # noqa: ANN401 - a cell, merged or not, or None
        return self._sheet._cells.get((row, column))  # noqa: SLF001 - the public methods create the cell

    def _clear(self, former: Sequence[int]) -> int:
        """Empty the columns of former answers; return the last column in use from the header down."""
        last: int = self._width
        for (row, column), cell in self._sheet._cells.items():  # noqa: SLF001 - the public methods give empty cells too
            if row < self._first_row - 1 or isinstance(cell, MergedCell) or cell.value is None:
                continue
            last = max(last, column)
            if column in former:
                cell.value = None
        merged: list[int] = [
            one.max_col for one in self._sheet.merged_cells.ranges if one.max_row >= self._first_row - 1
        ]
        return max([last, *merged])

    def _write_header(self, new: Sequence[str]) -> None:
        row = self._first_row - 1
        beside = self._cell(row, self._beside)
        for column, name in zip(self._columns, self._extra.schema.names, strict=True):
            cell = self._sheet.cell(row, column)
            if not isinstance(cell, MergedCell):
                self._put(cell, name)
                if beside is not None and name in new:
                    cell._style = copy(beside._style)  # noqa: SLF001 - as in `write`

    def _extend(self, start: int, new: Sequence[str]) -> None:
        """Extend to the answers the filter and the tables that reach the column beside them."""
        own_filter, corner = self._sheet.auto_filter, (self._first_row - 1, start - 1)
        if own_filter.ref:
            own_filter.ref = _extended(own_filter.ref, corner, len(new))
        for table in self._sheet.tables.values():
            ref = _extended(table.ref, corner, len(new))
            taken = {column.name.casefold() for column in table.tableColumns}
            if ref == table.ref or not table.headerRowCount or table.totalsRowCount or not taken or taken & set(new):
                continue  # a total row would need totals of the answers; Excel refuses names that differ in case only
            table.ref = ref
            if table.autoFilter is not None:
                table.autoFilter.ref = ref
            number = max(column.id for column in table.tableColumns)
            table.tableColumns += [TableColumn(id=number + k, name=name) for k, name in enumerate(new, start=1)]

    def _style(self, beside: Any, colour: str | None) -> StyleArray:  # noqa: ANN401 - as above
        """Return the style of an answer: the lines and the background of the cell beside it, or the colour."""
        key = (0 if beside is None else beside.style_id, colour)
        if key not in self._styles:
            cell: Any = Cell(self._sheet, row=1, column=1)  # not put in the sheet
            if beside is not None:
                cell.border, cell.fill = copy(beside.border), copy(beside.fill)
                cell.font = _font(beside.font)
                cell.alignment = Alignment(vertical=beside.alignment.vertical)
            if colour is not None:
                cell.fill = PatternFill("solid", fgColor=f"FF{colour.removeprefix('#').upper()}")
            self._styles[key] = cell._style  # noqa: SLF001 - as in `write`
        return self._styles[key]

    # ── Other sheets ─────────────────────────────────────────────────────────────────────────────────────────

    def _add_sheet(self, sheet: Sheet, colours: Mapping[str, str]) -> None:
        if self._extra.dropped and sheet.name in self._book.sheetnames:
            former: Any = self._book[sheet.name]
            if former is not self._sheet and [
                cell.value for cell in next(getattr(former, "rows", iter(())), ())
            ] == list(sheet.columns):
                self._book.remove(former)
        added: Any = self._book.create_sheet(
            legal_name(sheet.name, {name.casefold() for name in self._book.sheetnames})
        )
        for column, name in enumerate(sheet.columns, start=1):
            self._put(added.cell(1, column), name)
            added.cell(1, column).font = _font(added.cell(1, column).font, bold=True)
        for number, row in enumerate(sheet.rows, start=2):
            if number > MOST_ROWS:
                raise FormatError(msg.sheet_errors.too_many_rows(added.title, MOST_ROWS))
            for column, value in enumerate(row):
                cell = added.cell(number, column + 1)
                self._put(cell, value)
                if column in sheet.shares:
                    cell.number_format = SHARE
                if column == sheet.coloured and str(value) in colours:
                    cell._style = self._style(None, colours[str(value)])  # noqa: SLF001 - as in `write`
        added.freeze_panes = "A2"
        added.auto_filter.ref = added.dimensions
        self._set_widths(added, range(1, len(sheet.columns) + 1), 1)

    def _set_widths(self, sheet: Any, columns: range, header_row: int) -> None:  # noqa: ANN401 - as in __init__
        for column in columns:
            found = (sheet._cells.get((header_row + k, column)) for k in range(_MEASURED_ROWS))  # noqa: SLF001 - as in `_cell`
            texts = [cell.value for cell in found if cell is not None and isinstance(cell.value, str)]
            sheet.column_dimensions[get_column_letter(column)].width = width_of(texts)

    def _put(self, cell: Cell, value: Any) -> None:  # noqa: ANN401 - text, a number or None
        """Set the value of a cell; a text is never a formula or an error."""
        if not isinstance(value, str):
            cell.value = value
            return
        if len(value) > MOST_CHARACTERS:
            where, title = get_column_letter(cell.column), cell.parent.title
            raise FormatError(msg.sheet_errors.cell_too_long(title, cell.row, where, MOST_CHARACTERS))
        cell.value = _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", value)
        cell.data_type = "s"


# ── Opening and saving ─────────────────────────────────────────────────────────────────────────────────────────────


class _ExactReader(ExcelReader):
    """openpyxl's reader, which would round dates to the millisecond, and make errors of numbers that are no date."""

    def read_properties(self) -> None:
        """Read the properties; openpyxl would take the present for a missing date."""
        super().read_properties()
        told = self.archive.read(ARC_CORE) if ARC_CORE in self.valid_files else b""
        for name in ("created", "modified"):
            if name.encode() not in told:
                setattr(self.wb.properties, name, _CREATED)

    def read_worksheets(self) -> None:
        """Read the sheets, dates as numbers."""
        book: Any = self.wb
        book._date_formats, book._timedelta_formats = set(), set()  # noqa: SLF001 - no option does it
        super().read_worksheets()


class _DatelessZip(ZipFile):
    """An archive whose parts have no date."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any) -> None:  # noqa: ANN401 - as the base class
        """Write a part."""
        part = ZipInfo(zinfo_or_arcname)
        part.compress_type = ZIP_DEFLATED
        super().writestr(part, data)

    def write(self, filename: Any, arcname: Any = None, *_: Any) -> None:  # noqa: ANN401 - as the base class
        """Write a part from a file."""
        part = ZipInfo(arcname)
        part.compress_type, part.file_size = ZIP_DEFLATED, Path(filename).stat().st_size
        with Path(filename).open("rb") as source, self.open(part, "w") as target:
            shutil.copyfileobj(source, target)


def _opened(path: Path) -> Workbook:
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what `qpv_geo.tables.xlsx_survey` tells
            reader = _ExactReader(file, rich_text=True)
            reader.read()
    except Exception as error:  # a damaged part can make openpyxl raise anything
        raise FormatError(msg.sheet_errors.cannot_be_copied(path.name)) from error
    book: Workbook = reader.wb
    book.calculation.fullCalcOnLoad = True  # the results of formulas are lost
    for sheet in book.worksheets:
        for cell in sheet._cells.values():  # noqa: SLF001 - the public methods give empty cells too
            if isinstance(cell, Cell):
                _make_exact(cell)
    return book


def _make_exact(cell: Cell) -> None:
    """Keep what openpyxl would change: digits of a number after the 16th, a text like an escape, a date as text."""
    value: Any = cell.value
    if cell.data_type == "n" and value is not None:
        if not math.isfinite(value):
            cell.value = "#NUM!"
        elif float(f"{value:.16g}") != value:
            cell.value, cell.data_type = repr(value), "n"
    elif isinstance(value, str) and cell.data_type == "s" and "_x" in value:
        cell.value, cell.data_type = _NOT_ESCAPED.sub("_x005F_", value), "s"
    elif cell.data_type == "d" and not is_date_format(cell.number_format):
        cell.number_format = ISO_MOMENT


# ── Columns ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _make_room(sheet: Worksheet, first: int, last: int) -> None:
    """Take columns out of the widths and styles set for several columns at once, which must not overlap."""
    sizes = sheet.column_dimensions
    for letter, size in list(sizes.items()):
        left, right = size.min or 0, size.max or 0
        if right < first or left > last:
            continue
        if right > last:
            after = copy(size)
            after.index = get_column_letter(last + 1)
            after.min, after.max = last + 1, right
            sizes[after.index] = after
        if left < first:
            size.max = first - 1
        else:
            del sizes[letter]


def _extended(ref: str, corner: tuple[int, int], columns: int) -> str:
    """Return a range, wider by some columns if it has this top row and right column."""
    area = CellRange(ref)
    if (area.min_row, area.max_col) == corner:
        area.expand(right=columns)
    return area.coord


def _font(like: Font, *, bold: bool = False) -> Font:
    return Font(name=like.name, sz=like.sz, bold=bold)
