"""The French sentence for an address without a firm answer: which part of it is unknown or differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.geocoding.chain import numbers_asked
from qpv_geo.geocoding.house_numbers import number_of
from qpv_geo.geocoding.match import is_firm, is_town_sure
from qpv_geo.geocoding.normalise import KINDS
from qpv_geo.geocoding.protocol import Agreement
from qpv_geo.geocoding.query import read
from qpv_geo.geocoding.result import is_commune_alone, shortlist

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.geocoding.protocol import Candidate, Match
    from qpv_geo.geocoding.result import GeocodingResult

_ALIKE = frozenset({Agreement.SAME, Agreement.SPELLING})


def address_sentence(found: GeocodingResult) -> str:
    """Return why an address has no firm answer: which part of it is unknown, different or not given."""
    asked, communes = found.query.text, [one.name for one in found.communes]
    if found.missing:
        return msg.addresses.addresses_missing(asked, communes, found.missing)
    if len(communes) > 1 and is_commune_alone(found):
        return msg.addresses.several_communes(
            asked, [msg.addresses.with_department(one.name, one.department) for one in found.communes]
        )
    if sum(is_firm(one.match) for one in found.candidates) > 1:
        return msg.addresses.several_places(asked, _labels(shortlist(found).candidates))
    best = next(iter((*shortlist(found).candidates, *found.candidates)), None)
    if best is None or best.match is None:
        return (
            msg.addresses.street_unknown(communes[0], None)
            if _is_street_asked(found)
            else msg.addresses.no_match(asked, found.searched)
        )
    return _differing(found, best, best.match)


def _differing(found: GeocodingResult, best: Candidate, match: Match) -> str:
    """Return which part of the best candidate differs: the number if the street and the town agree."""
    asked = found.query.text
    numbers = numbers_asked(found.query)
    if match.is_elsewhere:
        return msg.addresses.elsewhere(asked, best.label)
    if match.street in _ALIKE and (match.city in _ALIKE or is_town_sure(match)):
        known = [number.number for one in found.numbers if (number := number_of(one.housenumber)) is not None]
        wanted = "" if numbers is None else _unknown_numbers(found)
        return msg.addresses.number_unknown(wanted, best.street or "", known)
    if match.city is Agreement.DIFFERENT:
        commune = found.communes[0].name if len(found.communes) == 1 else None
        return msg.addresses.town_differs(asked, commune, best.label)
    if match.street in _ALIKE:
        return msg.addresses.town_unsaid(asked, _labels(shortlist(found).candidates))
    town = best.city if match.city in _ALIKE or match.is_determined else None
    is_street = bool(KINDS.intersection(read(asked)[0].words))
    return msg.addresses.street_unknown(town, best.street, is_street=is_street)


def _unknown_numbers(found: GeocodingResult) -> str:
    numbers = numbers_asked(found.query)
    if numbers is None:
        return ""
    known = [number for one in found.numbers if (number := number_of(one.housenumber)) is not None]
    unknown = numbers.unknown(known) or numbers.ends
    return ", ".join(map(str, unknown))


def _is_street_asked(found: GeocodingResult) -> bool:
    return len(found.communes) == 1 and not is_commune_alone(found)


def _labels(candidates: Sequence[Candidate]) -> list[str]:
    return [one.label for one in candidates]
