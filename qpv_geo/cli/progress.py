"""Show the progress of a long command: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import click

from qpv_geo import messages as msg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qpv_geo.remote import DownloadProgress
    from qpv_geo.untyped import AnyValue

_LINE_EVERY_S = 5.0
_PACE_OVER_S = 30.0


@contextmanager
def progress_bar(title: str) -> Iterator[DownloadProgress]:
    """Show a bar on a terminal, and one line elsewhere; both on standard error."""
    if not _on_terminal():
        click.echo(title, err=True)
        yield lambda done, total: None  # noqa: ARG005 - a progress that nobody watches
        return
    with _bar("{task.percentage:>3.0f} %") as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class RowsProgress(Protocol):
    """Receives the progress of the rows of a file."""

    def rows(self, done: int, share: float) -> None:
        """Report the number of rows done, and the share of the file read, 0 to 1."""
        ...

    def part(self, found: int, wanted: int) -> None:
        """Report the number of addresses found among those wanted for the next rows."""
        ...


@contextmanager
def rows_progress() -> Iterator[RowsProgress]:
    """Show rows done, their rate and the time left: as a bar on a terminal, as occasional lines elsewhere."""
    if not _on_terminal():
        yield _Lines()
        return
    with _bar("{task.fields[told]}") as bar:
        yield _Bar(bar)


class _Rate:
    """Computes the progress of rows: their number, their rate, and the time left."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._done, self._share = 0, 0.0
        self._step = (0, 0.0)
        self._marks = deque([(self._start, 0.0, 0.0)])

    def rows(self, done: int, share: float) -> None:
        self._step = (done - self._done, share - self._share)
        self._done, self._share = done, share
        self._told(msg.batch.progress(done, *self._pace(done, share)), share)

    def part(self, found: int, wanted: int) -> None:
        """Show progress within a block, assumed to have as many rows as the last one."""
        part = found / max(wanted, 1)
        done, share = self._done + part * self._step[0], min(1.0, self._share + part * self._step[1])
        self._told(msg.batch.finding(self._done, found, wanted, *self._pace(done, share)), share)

    def _pace(self, done: float, share: float) -> tuple[float, float | None]:
        """Return the rows per second, and the seconds left or None if unknown.

        Measured over the last `_PACE_OVER_S` seconds: rows kept by a stopped run take no time and would distort it.
        """
        now = time.monotonic()
        while len(self._marks) > 1 and now - self._marks[0][0] > _PACE_OVER_S:
            self._marks.popleft()
        since, rows_then, share_then = self._marks[0]
        self._marks.append((now, done, share))
        seconds, gained = max(now - since, 1e-3), share - share_then
        return (done - rows_then) / seconds, seconds * (1 - share) / gained if gained > 0 else None

    def _told(self, text: str, share: float) -> None:
        raise NotImplementedError


class _Bar(_Rate):
    def __init__(self, bar: AnyValue) -> None:
        super().__init__()
        self._bar, self._task = bar, bar.add_task("", total=1.0, told="")

    def _told(self, text: str, share: float) -> None:
        self._bar.update(self._task, completed=share, told=text)


class _Lines(_Rate):
    def __init__(self) -> None:
        super().__init__()
        self._last = self._start

    def _told(self, text: str, share: float) -> None:
        now = time.monotonic()
        if now - self._last >= _LINE_EVERY_S or (share >= 1 and self._last > self._start):
            self._last = now
            click.echo(text, err=True)


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()  # None if it is closed


def _bar(told: str) -> AnyValue:
    from rich.console import Console  # noqa: PLC0415 - heavy, and for terminals only
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), TextColumn(told)]
    columns += [] if "told" in told else [TimeRemainingColumn()]
    return Progress(*columns, console=Console(stderr=True), transient=True)
