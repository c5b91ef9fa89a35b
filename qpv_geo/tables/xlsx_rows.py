"""Stream the filled rows of a workbook with openpyxl, turning its failures into `FormatError`."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.xlsx_cells import EMPTY, MOST_ROWS, Cell, cell_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from openpyxl import Workbook

Row = tuple[Cell, ...]
"""Cells of a row, from the first column to the last one with a value or a formula."""
_TOGETHER = 500
"""Rows requested from openpyxl at a time."""
_UNKNOWN = "unknown"


class _RowParser(WorkSheetParser):
    """openpyxl's parser of a sheet; it also tells a formula without a result from an empty cell.

    The rows that openpyxl gives publicly include all those that the file skips, up to a million.
    """

    def parse_cell(self, element: Any) -> dict[str, Any]:  # noqa: ANN401 - an XML element, of lxml if it is there
        """Read a cell."""
        cell: dict[str, Any] = super().parse_cell(element)
        # a formula that gave an empty text leaves only its type
        if cell["value"] is None and cell["data_type"] != "str" and element.find(FORMULA_TAG) is not None:
            cell["data_type"] = _UNKNOWN
        return cell


class Book:
    """An open workbook.

    Attributes
    ----------
    epoch
        Day 0 of its dates: 1899-12-30, or 1904-01-01 in files from old Macs.
    parts
        Path in the archive of each worksheet by name, the active one first.
    claimed_rows
        Number of rows that each declares, None if it does not; it may well be wrong.
    """

    def __init__(self, path: Path, workbook: Workbook) -> None:
        self._path = path
        self._workbook: Any = workbook  # the sheets of a read-only workbook are of another class
        self.epoch: datetime = workbook.epoch
        sheets: list[Any] = sorted(workbook.worksheets, key=lambda sheet: sheet is not workbook.active)
        self.parts: dict[str, str] = {sheet.title: sheet._worksheet_path for sheet in sheets}  # noqa: SLF001 - no other way
        self.claimed_rows: dict[str, int | None] = {sheet.title: sheet.max_row for sheet in sheets}

    def rows(self, name: str) -> Iterator[tuple[int, Row]]:
        """Read the rows of a sheet that hold a value or a formula, each with its number.

        Raises
        ------
        FormatError
            The sheet is damaged, or has more rows than the format allows.
        """
        sheet, last = self._workbook[name], 0

        @cache
        def format_of(style: int) -> str:
            return ReadOnlyCell(sheet, 1, 1, None, "n", style).number_format

        def row_of(cells: list[dict[str, Any]]) -> Row:
            row: list[Cell] = []
            for cell in cells:
                value, kind = cell["value"], cell["data_type"]
                if value is None and kind != _UNKNOWN:
                    continue
                row += [EMPTY] * (cell["column"] - len(row))
                shown = format_of(cell["style_id"])
                row[cell["column"] - 1] = (
                    Cell(None, shown, is_computed=False) if value is None else cell_of(value, kind, shown, self.epoch)
                )
            return tuple(row)

        with self._workbook._archive.open(self.parts[name]) as part:  # noqa: SLF001 - as above
            found = _RowParser(part, sheet._shared_strings, data_only=True).parse()  # noqa: SLF001
            while True:
                together: list[tuple[int, Row]] = []
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")  # about what openpyxl does not keep
                        for number, cells in islice(found, _TOGETHER):
                            last = max(last, number)
                            together.append((number, row_of(cells)))
                except Exception as error:  # a damaged part can make openpyxl raise anything
                    raise FormatError(msg.sheet_errors.damaged_sheet(self._path.name, name, last)) from error
                if not together:
                    return
                if last > MOST_ROWS:
                    raise FormatError(msg.sheet_errors.too_many_rows_read(self._path.name, name, MOST_ROWS))
                yield from ((number, row) for number, row in together if row)


@contextmanager
def opened(path: Path) -> Iterator[Book]:
    """Open a workbook that `check_archive` has accepted, to read values.

    Raises
    ------
    FormatError
        The workbook cannot be read.
    """
    with path.open("rb") as file:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                workbook = load_workbook(file, read_only=True, keep_links=False)
        except Exception as error:  # as for the rows
            raise FormatError(msg.sheet_errors.not_a_workbook(path.name)) from error
        try:
            yield Book(path, workbook)
        finally:
            workbook.close()
