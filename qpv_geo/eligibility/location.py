"""Validate the point or site asked about, and find its territory."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.eligibility.arrays import floats, real_number
from qpv_geo.errors import CoordinatesError, FormatError, InputError, SiteError
from qpv_geo.model import Location
from qpv_geo.perimeters.formats import read_geojson, read_layer
from qpv_geo.perimeters.read import CODE_FIELDS, NAME_FIELDS, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from qpv_geo.crs import Territory
    from qpv_geo.perimeters.formats import PerimeterLayer
    from qpv_geo.untyped import Geometry


MOST_M = 100_000.0
"""Largest accepted accuracy radius, in metres."""


@dataclass(frozen=True, eq=False)
class Place:
    """A point or a site, its territory, and how the evidence writes it.

    Attributes
    ----------
    site
        The site, a valid geometry in degrees, or None for a point.
    """

    location: Location
    territory: Territory
    site: Any
    question: dict[str, Any]

    @property
    def point(self) -> tuple[float, float, float]:
        """Longitude and latitude of the point (or of one inside the site), degrees, and accuracy radius, metres."""
        point = self.location.point
        assert point is not None  # noqa: S101 - a place is somewhere
        return point

    @property
    def where(self) -> Geometry:
        """The point or the site, in degrees."""
        return shapely.Point(self.point[:2]) if self.site is None else self.site


def point_place(*, lon: float | None, lat: float | None, accuracy_m: float) -> Place:
    """Validate a point.

    Raises
    ------
    CoordinatesError
        Half a pair, not numbers, non-finite, swapped, outside France's territories, or a negative accuracy.
    """
    if lon is None or lat is None:
        raise CoordinatesError(msg.errors.half_coordinates("la longitude" if lon is None else "la latitude"))
    x, y = _degrees("longitude", lon), _degrees("latitude", lat)
    accuracy = _accuracy(accuracy_m)
    return Place(
        Location(x, y, accuracy), crs.territory_of(lon=x, lat=y), None, {"lon": x, "lat": y, "accuracy_m": accuracy}
    )


def site_place(site: BaseGeometry | Mapping[str, Any], *, name: str = "géométrie") -> Place:
    """Validate a site given in longitude and latitude.

    Parameters
    ----------
    site
        A shapely geometry or a GeoJSON mapping.
    name
        Name of the site in messages.

    Raises
    ------
    SiteError
        Not a geometry, empty, self-crossing or in two territories.
    CoordinatesError
        Coordinates that are non-finite, swapped or outside France's territories.
    """
    geometry = shapely.normalize(shapely.force_2d(_geometry(site, name)))
    points = shapely.get_coordinates(geometry)
    refuse_misplaced(points[:, 0], points[:, 1])
    places = np.unique(crs.territory_index(lon=points[:, 0], lat=points[:, 1]))
    if len(places) > 1:
        first, second = (crs.TERRITORIES[k].name for k in places[:2])
        raise SiteError(msg.errors.site_in_two_territories(first, second))
    inner = geometry.point_on_surface()
    location = Location(round(inner.x, 6), round(inner.y, 6), 0.0, type="site")
    question = {"site": json.loads(shapely.to_geojson(geometry))}
    return Place(location, crs.TERRITORIES[places[0]], geometry, question)


def read_site(path: Path, *, layer: str | None = None, encoding: str | None = None) -> BaseGeometry:
    """Read a site from a vector file: the union of its features, in longitude and latitude.

    Parameters
    ----------
    layer
        Its layer, if there are several.
    encoding
        The encoding of its text; by default the one that it declares.

    Raises
    ------
    InputError
        The encoding is unknown.
    FormatError
        Not a vector file, or its text is in another encoding.
    SiteError
        No feature, an empty or self-crossing one, or no known coordinate reference system.
    """
    return _together(read_layer(path, layer=layer, encoding=encoding), path.name)


def refuse_misplaced(lon: ArrayLike, lat: ArrayLike, *, rows: bool = False) -> None:
    """Raise `CoordinatesError` for the first point that is non-finite, swapped or outside France's territories.

    Parameters
    ----------
    lon, lat
        Degrees, shape ``(n,)``.
    rows
        Whether to say in which row (counted from 0) the point is.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    wrong = crs.territory_index(lon=x, lat=y) < 0
    if not wrong.any():
        return
    first = int(np.argmax(wrong))
    message = crs.misplaced(float(x[first]), float(y[first]))
    raise CoordinatesError(msg.errors.at_row(first, message) if rows else message)


