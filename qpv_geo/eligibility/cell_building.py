"""Building the cells of a territory from the outlines of its perimeters, level by level, with numpy.

An edge is left out of a cell if some point of another edge is nearer to all four corners of the cell: the places nearer
to a point than to an edge are convex, so that point is nearer to the whole cell. The points tried are those nearest to
the corners and to the centre.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qpv_geo.eligibility.cells import DEPTH, EXACT, TOP, Cells
from qpv_geo.eligibility.threads import in_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qpv_geo.eligibility.outlines import Outlines

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Items = NDArray[np.int64]
    Rows = NDArray[np.int32]

_FEW_EDGES = 12
"""A cell with at most so many edges is not cut: with 8, cells take twice the room and points a tenth less time."""
_SMALLEST_M, _FAR = 16.0, 32
"""Cells are not cut below this size, nor below that part of the distance to the nearest edge: the places nearest to the
edges of a finely drawn line or circle are thin strips that go on forever, and need too many cells."""
_BLOCK = 150_000
"""Pairs of a cell and an edge worked on at once: their arrays stay in a processor's cache."""
_SLACK = 1e-6
"""By this ratio another edge must be nearer: far more than rounding, so no edge that is as near is left out."""
_BORDER_M = 1e-3
"""Cells are taken to be larger by this: rounding may place a point beside its cell."""
_FIRM_M = 1e-4
"""From a centre closer to the line of an edge, float arithmetic might not tell its side."""
_OFFSET = 341 / 1024
"""Of the lower left corner, so that round coordinates do not fall on the borders or centres of cells."""
_X, _Y = np.array([[-1.0, 1.0, -1.0, 1.0], [-1.0, -1.0, 1.0, 1.0]])
"""The corners of a cell, and its four quarters."""


class _Level(NamedTuple):
    """Cells of one size.

    Attributes
    ----------
    x, y
        Centres.
    near_m
        The centre is no nearer to an edge than this.
    edges, edge
        How many edges each cell may need, and these, cell after cell.
    """

    x: Floats
    y: Floats
    near_m: Floats
    edges: Items
    edge: Rows

    def some(self, cells: Bools) -> _Level:
        """Return some of the cells."""
        edge = self.edge[np.repeat(cells, self.edges)]
        return _Level(self.x[cells], self.y[cells], self.near_m[cells], self.edges[cells], edge)

    def blocks(self) -> list[_Level]:
        """Cut into blocks of about `_BLOCK` edges."""
        ends = np.append(0, np.cumsum(self.edges))
        starts = np.unique(np.searchsorted(ends, np.arange(0, ends[-1], _BLOCK)))
        blocks = []
        for a, b in pairwise([*starts.tolist(), len(self.x)]):
            edge = self.edge[ends[a] : ends[b]]
            blocks.append(_Level(self.x[a:b], self.y[a:b], self.near_m[a:b], self.edges[a:b], edge))
        return blocks

    def quartered(self, half: float) -> _Level:
        """Cut each cell in four squares of `half` the side, all with the same edges."""
        edges = np.repeat(self.edges, 4)
        ends, start = np.cumsum(edges), np.repeat(np.cumsum(self.edges) - self.edges, 4)
        edge = self.edge[np.arange(ends[-1]) + np.repeat(start - (ends - edges), edges)]
        x, y = (self.x[:, None] + half / 2 * _X).ravel(), (self.y[:, None] + half / 2 * _Y).ravel()
        return _Level(x, y, np.zeros(len(x)), edges, edge)


class _Described(NamedTuple):
    """Leaves of one size, with what `Cells` tells of each."""

    level: _Level
    depth: int
    low_m: Floats
    crossed: NDArray[np.uint8]


