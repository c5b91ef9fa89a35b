"""What is known of the place of each funded project, and what its scheme says of it: once, for every door.

A project with a point, a site or an address has the verdict of the one decision function. One that its table places by
a perimeter or by a neighbourhood has no verdict: what the table says is told, and told to be no more than that. Schemes
are asked about points and sites; without one they can only refuse by the date or the amount, or say "to review".

It stands beside `projects`, `eligibility` and `schemes`, which do not know each other's callers, and below maps,
reports, the command line and the service, which all show it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypedDict

from qpv_geo import messages as msg
from qpv_geo.errors import InputError, MissingError
from qpv_geo.model import Kind, Reason, Status
from qpv_geo.projects import OUTSIDE, UNCERTAIN, LineKind, Precision
from qpv_geo.projects.neighbourhoods import citycode, known_neighbourhoods
from qpv_geo.projects.places import by_qpv
from qpv_geo.schemes.evaluate import decide_scheme
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.protocol import Geocoder
    from qpv_geo.model import Generation, PerimeterMatch, Verdict
    from qpv_geo.perimeters.catalogue import Catalogue
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects import Placement, Project, Projects
    from qpv_geo.projects.neighbourhoods import Known
    from qpv_geo.schemes.model import Scheme, SchemeDecision

_HORIZON_M = 5_000.0
CHECKED = frozenset({Precision.SITE, Precision.POINT, Precision.ADDRESS})
"""Places that have a verdict; of the others only what the table says is known."""

_OF_LINES = {LineKind.GROUP: Status.INSIDE, LineKind.OUTSIDE: Status.OUTSIDE, LineKind.NOT_STATED: Status.NOT_LOCATED}


class Answers(TypedDict):
    """What `qpv_geo.projects.sums` takes beside the projects and the key."""

    codes: dict[str, str | tuple[str, ...]]
    names: dict[str, str]


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


@dataclass(frozen=True, eq=False)
class Assessment:
    """What is known of the place of a project, and what its scheme says.

    Attributes
    ----------
    basis
        What `status` rests on: a verdict for a site, a point or an address; else what the table says.
    status
        None for a project without a single place: there is nothing to check.
    message
        One French sentence.
    codes
        QPV that the project is in: checked where there is a verdict, declared by the table elsewhere.
    verdict
        None where the place is only declared, or could not be checked; `message` says which.
    decision
        None where no scheme is asked about, or it cannot be asked; `undecided` says why.
    """

    project: Project
    basis: Precision
    status: Status | None
    message: str
    codes: tuple[str, ...] = ()
    verdict: Verdict | None = None
    decision: SchemeDecision | None = None
    undecided: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object, with the whole verdict and the whole decision; amounts are text, exact."""
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
        }


def assess(  # noqa: PLR0913 - what is asked about every project
    projects: Projects,
    *,
    checker: Checker,
    schemes: Sequence[Scheme] = (),
    scheme: Scheme | None = None,
    on: date | str | None = None,
    geocoder: Geocoder | None = None,
) -> tuple[Assessment, ...]:
    """Tell what is known of the place of each project, and what its scheme says.

    Parameters
    ----------
    schemes
        Those that a project may name, by id, by label, or by alias; nothing looser is guessed. An alias of a fund of
        some communes is understood in a project whose commune is one of these.
    scheme
        Asked about every project, whatever it names.
    on
        The day of every project; without it the first day of its year on which the scheme is in force, today for a
        project without a year. (Perimeters change on the first day of a year.)
    geocoder
        Looks for addresses; by default that of `qpv_geo.check`.

    Returns
    -------
    assessments
        One a project, in the order of the table. A place that cannot be checked, for want of perimeters or of
        addresses, is uncertain and says why.

    Raises
    ------
    RemoteError
        The national geocoder failed: never an answer.
    DateError
        `on` is not a date, or comes before the first generation.
    """
    day = None if on is None else checker.check_options(on=on).day
    known = known_at_hand(checker.catalogue)
    found = []
    for project in projects.projects:
        mine = scheme or _named(project, schemes, known)
        found.append(_assess(project, checker, known, mine, day or _day(project, mine), geocoder))
    return tuple(found)


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
            found[project.id] = Judged(None, None, kinds=kinds)  # nothing at hand can know it: it stays on the list
        else:
            found[project.id] = _judged(verdict, kinds)
    return found


def _judged(verdict: Verdict, kinds: tuple[str, ...]) -> Judged:
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


def known_at_hand(catalogue: Catalogue) -> Known:
    """Return the neighbourhoods and perimeters of every generation that is at hand, by name.

    Raises
    ------
    IntegrityError
        A set is not as it was recorded.
    """
    entries = [entry for one in catalogue.registry.generations for entry in catalogue.answering(one)]
    return known_neighbourhoods(tuple(catalogue.load(entry) for entry in entries))