def refuse_needless(*, is_address: bool, is_point: bool, codes: Iterable[str | None], accuracy_m: float) -> None:
    """Raise `InputError` for a code given with anything but an address, or an accuracy with anything but a point."""
    if not is_address and any(code is not None for code in codes):
        raise InputError(msg.errors.code_of_an_address_only())
    if not is_point and accuracy_m:
        raise InputError(msg.errors.accuracy_of_a_point_only())


def accuracies(accuracy_m: ArrayLike) -> NDArray[np.float64]:
    """Validate accuracies in metres: at least 0 and at most `MOST_M`.

    Raises
    ------
    CoordinatesError
        A value is out of range or not a number.
    """
    try:
        values = floats(accuracy_m)
    except ValueError as error:
        raise CoordinatesError(msg.errors.bad_accuracy(accuracy_m)) from error
    wrong = ~((values >= 0) & (values <= MOST_M))
    if wrong.any():
        raise CoordinatesError(msg.errors.bad_accuracy(float(values[wrong].flat[0])))
    return values


def _accuracy(value: float) -> float:
    good = isinstance(value, float) and 0 <= value <= MOST_M  # the usual case: cheaper than an array of one
    if good:
        return value
    try:
        return float(accuracies(real_number(value))[0])
    except CoordinatesError:
        raise
    except ValueError as error:
        raise CoordinatesError(msg.errors.bad_accuracy(value)) from error


def _degrees(name: str, value: object) -> float:
    try:
        return real_number(value)
    except ValueError as error:
        raise CoordinatesError(msg.errors.not_a_number(name, value)) from error


def _geometry(site: BaseGeometry | Mapping[str, Any], name: str) -> BaseGeometry:
    if isinstance(site, BaseGeometry):
        return _valid_site(site, name)
    try:
        layer = read_geojson(json.dumps(site).encode(), name=name)
    except FormatError as error:
        raise SiteError(msg.errors.site_unreadable(str(error))) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise SiteError(msg.errors.site_not_a_geometry(site)) from error
    return _together(layer, name)


def _together(layer: PerimeterLayer, name: str) -> BaseGeometry:
    """Return the features of a layer as one valid site in degrees."""
    if layer.crs is None:
        raise SiteError(msg.errors.site_unknown_crs(name))
    empty = [row for row, part in enumerate(layer.geometry) if part is None or part.is_empty]
    if len(empty) == len(layer.geometry):
        raise SiteError(msg.errors.site_empty(name))
    if empty:
        label = next(
            (column[empty[0]] for column in (texts(layer, NAME_FIELDS), texts(layer, CODE_FIELDS)) if column[empty[0]]),
            "",
        )
        raise SiteError(msg.errors.site_part_empty(name, empty[0] + 1, label))
    parts = [_valid_site(part, name) for part in crs.to_wgs84(layer.geometry, layer.crs)]
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _valid_site(geometry: BaseGeometry, name: str) -> BaseGeometry:
    if geometry.is_empty:
        raise SiteError(msg.errors.site_empty(name))
    points = shapely.get_coordinates(geometry)
    if not np.isfinite(points).all():
        wrong = points[~np.isfinite(points).all(axis=1)][0]
        raise CoordinatesError(msg.errors.non_finite(float(wrong[0]), float(wrong[1])))
    if not geometry.is_valid:
        near = re.search(r"\[(.*)\]", shapely.is_valid_reason(geometry))
        raise SiteError(msg.errors.site_self_crossing(name, near.group(1) if near else ""))
    return geometry
