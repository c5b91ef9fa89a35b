"""A job on disk: one folder that holds all there is to know of it.

::

    QPV_GEO_HOME/jobs/<id>/
        order.json    what is asked
        state.json    what became of it; replaced at once, never half-written
        lease         locked by the process that works on it; the system lets go of it if that process dies
        in/           the file that was sent, removed once nothing more is to be made of it
        out/          the answers, and while they are being made the journal of `qpv_geo.batch.run`
        resume        locked while it is queued again, or removed because its time is over

A folder whose name starts with a dot is not a job: one that is being received, or answered without a job.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qpv_geo_service.errors import NotResumableError, UnknownIdError
from qpv_geo_service.messages import not_resumable, unknown_job

if TYPE_CHECKING:
    from collections.abc import Iterator

_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_UNSAFE = re.compile(r"[^\w .()-]+")
_MOST_LETTERS = 80


class State(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class JobProgress:
    """What became of a job.

    Attributes
    ----------
    rows, share
        Rows answered, and part of the file that is, 0 to 1.
    starts
        How often it was started without having ended, or been stopped, in order.
    columns
        The columns that are used, once they are known.
    cause
        Of a failure, in French.
    resumable
        Whether it failed for want of the geocoder, or of data that can be installed: it can be gone on with.
    offline
        Whether it goes on without the national service, even if that was not asked of it at first.
    """

    state: State = State.QUEUED
    rows: int = 0
    share: float = 0.0
    starts: int = 0
    ended_at: str | None = None
    columns: dict[str, Any] | None = None
    summary: dict[str, Any] | None = None
    cause: str | None = None
    resumable: bool = False
    offline: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {State.DONE, State.FAILED}


@dataclass(frozen=True)
class JobRequest:
    """What is asked about a file: the options of ``qpv batch``, as it names them."""

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
        """The name by which it is asked for; nobody can guess it."""
        return self.path.name

    @property
    def source(self) -> Path:
        """The file that was sent."""
        return self.path / "in" / self.job_request.source

    @property
    def output(self) -> Path:
        """Its answers."""
        return self.path / "out" / self.job_request.output

    @property
    def job_request(self) -> JobRequest:
        """What is asked; `UnknownIdError` where the job was removed."""
        return JobRequest(**self._read("order.json"))

    def set_wish(self, job_request: JobRequest) -> None:
        """Write what is asked."""
        _write(self.path / "order.json", asdict(job_request))

    @property
    def progress(self) -> JobProgress:
        """What became of it; `UnknownIdError` where the job was removed."""
        known = {one.name for one in fields(JobProgress)}
        said = self._read("state.json")
        found = JobProgress(**{name: value for name, value in said.items() if name in known})
        return replace(found, state=State(found.state))

    def set_progress(self, progress: JobProgress) -> None:
        """Write what became of it, at once or not at all."""
        _write(self.path / "state.json", asdict(progress))

    def end(self, progress: JobProgress) -> None:
        """Write the end of it, and remove what is of no more use: the file that was sent, and half-made answers."""
        self.set_progress(replace(progress, ended_at=_now().isoformat(timespec="seconds")))
        if progress.resumable:
            return
        shutil.rmtree(self.path / "in", ignore_errors=True)
        if progress.state is State.FAILED:
            shutil.rmtree(self.path / "out", ignore_errors=True)

    def resume(self, *, offline: bool) -> None:
        """Queue it again where it can be gone on with; `offline` has it answered without the national service.

        Raises
        ------
        NotResumableError
            It did not end so, or is being queued again by somebody else.
        UnknownIdError
            It was removed.
        """
        with self._moving() as held:
            progress = self.progress
            if not held or not progress.resumable:
                raise NotResumableError(not_resumable(progress.state.value))
            self.set_progress(JobProgress(offline=offline))

    def expire(self, retention_s: float) -> None:
        """Remove it where its time is over, unless it is being queued again."""
        if not self.is_over(retention_s):
            return
        with self._moving() as held:
            if held and self.is_over(retention_s):
                self.remove()

    def expires_at(self, progress: JobProgress, retention_s: float) -> datetime | None:
        """Return when it is removed; None while it has not ended."""
        if progress.ended_at is None:
            return None
        return datetime.fromisoformat(progress.ended_at) + timedelta(seconds=retention_s)

    def is_over(self, retention_s: float) -> bool:
        """Tell whether it ended so long ago that it is kept no longer."""
        expiry = self.expires_at(self.progress, retention_s)
        return expiry is not None and expiry <= _now()

    def remove(self) -> None:
        """Remove it, so that nobody meets a half of it."""
        aside = self.path.with_name(f".removed-{secrets.token_hex(8)}")
        try:
            self.path.rename(aside)
        except FileNotFoundError:
            return  # another worker was first
        shutil.rmtree(aside, ignore_errors=True)

    @contextmanager
    def _moving(self) -> Iterator[bool]:
        """Keep others from queuing it again or removing it; tells whether nobody else does so."""
        with ExitStack() as stack:
            try:
                held = stack.enter_context(locked(self.path / "resume"))
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
        """Hold the lease for a while, where nobody else does; tells whether it is held."""
        with locked(self.path / "lease") as held:
            yield held


def jobs_folder(home: Path) -> Path:
    """Return the folder of all jobs, that only its owner reads: it holds what people sent."""
    folder = home / "jobs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def jobs_in(folder: Path) -> Iterator[JobFolder]:
    """Return every job, the oldest first."""
    found = [one for one in folder.iterdir() if _ID.fullmatch(one.name)]
    for one in sorted(found, key=_age):
        yield JobFolder(one)


def find_job(folder: Path, job_id: str, retention_s: float) -> JobFolder:
    """Return a job by its id.

    Raises
    ------
    UnknownIdError
        There is none, or none any more.
    """
    job = JobFolder(folder / job_id) if _ID.fullmatch(job_id) else None
    if job is None or job.is_over(retention_s):
        raise UnknownIdError(unknown_job(job_id))
    return job


def new_workspace(folder: Path) -> JobFolder:
    """Return an empty folder to receive a file in; it becomes a job by `accept`."""
    path = folder / f".receiving-{secrets.token_hex(16)}"
    for part in (path, path / "in", path / "out"):
        part.mkdir(mode=0o700)
    return JobFolder(path)


def accept(workspace: JobFolder) -> JobFolder:
    """Turn a workspace into a job, for good: from here on it is answered or said to have failed."""
    workspace.set_progress(JobProgress())
    job = JobFolder(workspace.path.with_name(secrets.token_urlsafe(32)))
    workspace.path.rename(job.path)
    _flush_folder(job.path.parent)
    return job


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Lock a file for a while, where no other process does; tells whether it is. The file stays."""
    with path.open("ab") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def safe_name(name: str) -> str:
    """Return the name of a file that may be written, from one that somebody sent."""
    plain = Path(_UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" ."))
    return f"{plain.stem[:_MOST_LETTERS].strip() or 'fichier'}{plain.suffix[:12]}"


def _age(path: Path) -> float:
    try:
        return path.stat().st_ctime
    except OSError:
        return 0.0


def _write(path: Path, document: dict[str, Any]) -> None:
    beside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    with beside.open("x", encoding="utf-8") as stream:
        json.dump(document, stream, ensure_ascii=False)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)


def _flush_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _now() -> datetime:
    return datetime.now(UTC)
