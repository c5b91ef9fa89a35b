"""A place checked against several zones: its verdicts, the perimeters there and its points.

An address is geocoded once; further checks reuse what was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

import shapely

from qpv_geo import crs
from qpv_geo.eligibility.address import decided_by
from qpv_geo.eligibility.applicable import CheckOptions
from qpv_geo.eligibility.location import Place, point_place, site_place
from qpv_geo.geocoding.protocol import PRECISE
from qpv_geo.geocoding.result import found_from_json, shortlist
from qpv_geo.geocoding.towns import whole_code
from qpv_geo.model import Kind, Reason, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.protocol import Geocoder
    from qpv_geo.perimeters.read import PerimeterSet

_LEAST_DEGREE_M = 50_000.0
"""Lower bound of the length of a degree in France, in metres; for excluding far places, never for a distance."""


class PlaceArguments(TypedDict, total=False):
    """The arguments of `qpv_geo.check` that give a place."""

    address: str | None
    postcode: str | None
    citycode: str | None
    geocoder: Geocoder | None
    lon: float | None
    lat: float | None
    site: BaseGeometry | Mapping[str, Any] | None
    accuracy_m: float


class AskedPlace:
    """A place to get verdicts about.

    Parameters
    ----------
    checker
        Gives every verdict.
    base
        The verdict on QPV on `day`; its evidence describes the place.
    """

    def __init__(self, checker: Checker, base: Verdict, day: date) -> None:
        self._checker = checker
        self._day = day
        self.base = base
        self._known: dict[tuple[str, str | None], Verdict] = {(str(Kind.QPV), None): base}

    @property
    def day(self) -> date:
        """The day on which perimeters are read."""
        return self._day

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts requested so far, the base first."""
        return tuple(self._known.values())

    @property
    def located(self) -> bool:
        """Whether the place was located."""
        return self.base.status is not Status.NOT_LOCATED

    @property
    def citycode(self) -> str | None:
        """INSEE code of the commune of an address matched with certainty; None otherwise."""
        location = self.base.location
        if location.citycode is None or self.base.reason is Reason.WEAK_MATCH:
            return None
        if any(one.citycode != location.citycode for one in self.base.candidates):
            return None
        return whole_code(location.citycode)

    def beyond(self, box: tuple[float, float, float, float]) -> bool:
        """Tell whether the place is certainly outside a box, in degrees."""
        location = self.base.location
        if location.lon is None or location.lat is None:
            return False
        if self.base.reason is Reason.WEAK_MATCH or self.base.candidates:
            return False
        question = self.base.evidence.input
        where = site_place(question["site"]).site if "site" in question else shapely.Point(location.lon, location.lat)
        return bool(where.distance(shapely.box(*box)) > (location.accuracy_m or 0.0) / _LEAST_DEGREE_M)

    def verdict(self, kind: str, generation: str | None) -> Verdict:
        """Return the verdict about a kind of perimeters."""
        if (kind, generation) not in self._known:
            question = self.base.evidence.input
            self._known[kind, generation] = ask_again(self._checker, question, self._day, kind, generation)
        return self._known[kind, generation]

    def sets(self, kind: str, generation: str | None) -> tuple[PerimeterSet, ...]:
        """Return the perimeters of a kind that apply here.

        Raises
        ------
        MissingPerimetersError
            No such perimeters are installed.
        """
        location = self.base.location
        territory = crs.territory_of_commune(self.citycode or "")
        if location.lon is not None and location.lat is not None:
            territory = crs.territory_at(lon=location.lon, lat=location.lat)
        if territory is None or not self.located:
            return ()
        return self._checker.contexts.of(CheckOptions(self._day, generation, (kind,), None), territory).applicable.asked

    def combined(self, sets: tuple[PerimeterSet, ...]) -> PerimeterSet:
        """Return several sets as one, as `qpv_geo.perimeters.read.combine` does, but the same one each time."""
        return self._checker.contexts.index(sets).perimeters

    def places(self) -> tuple[Place, ...]:
        """Return the points, or the site, to measure distances from; empty if the location is too imprecise."""
        question = self.base.evidence.input
        if "site" in question:
            return (site_place(question["site"]),)
        if "found" not in question:
            return (point_place(lon=question["lon"], lat=question["lat"], accuracy_m=question["accuracy_m"]),)
        found = found_from_json(question)
        short = shortlist(found)
        if not short.is_firm:
            return ()
        points = decided_by(found, short.candidates)
        if any(one.type not in PRECISE for one in points):
            return ()
        return tuple(point_place(lon=one.lon, lat=one.lat, accuracy_m=one.accuracy_m) for one in points)


def ask(checker: Checker, day: date, place: PlaceArguments) -> AskedPlace:
    """Check a place on a date."""
    return AskedPlace(checker, checker.check(**place, on=day), day)


def ask_of(checker: Checker, day: date, verdict: Verdict) -> AskedPlace:
    """Check the place of a verdict on a date, reusing the verdict if it answers the same question."""
    question = verdict.evidence.input
    same = question["on"] == day.isoformat() and "generation" not in question
    if same and (list(question.get("kinds", [Kind.QPV])) == [Kind.QPV]):
        return AskedPlace(checker, verdict, day)
    return AskedPlace(checker, ask_again(checker, question, day, Kind.QPV, None), day)


def ask_again(checker: Checker, question: dict[str, Any], day: date, kind: str, generation: str | None) -> Verdict:
    """Repeat the question recorded in the evidence of a verdict, for a date, a kind and a generation."""
    if "found" in question:
        return checker.check_found(found_from_json(question), on=day, generation=generation, kinds=(kind,))
    place = {key: question[key] for key in ("lon", "lat", "accuracy_m", "site") if key in question}
    return checker.check(**place, on=day, generation=generation, kinds=(kind,))
