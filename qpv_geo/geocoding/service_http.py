"""HTTP requests to a geocoding service, with retries if they may help and errors in our own words.

The national service takes 50 requests a second from one client address, then answers 429 and blocks for 5 s, with
``retry-after`` (terms of use of cartes.gouv.fr, annex 3). Redirects are not followed: an address that someone typed
goes to the configured service and to no other. A whole answer, retries included, has a deadline: a service that sends
one byte a second is given up.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from qpv_geo import messages as msg
from qpv_geo._version import __version__
from qpv_geo.errors import RemoteError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence

    import httpx2

    from qpv_geo.geocoding.service_client import DeadlineClient
    from qpv_geo.settings import Settings

_OK, _TOO_MANY_REQUESTS, _SERVER_ERROR = 200, 429, 500
_REDIRECTS, _SERVER_ERRORS = range(300, 400), range(500, 600)
_BLOCK_S = 5.0
_DETAIL_LETTERS = 200


@dataclass(frozen=True)
class AnswerLimits:
    """Limits on the size of an answer and on the waits between attempts.

    Attributes
    ----------
    size
        Most bytes of an answer, once decompressed.
    wait_initial_s, wait_max_s
        Seconds before the second attempt, doubled for each later one up to the maximum, unless the service says how
        long to wait.
    retry_after_max_s
        Longest ``retry-after`` to wait for; beyond it, the request fails.
    """

    size: int = 50_000_000
    wait_initial_s: float = 0.5
    wait_max_s: float = 10.0
    retry_after_max_s: float = 30.0


BOUNDS = AnswerLimits()


class RateLimiter:
    """Spaces out the requests of many threads evenly, and can hold them all.

    Parameters
    ----------
    per_s
        Most turns per second.
    clock
        Monotonic clock, in seconds.
    sleep
        Waits for a number of seconds.
    """

    def __init__(
        self,
        per_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 1.0 / per_s
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._free_at = clock()

    def wait(self) -> None:
        """Wait for one's turn."""
        while (delay := self._take_turn()) > 0.0:
            self._sleep(delay)

    def hold(self, seconds: float) -> None:
        """Give no thread a turn for this many seconds from now."""
        with self._lock:
            self._free_at = max(self._free_at, self._clock() + seconds)

    def _take_turn(self) -> float:
        """Take the turn if it has come, else return the seconds until the next one."""
        with self._lock:
            now = self._clock()
            if now < self._free_at:
                return self._free_at - now
            self._free_at = now + self._gap
            return 0.0


