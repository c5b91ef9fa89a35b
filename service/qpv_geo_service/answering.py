"""Verdicts on questions, one at a time or many together: a question has the same verdict either way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qpv_geo.eligibility.location import Place
from qpv_geo.eligibility.lookup import Finder, look_up
from qpv_geo.errors import QpvGeoError
from qpv_geo.geocoding.effort import Effort, EffortError
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.schemes.evaluate import decide_schemes
from qpv_geo.schemes.records import with_schemes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qpv_geo.eligibility.applicable import CheckOptions
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.model import Verdict
    from qpv_geo.schemes.model import SchemeDecision
    from qpv_geo_service.questions import PreparedQuestion

    Answered = Verdict | QpvGeoError
    """The verdict on a question, or what prevents it."""


class VerdictAndDecisions(NamedTuple):
    """A verdict with the decisions of schemes under its digest, and the decisions."""

    verdict: Verdict
    decisions: list[SchemeDecision]


def answer(checker: Checker, asked: PreparedQuestion, *, effort: Effort = Effort.ASK) -> VerdictAndDecisions:
    """Answer one question.

    Parameters
    ----------
    effort
        How far to go to find an address.

    Raises
    ------
    QpvGeoError
        As `qpv_geo.check` and `qpv_geo.schemes.evaluate.decide_schemes`.
    EffortError
        Finding the address takes more effort.
    """
    if isinstance(asked.place, Place):
        [verdict] = checker.check_places([asked.place], asked.check_options)
    else:
        text, postcode, citycode = asked.place
        geocoder = geocoder_of(checker.settings)
        found = checker.find(text, citycode, postcode=postcode, geocoder=geocoder.within(effort))
        [told] = checker.check_addresses([found], asked.check_options)
        if isinstance(told, QpvGeoError):
            raise told
        verdict = told
    return _with_schemes(checker, asked, verdict)


def answer_at_once(checker: Checker, asked: Sequence[PreparedQuestion]) -> list[Answered | EffortError]:
    """Answer questions in order, as far as each takes well under a millisecond; an error takes the place of the others.

    They are points, and addresses known as written, without schemes. Points are measured together, and addresses too.
    """
    questions = dict(enumerate(asked))
    queries = [one.place for one in asked if not isinstance(one.place, Place)]
    answered = _answer_places(checker, questions, lambda: None)
    if queries:
        found = look_up(queries, geocoder_of(checker.settings), checker.contexts.places)
        answered |= _answer_addresses(checker, questions, found)
    return [answered.get(k) or EffortError() for k in questions]


def answer_many(
    checker: Checker, asked: Sequence[PreparedQuestion | QpvGeoError], *, watch: Callable[[], None] = lambda: None
) -> list[Answered]:
    """Answer questions in order; those that cannot be answered have an error, and leave the others alone.

    Points are measured together, and addresses found together: those that no index of this server settles go to the
    national service in one file, which gives the best candidate of each; the evidence then holds fewer candidates.

    Parameters
    ----------
    asked
        Questions, or errors that are returned in their place.
    watch
        Called before what takes long; the error that it raises, once nobody waits any longer, ends that.
    """
    answered: dict[int, Answered] = {k: one for k, one in enumerate(asked) if isinstance(one, QpvGeoError)}
    questions = {k: one for k, one in enumerate(asked) if not isinstance(one, QpvGeoError)}
    answered |= _answer_places(checker, questions, watch)
    queries = [one.place for one in questions.values() if not isinstance(one.place, Place)]
    answered |= _answer_addresses(checker, questions, _find(checker, queries))
    for k, one in questions.items():
        verdict = answered[k]
        if not isinstance(verdict, QpvGeoError):
            answered[k] = _with_schemes_or_error(checker, one, verdict, watch)
    return [answered[k] for k in range(len(asked))]


def _answer_places(
    checker: Checker, asked: Mapping[int, PreparedQuestion], watch: Callable[[], None]
) -> dict[int, Answered]:
    """Answer the points of each territory with the same options together, and sites one by one."""
    groups: dict[tuple[CheckOptions, str, int | None], dict[int, Place]] = {}
    for k, one in asked.items():
        place = one.place
        if isinstance(place, Place):
            alone = None if place.site is None else k
            groups.setdefault((one.check_options, place.territory.id, alone), {})[k] = place
    answered: dict[int, Answered] = {}
    for (check_options, _, _), some in groups.items():
        told: Sequence[Answered]
        try:
            watch()
            told = checker.check_places(list(some.values()), check_options)
        except QpvGeoError as error:
            told = [error] * len(some)
        answered.update(zip(some, told, strict=True))
    return answered


def _answer_addresses(
    checker: Checker, asked: Mapping[int, PreparedQuestion], found: Mapping[Query, GeocodingResult | QpvGeoError]
) -> dict[int, Answered]:
    """Answer the addresses that were found, those with the same options together."""
    answered: dict[int, Answered] = {}
    groups: dict[CheckOptions, list[tuple[int, GeocodingResult]]] = {}
    for k, question in asked.items():
        one = None if isinstance(question.place, Place) else found.get(question.place)
        if isinstance(one, QpvGeoError):
            answered[k] = one
        elif one is not None:
            groups.setdefault(question.check_options, []).append((k, one))
    for check_options, some in groups.items():
        told = checker.check_addresses([one for _, one in some], check_options)
        answered |= {k: one for (k, _), one in zip(some, told, strict=True)}
    return answered


def _find(checker: Checker, queries: Sequence[Query]) -> dict[Query, GeocodingResult | QpvGeoError]:
    """Find addresses; the failure of a geocoder takes the place of what it left to find."""
    found: dict[Query, GeocodingResult | QpvGeoError] = {}
    if not queries:
        return found
    with Finder(geocoder_of(checker.settings), checker.settings, workers=1) as finder:
        try:
            found.update(finder.find(queries))
        except QpvGeoError as error:
            return dict.fromkeys(queries, error) | found
    return found


def _with_schemes(checker: Checker, asked: PreparedQuestion, verdict: Verdict) -> VerdictAndDecisions:
    decisions = decide_schemes(asked.schemes, verdict, checker=checker, amount=asked.amount, answers=asked.answers)
    return VerdictAndDecisions(with_schemes(verdict, decisions), decisions)


def _with_schemes_or_error(
    checker: Checker, asked: PreparedQuestion, verdict: Verdict, watch: Callable[[], None]
) -> Answered:
    try:
        watch()
        return _with_schemes(checker, asked, verdict).verdict
    except QpvGeoError as error:
        return error
