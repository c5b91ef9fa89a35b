"""Addresses for what is being typed: the last word may be the beginning of one.

The indexes of this machine are asked first; their words that begin like the last one are looked up, and the places
that hold them are searched for as if they had been typed whole, so that what is suggested is what a check then finds.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from qpv_geo.eligibility.finding import geocoder_of
from qpv_geo.errors import InputError
from qpv_geo.geocoding.chain import merged
from qpv_geo.geocoding.normalise import readings, telling
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import make_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qpv_geo.geocoding.protocol import Candidate
    from qpv_geo.settings import Settings

_LEAST_SCORE = 0.5
_COMPLETE = 0.95
"""Score from which what was typed is an address already, and needs no completing."""
_PLACES = (
    "SELECT place.name, place.postcodes, place.city, place.kind FROM search JOIN place ON place.id = search.rowid "
    "WHERE search MATCH ? ORDER BY rank LIMIT ?"
)


def suggest(text: str, limit: int, settings: Settings) -> list[Candidate]:
    """Return addresses for what is being typed, best first; none where nothing is known.

    Raises
    ------
    InputError
        Too short or too long.
    RemoteError
        The indexes know nothing, and the national service failed: that is not "nothing".
    """
    query = make_query(text)
    found: list[Candidate] = []
    for geocoder in geocoder_of(settings).geocoders:
        if isinstance(geocoder, OfflineIndex):
            known = geocoder.search(query, limit=limit)
            if not known or known[0].score < _COMPLETE:
                known += _completed(geocoder, query.text, limit)
            found += (one for one in known if one.score >= _LEAST_SCORE)
        elif not found:
            found += geocoder.search(query, limit=limit)
    return merged(found, limit)


def _completed(index: OfflineIndex, text: str, limit: int) -> Iterator[Candidate]:
    """Return the addresses of an index that what is typed may become."""
    if index.path.suffix != ".sqlite" or not text[-1:].isalnum():
        return
    reading = readings(text)[0]
    words = [one for one in telling(reading.words) if one.isalnum()]
    if not words:
        return
    number = "" if reading.number is None else f"{reading.number.number} {reading.number.suffix}".strip()
    expression = " AND ".join([*(f'"{one}"' for one in words[:-1]), f'"{words[-1]}"*'])
    with closing(sqlite3.connect(f"{index.path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        places = connection.execute(_PLACES, (expression, limit)).fetchall()
    for name, postcodes, city, kind in places:
        parts = (city,) if kind == "municipality" else (number, name, postcodes.split(",")[0], city)
        try:
            yield from index.search(make_query(" ".join(filter(None, parts))), limit=1)
        except InputError:  # the name of a place may be shorter than an address
            continue
