"""Normalise names for comparison."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ACCENTS = re.compile("[\u0300-\u036f]+")
_WORDS = re.compile("[a-z0-9]+")


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """Return `text` without case, accents, punctuation or extra spaces, for comparing names."""
    if not text.isascii():
        letters = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE"))
        text = _ACCENTS.sub("", letters).casefold()
    return " ".join(_WORDS.findall(text.lower()))
