"""Assign projects to the lines of a sum by place, only from what the table or the caller states."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.model import Kind
from qpv_geo.projects.amounts import share
from qpv_geo.projects.model import Precision
from qpv_geo.projects.neighbourhoods import Neighbourhood, codes_in_force, without_article

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from qpv_geo.projects.model import Placement, Project
    from qpv_geo.projects.neighbourhoods import Known

OUTSIDE = "outside"
UNCERTAIN = "uncertain"
"""Answers of a caller instead of codes: for a project in no QPV, and for an uncertain one."""

_WITH_CODE = re.compile(r"(.+?)\s*\(\s*(Q[NP][0-9AB]{3}[0-9]{2}[0-9A-Z])\s*\)", re.IGNORECASE)


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
    """The group of a line; `code` is set if it is a perimeter or a commune."""

    kind: LineKind
    label: str
    code: str | None = None


@dataclass(frozen=True)
class Target:
    """The lines of a project, with their weights; empty `parts` mean equal weights.

    Attributes
    ----------
    cents
        Amounts of the lines where these are stated, None for one that is not published; they add up to the amount.
    """

    groups: tuple[PlaceGroup, ...]
    parts: tuple[Fraction, ...] = ()
    cents: tuple[int | None, ...] = ()

    def split(self, cents: int | None) -> list[tuple[PlaceGroup, int | None]]:
        """Return the part of an amount on each line, None where it is not published; the others add up to it."""
        if cents is None:
            return [(group, None) for group in self.groups]
        if len(self.groups) == 1:
            return [(self.groups[0], cents)]
        parts = self.cents or share(cents, self.parts or (1,) * len(self.groups))
        return list(zip(self.groups, parts, strict=True))


_NO_SINGLE_PLACE = Target((PlaceGroup(LineKind.NONE, msg.projects.NO_SINGLE_PLACE),))
_NO_PLACE = Target((PlaceGroup(LineKind.NOT_STATED, msg.projects.NO_PLACE),))
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
    return _NO_PLACE


def in_followed(target: Target, known: Known) -> Target:
    """Return the lines of a sum by QPV as those of quartiers followed across the redraw; the other lines stay."""
    return replace(target, groups=tuple(_followed_group(group, known) for group in target.groups))


def _followed_group(group: PlaceGroup, known: Known) -> PlaceGroup:
    if group.kind is not LineKind.GROUP or group.code is None:
        return group
    followed = known.correspondence.followed(group.code)
    return replace(group, label=followed.name if followed.known else group.label, code=followed.code)


def name_and_code(name: str) -> tuple[str, str | None]:
    """Return the name of a neighbourhood and the code written after it, as in ``Bel Air (QN08603M)``, if any."""
    found = _WITH_CODE.fullmatch(name)
    return (name, None) if found is None else (found[1], found[2].upper())


def _perimeters(codes: Sequence[str], known: Known) -> tuple[PlaceGroup, ...]:
    return tuple(PlaceGroup(LineKind.GROUP, known.perimeters.get(code, code), code) for code in codes)


def _qpv_of(name: str, commune: str | None, year: int | None, known: Known) -> PlaceGroup:
    """Return the QPV of a neighbourhood in a year; to review unless there is exactly one."""
    name, code = name_and_code(name)
    if code is not None:
        return _perimeters((code,), known)[0]
    found = known.find(name, commune)
    if found is None:
        return _TO_REVIEW
    if found.kind == Kind.MUNICIPAL_ZONE:
        return _OUTSIDE_ZONE
    codes = codes_in_force(found, year)
    return _perimeters(codes, known)[0] if len(codes) == 1 else _TO_REVIEW


# ── By neighbourhood ───────────────────────────────────────────────────────────────────────────────────────────────


def by_neighbourhood(projects: Sequence[Project], known: Known) -> list[Target]:
    """Return the neighbourhoods of each project, or the perimeters it names.

    A perimeter and a neighbourhood of its name are one, whichever of the two a project gives, and in every generation;
    its line has a code if all of its projects are in one perimeter.
    """
    table = _Neighbourhoods(projects, known)
    return [table.of(project) for project in projects]


_Place = Neighbourhood | tuple[str, str]
"""A known neighbourhood, or the folded name and the commune of another, or a code and nothing."""


class _Neighbourhoods:
    """The neighbourhoods that a table names, each under one spelling and, where two have it, with its commune."""

    def __init__(self, projects: Sequence[Project], known: Known) -> None:
        self._known = known
        places = [project.placement for project in projects]
        communes = {known.commune_code(place.commune) for place in places if place.commune is not None}
        self._several = len(communes) > 1
        self._spellings: dict[_Place, str] = {}
        codes: defaultdict[_Place, set[str | None]] = defaultdict(set)
        for project in projects:
            for name, code in _named(project.placement):
                place = self._place(name, code, project.placement)
                self._spellings[place] = min(name, self._spellings.get(place, name))
                codes[place] |= self._codes(place, code, project.year)
        shared = Counter(self._label(place) for place in self._spellings)
        self._groups = {
            place: PlaceGroup(
                LineKind.GROUP,
                self._label(place) if shared[self._label(place)] == 1 else self._with_commune(place),
                next(iter(codes[place])) if len(codes[place]) == 1 else None,
            )
            for place in self._spellings
        }

    def of(self, project: Project) -> Target:
        """Return the lines of a project."""
        place = project.placement
        if place.everywhere is not None:
            return _NO_SINGLE_PLACE
        groups = tuple(self._groups[self._place(name, code, place)] for name, code in _named(place))
        if groups:
            return Target(groups, place.parts)
        if place.precision is Precision.NOT_STATED:
            return _NO_PLACE
        return Target((PlaceGroup(LineKind.NOT_STATED, msg.projects.NEIGHBOURHOOD_NOT_STATED),))

    def _place(self, name: str, code: str | None, stated: Placement) -> _Place:
        known = self._known.find(name, stated.commune) if code is None else self._known.of_code(code)
        if known is not None:
            return known
        if code is not None:
            return code, ""
        commune = self._known.commune_code(stated.commune) if self._several and stated.commune is not None else ""
        return without_article(name), commune

    def _codes(self, place: _Place, code: str | None, year: int | None) -> set[str | None]:
        """Return the code of a name in a year; None if it is not that of a single perimeter."""
        if code is not None:
            return {code}
        if not isinstance(place, Neighbourhood):
            return {None}
        codes = codes_in_force(place, year)
        return {codes[0] if len(codes) == 1 and self._known.of_code(codes[0]) == place else None}

    def _label(self, place: _Place) -> str:
        return place.name if isinstance(place, Neighbourhood) else self._spellings[place]

    def _with_commune(self, place: _Place) -> str:
        communes = place.communes if isinstance(place, Neighbourhood) else (place[1],)
        named = ", ".join(map(commune_name, filter(None, communes)))
        return f"{self._label(place)} ({named})" if named else self._label(place)


def _named(place: Placement) -> list[tuple[str, str | None]]:
    """Return the names of a project, each with its code if that is written; without names, its codes."""
    if place.neighbourhoods:
        return [name_and_code(name) for name in place.neighbourhoods]
    return [(code, code) for code in place.codes] if place.everywhere is None else []


# ── By commune ─────────────────────────────────────────────────────────────────────────────────────────────────────


def by_commune(projects: Sequence[Project], answers: Mapping[str, tuple[str, ...]], known: Known) -> list[Target]:
    """Return the commune of each project: that of the table, else that of its perimeters or neighbourhoods.

    A project whose places are in several communes has no single one.
    """
    return [_commune(project, answers.get(project.id, ()), known) for project in projects]


def commune_name(code: str) -> str:
    """Return the name of a commune; `code` itself if it is not an INSEE code."""
    found = gazetteer().commune(code)
    return code if found is None else found.name


def _commune(project: Project, answer: tuple[str, ...], known: Known) -> Target:
    place = project.placement
    if place.commune is not None:
        return Target((_commune_group(known.commune_code(place.commune), place.commune),))
    named = [name_and_code(name) for name in place.neighbourhoods]
    codes = [*(answer or place.codes), *(code for _, code in named if code is not None)]
    found = known.communes_of(codes=codes, names=[name for name, code in named if code is None])
    communes = frozenset().union(*found)
    if not communes:
        return Target((PlaceGroup(LineKind.NOT_STATED, msg.projects.NOT_STATED),))
    if len(communes) > 1:
        return Target((PlaceGroup(LineKind.NONE, msg.projects.SEVERAL_COMMUNES),))
    (code,) = communes
    return Target((_commune_group(code, code),))


def _commune_group(code: str, written: str) -> PlaceGroup:
    found = gazetteer().commune(code)
    if found is None:
        return PlaceGroup(LineKind.GROUP, without_article(written).upper() or written)
    return PlaceGroup(LineKind.GROUP, found.name, found.code)
