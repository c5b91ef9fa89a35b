"""Compute a kept verdict again, and say what differs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.eligibility.evidence import digest
from qpv_geo.errors import FormatError, QpvGeoError
from qpv_geo.geocoding.result import found_from_json

if TYPE_CHECKING:
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.model import Verdict
    from qpv_geo.untyped import AnyValue

_NEEDED = ("status", "reason", "on", "evidence")
_EVIDENCE_NEEDED = ("input", "digest", "software", "sha256", "thresholds")
_QUESTION = {
    "lon",
    "lat",
    "accuracy_m",
    "site",
    "address",
    "postcode",
    "citycode",
    "found",
    "searched",
    "on",
    "kinds",
    "generation",
}
BESIDE = "schemes"
"""Key under which a command writes what schemes say beside a verdict: no part of it."""
_PRESENTATION = ("message", "evidence")
"""Fields compared apart: a sentence that is worded otherwise is no other answer."""


@dataclass(frozen=True)
class RecordDifference:
    """One thing that is not as it was recorded.

    Attributes
    ----------
    what
        ``answer``, ``data``, ``thresholds`` or ``software``.
    field
        Path of the field in the record.
    recorded, computed
        Its value then and now.
    """

    what: str
    field: str
    recorded: Any
    computed: Any


@dataclass(frozen=True)
class Verification:
    """What became of a record.

    Attributes
    ----------
    intact
        Whether the record still has the content that its digest was made over.
    same_answer
        Whether the answer computed now is the recorded one.
    identical
        Whether nothing differs at all: same digest.
    differences
        What differs, the answer first.
    digest_recorded, digest_computed
        The two digests.
    """

    intact: bool
    same_answer: bool
    identical: bool
    differences: tuple[RecordDifference, ...]
    digest_recorded: str
    digest_computed: str


def verify_record(record: AnyValue, checker: Checker, *, name: str) -> Verification:
    """Compute a recorded verdict again with what is at hand now.

    Parameters
    ----------
    record
        The JSON object of a verdict.
    checker
        Whose perimeters and thresholds to use.
    name
        What to call the record in a message.

    Raises
    ------
    FormatError
        Not the record of a verdict.
    MissingPerimetersError
        The perimeters that it needs are not installed.
    """
    _refuse_other_things(record, name)
    record = {key: value for key, value in record.items() if key != BESIDE}
    question = dict(record["evidence"]["input"])
    if not set(question) <= _QUESTION:
        raise FormatError(msg.errors.not_a_record(name, "question inconnue"))
    try:
        json.dumps(record, allow_nan=False)  # a NaN in the place of a null would not change the digest
        intact = digest(record) == record["evidence"]["digest"]
        computed = _computed_again(question, checker).to_dict()
    except (TypeError, OverflowError, AttributeError, UnicodeError, RecursionError) as error:
        raise FormatError(msg.errors.not_a_record(name, "question illisible")) from error
    except ValueError as error:
        if isinstance(error, QpvGeoError):
            raise
        raise FormatError(msg.errors.not_a_record(name, "valeur illisible")) from error
    differences = _differences(record, computed)
    return Verification(
        intact=intact,
        same_answer=not any(difference.what == "answer" for difference in differences),
        identical=record["evidence"]["digest"] == computed["evidence"]["digest"],
        differences=differences,
        digest_recorded=record["evidence"]["digest"],
        digest_computed=computed["evidence"]["digest"],
    )


def _computed_again(question: dict[str, Any], checker: Checker) -> Verdict:
    """Ask the same question; an address is not looked for again, what was found for it is in the record."""
    if "found" not in question:
        return checker.check(**question)
    kept = {key: question[key] for key in ("on", "generation", "kinds") if key in question}
    return checker.check_found(found_from_json(question), **kept)


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


def _differences(record: dict[str, Any], computed: dict[str, Any]) -> tuple[RecordDifference, ...]:
    then, now = record["evidence"], computed["evidence"]
    answers = [field for field in computed if field not in _PRESENTATION]
    data = [field for field in now if field not in {"checked_at", "digest", "software", "thresholds", "input"}]
    pairs = (
        *(("answer", field, record.get(field), computed[field]) for field in answers),
        *(("data", f"evidence.{field}", then.get(field), now[field]) for field in data),
        *(
            ("thresholds", f"evidence.thresholds.{field}", then["thresholds"].get(field), value)
            for field, value in now["thresholds"].items()
        ),
        ("software", "evidence.software", then["software"], now["software"]),
    )
    return tuple(RecordDifference(*pair) for pair in pairs if pair[2] != pair[3])
