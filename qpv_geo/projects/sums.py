"""Sums of funded projects that reconcile: the lines add up to the total, to the cent, or an error is raised.

The amount of a project in several places is split by the parts in its table, else equally; the remaining cents are
given one by one in the order listed. Projects without a single place have their own line and are not split. Projects
that cannot be placed yet are "to review": neither inside nor outside. An unpublished amount is not 0: it is counted
apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.projects.amounts import share, to_cents, to_euros, total
from qpv_geo.projects.faults import ReconciliationError
from qpv_geo.projects.neighbourhoods import known_neighbourhoods
from qpv_geo.projects.places import OUTSIDE, UNCERTAIN, LineKind, PlaceGroup, Target, by_neighbourhood, by_qpv
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from qpv_geo.projects.model import Project, Projects
    from qpv_geo.projects.neighbourhoods import Known

    Codes = Mapping[str, str | Sequence[str]]

KEYS = ("neighbourhood", "qpv", "scheme", "year", "lead", "theme")
"""Keys to sum projects by."""


@dataclass(frozen=True)
class Line:
    """A line of a sum.

    Attributes
    ----------
    amount
        Euros; None if no amount of the line is published, which is not 0.
    projects
        Ids of the projects with a published amount, or a part of one, in this line.
    unpublished
        Ids of the projects whose amount is not published.
    """

    kind: LineKind
    label: str
    code: str | None
    amount: Decimal | None
    projects: tuple[str, ...]
    unpublished: tuple[str, ...]

    @property
    def count(self) -> int:
        """Return the number of projects, amount published or not; one in several places counts in several lines."""
        return len(self.projects) + len(self.unpublished)


@dataclass(frozen=True)
class Sums:
    """Sums by one of `KEYS`.

    Attributes
    ----------
    by
        One of `KEYS`.
    lines
        Groups first (years in order, others by amount, largest first), then the other kinds as `LineKind` orders them.
    total
        Sum of the published amounts, from the table itself; None if none is published, which is not 0.
    count
        Number of projects summed.
    unpublished
        Ids of the projects whose amount is not published.
    """

    by: str
    lines: tuple[Line, ...]
    total: Decimal | None
    count: int
    unpublished: tuple[str, ...]

    def check(self) -> None:
        """Check that the lines add up to the total, to the cent, and contain every project.

        Raises
        ------
        ReconciliationError
            They do not.
        """
        found = total(line.amount for line in self.lines)
        named = {project for line in self.lines for project in (*line.projects, *line.unpublished)}
        if found != self.total:
            raise ReconciliationError(msg.projects.does_not_reconcile(self.by, found, self.total))
        if len(named) != self.count:
            raise ReconciliationError(msg.projects.projects_lost(self.by, len(named), self.count))

    def to_dict(self) -> dict[str, Any]:
        """Return the sums as a JSON object; amounts are text, exact to the cent, and null if none is published."""
        lines = [
            {
                "kind": line.kind.value,
                "label": line.label,
                "code": line.code,
                "amount": None if line.amount is None else str(line.amount),
                "projects": list(line.projects),
                "unpublished": list(line.unpublished),
            }
            for line in self.lines
        ]
        beside = {"count": self.count, "unpublished": list(self.unpublished)}
        return {"by": self.by, "lines": lines, "total": None if self.total is None else str(self.total), **beside}


def sums(
    projects: Projects,
    by: str = "neighbourhood",
    *,
    codes: Codes | None = None,
    names: Mapping[str, str] | None = None,
    known: Known | None = None,
) -> Sums:
    """Sum the amounts of projects.

    Parameters
    ----------
    by
        One of `KEYS`: ``neighbourhood``, ``qpv``, ``scheme``, ``year``, ``lead``, ``theme``.
    codes
        For ``qpv``, answers by project id: one or several codes, `OUTSIDE` or `UNCERTAIN`. They override the table,
        except for a project without a single place. A point, a site or an address without an answer is "to review",
        unless the table names perimeters.
    names
        Labels of further perimeters, by code.
    known
        Neighbourhoods and perimeters by name; by default the shipped ones.

    Raises
    ------
    InputError
        An unknown key, or an answer that is invalid or for an unknown project.
    ReconciliationError
        The lines do not add up to the total.
    """
    if by not in KEYS:
        raise InputError(msg.projects.unknown_key(by, KEYS))
    answers = _answers(projects, codes or {})
    known = known or known_neighbourhoods()
    if names:
        known = replace(known, perimeters={**known.perimeters, **names})
    found = Sums(
        by,
        _lines(projects.projects, _targets(projects, by, answers, known), by),
        projects.total,
        len(projects.projects),
        projects.unpublished,
    )
    found.check()
    return found


def _answers(projects: Projects, codes: Codes) -> dict[str, tuple[str, ...]]:
    """Return the caller's answers as tuples; raise `InputError` for an invalid one."""
    strangers = codes.keys() - {project.id for project in projects.projects}
    if strangers:
        raise InputError(msg.projects.unknown_projects(sorted(strangers)))
    answers = {key: (answer,) if isinstance(answer, str) else tuple(answer) for key, answer in codes.items()}
    for key, answer in answers.items():
        if not all(answer) or not answer or (len(answer) > 1 and not {OUTSIDE, UNCERTAIN}.isdisjoint(answer)):
            raise InputError(msg.projects.bad_answer(key))
    return answers


