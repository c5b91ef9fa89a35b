"""From what a geocoder found to what must be measured, and from those measures to one answer.

The decision of each point is that of `qpv_geo.eligibility.decide`; here several are put together. Pure: nothing is
asked, read or measured.

- A weak match is ``weak_match``; several plausible ones are too, unless all give the same firm answer.
- A house number (or a published place): its point decides.
- A street: its house numbers decide where they are known: all inside, all outside, or ``street_straddles``.
- A locality, or a street without known numbers: ``imprecise_location``; a commune too, save where no perimeter of a
  complete set touches it: ``outside``, ``commune_without_perimeter``.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from qpv_geo.errors import InputError
from qpv_geo.geocoding.protocol import PRECISE, Candidate, MatchType, candidate_from_json, make_query
from qpv_geo.model import Location, PlausibleMatch, Reason, Status, StreetSide
from qpv_geo.texts import address_errors as say
from qpv_geo.words import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.model import Thresholds
    from qpv_geo.perimeters.read import PerimeterSet

Answer = tuple[Status, Reason]

_ARRONDISSEMENTS = {"751": "75056", "132": "13055", "6938": "69123"}
"""INSEE codes of arrondissements begin so in Paris, Marseille and Lyon; perimeters carry the code of the commune."""


@dataclass(frozen=True)
class Found:
    """What a geocoder found for an address.

    Attributes
    ----------
    query
        What was asked.
    candidates
        Best first; none where the address was not found.
    numbers
        Where the best is a street: its house numbers, none where they are not known.
    searched
        The geocoders that were asked.
    """

    query: Query
    candidates: tuple[Candidate, ...]
    numbers: tuple[Candidate, ...] = ()
    searched: str = ""

    def asked(self) -> dict[str, Any]:
        """Return what was asked, and of whom."""
        filters = {"postcode": self.query.postcode, "citycode": self.query.citycode}
        given = {key: value for key, value in filters.items() if value}
        return {"address": self.query.text, **given, "searched": self.searched}

    def to_json(self) -> dict[str, Any]:
        """Return it as the evidence writes it."""
        found = {
            "candidates": [asdict(one) for one in self.candidates],
            "numbers": [asdict(one) for one in self.numbers],
        }
        return {**self.asked(), "found": found}


def found_from_json(question: dict[str, Any]) -> Found:
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
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(say.bad_kept_address()) from error
    return Found(query, candidates, numbers, str(question.get("searched", "")))


def plausible(found: Found, thresholds: Thresholds) -> tuple[Candidate, ...]:
    """Return the candidates that may be the address: those whose score is near the best, none where that is low.

    The street of a house number that was found as well, or better, is no other place.
    """
    best = max((one.score for one in found.candidates), default=0.0)
    if best < thresholds.found_min_score:
        return ()
    least = max(thresholds.found_min_score, best - thresholds.plausible_within)
    near = tuple(one for one in found.candidates if one.score >= least)
    numbered: dict[tuple[str | None, str | None], float] = {}
    for one in near:
        if one.type is MatchType.HOUSENUMBER:
            street = one.street, one.citycode
            numbered[street] = max(one.score, numbered.get(street, 0.0))
    return tuple(
        one
        for one in near
        if one.type is not MatchType.STREET or one.score > numbered.get((one.street, one.citycode), 0.0)
    )


def unknown_number(found: Found) -> str | None:
    """Return the house number that an address names, where it is none of those of the street that was found."""
    from qpv_geo.geocoding.normalise import readings  # noqa: PLC0415 - a check of coordinates does without

    number = readings(found.query.text)[0].number
    street = fold(found.candidates[0].street or "").split()
    if number is None or str(number.number) in street:
        return None
    asked = f"{number.number} {number.suffix}".strip()
    return None if asked in {one.housenumber for one in found.numbers} else asked


def decided_by(found: Found, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Return the points whose decisions make the answer: the numbers of the one street, or the plausible candidates."""
    if len(candidates) == 1 and candidates[0].type is MatchType.STREET and found.numbers:
        return found.numbers
    return candidates


