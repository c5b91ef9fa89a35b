"""Whether the projects whose position is known are in the perimeters of a map; `qpv_geo.eligibility` decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qpv_geo.assessment import address_asked, held_by
from qpv_geo.errors import MissingError
from qpv_geo.model import Kind, Reason, Status
from qpv_geo.projects import OUTSIDE, UNCERTAIN, Precision
from qpv_geo.projects.neighbourhoods import known_neighbourhoods

if TYPE_CHECKING:
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.protocol import Geocoder
    from qpv_geo.model import PerimeterMatch, Verdict
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects import Placement, Projects

_HORIZON_M = 5_000.0


@dataclass(frozen=True)
class Judged:
    """What is known of the position of a project.

    Attributes
    ----------
    lon, lat
        Degrees, a point inside it for a site; None where the address was not found, or not with certainty.
    status, reason
        As in a verdict; ``None`` where the project was not checked.
    held
        The perimeters that hold it, or a part of it; its amount is shared out between those that it is inside of.
    distance_m
        To the nearest edge, metres, negative inside; None where none is near or nobody can tell.
    kinds
        Kinds of the perimeters that it was judged by.
    """

    lon: float | None
    lat: float | None
    status: str | None = None
    reason: str | None = None
    held: tuple[PerimeterMatch, ...] = ()
    distance_m: float | None = None
    kinds: tuple[str, ...] = (Kind.QPV,)

    @property
    def answer(self) -> str | tuple[str, ...]:
        """Return what a sum by QPV takes it for: codes, `OUTSIDE` or `UNCERTAIN`."""
        if self.status == Status.INSIDE and self.held:
            return tuple(one.code for one in self.held)
        return OUTSIDE if self.status == Status.OUTSIDE else UNCERTAIN


def judge(
    projects: Projects, perimeters: PerimeterSet, *, checker: Checker, geocoder: Geocoder | None = None
) -> dict[str, Judged]:
    """Return the position of projects and whether it is in the perimeters, by id; those without one are left out.

    Parameters
    ----------
    geocoder
        Finds the projects that have an address only; without it they have no position.

    Raises
    ------
    RemoteError
        The geocoder failed.
    """
    kinds = tuple(dict.fromkeys(perimeters.kinds))
    found: dict[str, Judged] = {}
    for project in projects.projects:
        place = project.placement
        if place.everywhere is not None:
            continue
        if place.precision is Precision.POINT:
            found[project.id] = _of_verdict(
                checker.check(lon=place.lon, lat=place.lat, perimeters=perimeters, kinds=kinds), kinds
            )
        elif place.precision is Precision.SITE:
            found[project.id] = _of_verdict(checker.check(site=place.site, perimeters=perimeters, kinds=kinds), kinds)
        elif place.precision is Precision.ADDRESS and geocoder is not None:
            found[project.id] = _address(place, perimeters, kinds, checker, geocoder)
    return found


def _address(
    place: Placement, perimeters: PerimeterSet, kinds: tuple[str, ...], checker: Checker, geocoder: Geocoder
) -> Judged:
    """Return where an address is; one that nothing at hand can know is not checked, and stays on the list."""
    address, code = address_asked(place, known_neighbourhoods((perimeters,)))
    try:
        verdict = checker.check(
            address=address,
            citycode=code,
            geocoder=geocoder,
            perimeters=perimeters,
            kinds=kinds,
        )
    except MissingError:
        return Judged(None, None, kinds=kinds)
    return _of_verdict(verdict, kinds)


def _of_verdict(verdict: Verdict, kinds: tuple[str, ...]) -> Judged:
    place = verdict.location
    is_sure = verdict.reason is not Reason.WEAK_MATCH  # the place that an address resembles is not where it is
    return Judged(
        place.lon if is_sure else None,
        place.lat if is_sure else None,
        verdict.status.value,
        verdict.reason.value,
        () if verdict.status is Status.OUTSIDE else held_by(verdict, kinds),
        _near(verdict.distance_m),
        kinds,
    )


def _near(distance_m: float | None) -> float | None:
    return distance_m if distance_m is not None and abs(distance_m) < _HORIZON_M else None