def answers(assessments: Iterable[Assessment]) -> Answers:
    """Return what verdicts say, as `qpv_geo.projects.sums` takes it: ``sums(projects, "qpv", **answers(found))``.

    Perimeters that a table declares, and that were not in force or do not exist, are nothing to be sure of either.
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


def _named(project: Project, schemes: Sequence[Scheme], known: Known) -> Scheme | None:
    """Return the scheme that a project names; None for a name that is of none, or of several, of those at hand."""
    name = fold(project.scheme or "")
    if not name:
        return None
    found = [one for one in schemes if name in {fold(one.id), fold(one.label)}]
    if not found:
        commune = citycode(project.placement, known)
        aliased = [one for one in schemes if name in map(fold, one.aliases)]
        found = [one for one in aliased if not one.communes or commune in one.communes]
    return found[0] if len(found) == 1 else None


def _day(project: Project, scheme: Scheme | None) -> date | None:
    """Return the day a project is asked about; None for today."""
    if project.year is None:
        return None
    first, last = date(project.year, 1, 1), date(project.year, 12, 31)
    start = scheme.dates.start if scheme is not None else None
    return start if start is not None and first < start <= last else first


def _assess(  # noqa: PLR0913, PLR0917 - all that is known of a project and of what is asked
    project: Project,
    checker: Checker,
    known: Known,
    scheme: Scheme | None,
    day: date | None,
    geocoder: Geocoder | None,
) -> Assessment:
    place = project.placement
    basis = Precision.EVERYWHERE if place.everywhere is not None else place.precision
    status: Status | None
    verdict: Verdict | None = None
    if basis in CHECKED:
        status, message, verdict = _checked(place, checker, known, day, geocoder)
        held = held_by(verdict) if verdict is not None and status is Status.INSIDE else ()
        codes = tuple(one.code for one in held)
    else:
        status, message, codes = _declared(project, basis, checker, known)
    decision, undecided = _decided(project, checker, scheme, day, verdict)
    return Assessment(project, basis, status, message, codes, verdict, decision, undecided)


# ── Checked ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _checked(
    place: Placement, checker: Checker, known: Known, day: date | None, geocoder: Geocoder | None
) -> tuple[Status, str, Verdict | None]:
    """Return the verdict of a place, or why there is none: what is missing is a doubt, never a no."""
    try:
        verdict = checker.check(**_question(place, known, geocoder), on=day)
    except (InputError, MissingError) as error:
        return Status.UNCERTAIN, msg.reports.not_checked(str(error)), None
    return verdict.status, verdict.message, verdict


def _question(place: Placement, known: Known, geocoder: Geocoder | None) -> dict[str, Any]:
    """Return what `Checker.check` is asked about the point, the site or the address of a project."""
    if place.precision is Precision.SITE:
        return {"site": place.site}
    if place.precision is Precision.POINT:
        return {"lon": place.lon, "lat": place.lat}
    address, code = address_asked(place, known)
    return {"address": address, "citycode": code, "geocoder": geocoder}


def address_asked(place: Placement, known: Known) -> tuple[str, str | None]:
    """Return the address of a place and the code of its commune; one whose code is not known is said in the address."""
    address, code = place.address or "", citycode(place, known)
    if code is None and place.commune is not None and fold(place.commune) not in fold(address):
        address = f"{address}, {place.commune}"
    return address, code


def held_by(verdict: Verdict, kinds: Collection[str] = (Kind.QPV,)) -> tuple[PerimeterMatch, ...]:
    """Return the perimeters of a verdict: all that hold more of the place than what may be left out of an answer."""
    least = verdict.evidence.thresholds.outside_max_share
    return tuple(one for one in verdict.perimeters if one.kind in kinds and (one.share_inside or 0.0) > least)


# ── Declared ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _declared(
    project: Project, basis: Precision, checker: Checker, known: Known
) -> tuple[Status | None, str, tuple[str, ...]]:
    """Return what the table alone says; the same conclusions as the sums."""
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
    """Tell whether a code is of a generation in force in a year where its département is; without a year, at present.

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


# ── Decided ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _decided(
    project: Project, checker: Checker, scheme: Scheme | None, day: date | None, verdict: Verdict | None
) -> tuple[SchemeDecision | None, str | None]:
    """Return what the scheme says, or why it is not asked."""
    if scheme is None:
        return None, None if project.scheme is None else msg.reports.unknown_scheme(project.scheme)
    if project.amount is not None and project.amount < 0:
        return None, msg.reports.REFUND
    amount = None if project.amount is None else float(project.amount)
    when = day or checker.check_options().day
    try:
        return decide_scheme(scheme, checker=checker, on=when, amount=amount, verdict=verdict), None
    except (InputError, MissingError) as error:
        return None, str(error)
