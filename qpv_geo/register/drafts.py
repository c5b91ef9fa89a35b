"""Entries before they have a place in the chain: what is kept of a verdict, of a decision, of a recheck."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.model import Kind, Status
from qpv_geo.text_normalisation import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECK, DECISION, RECHECK, RUN, PURGE = "check", "decision", "recheck", "recheck_run", "purge"
KINDS = frozenset({CHECK, DECISION, RECHECK, RUN, PURGE})
_MOST_CHARACTERS = {"case": 200, "service": 200, "by": 200, "reason": 10_000}


@dataclass(frozen=True)
class Draft:
    """An entry without a sequence, a date and hashes; the fields are those of `qpv_geo.register.chain.Entry`.

    `document` is its content, None for an entry without any. The root of a check is its own sequence.
    """

    kind: str
    root: int | None = None
    supersedes: int | None = None
    day: str | None = None
    status: str | None = None
    code: str | None = None
    name: str | None = None
    generation: str | None = None
    outcomes: dict[str, str] = field(default_factory=dict)
    document: dict[str, Any] | None = None


@dataclass(frozen=True)
class Labels:
    """What a person adds to a check that is kept.

    Attributes
    ----------
    case
        Number of the case.
    service
        Department that asks.
    by
        Who asks; any text.
    supersedes
        Sequence of the check that this one takes the place of.
    reason
        Why it does.
    origin
        Identifies the question in a run, so that a run that resumes keeps it once.
    """

    case: str | None = None
    service: str | None = None
    by: str | None = None
    supersedes: int | None = None
    reason: str | None = None
    origin: str | None = None


def check_draft(record: dict[str, Any], labels: Labels) -> Draft:
    """Return the entry of a verdict, given as its JSON object.

    Raises
    ------
    InputError
        A label is too long.
    """
    code, name = quartier_of(record)
    given = {key: label(key, getattr(labels, key)) for key in _MOST_CHARACTERS}
    return Draft(
        CHECK,
        supersedes=labels.supersedes,
        day=record["on"],
        status=record["status"],
        code=code,
        name=name,
        generation=record["generation"],
        outcomes=outcomes_of(record),
        document={"record": record, "origin": labels.origin, **given},
    )


def label(name: str, text: str | None) -> str | None:
    """Return a label as it is kept and searched: safe to show, without needless spaces; None if nothing is left.

    Raises
    ------
    InputError
        It is too long.
    """
    kept = shown(text or "").strip() if name == "reason" else one_line(text or "")
    if len(kept) > _MOST_CHARACTERS[name]:
        raise InputError(msg.register_errors.long_label(name, kept, _MOST_CHARACTERS[name]))
    return kept or None


def one_line(text: str) -> str:
    """Return a text safe to show and to keep, on one line, without needless spaces."""
    return " ".join(shown(text).split())


def quartier_of(record: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the code and the name of the perimeter that a record is about; None where it is outside."""
    kinds = record["evidence"]["input"].get("kinds", [Kind.QPV])
    held = [one for one in record["perimeters"] if one["kind"] in kinds]
    if not held or record["status"] in {Status.OUTSIDE, Status.NOT_LOCATED}:
        return None, None
    return held[0]["code"], held[0]["name"]


def outcomes_of(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the outcome of each scheme asked."""
    return {one["scheme"]: one["outcome"] for one in record.get("schemes", ())}
