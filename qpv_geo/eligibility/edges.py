"""The edges of polygons: how far the nearest one is, and whose.

Outlines are cut into short chains in a tree, so that the nearest is found without walking whole outlines. Such a tree
is slow for points that are far from everything, for it must look at many boxes. Once so many points were asked that it
pays, marks are set along the chains, no farther apart than a step, and the marks nearest to a point tell which chains
may be nearest: that of the nearest edge has a mark at most half a step farther than the edge itself. Distances are
computed to the chains either way, so that both give the same.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]
    Items = NDArray[np.int64]
    Pairs = tuple[Items, Items, Floats]
    Rows = NDArray[np.int32]

_CHAIN_SEGMENTS = 8
"""Segments of a chain: fewer make a larger tree, more make each distance longer; 8 measured best of 1, 4, 8, 16."""
_STEP_M = 25.0
"""Between two marks at most: shorter makes more marks, longer makes fewer answers sure; best of 12, 25, 50, 100."""
_MARKS = (8, 32)
"""How many marks are looked at, in turn, until an answer is sure: 87 %, then all but some in ten thousand."""
_REACH_M = _STEP_M / 2 + 0.001
"""How much farther than the edge its mark may be, and a margin for rounding."""
_MANY = 50_000
"""Points asked for which setting marks pays, with the import of the library that looks them up."""


_NO_ROW = np.iinfo(np.int32).max


class Edges:
    """The edges of some polygons.

    Parameters
    ----------
    polygons
        In metres, shape ``(n,)``.
    rows
        What to call each, ascending, shape ``(n,)``.
    """

    def __init__(self, polygons: Geometries, rows: Rows) -> None:
        self._chains, owner = _chains(polygons)
        self._tree = shapely.STRtree(self._chains)
        self._rows = rows[owner]
        self._asked = 0

    def nearest(self, geometry: Geometries, horizon_m: float) -> tuple[Floats, Rows]:
        """Return the distance of each geometry to the nearest edge, and its row: the lowest where edges are shared.

        Parameters
        ----------
        geometry
            Points, or a single geometry of any kind; shape ``(n,)``.
        horizon_m
            How far an edge is looked for.

        Returns
        -------
        distance_m, row
            Shape ``(n,)`` each; inf and -1 where there is no edge within the horizon.
        """
        if not len(self._chains):
            return np.full(len(geometry), np.inf), np.full(len(geometry), -1, dtype=np.int32)
        self._asked += len(geometry)
        pairs = self._by_marks if self._asked >= _MANY and len(geometry) > 1 else self._by_tree
        item, chain, distance = pairs(geometry, horizon_m)
        if len(item) == 1 == len(geometry):  # as below, at a third of the cost
            return distance, self._rows[chain]
        distance_m, nearest = np.full(len(geometry), np.inf), np.full(len(geometry), -1, dtype=np.int32)
        distance_m[item] = distance
        nearest[item] = _NO_ROW
        np.minimum.at(nearest, item, self._rows[chain])
        return distance_m, nearest

    def _by_tree(self, geometry: Geometries, horizon_m: float) -> Pairs:
        """Return which geometries are nearest to which chains, and how far."""
        within = None if np.isinf(horizon_m) else horizon_m
        (item, chain), distance = self._tree.query_nearest(geometry, max_distance=within, return_distance=True)
        return item, chain, distance

    def _by_marks(self, points: Geometries, horizon_m: float) -> Pairs:
        """Return the same of points."""
        left, found = np.arange(len(points)), []
        for count in _MARKS:
            (item, chain, distance), sure = self._among_marks(points[left], horizon_m, count)
            kept = sure[item]
            found.append((left[item[kept]], chain[kept], distance[kept]))
            left = left[~sure]
        item, chain, distance = self._by_tree(points[left], horizon_m)
        found.append((left[item], chain, distance))
        item, chain, distance = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return item, chain, distance

    def _among_marks(self, points: Geometries, horizon_m: float, count: int) -> tuple[Pairs, NDArray[np.bool_]]:
        """Return the nearest of the chains of the `count` nearest marks, and of which points that is sure."""
        marks, chain_of = self._marks
        reach = horizon_m + _REACH_M
        away, mark = marks.query(shapely.get_coordinates(points), k=count, distance_upper_bound=reach)
        chain = np.sort(chain_of[mark], axis=1)
        different = chain >= 0  # -1 where there are fewer marks than that within reach
        different[:, 1:] &= chain[:, 1:] != chain[:, :-1]
        item, chain = different.nonzero()[0], chain[different]
        distance = shapely.distance(points[item], self._chains[chain])
        best = np.full(len(points), np.inf)
        np.minimum.at(best, item, distance)
        kept = (distance == best[item]) & (distance <= horizon_m)
        sure = np.isinf(away[:, -1]) | (away[:, -1] > best + _REACH_M)
        return (item[kept], chain[kept], distance[kept]), sure

    @cached_property
    def _marks(self) -> tuple[Any, Items]:
        """A tree of marks, and the chain of each; -1 for the mark that is not there."""
        from scipy.spatial import cKDTree  # type: ignore[import-untyped] # noqa: PLC0415 - heavy: many points only

        marks, chain = _marks(self._chains)
        # Boxes halved in the middle: for points far from all marks, three times faster than at the median.
        return cKDTree(marks, balanced_tree=False, compact_nodes=False), np.append(chain, -1)


def _chains(polygons: Geometries) -> tuple[Geometries, Items]:
    """Cut the rings of polygons into lines of a few segments; return them and the polygon each comes from."""
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.diff(ring, prepend=-1) > 0
    last = np.append(first[1:], True)
    place = np.arange(len(points)) - np.flatnonzero(first)[ring]
    joint = (place % _CHAIN_SEGMENTS == 0) & ~first & ~last
    point = np.repeat(np.arange(len(points)), 1 + joint)  # a joint ends one chain and opens the next
    opens = first[point] | (np.diff(point, prepend=-1) == 0)
    return shapely.linestrings(points[point], indices=np.cumsum(opens) - 1), polygon[part[ring[point[opens]]]]


def _marks(chains: Geometries) -> tuple[Floats, Items]:
    """Return points along lines, at most a step apart, shape ``(m, 2)``, and the line each is on."""
    points, chain = shapely.get_coordinates(chains, return_index=True)
    along = np.diff(points, axis=0, append=points[-1:])
    along[np.diff(chain, append=-1) != 0] = 0  # from the end of a line nothing leads to the next
    pieces = np.maximum(np.ceil(np.hypot(along[:, 0], along[:, 1]) / _STEP_M), 1).astype(np.int64)
    point = np.repeat(np.arange(len(points)), pieces)
    part = (np.arange(len(point)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[point]
    return points[point] + along[point] * part[:, None], chain[point]
