"""Find an address with the geocoders that the settings name."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from qpv_geo import messages as msg
from qpv_geo.eligibility.address import GeocodingResult
from qpv_geo.eligibility.location import site_place
from qpv_geo.eligibility.named import NamedKind
from qpv_geo.eligibility.named_places import NamedPlaces
from qpv_geo.errors import CoordinatesError, MissingError, RemoteError, SiteError
from qpv_geo.geocoding.cache import CachedGeocoder
from qpv_geo.geocoding.chain import Chain, is_settled, wants_numbers, with_numbers
from qpv_geo.geocoding.communes import communes_asked, may_be_alone
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.match import department_of
from qpv_geo.geocoding.protocol import Agreement, Match, MatchType, NamedCommune, make_query
from qpv_geo.geocoding.published import PublishedPlaces, published_places
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.perimeters.catalogue import Catalogue
from qpv_geo.resources import data_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qpv_geo.eligibility.named import NamedPlace
    from qpv_geo.geocoding.geoplateforme import NationalGeocoder
    from qpv_geo.geocoding.plot_answers import FoundPlot
    from qpv_geo.geocoding.protocol import Candidate, Geocoder, Query
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.settings import Settings

_ALIKE = frozenset({Agreement.SAME, Agreement.SPELLING})

CANDIDATES = 10
"""Most candidates that are looked at for an address."""


def geocoder_of(settings: Settings, *, offline: bool = False, cached: bool = True) -> Chain:
    """Return the geocoders that the settings name, in their order.

    Parameters
    ----------
    offline
        Leaves out the national service: no socket is opened.
    cached
        Whether answers of the national service are kept, and kept ones used.
    """
    found: list[Geocoder] = []
    for name in settings.geocoders:
        if name == "offline":
            found += _store(settings.home).indexes()
        elif name == "published":
            found.append(published_places(data_folder()))
        elif not offline:
            found.append(_national(settings, cached=cached))
    return Chain(found)


def find(  # noqa: PLR0913 - one keyword a way of asking
    text: str,
    *,
    postcode: str | None,
    citycode: str | None,
    geocoder: Geocoder | None,
    settings: Settings,
    places: NamedPlaces | None = None,
    perimeters: PerimeterSet | None = None,
) -> GeocodingResult:
    """Return what a geocoder (by default that of the settings) finds for an address, or what is named instead of one.

    Parameters
    ----------
    places
        What may be named instead of an address, by default with the perimeters of the settings' home.
    perimeters
        A set that is asked about instead of these.

    Raises
    ------
    InputError
        The address is too short or too long, or a code is none.
    RemoteError
        The national service failed.
    MissingError
        Offline, and no address index is installed: that is not an answer.
    """
    query = make_query(text, postcode=postcode, citycode=citycode)
    chain = chain_of(geocoder or geocoder_of(settings))
    named = (places or named_places(settings.home)).named(query, perimeters)
    if named is not None:
        return find_named(query, named, chain)
    if may_be_alone(query) and communes_asked(query).is_alone:
        return concluded(query, (), (), chain)
    candidates = chain.search(query, limit=CANDIDATES)
    numbers = chain.street_numbers(candidates[0]) if wants_numbers(query, candidates) else []
    return concluded(query, candidates, numbers, chain)


def chain_of(geocoder: Geocoder) -> Chain:
    """Return a geocoder as a chain, which compares what it finds with what was asked."""
    return geocoder if isinstance(geocoder, Chain) else Chain([geocoder])


def concluded(
    query: Query,
    candidates: Sequence[Candidate],
    numbers: Sequence[Candidate],
    chain: Chain,
) -> GeocodingResult:
    """Return what was found; where it isn't the very address, the communes asked, and those that nothing at hand holds.

    Raises
    ------
    MissingError
        Offline, and no address index is installed.
    """
    candidates, numbers = with_numbers(query, candidates, numbers)
    if is_settled(candidates):
        return GeocodingResult(query, tuple(candidates), tuple(numbers), chain.name)
    asked = communes_asked(query)
    communes = _communes(asked.named(query), candidates)
    missing: tuple[str, ...] = ()
    if not asked.is_alone and chain.is_offline:
        if all(isinstance(one, PublishedPlaces) for one in chain.indexes):
            raise MissingError(msg.address_errors.nothing_offline(query.text))
        if asked.communes and not any(chain.holds(one.code) for one in asked.communes):
            missing = tuple(sorted(asked.departments))
    return GeocodingResult(query, tuple(candidates), tuple(numbers), chain.name, communes, missing)


def find_named(query: Query, named: NamedPlace, chain: Chain) -> GeocodingResult:
    """Return what there is to know of what is named instead of an address: of a plot, its surface or its addresses.

    Raises
    ------
    RemoteError
        The national service failed.
    MissingError
        Of a plot: offline, and no address index is installed.
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
            raise MissingError(msg.address_errors.nothing_offline(query.text))
        if not any(chain.holds(one.citycode) for one in communes):
            missing = tuple(one.department for one in communes)
    return GeocodingResult(query, doors, (), chain.name, communes, missing, named)


