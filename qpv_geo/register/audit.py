"""Walk the chain of a register and name its first broken link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from qpv_geo.register.chain import first_link, link
from qpv_geo.register.drafts import PURGE
from qpv_geo.register.entry_rows import entry_from, statement
from qpv_geo.register.schema import CONTENT, ENTRY, about
from qpv_geo.register.store import Head, Register

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from qpv_geo.register.chain import Entry

_PAGE = 1_000


@dataclass(frozen=True)
class Fault:
    """The first broken link of a chain.

    Attributes
    ----------
    what
        ``structure`` (the file itself), ``missing`` (an entry was removed), ``altered`` (an entry is not that which was
        chained, or is not in its place), ``content_altered``, ``content_missing`` (removed by no purge),
        ``content_added``, or ``head`` (the chain does not hold, or no longer holds, the head that was signed).
    sequence
        Where; None for the structure.
    """

    what: str
    sequence: int | None
    detail: str = ""


@dataclass(frozen=True)
class Audit:
    """The result of walking a chain: how many entries are whole, how many of them purged, and the first fault."""

    entries: int
    purged: int
    head: Head
    fault: Fault | None


def audit(register: Register, signed: Head | None = None) -> Audit:
    """Walk the chain, and compare it with a head that was signed, if one is given.

    The chain alone shows what was changed, removed, inserted or moved before its end. It does not show that its last
    entries were cut off, nor that all of it was written again: that takes a head signed before.
    """
    if faults := register.database.faults():
        return Audit(0, 0, Head("", 0, ""), Fault("structure", None, faults[0]))
    with register.database.reading() as connection:
        return walk(connection, signed)


def walk(connection: Connection, signed: Head | None = None) -> Audit:
    """Walk the chain that a connection sees, as `audit`."""
    known = about(connection)
    previous, sequence, purged = first_link(known["register"]), 0, 0
    created: dict[int, str] = {}
    purged_before = connection.scalar(sa.select(sa.func.max(ENTRY.c.day)).where(ENTRY.c.kind == PURGE)) or ""

    def told(fault: Fault | None) -> Audit:
        return Audit(sequence, purged, Head(known["register"], sequence, previous), fault)

    if signed is not None and signed.register != known["register"]:
        return told(Fault("head", signed.sequence))
    for row in _rows(connection):
        if row.sequence != sequence + 1:
            return told(Fault("missing", sequence + 1))
        fault = _fault(row, previous, created, purged_before)
        if fault is not None:
            return told(fault)
        sequence, previous = row.sequence, row.chain_hash
        purged += row.content_hash is not None and row.salt is None
        if signed is not None and signed.sequence == sequence and signed.chain_hash != previous:
            return told(Fault("head", sequence))
    beyond = sa.or_(CONTENT.c.sequence > sequence, CONTENT.c.sequence < 1)
    stray = connection.scalar(sa.select(sa.func.min(CONTENT.c.sequence)).where(beyond))
    if stray is not None:
        return told(Fault("content_added", stray))
    return told(Fault("head", sequence + 1) if signed is not None and signed.sequence > sequence else None)


def _fault(row: Any, previous: str, created: dict[int, str], purged_before: str) -> Fault | None:  # noqa: ANN401
    """Return what is wrong with a row that follows `previous`."""
    try:
        entry = entry_from(row)
        if link(previous, entry) != entry.chain_hash:
            return Fault("altered", row.sequence)
    except (ValueError, TypeError):  # not JSON, or not text
        return Fault("altered", row.sequence)
    if entry.root == entry.sequence:
        created[entry.sequence] = entry.created_at[:10]
    return _content_fault(row, entry, may_be_purged=created.get(entry.root or 0, "9") < purged_before)


def _content_fault(row: Any, entry: Entry, *, may_be_purged: bool) -> Fault | None:  # noqa: ANN401
    if entry.content is None:
        needed = entry.content_hash is not None and not may_be_purged
        return Fault("content_missing", entry.sequence) if needed else None
    try:
        whole = entry.content.hash == entry.content_hash
        columns = entry.content.search_columns() if whole else {}
    except (ValueError, TypeError, AttributeError, orjson.JSONDecodeError):
        return Fault("content_altered", entry.sequence)
    same = all(getattr(row, key) == value for key, value in columns.items())
    return None if whole and same else Fault("content_altered", entry.sequence)


def _rows(connection: Connection) -> Iterator[Any]:
    after = -(2**62)
    while True:
        page = connection.execute(statement().where(ENTRY.c.sequence > after).limit(_PAGE)).all()
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].sequence
