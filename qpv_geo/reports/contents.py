"""Content of a fiche, without its layout, from a verdict and scheme decisions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from qpv_geo import messages as msg
from qpv_geo.messages.typography import joined
from qpv_geo.model import Kind, Reason, Status
from qpv_geo.reports import asked as told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qpv_geo.model import Evidence, PerimeterMatch, Verdict
    from qpv_geo.schemes.model import SchemeDecision

Facts = list[tuple[str, str]]


_STATUS = msg.colours.LOOKS_LIKE | {"place_ok": "place_ok"}
"""Verdict status that gives its look to each scheme outcome; a place that fits has one of its own."""
_MARKS = {"met": "✔", "not_met": "✘", "in_doubt": "?", "unanswered": "☐"}
"""Mark of a reason by its result; that of an unanswered question is a box to tick."""
_DASH = "–"


@dataclass(frozen=True)
class Item:
    """A line of a listing: its text, its source, and the mark before it."""

    text: str
    source: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Listing:
    """Items under a title; those that do not fit are counted.

    Attributes
    ----------
    status, answer
        Answer of a scheme: the verdict status of the same colour, or ``place_ok``, and the answer in words.
    total
        Number of items, in words.
    flowing
        Whether items are inline, as house numbers are, instead of one per line.
    beside
        Whether items are to the right of the title instead of below it.
    uncut
        Whether no item may be left out.
    """

    title: str
    items: tuple[Item, ...]
    total: str = ""
    status: str = ""
    answer: str = ""
    flowing: bool = False
    separator: str = ", "
    beside: bool = False
    uncut: bool = False


def answer(verdict: Verdict) -> str:
    """Return the answer of a verdict in words."""
    words = msg.cli.STATUS if told.is_about_qpv(verdict) else msg.cli.STATUS | msg.cli.STATUS_OTHER_KINDS
    return words[verdict.status]


def facts(verdict: Verdict) -> Facts:
    """Return labelled facts about the place; unknown ones are marked as such or left out."""
    nearest = verdict.nearest
    found = [
        (msg.addresses.ASKED, _asked(verdict)),
        (msg.addresses.FOUND, _found(verdict)),
        (msg.addresses.COMPARED, told.compared(verdict)),
        (msg.fiche.DATE, told.dated(verdict)),
        (msg.fiche.REASON, msg.cli.REASON[verdict.reason]),
        (msg.fiche.TO_VERIFY, _to_verify(verdict)),
    ]
    if nearest is not None:
        name = msg.verdicts.named(nearest.name, nearest.code)
        found.append(
            (
                msg.fiche.DISTANCE,
                msg.fiche.distance(msg.verdicts.metres(nearest.distance_m), nearest.distance_m, name),
            )
        )
    found += [
        *_measured(verdict),
        *((msg.cli.STATED, msg.cli.stated(one.text, one.source)) for one in verdict.statements),
        (msg.fiche.REMEDY, msg.cli.remedy(verdict.remedy) if verdict.remedy else ""),
    ]
    return [one for one in found if one[1]]


def _to_verify(verdict: Verdict) -> str:
    """Return what is to be verified and by whom; empty for a firm answer."""
    if verdict.status in {Status.INSIDE, Status.OUTSIDE} or verdict.reason not in msg.to_do.TO_DO:
        return ""
    return msg.fiche.to_verify(msg.to_do.TO_DO[verdict.reason], msg.to_do.BY_WHOM.get(verdict.reason))


def _measured(verdict: Verdict) -> Facts:
    """Return what was measured: the perimeters touched if there is no point, the accuracy only for a weak match."""
    touched = joined(map(_touched, verdict.perimeters))
    if verdict.location.point is None:
        return [(msg.fiche.IN_COMMUNE, touched)]
    if verdict.reason == Reason.WEAK_MATCH:
        return [(msg.fiche.ACCURACY, _accuracy(verdict))]
    untouched = msg.fiche.NOT_KNOWN if verdict.share_inside is None else msg.fiche.NONE
    share = msg.fiche.NOT_KNOWN if verdict.share_inside is None else msg.verdicts.percent(verdict.share_inside)
    return [
        (msg.fiche.SHARE, share),
        (msg.fiche.ACCURACY, _accuracy(verdict)),
        (msg.fiche.MATCHES, touched or untouched),
    ]


def _touched(one: PerimeterMatch) -> str:
    name = msg.verdicts.named(one.name, one.code)
    if one.share_inside is None and one.kind == Kind.QPV:
        return name
    share = None if one.share_inside is None else msg.verdicts.percent(one.share_inside)
    return msg.cli.matched(name, msg.cli.KIND.get(one.kind, one.kind), share)


def listings(
    verdict: Verdict, decisions: Sequence[SchemeDecision], left_out: Sequence[SchemeDecision] = ()
) -> list[Listing]:
    """Return scheme decisions, candidates of an address, and house numbers of a street.

    Parameters
    ----------
    left_out
        Decisions shown by their answer only.
    """
    found = [_decided(one) for one in decisions]
    if left_out:
        answers = tuple(Item(msg.fiche.scheme_answer(one.label, msg.fiche.OUTCOME[one.outcome])) for one in left_out)
        found.append(
            Listing(
                msg.fiche.OTHER_SCHEMES,
                answers,
                flowing=True,
                separator=joined(["", ""]),
                uncut=True,
            )
        )
    if verdict.candidates:
        items = tuple(Item(place, mark=f"{k}.") for k, place in enumerate(told.candidates(verdict), start=1))
        found.append(Listing(msg.fiche.CANDIDATES, items, msg.fiche.places_count(len(items))))
    for side in verdict.street:
        for status, numbers in (("inside", side.inside), ("outside", side.outside), ("uncertain", side.uncertain)):
            if numbers:
                title = msg.fiche.numbers_of(msg.cli.SIDES[side.side], told.short_words(verdict)[status], len(numbers))
                found.append(Listing(title, tuple(Item(one) for one in numbers), flowing=True, beside=True))
    return found


def _decided(decision: SchemeDecision) -> Listing:
    """Return the decision of a scheme; recalled reasons come last, so that they are left out first."""
    reasons = sorted(decision.reasons, key=lambda one: (one.result == "recalled", one.about != "known_until"))
    items = [Item(one.text, one.source.title, _MARKS.get(one.result, _DASH)) for one in reasons]
    if decision.steps and decision.outcome != "not_eligible":
        text = msg.fiche.steps([one.text for one in decision.steps])
        items.append(Item(text, decision.steps[0].source.title, _DASH))
    return Listing(
        decision.label,
        tuple(_sourced_once(items)),
        msg.fiche.reasons_count(len(items)),
        _STATUS[decision.outcome],
        msg.fiche.OUTCOME[decision.outcome],
    )


def _sourced_once(items: Sequence[Item]) -> Iterator[Item]:
    """Return items whose source is that of the item before with a word in its place."""
    before = ""
    for one in items:
        yield replace(one, source=msg.fiche.SAME_SOURCE) if one.source == before else one
        before = one.source


def proof(evidence: Evidence) -> Facts:
    """Return labelled facts about the evidence, without hashes."""
    data = msg.fiche.NO_DATA
    if evidence.title is not None:
        data = msg.reports.dataset(evidence.title, evidence.source, evidence.edition, evidence.licence, None)
    limits = evidence.thresholds
    return [
        (msg.fiche.DECREES, joined(evidence.decrees) or msg.fiche.NONE),
        (msg.fiche.DATA, data),
        (
            msg.fiche.THRESHOLDS,
            msg.fiche.thresholds(
                msg.verdicts.percent(limits.inside_min_share),
                msg.verdicts.percent(limits.outside_max_share),
                msg.verdicts.metres(limits.imprecise_above_m),
            ),
        ),
        (msg.fiche.SOFTWARE, msg.fiche.established(evidence.software, moment(evidence))),
        (msg.fiche.VERIFY, f"{msg.fiche.HOW_TO_VERIFY} {msg.cli.remedy(msg.remedies.VERIFY_RECORD)}"),
    ]


def moment(evidence: Evidence) -> str:
    """Return when the verdict was given, in Paris."""
    when = datetime.fromisoformat(evidence.checked_at).astimezone(ZoneInfo("Europe/Paris"))
    return msg.fiche.moment(msg.verdicts.day(when.date()), when.hour, when.minute)


def _asked(verdict: Verdict) -> str:
    point = verdict.location.point
    address = told.asked_address(verdict)
    if address is not None or point is None:
        return address or ""
    lon, lat, _ = point
    return msg.fiche.asked_site(lon, lat) if "site" in verdict.evidence.input else msg.fiche.asked_point(lon, lat)


def _found(verdict: Verdict) -> str:
    location = verdict.location
    if location.asked is None and location.label is None:
        return ""
    if location.point is None:
        return told.found_without_point(verdict)
    score = None if location.type in told.UNRANKED else msg.verdicts.number(location.score or 0.0, 2)
    return msg.fiche.retained(location.label or "", score, location.source, *location.point[:2])


def _accuracy(verdict: Verdict) -> str:
    location, precision_m = verdict.location, verdict.evidence.precision_m
    place = msg.verdicts.metres(location.accuracy_m) if location.accuracy_m else None
    return msg.fiche.accuracy(place, msg.verdicts.metres(precision_m) if precision_m else None)
