"""Evaluate a scheme: whether a place is eligible, on a date and for an amount.

Zones are alternatives: meeting one is enough. A condition that only a person can judge makes the answer ``to_review``
if it is decisive, and is only recalled otherwise. A doubt is never a yes or a no.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from qpv_geo import messages as msg
from qpv_geo.eligibility.arrays import real_number
from qpv_geo.eligibility.bands import TOLERANCE_M, Result
from qpv_geo.eligibility.compose import SOFTWARE
from qpv_geo.errors import InputError
from qpv_geo.messages.verdicts import NOTICE
from qpv_geo.perimeters.generations import parse_date
from qpv_geo.schemes.asking import AskedPlace, PlaceArguments, ask, ask_of
from qpv_geo.schemes.load import find_scheme
from qpv_geo.schemes.model import AsOf, Scheme, SchemeDecision, SchemeEvidence, SchemeOutcome, Statement, ZoneFinding
from qpv_geo.schemes.zones import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.model import Verdict
    from qpv_geo.untyped import AnyValue

_RECALLED = "recalled"


def decide_schemes(
    ids: Sequence[str], verdict: Verdict, *, checker: Checker, amount: float | None = None
) -> list[SchemeDecision]:
    """Tell whether each of some schemes applies to the place and the date of a verdict; see `decide_scheme`.

    Raises
    ------
    InputError
        No scheme has one of these ids, or the amount is not one.
    MissingPerimetersError
        The perimeters that a scheme needs are not installed.
    """
    generations = checker.catalogue.registry.generations
    schemes = [find_scheme(one, checker.settings.home, generations=generations) for one in ids]  # before any is decided
    return [decide_scheme(one, checker=checker, verdict=verdict, amount=amount) for one in schemes]


def decide_scheme(
    scheme: Scheme,
    *,
    checker: Checker,
    on: date | str | None = None,
    amount: float | None = None,
    verdict: Verdict | None = None,
    **place: Unpack[PlaceArguments],
) -> SchemeDecision:
    """Tell whether a scheme applies.

    Give the place as in `qpv_geo.check`, or a verdict about it. The scheme decides which perimeters are read: a
    generation or kinds forced in the verdict are ignored. Without a place or a verdict the answer is ``to_review``, or
    ``not_eligible`` if the date or the amount rules it out.

    Parameters
    ----------
    on
        The date that counts for the scheme (``scheme.dates.counts``); by default that of the verdict.
    amount
        Amount requested, in euros.
    verdict
        A verdict about the place, on any date; its address is not geocoded again.

    Raises
    ------
    InputError
        No date, an invalid amount, or both a verdict and a place.
    MissingPerimetersError
        The perimeters of the generation in force on the date are not installed.
    """
    placed = any(value is not None for value in place.values())
    if placed and verdict is not None:
        raise InputError(msg.schemes.verdict_or_place())
    if on is None and verdict is None:
        raise InputError(msg.schemes.no_date())
    day = parse_date(on if on is not None else verdict.on if verdict else "")
    amount = checked_amount(amount)
    return decide_amount(at_place(scheme, checker, day, verdict=verdict, place=place if placed else None), amount)


class SchemePlace(NamedTuple):
    """A place tested against the zones of a scheme for a date, before the amount counts.

    Attributes
    ----------
    day, used
        The date that counts for the scheme, and the one on which perimeters are read.
    refused
        Why the scheme is not in force on that date; its zones are then not tested.
    asked
        The place; None if there is none.
    """

    scheme: Scheme
    day: date
    used: date
    refused: Statement | None = None
    asked: AskedPlace | None = None
    findings: tuple[ZoneFinding, ...] = ()


def at_place(
    scheme: Scheme, checker: Checker, day: date, *, verdict: Verdict | None = None, place: PlaceArguments | None = None
) -> SchemePlace:
    """Test a place, given by a verdict or by the arguments of a check, against the zones of a scheme.

    Raises
    ------
    MissingPerimetersError
        As for `decide_scheme`.
    """
    used = date(day.year, 1, 1) if scheme.dates.as_of is AsOf.JANUARY_FIRST else day
    refused = _out_of_force(scheme, used)
    if refused is not None:
        return SchemePlace(scheme, day, used, refused)
    asked = None
    if verdict is not None:
        asked = ask_of(checker, used, verdict)
    elif place is not None:
        asked = ask(checker, used, place)
    return SchemePlace(scheme, day, used, None, asked, _findings(scheme, used, asked))


def decide_amount(tested: SchemePlace, amount: float | None) -> SchemeDecision:
    """Decide a scheme for an amount in euros, already checked, at a tested place."""
    if tested.refused is not None:
        return _written(tested, SchemeOutcome.NOT_ELIGIBLE, (tested.refused,), amount)
    of_amount = _of_amount(tested.scheme, amount)
    outcome = decide(tested.scheme, _spatial(tested.findings), of_amount)
    reasons = (*_of_place(tested.scheme, tested.used, tested.asked, tested.findings), *of_amount)
    return _written(tested, outcome, reasons, amount)


def decide(scheme: Scheme, spatial: Result, of_amount: tuple[Statement, ...]) -> SchemeOutcome:
    """Combine the results of the zones, of the amount and of the conditions that a person must judge."""
    amounts = {one.result for one in of_amount}
    if Result.NOT_MET in amounts or (scheme.place_decides and spatial is Result.NOT_MET):
        return SchemeOutcome.NOT_ELIGIBLE
    person = any(condition.decisive for condition in scheme.conditions)
    if person or Result.IN_DOUBT in amounts or (scheme.place_decides and spatial is Result.IN_DOUBT):
        return SchemeOutcome.TO_REVIEW
    return SchemeOutcome.ELIGIBLE


def checked_amount(amount: float | None) -> float | None:
    """Return an amount in euros as a float; raise `InputError` if it is not a finite number of at least 0."""
    if amount is None:
        return None
    try:
        value = real_number(amount)
    except ValueError as error:
        raise InputError(msg.schemes.bad_amount(amount)) from error
    if not (math.isfinite(value) and value >= 0):
        raise InputError(msg.schemes.bad_amount(amount))
    return value


def _out_of_force(scheme: Scheme, day: date) -> Statement | None:
    dates = scheme.dates
    if (dates.start is None or dates.start <= day) and (dates.end is None or day <= dates.end):
        return None
    text = msg.schemes.not_in_force(day, dates.outside, dates.start, dates.end)
    return Statement("validity", Result.NOT_MET, text, dates.source)


def _findings(scheme: Scheme, day: date, asked: AskedPlace | None) -> tuple[ZoneFinding, ...]:
    """Test the zones in order; stop at the first one that is met, and return it alone."""
    found: list[ZoneFinding] = []
    for zone in scheme.zones:
        if asked is None or (zone.start is not None and day < zone.start) or (zone.end is not None and zone.end < day):
            continue
        found.append(find(zone, asked))
        if found[-1].settled is Result.MET:
            return (found[-1],)
    return tuple(found)


def _spatial(findings: tuple[ZoneFinding, ...]) -> Result:
    settled = {finding.settled for finding in findings}
    if Result.MET in settled:
        return Result.MET
    return Result.NOT_MET if settled == {Result.NOT_MET} else Result.IN_DOUBT


def _of_place(
    scheme: Scheme, day: date, asked: AskedPlace | None, findings: tuple[ZoneFinding, ...]
) -> tuple[Statement, ...]:
    """Return the statements about the date, each zone, and the conditions that a person must judge."""
    source = scheme.dates.source
    read_on = None if asked is None else day
    said = [Statement("date", _RECALLED, msg.schemes.date_that_counts(scheme.dates.counts, read_on), source)]
    if asked is None:
        said.append(Statement("place", Result.IN_DOUBT, msg.schemes.NO_PLACE, source))
    for one in findings:
        said.append(Statement(one.zone.id, one.result, one.text, one.zone.source))
        if one.result is not Result.NOT_MET:
            said += [_judged(condition) for condition in one.zone.requires]
    if not scheme.place_decides:
        said.append(Statement("place", _RECALLED, msg.schemes.PLACE_DOES_NOT_DECIDE, source))
    if not scheme.place_decides or _spatial(findings) is not Result.NOT_MET:
        said += [_judged(condition) for condition in scheme.conditions]
    return tuple(said)


def _judged(condition: AnyValue) -> Statement:
    if condition.decisive:
        return Statement(condition.id, Result.IN_DOUBT, msg.schemes.to_judge(condition.text), condition.source)
    return Statement(condition.id, _RECALLED, msg.schemes.recalled(condition.text), condition.source)


def _of_amount(scheme: Scheme, amount: float | None) -> tuple[Statement, ...]:
    limits = scheme.amounts
    if limits is None or (limits.max_eur is None and limits.budget_eur is None):
        return ()
    if amount is None:
        if limits.max_eur is None:
            return ()
        result = Result.IN_DOUBT if limits.decisive_if_unknown else _RECALLED
        return (Statement("amount", result, msg.schemes.amount_unknown(limits.max_eur), limits.source),)
    if limits.max_eur is not None and amount > limits.max_eur:
        return (Statement("amount", Result.NOT_MET, msg.schemes.over_cap(amount, limits.max_eur), limits.source),)
    if limits.budget_eur is not None and amount > limits.budget_eur:
        return (Statement("amount", Result.NOT_MET, msg.schemes.over_budget(amount, limits.budget_eur), limits.source),)
    text = msg.schemes.within_amounts(amount, limits.max_eur, limits.budget_eur)
    return (Statement("amount", Result.MET, text, limits.source),)


def _written(
    tested: SchemePlace, outcome: SchemeOutcome, reasons: tuple[Statement, ...], amount: float | None
) -> SchemeDecision:
    scheme, asked, findings = tested.scheme, tested.asked, tested.findings
    base = asked.base if asked else None
    return SchemeDecision(
        scheme=scheme.id,
        label=scheme.label,
        outcome=outcome,
        spatial=_spatial(findings) if findings else None,
        message=msg.schemes.message(outcome, scheme.label),
        reasons=reasons,
        on=tested.day.isoformat(),
        date_used=tested.used.isoformat(),
        date_counts=scheme.dates.counts,
        generation=base.generation if base else None,
        amount=amount,
        evidence=SchemeEvidence(
            scheme_sha256=scheme.sha256,
            verdict_digests=tuple(one.evidence.digest for one in asked.verdicts) if asked else (),
            zones=tuple(map(_evidence, findings)),
            thresholds={**(asdict(base.evidence.thresholds) if base else {}), "tolerance_m": TOLERANCE_M},
            notice=NOTICE,
            software=SOFTWARE,
        ),
        verdict=base,
    )


def _evidence(finding: ZoneFinding) -> dict[str, Any]:
    test = finding.zone.test
    rule = {"distance_m": test.distance_m, "partly_within_m": test.partly_within_m}
    measured = {key: getattr(finding, key) for key in ("nearest_m", "farthest_m", "margin_m", "dataset", "sha256")}
    return {
        "id": finding.zone.id,
        "result": finding.result.value,
        "relation": test.relation.value,
        **(rule if test.distance_m else {}),
        **measured,
    }
