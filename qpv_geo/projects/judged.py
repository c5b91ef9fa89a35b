"""Where projects are on a map, and whether they are in its perimeters, as their checks say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qpv_geo.errors import MissingError, QpvGeoError
from qpv_geo.model import Kind, Reason, Status
from qpv_geo.projects.checks import assess, held_by, is_checked
from qpv_geo.projects.model import Precision
from qpv_geo.projects.neighbourhoods import known_neighbourhoods
from qpv_geo.projects.places import OUTSIDE, UNCERTAIN
from qpv_geo.projects.verdicts import PlaceVerdicts, place_question

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.protocol import Geocoder
    from qpv_geo.model import PerimeterMatch, Verdict
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects.checks import Assessment
    from qpv_geo.projects.model import Project, Projects

_HORIZON_M = 5_000.0


@dataclass(frozen=True)
class Judged:
    """Position of a project, and whether it is in the perimeters.

    Attributes
    ----------
    lon, lat
        Degrees, a point inside it for a site; None if the address was not found or matched weakly.
    status, reason
        As in a verdict; None if the project could not be checked.
    held
        Perimeters that contain all or part of it; the amount of a project inside is split between them.
    distance_m
        To the nearest edge, metres, negative inside; None beyond 5 km or if unknown.
    kinds
        Kinds of the perimeters it was checked against.
    why
        Why it is uncertain although it has no verdict, in French.
    """

    lon: float | None
    lat: float | None
    status: str | None = None
    reason: str | None = None
    held: tuple[PerimeterMatch, ...] = ()
    distance_m: float | None = None
    kinds: tuple[str, ...] = (Kind.QPV,)
    why: str | None = None

    @property
    def answer(self) -> str | tuple[str, ...]:
        """Return its answer in a sum by QPV: codes, `OUTSIDE` or `UNCERTAIN`."""
        if self.status == Status.INSIDE and self.held:
            return tuple(one.code for one in self.held)
        return OUTSIDE if self.status == Status.OUTSIDE else UNCERTAIN


def judge(
    projects: Projects, perimeters: PerimeterSet, *, checker: Checker, geocoder: Geocoder | None = None
) -> dict[str, Judged]:
    """Return, by id, the position and status of the projects that have a site, a point or an address.

    Parameters
    ----------
    perimeters
        Those of the map. If they are QPV of a generation, each project is judged by the perimeters in force in its
        year, as `assess` does; other perimeters are the only ones that count.
    geocoder
        Locates projects that only have an address; without it they are left out.

    Raises
    ------
    RemoteError
        The geocoder failed.
    """
    asked = tuple(
        one
        for one in projects.projects
        if geocoder is not None or one.placement.precision is not Precision.ADDRESS or one.placement.everywhere
    )
    if perimeters.dataset.generation is not None:
        return judged_by_year(assess(replace(projects, projects=asked), checker=checker, geocoder=geocoder))
    return _judged_by(asked, perimeters, checker=checker, geocoder=geocoder)


def judged_by_year(assessments: Iterable[Assessment]) -> dict[str, Judged]:
    """Return, by id, the position and status of projects assessed, each by the perimeters of its year.

    A project whose place could not be checked is uncertain; so is one whose declared perimeters do not exist or were
    not in force. Both are as in `answers`.
    """
    found: dict[str, Judged] = {}
    for one in assessments:
        if one.verdict is not None:
            found[one.project.id] = _judged(one.verdict, (Kind.QPV,))
        elif one.error is not None:
            place = one.project.placement
            lon, lat = place.lon, place.lat
            if lon is None and place.site is not None:
                inner = place.site.point_on_surface()
                lon, lat = inner.x, inner.y
            found[one.project.id] = Judged(lon, lat, Status.UNCERTAIN.value, why=one.message)
        elif one.basis is Precision.PERIMETER and one.status is Status.UNCERTAIN:
            found[one.project.id] = Judged(None, None, Status.UNCERTAIN.value, why=one.message)
    return found


def _judged_by(
    projects: Iterable[Project], perimeters: PerimeterSet, *, checker: Checker, geocoder: Geocoder | None
) -> dict[str, Judged]:
    """Return, by id, the position and status of projects in some perimeters, whatever their year."""
    kinds = tuple(dict.fromkeys(perimeters.kinds))
    known = known_neighbourhoods((perimeters,))
    asked = {one.id: place_question(one.placement, known) for one in projects if is_checked(one.placement)}
    places = PlaceVerdicts(checker, geocoder=geocoder, perimeters=perimeters, kinds=kinds)
    verdicts = places.of(asked.values())
    found: dict[str, Judged] = {}
    for key, question in asked.items():
        verdict = verdicts[question]
        if isinstance(verdict, MissingError) and question.address is not None:
            found[key] = Judged(None, None, kinds=kinds)  # no address index: kept without a position
        elif isinstance(verdict, QpvGeoError):
            raise verdict
        else:
            found[key] = _judged(verdict, kinds)
    return found


def _judged(verdict: Verdict, kinds: tuple[str, ...]) -> Judged:
    place = verdict.location
    is_sure = verdict.reason is not Reason.WEAK_MATCH  # a weak match is not a position
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
