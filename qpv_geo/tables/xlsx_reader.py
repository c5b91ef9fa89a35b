"""Tables of XLSX workbooks, read one sheet at a time.

The header is the row that the user gives, else the first of the first 20 with at least two filled cells, else the first
with one. The table is as wide as its header: a row with cells beyond it has a fault. Empty rows at the end are left
out; those in between are rows, unless more than 1,000 follow each other. Rich text is read as plain text, and a text
that looks like an escape of the format (``_x0001_``) as the character.

Rows are streamed; openpyxl holds the distinct texts of the workbook in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING

import pyarrow as pa
from openpyxl.utils import get_column_letter

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.protocol import BLOCK_ROWS, Format, ReadingOptions
from qpv_geo.tables.xlsx_archive import check_archive
from qpv_geo.tables.xlsx_cells import EMPTY, text_of, value_of
from qpv_geo.tables.xlsx_rows import Row, opened
from qpv_geo.tables.xlsx_survey import Survey, merged_ranges, survey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime, time
    from pathlib import Path

    from pyproj import CRS

    from qpv_geo.tables.xlsx_rows import Book

_HEADER_WITHIN = 20
_LONGEST_GAP = 1_000
"""Consecutive empty rows up to which they are rows of the table; more are not, so that a far cell costs nothing."""


@dataclass(eq=False)
class XlsxRowBatch:
    """Rows of a sheet; see `qpv_geo.tables.protocol.RowBatch`.

    Attributes
    ----------
    rows
        Cells of each row: fewer than the columns if the last ones are empty, more if the row has a fault.
    """

    start: int
    share_read: float
    faults: Mapping[int, str]
    rows: list[Row]
    schema: pa.Schema
    epoch: datetime

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def column(self, position: int) -> pa.Array:
        """Return a column as text, written by `qpv_geo.tables.xlsx_cells.text_of`; never null."""
        cells = (row[position] if position < len(row) else EMPTY for row in self.rows)
        return pa.array([text_of(cell, self.epoch) for cell in cells], pa.string())

    def record_batch(self) -> pa.RecordBatch:
        """Return all columns as text."""
        columns = [self.column(position) for position in range(len(self.schema))]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def geometry(self) -> None:
        """Return None: a sheet has no geometries."""

    def values(self, position: int) -> list[str | float | bool | date | time | None]:
        """Return a column with the types of its cells; see `qpv_geo.tables.xlsx_cells.value_of`."""
        return [value_of(row[position], self.epoch) if position < len(row) else None for row in self.rows]

    def uncomputed(self, position: int) -> list[int]:
        """Return the rows whose cell in a column is a formula without a result."""
        return [k for k, row in enumerate(self.rows) if position < len(row) and not row[position].is_computed]


class XlsxReader:
    """A sheet of a workbook; see `qpv_geo.tables.protocol.Reader`.

    Parameters
    ----------
    path
        The workbook.
    reading
        `ReadingOptions.layer` names the sheet; by default the active one, or the first with cells if that is empty.
        `ReadingOptions.header_row` gives the header row.

    Attributes
    ----------
    schema
        One text column per header cell; an empty cell gives an empty name.
    first_row
        Number of the row below the header, as the spreadsheet shows it.
    epoch
        Day 0 of its dates.
    other_sheets
        Names of the sheets that are not read.

    Raises
    ------
    FormatError
        The file is not a workbook, is damaged or not safe to open, or has no such sheet or no header in it.
    """

    format: Format = Format.XLSX
    has_geometry: bool = False
    crs: CRS | None = None

    def __init__(self, path: Path, reading: ReadingOptions) -> None:
        check_archive(path)
        self.path = path
        with opened(path) as book:
            sheet, header_row = _choose(book, path.name, reading)
            header = next(row for number, row in book.rows(sheet) if number == header_row)
            self._claimed_rows = book.claimed_rows[sheet]
            self._parts = book.parts
            self.epoch = book.epoch
        while header[-1].is_empty:
            header = header[:-1]
        self._width = len(header)
        self.other_sheets = tuple(name for name in self._parts if name != sheet)
        self.reading = ReadingOptions(layer=sheet, header_row=header_row)
        self.first_row = header_row + 1
        self.schema = pa.schema([(text_of(cell, self.epoch), pa.string()) for cell in header])

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[XlsxRowBatch]:
        """Read the rows below the header; see `qpv_geo.tables.protocol.Reader.blocks`."""
        rows = min(rows, BLOCK_ROWS)  # each cell is a Python object
        taken: list[Row] = []
        start = 0
        with opened(self.path) as book:
            for number, row in book.rows(self.sheet):
                gap = number - self.first_row - start - len(taken)
                if gap < 0 or all(cell.is_empty for cell in row):  # above the data, or empty
                    continue
                if gap > _LONGEST_GAP:
                    if taken:
                        yield self._block(start, taken)
                    start, taken = number - self.first_row, []
                else:
                    taken += [()] * gap
                taken.append(row)
                while len(taken) >= rows:
                    yield self._block(start, taken[:rows])
                    start, taken = start + rows, taken[rows:]
        if taken:
            yield self._block(start, taken)

    @property
    def sheet(self) -> str:
        """Name of the sheet."""
        return self.reading.layer or ""

    @cached_property
    def notes(self) -> list[str]:
        """What to tell of how the sheet is read, in French: cells merged in its table have one value."""
        merged = merged_ranges(self.path, self._parts[self.sheet], first_row=self.first_row, columns=self._width)
        return [msg.sheet_notes.merged(merged)] if merged else []

    @cached_property
    def survey(self) -> Survey:
        """What the workbook holds beside its cells, and how many there are."""
        return survey(self.path, self._parts)

    def _block(self, start: int, rows: list[Row]) -> XlsxRowBatch:
        end, width = self.first_row - 1 + start + len(rows), self._width
        share = min(1.0, end / self._claimed_rows) if self._claimed_rows else 0.0
        faults = {
            position: fault for position, row in enumerate(rows) if len(row) > width and (fault := _fault(row, width))
        }
        return XlsxRowBatch(start, share, faults, rows, self.schema, self.epoch)


def _fault(row: Row, width: int) -> str | None:
    """Return the fault of a row with filled cells beyond the columns of its table, None if there are none."""
    beyond = enumerate(row[width:], start=width + 1)
    letters = [get_column_letter(column) for column, cell in beyond if not cell.is_empty]
    return msg.sheet_errors.surplus_cells(letters) if letters else None


def top_cells(path: Path, reading: ReadingOptions, most: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and cell texts of each filled row among the first `most` of the sheet that would be read."""
    with opened(path) as book:
        sheet, _ = _choose(book, path.name, ReadingOptions(layer=reading.layer))
        for number, row in takewhile(lambda one: one[0] <= most, book.rows(sheet)):
            yield number, [text_of(cell, book.epoch) for cell in row]


