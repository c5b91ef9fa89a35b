"""``/v1/perimeters``: the perimeters as a GeoJSON layer, for QGIS, Leaflet and programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import numpy as np
import orjson
import shapely
from fastapi import APIRouter, Request, Response
from fastapi import Path as PathParameter
from pydantic import Field

from qpv_geo.errors import InputError
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.messages import perimeter_errors
from qpv_geo.perimeters.catalogue import load_perimeters
from qpv_geo.perimeters.selection import rows_of_commune
from qpv_geo_service import messages
from qpv_geo_service.errors import UnknownIdError
from qpv_geo_service.problems import EVERYWHERE, responses
from qpv_geo_service.query_params import Parameters, documented, read_bbox, read_query
from qpv_geo_service.responses import GEOJSON, kept_reply
from qpv_geo_service.routing import documented_router
from qpv_geo_service.state import ServiceState, service_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.untyped import Geometry

router = APIRouter(**documented_router(messages.TAG_PERIMETERS, *EVERYWHERE))

Code = Annotated[str, PathParameter(description=messages.PARAMETER["code"], examples=["QN05975M"])]
_LATEST = "qpv-2024"
_SETS_KEPT = 8
_DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {"content": {GEOJSON: {"schema": {"$ref": "#/components/schemas/Features"}}}, "description": "GeoJSON"},
    304: {"description": "Inchangé"},
}


class Selection(Parameters):
    """Which perimeters to return."""

    generation: str = Field(default=_LATEST, max_length=80, examples=["qpv-2024"])
    commune: str | None = Field(default=None, max_length=80, examples=["59360"])
    bbox: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=2_000, ge=1, le=10_000)
    offset: int = Field(default=0, ge=0, le=1_000_000)


class OfCode(Parameters):
    """Which set to search; by default the first that has the code."""

    generation: str | None = Field(default=None, max_length=80, examples=[None])


@dataclass(frozen=True, eq=False)
class _Layer:
    """A set as GeoJSON, each perimeter rendered once."""

    perimeters: PerimeterSet
    tree: shapely.STRtree
    rendered: tuple[bytes, ...]


@router.get(
    "/v1/perimeters",
    summary=messages.PERIMETERS,
    responses=_DOCUMENTED | responses(503),
    openapi_extra=documented(Selection),
)
async def perimeters(request: Request) -> Response:
    """Return the selected perimeters."""
    service, asked = service_of(request), read_query(Selection, request.scope)
    box = None if asked.bbox is None else shapely.box(*read_bbox(asked.bbox))
    found = await service.wait(lambda: load_set(service, asked.generation))
    facts = (found.key, request.scope["query_string"].decode("latin-1"))
    return await kept_reply(
        request, service, *facts, make=lambda: _collection(_layer(found), asked, box), media_type=GEOJSON
    )


@router.get(
    "/v1/perimeters/{code}",
    summary=messages.PERIMETER,
    responses=_DOCUMENTED
    | {200: {"content": {GEOJSON: {"schema": {"$ref": "#/components/schemas/Feature"}}}, "description": "GeoJSON"}}
    | responses(404, 503),
    openapi_extra=documented(OfCode),
)
async def perimeter(request: Request, code: Code) -> Response:
    """Return one perimeter."""
    service, asked = service_of(request), read_query(OfCode, request.scope)
    found, row = await service.wait(lambda: _find(service, code.strip().upper(), asked.generation))
    return await kept_reply(
        request, service, found.key, code, make=lambda: _feature(found.perimeters, row), media_type=GEOJSON
    )


@dataclass(frozen=True)
class Loaded:
    """A set of perimeters; `key` (name, ids and hashes of its datasets) alone decides equality."""

    key: str
    perimeters: PerimeterSet = field(compare=False)


def load_set(service: ServiceState, name: str) -> Loaded:
    """Return the perimeters of a generation or a dataset; never reads `name` as a file path.

    Raises
    ------
    InputError
        No such set.
    MissingPerimetersError
        No dataset of the generation is installed.
    """
    catalogue = service.checker.catalogue
    entries = list(catalogue.entries())
    known = sorted({*catalogue.registry.generations, *(one.dataset.id for one in entries)})
    if name not in known:
        raise InputError(messages.unknown_set(name, known))
    parts = [one for one in entries if name in {one.dataset.generation, one.dataset.id}]
    key = " ".join([name, *(f"{one.dataset.id}:{one.dataset.sha256}" for one in parts)])
    return Loaded(key, load_perimeters(name, catalogue=catalogue))


def _find(service: ServiceState, code: str, generation: str | None) -> tuple[Loaded, int]:
    names = [generation] if generation is not None else [one.dataset.id for one in service.checker.catalogue.entries()]
    for name in names:
        found = load_set(service, name)
        codes = [known.upper() for known in found.perimeters.codes]
        if code in codes:
            return found, codes.index(code)
    raise UnknownIdError(messages.unknown_perimeter(code, generation))


# ── Choosing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _chosen(layer: _Layer, asked: Selection, box: Geometry) -> NDArray[np.int64]:
    """Return the selected rows, in the order of the file; raise `InputError` for a commune that does not exist."""
    rows = np.arange(len(layer.perimeters)) if box is None else np.sort(layer.tree.query(box, predicate="intersects"))
    if asked.commune is None:
        return rows
    found = rows_of_commune(layer.perimeters, asked.commune, rows)
    code = asked.commune.strip().upper()
    if not len(found) and code[:1].isdigit() and gazetteer().commune(code) is None:
        raise InputError(perimeter_errors.none_in_commune(layer.perimeters.dataset.id, asked.commune))
    return found


# ── Rendering ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _collection(layer: _Layer, asked: Selection, box: Geometry) -> bytes:
    rows = _chosen(layer, asked, box)
    shown = rows[asked.offset : asked.offset + asked.limit]
    end = asked.offset + len(shown)
    links = []
    if end < len(rows):
        links.append({"rel": "next", "type": GEOJSON, "href": f"?{_query(asked, end)}"})
    told = {
        "type": "FeatureCollection",
        "numberMatched": len(rows),
        "numberReturned": len(shown),
        "links": links,
        "coverage": layer.perimeters.coverage.to_json(),
    }
    return orjson.dumps(told)[:-1] + b',"features":[' + b",".join(layer.rendered[row] for row in shown) + b"]}"


def _query(asked: Selection, offset: int) -> str:
    given = asked.model_dump(exclude_none=True) | {"offset": offset}
    return urlencode(given)


@lru_cache(maxsize=_SETS_KEPT)
def _layer(found: Loaded) -> _Layer:
    perimeters = found.perimeters
    rendered = tuple(_feature(perimeters, row) for row in range(len(perimeters)))
    return _Layer(perimeters, shapely.STRtree(perimeters.geometry), rendered)


def _feature(perimeters: PerimeterSet, row: int) -> bytes:
    properties = {
        "code_qp": perimeters.codes[row],
        "lib_qp": perimeters.names[row],
        "insee_com": perimeters.insee[row],
        "lib_com": perimeters.communes[row],
        "kind": perimeters.kinds[row],
        "generation": perimeters.dataset.generation,
        "dataset": perimeters.dataset.id,
    }
    head = orjson.dumps({"type": "Feature", "id": perimeters.codes[row], "properties": properties})
    geometry: str = shapely.to_geojson(perimeters.geometry[row])
    return head[:-1] + b',"geometry":' + geometry.encode() + b"}"
