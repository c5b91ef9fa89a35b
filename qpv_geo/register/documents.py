"""Entries and checks of the register as JSON objects, the same for commands, exports and the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qpv_geo.register.chain import CHAINED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qpv_geo.register.chain import Entry
    from qpv_geo.register.store import Case

_OF_CHECK = ("sequence", "id", "created_at", "day", "status", "code", "name", "generation", "outcomes", "chain_hash")
_LABELS = ("case", "service", "by", "reason")


def case_document(case: Case) -> dict[str, Any]:
    """Return a check without its record: what was computed, what was decided, and what supersedes it."""
    check, content = case.check, case.check.document
    record = content.get("record") or {}
    location = record.get("location") or {}
    return {
        **{field: getattr(check, field) for field in _OF_CHECK},
        **{field: content.get(field) for field in _LABELS},
        "asked": location.get("asked"),
        "label": location.get("label"),
        "lon": location.get("lon"),
        "lat": location.get("lat"),
        "verdict_reason": record.get("reason"),
        "distance_m": record.get("distance_m"),
        "purged": check.purged,
        "supersedes": check.supersedes,
        "superseded_by": case.superseded_by,
        "decision": None if case.decision is None else decision_document(case.decision),
    }


def decision_document(decision: Entry) -> dict[str, Any]:
    """Return a human decision: the status decided, by whom, why, and the document it rests on."""
    content = decision.document
    return {
        **{field: getattr(decision, field) for field in ("sequence", "id", "created_at", "status", "code", "name")},
        **{field: content.get(field) for field in ("by", "reason", "document")},
        "purged": decision.purged,
    }


def history_document(case: Case, history: Iterable[Entry]) -> dict[str, Any]:
    """Return a check with its record and every entry about it, in order."""
    return {
        **case_document(case),
        "record": case.check.document.get("record"),
        "history": [entry_document(one) for one in history if one.sequence != case.check.sequence],
    }


def entry_document(entry: Entry) -> dict[str, Any]:
    """Return an entry whole: the fields that the chain covers, its hash, the salt and the content if not purged."""
    content = entry.content
    return {
        **{field: getattr(entry, field) for field in CHAINED},
        "chain_hash": entry.chain_hash,
        "salt": None if content is None else content.salt,
        "content": None if content is None else content.document,
    }
