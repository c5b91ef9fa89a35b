"""The real service on a port of 127.0.0.1: in a thread, or as the process that ``qpv serve`` starts."""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import httpx2
import uvicorn
from qpv_geo_service.app import create_app
from qpv_geo_service.jobs.fork_server import ForkServer
from qpv_geo_service.protocol import BoundedProtocol
from qpv_geo_service.settings import ServiceSettings
from warm_service import WarmService, warm_services

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOOS = {"lon": 3.00671, "lat": 50.60889, "on": "2024-06-01"}
POINTS = b"id;lon;lat\n1;3.00671;50.60889\n2;0.30;46.55\n"
FOUND_AND_NOT = (
    "adresse\n1 Rue des Carrés 99990 Essai\n7 Place du Marqueur 99990 Essai\n8 Place du Marqueur 99990 Essai\n".encode()
)
PATIENCE_S = 120.0
"""How long what is to happen may take on a machine that has much else to do."""


def _client(url: str) -> httpx2.Client:
    """Return a client of this machine: it reads none of the certificates that it would never ask for."""
    return httpx2.Client(base_url=url, timeout=PATIENCE_S, verify=False)


@cache
def _fork_server() -> ForkServer:
    shared = ForkServer()
    atexit.register(shared.close)
    return shared


@contextlib.contextmanager
def serving(*, app: Any = None, **settings: Any) -> Iterator[httpx2.Client]:
    """Serve with some settings, and return a client of it; without a rate limit unless one is set.

    Such services share what starts the processes of jobs; those that are processes have their own.
    """
    made = app or create_app(ServiceSettings(**{"rate_limit": "", **settings}), _fork_server())
    config = uvicorn.Config(
        made,
        host="127.0.0.1",
        port=0,
        http=partial(BoundedProtocol, 10.0),
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started or not thread.is_alive())
        port = server.servers[0].sockets[0].getsockname()[1]
        with _client(f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        gc.freeze()  # as `conftest` did: a service searches all that is not frozen for garbage when it starts


def _start(options: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "qpv_geo", "serve", *options],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


class Process:
    """``qpv serve`` as a process of its own; its log is read as it comes.

    A warm one is the fork of a process that has read the modules.
    """

    def __init__(self, home: Path, *options: str, warm: bool = False, **environment: str) -> None:
        told = {
            "QPV_GEO_HOME": str(home),
            "QPV_GEO_SERVICE_RATE_LIMIT": "",
            "QPV_GEO_SERVICE_TILES": "none",
        } | environment
        self.lines: list[str] = []
        start = warm_services().start if warm else _start
        self._process = start(["--port", "0", *options], os.environ | told)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        until(lambda: self._url() or self._process.poll() is not None)
        self.url = self._url() or ""

    def client(self) -> httpx2.Client:
        return _client(self.url)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.tell(how)
        self._process.wait(PATIENCE_S)

    def tell(self, how: signal.Signals) -> None:
        """Send it a signal, and do not wait for its end."""
        if self._process.poll() is None:
            self._process.send_signal(how)

    def close(self) -> None:
        """End it whatever happened, with all that it started and that did not leave its session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        self._process.stderr.close()
        if isinstance(self._process, WarmService):
            self._process.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def log(self) -> str:
        return "".join(self.lines)

    def _read(self) -> None:
        self.lines.extend(iter(self._process.stderr.readline, ""))

    def _url(self) -> str | None:
        log = self.log()
        found = re.search(r"running on (http://(?:127\.0\.0\.1|\[::\]):\d+)", log)
        return found[1] if found and "startup complete" in log else None  # the port is known before anybody listens


@contextlib.contextmanager
def process(home: Path, *options: str, warm: bool = False, **environment: str) -> Iterator[Process]:
    started = Process(home, *options, warm=warm, **environment)
    try:
        yield started
    finally:
        started.close()


def until(true: Any, within_s: float = PATIENCE_S, longest_pause_s: float = 0.05) -> Any:
    """Return what something gives once it gives something, looking again and again, less and less often."""
    ends, pause_s = time.monotonic() + within_s, 0.02
    looks = threading.Event()
    while not (found := true()):
        assert time.monotonic() < ends, "it did not happen in time"
        looks.wait(pause_s)
        pause_s = min(1.3 * pause_s, longest_pause_s)
    return found


def send(client: httpx2.Client, content: bytes, name: str = "points.csv", **options: Any) -> httpx2.Response:
    return client.post("/v1/batch", files={"file": (name, content)}, data=options)


def by_command(qpv: Any, folder: Path, content: bytes, name: str, *options: str) -> bytes:
    """Return what the command line makes of the same file."""
    source, output = folder / name, folder / "reponse" / name
    output.parent.mkdir()
    source.write_bytes(content)
    told = qpv("batch", source, "-o", output, *options)
    assert told.code == 0, told.err
    return output.read_bytes()


def ended(client: httpx2.Client, location: str) -> dict[str, Any]:
    """Return a job once it has ended."""

    def look() -> dict[str, Any] | None:
        told = client.get(location).json()
        return told if told["state"] in {"done", "failed"} else None

    return until(look, longest_pause_s=0.2)


def problem(response: httpx2.Response) -> dict[str, Any]:
    """Return the problem that an answer is, made sure that it is one (RFC 9457)."""
    assert response.headers["content-type"] == "application/problem+json"
    told = json.loads(response.content)
    assert told["status"] == response.status_code
    assert told["type"].startswith("urn:qpv-geo:problem:")
    assert told["title"]
    assert told["detail"]
    return told
