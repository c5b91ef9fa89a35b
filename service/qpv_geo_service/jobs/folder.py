"""A job on disk: one folder that holds everything about it.

::

    QPV_GEO_HOME/jobs/<id>/
        order.json    the request
        state.json    the progress; replaced atomically, never half-written
        rows.json     the rows to verify of a finished list, and the places of its rows
        lease         locked by the process that works on the job; the system releases it if that process dies
        in/           the uploaded file, deleted once it is no longer needed
        give-way      there once another job waits for the place of this one
        out/          the answers, and the journal of `qpv_geo.batch.run` while they are being written
        resume        locked while the job is queued again, or deleted because it has expired

A folder whose name starts with a dot is not a job: it is being received, answered without a job, or deleted.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qpv_geo.files import flush, locked, write_whole
from qpv_geo_service.errors import NotResumableError, UnknownIdError
from qpv_geo_service.messages import not_resumable, unknown_job

if TYPE_CHECKING:
    from collections.abc import Iterator

_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_UNSAFE = re.compile(r"[^\w .()-]+")
_MOST_LETTERS = 80


class State(StrEnum):
    """State of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class JobProgress:
    """Progress and outcome of a job.

    Attributes
    ----------
    rows, share
        Rows answered, and share of the file read, 0 to 1.
    starts
        Number of starts, except those that ended in an orderly stop.
    columns
        The columns used, once they are known.
    cause, remedy
        Cause of a failure, in French, and the command for the administrator.
    resumable
        Whether it failed for lack of the geocoder, or of data that can be installed, and can be resumed.
    offline
        Whether it was resumed without the national service, even if the request did not ask for that.
    """

    state: State = State.QUEUED
    rows: int = 0
    share: float = 0.0
    starts: int = 0
    ended_at: str | None = None
    columns: dict[str, Any] | None = None
    summary: dict[str, Any] | None = None
    cause: str | None = None
    remedy: str | None = None
    resumable: bool = False
    offline: bool = False

    @property
    def ended(self) -> bool:
        """Whether the job is done or failed."""
        return self.state in {State.DONE, State.FAILED}


@dataclass(frozen=True)
class JobRequest:
    """Request to answer a file: its name, that of the answers, and the options as ``qpv batch`` names them."""

    source: str
    output: str
    options: dict[str, Any] = field(default_factory=dict)
    created_at: str = field(default_factory=lambda: _now().isoformat(timespec="seconds"))


