"""Assign projects to the lines of a sum by place, only from what the table or the caller states."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.model import Kind
from qpv_geo.projects.model import Precision
from qpv_geo.projects.neighbourhoods import codes_in_force, without_article

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from fractions import Fraction

    from qpv_geo.projects.model import Placement, Project
    from qpv_geo.projects.neighbourhoods import Known

OUTSIDE = "outside"
UNCERTAIN = "uncertain"
"""Answers of a caller instead of codes: for a project in no QPV, and for an uncertain one."""


class LineKind(StrEnum):
    """Projects that a line of a sum contains, in the order of the lines.

    ==============  ===============================================================================================
    ``group``       those with the value in the label: a neighbourhood, a QPV, a scheme...
    ``outside``     by QPV only: those certainly in none
    ``none``        those without a single place: "all QPV"
    ``not_stated``  those whose value is not in the table
    ``to_review``   those that cannot be placed yet: an unchecked point, site or address, an uncertain verdict, a
                    neighbourhood whose QPV is not known
    ==============  ===============================================================================================
    """

    GROUP = "group"
    OUTSIDE = "outside"
    NONE = "none"
    NOT_STATED = "not_stated"
    TO_REVIEW = "to_review"


@dataclass(frozen=True)
class PlaceGroup:
    """The group of a line; `code` is set if it is a perimeter."""

    kind: LineKind
    label: str
    code: str | None = None


@dataclass(frozen=True)
class Target:
    """The lines of a project, with their weights; empty `parts` mean equal weights."""

    groups: tuple[PlaceGroup, ...]
    parts: tuple[Fraction, ...] = ()


_NO_SINGLE_PLACE = Target((PlaceGroup(LineKind.NONE, msg.projects.NO_SINGLE_PLACE),))
_OUTSIDE = PlaceGroup(LineKind.OUTSIDE, msg.projects.OUTSIDE)
_OUTSIDE_ZONE = PlaceGroup(LineKind.OUTSIDE, msg.projects.OUTSIDE_ZONE)
_TO_REVIEW = PlaceGroup(LineKind.TO_REVIEW, msg.projects.TO_REVIEW)
_ANSWERS = {OUTSIDE: (_OUTSIDE,), UNCERTAIN: (_TO_REVIEW,)}
_TO_CHECK = {Precision.SITE, Precision.POINT, Precision.ADDRESS}
"""Precisions for which only an eligibility check can give the QPV."""


def by_qpv(project: Project, answer: tuple[str, ...] | None, known: Known) -> Target:
    """Return the lines of a project in a sum by QPV.

    Parameters
    ----------
    answer
        Answer of the caller: codes, `OUTSIDE` or `UNCERTAIN`; None if it has none.
    known
        Neighbourhoods and perimeters by name.
    """
    place = project.placement
    if place.everywhere is not None:
        return _NO_SINGLE_PLACE
    if answer is not None:
        return Target(_ANSWERS.get(answer[0]) or _perimeters(answer, known))
    if place.codes:
        return Target(_perimeters(place.codes, known), place.parts)
    if place.precision in _TO_CHECK:
        return Target((_TO_REVIEW,))
    if place.neighbourhoods:
        groups = [_qpv_of(name, place.commune, project.year, known) for name in place.neighbourhoods]
        return Target(tuple(groups), place.parts)
    return Target((PlaceGroup(LineKind.NOT_STATED, msg.projects.PLACE_NOT_STATED),))


def by_neighbourhood(projects: Sequence[Project], known: Known) -> list[Target]:
    """Return the neighbourhoods of each project, one spelling each, or its perimeters if it names only those.

    A neighbourhood with the name of a perimeter used elsewhere in the table is that perimeter.
    """
    places = [project.placement for project in projects]
    coded = {code for place in places if not place.neighbourhoods for code in place.codes}
    spelling = _Spelling(places, known)
    return [_neighbourhoods(project, spelling, coded, known) for project in projects]


def _neighbourhoods(project: Project, spelling: _Spelling, coded: Collection[str], known: Known) -> Target:
    place = project.placement
    if place.everywhere is not None:
        return _NO_SINGLE_PLACE
    if place.neighbourhoods:
        groups = [
            _coded(name, project, coded, known) or PlaceGroup(LineKind.GROUP, spelling.of(name, place.commune))
            for name in place.neighbourhoods
        ]
        return Target(tuple(groups), place.parts)
    if place.codes:
        return Target(_perimeters(place.codes, known), place.parts)
    return Target((PlaceGroup(LineKind.NOT_STATED, msg.projects.NEIGHBOURHOOD_NOT_STATED),))


def _coded(name: str, project: Project, coded: Collection[str], known: Known) -> PlaceGroup | None:
    """Return the perimeter with exactly that name, if it is in `coded`."""
    found = known.find(name, project.placement.commune)
    if found is None:
        return None
    codes = [one for one in codes_in_force(found, project.year) if one in coded]
    if len(codes) != 1 or without_article(known.perimeters.get(codes[0], "")) != without_article(name):
        return None
    return _perimeters(codes, known)[0]


def _perimeters(codes: Sequence[str], known: Known) -> tuple[PlaceGroup, ...]:
    return tuple(PlaceGroup(LineKind.GROUP, known.perimeters.get(code, code), code) for code in codes)


def _qpv_of(name: str, commune: str | None, year: int | None, known: Known) -> PlaceGroup:
    """Return the QPV of a neighbourhood in a year; to review unless there is exactly one."""
    found = known.find(name, commune)
    if found is None:
        return _TO_REVIEW
    if found.kind == Kind.MUNICIPAL_ZONE:
        return _OUTSIDE_ZONE
    codes = codes_in_force(found, year)
    return _perimeters(codes, known)[0] if len(codes) == 1 else _TO_REVIEW


class _Spelling:
    """One spelling for each neighbourhood of a table, with its commune if the table names several."""

    def __init__(self, places: Sequence[Placement], known: Known) -> None:
        self._known = known
        communes = {self._commune(place.commune) for place in places if place.commune is not None}
        self._several = len(communes) > 1
        self._spellings: dict[tuple[str, str], str] = {}
        for place in places:
            for name in place.neighbourhoods:
                key = self._key(name, place.commune)
                self._spellings[key] = min(name, self._spellings.get(key, name))

    def of(self, name: str, commune: str | None) -> str:
        known = self._known.find(name, commune)
        spelling = known.name if known else self._spellings[self._key(name, commune)]
        return f"{spelling} ({self._commune(commune)})" if self._several and commune is not None else spelling

    def _key(self, name: str, commune: str | None) -> tuple[str, str]:
        return without_article(name), self._commune(commune) if self._several and commune is not None else ""

    def _commune(self, commune: str) -> str:
        return self._known.commune_code(commune)
