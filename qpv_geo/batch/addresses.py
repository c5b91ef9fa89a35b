"""Find the addresses of a table, once per block; answers of the last block and of the journal are reused."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from qpv_geo.eligibility.lookup import Finder
from qpv_geo.errors import MissingError
from qpv_geo.geocoding.published import PublishedPlaces
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.geocoding.result import shortlist
from qpv_geo.geocoding.store import AddressStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from qpv_geo.batch.answers import Find
    from qpv_geo.batch.journal import Journal
    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.settings import Settings

_KEPT_EVERY_S = 0.5
"""Seconds between writes to the journal; more frequent ones cost more than finding the addresses."""


class Addresses:
    """Finds the addresses of one run; a context manager that ends the processes it started, if any.

    Parameters
    ----------
    offline
        Skip the national service: no socket is opened.
    cached
        Whether to cache answers of the national service for later runs, and to use cached ones.
    workers
        Most processes that search the indexes, by default one a core.
    watch
        Called with the number of addresses found in a block, and their total.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        offline: bool = False,
        cached: bool = True,
        workers: int | None = None,
        watch: Callable[[int, int], None] = lambda _found, _all: None,
    ) -> None:
        self._settings = settings
        self._geocoder = geocoder_of(settings, offline=offline, cached=cached)
        self._finder = Finder(self._geocoder, settings, workers=workers)
        self._watch = watch

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self._finder.close()

    @property
    def has_none(self) -> bool:
        """Whether no address index is installed and no service is queried."""
        chain = self._geocoder
        return chain.is_offline and all(isinstance(one, PublishedPlaces) for one in chain.indexes)

    def identity(self) -> list[Any]:
        """Return what determines which addresses are found: the geocoders and the editions of the indexes."""
        indexes = [[one.id, one.sha256] for one in AddressStore(self._settings.home).status()]
        return [self._geocoder.name, self._settings.geocoder_url, indexes]

    def finding(self, journal: Journal | None = None) -> Find:
        """Return a function that finds the addresses missing from a journal, and records them there."""
        return _Finding(self._finder, journal, self._watch, keeps_all=not self._geocoder.is_offline)


class _Finding:
    """Finds addresses in successive calls; a call may start before the results of the last one are awaited.

    An address in both is searched once; results must be awaited in the order of the calls.

    Parameters
    ----------
    keeps_all
        Whether everything found is recorded in the journal, or only what is missing: local indexes find an address
        again faster than it can be recorded.
    """

    def __init__(
        self, finder: Finder, journal: Journal | None, watch: Callable[[int, int], None], *, keeps_all: bool
    ) -> None:
        self._finder, self._journal, self._watch, self._keeps_all = finder, journal, watch, keeps_all
        self._last: dict[Query, GeocodingResult | MissingError | None] = {}

    def __call__(self, queries: Sequence[Query]) -> Callable[[], Mapping[Query, GeocodingResult | MissingError]]:
        """Start finding addresses; return a function that waits for all of them."""
        known = {} if self._journal is None else self._journal.found(queries)
        before = self._last
        self._last = found = {query: known.get(query) for query in queries}
        begun = self._finder.find(query for query in queries if query not in known and query not in before)
        return lambda: self._all(found, before, begun)

    def _all(
        self,
        found: dict[Query, GeocodingResult | MissingError | None],
        before: Mapping[Query, GeocodingResult | MissingError | None],
        begun: Iterable[tuple[Query, GeocodingResult | MissingError]],
    ) -> Mapping[Query, GeocodingResult | MissingError]:
        batch: list[tuple[Query, GeocodingResult | MissingError]] = []
        kept_at, count = monotonic(), sum(one is not None or query in before for query, one in found.items())
        try:
            for query, one in begun:
                kept = _trimmed(one)
                found[query] = kept
                batch.append((query, kept))
                if monotonic() - kept_at >= _KEPT_EVERY_S:
                    count += len(batch)
                    self._keep(batch)
                    self._watch(count, len(found))
                    kept_at = monotonic()
        finally:
            self._keep(batch)
        found |= {query: before[query] for query, one in found.items() if one is None}  # the next call may need them
        return {query: one for query, one in found.items() if one is not None}

    def _keep(self, batch: list[tuple[Query, GeocodingResult | MissingError]]) -> None:
        if self._journal is not None:
            self._journal.keep_found(one for one in batch if self._keeps_all or _is_missing(one[1]))
        batch.clear()


def _is_missing(found: GeocodingResult | MissingError) -> bool:
    return isinstance(found, MissingError) or bool(found.missing)


def _trimmed(found: GeocodingResult | MissingError) -> GeocodingResult | MissingError:
    """Drop the candidates outside the shortlist, except the best one, which is shown."""
    if isinstance(found, MissingError) or len(found.candidates) <= 1:
        return found
    kept = {one.id for one in (*found.candidates[:1], *shortlist(found).candidates)}
    if len(kept) == len(found.candidates):
        return found
    return found._replace(candidates=tuple(one for one in found.candidates if one.id in kept))
