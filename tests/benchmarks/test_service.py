"""How many requests a second the service answers, beside a bare FastAPI route. Figures: run with ``scripts/bench``.

Both run as processes of their own with one worker each, on uvicorn's httptools, in the same run, asked in turn by the
same client: raw sockets, requests made beforehand, connections kept. The bare route returns a JSON of the same size, as
FastAPI writes it. Each round asks one after the other, and medians are told: what else the machine does slows some
rounds down.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
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

    def memory(self):
        return psutil.Process(self._process.pid).memory_info().rss

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()


def requests_of(paths):
    return [f"GET {path} HTTP/1.1\r\nHost: essai\r\n\r\n".encode() for path in paths]


async def _ask(port, requests, rate):
    """Ask on kept connections, as fast as it goes or at a rate; return the seconds of each answer and of all."""
    seconds, queue = [], iter(enumerate(requests))
    began = time.perf_counter()

    async def connection():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for k, request in queue:
            due = began if rate is None else began + k / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            sent = time.perf_counter() if rate is None else due  # late counts: the next one waited too
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            await reader.readexactly(int(re.search(rb"content-length: (\d+)", head)[1]))
            seconds.append(time.perf_counter() - sent)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return np.array(seconds), time.perf_counter() - began


def ask(port, requests, rate=None):
    return asyncio.run(_ask(port, requests, rate))


@pytest.fixture(scope="module")
def servers(tmp_path_factory, request):
    """The service on the national perimeters where they are at hand, and a bare route of the same size."""
    home = tmp_path_factory.mktemp("served")
    try:
        Catalogue(home).store.install(request.getfixturevalue("national"))
    except pytest.skip.Exception:
        print("the national perimeters are absent: measured on the extract")
    offline_index(home, *(row(10 * k, 0, k) for k in range(1, 200)))
    environment = {"QPV_GEO_HOME": str(home), "QPV_GEO_SERVICE_RATE_LIMIT": "10000000/second"}
    with Served(SERVED, **environment) as service:
        url = f"http://127.0.0.1:{service.port}/v1/check"
        answer = httpx2.get(url, params={"lon": 3.0, "lat": 50.6}, timeout=60)  # it starts
        with Served(BARE, json.dumps(answer.json())) as bare:
            yield service, bare


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(86194)
    return [f"lon={x:.5f}&lat={y:.5f}" for x, y in rng.uniform((-1.0, 44.0), (6.0, 49.0), (REQUESTS, 2))]


def test_requests_a_second(servers, points):
    service, bare = servers
    both = [(service.port, requests_of(f"/v1/check?{one}" for one in points))]
    both.append((bare.port, requests_of(f"/bare?{one}" for one in points)))
    for port, some in both:
        ask(port, some[:500])
    rates = np.array([[REQUESTS / ask(port, some)[1] for port, some in both] for _ in range(ROUNDS)])
    mine, other = np.median(rates, axis=0)
    share = np.median(rates[:, 0] / rates[:, 1])
    print(f"\n/v1/check?lon=&lat= {mine:.0f}/s, bare route {other:.0f}/s: {share:.0%} (medians of {ROUNDS} rounds)")
    rate = other / 2
    late = [[np.percentile(ask(port, some, rate)[0] * 1000, (50, 99)) for port, some in both] for _ in range(ROUNDS)]
    (p50, p99), (bare_p50, bare_p99) = np.median(late, axis=0)
    print(
        f"at half the bare rate ({rate:.0f}/s): p50 {p50:.2f} ms, p99 {p99:.2f} ms; "
        f"bare p50 {bare_p50:.2f} ms, p99 {bare_p99:.2f} ms: {p99 / bare_p99:.1f} times"
    )


def test_addresses_of_the_offline_index(servers):
    service, _ = servers
    paths = (f"/v1/check?q={quote(f'{k % 199 + 1} rue des Carrés Essai')}&citycode=99999" for k in range(REQUESTS))
    seconds, whole = ask(service.port, requests_of(paths))
    p50, p99 = np.percentile(seconds * 1000, (50, 99))
    print(f"\n/v1/check?q= {REQUESTS / whole:.0f}/s; p50 {p50:.2f} ms, p99 {p99:.2f} ms")


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
