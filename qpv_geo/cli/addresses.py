"""`qpv addresses import`, `fetch`, `status` and `near`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.cli.progress import progress_bar
from qpv_geo.cli.show import echo, echo_json, echo_paragraph, style
from qpv_geo.eligibility.location import refuse_misplaced
from qpv_geo.geocoding.ban import fetch as download
from qpv_geo.geocoding.protocol import candidate_to_json
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.messages.address_errors import rows_without_position
from qpv_geo.settings import load_settings

if TYPE_CHECKING:
    from qpv_geo.geocoding.store import IndexStatus
    from qpv_geo.settings import Settings

_MEGABYTE = 1_000_000


def import_(file: str, index: str | None, source: str | None, edition: str | None) -> None:
    path = Path(file)
    size = path.stat().st_size if path.is_file() else None
    with progress_bar(msg.cli.indexing(path.name)) as progress:
        status = _store(_settings()).import_file(
            path, index_id=index, source=source, edition=edition, progress=lambda done: progress(done, size)
        )
    _show(status)


def fetch(department: str) -> None:

    settings = _settings()
    with progress_bar(msg.perimeters.downloading(msg.cli.addresses_of(department))) as progress:
        status = download(department, _store(settings), settings, progress=progress)
    _show(status)


def status(shape: str) -> None:
    found = _store(_settings()).status()
    if shape == "json":
        echo_json([{**asdict(one), "path": str(one.path)} for one in found])
        return
    if not found:
        echo(msg.cli.NO_ADDRESSES)
        echo(msg.cli.remedy(msg.remedies.fetch_addresses([])))
    for one in found:
        _show(one)


def near(lon: float, lat: float, limit: int, offline: bool, shape: str) -> None:

    refuse_misplaced([lon], [lat])
    found = geocoder_of(_settings(), offline=offline).reverse(lon=lon, lat=lat, limit=limit)
    if shape == "json":
        echo_json([candidate_to_json(one) for one in found])
    elif not found:
        echo(msg.cli.NOTHING_NEAR)
    for one in found if shape == "text" else []:
        echo(msg.cli.near(one.label, one.lon, one.lat, one.source))


def _settings() -> Settings:

    return load_settings()


def _store(settings: Settings) -> AddressStore:

    return AddressStore(settings.home)


def _show(status: IndexStatus) -> None:
    echo(style(status.id, bold=True))
    size = msg.verdicts.number(status.size / _MEGABYTE, 1)
    echo_paragraph(
        msg.cli.index_facts(status.rows, msg.verdicts.number(status.rows), msg.verdicts.number(status.places), size)
    )
    if status.without_position:
        echo_paragraph(rows_without_position(status.without_position, msg.verdicts.number(status.without_position)))
    echo_paragraph(msg.perimeters.dataset_origin(status.source, status.edition, None, status.sha256))
    echo_paragraph(
        msg.cli.imported_at(msg.verdicts.day(datetime.fromisoformat(status.imported_at).astimezone().date()))
    )
