"""Address indexes on this machine: one per département (or other address file), under ``QPV_GEO_HOME``.

An index is built in a temporary file, then moved into place atomically: a killed run leaves the previous one intact.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.files import PRIVATE, FileListing, FileState, file_state, private_folder, replaced, sha256_of
from qpv_geo.geocoding.address_files import open_rows
from qpv_geo.geocoding.build import build
from qpv_geo.geocoding.offline import OfflineIndex

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_DEPARTMENT_FILE = re.compile(r"(?:adresses|lieux-dits)-(\d{2,3}|2[ab])\b", re.IGNORECASE)
_INDEX = ".sqlite"
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True)
class IndexStatus:
    """The origin and size of an index.

    Attributes
    ----------
    id
        Département (``86``) or the name of the file it was built from.
    rows, places
        Number of addresses, and of streets, localities and communes.
    without_position
        Rows of the file left out because they have no usable position.
    source, edition, sha256
        File it was built from, its edition if known, its hash.
    imported_at
        Time of the import, ISO 8601.
    size
        Bytes on disk.
    """

    id: str
    rows: int
    places: int
    without_position: int
    source: str
    edition: str | None
    sha256: str
    imported_at: str
    size: int
    path: Path


class AddressStore:
    """The address indexes of one ``QPV_GEO_HOME``."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "addresses"
        self._files = FileListing(self._folder, _INDEX)
        self._opened: dict[str, tuple[FileState, OfflineIndex]] = {}

    def indexes(self) -> list[OfflineIndex]:
        """Return the indexes, in the order of their ids; each is opened once.

        Raises
        ------
        IntegrityError
            One cannot be read.
        """
        states = {index_id: file_state(f"{self._folder}/{index_id}{_INDEX}") for index_id in self._files.stems()}
        return [self._open(index_id, state) for index_id, state in states.items() if state is not None]

    def _open(self, index_id: str, state: FileState) -> OfflineIndex:
        opened = self._opened.get(index_id)
        if opened is None or opened[0] != state:
            opened = self._opened[index_id] = state, OfflineIndex(self._folder / f"{index_id}{_INDEX}")
        return opened[1]

    def status(self) -> list[IndexStatus]:
        """Return the status of each index."""
        return [_status(index) for index in self.indexes()]

    def import_file(
        self,
        path: Path,
        *,
        index_id: str | None = None,
        source: str | None = None,
        edition: str | None = None,
        progress: Callable[[int], None] = lambda _done: None,
    ) -> IndexStatus:
        """Build the index of an address file, and atomically replace any with the same id.

        Parameters
        ----------
        path
            CSV of the BAN or of a BAL, gzipped or not.
        index_id
            By default the département in the file's name, or else that name; see `index_id_of`.
        source, edition
            Origin of the file, by default its name, and its edition, by default unknown.
        progress
            Called with the number of bytes of the file read so far.

        Raises
        ------
        FormatError
            Not an address file, or a row that cannot be read.
        InputError
            The id is invalid, or the file has no usable address.
        """
        name = index_id or index_id_of(path.name)
        if not _ID.fullmatch(name):
            raise InputError(msg.errors.bad_id(name))
        with open_rows(path, progress=progress) as rows:
            private_folder(self._folder)
            meta = {
                "id": name,
                "source": source or path.name,
                "sha256": sha256_of([path]),
                "imported_at": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            with replaced(self._folder / f"{name}{_INDEX}", mode=PRIVATE) as beside:
                with closing(sqlite3.connect(beside)) as connection:
                    count = build(connection, rows, meta | ({} if edition is None else {"edition": edition}))
                    left_out = rows.without_position  # final once the rows have been read
                    connection.execute("INSERT INTO meta VALUES ('without_position', ?)", (str(left_out),))
                    connection.commit()
                if not count:
                    no_row = msg.address_errors.no_position if left_out else msg.address_errors.no_address
                    raise InputError(no_row(path.name))
        return _status(OfflineIndex(self._folder / f"{name}{_INDEX}"))


def index_id_of(name: str) -> str:
    """Return the département of a BAN address file, by its name, or for any other file the name without extensions."""
    found = _DEPARTMENT_FILE.match(name)
    if found is None:
        return name.split(".", maxsplit=1)[0].lower()
    return found[1].lower() if name.lower().startswith("adresses") else name.split(".", maxsplit=1)[0].lower()


def _status(index: OfflineIndex) -> IndexStatus:
    meta = index.meta
    return IndexStatus(
        meta["id"],
        int(meta["rows"]),
        int(meta["places"]),
        int(meta.get("without_position", 0)),
        meta["source"],
        meta.get("edition"),
        meta["sha256"],
        meta["imported_at"],
        index.path.stat().st_size,
        index.path,
    )
