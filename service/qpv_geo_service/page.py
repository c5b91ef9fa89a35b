"""The staff page: files of the package, served as they are, under a policy that allows nothing from elsewhere.

No build step and no external resource: the page works without internet access. A browser revalidates each file by its
ETag every time and receives it only if it changed, so that a page never runs the scripts of an earlier version.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, HTTPException, Request, Response

from qpv_geo_service.responses import etag, is_held

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""No inline script or style and no eval: text written by others is never run, even if the page has a bug."""

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_METHODS = ["GET", "HEAD"]

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class _File:
    content: bytes
    media_type: str
    etag: str


@router.api_route("/", methods=_METHODS)
async def page(request: Request) -> Response:
    """Return the page."""
    return _answer("index.html", request)


@router.api_route("/static/{name}", methods=_METHODS)
async def static(name: str, request: Request) -> Response:
    """Return a file of the page."""
    return _answer(name, request)


def _answer(name: str, request: Request) -> Response:
    file = _files().get(name)
    if file is None:
        raise HTTPException(404)
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "ETag": file.etag,
    }
    if is_held(request, file.etag):
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


@cache
def _files() -> dict[str, _File]:
    """Return the files by name, read once; they are few and small, and no others can be requested."""
    return {one.name: _file(one.name, one.read_bytes()) for one in files(__package__).joinpath("page").iterdir()}


def _file(name: str, content: bytes) -> _File:
    return _File(content, _TYPES[name.rpartition(".")[2]], etag(content.decode()))
