"""Check the places of projects: each distinct place is located and decided once for each date.

Points are decided together. A table repeats its places; a check costs milliseconds, a dictionary almost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qpv_geo.eligibility.location import point_place
from qpv_geo.errors import InputError, MissingError
from qpv_geo.model import Kind
from qpv_geo.projects import Precision
from qpv_geo.projects.neighbourhoods import citycode
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from qpv_geo.crs import Territory
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.eligibility.location import Place
    from qpv_geo.geocoding.protocol import Geocoder
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.model import Verdict
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects import Placement
    from qpv_geo.projects.neighbourhoods import Known

    Checked = Verdict | InputError | MissingError

CHECKED = frozenset({Precision.SITE, Precision.POINT, Precision.ADDRESS})
"""Precisions of a place that gets a verdict; for the others, only the statement of the table is known."""


@dataclass(frozen=True)
class ProjectPlace:
    """A place to check on a date; equal questions have the same verdict.

    Attributes
    ----------
    day
        None for today.
    point
        Longitude and latitude, degrees; None for a site or an address.
    site
        A geometry in degrees, or None.
    address, citycode
        An address and the INSEE code of its commune, or None.
    """

    day: date | None
    point: tuple[float, float] | None = None
    site: Any = None
    address: str | None = None
    citycode: str | None = None


def place_question(place: Placement, known: Known, day: date | None = None) -> ProjectPlace:
    """Return the question about the point, the site or the address of a project.

    A commune whose code is not known is appended to the address.
    """
    if place.precision is Precision.SITE:
        return ProjectPlace(day, site=place.site)
    if place.lon is not None and place.lat is not None:
        return ProjectPlace(day, point=(place.lon, place.lat))
    address, code = place.address or "", citycode(place.commune, known)
    if code is None and place.commune is not None and fold(place.commune) not in fold(address):
        address = f"{address}, {place.commune}"
    return ProjectPlace(day, address=address, citycode=code)


def check_places_once(
    questions: Iterable[ProjectPlace],
    checker: Checker,
    *,
    geocoder: Geocoder | None = None,
    perimeters: PerimeterSet | None = None,
    kinds: Sequence[str] = (Kind.QPV,),
) -> dict[ProjectPlace, Checked]:
    """Return the verdict of each distinct question, or the error that prevents it.

    Parameters
    ----------
    geocoder
        Locates addresses, each once whatever the dates; by default that of `qpv_geo.check`.
    perimeters, kinds
        As in `qpv_geo.check`.

    Raises
    ------
    RemoteError
        The geocoder failed.
    """
    found: dict[ProjectPlace, Checked] = {}
    places: dict[tuple[date | None, Territory], dict[ProjectPlace, Place]] = {}
    located: dict[tuple[str, str | None], GeocodingResult] = {}
    for one in dict.fromkeys(questions):
        try:
            if one.point is not None:
                place = point_place(lon=one.point[0], lat=one.point[1], accuracy_m=0.0)
                places.setdefault((one.day, place.territory), {})[one] = place
            elif one.address is not None:
                key = one.address, one.citycode
                if key not in located:
                    located[key] = checker.find(*key, geocoder=geocoder, perimeters=perimeters)
                found[one] = checker.check_found(located[key], on=one.day, kinds=kinds, perimeters=perimeters)
            else:
                found[one] = checker.check(site=one.site, on=one.day, kinds=kinds, perimeters=perimeters)
        except (InputError, MissingError) as error:
            found[one] = error
    for (day, _), mine in places.items():
        try:
            options = checker.check_options(on=day, kinds=kinds, perimeters=perimeters)
            found |= zip(mine, checker.check_places(list(mine.values()), options), strict=True)
        except (InputError, MissingError) as error:
            found |= dict.fromkeys(mine, error)
    return found
