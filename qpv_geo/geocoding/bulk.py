"""Find many addresses: each as `qpv_geo.geocoding.resolve.resolve` does, as far as a verdict can tell.

Offline indexes are searched on all cores. Addresses that they don't settle go to the national service in files of many
rows, which give the best candidate of each and the score of the next. Where another candidate could be meant, the
address is asked again on its own, with all its candidates. Other services, whose files say less, are asked for one
address at a time. Cached answers are used first. Answers to single questions are cached; those of a file are not, for
they hold fewer candidates than a single check may need.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from qpv_geo.errors import MissingError, RemoteError
from qpv_geo.geocoding.cache import CachedGeocoder
from qpv_geo.geocoding.chain import Chain, is_settled, several_asked, wants_numbers, with_numbers
from qpv_geo.geocoding.chain import ask as ask_geocoder
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.resolve import CANDIDATES, concluded, is_commune_only
from qpv_geo.geocoding.workers import Search, Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from qpv_geo.geocoding.protocol import Candidate, Geocoder, Query
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.geocoding.service_answers import Best
    from qpv_geo.geocoding.workers import Answer

    Known = Mapping[Query, Sequence[Candidate]]
    """The addresses still to find, with what the geocoders asked before found for each."""

_T = TypeVar("_T")

MANY = 1_000
"""Addresses from which processes are worth starting, which takes a tenth of a second: as finding these does here."""

_SLICE = 250
"""Addresses given to a process at once: some 30 ms of work."""

_HOMONYMS_WITHIN = 0.1
"""How near to the best of a file the next one must come to be another place of the same name."""

_AT_ONCE = 4
"""Single questions on their way to a service: with answers in 100 ms, as many as its limit of requests takes."""


class BulkResolver:
    """Finds many addresses with a chain of geocoders; its processes serve call after call, until closed.

    Parameters
    ----------
    geocoders
        Those that are not offline indexes are asked from several threads.
    workers
        Most processes that search the offline indexes, by default one a core; with 1, all is done in this process.
    """

    def __init__(self, geocoders: Chain, *, workers: int | None = None) -> None:
        self._chain = geocoders
        self._count = _cores() if workers is None else workers
        self._workers = Workers(self._count)
        self._numbered = Chain([one for one in geocoders.geocoders if isinstance(one, OfflineIndex)])

    def resolve(self, queries: Iterable[Query]) -> Iterator[tuple[Query, GeocodingResult | MissingError]]:
        """Find addresses, and yield the result of each as it comes, in no particular order.

        Searching starts with this call, not with the first result that is read. A result doesn't depend on the other
        queries. It is a `MissingError`, yielded and not raised, where offline no index is installed.

        Parameters
        ----------
        queries
            Each at most once, as `qpv_geo.geocoding.protocol.make_query` returns them.

        Raises
        ------
        RemoteError
            A service failed, or refused: all that was found before has been yielded.
        WorkerError
            A process was ended from outside.
        IntegrityError
            An index, or the cache of answers, cannot be read.
        """
        communes: list[Query] = []
        addresses: dict[Query, Sequence[Candidate]] = {}
        for query in queries:
            if is_commune_only(query):
                communes.append(query)
            else:
                addresses[query] = ()
        return chain(((query, self._concluded(query, (), ())) for query in communes), self._addresses(addresses))

    def close(self) -> None:
        """End the processes."""
        self._workers.close()

    def _addresses(self, known: Known) -> Iterator[tuple[Query, GeocodingResult | MissingError]]:
        steps = self._chain.steps()
        if not steps:
            return ((query, self._concluded(query, (), ())) for query in known)
        return self._stepwise(steps, self._answers(steps[0], known, is_last=len(steps) == 1))

    def _stepwise(
        self, steps: Sequence[Sequence[Geocoder]], answers: Iterator[tuple[Query, Answer]]
    ) -> Iterator[tuple[Query, GeocodingResult | MissingError]]:
        for k, _ in enumerate(steps):
            left: dict[Query, Sequence[Candidate]] = {}
            following = steps[k + 1 :]
            for query, (candidates, numbers) in answers:
                if not following or is_settled(with_numbers(query, candidates, numbers)[0]):
                    yield query, self._concluded(query, candidates, numbers)
                else:
                    left[query] = candidates
            if following:
                answers = self._answers(following[0], left, is_last=len(following) == 1)

    def _answers(self, step: Sequence[Geocoder], known: Known, *, is_last: bool) -> Iterator[tuple[Query, Answer]]:
        first, *others = step
        if others or isinstance(first, OfflineIndex):
            return self._search(Search(Chain(step), self._numbered, is_last, CANDIDATES), known)
        return self._ask(first, known)

    def _concluded(
        self,
        query: Query,
        candidates: Sequence[Candidate],
        numbers: Sequence[Candidate],
    ) -> GeocodingResult | MissingError:
        try:
            return concluded(query, candidates, numbers, self._chain)
        except MissingError as error:
            return error

    # ── Offline indexes ──────────────────────────────────────────────────────────────────────────────────────

    def _search(self, search: Search, known: Known) -> Iterator[tuple[Query, Answer]]:
        if self._count == 1 or len(known) < MANY:
            return ((query, search.answer(query, candidates)) for query, candidates in known.items())
        questions = list(known.items())
        slices = [questions[k : k + _SLICE] for k in range(0, len(questions), _SLICE)]
        return self._searched_apart({self._workers.submit(search, some): some for some in slices})

    @staticmethod
    def _searched_apart(
        given: dict[Future[list[Answer]], list[tuple[Query, Sequence[Candidate]]]],
    ) -> Iterator[tuple[Query, Answer]]:
        try:
            for done in as_completed(given):
                for (query, _), answer in zip(given.pop(done), done.result(), strict=True):
                    yield query, answer
        finally:
            for future in given:  # of a process that failed, or a caller who wants no more
                future.cancel()

    # ── Services ─────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, geocoder: Geocoder, known: Known) -> Iterator[tuple[Query, Answer]]:
        for query, found in _asked(geocoder, known, self._chain):
            candidates = self._chain.compared(query, [*known[query], *found], CANDIDATES)
            numbers = self._numbered.street_numbers(candidates[0]) if wants_numbers(query, candidates) else ()
            yield query, (candidates, numbers)


def _asked(geocoder: Geocoder, known: Known, chain: Chain) -> Iterator[tuple[Query, Sequence[Candidate]]]:
    """Ask a service, and give what it found of each address: all its candidates, or enough of them."""
    from qpv_geo.geocoding.geoplateforme import CHUNK_ROWS, NationalGeocoder  # noqa: PLC0415 - not needed offline

    left = list(known)
    if isinstance(geocoder, CachedGeocoder):
        kept = dict(zip(left, geocoder.kept(left, limit=CANDIDATES), strict=True))
        yield from ((query, found) for query, found in kept.items() if found is not None)
        left = [query for query, found in kept.items() if found is None]
    service = geocoder.geocoder if isinstance(geocoder, CachedGeocoder) else geocoder
    if not isinstance(service, NationalGeocoder) or not service.is_national:
        yield from _asked_alone(geocoder, left)
        return
    several = [query for query in left if several_asked(query) is not None]
    yield from _asked_alone(geocoder, several)
    left = [query for query in left if query not in set(several)]
    for start in range(0, len(left), CHUNK_ROWS):
        alone = []
        chunk = left[start : start + CHUNK_ROWS]
        for query, best in zip(chunk, service.search_many(chunk), strict=True):
            if _says_all(query, best, chain):
                yield query, [best.candidate] if best else []
            else:
                alone.append(query)
        yield from _asked_alone(geocoder, alone)


def _says_all(query: Query, best: Best | None, chain: Chain) -> bool:
    """Tell whether a file tells all that counts of an address: nothing, or the very address that no other comes near.

    A score says nothing of firmness: where the best is another address, the one asked may be below it; and homonyms
    have nearly the same score.
    """
    if best is None or best.next_score == 0:
        return True
    if best.next_score is None or best.next_score >= best.candidate.score - _HOMONYMS_WITHIN:
        return False
    return is_settled(chain.compared(query, [best.candidate], CANDIDATES))


def _asked_alone(geocoder: Geocoder, queries: Sequence[Query]) -> Iterator[tuple[Query, Sequence[Candidate]]]:
    """Ask for addresses one at a time, from a few threads; the rate is kept by the service's own limiter."""
    yield from one_at_a_time(lambda query: ask_geocoder(geocoder, query, limit=CANDIDATES), queries)


def one_at_a_time(ask: Callable[[Query], _T], queries: Sequence[Query]) -> Iterator[tuple[Query, _T]]:
    """Ask one question at a time in each of a few threads, and give the answers as they come.

    A failure stops the asking, and is raised once what was on its way has been given.
    """
    is_over = threading.Event()

    def unless_over(query: Query) -> _T | RemoteError | None:
        if is_over.is_set():
            return None
        try:
            return ask(query)
        except RemoteError as error:
            is_over.set()
            return error

    failure: RemoteError | None = None
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        asked = {threads.submit(unless_over, query): query for query in queries}
        try:
            for done in as_completed(asked):
                found = done.result()
                if isinstance(found, RemoteError):
                    failure = failure or found
                elif found is not None:
                    yield asked[done], found
        finally:
            is_over.set()
    if failure is not None:
        raise failure


def _cores() -> int:
    """Return how many cores this process may use, where the system says."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