def with_surface(named: NamedPlace, chain: Chain) -> NamedPlace:
    """Return a plot with its surface, where a service of the chain knows it."""
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
        """Return a plot by its identifier, or None where it doesn't know it."""
        ...


def _commune_of_plot(plot: str) -> NamedCommune | None:
    commune = gazetteer().commune(plot[:5])
    match = Match(Agreement.UNSAID, Agreement.DIFFERENT, Agreement.UNSAID, Agreement.SAME, is_determined=True)
    return None if commune is None else NamedCommune(commune.code, commune.name, commune.department, match)


def _communes(named: tuple[NamedCommune, ...], candidates: Sequence[Candidate]) -> tuple[NamedCommune, ...]:
    """Return the communes asked: those of the gazetteer, and those that a source alone knows by that name or code."""
    said = any(one.match.city in _ALIKE for one in named)
    others: dict[str, NamedCommune] = {}
    known = {one.citycode for one in named}
    for one in candidates:
        match, code = one.match, one.citycode or one.city
        if match is None or code is None or match.is_elsewhere or code in known:
            continue
        if match.city in _ALIKE and gazetteer().commune(code) is None:
            others.setdefault(code, _commune_of(one, match))
        elif match.city is Agreement.UNSAID and match.postcode is Agreement.SAME and not said:
            return ()  # the code is of more communes than those that are known
    return tuple(others.values()) if others and not said else (*named, *others.values())


def _commune_of(best: Candidate, match: Match) -> NamedCommune:
    street = match.street if best.type is MatchType.MUNICIPALITY else Agreement.DIFFERENT
    code = best.citycode or ""
    alone = best.type is MatchType.MUNICIPALITY and street is Agreement.UNSAID
    told = match._replace(street=street, shares_name=False)
    return NamedCommune(code, best.city or "", department_of(code), told, is_sure=alone)


@cache
def named_places(home: Path) -> NamedPlaces:
    """Return what may be named instead of an address, with the perimeters of a home."""
    return NamedPlaces(Catalogue(home))


@cache
def _store(home: Path) -> AddressStore:
    """Return the address indexes of a home, each opened once."""
    return AddressStore(home)


@cache
def _service(settings: Settings) -> NationalGeocoder:
    """Return the service of some settings, whose connections are kept from one question to the next."""
    from qpv_geo.geocoding.geoplateforme import NationalGeocoder  # noqa: PLC0415 - not needed offline

    return NationalGeocoder(settings, boxes=lambda citycode: Chain(_store(settings.home).indexes()).box(citycode))


def _national(settings: Settings, *, cached: bool) -> Geocoder:
    national = _service(settings)
    return CachedGeocoder(national, settings.home / "cache" / "geocoding.sqlite") if cached else national
