"""Stream the rows of a workbook with openpyxl, turning its failures into `FormatError`.

Sheets are streamed, but openpyxl holds the shared strings of a workbook in memory: memory grows with the number of
distinct texts, not with rows (except for some 90 bytes per row that openpyxl leaves in the XML tree it clears). At the
first row with a formula, the workbook is opened a second time for the values of formulas.
"""

from __future__ import annotations

import warnings
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, cast

from openpyxl import load_workbook

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.xlsx_cells import EMPTY, MOST_ROWS, Cell, cell_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from openpyxl import Workbook
    from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell

    _Found = tuple[ReadOnlyCell | EmptyCell, ...]

Row = tuple[Cell, ...]
"""Cells of a row, from the first column to the last one that is not `EMPTY`."""
_TOGETHER = 500
"""Rows requested from openpyxl at a time."""


class Book:
    """An open workbook.

    Attributes
    ----------
    epoch
        Day 0 of its dates: 1899-12-30, or 1904-01-01 in files from old Macs.
    sheets
        Names of its worksheets, the active one first.
    claimed_rows
        Number of rows that each declares, None if it does not; it may well be wrong.
    """

    def __init__(self, path: Path, workbook: Workbook) -> None:
        self._path = path
        self._workbook = workbook
        self.epoch: datetime = workbook.epoch
        sheets = sorted(workbook.worksheets, key=lambda sheet: sheet is not workbook.active)
        self.sheets = [sheet.title for sheet in sheets]
        self.claimed_rows: dict[str, int | None] = {sheet.title: sheet.max_row for sheet in sheets}

    def rows(self, sheet: str) -> Iterator[Row]:
        """Read all rows of a sheet, from its row 1.

        Raises
        ------
        FormatError
            The sheet is damaged, or has more rows than the format allows.
        """
        computed: Iterator[_Found] | None = None
        with ExitStack() as stack:
            for position, row in enumerate(self._found(self._workbook, sheet)):
                if computed is None and any(cell.data_type == "f" for cell in row):
                    other = stack.enter_context(_loaded(self._path, computed=True))
                    computed = islice(self._found(other, sheet), position, None)
                values = row if computed is None else next(computed)
                yield _trimmed([cell_of(cell, value, self.epoch) for cell, value in zip(row, values, strict=True)])

    def _found(self, workbook: Workbook, sheet: str) -> Iterator[_Found]:
        workbook[sheet].reset_dimensions()  # else openpyxl cuts the sheet at the size it declares
        rows = cast("Iterator[_Found]", workbook[sheet].rows)  # cells of a read-only workbook are of other classes
        read = 0
        while True:
            together: list[_Found] = []
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # about what openpyxl does not keep: neither do we
                    for row in islice(rows, _TOGETHER):
                        together.append(row)  # noqa: PERF402 - what was read before a failure counts
            except Exception as error:  # a damaged part can make openpyxl raise anything
                raise FormatError(
                    msg.sheet_errors.damaged_sheet(self._path.name, sheet, read + len(together))
                ) from error
            if not together:
                return
            read += len(together)
            if read > MOST_ROWS:
                raise FormatError(msg.sheet_errors.too_many_rows_read(self._path.name, sheet, MOST_ROWS))
            yield from together


def _trimmed(cells: list[Cell]) -> Row:
    while cells and cells[-1] is EMPTY:
        cells.pop()
    return tuple(cells)


@contextmanager
def opened(path: Path) -> Iterator[Book]:
    """Open a workbook that `check_archive` has accepted.

    Raises
    ------
    FormatError
        The workbook cannot be read.
    """
    with _loaded(path) as workbook:
        yield Book(path, workbook)


@contextmanager
def _loaded(path: Path, *, computed: bool = False) -> Iterator[Workbook]:
    with path.open("rb") as file:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                workbook = load_workbook(file, read_only=True, data_only=computed, keep_links=False)
        except Exception as error:  # as for the rows
            raise FormatError(msg.sheet_errors.not_a_workbook(path.name)) from error
        # openpyxl would round dates to the millisecond, and turn a number that is not a valid date into an error
        workbook._date_formats = set()  # type: ignore[attr-defined] # noqa: SLF001
        try:
            yield workbook
        finally:
            workbook.close()
