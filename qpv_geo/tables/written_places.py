"""Read a place written in one cell: a pair of coordinates, WKT, EWKT or GeoJSON, as open data publish them."""

from __future__ import annotations

import json
import re
from enum import Enum
from typing import TYPE_CHECKING

import shapely

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from pyproj import CRS

    from qpv_geo.untyped import Geometry

_DECIMAL, _ANY = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?"
_PAIRS = (
    re.compile(rf"({_ANY})\s*[;|/]\s*({_ANY})"),
    re.compile(rf"({_ANY}),\s+({_ANY})"),
    re.compile(rf"({_ANY})\s+({_ANY})"),
    re.compile(rf"(?=.*\.)({_DECIMAL}),({_DECIMAL})"),
)
"""Two numbers, with decimal points or commas; where a comma alone separates them, one has a point: 48,2 is a number."""
_BRACKETS = re.compile(r"[\[(](.*)[\])]", re.DOTALL)
_EWKT = re.compile(r"\s*SRID\s*=\s*(\d+)\s*;(.*)", re.DOTALL | re.IGNORECASE)
_LAT_FIRST = {"geo point 2d", "geo point", "geopoint", "geopoint2d", "latlon", "latlong", "latlng"}
_LON_FIRST = {"lonlat", "longlat", "lnglat", "xy"}


class PairOrder(Enum):
    """Order of the two coordinates of a pair; `UNKNOWN`: the one that is in France."""

    LAT_FIRST = "lat"
    LON_FIRST = "lon"
    UNKNOWN = "unknown"


def pair_order(name: str) -> PairOrder:
    """Return the order that the name of a column tells; ``geo_point_2d`` of Opendatasoft is latitude first."""
    folded = fold(name)
    joined = folded.replace(" ", "")
    if folded in _LAT_FIRST or joined in _LAT_FIRST or joined.startswith(("latlon", "latitudelongitude")):
        return PairOrder.LAT_FIRST
    if joined in _LON_FIRST or joined.startswith(("lonlat", "longitudelatitude")):
        return PairOrder.LON_FIRST
    return PairOrder.UNKNOWN


def read_place(text: str, order: PairOrder, system: CRS | None) -> Geometry:
    """Return a point or a geometry in longitude and latitude.

    Parameters
    ----------
    order
        Order of a pair in degrees. WKT and GeoJSON are longitude first, as their specifications say.
    system
        CRS of the cell, pairs being then x, y unless `order` says otherwise; None for degrees.

    Raises
    ------
    InputError
        The cell is none of these, or a pair can be read in both orders.
    """
    if text.startswith("{"):
        return _transformed(_geojson(text), system)
    inner = _BRACKETS.fullmatch(text)
    plain = inner[1].strip() if inner else text
    for pattern in _PAIRS:
        found = pattern.fullmatch(plain)
        if found is not None:
            first, second = (float(one.replace(",", ".")) for one in found.groups())
            return _pair(text, (first, second), order, system)
    return _wkt(text, system)


def _pair(text: str, pair: tuple[float, float], order: PairOrder, system: CRS | None) -> Geometry:
    first, second = pair
    if system is not None and order is PairOrder.UNKNOWN:
        order = PairOrder.LON_FIRST
    if order is PairOrder.UNKNOWN:
        as_lat, as_lon = (
            bool(crs.territory_index(lon=[x], lat=[y])[0] >= 0) for x, y in ((second, first), (first, second))
        )
        if as_lat and as_lon:
            raise InputError(msg.place_errors.either_order(text))
        order = PairOrder.LON_FIRST if as_lon else PairOrder.LAT_FIRST
    x, y = (second, first) if order is PairOrder.LAT_FIRST else (first, second)
    return _transformed(shapely.Point(x, y), system)


def _geojson(text: str) -> Geometry:
    try:
        document = json.loads(text)
        if isinstance(document, dict) and document.get("type") == "Feature":
            text = json.dumps(document.get("geometry"))
        return shapely.from_geojson(text)
    except (ValueError, RecursionError, shapely.errors.ShapelyError) as error:
        raise InputError(msg.place_errors.unreadable_place(text)) from error


def _wkt(text: str, system: CRS | None) -> Geometry:
    tagged = _EWKT.fullmatch(text)
    if tagged is not None:
        system, text = crs.parse(f"EPSG:{tagged[1]}"), tagged[2].strip()
        if system is None:
            raise InputError(msg.place_errors.unreadable_place(tagged[0]))
    try:
        return _transformed(shapely.from_wkt(text), system)
    except shapely.errors.ShapelyError as error:
        raise InputError(msg.place_errors.unreadable_place(text)) from error


def _transformed(geometry: Geometry, system: CRS | None) -> Geometry:
    if geometry is None:
        raise InputError(msg.place_errors.unreadable_place(""))
    flat = shapely.force_2d(geometry)
    return flat if system is None else crs.to_wgs84([flat], system)[0]
