"""Reference data: ``/v1/schemes``, ``/v1/projects``, ``/v1/diff``."""

from __future__ import annotations

from typing import Literal

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import Field, FiniteFloat

from qpv_geo.projects import published_ids, read_projects, sums
from qpv_geo.schemes.load import load_schemes
from qpv_geo_service import messages
from qpv_geo_service.problems import EVERYWHERE, responses
from qpv_geo_service.query_params import Parameters, documented, read_query
from qpv_geo_service.responses import GEOJSON, JSON, json_reply, kept_reply
from qpv_geo_service.routes.perimeters import load_set
from qpv_geo_service.routing import documented_router
from qpv_geo_service.schemas import ProjectSums, SchemeDocument
from qpv_geo_service.state import service_of

router = APIRouter(**documented_router(messages.TAG_REFERENCE, *EVERYWHERE))


class SumsBy(Parameters):
    """The column by which amounts are summed."""

    by: Literal["quartier", "qpv", "quartier-suivi", "scheme", "year", "lead", "theme", "funder", "commune"] = (
        "quartier"
    )


class Compared(Parameters):
    """Two sets of perimeters to compare."""

    before: str = Field(default="qpv-2015", max_length=80)
    after: str = Field(default="qpv-2024", max_length=80)
    commune: str | None = Field(default=None, max_length=80, examples=["59360"])
    min_area: FiniteFloat = Field(default=500.0, ge=0.0)
    format: Literal["json", "geojson"] = "json"


@router.get(
    "/v1/schemes",
    summary=messages.SCHEMES,
    responses={200: {"model": list[SchemeDocument], "description": "Dispositifs"}},
)
async def schemes(request: Request) -> Response:
    """Return every available scheme."""
    service = service_of(request)
    checker = service.checker
    found = await service.wait(
        lambda: load_schemes(checker.settings.home, generations=checker.catalogue.registry.generations)
    )
    return json_reply([one.to_dict() | {"path": one.path.rpartition("/")[2]} for one in found])


@router.get(
    "/v1/projects",
    summary=messages.PROJECTS,
    responses={200: {"model": list[ProjectSums], "description": "Sommes"}},
    openapi_extra=documented(SumsBy),
)
async def projects(request: Request) -> Response:
    """Return the bundled tables and their sums, exact to the cent."""
    service, asked = service_of(request), read_query(SumsBy, request.scope)
    return json_reply(
        await service.wait(
            lambda: [{"file": name, **sums(read_projects(name), asked.by).to_dict()} for name in published_ids()]
        )
    )


@router.get(
    "/v1/diff",
    summary=messages.DIFF,
    responses=responses(
        answers={
            200: {"content": {JSON: {}, GEOJSON: {}}, "description": "Différences"},
            304: {"description": "Inchangé"},
        }
    ),
    openapi_extra=documented(Compared),
)
async def diff(request: Request) -> Response:
    """Return the differences between two sets of perimeters."""
    service, asked = service_of(request), read_query(Compared, request.scope)
    before, after = await service.wait(lambda: (load_set(service, asked.before), load_set(service, asked.after)))

    def make() -> bytes:
        from qpv_geo.perimeters.diff import compare  # noqa: PLC0415 - heavy, and not needed by other answers

        redraw = compare(before.perimeters, after.perimeters, commune=asked.commune, min_area_m2=asked.min_area)
        return orjson.dumps(redraw.to_geojson() if asked.format == "geojson" else redraw.to_dict())

    facts = (before.key, after.key, request.scope["query_string"].decode("latin-1"))
    media_type = GEOJSON if asked.format == "geojson" else JSON
    return await kept_reply(request, service, *facts, make=make, media_type=media_type)
