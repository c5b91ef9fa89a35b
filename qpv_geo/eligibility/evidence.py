"""What proves a verdict: its digest, and the record that can be computed again."""

from __future__ import annotations

import hashlib
import json
from typing import Any

_NOT_DIGESTED = ("checked_at", "digest")
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: object) -> bytes:
    """Return the canonical JSON of a value: keys sorted, no space, UTF-8."""
    return _ENCODER.encode(value).encode()


def digest(document: dict[str, Any]) -> str:
    """Return the sha256 of a verdict's canonical JSON but for ``checked_at`` and the digest itself.

    Parameters
    ----------
    document
        A verdict as `qpv_geo.model.Verdict.to_dict` gives it.
    """
    evidence = {key: value for key, value in document["evidence"].items() if key not in _NOT_DIGESTED}
    return hashlib.sha256(canonical(document | {"evidence": evidence})).hexdigest()
