"""The one way to the network: requests with retries, deadlines and size limits; failures are raised as `RemoteError`.

The time-outs of httpx2 bound each wait for a byte: a server that sends one byte a second, in its headers or its body,
would hold a caller for hours. A whole answer is therefore bounded too, in one of two ways:

- by a deadline, retries included, where someone waits for a short answer;
- otherwise by a lowest rate: each `Limits.piece` bytes must arrive within `Limits.piece_s` seconds, whatever the size
  of the file. The default, 300 kB a minute, is under a tenth of the slowest ADSL line (512 kbit/s); at that rate
  500 MB take 28 hours.

Import this module only where requests are made: httpx2 is slow to import.
"""

from __future__ import annotations

import asyncio
import json
import math
import socket
import ssl
import threading
import time
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from typing import IO, TYPE_CHECKING, Any, Protocol

import httpx2
import stamina

from qpv_geo import messages as msg
from qpv_geo._version import __version__
from qpv_geo.connections import Connections, trusting_client
from qpv_geo.errors import RemoteError
from qpv_geo.settings import without_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from qpv_geo.connections import Exchange, Progress
    from qpv_geo.settings import Settings

_OK, _TOO_MANY_REQUESTS = 200, 429
_SERVER_ERRORS = range(500, 600)
_BLOCK_S = 5.0
"""Wait after a 429 without ``Retry-After``: how long the national geocoder blocks (cartes.gouv.fr, terms, annex 3)."""

_DETAIL_BYTES, _DETAIL_LETTERS = 65_536, 200


def silent(done: int, total: int | None) -> None:
    """Ignore the progress."""


@dataclass(frozen=True)
class Limits:
    """Limits on the size and slowness of an answer, and on the waits between attempts.

    Attributes
    ----------
    size
        Largest size in bytes of an answer, once decompressed.
    wait_initial_s, wait_max_s
        Seconds before the second attempt, doubled before each later one up to the maximum.
    retry_after_max_s
        Longest ``Retry-After`` to wait for; beyond it, the request fails. None: wait for `wait_max_s` at most, whatever
        the server asks, and try again.
    piece, piece_s
        Without a deadline, each `piece` bytes must arrive within `piece_s` seconds.
    """

    size: int
    wait_initial_s: float = 0.5
    wait_max_s: float = 10.0
    retry_after_max_s: float | None = None
    piece: int = 300_000
    piece_s: float = 60.0


DOWNLOADS = Limits(size=500_000_000)
ANSWERS = Limits(size=50_000_000, retry_after_max_s=30.0)


class Texts(Protocol):
    """What errors say of a URL: a module of `qpv_geo.messages`."""

    def refused(self, url: str, status: int, detail: str, target: str) -> str: ...  # noqa: D102
    def busy(self, url: str, seconds: float | None) -> str: ...  # noqa: D102
    def slow(self, url: str, seconds: float) -> str: ...  # noqa: D102
    def stalled(self, url: str, seconds: float) -> str: ...  # noqa: D102
    def cut(self, url: str) -> str: ...  # noqa: D102
    def unreachable(self, url: str, cause: str) -> str: ...  # noqa: D102
    def too_large(self, url: str, limit: int) -> str: ...  # noqa: D102


