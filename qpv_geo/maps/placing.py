"""Decide which projects are drawn at their position, grouped on a perimeter, or left without a mark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from qpv_geo.projects import sums
from qpv_geo.projects.amounts import to_cents, to_euros, total
from qpv_geo.projects.neighbourhoods import known_neighbourhoods
from qpv_geo.projects.places import by_qpv

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects import Project, Projects, Sums
    from qpv_geo.projects.judged import Judged
    from qpv_geo.projects.neighbourhoods import Known
    from qpv_geo.projects.sums import Line

    Answers = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Part:
    """A project, or the part of a split project that goes to one place; euros, None if not published."""

    project: Project
    amount: Decimal | None


class PlacedPart(NamedTuple):
    """A perimeter of a project, or why it has none (`code` is None then), and its amount there."""

    code: str | None
    label: str
    amount: Decimal | None


@dataclass(frozen=True)
class Gathering:
    """Projects grouped on one perimeter, or by one reason for having no mark.

    `code` is that of the perimeter, None without a mark.
    """

    label: str
    code: str | None
    parts: tuple[Part, ...]

    @property
    def amount(self) -> Decimal | None:
        """Return the sum of the published amounts, euros."""
        return total(part.amount for part in self.parts)


@dataclass(frozen=True)
class Placing:
    """Where every project of a table goes on a map.

    Attributes
    ----------
    located
        Projects with a position.
    gathered
        Other projects by perimeter of the map, in map order.
    elsewhere
        Projects without a mark, by reason.
    by_perimeter
        Sums by perimeter over all projects, which reconcile.
    parts
        Where each project goes, by id.
    """

    located: tuple[Project, ...]
    gathered: tuple[Gathering, ...]
    elsewhere: tuple[Gathering, ...]
    by_perimeter: Sums
    parts: Mapping[str, tuple[PlacedPart, ...]]

    @property
    def total_elsewhere(self) -> Decimal | None:
        """Return the sum of projects without a mark, euros."""
        return total(one.amount for one in self.elsewhere)

    @property
    def total_on_map(self) -> Decimal | None:
        """Return the sum of projects with a mark, euros."""
        return total([*(one.amount for one in self.located), *(one.amount for one in self.gathered)])


def place(
    projects: Projects, perimeters: PerimeterSet, judged: Mapping[str, Judged], *, known: Known | None = None
) -> Placing:
    """Place projects on a map of perimeters.

    A project in a perimeter of another generation goes to the one perimeter of the map that the official correspondence
    links to it; where a quartier was split, none of its heirs is given its money.

    Parameters
    ----------
    judged
        Positions by project id; other projects go to their perimeter or neighbourhood if it is on the map.
    known
        Neighbourhoods and perimeters by name; by default the shipped ones and those of the map.
    """
    names = dict(zip(perimeters.codes, perimeters.names, strict=True))
    located = tuple(one for one in projects.projects if one.id in judged and judged[one.id].lon is not None)
    drawn = {one.id for one in located}
    known = known or known_neighbourhoods((perimeters,))
    mine = {one.id for one in projects.projects}
    answers = {key: one.answer for key, one in judged.items() if one.status is not None and key in mine}
    found = _onto(sums(projects, "qpv", codes=answers, names=names, known=known), names, known)
    named = replace(known, perimeters={**known.perimeters, **names})
    parts = {one.id: _parts(one, answers.get(one.id), names, named) for one in projects.projects}
    gathered, elsewhere = _gather([one for one in projects.projects if one.id not in drawn], parts, names)
    return Placing(located, gathered, elsewhere, found, parts)


def positions(located: Sequence[Project], judged: Mapping[str, Judged]) -> tuple[list[float], list[float]]:
    """Return the longitudes and latitudes of projects that have a position, degrees."""
    return [judged[one.id].lon or 0.0 for one in located], [judged[one.id].lat or 0.0 for one in located]


def _parts(
    project: Project, answer: str | tuple[str, ...] | None, names: Mapping[str, str], known: Known
) -> tuple[PlacedPart, ...]:
    """Return the perimeters of a project, those of the map where there are any, with its amount in each."""
    target = by_qpv(project, (answer,) if isinstance(answer, str) else answer, known)
    found: dict[tuple[str | None, str], int | None] = {}
    for group, cents in target.split(None if project.amount is None else to_cents(project.amount)):
        code = _drawn_code(group.code, names, known)
        key = code, names.get(code or "", group.label)
        found[key] = cents if key not in found or cents is None else (found[key] or 0) + cents
    return tuple(
        PlacedPart(code, label, None if cents is None else to_euros(cents)) for (code, label), cents in found.items()
    )


def _gather(
    rest: Iterable[Project], placed: Mapping[str, Sequence[PlacedPart]], names: Mapping[str, str]
) -> tuple[tuple[Gathering, ...], tuple[Gathering, ...]]:
    """Group the parts of projects without a position by perimeter of the map, and the others by reason."""
    on_map: dict[str, list[Part]] = {code: [] for code in names}
    off_map: dict[str, list[Part]] = {}
    for project in rest:
        for code, label, amount in placed[project.id]:
            home = on_map[code] if code in on_map else off_map.setdefault(label, [])
            home.append(Part(project, amount))
    return (
        tuple(Gathering(names[code], code, tuple(parts)) for code, parts in on_map.items() if parts),
        tuple(Gathering(label, None, tuple(parts)) for label, parts in off_map.items()),
    )


def _onto(found: Sums, names: Mapping[str, str], known: Known) -> Sums:
    """Return sums by QPV whose lines of another generation are those of the perimeters of the map."""
    lines: dict[tuple[str, str, str | None], list[Line]] = {}
    for line in found.lines:
        code = _drawn_code(line.code, names, known)
        lines.setdefault((line.kind.value, names.get(code or "", line.label), code), []).append(line)
    moved = [_merged(parts, label, code) for (_, label, code), parts in lines.items()]
    onto = replace(found, lines=tuple(moved))
    onto.check()
    return onto


def _drawn_code(code: str | None, names: Mapping[str, str], known: Known) -> str | None:
    """Return the perimeter of the map that is, or alone is linked to, a perimeter; its own code if there is none."""
    if code is None or code in names:
        return code
    linked = [one for one in known.correspondence.linked(code) if one in names]
    return linked[0] if len(linked) == 1 and len(known.correspondence.linked(code)) == 1 else code


def _merged(parts: Sequence[Line], label: str, code: str | None) -> Line:
    return replace(
        parts[0],
        label=label,
        code=code,
        amount=total(part.amount for part in parts),
        projects=tuple(dict.fromkeys(one for part in parts for one in part.projects)),
        unpublished=tuple(dict.fromkeys(one for part in parts for one in part.unpublished)),
    )
