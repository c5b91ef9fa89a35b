"""A verdict restored from its record, to show it as it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qpv_geo.model import (
    Evidence,
    Location,
    Nearest,
    OtherDataset,
    PerimeterMatch,
    PlausibleMatch,
    Reason,
    Status,
    StreetSide,
    Thresholds,
    Verdict,
)
from qpv_geo.schemes.evaluate import decide_schemes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.schemes.model import SchemeDecision


def verdict_of(record: Mapping[str, Any]) -> Verdict:
    """Return the verdict of a record of the register: `Verdict.to_dict` gives the record again.

    Raises
    ------
    KeyError, TypeError, ValueError
        It is that of another release, with other fields.
    """
    evidence = record["evidence"]
    lists = {"others": tuple(OtherDataset(**one) for one in evidence["others"]), "decrees": tuple(evidence["decrees"])}
    nearest = record["nearest"]
    return Verdict(
        **{
            **record,
            "status": Status(record["status"]),
            "reason": Reason(record["reason"]),
            "perimeters": tuple(PerimeterMatch(**one) for one in record["perimeters"]),
            "nearest": None if nearest is None else Nearest(**nearest),
            "location": Location(**record["location"]),
            "evidence": Evidence(**{**evidence, **lists, "thresholds": Thresholds(**evidence["thresholds"])}),
            "candidates": tuple(PlausibleMatch(**one) for one in record.get("candidates", ())),
            "street": tuple(_side(one) for one in record.get("street", ())),
            "schemes": tuple(record.get("schemes", ())),
        }
    )


def decisions_of(verdict: Verdict, checker: Checker) -> list[SchemeDecision]:
    """Return the decisions of the schemes asked with a verdict, computed again; none if an outcome would differ."""
    question = verdict.evidence.input
    ids = question.get("schemes", [])
    amount, answers = question.get("amount"), question.get("answers")
    decisions = decide_schemes(ids, verdict, checker=checker, amount=amount, answers=answers) if ids else []
    recorded = [one["outcome"] for one in verdict.schemes]
    return decisions if [one.outcome for one in decisions] == recorded else []


def _side(one: Mapping[str, Any]) -> StreetSide:
    return StreetSide(one["side"], *(tuple(one[status]) for status in ("inside", "outside", "uncertain")))
