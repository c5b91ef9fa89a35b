"""`qpv setup`: all that a town needs, in one command; what a stopped run installed is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.cli.install import receive
from qpv_geo.cli.progress import progress_bar
from qpv_geo.cli.show import echo, style
from qpv_geo.errors import QpvGeoError, RemoteError
from qpv_geo.geocoding.ban import ADDRESSES, LOCALITIES, department_code, index_of
from qpv_geo.geocoding.ban import fetch as download_addresses
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.perimeters.catalogue import Catalogue
from qpv_geo.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from qpv_geo.connections import Progress
    from qpv_geo.geocoding.store import IndexStatus
    from qpv_geo.perimeters.registry import Download
    from qpv_geo.perimeters.store import Installed
    from qpv_geo.settings import Settings

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class _Installable:
    """One data set: what is told of the installed one, None if there is none, and how to bring it.

    Attributes
    ----------
    in_bytes
        Whether its progress is in bytes.
    """

    title: str
    present: str | None
    bring: Callable[[Progress], str]
    in_bytes: bool = True


def setup(departments: Sequence[str], refresh: bool, accept_new: bool) -> None:

    codes = list(dict.fromkeys(map(department_code, departments)))
    settings = load_settings()
    parts = [*_perimeters(settings, accept_new=accept_new), *_addresses(settings, codes)]
    left = [one for one in parts if refresh or one.present is None]
    echo(msg.setup.plan(len(parts), len(parts) - len(left)))
    failed = []
    for part in parts:
        if part in left:
            failed += [] if _bring(part) else [part.title]
        else:
            _tell(msg.setup.ALREADY, part.title, part.present or "")
    if failed:
        raise RemoteError(msg.setup.incomplete(failed), remedy=msg.remedies.setup(codes))


def _bring(part: _Installable) -> bool:
    """Install a part and tell its sizes; tell why not where its source fails, so that the others still come."""
    received = 0
    try:
        with progress_bar(msg.perimeters.downloading(part.title)) as progress:

            def watch(done: int, total: int | None) -> None:
                nonlocal received
                received = done
                progress(done, total)

            facts = part.bring(watch)
    except RemoteError as error:
        _tell(msg.setup.FAILED, part.title, str(error))
        return False
    told = msg.setup.received(facts, _megabytes(received)) if part.in_bytes else facts
    _tell(msg.setup.INSTALLED, part.title, told)
    return True


def _tell(state: str, title: str, facts: str) -> None:
    colour = "red" if state == msg.setup.FAILED else "green"
    echo(style(f"{state:<9}", fg=colour), f"{title}")
    echo(f"         {facts}")


def _perimeters(settings: Settings, *, accept_new: bool) -> Iterator[_Installable]:
    catalogue = Catalogue(settings.home)
    for download in catalogue.registry.downloads.values():
        url = dict(settings.perimeters_urls).get(download.id, download.url)
        try:
            found = catalogue.store.find(download.id)
        except QpvGeoError:
            found = None  # its record is unreadable: it is replaced
        is_whole = found is not None and (found.coverage.everywhere or found.dataset.source == download.source)
        bring = partial(_fetch_perimeters, replace(download, url=url), catalogue, settings, accept_new)
        yield _Installable(
            download.title, _perimeters_facts(found) if found and is_whole else None, bring, download.protocol == "zip"
        )


def _fetch_perimeters(
    download: Download, catalogue: Catalogue, settings: Settings, accept_new: bool, progress: Progress
) -> str:
    """Install the perimeters of a download; one whose hash the registry does not hold is taken as it comes."""
    accepted = accept_new or download.sha256 is None
    found = receive(download, catalogue, settings, accept_new=accepted, progress=progress)
    return _perimeters_facts(catalogue.store.install(found))


def _perimeters_facts(found: Installed) -> str:
    size = msg.setup.size(_megabytes(found.path.stat().st_size))
    return msg.setup.perimeters_facts(msg.verdicts.number(found.dataset.count), found.dataset.edition, size)


def _addresses(settings: Settings, codes: Sequence[str]) -> Iterator[_Installable]:
    store = AddressStore(settings.home)
    known = {one.id: one for one in store.status()}
    for code in codes:
        for kind in (ADDRESSES, LOCALITIES):
            found = known.get(index_of(code, kind))
            bring = partial(_fetch_addresses, code, kind, store, settings)
            yield _Installable(msg.setup.addresses_title(kind, code), _addresses_facts(found) if found else None, bring)


def _fetch_addresses(code: str, kind: str, store: AddressStore, settings: Settings, progress: Progress) -> str:
    return _addresses_facts(download_addresses(code, store, settings, kind=kind, progress=progress))


def _addresses_facts(found: IndexStatus) -> str:
    size = msg.setup.size(_megabytes(found.size))
    number = msg.verdicts.number
    return msg.setup.addresses_facts(number(found.rows), number(found.places), found.edition, size)


def _megabytes(size: int) -> str:
    return msg.verdicts.number(size / _MEGABYTE, 1)
