"""The register: entries appended to the chain, read back, and purged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import sqlalchemy as sa

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.register import schema
from qpv_geo.register.chain import Entry, first_link, link, sealed_content
from qpv_geo.register.database import database_of
from qpv_geo.register.drafts import CHECK, DECISION, PURGE, Draft, check_draft, one_line
from qpv_geo.register.entry_rows import insert, read
from qpv_geo.register.filters import Filters, selected
from qpv_geo.register.schema import CONTENT, ENTRY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection

    from qpv_geo.register.database import Database
    from qpv_geo.register.drafts import Labels
    from qpv_geo.settings import Settings

    Kept = tuple[dict[str, Any], Labels]
    """The JSON object of a verdict, and what a person adds to it."""

_PAGE = 1_000
_LEAST_ID = 8


@dataclass(frozen=True)
class Head:
    """The end of the chain: the last entry's sequence and chain hash; 0 and the first link of an empty register."""

    register: str
    sequence: int
    chain_hash: str


@dataclass(frozen=True)
class Case:
    """A check with what was decided later.

    Attributes
    ----------
    check
        The entry of the check.
    decision
        The last human decision about it.
    superseded_by
        Sequence of the check that takes its place.
    """

    check: Entry
    decision: Entry | None
    superseded_by: int | None


