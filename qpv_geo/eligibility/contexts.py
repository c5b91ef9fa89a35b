"""Contexts of verdicts: the perimeters that apply to a question in a territory, and their indexes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from qpv_geo import crs
from qpv_geo.eligibility.applicable import gather
from qpv_geo.eligibility.compose import CheckContext
from qpv_geo.eligibility.index import PerimeterIndex
from qpv_geo.eligibility.named_places import NamedPlaces
from qpv_geo.eligibility.sentences import Sentences
from qpv_geo.errors import MissingPerimetersError
from qpv_geo.geocoding.result import is_commune_alone
from qpv_geo.perimeters.read import PerimeterSet, combine

if TYPE_CHECKING:
    from qpv_geo.crs import Territory
    from qpv_geo.eligibility.applicable import CheckOptions
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.model import Thresholds
    from qpv_geo.perimeters.catalogue import Catalogue

_INDEXES_KEPT = 16
_CONTEXTS_KEPT = 64
"""Making one anew would add a quarter to a check."""


class Contexts:
    """Builds and caches the context of each question; safe to share between threads.

    Parameters
    ----------
    catalogue
        Available perimeters.
    thresholds
        Thresholds of the decision.

    Attributes
    ----------
    index
        Returns one index of several sets of perimeters; the most recently used of the process are cached, as those that
        ship are the same everywhere.
    sentences
        Writes the sentences of many points, by day and perimeters; the most recently used writers are cached.
    places
        Recognises what a text names instead of an address.
    """

    def __init__(self, catalogue: Catalogue, thresholds: Thresholds) -> None:
        self.catalogue, self.thresholds = catalogue, thresholds
        self.places = NamedPlaces(catalogue)
        self.index = _index_of
        self.sentences = lru_cache(maxsize=_INDEXES_KEPT)(Sentences)
        self._cached = lru_cache(maxsize=_CONTEXTS_KEPT)(self._made)

    def of(self, check_options: CheckOptions, territory: Territory) -> CheckContext:
        """Return the context of a question in a territory; cached until a set is installed or removed.

        Raises
        ------
        MissingPerimetersError, DateError
            No perimeters for that day are installed there, or the day precedes the first generation.
        """
        if check_options.perimeters is not None:  # not cached: the caller's set may be large
            return self._made(check_options, territory)
        return self._cached(check_options, territory, self.catalogue.store.state())

    def prepare(self, check_options: CheckOptions) -> None:
        """Build the index of the perimeters that answer a question, or find it in files; they must be installed."""
        some = crs.TERRITORIES[0]  # sets are of the whole country
        self.index(self.of(check_options, some).applicable.asked).prepare()

    def of_communes(self, check_options: CheckOptions, found: GeocodingResult) -> CheckContext | None:
        """Return the context of the communes of an address, or None.

        It is None if they are not all in one territory, or if no perimeters for that day are installed there.

        Raises
        ------
        MissingPerimetersError
            The address only names communes, and no perimeters for that day are installed.
        DateError
            The day precedes the first generation.
        """
        territories = {crs.territory_of_commune(one.citycode or "") for one in found.communes}
        if len(territories) != 1:
            return None
        (territory,) = territories
        if territory is None:
            return None
        try:
            return self.of(check_options, territory)
        except MissingPerimetersError:
            if is_commune_alone(found):
                raise
            return None  # the caller goes on with the points of the address

    def _made(
        self, check_options: CheckOptions, territory: Territory, _installed: tuple[object, ...] = ()
    ) -> CheckContext:
        applicable = gather(check_options, territory, self.catalogue)
        return CheckContext(check_options.day, applicable, territory, self.thresholds, self.catalogue)


@lru_cache(maxsize=_INDEXES_KEPT)
def _index_of(sets: tuple[PerimeterSet, ...]) -> PerimeterIndex:
    return PerimeterIndex(combine(sets))
