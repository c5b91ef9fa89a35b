"""Check a remote geocoder's answers against the query and against what is known about France.

A service may forget a filter, swap longitude and latitude, or return places in another country: taken at its word, it
would lead to a firm verdict about another place. A candidate that contradicts the query, the gazetteer or the address
indexes makes the whole answer an error: the rest of it is no more reliable. Homonyms in other communes contradict
nothing if no code was asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.crs import TERRITORIES, project_point, territory_at
from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.gazetteer import department_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from qpv_geo.geocoding.gazetteer import Commune, Gazetteer
    from qpv_geo.geocoding.protocol import Candidate, Query

    Box = tuple[float, float, float, float]
    """Least longitude and latitude, then greatest, degrees."""

    Point = tuple[float, float]
    """Longitude and latitude, degrees."""

FARTHEST_M = 20_000.0
"""Greatest distance, in metres, of an address from its commune's known addresses, or from the point asked."""

_METROPOLE, _GUYANE, _REUNION, _MAYOTTE, _POLYNESIE = (
    next(one.bounds for one in TERRITORIES if one.id == name)
    for name in ("metropole", "guyane", "reunion", "mayotte", "polynesie")
)
_CORSE = (8.4, 41.2, 9.7, 43.1)
_BOUNDS: dict[str, Box] = {
    "2A": _CORSE,
    "2B": _CORSE,
    "971": (-61.95, 15.75, -60.9, 16.6),
    "972": (-61.3, 14.3, -60.7, 15.0),
    "973": _GUYANE,
    "974": _REUNION,
    "975": (-56.6, 46.6, -56.0, 47.3),
    "976": _MAYOTTE,
    "977": (-63.0, 17.8, -62.7, 18.05),
    "978": (-63.3, 17.95, -62.9, 18.2),
    "986": (-178.4, -14.6, -175.9, -13.0),
    "987": _POLYNESIE,
    "988": (163.0, -23.2, 168.7, -19.0),
}
"""Generous boxes, by département; the others are in mainland France. The uninhabited 984 and 989 have no address."""

_SHARED_POSTCODES = {
    "20": frozenset({"2A", "2B"}),
    "970": frozenset({"971", "977", "978"}),
    "971": frozenset({"971", "977", "978"}),
}
"""Départements by the start of a postcode: Corsica, and the islands that left Guadeloupe but kept its postcodes."""


def no_box(_citycode: str) -> Box | None:
    """Return None: no address of any commune is known."""
    return None


