"""``/v1/check`` and ``/v1/checks``: the verdicts of ``qpv check --format json``; ``/v1/fiche``: its fiche as a PDF."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Request, Response

from qpv_geo.errors import InputError, QpvGeoError
from qpv_geo.model import Verdict
from qpv_geo_service import messages, schemas
from qpv_geo_service.answering import answer, answer_many
from qpv_geo_service.errors import TooLargeError
from qpv_geo_service.json_bodies import read_json
from qpv_geo_service.links import question_link
from qpv_geo_service.problems import EVERYWHERE, problem_of, responses
from qpv_geo_service.query_params import documented, documented_object, read_query
from qpv_geo_service.questions import (
    MOST_QUESTIONS,
    FicheQuestion,
    ListedQuestion,
    PlaceQuestion,
    PreparedQuestion,
    Question,
    Saving,
    prepare,
    read_question,
    refuse_wrong_options,
)
from qpv_geo_service.register_access import admitted, kept_answers, refuse_labels, with_superseding
from qpv_geo_service.responses import GEOJSON, JSON, Answer
from qpv_geo_service.routing import documented_router
from qpv_geo_service.state import ServiceState, service_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qpv_geo.register.store import Register
    from qpv_geo.untyped import AnyValue
    from qpv_geo_service.answering import Answered, VerdictAndDecisions

router = APIRouter(**documented_router(messages.TAG_ANSWERS, *EVERYWHERE))

_NO_STORE = {"Cache-Control": "no-store"}  # an address is private to the client
_ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": Verdict, "description": "Verdict"}}
_SITE_ANSWER: dict[str, Any] = {
    "model": Verdict,
    "description": "Verdict ; d'une FeatureCollection, la collection et ses verdicts",
    "content": {GEOJSON: {"schema": {"$ref": "#/components/schemas/AnsweredFeatures"}}},
}
_POLYGON = {
    "type": "Polygon",
    "coordinates": [[[3.006, 50.608], [3.008, 50.608], [3.008, 50.609], [3.006, 50.608]]],
}
_COLLECTION = {
    "type": "FeatureCollection",
    "features": [{"type": "Feature", "properties": {"nom": "Essai"}, "geometry": _POLYGON}],
}
_QUESTIONS = [
    {"q": "Collège René Descartes, rue Édouard Herriot, 59120 Loos", "on": "2024-06-01"},
    {"lon": 3.00671, "lat": 50.60889, "on": "2024-06-01", "scheme": ["pic-loos"], "amount": 1200},
    {"site": _POLYGON, "on": "2024-06-01"},
]


@router.get("/v1/check", summary=messages.CHECK, responses=_ANSWER, openapi_extra=documented(PlaceQuestion))
async def check(request: Request) -> Response:
    """Return the verdict for an address or a point."""
    service, asked = service_of(request), read_query(PlaceQuestion, request.scope)
    verdict, _ = await service.answer(prepare(service, asked))
    return _reply(service, verdict)


@router.post(
    "/v1/check",
    summary=messages.CHECK_SITE,
    description=messages.CHECK_SITE_DESCRIPTION,
    responses=responses(408, 413, 415, answers={200: _SITE_ANSWER}),
    openapi_extra=documented(Question)
    | {
        "requestBody": {
            "required": True,
            "content": {
                GEOJSON: {"schema": {"type": "object"}, "example": _COLLECTION},
                JSON: {"schema": {"type": "object"}, "example": _POLYGON},
            },
        }
    },
)
async def check_site(request: Request) -> Response:
    """Return the verdict for a GeoJSON site, or a collection with the verdict of each feature."""
    service, asked = service_of(request), read_query(Question, request.scope)
    site = await read_json(request, {JSON, GEOJSON}, messages.NOT_GEOJSON_BODY)
    if not isinstance(site, dict):
        raise InputError(messages.NOT_GEOJSON_BODY)
    if site.get("type") == "FeatureCollection":
        features = _features(site)
        content = await service.wait(lambda: _answered_features(service, asked, site, features))
        return Response(content, 200, _NO_STORE, GEOJSON)
    verdict, _ = await service.wait(lambda: answer(service.checker, prepare(service, asked, site=site)))
    return _reply(service, verdict)


@router.post(
    "/v1/checks",
    summary=messages.CHECKS,
    description=messages.CHECKS_DESCRIPTION,
    responses=responses(
        403,
        408,
        413,
        415,
        answers={200: {"model": schemas.AnswerList, "description": "Verdicts et problèmes, dans l'ordre"}},
    ),
    openapi_extra=documented(Saving)
    | {
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": {
                        "type": "array",
                        "maxItems": MOST_QUESTIONS,
                        "items": documented_object(ListedQuestion),
                    },
                    "example": _QUESTIONS,
                }
            },
        }
    },
)
async def checks(request: Request) -> Response:
    """Return the verdicts for a list of questions."""
    service, saving = service_of(request), read_query(Saving, request.scope)
    register = admitted(request, writes=True) if saving.save else None
    asked = await read_json(request, {JSON}, messages.NOT_A_LIST_BODY)
    if not isinstance(asked, list):
        raise InputError(messages.NOT_A_LIST_BODY)
    _refuse_too_many(asked)
    return Answer(await service.wait(lambda: _answered_questions(service, asked, register)))


@router.get(
    "/v1/fiche",
    summary=messages.FICHE,
    responses={200: {"content": {"application/pdf": {}}, "description": "PDF"}},
    openapi_extra=documented(FicheQuestion),
)
async def fiche(request: Request) -> Response:
    """Return the fiche of a verdict as a PDF."""
    service, asked = service_of(request), read_query(FicheQuestion, request.scope)
    question = prepare(service, asked)
    pdf = await service.wait(lambda: _pdf(service, answer(service.checker, question), asked))
    name = {"Content-Disposition": 'inline; filename="fiche-qpv.pdf"'}
    return Response(pdf, 200, _NO_STORE | name, "application/pdf")


# ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _features(collection: dict[str, Any]) -> list[dict[str, Any]]:
    features = collection.get("features")
    if not isinstance(features, list):
        raise InputError(messages.NOT_FEATURES)
    _refuse_too_many(features)
    for number, feature in enumerate(features, 1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise InputError(messages.not_a_feature(number))
        properties = feature.get("properties")
        if not isinstance(properties, dict | None):
            raise InputError(messages.not_a_feature(number))
        if "qpv" in (properties or ()):
            raise InputError(messages.has_an_answer(number))
    return features


def _refuse_too_many(asked: Sequence[AnyValue]) -> None:
    if len(asked) > MOST_QUESTIONS:
        raise TooLargeError(messages.too_many_questions(MOST_QUESTIONS, len(asked)))


# ── Answering ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _answered_questions(service: ServiceState, asked: Iterable[AnyValue], register: Register | None) -> bytes:
    listed = [_listed_or_error(one, saves=register is not None) for one in asked]
    listed = listed if register is None else with_superseding(register, listed)
    questions = [one if isinstance(one, QpvGeoError) else _prepared_or_error(service, one) for one in listed]
    answered = answer_many(service.checker, questions, watch=service.watch())
    kept = {} if register is None else {"kept": kept_answers(register, listed, answered)}
    return orjson.dumps({"answers": [_told(service, one) for one in answered], **kept})


def _listed_or_error(document: AnyValue, *, saves: bool) -> ListedQuestion | QpvGeoError:
    try:
        question = read_question(document)
        refuse_labels(question, saves=saves)
    except QpvGeoError as error:
        return error
    return question


def _prepared_or_error(service: ServiceState, question: ListedQuestion) -> PreparedQuestion | QpvGeoError:
    try:
        return prepare(service, question)
    except QpvGeoError as error:
        return error


def _answered_features(
    service: ServiceState, asked: Question, collection: dict[str, Any], features: Sequence[dict[str, Any]]
) -> bytes:
    refuse_wrong_options(service, asked)  # of the request, rather than of each feature
    questions = []
    for number, feature in enumerate(features, 1):
        crs = feature.get("crs") or collection.get("crs")
        site = {"type": "Feature", "geometry": feature.get("geometry"), "crs": crs}
        questions.append(_site_or_error(service, asked, site, messages.feature(number)))
    answered = [
        feature | {"properties": (feature.get("properties") or {}) | {"qpv": one}}
        for feature, one in zip(features, _answers(service, questions), strict=True)
    ]
    try:
        return orjson.dumps(collection | {"features": answered})
    except TypeError as error:  # what orjson reads, but does not write
        raise InputError(messages.TOO_DEEP) from error


def _site_or_error(
    service: ServiceState, asked: Question, site: dict[str, Any], name: str
) -> PreparedQuestion | QpvGeoError:
    try:
        return prepare(service, asked, site=site, name=name)
    except QpvGeoError as error:
        return error


def _answers(service: ServiceState, questions: Sequence[PreparedQuestion | QpvGeoError]) -> list[dict[str, Any]]:
    return [_told(service, one) for one in answer_many(service.checker, questions, watch=service.watch())]


def _told(service: ServiceState, answered: Answered) -> dict[str, Any]:
    if isinstance(answered, QpvGeoError):
        return problem_of(answered)
    service.metrics.verdict(answered.status)
    return answered.fields()


def _reply(service: ServiceState, verdict: Verdict) -> Response:
    service.metrics.verdict(verdict.status)
    return Answer(orjson.dumps(verdict.fields()))


def _pdf(service: ServiceState, answered: VerdictAndDecisions, asked: FicheQuestion) -> bytes:
    from qpv_geo.reports.fiche import write_fiche  # noqa: PLC0415 - heavy, and not needed for a verdict
    from qpv_geo.reports.places import perimeters_of  # noqa: PLC0415
    from qpv_geo.reports.streets import streets_of  # noqa: PLC0415

    verdict, decisions = answered
    service.metrics.verdict(verdict.status)
    stream = io.BytesIO()
    write_fiche(
        verdict,
        stream,
        perimeters=perimeters_of(verdict, service.checker.catalogue),
        decisions=decisions,
        case=asked.case,
        service=asked.service,
        streets=streets_of(service.checker.settings),
        again=question_link(service.settings, verdict),
    )
    return stream.getvalue()
