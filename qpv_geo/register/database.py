"""The database of the register: a SQLite file of its own, or a PostgreSQL server; transactions and their errors."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import sqlalchemy as sa

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError, InputError, MissingError, RemoteError
from qpv_geo.files import PRIVATE, disk_errors, locked, private_file, replaced
from qpv_geo.register import schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import URL, Connection, Engine

    from qpv_geo.settings import Settings

FILE = "register.sqlite"
_BUSY_MS = 60_000
_PRAGMAS = (
    "synchronous = FULL",
    "secure_delete = ON",
    "foreign_keys = ON",
    "trusted_schema = OFF",
)
_BESIDE, _IN_PLACE = "journal_mode = MEMORY", "journal_mode = WAL"
"""A register is created whole beside its place: a journal there would only be left by a killed process."""
_DAMAGED = frozenset(
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_SCHEMA, sqlite3.SQLITE_FORMAT}
)
"""Our statements are right: that SQLite finds one wrong means that the tables are no longer ours."""
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_WRITES = {"qpv_writes": True}
_CONNECT_S = 10


class Database:
    """The database of a register; safe to share between threads.

    Parameters
    ----------
    url
        URL of a PostgreSQL database.
    path
        The SQLite file, if there is no URL; created by the first transaction that writes.
    busy_ms
        How long to wait for the other processes that use the file, in milliseconds.
    """

    def __init__(self, *, url: URL | None, path: Path, busy_ms: int = _BUSY_MS) -> None:
        self._url, self.path, self._busy_ms = url, path, busy_ms

    @property
    def name(self) -> str:
        """How messages name it: without a password."""
        return str(self.path) if self._url is None else self._url.render_as_string(hide_password=True)

    @property
    def is_file(self) -> bool:
        """Whether it is a SQLite file."""
        return self._url is None

    @property
    def is_missing_file(self) -> bool:
        """Whether it is a SQLite file that does not exist."""
        return self.is_file and not self.path.exists()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the register.

        Raises
        ------
        MissingError
            There is no register yet.
        InputError
            It has another version.
        FormatError
            The file is damaged, or is no register.
        OSError, RemoteError
            The disk, or the server, failed.
        """
        with self._translated():
            if self.is_missing_file:
                raise MissingError(msg.register_errors.none_yet(self.name))
            with self._engine.connect().execution_options(**self._snapshot) as connection:
                known = schema.about(connection)
                if not (self.is_file or known):
                    raise MissingError(msg.register_errors.none_yet(self.name))
                self._check(known)
                yield connection

    @contextmanager
    def writing(self, *, register_id: str | None = None) -> Iterator[Connection]:
        """Yield a connection in a transaction that excludes other writers; it is committed at the end of the block.

        Parameters
        ----------
        register_id
            Id of the register, if there is none yet; by default a new one.

        Raises
        ------
        InputError, FormatError, OSError, RemoteError
            As `reading`; nothing is written then.
        """
        with self._translated():
            if self.is_file:
                self._create_file(register_id)
            with self._engine.connect().execution_options(**_WRITES) as connection, connection.begin():
                if not self.is_file:
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('qpv-geo register'))")
                known = schema.about(connection)
                if not (self.is_file or known):
                    known = schema.create(connection, register_id or str(uuid4()))
                self._check(known)
                yield connection

    @property
    def _snapshot(self) -> dict[str, Any]:
        """Options of a connection that sees one state; on a file, every transaction does."""
        return {} if self.is_file else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    def close(self) -> None:
        """Close the connections; the next transaction opens another."""
        self._engine.dispose()

    def compact(self) -> None:
        """Rewrite the database without what was deleted, so that none of it is left on the disk.

        On a server, its own journals (WAL) hold it until they are recycled.

        Raises
        ------
        InputError
            Another process reads the file, or the account does not own the table.
        """
        with self._translated(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not self.is_file:
                if not schema.is_owned(connection):
                    raise InputError(msg.register_errors.not_the_owner(self.name, schema.CONTENT.name))
                connection.exec_driver_sql(f"VACUUM FULL {schema.CONTENT.name}")
                return
            connection.exec_driver_sql("VACUUM")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
        if busy:
            raise InputError(msg.register_errors.not_compacted(self.name))

    def faults(self) -> list[str]:
        """Return what is wrong with the structure: triggers that are gone, and what SQLite finds in a file."""
        with self.reading() as connection:
            asked = "PRAGMA integrity_check(10)" if self.is_file else "SELECT 'ok'"
            told = [str(row[0]) for row in connection.exec_driver_sql(asked)]
            absent = schema.absent_triggers(connection)
        return ([] if told == ["ok"] else told) + absent

    @cached_property
    def _engine(self) -> Engine:
        if self._url is not None:
            return sa.create_engine(self._url, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_S})
        return _sqlite_engine(self.path, self._busy_ms, _IN_PLACE)

    def _check(self, known: Mapping[str, str]) -> None:
        version = known.get("version")
        if "register" not in known:
            raise FormatError(msg.register_errors.not_a_register(self.name), remedy=msg.remedies.VERIFY_REGISTER)
        if version != str(schema.VERSION):
            told = msg.register_errors.other_version(self.name, version, schema.VERSION)
            raise InputError(told, remedy=msg.remedies.EXPORT_REGISTER)

    def _create_file(self, register_id: str | None) -> None:
        """Create the file whole, once, even if several processes want it at the same moment."""
        if self.path.exists():
            private_file(self.path)
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = self.path.with_name(f"{self.path.name}.lock")
        private_file(lock)
        with locked(lock, wait=True):
            if self.path.exists():
                return
            with replaced(self.path, mode=PRIVATE) as beside:
                engine = _sqlite_engine(beside, self._busy_ms, _BESIDE)
                with engine.connect().execution_options(**_WRITES) as connection, connection.begin():
                    schema.create(connection, register_id or str(uuid4()))
                engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise the errors of the database as those of the library."""
        try:
            with disk_errors(self.path):
                try:
                    yield
                except sa.exc.DBAPIError as error:
                    if isinstance(error.orig, sqlite3.Error):
                        raise error.orig from error
                    raise
        except UnicodeDecodeError as error:  # SQLite quotes, in its message, a structure that was altered
            raise FormatError(msg.register_errors.not_a_register(self.name)) from error
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in _BUSY:
                raise InputError(msg.register_errors.busy(self.name)) from error
            if code in _DAMAGED:
                wrong = msg.register_errors.not_a_register(self.name)
                raise FormatError(wrong, remedy=msg.remedies.VERIFY_REGISTER) from error
            raise
        except sa.exc.DBAPIError as error:
            absent = isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)
            told = msg.register_errors.server_absent if absent else msg.register_errors.server_refused
            raise RemoteError(told(self.name, _first_line(error.orig))) from error


def database_of(settings: Settings) -> Database:
    """Return the database of the settings.

    Raises
    ------
    InputError
        ``QPV_GEO_REGISTER_URL`` is not that of a PostgreSQL database.
    """
    given, url = settings.register_url.get_secret_value().strip(), None
    if given:
        try:
            url = sa.make_url(given)
        except sa.exc.ArgumentError as error:
            raise InputError(msg.register_errors.bad_url()) from error
        if url.get_backend_name() not in {"postgresql", "postgres"} or not url.database:
            raise InputError(msg.register_errors.bad_url())
        url = url.set(drivername="postgresql+psycopg")
    return Database(url=url, path=settings.home / FILE)


def _sqlite_engine(path: Path, busy_ms: int, journal: str) -> Engine:
    """Return an engine on a file; one that cannot be written is only read, as on the disk of an archive."""
    url = sa.URL.create("sqlite", database=str(path))
    frozen = path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
    if frozen:
        is_written = path.with_name(f"{path.name}-wal").exists()  # by others, who may write: their journal is read too
        how = {"mode": "ro"} if is_written else {"immutable": "1"}
        url = url.set(database=path.absolute().as_uri(), query={**how, "uri": "true"})
    engine = sa.create_engine(url)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.text_factory = _text
        connection.isolation_level = None  # transactions are ours: the driver would begin none before a SELECT
        for pragma in (f"busy_timeout = {busy_ms}", *_PRAGMAS, *(() if frozen else (journal,))):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options: dict[str, Any] = dict(connection.get_execution_options())
        if options.get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("qpv_writes") else "BEGIN")

    return engine


def _text(content: bytes) -> str:
    """Decode a text, even an altered one: the chain tells that it is."""
    return content.decode("utf-8", "surrogateescape")


def _first_line(error: object) -> str:
    return next(iter(str(error).strip().splitlines()), "")
