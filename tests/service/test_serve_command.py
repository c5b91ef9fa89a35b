"""``qpv serve`` runs the service with several workers, that measure together."""

from __future__ import annotations

import contextlib
import re
import socket
import time

import httpx2
import pytest
from serving import LOOS, process, until


def answers_at_once(client):
    """Whether no answer on a connection waits for an acknowledgement.

    Headers and body are sent apart: by Nagle's algorithm the body waits 40 ms, once a few answers have passed.
    """
    seconds = [client.get("/v1/check", params=LOOS).elapsed.total_seconds() for _ in range(60)]
    return min(seconds[30:]) < 0.03


def test_several_workers_answer_at_once_and_measure_together(home):
    with process(home, "--workers", "2") as service:
        for _ in range(12):  # a connection each: the workers share them
            assert httpx2.get(f"{service.url}/v1/check", params=LOOS, verify=False).json()["status"] == "inside"
        text = httpx2.get(f"{service.url}/metrics", verify=False).text
        with service.client() as client:
            assert answers_at_once(client)
        service.stop()
    [count] = re.findall(r'qpv_geo_requests_total\{method="GET",route="/v1/check",status="200"\} ([\d.]+)', text)
    assert float(count) == 12
    started = [line for line in service.lines if '"started"' in line]
    assert len(started) == 2


def test_a_worker_alone_answers_at_once(home):
    with process(home, warm=True) as service, service.client() as client:
        assert answers_at_once(client)


def test_a_setting_that_cannot_be_is_said(home):
    with process(home, QPV_GEO_SERVICE_PORT="essai") as service:
        assert service.url == ""
    assert "QPV_GEO_SERVICE_PORT" in service.log()


def test_headers_without_an_end_are_refused(home):
    line = b"x-essai: " + b"a" * 65_536 + b"\r\n"
    with process(home, warm=True) as service:
        url = httpx2.URL(service.url)
        with socket.create_connection((url.host, url.port), timeout=30) as client:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: essai\r\n")
            sent, answer = 0, b""
            try:
                while sent < 100_000_000:
                    client.sendall(line)
                    sent += len(line)
            except ConnectionError:  # it hung up before all was sent
                pass
            with contextlib.suppress(ConnectionError):
                answer = client.recv(100)
        assert sent < 10_000_000
        assert not answer or answer.startswith(b"HTTP/1.1 400 ")
        assert httpx2.get(f"{service.url}/health").status_code == 200


def connected(service):
    url = httpx2.URL(service.url)
    return socket.create_connection((url.host, url.port), timeout=30)


def closed(client):
    """Return what a connection says until it is closed, and after how many seconds that was."""
    start, said = time.monotonic(), b""
    with contextlib.suppress(ConnectionError):
        while part := client.recv(1000):
            said += part
    return said, time.monotonic() - start


def test_headers_that_do_not_end_in_time_are_given_up(home):
    answered = b"GET /health HTTP/1.1\r\nHost: essai\r\n\r\n"
    with process(home, warm=True, QPV_GEO_SERVICE_HEADER_TIMEOUT_S="1") as service, contextlib.ExitStack() as stack:
        late = [stack.enter_context(connected(service)) for _ in range(100)]
        for k, client in enumerate(late):
            client.sendall(answered[: k % 30])
        assert httpx2.get(f"{service.url}/health").status_code == 200
        for k, client in enumerate(late):
            said, _ = closed(client)
            assert said.startswith(b"HTTP/1.1 408 ") if k % 30 else said == b""


def test_bytes_that_trickle_do_not_put_off_the_end(home):
    with process(home, warm=True, QPV_GEO_SERVICE_HEADER_TIMEOUT_S="1") as service, connected(service) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: essai\r\n\r\n")
        first = b""
        while not first.endswith(b"}"):
            first += client.recv(1000)
        assert first.startswith(b"HTTP/1.1 200 ")  # and the connection stays for the next request
        client.sendall(b"GET /")
        client.settimeout(0.1)
        start, said = time.monotonic(), b""

        def trickle():
            nonlocal said
            try:
                client.sendall(b"x")
                said = client.recv(1000)
            except TimeoutError:
                return False
            except ConnectionError:
                pass
            return True

        until(trickle)
        assert time.monotonic() - start < 10
        assert not said or said.startswith(b"HTTP/1.1 408 ")


def test_a_connection_that_says_nothing_more_is_closed(home):
    with process(home, warm=True) as service, connected(service) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: essai\r\n\r\n")
        said, seconds = closed(client)
        assert said.startswith(b"HTTP/1.1 200 ")
        assert seconds < 10


def test_a_port_in_use_and_a_host_that_is_none_are_said_in_one_line(qpv):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = qpv("serve", "--port", port)
        assert answer.code == 2
        assert answer.err.count("\n") == 1
        assert f"« {port} » est déjà pris sur « 127.0.0.1 »" in answer.err
    for host in ("nulle.part.invalid", "192.0.2.1", "a" * 70):
        answer = qpv("serve", "--host", host, "--port", 0)
        assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
        assert f"« {host} »" in answer.err


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 on this machine")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_all_addresses_are_those_of_ipv4_too(home, workers):
    with process(home, "--host", "::", "--workers", workers, warm=workers == "1") as service:
        port = httpx2.URL(service.url).port
        with service.client() as client:
            assert client.get(f"http://127.0.0.1:{port}/health").status_code == 200
