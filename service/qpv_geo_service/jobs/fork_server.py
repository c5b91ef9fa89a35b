"""Forks the processes of jobs from one that has read their modules and the communes: longer than most jobs take.

``python -m qpv_geo_service.jobs.fork_server HANDLE`` reads them, then takes requests from a socket, one per line: the
folder of a job and the environment of its runner. It answers each with the id of a process forked for the job, and ends
with whoever holds the other end of the socket; the runners go on.

Only on Linux, where a runner that is no child can be watched: elsewhere `ForkServer.start` raises `OSError`.
"""

from __future__ import annotations

import errno
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from contextlib import suppress
from select import select
from typing import TYPE_CHECKING

from qpv_geo.extras import spare_pandas
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo_service.jobs import runner

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import FrameType

_MODULES = (
    *("numpy.ma", "openpyxl.packaging.extended", "pyarrow.csv", "pyarrow.dataset", "xlsxwriter"),
    *("qpv_geo.eligibility.cell_building", "qpv_geo.eligibility.check", "qpv_geo.eligibility.outlines"),
    *("qpv_geo.geocoding.geoplateforme", "qpv_geo.messages.batch", "qpv_geo.messages.batch_sheets"),
    *("qpv_geo.messages.address_errors", "qpv_geo.messages.colours", "qpv_geo.messages.row_errors"),
    *("qpv_geo.tables.csv_reader", "qpv_geo.tables.csv_writer", "qpv_geo.tables.xlsx_reader"),
    *("qpv_geo.tables.xlsx_writer", "qpv_geo_service.jobs.listed_rows", "qpv_geo_service.jobs.work"),
)
"""What a list of points or addresses imports, as CSV or as a workbook."""
_PATIENCE_S = 60.0
_IDLE_S = 600.0


class ForkedRunner:
    """A runner; no child of this process."""

    def __init__(self, pid: int) -> None:
        self._handle: int | None = None
        with suppress(ProcessLookupError):  # it has ended
            self._handle = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return None as long as it runs; the code is not known here."""
        if self._handle is None:
            return 0
        if not select([self._handle], [], [], 0)[0]:
            return None
        os.close(self._handle)
        self._handle = None
        return 0

    def terminate(self) -> None:
        """Ask it to stop."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Stop it at once."""
        self._send(signal.SIGKILL)

    def _send(self, how: signal.Signals) -> None:
        if self._handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, how)


class ForkServer:
    """The process that runners are forked from: started with the first, and again if it has died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._used_at = 0.0

    def start(self, job: Path, environment: Mapping[str, str]) -> ForkedRunner:
        """Fork a runner, in a session of its own.

        Raises
        ------
        OSError
            The system has no such processes, or no memory for another one.
        """
        request = json.dumps([str(job), dict(environment)]).encode() + b"\n"
        with self._lock:
            self._used_at = time.monotonic()
            if self._process is not None:
                with suppress(OSError):
                    return ForkedRunner(self._ask(request))
            self._close()
            self._begin()
            return ForkedRunner(self._ask(request))

    def end_if_idle(self) -> None:
        """End the process if nothing was asked of it for ten minutes: it takes as much memory as a runner."""
        with self._lock:
            if self._process is not None and time.monotonic() - self._used_at > _IDLE_S:
                self._close()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._close()

    def _begin(self) -> None:
        if not (hasattr(os, "pidfd_open") and hasattr(signal, "pidfd_send_signal")):  # some builds for Linux have none
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
        os.close(os.pidfd_open(os.getpid()))  # an old kernel has none
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(_PATIENCE_S)
        with theirs:
            command = [sys.executable, "-P", "-m", __name__, str(theirs.fileno())]
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True
            )

    def _ask(self, request: bytes) -> int:
        """Return the id of the process forked for a request."""
        if self._socket is None:
            raise ConnectionError
        self._socket.sendall(request)
        with self._socket.makefile("rb") as answers:
            answer = answers.readline()
        if not answer:
            raise ConnectionError
        return int(answer)

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.kill()  # it may be stuck, and holds nothing
            self._process.wait()
        self._socket = self._process = None


def _requested(asked: socket.socket) -> tuple[str, dict[str, str]] | None:
    """Fork a runner for each request; return what it asks in each, and None in the server at its end."""
    signal.signal(signal.SIGCHLD, _forget_the_ended)
    with asked.makefile("rb") as requests:
        for request in requests:
            pid = os.fork()
            if pid == 0:
                job, environment = json.loads(request)
                return job, environment
            asked.sendall(b"%d\n" % pid)
    return None


def _forget_the_ended(_signal: int, _frame: FrameType | None) -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _main(handle: int) -> None:
    gc.disable()  # as Python advises: what it frees before a fork leaves holes, and filling them copies pages
    spare_pandas()
    for name in _MODULES:
        importlib.import_module(name)
    gazetteer().read()
    gc.freeze()
    # threads that the libraries keep waiting, of OpenBLAS and jemalloc, are started again by them
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    with socket.socket(fileno=handle) as asked:
        requested = _requested(asked)
    if requested is not None:
        _run(*requested)


def _run(job: str, environment: dict[str, str]) -> None:
    """Be the runner of a job, in a session of its own so that Ctrl+C in the terminal does not reach it."""
    gc.enable()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    sys.exit(runner.main([job]))


if __name__ == "__main__":
    _main(int(sys.argv[1]))