class RefusedError(Exception):
    """An answer whose status is not 200.

    Attributes
    ----------
    status
        HTTP status.
    retry_after_s
        Seconds that it asks to wait, or None.
    target
        Where it redirects to.
    document
        Its JSON object, or an empty one.
    """

    def __init__(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        super().__init__(status)
        delay = _retry_after_s(headers)
        self.status = status
        self.retry_after_s = _BLOCK_S if delay is None and status == _TOO_MANY_REQUESTS else delay
        self.target = _line(headers.get("Location"))
        self.document = _json_object(content)

    def message(self, url: str, texts: Texts) -> str:
        """Return a message that says what the server did."""
        if self.status == _TOO_MANY_REQUESTS:
            return texts.busy(url, self.retry_after_s or None)
        detail = _line([self.document.get(key) for key in ("title", "description", "message", "detail")])
        return texts.refused(url, self.status, detail, self.target)


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


class Client:
    """A pool of connections, opened by the first request and kept until closed; several threads may share it.

    Parameters
    ----------
    settings
        ``http_timeout_s`` bounds each wait for the server, ``http_attempts`` the number of attempts.
    texts
        What errors say.
    limits
        Limits on size and waits.
    redirects
        Whether redirects are followed.
    per_s
        Most requests per second.
    transport
        HTTP transport, for tests; by default the network.
    clock, sleep
        Used for the rate, the deadlines and the waits that the server asks for.
    """

    def __init__(  # noqa: PLR0913 - the last three are for tests
        self,
        settings: Settings,
        texts: Texts,
        limits: Limits,
        *,
        redirects: bool,
        per_s: float = math.inf,
        transport: httpx2.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings, self._texts, self._limits = settings, texts, limits
        self._redirects, self._transport = redirects, transport
        self._clock = clock
        self._limiter = RateLimiter(per_s, clock=clock, sleep=sleep)
        self._lock = threading.Lock()
        self._opened: Connections | None = None

    def receive(
        self,
        url: str,
        into: IO[bytes],
        *,
        deadline_s: float | None = None,
        progress: Progress = silent,
        **request: Any,  # noqa: ANN401 - as httpx2 takes them
    ) -> httpx2.Headers:
        """Send a request, write the body of the answer and return its headers.

        Parameters
        ----------
        url
            Messages show it without any user and password.
        into
            Where to write; it is emptied before each attempt.
        deadline_s
            Time limit in seconds, retries included but not the wait for the first turn; see the module for None.
        progress
            Called in this thread; its count starts again with each attempt.
        **request
            ``method`` (by default GET), ``params``, ``data`` or ``files``, as httpx2 takes them.

        Raises
        ------
        RemoteError
            No whole answer came within the limits and attempts; its cause is a `RefusedError` if the status of the
            answer was not 200.
        """
        request = {"method": "GET", "url": url} | request
        self._limiter.wait()
        until = math.inf if deadline_s is None else self._clock() + deadline_s
        attempts = stamina.retry_context(
            on=lambda error: self._may_pass(error, until),
            attempts=self._settings.http_attempts,
            timeout=deadline_s,
            wait_initial=self._limits.wait_initial_s,
            wait_max=self._limits.wait_max_s,
            wait_jitter=self._limits.wait_initial_s,
        )
        headers = httpx2.Headers()
        with self._translated(without_user(url), self._limits.piece_s if deadline_s is None else deadline_s):
            for attempt in attempts:
                with attempt:
                    if attempt.num > 1:
                        self._limiter.wait()
                    headers = self._connections().run(self._exchange(request, into, until), progress)
        return headers

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _connections(self) -> Connections:
        with self._lock:
            if self._opened is None or not self._opened.is_open:
                self._opened = Connections(
                    partial(
                        trusting_client,
                        transport=self._transport,
                        timeout=self._settings.http_timeout_s,
                        headers={"User-Agent": f"qpv-geo/{__version__}"},
                        follow_redirects=self._redirects,
                    )
                )
            return self._opened

    def _exchange(self, request: Mapping[str, Any], into: IO[bytes], until: float) -> Exchange[httpx2.Headers]:
        limits = self._limits
        seconds = limits.piece_s if math.isinf(until) else until - self._clock()

        async def exchange(client: httpx2.AsyncClient, progress: Progress) -> httpx2.Headers:
            async with asyncio.timeout(seconds) as time_limit, client.stream(**request) as response:
                if response.status_code != _OK:
                    said = await anext(response.aiter_bytes(_DETAIL_BYTES), b"")
                    raise RefusedError(response.status_code, response.headers, said)
                into.seek(0)  # discard what an earlier attempt wrote
                into.truncate()
                length = response.headers.get("Content-Length")
                total = None if length is None else int(length)
                wanted = limits.piece
                async for block in response.aiter_bytes():
                    into.write(block)
                    if max(into.tell(), total or 0) > limits.size:
                        raise RemoteError(self._texts.too_large(without_user(request["url"]), limits.size))
                    progress(response.num_bytes_downloaded, total)
                    if math.isinf(until) and response.num_bytes_downloaded >= wanted:
                        wanted = response.num_bytes_downloaded + limits.piece
                        time_limit.reschedule(asyncio.get_running_loop().time() + seconds)
                return response.headers

        return exchange

    def _may_pass(self, error: Exception, until: float) -> bool | float:
        """Tell whether to retry; if the server says when, the rate limiter makes every thread wait."""
        if not isinstance(error, RefusedError):
            return isinstance(error, httpx2.TimeoutException | httpx2.NetworkError | httpx2.RemoteProtocolError)
        if error.status != _TOO_MANY_REQUESTS and error.status not in _SERVER_ERRORS:
            return False
        delay, longest = error.retry_after_s, self._limits.retry_after_max_s
        if delay is None:
            return True
        if longest is None:
            delay = min(delay, self._limits.wait_max_s)
        elif delay > min(longest, until - self._clock()):
            return False
        self._limiter.hold(delay)
        return 0.0

    @contextmanager
    def _translated(self, url: str, seconds: float) -> Iterator[None]:
        """Turn every failure into a `RemoteError` that says what the server did."""
        timeout_s = self._settings.http_timeout_s
        try:
            yield
        except RefusedError as error:
            raise RemoteError(error.message(url, self._texts)) from error
        except TimeoutError as error:
            raise RemoteError(self._texts.slow(url, seconds)) from error
        except (httpx2.ReadTimeout, httpx2.WriteTimeout, httpx2.PoolTimeout) as error:
            raise RemoteError(self._texts.stalled(url, timeout_s)) from error
        except (CancelledError, httpx2.ReadError, httpx2.WriteError) as error:  # cancelled: closed while it was asking
            raise RemoteError(self._texts.cut(url)) from error
        except (httpx2.RemoteProtocolError, httpx2.DecodingError) as error:
            raise RemoteError(self._texts.cut(url)) from error
        except httpx2.ConnectTimeout as error:
            raise RemoteError(self._texts.unreachable(url, msg.errors.cause_no_connection(timeout_s))) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise RemoteError(self._texts.unreachable(url, _cause(error))) from error


def modified_on(headers: Mapping[str, str]) -> str | None:
    """Return the ISO day of ``Last-Modified``, or None if it is missing or invalid."""
    try:
        return parsedate_to_datetime(headers.get("Last-Modified", "")).date().isoformat()
    except ValueError:
        return None


def _json_object(content: bytes) -> dict[str, object]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _line(said: object) -> str:
    """Return what a server says as a short line, without control characters."""
    if isinstance(said, list):
        return "\u00a0: ".join(filter(None, map(_line, said)))[:_DETAIL_LETTERS]
    text = said if isinstance(said, str) else ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_DETAIL_LETTERS]


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of ``Retry-After`` (RFC 9110); a date is compared with the server's own, not our clock."""
    value = headers.get("Retry-After", "")
    if value.isdecimal():
        return float(value)
    try:
        delay = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, delay.total_seconds())


def _cause(error: Exception) -> str:
    """Return why there was no connection, in our own words if the system gives a known cause."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, ExceptionGroup):  # one for each address of the host
            link = link.exceptions[0]
        if isinstance(link, socket.gaierror):
            return msg.errors.cause_no_host()
        if isinstance(link, ConnectionRefusedError):
            return msg.errors.cause_refused()
        if isinstance(link, ssl.SSLCertVerificationError):
            return msg.errors.cause_no_trust()
        link = link.__cause__ or link.__context__
    return _line(str(error)) or type(error).__name__
