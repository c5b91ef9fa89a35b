"""Files that tell what people asked, or where they live: for the user who runs this, whatever the umask."""

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
    """Make sure of a folder that only its owner enters; those above it are made as usual."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(FOLDER, exist_ok=True)
    _close_to_others(folder, FOLDER)


def private_file(path: Path) -> None:
    """Make sure of a file, empty where there was none, that only its owner reads."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE))
    _close_to_others(path, FILE)


def _close_to_others(path: Path, mode: int) -> None:
    now = stat.S_IMODE(path.stat().st_mode)
    if now & _OTHERS or now & mode != mode:
        with suppress(OSError):  # of another user, who decides, or on a disk that can't be written
            path.chmod(mode)
