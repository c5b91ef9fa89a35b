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
from qpv_geo.projects.amounts import share_both, to_cents, to_euros, total
from qpv_geo.projects.faults import ReconciliationError
from qpv_geo.projects.keys import KEYS, Stated
from qpv_geo.projects.neighbourhoods import known_neighbourhoods
from qpv_geo.projects.places import OUTSIDE, UNCERTAIN, LineKind, PlaceGroup, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from qpv_geo.projects.model import Project, Projects
    from qpv_geo.projects.neighbourhoods import Known

    Codes = Mapping[str, str | Sequence[str]]


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
        Groups first (in order for a key such as years, else by amount, largest first), then the other kinds as
        `LineKind` orders them.
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
                "amount": _text(line.amount),
                "projects": list(line.projects),
                "unpublished": list(line.unpublished),
            }
            for line in self.lines
        ]
        beside = {"count": self.count, "unpublished": list(self.unpublished)}
        return {"by": self.by, "lines": lines, "total": _text(self.total), **beside}


@dataclass(frozen=True)
class CrossCell:
    """The projects of a line and of a column; `amount` is euros, None if none is published, which is not 0."""

    amount: Decimal | None
    count: int


@dataclass(frozen=True)
class CrossSums:
    """Sums by two of `KEYS` at once; rows and columns are those of the sums by one key, totals included.

    Attributes
    ----------
    cells
        By position of the row and of the column; where there is no project, there is no cell.
    """

    rows: Sums
    columns: Sums
    cells: Mapping[tuple[int, int], CrossCell]

    def check(self) -> None:
        """Check that cells add up to the total of each row and each column, to the cent.

        Raises
        ------
        ReconciliationError
            They do not.
        """
        for side, lines in enumerate((self.rows.lines, self.columns.lines)):
            by = (self.rows.by, self.columns.by)[side]
            found: list[list[Decimal | None]] = [[] for _ in lines]
            for where, cell in self.cells.items():
                found[where[side]].append(cell.amount)
            for line, amounts in zip(lines, found, strict=True):
                if total(amounts) != line.amount:
                    raise ReconciliationError(msg.projects.does_not_reconcile(by, total(amounts), line.amount))

    def to_dict(self) -> dict[str, Any]:
        """Return the sums as a JSON object; see `Sums.to_dict`."""
        cells = [
            {"row": row, "column": column, "amount": _text(cell.amount), "count": cell.count}
            for (row, column), cell in sorted(self.cells.items())
        ]
        return {"rows": self.rows.to_dict(), "columns": self.columns.to_dict(), "cells": cells}


def sums(
    projects: Projects,
    by: str = "quartier",
    *,
    codes: Codes | None = None,
    names: Mapping[str, str] | None = None,
    known: Known | None = None,
) -> Sums:
    """Sum the amounts of projects.

    Parameters
    ----------
    by
        One of `KEYS`.
    codes
        Answers on the places of projects, by id: one or several codes, `OUTSIDE` or `UNCERTAIN`. They override the
        table, except for a project without a single place. A point, a site or an address without an answer is "to
        review", unless the table names perimeters.
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
    return _sums(projects, by, _targets(projects, by, _stated(projects, codes, names, known)))


def cross_sums(  # noqa: PLR0913 - options by keyword
    projects: Projects,
    by: str,
    across: str,
    *,
    codes: Codes | None = None,
    names: Mapping[str, str] | None = None,
    known: Known | None = None,
) -> CrossSums:
    """Sum the amounts of projects by two keys at once, one per row and one per column; see `sums`."""
    stated = _stated(projects, codes, names, known)
    of_rows, of_columns = _targets(projects, by, stated), _targets(projects, across, stated)
    rows, columns = _sums(projects, by, of_rows), _sums(projects, across, of_columns)
    found = CrossSums(rows, columns, _cells(projects.projects, (rows, of_rows), (columns, of_columns)))
    found.check()
    return found


def _stated(projects: Projects, codes: Codes | None, names: Mapping[str, str] | None, known: Known | None) -> Stated:
    known = known or known_neighbourhoods()
    if names:
        known = replace(known, perimeters={**known.perimeters, **names})
    return Stated(_answers(projects, codes or {}), known)


def _targets(projects: Projects, by: str, stated: Stated) -> list[Target]:
    if by not in KEYS:
        raise InputError(msg.projects.unknown_key(by, KEYS))
    return KEYS[by].targets(projects.projects, stated)


def _sums(projects: Projects, by: str, targets: Sequence[Target]) -> Sums:
    lines = _lines(projects.projects, targets, in_order=KEYS[by].in_order)
    found = Sums(by, lines, projects.total, len(projects.projects), projects.unpublished)
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


def _lines(projects: Iterable[Project], targets: Iterable[Target], *, in_order: bool) -> tuple[Line, ...]:
    cents: dict[PlaceGroup, int] = {}
    paid: dict[PlaceGroup, dict[str, None]] = {}
    unpublished: dict[PlaceGroup, dict[str, None]] = {}
    for project, target in zip(projects, targets, strict=True):
        for group, part in target.split(_cents(project)):
            if part is None:
                unpublished.setdefault(group, {})[project.id] = None
                continue
            paid.setdefault(group, {})[project.id] = None
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
    return tuple(sorted(lines, key=lambda line: _order(line, in_order=in_order)))


def _order(line: Line, *, in_order: bool) -> tuple[Any, ...]:
    largest_first = 0 if in_order or line.amount is None else -to_cents(line.amount)
    return (
        list(LineKind).index(line.kind),
        line.amount is None and not in_order,
        largest_first,
        line.label,
        line.code or "",
    )


def _cells(
    projects: Iterable[Project], rows: tuple[Sums, Sequence[Target]], columns: tuple[Sums, Sequence[Target]]
) -> dict[tuple[int, int], CrossCell]:
    row_of, column_of = _positions(rows[0]), _positions(columns[0])
    cents: dict[tuple[int, int], int] = {}
    inside: dict[tuple[int, int], dict[str, None]] = {}
    for project, down, across in zip(projects, rows[1], columns[1], strict=True):
        amount = _cents(project)
        for row, column, part in _crossed(down.split(amount), across.split(amount)):
            where = row_of[row], column_of[column]
            inside.setdefault(where, {})[project.id] = None
            if part is not None:
                cents[where] = cents.get(where, 0) + part
    return {
        where: CrossCell(to_euros(cents[where]) if where in cents else None, len(ids)) for where, ids in inside.items()
    }


def _crossed(
    rows: Sequence[tuple[PlaceGroup, int | None]], columns: Sequence[tuple[PlaceGroup, int | None]]
) -> Iterator[tuple[PlaceGroup, PlaceGroup, int | None]]:
    """Return the part of a project in each row and column; a part that is not published is so in all of the others."""
    down = [(group, part) for group, part in rows if part is not None]
    across = [(group, part) for group, part in columns if part is not None]
    if down and across:
        cells = share_both([part for _, part in down], [part for _, part in across])
        for (row, _), line in zip(down, cells, strict=True):
            for (column, _), cents in zip(across, line, strict=True):
                yield row, column, cents
    for row, part in rows:
        for column, other in columns:
            if part is None or other is None:
                yield row, column, None


def _positions(found: Sums) -> dict[PlaceGroup, int]:
    return {PlaceGroup(line.kind, line.label, line.code): k for k, line in enumerate(found.lines)}


def _cents(project: Project) -> int | None:
    return None if project.amount is None else to_cents(project.amount)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
