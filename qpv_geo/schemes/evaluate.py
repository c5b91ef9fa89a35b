"""Evaluate a scheme in steps: the date, the place, the amount, then the conditions that a person answers.

Zones are alternatives: meeting one is enough. A place that fits is never the whole answer: a scheme is ``eligible``
only once every decisive condition is answered yes. A doubt is never a yes or a no.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Unpack

from qpv_geo import messages as msg
from qpv_geo.eligibility.arrays import real_number
from qpv_geo.eligibility.bands import TOLERANCE_M, Result
from qpv_geo.eligibility.compose import SOFTWARE
from qpv_geo.errors import InputError
from qpv_geo.messages.verdicts import NOTICE
from qpv_geo.perimeters.generations import parse_date
from qpv_geo.schemes.load import find_scheme
from qpv_geo.schemes.model import (
    DECLARED,
    AskedCondition,
    Scheme,
    SchemeDecision,
    SchemeEvidence,
    SchemeOutcome,
    Statement,
    ZoneFinding,
)
from qpv_geo.schemes.places import SchemePlace, at_place, refuse_wrong_answers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.model import Verdict
    from qpv_geo.schemes.asking import PlaceArguments

RECALLED, UNANSWERED = "recalled", "unanswered"


def decide_schemes(
    ids: Sequence[str],
    verdict: Verdict,
    *,
    checker: Checker,
    amount: float | None = None,
    answers: Mapping[str, bool] | None = None,
) -> list[SchemeDecision]:
    """Tell whether each of some schemes applies to the place and the date of a verdict; see `decide_scheme`.

    Raises
    ------
    InputError
        No scheme has one of these ids, the amount is not one, or no scheme asks a question that is answered.
    MissingPerimetersError
        The perimeters that a scheme needs are not installed.
    """
    generations = checker.catalogue.registry.generations
    schemes = [find_scheme(one, checker.settings.home, generations=generations) for one in ids]  # before any is decided
    given = dict(answers or {})
    asked = {question.id for scheme in schemes for question in scheme.questions}
    refuse_wrong_answers(given, asked)
    return [
        decide_scheme(
            one,
            checker=checker,
            verdict=verdict,
            amount=amount,
            answers={key: value for key, value in given.items() if key in {question.id for question in one.questions}},
        )
        for one in schemes
    ]


def decide_scheme(  # noqa: PLR0913 - one keyword a part of the question
    scheme: Scheme,
    *,
    checker: Checker,
    on: date | str | None = None,
    amount: float | None = None,
    answers: Mapping[str, bool] | None = None,
    verdict: Verdict | None = None,
    **place: Unpack[PlaceArguments],
) -> SchemeDecision:
    """Tell whether a scheme applies.

    Give the place as in `qpv_geo.check`, or a verdict about it. The scheme decides which perimeters are read: a
    generation or kinds forced in the verdict are ignored. Without a place or a verdict, a scheme that the place decides
    is ``to_review``, or ``not_eligible`` if the date, the amount or an answer rules it out.

    Parameters
    ----------
    on
        The date that counts for the scheme (``scheme.dates.counts``); by default that of the verdict.
    amount
        Amount requested, in euros.
    answers
        Answers to the questions of the scheme (``scheme.questions``), by id; recorded as declared.
    verdict
        A verdict about the place, on any date; its address is not geocoded again.

    Raises
    ------
    InputError
        No date, an invalid amount, an answer to no question, or both a verdict and a place.
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
    tested = at_place(scheme, checker, day, verdict=verdict, place=place if placed else None, answers=answers)
    return decide_amount(tested, amount)


def decide_amount(tested: SchemePlace, amount: float | None) -> SchemeDecision:
    """Decide a scheme for an amount in euros, already checked, at a tested place."""
    decision = _Decision(tested, amount)
    return decision.decided() if tested.is_in_force else decision.out_of_force()


