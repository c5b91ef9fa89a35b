"""Routes that refuse what they do not document, and routes whose functions parse the request themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from qpv_geo.errors import InputError
from qpv_geo_service import messages
from qpv_geo_service.problems import responses
from qpv_geo_service.query_params import refuse_unknown

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

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


class PlainRoute(GuardedRoute):
    """A documented route whose function takes the request and returns the response.

    FastAPI sets up parameters, dependencies and their cleanup for every request, even when there are none, which takes
    as long as the verdict.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; the handlers of the application deal with errors, as for other routes."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)  # raises 405
            return
        self.guard(scope)
        response = await self.endpoint(Request(scope, receive, send))
        await response(scope, receive, send)


def documented_router(tag: str, *statuses: int, route_class: type[GuardedRoute] = GuardedRoute) -> dict[str, Any]:
    """Return the options of a router of documented routes: its tag, and the statuses of the problems of each."""
    return {
        "tags": [tag],
        "responses": responses(*statuses),
        "route_class": route_class,
        "default_response_class": Response,  # documents no media type beside those of the route
    }


def _has_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )
