"""Records: a verdict sealed with the decisions of schemes asked with it, and recomputed later.

A record has one of two shapes. Where the question names the schemes asked (``evidence.input.schemes``), the digest
covers the whole record. Earlier, the decisions stood beside the verdict, and its digest left them out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.eligibility.compose import SOFTWARE, sealed
from qpv_geo.eligibility.evidence import digest
from qpv_geo.errors import FormatError, QpvGeoError
from qpv_geo.geocoding.result import found_from_json
from qpv_geo.schemes.evaluate import decide_schemes
from qpv_geo.schemes.model import DECLARED
from qpv_geo.schemes.record_differences import RecordDifference, differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.model import Verdict
    from qpv_geo.schemes.model import SchemeDecision
    from qpv_geo.untyped import AnyValue

_NEEDED = ("status", "reason", "on", "evidence")
_EVIDENCE_NEEDED = ("input", "digest", "software", "sha256", "thresholds", "checked_at")
_PLACE = {"lon", "lat", "accuracy_m", "site", "address", "postcode", "citycode", "found", "searched"}
_OPTIONS = {"on", "kinds", "generation"}
_SCHEMES, _AMOUNT, _ANSWERS = "schemes", "amount", "answers"
_RELEASE = re.compile(r"qpv-geo (\d{1,9})\.(\d{1,9})\.(\d{1,9})(?![\d.])")
_CAUSES = frozenset({"data", "thresholds", "software"})
"""Kinds of differences that may change an answer."""


@dataclass(frozen=True)
class Verification:
    """Result of verifying a record.

    Attributes
    ----------
    intact
        Whether the digest of the record as it stands is the digest written in it.
    same_answer
        Whether the answer computed now is the recorded one. The wording counts, unless the record is of an earlier
        release, which may have said the same in other words.
    identical
        Whether the record is intact and nothing in it differs from what is computed now.
    differences
        Every field that differs, the answer first; ``checked_at`` is not compared.
    digest_recorded, digest_computed
        The two digests.
    """

    intact: bool
    same_answer: bool
    identical: bool
    differences: tuple[RecordDifference, ...]
    digest_recorded: str
    digest_computed: str

    @property
    def unexplained(self) -> bool:
        """Whether the answer differs although the data, the thresholds and the software are the same."""
        return not self.same_answer and not {one.what for one in self.differences} & _CAUSES


def with_schemes(verdict: Verdict, decisions: Sequence[SchemeDecision]) -> Verdict:
    """Return a verdict with the decisions of the schemes asked with it, under its digest.

    Parameters
    ----------
    decisions
        Decisions on the place of the verdict, all for the same amount; without any, the verdict is returned as it is.
    """
    if not decisions:
        return verdict
    asked: dict[str, Any] = {_SCHEMES: [one.scheme for one in decisions]}
    if decisions[0].amount is not None:
        asked[_AMOUNT] = decisions[0].amount
    if declared := {one.condition.id: one.answer for each in decisions for one in each.questions if one.by == DECLARED}:
        asked[_ANSWERS] = declared
    evidence = replace(verdict.evidence, input=verdict.evidence.input | asked, digest="")
    return sealed(replace(verdict, evidence=evidence, schemes=tuple(one.to_dict() for one in decisions)))


def verify_record(record: AnyValue, checker: Checker, *, name: str) -> Verification:
    """Recompute a recorded verdict with the perimeters available now.

    An address is not geocoded again, as the record holds what was found.

    Parameters
    ----------
    record
        The JSON object of a verdict.
    checker
        Checker whose perimeters, schemes and thresholds to use.
    name
        Name of the record in messages.

    Raises
    ------
    FormatError
        Not the record of a verdict, or that of a later release.
    InputError
        A scheme asked is not known here.
    MissingPerimetersError
        The perimeters that it needs are not installed.
    """
    _refuse_other_things(record, name)
    earlier = _is_earlier(record["evidence"]["software"], name)
    try:
        json.dumps(record, allow_nan=False)  # a NaN instead of a null would not change the digest
        intact = digest(_digested(record)) == record["evidence"]["digest"]
        computed = _computed_again(record, checker)
    except (TypeError, KeyError, OverflowError, AttributeError, UnicodeError, RecursionError) as error:
        raise FormatError(msg.errors.not_a_record(name, "question illisible")) from error
    except ValueError as error:
        if isinstance(error, QpvGeoError):
            raise
        raise FormatError(msg.errors.not_a_record(name, "valeur illisible")) from error
    found = differences(record, computed)
    of_answer = {"answer"} if earlier else {"answer", "wording"}
    return Verification(
        intact=intact,
        same_answer=not any(one.what in of_answer for one in found),
        identical=intact and not found,
        differences=found,
        digest_recorded=record["evidence"]["digest"],
        digest_computed=computed["evidence"]["digest"],
    )


# ── Shapes ───────────────────────────────────────────────────────────────────────────────────────────────────


def _is_beside(record: dict[str, Any]) -> bool:
    """Tell whether the decisions of schemes stand beside the verdict, out of its digest."""
    return _SCHEMES in record and _SCHEMES not in record["evidence"]["input"]


def _digested(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the digest of a record covers."""
    if not _is_beside(record):
        return record
    return {key: value for key, value in record.items() if key != _SCHEMES}


