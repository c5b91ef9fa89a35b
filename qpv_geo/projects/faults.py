"""What is wrong with a table of projects: every cell of it, at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError, QpvGeoError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class CellFault:
    """A cell that is not what it should be.

    Attributes
    ----------
    line
        In the file, as a person counts: 1 is the header of a CSV or of a sheet.
    column
        Heading as the file writes it; for a missing column, its documented name; empty for a whole row.
    value
        What the cell holds, None where it is empty.
    expected
        What it should hold, in French; for a whole row, what is wrong with it.
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
    """A table of projects with bad rows: nothing of it is read.

    Attributes
    ----------
    faults
        All of them, in the order of the file.
    unread
        Other sheets of the workbook, one of which may be the table that was meant.
    """

    def __init__(self, name: str, faults: Iterable[CellFault], unread: Iterable[str] = ()) -> None:
        self.faults, self.unread = tuple(faults), tuple(unread)
        super().__init__(msg.projects.faulty_table(name, len(self.faults), str(self.faults[0])))


class ReconciliationError(QpvGeoError, ArithmeticError):
    """Sums that do not add up to what was summed."""