def decide(scheme: Scheme, spatial: Result, amount: str, answers: Sequence[bool | None]) -> SchemeOutcome:
    """Combine the results of the zones and of the amount with the answers to the decisive conditions.

    Parameters
    ----------
    spatial
        Result of the zones.
    amount
        Result of the amount: ``met``, ``not_met``, or ``unanswered`` if there is a cap and no amount.
    answers
        Answers to the decisive conditions that apply whatever the zone.
    """
    place = scheme.place_decides
    if amount == Result.NOT_MET or False in answers or (place and spatial is Result.NOT_MET):
        return SchemeOutcome.NOT_ELIGIBLE
    if place and spatial is Result.IN_DOUBT:
        return SchemeOutcome.TO_REVIEW
    if None not in answers and amount != UNANSWERED:
        return SchemeOutcome.ELIGIBLE
    return SchemeOutcome.PLACE_OK if spatial is Result.MET else SchemeOutcome.TO_REVIEW


@dataclass(frozen=True)
class _Decision:
    """The decision of a scheme at a tested place, for an amount."""

    place: SchemePlace
    amount: float | None

    def out_of_force(self) -> SchemeDecision:
        """Return the decision of a scheme that has ended, or is not in force yet."""
        dates = self.place.scheme.dates
        text = msg.schemes.not_in_force(self.place.used, dates.start, dates.end, dates.outside)
        reason = Statement("validity", Result.NOT_MET, text, dates.source)
        return self._written(SchemeOutcome.NOT_ELIGIBLE, (reason,), ())

    def decided(self) -> SchemeDecision:
        """Return the decision about a place."""
        scheme, answers = self.place.scheme, self.place.answers
        spatial = _spatial(self.place.findings)
        conditions = tuple(
            AskedCondition(one, answers.get(one.id), DECLARED if one.id in answers else None)
            for one in scheme.conditions
            if one.applies(self.place.used)
        )
        amount = self._of_amount()
        result = amount.result if amount else Result.MET
        outcome = decide(scheme, spatial, result, [one.answer for one in conditions if one.condition.decisive])
        reasons = (*self._reasons(conditions), *([amount] if amount else []))
        unread = _unread(reasons)
        if outcome is not SchemeOutcome.NOT_ELIGIBLE and unread:
            outcome, reasons = SchemeOutcome.TO_REVIEW, (*reasons, *unread)
        known_until = self._known_until(reasons)
        if known_until is not None:
            text = msg.schemes.known_until(known_until)
            reasons = (*reasons, Statement("known_until", RECALLED, text, scheme.dates.source))
            if outcome is SchemeOutcome.ELIGIBLE:
                outcome = SchemeOutcome.PLACE_OK if spatial is Result.MET else SchemeOutcome.TO_REVIEW
        every = (*(one for finding in self.place.findings for one in finding.asked), *conditions)
        return self._written(outcome, reasons, every, known_until=known_until)

    def _reasons(self, conditions: tuple[AskedCondition, ...]) -> tuple[Statement, ...]:
        """Return the statements about the date, each zone and each condition."""
        scheme, asked, findings = self.place.scheme, self.place.asked, self.place.findings
        source = scheme.dates.source
        read_on = None if asked is None else self.place.used
        said = [Statement("date", RECALLED, msg.schemes.date_that_counts(scheme.dates.counts, read_on), source)]
        if asked is None:
            said.append(Statement("place", Result.IN_DOUBT, msg.schemes.NO_PLACE, source))
        for one in findings:
            said.append(Statement(one.zone.id, one.result, one.text, one.zone.source))
            if one.result is not Result.NOT_MET:
                said += map(_of_condition, one.asked)
        if not scheme.place_decides:
            said.append(Statement("place", RECALLED, msg.schemes.PLACE_DOES_NOT_DECIDE, source))
        if not scheme.place_decides or _spatial(findings) is not Result.NOT_MET:
            said += map(_of_condition, conditions)
        return tuple(said)

    def _of_amount(self) -> Statement | None:
        limits, amount = self.place.scheme.amounts_on(self.place.used), self.amount
        if limits is None or (amount is None and limits.max_eur is None):
            return None
        most, budget = limits.max_eur, limits.budget_eur
        if amount is None:
            return Statement("amount", UNANSWERED, msg.schemes.amount_unknown(most or 0.0), limits.source)
        if most is not None and amount > most:
            return Statement("amount", Result.NOT_MET, msg.schemes.over_cap(amount, most), limits.source)
        if budget is not None and amount > budget:
            return Statement("amount", Result.NOT_MET, msg.schemes.over_budget(amount, budget), limits.source)
        return Statement("amount", Result.MET, msg.schemes.within_amounts(amount, most, budget), limits.source)

    def _known_until(self, reasons: Sequence[Statement]) -> date | None:
        """Return the day on which the first of the texts used was read, if the date is later.

        The edition of the perimeters does not count: a later one tells nothing of the rules, and the rules tell which
        generation was in force when they were read.
        """
        first_read = min(one.source.read_on for one in reasons)
        return first_read if self.place.used > first_read else None

    def _written(
        self,
        outcome: SchemeOutcome,
        reasons: tuple[Statement, ...],
        conditions: tuple[AskedCondition, ...],
        *,
        known_until: date | None = None,
    ) -> SchemeDecision:
        scheme, asked, findings = self.place.scheme, self.place.asked, self.place.findings
        base = asked.base if asked else None
        left = [one.condition.question for one in conditions if one.condition.decisive and one.answer is None]
        left += [one.text for one in reasons if one.about == "amount" and one.result == UNANSWERED]
        return SchemeDecision(
            scheme=scheme.id,
            label=scheme.label,
            outcome=outcome,
            spatial=_spatial(findings) if findings else None,
            message=msg.schemes.message(outcome, scheme.label, left),
            reasons=reasons,
            on=self.place.day.isoformat(),
            date_used=self.place.used.isoformat(),
            date_counts=scheme.dates.counts,
            generation=base.generation if base else None,
            amount=self.amount,
            evidence=SchemeEvidence(
                scheme_sha256=scheme.sha256,
                verdict_digests=tuple(one.evidence.digest for one in asked.verdicts) if asked else (),
                zones=tuple(map(_evidence, findings)),
                thresholds={**(asdict(base.evidence.thresholds) if base else {}), "tolerance_m": TOLERANCE_M},
                notice=NOTICE,
                software=SOFTWARE,
            ),
            questions=tuple({one.condition.id: one for one in conditions}.values()),
            steps=scheme.steps,
            known_until=None if known_until is None else known_until.isoformat(),
            remedies=tuple(dict.fromkeys(one.remedy for one in findings if one.remedy is not None)),
            verdict=base,
        )


