"""Geometries simplified for display; never used for measures or decisions."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qpv_geo.untyped import AnyValue, Geometry

    Geometries = NDArray[np.object_]

DECIMALS = 5
"""Decimals of the degrees drawn: about a metre."""

_FINE_M, _COARSE_M = 1.0, 5.0
_MANY_VERTICES = 50_000


def tolerance_for(geometry: Geometries) -> float:
    """Return the simplification tolerance of a map in metres: 1, or 5 above 50,000 vertices in total."""
    return _COARSE_M if shapely.get_num_coordinates(geometry).sum() > _MANY_VERTICES else _FINE_M


def simplified(geometry: Geometries | Sequence[Any], tolerance_m: float) -> Geometries:
    """Simplify outlines for display; no ring is lost or self-crossing before the rounding to a metre.

    Parameters
    ----------
    geometry
        Longitude and latitude, shape ``(n,)``.
    tolerance_m
        Douglas-Peucker tolerance, in metres in the legal system of the territory.

    Returns
    -------
    geometry
        Degrees rounded to `DECIMALS`, shape ``(n,)``.

    Raises
    ------
    InputError
        The tolerance is negative or not finite.
    """
    if not (math.isfinite(tolerance_m) and tolerance_m >= 0):
        raise InputError(msg.maps.bad_tolerance(tolerance_m))
    found = np.array(geometry, dtype=object)
    inner = shapely.point_on_surface(found)
    place = crs.territory_index(lon=shapely.get_x(inner), lat=shapely.get_y(inner))
    for k in np.unique(place[place >= 0]):
        mine, territory = place == k, crs.TERRITORIES[k]
        metric = shapely.simplify(crs.project(found[mine], territory), tolerance_m, preserve_topology=True)
        found[mine] = crs.unproject(metric, territory)
    rounded: Geometries = shapely.transform(found, lambda points: np.round(points, DECIMALS))
    return rounded


def to_geojson(geometry: Geometry) -> dict[str, Any]:
    """Return a geometry as GeoJSON."""
    document: dict[str, Any] = json.loads(shapely.to_geojson(geometry))
    return document


def inner_point(geometry: AnyValue) -> tuple[float, float]:
    """Return the longitude and latitude of a point well inside the largest part of a perimeter."""
    parts = shapely.get_parts(geometry)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    line = shapely.maximum_inscribed_circle(largest, tolerance=1e-5)
    lon, lat = shapely.get_coordinates(line)[0]
    return round(float(lon), DECIMALS), round(float(lat), DECIMALS)


def bounds(geometry: Geometries) -> list[list[float]]:
    """Return the bounding box of geometries for Leaflet: south-west then north-east, latitude first."""
    west, south, east, north = (float(side) for side in shapely.total_bounds(geometry))
    return [[south, west], [north, east]]
