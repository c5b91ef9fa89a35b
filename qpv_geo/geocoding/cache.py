"""Cache the answers of a remote geocoder, without expiry, with their edition and date.

Answers are keyed by geocoder name, exact query and limit. Failures and empty answers are never cached: an address not
found today may be found tomorrow. Cached answers are checked on each read, as new ones are: an older version with fewer
checks may have written them. The file is a plain SQLite database that only its owner can read: it holds what people
asked.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from qpv_geo import messages as msg
from qpv_geo.errors import IntegrityError, RemoteError
from qpv_geo.files import private_file, private_folder
from qpv_geo.geocoding.protocol import Geocoder, candidate_from_json, candidate_to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from qpv_geo.geocoding.protocol import Candidate, Query

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answer (
    geocoder TEXT, text TEXT, postcode TEXT, citycode TEXT, fetch_limit INTEGER, edition TEXT, answered_at TEXT,
    candidates TEXT, PRIMARY KEY (geocoder, text, postcode, citycode, fetch_limit)
)
"""
_KEPT = """
SELECT candidates FROM answer
WHERE geocoder = ? AND text = ? AND postcode = ? AND citycode = ? AND fetch_limit = ?
"""
_TIMEOUT_S = 30.0


class RemoteGeocoder(Geocoder, Protocol):
    """A geocoder whose answers can be checked."""

    def checked(self, candidates: Sequence[Candidate], query: Query) -> Sequence[Candidate]:
        """Check the candidates for an address and return them.

        Raises
        ------
        RemoteError
            They contradict the query.
        """
        ...


class CachedGeocoder:
    """A geocoder that caches the answers of another one.

    Parameters
    ----------
    geocoder
        The geocoder to ask.
    path
        The SQLite file; created with its folder when the first answer is cached.
    clock
        Returns the current time, to date answers.

    Attributes
    ----------
    geocoder
        The geocoder to ask.
    """

    def __init__(
        self, geocoder: RemoteGeocoder, path: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.geocoder = geocoder
        self._path = path
        self._clock = clock

    @property
    def name(self) -> str:
        """Name in the evidence: that of the geocoder asked."""
        return self.geocoder.name

    def search(self, query: Query, *, limit: int = 5) -> Sequence[Candidate]:
        """Return the cached candidates, or ask and cache the answer; see `qpv_geo.geocoding.protocol.Geocoder`."""
        (kept,) = self.kept([query], limit=limit)
        if kept is not None:
            return kept
        found = self.geocoder.search(query, limit=limit)
        if found:
            self._keep(query, limit, found)
        return found

    def reverse(self, *, lon: float, lat: float, limit: int = 1) -> Sequence[Candidate]:
        """Ask without caching."""
        return self.geocoder.reverse(lon=lon, lat=lat, limit=limit)

    def kept(self, queries: Sequence[Query], *, limit: int = 5) -> list[Sequence[Candidate] | None]:
        """Return the cached candidates for each query, None for those still to be asked.

        Raises
        ------
        IntegrityError
            The file is not a readable cache.
        """
        if not queries or not self._path.is_file():
            return [None] * len(queries)
        try:
            with closing(self._open()) as connection:
                rows = [connection.execute(_KEPT, self._key(query, limit)).fetchone() for query in queries]
            return [row and self._believed(row[0], query) for row, query in zip(rows, queries, strict=True)]
        except (sqlite3.DatabaseError, ValueError, TypeError, KeyError) as error:
            raise IntegrityError(msg.address_errors.bad_cache(str(self._path))) from error

    def _believed(self, text: str, query: Query) -> Sequence[Candidate] | None:
        """Return cached candidates, or None if they contradict the query and would not be cached today."""
        candidates = [candidate_from_json({"match": None, **one}) for one in json.loads(text)]
        try:
            return self.geocoder.checked(candidates, query)
        except RemoteError:
            return None

    def _open(self) -> sqlite3.Connection:
        private_folder(self._path.parent)
        private_file(self._path)
        connection = sqlite3.connect(self._path, timeout=_TIMEOUT_S)
        connection.execute(_SCHEMA)
        return connection

    def _key(self, query: Query, limit: int) -> tuple[str, str, str, str, int]:
        return self.name, query.text, query.postcode or "", query.citycode or "", limit

    def _keep(self, query: Query, limit: int, found: Sequence[Candidate]) -> None:
        text = json.dumps([candidate_to_json(one) for one in found], ensure_ascii=False)
        moment = self._clock().astimezone(UTC).isoformat(timespec="seconds")
        values = (*self._key(query, limit), found[0].edition, moment, text)
        with closing(self._open()) as connection, connection:
            connection.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