def _unread(reasons: Sequence[Statement]) -> tuple[Statement, ...]:
    """Return what could not be read of the texts that the reasons rest on; a zone the place is not in needs none."""
    sources = dict.fromkeys(one.source for one in reasons if one.result != Result.NOT_MET and one.source.unread)
    return tuple(Statement("unread", Result.IN_DOUBT, msg.schemes.sentence(one.unread or ""), one) for one in sources)


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


def _spatial(findings: tuple[ZoneFinding, ...]) -> Result:
    settled = {finding.settled for finding in findings}
    if Result.MET in settled:
        return Result.MET
    return Result.NOT_MET if settled == {Result.NOT_MET} else Result.IN_DOUBT


def _of_condition(asked: AskedCondition) -> Statement:
    one = asked.condition
    if asked.answer is not None:
        result = Result.MET if asked.answer else Result.NOT_MET if one.decisive else RECALLED
        return Statement(
            one.id, result, msg.schemes.answered(one.question, one.article, asked.by, yes=asked.answer), one.source
        )
    if one.decisive:
        return Statement(one.id, UNANSWERED, msg.schemes.to_answer(one.question, one.article), one.source)
    return Statement(one.id, RECALLED, msg.schemes.recalled(one.question, one.article), one.source)


def _evidence(finding: ZoneFinding) -> dict[str, Any]:
    test = finding.zone.test
    rule = {"distance_m": test.distance_m, "partly_within_m": test.partly_within_m}
    measured = {key: getattr(finding, key) for key in ("nearest_m", "farthest_m", "margin_m", "dataset", "sha256")}
    of_this_machine = {key: getattr(finding, key) for key in ("street", "conventions_sha256")}
    return {
        "id": finding.zone.id,
        "result": finding.result.value,
        "relation": test.relation.value,
        **(rule if test.distance_m else {}),
        **measured,
        **{key: value for key, value in of_this_machine.items() if value is not None},
    }
