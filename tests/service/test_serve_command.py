"""``qpv serve`` runs the service with several workers, that measure together."""

from __future__ import annotations

import contextlib
import re
import socket

import httpx2
from serving import LOOS, process


def test_several_workers_answer_and_measure_together(home):
    with process(home, "--workers", "2") as service:
        for _ in range(12):  # a connection each: the workers share them
            assert httpx2.get(f"{service.url}/v1/check", params=LOOS).json()["status"] == "inside"
        text = httpx2.get(f"{service.url}/metrics").text
        service.stop()
    [count] = re.findall(r'qpv_geo_requests_total\{method="GET",route="/v1/check",status="200"\} ([\d.]+)', text)
    assert float(count) == 12
    started = [line for line in service.lines if '"started"' in line]
    assert len(started) == 2


def test_a_setting_that_cannot_be_is_said(home):
    with process(home, QPV_GEO_SERVICE_PORT="essai") as service:
        assert service.url == ""
    assert "QPV_GEO_SERVICE_PORT" in service.log()


def test_headers_without_an_end_are_refused(home):
    line = b"x-essai: " + b"a" * 65_536 + b"\r\n"
    with process(home) as service:
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
