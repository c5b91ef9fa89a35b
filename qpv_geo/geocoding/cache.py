"""Keep what a remote geocoder answered: successes only, with their edition and their date, for good.

An answer is kept under the geocoder's name and the exact question; a failure is never kept, nor an empty answer, for
an address that is not found today may be tomorrow. The file is a plain SQLite database that anybody may read.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from qpv_geo.errors import IntegrityError
from qpv_geo.geocoding.protocol import candidate_from_json
from qpv_geo.texts import address_errors as say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from qpv_geo.geocoding.protocol import Candidate, Geocoder, Query

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answer (
    geocoder TEXT, text TEXT, postcode TEXT, citycode TEXT, fetch_limit INTEGER, edition TEXT, answered_at TEXT,
    candidates TEXT, PRIMARY KEY (geocoder, text, postcode, citycode, fetch_limit)
)
"""
_TIMEOUT_S = 30.0


class CachedGeocoder:
    """A geocoder that asks another one once for each question.

    Parameters
    ----------
    geocoder
        The one that is asked.
    path
        The SQLite file; made with its folder when the first answer is kept.
    clock
        Returns the present moment, for the date of an answer.
    """

    def __init__(
        self, geocoder: Geocoder, path: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._geocoder = geocoder
        self._path = path
        self._clock = clock

    @property
    def name(self) -> str:
        """What the evidence calls it: the geocoder that answers."""
        return self._geocoder.name

    def search(self, query: Query, *, limit: int = 5) -> Sequence[Candidate]:
        """Return the kept candidates, or ask and keep what comes; see `qpv_geo.geocoding.protocol.Geocoder`."""
        kept = self._kept(query, limit)
        if kept is not None:
            return kept
        found = self._geocoder.search(query, limit=limit)
        if found:
            self._keep(query, limit, found)
        return found

    def reverse(self, *, lon: float, lat: float, limit: int = 1) -> Sequence[Candidate]:
        """Ask; the addresses near a point are not kept."""
        return self._geocoder.reverse(lon=lon, lat=lat, limit=limit)

    def _key(self, query: Query, limit: int) -> tuple[str, str, str, str, int]:
        return self.name, query.text, query.postcode or "", query.citycode or "", limit

    def _kept(self, query: Query, limit: int) -> list[Candidate] | None:
        if not self._path.is_file():
            return None
        statement = (
            "SELECT candidates FROM answer "
            "WHERE geocoder = ? AND text = ? AND postcode = ? AND citycode = ? AND fetch_limit = ?"
        )
        try:
            with closing(sqlite3.connect(self._path, timeout=_TIMEOUT_S)) as connection:
                connection.execute(_SCHEMA)
                row = connection.execute(statement, self._key(query, limit)).fetchone()
            return None if row is None else [candidate_from_json(one) for one in json.loads(row[0])]
        except (sqlite3.DatabaseError, ValueError, TypeError) as error:
            raise IntegrityError(say.bad_cache(str(self._path))) from error

    def _keep(self, query: Query, limit: int, found: Sequence[Candidate]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps([asdict(one) for one in found], ensure_ascii=False)
        moment = self._clock().astimezone(UTC).isoformat(timespec="seconds")
        values = (*self._key(query, limit), found[0].edition, moment, text)
        with closing(sqlite3.connect(self._path, timeout=_TIMEOUT_S)) as connection, connection:
            connection.execute(_SCHEMA)
            connection.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
