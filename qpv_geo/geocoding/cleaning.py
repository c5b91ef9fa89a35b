"""Remove what isn't part of an address from a text, and repair broken characters."""

from __future__ import annotations

import html
import re
import unicodedata

_EMAIL = re.compile(r"\S+@\S+\.\w+")
_WEB = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_PHONE = re.compile(
    r"(?:(?:t[ée]l[ée]?(?:phone)?|mob(?:ile)?|portable|fax)[\s.:]*)?"
    r"(?<![\w+])(?:\+33[\s.]?(?:\(0\))?[\s.]?|0)\d(?:[\s.-]?\d{2}){4}(?!\d)",
    re.IGNORECASE,
)
_LETTER_O = re.compile(r"\b(?=[\doO]{5}\b)\d[\doO]*[oO][\doO]*\b")
_NUMBER_SIGN = re.compile(r"\b(?:n\s*[°º]|num[ée]ro\b|n(?:o|um)\.|no)\s*(?=\d)|№\s*", re.IGNORECASE)
_LOST_LETTER = re.compile(r"\ufffd|(?<=[^\W\d_'’\s])\?(?=[^\W\d_])|(?<=['’\s-])\?(?=[^\W\d_]{2})")
_MOJIBAKE = re.compile(r"[ÃÂâ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_DASHES = str.maketrans("‐‑‒–—−", "------")


def clean(text: str) -> str:
    """Remove what isn't part of an address, and repair broken characters.

    E-mail addresses, web addresses and telephone numbers are removed; HTML entities and UTF-8 misread as Windows-1252
    are decoded; a lost letter (``�``) becomes ``e``, the likeliest accented letter.
    """
    text = unicodedata.normalize("NFC", text)
    if "&" in text:
        text = html.unescape(text)
    if _MOJIBAKE.search(text):
        text = _unbroken(text)
    if "@" in text:
        text = _EMAIL.sub(" ", text)
    if "www" in text or "://" in text:
        text = _WEB.sub(" ", text)
    text = _LETTER_O.sub(lambda found: re.sub("[oO]", "0", found[0]), _PHONE.sub(" , ", text))
    if "?" in text or "\ufffd" in text:
        text = _LOST_LETTER.sub("e", text)
    text = _NUMBER_SIGN.sub(" ", text)
    return text if text.isascii() else text.translate(_DASHES)


def _unbroken(text: str) -> str:
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    # decode piece by piece what can't be decoded as a whole
    return _MOJIBAKE.sub(lambda found: _unbroken_piece(found[0]), text)


def _unbroken_piece(piece: str) -> str:
    for encoding in ("cp1252", "latin-1"):
        try:
            return piece.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return piece
