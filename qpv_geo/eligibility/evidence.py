"""The digest of a verdict, over its canonical JSON."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson

from qpv_geo.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_DIGESTED = ("checked_at", "digest")
_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS


def canonical(value: object) -> bytes:
    """Return the canonical JSON of a value: keys sorted, no spaces, UTF-8, numbers as orjson writes them.

    The standard library writes the same, except for numbers with an exponent (``1e-5`` here, ``1e-05`` there). NaN
    becomes null, as JSON has no NaN; `qpv_geo.schemes.records` refuses it.
    """
    return orjson.dumps(value, default=vars, option=_SORTED)


def digest(document: Mapping[str, Any]) -> str:
    """Return the sha256 of a verdict's canonical JSON, without ``checked_at`` and the digest itself.

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
