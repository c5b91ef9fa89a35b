"""Find an address with the geocoders that the settings name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qpv_geo.data import data_folder
from qpv_geo.eligibility.address import Found
from qpv_geo.errors import MissingError
from qpv_geo.geocoding.cache import CachedGeocoder
from qpv_geo.geocoding.chain import Chain
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import MatchType, make_query
from qpv_geo.geocoding.published import PublishedPlaces, published_places
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.texts import errors as say

if TYPE_CHECKING:
    from qpv_geo.geocoding.protocol import Geocoder, Query
    from qpv_geo.settings import Settings

_CANDIDATES = 10


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
            found += AddressStore(settings.home).indexes()
        elif name == "published":
            found.append(published_places(data_folder()))
        elif not offline:
            found.append(_national(settings, cached=cached))
    return Chain(found)


def find(
    text: str, *, postcode: str | None, citycode: str | None, geocoder: Geocoder | None, settings: Settings
) -> Found:
    """Return what a geocoder (by default that of the settings) finds for an address.

    Raises
    ------
    InputError
        The address is too short or too long, or a code is none.
    RemoteError
        The national service failed.
    MissingError
        Offline, nothing at hand knows the place: that is not an answer.
    """
    query = make_query(text, postcode=postcode, citycode=citycode)
    asked = geocoder or geocoder_of(settings)
    candidates = tuple(asked.search(query, limit=_CANDIDATES))
    best = max((one.score for one in candidates), default=0.0)
    if best < settings.found_min_score and isinstance(asked, Chain) and _is_ignorant(query, asked):
        raise MissingError(say.nothing_offline(query.text))
    numbers = ()
    if candidates and candidates[0].type is MatchType.STREET and hasattr(asked, "street_numbers"):
        numbers = tuple(asked.street_numbers(candidates[0]))
    return Found(query, candidates, numbers, asked.name)


def _is_ignorant(query: Query, chain: Chain) -> bool:
    """Tell whether a chain cannot know an address: offline, without an index of a département that it names."""
    if not all(isinstance(one, OfflineIndex) for one in chain.geocoders):
        return False
    indexes = [one for one in chain.geocoders if isinstance(one, OfflineIndex) and not isinstance(one, PublishedPlaces)]
    held = frozenset().union(*(one.departments for one in indexes))
    codes = [*re.findall(r"\b(?:\d{5}|2[AB]\d{3})\b", query.text), query.postcode or "", query.citycode or ""]
    named = {code[:3] if code.startswith(("97", "98")) else code[:2] for code in codes if code}
    return not indexes or bool(named and not named & held)


def _national(settings: Settings, *, cached: bool) -> Geocoder:
    from qpv_geo.geocoding.geoplateforme import NationalGeocoder  # noqa: PLC0415 - not needed offline

    national = NationalGeocoder(settings)
    return CachedGeocoder(national, settings.home / "cache" / "geocoding.sqlite") if cached else national
