"""Which lines of a sum by place a project is in; no more is concluded than its table, or its caller, says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from qpv_geo.model import Kind
from qpv_geo.projects.model import Precision
from qpv_geo.projects.neighbourhoods import codes_in_force, known_neighbourhoods, without_article
from qpv_geo.texts import projects as say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from qpv_geo.projects.model import Placement, Project

OUTSIDE = "outside"
UNCERTAIN = "uncertain"
"""What a caller answers, in place of codes, for a project that is in no QPV, and for one nobody can be sure of."""


class LineKind(StrEnum):
    """What a line of a sum gathers, in the order of the lines.

    ==============  ===============================================================================================
    ``group``       what has the value that the label tells: a neighbourhood, a QPV, a scheme...
    ``outside``     by QPV only: what is surely in none
    ``none``        what has no single place: "all QPV"
    ``not_stated``  what the table says nothing of
    ``to_review``   what cannot be placed yet: a point, a site or an address that nobody has checked, an uncertain
                    verdict, a neighbourhood whose QPV is not known
    ==============  ===============================================================================================
    """

    GROUP = "group"
    OUTSIDE = "outside"
    NONE = "none"
    NOT_STATED = "not_stated"
    TO_REVIEW = "to_review"


@dataclass(frozen=True)
class Group:
    """What a line is about; `code` is that of the perimeter, where it is one."""

    kind: LineKind
    label: str
    code: str | None = None


@dataclass(frozen=True)
class Target:
    """The lines a project is in, and the weight of each; empty `parts` are equal ones."""

    groups: tuple[Group, ...]
    parts: tuple[Fraction, ...] = ()


_NO_SINGLE_PLACE = Target((Group(LineKind.NONE, say.NO_SINGLE_PLACE),))
_OUTSIDE = Group(LineKind.OUTSIDE, say.OUTSIDE)
_OUTSIDE_ZONE = Group(LineKind.OUTSIDE, say.OUTSIDE_ZONE)
_TO_REVIEW = Group(LineKind.TO_REVIEW, say.TO_REVIEW)
_ANSWERS = {OUTSIDE: (_OUTSIDE,), UNCERTAIN: (_TO_REVIEW,)}
_TO_CHECK = {Precision.SITE, Precision.POINT, Precision.ADDRESS}
"""Places that only eligibility can tell the QPV of."""


def by_qpv(project: Project, answer: tuple[str, ...] | None, labels: Mapping[str, str]) -> Target:
    """Return the QPV of a project.

    Parameters
    ----------
    answer
        What the caller knows: codes, `OUTSIDE` or `UNCERTAIN`; None where it knows nothing.
    labels
        Labels of perimeters, by code.
    """
    place = project.placement
    if place.everywhere is not None:
        return _NO_SINGLE_PLACE
    if answer is not None:
        return Target(_ANSWERS.get(answer[0]) or _perimeters(answer, labels))
    if place.codes:
        return Target(_perimeters(place.codes, labels), place.parts)
    if place.precision in _TO_CHECK:
        return Target((_TO_REVIEW,))
    if place.neighbourhoods:
        groups = [_qpv_of(name, place.commune, project.year, labels) for name in place.neighbourhoods]
        return Target(tuple(groups), place.parts)
    return Target((Group(LineKind.NOT_STATED, say.PLACE_NOT_STATED),))


def by_neighbourhood(projects: Sequence[Project], labels: Mapping[str, str]) -> list[Target]:
    """Return the neighbourhoods of each project, under one spelling; where it names perimeters only, these."""
    spelling = _Spelling([project.placement for project in projects])
    return [_neighbourhoods(project.placement, spelling, labels) for project in projects]


def _neighbourhoods(place: Placement, spelling: _Spelling, labels: Mapping[str, str]) -> Target:
    if place.everywhere is not None:
        return _NO_SINGLE_PLACE
    if place.neighbourhoods:
        groups = [Group(LineKind.GROUP, spelling.of(name, place.commune)) for name in place.neighbourhoods]
        return Target(tuple(groups), place.parts)
    if place.codes:
        return Target(_perimeters(place.codes, labels), place.parts)
    return Target((Group(LineKind.NOT_STATED, say.NEIGHBOURHOOD_NOT_STATED),))


def _perimeters(codes: Sequence[str], labels: Mapping[str, str]) -> tuple[Group, ...]:
    return tuple(Group(LineKind.GROUP, labels.get(code, code), code) for code in codes)


def _qpv_of(name: str, commune: str | None, year: int | None, labels: Mapping[str, str]) -> Group:
    """Return the QPV of a neighbourhood in a year; to review where that is not known, or is not one."""
    found = known_neighbourhoods().find(name, commune)
    if found is None:
        return _TO_REVIEW
    if found.kind == Kind.MUNICIPAL_ZONE:
        return _OUTSIDE_ZONE
    codes = codes_in_force(found, year)
    return _perimeters(codes, labels)[0] if len(codes) == 1 else _TO_REVIEW


class _Spelling:
    """One spelling for each neighbourhood of a table; with its commune where the table names several."""

    def __init__(self, places: Sequence[Placement]) -> None:
        communes = {self._commune(place.commune) for place in places if place.commune is not None}
        self._several = len(communes) > 1
        self._spellings: dict[tuple[str, str], str] = {}
        for place in places:
            for name in place.neighbourhoods:
                key = self._key(name, place.commune)
                self._spellings[key] = min(name, self._spellings.get(key, name))

    def of(self, name: str, commune: str | None) -> str:
        known = known_neighbourhoods().find(name, commune)
        spelling = known.name if known else self._spellings[self._key(name, commune)]
        return f"{spelling} ({self._commune(commune)})" if self._several and commune is not None else spelling

    def _key(self, name: str, commune: str | None) -> tuple[str, str]:
        return without_article(name), self._commune(commune) if self._several and commune is not None else ""

    def _commune(self, commune: str) -> str:
        return known_neighbourhoods().commune_code(commune)
