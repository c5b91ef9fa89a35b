"""Evaluate a scheme in steps: the date, the place, the amount, then the conditions that a person answers.

Zones are alternatives: meeting one is enough. A place that fits is never the whole answer: a scheme is ``eligible``
only once every decisive condition is answered yes. A doubt is never a yes or a no.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Unpack

from qpv_geo import messages as msg
from qpv_geo.eligibility.bands import TOLERANCE_M, Result
from qpv_geo.eligibility.compose import SOFTWARE
from qpv_geo.errors import InputError
from qpv_geo.messages.verdicts import NOTICE
from qpv_geo.perimeters.generations import parse_date
from qpv_geo.schemes.asking import AskedPlace, PlaceArguments, ask, ask_of
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
from qpv_geo.schemes.zones import ZoneQuestion, find

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.model import Verdict

RECALLED, UNANSWERED = "recalled", "unanswered"
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


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
    _refuse_unknown(given, asked)
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
    generation or kinds forced in the verdict are ignored. Without a place or a verdict the answer is ``to_review``, or
    ``not_eligible`` if the date, the amount or an answer rules it out.

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
    used = scheme.dates.used(day)
    given = dict(answers or {})
    _refuse_unknown(given, {one.id for one in scheme.questions})
    question = _Question(scheme, checker, day, used, _euros(amount), given)
    if not scheme.dates.applies(used):
        return question.out_of_force()
    asked = None
    if verdict is not None:
        asked = ask_of(checker, used, verdict)
    elif placed:
        asked = ask(checker, used, place)
    return question.decided(asked)


def decide_asked(
    scheme: Scheme, asked: AskedPlace, *, checker: Checker, day: date, amount: float | None = None
) -> SchemeDecision:
    """Tell whether a scheme in force applies to a place already checked on ``scheme.dates.used(day)``.

    Raises
    ------
    InputError, MissingPerimetersError
        As for `decide_scheme`.
    """
    return _Question(scheme, checker, day, asked.day, _euros(amount), {}).decided(asked)


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
class _Question:
    """What is asked of a scheme beside the place."""

    scheme: Scheme
    checker: Checker
    day: date
    used: date
    amount: float | None
    answers: Mapping[str, bool]

    def out_of_force(self) -> SchemeDecision:
        """Return the decision of a scheme that has ended, or is not in force yet."""
        dates = self.scheme.dates
        text = msg.schemes.not_in_force(self.used, dates.start, dates.end, dates.outside)
        reason = Statement("validity", Result.NOT_MET, text, dates.source)
        return self._written(SchemeOutcome.NOT_ELIGIBLE, (reason,), None, (), ())

    def decided(self, asked: AskedPlace | None) -> SchemeDecision:
        """Return the decision about a place."""
        findings = self._findings(asked)
        spatial = _spatial(findings)
        conditions = tuple(
            AskedCondition(one, self.answers.get(one.id), DECLARED if one.id in self.answers else None)
            for one in self.scheme.conditions
            if one.applies(self.used)
        )
        amount = self._of_amount()
        result = amount.result if amount else Result.MET
        outcome = decide(self.scheme, spatial, result, [one.answer for one in conditions if one.condition.decisive])
        reasons = self._reasons(asked, findings, conditions)
        unread = next((one for one in self.scheme.sources if one.unread), None)
        if unread is not None and outcome is not SchemeOutcome.NOT_ELIGIBLE:
            outcome = SchemeOutcome.TO_REVIEW
            reasons = (
                *reasons,
                Statement("unread", Result.IN_DOUBT, msg.schemes.sentence(unread.unread or ""), unread),
            )
        known_until = self._known_until(asked, findings)
        if known_until is not None:
            text = msg.schemes.known_until(known_until)
            reasons = (*reasons, Statement("known_until", RECALLED, text, self.scheme.dates.source))
            outcome = SchemeOutcome.PLACE_OK if outcome is SchemeOutcome.ELIGIBLE else outcome
        every = (*(one for finding in findings for one in finding.asked), *conditions)
        return self._written(
            outcome, (*reasons, *([amount] if amount else [])), asked, findings, every, known_until=known_until
        )

    def _findings(self, asked: AskedPlace | None) -> tuple[ZoneFinding, ...]:
        """Test the zones in order; stop at the first one that is met, and return it alone."""
        found: list[ZoneFinding] = []
        for zone in self.scheme.zones:
            if asked is None or not zone.applies(self.used):
                continue
            question = ZoneQuestion(self.used, self.answers, self.checker, self.scheme.road_limit)
            found.append(find(zone, asked, question))
            if found[-1].settled is Result.MET:
                return (found[-1],)
        return tuple(found)

    def _reasons(
        self, asked: AskedPlace | None, findings: tuple[ZoneFinding, ...], conditions: tuple[AskedCondition, ...]
    ) -> tuple[Statement, ...]:
        """Return the statements about the date, each zone and each condition."""
        scheme, source = self.scheme, self.scheme.dates.source
        read_on = None if asked is None else self.used
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
        limits, amount = self.scheme.amounts_on(self.used), self.amount
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

    def _known_until(self, asked: AskedPlace | None, findings: tuple[ZoneFinding, ...]) -> date | None:
        """Return the latest edition of the perimeters or reading of the rules used, if the date is later still."""
        read = [one.zone.source.read_on for one in findings] + [self.scheme.dates.source.read_on]
        editions = [_ISO_DAY.search(one.evidence.edition or "") for one in asked.verdicts] if asked else []
        latest = max([*read, *(date.fromisoformat(one[0]) for one in editions if one)])
        return latest if self.used > latest else None

    def _written(  # noqa: PLR0913 - all that is written
        self,
        outcome: SchemeOutcome,
        reasons: tuple[Statement, ...],
        asked: AskedPlace | None,
        findings: tuple[ZoneFinding, ...],
        conditions: tuple[AskedCondition, ...],
        *,
        known_until: date | None = None,
    ) -> SchemeDecision:
        scheme, base = self.scheme, asked.base if asked else None
        left = [one.condition.question for one in conditions if one.condition.decisive and one.answer is None]
        return SchemeDecision(
            scheme=scheme.id,
            label=scheme.label,
            outcome=outcome,
            spatial=_spatial(findings) if findings else None,
            message=msg.schemes.message(outcome, scheme.label, left),
            reasons=reasons,
            on=self.day.isoformat(),
            date_used=self.used.isoformat(),
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
            known_until=None if known_until is None else known_until.isoformat(),
            verdict=base,
        )


def _refuse_unknown(answers: Mapping[str, bool], asked: set[str]) -> None:
    for key in answers:
        if key not in asked:
            raise InputError(msg.schemes.unknown_question(key, sorted(asked)))


def _euros(amount: float | None) -> float | None:
    if amount is None:
        return None
    try:
        value = float(amount)
    except (TypeError, ValueError, OverflowError) as error:
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
    return {
        "id": finding.zone.id,
        "result": finding.result.value,
        "relation": test.relation.value,
        **(rule if test.distance_m else {}),
        **measured,
    }
