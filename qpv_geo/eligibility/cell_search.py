"""Looking points up in cells: one at once, or many, with numba where that is installed and with numpy elsewhere.

All ways give the same answers to the last bit.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from qpv_geo.eligibility.cells import CLOSE_M, DEPTH, EXACT, SEVERAL, SIMPLE, TOP, compiled_search, search
from qpv_geo.eligibility.threads import in_threads, slices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qpv_geo.eligibility.cells import Cells

    Floats = NDArray[np.float64]
    Items = NDArray[np.int64]
    Rows = NDArray[np.int32]
    Flags = NDArray[np.uint8]

_FEW = 16
"""Up to this many points, a loop is faster than arrays."""
_COMPILED_FROM = 2_000_000
"""Number of points, all questions together, from which importing numba pays off."""
_NEAR, _PLACE = 13, 32
"""Halvings of the square that make neighbours (finer, sorting gains no more), and bits for the place of a point."""
_BLOCK = 65_536
"""Points that a thread works on at once."""
_PAIRS = 32_768
"""Pairs of a point and an edge measured at once where there is a single cell: they fit in the cache of a core."""


class CellSearch:
    """Cells, ready to be asked; safe to share between threads.

    Attributes
    ----------
    is_uncut
        Whether there is a single cell with many edges: arrays are then faster than a loop, even for one point.
    """

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.is_uncut = len(cells.level) == 1 and len(cells.edge) > _FEW
        views: dict[str, Any] = {}
        for name, value in cells._asdict().items():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False  # like those mapped from a file: one compiled function is enough
                views[name] = memoryview(value)  # type: ignore[arg-type] # numpy is slow with one value at a time
        self._views = cells._replace(**views)
        self._asked = 0

    def one(self, x: float, y: float, horizon_m: float) -> tuple[int, float, int, int]:
        """Return what `search` tells of one point."""
        position, distance_m, nearest, how = [-1], [0.0], [-1], [0]
        search(self._views, (x,), (y,), horizon_m, position, distance_m, nearest, how)
        return position[0], distance_m[0], nearest[0], how[0]

    def many(self, x: Floats, y: Floats, horizon_m: float) -> tuple[Rows, Floats, Rows, Flags]:
        """Return what `search` tells of points, shape ``(n,)`` each: position, distance, nearest row, and how."""
        self._asked += len(x)  # two threads may count as one: it need not be exact
        compiled = compiled_search() if self._asked >= _COMPILED_FROM else None
        if compiled is None and self.is_uncut:
            blocks = slices(len(x), max(_PAIRS // len(self.cells.edge), 1)) or [slice(0)]
            found = [_search_arrays(self.cells, x[some], y[some], horizon_m) for some in blocks]
            return found[0] if len(found) == 1 else tuple(map(np.concatenate, zip(*found, strict=True)))  # type: ignore[return-value]
        if compiled is None and len(x) > _FEW:
            return _search_arrays(self.cells, x, y, horizon_m)
        position, nearest = np.empty(len(x), dtype=np.int32), np.empty(len(x), dtype=np.int32)
        distance_m, how = np.empty(len(x)), np.empty(len(x), dtype=np.uint8)
        if compiled is not None:
            compiled(self.cells, x, y, horizon_m, position, distance_m, nearest, how)
        else:
            search(self._views, x.tolist(), y.tolist(), horizon_m, position, distance_m, nearest, how)
        return position, distance_m, nearest, how

    def neighbours(self, x: Floats, y: Floats) -> Items:
        """Return an order of points, shape ``(n,)``, in which neighbours follow each other."""
        spread, shift = _spread_bits(), DEPTH - _NEAR
        keys = np.empty(len(x), dtype=np.int64)

        def work(some: slice) -> None:
            i, j = _smallest(self.cells, x[some], y[some])
            near = spread[i >> shift] + (spread[j >> shift] << 1)
            keys[some] = (near.astype(np.int64) << _PLACE) + np.arange(some.start, some.stop)

        in_threads(work, slices(len(x), _BLOCK))
        keys.sort()  # a fifth of the time of `argsort`: each carries its place
        keys &= (1 << _PLACE) - 1
        return keys

    def held_rows(self, x: Floats, y: Floats) -> tuple[Items, Rows]:
        """Return every pair of a point and the row of a perimeter that holds it, by point, then by row.

        The points are none that `search` leaves to exact arithmetic.
        """
        return _held_rows(self.cells, _leaves(self.cells, x, y), x, y)


def _search_arrays(cells: Cells, x: Floats, y: Floats, horizon_m: float) -> tuple[Rows, Floats, Rows, Flags]:
    """Return what `search` fills: the position, distance, nearest row of each point, and how."""
    leaf = _leaves(cells, x, y)
    start, holders = cells.held_first[leaf], cells.held_first[leaf + 1] - cells.held_first[leaf]
    position, crossed = np.full(len(x), -1, dtype=np.int32), cells.crossed[leaf]
    held = np.flatnonzero(holders)
    position[held] = cells.held[start[held]]
    distance_m, nearest = np.full(len(x), np.inf), np.full(len(x), -1, dtype=np.int32)
    asked = np.flatnonzero((crossed > 0) | (holders > 0) | (cells.low_m[leaf] <= horizon_m))
    if len(asked) and len(cells.edge):
        item, edge, first = _pairs(cells, leaf[asked])
        far = _distances(cells, edge, x[asked][item], y[asked][item])
        best = np.minimum.reduceat(far, first)
        at = np.flatnonzero(far == best[item])
        nearest[asked[item[at[::-1]]]] = cells.row[edge[at[::-1]]]  # of those equally near, the first is written last
        distance_m[asked] = best
    exact = (crossed == EXACT) | (distance_m < CLOSE_M)
    how = np.where(exact, EXACT, SIMPLE).astype(np.uint8)
    some = np.flatnonzero(~exact & ((crossed > 0) | (holders > 1)))
    if len(some):
        item, row = _held_rows(cells, leaf[some], x[some], y[some])
        position[some] = first_rows(item, row, len(some))
        how[some[item[1:][item[1:] == item[:-1]]]] = SEVERAL
    sure = np.flatnonzero(~exact)
    distance_m[sure], nearest[sure] = signed(position[sure], distance_m[sure], nearest[sure], horizon_m)
    return position, distance_m, nearest, how


def first_rows(item: Items, row: Rows, count: int) -> Rows:
    """Return the first row of each of `count` items, or -1, from pairs sorted by item, then by row."""
    first = np.full(count, -1, dtype=np.int32)
    first[item[::-1]] = row[::-1]
    return first


def signed(position: Rows, distance_m: Floats, nearest: Rows, horizon_m: float) -> tuple[Floats, Rows]:
    """Return distances, negative inside, and nearest rows; outside and beyond the horizon, infinity and -1."""
    outside = position < 0
    beyond = outside & (distance_m > horizon_m)
    far = np.where(beyond, np.inf, distance_m)
    return np.where(outside, far, -distance_m) + 0.0, np.where(beyond, np.int32(-1), nearest)  # no negative zero


def _held_rows(cells: Cells, leaf: Items, x: Floats, y: Floats) -> tuple[Items, Rows]:
    item, row = _crossings(cells, leaf, x, y)
    held = cells.held_first[leaf + 1] - cells.held_first[leaf]
    holder = cells.held[_ranges(cells.held_first[leaf], held)]
    rows = int(max(cells.row.max(initial=0), holder.max(initial=0))) + 1
    pair = np.concatenate([item * rows + row, np.repeat(np.arange(len(x)), held) * rows + holder])
    pair, times = np.unique(pair, return_counts=True)
    item, row = np.divmod(pair[times % 2 == 1], rows)
    return item, row.astype(np.int32)


@cache
def _spread_bits() -> Rows:
    """Return each number of `_NEAR` bits with a zero before each bit."""
    bits = np.arange(_NEAR)
    spread: Rows = ((np.arange(1 << _NEAR)[:, None] >> bits & 1) << 2 * bits).sum(axis=1).astype(np.int32)
    return spread


def _smallest(cells: Cells, x: Floats, y: Floats) -> tuple[Rows, Rows]:
    """Return the column and the row of the smallest cell at each point."""
    last = (1 << DEPTH) - 1
    i = np.clip((x - cells.left) * cells.per_metre, 0, last).astype(np.int32)
    j = np.clip((y - cells.bottom) * cells.per_metre, 0, last).astype(np.int32)
    return i, j


def _leaves(cells: Cells, x: Floats, y: Floats) -> Items:
    """Return the leaf of each point."""
    i, j = _smallest(cells, x, y)
    shift = DEPTH - TOP
    place = np.take(cells.top, ((j >> shift) << TOP) + (i >> shift))
    within = np.flatnonzero(place >= 0)
    i, j, below = i[within], j[within], place[within]
    while len(within):
        shift -= 1
        below = np.take(cells.child, below + ((j >> shift & 1) << 1) + (i >> shift & 1))
        place[within] = below
        on = np.flatnonzero(below >= 0)
        within, i, j, below = within[on], i[on], j[on], below[on]
    return (-1 - place).astype(np.int64)


def _ranges(start: Rows, count: Rows) -> Items:
    """Return ``start, start + 1, …`` of each range, one after the other."""
    ends = np.cumsum(count, dtype=np.int64)
    ranges: Items = np.arange(ends[-1] if len(ends) else 0, dtype=np.int64)
    ranges += np.repeat(start - (ends - count), count)
    return ranges


def _pairs(cells: Cells, leaf: Items) -> tuple[Items, Rows, Items]:
    """Return all pairs of a point and an edge of its leaf, and where those of each point begin."""
    start = cells.first[leaf]
    count = cells.first[leaf + 1] - start
    item = np.repeat(np.arange(len(leaf)), count)
    return item, np.take(cells.edge, _ranges(start, count)), np.cumsum(count, dtype=np.int64) - count


def _ends(cells: Cells, edge: Rows) -> tuple[Floats, Floats, Floats, Floats]:
    at = 2 * edge.astype(np.int64)
    ax, ay, bx, by = (np.take(cells.vertex, at + k) for k in range(4))
    return ax, ay, bx, by


def _distances(cells: Cells, edge: Rows, px: Floats, py: Floats) -> Floats:
    """Return the distance of each point to its edge, by the same arithmetic as `search`."""
    ax, ay, bx, by = _ends(cells, edge)
    dx, dy, wx, wy = bx - ax, by - ay, px - ax, py - ay
    squared = dx * dx + dy * dy
    along = (wx * dx + wy * dy) / squared
    far = np.abs((wx * dy - wy * dx) / squared) * np.sqrt(squared)
    before = np.flatnonzero(along <= 0)
    far[before] = np.sqrt(wx[before] * wx[before] + wy[before] * wy[before])
    after = np.flatnonzero(along >= 1)
    vx, vy = px[after] - bx[after], py[after] - by[after]
    far[after] = np.sqrt(vx * vx + vy * vy)
    return far


def _crossings(cells: Cells, leaf: Items, x: Floats, y: Floats) -> tuple[Items, Rows]:
    """Return a pair of a point and a row for each edge between the point and the centre of its leaf."""
    some = np.flatnonzero(cells.crossed[leaf])
    item, edge, _ = _pairs(cells, leaf[some])
    px, py = x[some], y[some]
    shift = DEPTH - cells.level[leaf[some]].astype(np.int64)
    size = (1 << shift) / cells.per_metre
    rx = (np.floor((px - cells.left) / size) + 0.5) * size + cells.left - px
    ry = (np.floor((py - cells.bottom) / size) + 0.5) * size + cells.bottom - py
    px, py, rx, ry = px[item], py[item], rx[item], ry[item]
    ax, ay, bx, by = _ends(cells, edge)
    dx, dy, wx, wy = bx - ax, by - ay, px - ax, py - ay
    side = dx * wy - dy * wx
    apart = (rx * wy > ry * wx) != (rx * (py - by) > ry * (px - bx))
    crossed = np.flatnonzero(apart & ((side > 0) != (side + (dx * ry - dy * rx) > 0)))
    return some[item[crossed]], cells.row[edge[crossed]]
