"""Find many addresses: for each what `qpv_geo.eligibility.finding.find` finds, as far as its verdict can tell.

Offline indexes are searched on all cores. What they are not sure of goes to the national service in files of many
rows, which tell of each the best candidate and the score of the next; where another could be plausible too, the
address is asked again on its own, with all its candidates. Another service, whose files say less, is asked for one
address at a time. Kept answers are used first and single ones are kept; what a file settles is not, for it settles it
beside what the indexes found and with the thresholds of the day, and a single check may have others.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Self

from qpv_geo.eligibility.address import Found, plausible
from qpv_geo.eligibility.finding import CANDIDATES, is_ignorant
from qpv_geo.errors import MissingError, RemoteError
from qpv_geo.geocoding.cache import CachedGeocoder
from qpv_geo.geocoding.chain import Chain, is_street, is_sure, merged
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.workers import Search, Workers
from qpv_geo.texts import address_errors as say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from qpv_geo.geocoding.protocol import Candidate, Geocoder, Query
    from qpv_geo.geocoding.service_answers import Best
    from qpv_geo.geocoding.workers import Answer
    from qpv_geo.model import Thresholds
    from qpv_geo.settings import Settings

    Known = Mapping[Query, Sequence[Candidate]]
    """The addresses still to find, with what the geocoders before found of each."""

MANY = 1_000
"""Addresses from which processes are worth starting, which takes a tenth of a second: as finding these does here."""

_SLICE = 250
"""Addresses given to a process at once: some 30 ms of work."""

_AT_ONCE = 4
"""Single questions on their way to a service: with answers in 100 ms, as many as its limit of requests takes."""


class Finder:
    """Finds addresses with the geocoders of a chain; a context manager, whose processes serve call after call.

    Parameters
    ----------
    geocoder
        See `qpv_geo.eligibility.finding.geocoder_of`. Geocoders that are not offline indexes are asked from several
        threads.
    settings
        The thresholds.
    workers
        Most processes that search the offline indexes, by default one a core; with 1, all is done in this process.
    """

    def __init__(self, geocoder: Chain, settings: Settings, *, workers: int | None = None) -> None:
        self._chain = geocoder
        self._name = geocoder.name
        self._thresholds = settings.thresholds
        self._count = _cores() if workers is None else workers
        self._workers = Workers(self._count)
        self._numbered = Chain([one for one in geocoder.geocoders if isinstance(one, OfflineIndex)])

    def find(self, queries: Iterable[Query]) -> Iterator[tuple[Query, Found | MissingError]]:
        """Find addresses, and give what is found of each as it comes: once a query, in no order that can be relied on.

        What is given of a query is the same whatever the others are. It is a `MissingError`, not raised, where offline
        nothing at hand knows the place: that is not an answer, and stops nothing.

        Parameters
        ----------
        queries
            As `qpv_geo.geocoding.protocol.make_query` makes them.

        Raises
        ------
        RemoteError
            A service failed, or refused: all that was found before has been given.
        WorkerError
            A process was ended from outside.
        IntegrityError
            An index, or the file of kept answers, cannot be read.
        """
        known: Known = dict.fromkeys(queries, ())
        steps = _steps(self._chain)
        for step in steps:
            left: dict[Query, Sequence[Candidate]] = {}
            for query, (candidates, numbers) in self._answers(step, known, is_last=step is steps[-1]):
                if step is steps[-1] or is_sure(candidates):
                    yield query, self._concluded(query, candidates, numbers)
                else:
                    left[query] = candidates
            known = left
        for query in known:  # of a chain of no geocoder
            yield query, self._concluded(query, (), ())

    def close(self) -> None:
        """End the processes."""
        self._workers.close()

    def __enter__(self) -> Self:
        """Return itself; processes start when there is enough to find."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self.close()

    def _answers(self, step: Chain | Geocoder, known: Known, *, is_last: bool) -> Iterator[tuple[Query, Answer]]:
        if isinstance(step, Chain):
            return self._search(Search(step, self._numbered, is_last, CANDIDATES), known)
        return self._ask(step, known)

    def _concluded(
        self, query: Query, candidates: Sequence[Candidate], numbers: Sequence[Candidate]
    ) -> Found | MissingError:
        if is_ignorant(query, self._chain, candidates, self._thresholds.sure_min_score):
            return MissingError(say.nothing_offline(query.text))
        return Found(query, tuple(candidates), tuple(numbers), self._name)

    # ── Offline indexes ──────────────────────────────────────────────────────────────────────────────────────

    def _search(self, search: Search, known: Known) -> Iterator[tuple[Query, Answer]]:
        if self._count > 1 and len(known) >= MANY:
            yield from self._search_apart(search, list(known.items()))
        else:
            for query, candidates in known.items():
                yield query, search.answer(query, candidates)

    def _search_apart(
        self, search: Search, questions: list[tuple[Query, Sequence[Candidate]]]
    ) -> Iterator[tuple[Query, Answer]]:
        slices = [questions[k : k + _SLICE] for k in range(0, len(questions), _SLICE)]
        given = {self._workers.submit(search, some): some for some in slices}
        try:
            for done in as_completed(given):
                for (query, _), answer in zip(given.pop(done), done.result(), strict=True):
                    yield query, answer
        finally:
            for future in given:  # of a process that failed, or a caller who wants no more
                future.cancel()

    # ── Services ─────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, geocoder: Geocoder, known: Known) -> Iterator[tuple[Query, Answer]]:
        for query, found in _asked(geocoder, known, self._thresholds):
            candidates = merged([*known[query], *found], CANDIDATES)
            numbers = self._numbered.street_numbers(candidates[0]) if is_street(candidates) else ()
            yield query, (candidates, numbers)


