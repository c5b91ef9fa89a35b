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
class Overlaps:
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

    def of(self, items: NDArray[np.int64]) -> Overlaps:
        """Return these pairs with each item ``k`` renumbered as ``items[k]``, its position in a larger array."""
        return Overlaps(items[self.item], self.row, self.share)

    def best(self, n: int) -> Rows:
        """Return, for each of `n` items, the row with the largest share (the lowest on a tie), or -1."""
        best = np.full(n, -1, dtype=np.int32)
        if not len(self.item):
            return best
        order = np.lexsort((-self.row, self.share, self.item))
        best[self.item[order]] = self.row[order]
        return best


def merge(pairs: Sequence[Overlaps]) -> Overlaps:
    """Merge pairs, sorted by item, then by row."""
    if not pairs:
        return Overlaps(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0))
    if len(pairs) == 1 and len(pairs[0].item) <= 1:
        return pairs[0]
    item = np.concatenate([part.item for part in pairs])
    row, share = np.concatenate([part.row for part in pairs]), np.concatenate([part.share for part in pairs])
    order = np.lexsort((row, item))
    return Overlaps(item[order], row[order], share[order])


class Measure(NamedTuple):
    """What is measured for one location: an entry of `Measures`.

    Attributes
    ----------
    overlaps
        Every perimeter touched: its row, and the share of the disc inside it.
    """

    share: float
    distance_m: float
    nearest: int
    best: int
    radius_m: float
    covered: bool
    overlaps: tuple[tuple[int, float], ...]


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
    overlaps
        Every perimeter touched.
    """

    share: Floats
    distance_m: Floats
    nearest: Rows
    best: Rows
    radius_m: Floats
    covered: NDArray[np.bool_]
    overlaps: Overlaps

    def each(self) -> list[Measure]:
        """Return what was measured for each location."""
        touched: list[tuple[tuple[int, float], ...]] = [()] * len(self.share)
        overlaps = self.overlaps
        for item, row, share in zip(
            overlaps.item.tolist(), overlaps.row.tolist(), overlaps.share.tolist(), strict=True
        ):
            touched[item] += ((row, share),)
        facts = (self.share, self.distance_m, self.nearest, self.best, self.radius_m, self.covered)
        return [Measure(*one) for one in zip(*(fact.tolist() for fact in facts), touched, strict=True)]

    def take(self, items: NDArray[np.int64]) -> Measures:
        """Return what was measured for the locations at some positions, ascending."""
        place = np.full(len(self.share), -1)
        place[items] = np.arange(len(items))
        pairs = self.overlaps.of(place)
        kept = pairs.item >= 0
        return Measures(
            self.share[items],
            self.distance_m[items],
            self.nearest[items],
            self.best[items],
            self.radius_m[items],
            self.covered[items],
            Overlaps(pairs.item[kept], pairs.row[kept], pairs.share[kept]),
        )

    def part(self, start: int, end: int) -> Measures:
        """Return what was measured for the locations from `start` to `end` (excluded)."""
        mine = slice(*np.searchsorted(self.overlaps.item, (start, end)))
        return Measures(
            self.share[start:end],
            self.distance_m[start:end],
            self.nearest[start:end],
            self.best[start:end],
            self.radius_m[start:end],
            self.covered[start:end],
            Overlaps(self.overlaps.item[mine] - start, self.overlaps.row[mine], self.overlaps.share[mine]),
        )
