"""What the geocoders found for an address, and which of it is the very address asked.

Which candidates are is decided in `qpv_geo.geocoding.match` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.geocoding.match import is_firm
from qpv_geo.geocoding.named import named_from_json, named_to_json, surface_to_json
from qpv_geo.geocoding.protocol import (
    Agreement,
    MatchType,
    candidate_from_json,
    candidate_to_json,
    commune_from_json,
    commune_to_json,
    make_query,
)

if TYPE_CHECKING:
    from qpv_geo.geocoding.named import NamedPlace
    from qpv_geo.geocoding.protocol import Candidate, NamedCommune, Query

MOST_LISTED = 5
"""Most candidates listed in a verdict."""


class GeocodingResult(NamedTuple):
    """What a geocoder found for an address.

    Attributes
    ----------
    query
        What was asked.
    candidates
        With their match, the best first; none where nothing was found.
    numbers
        Where the best is a street: its house numbers; where several numbers are asked: those of them that it has.
    searched
        The geocoders that were asked.
    communes
        The communes that the address names, without a point.
    missing
        Départements of those communes, where nothing at hand holds their addresses and nobody else was asked.
    named
        What is named instead of an address; the candidates are then the addresses on a plot.
    """

    query: Query
    candidates: tuple[Candidate, ...]
    numbers: tuple[Candidate, ...] = ()
    searched: str = ""
    communes: tuple[NamedCommune, ...] = ()
    missing: tuple[str, ...] = ()
    named: NamedPlace | None = None

    def asked(self) -> dict[str, Any]:
        """Return what was asked, and of whom."""
        filters = {"postcode": self.query.postcode, "citycode": self.query.citycode}
        given = {key: value for key, value in filters.items() if value}
        return {"address": self.query.text, **given, "searched": self.searched}

    def to_json(self) -> dict[str, Any]:
        """Return it as the evidence writes it."""
        lists = {"candidates": self.candidates, "numbers": self.numbers}
        found: dict[str, Any] = {key: list(map(candidate_to_json, some)) for key, some in lists.items()}
        found |= {"communes": list(map(commune_to_json, self.communes)), "missing": list(self.missing)}
        if self.named is None:
            return {**self.asked(), "found": found}
        surface = self.named.surface
        site = {} if surface is None else {"site": surface_to_json(surface)}
        return {**self.asked(), **site, "found": found | {"named": named_to_json(self.named)}}


def found_from_json(question: dict[str, Any]) -> GeocodingResult:
    """Return what the evidence wrote.

    Raises
    ------
    InputError
        It did not.
    """
    try:
        query = make_query(question["address"], postcode=question.get("postcode"), citycode=question.get("citycode"))
        kept = question["found"]
        candidates, numbers = (tuple(map(candidate_from_json, kept[key])) for key in ("candidates", "numbers"))
        communes = tuple(map(commune_from_json, kept["communes"]))
        missing = tuple(map(str, kept["missing"]))
        named = named_from_json(kept["named"], question.get("site")) if "named" in kept else None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(msg.address_errors.bad_kept_address()) from error
    return GeocodingResult(query, candidates, numbers, str(question.get("searched", "")), communes, missing, named)


class Shortlist(NamedTuple):
    """The candidates that an answer is about.

    Attributes
    ----------
    is_firm
        Whether they are the very address asked; otherwise they bear its name, and are but listed.
    """

    candidates: tuple[Candidate, ...]
    is_firm: bool


def shortlist(found: GeocodingResult) -> Shortlist:
    """Return the candidates that are the very address asked, or else those that bear its name, if any.

    Of those that are, a worse match is no other place that could be meant: who writes « Martin » means no Rue Marin.
    """
    if found.missing:
        return Shortlist((), is_firm=False)  # what was found is in other communes
    if found.named is not None:
        return Shortlist(found.candidates, is_firm=False)
    firm = tuple(one for one in found.candidates if is_firm(one.match))
    if len(firm) == 1:
        return Shortlist(firm, is_firm=True)
    if firm:
        best = min(map(_closeness, firm))
        return Shortlist(tuple(one for one in firm if _closeness(one) == best), is_firm=True)
    alike = [one for one in found.candidates if one.match is not None and one.match.shares_name]
    near = [one for one in alike if _is_same_town(one)] or alike
    return Shortlist(tuple(near[:MOST_LISTED]), is_firm=False)


def _is_same_town(candidate: Candidate) -> bool:
    return candidate.match is not None and candidate.match.city is not Agreement.DIFFERENT


def _closeness(candidate: Candidate) -> tuple[bool, ...]:
    match = candidate.match
    if match is None:
        return (True, True, True)
    return (
        match.street is not Agreement.SAME,
        match.city is Agreement.SPELLING,
        match.number is Agreement.UNSAID and candidate.type is MatchType.LOCALITY,
    )


def is_commune_alone(found: GeocodingResult) -> bool:
    """Tell whether an address is no more than the name or the code of communes."""
    return bool(found.communes) and all(one.match.street is Agreement.UNSAID for one in found.communes)
