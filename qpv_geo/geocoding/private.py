"""Restrict files that show what people asked, or where they live, to the current user, whatever the umask."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE, FOLDER = 0o600, 0o700
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def private_folder(folder: Path) -> None:
    """Ensure that a folder exists and that only its owner can enter it; create its parents as usual."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(FOLDER, exist_ok=True)
    _close_to_others(folder, FOLDER)


def private_file(path: Path) -> None:
    """Ensure that a file exists, empty if new, and that only its owner can read it."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE))
    _close_to_others(path, FILE)


def _close_to_others(path: Path, mode: int) -> None:
    now = stat.S_IMODE(path.stat().st_mode)
    if now & _OTHERS or now & mode != mode:
        with suppress(OSError):  # owned by another user, who decides, or on a read-only disk
            path.chmod(mode)
