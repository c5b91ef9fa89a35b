"""Answers: JSON in bytes, known by their content, packed where the client can unpack."""

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
"""Gzip is accepted, and not with the weight 0 that refuses it (RFC 9110, 12.5.3)."""


class Answer(Response):
    """A JSON answer that nobody keeps, whose headers are known beforehand: the most frequent one is the quickest."""

    media_type = JSON
    _HEADERS = ((b"cache-control", b"no-store"), (b"content-type", JSON.encode()))

    def __init__(self, content: bytes) -> None:
        self.status_code, self.body, self.background = 200, content, None
        self.raw_headers = [*self._HEADERS, (b"content-length", str(len(content)).encode())]


def json_reply(document: AnyValue, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer that nobody keeps: it may hold what was asked."""
    return Response(orjson.dumps(document), status, {"Cache-Control": "no-store", **(headers or {})}, JSON)


async def kept_reply(
    request: Request, service: ServiceState, *facts: str, make: Callable[[], bytes], media_type: str = JSON
) -> Response:
    """Return an answer that changes only with the data, and that a client may keep; 304 where it has it already.

    Parameters
    ----------
    facts
        All that the answer depends on: hashes of data, and what was asked.
    make
        Makes the answer, in a thread; not called where the client has it.
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
    """Return a weak tag (the content may be packed or not) of all that an answer depends on."""
    return f'W/"{hashlib.sha256(chr(0).join(facts).encode()).hexdigest()[:32]}"'


def is_held(request: Request, tag: str) -> bool:
    """Tell whether the client has an answer already (RFC 9110, 13.1.2)."""
    held = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
    return bool(held & {tag, tag.removeprefix("W/"), "*"})
