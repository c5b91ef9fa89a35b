"""``/openapi.json``, and ``/docs``: Swagger UI, served from an installed package and never from a CDN.

The files come from ``fastapi-swagger`` (MIT), which holds only the upstream distribution (0.5 MB) and keeps up with it.
Alternatives considered: ``swagger-ui-bundle`` stopped in 2023 (Swagger UI 4 and 5.9), ``fastapi-offline`` adds ReDoc,
the others bring a web framework. The page of the package has an inline script, which our policy refuses, so ours loads
a script file. Swagger UI writes inline styles, so this page alone allows them.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import orjson
from fastapi import APIRouter, Request, Response

from qpv_geo.errors import MissingError
from qpv_geo.messages.remedies import LIBRARIES
from qpv_geo_service import messages
from qpv_geo_service.prefix import prefix_of
from qpv_geo_service.responses import JSON
from qpv_geo_service.routing import GuardedRoute

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)

_PACKAGE, _FOLDER = "fastapi-swagger", "fastapi_swagger/resources"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}
_PAGE = f"""<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{messages.API_TITLE}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = 'SwaggerUIBundle({url: "openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null});\n'


@router.get("/openapi.json")
def document(request: Request) -> Response:
    """Return the OpenAPI document."""
    told = request.app.openapi()
    prefix = prefix_of(request)
    return Response(orjson.dumps(told | {"servers": [{"url": prefix}]} if prefix else told), media_type=JSON)


@router.get("/docs")
def page() -> Response:
    """Return the page."""
    _asset("swagger-ui.css")  # fail with a clear error rather than show an empty page
    return Response(_PAGE, headers=_HEADERS, media_type="text/html; charset=utf-8")


@router.get("/docs/start.js")
def start() -> Response:
    """Return the script that starts Swagger UI."""
    return Response(_START, media_type="text/javascript; charset=utf-8")


@router.get("/docs/swagger-ui-bundle.js")
def script() -> Response:
    """Return Swagger UI."""
    return Response(_asset("swagger-ui-bundle.js"), media_type="text/javascript; charset=utf-8")


@router.get("/docs/swagger-ui.css")
def style() -> Response:
    """Return its styles."""
    return Response(_asset("swagger-ui.css"), media_type="text/css; charset=utf-8")


@cache
def _asset(name: str) -> bytes:
    try:
        return Path(str(distribution(_PACKAGE).locate_file(f"{_FOLDER}/{name}"))).read_bytes()
    except (PackageNotFoundError, FileNotFoundError) as error:
        raise MissingError(messages.NO_DOCS_ASSETS, remedy=LIBRARIES["swagger"]) from error
