"""Perimeters installed on this machine: one record and one GeoPackage per dataset, under ``QPV_GEO_HOME``.

The GeoPackage holds the perimeters once read and repaired; any GIS can open it. Its name includes its hash. The record,
which names it, is replaced last and atomically, so a run that is killed leaves the previous edition intact. Reading
uses the standard library, since a GeoPackage is a SQLite database of WKB.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from qpv_geo import messages as msg
from qpv_geo.errors import IntegrityError
from qpv_geo.files import FileListing, FileState, file_state, locked, write_whole
from qpv_geo.perimeters.coverage import Coverage, coverage_from_json
from qpv_geo.perimeters.read import CheckedFile, PerimeterSet, file_sha256
from qpv_geo.perimeters.registry import dataset_from_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qpv_geo.model import Dataset

_LAYER, _RECORD = "perimeters", ".json"
_READABLE = 0o644
_SHORT_HASH = 12
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
"""Bytes of the envelope before the WKB, by the envelope indicator of a GeoPackage blob (OGC 12-128r15, 2.1.3)."""


@dataclass(frozen=True, eq=False)
class Installed:
    """The record of an installed dataset."""

    dataset: Dataset
    coverage: Coverage
    path: Path
    file_sha256: str
    installed_at: str


class Store:
    """The installed datasets of one ``QPV_GEO_HOME``.

    Attributes
    ----------
    folder
        Where their files are; it need not exist.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home / "perimeters"
        self._read: dict[str, tuple[FileState, Installed]] = {}
        self._records = FileListing(self.folder, _RECORD)

    def ids(self) -> tuple[str, ...]:
        """Return the ids of the installed datasets, in alphabetical order."""
        return self._records.stems()

    def state(self) -> tuple[tuple[str, FileState | None], ...]:
        """Return a value, cheap to compute, that changes when any dataset is installed, replaced or removed."""
        return tuple((dataset_id, file_state(self._record_path(dataset_id))) for dataset_id in self.ids())

    def find(self, dataset_id: str) -> Installed | None:
        """Return the record of a dataset, or None if it is not installed.

        Raises
        ------
        IntegrityError
            The record cannot be read, or was altered.
        """
        path = self._record_path(dataset_id)
        known = file_state(path)
        if known is None:
            return None
        kept = self._read.get(dataset_id)
        if kept is None or kept[0] != known:
            kept = self._read[dataset_id] = known, self._record(Path(path))
        return kept[1]

    def _record_path(self, dataset_id: str) -> str:
        return f"{self.folder}/{dataset_id}{_RECORD}"

    def _record(self, path: Path) -> Installed:
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            whole = record.pop("record_sha256") == _record_sha256(record)
            installed = self._from_record(record)
        except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
            raise IntegrityError(msg.perimeter_errors.bad_record(str(path))) from error
        if not whole:
            raise IntegrityError(msg.perimeter_errors.altered_record(str(path)))
        return installed

    def load(self, installed: Installed) -> PerimeterSet:
        """Read an installed dataset.

        Raises
        ------
        IntegrityError
            The file is missing, or does not have the recorded hash.
        """
        refuse_altered(installed.path, installed.file_sha256, installed.dataset.id)
        query = f"SELECT code_qp, lib_qp, insee_com, lib_com, geom FROM {_LAYER} ORDER BY fid"  # noqa: S608 - a constant
        with closing(sqlite3.connect(f"{installed.path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            codes, names, insee, communes, blobs = zip(*connection.execute(query).fetchall(), strict=True)
        geometry = np.asarray(shapely.from_wkb([_wkb(blob) for blob in blobs]), dtype=object)
        file = CheckedFile(installed.path, installed.file_sha256)
        return PerimeterSet(installed.dataset, installed.coverage, codes, names, insee, communes, geometry, file=file)

    def install(self, perimeters: PerimeterSet) -> Installed:
        """Write a set of perimeters, replacing the dataset with the same id atomically."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            return self._install(perimeters)

    def remove(self, dataset_id: str) -> bool:
        """Remove a dataset, readable or not; return whether there was one."""
        if dataset_id not in self.ids():  # a path is not an id either
            return False
        with self._alone():
            (self.folder / f"{dataset_id}.json").unlink(missing_ok=True)
            self._remove_stale(dataset_id, keep=None)
        return True

    def _install(self, perimeters: PerimeterSet) -> Installed:
        dataset = perimeters.dataset
        content = _geopackage(perimeters)
        digest = hashlib.sha256(content).hexdigest()
        path = self.folder / f"{dataset.id}-{digest[:_SHORT_HASH]}.gpkg"
        write_whole(path, content, mode=_READABLE)
        record = {
            **asdict(dataset),
            "coverage": perimeters.coverage.to_json(),
            "file": path.name,
            "file_sha256": digest,
            "installed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        record = json.loads(json.dumps(record, default=str))
        text = json.dumps(record | {"record_sha256": _record_sha256(record)}, ensure_ascii=False, indent=1)
        write_whole(self.folder / f"{dataset.id}.json", text.encode(), mode=_READABLE)
        self._remove_stale(dataset.id, keep=path)
        return self._from_record(record)

    def _remove_stale(self, dataset_id: str, *, keep: Path | None) -> None:
        for stale in self.folder.glob(f"{dataset_id}-*"):  # with what was computed from it and lies beside it
            edition, _, rest = stale.name[len(dataset_id) + 1 :].partition(".")
            if len(edition) == _SHORT_HASH and rest and (keep is None or edition != keep.stem[-_SHORT_HASH:]):
                stale.unlink(missing_ok=True)
        for left in self.folder.glob(".*.partiel.gpkg"):  # by a killed process: this one has the lock
            left.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Lock the folder, so that no process removes what another has just installed."""
        with locked(self.folder / ".lock", wait=True):
            yield

    def _from_record(self, record: dict[str, Any]) -> Installed:
        days = {key: _day(record[key]) for key in ("valid_from", "valid_to")}
        return Installed(
            dataset_from_entry(record | days),
            coverage_from_json(record["coverage"]),
            self.folder / record["file"],
            record["file_sha256"],
            record["installed_at"],
        )


def _record_sha256(record: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def refuse_altered(path: Path, sha256: str, dataset_id: str) -> None:
    """Raise `IntegrityError` unless the file is there with the recorded hash."""
    if not path.is_file():
        raise IntegrityError(msg.perimeter_errors.file_gone(dataset_id, str(path)))
    found = file_sha256(path)
    if found != sha256:
        raise IntegrityError(msg.perimeter_errors.altered(dataset_id, str(path), found, sha256))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _wkb(blob: bytes) -> bytes:
    """Return the WKB of a GeoPackage geometry blob."""
    return blob[8 + _ENVELOPE_BYTES[(blob[3] >> 1) & 0b111] :]


def _geopackage(perimeters: PerimeterSet) -> bytes:
    frame = perimeters.frame.assign(lib_com=list(perimeters.communes))
    content = io.BytesIO()
    frame.to_file(
        content, layer=_LAYER, driver="GPKG", engine="pyogrio", geometry_type="Unknown", promote_to_multi=False
    )
    return content.getvalue()