class Register:
    """A register; safe to share between threads, and between processes through its database.

    A context manager that closes its connections.

    Parameters
    ----------
    clock
        Returns the current time, timezone-aware.
    """

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.database = database
        self._clock = clock

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.database.close()

    # ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────

    def keep(self, kept: Sequence[Kept]) -> list[Entry]:
        """Append checks, all or none; those whose origin is in the register already are left out.

        Raises
        ------
        InputError
            A check to supersede is not one, or is superseded already or twice; a label is too long.
        """
        with self.database.writing() as connection:
            origins = [labels.origin for _, labels in kept if labels.origin is not None]
            known = _known_origins(connection, origins)
            new = [(record, labels) for record, labels in kept if labels.origin is None or labels.origin not in known]
            superseded = [labels.supersedes for _, labels in new if labels.supersedes is not None]
            for sequence, times in Counter(superseded).items():
                _refuse_superseding(connection, sequence, times)
            return self.append(connection, [check_draft(record, labels) for record, labels in new])

    def refuse_superseding(self, sequence: int, times: int = 1) -> None:
        """Raise for a check that `keep` would refuse to supersede, `times` times in one list.

        Raises
        ------
        InputError
            It is no check, or is superseded already or twice.
        MissingError
            Nothing was kept yet.
        """
        with self.database.reading() as connection:
            _refuse_superseding(connection, sequence, times)

    def decide(self, name: str, draft: Draft) -> Entry:
        """Append a human decision about a check, which supersedes the last one.

        Raises
        ------
        InputError
            There is no such check, or it was purged.
        """
        with self.database.writing() as connection:
            check = _find(connection, name)
            if check.kind != CHECK:
                raise InputError(msg.register_errors.not_a_check(name))
            if check.purged:
                raise InputError(msg.register_errors.purged_check(name))
            decisions = [one for one in read(connection, ENTRY.c.root == check.sequence) if one.kind == DECISION]
            last = decisions[-1].sequence if decisions else None
            changed = replace(draft, kind=DECISION, root=check.sequence, supersedes=last, day=check.day)
            [entry] = self.append(connection, [changed])
            return entry

    def purge(self, before: date) -> int:
        """Delete the content of the checks kept before a day (UTC), and of all that is about them; return their number.

        What was deleted is then in no file of the database. The day is in the chain.

        Raises
        ------
        InputError
            The day is after today, or another process reads the file, which then still holds what was deleted.
        """
        if before > self._clock().astimezone(UTC).date():
            raise InputError(msg.register_errors.purge_in_the_future(before))
        root = ENTRY.alias()
        with self.database.writing() as connection:
            old = (
                sa.select(ENTRY.c.sequence)
                .join(root, root.c.sequence == ENTRY.c.root)
                .where(sa.func.substr(root.c.created_at, 1, 10) < before.isoformat())
            )
            doomed = CONTENT.c.sequence.in_(old)
            checks = connection.scalar(
                sa.select(sa.func.count())
                .select_from(CONTENT.join(ENTRY, ENTRY.c.sequence == CONTENT.c.sequence))
                .where(doomed, ENTRY.c.kind == CHECK)
            )
            if connection.scalar(sa.select(sa.exists().where(doomed))):
                self.append(connection, [Draft(PURGE, day=before.isoformat())])
                connection.execute(CONTENT.delete().where(doomed))
        self.database.compact()
        return int(checks or 0)

    def append(self, connection: Connection, drafts: Iterable[Draft]) -> list[Entry]:
        """Append entries to the chain in an open transaction."""
        sequence, previous = _end(connection)
        created_at = self._clock().astimezone(UTC).isoformat(timespec="microseconds")
        entries = []
        for draft in drafts:
            sequence += 1
            content = None if draft.document is None else sealed_content(draft.document)
            entry = Entry(
                sequence=sequence,
                id=str(uuid4()),
                created_at=created_at,
                kind=draft.kind,
                root=sequence if draft.kind == CHECK else draft.root,
                supersedes=draft.supersedes,
                day=draft.day,
                status=draft.status,
                code=draft.code,
                name=draft.name,
                generation=draft.generation,
                outcomes=draft.outcomes,
                content_hash=None if content is None else content.hash,
                content=content,
            )
            previous = link(previous, entry)
            entries.append(replace(entry, chain_hash=previous))
        insert(connection, entries)
        return entries

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────

    def find(self, name: str) -> Entry:
        """Return an entry by its sequence, its id, or the beginning of its id.

        Raises
        ------
        InputError
            There is no such entry, or there are several.
        """
        with self.database.reading() as connection:
            return _find(connection, name)

    def history(self, root: int) -> list[Entry]:
        """Return everything about a check, in order, the check first."""
        with self.database.reading() as connection:
            return read(connection, ENTRY.c.root == root)

    def case(self, name: str) -> Case:
        """Return a check with its last decision; `name` may be that of anything about it.

        Raises
        ------
        InputError
            As `find`, or the entry is about no check.
        """
        with self.database.reading() as connection:
            entry = _find(connection, name)
            if entry.root is None:
                raise InputError(msg.register_errors.not_a_check(name))
            [case] = _cases(connection, ENTRY.c.sequence == entry.root, Filters(), 1)
            return case

    def cases(
        self, filters: Filters, *, limit: int | None = None, newest_first: bool = False, before: int | None = None
    ) -> Iterator[Case]:
        """Return the checks that some filters keep, with their last decisions; at most `limit`.

        Parameters
        ----------
        before
            Of the newest first, only those before this sequence.
        """
        last, left = before, limit
        while left is None or left > 0:
            page = _PAGE if left is None else min(_PAGE, left)
            with self.database.reading() as connection:
                after: ColumnElement[bool] = sa.true()
                if last is not None:
                    after = ENTRY.c.sequence < last if newest_first else ENTRY.c.sequence > last
                found = _cases(connection, after, filters, page, newest_first=newest_first)
            yield from found
            if len(found) < page:
                return
            last, left = found[-1].check.sequence, None if left is None else left - len(found)

    def count(self, filters: Filters) -> int:
        """Return the number of checks that some filters keep."""
        with self.database.reading() as connection:
            found = selected(connection, filters).subquery()
            return int(connection.scalar(sa.select(sa.func.count()).select_from(found)) or 0)

    def entries(self, *, after: int = 0, kinds: Sequence[str] = ()) -> Iterator[Entry]:
        """Return all entries in order, of some kinds if any is given."""
        return self._pages(after, ENTRY.c.kind.in_(kinds) if kinds else sa.true())

    def checks(self, *, after: int = 0) -> Iterator[Entry]:
        """Return the checks that no later one supersedes, in order."""
        later = ENTRY.alias()
        superseded = sa.exists().where(later.c.supersedes == ENTRY.c.sequence, later.c.kind == CHECK)
        return self._pages(after, sa.and_(ENTRY.c.kind == CHECK, ~superseded))

    def of_origin(self, beginning: str) -> Iterator[Entry]:
        """Return the entries whose origin begins so, in order."""
        return self._pages(0, CONTENT.c.origin.startswith(beginning, autoescape=True))

    def cases_of(self, checks: Sequence[int]) -> Iterator[Case]:
        """Return the checks with these sequences, in order, with their last decisions."""
        ordered = sorted(checks)
        for start in range(0, len(ordered), _PAGE):
            some = ordered[start : start + _PAGE]
            with self.database.reading() as connection:
                found = _cases(connection, ENTRY.c.sequence.in_(some), Filters(), _PAGE)
            yield from found

    def _pages(self, after: int, condition: ColumnElement[bool]) -> Iterator[Entry]:
        while True:
            with self.database.reading() as connection:
                page = read(connection, ENTRY.c.sequence > after, condition, limit=_PAGE)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].sequence

    def head(self) -> Head:
        """Return the end of the chain."""
        with self.database.reading() as connection:
            return _head(connection)


