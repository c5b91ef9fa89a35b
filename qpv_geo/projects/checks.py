"""Check the place of each funded project and evaluate its scheme.

A project with a point, a site or an address gets a verdict. A project placed by perimeter or neighbourhood gets none:
the statement of its table is reported as such. Schemes are evaluated on the verdict; without one they can only be "not
eligible" by the date or the amount, or "to review".

Maps, reports, the command line and the service all use it: one place decides what is to review.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypedDict

from qpv_geo import messages as msg
from qpv_geo.errors import InputError, MissingError, QpvGeoError
from qpv_geo.model import Kind, Status
from qpv_geo.projects import OUTSIDE, UNCERTAIN, Precision
from qpv_geo.projects.declared import declared
from qpv_geo.projects.named_schemes import NamedScheme, SchemeNames, course_of
from qpv_geo.projects.neighbourhoods import known_neighbourhoods
from qpv_geo.projects.verdicts import CHECKED, PlaceVerdicts, place_question
from qpv_geo.schemes.evaluate import decide_amount
from qpv_geo.schemes.places import at_place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.protocol import Geocoder
    from qpv_geo.model import PerimeterMatch, Verdict
    from qpv_geo.perimeters.catalogue import Catalogue
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects import Placement, Project, Projects
    from qpv_geo.projects.named_schemes import Course
    from qpv_geo.projects.neighbourhoods import Known
    from qpv_geo.projects.verdicts import Checked, ProjectPlace
    from qpv_geo.schemes.model import Scheme, SchemeDecision
    from qpv_geo.schemes.places import SchemePlace


class Answers(TypedDict):
    """Keyword arguments of `qpv_geo.projects.sums` made from verdicts."""

    codes: dict[str, str | tuple[str, ...]]
    names: dict[str, str]


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
    error
        Why the place could not be checked; None if it was, or is only declared.
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
    error: QpvGeoError | None = None

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
    known = known_at_hand(checker.catalogue)
    names, places = SchemeNames(schemes, known, checker), PlaceVerdicts(checker, geocoder=geocoder)
    asked: list[tuple[NamedScheme, date | None, ProjectPlace | None]] = []
    for project in projects.projects:
        named = names.of(project) if scheme is None else NamedScheme(scheme)
        when = day or _day(project, named.scheme)
        question = place_question(project.placement, known, when) if is_checked(project.placement) else None
        asked.append((named, when, question))
    verdicts = places.of(one for _, _, one in asked if one is not None)
    for k, (project, (_, when, question)) in enumerate(zip(projects.projects, asked, strict=True)):
        verdict = None if question is None else verdicts[question]
        if scheme is None and question is not None and not isinstance(verdict, QpvGeoError):
            named = names.of(project, verdict)  # where the place was found may tell which scheme, hence the date
            then = day or _day(project, named.scheme)
            asked[k] = named, then, question if then == when else replace(question, day=then)
    verdicts = places.of(one for _, _, one in asked if one is not None)
    assessing = _Assessing(checker, known)
    return tuple(
        assessing.of(project, named, when, None if question is None else verdicts[question])
        for project, (named, when, question) in zip(projects.projects, asked, strict=True)
    )


def is_checked(place: Placement) -> bool:
    """Tell whether the place of a project can be checked: it has a site, a point or an address."""
    return place.everywhere is None and place.precision in CHECKED


def known_at_hand(catalogue: Catalogue) -> Known:
    """Return the neighbourhoods and perimeters of every available generation, by name.

    Raises
    ------
    IntegrityError
        The hash of a set differs from the recorded one.
    """
    return known_neighbourhoods(perimeters_at_hand(catalogue), catalogue.correspondence)


def perimeters_at_hand(catalogue: Catalogue) -> tuple[PerimeterSet, ...]:
    """Return the available perimeters of every generation, set by set.

    Raises
    ------
    IntegrityError
        The hash of a set differs from the recorded one.
    """
    entries = [entry for one in catalogue.registry.generations for entry in catalogue.answering(one)]
    return tuple(catalogue.load(entry) for entry in entries)


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


class _Assessing:
    """Assesses projects; what many of them share is worked out once."""

    def __init__(self, checker: Checker, known: Known) -> None:
        self._checker, self._known = checker, known
        self._declared: dict[tuple[Any, ...], tuple[Status | None, str, tuple[str, ...]]] = {}
        self._tested: dict[tuple[str, date, int], SchemePlace | InputError | MissingError] = {}

    def of(self, project: Project, named: NamedScheme, day: date | None, checked: Checked | None) -> Assessment:
        """Assess a project; `checked` is the verdict on its place, or the error, and None if it is only declared."""
        place = project.placement
        basis = Precision.EVERYWHERE if place.everywhere is not None else place.precision
        verdict = None if isinstance(checked, QpvGeoError) else checked
        status: Status | None
        if verdict is not None:
            status, message = verdict.status, verdict.message
            codes = tuple(one.code for one in held_by(verdict)) if status is Status.INSIDE else ()
        elif checked is not None:
            status, message, codes = Status.UNCERTAIN, msg.reports.not_checked(str(checked)), ()
        else:
            key = place.codes, place.neighbourhoods, place.commune, place.everywhere, project.year
            if key not in self._declared:
                self._declared[key] = declared(
                    project, basis, self._checker.catalogue.registry.generations, self._known
                )
            status, message, codes = self._declared[key]
        decision, undecided = self._decided(project, named, day, verdict)
        course = None if named.scheme is None else course_of([one.id for one in named.scheme.steps], project.steps)
        recognised = named.text if named.scheme is not None else None
        error = checked if isinstance(checked, QpvGeoError) else None
        return Assessment(
            project, basis, status, message, codes, verdict, decision, undecided, recognised, course, error
        )

    def _decided(
        self, project: Project, named: NamedScheme, day: date | None, verdict: Verdict | None
    ) -> tuple[SchemeDecision | None, str | None]:
        """Return the decision of the scheme, or why it was not evaluated."""
        scheme = named.scheme
        if scheme is None:
            return None, named.text
        if project.amount is not None and project.amount < 0:
            return None, msg.reports.REFUND
        when = day or self._checker.check_options().day
        key = scheme.id, when, id(verdict)  # verdicts live as long as the assessments
        if key not in self._tested:
            self._tested[key] = self._test(scheme, when, verdict)
        tested = self._tested[key]
        if isinstance(tested, QpvGeoError):
            return None, str(tested)
        return decide_amount(tested, None if project.amount is None else float(project.amount)), None

    def _test(self, scheme: Scheme, day: date, verdict: Verdict | None) -> SchemePlace | InputError | MissingError:
        try:
            return at_place(scheme, self._checker, day, verdict=verdict)
        except (InputError, MissingError) as error:
            return error


def held_by(verdict: Verdict, kinds: Collection[str] = (Kind.QPV,)) -> tuple[PerimeterMatch, ...]:
    """Return the perimeters of a verdict that contain more than ``outside_max_share`` of the place."""
    least = verdict.evidence.thresholds.outside_max_share
    return tuple(one for one in verdict.perimeters if one.kind in kinds and (one.share_inside or 0.0) > least)
