"""Tables of XLSX workbooks, read one sheet at a time.

The header is the row that the user gives, else the first of the first 20 with at least two filled cells, else the first
with one; rows above it (a title) are kept. The table is as wide as its header: a row with cells beyond it has a fault,
and keeps them. Empty rows at the end are left out; those in between are rows, without their formats.

Kept: values, their types, number formats, formulas with their last value. Not kept, here and in `XlsxWriter`: other
styles, rich text (reduced to plain text), widths, merged cells, hyperlinks, comments, images, charts, names, data
validation, and the other sheets. A text that looks like an escape of the format (``_x0001_``) is read as the character.
Memory grows with the number of distinct texts, not with rows; see `qpv_geo.tables.xlsx_workbook`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

import pyarrow as pa
from openpyxl.utils import get_column_letter

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.protocol import BLOCK_ROWS, Format, ReadingOptions
from qpv_geo.tables.xlsx_archive import check_archive
from qpv_geo.tables.xlsx_cells import EMPTY, Cell, text_of
from qpv_geo.tables.xlsx_workbook import Row, opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pyproj import CRS

    from qpv_geo.tables.xlsx_workbook import Book

_HEADER_WITHIN = 20
_MAC_EPOCH = datetime(1904, 1, 1)  # noqa: DTZ001 - days of a sheet have no time zone


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
    above, header
        Rows above the header, and the header row, kept for a copy.
    mac_dates
        Whether its dates count from 1904.
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
            sheet, rows = _choose(book, path.name, reading)
            self._claimed_rows = book.claimed_rows[sheet]
            self.other_sheets = tuple(name for name in book.sheets if name != sheet)
            self.epoch = book.epoch
        *self.above, header = rows
        while header[-1].is_empty:
            header = header[:-1]
        self.header = header
        self.mac_dates = self.epoch == _MAC_EPOCH
        self.reading = ReadingOptions(layer=sheet, header_row=len(rows))
        self.first_row = len(rows) + 1
        self.schema = pa.schema([(text_of(cell, self.epoch), pa.string()) for cell in header])

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[XlsxRowBatch]:
        """Read the rows below the header; see `qpv_geo.tables.protocol.Reader.blocks`."""
        with opened(self.path) as book:
            data = _without_end(islice(book.rows(self.sheet), self.first_row - 1, None))
            start = 0
            while taken := list(islice(data, rows)):
                end = start + len(taken)
                yield XlsxRowBatch(start, self._share(end), self._faults(taken), taken, self.schema, self.epoch)
                start = end

    @property
    def sheet(self) -> str:
        """Name of the sheet."""
        return self.reading.layer or ""

    def _share(self, rows: int) -> float:
        return min(1.0, (self.first_row - 1 + rows) / self._claimed_rows) if self._claimed_rows else 0.0

    def _faults(self, rows: list[Row]) -> dict[int, str]:
        width = len(self.header)
        return {position: _fault(row, width) for position, row in enumerate(rows) if surplus(row, width)}


def surplus(row: Row, width: int) -> Row:
    """Return the cells of a row beyond the columns of its table, up to the last filled one."""
    cells = row[width:]
    while cells and cells[-1].is_empty:
        cells = cells[:-1]
    return cells


def _fault(row: Row, width: int) -> str:
    beyond = enumerate(row[width:], start=width + 1)
    return msg.sheet_errors.surplus_cells([get_column_letter(column) for column, cell in beyond if not cell.is_empty])


def top_cells(path: Path, reading: ReadingOptions, most: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and cell texts of each of the first `most` rows of the sheet that would be read."""
    with opened(path) as book:
        sheet, _ = _choose(book, path.name, ReadingOptions(layer=reading.layer))
        for number, row in enumerate(islice(book.rows(sheet), most), start=1):
            yield number, [text_of(cell, book.epoch) for cell in row]


def _choose(book: Book, name: str, reading: ReadingOptions) -> tuple[str, list[Row]]:
    """Return the sheet to read, and its rows down to the header."""
    wanted, told = reading.layer, reading.header_row
    if not book.sheets:
        raise FormatError(msg.sheet_errors.no_sheet(name))
    if wanted is not None and wanted not in book.sheets:
        raise FormatError(msg.sheet_errors.no_such_sheet(name, wanted, book.sheets))
    candidates = book.sheets if wanted is None else [wanted]
    for sheet in candidates:
        if rows := _down_to_header(book.rows(sheet)):
            if told is not None:
                rows = list(islice(book.rows(sheet), max(told, 0)))
                if not rows or len(rows) != told or all(cell.is_empty for cell in rows[-1]):
                    raise FormatError(msg.sheet_errors.no_such_header(name, sheet, told))
            return sheet, rows
    raise FormatError(msg.sheet_errors.no_header(name, candidates[0]))


def _down_to_header(rows: Iterable[Row]) -> list[Row]:
    """Return the rows of a sheet down to its header; an empty list if no cell is filled."""
    seen: list[Row] = []
    first = 0
    for row in rows:
        seen.append(row)
        filled = sum(not cell.is_empty for cell in row)
        if filled > 1:
            return seen
        first = first or (len(seen) if filled else 0)
        if first and len(seen) >= _HEADER_WITHIN:
            break
    return seen[:first]


def _without_end(rows: Iterable[Row]) -> Iterator[Row]:
    """Leave out the empty rows after the last filled one."""
    empty = 0
    nothing: tuple[Cell, ...] = ()
    for row in rows:
        if all(cell.is_empty for cell in row):
            empty += 1
            continue
        for _ in range(empty):
            yield nothing
        empty = 0
        yield row
