"""`qpv perimeters fetch`, `import`, `import-npnru` and `import-correspondence`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.cli.progress import progress_bar
from qpv_geo.cli.show import echo
from qpv_geo.errors import InputError, IntegrityError
from qpv_geo.perimeters.catalogue import Catalogue
from qpv_geo.perimeters.correspondence import import_correspondence as keep_correspondence
from qpv_geo.perimeters.coverage import coverage_from_option
from qpv_geo.perimeters.download import fetch as download_perimeters
from qpv_geo.perimeters.generations import parse_date
from qpv_geo.perimeters.importing import ImportOptions, read_file
from qpv_geo.schemes.npnru import import_list
from qpv_geo.settings import load_settings

if TYPE_CHECKING:
    from qpv_geo.connections import Progress
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.perimeters.registry import Download
    from qpv_geo.perimeters.store import Installed, Store
    from qpv_geo.settings import Settings


def fetch(generation: str, accept_new: bool, url: str | None) -> None:

    settings = load_settings()
    catalogue = Catalogue(settings.home)
    downloads = catalogue.registry.downloads
    if generation not in downloads:
        raise InputError(msg.perimeter_errors.unknown_download(generation, downloads))
    download = downloads[generation]
    url = url or dict(settings.perimeters_urls).get(generation)
    with progress_bar(msg.perimeters.downloading(download.title)) as progress:
        perimeters = receive(
            download if url is None else replace(download, url=url),
            catalogue,
            settings,
            accept_new=accept_new,
            progress=progress,
        )
    _install(catalogue.store, perimeters)


def receive(
    download: Download, catalogue: Catalogue, settings: Settings, *, accept_new: bool, progress: Progress
) -> PerimeterSet:
    """Download perimeters; the edition that is installed counts as known. Raises as `download_perimeters`."""
    former = _former(catalogue.store, download.id)
    return download_perimeters(
        download,
        catalogue.generation(download.generation),
        settings,
        known_sha256=None if former is None else former.dataset.sha256,
        accept_new=accept_new,
        progress=progress,
    )


def import_(
    file: str,
    dataset: str | None,
    kind: str,
    coverage: str | None,
    precision: float | None,
    crs: str | None,
    layer: str | None,
    encoding: str | None,
    valid_from: str | None,
    valid_to: str | None,
    source: str | None,
    edition: str | None,
    licence: str | None,
    overwrite: bool,
) -> None:

    options = ImportOptions(
        id=dataset,
        kind=kind,
        coverage=None if coverage is None else coverage_from_option(coverage),
        precision_m=precision,
        crs=crs,
        layer=layer,
        encoding=encoding,
        source=source,
        edition=edition,
        licence=licence,
        valid_from=None if valid_from is None else parse_date(valid_from),
        valid_to=None if valid_to is None else parse_date(valid_to),
    )
    catalogue = Catalogue(load_settings().home)
    perimeters = read_file(Path(file), options, catalogue.registry)
    former = _former(catalogue.store, perimeters.dataset.id)
    if former is not None and not overwrite:
        raise InputError(
            msg.perimeter_errors.already_installed(former.dataset.id, former.dataset.title, former.dataset.count)
        )
    _install(catalogue.store, perimeters)


def import_npnru(file: str) -> None:

    echo(msg.npnru.kept(import_list(Path(file), load_settings().home)))


def import_correspondence(file: str) -> None:
    found = keep_correspondence(Path(file), load_settings().home)
    entered = sum(not befores for befores in found.links.values())
    merged = sum(len(befores) > 1 for befores in found.links.values())
    split = sum(len(afters) > 1 for afters in found.heirs.values())
    echo(msg.perimeters.correspondence_kept(len(found.links), len(found.heirs), entered, merged, split))


def _former(store: Store, dataset: str) -> Installed | None:
    """Return the installed dataset, or None, also if its record is unreadable: it is then replaced."""
    with suppress(IntegrityError):
        return store.find(dataset)
    return None


def _install(store: Store, perimeters: PerimeterSet) -> None:
    from qpv_geo.eligibility.index import PerimeterIndex  # noqa: PLC0415

    installed = store.install(perimeters)
    PerimeterIndex(store.load(installed)).prepare()  # kept beside it, for commands to start fast
    dataset, coverage = installed.dataset, msg.perimeters.COVERAGE[installed.coverage.kind]
    precision, path = msg.verdicts.metres(dataset.precision_m), str(installed.path)
    echo(msg.perimeters.installed(dataset.id, dataset.count, coverage, precision, path))
    echo(msg.perimeters.recorded(dataset.sha256, dataset.source))
