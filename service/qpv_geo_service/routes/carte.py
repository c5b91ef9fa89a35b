"""``/carte``: the map of the published projects, a self-contained page."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.projects import read_projects
from qpv_geo.projects.checks import assess, known_at_hand
from qpv_geo.projects.judged import judged_by_year
from qpv_geo.projects.judgement import judgement
from qpv_geo.schemes.load import load_schemes
from qpv_geo_service.responses import kept_reply
from qpv_geo_service.routes.perimeters import Loaded, load_set
from qpv_geo_service.routing import GuardedRoute
from qpv_geo_service.state import service_of

if TYPE_CHECKING:
    from qpv_geo.eligibility.check import Checker

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)

_PROJECTS, _PERIMETERS = "fiq-2024", "qpv-2024"
_INLINE = re.compile(r"<(script|style)(?:\s[^>]*)?>(.*?)</\1>", re.DOTALL)


@router.get("/carte")
async def carte(request: Request) -> Response:
    """Return the map."""
    service = service_of(request)
    found = await service.wait(lambda: load_set(service, _PERIMETERS))
    page = await service.wait(lambda: _page(found, service.checker))
    reply = await kept_reply(request, service, page, make=page.encode, media_type="text/html; charset=utf-8")
    reply.headers["Content-Security-Policy"] = _policy(page)
    return reply


@lru_cache(maxsize=2)
def _page(found: Loaded, checker: Checker) -> str:
    from qpv_geo import maps  # noqa: PLC0415 - heavy, and not needed by other answers
    from qpv_geo.maps.framing import title_of  # noqa: PLC0415 - beside it

    projects = read_projects(_PROJECTS)
    schemes = load_schemes(checker.settings.home, generations=checker.catalogue.registry.generations)
    geocoder = geocoder_of(checker.settings, offline=True)
    assessments = assess(projects, checker=checker, schemes=schemes, geocoder=geocoder)
    known = known_at_hand(checker.catalogue)
    caption = maps.Caption(
        known, tuple(judgement(assessments, checker.catalogue.registry).notes), title_of(projects, assessments, known)
    )
    judged = judged_by_year(assessments)
    return maps.projects_map(projects, found.perimeters, judged=judged, offline=True, caption=caption).html


@lru_cache(maxsize=2)
def _policy(page: str) -> str:
    """Return a policy that allows only the scripts and styles of the page, by hash, and ``data:`` images."""
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, content in _INLINE.findall(page):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        hashes[kind].append(f"'sha256-{digest}'")
    return (
        f"default-src 'none'; script-src {' '.join(hashes['script'])}; style-src {' '.join(hashes['style'])}; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
