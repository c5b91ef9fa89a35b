"""How values are written within French sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

_MOST = 200
_MOST_VALUES = 20
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
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    line = " ".join(text.split())
    return f"« {line if len(line) <= most else f'{line[:most]}…'} »" if line else "« »"


def numeric_day(on: date) -> str:
    """01/06/2024; four digits whatever the year."""
    return f"{on:%d/%m}/{on.year:04}"


def plural(count: int) -> str:
    """Return the mark of the plural for a number of things."""
    return "s" if count > 1 else ""


def values(names: Iterable[object], none: str = "aucune") -> str:
    """« code_qp », « lib_qp »: names as they stand in a file, the first of many, or a word if there are none."""
    every = list(names)
    left = len(every) - _MOST_VALUES
    more = f" et {left} autre{plural(left)}" if left > 0 else ""
    return (", ".join(map(quoted, every[:_MOST_VALUES])) or none) + more


def enumerated(parts: Sequence[str], last: str = "et") -> str:
    """Les Prés, Le Bois et La Cité."""
    return f" {last} ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def joined(parts: Iterable[str]) -> str:
    """Write facts side by side, parted by semicolons."""
    return "\u00a0; ".join(parts)


def number(value: float, decimals: int = 0) -> str:
    """1 234,5: a narrow space between thousands and a decimal comma."""
    return f"{value:,.{decimals}f}".replace(",", "\u202f").replace(".", ",")
