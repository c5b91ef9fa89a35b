"""A folder that threads work in for a request."""

from __future__ import annotations

import shutil
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Returned = TypeVar("Returned")


class LentFolder:
    """A folder that is removed once its request is over and the last thread that works in it has ended.

    A request that is cancelled or times out leaves its threads behind: they cannot be stopped from outside.

    Attributes
    ----------
    is_over
        Whether the request is over: what a thread still does there is for nobody.
    is_removed
        Whether the folder has been removed.
    """

    def __init__(self, path: Path) -> None:
        self.is_over = self.is_removed = False
        self._path, self._lock, self._users = path, threading.Lock(), 1  # the request

    def run(self, call: Callable[..., Returned], *arguments: Any) -> Returned:  # noqa: ANN401 - those of the call
        """Run a call that uses the folder, in the thread that this is called in."""
        with self._lock:
            self._users += 1
        try:
            return call(*arguments)
        finally:
            self._leave()

    def give_back(self) -> None:
        """Say that the request is over."""
        self.is_over = True
        self._leave()

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            is_last = self._users == 0
        if is_last:
            with suppress(OSError):
                shutil.rmtree(self._path)
            self.is_removed = True
