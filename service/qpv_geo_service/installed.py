"""What is installed on this server, and the command for what is not: for the band and the administrator's page."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from qpv_geo.errors import QpvGeoError
from qpv_geo.geocoding.ban import LOCALITIES, index_of
from qpv_geo.messages.remedies import fetch_perimeters
from qpv_geo.messages.typography import joined
from qpv_geo.perimeters.store import Installed
from qpv_geo.schemes.npnru import lists
from qpv_geo_service import messages_installed as msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qpv_geo.geocoding.store import IndexStatus
    from qpv_geo.perimeters.catalogue import Catalogue, Entry
    from qpv_geo_service.state import ServiceState

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class InstalledItem:
    """One data set or part of the service: its state, what is told of it, and the command that brings or changes it."""

    title: str
    state: str
    told: str = ""
    action: str = ""
    command: str = ""


def band(service: ServiceState) -> str:
    """Return the sentence on what this server covers, and from which editions."""
    catalogue = service.checker.catalogue
    titles = [
        (msg.short_title(entry.dataset.title), msg.edition(entry.dataset.edition))
        for generation in reversed(catalogue.registry.generations)
        for entry in catalogue.answering(generation)
    ]
    codes = [one.id.upper() for one in _indexes(service) or [] if not one.id.startswith(LOCALITIES)]
    asked = "national" in service.checker.settings.geocoders
    return msg.covered(titles, msg.departments(codes) if codes else msg.NATIONAL if asked else msg.NO_ADDRESSES)


def perimeters(service: ServiceState) -> list[InstalledItem]:
    """Return each generation and each local zone, those in force first."""
    catalogue = service.checker.catalogue
    found = [_generation(catalogue, one) for one in reversed(catalogue.registry.generations)]
    return found + [
        InstalledItem(msg.short_title(entry.dataset.title), msg.INSTALLED, _facts(entry))
        for entry in catalogue.entries()
        if entry.dataset.generation is None
    ]


def addresses(service: ServiceState) -> list[InstalledItem]:
    """Return each index of addresses, the lieux-dits that a département lacks, and what is done elsewhere."""
    found = _indexes(service)
    asked = "national" in service.checker.settings.geocoders
    others = InstalledItem(msg.OTHER_DEPARTMENTS, msg.MISSING, msg.ASKED_ONLINE if asked else msg.NOT_ASKED)
    if found is None:
        return [InstalledItem(msg.ADDRESSES, msg.UNREADABLE, "", msg.INSTALL, f"{msg.ANY_TOWN} --refresh")]
    return [*_departments(found), _with(others, msg.INSTALL, msg.ANY_TOWN)]


def others(service: ServiceState) -> Iterator[InstalledItem]:
    """Yield what is beside the perimeters and the addresses."""
    settings = service.settings
    imported = len(lists(service.checker.settings.home)) > 1
    told = msg.NPNRU_IMPORTED if imported else msg.NPNRU_SHIPPED
    yield InstalledItem(msg.NPNRU, msg.INSTALLED if imported else msg.PARTIAL, told, msg.COMPLETE, msg.NPNRU_COMMAND)
    if settings.projects is None:
        yield InstalledItem(msg.PROJECTS, msg.PARTIAL, msg.PROJECTS_EXAMPLES, msg.INSTALL, msg.PROJECTS_COMMAND)
    else:
        yield InstalledItem(msg.PROJECTS, msg.INSTALLED, settings.projects.name)
    yield InstalledItem(
        msg.TILES, msg.INSTALLED, msg.TILES_TOLD[settings.tiles], msg.UPDATE, msg.TILES_COMMAND[settings.tiles]
    )
    for module, (title, extra) in msg.EXTRA.items():
        if find_spec(module) is None:
            yield InstalledItem(title, msg.MISSING, "", msg.INSTALL, f'pip install "qpv-geo[{extra}]"')
        else:
            yield InstalledItem(title, msg.INSTALLED)


def _generation(catalogue: Catalogue, generation: str) -> InstalledItem:
    """Return what is installed of a generation; incomplete perimeters come with the command that completes them."""
    found = catalogue.answering(generation)
    download = catalogue.registry.downloads[generation]
    command = fetch_perimeters(download.id, unpinned=download.sha256 is None)
    title = msg.short_title(download.title)
    if not found:
        return InstalledItem(title, msg.MISSING, "", msg.INSTALL, command)
    whole = [one for one in found if one.coverage.everywhere]
    if whole:
        return InstalledItem(title, msg.INSTALLED, _facts(whole[0]), msg.UPDATE, command)
    return InstalledItem(title, msg.PARTIAL, joined(map(_facts, found)), msg.COMPLETE, command)


def _facts(entry: Entry) -> str:
    dataset = entry.dataset
    told = msg.zones(dataset.count, msg.short_title(dataset.title), dataset.edition)
    return f"{told}, {_megabytes(entry.path.stat().st_size)}\u00a0Mo" if isinstance(entry, Installed) else told


def _indexes(service: ServiceState) -> list[IndexStatus] | None:
    """Return the indexes of addresses; None if one cannot be read."""
    try:
        return service.addresses.status()
    except QpvGeoError:
        return None


def _departments(found: Sequence[IndexStatus]) -> Iterator[InstalledItem]:
    known = {one.id for one in found}
    for one in found:
        kind, _, code = one.id.rpartition("-")
        is_own = one.id not in {code, index_of(code, LOCALITIES)}
        title = one.id if is_own else msg.addresses_title(kind or "adresses", code.upper())
        facts = msg.indexed(one.rows, one.places, one.edition, _megabytes(one.size))
        again = "" if is_own else f"qpv setup {code.upper()} --refresh"
        yield InstalledItem(title, msg.INSTALLED, facts, msg.UPDATE if again else "", again)
        if one.id.isalnum() and len(one.id) <= len("974") and index_of(one.id, LOCALITIES) not in known:
            upper = one.id.upper()
            yield InstalledItem(
                msg.addresses_title(LOCALITIES, upper), msg.MISSING, "", msg.INSTALL, f"qpv setup {upper}"
            )


def _with(line: InstalledItem, action: str, command: str) -> InstalledItem:
    return InstalledItem(line.title, line.state, line.told, action, command)


def _megabytes(size: int) -> str:
    return msg.number(size / _MEGABYTE, 1)