def _targets(projects: Projects, by: str, answers: Mapping[str, tuple[str, ...]], known: Known) -> list[Target]:
    if by == "qpv":
        return [by_qpv(project, answers.get(project.id), known) for project in projects.projects]
    if by == "neighbourhood":
        return by_neighbourhood(projects.projects, known)
    return [Target((group,)) for group in _by_value([getattr(project, by) for project in projects.projects])]


def _by_value(values: Sequence[object]) -> list[PlaceGroup]:
    """Return the group of each value; texts that differ only by case, accents or punctuation are the same."""
    keys = [fold(str(value)) or str(value) for value in values]
    labels: dict[str, str] = {}
    for key, value in zip(keys, values, strict=True):
        labels[key] = min(str(value), labels.get(key, str(value)))
    return [
        PlaceGroup(LineKind.NOT_STATED, msg.projects.NOT_STATED)
        if value is None
        else PlaceGroup(LineKind.GROUP, labels[key])
        for value, key in zip(values, keys, strict=True)
    ]


def _lines(projects: Iterable[Project], targets: Iterable[Target], by: str) -> tuple[Line, ...]:
    cents: dict[PlaceGroup, int] = {}
    paid: dict[PlaceGroup, list[str]] = {}
    unpublished: dict[PlaceGroup, list[str]] = {}
    for project, target in zip(projects, targets, strict=True):
        groups = dict.fromkeys(target.groups)
        if project.amount is None:
            for group in groups:
                unpublished.setdefault(group, []).append(project.id)
            continue
        for group in groups:
            paid.setdefault(group, []).append(project.id)
        weights = target.parts or (1,) * len(target.groups)
        for group, part in zip(target.groups, share(to_cents(project.amount), weights), strict=True):
            cents[group] = cents.get(group, 0) + part
    lines = [
        Line(
            group.kind,
            group.label,
            group.code,
            to_euros(cents[group]) if group in cents else None,
            tuple(paid.get(group, ())),
            tuple(unpublished.get(group, ())),
        )
        for group in {**paid, **unpublished}
    ]
    return tuple(sorted(lines, key=lambda line: _options(line, by)))


def _options(line: Line, by: str) -> tuple[Any, ...]:
    largest_first = 0 if by == "year" or line.amount is None else -to_cents(line.amount)
    return (
        list(LineKind).index(line.kind),
        line.amount is None and by != "year",
        largest_first,
        line.label,
        line.code or "",
    )
