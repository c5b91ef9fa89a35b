"""The geocoder protocol, with its queries and candidates.

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
from qpv_geo.text_normalisation import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_LETTERS, MAX_LETTERS = 3, 200
"""Length of a query that the national service accepts."""

_POSTCODE = re.compile(r"\d{5}")
_CITYCODE = re.compile(r"\d{5}|2[AB]\d{3}")


class MatchType(StrEnum):
    """What was matched, from finest to coarsest; ``poi`` is a place with its own point."""

    HOUSENUMBER = "housenumber"
    POI = "poi"
    STREET = "street"
    LOCALITY = "locality"
    MUNICIPALITY = "municipality"


PRECISE = frozenset({MatchType.HOUSENUMBER, MatchType.POI})
"""Types whose point may give a firm verdict."""


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
    """How a part of a candidate agrees with the same part of the query."""

    SAME = "same"
    SPELLING = "spelling"
    """The same except for a typing error, an abbreviation, or words that sound alike or are glued."""
    UNSAID = "unsaid"
    """Not asked."""
    DIFFERENT = "different"


class Match(NamedTuple):
    """How each part of a candidate agrees with the query; see `qpv_geo.geocoding.match`.

    Attributes
    ----------
    is_determined
        Whether a filter, or a postcode of a single commune, settles the town without its name.
    shares_name
        Whether a distinctive word of the street was asked, even if the rest differs.
    is_elsewhere
        Whether the postcode or the département asked belongs to other communes.
    """

    number: Agreement
    street: Agreement
    postcode: Agreement
    city: Agreement
    is_determined: bool = False
    shares_name: bool = False
    is_elsewhere: bool = False

    def parts(self) -> dict[str, str]:
        """Return the parts as the verdict shows them."""
        return {"number": self.number, "street": self.street, "postcode": self.postcode, "city": self.city}


class Candidate(NamedTuple):
    """A place that may be the address.

    Attributes
    ----------
    label
        The address as the source writes it.
    score
        0 to 1; ranks candidates, and says nothing about how far the point is from the door.
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
        Kind of point (``entrée``, ``segment``…), if the source says.
    accuracy_m
        How far off the point may be, in metres; see `qpv_geo.geocoding.accuracy`.
    source, edition
        Name of the geocoder that answers, and edition of its data.
    former_city
        Former or delegated communes that the address was in, separated by ``|``, if the source says.
    aliases
        Other names of the street, separated by ``|``, if the source says.
    match
        How its parts agree with those asked; None until compared.
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
    """A commune named by an address, without a point.

    Attributes
    ----------
    citycode, name, department
        INSEE code, name, and code of its département.
    match
        How its name agrees; number and street are ``different`` if the address asks for more than the commune.
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
        """Name in the evidence."""
        ...

    def search(self, query: Query, *, limit: int = 5) -> Sequence[Candidate]:
        """Return the candidates for an address, best first; empty if the address is not found.

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
    """Build a query: collapse spaces, write codes in capitals, check length and codes.

    Raises
    ------
    InputError
        The text is too short or too long, or a code is malformed.
    """
    if not isinstance(text, str):
        raise InputError(msg.address_errors.not_a_text(text))
    folded = " ".join(shown(text).split())
    if not MIN_LETTERS <= len(folded) <= MAX_LETTERS:
        raise InputError(msg.address_errors.bad_address(folded, MIN_LETTERS, MAX_LETTERS))
    if postcode is not None and not (isinstance(postcode, str) and _POSTCODE.fullmatch(postcode)):
        raise InputError(msg.address_errors.bad_postcode(postcode))
    if citycode is not None and not (isinstance(citycode, str) and _CITYCODE.fullmatch(citycode.upper())):
        raise InputError(msg.address_errors.bad_citycode(citycode))
    return Query(folded, postcode, None if citycode is None else citycode.upper())


def candidate_to_json(candidate: Candidate) -> dict[str, object]:
    """Return a candidate as a JSON-serialisable dictionary."""
    match = candidate.match
    return {**candidate._asdict(), "match": None if match is None else match._asdict()}


def candidate_from_json(document: dict[str, object]) -> Candidate:
    """Return a candidate from its `candidate_to_json` form.

    Raises
    ------
    KeyError, TypeError, ValueError
        `document` is not a serialised candidate.
    """
    kept = document["match"]
    values = {**document, "type": MatchType(str(document["type"])), "match": None if kept is None else _match(kept)}
    return Candidate(**values)  # type: ignore[arg-type]


def commune_to_json(commune: NamedCommune) -> dict[str, object]:
    """Return a commune as a JSON-serialisable dictionary."""
    return {**vars(commune), "match": commune.match._asdict()}


def commune_from_json(document: dict[str, object]) -> NamedCommune:
    """Return a commune from its `commune_to_json` form.

    Raises
    ------
    KeyError, TypeError, ValueError
        `document` is not a serialised commune.
    """
    return NamedCommune(**{**document, "match": _match(document["match"])})  # type: ignore[arg-type]


def _match(kept: object) -> Match:
    if not isinstance(kept, dict):
        raise TypeError(kept)
    parts = {key: Agreement(value) for key, value in kept.items() if isinstance(value, str)}
    return Match(**{**kept, **parts})
