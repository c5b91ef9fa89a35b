"""Faults of a table of projects, all reported at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError, QpvGeoError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class CellFault:
    """An invalid cell.

    Attributes
    ----------
    line
        Line in the file, from 1, which is the header of a CSV or of a sheet.
    column
        Heading as written in the file; for a missing column, its documented name; empty for a whole row.
    value
        Value of the cell, None if empty.
    expected
        What it should contain, in French; for a whole row, what is wrong with it.
    """

    line: int
    column: str
    value: object
    expected: str

    def __str__(self) -> str:
        """Return the fault as one French sentence."""
        if not self.column:
            return msg.projects.faulty_row(self.line, self.expected)
        return msg.projects.fault(self.line, self.column, self.value, self.expected)


class ProjectsError(FormatError):
    """A table of projects with faults; none of its rows is used.

    Attributes
    ----------
    faults
        All the faults, in the order of the file.
    unread
        Other sheets of the workbook, one of which may be the intended table.
    """

    def __init__(self, name: str, faults: Iterable[CellFault], unread: Iterable[str] = ()) -> None:
        self.faults, self.unread = tuple(faults), tuple(unread)
        super().__init__(msg.projects.faulty_table(name, len(self.faults), str(self.faults[0])))


class ReconciliationError(QpvGeoError, ArithmeticError):
    """Sums that do not add up to the total, or that leave out a project."""
