"""Routes that refuse what they do not document, and routes whose functions parse the request themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from qpv_geo.errors import InputError, QpvGeoError
from qpv_geo_service import messages
from qpv_geo_service.problems import problem_response, responses
from qpv_geo_service.query_params import refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

    from qpv_geo.untyped import AnyValue


class GuardedRoute(APIRoute):
    """A route that refuses the query parameters missing from its documentation, and a body if it documents none.

    The names are those of ``openapi_extra``: a route accepts nothing that its documentation does not list.
    """

    def __init__(self, *args: AnyValue, **options: AnyValue) -> None:
        super().__init__(*args, **options)
        self.description = options.get("description") or ""  # not the docstring, which is for those who read the code
        documented = self.openapi_extra or {}
        names = [one["name"] for one in documented.get("parameters", ()) if one["in"] == "query"]
        contents = documented.get("requestBody", {}).get("content", {})
        self._refuses_body = not contents
        self._known, self._encoded = tuple(names), frozenset(name.encode() for name in names)
        self._fields = tuple(contents.get("multipart/form-data", {}).get("schema", {}).get("properties", {}))

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; a method that the route does not have is refused first."""
        if scope["method"] in (self.methods or ()):
            self.guard(scope)
        await super().handle(scope, receive, send)

    def guard(self, scope: Scope) -> None:
        """Raise for what the route does not document.

        Raises
        ------
        ParametersError
            A query parameter is unknown.
        InputError
            There is a body, and the route has no use for one.
        """
        query: bytes = scope["query_string"]
        if query and not self._encoded.issuperset([pair.partition(b"=")[0] for pair in query.split(b"&")]):
            refuse_unknown(scope, self._known, self._fields)
        if self._refuses_body and _has_body(scope):
            raise InputError(messages.NO_BODY_EXPECTED)


class PlainRoutes:
    """The innermost middleware: answers documented routes whose functions take the request and return the response.

    FastAPI would set up parameters, dependencies and their clean-up, even where there are none, and look for the route
    among all: with this, the answer about a point takes 0.9 of the processor time.

    Parameters
    ----------
    routes
        The routes; their paths have no parameters.
    """

    def __init__(self, app: ASGIApp, *, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        plain = [one for one in routes if isinstance(one, GuardedRoute)]
        self._routes = {(method, one.path): one for one in plain for method in one.methods or ()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; the application answers those that are for no such route."""
        route = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        try:
            route.guard(scope)
            response = await route.endpoint(Request(scope, receive, send))
        except (QpvGeoError, OSError) as error:
            response = problem_response(error)
        await response(scope, receive, send)


def documented_router(tag: str, *statuses: int) -> dict[str, Any]:
    """Return the options of a router of documented routes: its tag, and the statuses of the problems of each."""
    return {
        "tags": [tag],
        "responses": responses(*statuses),
        "route_class": GuardedRoute,
        "default_response_class": Response,  # documents no media type beside those of the route
    }


def _has_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )
