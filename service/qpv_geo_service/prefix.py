"""The path under which a proxy publishes the service, such as ``/qpv``.

Routes and middleware see paths without it, whether the proxy removes it or not; absolute links begin with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from qpv_geo.errors import InputError
from qpv_geo_service import messages
from qpv_geo_service.problems import problem_response
from qpv_geo_service.settings import path_prefix

if TYPE_CHECKING:
    from fastapi import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from qpv_geo_service.settings import ServiceSettings

_KEY = "qpv_geo.prefix"


def prefix_of(request: Request) -> str:
    """Return the prefix of a request, to write absolute links: ``/qpv``, or an empty string."""
    found: str = request.scope.get(_KEY, "")
    return found


class PathPrefix:
    """Removes the prefix from the path of requests, and remembers it for links.

    The prefix is that of the settings, else what a trusted proxy says in ``X-Forwarded-Prefix``; the header is ignored
    when no proxy is trusted, as anyone could set it.
    """

    def __init__(self, app: ASGIApp, *, settings: ServiceSettings) -> None:
        self._app, self._fixed, self._trusts = app, settings.root_path, settings.proxy_hops > 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not (self._fixed or self._trusts):
            await self._app(scope, receive, send)
            return
        try:
            prefix = self._fixed or path_prefix(_forwarded(scope))
        except ValueError as error:
            refused = InputError(messages.bad_prefix(str(error)))
            await problem_response(refused)(scope, receive, send)
            return
        path = scope["path"]
        if prefix and path == prefix:  # the links of the page are relative to the slash
            query = scope["query_string"].decode("latin-1")
            await RedirectResponse(f"{prefix}/?{query}" if query else f"{prefix}/")(scope, receive, send)
            return
        if prefix and (path + "/").startswith(prefix + "/"):
            path = path[len(prefix) :] or "/"
        await self._app({**scope, "path": path, _KEY: prefix}, receive, send)


def _forwarded(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-prefix"), "")
