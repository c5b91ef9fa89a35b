"""Download the official perimeters and check them before they are trusted.

A download gives a complete file, with a known hash unless the caller accepts a new one. Otherwise it raises a
`RemoteError` that says what the remote did, or an `UnknownEditionError` if the hash is unknown. Nothing is installed
here.
"""

from __future__ import annotations

import hashlib
import io
import lzma
import tempfile
import zipfile
import zlib
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError, PerimeterError, RemoteError, UnknownEditionError
from qpv_geo.http import DOWNLOADS, Client, silent
from qpv_geo.model import Dataset, Kind
from qpv_geo.perimeters.coverage import coverage_from_json
from qpv_geo.perimeters.formats import read_geojson
from qpv_geo.perimeters.generations import day_in_france
from qpv_geo.perimeters.importing import assemble
from qpv_geo.perimeters.read import normalise
from qpv_geo.perimeters.wfs import read_layer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from qpv_geo.connections import Progress
    from qpv_geo.http import Limits
    from qpv_geo.model import Generation
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.perimeters.registry import Download
    from qpv_geo.settings import Settings


@dataclass(frozen=True)
class _Received:
    """A GeoJSON file as received: its content and name, the hash and size to check, its perimeter count if known."""

    content: bytes
    name: str
    sha256: str
    size: int
    count: int | None = None

    def is_pinned(self, download: Download) -> bool:
        """Tell whether this is the edition in the registry."""
        return self.sha256 == download.sha256 and download.size in {None, self.size}


def fetch(  # noqa: PLR0913 - what to fetch, how, and what to trust; all but the first three have defaults
    download: Download,
    generation: Generation,
    settings: Settings,
    *,
    known_sha256: str | None = None,
    accept_new: bool = False,
    progress: Progress = silent,
    limits: Limits = DOWNLOADS,
    today: date | None = None,
) -> PerimeterSet:
    """Download the perimeters of a generation, check them and read them.

    Parameters
    ----------
    download
        Where the file is, and what its known edition looks like.
    generation
        The generation whose codes its perimeters must have.
    settings
        ``http_timeout_s`` bounds each wait for the remote, ``http_attempts`` the number of attempts.
    known_sha256
        Hash that this machine accepted before; it counts as known, like that of the registry.
    accept_new
        Whether to accept an unknown edition. It is complete everywhere if it holds the generation's official number
        of perimeters, nowhere otherwise.
    progress
        Called as bytes (``zip``) or perimeters (``wfs``) arrive.
    limits
        Limits on size and waits; `size` also bounds the content once unpacked.
    today
        Date written in the edition of a file that is not the registry's; by default, today.

    Returns
    -------
    PerimeterSet
        In longitude and latitude (WGS84). ``dataset.sha256`` is the hash found: of the archive's member, or of the
        layer's canonical JSON (see `qpv_geo.perimeters.wfs.read_layer`).

    Raises
    ------
    RemoteError
        The remote is unreachable, refuses, stalls or disconnects, or sends something else, too much, or perimeters
        that cannot be trusted.
    UnknownEditionError
        The hash is not known, and `accept_new` is false.
    """
    with closing(Client(settings, msg.download_errors, limits, redirects=True)) as client:
        received = (_receive_wfs if download.protocol == "wfs" else _receive_zip)(download, client, limits, progress)
    if not (accept_new or received.is_pinned(download) or received.sha256 == known_sha256):
        raise UnknownEditionError(_why_unknown(received, download, known_sha256))
    return _read(received, download, generation, today or day_in_france(datetime.now(UTC)))


def _why_unknown(received: _Received, download: Download, known_sha256: str | None) -> str:
    if received.count not in {None, download.count}:
        return msg.errors.wrong_count(download.id, received.count or 0, download.count)
    return msg.errors.unknown_edition(download.id, received.sha256, received.size, download.sha256 or known_sha256)


def _read(received: _Received, download: Download, generation: Generation, today: date) -> PerimeterSet:
    """Read a received file; only the registry's edition gets its edition name and coverage."""
    try:
        layer = read_geojson(received.content, name=received.name)
        features = normalise(layer, name=received.name, generation=generation)
    except (FormatError, PerimeterError) as error:
        raise RemoteError(msg.errors.remote_unusable(download.url, str(error))) from error
    pinned = received.is_pinned(download)
    dataset = Dataset(
        id=download.id,
        generation=generation.id,
        kind=str(Kind.QPV),
        title=download.title,
        source=download.source,
        edition=download.edition if pinned else msg.errors.edition_unknown(today),
        licence=download.licence,
        sha256=received.sha256,
        count=len(features.codes),
        precision_m=download.precision_m,
    )
    return assemble(dataset, features, coverage_from_json(download.coverage) if pinned else None, generation)


# ── Receiving by each protocol ───────────────────────────────────────────────────────────────────────────────


def _receive_zip(download: Download, client: Client, limits: Limits, progress: Progress) -> _Received:
    """Receive one member of an archive, which is saved to an anonymous temporary file."""
    with tempfile.TemporaryFile() as archive:
        client.receive(download.url, archive, progress=progress)
        content = _unzip(archive, download, limits.size)
    digest = hashlib.sha256(content).hexdigest()
    return _Received(content, PurePosixPath(download.member).name, digest, len(content))


def _unzip(archive: IO[bytes], download: Download, limit: int) -> bytes:
    """Return the member of an archive; read one byte past `limit` rather than trust its declared size."""
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(download.member) as member:
            content = member.read(limit + 1)
    except KeyError as error:
        raise RemoteError(msg.errors.remote_no_member(download.url, download.member)) from error
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise RemoteError(msg.errors.remote_not_zip(download.url)) from error
    if len(content) > limit:
        raise RemoteError(msg.download_errors.unpacks_to_too_much(download.url, limit))
    return content


def _receive_wfs(download: Download, client: Client, limits: Limits, progress: Progress) -> _Received:
    """Receive a layer, page by page on one connection."""

    def get(parameters: Mapping[str, str]) -> bytes:
        body = io.BytesIO()
        client.receive(download.url, body, params=parameters)
        return body.getvalue()

    layer = read_layer(download, get, progress, limit=limits.size)
    digest = hashlib.sha256(layer.canonical).hexdigest()
    return _Received(layer.geojson, download.layer, digest, len(layer.canonical), layer.count)
