"""Compare names as people write them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """Return `text` without case, accents, punctuation or extra spaces, for comparing names."""
    letters = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", plain.casefold()))