@dataclass(frozen=True)
class Trust:
    """Checks the answers of a remote geocoder.

    Attributes
    ----------
    source
        Name of the geocoder, for error messages.
    gazetteer
        The communes.
    boxes
        Returns the bounding box of a commune's known addresses, by INSEE code, or None if there are none.
    """

    source: str
    gazetteer: Gazetteer
    boxes: Callable[[str], Box | None] = no_box

    def check(self, one: Candidate, query: Query, *, at: tuple[str, int] = ("résultat", 1)) -> None:
        """Check a candidate for an address.

        Parameters
        ----------
        at
            Kind and number of the part of the answer that holds the candidate, for error messages.

        Raises
        ------
        RemoteError
            It is not in the commune or postcode asked for, is outside France, has an unknown commune code, or is not
            where its codes say.
        """
        self._refuse(self._against(one, query) or self._within(one), at)

    def checked(self, candidates: Iterable[Candidate], query: Query) -> list[Candidate]:
        """Check the candidates for an address (see `check`) and return them all."""
        found = list(candidates)
        for number, one in enumerate(found, start=1):
            self.check(one, query, at=("résultat", number))
        return found

    def checked_around(self, candidates: Iterable[Candidate], *, lon: float, lat: float) -> list[Candidate]:
        """Check the candidates around a point (degrees, WGS84) and return them all.

        Raises
        ------
        RemoteError
            One is far from the point, is outside France, has an unknown commune code, or is not where its codes say.
        """
        found = list(candidates)
        for number, one in enumerate(found, start=1):
            why = self._within(one) or _away((one.lon, one.lat), (lon, lat), msg.address_errors.point_not_asked)
            self._refuse(why, ("résultat", number))
        return found

    def _refuse(self, why: str | None, at: tuple[str, int]) -> None:
        if why is not None:
            raise RemoteError(
                msg.address_errors.geocoder_contradicts(self.source, msg.address_errors.answer_at(*at, why))
            )

    # ── What contradicts ─────────────────────────────────────────────────────────────────────────────────────

    def _against(self, one: Candidate, query: Query) -> str | None:
        """Return what contradicts the codes asked, or None."""
        if query.citycode is not None and not self._is_same(one.citycode, query.citycode):
            return msg.address_errors.other_commune(one.citycode, query.citycode)
        if query.postcode is not None and query.postcode not in {one.postcode, *self._postcodes(one.citycode)}:
            return msg.address_errors.other_postcode(one.postcode, query.postcode)
        return None

    def _within(self, one: Candidate) -> str | None:
        """Return what contradicts the candidate's own codes, or None."""
        point = (one.lon, one.lat)
        if not _is_in_france(point):
            return msg.address_errors.point_abroad(*point)
        if one.citycode is None:
            return None
        commune = self.gazetteer.commune(one.citycode)
        if commune is None:
            return msg.address_errors.unknown_commune(one.citycode)
        if one.postcode is not None and not _may_be_of(one.postcode, commune):
            return msg.address_errors.postcode_elsewhere(one.postcode, commune.name, one.citycode)
        if not _holds(_BOUNDS.get(commune.department, _METROPOLE), point):
            return msg.address_errors.point_elsewhere(*point, commune.name, one.citycode)
        box = self.boxes(one.citycode) or self.boxes(commune.code)
        return _away(point, _nearest(box, point), msg.address_errors.point_far) if box else None

    def _is_same(self, answered: str | None, asked: str) -> bool:
        """Tell whether two codes mean the same commune; an arrondissement is its city, but not another one."""
        if answered is None or answered == asked:
            return answered == asked
        if self.gazetteer.is_arrondissement(answered) and self.gazetteer.is_arrondissement(asked):
            return False
        commune = self.gazetteer.commune(answered)
        return commune is not None and commune == self.gazetteer.commune(asked)

    def _postcodes(self, citycode: str | None) -> tuple[str, ...]:
        commune = self.gazetteer.commune(citycode or "")
        return () if commune is None else (*commune.postcodes, *commune.other_postcodes)


def _may_be_of(postcode: str, commune: Commune) -> bool:
    """Tell whether a postcode may be a commune's: CEDEX and new ones are in no list, but are of its département."""
    start = department_of(postcode)
    departments = _SHARED_POSTCODES.get(start, {start})
    return commune.department in departments or postcode in (*commune.postcodes, *commune.other_postcodes)


def _is_in_france(point: Point) -> bool:
    return _holds(_METROPOLE, point) or any(_holds(bounds, point) for bounds in _BOUNDS.values())


def _holds(bounds: Box, point: Point) -> bool:
    lon_min, lat_min, lon_max, lat_max = bounds
    return lon_min <= point[0] <= lon_max and lat_min <= point[1] <= lat_max


def _nearest(box: Box, point: Point) -> Point:
    """Return the nearest point of a box; boxes are too small for the curvature of a parallel to matter."""
    lon_min, lat_min, lon_max, lat_max = box
    return min(max(point[0], lon_min), lon_max), min(max(point[1], lat_min), lat_max)


def _away(point: Point, other: Point, told: Callable[[float], str]) -> str | None:
    """Return a message if two points are too far apart, or None, also where no projected CRS applies."""
    territory = territory_at(lon=point[0], lat=point[1])
    if territory is None:
        return None
    x, y = project_point(lon=point[0], lat=point[1], territory=territory)
    other_x, other_y = project_point(lon=other[0], lat=other[1], territory=territory)
    distance = math.hypot(x - other_x, y - other_y)
    return None if distance <= FARTHEST_M else told(distance)
