"""What a geocoder is asked, what it answers, and what it is.

No candidate and no answer are different things: the first is an empty list, the second an error with its cause.
Field names are those of the national service (GeocodeJSON and its CSV columns).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from qpv_geo.errors import InputError
from qpv_geo.texts import address_errors as say

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_LETTERS, MAX_LETTERS = 3, 200
"""Length of a query that the national service accepts."""

_POSTCODE = re.compile(r"\d{5}")
_CITYCODE = re.compile(r"\d{5}|2[AB]\d{3}")


class MatchType(StrEnum):
    """What was matched, from the finest to the coarsest; ``poi`` is a place with a point of its own."""

    HOUSENUMBER = "housenumber"
    POI = "poi"
    STREET = "street"
    LOCALITY = "locality"
    MUNICIPALITY = "municipality"


PRECISE = frozenset({MatchType.HOUSENUMBER, MatchType.POI})
"""What may give a firm verdict by its point."""


@dataclass(frozen=True)
class Query:
    """An address to find.

    Attributes
    ----------
    text
        As people write it, 3 to 200 characters.
    postcode, citycode
        Filters: a postcode, an INSEE code. Never guessed from five digits: 59360 is the INSEE code of Loos and the
        postcode of another town.
    """

    text: str
    postcode: str | None = None
    citycode: str | None = None


@dataclass(frozen=True)
class Candidate:
    """A place that may be the address.

    Attributes
    ----------
    label
        The address as the source writes it.
    score
        0 to 1; ranks candidates, and says nothing of how far the point is from the door.
    type
        What was matched.
    id
        Identifier in the Base Adresse Nationale, or of the source.
    housenumber
        Number with its suffix (``15 bis``), or None.
    street
        Name of the street or of the locality; None for a commune.
    postcode, citycode, city
        Postcode, INSEE code and name of the commune.
    lon, lat
        Degrees, WGS84.
    position
        What the point is (``entrée``, ``segment``…), where the source says.
    accuracy_m
        How far off the point may be, metres; see `qpv_geo.geocoding.accuracy`.
    source, edition
        Who answers, and from which edition of their data.
    """

    label: str
    score: float
    type: MatchType
    id: str
    housenumber: str | None
    street: str | None
    postcode: str | None
    citycode: str | None
    city: str | None
    lon: float
    lat: float
    position: str | None
    accuracy_m: float
    source: str
    edition: str | None


class Geocoder(Protocol):
    """Anything that finds addresses."""

    @property
    def name(self) -> str:
        """What the evidence calls it."""
        ...

    def search(self, query: Query, *, limit: int = 5) -> Sequence[Candidate]:
        """Return the candidates for an address, best first; none where the address is not found.

        Raises
        ------
        RemoteError
            There is no answer: the service failed.
        """
        ...

    def reverse(self, *, lon: float, lat: float, limit: int = 1) -> Sequence[Candidate]:
        """Return the addresses nearest to a point, nearest first.

        Raises
        ------
        RemoteError
            There is no answer: the service failed.
        """
        ...


def make_query(text: str, *, postcode: str | None = None, citycode: str | None = None) -> Query:
    """Make sure of a query: spaces folded, length and codes checked.

    Raises
    ------
    InputError
        A text that is too short or too long, or a code that is none.
    """
    folded = " ".join(text.split())
    if not MIN_LETTERS <= len(folded) <= MAX_LETTERS:
        raise InputError(say.bad_address(folded, MIN_LETTERS, MAX_LETTERS))
    if postcode is not None and not _POSTCODE.fullmatch(postcode):
        raise InputError(say.bad_postcode(postcode))
    if citycode is not None and not _CITYCODE.fullmatch(citycode):
        raise InputError(say.bad_citycode(citycode))
    return Query(folded, postcode, citycode)


def candidate_from_json(document: dict[str, object]) -> Candidate:
    """Return a candidate from what `dataclasses.asdict` makes of it.

    Raises
    ------
    TypeError, ValueError
        It is none.
    """
    values = dict(document)
    return Candidate(**{**values, "type": MatchType(str(values["type"]))})  # type: ignore[arg-type]