def answer(
    candidates: tuple[Candidate, ...],
    points: Sequence[Candidate],
    answers: Sequence[Answer],
    perimeters: PerimeterSet,
    thresholds: Thresholds,
) -> Answer:
    """Put the decisions of points together.

    Parameters
    ----------
    candidates
        The plausible candidates, best first.
    points
        What `decided_by` returned for them.
    answers
        The decision of each point.
    perimeters
        The set that decided, for a commune that it does not touch.
    """
    if candidates[0].score < thresholds.sure_min_score:
        return Status.UNCERTAIN, Reason.WEAK_MATCH
    if points is not candidates:
        return _together(answers, Reason.STREET_STRADDLES)
    alone = each_alone(candidates, answers, perimeters)
    if len(alone) > 1 and any(status is Status.UNCERTAIN for status, _ in alone):
        return Status.UNCERTAIN, Reason.WEAK_MATCH
    return _together(alone, Reason.WEAK_MATCH)


def each_alone(
    candidates: Sequence[Candidate], answers: Sequence[Answer], perimeters: PerimeterSet
) -> tuple[Answer, ...]:
    """Return the answer that each candidate would give alone; `answers` are the decisions of their points."""
    return tuple(_alone(*pair, perimeters) for pair in zip(candidates, answers, strict=True))


def _alone(candidate: Candidate, answer: Answer, perimeters: PerimeterSet) -> Answer:
    if candidate.type in PRECISE:
        return answer
    if candidate.type is MatchType.MUNICIPALITY:
        return _of_commune(candidate, perimeters)
    return Status.UNCERTAIN, Reason.IMPRECISE_LOCATION


def _together(answers: Sequence[Answer], otherwise: Reason) -> Answer:
    """Return the answer that all share if it is firm, or the doubt that all share, or else `otherwise`."""
    first = answers[0]
    if all(one == first for one in answers):
        return first
    return Status.UNCERTAIN, otherwise


def _of_commune(commune: Candidate, perimeters: PerimeterSet) -> Answer:
    known = perimeters.coverage.everywhere and all(perimeters.insee) and commune.citycode is not None
    if known and commune_code(commune.citycode or "") not in {
        code for codes in perimeters.insee for code in codes.split(",")
    }:
        return Status.OUTSIDE, Reason.COMMUNE_WITHOUT_PERIMETER
    return Status.UNCERTAIN, Reason.IMPRECISE_LOCATION


def commune_code(citycode: str) -> str:
    """Return the INSEE code of the commune that a code is of, be it that of an arrondissement."""
    return next((whole for start, whole in _ARRONDISSEMENTS.items() if citycode.startswith(start)), citycode)


def location_of(candidate: Candidate) -> Location:
    """Return a candidate as the location of a verdict."""
    return Location(
        lon=candidate.lon,
        lat=candidate.lat,
        accuracy_m=candidate.accuracy_m,
        type=candidate.type.value,
        score=candidate.score,
        label=candidate.label,
        citycode=candidate.citycode,
        source=candidate.source if candidate.edition is None else f"{candidate.source} ({candidate.edition})",
    )


def listed(
    candidates: Sequence[Candidate], answers: Sequence[Answer], codes: Sequence[str | None]
) -> list[PlausibleMatch]:
    """Return plausible candidates with what `each_alone` returned for them."""
    return [
        PlausibleMatch(
            one.label,
            one.score,
            one.type.value,
            one.citycode,
            status.value,
            code,
        )
        for one, (status, _), code in zip(candidates, answers, codes, strict=True)
    ]


def sides(numbers: Sequence[Candidate], answers: Sequence[Answer]) -> tuple[StreetSide, ...]:
    """Return the house numbers of a street by side and by what they are decided to be, in the order of the street."""
    found = []
    for side, parity in (("odd", 1), ("even", 0)):
        mine = [
            (one.housenumber or "", status)
            for one, (status, _) in zip(numbers, answers, strict=True)
            if _number(one.housenumber) % 2 == parity
        ]
        groups = (
            tuple(number for number, status in mine if status is wanted)
            for wanted in (Status.INSIDE, Status.OUTSIDE, Status.UNCERTAIN)
        )
        if mine:
            found.append(StreetSide(side, *groups))
    return tuple(found)


def _number(housenumber: str | None) -> int:
    found = re.search(r"\d+", housenumber or "")
    return int(found[0]) if found else 0
