"""Commands of ``qpv`` in processes of their own, which are killed or find the disk full when a test says.

Each process is the fork of one that has read the modules, so that it costs a tenth of a second. What it does to its
journal, to the register and to the names of its files is told by Python itself (`sys.addaudithook`, the trace of an
SQLite connection): nothing of qpv-geo is replaced.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import NamedTuple

_MODULES = (
    *("cli.batch", "cli.check", "cli.register", "register.audit", "register.store"),
    *("batch.run", "batch.addresses", "eligibility.check", "geocoding.store", "tables.opening"),
    *("cli.addresses", "cli.diff", "cli.map", "cli.perimeters", "cli.projects", "maps.diff_map", "maps.picture"),
    *("reports.fiche", "reports.fiche_map", "reports.workbook"),
)
_LIBRARIES = (
    *("fpdf", "folium", "geopandas", "matplotlib.pyplot", "openpyxl", "pandas", "pyarrow.parquet", "pyogrio"),
    *("rapidfuzz", "xlsxwriter"),
)
_UNFINISHED, _DATABASES = ".qpv-", (".qpv-journal", "register.sqlite", ".partiel.sqlite")
"""In the names of the files that only a run that goes on, or that was stopped, has; ends of the names of databases."""
_NEVER = 10**9
"""A step that no command reaches."""


class Ended(NamedTuple):
    """How a command ended: its exit code, negative for a signal, and what it said."""

    code: int
    err: str


def some_of(steps):
    """Return the first of so many steps, two within, and the last three, which put the output in its place."""
    return sorted({1, steps // 3, 2 * steps // 3, *range(steps - 2, steps + 1)})


class ForkedCommands:
    """Runs commands one after the other; a context manager.

    Parameters
    ----------
    folder
        Where what they say is written.
    """

    def __init__(self, folder: Path) -> None:
        self._said = folder / "said.txt"

    def __enter__(self):
        self._server = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_):
        self._server.stdin.close()
        assert self._server.wait() == 0
        self._server.stdout.close()

    def run(self, *arguments, killed_at=None, most_bytes=None, killed_beyond=False) -> Ended:
        """Run a command to its end.

        Parameters
        ----------
        killed_at
            The step, from 1, at which it is killed (``kill -9``): a statement of its journal or of the register, or
            when the journal or the unfinished output is opened, renamed or removed.
        most_bytes
            The size beyond which no file can grow.
        killed_beyond
            Whether the system kills it in the middle of a write that would go beyond, instead of failing the write.
        """
        settings = {name: value for name, value in os.environ.items() if name.startswith("QPV_GEO_")}
        asked = [str(self._said), settings, [str(one) for one in arguments], killed_at, most_bytes, killed_beyond]
        print(json.dumps(asked), file=self._server.stdin, flush=True)
        return Ended(int(self._server.stdout.readline()), self._said.read_text(encoding="utf-8"))

    def steps(self, *arguments) -> int:
        """Run a command to its end, which is to be a good one; return how many steps it took."""
        ended = self.run(*arguments, killed_at=_NEVER)
        assert ended.code == 0, ended.err
        return int(_steps_beside(self._said).read_text(encoding="utf-8"))


def _steps_beside(said):
    return Path(said).with_suffix(".steps")


def _kill_at(step):
    """Kill this process at a step; return what tells how many it took so far."""
    taken = 0

    def count(_statement=""):
        nonlocal taken
        taken += 1
        if taken == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def trace(connection):
        """Count its statements from the first thing that happens once it is open, which is after Python tells of it.

        The return of `sqlite3.connect` is no such thing: a call that began without a profiler ends without one.
        """

        def opened(*_event):
            sys.setprofile(None)
            connection.set_trace_callback(count)

        sys.setprofile(opened)

    databases = []

    def hook(event, details):
        if event == "sqlite3.connect":
            databases.append(os.fspath(details[0]))
        elif event == "sqlite3.connect/handle" and databases.pop().endswith(_DATABASES):
            trace(details[0])
        elif event in {"open", "os.rename", "os.remove"} and _UNFINISHED in os.fsdecode(details[0]):
            count()

    sys.addaudithook(hook)
    return lambda: taken


def _run(said, settings, arguments, killed_at, most_bytes, killed_beyond):  # noqa: PLR0913, PLR0917 - what is asked
    from qpv_geo.cli import main  # noqa: PLC0415 - the test that imports this module runs none of it

    os.environ.update(settings)
    os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if killed_beyond:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it
    if most_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    if killed_at is None:
        return main(arguments)
    taken = _kill_at(killed_at)
    code = main(arguments)
    _steps_beside(said).write_text(str(taken()), encoding="utf-8")
    return code


def _serve():
    from importlib import import_module  # noqa: PLC0415

    for name in (*_LIBRARIES, *(f"qpv_geo.{one}" for one in _MODULES)):
        import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = _run(*json.loads(line))
            except Exception:  # noqa: BLE001 - said where the test reads, as a command would
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
