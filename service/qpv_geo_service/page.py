"""The staff page: files of the package and Leaflet's, served as they are, under a strict policy.

No build step; all but the background of maps comes from this server, and that too with ``QPV_GEO_SERVICE_TILES=none``:
the page works without internet access. The files of a version have addresses of their own, that hold the hash of all of
them: a browser keeps them without asking again, and never runs the scripts of an earlier version.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response

from qpv_geo.errors import MissingError
from qpv_geo.messages.remedies import LIBRARIES
from qpv_geo_service import messages, messages_installed
from qpv_geo_service.errors import ParametersError
from qpv_geo_service.installed import band
from qpv_geo_service.query_params import Parameters, read_query, refuse_unknown
from qpv_geo_service.register_access import register_offer
from qpv_geo_service.responses import etag, is_held
from qpv_geo_service.state import ServiceState, service_of

TILES_HOST = "https://data.geopf.fr"
"""The Géoplateforme, which serves the IGN Plan (WMTS, layer GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2)."""

_POLICY = (
    "default-src 'self'; img-src {images}; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_IMAGES = {"ign": f"'self' data: {TILES_HOST}", "none": "'self'"}
"""Leaflet replaces the tiles that it no longer needs by an empty image, a ``data:`` address."""
_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_PAGE = "index.html"
_ASKED_EVERY_TIME, _KEPT = "no-cache", "public, max-age=31536000, immutable"
_PACKAGE, _FOLDER, _LEAFLET = "xstatic-leaflet", "xstatic/pkg/leaflet/data", ("leaflet.js", "leaflet.css")
_UNUSED = re.compile(rb"//# sourceMappingURL=\S*|\s*behavior:\s*url\(#default#VML\);")
"""A map for debuggers that is not served, and a rule for Internet Explorer 8."""
_METHODS = ["GET", "HEAD"]

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class _File:
    content: bytes
    media_type: str
    etag: str


def content_security_policy(tiles: str) -> str:
    """Return the policy of the page: no inline script or style, no eval, and images of one other host at most.

    Text written by others is never run, even if the page has a bug.
    """
    return _POLICY.format(images=_IMAGES[tiles])


class PageQuestion(Parameters):
    """The parameters of a link to the page; the API reads their values."""

    q: str | None = None
    citycode: str | None = None
    lon: str | None = None
    lat: str | None = None
    on: str | None = None
    generation: str | None = None
    scheme: str | None = None
    amount: str | None = None
    answer: tuple[str, ...] = ()
    job: str | None = None


@router.api_route("/", methods=_METHODS)
async def page(request: Request) -> Response:
    """Return the page; if it does not know a parameter of the link, it says so in place of an answer."""
    service = service_of(request)
    covered, settings = await service.wait(lambda: band(service)), service.settings
    file = _page(settings.tiles, _generations(service), register_offer(settings), covered)
    try:
        read_query(PageQuestion, request.scope)
    except ParametersError as error:
        refused = f'<html data-refused="{messages_installed.BAD_LINK}" data-refused-why="{escape(str(error))}"'
        content = file.content.replace(b"<html", refused.encode(), 1)
        return Response(content, 422, _headers(request) | {"Cache-Control": "no-store"}, file.media_type)
    return _answer(file, request)


@router.api_route("/static/{name}", methods=_METHODS)
async def static(name: str, request: Request) -> Response:
    """Return a file of the page, whatever its version."""
    refuse_unknown(request.scope, ())
    return _answer(_named(name), request)


@router.api_route("/static/{version}/{name}", methods=_METHODS)
async def static_of_version(version: str, name: str, request: Request) -> Response:
    """Return a file of the page; one of another version is not kept, as it is this version's all the same."""
    refuse_unknown(request.scope, ())
    return _answer(_named(name), request, _KEPT if version == _version() else _ASKED_EVERY_TIME)


def _named(name: str) -> _File:
    file = _files().get(name)
    if file is None:
        raise HTTPException(404)
    return file


def _answer(file: _File, request: Request, cache: str = _ASKED_EVERY_TIME) -> Response:
    headers = _headers(request) | {"Cache-Control": cache, "ETag": file.etag}
    if is_held(request, file.etag):
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


def _headers(request: Request) -> dict[str, str]:
    policy = content_security_policy(service_of(request).settings.tiles)
    return {"Cache-Control": "no-cache", "Content-Security-Policy": policy}


def _generations(service: ServiceState) -> tuple[str, ...]:
    """Return the generations that have perimeters here, the oldest first."""
    catalogue = service.checker.catalogue
    return tuple(sorted(one for one in catalogue.registry.generations if any(catalogue.answering(one))))


@lru_cache(maxsize=8)
def _page(tiles: str, generations: tuple[str, ...], register: str, covered: str) -> _File:
    """Return the page, told its background, which generations it compares, who uses the register and what it covers."""
    text = versioned(_files()[_PAGE].content.decode()).replace("<!-- covered -->", escape(covered))
    text = text.replace('data-register="none"', f'data-register="{register}"')
    text = text.replace('data-tiles="none"', f'data-tiles="{tiles}"')
    return _file(_PAGE, text.replace('data-generations=""', f'data-generations="{" ".join(generations)}"').encode())


def versioned(text: str) -> str:
    """Return the text of a page whose files are those of this version."""
    return text.replace('="static/', f'="static/{_version()}/')


@cache
def _files() -> dict[str, _File]:
    """Return the files by name, read once; they are few and small, and no others can be requested."""
    found = {one.name: one.read_bytes() for one in files(__package__).joinpath("page").iterdir()}
    found |= {name: _leaflet(name) for name in _LEAFLET}
    return {name: _file(name, content) for name, content in found.items()}


@cache
def _version() -> str:
    """Return what tells the files of this version from those of all others."""
    told = "".join(f"{name} {file.etag}\n" for name, file in sorted(_files().items()))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _leaflet(name: str) -> bytes:
    try:
        content = Path(str(distribution(_PACKAGE).locate_file(f"{_FOLDER}/{name}"))).read_bytes()
    except (PackageNotFoundError, FileNotFoundError) as error:
        raise MissingError(messages.NO_MAP_ASSETS, remedy=LIBRARIES["leaflet"]) from error
    return _UNUSED.sub(b"", content)


def _file(name: str, content: bytes) -> _File:
    return _File(content, _TYPES[name.rpartition(".")[2]], etag(content.decode()))
