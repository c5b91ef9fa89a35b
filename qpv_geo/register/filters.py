"""Which checks of the register to list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.register.chain import search_words
from qpv_geo.register.drafts import CHECK, DECISION, one_line
from qpv_geo.register.schema import CONTENT, ENTRY
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

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
        Code or part of the name of the quartier, whatever its case and accents.
    status
        The status decided, or else that of the verdict.
    scheme
        Id of a scheme asked.
    outcome
        Outcome of that scheme, or of any.
    case
        Number of the case.
    address
        Whole words of the address asked or found, in their order; or a longitude and a latitude.
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

    def cleaned(self) -> Filters:
        """Return the same with texts as the register keeps them.

        Raises
        ------
        InputError
            A text is empty: whoever gives one does not want everything.
        """
        texts = {name: one_line(value) for name, value in vars(self).items() if isinstance(value, str)}
        for name, text in texts.items():
            if not text:
                raise InputError(msg.register_errors.empty_filter(name))
        return Filters(**vars(self) | texts)


def selected(connection: Connection, filters: Filters) -> Select[tuple[int, int | None, int | None]]:
    """Return the query of the checks: the sequence of each, of its last decision, and of what supersedes it.

    Raises
    ------
    InputError
        A filter is empty, or the address has neither letter nor digit.
    """
    filters = filters.cleaned()
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
    return query.where(*_conditions(connection, filters))


def _conditions(connection: Connection, filters: Filters) -> list[ColumnElement[bool]]:
    day = sa.func.substr(ENTRY.c.created_at, 1, 10)
    status, code, name = map(_as_decided, ("status", "code", "name"))
    outcome = (f'"{filters.scheme}":' if filters.scheme else ":") + (f'"{filters.outcome}"' if filters.outcome else "")
    quartiers = sa.or_(code == filters.quartier, name.in_(_names(connection, filters.quartier)))
    known: list[tuple[str | None, ColumnElement[bool]]] = [
        (filters.since, day >= (filters.since or "")),
        (filters.until, day <= (filters.until or "")),
        (filters.status, status == filters.status),
        (filters.quartier, quartiers),
        (filters.scheme or filters.outcome, ENTRY.c.outcomes.contains(outcome, autoescape=True)),
        (filters.case, CONTENT.c.case_number == filters.case),
    ]
    conditions = [condition for value, condition in known if value]
    if filters.address:
        words = search_words(filters.address)
        if not words:
            raise InputError(msg.register_errors.address_without_words(filters.address))
        found = ((" " + column + " ").contains(f" {words} ") for column in (CONTENT.c.asked, CONTENT.c.found))
        conditions.append(sa.or_(*found))
    return conditions


def _names(connection: Connection, part: str | None) -> list[str]:
    """Return the names of quartiers kept that hold a part of one, whatever its case and accents."""
    folded = fold(part or "")
    known = connection.scalars(sa.select(ENTRY.c.name).distinct().where(ENTRY.c.name.is_not(None))) if folded else ()
    return [one for one in known if one is not None and folded in fold(one)]


def _as_decided(column: str) -> ColumnElement[str | None]:
    """Return a column of the last decision, or of the check where nobody decided."""
    return sa.case((_DECISION.c.sequence.is_(None), ENTRY.c[column]), else_=_DECISION.c[column])
