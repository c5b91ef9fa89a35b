"""The keys to sum projects by: what each puts on which line. A new key is one entry of `KEYS`, and a word in messages.

A key gives each project its lines (`qpv_geo.projects.places.Target`); sums, maps and files need nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.projects.amounts import to_cents
from qpv_geo.projects.places import LineKind, PlaceGroup, Target, by_commune, by_neighbourhood, by_qpv, in_followed
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from qpv_geo.projects.model import Project
    from qpv_geo.projects.neighbourhoods import Known


@dataclass(frozen=True)
class Stated:
    """What is known of the places of a table beside its cells.

    Attributes
    ----------
    answers
        Codes, `OUTSIDE` or `UNCERTAIN`, by project id.
    known
        Neighbourhoods and perimeters by name.
    """

    answers: Mapping[str, tuple[str, ...]]
    known: Known


@dataclass(frozen=True)
class Key:
    """A key to sum projects by.

    Attributes
    ----------
    targets
        Gives the lines of each project, in their order.
    in_order
        Whether lines are ordered by label (years) and not by amount.
    on_perimeters
        Whether the codes of lines are those of perimeters, so that a line can be drawn.
    """

    targets: Callable[[Sequence[Project], Stated], list[Target]]
    in_order: bool = False
    on_perimeters: bool = False


def _by_qpv(projects: Sequence[Project], stated: Stated) -> list[Target]:
    return [by_qpv(project, stated.answers.get(project.id), stated.known) for project in projects]


def _by_followed(projects: Sequence[Project], stated: Stated) -> list[Target]:
    """Return the followed quartiers of each project: those of its QPV, of whatever generation."""
    return [in_followed(target, stated.known) for target in _by_qpv(projects, stated)]


def _by_scheme(projects: Sequence[Project], _: Stated) -> list[Target]:
    return _by_value([project.scheme for project in projects])


def _by_year(projects: Sequence[Project], _: Stated) -> list[Target]:
    return _by_value([project.year for project in projects])


def _by_lead(projects: Sequence[Project], _: Stated) -> list[Target]:
    return _by_value([project.lead for project in projects])


def _by_theme(projects: Sequence[Project], _: Stated) -> list[Target]:
    """Return the themes of each project, with their weights."""
    groups = _groups(theme for project in projects for theme in project.themes)
    return [
        Target(tuple(groups[theme] for theme in project.themes) or (_NOT_STATED,), project.theme_parts)
        for project in projects
    ]


def _by_funder(projects: Sequence[Project], _: Stated) -> list[Target]:
    """Return the funders of each project, with what each gives; what nobody is said to give is not stated.

    Nothing is shared between funders whose parts are not published.
    """
    groups = _groups(one.funder for project in projects for one in project.funding)
    return [_funders(project, groups) for project in projects]


def _funders(project: Project, groups: Mapping[str, PlaceGroup]) -> Target:
    funding = project.funding
    if not funding or project.amount is None:
        return Target(tuple(groups[one.funder] for one in funding) or (_NOT_STATED,))
    cents = tuple(None if one.amount is None else to_cents(one.amount) for one in funding)
    left = to_cents(project.amount) - sum(one for one in cents if one is not None)
    if len(funding) == 1 and cents[0] is None:
        return Target((groups[funding[0].funder],))
    if all(one is None for one in cents):
        return Target((PlaceGroup(LineKind.NONE, msg.projects.SEVERAL_FUNDERS),))
    rest = (_NOT_STATED,) if left else ()
    return Target((*(groups[one.funder] for one in funding), *rest), cents=(*cents, *((left,) if left else ())))


KEYS: Mapping[str, Key] = MappingProxyType(
    {
        "quartier": Key(lambda projects, stated: by_neighbourhood(projects, stated.known), on_perimeters=True),
        "qpv": Key(_by_qpv, on_perimeters=True),
        "quartier-suivi": Key(_by_followed, on_perimeters=True),
        "scheme": Key(_by_scheme),
        "year": Key(_by_year, in_order=True),
        "lead": Key(_by_lead),
        "theme": Key(_by_theme),
        "funder": Key(_by_funder),
        "commune": Key(lambda projects, stated: by_commune(projects, stated.answers, stated.known)),
    }
)
"""Keys to sum projects by."""

_NOT_STATED = PlaceGroup(LineKind.NOT_STATED, msg.projects.NOT_STATED)


def _by_value(values: Sequence[object]) -> list[Target]:
    groups = _groups(str(value) for value in values if value is not None)
    return [Target((_NOT_STATED if value is None else groups[str(value)],)) for value in values]


def _groups(values: Iterable[str]) -> dict[str, PlaceGroup]:
    """Return the group of each value; texts that differ only by case, accents or punctuation are the same."""
    keys = {value: fold(value) or value for value in values}
    labels: dict[str, str] = {}
    for value, key in keys.items():
        labels[key] = min(value, labels.get(key, value))
    return {value: PlaceGroup(LineKind.GROUP, labels[key]) for value, key in keys.items()}
