"""The addresses of a table: each asked once, whatever the number of its rows, and kept as soon as it is found."""

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
"""A file that is written to the disk more often costs more than finding the addresses."""


class Addresses:
    """Finds the addresses of one run; a context manager, that ends the processes it may have started.

    Parameters
    ----------
    offline
        Leaves out the national service: no socket is opened.
    cached
        Whether answers of the national service are kept for later runs, and kept ones used.
    watch
        Told how many addresses of a block have been found, and how many there are.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        offline: bool = False,
        cached: bool = True,
        watch: Callable[[int, int], None] = lambda _found, _all: None,
    ) -> None:
        self._settings = settings
        self._geocoder = geocoder_of(settings, offline=offline, cached=cached)
        self._finder = Finder(self._geocoder, settings)
        self._watch = watch

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self._finder.close()

    @property
    def has_none(self) -> bool:
        """Whether no index is at hand, and nobody else is asked."""
        chain = self._geocoder
        return chain.is_offline and all(isinstance(one, PublishedPlaces) for one in chain.indexes)

    def identity(self) -> list[Any]:
        """Return what decides which addresses are found: the geocoders and the editions of the indexes."""
        indexes = [[one.id, one.sha256] for one in AddressStore(self._settings.home).status()]
        return [self._geocoder.name, self._settings.geocoder_url, indexes]

    def finding(self, journal: Journal | None = None) -> Find:
        """Return what finds addresses, asking only for those that a journal does not know, and keeping them there."""
        return _Finding(self._finder, journal, self._watch, keeps_all=not self._geocoder.is_offline)


class _Finding:
    """Finds the addresses of call after call, of which the next may be made before the last is waited for.

    An address of both is asked once, and what is found is given in the order of the calls.

    Parameters
    ----------
    keeps_all
        Whether all that is found is written in the journal, or only what is missing: what indexes alone found is found
        again in less time than it takes to write it.
    """

    def __init__(
        self, finder: Finder, journal: Journal | None, watch: Callable[[int, int], None], *, keeps_all: bool
    ) -> None:
        self._finder, self._journal, self._watch, self._keeps_all = finder, journal, watch, keeps_all
        self._last: dict[Query, GeocodingResult | MissingError | None] = {}

    def __call__(self, queries: Sequence[Query]) -> Callable[[], Mapping[Query, GeocodingResult | MissingError]]:
        """Begin to find addresses, and return what waits for all of them."""
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
        told = ((query, before[query] if one is None else one) for query, one in found.items())
        return {query: one for query, one in told if one is not None}

    def _keep(self, batch: list[tuple[Query, GeocodingResult | MissingError]]) -> None:
        if self._journal is not None:
            self._journal.keep_found(one for one in batch if self._keeps_all or _is_missing(one[1]))
        batch.clear()


def _is_missing(found: GeocodingResult | MissingError) -> bool:
    return isinstance(found, MissingError) or bool(found.missing)


def _trimmed(found: GeocodingResult | MissingError) -> GeocodingResult | MissingError:
    """Leave out the candidates that decide nothing, but for the best one, which is shown."""
    if isinstance(found, MissingError) or len(found.candidates) <= 1:
        return found
    kept = {one.id for one in (*found.candidates[:1], *shortlist(found).candidates)}
    if len(kept) == len(found.candidates):
        return found
    return found._replace(candidates=tuple(one for one in found.candidates if one.id in kept))
