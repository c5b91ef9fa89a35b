"""Routes whose functions parse the request themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.routing import APIRoute

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class PlainRoute(APIRoute):
    """A documented route whose function takes the request and returns the response.

    FastAPI sets up parameters, dependencies and their cleanup for every request, even when there are none, which takes
    as long as the verdict.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; the handlers of the application deal with errors, as for other routes."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)  # raises 405
            return
        response = await self.endpoint(Request(scope, receive, send))
        await response(scope, receive, send)
