"""What the HTTP server takes, bounds and refuses on a socket, byte by byte; what it answers is tested elsewhere."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from urllib.parse import urlsplit

import pytest
from serving import LOOS, serving

HOST = b"Host: essai\r\n"
GET = b"GET /health HTTP/1.1\r\n" + HOST
END = b"\r\n"
SITE = json.dumps(
    {"type": "Polygon", "coordinates": [[[3.006, 50.608], [3.008, 50.608], [3.008, 50.609], [3.006, 50.608]]]}
).encode()
POST = b"POST /v1/check?on=2024-06-01 HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST
LENGTH = b"Content-Length: %d\r\n" % len(SITE)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"%x\r\n%s\r\n0\r\n" % (len(SITE), SITE)
UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"
LAST = b"GET /health HTTP/1.1\r\nConnection: close\r\n" + HOST + END


@pytest.fixture(scope="module")
def service():
    with serving() as client:
        yield client


def said(service, *parts):
    """Send parts, then a last request, and return all that comes until the service closes the connection."""
    parts = [*parts, LAST]
    url, answers = urlsplit(str(service.base_url)), b""
    with socket.create_connection((url.hostname, url.port), timeout=20) as connection:
        with contextlib.suppress(ConnectionError):  # refused before all is sent
            for part in parts:
                connection.sendall(part)
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                answers += part
    return answers


def statuses(service, *parts):
    return [int(one) for one in re.findall(rb"HTTP/1\.1 (\d{3}) ", said(service, *parts))]


@pytest.mark.parametrize(
    "request_",
    [
        GET + END,
        b"GET http://essai/health HTTP/1.1\r\n" + HOST + END,
        GET + b"X-Essai: " + b"a" * 60_000 + END + END,
        GET + UPGRADE + END,
        GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" + END,
        POST + LENGTH + END + SITE,
        POST + CHUNKED + END + CHUNKS + END,
        POST + CHUNKED + END + CHUNKS + b"X-Api-Key: essai\r\n" + END,
        POST + LENGTH + UPGRADE + END + SITE,
        POST + CHUNKED + UPGRADE + END + CHUNKS + END,
    ],
)
def test_a_request_is_answered_however_it_comes(service, request_):
    assert statuses(service, request_) == [200, 200]
    pieces = [request_[k : k + 7] for k in range(0, len(request_), 7)] if len(request_) < 1000 else [request_]
    assert statuses(service, *pieces) == [200, 200]


def test_a_body_that_no_get_reads_is_refused_and_the_next_request_is_answered(service):
    assert statuses(service, GET + LENGTH + END + SITE) == [422, 200]


def test_a_client_that_waits_to_be_told_is_told(service):
    assert statuses(service, POST + LENGTH + b"Expect: 100-continue\r\n" + END, SITE) == [100, 200, 200]


def test_an_old_client_needs_no_host(service):
    assert statuses(service, b"GET /health HTTP/1.0\r\n\r\n") == [200]


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /health HTTP/1.1\r\n\r\n",
        GET + HOST + END,
        b"GET /health\r\n\r\n",
        b"ESSAI /health HTTP/1.1\r\n" + HOST + END,
        b"CONNECT essai:443 HTTP/1.1\r\n" + HOST + END,
        b"CONNECT essai:443 HTTP/1.1\r\n" + HOST + UPGRADE + END,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        *(
            GET + line + END + END
            for line in (b"X\rY: a", b"X\nY: a", b"X: a\rb", b"X: a\0b", b"X Y: a", b"X : a", b"XY")
        ),
        *(
            POST + lines + END + CHUNKS + END
            for lines in (
                CHUNKED + LENGTH,
                LENGTH + CHUNKED,
                CHUNKED + CHUNKED,
                UPGRADE + CHUNKED + LENGTH,
                b"Transfer-Encoding: gzip, chunked\r\n",
                b"Transfer-Encoding: identity\r\n",
                b"Transfer-Encoding: \x0bchunked\r\n",
                b"Transfer-Encoding : chunked\r\n",
                LENGTH + b"Content-Length: 3\r\n",
                b"Content-Length: +3\r\n",
                b"Content-Length: 0x3\r\n",
                b"Content-Length: 99999999999999999999999\r\n",
            )
        ),
        *(POST + CHUNKED + END + one for one in (b"zz\r\nabc\r\n", b"+3\r\nabc\r\n", b"3\r\nabcX0\r\n\r\n", b"f" * 20)),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused_and_nothing_after_it_is_read(service, request_):
    assert statuses(service, request_) == [400]
    assert statuses(service, GET + END + request_) == [200, 400]


@pytest.mark.parametrize(
    "endless",
    [
        [b"GET /v1/check?q=", b"a"],
        [GET + b"X-Essai: ", b"a"],
        [GET, b"X-Essai: a\r\n"],
        [POST + CHUNKED + END + CHUNKS, b"X-Essai: a\r\n"],
        [POST + CHUNKED + END + b"5;", b"a"],
    ],
)
def test_what_has_no_end_is_refused(service, endless):
    start, again = endless
    url, sent = urlsplit(str(service.base_url)), 0
    with socket.create_connection((url.hostname, url.port), timeout=20) as connection:
        connection.sendall(start)
        with contextlib.suppress(ConnectionError):
            while sent < 100_000_000:
                connection.sendall(again * 1000)
                sent += len(again) * 1000
    assert sent < 10_000_000  # what the buffers of the system hold
    assert service.get("/health").status_code == 200


def test_requests_sent_at_once_are_answered_in_order(service):
    paths = [f"/v1/check?lon={LOOS['lon'] + k / 10_000:.5f}&lat={LOOS['lat']}&on=2024-06-01" for k in range(500)]
    answers = said(service, b"".join(b"GET %s HTTP/1.1\r\n%s\r\n" % (path.encode(), HOST) for path in paths))
    found = [json.loads(one) for one in re.findall(rb'\{"status":"\w+",.*?(?=HTTP/1|$)', answers, re.DOTALL)]
    assert [one["location"]["lon"] for one in found[:500]] == [round(LOOS["lon"] + k / 10_000, 5) for k in range(500)]


def test_fields_after_a_body_are_no_headers():
    with serving(api_keys=("premier-secret",)) as service:
        body = CHUNKS + b"X-Api-Key: premier-secret\r\n" + END
        assert statuses(service, POST + CHUNKED + END + body) == [401, 200]
        assert statuses(service, POST + b"X-Api-Key: premier-secret\r\n" + CHUNKED + END + body) == [200, 200]