def build(outlines: Outlines, bounds: tuple[float, float, float, float]) -> Cells:
    """Build the cells around polygons.

    Parameters
    ----------
    outlines
        The polygons.
    bounds
        Where points may be asked about: left, bottom, right, top in metres.
    """
    left, bottom = (float(np.floor(low)) - _OFFSET for low in bounds[:2])
    side = float(2.0 ** np.ceil(np.log2(max(bounds[2] - left, bounds[3] - bottom, 2.0**DEPTH) + 1.0)))
    lines, edge = _lines(outlines), np.arange(len(outlines.edge), dtype=np.int32)
    level = _Level(np.array([left + side / 2]), np.array([bottom + side / 2]), np.zeros(1), np.array([len(edge)]), edge)
    leaves: list[_Described] = []
    child, cells, found = [], 0, 0
    for depth in range(DEPTH + 1):
        half = side / 2 ** (depth + 1)
        if depth > 1:  # no edge is far from the whole territory, or from a quarter of it
            level = _joined(in_threads(partial(_pruned, lines, half), level.blocks()))
        smallest = np.maximum(max(_SMALLEST_M, side / 2**DEPTH), level.near_m / _FAR)
        cut = (level.edges > _FEW_EDGES) & (2 * half > smallest)
        leaf, cells = level.some(~cut), cells + len(cut)
        leaves.append(_described(leaf, lines, half, depth))
        place = np.empty(len(cut), dtype=np.int32)
        place[cut] = cells + 4 * np.arange(cut.sum())
        place[~cut] = -1 - (found + np.arange(len(leaf.x)))
        child.append(place)
        found += len(leaf.x)
        if not cut.any():
            break
        level = level.some(cut).quartered(half)
    return _cells(outlines, leaves, np.concatenate(child), (left, bottom, 2.0**DEPTH / side))


def uncut(outlines: Outlines) -> Cells:
    """Return a single cell with all edges: at hand at once, and slow."""
    return Cells(
        left=0.0,
        bottom=0.0,
        per_metre=1.0,
        top=np.full(4**TOP, -1, dtype=np.int32),
        child=np.empty(0, dtype=np.int32),
        level=np.zeros(1, dtype=np.uint8),
        crossed=np.full(1, EXACT, dtype=np.uint8),
        low_m=np.zeros(1),
        first=np.array([0, len(outlines.edge)], dtype=np.int32),
        edge=outlines.edge,
        held_first=np.zeros(2, dtype=np.int32),
        held=np.empty(0, dtype=np.int32),
        vertex=outlines.vertex,
        row=outlines.row,
    )


def _lines(outlines: Outlines) -> Floats:
    """Return the start, the run and the inverse of the squared length of each edge, as rows of shape ``(5, n)``."""
    points = outlines.vertex.reshape(-1, 2)
    start, run = points[outlines.edge].T, (points[outlines.edge + 1] - points[outlines.edge]).T
    return np.concatenate([start, run, 1 / (run * run).sum(axis=0, keepdims=True)])


def _pruned(lines: Floats, half: float, level: _Level) -> _Level:
    """Leave out the edges that are nearest to no point of a cell."""
    half += _BORDER_M
    count, edge = level.edges, level.edge
    line = _taken(lines, edge)
    from_centre = _squares(np.repeat(level.x, count), np.repeat(level.y, count), line)
    nearest = np.sqrt(np.minimum.reduceat(from_centre, np.cumsum(count) - count))
    within = (nearest + np.sqrt(8) * half) ** 2 * (1 + _SLACK)  # as near to a corner, at most
    kept = np.flatnonzero(from_centre <= np.repeat(within, count))
    cell = np.repeat(np.arange(len(count)), count)[kept]
    edge, line, from_centre = edge[kept], _taken(line, kept), from_centre[kept]
    count = np.bincount(cell, minlength=len(level.x))
    x, y = level.x + half * _X[:, None], level.y + half * _Y[:, None]
    squares = np.array([_squares(np.repeat(x[k], count), np.repeat(y[k], count), line) for k in range(4)])
    near_centre = _nearest_points(level.x, level.y, from_centre, line, cell)
    kept = np.flatnonzero(~_farther((x, y), half, squares, count, near_centre))
    others = [_nearest_points(x[k], y[k], squares[k], line, cell) for k in range(4)]
    edge, cell, squares = edge[kept], cell[kept], _taken(squares, kept)  # the centre leaves out most
    count = np.bincount(cell, minlength=len(level.x))
    farther = np.zeros(len(edge), dtype=bool)
    for near_corner in others:
        farther |= _farther((x, y), half, squares, count, near_corner)
    kept = ~farther
    count = np.bincount(cell[kept], minlength=len(level.x))
    return _Level(level.x, level.y, nearest * (1 - _SLACK), count, edge[kept])


def _farther(
    corners: tuple[Floats, Floats], half: float, squares: Floats, count: Items, points: tuple[Floats, Floats]
) -> Bools:
    """Tell which edges are farther from all corners of their cell, of shape ``(4, n)``, than the cell's point is."""
    limit = ((corners[0] - points[0]) ** 2 + (corners[1] - points[1]) ** 2) * (1 + _SLACK) + _SLACK * half * half
    farther: Bools = squares[0] > np.repeat(limit[0], count)
    for k in range(1, 4):
        farther &= squares[k] > np.repeat(limit[k], count)
    return farther


