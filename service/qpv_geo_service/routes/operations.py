"""Monitoring: ``/health``, ``/ready``, ``/metrics``."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from qpv_geo._version import __version__
from qpv_geo_service import messages
from qpv_geo_service.responses import json_reply
from qpv_geo_service.routing import documented_router
from qpv_geo_service.schemas import Health, Ready
from qpv_geo_service.state import Readiness, service_of

router = APIRouter(**documented_router(messages.TAG_OPERATIONS, 422))


@router.get("/health", summary=messages.HEALTH, responses={200: {"model": Health, "description": "En vie"}})
async def health() -> Response:
    """Confirm that the service answers."""
    return json_reply({"status": "ok", "version": __version__})


@router.get(
    "/ready",
    summary=messages.READY,
    responses={200: {"model": Ready, "description": "Prêt"}, 503: {"model": Ready, "description": "Pas prêt"}},
)
async def ready(request: Request) -> Response:
    """Tell whether the data is loaded and matches its recorded hashes."""
    readiness: Readiness = request.app.state.readiness
    faults = await readiness.faults()
    return json_reply({"ready": not faults, "faults": faults}, status=503 if faults else 200)


@router.get(
    "/metrics", summary=messages.METRICS, responses={200: {"content": {"text/plain": {}}, "description": "Prometheus"}}
)
async def metrics(request: Request) -> Response:
    """Return the metrics."""
    return Response(service_of(request).metrics.text(), media_type=CONTENT_TYPE_LATEST)
