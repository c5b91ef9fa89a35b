"""An HTTP client that runs in its own thread, so that a request can be given up wherever it waits.

A coroutine can be cancelled at any moment, a thread that reads a socket cannot. Callers need not know about the event
loop, and may have one of their own.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from concurrent.futures import Future
from functools import cache
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import httpx2

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Coroutine

    _Started: TypeAlias = tuple[httpx2.AsyncClient, asyncio.AbstractEventLoop, asyncio.Event]

_T = TypeVar("_T")

Progress: TypeAlias = "Callable[[int, int | None], None]"
"""Callback for progress: how much has come, and the expected total, or None until it is known."""

Exchange: TypeAlias = "Callable[[httpx2.AsyncClient, Progress], Coroutine[Any, Any, _T]]"
"""Sends a request, receives the answer and reports progress in bytes."""


class Connections:
    """The connections of a client, for many threads at once; its thread ends when it is closed or garbage-collected.

    Parameters
    ----------
    make_client
        Makes the client that sends the requests, in the thread: it imports more modules, and an interrupt during an
        import may be lost or end Python itself.
    """

    def __init__(self, make_client: Callable[[], httpx2.AsyncClient]) -> None:
        started: Future[_Started] = Future()
        self._thread = threading.Thread(target=_serve, args=(make_client, started), name="qpv-geo http", daemon=True)
        self._thread.start()
        self._client, self._loop, over = started.result()
        self._end = weakref.finalize(self, _end, self._loop, over, self._thread)

    @property
    def is_open(self) -> bool:
        """Whether it can send requests: not closed, and the process not forked since."""
        return self._thread.is_alive()

    def run(self, exchange: Exchange[_T], progress: Progress) -> _T:
        """Run an exchange and return its result; it is cancelled if this thread is interrupted.

        Parameters
        ----------
        exchange
            What to do with the client.
        progress
            Called in this thread as the exchange reports it.
        """
        steps: SimpleQueue[tuple[int, int | None] | None] = SimpleQueue()
        asked = asyncio.run_coroutine_threadsafe(exchange(self._client, lambda *step: steps.put(step)), self._loop)
        asked.add_done_callback(lambda _: steps.put(None))
        try:
            for step in iter(steps.get, None):
                progress(*step)
            return asked.result()
        finally:
            asked.cancel()

    def close(self) -> None:
        """Close the connections, and end the thread."""
        self._end()


def trusting_client(**options: Any) -> httpx2.AsyncClient:  # noqa: ANN401 - as httpx2 takes them
    """Make a client that trusts the authorities of this machine."""
    return httpx2.AsyncClient(verify=_authorities(), **options)


@cache
def _authorities() -> ssl.SSLContext:
    """Return the certificates that this machine trusts, read once for all clients: that takes some 25 ms."""
    return httpx2.create_ssl_context()


def _serve(make_client: Callable[[], httpx2.AsyncClient], started: Future[_Started]) -> None:
    async def until_over() -> None:
        over = asyncio.Event()
        async with make_client() as client:
            started.set_result((client, asyncio.get_running_loop(), over))
            await over.wait()

    try:
        asyncio.run(until_over())
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)  # or the caller would wait for ever


def _end(loop: asyncio.AbstractEventLoop, over: asyncio.Event, thread: threading.Thread) -> None:
    if thread.is_alive():
        loop.call_soon_threadsafe(over.set)
    if thread is not threading.current_thread():  # an unreferenced client may be collected in its own thread
        thread.join()
