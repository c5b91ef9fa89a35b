"""Build the national geocoder's queries about cadastral plots, and decode its answers as surfaces.

``GET /search?index=parcel&q=<identifier>&returntruegeometry=true`` returns a GeoJSON ``FeatureCollection``: the plot
with that identifier, or no feature. The index is Parcellaire Express (IGN), updated each quarter; the whole geometry is
in ``properties.truegeometry``, and the feature's own is a point in its middle.

Sources: the service's page (``https://geoservices.ign.fr/documentation/services/services-geoplateforme/geocodage``);
its ``openapi.yaml`` (schema ``ParcelProperties``); of its sources, ``Geoplateforme/gpf-geocodeur``:
``indexes/parcel/service/search.js`` (an identifier is looked up as it is and other parameters are then ignored;
``truegeometry`` is an object) and ``config/capabilities/parcel.json`` (which calls it a string, as for points of
interest, whose geometry is JSON in a string). Both forms are read; anything else is a `RemoteError`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from qpv_geo import messages as msg
from qpv_geo.crs import territory_of_commune
from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.protocol import MatchType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely.geometry import MultiPolygon, Polygon

_LON, _LAT = 180.0, 90.0
_ADDRESSES = frozenset(MatchType)
"""Values of ``type`` in addresses, never found in plots."""
_SMALLEST_RING = 4


@dataclass(frozen=True)
class FoundPlot:
    """A cadastral plot that a service knows.

    Attributes
    ----------
    id
        Its identifier, as `qpv_geo.geocoding.plots` writes it.
    city
        Name of its commune, or None if the service doesn't give it.
    geometry
        Its surface, valid, longitude and latitude in degrees (WGS84); None if the service has none.
    source
        Name of the service that answered.
    """

    id: str
    city: str | None
    geometry: Polygon | MultiPolygon | None
    source: str


class _PlotNonsenseError(Exception):
    """An answer is not as documented; the message says why."""


def plot_parameters(plot: str) -> dict[str, str]:
    """Return the query parameters for a plot, given its identifier."""
    return {"q": plot, "index": "parcel", "limit": "1", "returntruegeometry": "true"}


def decode_plot(content: bytes, *, plot: str, url: str, source: str) -> FoundPlot | None:
    """Decode the answer about a plot; return None if the service doesn't know it.

    Parameters
    ----------
    content
        The body of the answer.
    plot
        The identifier asked.
    url
        URL that answered, for error messages.
    source
        Name of the service, for the plot.

    Raises
    ------
    RemoteError
        The answer isn't the documented GeoJSON, is another plot, or has a surface that is impossible or outside the
        commune's territory.
    """
    try:
        found = [_plot(feature, plot, source) for feature in _features(_json(content))]
    except _PlotNonsenseError as error:
        raise RemoteError(msg.address_errors.geocoder_nonsense(url, str(error))) from error
    return found[0] if found else None


def holds_addresses(content: bytes) -> bool:
    """Tell whether an answer holds addresses: an Addok, which has no index of plots, ignores ``index``."""
    try:
        properties = [_member(feature, "properties") for feature in _features(_json(content))]
    except _PlotNonsenseError:
        return False
    return bool(properties) and all(isinstance(one, dict) and one.get("type") in _ADDRESSES for one in properties)


def _features(document: object) -> list[object]:
    features = _member(document, "features")
    if not isinstance(features, list):
        raise _PlotNonsenseError(msg.address_errors.answer_wrong("features", features))
    return features


def _json(content: bytes) -> object:
    if content.lstrip().startswith(b"<"):  # a maintenance page or a captive portal
        raise _PlotNonsenseError(msg.address_errors.answer_is_a_page())
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _PlotNonsenseError(msg.address_errors.answer_not_json()) from error
    return document


def _member(document: object, name: str) -> object:
    if not isinstance(document, dict) or name not in document:
        raise _PlotNonsenseError(msg.address_errors.answer_lacks(name))
    return document[name]


def _plot(feature: object, plot: str, source: str) -> FoundPlot:
    properties = _member(feature, "properties")
    if not isinstance(properties, dict):
        raise _PlotNonsenseError(msg.address_errors.answer_wrong("properties", properties))
    identifier = _member(properties, "id")
    if identifier != plot:
        raise _PlotNonsenseError(msg.address_errors.other_plot(identifier, plot))
    kind, city = properties.get("_type", "parcel"), properties.get("city")
    if kind != "parcel":
        raise _PlotNonsenseError(msg.address_errors.answer_wrong("_type", kind))
    if not (city is None or isinstance(city, str)):
        raise _PlotNonsenseError(msg.address_errors.answer_wrong("city", city))
    return FoundPlot(plot, city or None, _surface(properties, plot), source)


def _surface(properties: Mapping[str, object], plot: str) -> Polygon | MultiPolygon | None:
    """Return the surface of a plot, repaired if its edge crosses itself."""
    geometry = properties.get("truegeometry")
    if isinstance(geometry, str) and geometry:
        geometry = _json(geometry.encode())
    if not geometry:
        return None
    surface = shapely.union_all(shapely.make_valid(_polygons(geometry)))
    parts = [part for part in shapely.get_parts(surface) if isinstance(part, shapely.Polygon)]
    if not parts:
        raise _PlotNonsenseError(msg.address_errors.answer_wrong("truegeometry", geometry))
    _refuse_elsewhere(parts, plot)
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _refuse_elsewhere(parts: Sequence[Polygon], plot: str) -> None:
    territory = territory_of_commune(plot[:5])
    if territory is None:
        return
    west, south, east, north = territory.bounds
    for lon, lat in shapely.get_coordinates(parts).tolist():
        if not (west <= lon <= east and south <= lat <= north):
            raise _PlotNonsenseError(msg.address_errors.plot_elsewhere(plot, lon, lat))


def _polygons(geometry: object) -> list[Polygon]:
    kind, coordinates = _member(geometry, "type"), _member(geometry, "coordinates")
    if kind not in {"Polygon", "MultiPolygon"}:
        raise _PlotNonsenseError(msg.address_errors.answer_wrong("truegeometry", kind))
    polygons = []
    for rings in _list(coordinates if kind == "MultiPolygon" else [coordinates]):
        shell, *holes = map(_ring, _list(rings))
        polygons.append(shapely.Polygon(shell, holes))
    return polygons


def _ring(value: object) -> list[tuple[float, float]]:
    ring = [_point(point) for point in _list(value)]
    if len(ring) < _SMALLEST_RING or ring[0] != ring[-1]:
        raise _PlotNonsenseError(msg.address_errors.answer_wrong("truegeometry", value))
    return ring


def _point(value: object) -> tuple[float, float]:
    """Return a longitude and a latitude, without any height."""
    lon, lat = (*_list(value), None)[:2]
    return _degrees(lon, _LON), _degrees(lat, _LAT)


def _degrees(value: object, most: float) -> float:
    """Return a number of degrees; out-of-range values, NaN and booleans are refused."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:
        raise _PlotNonsenseError(msg.address_errors.answer_wrong("truegeometry", value))
    return float(value)


def _list(value: object) -> list[object]:
    """Return a non-empty list, and refuse anything else."""
    if not isinstance(value, list) or not value:
        raise _PlotNonsenseError(msg.address_errors.answer_wrong("truegeometry", value))
    return value
