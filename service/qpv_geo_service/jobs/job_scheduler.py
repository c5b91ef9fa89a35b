"""Starts queued and orphaned jobs and deletes expired ones; one scheduler per worker."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakSet

from qpv_geo_service import messages
from qpv_geo_service.errors import BusyError, UnknownIdError
from qpv_geo_service.jobs.folder import JobFolder, State, accept, find_job, jobs_folder, jobs_in, new_workspace
from qpv_geo_service.jobs.fork_server import ForkServer
from qpv_geo_service.jobs.lent_folder import LentFolder
from qpv_geo_service.jobs.runner import take_room
from qpv_geo_service.logs import LOG
from qpv_geo_service.settings import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

    from qpv_geo_service.jobs.fork_server import ForkedRunner
    from qpv_geo_service.metrics import Metrics
    from qpv_geo_service.settings import ServiceSettings

_LOOK_EVERY_S = 1.0
_ABANDONED_AFTER_S = 3600.0
_LAST_WORDS_S = 10.0


class _Runner(NamedTuple):
    """A process that works on a job, and when it was started, on the monotonic clock."""

    process: ForkedRunner | subprocess.Popen[bytes]
    started_at: float


class JobScheduler:
    """The jobs of one home folder.

    A job that has had its turn gives way to those that wait: a slow one does not hold them back until it ends.

    Every worker has a scheduler. File locks guard what must not happen twice; the system releases them when their
    holder dies.

    Parameters
    ----------
    home, settings, metrics
        Of the service.
    fork_server
        Starts the runners, and is its owner's to close; by default one of the scheduler, closed when it stops.
    """

    def __init__(
        self, home: Path, settings: ServiceSettings, metrics: Metrics, fork_server: ForkServer | None = None
    ) -> None:
        self._home, self._settings, self._metrics = home, settings, metrics
        self._runners: dict[str, _Runner] = {}
        self._fork_server = fork_server or ForkServer()
        self._owns_fork_server = fork_server is None
        self._woken, self._is_stopping = asyncio.Event(), False
        self._row_options: asyncio.Task[None] | None = None
        self._lent: WeakSet[LentFolder] = WeakSet()

    @property
    def folder(self) -> Path:
        """Folder of the jobs."""
        return jobs_folder(self._home)

    def start(self) -> None:
        """Start watching the jobs, including those left by earlier services."""
        self._row_options = asyncio.create_task(self._look_after())

    async def stop(self) -> None:
        """Wait for running jobs during the grace period, then stop those left, which resume later."""
        self._is_stopping = True
        self.wake()
        if self._row_options is not None:
            await self._row_options  # it may be starting a runner
        await self._given_back(_LAST_WORDS_S)
        await self._ended(self._settings.shutdown_grace_s)
        for runner in self._runners.values():
            runner.process.terminate()
        await self._ended(_LAST_WORDS_S)
        for runner in self._runners.values():
            runner.process.kill()  # its journal is always consistent: the job resumes from there
        await self._ended(_LAST_WORDS_S)
        if self._owns_fork_server:
            self._fork_server.close()

    def workspace(self) -> JobFolder:
        """Return a new folder to receive a file in."""
        return new_workspace(self.folder)

    def lend(self, workspace: JobFolder) -> LentFolder:
        """Lend such a folder to a request; a service that stops leaves its threads some time to end."""
        lent = LentFolder(workspace.path)
        self._lent.add(lent)
        return lent

    def accept(self, workspace: JobFolder) -> JobFolder:
        """Turn a workspace into a job.

        Raises
        ------
        BusyError
            The queue is full.
        """
        self._check_queue()
        job = accept(workspace)
        self._metrics.job("accepted")
        return job

    def resume(self, job_id: str, *, offline: bool) -> JobFolder:
        """Queue a job again, see `JobFolder.resume`.

        Raises
        ------
        UnknownIdError, NotResumableError
            There is no such job, or it cannot be resumed.
        BusyError
            The queue is full.
        """
        job = self.find(job_id)
        self._check_queue()
        job.resume(offline=offline)
        self._metrics.job("resumed")
        return job

    def _check_queue(self) -> None:
        waiting = 0
        for job in jobs_in(self.folder):
            with contextlib.suppress(UnknownIdError):  # removed by another worker in the meantime
                waiting += not job.progress.ended
        if waiting >= self._settings.job_queue:
            raise BusyError(messages.QUEUE_FULL)

    def wake(self) -> None:
        """Look at the jobs now, without waiting for the next round."""
        self._woken.set()

    def find(self, job_id: str) -> JobFolder:
        """Return a job; raise `UnknownIdError` if there is none or it has expired."""
        return find_job(self.folder, job_id, self._settings.job_retention_s)

    async def _look_after(self) -> None:
        while not self._is_stopping:
            try:
                await asyncio.to_thread(self._look)
            except Exception:  # noqa: BLE001 - the next round may succeed
                LOG.exception("jobs not looked after")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._woken.wait()
            self._woken.clear()

    async def _given_back(self, within_s: float) -> None:
        """Wait for the threads of cancelled requests, which stop at the next block or address."""
        ends = time.monotonic() + within_s
        while not all(one.is_removed for one in self._lent) and time.monotonic() < ends:  # noqa: ASYNC110 - of threads
            await asyncio.sleep(0.05)

    async def _ended(self, within_s: float) -> None:
        ends = time.monotonic() + within_s
        while self._reap() and time.monotonic() < ends:  # noqa: ASYNC110 - no event signals that a process has ended
            await asyncio.sleep(0.05)

    def _look(self) -> None:
        if not self._reap():
            self._fork_server.end_if_idle()
        is_awaited = False
        for job in jobs_in(self.folder):
            with contextlib.suppress(UnknownIdError, FileNotFoundError):  # removed by another worker in the meantime
                is_awaited |= self._look_at(job)
        if is_awaited:
            self._make_way()
        self._sweep()

    def _look_at(self, job: JobFolder) -> bool:
        """Start a job that can start, or delete it if it has expired; return whether it waits for a place."""
        progress = job.progress
        if progress.ended:
            job.expire(self._settings.job_retention_s)
        elif job.id not in self._runners:
            if self._has_room() and (progress.state is State.QUEUED or _is_left(job)):
                self._start(job)
            else:
                return progress.state is State.QUEUED
        return False

    def _make_way(self) -> None:
        """Ask the job that has run longest to give way, if it has had its turn."""
        turn_s, now = self._settings.job_turn_s, time.monotonic()
        over = [(one.started_at, key) for key, one in self._runners.items() if now - one.started_at >= turn_s]
        if over:
            JobFolder(self.folder / min(over)[1]).ask_to_give_way()

    def _has_room(self) -> bool:
        if self._is_stopping or len(self._runners) >= self._settings.job_concurrency:
            return False
        with ExitStack() as stack:
            return take_room(self.folder, self._settings.job_concurrency, stack)

    def _start(self, job: JobFolder) -> None:
        told = {name: str(getattr(self._settings, name)) for name in ("job_concurrency", "job_max_rows", "log_level")}
        environment = os.environ | {ENVIRONMENT + name.upper(): value for name, value in told.items()}
        environment["QPV_GEO_HOME"] = str(self._home)
        self._runners[job.id] = _Runner(self._run(job, environment), time.monotonic())
        self._metrics.job("started")

    def _run(self, job: JobFolder, environment: dict[str, str]) -> ForkedRunner | subprocess.Popen[bytes]:
        """Start a runner in its own session, so that Ctrl+C in the terminal does not reach it."""
        with contextlib.suppress(OSError):
            return self._fork_server.start(job.path, environment)
        command = [sys.executable, "-P", "-m", "qpv_geo_service.jobs.runner", str(job.path)]
        return subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.DEVNULL, env=environment, start_new_session=True
        )

    def _reap(self) -> bool:
        """Forget the runners that have ended; return whether any is still running."""
        self._runners = {job_id: one for job_id, one in self._runners.items() if one.process.poll() is None}
        return bool(self._runners)

    def _sweep(self) -> None:
        """Delete folders that a killed worker was receiving or removing."""
        for path in self.folder.glob(".re*-*"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED_AFTER_S:
                    shutil.rmtree(path, ignore_errors=True)


def _is_left(job: JobFolder) -> bool:
    """Tell whether a running job has lost its runner: nobody holds its lease."""
    with job.lease() as free:
        return free
