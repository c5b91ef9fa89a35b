"""Whether the projects whose position is known are in the perimeters of a map; `qpv_geo.eligibility` decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qpv_geo.errors import MissingError
from qpv_geo.model import Kind, Reason, Status
from qpv_geo.projects import OUTSIDE, UNCERTAIN, Precision
from qpv_geo.projects.neighbourhoods import citycode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.protocol import Geocoder
    from qpv_geo.model import Verdict
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects import Placement, Project, Projects

_HORIZON_M = 5_000.0


@dataclass(frozen=True)
class Judged:
    """What is known of the position of a project.

    Attributes
    ----------
    lon, lat
        Degrees, a point inside it for a site; None where the address was not found.
    status, reason
        As in a verdict; ``None`` where the project was placed and not checked.
    code, name
        The perimeter that holds most of it; None outside.
    distance_m
        To the nearest edge, metres, negative inside; None where none is near or nobody can tell.
    kinds
        Kinds of the perimeters that it was judged by.
    """

    lon: float | None
    lat: float | None
    status: str | None = None
    reason: str | None = None
    code: str | None = None
    name: str | None = None
    distance_m: float | None = None
    kinds: tuple[str, ...] = (Kind.QPV,)

    @property
    def answer(self) -> str:
        """Return what a sum by QPV takes it for: a code, `OUTSIDE` or `UNCERTAIN`."""
        if self.status == Status.INSIDE and self.code is not None:
            return self.code
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
    wanted = [one for one in projects.projects if one.placement.everywhere is None]
    kinds = tuple(dict.fromkeys(perimeters.kinds))
    found = _points([one for one in wanted if one.placement.precision is Precision.POINT], perimeters, kinds, checker)
    for project in wanted:
        place = project.placement
        if place.precision is Precision.SITE:
            verdict = checker.check(site=place.site, perimeters=perimeters, kinds=kinds)
            found[project.id] = _of_verdict(verdict, kinds)
        elif place.precision is Precision.ADDRESS and geocoder is not None:
            found[project.id] = _address(place, perimeters, kinds, checker, geocoder)
    return found


def _points(
    projects: Sequence[Project], perimeters: PerimeterSet, kinds: tuple[str, ...], checker: Checker
) -> dict[str, Judged]:
    if not projects:
        return {}
    lon = [project.placement.lon or 0.0 for project in projects]
    lat = [project.placement.lat or 0.0 for project in projects]
    table = checker.check_many(lon=lon, lat=lat, perimeters=perimeters, kinds=kinds, horizon_m=_HORIZON_M)
    table = table.astype(object).where(table.notna(), None)
    columns = [table[name] for name in ("status", "reason", "code_qp", "lib_qp", "distance_m")]
    return {
        project.id: Judged(x, y, status, reason, code, name, _near(distance_m), kinds)
        for project, x, y, status, reason, code, name, distance_m in zip(projects, lon, lat, *columns, strict=True)
    }


def _address(
    place: Placement, perimeters: PerimeterSet, kinds: tuple[str, ...], checker: Checker, geocoder: Geocoder
) -> Judged:
    """Return where an address is; an address that nothing at hand can know is not located, and stays on the list."""
    try:
        verdict = checker.check(
            address=place.address, citycode=citycode(place), geocoder=geocoder, perimeters=perimeters, kinds=kinds
        )
    except MissingError:
        return Judged(None, None, Status.NOT_LOCATED.value, Reason.NO_MATCH.value, kinds=kinds)
    return _of_verdict(verdict, kinds)


def _of_verdict(verdict: Verdict, kinds: tuple[str, ...]) -> Judged:
    place = verdict.location
    held = verdict.perimeters[0] if verdict.perimeters and verdict.status is not Status.OUTSIDE else None
    return Judged(
        None if place is None else place.lon,
        None if place is None else place.lat,
        verdict.status.value,
        verdict.reason.value,
        None if held is None else held.code,
        None if held is None else held.name,
        verdict.distance_m,
        kinds,
    )


def _near(distance_m: float | None) -> float | None:
    return distance_m if distance_m is not None and abs(distance_m) < _HORIZON_M else None
