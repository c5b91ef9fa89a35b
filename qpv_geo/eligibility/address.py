"""From what a geocoder found to what must be measured, and from those measures to one answer.

The decision of each point is that of `qpv_geo.eligibility.decide`; here several are put together. Pure: nothing is
asked or measured. Which candidates are the very address asked is said in `qpv_geo.geocoding.match`, nowhere else.

- None is: ``weak_match`` where some bear the name that was asked, ``no_match`` otherwise; save where the commune asked
  is known and no perimeter of a complete set touches it: ``outside``, ``commune_without_perimeter``.
- Several are: ``weak_match``, unless all give the same firm answer.
- A house number (or a published place): its point decides; of several numbers asked, those of all of them.
- A street: its house numbers decide where they are known: all inside, all outside, or ``street_straddles``.
- A locality, a street without known numbers, a commune: ``imprecise_location``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from qpv_geo.geocoding.chain import several_asked
from qpv_geo.geocoding.protocol import (
    PRECISE,
    MatchType,
)
from qpv_geo.geocoding.result import MOST_LISTED
from qpv_geo.geocoding.towns import whole_code
from qpv_geo.model import Location, PerimeterMatch, PlausibleMatch, Reason, Status, StreetSide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.geocoding.protocol import Candidate, Match, NamedCommune, Query
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.perimeters.read import PerimeterSet

Answer = tuple[Status, Reason]

_GAZETTEER = "communes de France"


def decided_by(found: GeocodingResult, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Return the points whose decisions make the answer: the numbers of the one street, or the candidates."""
    if not found.numbers or len({(one.street, one.citycode) for one in candidates}) != 1:
        return candidates
    if several_asked(found.query) is not None:
        return found.numbers
    return found.numbers if len(candidates) == 1 and candidates[0].type is MatchType.STREET else candidates


def answer(candidates: tuple[Candidate, ...], points: Sequence[Candidate], answers: Sequence[Answer]) -> Answer:
    """Put the decisions of points together.

    Parameters
    ----------
    candidates
        Those that are the very address asked.
    points
        What `decided_by` returned for them.
    answers
        The decision of each point.
    """
    if points is not candidates:
        return _together(answers, Reason.STREET_STRADDLES)
    alone = each_alone(candidates, answers)
    if len(alone) > 1 and any(status is Status.UNCERTAIN for status, _ in alone):
        return Status.UNCERTAIN, Reason.WEAK_MATCH
    return _together(alone, Reason.WEAK_MATCH)


def each_alone(candidates: Sequence[Candidate], answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """Return the answer that each candidate would give alone; `answers` are the decisions of their points."""
    return tuple(
        one if candidate.type in PRECISE else (Status.UNCERTAIN, Reason.IMPRECISE_LOCATION)
        for candidate, one in zip(candidates, answers, strict=True)
    )


def _together(answers: Sequence[Answer], otherwise: Reason) -> Answer:
    """Return the answer that all share if it is firm, or the doubt that all share, or else `otherwise`."""
    first = answers[0]
    if all(one == first for one in answers):
        return first
    return Status.UNCERTAIN, otherwise


# ── Communes ─────────────────────────────────────────────────────────────────────────────────────────────────


def is_without_perimeter(found: GeocodingResult, perimeters: PerimeterSet) -> bool:
    """Tell whether the communes asked are known, and no perimeter of a set complete everywhere touches any."""
    if not found.communes:
        return False
    alone = each_commune(found.communes, perimeters)
    return all(one.is_sure for one in found.communes) and all(status is Status.OUTSIDE for status in alone)


def each_commune(communes: Sequence[NamedCommune], perimeters: PerimeterSet) -> list[Status]:
    """Return the answer that each commune gives alone: outside where no perimeter of a complete set touches it."""
    complete = perimeters.coverage.everywhere and all(perimeters.insee)
    touched = _rows_by_commune(perimeters.insee)
    return [
        Status.OUTSIDE if complete and one.citycode and whole_code(one.citycode) not in touched else Status.UNCERTAIN
        for one in communes
    ]


def perimeters_of_commune(commune: NamedCommune, perimeters: PerimeterSet) -> tuple[PerimeterMatch, ...]:
    """Return the perimeters that touch a commune, without the share of it that they hold."""
    rows = _rows_by_commune(perimeters.insee).get(whole_code(commune.citycode), ())
    return tuple(
        PerimeterMatch(perimeters.codes[row], perimeters.names[row], str(perimeters.kinds[row]), None) for row in rows
    )


@lru_cache(maxsize=16)
def _rows_by_commune(insee: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """Return the rows of perimeters by commune of today: one that has merged since they were drawn is its successor."""
    found: dict[str, tuple[int, ...]] = {}
    for row, codes in enumerate(insee):
        for code in dict.fromkeys(whole_code(one.strip()) for one in codes.split(",") if one.strip()):
            found[code] = (*found.get(code, ()), row)
    return found


# ── As a verdict writes them ─────────────────────────────────────────────────────────────────────────────────


def location_of(candidate: Candidate, query: Query) -> Location:
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
        asked=asked_words(query),
        match=_parts(candidate.match),
    )


def location_of_commune(commune: NamedCommune, query: Query) -> Location:
    """Return a commune as the location of a verdict, which has no point."""
    return Location(
        lon=None,
        lat=None,
        accuracy_m=None,
        type=MatchType.MUNICIPALITY.value,
        label=commune.name,
        citycode=commune.citycode,
        source=_GAZETTEER,
        asked=asked_words(query),
        match=_parts(commune.match),
    )


def listed_communes(communes: Sequence[NamedCommune], statuses: Sequence[Status]) -> tuple[PlausibleMatch, ...]:
    """Return communes of the same name as candidates, with the answer that each would give alone."""
    kind = MatchType.MUNICIPALITY.value
    return tuple(
        PlausibleMatch(f"{one.name} ({one.department})", 1.0, kind, one.citycode, status.value, None, _parts(one.match))
        for one, status in zip(communes[:MOST_LISTED], statuses, strict=False)
    )


def no_location(found: GeocodingResult) -> Location:
    """Return the location of an address that was not found, with how the likest candidate, or its commune, differs.

    Where the addresses of its commune are missing, what resembles it elsewhere is beside the question.
    """
    likest = () if found.missing else found.candidates[:1]
    matches = [*(one.match for one in likest), *(one.match for one in found.communes), None]
    return Location(
        None, None, None, "address", source=found.searched, asked=asked_words(found.query), match=_parts(matches[0])
    )


def asked_words(query: Query) -> str:
    """Return the words asked, with the filters that were given."""
    return ", ".join(filter(None, (query.text, query.postcode, query.citycode)))


def _parts(match: Match | None) -> dict[str, str] | None:
    return None if match is None else {key: str(value) for key, value in match.parts().items()}


def listed(
    candidates: Sequence[Candidate], answers: Sequence[Answer], codes: Sequence[str | None]
) -> tuple[PlausibleMatch, ...]:
    """Return candidates with what `each_alone` returned for them."""
    return tuple(
        PlausibleMatch(one.label, one.score, one.type.value, one.citycode, status.value, code, _parts(one.match))
        for one, (status, _), code in zip(candidates, answers, codes, strict=True)
    )


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
