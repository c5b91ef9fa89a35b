"""Read and write a table in threads of their own while its rows are answered; libraries release the interpreter."""

from __future__ import annotations

import gc
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    import pyarrow as pa

    from qpv_geo.tables.protocol import RowBatch, Sheet, Writer

_T = TypeVar("_T")
_COLLECTED_AFTER = 200_000


def _one_thread() -> ThreadPoolExecutor:
    """Return a pool of one thread, which runs: one that an interrupt leaves half started is forgotten, and works on."""
    pool = ThreadPoolExecutor(1)
    pool.submit(int).result()
    return pool


def read_ahead(items: Iterator[_T]) -> Iterator[_T]:
    """Yield items, the next one being made while the last is used; they are all made and closed in one thread."""
    with _one_thread() as thread:
        try:
            coming = thread.submit(next, items, None)
            while (item := coming.result()) is not None:
                coming = thread.submit(next, items, None)
                yield item
        finally:
            if isinstance(items, Generator):
                thread.submit(items.close).result()


def working_behind(items: Iterator[_T], work: Callable[[_T], None]) -> Iterator[_T]:
    """Yield items, some work being done on each in a thread while it is used; it ends before the next is yielded."""
    with _one_thread() as thread:
        working: Future[None] | None = None
        for item in items:
            if working is not None:
                working.result()
            working = thread.submit(work, item)
            yield item
        if working is not None:
            working.result()


class WriteBehind:
    """A writer that works in a thread, a block behind its caller; see `qpv_geo.tables.protocol.Writer`.

    Parameters
    ----------
    opened
        Opens the writer, in the thread. An error of `write` is raised by the call that follows.
    """

    def __init__(self, opened: Callable[[], Writer]) -> None:
        self._thread = _one_thread()
        self._writing: Future[None] | None = None
        try:
            self._writer = self._thread.submit(opened).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def write(self, block: RowBatch, extra: pa.RecordBatch) -> None:
        """Wait until the last block is written, and start with this one."""
        self._wait()
        self._writing = self._thread.submit(self._writer.write, block, extra)

    def finish(self, sheets: Sequence[Sheet] = ()) -> None:
        """Write what is left and close the file."""
        self._wait()
        self._thread.submit(self._writer.finish, sheets).result()
        self._thread.shutdown()

    def abort(self) -> None:
        """Close the file, whatever state it is in."""
        self._thread.submit(self._writer.abort).result()
        self._thread.shutdown()

    def _wait(self) -> None:
        if self._writing is not None:
            writing, self._writing = self._writing, None
            writing.result()


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Run the garbage collector less often: a block contains very many objects and no reference cycles."""
    thresholds = gc.get_threshold()
    gc.set_threshold(_COLLECTED_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
