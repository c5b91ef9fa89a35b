"""Looks after the jobs, in every worker: starts those that wait or were left, removes those that are kept no longer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from qpv_geo_service import messages
from qpv_geo_service.errors import BusyError, UnknownIdError
from qpv_geo_service.jobs.folder import JobFolder, State, accept, find_job, jobs_folder, jobs_in, new_workspace
from qpv_geo_service.jobs.runner import take_room
from qpv_geo_service.logs import LOG
from qpv_geo_service.settings import PREFIX

if TYPE_CHECKING:
    from pathlib import Path

    from qpv_geo_service.metrics import Metrics
    from qpv_geo_service.settings import ServiceSettings

_LOOK_EVERY_S = 1.0
_ABANDONED_AFTER_S = 3600.0
_LAST_WORDS_S = 10.0


class JobScheduler:
    """The jobs of one home.

    Every worker has one; what they may not do twice is held by locks of the system, that end with who holds them.
    """

    def __init__(self, home: Path, settings: ServiceSettings, metrics: Metrics) -> None:
        self._home, self._settings, self._metrics = home, settings, metrics
        self._runners: dict[str, subprocess.Popen[bytes]] = {}
        self._woken = asyncio.Event()
        self._row_options: asyncio.Task[None] | None = None

    @property
    def folder(self) -> Path:
        """Where the jobs are."""
        return jobs_folder(self._home)

    def start(self) -> None:
        """Begin to look after the jobs, those of former services too."""
        self._row_options = asyncio.create_task(self._look_after())

    async def stop(self) -> None:
        """Let what is running end within the grace; what needs more is stopped where it can go on."""
        if self._row_options is not None:
            self._row_options.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._row_options
        await self._ended(self._settings.shutdown_grace_s)
        for runner in self._runners.values():
            runner.terminate()
        await self._ended(_LAST_WORDS_S)
        for runner in self._runners.values():
            runner.kill()  # its journal is whole at every moment: the job goes on from there

    def workspace(self) -> JobFolder:
        """Return a folder to receive a file in."""
        return new_workspace(self.folder)

    def accept(self, workspace: JobFolder) -> JobFolder:
        """Turn a workspace into a job.

        Raises
        ------
        BusyError
            Too many wait already.
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
            There is no such job, or nothing to go on with.
        BusyError
            Too many wait already.
        """
        job = self.find(job_id)
        self._check_queue()
        job.resume(offline=offline)
        self._metrics.job("resumed")
        return job

    def _check_queue(self) -> None:
        waiting = 0
        for job in jobs_in(self.folder):
            with contextlib.suppress(UnknownIdError):  # removed by another worker meanwhile
                waiting += not job.progress.ended
        if waiting >= self._settings.job_queue:
            raise BusyError(messages.QUEUE_FULL)

    def wake(self) -> None:
        """Look at once."""
        self._woken.set()

    def find(self, job_id: str) -> JobFolder:
        """Return a job; raises `UnknownIdError` where there is none."""
        return find_job(self.folder, job_id, self._settings.job_retention_s)

    async def _look_after(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._look)
            except Exception:  # noqa: BLE001 - the next look may do better
                LOG.exception("jobs not looked after")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._woken.wait()
            self._woken.clear()

    async def _ended(self, within_s: float) -> None:
        ends = time.monotonic() + within_s
        while self._reap() and time.monotonic() < ends:  # noqa: ASYNC110 - processes tell of their end to nobody
            await asyncio.sleep(0.05)

    def _look(self) -> None:
        self._reap()
        for job in jobs_in(self.folder):
            with contextlib.suppress(UnknownIdError, FileNotFoundError):  # removed by another worker meanwhile
                self._look_at(job)
        self._sweep()

    def _look_at(self, job: JobFolder) -> None:
        progress = job.progress
        if progress.ended:
            job.expire(self._settings.job_retention_s)
        elif job.id not in self._runners and self._has_room() and (progress.state is State.QUEUED or _is_left(job)):
            self._start(job)

    def _has_room(self) -> bool:
        if len(self._runners) >= self._settings.job_concurrency:
            return False
        with ExitStack() as stack:
            return take_room(self.folder, self._settings.job_concurrency, stack)

    def _start(self, job: JobFolder) -> None:
        """Start a process of its own session: what ends this one by the keyboard is not meant for it."""
        command = [sys.executable, "-P", "-m", "qpv_geo_service.jobs.runner", str(job.path)]
        told = {name: str(getattr(self._settings, name)) for name in ("job_concurrency", "job_max_rows", "log_level")}
        environment = os.environ | {PREFIX + name.upper(): value for name, value in told.items()}
        environment["QPV_GEO_HOME"] = str(self._home)
        self._runners[job.id] = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.DEVNULL, env=environment, start_new_session=True
        )
        self._metrics.job("started")

    def _reap(self) -> bool:
        """Forget the runners that have ended; tell whether any has not."""
        self._runners = {job_id: one for job_id, one in self._runners.items() if one.poll() is None}
        return bool(self._runners)

    def _sweep(self) -> None:
        """Remove what was being received, or removed, by a worker that was killed."""
        for path in self.folder.glob(".re*-*"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED_AFTER_S:
                    shutil.rmtree(path, ignore_errors=True)


def _is_left(job: JobFolder) -> bool:
    """Tell whether a job is said to run while nobody works on it: who did was killed."""
    with job.lease() as free:
        return free
