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
SIMPLE, SEVERAL, EXACT = 0, 1, 2
"""How to find the perimeters that hold a point: found at most one; there may be several; ask exact arithmetic."""


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


def search(  # noqa: C901, PLR0913, PLR0917 - one loop, compiled as it is
    cells: Any,  # noqa: ANN401 - arrays, or views of them: `Cells`
    x: Any,  # noqa: ANN401 - arrays when compiled, lists of one point else
    y: Any,  # noqa: ANN401
    horizon_m: float,
    position: Any,  # noqa: ANN401
    distance_m: Any,  # noqa: ANN401
    nearest: Any,  # noqa: ANN401
    how: Any,  # noqa: ANN401
) -> None:
    """Look points up one by one and fill `position`, `distance_m` (without a sign), `nearest` and `how`.

    It runs as it stands for a single point, and compiled by numba for many. Distances are computed exactly as GEOS
    does, so that both agree to the last bit. A point outside every perimeter whose cell has no edge within the horizon
    gets no distance.
    """
    left, bottom, per_metre = cells.left, cells.bottom, cells.per_metre
    child, vertex, edges = cells.child, cells.vertex, cells.edge
    last = (1 << DEPTH) - 1
    for k in range(len(x)):
        px, py = x[k], y[k]
        i = min(max(int((px - left) * per_metre), 0), last)
        j = min(max(int((py - bottom) * per_metre), 0), last)
        shift = DEPTH - TOP
        place = cells.top[((j >> shift) << TOP) + (i >> shift)]
        while place >= 0:
            shift -= 1
            place = child[place + ((j >> shift & 1) << 1) + (i >> shift & 1)]
        leaf = -1 - place
        crossed, start, end = cells.crossed[leaf], cells.held_first[leaf], cells.held_first[leaf + 1]
        holder = cells.held[start] if end > start else -1
        best, at, odd, several = math.inf, -1, -1, end - start > 1
        rx, ry = 0.0, 0.0
        if crossed:
            shift = DEPTH - cells.level[leaf]
            half = 0.5 * (1 << shift)
            rx = left + ((i >> shift << shift) + half) / per_metre - px
            ry = bottom + ((j >> shift << shift) + half) / per_metre - py
        if crossed or holder >= 0 or cells.low_m[leaf] <= horizon_m:
            for e in edges[cells.first[leaf] : cells.first[leaf + 1]]:
                v = 2 * e
                ax, ay, bx, by = vertex[v], vertex[v + 1], vertex[v + 2], vertex[v + 3]
                dx, dy, wx, wy = bx - ax, by - ay, px - ax, py - ay
                squared = dx * dx + dy * dy
                along = (wx * dx + wy * dy) / squared
                if along <= 0.0:
                    far = math.sqrt(wx * wx + wy * wy)
                elif along >= 1.0:
                    far = math.sqrt((px - bx) * (px - bx) + (py - by) * (py - by))
                else:
                    far = abs((wx * dy - wy * dx) / squared) * math.sqrt(squared)
                if far < best:
                    best, at = far, e
                if crossed and (rx * wy > ry * wx) != (rx * (py - by) > ry * (px - bx)):
                    side = dx * wy - dy * wx
                    if (side > 0.0) != (side + (dx * ry - dy * rx) > 0.0):
                        row = cells.row[e]
                        several = several or (odd >= 0 and odd != row)
                        odd = row if odd == -1 else -1
        both = holder >= 0 and odd >= 0 and holder != odd
        distance_m[k] = best
        nearest[k] = cells.row[at] if at >= 0 else -1
        position[k] = -1 if holder == odd else max(holder, odd)
        how[k] = EXACT if crossed == EXACT or best < CLOSE_M else SEVERAL if several or both else SIMPLE


@cache
def compiled_search() -> Any:  # noqa: ANN401 - numba is untyped
    """Return `search` compiled by numba, or None where that is not installed: it comes with the extra ``fast``."""
    try:
        import numba  # noqa: PLC0415 - takes as long as a hundred thousand points
    except ModuleNotFoundError:
        return None
    return numba.njit(nogil=True, cache=True, error_model="numpy")(search)
