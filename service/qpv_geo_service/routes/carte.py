"""``/carte``: the map of one's own table of projects, or else of the published examples; a self-contained page."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.projects import read_projects
from qpv_geo.projects.checks import assess, known_at_hand
from qpv_geo.projects.judged import judged_by_year
from qpv_geo.projects.judgement import judgement
from qpv_geo.schemes.load import load_schemes
from qpv_geo_service import messages_installed as messages
from qpv_geo_service.query_params import Parameters, documented, read_query
from qpv_geo_service.responses import kept_reply
from qpv_geo_service.routes.perimeters import Loaded, load_set
from qpv_geo_service.routing import GuardedRoute
from qpv_geo_service.state import service_of

if TYPE_CHECKING:
    from qpv_geo.eligibility.check import Checker


class Example(Parameters):
    """Which published example to show; those who have a table of their own see that one alone."""

    example: Literal["fiq-2024", "loos-2024"] = Field(default="fiq-2024", description=messages.EXAMPLE)


router = APIRouter(include_in_schema=False, route_class=GuardedRoute)

_PERIMETERS = "qpv-2024"
_INLINE = re.compile(r"<(script|style)(?:\s[^>]*)?>(.*?)</\1>", re.DOTALL)


@router.get("/carte", openapi_extra=documented(Example))
async def carte(request: Request) -> Response:
    """Return the map."""
    service, asked = service_of(request), read_query(Example, request.scope)
    own = service.settings.projects
    found = await service.wait(lambda: load_set(service, _PERIMETERS))
    stamp = own.stat().st_mtime_ns if own is not None and own.is_file() else 0
    page = await service.wait(lambda: _page(found, service.checker, str(own or asked.example), own is None, stamp))
    reply = await kept_reply(request, service, page, make=page.encode, media_type="text/html; charset=utf-8")
    reply.headers["Content-Security-Policy"] = _policy(page)
    return reply


@lru_cache(maxsize=4)
def _page(found: Loaded, checker: Checker, table: str, is_example: bool, _stamp: int) -> str:  # noqa: FBT001 - cached by position
    from qpv_geo import maps  # noqa: PLC0415 - heavy, and not needed by other answers
    from qpv_geo.maps.framing import title_of  # noqa: PLC0415 - beside it

    projects = read_projects(table)
    schemes = load_schemes(checker.settings.home, generations=checker.catalogue.registry.generations)
    geocoder = geocoder_of(checker.settings, offline=True)
    assessments = assess(projects, checker=checker, schemes=schemes, geocoder=geocoder)
    known = known_at_hand(checker.catalogue)
    title = title_of(projects, assessments, known)
    notes = tuple(judgement(assessments, checker.catalogue.registry).notes)
    return maps.projects_map(
        projects,
        found.perimeters,
        judged=judged_by_year(assessments),
        offline=True,
        caption=maps.Caption(known, notes, messages.example_title(title) if is_example else title),
        links={messages.BACK: "./"} | (_examples(table) if is_example else {}),
    ).html


def _examples(shown: str) -> dict[str, str]:
    return {label: "" if name == shown else f"carte?example={name}" for name, label in messages.EXAMPLE_LABEL.items()}


@lru_cache(maxsize=4)
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
