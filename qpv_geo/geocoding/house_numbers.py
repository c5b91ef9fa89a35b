"""House numbers: one with its suffix, and several or ranges as an address asks about them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from qpv_geo.geocoding.normalise import suffix

if TYPE_CHECKING:
    from collections.abc import Iterable

_HOUSE_NUMBER = re.compile(r"\s*(\d{1,5})\s*(.*)")
LONG_SUFFIXES = frozenset({"bis", "ter", "quater", "quinquies"})


@dataclass(frozen=True, slots=True)
class HouseNumber:
    """A number and its suffix (``bis``, ``a``) or an empty string."""

    number: int
    suffix: str = ""

    def __str__(self) -> str:
        """Return ``12 bis``."""
        return f"{self.number} {self.suffix}".strip()


@dataclass(frozen=True, slots=True)
class HouseNumbers:
    """The house numbers that an address asks about: one, several, or a range.

    Attributes
    ----------
    ends
        The numbers as written, the ends of ranges included, in order.
    ranges
        Pairs of ends, lowest first; a range holds the numbers between them: of one side, or of both if the ends are on
        opposite sides.
    """

    ends: tuple[HouseNumber, ...]
    ranges: tuple[tuple[int, int], ...] = ()

    @property
    def is_one(self) -> bool:
        """Whether one number is asked about."""
        return len(self.ends) == 1

    def unknown(self, known: Iterable[HouseNumber]) -> tuple[HouseNumber, ...]:
        """Return the ends that are not among the known numbers of a street."""
        numbers = list(known)
        return tuple(end for end in self.ends if not any(same_number(end, one.number, one.suffix) for one in numbers))

    def holds(self, number: int, suffix_: str) -> bool:
        """Tell whether a number is one of those asked about."""
        if any(same_number(end, number, suffix_) for end in self.ends):
            return True
        return any(low < number < high and _on_side(number, low, high) for low, high in self.ranges)

    def __str__(self) -> str:
        """Return ``10 à 14`` or ``12, 12 bis``."""
        if self.ranges and len(self.ends) == 2:  # noqa: PLR2004 - one range
            return f"{self.ends[0]} à {self.ends[1]}"
        return ", ".join(map(str, self.ends))


def same_number(asked: HouseNumber, number: int, suffix_: str) -> bool:
    """Tell whether a number is the one asked: ``12 B`` is ``12 bis``, ``12 T`` is ``12 ter``."""
    if asked.number != number:
        return False
    return asked.suffix == suffix_ or (bool(asked.suffix and suffix_) and _short(asked.suffix) == _short(suffix_))


@lru_cache(maxsize=4096)
def number_of(text: str | None) -> HouseNumber | None:
    """Parse a house number as sources write it: ``15 bis``, ``15bis``, ``15``."""
    found = _HOUSE_NUMBER.match(text or "")
    return HouseNumber(int(found[1]), suffix(found[2])) if found else None


def _short(suffix_: str) -> str:
    return suffix_[0] if suffix_ in LONG_SUFFIXES else suffix_


def _on_side(number: int, low: int, high: int) -> bool:
    return (low - high) % 2 == 1 or (number - low) % 2 == 0
