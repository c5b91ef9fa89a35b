"""Suggestions while typing: the point typed, or quartiers and communes that start with the text, then addresses.

A check understands every suggested text. Addresses come from the local indexes if they have any, otherwise from the
national service.
"""

from __future__ import annotations

from bisect import bisect_left
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from qpv_geo import crs
from qpv_geo.eligibility.quartiers import commune_of, described, quartiers_beginning
from qpv_geo.eligibility.typed_point import read_point
from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.normalise import tokens
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import MatchType, make_query
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.text_normalisation import fold
from qpv_geo_service import messages

if TYPE_CHECKING:
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.eligibility.typed_point import TypedPoint
    from qpv_geo.geocoding.gazetteer import Commune
    from qpv_geo.geocoding.protocol import Candidate, Query
    from qpv_geo.perimeters.names import NamedPerimeter
    from qpv_geo.settings import Settings

_LEAST_SCORE = 0.5
_COMPLETE = 0.95
"""Score from which the text is a whole address already, and needs no completion."""
_MOST_NAMES = 2
"""Maximum number of quartiers, and of communes, listed before addresses; the others come after."""


@dataclass(frozen=True)
class Suggestion:
    """A text that a check understands; without coordinates if the place has none.

    `type` is the type of location that its verdict has.
    """

    label: str
    type: str
    id: str
    source: str
    score: float = 1.0
    housenumber: str | None = None
    street: str | None = None
    postcode: str | None = None
    citycode: str | None = None
    city: str | None = None
    accuracy_m: float | None = None
    lon: float | None = None
    lat: float | None = None


def suggest(text: str, limit: int, checker: Checker) -> list[Suggestion]:
    """Return suggestions for a text being typed, best first; an empty list if there are none.

    Raises
    ------
    InputError
        The text is too short or too long.
    RemoteError
        Nothing was found locally and the national service failed, which is not the same as no suggestion.
    """
    query = make_query(text)
    typed = read_point(query.text)
    if typed is not None:
        return _point(query.text, typed)
    quartiers = [
        _quartier(one) for one in quartiers_beginning(checker.contexts, checker.check_options().day, query.text)[:limit]
    ]
    communes = [_commune(one) for one in _communes_beginning(query.text)[:limit]]
    found: list[Candidate] = []
    if quartiers or communes:
        with suppress(RemoteError):  # local results are enough
            found = _addresses(query, limit, checker.settings)
    else:
        found = _addresses(query, limit, checker.settings)
    known = {one.citycode for one in communes}
    others = (one for one in found if one.type is not MatchType.MUNICIPALITY or one.citycode not in known)
    first, last = (
        [*quartiers[:_MOST_NAMES], *communes[:_MOST_NAMES]],
        [*quartiers[_MOST_NAMES:], *communes[_MOST_NAMES:]],
    )
    return [*first, *map(_address, others), *last][:limit]


def _point(text: str, typed: TypedPoint) -> list[Suggestion]:
    """Return a typed point that is in France as the only suggestion; its source says how it was read."""
    if crs.territory_at(lon=typed.lon, lat=typed.lat) is None:
        return []
    source = messages.WRITING[typed.writing]
    return [Suggestion(text, "coordinates", "", source, accuracy_m=0.0, lon=typed.lon, lat=typed.lat)]


def _addresses(query: Query, limit: int, settings: Settings) -> list[Candidate]:
    found: list[Candidate] = []
    for geocoder in geocoder_of(settings).geocoders:
        if isinstance(geocoder, OfflineIndex):
            known = geocoder.search(query, limit=limit)
            if not known or known[0].score < _COMPLETE:
                known += geocoder.complete(query.text, limit=limit)
            found += (one for one in known if one.score >= _LEAST_SCORE)
        elif not found:
            found += geocoder.search(query, limit=limit)
    best: dict[str, Candidate] = {}
    for one in sorted(found, key=lambda one: -one.score):
        best.setdefault(one.id, one)
    return list(best.values())[:limit]


def _address(one: Candidate) -> Suggestion:
    return Suggestion(
        label=one.label,
        type=one.type.value,
        id=one.id,
        source=one.source,
        score=one.score,
        housenumber=one.housenumber,
        street=one.street,
        postcode=one.postcode,
        citycode=one.citycode,
        city=one.city,
        accuracy_m=one.accuracy_m,
        lon=one.lon,
        lat=one.lat,
    )


def _quartier(one: NamedPerimeter) -> Suggestion:
    kind = "perimeter" if one.alias is None else "locality"
    return Suggestion(described(one), kind, one.code, "périmètres installés", citycode=commune_of(one))


# ── Communes ─────────────────────────────────────────────────────────────────────────────────────────────────


def _commune(one: Commune) -> Suggestion:
    return Suggestion(
        label=f"{one.name} ({one.department})",
        type=MatchType.MUNICIPALITY.value,
        id=one.code,
        source="communes de France",
        postcode=one.postcodes[0] if len(one.postcodes) == 1 else None,
        citycode=one.code,
        city=one.name,
    )


def _communes_beginning(text: str) -> list[Commune]:
    """Return the communes whose name starts with a text, most populated first."""
    names = _commune_names()
    codes: set[str] = set()
    for typed in {fold(text), " ".join(tokens(text))}:
        for k in range(bisect_left(names, (typed, "")), len(names)):
            if not names[k][0].startswith(typed):
                break
            codes.add(names[k][1])
    found = (gazetteer().commune(code) for code in codes)
    return sorted((one for one in found if one is not None), key=lambda one: (-one.population, one.code))


@cache
def _commune_names() -> list[tuple[str, str]]:
    """Return sorted pairs of name and commune code, each name both folded and abbreviated as in addresses."""
    known = gazetteer()
    communes = [one for code in known.codes() if (one := known.commune(code)) is not None]
    written = {(name, one.code) for one in communes for name in (fold(one.name), " ".join(tokens(one.name)))}
    return sorted(written)
