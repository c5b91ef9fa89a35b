"""How many requests a second the service answers, beside a bare FastAPI route. Figures: run with ``scripts/bench``.

Both run as processes of their own with one worker each, on uvicorn's httptools, in the same run, asked in turn by the
same client: raw sockets without asyncio, requests made beforehand, connections kept. It takes 30 microseconds a request
where a server takes 130 or more, so that the server is what is measured. The bare route returns a JSON of the same
size, as FastAPI writes it. Each round asks one after the other, and medians are told: what else the machine does slows
some rounds down. It does less to the processor time of the server, told too.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from urllib.parse import quote

import httpx2
import numpy as np
import psutil
import pytest
from fake_geocoder import offline_index, row

from qpv_geo.perimeters.catalogue import Catalogue

CONNECTIONS = 8
REQUESTS = 3_000
ROUNDS = 21
MANY = 100_000
SHAPES = ("Carrés", "Cercles", "Losanges", "Rectangles", "Trapèzes", "Triangles", "Hexagones", "Ovales")
COLOURS = ("Blancs", "Bleus", "Gris", "Jaunes", "Noirs", "Orange", "Rouges", "Verts")
BARE = """
import json, sys
from fastapi import FastAPI
document = json.loads(sys.argv[1])
app = FastAPI()
@app.get("/bare")
async def bare(lon: float, lat: float) -> dict:
    return document
