"""Where a set of perimeters is complete: the whole country, an area, or nowhere.

Inside its coverage a set knows every perimeter there is, so "no perimeter here" means "outside". Elsewhere it only
means "none that we know".
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.errors import FormatError, InputError
from qpv_geo.perimeters.formats import read_layer
from qpv_geo.perimeters.repair import without_collection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely import Geometry

    from qpv_geo.crs import Territory

_BOX_NUMBERS = 4


@dataclass(frozen=True, eq=False)
class Coverage:
    """Where a set of perimeters is complete.

    Attributes
    ----------
    area
        Polygons in longitude and latitude; empty where the set is complete nowhere.
    everywhere
        Whether the set is complete in the whole country; `area` is then ignored.
    """

    area: Geometry
    everywhere: bool = False

    @property
    def kind(self) -> str:
        """``all``, ``area`` or ``none``."""
        if self.everywhere:
            return "all"
        return "none" if self.area.is_empty else "area"

    def covers(self, geometry: Geometry) -> bool:
        """Tell whether `geometry` (degrees) lies wholly where the set is complete."""
        return self.everywhere or bool(self.area.covers(geometry))

    def intersection(self, other: Coverage) -> Coverage:
        """Return where both sets are complete."""
        if self.everywhere:
            return other
        return self if other.everywhere else Coverage(self.area.intersection(other.area))

    def union(self, other: Coverage) -> Coverage:
        """Return where at least one of the sets is complete."""
        if self.everywhere or other.everywhere:
            return EVERYWHERE
        return Coverage(self.area.union(other.area))

    def in_metres(self, territory: Territory) -> Geometry:
        """Return the part of the area in `territory`, in its legal system."""
        return crs.project(self.area.intersection(shapely.box(*territory.bounds)), territory)

    def to_json(self) -> str | dict[str, Any]:
        """Return ``"all"``, ``"none"`` or a GeoJSON geometry, as read by `coverage_from_json`."""
        if self.kind != "area":
            return self.kind
        return dict(json.loads(shapely.to_geojson(self.area)))


EVERYWHERE = Coverage(shapely.MultiPolygon(), everywhere=True)
NOWHERE = Coverage(shapely.MultiPolygon())


def coverage_from_json(value: str | dict[str, Any] | Sequence[Sequence[float]]) -> Coverage:
    """Read a coverage as the registry and the records write it: a word, rectangles or a GeoJSON geometry."""
    if value == "all":
        return EVERYWHERE
    if value == "none":
        return NOWHERE
    if isinstance(value, dict):
        return Coverage(shapely.from_geojson(json.dumps(value)))
    return Coverage(shapely.union_all([shapely.box(*box) for box in value]))


def coverage_from_option(text: str) -> Coverage:
    """Read a coverage given by a user: ``all``, ``none``, ``LON,LAT,LON,LAT`` or the path of a file of polygons.

    Raises
    ------
    InputError
        The text is not one of these, the file has no coordinate reference system, or the area is reversed, empty,
        self-crossing or outside France's territories.
    FormatError
        The file cannot be read, or holds no polygon.
    """
    if text in {"all", "none"}:
        return coverage_from_json(text)
    if Path(text).is_file():
        return _coverage_from_file(Path(text))
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != _BOX_NUMBERS:
        raise InputError(msg.perimeter_errors.bad_coverage(text))
    lon_min, lat_min, lon_max, lat_max = numbers
    if not (all(map(math.isfinite, numbers)) and lon_min < lon_max and lat_min < lat_max):
        raise InputError(msg.perimeter_errors.bad_coverage(text))
    return _in_france(coverage_from_json([numbers]), text)


def _in_france(coverage: Coverage, text: str) -> Coverage:
    """Refuse an area that touches no territory: its coordinates may be swapped, or not in degrees."""
    if not any(coverage.area.intersects(shapely.box(*territory.bounds)) for territory in crs.TERRITORIES):
        raise InputError(msg.perimeter_errors.bad_coverage(text))
    return coverage


def _coverage_from_file(path: Path) -> Coverage:
    layer = read_layer(path)
    if layer.crs is None:
        raise InputError(msg.errors.file_without_crs(path.name))
    outlines = [one if one is None else without_collection(one) for one in layer.geometry]
    polygons = crs.to_wgs84(np.array(outlines, dtype=object), layer.crs)
    if not len(polygons) or not set(shapely.get_type_id(polygons).tolist()) <= {3, 6}:
        raise FormatError(msg.perimeter_errors.coverage_not_polygons(path.name))
    if not shapely.is_valid(polygons).all():
        raise InputError(msg.perimeter_errors.coverage_self_crossing(path.name))
    return _in_france(Coverage(shapely.union_all(polygons)), path.name)
