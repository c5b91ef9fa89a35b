"""The journal of a run, next to its output, so that a stopped run can resume.

One SQLite file: the description of the run, the addresses found, the answers to each block. Transactions keep it intact
if the process is killed; a lock prevents two runs from sharing it; it is removed once the output is in place.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from qpv_geo import messages as msg
from qpv_geo.errors import InputError, MissingError
from qpv_geo.files import disk_errors
from qpv_geo.geocoding.communes import communes_asked
from qpv_geo.geocoding.result import found_from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.geocoding.result import GeocodingResult

FORMAT = 10
"""Version of the journal; increase it when its content changes."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS found (address TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS block (start INTEGER PRIMARY KEY, answers BLOB NOT NULL);
"""
_MANY = 500
_ENCODER = json.JSONEncoder(ensure_ascii=False)


class Journal:
    """The journal of one run; a context manager that closes the file.

    Parameters
    ----------
    path
        Created if missing.

    Raises
    ------
    InputError
        Another run has locked it, or it is not a journal; the methods that read raise it for a damaged one too.
    OSError
        The file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()  # unlike SQLite, its error names the file and the cause
        self._lock = Lock()  # answers are kept in one thread and read in another, while addresses are found in a third
        self._connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            with disk_errors(path):
                self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                self._connection.executescript(f"BEGIN EXCLUSIVE;{_SCHEMA}COMMIT;")
        except sqlite3.DatabaseError as error:
            self._connection.close()
            busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
            told = msg.batch.run_in_progress if busy else msg.batch.not_a_journal
            raise InputError(told(str(path))) from error
        except OSError:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._connection.close()

    def remove(self) -> None:
        """Remove the file: the run is over."""
        self._connection.close()
        self.path.unlink(missing_ok=True)

    # ── Description of the run ───────────────────────────────────────────────────────────────────────────────

    def about(self) -> dict[str, Any]:
        """Return the description of the run; empty for a new one."""
        with self._reading():
            rows = self._connection.execute("SELECT name, value FROM about").fetchall()
            return {name: json.loads(value) for name, value in rows}

    def set_about(self, about: Mapping[str, Any]) -> None:
        """Record the description of the run."""
        rows = [(name, json.dumps(value)) for name, value in about.items()]
        self._write("INSERT OR REPLACE INTO about VALUES (?, ?)", rows)

    # ── Addresses ────────────────────────────────────────────────────────────────────────────────────────────

    def found(self, queries: Sequence[Query]) -> dict[Query, GeocodingResult | MissingError]:
        """Return the results of the addresses that were searched before."""
        by_key = {_key(query): query for query in queries}
        keys, known = list(by_key), {}
        for start in range(0, len(keys), _MANY):
            some = keys[start : start + _MANY]
            marks = ",".join("?" * len(some))
            statement = f"SELECT address, value FROM found WHERE address IN ({marks})"  # noqa: S608 - marks alone
            with self._reading():
                for key, value in self._connection.execute(statement, some):
                    known[by_key[key]] = _found_from(json.loads(value))
        return known

    def missing_departments(self) -> list[str]:
        """Return the départements of addresses that were not found for lack of an index."""
        statement = "SELECT DISTINCT missing.value FROM found, json_each(found.value, ?) AS missing"
        with self._reading():
            paths = ("$.found.missing", "$.departments")
            return sorted({one for path in paths for (one,) in self._connection.execute(statement, (path,))})

    def keep_found(self, found: Iterable[tuple[Query, GeocodingResult | MissingError]]) -> None:
        """Record the results of addresses."""
        rows = [(_key(query), _ENCODER.encode(_as_kept(query, one))) for query, one in found]
        if rows:
            self._write("INSERT OR REPLACE INTO found VALUES (?, ?)", rows)

    # ── Blocks ───────────────────────────────────────────────────────────────────────────────────────────────

    def answers(self, start: int) -> pa.RecordBatch | None:
        """Return the answers to the block that starts at a row, None if it is not answered yet."""
        with self._reading():
            row = self._connection.execute("SELECT answers FROM block WHERE start = ?", (start,)).fetchone()
            return None if row is None else _decoded(row[0])

    def keep_answers(self, start: int, answers: pa.RecordBatch) -> None:
        """Record the answers to a block."""
        self._write("INSERT OR REPLACE INTO block VALUES (?, ?)", [(start, _encoded(answers))])

    def all_answers(self) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Return all blocks in order, with the row at which each starts."""
        with closing(self._connection.cursor()) as cursor:
            for start, content in cursor.execute("SELECT start, answers FROM block ORDER BY start"):
                yield start, _decoded(content)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Raise `InputError` for a journal that is damaged or of another version."""
        try:
            with self._lock:
                yield
        except (sqlite3.DatabaseError, pa.ArrowException, LookupError, TypeError, ValueError) as error:
            raise InputError(msg.batch.not_a_journal(str(self.path))) from error

    def _write(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows in one transaction."""
        with self._lock, disk_errors(self.path), self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany(statement, rows)


def discard(path: Path) -> None:
    """Remove the journal of a stopped run, even a damaged one.

    Raises
    ------
    InputError
        Another run has locked it.
    """
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise InputError(msg.batch.run_in_progress(str(path))) from error
    path.unlink(missing_ok=True)


def _encoded(answers: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, answers.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as stream:
        stream.write_batch(answers)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _decoded(content: bytes) -> pa.RecordBatch:
    with pa.ipc.open_stream(content) as stream:
        return stream.read_next_batch()


def _key(query: Query) -> str:
    return "\n".join((query.text, query.postcode or "", query.citycode or ""))


def _as_kept(query: Query, found: GeocodingResult | MissingError) -> dict[str, Any]:
    if isinstance(found, MissingError):
        return {"missing": str(found), "departments": sorted(communes_asked(query).departments)}
    return found.to_json()


def _found_from(kept: Mapping[str, Any]) -> GeocodingResult | MissingError:
    return MissingError(kept["missing"]) if "missing" in kept else found_from_json(dict(kept))
