"""The process that works on one job: ``python -m qpv_geo_service.jobs.runner FOLDER``, or a fork of `fork_server`.

It holds the lease of the job as long as it lives. If the service dies, this process still finishes the job; if it dies
too, the lease is released and the next service to look resumes the job from its journal.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo.errors import MissingError, QpvGeoError, RemoteError
from qpv_geo.extras import spare_pandas
from qpv_geo.files import locked
from qpv_geo_service import messages
from qpv_geo_service.errors import TooLargeError
from qpv_geo_service.jobs.folder import JobFolder, JobProgress, State
from qpv_geo_service.logs import LOG, configure_logging
from qpv_geo_service.settings import ServiceSettings, load_service_settings

if TYPE_CHECKING:
    from types import FrameType

    from qpv_geo.untyped import AnyValue

MOST_STARTS = 3
_TRIES, _BETWEEN_TRIES_S = 20, 0.05
_TOLD_EVERY_S = 0.5
_NICE = 10


class StoppedError(BaseException):
    """The service is stopping, or another job waits: what was found is kept, and the job resumes later."""


def main(arguments: list[str]) -> int:
    """Work on a job; return 0 whatever its outcome, 1 if it is removed or taken, or if no slot is free."""
    job = JobFolder(Path(arguments[0]))
    settings = load_service_settings()
    configure_logging(settings)
    with ExitStack() as stack:
        if not _take(job, stack) or not take_room(job.path.parent, settings.job_concurrency, stack):
            return 1
        progress = job.progress
        if not progress.ended:
            _work(job, replace(progress, state=State.RUNNING, starts=progress.starts + 1), settings)
    return 0


def take_room(folder: Path, rooms: int, stack: ExitStack) -> bool:
    """Take one of the slots shared by all workers until the stack is closed; return whether one was free."""
    return any(stack.enter_context(locked(folder / f".room-{room}", wait=False)) for room in range(rooms))


def _take(job: JobFolder, stack: ExitStack) -> bool:
    """Take the lease, with retries: a service that tests it holds it for a moment."""
    for _ in range(_TRIES):
        if not job.path.is_dir():
            return False
        if stack.enter_context(job.lease()):
            return True
        time.sleep(_BETWEEN_TRIES_S)
    return False


def _work(job: JobFolder, progress: JobProgress, settings: ServiceSettings) -> None:
    if progress.starts > MOST_STARTS:
        job.end(replace(progress, state=State.FAILED, cause=messages.STOPPED_TOO_OFTEN))
        return
    job.start_turn()
    job.set_progress(progress)
    signal.signal(signal.SIGTERM, _stop)
    os.nice(_NICE)  # interactive requests come first
    try:
        _answer(job, progress, settings.job_max_rows)
    except StoppedError:
        found = job.progress
        if not found.ended:  # it may have ended just before the signal
            job.set_progress(replace(found, state=State.QUEUED, starts=progress.starts - 1))
    except QpvGeoError as error:
        cause, resumable = messages.by_fields(str(error)), isinstance(error, RemoteError | MissingError)
        job.end(replace(job.progress, state=State.FAILED, cause=cause, remedy=error.remedy, resumable=resumable))
    except Exception:  # noqa: BLE001 - any crash marks the job as failed
        LOG.exception("job failed")
        job.end(replace(job.progress, state=State.FAILED, cause=messages.JOB_CRASHED))


def _answer(job: JobFolder, progress: JobProgress, most_rows: int) -> None:
    from qpv_geo.eligibility.check import default_checker  # noqa: PLC0415 - heavy, and not needed if the job is taken
    from qpv_geo_service.jobs.listed_rows import RowCollector  # noqa: PLC0415
    from qpv_geo_service.jobs.work import carry_out, run_of  # noqa: PLC0415

    checker = default_checker()
    run = run_of(job, checker, offline=progress.offline)
    progress = replace(progress, columns=run.columns.named(run.source.schema.names))
    job.set_progress(progress)
    told_at, done_before = time.monotonic(), progress.rows

    def watch(rows: int, share: float) -> None:
        nonlocal progress, told_at
        if rows > most_rows:
            raise TooLargeError(messages.too_many_rows(most_rows))
        share = max(progress.share, round(min(share, 1.0), 4))
        progress = replace(progress, rows=max(rows, progress.rows), share=share)
        # never without more rows done, which are not answered again: the job would not end
        is_over = done_before < rows and share < 1 and job.is_to_give_way
        if is_over or time.monotonic() - told_at >= _TOLD_EVERY_S:
            told_at = time.monotonic()
            job.set_progress(progress)
        if is_over:
            raise StoppedError

    found = RowCollector(run)
    run.on_answers = found.add
    summary = carry_out(run, checker, watch)
    job.set_rows(found.to_dict())
    told = summary.to_dict() | {"notes": [messages.by_fields(note) for note in summary.notes]}
    job.end(replace(progress, state=State.DONE, rows=summary.rows, share=1.0, summary=told))


def _stop(_signal: int, _frame: FrameType | None) -> AnyValue:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second signal must not interrupt the cleanup
    raise StoppedError


if __name__ == "__main__":
    spare_pandas()
    sys.exit(main(sys.argv[1:]))
