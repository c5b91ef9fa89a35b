"""A place tested against the zones of a scheme, before the amount counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.eligibility.bands import Result
from qpv_geo.errors import InputError
from qpv_geo.schemes.asking import AskedPlace, PlaceArguments, ask, ask_of
from qpv_geo.schemes.zones import ZoneQuestion, find

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.model import Verdict
    from qpv_geo.schemes.model import Scheme, ZoneFinding


@dataclass(frozen=True)
class SchemePlace:
    """A place tested against the zones of a scheme for a date, before the amount counts.

    Attributes
    ----------
    day, used
        The date that counts for the scheme, and the one on which perimeters are read.
    answers
        Answers given to the questions of the scheme, by id.
    asked
        The place; None if there is none, or if the scheme is not in force: its zones are then not tested.
    """

    scheme: Scheme
    day: date
    used: date
    answers: Mapping[str, bool]
    asked: AskedPlace | None = None
    findings: tuple[ZoneFinding, ...] = ()

    @property
    def is_in_force(self) -> bool:
        """Whether the scheme is in force on the date used."""
        return self.scheme.dates.applies(self.used)


def at_place(  # noqa: PLR0913 - a place is given by a verdict or by arguments
    scheme: Scheme,
    checker: Checker,
    day: date,
    *,
    verdict: Verdict | None = None,
    place: PlaceArguments | None = None,
    answers: Mapping[str, bool] | None = None,
) -> SchemePlace:
    """Test a place, given by a verdict or by the arguments of a check, against the zones of a scheme.

    Raises
    ------
    InputError, MissingPerimetersError
        As for `decide_scheme`.
    """
    given = dict(answers or {})
    refuse_wrong_answers(given, {one.id for one in scheme.questions})
    used = scheme.dates.used(day)
    bare = SchemePlace(scheme, day, used, given)
    if not bare.is_in_force or (verdict is None and place is None):
        return bare
    asked = ask(checker, used, place or {}) if verdict is None else ask_of(checker, used, verdict)
    return replace(bare, asked=asked, findings=_findings(scheme, used, asked, given, checker))


def at_asked(scheme: Scheme, checker: Checker, day: date, asked: AskedPlace) -> SchemePlace:
    """Test a place already checked on ``scheme.dates.used(day)`` against the zones of a scheme in force.

    Raises
    ------
    MissingPerimetersError
        As for `decide_scheme`.
    """
    return SchemePlace(scheme, day, asked.day, {}, asked, _findings(scheme, asked.day, asked, {}, checker))


def refuse_wrong_answers(answers: Mapping[str, bool], asked: set[str]) -> None:
    """Raise `InputError` for an answer to no question, or one that is neither true nor false: a text is no yes."""
    for key, answer in answers.items():
        if key not in asked:
            raise InputError(msg.schemes.unknown_question(key, sorted(asked)))
        if not isinstance(answer, bool):
            raise InputError(msg.schemes.not_yes_or_no(key, answer))


def _findings(
    scheme: Scheme, day: date, asked: AskedPlace, answers: Mapping[str, bool], checker: Checker
) -> tuple[ZoneFinding, ...]:
    """Test the zones in order; stop at the first one that is met, and return it alone."""
    found: list[ZoneFinding] = []
    for zone in scheme.zones:
        if not zone.applies(day):
            continue
        found.append(find(zone, asked, ZoneQuestion(day, answers, checker, scheme.road_limit)))
        if found[-1].settled is Result.MET:
            return (found[-1],)
    return tuple(found)
