"""Search address indexes on all cores, in processes that open the indexes themselves and receive batches of queries.

Searching is mostly Python, which holds the GIL: threads would wait for one another. A worker is a new run of this
interpreter that reads pickled tasks from one pipe and writes pickled answers to another. Unlike those of
`concurrent.futures.ProcessPoolExecutor` it does not run the caller's script again (which needs an
``if __name__ == "__main__"``, and fails if the script came from a pipe), and it ends when its pipe closes, after its
current task at the latest, whatever signal kills its parent. The package loky (3.7) was tried in its place and does
worse: its four idle processes were still there 25 s after a SIGKILL or SIGTERM of the parent, two workers took 2.9 s to
start for 0.9 s here (same busy machine of two cores), and 60,000 addresses 118 s for 38 to 57 s, in as much memory.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import QpvGeoError
from qpv_geo.geocoding.chain import Chain, is_settled, wants_numbers
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.published import PublishedPlaces, published_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future

    from qpv_geo.geocoding.protocol import Candidate, Query

    Answer = tuple[Sequence[Candidate], Sequence[Candidate]]
    """Candidates, best first, and the house numbers of the best where it is a street that needs no more searching."""

_COMMAND = ("-P", "-c", "from qpv_geo.geocoding.workers import work; work()")
"""``-P`` does not add the current folder to the path: its files may have the names of modules."""

_ENDING_S = 1.0
_RARELY = 200_000


class WorkerError(QpvGeoError, RuntimeError):
    """A worker ended before it had answered."""


# ── What is asked ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Search:
    """A search in some offline indexes of a chain, which another geocoder may follow.

    Attributes
    ----------
    chain
        The indexes to search.
    numbered
        All the indexes at hand, which know the words of streets and may know the house numbers of one.
    is_last
        Whether no other geocoder follows.
    limit
        Most candidates per address.
    """

    chain: Chain
    numbered: Chain
    is_last: bool
    limit: int

    def answer(self, query: Query, known: Sequence[Candidate]) -> Answer:
        """Search for an address, given the candidates already known."""
        candidates = self.chain.search(query, limit=self.limit, known=known, knows=self.numbered.knows)
        wanted = (self.is_last or is_settled(candidates)) and wants_numbers(query, candidates)
        return candidates, self.numbered.street_numbers(candidates[0]) if wanted else ()


@dataclass(frozen=True)
class _Index:
    """Where a worker finds an index that its parent has opened."""

    path: Path
    is_published: bool


@dataclass(frozen=True)
class _SearchTask:
    """A `Search` without its indexes, and the addresses to search for, each with its known candidates."""

    chain: tuple[_Index, ...]
    numbered: tuple[_Index, ...]
    is_last: bool
    limit: int
    questions: Sequence[tuple[Query, Sequence[Candidate]]]

    def answers(self) -> list[Answer]:
        search = Search(_opened(self.chain), _opened(self.numbered), self.is_last, self.limit)
        return [search.answer(query, known) for query, known in self.questions]


def _task(search: Search, questions: Sequence[tuple[Query, Sequence[Candidate]]]) -> _SearchTask:
    chain, numbered = (
        tuple(
            _Index(one.path, isinstance(one, PublishedPlaces))
            for one in chain.geocoders
            if isinstance(one, OfflineIndex)
        )
        for chain in (search.chain, search.numbered)
    )
    return _SearchTask(chain, numbered, search.is_last, search.limit, questions)


@cache
def _opened(indexes: tuple[_Index, ...]) -> Chain:
    return Chain([_open(one) for one in indexes])


@cache
def _open(index: _Index) -> OfflineIndex:
    return published_places(index.path.parent) if index.is_published else OfflineIndex(index.path)


# ── The parent ───────────────────────────────────────────────────────────────────────────────────────────────


class Workers:
    """Search processes, started on demand and kept until closed.

    Parameters
    ----------
    count
        Most processes.
    """

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="qpv-geo-worker")
        self._lock = threading.Lock()
        self._idle: list[subprocess.Popen[bytes]] = []
        self._alive: list[subprocess.Popen[bytes]] = []
        self._is_closed = False

    def submit(self, search: Search, questions: Sequence[tuple[Query, Sequence[Candidate]]]) -> Future[list[Answer]]:
        """Search for addresses in another process.

        Parameters
        ----------
        search
            What to search.
        questions
            The addresses, each with its known candidates.

        Returns
        -------
        Future
            One answer per address, in the same order; or the error of the indexes, or a `WorkerError`.
        """
        return self._threads.submit(self._ask, _task(search, questions))

    def close(self) -> None:
        """Kill the processes, whatever they are doing: they only read."""
        with self._lock:
            self._is_closed = True
            ended, self._alive, self._idle = self._alive, [], []
        for process in ended:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in ended:
            _bury(process)

    def _ask(self, task: _SearchTask) -> list[Answer]:
        process = self._take()
        try:
            answer = _exchange(process, task)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise WorkerError(msg.address_errors.worker_ended(_end(process))) from error
        with self._lock:
            self._idle.append(process)
        if isinstance(answer, QpvGeoError):
            raise answer
        return answer

    def _take(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._is_closed:
                raise WorkerError(msg.address_errors.worker_ended(None))
            while self._idle:
                process = self._idle.pop()
                if process.poll() is None:
                    return process
            process = _start()
            self._alive.append(process)
            return process


def _start() -> subprocess.Popen[bytes]:
    path = os.pathsep.join(str(Path(folder).absolute()) for folder in sys.path)
    return subprocess.Popen(  # noqa: S603 - this interpreter, with fixed arguments
        (sys.executable, *_COMMAND),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
        start_new_session=True,  # Ctrl-C is the parent's business
    )


def _exchange(process: subprocess.Popen[bytes], task: _SearchTask) -> list[Answer] | QpvGeoError:
    asked, answered = process.stdin, process.stdout
    assert asked is not None and answered is not None  # noqa: S101, PT018 - both are pipes
    _write(asked, task)
    answer: list[Answer] | QpvGeoError = pickle.load(answered)  # noqa: S301 - what our own process wrote
    return answer


def _write(stream: IO[bytes], what: object) -> None:
    pickle.dump(what, stream, pickle.HIGHEST_PROTOCOL)
    stream.flush()


def _end(process: subprocess.Popen[bytes]) -> int:
    """Return the exit code of a process that has hung up; kill it if it doesn't end."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.wait(_ENDING_S)
    process.kill()
    return process.wait()


def _bury(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):  # what was not yet written has nowhere to go
                stream.close()
    process.wait()


# ── The worker ───────────────────────────────────────────────────────────────────────────────────────────────


def work() -> None:
    """Answer tasks until the parent closes a pipe or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where there are no sessions, Ctrl-C reaches every process
    gc.set_threshold(_RARELY)  # thousands of candidates, without reference cycles
    tasks, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr
    while True:
        with _until_hung_up():
            task = pickle.load(tasks)  # noqa: S301 - what our own parent wrote
        answer = _answer(task)
        with _until_hung_up():
            _write(answers, answer)


@contextlib.contextmanager
def _until_hung_up() -> Iterator[None]:
    """End the process if the parent has closed its pipe or is dead: nothing is left to flush or report."""
    try:
        yield
    except (EOFError, OSError, pickle.UnpicklingError):
        os._exit(0)


def _answer(task: _SearchTask) -> list[Answer] | QpvGeoError:
    try:
        return task.answers()
    except QpvGeoError as error:
        return error