def _squares(x: Floats, y: Floats, line: Floats) -> Floats:
    """Return the squared distance of each point to its edge."""
    x, y = x - line[0], y - line[1]
    along = np.clip((x * line[2] + y * line[3]) * line[4], 0.0, 1.0)
    x -= along * line[2]
    y -= along * line[3]
    return x * x + y * y


def _nearest_points(x: Floats, y: Floats, squares: Floats, line: Floats, cell: Items) -> tuple[Floats, Floats]:
    """Return, for a point of each cell, the point nearest to it on the cell's edges, `squares` away from it."""
    count = np.bincount(cell, minlength=len(x))
    at = np.flatnonzero(squares == np.repeat(np.minimum.reduceat(squares, np.cumsum(count) - count), count))
    first = np.empty(len(x), dtype=np.int64)
    first[cell[at]] = at
    line = _taken(line, first)
    along = np.clip(((x - line[0]) * line[2] + (y - line[1]) * line[3]) * line[4], 0.0, 1.0)
    return line[0] + along * line[2], line[1] + along * line[3]


def _taken(rows: Floats, items: NDArray[np.integer[Any]]) -> Floats:
    """Return ``rows[:, items]``, several times faster."""
    taken = np.empty((len(rows), len(items)))
    for row, out in zip(rows, taken, strict=True):
        np.take(row, items, out=out, mode="clip")  # "raise" would copy again
    return taken


def _joined(levels: list[_Level]) -> _Level:
    return _Level(*(np.concatenate(parts) for parts in zip(*levels, strict=True)))


def _described(leaf: _Level, lines: Floats, half: float, depth: int) -> _Described:
    """Tell how near edges come to leaves, and which leaves they cross."""
    low_m, crossed = np.full(len(leaf.x), np.inf), np.zeros(len(leaf.x), dtype=np.uint8)
    if len(leaf.edge):
        low_m = np.maximum(leaf.near_m - np.sqrt(2) * (half + _BORDER_M), 0.0)
        crossed = np.concatenate(in_threads(partial(_crossed, lines, half + _BORDER_M), leaf.blocks()))
    return _Described(leaf, depth, low_m, crossed)


def _crossed(lines: Floats, half: float, leaf: _Level) -> NDArray[np.uint8]:
    """Tell which leaves are crossed by an edge: 1, or `EXACT` if the centre is on the line of one."""
    line = _taken(lines, leaf.edge)
    x, y = np.repeat(leaf.x, leaf.edges) - line[0], np.repeat(leaf.y, leaf.edges) - line[1]
    wide, high = np.abs(line[2]), np.abs(line[3])
    off = np.abs(line[2] * y - line[3] * x)  # the distance from the centre to the line, times the length
    crosses = (np.abs(x - line[2] / 2) <= half + wide / 2) & (np.abs(y - line[3] / 2) <= half + high / 2)
    crosses &= off <= half * (wide + high)
    unsure = crosses & (off * off * line[4] < _FIRM_M * _FIRM_M)
    kind = np.where(unsure, EXACT, crosses).astype(np.uint8)
    return np.maximum.reduceat(kind, np.cumsum(leaf.edges) - leaf.edges)


def _cells(outlines: Outlines, leaves: list[_Described], child: Rows, corner: tuple[float, float, float]) -> Cells:
    x, y, _, count, edge = _joined([one.level for one in leaves])
    level = np.repeat([one.depth for one in leaves], [len(one.level.x) for one in leaves]).astype(np.uint8)
    held_first, held = outlines.holders(x, y)
    return Cells(
        *corner,
        _top(child),
        child,
        level,
        np.concatenate([one.crossed for one in leaves]),
        np.concatenate([one.low_m for one in leaves]),
        np.append(0, np.cumsum(count)).astype(np.int32),
        outlines.edge[edge],
        held_first,
        held,
        outlines.vertex,
        outlines.row,
    )


def _top(child: Rows) -> Rows:
    """Go down from the whole square to all cells of the first look-up."""
    j, i = np.divmod(np.arange(4**TOP), 2**TOP)
    place = np.full(4**TOP, child[0])
    for shift in range(TOP - 1, -1, -1):
        on = np.flatnonzero(place >= 0)
        place[on] = child[place[on] + ((j[on] >> shift & 1) << 1) + (i[on] >> shift & 1)]
    return place
