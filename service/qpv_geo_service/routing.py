"""Routes whose functions read the request themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.routing import APIRoute

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class PlainRoute(APIRoute):
    """A documented route whose function takes the request, and gives the response.

    FastAPI prepares parameters, dependencies and what they leave open for every request, even where there are none:
    that takes as long as the verdict.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; errors go to the handlers of the application, as those of other routes do."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)  # refuses it
            return
        response = await self.endpoint(Request(scope, receive, send))
        await response(scope, receive, send)
