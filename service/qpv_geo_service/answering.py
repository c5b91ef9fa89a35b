"""Verdicts on questions, one at a time or many together: a question has the same verdict either way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qpv_geo.eligibility.location import Place
from qpv_geo.eligibility.lookup import Finder
from qpv_geo.errors import QpvGeoError
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.schemes.evaluate import decide_schemes
from qpv_geo.schemes.records import with_schemes

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

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


def answer(checker: Checker, asked: PreparedQuestion, *, here: bool = False) -> VerdictAndDecisions:
    """Answer one question.

    Parameters
    ----------
    here
        Whether to ask no service.

    Raises
    ------
    QpvGeoError
        As `qpv_geo.check` and `qpv_geo.schemes.evaluate.decide_schemes`.
    ServiceNeededError
        A service would have to be asked.
    """
    if isinstance(asked.place, Place):
        [verdict] = checker.check_places([asked.place], asked.check_options)
    else:
        text, postcode, citycode = asked.place
        geocoder = geocoder_of(checker.settings)
        found = checker.find(text, citycode, postcode=postcode, geocoder=geocoder.here if here else geocoder)
        [told] = checker.check_addresses([found], asked.check_options)
        if isinstance(told, QpvGeoError):
            raise told
        verdict = told
    return _with_schemes(checker, asked, verdict)


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
    answered |= _answer_addresses(checker, questions)
    for k, one in questions.items():
        verdict = answered[k]
        if not isinstance(verdict, QpvGeoError):
            answered[k] = _with_schemes_or_error(checker, one, verdict, watch)
    return [answered[k] for k in range(len(asked))]


def _answer_places(
    checker: Checker, asked: Mapping[int, PreparedQuestion], watch: Callable[[], None]
) -> dict[int, Answered]:
    """Answer the points of each territory with the same options together, and sites one by one."""
    groups: dict[Hashable, list[tuple[int, Place, CheckOptions]]] = {}
    for k, one in asked.items():
        if isinstance(one.place, Place):
            alone = None if one.place.site is None else k
            groups.setdefault((one.check_options, one.place.territory.id, alone), []).append(
                (k, one.place, one.check_options)
            )
    answered: dict[int, Answered] = {}
    for some in groups.values():
        told: Sequence[Answered]
        try:
            watch()
            told = checker.check_places([place for _, place, _ in some], some[0][2])
        except QpvGeoError as error:
            told = [error] * len(some)
        answered |= {k: one for (k, _, _), one in zip(some, told, strict=True)}
    return answered


def _answer_addresses(checker: Checker, asked: Mapping[int, PreparedQuestion]) -> dict[int, Answered]:
    """Find all addresses, each once, then answer those with the same options together."""
    queries = {k: one.place for k, one in asked.items() if not isinstance(one.place, Place)}
    found = _find(checker, list(queries.values()))
    answered: dict[int, Answered] = {}
    groups: dict[CheckOptions, list[tuple[int, GeocodingResult]]] = {}
    for k, query in queries.items():
        one = found[query]
        if isinstance(one, QpvGeoError):
            answered[k] = one
        else:
            groups.setdefault(asked[k].check_options, []).append((k, one))
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
