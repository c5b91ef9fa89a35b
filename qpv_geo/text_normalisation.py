"""Normalise names for comparison, and texts for showing."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ACCENTS = re.compile("[\u0300-\u036f]+")
_WORDS = re.compile("[a-z0-9]+")
_UNSEEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+")
"""What changes the order in which a text is read, or is not seen: no part of a French name."""
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
"""What a terminal obeys, and what no file can hold; tabs and line feeds are kept."""


def shown(text: str) -> str:
    """Return a text safe to show: without invisible characters, with a space for control characters."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROLS.sub(" ", _UNSEEN.sub("", text))


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """Return `text` without case, accents, punctuation or extra spaces, for comparing names."""
    if not text.isascii():
        letters = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE"))
        text = _ACCENTS.sub("", letters).casefold()
    return " ".join(_WORDS.findall(text.lower()))
