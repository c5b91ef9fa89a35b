"""Show the progress of a long command: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import click

from qpv_geo import messages as msg
from qpv_geo.cli.show import echo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qpv_geo.connections import Progress

_LINE_EVERY_S = 5.0
_PACE_OVER_S = 30.0
_STEPS = 1000


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """Show a bar on a terminal, and one line elsewhere; both on standard error."""
    if not _on_terminal():
        echo(title, err=True)
        yield lambda done, total: None  # noqa: ARG005 - a progress that nobody watches
        return
    with _bar(title) as show:

        def watch(done: int, total: int | None) -> None:
            share = done / total if total else 0.0
            show(share, msg.perimeters.downloaded(share) if total else "")

        yield watch


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
    with _bar("") as show:
        yield _Bar(show)


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
    def __init__(self, show: Callable[[float, str], None]) -> None:
        super().__init__()
        self._show = show

    def _told(self, text: str, share: float) -> None:
        self._show(share, text)


class _Lines(_Rate):
    def __init__(self) -> None:
        super().__init__()
        self._last = self._start

    def _told(self, text: str, share: float) -> None:
        now = time.monotonic()
        if now - self._last >= _LINE_EVERY_S or (share >= 1 and self._last > self._start):
            self._last = now
            echo(text, err=True)


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()  # None if it is closed


@contextmanager
def _bar(title: str) -> Iterator[Callable[[float, str], None]]:
    """Show a bar on standard error; what is yielded sets its share, 0 to 1, and the text beside it."""
    template = "%(label)s [%(bar)s] %(info)s" if title else "[%(bar)s] %(info)s"
    with click.progressbar(
        length=_STEPS, label=title, file=sys.stderr, show_percent=False, show_eta=bool(title),
        item_show_func=lambda text: text, bar_template=template,
    ) as bar:  # fmt: skip

        def show(share: float, text: str) -> None:
            bar.current_item = text
            bar.make_step(round(share * _STEPS) - bar.pos)
            bar.render_progress()

        yield show