class JobFolder:
    """The folder of one job."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def id(self) -> str:
        """Unguessable id of the job, the name of its folder."""
        return self.path.name

    @property
    def source(self) -> Path:
        """The uploaded file."""
        return self.path / "in" / self.job_request.source

    @property
    def output(self) -> Path:
        """The file of answers."""
        return self.path / "out" / self.job_request.output

    @property
    def job_request(self) -> JobRequest:
        """The request; `UnknownIdError` if the job was removed."""
        return JobRequest(**self._read("order.json"))

    def set_wish(self, job_request: JobRequest) -> None:
        """Write the request."""
        _write(self.path / "order.json", asdict(job_request))

    @property
    def progress(self) -> JobProgress:
        """The progress; `UnknownIdError` if the job was removed."""
        known = {one.name for one in fields(JobProgress)}
        said = self._read("state.json")
        found = JobProgress(**{name: value for name, value in said.items() if name in known})
        return replace(found, state=State(found.state))

    def set_progress(self, progress: JobProgress) -> None:
        """Write the progress atomically."""
        _write(self.path / "state.json", asdict(progress))

    def end(self, progress: JobProgress) -> None:
        """Record the end; unless the job can be resumed, delete the upload and, if it failed, partial answers."""
        self.set_progress(replace(progress, ended_at=_now().isoformat(timespec="seconds")))
        if progress.resumable:
            return
        shutil.rmtree(self.path / "in", ignore_errors=True)
        if progress.state is State.FAILED:
            shutil.rmtree(self.path / "out", ignore_errors=True)

    @property
    def rows(self) -> dict[str, Any]:
        """What is listed of a finished list; see `qpv_geo_service.jobs.listed_rows`."""
        return self._read("rows.json")

    def set_rows(self, rows: dict[str, Any]) -> None:
        """Write what is listed of the rows."""
        _write(self.path / "rows.json", rows)

    def ask_to_give_way(self) -> None:
        """Ask the process that works on the job to stop after the rows under way: it is queued behind the others."""
        (self.path / "give-way").touch()

    @property
    def is_to_give_way(self) -> bool:
        """Whether `ask_to_give_way` was called since the last `start_turn`."""
        return (self.path / "give-way").exists()

    def start_turn(self) -> None:
        """Forget earlier calls of `ask_to_give_way`."""
        (self.path / "give-way").unlink(missing_ok=True)

    def resume(self, *, offline: bool) -> None:
        """Queue the job again if it can be resumed; with `offline`, without the national service.

        Raises
        ------
        NotResumableError
            It cannot be resumed, or someone else is resuming it.
        UnknownIdError
            It was removed.
        """
        with self._moving() as held:
            progress = self.progress
            if not held or not progress.resumable:
                raise NotResumableError(not_resumable(progress.state.value))
            self.set_progress(JobProgress(offline=offline))

    def expire(self, retention_s: float) -> None:
        """Delete the job if it has expired, unless it is being queued again."""
        if not self.is_over(retention_s):
            return
        with self._moving() as held:
            if held and self.is_over(retention_s):
                self.remove()

    def expires_at(self, progress: JobProgress, retention_s: float) -> datetime | None:
        """Return when the job expires; None until it ends."""
        if progress.ended_at is None:
            return None
        return datetime.fromisoformat(progress.ended_at) + timedelta(seconds=retention_s)

    def is_over(self, retention_s: float) -> bool:
        """Tell whether the job has expired."""
        expiry = self.expires_at(self.progress, retention_s)
        return expiry is not None and expiry <= _now()

    def remove(self) -> None:
        """Delete the job; renaming it first keeps others from seeing it half deleted."""
        aside = self.path.with_name(f".removed-{secrets.token_hex(8)}")
        try:
            self.path.rename(aside)
        except FileNotFoundError:
            return  # another worker was first
        shutil.rmtree(aside, ignore_errors=True)

    @contextmanager
    def _moving(self) -> Iterator[bool]:
        """Lock the job against being queued again or deleted; yield whether the lock is held."""
        with ExitStack() as stack:
            try:
                held = stack.enter_context(locked(self.path / "resume", wait=False))
            except FileNotFoundError as error:
                raise UnknownIdError(unknown_job(self.id)) from error
            yield held

    def _read(self, name: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.path / name).read_bytes())
        except FileNotFoundError as error:  # another worker may remove it at any time
            raise UnknownIdError(unknown_job(self.id)) from error
        return found

    @contextmanager
    def lease(self) -> Iterator[bool]:
        """Try to take the lease; yield whether it is held."""
        with locked(self.path / "lease", wait=False) as held:
            yield held


def jobs_folder(home: Path) -> Path:
    """Return the folder of all jobs, readable by its owner only: it holds uploaded files."""
    folder = home / "jobs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def jobs_in(folder: Path) -> Iterator[JobFolder]:
    """Yield every job, the one whose folder changed longest ago first."""
    found = [one for one in folder.iterdir() if _ID.fullmatch(one.name)]
    for one in sorted(found, key=_age):
        yield JobFolder(one)


def find_job(folder: Path, job_id: str, retention_s: float) -> JobFolder:
    """Return a job by its id.

    Raises
    ------
    UnknownIdError
        There is no such job, or it has expired.
    """
    job = JobFolder(folder / job_id) if _ID.fullmatch(job_id) else None
    if job is None or job.is_over(retention_s):
        raise UnknownIdError(unknown_job(job_id))
    return job


def new_workspace(folder: Path) -> JobFolder:
    """Return a new folder to receive a file in; `accept` makes it a job."""
    path = folder / f".receiving-{secrets.token_hex(16)}"
    for part in (path, path / "in", path / "out"):
        part.mkdir(mode=0o700)
    return JobFolder(path)


def accept(workspace: JobFolder) -> JobFolder:
    """Turn a workspace into a job for good: it will be answered, or reported as failed."""
    workspace.set_progress(JobProgress())
    job = JobFolder(workspace.path.with_name(secrets.token_urlsafe(32)))
    workspace.path.rename(job.path)
    flush(job.path.parent)
    return job


def safe_name(name: str) -> str:
    """Return a safe file name from one that a client sent."""
    plain = Path(_UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" ."))
    return f"{plain.stem[:_MOST_LETTERS].strip() or 'fichier'}{plain.suffix[:12]}"


def _age(path: Path) -> float:
    try:
        return path.stat().st_ctime
    except OSError:
        return 0.0


def _write(path: Path, document: dict[str, Any]) -> None:
    write_whole(path, json.dumps(document, ensure_ascii=False).encode())


def _now() -> datetime:
    return datetime.now(UTC)
