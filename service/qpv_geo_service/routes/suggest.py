"""``/v1/suggest``: suggests quartiers, communes and addresses, in the format of the national geocoder."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from qpv_geo_service import messages
from qpv_geo_service.problems import EVERYWHERE, responses
from qpv_geo_service.query_params import Parameters, documented, read_query
from qpv_geo_service.responses import json_reply
from qpv_geo_service.routing import documented_router
from qpv_geo_service.schemas import Features
from qpv_geo_service.state import service_of
from qpv_geo_service.suggest import suggest

router = APIRouter(**documented_router(messages.TAG_ADDRESSES, *EVERYWHERE))

_FIELDS = (
    "label",
    "score",
    "id",
    "housenumber",
    "street",
    "postcode",
    "citycode",
    "city",
    "accuracy_m",
    "source",
    "type",
)


class SuggestQuery(Parameters):
    """The text being typed."""

    q: str = Field(min_length=3, max_length=200, examples=["Collège René"])
    limit: int = Field(default=5, ge=1, le=20)


@router.get(
    "/v1/suggest",
    summary=messages.SUGGEST,
    responses=responses(answers={200: {"model": Features, "description": "GeoJSON"}}),
    openapi_extra=documented(SuggestQuery),
)
async def suggestions(request: Request) -> Response:
    """Suggest quartiers, communes and addresses."""
    service, typed = service_of(request), read_query(SuggestQuery, request.scope)
    found = await service.wait(lambda: suggest(typed.q, typed.limit, service.checker))
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "geometry": None if one.lon is None else {"type": "Point", "coordinates": [one.lon, one.lat]},
            "properties": {name: getattr(one, name) for name in _FIELDS},
        }
        for one in found
    ]
    return json_reply({"type": "FeatureCollection", "features": features})
