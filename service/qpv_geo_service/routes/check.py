"""``/v1/check``: the same verdict as ``qpv check --format json``; ``/v1/fiche``: its fiche as a PDF."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import Field, FiniteFloat

from qpv_geo.eligibility.location import point_place
from qpv_geo.errors import InputError
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.model import Verdict
from qpv_geo.schemes.answers import read_answers
from qpv_geo.schemes.evaluate import decide_schemes
from qpv_geo.schemes.records import with_schemes
from qpv_geo_service import messages
from qpv_geo_service.errors import UnsupportedMediaError
from qpv_geo_service.problems import EVERYWHERE, responses
from qpv_geo_service.query_params import Parameters, documented, read_query
from qpv_geo_service.responses import JSON, Answer
from qpv_geo_service.routing import PlainRoute, documented_router
from qpv_geo_service.state import ServiceState, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qpv_geo.schemes.model import SchemeDecision

router = APIRouter(**documented_router(messages.TAG_ANSWERS, *EVERYWHERE, route_class=PlainRoute))

_MOST, _MOST_ANSWERS = 10, 40
_NO_STORE = {"Cache-Control": "no-store"}  # an address is private to the client
_ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": Verdict, "description": "Verdict"}}


class Question(Parameters):
    """The parameters of a question other than the place."""

    on: str | None = Field(default=None, max_length=40, examples=["2024-06-01"])
    generation: str | None = Field(default=None, max_length=40, examples=["qpv-2024"])
    scheme: tuple[str, ...] = Field(default=(), max_length=_MOST)
    amount: FiniteFloat | None = Field(default=None, examples=[None])
    answer: tuple[str, ...] = Field(default=(), max_length=_MOST_ANSWERS)
    kind: tuple[str, ...] = Field(default=(), max_length=_MOST)


class PlaceQuestion(Question):
    """A question about an address or a point."""

    q: str | None = Field(default=None, max_length=400)
    lon: FiniteFloat | None = Field(default=None, examples=[3.00671])
    lat: FiniteFloat | None = Field(default=None, examples=[50.60889])
    accuracy: FiniteFloat = 0.0
    citycode: str | None = Field(default=None, max_length=10)
    postcode: str | None = Field(default=None, max_length=10)


@router.get("/v1/check", summary=messages.CHECK, responses=_ANSWER, openapi_extra=documented(PlaceQuestion))
async def check(request: Request) -> Response:
    """Return the verdict for an address or a point."""
    service, asked = service_of(request), read_query(PlaceQuestion, request.scope)
    if _is_point(asked):
        place = point_place(lon=asked.lon, lat=asked.lat, accuracy_m=asked.accuracy)
        check_options = service.checker.check_options(
            on=asked.on, generation=asked.generation, kinds=service.kinds(asked.kind)
        )
        return _reply(service, await service.point_batcher.verdict(place, check_options))
    verdict, _ = await service.wait(lambda: _decided(service, asked))
    return _reply(service, verdict)


@router.post(
    "/v1/check",
    summary=messages.CHECK_SITE,
    responses=_ANSWER | responses(408, 413, 415),
    openapi_extra=documented(Question)
    | {
        "requestBody": {
            "required": True,
            "content": {
                "application/geo+json": {"schema": {"type": "object"}},
                JSON: {
                    "schema": {"type": "object"},
                    "example": {
                        "type": "Polygon",
                        "coordinates": [[[3.006, 50.608], [3.008, 50.608], [3.008, 50.609], [3.006, 50.608]]],
                    },
                },
            },
        }
    },
)
async def check_site(request: Request) -> Response:
    """Return the verdict for a GeoJSON site."""
    service, asked = service_of(request), read_query(Question, request.scope)
    site = _site(request.headers.get("content-type", ""), await request.body())
    verdict, _ = await service.wait(lambda: _decided(service, asked, site))
    return _reply(service, verdict)


@router.get(
    "/v1/fiche",
    summary=messages.FICHE,
    responses={200: {"content": {"application/pdf": {}}, "description": "PDF"}},
    openapi_extra=documented(PlaceQuestion),
)
async def fiche(request: Request) -> Response:
    """Return the fiche of a verdict as a PDF."""
    service, asked = service_of(request), read_query(PlaceQuestion, request.scope)
    pdf = await service.wait(lambda: _pdf(service, *_decided(service, asked)))
    name = {"Content-Disposition": 'inline; filename="fiche-qpv.pdf"'}
    return Response(pdf, 200, _NO_STORE | name, "application/pdf")


# ── Deciding ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_point(asked: PlaceQuestion) -> bool:
    """Tell whether only coordinates are asked about, without a scheme, which needs no thread."""
    others = asked.q, asked.citycode, asked.postcode
    of_schemes = asked.scheme or asked.answer
    return asked.lon is not None and asked.lat is not None and others == (None, None, None) and not of_schemes


def _decided(
    service: ServiceState, asked: Question, site: Mapping[str, Any] | None = None
) -> tuple[Verdict, list[SchemeDecision]]:
    """Return the verdict with the decisions of schemes under its digest, and the decisions."""
    answers = read_answers(asked.answer, between=":")
    verdict = _verdict(service, asked, site)
    decisions = decide_schemes(asked.scheme, verdict, checker=service.checker, amount=asked.amount, answers=answers)
    return with_schemes(verdict, decisions), decisions


def _verdict(service: ServiceState, asked: Question, site: Mapping[str, Any] | None = None) -> Verdict:
    place: dict[str, Any] = {"site": site}
    if isinstance(asked, PlaceQuestion):
        if (asked.q is None) == (asked.lon is None and asked.lat is None):
            raise InputError(messages.ONE_OF_Q_LON_LAT)
        place = {"lon": asked.lon, "lat": asked.lat, "accuracy_m": asked.accuracy, "address": asked.q}
        place |= {"citycode": asked.citycode, "postcode": asked.postcode}
        if asked.q is not None:
            place["geocoder"] = geocoder_of(service.checker.settings)
    return service.checker.check(**place, on=asked.on, generation=asked.generation, kinds=service.kinds(asked.kind))


def _site(media_type: str, body: bytes) -> Mapping[str, Any]:
    if media_type.partition(";")[0].strip().lower() not in {JSON, "application/geo+json"}:
        raise UnsupportedMediaError(messages.NOT_GEOJSON_BODY)
    try:
        site = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InputError(messages.NOT_GEOJSON_BODY) from error
    if not isinstance(site, dict):
        raise InputError(messages.NOT_GEOJSON_BODY)
    return site


# ── Answering ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _reply(service: ServiceState, verdict: Verdict) -> Response:
    service.metrics.verdict(verdict.status)
    return Answer(orjson.dumps(verdict.fields()))


def _pdf(service: ServiceState, verdict: Verdict, decisions: list[SchemeDecision]) -> bytes:
    from qpv_geo.reports.fiche import write_fiche  # noqa: PLC0415 - heavy, and not needed for a verdict
    from qpv_geo.reports.places import perimeters_of  # noqa: PLC0415

    service.metrics.verdict(verdict.status)
    stream = io.BytesIO()
    perimeters = perimeters_of(verdict, service.checker.catalogue)
    write_fiche(verdict, stream, perimeters=perimeters, decisions=decisions)
    return stream.getvalue()
