"""Maps errors to HTTP: one table of statuses, and RFC 9457 bodies."""

from __future__ import annotations

import errno
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from qpv_geo import errors as core
from qpv_geo import messages as core_messages
from qpv_geo_service import errors as own
from qpv_geo_service import messages, messages_register

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

MEDIA_TYPE = "application/problem+json"
_TYPES = "urn:qpv-geo:problem:"


class Problem(BaseModel):
    """A problem (RFC 9457)."""

    type: str = Field(examples=["urn:qpv-geo:problem:bad-input"])
    title: str = Field(examples=["Demande incomprise"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["date invalide : « 2024-13-01 »"])
    remedy: str | None = Field(default=None, examples=["qpv perimeters fetch qpv-2015 --accept-new"])
    errors: list[dict[str, str]] | None = Field(default=None, examples=[[{"name": "lon", "detail": "nombre attendu"}]])


@dataclass(frozen=True)
class ProblemKind:
    """A kind of problem: its status, the end of its type, its title, and the detail of an example."""

    status: int
    slug: str
    title: str
    example: str = ""


TABLE: dict[type[BaseException], ProblemKind] = {
    core.InputError: ProblemKind(422, "bad-input", messages.BAD_INPUT, messages.bad_bbox("3,50")),
    core.PerimeterError: ProblemKind(
        422, "bad-perimeters", messages.BAD_PERIMETERS, core_messages.perimeter_errors.no_perimeter("quartiers.geojson")
    ),
    core.IntegrityError: ProblemKind(
        503,
        "altered-data",
        messages.ALTERED_DATA,
        core_messages.perimeter_errors.file_gone("qpv-2024", "qpv-2024.gpkg"),
    ),
    core.MissingError: ProblemKind(503, "missing-data", messages.MISSING_DATA, messages.NO_DOCS_ASSETS),
    core.MissingPerimetersError: ProblemKind(
        503,
        "missing-perimeters",
        messages.MISSING_PERIMETERS,
        core_messages.perimeter_errors.missing_generation("qpv-2015"),
    ),
    core.RemoteError: ProblemKind(
        502,
        "remote-failed",
        messages.REMOTE_FAILED,
        core_messages.geocoder_errors.unreachable("https://data.geopf.fr/geocodage", "connection refused"),
    ),
    own.UnauthorizedError: ProblemKind(401, "unauthorized", messages.UNAUTHORIZED, messages.MISSING_KEY),
    own.ForbiddenError: ProblemKind(403, "forbidden", messages_register.FORBIDDEN, messages_register.OTHER_ORIGIN),
    own.UnknownIdError: ProblemKind(404, "unknown", messages.UNKNOWN, messages.unknown_perimeter("QN00000X", None)),
    own.UnfinishedError: ProblemKind(409, "unfinished", messages.UNFINISHED, messages.job_unfinished("running")),
    own.NotResumableError: ProblemKind(409, "not-resumable", messages.NOT_RESUMABLE, messages.not_resumable("done")),
    own.UnsupportedMediaError: ProblemKind(
        415, "unsupported-media", messages.UNSUPPORTED, messages.unsupported_file("adresses.pdf", [".csv", ".xlsx"])
    ),
    own.TooLargeError: ProblemKind(413, "too-large", messages.TOO_LARGE, messages.body_too_large(50_000_000)),
    own.SlowClientError: ProblemKind(408, "slow-client", messages.SLOW_CLIENT, messages.slow_client(120)),
    own.TooManyRequestsError: ProblemKind(429, "too-many-requests", messages.TOO_MANY, messages.too_many(50, 1, 1)),
    own.BusyError: ProblemKind(503, "busy", messages.BUSY, messages.UPLOADS_BUSY),
    own.TimedOutError: ProblemKind(504, "timed-out", messages.TIMED_OUT, messages.timed_out(30)),
    OSError: ProblemKind(503, "storage", messages.STORAGE, messages.STORAGE_DETAIL),
    Exception: ProblemKind(500, "internal", messages.INTERNAL, messages.INTERNAL_DETAIL),
}
"""By class, else by nearest ancestor. Only errors of qpv-geo show their message: others may contain anything."""

EVERYWHERE = (401, 422, 429, 500, 502, 503, 504)
"""Error statuses that any route of the API may return."""
_STALLED = ProblemKind(
    504,
    "remote-stalled",
    messages.REMOTE_STALLED,
    core_messages.geocoder_errors.stalled("https://data.geopf.fr/geocodage", 10),
)
_FULL = ProblemKind(507, "storage", messages.STORAGE, messages.STORAGE_DETAIL)
KINDS = (*TABLE.values(), _STALLED, _FULL)
"""Every kind of problem that a route of the API may return."""
_TIMEOUT_NAMES = frozenset({"ReadTimeout", "WriteTimeout", "PoolTimeout", "ConnectTimeout", "TimeoutError"})


def kind_of(error: BaseException) -> ProblemKind:
    """Return the kind of problem for an error."""
    if isinstance(error, core.RemoteError) and type(error.__cause__).__name__ in _TIMEOUT_NAMES:
        return _STALLED
    if isinstance(error, OSError) and not isinstance(error, core.RemoteError) and error.errno == errno.ENOSPC:
        return _FULL
    return next(TABLE[one] for one in type(error).__mro__ if one in TABLE)


def detail_of(error: BaseException) -> str:
    """Return the public detail of an error: one line, without internal messages."""
    if isinstance(error, core.QpvGeoError):
        return messages.by_fields(str(error))
    return messages.STORAGE_DETAIL if isinstance(error, OSError) else messages.INTERNAL_DETAIL


def problem_of(error: BaseException) -> dict[str, Any]:
    """Return the problem document for an error."""
    document = _document(kind_of(error), detail_of(error))
    if isinstance(error, core.QpvGeoError) and error.remedy is not None:
        document["remedy"] = error.remedy
    if isinstance(error, own.ParametersError):
        document["errors"] = [{"name": name, "detail": text} for name, text in error.faults]
    return document


def problem_response(error: BaseException) -> Response:
    """Return the response for an error."""
    headers = {}
    if isinstance(error, own.ServiceError) and error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    if isinstance(error, own.TooLargeError | own.SlowClientError):
        headers["Connection"] = "close"  # otherwise the rest of the body would be read to its end
    if isinstance(error, own.UnauthorizedError):
        headers["WWW-Authenticate"] = 'ApiKey header="X-API-Key"'
    return _response(problem_of(error), headers)


def add_handlers(app: FastAPI) -> None:
    """Answer errors with a problem; `AccessLog` handles unexpected ones, without revealing their message."""

    async def ours(_request: Request, error: Exception) -> Response:
        return problem_response(error)

    for known in (core.QpvGeoError, OSError):
        app.add_exception_handler(known, ours)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _bad_request)


