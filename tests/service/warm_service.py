"""``qpv serve`` in the fork of a process that has read the modules: it starts in a tenth of the time.

For tests of what is served; those of how it starts run the command itself. Settings come with the environment that each
is given, which the service reads once it is forked: nothing of qpv-geo is replaced.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
from functools import cache

_MODULES = (
    *("qpv_geo.cli.serve", "qpv_geo_service.app", "qpv_geo.maps.picture", "qpv_geo.reports.fiche_map"),
    *("folium", "fpdf", "geopandas", "matplotlib.pyplot", "openpyxl", "pandas", "pyogrio", "xlsxwriter"),
)
_MOST_BYTES = 1_000_000


class WarmServices:
    """Starts services, from a process that all who give the same name share: the first starts it."""

    def __init__(self, name: str) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        while True:
            try:
                self._asked.connect(f"\0{name}")  # without a file; on Linux, as what services need of the system
                break
            except ConnectionRefusedError:
                self._begin(f"\0{name}")

    def _begin(self, address: str) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            try:
                listening.bind(address)
                listening.listen()
            except OSError:
                return  # somebody else begins
            command = [sys.executable, __file__, str(listening.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[listening.fileno()], stdin=subprocess.DEVNULL)

    def start(self, options: list[str], environment: dict[str, str]) -> WarmService:
        """Start ``qpv serve`` with options and the whole of its environment."""
        mine, theirs = os.pipe()
        try:
            socket.send_fds(self._asked, [json.dumps([options, environment]).encode()], [theirs])
        finally:
            os.close(theirs)
        return WarmService(int(self._asked.recv(20)), mine)

    def close(self) -> None:
        self._asked.close()
        if self._process is not None:
            self._process.wait()  # it ends with the last who uses it


class WarmService:
    """What a test needs of `subprocess.Popen`, for a process that is no child of this one."""

    def __init__(self, pid: int, stderr: int) -> None:
        self.pid, self.stderr = pid, os.fdopen(stderr, encoding="utf-8")
        self._handle = os.pidfd_open(pid)

    def poll(self, within_s: float | None = 0.0) -> bool | None:
        """Return True if it has ended, None if it has not."""
        return bool(select.select([self._handle], [], [], within_s)[0]) or None

    def wait(self, timeout: float | None = None) -> None:
        assert self.poll(timeout), "it did not end in time"

    def send_signal(self, how: signal.Signals) -> None:
        signal.pidfd_send_signal(self._handle, how)

    def close(self) -> None:
        os.close(self._handle)


@cache
def warm_services() -> WarmServices:
    """Return those of this run of tests, whose processes share them."""
    services = WarmServices(f"qpv-geo-warm-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}")
    atexit.register(services.close)
    return services


def _serve(listening: socket.socket) -> None:
    from importlib import import_module  # noqa: PLC0415

    for name in _MODULES:
        import_module(name)
    gc.freeze()  # a fork that searches it for garbage copies it
    signal.signal(signal.SIGCHLD, _forget_the_ended)
    users = [listening.accept()[0]]
    while users:
        for one in select.select([listening, *users], [], [])[0]:
            if one is listening:
                users.append(listening.accept()[0])
            elif not _served(one, [listening, *users]):
                users.remove(one)
                one.close()


def _served(user: socket.socket, others: list[socket.socket]) -> bool:
    """Start the service that a user asks for; return whether one is asked for."""
    told = socket.recv_fds(user, _MOST_BYTES, 1)
    if not told[0]:
        return False
    (handle,) = told[1]
    child = os.fork()
    if child == 0:
        _become(others, handle, *json.loads(told[0]))
    os.close(handle)
    user.send(str(child).encode())
    return True


def _forget_the_ended(*_signal: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(sockets: list[socket.socket], stderr: int, options: list[str], environment: dict[str, str]) -> None:
    """Be ``qpv serve``, with a session, an environment and an error stream of its own."""
    from qpv_geo.cli import main  # noqa: PLC0415

    code = 70
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(environment)
        nothing = os.open(os.devnull, os.O_RDWR)
        for where, stream in ((nothing, 0), (nothing, 1), (stderr, 2)):
            os.dup2(where, stream)
        os.close(stderr)
        for one in sockets:
            one.close()
        code = main(["serve", *options])
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
