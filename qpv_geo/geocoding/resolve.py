"""Find an address with the geocoders that the settings name."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import MissingError
from qpv_geo.geocoding.cache import CachedGeocoder
from qpv_geo.geocoding.chain import Chain, is_settled, wants_numbers, with_numbers
from qpv_geo.geocoding.communes import communes_asked, may_be_alone
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.match import department_of
from qpv_geo.geocoding.protocol import Agreement, MatchType, NamedCommune
from qpv_geo.geocoding.published import PublishedPlaces, published_places
from qpv_geo.geocoding.result import GeocodingResult
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.resources import data_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qpv_geo.geocoding.geoplateforme import NationalGeocoder
    from qpv_geo.geocoding.protocol import Candidate, Geocoder, Match, Query
    from qpv_geo.settings import Settings

_ALIKE = frozenset({Agreement.SAME, Agreement.SPELLING})

CANDIDATES = 10
"""Most candidates that are looked at for an address."""
_KEPT = 8


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
    return _chain(tuple(found))


def chain_of(geocoder: Geocoder) -> Chain:
    """Return a geocoder as a chain, which compares what it finds with what was asked."""
    return geocoder if isinstance(geocoder, Chain) else Chain([geocoder])


def resolve(query: Query, geocoders: Chain) -> GeocodingResult:
    """Find an address.

    Raises
    ------
    RemoteError
        The national service failed.
    MissingError
        Offline, and no address index is installed: nothing can be told.
    """
    if is_commune_only(query):
        return concluded(query, (), (), geocoders)
    candidates = geocoders.search(query, limit=CANDIDATES)
    numbers = geocoders.street_numbers(candidates[0]) if wants_numbers(query, candidates) else []
    return concluded(query, candidates, numbers, geocoders)


def is_commune_only(query: Query) -> bool:
    """Tell whether an address is no more than the name or the code of communes."""
    return may_be_alone(query) and communes_asked(query).is_alone


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
            remedy = msg.remedies.fetch_addresses(sorted(asked.departments))
            raise MissingError(msg.address_errors.nothing_offline(query.text), remedy=remedy)
        if asked.communes and not any(chain.holds(one.code) for one in asked.communes):
            missing = tuple(sorted(asked.departments))
    return GeocodingResult(query, tuple(candidates), tuple(numbers), chain.name, communes, missing)


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


@lru_cache(maxsize=_KEPT)
def _chain(geocoders: tuple[Geocoder, ...]) -> Chain:
    return Chain(geocoders)


@lru_cache(maxsize=_KEPT)
def _store(home: Path) -> AddressStore:
    """Return the address indexes of a home, each opened once."""
    return AddressStore(home)


@lru_cache(maxsize=_KEPT)
def _service(settings: Settings) -> NationalGeocoder:
    """Return the service of some settings, whose connections are kept from one question to the next."""
    from qpv_geo.geocoding.geoplateforme import NationalGeocoder  # noqa: PLC0415 - not needed offline

    return NationalGeocoder(settings, boxes=lambda citycode: Chain(_store(settings.home).indexes()).box(citycode))


@lru_cache(maxsize=_KEPT)
def _national(settings: Settings, *, cached: bool) -> Geocoder:
    national = _service(settings)
    return CachedGeocoder(national, settings.home / "cache" / "geocoding.sqlite") if cached else national
