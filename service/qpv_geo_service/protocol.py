"""HTTP over a socket: closes connections whose request headers do not come in time."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from qpv_geo.untyped import AnyValue

_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class HeaderDeadlineProtocol(H11Protocol):
    """uvicorn's protocol, which waits for ever for the end of headers, with a deadline for them.

    Parameters
    ----------
    header_timeout_s
        Seconds from the start of a connection, or from the previous answer, to the end of the request's headers.
        More bytes do not postpone it. uvicorn's keep-alive limit, for connections that send nothing more, stays.
    """

    def __init__(self, header_timeout_s: float, *args: AnyValue, **options: AnyValue) -> None:
        super().__init__(*args, **options)
        self._header_timeout_s = header_timeout_s
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline of the first request."""
        # asyncio does so only for sockets made with a protocol number, which those of uvicorn and ours are not: without
        # it, the body of an answer waits 40 ms for the client to acknowledge the headers
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
        self._set_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        super().connection_lost(exc)
        self._drop_deadline()

    def data_received(self, data: bytes) -> None:
        """Read what came, and forget the deadline once the headers are complete."""
        super().data_received(data)
        self._set_deadline()

    def on_response_complete(self) -> None:
        """Start the deadline of the next request."""
        super().on_response_complete()
        self._set_deadline()

    def _set_deadline(self) -> None:
        if self.conn.their_state is not h11.IDLE or self.transport.is_closing():
            self._drop_deadline()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self._header_timeout_s, self._time_out)

    def _drop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _time_out(self) -> None:
        if not self.transport.is_closing():
            if self.conn.trailing_data[0]:  # a client that sent nothing awaits no answer
                self.transport.write(_TIMED_OUT)
            self.transport.close()
