"""Who may ask, how much, how often; and what protects whoever reads."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from qpv_geo_service.settings import ServiceSettings
from serving import LOOS, POINTS, problem, send, serving, until

OF_PAGES = {
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize("path", ["/", "/carte", "/docs"])
def test_every_page_protects_its_reader(service, path):
    assert service.get(path).headers.items() >= OF_PAGES.items()


@pytest.mark.parametrize("path", ["/", "/health", "/v1/schemes", "/v1/rien", "/v1/check?lon=x", "/carte", "/docs"])
def test_every_answer_protects_its_reader(service, path):
    headers = service.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "script-src 'unsafe-inline'" not in headers["content-security-policy"]
    assert "server" not in headers or headers["server"] == "uvicorn"


def test_a_client_that_asks_too_often_waits():
    with serving(rate_limit="3/hour") as client:
        answers = [client.get("/v1/check", params=LOOS) for _ in range(4)]
        assert client.get("/health").status_code == 200
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert "3 par heure" in problem(answers[-1])["detail"]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 3601


@pytest.mark.parametrize("rate", ["3/fortnight", "0/second", "beaucoup", "3/hour;x"])
def test_a_rate_that_cannot_be_read_is_refused(rate):
    with pytest.raises(ValueError, match="rate_limit"):
        ServiceSettings(rate_limit=rate)


@pytest.mark.parametrize("rate", ["3/hour", "3 per hour", " 3/1 hour ; 100/10 days"])
def test_a_rate_is_read_however_it_is_written(rate):
    with serving(rate_limit=rate) as client:
        assert [client.get("/v1/schemes").status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize(
    ("hops", "forwarded", "statuses"),
    [
        (0, ["10.0.0.1", "10.0.0.2"], [200, 429]),  # not believed: anybody could write it
        (1, ["10.0.0.1", "10.0.0.2"], [200, 200]),
        (
            1,
            ["10.0.0.9, 10.0.0.1", "10.0.0.8, 10.0.0.1"],
            [200, 429],
        ),  # what the client itself wrote counts for nothing
        (2, ["10.0.0.1, 10.1.0.1", "10.0.0.2, 10.1.0.1"], [200, 200]),
    ],
)
def test_clients_behind_a_proxy_are_told_apart(hops, forwarded, statuses):
    with serving(rate_limit="1/hour", proxy_hops=hops) as client:
        found = [client.get("/v1/schemes", headers={"X-Forwarded-For": one}).status_code for one in forwarded]
    assert found == statuses


def test_a_key_where_keys_are_set():
    with serving(api_keys=("premier-secret", "second-secret")) as client:
        keys = [{}, {"X-API-Key": "essai"}, {"X-API-Key": "premier-secret"}, {"X-API-Key": "second-secret"}]
        answers = [client.get("/v1/check", params=LOOS, headers=key) for key in keys]
        assert client.get("/health").status_code == 200
        document = client.get("/openapi.json").json()
    assert [one.status_code for one in answers] == [401, 401, 200, 200]
    problem(answers[0])
    assert document["security"] == [{"key": []}]


def test_other_origins_are_let_in_only_where_it_is_set(service):
    origin = {"Origin": "https://carte.example"}
    assert "access-control-allow-origin" not in service.get("/v1/schemes", headers=origin).headers
    with serving(cors_origins=("https://carte.example",)) as client:
        found = client.get("/v1/schemes", headers=origin).headers
        other = client.get("/v1/schemes", headers={"Origin": "https://autre.example"}).headers
        asks = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match, x-api-key"}
        asked = client.options("/v1/perimeters", headers={"Origin": "https://carte.example"} | asks)
    assert found["access-control-allow-origin"] == "https://carte.example"
    assert asked.status_code == 200  # what a script needs to ask only for what changed
    assert "access-control-allow-origin" not in other


# ── Bodies ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def raw(client, head, chunks=()):
    """Send bytes as they are until the service answers or all is sent; return its answer and how much was sent."""
    parts = urlsplit(str(client.base_url))
    sent = 0
    with closing(socket.create_connection((parts.hostname, parts.port), timeout=20)) as connection:
        connection.sendall(head)
        try:
            for chunk in chunks:
                connection.sendall(chunk)
                sent += len(chunk)
        except OSError:  # refused half-way
            pass
        try:
            answer = connection.recv(65536)
        except OSError:
            answer = b""
    return answer, sent


HEAD = b"POST /v1/batch HTTP/1.1\r\nHost: essai\r\nContent-Type: multipart/form-data; boundary=b\r\n"
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="points.csv"\r\n\r\n'


def test_a_gigabyte_that_is_announced_is_refused_before_a_byte_of_it(service):
    answer, _ = raw(service, HEAD + b"Content-Length: 1000000000\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"problem+json" in answer


def test_a_gigabyte_that_is_not_announced_is_refused_once_it_is_too_much(tmp_path, monkeypatch):
    home = tmp_path / "seul"
    monkeypatch.setenv("QPV_GEO_HOME", str(home))
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    with serving(max_upload_bytes=1_000_000) as client:
        body = (chunk for _ in range(1_000_000_000 // 0x10000))
        start = b"%x\r\n%s\r\n" % (len(PART), PART)
        answer, sent = raw(client, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + start, body)
        assert sent < 50_000_000  # what the buffers of the system hold, not the gigabyte
        assert answer.startswith(b"HTTP/1.1 413 ") or not answer
        assert client.get("/health").status_code == 200
    assert not [one for one in (home / "jobs").iterdir() if one.is_dir()]


def test_a_body_that_does_not_come_is_given_up():
    with serving(upload_timeout_s=0.3) as client:
        answer, _ = raw(client, HEAD + b"Content-Length: 1000\r\n\r\n" + PART)
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_site_is_smaller_than_a_file():
    with serving(max_site_bytes=100) as client:
        response = client.post("/v1/check", content=b" " * 101, headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    problem(response)


def test_only_so_many_files_at_once():
    with serving(upload_concurrency=1, upload_timeout_s=20.0) as client:
        parts = urlsplit(str(client.base_url))
        with closing(socket.create_connection((parts.hostname, parts.port), timeout=20)) as slow:
            slow.sendall(HEAD + b"Content-Length: 1000\r\n\r\n" + PART)
            busy = until(lambda: (one := send(client, POINTS)).status_code == 503 and one)
        until(lambda: send(client, POINTS).status_code == 200)
    problem(busy)
    assert int(busy.headers["retry-after"]) >= 1


def test_many_at_once_are_all_answered(service):
    answers = []

    def ask():
        answers.append(service.get("/v1/check", params=LOOS).status_code)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers == [200] * 20


@pytest.mark.parametrize("path", ["/health", "/ready", "/", "/carte", "/v1/schemes", "/v1/rien", "/v1/check?lon=x"])
def test_head_is_get_without_its_content(service, path):
    got, head = service.get(path), service.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers.get("etag") == got.headers.get("etag")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert int(head.headers["content-length"]) == len(got.content) or got.headers.get("content-encoding")
