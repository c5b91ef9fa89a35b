"""``/v1/register``: the checks that were kept, and the decisions about them."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from qpv_geo.batch.values import iso_day
from qpv_geo.errors import FormatError, InputError, IntegrityError, MissingError
from qpv_geo.perimeters.generations import parse_date
from qpv_geo_service import messages_register as texts
from qpv_geo_service.errors import UnknownIdError
from qpv_geo_service.json_bodies import read_json
from qpv_geo_service.links import question_link
from qpv_geo_service.problems import EVERYWHERE, responses
from qpv_geo_service.query_params import Parameters, documented, documented_object, read_query, read_values
from qpv_geo_service.register_access import admitted
from qpv_geo_service.responses import JSON, json_reply
from qpv_geo_service.routing import documented_router
from qpv_geo_service.schemas import KeptCheck, KeptChecks, KeptDecision
from qpv_geo_service.state import service_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from qpv_geo.register.store import Case, Register
    from qpv_geo.untyped import AnyValue

router = APIRouter(**documented_router(texts.TAG, *EVERYWHERE))

_Status = Literal["inside", "outside", "uncertain", "not_located"]
_Id = Annotated[str, Path(description=texts.ID, max_length=40)]
_T = TypeVar("_T")
_NO_STORE = {"Cache-Control": "no-store"}


class KeptSelection(Parameters):
    """Which checks to list, and how many."""

    since: str | None = Field(default=None, max_length=40, examples=["2026-01-01"])
    until: str | None = Field(default=None, max_length=40, examples=["2026-12-31"])
    quartier: str | None = Field(default=None, max_length=80, examples=["QN05975M"])
    status: _Status | None = None
    scheme: str | None = Field(default=None, max_length=80, description=texts.SCHEME)
    outcome: Literal["place_ok", "eligible", "not_eligible", "to_review"] | None = None
    case: str | None = Field(default=None, max_length=200)
    address: str | None = Field(default=None, max_length=400)
    current: bool = False
    limit: int = Field(default=50, ge=1, le=1_000)
    before: int | None = Field(default=None, ge=1, le=2**53, description=texts.BEFORE)


class DecisionDocument(Parameters):
    """A document that a decision rests on."""

    name: str = Field(min_length=1, max_length=400)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class DecisionBody(Parameters):
    """A human decision."""

    status: _Status = Field(description=texts.STATUS)
    reason: str = Field(max_length=10_000, description=texts.REASON)
    by: str = Field(max_length=200, description=texts.BY)
    quartier: str | None = Field(default=None, max_length=40, description=texts.QUARTIER)
    document: dict[str, Any] | None = Field(default=None, description=texts.DOCUMENT)


@router.get(
    "/v1/register",
    summary=texts.LIST,
    description=texts.LIST_DESCRIPTION,
    responses={200: {"model": KeptChecks, "description": texts.LIST}},
    openapi_extra=documented(KeptSelection),
)
async def kept_checks(request: Request) -> Response:
    """Return the checks that were kept, the newest first."""
    register, asked = admitted(request, writes=False), read_query(KeptSelection, request.scope)
    from qpv_geo.register.documents import case_document  # noqa: PLC0415 - sqlalchemy is an extra
    from qpv_geo.register.filters import Filters  # noqa: PLC0415

    given = asked.model_dump(exclude={"limit", "before"})
    given |= {key: _day(given[key]) for key in ("since", "until")}
    filters = Filters(**given)

    def read() -> dict[str, Any]:
        try:
            found = list(register.cases(filters, limit=asked.limit, newest_first=True, before=asked.before))
            count = register.count(filters)
        except MissingError:  # nothing was kept yet
            return {"count": 0, "checks": [], "next": None}
        following = found[-1].check.sequence if len(found) == asked.limit else None
        return {"count": count, "checks": list(map(case_document, found)), "next": following}

    return json_reply(await _unaltered(request, read))


@router.get(
    "/v1/register/{id}",
    summary=texts.SHOW,
    responses=responses(404, answers={200: {"model": KeptCheck, "description": texts.SHOW}}),
)
async def kept_check(request: Request, id: _Id) -> Response:  # noqa: A002 - its name in the documentation
    """Return a check with its record and everything about it."""
    register = admitted(request, writes=False)
    from qpv_geo.register.documents import history_document  # noqa: PLC0415 - sqlalchemy is an extra

    def read() -> dict[str, Any]:
        case = _case(register, id)
        return history_document(case, register.history(case.check.sequence))

    return json_reply(await _unaltered(request, read))


@router.get(
    "/v1/register/{id}/fiche",
    summary=texts.FICHE,
    responses=responses(404, answers={200: {"content": {"application/pdf": {}}, "description": "PDF"}}),
)
async def kept_fiche(request: Request, id: _Id) -> Response:  # noqa: A002 - its name in the documentation
    """Return the fiche of a check: what was computed, and what a person decided."""
    service, register = service_of(request), admitted(request, writes=False)

    def write() -> bytes:
        from qpv_geo.reports.register_fiche import write_kept_fiche  # noqa: PLC0415 - heavy: not in the event loop

        stream = io.BytesIO()
        write_kept_fiche(_case(register, id), stream, service.checker, again=partial(question_link, service.settings))
        return stream.getvalue()

    name = {"Content-Disposition": 'inline; filename="fiche-qpv.pdf"'}
    return Response(await _unaltered(request, write), 200, _NO_STORE | name, "application/pdf")


@router.post(
    "/v1/register/{id}/decisions",
    status_code=201,
    summary=texts.DECIDE,
    description=texts.DECIDE_DESCRIPTION,
    responses=responses(403, 404, 408, 413, 415, answers={201: {"model": KeptDecision, "description": texts.DECIDE}}),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": documented_object(DecisionBody),
                    "example": {"status": "inside", "reason": "Plan cadastral vérifié", "by": "Service habitat"},
                }
            },
        }
    },
)
async def decide(request: Request, id: _Id) -> Response:  # noqa: A002 - its name in the documentation
    """Keep a human decision about a check."""
    service, register = service_of(request), admitted(request, writes=True)
    body = _decision(await read_json(request, {JSON}, texts.NOT_A_DECISION))
    from qpv_geo.register import decisions  # noqa: PLC0415 - sqlalchemy is an extra
    from qpv_geo.register.documents import decision_document  # noqa: PLC0415

    def write() -> dict[str, Any]:
        _case(register, id)
        quartier = decisions.quartier_of_code(service.checker.catalogue, body.quartier)
        given = body.model_dump() | {"quartier": quartier}
        return decision_document(decisions.decide(register, id, **given))

    return json_reply(await _unaltered(request, write), status=201)


async def _unaltered(request: Request, work: Callable[[], _T]) -> _T:
    """Return the result of work done in a thread; an entry that was altered is no fault of the request."""

    def done() -> _T:
        try:
            return work()
        except FormatError as error:
            raise IntegrityError(str(error), remedy=error.remedy) from error

    return await service_of(request).wait(done)


def _case(register: Register, name: str) -> Case:
    try:
        return register.case(name)
    except FormatError:
        raise
    except (InputError, MissingError) as error:
        raise UnknownIdError(str(error)) from error


def _decision(given: AnyValue) -> DecisionBody:
    if not isinstance(given, dict):
        raise InputError(texts.NOT_A_DECISION)
    body = read_values(DecisionBody, given)
    if body.document is not None:
        read_values(DecisionDocument, body.document)
    return body


def _day(text: str | None) -> str | None:
    return None if text is None else parse_date(iso_day(text)).isoformat()