class Service:
    """A geocoding service: a pool of connections, opened by the first request and kept until closed.

    Several threads may share it.

    Parameters
    ----------
    settings
        ``geocoder_url``, ``geocoder_rate_per_s``; ``geocoder_deadline_s`` bounds an answer as a whole,
        ``http_timeout_s`` each wait for the service and ``http_attempts`` the number of attempts.
    transport
        HTTP transport, for tests; by default the network.
    bounds
        Limits on size and waits.
    clock, sleep
        Used by the rate limiter, the deadline and the waits that the service asks for.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        bounds: AnswerLimits = BOUNDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._bounds = bounds
        self._clock = clock
        self._limiter = RateLimiter(settings.geocoder_rate_per_s, clock=clock, sleep=sleep)
        self._lock = threading.Lock()
        self._opened: DeadlineClient | None = None
        parts = urlsplit(settings.geocoder_url)
        self._host = parts.netloc.rpartition("@")[2]
        self._shown = parts._replace(netloc=self._host).geturl()

    @property
    def host(self) -> str:
        """Its host, with the port if any."""
        return self._host

    def url(self, path: str) -> str:
        """Return the URL of a path for messages, without any user and password."""
        return self._shown + path

    def ask(
        self,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        form: Mapping[str, Sequence[str]] | None = None,
        file: bytes | None = None,
        more_s: float = 0.0,
    ) -> bytes:
        """Send a request and return the body of the answer.

        Parameters
        ----------
        path
            Added to the service's URL.
        parameters
            Query parameters of the URL.
        form, file
            With a file, the request is a form (``multipart/form-data``) with that file as ``data``.
        more_s
            Seconds added to the deadline, for a request that takes long to answer.

        Raises
        ------
        RemoteError
            No whole answer came by the deadline, within the settings' number of attempts; its cause is a `RefusedError`
            if the service answered with a status other than 200.
        """
        method, files = ("GET", None) if file is None else ("POST", {"data": ("adresses.csv", file, "text/csv")})
        request = {"method": method, "url": self._settings.geocoder_url + path, "params": parameters}
        url, seconds = self.url(path), self._settings.geocoder_deadline_s + more_s
        with _translated(url, self._settings.http_timeout_s, seconds):
            return self._ask_until(seconds, self._exchange({**request, "data": form, "files": files}, url))

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _ask_until(self, seconds: float, exchange: Callable[[httpx2.AsyncClient], Awaitable[bytes]]) -> bytes:
        """Send a request, with retries if they may help; the deadline excludes the wait for the first turn."""
        import stamina  # noqa: PLC0415 - needed by requests only

        self._limiter.wait()
        until = self._clock() + seconds
        attempts = stamina.retry_context(
            on=lambda error: self._may_pass(error, until),
            attempts=self._settings.http_attempts,
            timeout=seconds,
            wait_initial=self._bounds.wait_initial_s,
            wait_max=self._bounds.wait_max_s,
            wait_jitter=self._bounds.wait_initial_s,
        )
        content = b""
        for attempt in attempts:
            with attempt:
                if attempt.num > 1:
                    self._limiter.wait()
                content = self._client().ask(exchange, deadline_s=until - self._clock())
        return content

    def _exchange(
        self, request: Mapping[str, Any], url: str
    ) -> Callable[[httpx2.AsyncClient], Coroutine[Any, Any, bytes]]:
        async def exchange(client: httpx2.AsyncClient) -> bytes:
            async with client.stream(**request) as response:
                content = await self._read(response, url)
            if response.status_code != _OK:
                raise RefusedError(response.status_code, response.headers, content)
            return content

        return exchange

    async def _read(self, response: httpx2.Response, url: str) -> bytes:
        content = bytearray()
        async for block in response.aiter_bytes():
            content += block
            if len(content) > self._bounds.size:
                raise RemoteError(msg.address_errors.geocoder_too_large(url, self._bounds.size))
        return bytes(content)

    def _client(self) -> DeadlineClient:
        """Return the client, opened by the first request: a chain may never need it."""
        import httpx2  # noqa: PLC0415 - slow to import, and needed by requests only

        from qpv_geo.geocoding.service_client import DeadlineClient  # noqa: PLC0415

        with self._lock:
            if self._opened is None or not self._opened.is_open:
                self._opened = DeadlineClient(
                    httpx2.AsyncClient(
                        transport=self._transport,
                        timeout=self._settings.http_timeout_s,
                        headers={"User-Agent": f"qpv-geo/{__version__}"},
                        follow_redirects=False,
                    )
                )
            return self._opened

    def _may_pass(self, error: Exception, until: float) -> bool | float:
        """Tell whether to retry; if the service says when, the rate limiter makes every thread wait."""
        import httpx2  # noqa: PLC0415

        if not isinstance(error, RefusedError):
            return isinstance(error, httpx2.TimeoutException | httpx2.NetworkError | httpx2.RemoteProtocolError)
        if error.status != _TOO_MANY_REQUESTS and error.status not in _SERVER_ERRORS:
            return False
        delay = error.retry_after_s
        if delay is None:
            return True
        if delay > min(self._bounds.retry_after_max_s, until - self._clock()):
            return False
        self._limiter.hold(delay)
        return 0.0


class RefusedError(Exception):
    """An answer whose status is not 200.

    Attributes
    ----------
    status
        HTTP status.
    retry_after_s
        Seconds that it asks to wait, or None; for a 429 that does not say, the documented 5 s.
    location
        Where it redirects to.
    detail
        Its message, from ``{"code", "message", "detail"}`` (national) or ``{"title", "description"}`` (Addok).
    is_addok_failure
        Whether this is an error 500 of Addok's own server, which alone has a title.
    """

    def __init__(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        super().__init__(status)
        said = _said(content)
        self.status = status
        self.location = _line(headers.get("Location"))
        self.detail = _line([said.get(key) for key in ("title", "description", "message", "detail")])
        self.is_addok_failure = status == _SERVER_ERROR and "title" in said
        delay = _retry_after_s(headers)
        self.retry_after_s = _BLOCK_S if delay is None and status == _TOO_MANY_REQUESTS else delay

    def message(self, url: str) -> str:
        """Return a message that says what the service did."""
        if self.status == _TOO_MANY_REQUESTS:
            return msg.address_errors.geocoder_busy(url, self.retry_after_s or None)
        if self.status in _REDIRECTS:
            return msg.address_errors.geocoder_moved(url, self.status, self.location)
        return msg.address_errors.geocoder_status(url, self.status, self.detail)


def _said(content: bytes) -> dict[str, object]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _line(said: object) -> str:
    """Return what a service says as a short line, without control characters."""
    if isinstance(said, list):
        return " : ".join(filter(None, map(_line, said)))[:_DETAIL_LETTERS]
    text = said if isinstance(said, str) else ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_DETAIL_LETTERS]


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of ``retry-after`` (RFC 9110); a date is compared with the service's own, not our clock."""
    value = headers.get("Retry-After", "")
    if value.isdecimal():
        return float(value)
    try:
        delay = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, delay.total_seconds())


@contextmanager
def _translated(url: str, timeout_s: float, deadline_s: float) -> Iterator[None]:
    """Turn every failure into a `RemoteError` that says what the service did."""
    import httpx2  # noqa: PLC0415

    try:
        yield
    except RefusedError as error:
        raise RemoteError(error.message(url)) from error
    except TimeoutError as error:
        raise RemoteError(msg.address_errors.geocoder_slow(url, deadline_s)) from error
    except CancelledError as error:  # closed while it was asking
        raise RemoteError(msg.address_errors.geocoder_cut(url)) from error
    except (httpx2.ReadTimeout, httpx2.WriteTimeout, httpx2.PoolTimeout) as error:
        raise RemoteError(msg.address_errors.geocoder_stalled(url, timeout_s)) from error
    except (httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError, httpx2.DecodingError) as error:
        raise RemoteError(msg.address_errors.geocoder_cut(url)) from error
    except httpx2.ConnectTimeout as error:
        raise RemoteError(
            msg.address_errors.geocoder_unreachable(url, msg.address_errors.cause_no_connection(timeout_s))
        ) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise RemoteError(msg.address_errors.geocoder_unreachable(url, _cause(error))) from error


def _cause(error: Exception) -> str:
    """Return why there was no connection, in our own words if the system gives a known cause."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, ExceptionGroup):  # one for each address of the host
            link = link.exceptions[0]
        if isinstance(link, socket.gaierror):
            return msg.address_errors.cause_no_host()
        if isinstance(link, ConnectionRefusedError):
            return msg.address_errors.cause_refused()
        if isinstance(link, ssl.SSLCertVerificationError):
            return msg.address_errors.cause_no_trust()
        link = link.__cause__ or link.__context__
    return _line(str(error)) or type(error).__name__
