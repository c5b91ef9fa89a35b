"""Repair invalid polygons without losing a lobe.

Some published perimeters cross themselves: at source (one of the 2024 edition), or since their coordinates were rounded
(586 of 1,584 at four decimals). A zero-width buffer drops lobes; the even-odd rule keeps every one. GEOS's own
"linework" repair follows that rule except where an edge is drawn twice: it fills a hole that shares one with the shell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qpv_geo.untyped import Geometry


def repair(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return valid polygons that cover what the even-odd rule covers, and which of them had to be repaired.

    Parameters
    ----------
    geometry
        Polygons and multipolygons, shape ``(n,)``.

    Returns
    -------
    repaired
        Valid polygons and multipolygons, same order; those already valid are unchanged. An invalid geometry without
        any area becomes an empty multipolygon.
    changed
        Boolean mask, shape ``(n,)``.
    """
    changed = ~shapely.is_valid(geometry)
    repaired = geometry.copy()
    repaired[changed] = [_even_odd(invalid) for invalid in geometry[changed]]
    return repaired, changed


def without_collection(geometry: Geometry) -> Geometry:
    """Return the one polygon of a collection, or the union of several; anything else as it is."""
    parts = simple_parts(geometry) if geometry.geom_type == "GeometryCollection" else []
    if not parts or any(part.geom_type != "Polygon" for part in parts):
        return geometry
    return parts[0] if len(parts) == 1 else shapely.union_all(repair(np.array(parts, dtype=object))[0])


def simple_parts(geometry: Geometry) -> list[Geometry]:
    """Return the points, lines and polygons of a geometry, however nested, without the empty ones."""
    if hasattr(geometry, "geoms"):
        return [part for one in geometry.geoms for part in simple_parts(one)]
    return [] if geometry.is_empty else [geometry]


def _even_odd(geometry: Geometry) -> Geometry:
    """Return what lies inside an odd number of rings; a part given twice counts once."""
    parts = np.unique(shapely.to_wkb(shapely.normalize(shapely.get_parts(geometry))))
    rings = shapely.get_rings(shapely.from_wkb(parts))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(rings))))
    odd = _inside_odd(shapely.point_on_surface(faces), rings)
    return shapely.union_all(faces[odd]) if odd.any() else shapely.MultiPolygon()


def _inside_odd(points: NDArray[np.object_], rings: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return a mask of the points with an odd number of edges to their left, shape ``(len(points),)``."""
    ends = [shapely.get_coordinates(ring) for ring in rings]
    x0, y0 = np.concatenate([ring[:-1] for ring in ends]).T
    x1, y1 = np.concatenate([ring[1:] for ring in ends]).T
    odd = np.zeros(len(points), dtype=bool)
    for k, (x, y) in enumerate(shapely.get_coordinates(points)):
        met = np.flatnonzero((y0 > y) != (y1 > y))
        crossings = x0[met] + (y - y0[met]) / (y1[met] - y0[met]) * (x1[met] - x0[met])
        odd[k] = np.count_nonzero(crossings < x) % 2 == 1
    return odd
