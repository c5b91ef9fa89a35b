"""Middleware that every request passes before a route: access, rate and size limits; plain ASGI, for speed.

From the outside in: `AccessLog` (metrics, logs, and a response to any unhandled error; HEAD as GET), `SecurityHeaders`,
`Admission` (key and rate), `Bodies` (size of bodies and time to receive them).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import math
import time
from typing import TYPE_CHECKING

from qpv_geo_service import messages
from qpv_geo_service.errors import SlowClientError, TooLargeError, TooManyRequestsError, UnauthorizedError
from qpv_geo_service.logs import LOG, Hasher, RequestLog
from qpv_geo_service.problems import problem_response
from qpv_geo_service.settings import rate_limits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from qpv_geo_service.metrics import Metrics
    from qpv_geo_service.settings import RateLimit, ServiceSettings

API_CSP = "default-src 'none'; frame-ancestors 'none'"
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", API_CSP.encode()),
)
"""Added to every response that does not set them; HSTS is left to the proxy, which handles TLS."""
_OF_PAGES = (
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
"""Added to HTML only: they mean nothing for JSON (OWASP, REST Security Cheat Sheet)."""
_QUIET = frozenset({"/health", "/ready", "/metrics"})
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_DISCONNECTED = 499
"""Logged, never sent: the client disconnected (nginx uses this status)."""


def client_address(scope: Scope, hops: int) -> str:
    """Return the client IP reported by the outermost trusted proxy."""
    if hops:
        forwarded = [
            part for name, value in scope["headers"] if name == b"x-forwarded-for" for part in value.split(b",")
        ]
        if len(forwarded) >= hops:
            return str(forwarded[-hops].strip().decode("latin-1"))
    client = scope.get("client")
    return str(client[0]) if client else ""


def route_of(scope: Scope) -> str:
    """Return the path template of the route, ``-`` if none matched; the actual path may contain the question."""
    return getattr(scope.get("route"), "path", "") or "-"


class AccessLog:
    """Measures and logs every request, and answers unhandled errors with a problem.

    HEAD is answered like GET, without the content: monitors and caches use it.
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
                self._log.write()  # the service is stopping
            return
        started, status, method = time.perf_counter(), 0, scope["method"]
        if method == "HEAD":
            scope = {**scope, "method": "GET"}  # a copy: the server still sees HEAD in its own, and sends no content

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
                raise  # part of the response is sent: only cutting it off shows the error
            await problem_response(error)(scope, receive, noting)
        finally:
            self._tell(scope, method, status or _DISCONNECTED, time.perf_counter() - started)

    def _tell(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        route = route_of(scope)
        method = method if method in _METHODS else "-"  # a client may send anything as method
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
    """Adds security headers to responses that do not set them."""

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
    """Counts the requests of each client in a fixed time window; the next window starts from zero."""

    def __init__(self, limit: RateLimit) -> None:
        self.limit, self._ends = limit, 0.0
        self._counts: dict[str, int] = {}

    def count(self, client: str) -> float:
        """Count a request; return the seconds to wait if it exceeds the limit, else 0."""
        now = time.monotonic()
        if now >= self._ends:
            self._counts.clear()
            self._ends = now + self.limit.seconds
        count = self._counts[client] = self._counts.get(client, 0) + 1
        return self._ends - now if count > self.limit.requests else 0.0


class Admission:
    """Refuses clients without a required key, and those that exceed the rate limit.

    Each process counts in its own memory: with several workers, each allows a client the full limit.
    """

    def __init__(self, app: ASGIApp, *, settings: ServiceSettings) -> None:
        self._app = app
        self._hops = settings.proxy_hops
        self._keys = [_digest(one.get_secret_value().encode()) for one in settings.api_keys]
        self._windows = [Window(one) for one in rate_limits(settings.rate_limit)]

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
        # compare with every key, each in constant time, so that timing reveals nothing
        if not sum(hmac.compare_digest(given, key) for key in self._keys):
            raise UnauthorizedError(messages.MISSING_KEY)

    def _check_rate(self, scope: Scope) -> None:
        client = client_address(scope, self._hops)
        for window in self._windows:
            wait_s = window.count(client)
            if wait_s > 0.0:
                seconds = math.ceil(wait_s)
                raise TooManyRequestsError(messages.too_many(*window.limit, seconds), seconds)


class Bodies:
    """Limits the size of a body and the time to receive it; refuses a too large Content-Length before reading."""

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
    """Return the Content-Length of a request, 0 if absent or not a number."""
    text = next((value for name, value in headers if name == b"content-length"), b"0")
    return int(text) if text.isdigit() else 0


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
