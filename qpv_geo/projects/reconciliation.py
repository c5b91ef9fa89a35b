"""Compare a table of projects with the programme that announced it, to the cent; every gap is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.projects.amounts import to_cents, to_euros, total
from qpv_geo.projects.neighbourhoods import citycode
from qpv_geo.projects.programmes import ProgrammeMeasure
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from qpv_geo.projects.model import Project, Projects
    from qpv_geo.projects.neighbourhoods import Known
    from qpv_geo.projects.programmes import Figure, Programme


class LeftOut(StrEnum):
    """Why a project of a table is not counted in a programme."""

    SCHEME = "scheme"
    SCHEME_NOT_STATED = "scheme_not_stated"
    YEAR = "year"
    COMMUNE = "commune"
    COMMUNE_NOT_STATED = "commune_not_stated"


@dataclass(frozen=True)
class Gap:
    """A figure announced, and what the table details of it.

    Attributes
    ----------
    found
        Euros, exact to the cent, or a number; None if the table cannot tell.
    gap
        Announced minus found; None if the table cannot tell. For a cap: what the largest amount leaves.
    unpublished
        Number of projects whose amount is not published: they are not 0, and a gap may be theirs.
    """

    figure: Figure
    found: Decimal | int | None
    gap: Decimal | int | None
    unpublished: int = 0

    @property
    def exact(self) -> bool:
        """Whether the table details all that was announced, or keeps to the cap, as far as its amounts tell."""
        if self.gap is None:
            return False
        return self.gap >= 0 if self.figure.measure is ProgrammeMeasure.CAP else not self.gap

    def to_dict(self) -> dict[str, Any]:
        """Return the gap as JSON; euros are text, exact to the cent."""
        found, gap = (one if one is None or isinstance(one, int) else str(one) for one in (self.found, self.gap))
        return {
            "figure": self.figure.id,
            "measure": self.figure.measure.value,
            "announced": self.figure.value,
            "found": found,
            "gap": gap,
            "exact": self.exact,
            "unpublished": self.unpublished,
            "message": msg.programmes.gap(self),
        }


@dataclass(frozen=True)
class Reconciliation:
    """A programme and what a table details of it.

    Attributes
    ----------
    table
        Name of the table; None if there is none.
    projects
        Ids of the projects counted in the programme.
    left_out
        Ids of the others, by reason.
    undated
        Ids of the projects counted although their year is not stated.
    amount
        Sum of the published amounts of the projects counted; None if there are some and none is published.
    """

    programme: Programme
    table: str | None
    projects: tuple[str, ...]
    left_out: dict[LeftOut, tuple[str, ...]]
    undated: tuple[str, ...]
    amount: Decimal | None
    gaps: tuple[Gap, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON."""
        return {
            "programme": self.programme.id,
            "label": self.programme.label,
            "table": self.table,
            "projects": list(self.projects),
            "left_out": {reason.value: list(ids) for reason, ids in self.left_out.items()},
            "undated": list(self.undated),
            "amount": None if self.amount is None else str(self.amount),
            "gaps": [one.to_dict() for one in self.gaps],
            "sources": [one.to_dict() for one in self.programme.sources],
        }


def reconcile(
    programme: Programme, projects: Projects | None, known: Known, *, every_row: bool = False
) -> Reconciliation:
    """Compare a table with a programme.

    A project is counted if its scheme is one of the programme's names, its year is one of its years or not stated, and
    its commune, by the table or by the neighbourhoods and codes it names, is the programme's.

    Parameters
    ----------
    projects
        The table; None if there is none: nothing is detailed.
    every_row
        Count projects whose scheme or commune is not stated: the user says that the table is of this programme.
    """
    listed = () if projects is None else projects.projects
    reasons = {one.id: _left_out(one, programme, known, every_row=every_row) for one in listed}
    counted = [one for one in listed if reasons[one.id] is None]
    left_out = {
        reason: ids for reason in LeftOut if (ids := tuple(key for key, why in reasons.items() if why is reason))
    }
    return Reconciliation(
        programme,
        None if projects is None else projects.name,
        tuple(one.id for one in counted),
        left_out,
        tuple(one.id for one in counted if one.year is None and programme.from_year is not None),
        total(one.amount for one in counted),
        tuple(_gap(figure, counted) for figure in programme.figures),
    )


def concerned(programmes: Sequence[Programme], projects: Projects, known: Known) -> tuple[Programme, ...]:
    """Return the programmes that count at least one project of a table."""
    return tuple(
        one
        for one in programmes
        if any(_left_out(project, one, known, every_row=False) is None for project in projects.projects)
    )


def _left_out(project: Project, programme: Programme, known: Known, *, every_row: bool) -> LeftOut | None:
    """Return why a project is not counted, or None if it is."""
    if project.scheme is None:
        if not every_row:
            return LeftOut.SCHEME_NOT_STATED
    elif fold(project.scheme) not in set(map(fold, programme.schemes)):
        return LeftOut.SCHEME
    first, last = programme.from_year, programme.to_year
    if project.year is not None and not (first or project.year) <= project.year <= (last or project.year):
        return LeftOut.YEAR
    communes = _communes(project, known)
    if communes is None:
        return None if every_row else LeftOut.COMMUNE_NOT_STATED
    return None if programme.commune in communes else LeftOut.COMMUNE


def _communes(project: Project, known: Known) -> frozenset[str] | None:
    """Return the communes that a project may be in, from what its table states; None if it states none."""
    place = project.placement
    stated = citycode(place.commune, known)
    if stated is not None:
        return frozenset({stated})
    if place.commune is not None:
        return frozenset({place.commune})
    found = known.communes_of(codes=place.codes, names=place.neighbourhoods)
    return frozenset().union(*found) if found else None


def _gap(figure: Figure, counted: Sequence[Project]) -> Gap:
    if figure.measure is ProgrammeMeasure.COUNT:
        return Gap(figure, len(counted), figure.value - len(counted))
    paid = [one.amount for one in counted]
    if figure.measure is ProgrammeMeasure.FUNDER:
        if counted and not any(one.funding for one in counted):
            return Gap(figure, None, None, sum(one is None for one in paid))
        paid = [amount for one in counted for amount in _paid_by(figure.funders, one)]
    unpublished = sum(one is None for one in paid)
    known = [to_cents(one) for one in paid if one is not None]
    if figure.measure is ProgrammeMeasure.CAP and not known:
        return Gap(figure, None, None, unpublished)
    cents = max(known) if figure.measure is ProgrammeMeasure.CAP else sum(known)
    return Gap(figure, to_euros(cents), to_euros(figure.value * 100 - cents), unpublished)


def _paid_by(funders: Sequence[str], project: Project) -> Iterator[Decimal | None]:
    """Yield what a funder, by its names, gives to a project; None if that is not published."""
    names = set(map(fold, funders))
    for one in project.funding:
        if fold(one.funder) in names:
            yield project.amount if one.amount is None and len(project.funding) == 1 else one.amount
