"""Recompute a recorded verdict, and report what differs."""

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
"""Key under which the CLI adds the decisions of schemes to a verdict; not part of the verdict."""
_PRESENTATION = ("message", "evidence")
"""Fields outside the answer: `evidence` is compared field by field, `message` (mere wording) not at all."""


@dataclass(frozen=True)
class RecordDifference:
    """A field whose value differs from the recorded one.

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
    """Result of verifying a record.

    Attributes
    ----------
    intact
        Whether the content of the record still matches its digest.
    same_answer
        Whether the answer computed now is the recorded one.
    identical
        Whether the recorded and the computed digest are the same.
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
    """Recompute a recorded verdict with the perimeters available now.

    Parameters
    ----------
    record
        The JSON object of a verdict.
    checker
        Checker whose perimeters and thresholds to use.
    name
        Name of the record in messages.

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
        json.dumps(record, allow_nan=False)  # a NaN instead of a null would not change the digest
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
    """Check the same question again; an address is not geocoded again, as the record holds what was found."""
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
