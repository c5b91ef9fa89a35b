"""The few addresses that ship with the project: published places only, in an index of the usual format."""

from __future__ import annotations

import hashlib
import sqlite3
from functools import cache
from typing import TYPE_CHECKING
from uuid import uuid4

from qpv_geo.geocoding.address_files import open_rows
from qpv_geo.geocoding.build import build
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import MatchType

if TYPE_CHECKING:
    from pathlib import Path

    from qpv_geo.geocoding.protocol import Candidate, Query

_FILE = "published-addresses.csv"


class PublishedPlaces(OfflineIndex):
    """In-memory index of the published places, which lives as long as this object.

    Parameters
    ----------
    folder
        Folder of the embedded data; see `qpv_geo.resources.data_folder`.
    """

    is_partial = True

    def __init__(self, folder: Path) -> None:
        path = folder / _FILE
        uri = f"file:qpv-geo-published-{uuid4().hex}?mode=memory&cache=shared"
        self._kept = sqlite3.connect(uri, uri=True, check_same_thread=False)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        with open_rows(path) as rows:
            build(self._kept, rows, {"id": "lieux-publies", "source": _FILE, "sha256": sha256, "imported_at": ""})
        super().__init__(path, uri=uri)

    def holds(self, _citycode: str) -> bool:
        """Return False: a few places are never all the addresses of a commune."""
        return False

    def search(self, query: Query, *, limit: int = 5, as_written: bool = False) -> list[Candidate]:
        """Return places, never communes: the index holds only some places of each."""
        found = super().search(query, limit=limit + 1, as_written=as_written)
        return [one for one in found if one.type is not MatchType.MUNICIPALITY][:limit]


@cache
def published_places(folder: Path) -> PublishedPlaces:
    """Return the published places of a folder, read once."""
    return PublishedPlaces(folder)