def _choose(book: Book, name: str, reading: ReadingOptions) -> tuple[str, int]:
    """Return the sheet to read, and the number of its header row."""
    wanted, told, sheets = reading.layer, reading.header_row, list(book.parts)
    if not sheets:
        raise FormatError(msg.sheet_errors.no_sheet(name))
    if wanted is not None and wanted not in sheets:
        raise FormatError(msg.sheet_errors.no_such_sheet(name, wanted, sheets))
    candidates = sheets if wanted is None else [wanted]
    for sheet in candidates:
        if header_row := _header_row(book.rows(sheet)):
            if told is not None and not any(
                number == told and not all(cell.is_empty for cell in row)
                for number, row in takewhile(lambda one: one[0] <= told, book.rows(sheet))
            ):
                raise FormatError(msg.sheet_errors.no_such_header(name, sheet, told))
            return sheet, told or header_row
    raise FormatError(msg.sheet_errors.no_header(name, candidates[0]))


def _header_row(rows: Iterable[tuple[int, Row]]) -> int:
    """Return the number of the header row of a sheet; 0 if no cell is filled."""
    first = 0
    for number, row in rows:
        if first and number > _HEADER_WITHIN:
            break
        filled = sum(not cell.is_empty for cell in row)
        if filled > 1:
            return number
        first = first or (number if filled else 0)
    return first
