"""An HTTP client with a deadline on each whole answer, whatever the service is doing by then.

The time-outs of a client bound each wait for a byte: a service that sends one byte a second, in its headers or in its
body, would be awaited for hours. A coroutine can be cancelled wherever it waits; the event loop runs in its own thread,
so callers need not know about it.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx2

_T = TypeVar("_T")


class DeadlineClient:
    """A client that many threads may use at once; its own thread ends when it is closed or garbage-collected.

    Parameters
    ----------
    client
        Sends the requests; closed with this one.
    """

    def __init__(self, client: httpx2.AsyncClient) -> None:
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        name = "qpv-geo service client"
        self._client = client
        self._thread = threading.Thread(target=_serve, args=(client, started), name=name, daemon=True)
        self._thread.start()
        self._loop, over = started.result()
        self._end = weakref.finalize(self, _end, self._loop, over, self._thread)

    @property
    def is_open(self) -> bool:
        """Whether it can send requests: not closed, and the process not forked since."""
        return self._thread.is_alive()

    def ask(self, exchange: Callable[[httpx2.AsyncClient], Awaitable[_T]], *, deadline_s: float) -> _T:
        """Run an exchange and return its result.

        Parameters
        ----------
        exchange
            What to do with the client.
        deadline_s
            Seconds after which the exchange is cancelled.

        Raises
        ------
        TimeoutError
            The deadline passed.
        """
        asked = asyncio.run_coroutine_threadsafe(_within(deadline_s, exchange, self._client), self._loop)
        try:
            return asked.result()
        finally:
            asked.cancel()

    def close(self) -> None:
        """Close the connections, and end the thread."""
        self._end()


async def _within(
    seconds: float, exchange: Callable[[httpx2.AsyncClient], Awaitable[_T]], client: httpx2.AsyncClient
) -> _T:
    async with asyncio.timeout(seconds):
        return await exchange(client)


def _serve(client: httpx2.AsyncClient, started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
    async def until_over() -> None:
        over = asyncio.Event()
        async with client:
            started.set_result((asyncio.get_running_loop(), over))
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
