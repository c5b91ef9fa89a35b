"""The polygons of a territory in metres, and their outlines as one array of vertices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]
    Rows = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Outlines:
    """Polygons and their edges.

    Attributes
    ----------
    polygons
        Polygons in metres, shape ``(n,)``.
    rows
        Row number of each polygon, ascending.
    vertex, row, edge
        Coordinates of all vertices, x then y, ring after ring; the row of each vertex; and the vertices where an edge
        begins, which ends at the next.
    """

    polygons: Geometries
    rows: Rows
    vertex: Floats
    row: Rows
    edge: Rows

    def holders(self, x: Floats, y: Floats) -> tuple[Rows, Rows]:
        """Return the rows that hold each point: those of point ``n`` are ``row[first[n]:first[n + 1]]``, ascending."""
        own = shapely.force_2d(self.polygons)  # copies: threads must not share geometries that GEOS prepares
        shapely.prepare(own)
        item, polygon = shapely.STRtree(own).query(shapely.points(x, y))
        inside = shapely.intersects_xy(own[polygon], x[item], y[item])
        item, row = item[inside], self.rows[polygon[inside]]
        order = np.lexsort((row, item))
        first = np.searchsorted(item[order], np.arange(len(x) + 1)).astype(np.int32)
        return first, row[order]


def outlines(polygons: Geometries, rows: Rows) -> Outlines:
    """Take polygons apart."""
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    goes_on = (ring[1:] == ring[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    row = rows[polygon[part[ring]]] if len(ring) else np.empty(0, dtype=np.int32)
    return Outlines(polygons, rows, points.ravel(), row, np.flatnonzero(goes_on).astype(np.int32))
