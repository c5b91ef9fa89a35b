"""The available datasets, embedded or installed, and which ones answer for a generation.

Installed datasets come before embedded ones. Loaded sets never change and are cached by the hash of their file, so
installing another edition takes effect at once.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import InputError, IntegrityError, MissingPerimetersError
from qpv_geo.perimeters.correspondence import correspondence_at_hand
from qpv_geo.perimeters.formats import read_layer
from qpv_geo.perimeters.importing import ImportOptions, read_file
from qpv_geo.perimeters.read import PerimeterSet, combine, normalise
from qpv_geo.perimeters.registry import Embedded, Registry, registry
from qpv_geo.perimeters.store import Installed, Store, refuse_altered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from qpv_geo.model import Generation
    from qpv_geo.perimeters.correspondence import Correspondence

Entry = Embedded | Installed
_KEPT = 8
"""Embedded files kept in memory once read."""


@dataclass(frozen=True)
class _Key:
    id: str
    sha256: str


class Catalogue:
    """The datasets of one ``QPV_GEO_HOME`` and of one registry.

    Parameters
    ----------
    home
        Folder of the installed datasets; it need not exist.
    known
        The registry; by default the one that ships with this version.
    """

    def __init__(self, home: Path, known: Registry | None = None) -> None:
        self.home = home
        self.store = Store(home)
        self.registry = known or registry()
        self._loaded: dict[_Key, PerimeterSet] = {}

    @property
    def correspondence(self) -> Correspondence:
        """The correspondence of codes between the generations: the imported one, then the shipped one."""
        return correspondence_at_hand(self.home)

    def entries(self) -> Iterator[Entry]:
        """Yield every available dataset, installed ones first, skipping those whose record is bad."""
        for dataset_id in self.store.ids():
            with suppress(IntegrityError):
                if (installed := self.store.find(dataset_id)) is not None:
                    yield installed
        yield from self.registry.embedded

    def find(self, dataset_id: str) -> Entry | None:
        """Return the dataset with that id or, for the id of a generation, its first dataset; None if there is none."""
        by_id = {entry.dataset.id: entry for entry in reversed(list(self.entries()))}
        if dataset_id in by_id:
            return by_id[dataset_id]
        of_generation = (entry for entry in self.entries() if entry.dataset.generation == dataset_id)
        return next(of_generation, None)

    def load(self, entry: Entry) -> PerimeterSet:
        """Return the perimeters of a dataset, read once and checked against its hash.

        Raises
        ------
        IntegrityError
            The file is not the one whose hash was recorded.
        """
        sha256 = entry.file_sha256 if isinstance(entry, Installed) else entry.dataset.sha256
        key = _Key(entry.dataset.id, sha256)
        if key not in self._loaded:
            self._loaded[key] = self.store.load(entry) if isinstance(entry, Installed) else self._embedded(entry)
        return self._loaded[key]

    def generation(self, generation_id: str) -> Generation:
        """Return a generation by its id.

        Raises
        ------
        InputError
            There is no such generation.
        """
        if generation_id not in self.registry.generations:
            raise InputError(msg.perimeter_errors.unknown_generation(generation_id, self.registry.generations))
        return self.registry.generations[generation_id]

    def answering(self, generation_id: str) -> list[Entry]:
        """Return the datasets that answer for a generation, without reading them; see `sets_of`."""
        found: list[Entry] = []
        for entry in self.entries():
            if entry.dataset.generation == generation_id:
                found.append(entry)
                if entry.coverage.everywhere:
                    break
        return found

    def sets_of(self, generation: Generation) -> tuple[PerimeterSet, ...]:
        """Return the sets that answer for a generation, the installed one first.

        Sets are taken up to the first one that is complete everywhere, so that importing the perimeters of one town
        does not hide those of another.

        Raises
        ------
        IntegrityError
            The file of a set, or the record of the installed one, was altered.
        MissingPerimetersError
            No dataset of that generation is available; the message says how to get one.
        """
        self.store.find(generation.id)
        found = [self.load(entry) for entry in self.answering(generation.id)]
        if not found:
            download = self.registry.downloads.get(generation.id)
            remedy = msg.remedies.import_perimeters(generation.id)
            if download is not None:
                remedy = msg.remedies.fetch_perimeters(download.id, unpinned=download.sha256 is None)
            raise MissingPerimetersError(msg.perimeter_errors.missing_generation(generation.id), remedy=remedy)
        return tuple(found)

    def to_verify(self) -> Iterator[tuple[str, Callable[[], PerimeterSet]]]:
        """Yield the id of every dataset, bad records included, and a function to read it or raise `IntegrityError`."""
        for dataset_id in self.store.ids():
            yield dataset_id, partial(self._verified, dataset_id)
        for embedded in self.registry.embedded:
            yield embedded.dataset.id, partial(self._embedded, embedded)

    def _verified(self, dataset_id: str) -> PerimeterSet:
        installed = self.store.find(dataset_id)
        if installed is None:
            raise IntegrityError(msg.perimeter_errors.file_gone(dataset_id, dataset_id))
        return self.store.load(installed)

    def local_zones(self, on: date) -> list[PerimeterSet]:
        """Return the sets of local zones that are valid on a day."""
        return [
            self.load(entry)
            for entry in self.entries()
            if entry.dataset.generation is None
            and (entry.dataset.valid_from is None or entry.dataset.valid_from <= on)
            and (entry.dataset.valid_to is None or on <= entry.dataset.valid_to)
        ]

    def _embedded(self, entry: Embedded) -> PerimeterSet:
        refuse_altered(entry.path, entry.dataset.sha256, entry.dataset.id)
        generation = self.registry.generations[entry.dataset.generation] if entry.dataset.generation else None
        return _read(entry, generation)


@lru_cache(maxsize=_KEPT)
def _read(entry: Embedded, generation: Generation | None) -> PerimeterSet:
    """Read an embedded file, which is the one that the registry knows; the same set for every catalogue."""
    found = normalise(read_layer(entry.path), name=entry.path.name, generation=generation)
    return PerimeterSet(
        entry.dataset, entry.coverage, found.codes, found.names, found.insee, found.communes, found.geometry
    )


def load_perimeters(source: str | Path, *, catalogue: Catalogue) -> PerimeterSet:
    """Load perimeters by the id of a dataset or generation, or from a file.

    Raises
    ------
    InputError
        `source` is neither an id nor a file.
    MissingPerimetersError
        `source` is a generation without any available dataset.
    """
    if not isinstance(source, str | PathLike):
        raise InputError(msg.perimeter_errors.not_a_source(source))
    if str(source) in catalogue.registry.generations:
        return combine(catalogue.sets_of(catalogue.generation(str(source))))
    entry = catalogue.find(str(source))
    if entry is not None:
        return catalogue.load(entry)
    if not Path(source).is_file():
        known = sorted({entry.dataset.id for entry in catalogue.entries()} | set(catalogue.registry.generations))
        raise InputError(msg.perimeter_errors.unknown_perimeters(str(source), known))
    return read_file(Path(source), ImportOptions(), catalogue.registry)
