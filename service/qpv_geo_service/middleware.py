"""What every request meets before a route: who may ask, how much, how often; all of it plain ASGI, for speed.

From the outside in: `AccessLog` (measures, logs, and answers for whatever else fails; HEAD as GET), `SecurityHeaders`,
`Admission` (key and rate), `Bodies` (size and pace of what is sent).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import math
import time
from typing import TYPE_CHECKING

from limits import parse_many

from qpv_geo_service import messages
from qpv_geo_service.errors import SlowClientError, TooLargeError, TooManyRequestsError, UnauthorizedError
from qpv_geo_service.logs import LOG, Hasher, RequestLog
from qpv_geo_service.problems import problem_response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from limits import RateLimitItem
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from qpv_geo_service.metrics import Metrics
    from qpv_geo_service.settings import ServiceSettings

API_CSP = "default-src 'none'; frame-ancestors 'none'"
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", API_CSP.encode()),
)
"""Given to every response that does not say otherwise; HSTS is the business of the proxy, that knows of TLS."""
_OF_PAGES = (
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
"""Given to what a browser shows and runs: they mean nothing for JSON (OWASP, REST Security Cheat Sheet)."""
_QUIET = frozenset({"/health", "/ready", "/metrics"})
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_DISCONNECTED = 499
"""Logged, never sent: the client went away (the number that nginx gives to it)."""


def client_address(scope: Scope, hops: int) -> str:
    """Return the address of who asks, as the last proxy that is trusted saw it."""
    if hops:
        forwarded = [
            part for name, value in scope["headers"] if name == b"x-forwarded-for" for part in value.split(b",")
        ]
        if len(forwarded) >= hops:
            return str(forwarded[-hops].strip().decode("latin-1"))
    client = scope.get("client")
    return str(client[0]) if client else ""


def route_of(scope: Scope) -> str:
    """Return the route that answers, as it was declared; its path may hold what was asked."""
    return getattr(scope.get("route"), "path", "") or "-"


class AccessLog:
    """Measures and logs every request, and answers a problem where nobody else could.

    HEAD is answered as GET is, without the content: what watches a service, or what it keeps, asks so.
    """

    def __init__(self, app: ASGIApp, *, settings: ServiceSettings, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics
        self._hops, self._hash = settings.proxy_hops, Hasher(settings)
        self._log = RequestLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            try:
                await self._app(scope, receive, send)
            finally:
                self._log.write()  # the service stops
            return
        started, status, method = time.perf_counter(), 0, scope["method"]
        if method == "HEAD":
            scope = {**scope, "method": "GET"}  # a copy: the server looks at its own, and sends no content

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            LOG.exception("request failed", extra={"facts": {"route": route_of(scope)}})
            if status:
                raise  # half an answer is sent: only cutting it tells so
            await problem_response(error)(scope, receive, noting)
        finally:
            self._tell(scope, method, status or _DISCONNECTED, time.perf_counter() - started)

    def _tell(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        route = route_of(scope)
        method = method if method in _METHODS else "-"  # a client may write anything there
        self._metrics.request(method, route, status, seconds)
        if route in _QUIET:
            return
        facts = {
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 2),
            "client": self._hash.of(client_address(scope, self._hops)),
        }
        self._log.add(facts)


class SecurityHeaders:
    """Adds the headers that protect whoever reads an answer in a browser, where the answer has none of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                given = dict(headers)
                headers.extend(one for one in _ALWAYS if one[0] not in given)
                if given.get(b"content-type", b"").startswith(b"text/html"):
                    headers.extend(one for one in _OF_PAGES if one[0] not in given)
            await send(message)

        await self._app(scope, receive, adding if scope["type"] == "http" else send)


class Window:
    """Counts the requests of each client in a window of time, and forgets them all when the next begins.

    The memory storage of `limits` does as much, but starts a thread a hundred times a second to forget, which takes a
    tenth of what the service does.
    """

    def __init__(self, limit: RateLimitItem) -> None:
        self.limit = limit
        self._seconds, self._ends = limit.get_expiry(), 0.0
        self._counts: dict[str, int] = {}

    def count(self, client: str) -> float:
        """Count a request; return the seconds to wait where it is one too many, 0 where it is not."""
        now = time.monotonic()
        if now >= self._ends:
            self._counts.clear()
            self._ends = now + self._seconds
        count = self._counts[client] = self._counts.get(client, 0) + 1
        return self._ends - now if count > self.limit.amount else 0.0


class Admission:
    """Refuses who has no key where one is asked for, and who asks too often.

    A window is counted in the memory of this process: with several workers a client may be let in by each.
    """

    def __init__(self, app: ASGIApp, *, settings: ServiceSettings) -> None:
        self._app = app
        self._hops = settings.proxy_hops
        self._keys = [_digest(one.get_secret_value().encode()) for one in settings.api_keys]
        self._windows = [Window(one) for one in parse_many(settings.rate_limit)] if settings.rate_limit else []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and scope["path"].startswith(("/v1/", "/carte")):
            try:
                self._check_rate(scope)
                self._check_key(scope)
            except (UnauthorizedError, TooManyRequestsError) as error:
                await problem_response(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _check_key(self, scope: Scope) -> None:
        if not self._keys or not scope["path"].startswith("/v1/") or scope["method"] == "OPTIONS":
            return
        given = _digest(next((value for name, value in scope["headers"] if name == b"x-api-key"), b""))
        # every key is compared, and each in constant time: how long it takes tells nothing
        if not sum(hmac.compare_digest(given, key) for key in self._keys):
            raise UnauthorizedError(messages.MISSING_KEY)

    def _check_rate(self, scope: Scope) -> None:
        client = client_address(scope, self._hops)
        for window in self._windows:
            wait_s = window.count(client)
            if wait_s > 0.0:
                seconds = math.ceil(wait_s)
                raise TooManyRequestsError(messages.too_many(str(window.limit), seconds), seconds)


class Bodies:
    """Lets in bodies of a bounded size, at a bounded pace; what is announced is refused before a byte of it is read."""

    def __init__(self, app: ASGIApp, *, settings: ServiceSettings) -> None:
        self._app = app
        self._upload, self._site = settings.max_upload_bytes, settings.max_site_bytes
        self._timeout_s = settings.upload_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        most = self._upload if scope["path"] == "/v1/batch" else self._site
        if _announced(scope["headers"]) > most:
            await problem_response(TooLargeError(messages.body_too_large(most)))(scope, receive, send)
            return
        await self._app(scope, self._bounded(receive, most), send)

    def _bounded(self, receive: Receive, most: int) -> Receive:
        left, whole, ends = most, False, asyncio.get_running_loop().time() + self._timeout_s

        async def bounded() -> Message:
            nonlocal left, whole
            if whole:
                return await receive()
            message = await self._in_time(receive, ends)
            whole = not message.get("more_body", False)
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLargeError(messages.body_too_large(most))
            return message

        return bounded

    async def _in_time(self, receive: Receive, ends: float) -> Message:
        try:
            async with asyncio.timeout_at(ends):
                return await receive()
        except TimeoutError as error:
            raise SlowClientError(messages.slow_client(self._timeout_s)) from error


def _announced(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Return the number of bytes that a request says it sends, 0 where it does not say."""
    text = next((value for name, value in headers if name == b"content-length"), b"0")
    return int(text) if text.isdigit() else 0


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
