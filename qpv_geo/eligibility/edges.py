"""The edges of polygons: how far the nearest one is, and which polygon it belongs to.

Outlines are cut into short chains in a tree, so that the nearest edge is found without walking whole outlines.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]
    Items = NDArray[np.int64]
    Rows = NDArray[np.int32]

_CHAIN_SEGMENTS = 12
"""Segments per chain: fewer make a larger tree, more make each distance slower; 12 was fastest of 4, 8, 12, 16."""
_NODE_CAPACITY = 2
"""Children per tree node: with fewer, fewer boxes are visited; 2 takes half the time of 10, the default."""
_NO_ROW = np.iinfo(np.int32).max


class Edges:
    """The edges of some polygons.

    Parameters
    ----------
    polygons
        Polygons in metres, shape ``(n,)``.
    rows
        Row number of each polygon, ascending, shape ``(n,)``.
    """

    def __init__(self, polygons: Geometries, rows: Rows) -> None:
        self._chains, owner = _chains(polygons)
        self._tree = shapely.STRtree(self._chains, node_capacity=_NODE_CAPACITY)
        self._rows = rows[owner]

    def nearest(self, geometry: Geometries, horizon_m: float) -> tuple[Floats, Rows]:
        """Return the distance from each geometry to the nearest edge, and that edge's row: the lowest if it is shared.

        Parameters
        ----------
        geometry
            Points, or a single geometry of any kind; shape ``(n,)``.
        horizon_m
            How far to look for an edge, in metres.

        Returns
        -------
        distance_m, row
            Shape ``(n,)`` each; inf and -1 where there is no edge within the horizon.
        """
        if not len(self._chains):
            return np.full(len(geometry), np.inf), np.full(len(geometry), -1, dtype=np.int32)
        within = None if np.isinf(horizon_m) else horizon_m
        (item, chain), distance = self._tree.query_nearest(geometry, max_distance=within, return_distance=True)
        if len(item) == len(geometry) and (item == np.arange(len(item))).all():  # no ties: a third of the cost
            return distance, self._rows[chain]
        distance_m, nearest = np.full(len(geometry), np.inf), np.full(len(geometry), -1, dtype=np.int32)
        distance_m[item] = distance
        nearest[item] = _NO_ROW
        np.minimum.at(nearest, item, self._rows[chain])
        return distance_m, nearest

    def nearest_to(self, point: Geometries) -> tuple[float, int]:
        """Return what `nearest` does for one point, shape ``(1,)``, at any distance."""
        if not len(self._chains):
            return math.inf, -1
        (_, chain), distance = self._tree.query_nearest(point, return_distance=True)
        return float(distance[0]), int(min(self._rows[chain]))


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
