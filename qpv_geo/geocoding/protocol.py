"""What a geocoder is asked, what it answers, and what it is.

No candidate and no answer are different things: the first is an empty list, the second an error with its cause.
Field names are those of the national service (GeocodeJSON and its CSV columns).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from qpv_geo import messages as msg
from qpv_geo.errors import InputError

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


class Query(NamedTuple):
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


class Agreement(StrEnum):
    """How a part of a candidate agrees with the same part of what was asked."""

    SAME = "same"
    SPELLING = "spelling"
    """But for a typing error, an abbreviation, words said alike, or glued."""
    UNSAID = "unsaid"
    """Not asked."""
    DIFFERENT = "different"


class Match(NamedTuple):
    """How each part of a candidate agrees with what was asked; see `qpv_geo.geocoding.match`.

    Attributes
    ----------
    is_determined
        Whether the town is settled without being said: by a filter, or by a postcode that is of one commune.
    shares_name
        Whether a distinctive word of the street is the one asked, be the rest different.
    is_elsewhere
        Whether the postcode or the département asked is that of other communes.
    """

    number: Agreement
    street: Agreement
    postcode: Agreement
    city: Agreement
    is_determined: bool = False
    shares_name: bool = False
    is_elsewhere: bool = False

    def parts(self) -> dict[str, str]:
        """Return the parts as the verdict tells them."""
        return {"number": self.number, "street": self.street, "postcode": self.postcode, "city": self.city}


class Candidate(NamedTuple):
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
    former_city
        Former or delegated communes that the address was in, separated by ``|``, where the source says.
    aliases
        Other names of the street, separated by ``|``, where the source says.
    match
        How its parts agree with those asked; None until they have been compared.
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
    former_city: str | None = None
    aliases: str | None = None
    match: Match | None = None


@dataclass(frozen=True)
class NamedCommune:
    """A commune that an address names, which has no point.

    Attributes
    ----------
    citycode, name, department
        INSEE code, name, and code of its département.
    match
        How its name agrees; number and street are ``different`` where the address asks for more than the commune.
    is_sure
        Whether nothing but the commune could be meant by that name or code.
    """

    citycode: str
    name: str
    department: str
    match: Match
    is_sure: bool = True


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
        raise InputError(msg.address_errors.bad_address(folded, MIN_LETTERS, MAX_LETTERS))
    if postcode is not None and not _POSTCODE.fullmatch(postcode):
        raise InputError(msg.address_errors.bad_postcode(postcode))
    if citycode is not None and not _CITYCODE.fullmatch(citycode):
        raise InputError(msg.address_errors.bad_citycode(citycode))
    return Query(folded, postcode, citycode)


def candidate_to_json(candidate: Candidate) -> dict[str, object]:
    """Return a candidate as JSON keeps it."""
    match = candidate.match
    return {**candidate._asdict(), "match": None if match is None else match._asdict()}


def candidate_from_json(document: dict[str, object]) -> Candidate:
    """Return a candidate from what `candidate_to_json` makes of it.

    Raises
    ------
    TypeError, ValueError
        It is none.
    """
    kept = document["match"]
    values = {**document, "type": MatchType(str(document["type"])), "match": None if kept is None else _match(kept)}
    return Candidate(**values)  # type: ignore[arg-type]


def commune_to_json(commune: NamedCommune) -> dict[str, object]:
    """Return a commune as JSON keeps it."""
    return {**vars(commune), "match": commune.match._asdict()}


def commune_from_json(document: dict[str, object]) -> NamedCommune:
    """Return a commune from what `commune_to_json` makes of it.

    Raises
    ------
    TypeError, ValueError
        It is none.
    """
    return NamedCommune(**{**document, "match": _match(document["match"])})  # type: ignore[arg-type]


def _match(kept: object) -> Match:
    if not isinstance(kept, dict):
        raise TypeError(kept)
    parts = {key: Agreement(value) for key, value in kept.items() if isinstance(value, str)}
    return Match(**{**kept, **parts})
