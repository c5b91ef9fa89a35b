"""The days on which a scheme is in force, and the day on which perimeters are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qpv_geo.schemes.model import LegalSource


class AsOf(StrEnum):
    """Date on which perimeters are read: the date given, or 1 January of its year."""

    GIVEN = "given"
    JANUARY_FIRST = "january_1"


@dataclass(frozen=True)
class Dates:
    """Which date counts, as of which date perimeters are read, and when the scheme is in force."""

    counts: str
    as_of: AsOf
    source: LegalSource
    start: date | None = None
    end: date | None = None
    outside: str | None = None

    def used(self, day: date) -> date:
        """Return the date on which perimeters are read for a day."""
        return date(day.year, 1, 1) if self.as_of is AsOf.JANUARY_FIRST else day

    def applies(self, used: date) -> bool:
        """Tell whether the scheme is in force on the date on which perimeters are read."""
        return in_force(self.start, self.end, used)


def in_force(start: date | None, end: date | None, day: date) -> bool:
    """Tell whether a day is within two others, both included; None is without limit."""
    return (start is None or start <= day) and (end is None or day <= end)
