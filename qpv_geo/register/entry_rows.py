"""Entries as rows of the two tables of the register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from qpv_geo import messages as msg
from qpv_geo.eligibility.evidence import canonical
from qpv_geo.errors import FormatError
from qpv_geo.register.chain import CHAINED, Content, Entry
from qpv_geo.register.schema import CONTENT, ENTRY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection


def insert(connection: Connection, entries: Sequence[Entry]) -> None:
    """Write entries that have a place in the chain."""
    if not entries:
        return
    rows = [{field: getattr(one, field) for field in (*CHAINED, "chain_hash")} for one in entries]
    connection.execute(ENTRY.insert(), [row | {"outcomes": canonical(row["outcomes"]).decode()} for row in rows])
    contents = [
        {
            "sequence": one.sequence,
            "salt": one.content.salt,
            "content": one.content.text,
            **one.content.search_columns(),
        }
        for one in entries
        if one.content is not None
    ]
    if contents:
        connection.execute(CONTENT.insert(), contents)


def chain_hashes(connection: Connection) -> list[str]:
    """Return the chain hash of every entry, in order."""
    return list(connection.scalars(sa.select(ENTRY.c.chain_hash).order_by(ENTRY.c.sequence)))


def entry_from(row: Any) -> Entry:  # noqa: ANN401 - a row of the two tables
    """Return the entry of a row of both tables."""
    content = None if row.salt is None else Content(row.salt, row.content)
    fields = {field: getattr(row, field) for field in (*CHAINED, "chain_hash")}
    return Entry(**fields | {"outcomes": orjson.loads(row.outcomes)}, content=content)


def statement() -> sa.Select[Any]:
    """Return the query of all entries with their contents."""
    content = CONTENT.c
    columns = (content.salt, content.content, content.case_number, content.asked, content.found, content.origin)
    return sa.select(ENTRY, *columns).join_from(ENTRY, CONTENT, isouter=True).order_by(ENTRY.c.sequence)


def read(connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Entry]:
    """Return entries in order.

    Raises
    ------
    FormatError
        The content of one is not that which was kept.
    """
    return [_unaltered(row) for row in connection.execute(statement().where(*conditions).limit(limit))]


def _unaltered(row: Any) -> Entry:  # noqa: ANN401 - a row of the two tables
    """Return the entry of a row; raise `FormatError` if its content is not that which was kept."""
    try:
        entry = entry_from(row)
        if entry.content is None or entry.content.hash == entry.content_hash:
            return entry
    except (ValueError, TypeError):  # not JSON, or not text
        pass
    raise FormatError(msg.register_errors.altered_entry(row.sequence), remedy=msg.remedies.VERIFY_REGISTER)
