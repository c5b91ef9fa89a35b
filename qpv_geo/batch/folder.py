"""Check every Parquet of a folder, file by file; a stopped run goes on with the files that are left."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from qpv_geo import messages as msg
from qpv_geo.batch.run import Run
from qpv_geo.batch.summary import Summary
from qpv_geo.errors import InputError
from qpv_geo.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qpv_geo.batch.addresses import Addresses
    from qpv_geo.batch.answers import Keep
    from qpv_geo.batch.options import BatchOptions
    from qpv_geo.eligibility.check import Checker

_RECORD = ".qpv-dossier.json"
_SUFFIXES = frozenset({".parquet", ".geoparquet"})


class FolderRun:
    """One run over the Parquet files of a folder and of those in it; each output has the name of its source.

    Parameters
    ----------
    options
        Options of each file; `source` and `output` are folders.

    Attributes
    ----------
    first
        The run of the first file, which shows how all are read.
    done
        Number of rows done.

    Raises
    ------
    InputError
        The folder has no Parquet, the output cannot be a folder, or a file or an option cannot be used.
    """

    def __init__(self, options: BatchOptions, checker: Checker) -> None:
        self._options, self._checker = options, checker
        self._sources = sorted(
            path for path in options.source.rglob("*") if path.suffix.lower() in _SUFFIXES and path.name[0] not in "._"
        )
        if not self._sources:
            raise InputError(msg.batch.no_parquet(str(options.source)))
        if options.output.is_file() or options.output.resolve().is_relative_to(options.source.resolve()):
            raise InputError(msg.batch.output_not_a_folder(str(options.output)))
        self.done = 0
        try:
            self.first = self._run_of(self._sources[0], options)
        finally:
            self._remove_empty()  # nothing is left by a run that does not start

    def run(
        self,
        addresses: Addresses | None,
        progress: Callable[[int, float], None],
        *,
        keeper: Callable[[Run, str], Keep] | None = None,
    ) -> Summary:
        """Answer the files that are left, each put in place once it is whole; see `qpv_geo.batch.run.Run.run`.

        Parameters
        ----------
        keeper
            Returns what keeps each block of the run of a file, for an id: the same for a file that is made again.
        """
        record = self._begun(addresses)
        options, total = replace(self._options, on=record["on"]), Summary()
        for k, source in enumerate(self._sources):
            name = source.relative_to(self._options.source).as_posix()
            state = [source.stat().st_size, source.stat().st_mtime_ns]
            if record["files"].get(name) != state:
                before = self.done
                run, origin = self._run_of(source, options), f"{record['run']}:{name}:{state[0]}:{state[1]}"
                keep = None if keeper is None else _for_any_run(keeper, run, origin)
                total.add_file(name, run.run(addresses, self._watched(before, k, progress), keeper=keep))
                self.done = total.rows
                record["files"][name] = state
                write_whole(self._record, json.dumps(record).encode())
        self._record.unlink()
        return total

    @property
    def _record(self) -> Path:
        return self._options.output / _RECORD

    def _watched(self, before: int, k: int, progress: Callable[[int, float], None]) -> Callable[[int, float], None]:
        def watch(rows: int, share: float) -> None:
            self.done = before + rows
            progress(self.done, (k + share) / len(self._sources))

        return watch

    def _run_of(self, source: Path, options: BatchOptions) -> Run:
        output = self._output_of(source)
        output.parent.mkdir(parents=True, exist_ok=True)
        left = self._record.exists()  # a file that a stopped run had not noted yet is made again
        return Run(replace(options, source=source, output=output, overwrite=options.overwrite or left), self._checker)

    def _output_of(self, source: Path) -> Path:
        return self._options.output / source.relative_to(self._options.source)

    def _begun(self, addresses: Addresses | None) -> dict[str, Any]:
        """Return the record of the run that was stopped, or a new one."""
        about = self.first.description(addresses)
        about["options"] |= {"source": "", "output": ""}
        about = json.loads(json.dumps(about))
        self._options.output.mkdir(parents=True, exist_ok=True)
        if self._record.exists() and not self._options.restart:
            former: dict[str, Any] = json.loads(self._record.read_bytes())
            changed = [name for name, value in about.items() if former["about"].get(name) != value]
            if changed:
                raise InputError(msg.batch.run_changed(changed, str(self._record)))
            return former
        there = next((one for one in map(self._output_of, self._sources) if one.exists()), None)
        if there is not None and not self._options.overwrite and not self._record.exists():
            raise InputError(msg.batch.output_exists(str(there)))
        record = {"about": about, "on": self.first.fixed_day(), "files": {}, "run": uuid4().hex}
        write_whole(self._record, json.dumps(record).encode())
        return record

    def _remove_empty(self) -> None:
        folder = self._output_of(self._sources[0]).parent
        with suppress(OSError):  # not empty, or gone
            while folder.is_relative_to(self._options.output):
                folder.rmdir()
                folder = folder.parent


def _for_any_run(keeper: Callable[[Run, str], Keep], run: Run, origin: str) -> Callable[[str], Keep]:
    """Return what gives a file its own id: that of its run is another each time the file is made again."""
    return lambda _run_id: keeper(run, origin)
