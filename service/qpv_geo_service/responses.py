"""Responses: JSON bytes, with an ETag and gzip for those that may be cached."""

from __future__ import annotations

import gzip
import hashlib
import re
from typing import TYPE_CHECKING

import orjson
from fastapi import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import Request

    from qpv_geo.untyped import AnyValue
    from qpv_geo_service.state import ServiceState

JSON, GEOJSON = "application/json", "application/geo+json"
_PACKED_FROM = 1_000
_PACKING = 5
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)
"""Matches ``Accept-Encoding`` when it accepts gzip, which a weight of 0 refuses (RFC 9110, 12.5.3)."""


class Answer(Response):
    """A JSON response with ``no-store`` and fixed headers: the most frequent response, made the fastest."""

    media_type = JSON
    _HEADERS = ((b"cache-control", b"no-store"), (b"content-type", JSON.encode()))

    def __init__(self, content: bytes) -> None:
        self.status_code, self.body, self.background = 200, content, None
        self.raw_headers = [*self._HEADERS, (b"content-length", str(len(content)).encode())]


def json_reply(document: AnyValue, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON response with ``no-store``, since it may repeat the question."""
    return Response(orjson.dumps(document), status, {"Cache-Control": "no-store", **(headers or {})}, JSON)


async def kept_reply(
    request: Request, service: ServiceState, *facts: str, make: Callable[[], bytes], media_type: str = JSON
) -> Response:
    """Return a response that a client may cache, as it changes only with the data; 304 if the client has it.

    Parameters
    ----------
    facts
        Everything the response depends on: hashes of the data, and the question.
    make
        Builds the body, in a thread; not called if the client has it.
    """
    packs = bool(_GZIP.search(request.headers.get("accept-encoding", "")))
    headers = {"ETag": etag(*facts), "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if is_held(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)

    def made() -> tuple[bytes, bool]:
        content = make()
        small = len(content) < _PACKED_FROM
        return (content, False) if small or not packs else (gzip.compress(content, _PACKING, mtime=0), True)

    content, packed = await service.wait(made)
    return Response(content, 200, headers | ({"Content-Encoding": "gzip"} if packed else {}), media_type)


def etag(*facts: str) -> str:
    """Return the ETag of everything a response depends on; weak, as the body may be gzipped or not."""
    return f'W/"{hashlib.sha256(chr(0).join(facts).encode()).hexdigest()[:32]}"'


def is_held(request: Request, tag: str) -> bool:
    """Tell whether the client already has the response with this ETag (RFC 9110, 13.1.2)."""
    held = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
    return bool(held & {tag, tag.removeprefix("W/"), "*"})
