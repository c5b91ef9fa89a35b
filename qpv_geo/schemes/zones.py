"""Test a place against one zone of a scheme.

Whether it is inside comes from a verdict; distances, for bands, come from `qpv_geo.eligibility.bands`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.eligibility.bands import Band, Cause, Reach, Result, decide_band, reach
from qpv_geo.errors import MissingPerimetersError
from qpv_geo.model import Kind, Reason, Status
from qpv_geo.schemes.communes import ListedCommune, members, rows_that_count
from qpv_geo.schemes.model import (
    DECLARED,
    AskedCondition,
    Condition,
    KnownBy,
    RoadLimit,
    Zone,
    ZoneFinding,
)
from qpv_geo.schemes.npnru import conventions
from qpv_geo.schemes.relation import Relation
from qpv_geo.schemes.road import street_along_limit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.eligibility.location import Place
    from qpv_geo.model import PerimeterMatch, Verdict
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.schemes.asking import AskedPlace

_HERE = {ListedCommune.WHOLE, ListedCommune.PART}
_WHY = {
    Cause.MARGIN: msg.schemes.MARGIN,
    Cause.POINT: msg.schemes.POINT,
    Cause.ENSEMBLE: msg.schemes.ENSEMBLE,
    Cause.NOT_COVERED: msg.schemes.NOT_COVERED,
}


@dataclass(frozen=True)
class ZoneQuestion:
    """What is asked of a zone beside the place: the day, the answers given, and what the road rule needs."""

    day: date
    answers: Mapping[str, bool]
    checker: Checker
    road_limit: RoadLimit


def find(zone: Zone, asked: AskedPlace, question: ZoneQuestion) -> ZoneFinding:
    """Test a place against a zone and the conditions of its own, which data may answer.

    Raises
    ------
    MissingPerimetersError
        See `_tested`.
    """
    mine = [one for one in zone.requires if one.applies(question.day)]
    by_data = {one.id for one in mine if one.known_by is KnownBy.NPNRU and one.id not in question.answers}
    finding = _tested(zone, asked, None)
    answered: set[str] = set()
    if by_data and finding.result is not Result.NOT_MET:
        lists = conventions(question.checker.settings.home, question.day)
        known = _tested(zone, asked, lists.codes)
        finding, answered = (known, by_data) if known.result is Result.MET else (finding, answered)
        finding = replace(finding, conventions_sha256=lists.sha256)
    told = tuple(_answered(one, question.answers, one.id in answered) for one in mine)
    return _along_a_street(replace(finding, asked=told), asked, question)


def _along_a_street(finding: ZoneFinding, asked: AskedPlace, question: ZoneQuestion) -> ZoneFinding:
    """Add the numbers of the street asked on either side of the limit, for rules that count both sides of a road."""
    within_m = finding.zone.test.distance_m
    if question.road_limit is not RoadLimit.BOTH_SIDES or not within_m or finding.result is Result.NOT_MET:
        return finding
    street = street_along_limit(asked, question.checker, within_m)
    return finding if street is None else replace(finding, street=street, text=f"{finding.text} {street}")


def _answered(condition: Condition, answers: Mapping[str, bool], by_data: bool) -> AskedCondition:  # noqa: FBT001
    if by_data:
        return AskedCondition(condition, answer=True, by=str(condition.known_by))
    answer = answers.get(condition.id)
    return AskedCondition(condition, answer, None if answer is None else DECLARED)


def _tested(zone: Zone, asked: AskedPlace, only: frozenset[str] | None) -> ZoneFinding:
    """Test a place against a zone, or against those of its perimeters whose codes are in `only`.

    Raises
    ------
    MissingPerimetersError
        The perimeters of the generation in force are not installed. If those of another generation or of local zones
        are missing, the result is a doubt: the place may be in one of them.
    """
    if not asked.located:
        return ZoneFinding(zone, Result.IN_DOUBT, _as_the_verdict(zone, asked.base))
    try:
        sets = asked.sets(zone.kind, zone.generation)
    except MissingPerimetersError as error:
        if zone.kind == Kind.QPV and zone.generation is None:
            raise
        return _unknown(zone, asked, error)
    known = members(zone, sets, only)
    if zone.kind != Kind.QPV and set(known.values()) == {ListedCommune.OTHER}:
        return _unknown(zone, asked, None)
    if zone.test.distance_m is not None:
        perimeters = asked.combined(sets)
        return _find_in_band(zone, asked.places(), perimeters, *rows_that_count(zone, sets, only, perimeters))
    return _find_inside(zone, asked, known, narrowed=zone.narrowed or only is not None)


def _unknown(zone: Zone, asked: AskedPlace, error: MissingPerimetersError | None) -> ZoneFinding:
    """Return the finding for a zone whose perimeters are not installed."""
    if why := _out_of_communes(zone, asked):
        return _not_in(zone, why)
    if zone.unpublished:
        return _doubt(zone, msg.schemes.sentence(zone.unpublished))
    if error is None or zone.kind != Kind.QPV:
        return _doubt(zone, msg.schemes.not_installed(zone.kind))
    return replace(_doubt(zone, msg.schemes.sentence(str(error))), remedy=error.remedy)


def _as_the_verdict(zone: Zone, verdict: Verdict) -> str:
    """Return why a zone is in doubt where the verdict is, without its sentence again."""
    distance_m = None if verdict.nearest is None else verdict.nearest.distance_m
    return msg.schemes.in_doubt_as_the_verdict(zone.label, verdict.reason, distance_m, verdict.location.accuracy_m)


def _doubt(zone: Zone, why: str) -> ZoneFinding:
    return ZoneFinding(zone, Result.IN_DOUBT, msg.schemes.in_doubt(zone.label, why))


# ── Inside ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _find_inside(zone: Zone, asked: AskedPlace, known: Mapping[str, ListedCommune], *, narrowed: bool) -> ZoneFinding:
    verdict = asked.verdict(zone.kind, zone.generation)
    touched = [match for match in verdict.perimeters if match.kind == zone.kind]
    if narrowed:
        known = _resolved(zone, known, asked.citycode)
        mine = [match for match in touched if known[match.code] is not ListedCommune.OTHER]
        if not mine and (why := _elsewhere(zone, asked, verdict, touched)):
            return _not_in(zone, why)
        touched = mine
    result, why = _inside(zone, verdict, touched, known)
    if result is Result.NOT_MET and zone.kind != Kind.QPV and not _HERE & set(known.values()):
        return _unknown(zone, asked, None)  # these zones may all be another town's
    evidence = verdict.evidence
    text = {
        Result.MET: msg.schemes.with_verdict(msg.schemes.met(zone.label), verdict.message),
        Result.NOT_MET: msg.schemes.with_verdict(msg.schemes.not_met(zone.label), verdict.message),
        Result.IN_DOUBT: msg.schemes.in_doubt(zone.label, why) if why else _as_the_verdict(zone, verdict),
    }[result]
    return ZoneFinding(zone, result, text, dataset=evidence.dataset, sha256=evidence.sha256)


def _resolved(zone: Zone, known: Mapping[str, ListedCommune], citycode: str | None) -> Mapping[str, ListedCommune]:
    """Use the commune of the address to settle perimeters in several or unknown communes."""
    if citycode is None or not zone.communes:
        return known
    here = ListedCommune.WHOLE if citycode in {commune.insee for commune in zone.communes} else ListedCommune.OTHER
    return {
        code: here if member in {ListedCommune.PART, ListedCommune.UNKNOWN} else member
        for code, member in known.items()
    }


def _elsewhere(zone: Zone, asked: AskedPlace, verdict: Verdict, touched: Sequence[PerimeterMatch]) -> str | None:
    """Return why a place that touches no perimeter of the communes is certainly not in the zone, or None."""
    if verdict.reason is Reason.WEAK_MATCH:
        return None
    if touched and verdict.reason is not Reason.NOT_COVERED:
        return msg.schemes.elsewhere(", ".join(msg.verdicts.named(one.name, one.code) for one in touched))
    return _out_of_communes(zone, asked)


def _out_of_communes(zone: Zone, asked: AskedPlace) -> str | None:
    """Return why a place is certainly outside the communes, hence in no perimeter of theirs, or None."""
    names = [commune.name for commune in zone.communes]
    if not zone.communes or zone.test.distance_m is not None:
        return None
    if asked.citycode is not None and asked.citycode not in {commune.insee for commune in zone.communes}:
        return msg.schemes.other_commune(names)
    if all(commune.box is not None and asked.beyond(commune.box) for commune in zone.communes):
        return msg.schemes.far_from(names)
    return None


def _not_in(zone: Zone, why: str) -> ZoneFinding:
    return ZoneFinding(zone, Result.NOT_MET, msg.schemes.not_met(zone.label, why))


def _inside(
    zone: Zone, verdict: Verdict, touched: Sequence[PerimeterMatch], known: Mapping[str, ListedCommune]
) -> tuple[Result, str]:
    """Apply the relation of the zone to a verdict; `touched` are the perimeters that count."""
    enough = verdict.status is Status.INSIDE
    if zone.test.relation is Relation.INTERSECTS:
        enough = enough or verdict.reason is Reason.SITE_STRADDLES
        if verdict.status is Status.OUTSIDE and touched:
            return Result.IN_DOUBT, msg.schemes.sliver()
    if verdict.status is Status.OUTSIDE:
        return Result.NOT_MET, ""
    if not enough:
        return Result.IN_DOUBT, ""
    if all(one is ListedCommune.WHOLE for one in known.values()):
        return Result.MET, ""
    return _of_communes(zone, verdict, touched, known)


def _of_communes(
    zone: Zone, verdict: Verdict, touched: Sequence[PerimeterMatch], known: Mapping[str, ListedCommune]
) -> tuple[Result, str]:
    """Tell whether the perimeters wholly in the communes contain enough of the place."""
    share = sum(match.share_inside or 0.0 for match in touched if known[match.code] is ListedCommune.WHOLE)
    intersects = zone.test.relation is Relation.INTERSECTS
    least = (
        verdict.evidence.thresholds.outside_max_share if intersects else verdict.evidence.thresholds.inside_min_share
    )
    if share > least or (share == least and not intersects):
        return Result.MET, ""
    for match in touched:
        name = msg.verdicts.named(match.name, match.code)
        if known[match.code] is ListedCommune.PART:
            return Result.IN_DOUBT, msg.schemes.several_communes(name, [commune.name for commune in zone.communes])
        if known[match.code] is ListedCommune.UNKNOWN:
            return Result.IN_DOUBT, msg.schemes.commune_unknown(name)
    return Result.IN_DOUBT, msg.schemes.partly_elsewhere()


# ── Within a distance ──────────────────────────────────────────────────────────────────────────────────────────────


def _find_in_band(
    zone: Zone, places: Sequence[Place], perimeters: PerimeterSet, rows: tuple[int, ...], sure: tuple[int, ...]
) -> ZoneFinding:
    """Measure every possible point of the place against the perimeters that may count; `sure` are those that do.

    For a distance, a perimeter that spans several communes counts for each of them.
    """
    if not places:
        return _doubt(zone, msg.schemes.NOT_LOCATED_ENOUGH)
    band = _band(zone)
    measured = [reach(perimeters, rows, place, band) for place in places]
    decided = {decide_band(one, band) for one in measured}
    results = {result for result, _ in decided}
    if len(results) > 1:
        return _doubt(zone, msg.schemes.POINTS_DISAGREE)
    result = results.pop()
    why = next(text for _, cause in decided if (text := _WHY.get(cause, "")) or cause is Cause.CLEAR)
    if result is Result.MET and len(sure) < len(rows):
        again = {decide_band(reach(perimeters, sure, place, band), band)[0] for place in places}
        if again != {Result.MET}:
            result, why = Result.IN_DOUBT, msg.schemes.commune_unknown(zone.label)
    return _measured(zone, result, why, measured[0], perimeters)


def _band(zone: Zone) -> Band:
    test = zone.test
    return Band(test.distance_m or 0.0, test.relation is Relation.ENTIRELY_WITHIN_DISTANCE, test.partly_within_m)


def _measured(zone: Zone, result: Result, why: str, measured: Reach, perimeters: PerimeterSet) -> ZoneFinding:
    near, far = _metres(measured.nearest_m), _metres(measured.farthest_m)
    said = {
        Result.MET: msg.schemes.met(zone.label),
        Result.NOT_MET: msg.schemes.not_met(zone.label),
        Result.IN_DOUBT: msg.schemes.in_doubt(zone.label, why),
    }[result]
    text = msg.schemes.none_near(said) if near is None else msg.schemes.reach(said, near, far)
    return ZoneFinding(
        zone, result, text, near, far, round(measured.margin_m, 2), perimeters.dataset.id, perimeters.dataset.sha256
    )


def _metres(value: float | None) -> float | None:
    return round(value, 2) if value is not None and math.isfinite(value) else None
