"""Compare a record with the one computed again, field by field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qpv_geo.eligibility.evidence import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qpv_geo.untyped import AnyValue

_NOT_COMPARED = "evidence.checked_at"
_DIGEST = "evidence.digest"
_KINDS = ("answer", "wording", "question", "data", "thresholds", "software", "digest")
_FIELDS = {
    "wording": (
        *("message", "remedy", "evidence.notice"),
        *("schemes.label", "schemes.message", "schemes.date_counts", "schemes.evidence.notice"),
        *("schemes.reasons.text", "schemes.reasons.source", "schemes.remedies"),
    ),
    "question": ("evidence.input",),
    "data": (
        *("evidence.dataset", "evidence.title", "evidence.source", "evidence.edition", "evidence.licence"),
        *("evidence.sha256", "evidence.precision_m", "evidence.coverage", "evidence.others"),
        *("evidence.decrees", "evidence.crs"),
        *("schemes.evidence.scheme_sha256", "schemes.evidence.zones.dataset", "schemes.evidence.zones.sha256"),
        *("schemes.evidence.zones.street", "schemes.evidence.zones.conventions_sha256"),
    ),
    "thresholds": ("evidence.thresholds", "schemes.evidence.thresholds"),
    "software": ("evidence.software", "schemes.evidence.software"),
    "digest": (_DIGEST, "schemes.evidence.verdict_digests"),
}
"""Fields of each kind, without positions in lists; every other field is of the answer."""
_WHAT = {field: what for what, fields in _FIELDS.items() for field in fields}
_POSITION = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class RecordDifference:
    """A field whose value differs from the recorded one.

    Attributes
    ----------
    what
        ``answer``, ``wording``, ``question``, ``data``, ``thresholds``, ``software`` or ``digest``.
    field
        Path of the field in the record, such as ``perimeters[0].share_inside``.
    recorded, computed
        Its value then and now.
    change
        ``changed``; ``added`` if the record alone has the field; ``removed`` if it lacks it.
    """

    what: str
    field: str
    recorded: Any
    computed: Any
    change: str


def differences(record: Mapping[str, Any], computed: Mapping[str, Any]) -> tuple[RecordDifference, ...]:
    """Return every field that differs, the answer first; the digest only where nothing else explains that it does."""
    found = [one for one in _compared(record, computed, "") if one.field != _NOT_COMPARED]
    told = [one for one in found if one.field != _DIGEST] or found
    return tuple(sorted(told, key=lambda one: _KINDS.index(one.what)))


def _compared(recorded: AnyValue, computed: AnyValue, path: str) -> Iterator[RecordDifference]:
    """Yield the differences of two JSON values; numbers are the same if they are written the same."""
    if isinstance(recorded, dict) and isinstance(computed, dict):
        keys = [f"{path}.{key}" if path else key for key in (*computed, *recorded)]
        pairs = dict(zip(keys, (*computed, *recorded), strict=True))
        yield from _each(recorded, computed, pairs)
    elif isinstance(recorded, list) and isinstance(computed, list):
        pairs = {f"{path}[{k}]": k for k in range(max(len(recorded), len(computed)))}
        yield from _each(dict(enumerate(recorded)), dict(enumerate(computed)), pairs)
    elif canonical(recorded) != canonical(computed):
        yield RecordDifference(_what(path), path, recorded, computed, "changed")


def _each(recorded: AnyValue, computed: AnyValue, pairs: Mapping[str, Any]) -> Iterator[RecordDifference]:
    for path, key in pairs.items():
        if key not in computed:
            yield RecordDifference(_what(path), path, recorded[key], None, "added")
        elif key not in recorded:
            yield RecordDifference(_what(path), path, None, computed[key], "removed")
        else:
            yield from _compared(recorded[key], computed[key], path)


def _what(path: str) -> str:
    """Return the kind of a field: that of the longest known path that leads to it."""
    known = _POSITION.sub("", path)
    while known:
        if known in _WHAT:
            return _WHAT[known]
        known = known.rpartition(".")[0]
    return "answer"
