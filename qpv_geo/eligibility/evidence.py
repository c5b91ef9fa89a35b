"""What proves a verdict: its digest, and the record that can be computed again."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from qpv_geo.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_DIGESTED = ("checked_at", "digest")
_ENCODER = json.JSONEncoder(
    ensure_ascii=False,
    sort_keys=True,
    separators=(",", ":"),
    allow_nan=False,
    check_circular=False,  # JSON cannot be
    default=vars,  # a dataclass of a verdict, as `to_dict` gives it
)


def canonical(value: object) -> bytes:
    """Return the canonical JSON of a value: keys sorted, no space, UTF-8."""
    return _ENCODER.encode(value).encode()


def digest(document: Mapping[str, Any]) -> str:
    """Return the sha256 of a verdict's canonical JSON but for ``checked_at`` and the digest itself.

    Parameters
    ----------
    document
        A verdict as `qpv_geo.model.Verdict.to_dict` or `qpv_geo.model.Verdict.fields` gives it.
    """
    evidence = document["evidence"]
    digested = dict(vars(evidence) if isinstance(evidence, Evidence) else evidence)
    for key in _NOT_DIGESTED:
        digested.pop(key, None)
    return hashlib.sha256(canonical({**document, "evidence": digested})).hexdigest()
