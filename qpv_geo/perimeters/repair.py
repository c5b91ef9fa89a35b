"""Repair invalid polygons without losing a lobe.

Published perimeters cross themselves: at source (one of the 2024 edition), or since their coordinates were rounded
(586 of 1,584 at four decimals). A zero-width buffer drops lobes; the even-odd rule keeps every one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_POLYGON, _COLLECTION = 3, 7


def repair(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return valid polygons that cover what the even-odd rule covers, and which of them had to be repaired.

    Parameters
    ----------
    geometry
        Polygons and multipolygons, shape ``(n,)``.

    Returns
    -------
    repaired
        Valid polygons and multipolygons, same order; untouched where valid already. A geometry without any area
        becomes an empty multipolygon.
    changed
        Boolean mask, shape ``(n,)``.
    """
    changed = ~shapely.is_valid(geometry)
    repaired = geometry.copy()
    repaired[changed] = [_polygons(fixed) for fixed in shapely.make_valid(geometry[changed], method="linework")]
    return repaired, changed


def _polygons(geometry: Any) -> Any:  # noqa: ANN401 - any shapely geometry
    """Keep the areas of a repaired geometry: points and lines that a collapsed ring leaves hold nothing."""
    if shapely.get_type_id(geometry) != _COLLECTION:
        return geometry if geometry.area else shapely.MultiPolygon()
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == _POLYGON])
