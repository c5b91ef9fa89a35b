"""Commands of ``qpv`` in processes of their own, with a terminal, killed or on a full disk when a test says.

Each process is the fork of one that has read the modules, so that it costs a tenth of a second. What it does to its
journal, to the register and to the names of its files is told by Python itself (`sys.addaudithook`, the trace of an
SQLite connection): nothing of qpv-geo is replaced.
"""

from __future__ import annotations

import gc
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
    *("batch.run", "batch.addresses", "eligibility.cell_building", "eligibility.check", "eligibility.outlines"),
    *("geocoding.geoplateforme", "geocoding.store", "messages.batch_sheets", "messages.register", "schemes.records"),
    *("tables.csv_reader", "tables.csv_writer", "tables.opening", "tables.parquet", "tables.xlsx_reader"),
    *("tables.xlsx_writer", "cli.addresses", "cli.perimeters"),
)
_LIBRARIES = (
    *("geopandas", "numpy.ma", "openpyxl", "pandas", "pyarrow.acero", "pyarrow.csv", "pyarrow.parquet", "pyogrio"),
    *("rapidfuzz", "sqlalchemy.dialects.sqlite", "xlsxwriter"),
)
_DRAWING = (
    *("fpdf", "folium", "matplotlib.pyplot", "qpv_geo.cli.diff", "qpv_geo.cli.map", "qpv_geo.cli.projects"),
    *("qpv_geo.maps.diff_map", "qpv_geo.maps.picture", "qpv_geo.messages.fiche", "qpv_geo.reports.fiche"),
    *("qpv_geo.reports.fiche_map", "qpv_geo.reports.workbook"),
)
_DRAWN = {"--pdf", "diff", "map", "projects"}
"""What a command has that draws, and needs `_DRAWING`."""
_UNFINISHED, _DATABASES = ".qpv-", (".qpv-journal", "register.sqlite", ".partiel.sqlite")
"""In the names of the files that only a run that goes on, or that was stopped, has; ends of the names of databases."""
_SETTINGS = ("QPV_GEO_", "COLUMNS", "TERM")
"""Starts of the names of the variables that a command is given."""
_NEVER = 10**9
"""A step that no command reaches."""


class Ended(NamedTuple):
    """How a command ended: its exit code, negative for a signal, and what it said."""

    code: int
    err: str
    out: str


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
        self._said, self._printed, self._typed = (folder / name for name in ("said.txt", "printed.txt", "typed.txt"))

    def __enter__(self):
        self._server = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_):
        self._server.stdin.close()
        assert self._server.wait() == 0
        self._server.stdout.close()

    def run(self, *arguments, stdin=b"", terminal=None, killed_at=None, most_bytes=None, killed_beyond=False) -> Ended:
        """Run a command to its end.

        Parameters
        ----------
        stdin
            What it reads.
        terminal
            Path of the terminal on which it says things.
        killed_at
            The step, from 1, at which it is killed (``kill -9``): a statement of its journal or of the register, or
            when the journal or the unfinished output is opened, renamed or removed.
        most_bytes
            The size beyond which no file can grow.
        killed_beyond
            Whether the system kills it in the middle of a write that would go beyond, instead of failing the write.
        """
        settings = {name: value for name, value in os.environ.items() if name.startswith(_SETTINGS)}
        self._typed.write_bytes(stdin)
        for path in (self._said, self._printed):
            path.write_bytes(b"")
        streams = [str(self._typed), str(self._printed), str(terminal or self._said)]
        asked = [streams, settings, [str(one) for one in arguments], killed_at, most_bytes, killed_beyond]
        print(json.dumps(asked), file=self._server.stdin, flush=True)
        code = int(self._server.stdout.readline())
        return Ended(code, *(path.read_bytes().decode() for path in (self._said, self._printed)))

    def steps(self, *arguments) -> int:
        """Run a command to its end, which is to be a good one; return how many steps it took."""
        ended = self.run(*arguments, killed_at=_NEVER)
        assert ended.code == 0, ended.err
        return int(_steps_beside(self._printed).read_text(encoding="utf-8"))


def _steps_beside(printed):
    return Path(printed).with_suffix(".steps")


def _open_streams(typed, printed, said):
    for handle, path in enumerate((typed, printed, said)):
        opened = os.open(path, os.O_RDWR)
        os.dup2(opened, handle)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8")


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
        elif event in {"open", "os.rename", "os.remove"} and _UNFINISHED in str(details[0]):  # a handle may be opened
            count()

    sys.addaudithook(hook)
    return lambda: taken


def _run(streams, settings, arguments, killed_at, most_bytes, killed_beyond):  # noqa: PLR0913, PLR0917 - what is asked
    from qpv_geo.cli import main  # noqa: PLC0415 - the test that imports this module runs none of it

    os.environ.update(settings)
    _open_streams(*streams)
    if killed_beyond:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it
    if most_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    if killed_at is None:
        return main(arguments)
    taken = _kill_at(killed_at)
    code = main(arguments)
    _steps_beside(streams[1]).write_text(str(taken()), encoding="utf-8")
    return code


def _read(*names):
    from importlib import import_module  # noqa: PLC0415

    for name in names:
        import_module(name)
    gc.freeze()  # a fork that searches it for garbage copies it


def _serve():
    _read(*_LIBRARIES, *(f"qpv_geo.{one}" for one in _MODULES))
    for line in sys.stdin:
        asked = json.loads(line)
        if not _DRAWN.isdisjoint(asked[2]):
            _read(*_DRAWING)
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = _run(*asked)
            except Exception:  # noqa: BLE001 - said where the test reads, as a command would
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
