"""HTTP over a socket, with bounds on what a client may make the server keep and on how long its headers may take."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

    from qpv_geo.untyped import AnyValue

_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_INVALID = "Invalid HTTP request received."
_MOST_UNREAD = 65_536
"""Most bytes of headers, of fields after a chunked body, or of the size of a chunk."""
_PART = 4_096
"""Bytes parsed at once: at most this much is parsed of the requests that follow one that is not answered yet."""


class _PairedWrites:
    """A transport that sends the headers of an answer with its body: each sending costs a good part of a verdict."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop, self._held = transport, loop, b""

    def write(self, data: bytes) -> None:
        """Send data with what is held or, if nothing is, hold it until the next turn of the event loop."""
        if self._held:
            self._held += data
            self._send()
        else:
            self._held = data
            self._loop.call_soon(self._send)

    def is_closing(self) -> bool:
        """Tell whether the transport closes: asked several times a request."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Send what is held, and close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        held, self._held = self._held, b""
        if held:
            self._transport.write(held)

    def __getattr__(self, name: str) -> AnyValue:
        return getattr(self._transport, name)


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's fastest protocol, which keeps all that it is sent and waits for ever for it, with bounds.

    Headers end in time, and within 64 kB. The next request is parsed once the one before it is answered. A request
    without one host, or with a transfer encoding other than ``chunked``, is refused (RFC 9112, 3.2 and 6.1); fields
    after a chunked body are dropped, and a request to upgrade is answered as if it did not ask for that.

    Parameters
    ----------
    header_timeout_s
        Seconds from the start of a connection, or from the previous answer, to the end of the request's headers.
        More bytes do not postpone it. uvicorn's keep-alive limit, for connections that send nothing more, stays.
    """

    def __init__(self, header_timeout_s: float, *args: AnyValue, **options: AnyValue) -> None:
        super().__init__(*args, **options)
        self._header_timeout_s = header_timeout_s
        self._timer: asyncio.TimerHandle | None = None
        self._waits_since: float | None = None
        self._held = bytearray()  # received, and not parsed yet
        self._unread = 0  # bytes parsed since the last that made a request advance
        self._has_advanced = self._in_message = self._is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline of the first request."""
        # asyncio does so only for sockets made with a protocol number, which those of uvicorn and ours are not: without
        # it, the rest of an answer waits 40 ms for the client to acknowledge its start
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(cast("asyncio.Transport", _PairedWrites(transport, self.loop)))
        self._waits_since = self.loop.time()
        self._timer = self.loop.call_later(self._header_timeout_s, self._check_time)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        super().connection_lost(exc)
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Parse what came, or keep it until the request before is answered."""
        if not self._is_refused:
            self._held += data
            self._parse()

    def on_headers_complete(self) -> None:
        """Start to answer a request."""
        if self.parser.should_upgrade():
            return  # see `_without_upgrade`
        names = [name for name, _ in self.headers]
        hosts, encoded = names.count(b"host"), b"transfer-encoding" in names
        is_old = self.parser.get_http_version() == "1.0"
        if hosts > 1 or not (hosts or is_old) or (encoded and not self._is_chunked()):
            raise ValueError(_INVALID)
        super().on_headers_complete()
        self.headers = []  # the fields after a chunked body come here: whom they are from, a proxy has not checked
        self._waits_since, self._in_message, self._has_advanced = None, True, True

    def on_body(self, body: bytes) -> None:
        """Keep a part of a body."""
        super().on_body(body)
        self._has_advanced = True

    def on_message_complete(self) -> None:
        """End a request."""
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        self._in_message, self._has_advanced = False, True
        if self.cycle.response_complete:
            self._waits_since = self.loop.time()

    def on_response_complete(self) -> None:
        """Start the deadline of the next request, and parse what came of it."""
        super().on_response_complete()
        if self.cycle.response_complete and not self._in_message:
            self._waits_since = self.loop.time()
        if self._held or self._is_refused:
            self._parse()

    def _is_answering(self) -> bool:
        """Tell whether a request that is whole awaits its answer."""
        return bool(self.pipeline) or not (self._in_message or self.cycle is None or self.cycle.response_complete)

    def _is_chunked(self) -> bool:
        return [value.lower() for name, value in self.headers if name == b"transfer-encoding"] == [b"chunked"]

    def _parse(self) -> None:
        self._unset_keepalive_if_required()
        while self._held and not self._is_answering() and not self.transport.is_closing():
            part = bytes(self._held[:_PART])
            del self._held[:_PART]
            if not self._is_valid(part):
                self._is_refused = True
                self._held.clear()
        if self._is_refused and not self._is_answering() and not self.transport.is_closing():
            self._refuse()
        elif self._held:
            self.flow.pause_reading()

    def _is_valid(self, part: bytes) -> bool:
        self._has_advanced = False
        try:
            self.parser.feed_data(part)
        except httptools.HttpParserUpgrade as asked:
            head = self._without_upgrade()
            self._held[:0] = head + part[asked.args[0] :]
            return bool(head)
        except httptools.HttpParserError:
            return False
        self._unread = 0 if self._has_advanced else self._unread + len(part)
        return self._unread <= _MOST_UNREAD

    def _without_upgrade(self) -> bytes:
        """Return the head of a request without the field that asks for an upgrade; empty if none does (CONNECT).

        The parser takes what follows for another protocol, and would skip the body: many a client asks for HTTP/2 so.
        """
        kept = [one for one in self.headers if one[0] != b"upgrade"]
        if len(kept) == len(self.headers):
            return b""
        target = b"%s %s HTTP/%s\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        self.parser = httptools.HttpRequestParser(self)
        return target + b"".join(b"%s: %s\r\n" % one for one in kept) + b"\r\n"

    def _refuse(self) -> None:
        self.logger.warning(_INVALID)
        if self._in_message and self.cycle.response_started:
            self.transport.close()
        else:
            self.send_400_response(_INVALID)

    def _check_time(self) -> None:
        """Close the connection if its headers are late, and come back when they could be."""
        now = self.loop.time()
        ends = (now if self._waits_since is None else self._waits_since) + self._header_timeout_s
        if self.transport.is_closing():
            return
        if now < ends:
            self._timer = self.loop.call_at(ends, self._check_time)
            return
        if self._unread > 0:  # a client that sent nothing awaits no answer
            self.transport.write(_TIMED_OUT)
        self.transport.close()