import uvicorn
uvicorn.run(app, port=0, http="httptools", access_log=False)
"""
SERVED = "import sys; from qpv_geo.cli import main; main(['serve', '--port', '0'])"


class Served:
    """A process that serves, and the address it says that it serves at; it logs to a file, for a pipe must be read."""

    def __init__(self, code, *arguments, **environment):
        with tempfile.NamedTemporaryFile() as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code, *arguments], stderr=log, env=os.environ | environment
            )
            self.port = self._told_port(log.name)

    def _told_port(self, log):
        while self._process.poll() is None:
            if found := re.search(rb"running on http://127\.0\.0\.1:(\d+)", Path(log).read_bytes()):
                return int(found[1])
            time.sleep(0.05)
        pytest.fail(Path(log).read_text())

    def processor_s(self):
        times = psutil.Process(self._process.pid).cpu_times()
        return times.user + times.system

    def memory(self):
        return psutil.Process(self._process.pid).memory_info().rss

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()


def requests_of(paths):
    return [f"GET {path} HTTP/1.1\r\nHost: essai\r\n\r\n".encode() for path in paths]


def ask(port, requests, rate=None):
    """Ask on kept connections, as fast as it goes or at a rate; return the seconds of each answer and of all."""
    seconds, queue = [], deque(enumerate(requests))
    with ExitStack() as stack:
        waiting = stack.enter_context(selectors.DefaultSelector())
        idle = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(CONNECTIONS)]
        began = time.perf_counter()
        while len(seconds) < len(requests):
            while idle and queue and (rate is None or began + queue[0][0] / rate <= time.perf_counter()):
                k, request = queue.popleft()
                # late counts: the next one waited too
                sent = time.perf_counter() if rate is None else began + k / rate
                one = idle.pop()
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                one.sendall(request)
                waiting.register(one, selectors.EVENT_READ, (sent, bytearray()))
            pause = began + queue[0][0] / rate - time.perf_counter() if rate and queue and idle else None
            for key, _ in waiting.select(None if pause is None else max(0.0, pause)):
                sent, answer = key.data
                answer += key.fileobj.recv(65_536)
                if is_whole(answer):
                    seconds.append(time.perf_counter() - sent)
                    waiting.unregister(key.fileobj)
                    idle.append(key.fileobj)
        return np.array(seconds), time.perf_counter() - began


def is_whole(answer):
    head, end, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), answer
    return bool(end) and len(body) == int(re.search(rb"content-length: (\d+)", head)[1])


@pytest.fixture(scope="module")
def servers(tmp_path_factory, request):
    """The service on the national perimeters where they are at hand, and a bare route of the same size."""
    home = tmp_path_factory.mktemp("served")
    try:
        Catalogue(home).store.install(request.getfixturevalue("national"))
    except pytest.skip.Exception:
        print("the national perimeters are absent: measured on the extract")
    streets = [f"Rue des {shape} {colour}" for shape, colour in product(SHAPES, COLOURS)]
    rows = [row(10 * k, 20 * s, k, street) for s, street in enumerate(streets) for k in range(1, 60)]
    offline_index(home, *rows, *(row(10 * k, -20, k) for k in range(1, 200)))
    environment = {"QPV_GEO_HOME": str(home), "QPV_GEO_SERVICE_RATE_LIMIT": "10000000/second"}
    with Served(SERVED, **environment) as service:
        url = f"http://127.0.0.1:{service.port}/v1/check"
        answer = httpx2.get(url, params={"lon": 3.0, "lat": 50.6}, timeout=240)  # it starts
        with Served(BARE, json.dumps(answer.json())) as bare:
            yield service, bare


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(86194)
    return [f"lon={x:.5f}&lat={y:.5f}" for x, y in rng.uniform((-1.0, 44.0), (6.0, 49.0), (REQUESTS, 2))]


def measured(server, requests):
    """Return requests a second, and the microseconds of processor time that the server takes for each."""
    before = server.processor_s()
    _, seconds = ask(server.port, requests)
    return len(requests) / seconds, (server.processor_s() - before) / len(requests) * 1e6


def test_requests_a_second(servers, points):
    both = [(servers[0], requests_of(f"/v1/check?{one}" for one in points))]
    both.append((servers[1], requests_of(f"/bare?{one}" for one in points)))
    for server, some in both:
        ask(server.port, some[:500])
    rounds = np.array([[measured(server, some) for server, some in both] for _ in range(ROUNDS)])
    (mine, mine_us), (other, other_us) = np.median(rounds, axis=0)
    share, share_of_time = np.median(rounds[:, 0, 0] / rounds[:, 1, 0]), np.median(rounds[:, 1, 1] / rounds[:, 0, 1])
    print(f"\n/v1/check?lon=&lat= {mine:.0f}/s, bare route {other:.0f}/s: {share:.0%} (medians of {ROUNDS} rounds)")
    print(f"processor time of a request: {mine_us:.0f} us, bare route {other_us:.0f} us: {share_of_time:.0%}")
    rate = mine / 2
    late = [
        [np.percentile(ask(server.port, some, rate)[0] * 1000, (50, 99)) for server, some in both]
        for _ in range(ROUNDS)
    ]
    (p50, p99), (bare_p50, bare_p99) = np.median(late, axis=0)
    print(
        f"at half that rate ({rate:.0f}/s): p50 {p50:.2f} ms, p99 {p99:.2f} ms; "
        f"bare p50 {bare_p50:.2f} ms, p99 {bare_p99:.2f} ms: {p99 / bare_p99:.1f} times"
    )


def test_addresses_of_the_offline_index(servers):
    service, _ = servers
    streets = [f"rue des {shape} {colour}" for shape, colour in product(SHAPES, COLOURS)]
    asked = [f"{k} {street} Essai" for k in range(1, 60) for street in streets][:REQUESTS]  # each once: none is kept
    requests = requests_of(f"/v1/check?q={quote(one)}&citycode=99999" for one in asked)
    rate, processor_us = np.median([measured(service, requests) for _ in range(5)], axis=0)
    p50, p99 = np.percentile(ask(service.port, requests)[0] * 1000, (50, 99))
    print(f"\n/v1/check?q= {rate:.0f}/s, {processor_us:.0f} us of processor time; p50 {p50:.2f} ms, p99 {p99:.2f} ms")


def test_a_thousand_questions_at_once(servers):
    service, _ = servers
    ways = ("{} rue des Carrés, 99990 Essai", "{} rue des Carrés Essai", "{} rue des Carres Essai")
    ways = (*ways, "{}, RUE DES CARRÉS", "{} Rue des carrés", "{} rue des Carrés 99990")
    addresses = [{"q": way.format(k), "citycode": "99999"} for way in ways for k in range(1, 200)][:1000]
    places = [{"lon": 3.0 + k / 10_000, "lat": 50.6} for k in range(1000)]
    url = f"http://127.0.0.1:{service.port}/v1/checks"
    for name, questions in (("addresses", addresses), ("points", places)):
        seconds = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            answers = httpx2.post(url, json=questions, timeout=60).json()["answers"]
            seconds.append(time.perf_counter() - began)
            assert len(answers) == 1000
            assert not any(isinstance(one["status"], int) for one in answers)
        print(f"\n/v1/checks, 1,000 {name}: {np.median(seconds[1:]):.2f} s (median of {ROUNDS - 1}, warm)")


def test_memory_stays_flat(servers, points):
    service, _ = servers
    requests = requests_of(f"/v1/check?{one}" for one in points)
    sizes = []
    for _ in range(10):
        for _ in range(MANY // 10 // REQUESTS + 1):
            ask(service.port, requests)
        sizes.append(service.memory() / 1e6)
    print(f"\nmemory every {MANY // 10} requests, MB: {', '.join(f'{one:.0f}' for one in sizes)}")
