"""Check the place of each funded project and evaluate its scheme.

A project with a point, a site or an address gets a verdict. A project placed by perimeter or neighbourhood gets none:
the statement of its table is reported as such. Schemes are evaluated on the verdict; without one they can only be "not
eligible" by the date or the amount, or "to review".

This module uses `projects`, `eligibility` and `schemes`; maps, reports, the command line and the service use it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypedDict

from qpv_geo import messages as msg
from qpv_geo.errors import InputError, MissingError
from qpv_geo.model import Kind, Reason, Status
from qpv_geo.project_schemes import NamedScheme, course_of, decided, found_communes, named_scheme, stated_communes
from qpv_geo.projects import OUTSIDE, UNCERTAIN, LineKind, Precision
from qpv_geo.projects.neighbourhoods import citycode, known_neighbourhoods
from qpv_geo.projects.places import by_qpv
from qpv_geo.schemes.asking import ask_again
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.protocol import Geocoder
    from qpv_geo.model import Generation, PerimeterMatch, Verdict
    from qpv_geo.perimeters.catalogue import Catalogue
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.project_schemes import Communes, Course
    from qpv_geo.projects import Placement, Project, Projects
    from qpv_geo.projects.neighbourhoods import Known
    from qpv_geo.schemes.model import Scheme, SchemeDecision

_HORIZON_M = 5_000.0
CHECKED = frozenset({Precision.SITE, Precision.POINT, Precision.ADDRESS})
"""Precisions of a place that gets a verdict; for the others, only the statement of the table is known."""

_OF_LINES = {LineKind.GROUP: Status.INSIDE, LineKind.OUTSIDE: Status.OUTSIDE, LineKind.NOT_STATED: Status.NOT_LOCATED}


class Answers(TypedDict):
    """Keyword arguments of `qpv_geo.projects.sums` made from verdicts."""

    codes: dict[str, str | tuple[str, ...]]
    names: dict[str, str]


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
        """Return its answer in a sum by QPV: codes, `OUTSIDE` or `UNCERTAIN`."""
        if self.status == Status.INSIDE and self.held:
            return tuple(one.code for one in self.held)
        return OUTSIDE if self.status == Status.OUTSIDE else UNCERTAIN


@dataclass(frozen=True, eq=False)
class Assessment:
    """Result of checking a project: its place, and the decision of its scheme.

    Attributes
    ----------
    basis
        Basis of `status`: a verdict for a site, a point or an address; else the statement of the table.
    status
        None for a project without a single place, which cannot be checked.
    message
        One French sentence.
    codes
        QPV of the project: from the verdict if there is one, else as declared in the table.
    verdict
        None if the place is only declared or could not be checked; `message` says which.
    decision
        None if there is no scheme or it could not be evaluated; `undecided` says why.
    recognised
        How the scheme was recognised from a short name.
    course
        How far the file has come; None if no step of a known scheme has a date.
    """

    project: Project
    basis: Precision
    status: Status | None
    message: str
    codes: tuple[str, ...] = ()
    verdict: Verdict | None = None
    decision: SchemeDecision | None = None
    undecided: str | None = None
    recognised: str | None = None
    course: Course | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, with the full verdict and decision; the amount is exact, as text."""
        project, verdict, decision = self.project, self.verdict, self.decision
        return {
            "id": project.id,
            "line": project.line,
            "title": project.title,
            "amount": None if project.amount is None else str(project.amount),
            "basis": self.basis.value,
            "status": None if self.status is None else self.status.value,
            "message": self.message,
            "codes": list(self.codes),
            "verdict": None if verdict is None else verdict.to_dict(),
            "decision": None if decision is None else decision.to_dict(),
            "undecided": self.undecided,
            "recognised": self.recognised,
            "course": None if self.course is None else self.course.to_dict(),
        }


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is asked about every project; see `assess`."""

    checker: Checker
    known: Known
    schemes: Sequence[Scheme]
    scheme: Scheme | None
    on: date | None
    geocoder: Geocoder | None

    def named(self, project: Project, communes: Communes) -> NamedScheme:
        """Return the scheme of a project in some communes."""
        if self.scheme is not None:
            return NamedScheme(self.scheme)
        return named_scheme(project.scheme, self.schemes, communes)


def assess(  # noqa: PLR0913 - what is asked about every project
    projects: Projects,
    *,
    checker: Checker,
    schemes: Sequence[Scheme] = (),
    scheme: Scheme | None = None,
    on: date | str | None = None,
    geocoder: Geocoder | None = None,
) -> tuple[Assessment, ...]:
    """Check the place of each project and evaluate its scheme.

    Parameters
    ----------
    schemes
        Schemes that a project may name by id, label or alias. The alias of a scheme limited to some communes is only
        recognised for a project in one of them, by its commune, its address, its codes or its neighbourhoods.
    scheme
        Scheme to evaluate for every project, whatever it names.
    on
        Date for every project. By default the start of the scheme if it is in the project's year, else 1 January of
        that year (when perimeters change), or today for a project without a year.
    geocoder
        Locates addresses; by default that of `qpv_geo.check`.

    Returns
    -------
    assessments
        One per project, in the order of the table. A place that cannot be checked, for lack of perimeters or of
        addresses, is uncertain, and its message says why.

    Raises
    ------
    RemoteError
        The national geocoder failed.
    DateError
        `on` is not a date, or comes before the first generation.
    """
    day = None if on is None else checker.check_options(on=on).day
    asked = _Asked(checker, known_at_hand(checker.catalogue), schemes, scheme, day, geocoder)
    return tuple(_assess(project, asked) for project in projects.projects)


def judge(
    projects: Projects, perimeters: PerimeterSet, *, checker: Checker, geocoder: Geocoder | None = None
) -> dict[str, Judged]:
    """Return, by id, the position and status of the projects that have a site, a point or an address.

    Parameters
    ----------
    geocoder
        Locates projects that only have an address; without it they are left out.

    Raises
    ------
    RemoteError
        The geocoder failed.
    """
    kinds = tuple(dict.fromkeys(perimeters.kinds))
    known = known_neighbourhoods((perimeters,))
    found: dict[str, Judged] = {}
    for project in projects.projects:
        place = project.placement
        is_address = place.precision is Precision.ADDRESS
        if place.everywhere is not None or place.precision not in CHECKED or (is_address and geocoder is None):
            continue
        try:
            question = _question(place, known, geocoder)
            verdict = checker.check(**question, perimeters=perimeters, kinds=kinds)
        except MissingError:
            if not is_address:
                raise
            found[project.id] = Judged(None, None, kinds=kinds)  # no address index: kept without a position
        else:
            found[project.id] = _judged(verdict, kinds)
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


def known_at_hand(catalogue: Catalogue) -> Known:
    """Return the neighbourhoods and perimeters of every available generation, by name.

    Raises
    ------
    IntegrityError
        The hash of a set differs from the recorded one.
    """
    entries = [entry for one in catalogue.registry.generations for entry in catalogue.answering(one)]
    return known_neighbourhoods(tuple(catalogue.load(entry) for entry in entries))


def answers(assessments: Iterable[Assessment]) -> Answers:
    """Return verdicts as arguments of `qpv_geo.projects.sums`: ``sums(projects, "qpv", **answers(found))``.

    Projects whose declared perimeters do not exist or were not in force are uncertain.
    """
    codes: dict[str, str | tuple[str, ...]] = {}
    names: dict[str, str] = {}
    for one in assessments:
        if one.verdict is None:
            if one.basis is Precision.PERIMETER and one.status is Status.UNCERTAIN:
                codes[one.project.id] = UNCERTAIN
            continue
        names |= {match.code: match.name for match in one.verdict.perimeters}
        otherwise = OUTSIDE if one.status is Status.OUTSIDE else UNCERTAIN
        codes[one.project.id] = one.codes or otherwise
    return {"codes": codes, "names": names}


def _day(project: Project, scheme: Scheme | None) -> date | None:
    """Return the date to check a project on; None for today."""
    if project.year is None:
        return None
    first, last = date(project.year, 1, 1), date(project.year, 12, 31)
    start = scheme.dates.start if scheme is not None else None
    return start if start is not None and first < start <= last else first


def _assess(project: Project, asked: _Asked) -> Assessment:
    place, checker, known = project.placement, asked.checker, asked.known
    basis = Precision.EVERYWHERE if place.everywhere is not None else place.precision
    status: Status | None
    verdict: Verdict | None = None
    communes = stated_communes(project, known)
    named = asked.named(project, communes)
    day = asked.on or _day(project, named.scheme)
    if basis in CHECKED:
        status, message, verdict = _checked(lambda: checker.check(**_question(place, known, asked.geocoder), on=day))
        if verdict is not None:
            communes |= found_communes(verdict, checker, known, date.fromisoformat(verdict.on))
            named = asked.named(project, communes)
            if asked.on is None and _day(project, named.scheme) != day:
                former, day = verdict, _day(project, named.scheme)
                status, message, verdict = _checked(lambda: _again(former, checker, day))
        held = held_by(verdict) if verdict is not None and status is Status.INSIDE else ()
        codes = tuple(one.code for one in held)
    else:
        status, message, codes = _declared(project, basis, checker, known)
    decision, undecided = decided(project, checker, named, day, verdict)
    course = None if named.scheme is None else course_of([one.id for one in named.scheme.steps], project.steps)
    recognised = named.text if named.scheme is not None else None
    return Assessment(project, basis, status, message, codes, verdict, decision, undecided, recognised, course)


# ── Checked ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _checked(check: Callable[[], Verdict]) -> tuple[Status, str, Verdict | None]:
    """Check a place; if that is impossible, return an uncertain status and the reason."""
    try:
        verdict = check()
    except (InputError, MissingError) as error:
        return Status.UNCERTAIN, msg.reports.not_checked(str(error)), None
    return verdict.status, verdict.message, verdict


def _again(verdict: Verdict, checker: Checker, day: date | None) -> Verdict:
    """Check the place of a verdict on another date; an address is not geocoded again."""
    return ask_again(checker, verdict.evidence.input, day or checker.check_options().day, Kind.QPV, None)


def _question(place: Placement, known: Known, geocoder: Geocoder | None) -> dict[str, Any]:
    """Return the arguments of `Checker.check` for the point, the site or the address of a project."""
    if place.precision is Precision.SITE:
        return {"site": place.site}
    if place.precision is Precision.POINT:
        return {"lon": place.lon, "lat": place.lat}
    address, code = address_asked(place, known)
    return {"address": address, "citycode": code, "geocoder": geocoder}


def address_asked(place: Placement, known: Known) -> tuple[str, str | None]:
    """Return the address of a place and its commune code; a commune of unknown code is appended to the address."""
    address, code = place.address or "", citycode(place, known)
    if code is None and place.commune is not None and fold(place.commune) not in fold(address):
        address = f"{address}, {place.commune}"
    return address, code


def held_by(verdict: Verdict, kinds: Collection[str] = (Kind.QPV,)) -> tuple[PerimeterMatch, ...]:
    """Return the perimeters of a verdict that contain more than ``outside_max_share`` of the place."""
    least = verdict.evidence.thresholds.outside_max_share
    return tuple(one for one in verdict.perimeters if one.kind in kinds and (one.share_inside or 0.0) > least)


# ── Declared ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _declared(
    project: Project, basis: Precision, checker: Checker, known: Known
) -> tuple[Status | None, str, tuple[str, ...]]:
    """Return the status, message and codes declared by the table, consistent with the sums."""
    if basis is Precision.EVERYWHERE:
        return None, msg.reports.NO_SINGLE_PLACE, ()
    place = project.placement
    groups = by_qpv(project, None, known).groups
    codes = tuple(dict.fromkeys(group.code for group in groups if group.code is not None))
    unknown = [code for code in codes if known.is_of_none(code)]
    if unknown:
        return Status.UNCERTAIN, msg.projects.unknown_codes(unknown), codes
    lapsed = [code for code in codes if not _in_force(code, project.year, checker.catalogue.registry.generations)]
    if lapsed:
        return Status.UNCERTAIN, msg.reports.lapsed_codes(lapsed, project.year), codes
    kinds = {group.kind for group in groups}
    status = _OF_LINES.get(kinds.pop(), Status.UNCERTAIN) if len(kinds) == 1 else Status.UNCERTAIN
    named = place.codes or place.neighbourhoods
    return status, msg.reports.declared(status, basis, named, [group.label for group in groups], codes), codes


def _in_force(code: str, year: int | None, generations: Mapping[str, Generation]) -> bool:
    """Tell whether a code is in force in a year in its territory or, without a year, still in force.

    Codes of overseas territories begin with 97 or 98.
    """
    overseas = code[2:4] in {"97", "98"}
    return any(
        (one.end is None or (year is not None and year <= one.end.year))
        and (year is None or one.start.year <= year)
        and ("metropole" not in one.territories) is overseas
        for generation in generations.values()
        if re.fullmatch(generation.code_pattern, code)
        for one in generation.validity
    )
