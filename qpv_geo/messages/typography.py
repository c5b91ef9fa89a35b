"""How values are written within French sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST = 200
_MOST_LISTED = 20
_BREAKS = re.compile(r"[ \t\n\v\f\r]+")


def one_line(text: str) -> str:
    """Return a text on one line; its no-break spaces are kept."""
    return _BREAKS.sub(" ", text).strip(" ")


def all_quoted(names: Iterable[object], most: int = _MOST_LISTED) -> str:
    """« A », « B » et 3 autres; « aucune » if there are none, for columns, layers and sheets."""
    every = list(names)
    left = len(every) - most
    more = f" et {left} autre{'s' if left > 1 else ''}" if left > 0 else ""
    return (", ".join(map(quoted, every[:most])) or "aucune") + more


def quoted(value: object, most: int = _MOST) -> str:
    """« 1 rue des Colis »: on one line, without what cannot be printed, cut if it is very long."""
    try:
        text = str(value)
    except ValueError:  # an integer of thousands of digits
        text = type(value).__name__
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return f"« {line if len(line) <= most else f'{line[:most]}…'} »" if line else "« »"
