"""A real HTTP server on 127.0.0.1 that behaves, or misbehaves, as it is told; and the squares it serves."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlsplit

WEB_MERCATOR = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}


def corners(k):
    """Return the k-th test square, as degrees: longitude and latitude of its south-west, then north-east, corner."""
    return 0.30 + k / 100, 46.50 + k / 100, 0.305 + k / 100, 46.505 + k / 100


def square(properties, bounds):
    x0, y0, x1, y1 = bounds
    ring = [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@dataclass(frozen=True)
class Answer:
    """What is answered: `sent` bytes of the body (all of it by default), then silence where it `stalls`.

    The part that `trickles` comes a byte at a time, `pace_s` seconds apart. Its length is announced unless `headers`
    says another, or None; its date is the present unless `headers` says so.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str | None] = field(default_factory=dict)
    sent: int | None = None
    stalls: bool = False
    trickles: Literal["headers", "body"] | None = None
    pace_s: float = 0.05


Route = Callable[[Mapping[str, str]], Answer]
"""From the parameters of a query to its answer."""


@dataclass(frozen=True)
class Request:
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""


def in_turn(*answers: Answer) -> Route:
    """Give the answers one after the other, and the last one again and again."""
    rest = itertools.chain(answers, itertools.repeat(answers[-1]))
    return lambda _query: next(rest)


class Loopback:
    """The server: a context manager that leaves no thread and no socket behind.

    Attributes
    ----------
    routes
        Path to what answers it; fill it at will. A path that has none is 404.
    requests
        What was asked, in order.
    connections
        How many were opened; with `keep_alive`, one serves many requests.
    """

    def __init__(self, *, keep_alive: bool = False) -> None:
        self.routes: dict[str, Route] = {}
        self.requests: list[Request] = []
        self.connections = 0
        self._server = _Server(self, _KeepAliveHandler if keep_alive else _Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def serve(self, path: str, *answers: Answer) -> str:
        """Serve answers in turn at a path, and return its address."""
        self.routes[path] = in_turn(*answers)
        return self.url + path

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.ending.set()
        self._server.shutdown()
        self._server.hang_up()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for every answer, and a leaked one shows

    def __init__(self, loopback: Loopback, handler: type[BaseHTTPRequestHandler]) -> None:
        self.loopback = loopback
        self.ending = threading.Event()
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.loopback.connections += 1
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Free the threads that wait for another request of a client that keeps its connection."""
        for request in list(self.open):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RD)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that gives up half-way is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.reply(b"")

    def do_POST(self) -> None:
        self.reply(self.rfile.read(int(self.headers["Content-Length"])))

    def reply(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        loopback = self.server.loopback
        loopback.requests.append(Request(parts.path, query, dict(self.headers), self.command, body))
        answer = loopback.routes.get(parts.path, lambda _query: Answer(status=404))(query)
        whole = self.wfile
        trickle = _Trickle(whole, self.server.ending, answer.pace_s)
        self.wfile = trickle if answer.trickles == "headers" else whole
        self.send_response_only(answer.status)
        headers = {"Date": self.date_time_string(), "Content-Length": str(len(answer.body))} | dict(answer.headers)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.wfile = trickle if answer.trickles == "body" else whole
        self.wfile.write(answer.body[: answer.sent])
        self.wfile = whole
        if answer.stalls:
            self.server.ending.wait()
        if answer.sent is not None or headers["Content-Length"] != str(len(answer.body)):
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Keep the log of the tests to the tests."""


class _Trickle(io.RawIOBase):
    """Writes a byte at a time, until the server ends."""

    def __init__(self, stream: Any, ending: threading.Event, pace_s: float) -> None:
        self._stream = stream
        self._ending = ending
        self._pace_s = pace_s

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        for byte in bytes(content):
            if self._ending.wait(self._pace_s):
                break
            self._stream.write(bytes([byte]))
        return len(content)


class _KeepAliveHandler(_Handler):
    protocol_version = "HTTP/1.1"


@dataclass
class WfsLayer:
    """A layer of a WFS 2.0 that pages as the Géoplateforme does: XML for ``hits``, GeoJSON with time stamps else.

    Attributes
    ----------
    features
        In the order in which the server likes to give them.
    hits
        The number it announces; by default the true one, which its pages give in any case.
    crs
        The ``crs`` member of its pages, or None where they have none.
    """

    features: list[dict[str, Any]]
    hits: int | None = None
    crs: Any = field(default_factory=lambda: WEB_MERCATOR)
    moment: int = 0

    def __call__(self, query: Mapping[str, str]) -> Answer:
        self.moment += 1
        if query.get("resultType") == "hits":
            return self.announce(len(self.features) if self.hits is None else self.hits)
        start, count = int(query["startIndex"]), int(query["count"])
        return self.page(self.features[start : start + count])

    def announce(self, number: int) -> Answer:
        text = (
            '<?xml version="1.0" encoding="UTF-8"?><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" '
            f'numberMatched="{number}" numberReturned="0" timeStamp="2000-01-01T00:00:{self.moment:02}Z"/>'
        )
        return Answer(text.encode(), headers={"Content-Type": "text/xml"})

    def page(self, features: list[dict[str, Any]]) -> Answer:
        document = {
            "type": "FeatureCollection",
            "features": [{**feature, "id": f"essai.{self.moment}-{k}"} for k, feature in enumerate(features)],
            "numberMatched": len(self.features),
            "numberReturned": len(features),
            "timeStamp": f"2000-01-01T00:00:{self.moment:02}Z",
            **({} if self.crs is None else {"crs": self.crs}),
        }
        return Answer(json.dumps(document).encode(), headers={"Content-Type": "application/json"})
