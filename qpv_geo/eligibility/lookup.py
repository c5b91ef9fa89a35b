"""Look up what a text names: a quartier, a place without a published position, a cadastral plot, else an address."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

from qpv_geo import messages as msg
from qpv_geo.eligibility.location import site_place
from qpv_geo.eligibility.named_places import NamedPlaces
from qpv_geo.errors import CoordinatesError, MissingError, QpvGeoError, RemoteError, SiteError
from qpv_geo.geocoding.bulk import BulkResolver, one_at_a_time
from qpv_geo.geocoding.cache import CachedGeocoder
from qpv_geo.geocoding.effort import Effort, EffortError
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.named import NamedKind
from qpv_geo.geocoding.protocol import Agreement, Match, NamedCommune
from qpv_geo.geocoding.published import PublishedPlaces
from qpv_geo.geocoding.resolve import resolve
from qpv_geo.geocoding.result import GeocodingResult
from qpv_geo.perimeters.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from qpv_geo.geocoding.chain import Chain
    from qpv_geo.geocoding.named import NamedPlace
    from qpv_geo.geocoding.plot_answers import FoundPlot
    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.perimeters.names import PerimeterNames
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.settings import Settings


def find(
    query: Query,
    chain: Chain,
    places: NamedPlaces,
    *,
    perimeters: PerimeterSet | None = None,
    names: PerimeterNames | None = None,
) -> GeocodingResult:
    """Return what geocoders find for an address, or what the text names instead.

    Parameters
    ----------
    places
        Recognises what a text names instead of an address.
    perimeters, names
        See `NamedPlaces.named`.

    Raises
    ------
    RemoteError
        The national service failed.
    MissingError
        Offline, and no address index is installed: not the same as an address that was not found.
    """
    named = places.named(query, perimeters, names=names)
    return resolve(query, chain) if named is None else find_named(query, named, chain)


def look_up(queries: Iterable[Query], chain: Chain, places: NamedPlaces) -> dict[Query, GeocodingResult | QpvGeoError]:
    """Find the addresses that are known as written, with no more than a look-up; the others are left out.

    The results are those of `find`, and the errors that it raises.
    """
    found: dict[Query, GeocodingResult | QpvGeoError] = {}
    chain, names = chain.within(Effort.LOOK_UP), places.now()
    for query in dict.fromkeys(queries):
        with suppress(EffortError):
            try:
                one = find(query, chain, places, names=names)
            except QpvGeoError as error:
                found[query] = error
            else:
                if one.named is None:  # measuring a quartier takes milliseconds
                    found[query] = one
    return found


def find_named(query: Query, named: NamedPlace, chain: Chain) -> GeocodingResult:
    """Return the result for a text that names something other than an address: for a plot, its geometry or addresses.

    Raises
    ------
    RemoteError
        The national service failed.
    MissingError
        For a plot: offline, and no address index is installed.
    """
    if named.kind is not NamedKind.PLOT:
        return GeocodingResult(query, (), named=named)
    communes = tuple(dict.fromkeys(one for plot in named.plots if (one := _commune_of_plot(plot)) is not None))
    if len(named.plots) != 1:
        return GeocodingResult(query, (), (), chain.name, communes, named=named)
    (plot,) = named.plots
    named = with_surface(named, chain)
    doors = () if named.surface is not None else tuple(chain.at_plot(plot))
    missing: tuple[str, ...] = ()
    if named.surface is None and not doors and chain.is_offline:
        if all(isinstance(one, PublishedPlaces) for one in chain.indexes):
            departments = [one.department for one in communes]
            raise MissingError(
                msg.address_errors.nothing_offline(query.text), remedy=msg.remedies.fetch_addresses(departments)
            )
        if not any(chain.holds(one.citycode) for one in communes):
            missing = tuple(one.department for one in communes)
    return GeocodingResult(query, doors, (), chain.name, communes, missing, named)


def with_surface(named: NamedPlace, chain: Chain) -> NamedPlace:
    """Return a plot with its geometry, if a service of the chain knows it."""
    (plot,) = named.plots
    for geocoder in chain.geocoders:
        service = geocoder.geocoder if isinstance(geocoder, CachedGeocoder) else geocoder
        found = service.plot(plot) if isinstance(service, _KnowsPlots) else None
        if found is not None and found.geometry is not None:
            try:
                surface = site_place(found.geometry).site
            except (SiteError, CoordinatesError) as error:
                raise RemoteError(msg.address_errors.geocoder_contradicts(found.source, str(error))) from error
            return replace(named, surface=surface, source=found.source)
    return named


@runtime_checkable
class _KnowsPlots(Protocol):
    """A geocoder that knows cadastral plots."""

    def plot(self, plot: str) -> FoundPlot | None:
        """Return a plot by its identifier, or None if it is unknown."""
        ...


def _commune_of_plot(plot: str) -> NamedCommune | None:
    commune = gazetteer().commune(plot[:5])
    match = Match(Agreement.UNSAID, Agreement.DIFFERENT, Agreement.UNSAID, Agreement.SAME, is_determined=True)
    return None if commune is None else NamedCommune(commune.code, commune.name, commune.department, match)


@cache
def named_places(home: Path) -> NamedPlaces:
    """Return the recogniser of named places for the perimeters of a home folder; cached."""
    return NamedPlaces(Catalogue(home))


# ── Many ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Finder:
    """Finds many addresses and named places; a context manager.

    Parameters
    ----------
    geocoder
        See `qpv_geo.geocoding.resolve.geocoder_of`.
    settings
        Settings whose home folder holds the perimeters that texts may name.
    workers
        See `qpv_geo.geocoding.bulk.BulkResolver`.
    """

    def __init__(self, geocoder: Chain, settings: Settings, *, workers: int | None = None) -> None:
        self._chain = geocoder
        self._places = named_places(settings.home)
        self._resolver = BulkResolver(geocoder, workers=workers)

    def find(self, queries: Iterable[Query]) -> Iterator[tuple[Query, GeocodingResult | MissingError]]:
        """Find what each query names; results, order and errors are those of `BulkResolver.resolve`."""
        addresses: list[Query] = []
        plots: dict[Query, NamedPlace] = {}
        others: dict[Query, NamedPlace] = {}
        names = self._places.now()
        for query in dict.fromkeys(queries):
            named = self._places.named(query, names=names)
            if named is None:
                addresses.append(query)
            else:
                (plots if named.kind is NamedKind.PLOT else others)[query] = named
        found = ((query, find_named(query, named, self._chain)) for query, named in others.items())
        return chain(found, self._resolver.resolve(addresses), self._plots(plots))

    def close(self) -> None:
        """Stop the worker processes."""
        self._resolver.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the worker processes."""
        self.close()

    def _plots(self, plots: Mapping[Query, NamedPlace]) -> Iterator[tuple[Query, GeocodingResult | MissingError]]:
        def find(query: Query) -> GeocodingResult | MissingError:
            try:
                return find_named(query, plots[query], self._chain)
            except MissingError as error:
                return error

        if self._chain.is_offline:
            yield from ((query, find(query)) for query in plots)
        else:
            yield from one_at_a_time(find, list(plots))
