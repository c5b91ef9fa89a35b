"""Coordinate reference systems: the only EPSG codes of the project.

Geometries are kept in WGS84 longitude and latitude, in degrees; other systems are converted on reading. Distances and
areas are computed in the legal projected system of the territory.

Source of the legal systems: décret n° 2000-1276 as amended by décret n° 2019-165, and arrêté of 5 March 2019
(Lambert-93 for mainland France and Corsica; RGAF09 / UTM 20N for the Antilles; RGFG95 / UTM 22N for Guyane;
RGR92 / UTM 40S for La Réunion; RGM04 / UTM 38S for Mayotte; RGPF / UTM 6S for Tahiti and Moorea).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from qpv_geo import messages as msg
from qpv_geo.errors import CoordinatesError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qpv_geo.untyped import AnyValue, Geometry

WGS84 = "EPSG:4326"
"""Longitude and latitude in degrees, in that order wherever this project writes them."""

METRES_PER_DEGREE = 111_320.0
"""Length of a degree of latitude, for a rounding step and a scale bar; never for a measured distance."""

_STEP_M = 1_000.0
"""Longest edge that is converted by its ends alone, in metres of latitude.

An edge is straight in the coordinates it was drawn in, and curved in any other. A chord's deviation grows as the square
of its length: for a box of half a degree, up to 92 m in mainland France and 11 to 57 m overseas if only the corners are
converted, but less than 1.5 cm in every territory once edges are cut every kilometre (2 cm for Lambert 93 to degrees).
"""

_POLYGONAL = (3, 6)
_LONGEST_M = 1e8
"""Outlines longer than this are not on French ground: they are refused elsewhere, and cutting them would not end."""


@dataclass(frozen=True)
class Territory:
    """A part of France with one legal projected system and one calendar of the priority geography.

    Attributes
    ----------
    id
        Key used by ``boundaries/registry.toml``.
    name
        French name.
    epsg
        EPSG code of the legal projected system, in metres.
    bounds
        Generous bounding box ``(lon_min, lat_min, lon_max, lat_max)`` in degrees; boxes do not overlap.
    """

    id: str
    name: str
    epsg: int
    bounds: tuple[float, float, float, float]


TERRITORIES: tuple[Territory, ...] = (
    Territory("metropole", "France métropolitaine", 2154, (-5.6, 41.2, 9.8, 51.3)),
    Territory("antilles", "Guadeloupe, Martinique, Saint-Martin", 5490, (-63.3, 14.2, -60.7, 18.3)),
    Territory("guyane", "Guyane", 2972, (-54.8, 2.0, -51.4, 6.0)),
    Territory("reunion", "La Réunion", 2975, (55.1, -21.5, 55.95, -20.75)),
    Territory("mayotte", "Mayotte", 4471, (44.9, -13.1, 45.4, -12.5)),
    Territory("polynesie", "Polynésie française", 3297, (-155.0, -28.0, -134.0, -7.0)),
)

_OF_DEPARTMENTS = {
    "971": "antilles", "972": "antilles", "977": "antilles", "978": "antilles",
    "973": "guyane", "974": "reunion", "976": "mayotte", "987": "polynesie",
    "975": None, "984": None, "986": None, "988": None, "989": None,
}  # fmt: skip

_SYSTEMS_KEPT = 64
_FEW = 16
"""Up to this many points, a loop is faster than arrays."""


def territory_index(*, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int8]:
    """Return the index in `TERRITORIES` of each point, or -1 for a point outside all of them.

    Parameters
    ----------
    lon, lat
        Degrees, WGS84, shape ``(n,)``. Non-finite values give -1.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if x.shape == y.shape and x.ndim == 1 and x.size <= _FEW:
        return np.array([_position(*point) for point in zip(x.tolist(), y.tolist(), strict=True)], dtype=np.int8)
    found = np.full(x.shape, -1, dtype=np.int8)
    for k, territory in enumerate(TERRITORIES):
        lon_min, lat_min, lon_max, lat_max = territory.bounds
        found[(x >= lon_min) & (x <= lon_max) & (y >= lat_min) & (y <= lat_max)] = k
    return found


def territory_at(*, lon: float, lat: float) -> Territory | None:
    """Return the territory that contains a point, or None: `territory_index` for one point, without arrays."""
    k = _position(lon, lat)
    return None if k < 0 else TERRITORIES[k]


def territory_of(*, lon: float, lat: float) -> Territory:
    """Return the territory that contains a point.

    Raises
    ------
    CoordinatesError
        No territory contains it.
    """
    found = territory_at(lon=lon, lat=lat)
    if found is None:
        raise CoordinatesError(misplaced(lon, lat))
    return found


def misplaced(lon: float, lat: float) -> str:
    """Return the French error message for a point outside every territory."""
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return msg.errors.non_finite(lon, lat)
    if territory_at(lon=lat, lat=lon) is not None:
        return msg.errors.swapped(lon, lat)
    return msg.errors.abroad(lon, lat)


def territory_of_commune(citycode: str) -> Territory | None:
    """Return the territory of an INSEE code, or None if the priority geography does not cover its département."""
    name = _OF_DEPARTMENTS.get(citycode[:3], TERRITORIES[0].id)
    return next((one for one in TERRITORIES if one.id == name), None)


def _position(lon: float, lat: float) -> int:
    for k, territory in enumerate(TERRITORIES):
        lon_min, lat_min, lon_max, lat_max = territory.bounds
        if lon_min <= lon <= lon_max and lat_min <= lat <= lat_max:
            return k
    return -1


