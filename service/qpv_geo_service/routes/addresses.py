"""``/v1/addresses``: the addresses installed in a box, to draw streets where a map has no background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import Field

from qpv_geo.errors import InputError
from qpv_geo.geocoding.within import addresses_within
from qpv_geo_service import messages
from qpv_geo_service.problems import EVERYWHERE, responses
from qpv_geo_service.query_params import Parameters, documented, read_bbox, read_query
from qpv_geo_service.responses import GEOJSON
from qpv_geo_service.routing import documented_router
from qpv_geo_service.state import service_of

if TYPE_CHECKING:
    from qpv_geo.geocoding.protocol import Candidate
    from qpv_geo.settings import Settings

router = APIRouter(**documented_router(messages.TAG_ADDRESSES, *EVERYWHERE))

MOST_DEGREES = 0.03
"""Longest side of a box: 2.1 km east-west and 3.3 km north-south at the latitude of Loos."""
_FIELDS = ("label", "housenumber", "street", "postcode", "citycode", "city", "source")
_DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {"content": {GEOJSON: {"schema": {"$ref": "#/components/schemas/Features"}}}, "description": "GeoJSON"}
}


class AddressSelection(Parameters):
    """The box, and how many addresses at most."""

    bbox: str = Field(max_length=200, examples=["3.004,50.606,3.010,50.610"])
    limit: int = Field(default=500, ge=1, le=2_000)


@router.get(
    "/v1/addresses",
    summary=messages.ADDRESSES,
    description=messages.ADDRESSES_DESCRIPTION,
    responses=_DOCUMENTED | responses(),
    openapi_extra=documented(AddressSelection),
)
async def addresses(request: Request) -> Response:
    """Return the installed addresses in a box."""
    service, asked = service_of(request), read_query(AddressSelection, request.scope)
    box = read_bbox(asked.bbox)
    west, south, east, north = box
    if max(east - west, north - south) > MOST_DEGREES:
        raise InputError(messages.wide_bbox(MOST_DEGREES))
    settings = service.checker.settings
    content = await service.wait(lambda: _collection(settings, box, asked.limit))
    return Response(content, 200, {"Cache-Control": "no-store"}, GEOJSON)


def _collection(settings: Settings, box: tuple[float, float, float, float], limit: int) -> bytes:
    features = [_feature(one) for one in addresses_within(settings, box, limit=limit)]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _feature(one: Candidate) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [one.lon, one.lat]},
        "properties": {name: getattr(one, name) for name in _FIELDS},
    }
