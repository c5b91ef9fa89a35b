"""What was asked and what was found, in words, for whoever shows a verdict: pure, from the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.model import Reason, Status

if TYPE_CHECKING:
    from qpv_geo.model import PlausibleMatch, Verdict

COMMUNE = "municipality"
UNRANKED = frozenset({"perimeter", "parcel"})
"""What is found by its code or its very name: its score says nothing."""
_OF_COMMUNE = ("postcode", "city")
_POI = "poi"
_UNSAID = "unsaid"


def is_about_qpv(verdict: Verdict) -> bool:
    """Tell whether QPV alone are asked about."""
    return list(verdict.evidence.input.get("kinds", ["qpv"])) == ["qpv"]


def short_words(verdict: Verdict) -> dict[str, str]:
    """Return the word of each status within a line: of a candidate, of house numbers."""
    return msg.cli.STATUS_SHORT if is_about_qpv(verdict) else msg.cli.STATUS_SHORT | msg.cli.STATUS_SHORT_OTHER_KINDS


def asked_address(verdict: Verdict) -> str | None:
    """Return the address asked with its filters, None where coordinates or a site are."""
    question = verdict.evidence.input
    if "address" not in question:
        return None
    return msg.addresses.asked(str(question["address"]), question.get("postcode"), question.get("citycode"))


def found_without_point(verdict: Verdict) -> str:
    """Return what was found of an address that has no point: its commune, a local name, or nothing."""
    location = verdict.location
    if location.label is None:
        return msg.addresses.nothing_found(location.match)
    if verdict.status == Status.NOT_LOCATED:
        return msg.addresses.not_placed(location.label, is_poi=location.type == _POI)
    if verdict.reason == Reason.NAMED_AREA:
        return msg.addresses.local_name(location.label)
    if location.type != COMMUNE:
        return location.label
    alone = location.match is None or location.match["street"] == _UNSAID
    return msg.addresses.commune_found(location.label, alone=alone)


def compared(verdict: Verdict) -> str:
    """Return how what was found agrees with what was asked; nothing where nothing was found, or nothing to compare."""
    location = verdict.location
    if location.label is None or location.match is None:
        return ""
    if location.type == COMMUNE and location.point is None:
        return msg.addresses.parts({part: location.match[part] for part in _OF_COMMUNE})
    return msg.addresses.parts(location.match, town_wanted=verdict.reason == Reason.WEAK_MATCH)


def found(verdict: Verdict) -> str:
    """Return what was found of an address, by its label."""
    label = verdict.location.label
    return found_without_point(verdict) if label is None or verdict.location.point is None else label


def candidates(verdict: Verdict) -> list[str]:
    """Return a line for each place that the address may be: its answer, and which of its parts differs."""
    return [_candidate(one, short_words(verdict)[one.status]) for one in verdict.candidates]


def _candidate(one: PlausibleMatch, status: str) -> str:
    score = "" if one.type == COMMUNE else msg.verdicts.number(one.score, 2)  # of a name there is nothing to rank
    return msg.cli.candidate(one.label, score, status, "" if one.match is None else msg.addresses.differing(one.match))
