"""Several geocoders in an explicit order: the first that is sure answers.

The indexes on this machine come first, then the published places, then the national service unless the chain is
offline. One that finds nothing, or nothing sure, leaves the question to the next; the best of what all of them found
answers in the end. One that fails is an error: what the others found may be worse than what it would have said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import MatchType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.geocoding.protocol import Candidate, Geocoder, Query

SURE_SCORE = 0.9
"""Score from which an offline answer is not compared with that of the service."""


class Chain:
    """Geocoders asked one after the other; itself a geocoder.

    Parameters
    ----------
    geocoders
        In the order in which they are asked.
    """

    def __init__(self, geocoders: Sequence[Geocoder]) -> None:
        self.geocoders = tuple(geocoders)

    @property
    def name(self) -> str:
        """The names of its geocoders, in order."""
        return ", ".join(one.name for one in self.geocoders)

    def search(self, query: Query, *, limit: int = 5, known: Sequence[Candidate] = ()) -> list[Candidate]:
        """Return the candidates of the first geocoder that is sure or, where none is, those of all, best first.

        Parameters
        ----------
        query, limit
            See `qpv_geo.geocoding.protocol.Geocoder`.
        known
            What the geocoders before these found, and were not sure of.
        """
        found = list(known)
        for geocoder in self.geocoders:
            found += geocoder.search(query, limit=limit)
            if is_sure(found):
                break
        return merged(found, limit)

    def reverse(self, *, lon: float, lat: float, limit: int = 1) -> list[Candidate]:
        """Return the addresses nearest to a point, of the first geocoder that knows any there."""
        for geocoder in self.geocoders:
            if found := geocoder.reverse(lon=lon, lat=lat, limit=limit):
                return list(found)
        return []

    def street_numbers(self, street: Candidate) -> list[Candidate]:
        """Return every house number of a street, of the first index that knows any."""
        for geocoder in self.geocoders:
            if isinstance(geocoder, OfflineIndex) and (found := geocoder.street_numbers(street)):
                return found
        return []


def is_sure(found: Sequence[Candidate]) -> bool:
    """Tell whether what was found is sure enough for the next geocoder not to be asked."""
    return any(one.score >= SURE_SCORE for one in found)


def merged(found: Sequence[Candidate], limit: int) -> list[Candidate]:
    """Return what several geocoders found, best first; the same place once, with its best score.

    Of equal scores the first stays first, whatever else was found: what comes below changes nothing above.
    """
    best: dict[str, Candidate] = {}
    for one in sorted(found, key=lambda one: -one.score):
        best.setdefault(one.id, one)
    return list(best.values())[:limit]


def is_street(found: Sequence[Candidate]) -> bool:
    """Tell whether the best of what was found is a street, which its house numbers decide."""
    return bool(found) and found[0].type is MatchType.STREET
