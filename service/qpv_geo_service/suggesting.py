"""Addresses for what is being typed: the indexes of this machine are asked first, then the national service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.eligibility.finding import geocoder_of
from qpv_geo.geocoding.chain import merged
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import make_query

if TYPE_CHECKING:
    from qpv_geo.geocoding.protocol import Candidate
    from qpv_geo.settings import Settings

_LEAST_SCORE = 0.5
_COMPLETE = 0.95
"""Score from which what was typed is an address already, and needs no completing."""


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
                known += geocoder.complete(query.text, limit=limit)
            found += (one for one in known if one.score >= _LEAST_SCORE)
        elif not found:
            found += geocoder.search(query, limit=limit)
    return merged(found, limit)
