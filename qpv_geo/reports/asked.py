"""Describe in words what was asked and what was found, from a verdict alone."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.model import Reason, Status
from qpv_geo.perimeters.generations import day_in_france

if TYPE_CHECKING:
    from qpv_geo.model import PlausibleMatch, Verdict

COMMUNE = "municipality"
UNRANKED = frozenset({"perimeter", "parcel"})
"""Location types found by code or exact name, whose score is meaningless."""
_OF_COMMUNE = ("postcode", "city")
_POI = "poi"
_UNSAID = "unsaid"


def is_about_qpv(verdict: Verdict) -> bool:
    """Tell whether a verdict is about QPV only."""
    return list(verdict.evidence.input.get("kinds", ["qpv"])) == ["qpv"]


def short_words(verdict: Verdict) -> dict[str, str]:
    """Return the short word of each status, for lines of candidates or of house numbers."""
    return msg.cli.STATUS_SHORT if is_about_qpv(verdict) else msg.cli.STATUS_SHORT | msg.cli.STATUS_SHORT_OTHER_KINDS


def is_to_come(verdict: Verdict) -> bool:
    """Tell whether the day asked is after that of the check: other perimeters may be in force by then."""
    return date.fromisoformat(verdict.on) > day_in_france(datetime.fromisoformat(verdict.evidence.checked_at))


def dated(verdict: Verdict) -> str:
    """Return the day asked and the generation that answered."""
    day, forced = msg.verdicts.day(date.fromisoformat(verdict.on)), "generation" in verdict.evidence.input
    return msg.cli.dated(day, verdict.generation, forced=forced, is_to_come=is_to_come(verdict))


def asked_address(verdict: Verdict) -> str | None:
    """Return the address asked with its filters, None for coordinates or a site."""
    question = verdict.evidence.input
    if "address" not in question:
        return None
    return msg.addresses.asked(str(question["address"]), question.get("postcode"), question.get("citycode"))


def found_without_point(verdict: Verdict) -> str:
    """Describe what was found for an address without a point: its commune, a local name, or nothing."""
    location = verdict.location
    if location.label is None:
        return msg.addresses.SEVERAL_FOUND if verdict.candidates else msg.addresses.nothing_found(location.match)
    if verdict.status == Status.NOT_LOCATED:
        return msg.addresses.not_placed(location.label, is_poi=location.type == _POI)
    if verdict.reason == Reason.NAMED_AREA:
        return msg.addresses.local_name(location.label)
    if location.type != COMMUNE:
        return location.label
    alone = location.match is None or location.match["street"] == _UNSAID
    return msg.addresses.commune_found(location.label, alone=alone)


def compared(verdict: Verdict) -> str:
    """Describe how the match agrees with the address asked; empty if there is nothing to compare."""
    location = verdict.location
    if location.label is None or location.match is None:
        return ""
    if location.type == COMMUNE and location.point is None:
        return msg.addresses.parts({part: location.match[part] for part in _OF_COMMUNE})
    return msg.addresses.parts(location.match, town_wanted=verdict.reason == Reason.WEAK_MATCH)


def found(verdict: Verdict) -> str:
    """Return the label of what was found for an address, or the description of a place without a point."""
    label = verdict.location.label
    return found_without_point(verdict) if label is None or verdict.location.point is None else label


def candidates(verdict: Verdict) -> list[str]:
    """Return a line per candidate of an address: its answer, and which of its parts differ."""
    return [_candidate(one, short_words(verdict)[one.status]) for one in verdict.candidates]


def _candidate(one: PlausibleMatch, status: str) -> str:
    score = "" if one.type == COMMUNE else msg.verdicts.number(one.score, 2)  # communes are not ranked
    return msg.cli.candidate(one.label, score, status, "" if one.match is None else msg.addresses.differing(one.match))
