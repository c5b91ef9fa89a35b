"""A grid of square cells, each listing the few edges that can be nearest to any of its points.

A cell with too many such edges is cut in four: cells are small along outlines, and very large far from them. One look
at a cell tells everything about a point: the nearest edge, however far, is one of the few listed; and the perimeters
that hold the point are those that hold the centre of its cell, but for those whose outline is crossed an odd number of
times between the centre and the point.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int32]
    Flags = NDArray[np.uint8]

DEPTH, TOP = 18, 7
"""The square around a territory is halved at most `DEPTH` times; the first `TOP` halvings are one look-up."""
CLOSE_M = 1e-6
"""From this close to an edge, float arithmetic does not tell on which side a point is."""
_LITTLE_MORE = 1.0 + 1e-12
"""Far more than the rounding of a squared distance."""
SIMPLE, SEVERAL, EXACT = 0, 1, 2
"""What is known of the perimeters that hold a point: at most one does; several do; exact arithmetic must tell."""


class Cells(NamedTuple):
    """The cells of a territory, in metres of its legal system.

    Attributes
    ----------
    left, bottom, per_metre
        Lower left corner of the square around the territory, and smallest cells per metre.
    top, child
        Where a cell leads: to the place in `child` of the first of the four cells it is cut into, or, if negative, to
        leaf ``-1 - n``. `top` has one entry for each of the ``4 ** TOP`` cells of the first look-up, row by row.
    level
        How often the square was halved to make each leaf.
    crossed
        Whether edges cross each leaf: 0 if none does; `EXACT` where that must be left to exact arithmetic.
    low_m
        No point of a leaf is nearer to an edge than this, in metres.
    first, edge
        ``edge[first[n]:first[n + 1]]`` are the edges of leaf ``n``, each by the vertex where it begins, ascending.
    held_first, held
        In the same way, the rows of the perimeters that hold the centre of each leaf, ascending.
    vertex
        Coordinates of all vertices, x then y, ring after ring in the order of the rows.
    row
        Row of the perimeter of each vertex.
    """

    left: float
    bottom: float
    per_metre: float
    top: Rows
    child: Rows
    level: Flags
    crossed: Flags
    low_m: Floats
    first: Rows
    edge: Rows
    held_first: Rows
    held: Rows
    vertex: Floats
    row: Rows


def search(  # noqa: PLR0913, PLR0917 - compiled as it is
    cells: Any,  # noqa: ANN401 - arrays, or views of them: `Cells`
    x: Any,  # noqa: ANN401 - arrays when compiled, lists of one point else
    y: Any,  # noqa: ANN401
    horizon_m: float,
    position: Any,  # noqa: ANN401
    distance_m: Any,  # noqa: ANN401
    nearest: Any,  # noqa: ANN401
    how: Any,  # noqa: ANN401
) -> None:
    """Look points up one by one and fill `position`, `distance_m`, `nearest` and `how`.

    It runs as it stands for a single point, and compiled by numba for many. Distances are negative inside. A point
    outside every perimeter has an infinite distance, and -1 as the nearest, if no edge is within the horizon. Where
    exact arithmetic must tell, distances have no sign and no horizon.
    """
    left, bottom, per_metre, last = cells.left, cells.bottom, cells.per_metre, (1 << DEPTH) - 1
    for k in range(len(x)):
        px, py = x[k], y[k]
        i = min(max(int((px - left) * per_metre), 0), last)
        j = min(max(int((py - bottom) * per_metre), 0), last)
        leaf = leaf_of(cells, i, j)
        crossed, rx, ry = cells.crossed[leaf], 0.0, 0.0
        if crossed:
            shift = DEPTH - cells.level[leaf]
            half = 0.5 * (1 << shift)
            rx = left + ((i >> shift << shift) + half) / per_metre - px
            ry = bottom + ((j >> shift << shift) + half) / per_metre - py
        start, end = cells.held_first[leaf], cells.held_first[leaf + 1]
        holder, several = cells.held[start] if start < end else -1, end - start > 1
        best, at, odd = math.inf, -1, -1
        if crossed or start < end or cells.low_m[leaf] <= horizon_m:
            best, at, odd, some = look_around(cells, leaf, px, py, rx, ry)
            several = several or some or (holder >= 0 and odd >= 0 and holder != odd)
        holder = -1 if holder == odd else max(holder, odd)
        if several:
            holder, several = hold_all(cells, leaf, px, py, rx, ry)
        how[k] = EXACT if crossed == EXACT or best < CLOSE_M else SEVERAL if several else SIMPLE
        if how[k] != EXACT:
            if holder >= 0:
                best = -best
            elif best > horizon_m:
                best, at = math.inf, -1
        position[k], distance_m[k], nearest[k] = holder, best, cells.row[at] if at >= 0 else -1


def leaf_of(cells: Any, i: int, j: int) -> Any:  # noqa: ANN401 - as in `search`
    """Go down to the leaf that has the smallest cell of column `i` and row `j`."""
    shift = DEPTH - TOP
    place = cells.top[((j >> shift) << TOP) + (i >> shift)]
    while place >= 0:
        shift -= 1
        place = cells.child[place + ((j >> shift & 1) << 1) + (i >> shift & 1)]
    return -1 - place


def look_around(  # noqa: PLR0913, PLR0917 - compiled as it is
    cells: Any,  # noqa: ANN401 - as in `search`
    leaf: int,
    px: float,
    py: float,
    rx: float,
    ry: float,
) -> Any:  # noqa: ANN401
    """Return the distance from a point of a leaf to the nearest edge, that edge, and what is between it and the centre.

    That is a row whose outline is crossed an odd number of times on the way to the centre of the leaf, `rx` and `ry`
    away, or -1, and whether there are several. Distances are computed exactly as GEOS does, so that both agree to the
    last bit; of edges that squares show to be farther they are not.
    """
    vertex, edges, crossed = cells.vertex, cells.edge, cells.crossed[leaf]
    best, at, limit, odd, several = math.inf, -1, math.inf, -1, False
    for e in edges[cells.first[leaf] : cells.first[leaf + 1]]:
        v = 2 * e
        ax, ay, bx, by = vertex[v], vertex[v + 1], vertex[v + 2], vertex[v + 3]
        dx, dy, wx, wy = bx - ax, by - ay, px - ax, py - ay
        if crossed and between(dx, dy, wx, wy, px - bx, py - by, rx, ry):
            row = cells.row[e]
            several = several or (odd >= 0 and odd != row)
            odd = row if odd == -1 else -1
        squared, along = dx * dx + dy * dy, wx * dx + wy * dy
        if along <= 0.0:
            near = wx * wx + wy * wy
            if near >= limit:
                continue
            far = math.sqrt(near)
        elif along >= squared:
            near = (px - bx) * (px - bx) + (py - by) * (py - by)
            if near >= limit:
                continue
            far = math.sqrt(near)
        else:
            across = wx * dy - wy * dx
            if across * across >= limit * squared:
                continue
            far = abs(across / squared) * math.sqrt(squared)
        if far < best:
            best, at, limit = far, e, far * far * _LITTLE_MORE
    return best, at, odd, several


def between(  # noqa: PLR0913, PLR0917 - compiled as it is
    dx: float, dy: float, wx: float, wy: float, ux: float, uy: float, rx: float, ry: float
) -> bool:
    """Tell whether an edge lies between a point and the centre of its leaf.

    The edge runs `dx`, `dy`; from its two ends to the point it is `wx`, `wy` and `ux`, `uy`, from there to the centre
    `rx`, `ry`.
    """
    if (rx * wy > ry * wx) == (rx * uy > ry * ux):
        return False
    side = dx * wy - dy * wx
    return (side > 0.0) != (side + (dx * ry - dy * rx) > 0.0)


def hold_all(  # noqa: PLR0913, PLR0917 - compiled as it is
    cells: Any,  # noqa: ANN401 - as in `search`
    leaf: int,
    px: float,
    py: float,
    rx: float,
    ry: float,
) -> tuple[int, bool]:
    """Return the first row that holds a point of a leaf, and whether others do; edges are in the order of rows."""
    vertex, edges, held, rows = cells.vertex, cells.edge, cells.held, cells.row
    n, last = cells.first[leaf], cells.first[leaf + 1]
    h, end = cells.held_first[leaf], cells.held_first[leaf + 1]
    first = -1
    while n < last or h < end:
        row = rows[edges[n]] if n < last else held[h]
        holds = h < end and held[h] <= row
        if holds:
            row, h = held[h], h + 1
        while n < last and rows[edges[n]] == row:
            v = 2 * edges[n]
            ax, ay, bx, by = vertex[v], vertex[v + 1], vertex[v + 2], vertex[v + 3]
            if between(bx - ax, by - ay, px - ax, py - ay, px - bx, py - by, rx, ry):
                holds = not holds
            n += 1
        if holds and first >= 0:
            return first, True
        if holds:
            first = row
    return first, False


@cache
def compiled_search() -> Any:  # noqa: ANN401 - numba is untyped
    """Return `search` compiled by numba, or None where that is not installed: it comes with the extra ``fast``."""
    try:
        import numba  # noqa: PLC0415 - takes as long as a hundred thousand points
    except ModuleNotFoundError:
        return None
    for called in (leaf_of, between, look_around, hold_all):
        numba.extending.register_jitable(error_model="numpy")(called)
    return numba.njit(nogil=True, cache=True, error_model="numpy")(search)