def _computed_again(record: dict[str, Any], checker: Checker) -> dict[str, Any]:
    """Return the record of the same question, asked again, in the shape of the record."""
    question = record["evidence"]["input"]
    verdict = _verdict_again({key: question[key] for key in question if key in _PLACE | _OPTIONS}, checker)
    if not _is_beside(record):
        ids = question.get(_SCHEMES, [])
        amount, answers = question.get(_AMOUNT), question.get(_ANSWERS)
        decisions = decide_schemes(ids, verdict, checker=checker, amount=amount, answers=answers)
        return with_schemes(verdict, decisions).to_dict()
    ids = [one["scheme"] for one in record[_SCHEMES]]
    amount = record[_SCHEMES][0]["amount"] if ids else None
    decisions = decide_schemes(ids, verdict, checker=checker, amount=amount)
    return verdict.to_dict() | ({_SCHEMES: [one.to_dict() for one in decisions]} if decisions else {})


def _verdict_again(question: dict[str, Any], checker: Checker) -> Verdict:
    if "found" not in question:
        return checker.check(**question)
    options = {key: question[key] for key in _OPTIONS if key in question}
    return checker.check_found(found_from_json(question), **options)


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────────────────


def _refuse_other_things(record: AnyValue, name: str) -> None:
    for place, needed in (("", _NEEDED), ("evidence", _EVIDENCE_NEEDED)):
        document = record.get(place) if place and isinstance(record, dict) else record
        if not isinstance(document, dict):
            raise FormatError(msg.errors.not_a_record(name, "pas un objet JSON"))
        missing = [field for field in needed if field not in document]
        if missing:
            raise FormatError(msg.errors.not_a_record(name, f"il manque {', '.join(missing)}"))
    for field, what in (("input", "question illisible"), ("thresholds", "seuils illisibles")):
        if not isinstance(record["evidence"][field], dict):
            raise FormatError(msg.errors.not_a_record(name, what))
    if not set(record["evidence"]["input"]) <= _PLACE | _OPTIONS | {_SCHEMES, _AMOUNT, _ANSWERS}:
        raise FormatError(msg.errors.not_a_record(name, "question inconnue"))
    _refuse_no_moment(record["evidence"]["checked_at"], name)


def _refuse_no_moment(checked_at: AnyValue, name: str) -> None:
    """Raise `FormatError` unless `checked_at`, which no digest covers, is a moment."""
    try:
        aware = datetime.fromisoformat(checked_at).tzinfo is not None
    except (TypeError, ValueError):
        aware = False
    if not aware:
        raise FormatError(msg.errors.not_a_record(name, "moment illisible"))


def _is_earlier(software: AnyValue, name: str) -> bool:
    """Tell whether a record is of an earlier release; raise `FormatError` for a later or unknown one."""
    release, own = _release(software), _release(SOFTWARE)
    if release is None or own is None:
        raise FormatError(msg.errors.not_a_record(name, msg.errors.unknown_software(software)))
    if release > own:
        raise FormatError(msg.errors.record_of_a_later_release(name, software, SOFTWARE))
    return release < own


def _release(software: AnyValue) -> tuple[int, ...] | None:
    found = _RELEASE.match(software) if isinstance(software, str) else None
    return None if found is None else tuple(map(int, found.groups()))
