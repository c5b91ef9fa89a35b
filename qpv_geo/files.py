"""The one way to write a file whole or not at all, to hash it, to lock it and to hide it from other users.

A file is written beside its place, flushed to the disk, then renamed over what stood there. Whatever goes wrong before
the rename (full disk, killed process, error of the writer) leaves what stood there as it was.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import sqlite3
import stat
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows: nothing is locked, and users must avoid two runs at once
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
_USUAL = 0o666
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SQLITE_CAUSES = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_CANTOPEN: errno.ENOENT,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_IOERR: errno.EIO,
}
_PRIMARY = 0xFF
"""Bits of the primary code in an extended SQLite result code."""
_SETTLED_NS = 3_000_000_000
"""Longer than the resolution of the coarsest file timestamps, those of FAT."""

FileState = tuple[int, int, int]


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def replaced(path: Path, *, mode: int | None = None) -> Iterator[Path]:
    """Yield the path of an empty file to write, which takes the place of `path` at the end of the block.

    The file to write is in the same folder and has the same extension. If the block raises, it is removed and `path`
    is left as it was; if the process is killed, it is removed by the next write of `path`. A link stays a link: the
    file it leads to is replaced. A device or a pipe is written directly.

    Parameters
    ----------
    path
        The file to replace or create.
    mode
        Permissions, whatever the umask; by default those of the file replaced, or the usual ones.

    Raises
    ------
    OSError
        It cannot be written; the error names `path`. Errors of SQLite that come from the disk are raised as such too.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        yield target
        return
    _remove_left(target)
    beside = target.with_name(f".{target.stem}.{secrets.token_hex(8)}.partiel{target.suffix}")
    with disk_errors(path, beside):
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, _USUAL if mode is None else mode)
        try:
            _lock(handle, wait=False)  # tells the next writer that this one is alive
            yield beside
            flush(beside)
            if mode is not None:
                beside.chmod(mode)
            elif target.exists():
                beside.chmod(stat.S_IMODE(target.stat().st_mode))
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        finally:
            os.close(handle)


def write_whole(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write a file, as `replaced` does."""
    with replaced(path, mode=mode) as beside:
        beside.write_bytes(content)


def flush(path: Path) -> None:
    """Flush a file, or the entries of a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def disk_errors(path: Path, beside: Path | None = None) -> Iterator[None]:
    """Make errors of the disk name `path` rather than nothing or `beside`; raise those of SQLite as `OSError`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = _SQLITE_CAUSES.get(error.sqlite_errorcode & _PRIMARY)
        if code is None:
            raise
        raise OSError(code, os.strerror(code), str(path)) from error
    except OSError as error:
        if error.filename is None or str(error.filename) == str(beside):  # a full disk names no file
            error.filename = str(path)
        raise


def _remove_left(target: Path) -> None:
    """Remove what killed writers of a file left beside it."""
    for left in target.parent.glob(f".{_escaped(target.stem)}.*.partiel{_escaped(target.suffix)}"):
        with suppress(OSError), left.open("rb") as stream:
            _lock(stream.fileno(), wait=False)  # fails while its writer is alive
            left.unlink()
            for folder in target.parent.glob(f"{_escaped(left.name)}.*"):  # of the writer's own temporary files
                shutil.rmtree(folder)


def _escaped(text: str) -> str:
    return "".join(f"[{one}]" if one in "*?[" else one for one in text)


# ── Hashing ──────────────────────────────────────────────────────────────────────────────────────────────────


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────


class FileListing:
    """The files of a folder that have a suffix, but for hidden ones, which are still being written.

    Parameters
    ----------
    folder
        The folder; it need not exist.
    suffix
        End of the names, such as ``.json``.
    """

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder, self._suffix = str(folder), suffix
        self._known: tuple[int, tuple[str, ...]] | None = None

    def stems(self) -> tuple[str, ...]:
        """Return the names without the suffix, in alphabetical order; read again only once the folder has changed."""
        try:
            changed = os.stat(self._folder).st_mtime_ns  # noqa: PTH116 - faster, and every question asks for this
        except FileNotFoundError:
            return ()
        known = self._known
        if known is not None and known[0] == changed:
            return known[1]
        names = os.listdir(self._folder)  # noqa: PTH208 - a tenth of the time of a glob
        mine = (name.removesuffix(self._suffix) for name in names if name.endswith(self._suffix) and name[0] != ".")
        found = tuple(sorted(mine))
        # a folder that changed just now may change again without a new timestamp
        self._known = (changed, found) if abs(time.time_ns() - changed) > _SETTLED_NS else None
        return found


def file_state(path: str) -> FileState | None:
    """Return a value that changes when the file is replaced, or None if it does not exist."""
    try:
        state = os.stat(path)  # noqa: PTH116 - see `FileListing.stems`
    except OSError:
        return None
    return state.st_mtime_ns, state.st_ino, state.st_size


def sha256_of(paths: Iterable[Path]) -> str:
    """Return the sha256 of the contents of files, one after the other, in hexadecimal."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


# ── Locking ──────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[bool]:
    """Lock a file, created if missing and kept; yield whether it is locked.

    Without `wait`, a file locked by another process is not locked, and the block runs all the same. On Windows nothing
    is locked.
    """
    with path.open("ab") as stream:
        try:
            _lock(stream.fileno(), wait=wait)
        except BlockingIOError:
            yield False
        else:
            yield True


def _lock(handle: int, *, wait: bool) -> None:
    if fcntl is not None:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


# ── Hiding from other users what people asked, and where they live ───────────────────────────────────────────


def private_folder(folder: Path) -> None:
    """Ensure that a folder exists and that only its owner can enter it; create its parents as usual."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(PRIVATE_FOLDER, exist_ok=True)
    _close_to_others(folder, PRIVATE_FOLDER)


def private_file(path: Path) -> None:
    """Ensure that a file exists, empty if new, and that only its owner can read it."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
    _close_to_others(path, PRIVATE)


def _close_to_others(path: Path, mode: int) -> None:
    now = stat.S_IMODE(path.stat().st_mode)
    if now & _OTHERS or now & mode != mode:
        with suppress(OSError):  # owned by another user, who decides, or on a read-only disk
            path.chmod(mode)
