"""What is measured for locations before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Touch:
    """Pairs of an accuracy disc and a perimeter that it touches: arrays of one entry per pair.

    Attributes
    ----------
    item
        Position of the location, int64, ascending.
    row
        Row of the perimeter.
    share
        Share of the disc inside that perimeter, above 0 and at most 1.
    """

    item: NDArray[np.int64]
    row: Rows
    share: Floats

    def of(self, items: NDArray[np.int64]) -> Touch:
        """Return these pairs with each item ``k`` renumbered as ``items[k]``, its position in a larger array."""
        return Touch(items[self.item], self.row, self.share)

    def best(self, n: int) -> Rows:
        """Return, for each of `n` items, the row with the largest share (the lowest on a tie), or -1."""
        best = np.full(n, -1, dtype=np.int32)
        if not len(self.item):
            return best
        order = np.lexsort((-self.row, self.share, self.item))
        best[self.item[order]] = self.row[order]
        return best


def merge(touches: Sequence[Touch]) -> Touch:
    """Merge pairs, sorted by item, then by row."""
    if not touches:
        return Touch(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0))
    if len(touches) == 1 and len(touches[0].item) <= 1:
        return touches[0]
    item = np.concatenate([part.item for part in touches])
    row, share = np.concatenate([part.row for part in touches]), np.concatenate([part.share for part in touches])
    order = np.lexsort((row, item))
    return Touch(item[order], row[order], share[order])


class Measure(NamedTuple):
    """What is measured for one location: an entry of `Measures`.

    Attributes
    ----------
    touch
        Every perimeter touched: its row, and the share of the disc inside it.
    """

    share: float
    distance_m: float
    nearest: int
    best: int
    radius_m: float
    covered: bool
    touch: tuple[tuple[int, float], ...]


@dataclass(frozen=True, eq=False)
class Measures:
    """What is measured for ``n`` locations; decisions are made from this.

    Attributes
    ----------
    share
        Share of each accuracy disc (or site) inside any perimeter, 0 to 1, rounded to six decimals.
    distance_m
        Signed distance to the nearest edge, negative inside, 0 for a site on both sides; inf if no edge is within the
        horizon.
    nearest
        Row of the perimeter with that edge, or -1.
    best
        Row of the perimeter that holds most of the disc, or -1 where none is touched.
    radius_m
        Radius of the disc: the location's accuracy plus the perimeters' precision.
    covered
        Whether the whole disc lies where the set is complete.
    touch
        Every perimeter touched.
    """

    share: Floats
    distance_m: Floats
    nearest: Rows
    best: Rows
    radius_m: Floats
    covered: NDArray[np.bool_]
    touch: Touch

    def each(self) -> list[Measure]:
        """Return what was measured for each location."""
        touched: list[tuple[tuple[int, float], ...]] = [()] * len(self.share)
        touch = self.touch
        for item, row, share in zip(touch.item.tolist(), touch.row.tolist(), touch.share.tolist(), strict=True):
            touched[item] += ((row, share),)
        facts = (self.share, self.distance_m, self.nearest, self.best, self.radius_m, self.covered)
        return [Measure(*one) for one in zip(*(fact.tolist() for fact in facts), touched, strict=True)]

    def part(self, start: int, end: int) -> Measures:
        """Return what was measured for the locations from `start` to `end` (excluded)."""
        mine = slice(*np.searchsorted(self.touch.item, (start, end)))
        return Measures(
            self.share[start:end],
            self.distance_m[start:end],
            self.nearest[start:end],
            self.best[start:end],
            self.radius_m[start:end],
            self.covered[start:end],
            Touch(self.touch.item[mine] - start, self.touch.row[mine], self.touch.share[mine]),
        )