def _asked(geocoder: Geocoder, known: Known, thresholds: Thresholds) -> Iterator[tuple[Query, Sequence[Candidate]]]:
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
    for start in range(0, len(left), CHUNK_ROWS):
        alone = []
        chunk = left[start : start + CHUNK_ROWS]
        for query, best in zip(chunk, service.search_many(chunk), strict=True):
            if _is_settled(query, best, known[query], thresholds):
                yield query, [best.candidate] if best else []
            else:
                alone.append(query)
        yield from _asked_alone(geocoder, alone)


def _is_settled(query: Query, best: Best | None, known: Sequence[Candidate], thresholds: Thresholds) -> bool:
    """Tell whether no candidate that a file leaves out can be plausible: the next one is not."""
    if best is None:
        return True
    if best.next_score is None:
        return False
    following = replace(best.candidate, score=best.next_score)
    return following not in plausible(Found(query, (*known, best.candidate, following)), thresholds)


def _asked_alone(geocoder: Geocoder, queries: Sequence[Query]) -> Iterator[tuple[Query, Sequence[Candidate]]]:
    """Ask for addresses one at a time, from a few threads; the rate is kept by the service's own limiter.

    A failure stops the asking, and is raised once what was on its way has been given.
    """
    is_over = threading.Event()

    def ask(query: Query) -> Sequence[Candidate] | RemoteError | None:
        if is_over.is_set():
            return None
        try:
            return geocoder.search(query, limit=CANDIDATES)
        except RemoteError as error:
            is_over.set()
            return error

    failure: RemoteError | None = None
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        asked = {threads.submit(ask, query): query for query in queries}
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


def _steps(chain: Chain) -> list[Chain | Geocoder]:
    """Return the geocoders of a chain in their order, offline indexes that follow one another together."""
    steps: list[Chain | Geocoder] = []
    for are_offline, some in groupby(chain.geocoders, lambda one: isinstance(one, OfflineIndex)):
        members = list(some)
        steps += [Chain(members)] if are_offline else members
    return steps


def _cores() -> int:
    """Return how many cores this process may use, where the system says."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
