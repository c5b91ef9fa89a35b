"""How values are written within French sentences."""

from __future__ import annotations

import re

_MOST = 200
_BREAKS = re.compile(r"[ \t\n\v\f\r]+")


def one_line(text: str) -> str:
    """Return a text on one line; its no-break spaces are kept."""
    return _BREAKS.sub(" ", text).strip(" ")


def quoted(value: object, most: int = _MOST) -> str:
    """« 1 rue des Colis »: on one line, without what cannot be printed, cut if it is very long."""
    try:
        text = str(value)
    except ValueError:  # an integer of thousands of digits
        text = type(value).__name__
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return f"« {line if len(line) <= most else f'{line[:most]}…'} »" if line else "« »"
