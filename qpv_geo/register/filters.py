"""Which checks of the register to list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qpv_geo.register.drafts import CHECK, DECISION
from qpv_geo.register.schema import CONTENT, ENTRY
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

_DECIDED = (
    sa.select(ENTRY.c.root, sa.func.max(ENTRY.c.sequence).label("latest"))
    .where(ENTRY.c.kind == DECISION)
    .group_by(ENTRY.c.root)
    .subquery()
)
_DECISION = ENTRY.alias("decision")
_LATER = ENTRY.alias("later")


@dataclass(frozen=True)
class Filters:
    """What the checks listed have in common; None for any.

    Attributes
    ----------
    since, until
        First and last day on which they were kept, ISO 8601, UTC.
    quartier
        Code or part of the name of the quartier.
    status
        The status decided, or else that of the verdict.
    scheme
        Id of a scheme asked.
    outcome
        Outcome of that scheme, or of any.
    case
        Number of the case.
    address
        Words of the address asked or found, in their order.
    current
        Whether to leave out those that a later check supersedes.
    """

    since: str | None = None
    until: str | None = None
    quartier: str | None = None
    status: str | None = None
    scheme: str | None = None
    outcome: str | None = None
    case: str | None = None
    address: str | None = None
    current: bool = False

    @property
    def keeps_all(self) -> bool:
        """Whether no check is left out."""
        return self == Filters()


def selected(filters: Filters) -> Select[tuple[int, int | None, int | None]]:
    """Return the query of the checks: the sequence of each, of its last decision, and of what supersedes it."""
    later = sa.select(sa.func.min(_LATER.c.sequence)).where(_LATER.c.supersedes == ENTRY.c.sequence)
    query = (
        sa.select(ENTRY.c.sequence, _DECIDED.c.latest, later.scalar_subquery().label("later"))
        .join_from(ENTRY, _DECIDED, _DECIDED.c.root == ENTRY.c.sequence, isouter=True)
        .join(_DECISION, _DECISION.c.sequence == _DECIDED.c.latest, isouter=True)
        .join(CONTENT, CONTENT.c.sequence == ENTRY.c.sequence, isouter=True)
        .where(ENTRY.c.kind == CHECK)
    )
    if filters.current:
        query = query.where(~sa.exists().where(_LATER.c.supersedes == ENTRY.c.sequence, _LATER.c.kind == CHECK))
    return query.where(*_conditions(filters))


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    day = sa.func.substr(ENTRY.c.created_at, 1, 10)
    status, code, name = map(_as_decided, ("status", "code", "name"))
    outcome = (f'"{filters.scheme}":' if filters.scheme else ":") + (f'"{filters.outcome}"' if filters.outcome else "")
    named = sa.or_(code == filters.quartier, name.icontains(filters.quartier or "", autoescape=True))
    known: list[tuple[str | None, ColumnElement[bool]]] = [
        (filters.since, day >= (filters.since or "")),
        (filters.until, day <= (filters.until or "")),
        (filters.status, status == filters.status),
        (filters.quartier, named),
        (filters.scheme or filters.outcome, ENTRY.c.outcomes.contains(outcome, autoescape=True)),
        (filters.case, CONTENT.c.case_number == filters.case),
    ]
    conditions = [condition for value, condition in known if value]
    if filters.address:
        words = fold(filters.address)
        columns = (CONTENT.c.asked, CONTENT.c.found)
        conditions.append(sa.or_(*(column.contains(words, autoescape=True) for column in columns)))
    return conditions


def _as_decided(column: str) -> ColumnElement[str | None]:
    """Return a column of the last decision, or of the check where nobody decided."""
    return sa.case((_DECISION.c.sequence.is_(None), ENTRY.c[column]), else_=_DECISION.c[column])
