"""Find an address with the geocoders that the settings name."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from qpv_geo.data import data_folder
from qpv_geo.eligibility.address import Found
from qpv_geo.errors import MissingError
from qpv_geo.geocoding.cache import CachedGeocoder
from qpv_geo.geocoding.chain import Chain, is_street
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import make_query
from qpv_geo.geocoding.published import PublishedPlaces, published_places
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.texts import address_errors as say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qpv_geo.geocoding.geoplateforme import NationalGeocoder
    from qpv_geo.geocoding.protocol import Candidate, Geocoder, Query
    from qpv_geo.settings import Settings

CANDIDATES = 10
"""Most candidates that are looked at for an address."""

_SHARED_POSTCODES = {"20": frozenset({"2A", "2B"}), "971": frozenset({"971", "977", "978"})}
"""Postcodes of Corsica begin with 20; Saint-Barthélemy and Saint-Martin have postcodes of Guadeloupe."""


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
    candidates = tuple(asked.search(query, limit=CANDIDATES))
    if isinstance(asked, Chain) and is_ignorant(query, asked, candidates, settings.sure_min_score):
        raise MissingError(say.nothing_offline(query.text))
    numbers = ()
    if is_street(candidates) and hasattr(asked, "street_numbers"):
        numbers = tuple(asked.street_numbers(candidates[0]))
    return Found(query, candidates, numbers, asked.name)


def is_ignorant(query: Query, chain: Chain, candidates: Sequence[Candidate], least: float) -> bool:
    """Tell whether a chain cannot know an address: offline, without an index of a département that it names.

    What it found elsewhere is then another address of the same name, and a published place answers when surely meant.

    Parameters
    ----------
    candidates
        What the chain found for the query.
    least
        Score from which a match counts.
    """
    if not all(isinstance(one, OfflineIndex) for one in chain.geocoders):
        return False
    indexes = [one for one in chain.geocoders if isinstance(one, OfflineIndex) and not isinstance(one, PublishedPlaces)]
    held = frozenset().union(*(one.departments for one in indexes))
    codes = [*re.findall(r"\b(?:\d{5}|2[AB]\d{3})\b", query.text), query.postcode or "", query.citycode or ""]
    named = frozenset().union(*map(_departments, codes))
    found = [one for one in candidates if one.score >= least]
    if not named:
        return not indexes and not found
    return not named & held and not any(_departments(one.citycode or "") & named for one in found)


def _departments(code: str) -> frozenset[str]:
    """Return the départements that a postcode or an INSEE code may be of; two share their postcodes with others."""
    start = code[:3] if code.startswith(("97", "98")) else code[:2]
    return _SHARED_POSTCODES.get(start, frozenset({start} if start else ()))


@cache
def _store(home: Path) -> AddressStore:
    """Return the address indexes of a home, each opened once."""
    return AddressStore(home)


@cache
def _service(settings: Settings) -> NationalGeocoder:
    """Return the service of some settings, whose connections are kept from one question to the next."""
    from qpv_geo.geocoding.geoplateforme import NationalGeocoder  # noqa: PLC0415 - not needed offline

    return NationalGeocoder(settings)


def _national(settings: Settings, *, cached: bool) -> Geocoder:
    national = _service(settings)
    return CachedGeocoder(national, settings.home / "cache" / "geocoding.sqlite") if cached else national
