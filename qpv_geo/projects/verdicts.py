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
    from collections.abc import Iterable, Mapping, Sequence
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


class PlaceVerdicts:
    """Verdicts on places, each located once, and decided once for each date.

    Parameters
    ----------
    geocoder
        Locates addresses; by default that of `qpv_geo.check`.
    perimeters, kinds
        As in `qpv_geo.check`.
    """

    def __init__(
        self,
        checker: Checker,
        *,
        geocoder: Geocoder | None = None,
        perimeters: PerimeterSet | None = None,
        kinds: Sequence[str] = (Kind.QPV,),
    ) -> None:
        self._checker, self._geocoder, self._perimeters, self._kinds = checker, geocoder, perimeters, kinds
        self._located: dict[tuple[str, str | None], GeocodingResult] = {}
        self._found: dict[ProjectPlace, Checked] = {}

    def of(self, questions: Iterable[ProjectPlace]) -> Mapping[ProjectPlace, Checked]:
        """Return the verdict of each question so far, or the error that prevents it; points are decided together.

        Raises
        ------
        RemoteError
            The geocoder failed.
        """
        places: dict[tuple[date | None, Territory], dict[ProjectPlace, Place]] = {}
        for one in dict.fromkeys(questions):
            if one in self._found:
                continue
            try:
                if one.point is not None:
                    place = point_place(lon=one.point[0], lat=one.point[1], accuracy_m=0.0)
                    places.setdefault((one.day, place.territory), {})[one] = place
                else:
                    self._found[one] = self._check(one)
            except (InputError, MissingError) as error:
                self._found[one] = error
        for (day, _), mine in places.items():
            try:
                options = self._checker.check_options(on=day, kinds=self._kinds, perimeters=self._perimeters)
                self._found |= zip(mine, self._checker.check_places(list(mine.values()), options), strict=True)
            except (InputError, MissingError) as error:
                self._found |= dict.fromkeys(mine, error)
        return self._found

    def _check(self, one: ProjectPlace) -> Verdict:
        """Check a site or an address."""
        if one.address is None:
            return self._checker.check(site=one.site, on=one.day, kinds=self._kinds, perimeters=self._perimeters)
        key = one.address, one.citycode
        if key not in self._located:
            self._located[key] = self._checker.find(*key, geocoder=self._geocoder, perimeters=self._perimeters)
        return self._checker.check_found(self._located[key], on=one.day, kinds=self._kinds, perimeters=self._perimeters)