@cache
def _transformer(source: str, target: str) -> Transformer:
    """Return the transformer between two systems, x (or longitude) first; pyproj's are thread-safe."""
    return Transformer.from_crs(source, target, always_xy=True)


def project(geometry: Geometry, territory: Territory) -> Geometry:
    """Project geometries, whose edges are straight in degrees, to the legal metric system of `territory`.

    Edges longer than a kilometre get more vertices, so that they stay where they were drawn to 2 cm; so do those that
    `unproject` and `to_wgs84` convert.
    """
    return _transform(geometry, _transformer(WGS84, f"EPSG:{territory.epsg}"), _STEP_M / METRES_PER_DEGREE)


def unproject(geometry: AnyValue, territory: Territory) -> AnyValue:
    """Convert geometries, whose edges are straight in the legal metric system of `territory`, to degrees."""
    return _transform(geometry, _transformer(f"EPSG:{territory.epsg}", WGS84), _STEP_M)


def project_points(
    *, lon: ArrayLike, lat: ArrayLike, territory: Territory
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Project points to the legal metric system of `territory`; metres, shape ``(n,)`` each."""
    x, y = _transformer(WGS84, f"EPSG:{territory.epsg}").transform(np.asarray(lon, float), np.asarray(lat, float))
    return np.atleast_1d(x), np.atleast_1d(y)


def project_point(*, lon: float, lat: float, territory: Territory) -> tuple[float, float]:
    """Project one point; same result as `project_points`, by pyproj's faster scalar path."""
    x, y = _transformer(WGS84, f"EPSG:{territory.epsg}").transform(lon, lat)
    return x, y


def to_wgs84(geometry: AnyValue, crs: CRS) -> AnyValue:
    """Convert geometries, whose edges are straight in any known system, to WGS84 longitude and latitude."""
    if crs.is_geographic and crs.equals(CRS(WGS84), ignore_axis_order=True):
        return geometry
    unit = crs.axis_info[0].unit_conversion_factor  # metres, or radians
    step = (math.radians(_STEP_M / METRES_PER_DEGREE) if crs.is_geographic else _STEP_M) / unit
    return _transform(geometry, Transformer.from_crs(crs, WGS84, always_xy=True), step)


def points_to_wgs84(x: ArrayLike, y: ArrayLike, crs: CRS) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Convert points from any known system, x (or longitude) first, to degrees; infinite where that fails."""
    lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(np.asarray(x, float), np.asarray(y, float))
    return np.asarray(lon), np.asarray(lat)


@lru_cache(maxsize=_SYSTEMS_KEPT)
def parse(text: str) -> CRS | None:
    """Return the CRS named by `text` (``EPSG:2154``, an OGC URN, WKT), or None if it is not one.

    Kept, as PROJ compares a name that it does not know with all those that it does, for up to a second.
    """
    try:
        return CRS.from_user_input(text)
    except CRSError:
        return None


def _transform(geometry: AnyValue, transformer: Transformer, step: float) -> AnyValue:
    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    return shapely.transform(_cut(geometry, step), move)


def _cut(geometry: AnyValue, step: float) -> AnyValue:
    """Return geometries with vertices added to their edges longer than `step`, in the units of their coordinates.

    The others are returned as they are: looking for long edges takes a tenth of the time of cutting everything.
    """
    shapes = np.array(geometry, dtype=object, ndmin=1)
    with np.errstate(invalid="ignore", over="ignore"):  # coordinates that are not finite are refused elsewhere
        longer = _long_edged(shapes, step)
        usable = longer[shapely.length(shapes[longer]) < step * _LONGEST_M / _STEP_M]
    if not usable.size:
        return geometry
    shapes[usable] = [_segmentized(one, step) for one in shapes[usable]]
    return shapes[0] if np.ndim(geometry) == 0 else shapes


def _segmentized(geometry: Geometry, step: float) -> Geometry:
    """Cut edges ring by ring: given whole polygons, GEOS repairs the invalid ones and may drop lobes of them."""
    if geometry.is_empty:
        return geometry
    if geometry.geom_type == "Polygon":
        rings = shapely.segmentize(shapely.get_rings(geometry), step)
        return shapely.Polygon(rings[0], rings[1:])
    if hasattr(geometry, "geoms"):
        return type(geometry)([_segmentized(part, step) for part in geometry.geoms])
    return shapely.segmentize(geometry, step)


def _long_edged(shapes: NDArray[np.object_], step: float) -> NDArray[np.intp]:
    """Return the rows of geometries with an edge longer than `step`; a gap between two lines may count as an edge."""
    maybe = _far_apart(shapes, step)
    if not maybe.size:
        return maybe
    polygons = np.isin(shapely.get_type_id(shapes[maybe]), _POLYGONAL)
    parts, of_part = shapely.get_parts(shapes[maybe[polygons]], return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    within_a_ring = of_part[of_ring[_far_apart(rings, step)]]
    return np.union1d(maybe[~polygons], maybe[polygons][within_a_ring])


def _far_apart(shapes: NDArray[np.object_], step: float) -> NDArray[np.intp]:
    """Return the rows of geometries with two successive vertices farther apart than `step`."""
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    edges = np.diff(points, axis=0)
    far = np.flatnonzero(np.einsum("ij,ij->i", edges, edges) > step * step)
    return np.unique(owner[far][owner[far] == owner[far + 1]])
