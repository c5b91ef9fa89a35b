"""Choose the points that decide an address, combine their decisions, and write its location and candidates.

`qpv_geo.eligibility.decide` decides each point; `qpv_geo.geocoding.match` alone tells which candidates match firmly.

- No firm match: ``weak_match`` if some candidates share the name asked, else ``no_match`` or ``missing_addresses``; but
  ``outside``, ``commune_without_perimeter`` if the commune is known and no perimeter of a complete set touches it.
- Several firm matches: ``weak_match``, unless all give the same firm answer.
- A house number (or a published place): its point decides; if several numbers were asked, all their points do.
- A street: its known house numbers decide: the answer they share, or ``street_straddles``.
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
    """Return the points that decide the answer: the house numbers of the one street, or the candidates."""
    if not found.numbers or len({(one.street, one.citycode) for one in candidates}) != 1:
        return candidates
    if several_asked(found.query) is not None:
        return found.numbers
    return found.numbers if len(candidates) == 1 and candidates[0].type is MatchType.STREET else candidates


def answer(candidates: tuple[Candidate, ...], points: Sequence[Candidate], answers: Sequence[Answer]) -> Answer:
    """Combine the decisions of points into one answer.

    Parameters
    ----------
    candidates
        Firm matches for the address.
    points
        Points that `decided_by` returned for them.
    answers
        Decision of each point.
    """
    if points is not candidates:
        return _together(answers, Reason.STREET_STRADDLES)
    alone = each_alone(candidates, answers)
    if len(alone) > 1 and any(status is Status.UNCERTAIN for status, _ in alone):
        return Status.UNCERTAIN, Reason.WEAK_MATCH
    return _together(alone, Reason.WEAK_MATCH)


def each_alone(candidates: Sequence[Candidate], answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """Return the answer each candidate would give alone; `answers` are the decisions of their points."""
    return tuple(
        one if candidate.type in PRECISE else (Status.UNCERTAIN, Reason.IMPRECISE_LOCATION)
        for candidate, one in zip(candidates, answers, strict=True)
    )


def _together(answers: Sequence[Answer], otherwise: Reason) -> Answer:
    """Return the answer if all are the same, else uncertain for the reason `otherwise`."""
    first = answers[0]
    if all(one == first for one in answers):
        return first
    return Status.UNCERTAIN, otherwise


# ── Communes ─────────────────────────────────────────────────────────────────────────────────────────────────


def is_without_perimeter(found: GeocodingResult, perimeters: PerimeterSet) -> bool:
    """Tell whether the communes asked are certain and touched by no perimeter of a set complete everywhere."""
    if not found.communes:
        return False
    alone = each_commune(found.communes, perimeters)
    return all(one.is_sure for one in found.communes) and all(status is Status.OUTSIDE for status in alone)


def each_commune(communes: Sequence[NamedCommune], perimeters: PerimeterSet) -> list[Status]:
    """Return the status of each commune: outside if no perimeter of a complete set touches it, else uncertain."""
    complete = perimeters.coverage.everywhere and all(perimeters.insee)
    touched = _rows_by_commune(perimeters.insee)
    return [
        Status.OUTSIDE if complete and one.citycode and whole_code(one.citycode) not in touched else Status.UNCERTAIN
        for one in communes
    ]


def perimeters_of_commune(commune: NamedCommune, perimeters: PerimeterSet) -> tuple[PerimeterMatch, ...]:
    """Return the perimeters that touch a commune; their `share_inside` is None."""
    rows = _rows_by_commune(perimeters.insee).get(whole_code(commune.citycode), ())
    return tuple(
        PerimeterMatch(perimeters.codes[row], perimeters.names[row], str(perimeters.kinds[row]), None) for row in rows
    )


@lru_cache(maxsize=16)
def _rows_by_commune(insee: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """Map present INSEE codes to rows of perimeters; a commune that has since merged counts as its successor."""
    found: dict[str, tuple[int, ...]] = {}
    for row, codes in enumerate(insee):
        for code in dict.fromkeys(whole_code(one.strip()) for one in codes.split(",") if one.strip()):
            found[code] = (*found.get(code, ()), row)
    return found


# ── Parts of a verdict ───────────────────────────────────────────────────────────────────────────────────────


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
    """Return a commune as the location of a verdict; it has no point."""
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
    """Return communes that share a name as plausible matches, with the status of each alone."""
    kind = MatchType.MUNICIPALITY.value
    return tuple(
        PlausibleMatch(f"{one.name} ({one.department})", 1.0, kind, one.citycode, status.value, None, _parts(one.match))
        for one, status in zip(communes[:MOST_LISTED], statuses, strict=False)
    )


def no_location(found: GeocodingResult) -> Location:
    """Return the location of an address that was not found, with how the best candidate, or else its commune, differs.

    If the addresses of its commune are missing, candidates are ignored: they are in other communes.
    """
    likest = () if found.missing else found.candidates[:1]
    matches = [*(one.match for one in likest), *(one.match for one in found.communes), None]
    return Location(
        None, None, None, "address", source=found.searched, asked=asked_words(found.query), match=_parts(matches[0])
    )


def asked_words(query: Query) -> str:
    """Return the text asked, followed by its postcode and INSEE code filters."""
    return ", ".join(filter(None, (query.text, query.postcode, query.citycode)))


def _parts(match: Match | None) -> dict[str, str] | None:
    return None if match is None else {key: str(value) for key, value in match.parts().items()}


def listed(
    candidates: Sequence[Candidate], answers: Sequence[Answer], codes: Sequence[str | None]
) -> tuple[PlausibleMatch, ...]:
    """Return candidates as plausible matches; `answers` come from `each_alone`."""
    return tuple(
        PlausibleMatch(one.label, one.score, one.type.value, one.citycode, status.value, code, _parts(one.match))
        for one, (status, _), code in zip(candidates, answers, codes, strict=True)
    )


def sides(numbers: Sequence[Candidate], answers: Sequence[Answer]) -> tuple[StreetSide, ...]:
    """Group the house numbers of a street by side and by status, keeping their order."""
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