def register_of(settings: Settings) -> Register:
    """Return the register of the settings.

    Raises
    ------
    InputError
        ``QPV_GEO_REGISTER_URL`` is not that of a PostgreSQL database.
    """
    return Register(database_of(settings))


def _head(connection: Connection) -> Head:
    return Head(schema.about(connection)["register"], *_end(connection))


def _end(connection: Connection) -> tuple[int, str]:
    """Return the sequence and the chain hash of the last entry; 0 and the first link of an empty register."""
    columns = sa.select(ENTRY.c.sequence, ENTRY.c.chain_hash)
    last = connection.execute(columns.order_by(ENTRY.c.sequence.desc()).limit(1)).first()
    if last is None:
        return 0, first_link(schema.about(connection)["register"])
    return last.sequence, last.chain_hash


def _cases(
    connection: Connection, where: ColumnElement[bool], filters: Filters, limit: int, *, newest_first: bool = False
) -> list[Case]:
    order = ENTRY.c.sequence.desc() if newest_first else ENTRY.c.sequence
    rows = connection.execute(selected(connection, filters).where(where).order_by(order).limit(limit)).all()
    sequences = [one for row in rows for one in (row.sequence, row.latest) if one is not None]
    entries = {one.sequence: one for one in read(connection, ENTRY.c.sequence.in_(sequences))}
    return [Case(entries[row.sequence], entries.get(row.latest or 0), row.later) for row in rows]


def _find(connection: Connection, name: str) -> Entry:
    """Return an entry by its sequence, its id or the beginning of its id; raise `InputError` for none or several."""
    name = one_line(name).lower()
    found = []
    if name.isdecimal() and len(name) < _LEAST_ID * 2:
        found = read(connection, ENTRY.c.sequence == int(name), limit=1)
    if not found and len(name) >= _LEAST_ID:  # an id may begin by digits alone
        found = read(connection, ENTRY.c.id.startswith(name, autoescape=True), limit=2)
    if len(found) != 1:
        raise InputError(msg.register_errors.no_such_entry(name, several=len(found) > 1))
    return found[0]


def _refuse_superseding(connection: Connection, sequence: int, times: int) -> None:
    check = _find(connection, str(sequence))
    if check.kind != CHECK:
        raise InputError(msg.register_errors.not_a_check(str(sequence)))
    later = connection.scalar(
        sa.select(ENTRY.c.sequence).where(ENTRY.c.kind == CHECK, ENTRY.c.supersedes == sequence).limit(1)
    )
    if later is not None:
        raise InputError(msg.register_errors.superseded(sequence, later))
    if times > 1:
        raise InputError(msg.register_errors.superseded_twice(sequence))


def _known_origins(connection: Connection, origins: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(origins), _PAGE):
        some = origins[start : start + _PAGE]
        known.update(connection.scalars(sa.select(CONTENT.c.origin).where(CONTENT.c.origin.in_(some))).all())
    return known