def responses(
    *statuses: int, answers: Mapping[int | str, dict[str, Any]] | None = None
) -> dict[int | str, dict[str, Any]]:
    """Return the documented responses of a route: its own, and problems by status."""
    told: dict[int | str, dict[str, Any]] = dict(answers or {})
    for status in statuses:
        kinds = [kind for kind in KINDS if kind.status == status]
        examples = {kind.slug: {"summary": kind.title, "value": _document(kind, kind.example)} for kind in kinds}
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}}
        told[status] = {"description": ", ".join(dict.fromkeys(kind.title for kind in kinds)), "content": content}
    return told


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what the handler is registered for
    status, headers = error.status_code, dict(error.headers or {})
    if "Allow" in headers:  # Starlette lists only the methods of the first route with this path
        here = [one for one in request.app.routes if one.matches(request.scope)[0] is not Match.NONE]
        methods = {method for one in here for method in getattr(one, "methods", None) or ()}
        headers["Allow"] = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    kind = ProblemKind(status, "http", messages.HTTP.get(status, messages.INTERNAL))
    return _response(_document(kind, messages.HTTP_DETAIL.get(status, str(error.detail))), headers)


async def _bad_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what the handler is registered for
    faults = tuple(
        (str(one["loc"][-1]), messages.fault(one["type"], one.get("input"), one.get("ctx"))) for one in error.errors()
    )
    return problem_response(own.ParametersError(messages.bad_parameters(faults), faults))


def _document(kind: ProblemKind, detail: str) -> dict[str, Any]:
    return {"type": _TYPES + kind.slug, "title": kind.title, "status": kind.status, "detail": detail}


def _response(document: dict[str, Any], headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(document), document["status"], headers | {"Cache-Control": "no-store"}, MEDIA_TYPE)
