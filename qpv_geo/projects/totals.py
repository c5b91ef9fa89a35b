"""Rows of totals in a table of projects: recognised, set aside, and compared with the rows above."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qpv_geo.projects.amounts import parse_amount, to_cents, to_euros
from qpv_geo.projects.columns import is_amount
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from qpv_geo.projects.columns import Layout

    Row = Mapping[str, Any]

_TOTAL = re.compile(r"(?:sous )?(?:total|totaux)(?: general)?")
_OF_SOMETHING = re.compile(r"(?:sous )?(?:total|totaux) .+")
_WORD = re.compile(r"(?:sous )?(?:total|totaux)\b")
_TEXTS = ("title", "id", "lead", "scheme", "neighbourhood", "funder", "theme", "commune", "year")


@dataclass(frozen=True)
class TotalRow:
    """A row of totals, which is no project.

    Attributes
    ----------
    line
        Line in the file, from 1.
    amount
        Euros; None if the row gives none that can be read.
    summed
        Sum of the projects it is compared with: those since the last subtotal if it is theirs, else all those above.
    """

    line: int
    amount: Decimal | None
    summed: Decimal

    @property
    def agrees(self) -> bool:
        """Tell whether the total is the sum of the projects above."""
        return self.amount is None or self.amount == self.summed


def set_totals_aside(
    rows: Mapping[int, dict[str, Any]], layout: Layout
) -> tuple[dict[int, dict[str, Any]], tuple[TotalRow, ...]]:
    """Separate projects from rows of totals.

    A row is a total if one of its texts is the word (``Total``, ``Sous-total``, ``Total général``), or if its title or
    id begins with it and its amount is the sum of the rows above, or of those since the last subtotal.

    Returns
    -------
    rows, totals
        Projects by line, and totals in order.
    """
    if not any(_WORD.match(fold(text)) for row in rows.values() for text in _strings(row, _TEXTS)):
        return dict(rows), ()
    kept: dict[int, dict[str, Any]] = {}
    aside: list[TotalRow] = []
    every = since = 0
    for line, row in rows.items():
        cents = _cents(row, layout)
        said = map(fold, _strings(row, _TEXTS))
        begins = any(_OF_SOMETHING.fullmatch(fold(text)) for text in _strings(row, ("title", "id")))
        if any(map(_TOTAL.fullmatch, said)) or (begins and cents is not None and cents in {every, since}):
            summed = since if cents == since else every
            aside.append(TotalRow(line, None if cents is None else to_euros(cents), to_euros(summed)))
            since = 0
        else:
            kept[line] = row
            every, since = every + (cents or 0), since + (cents or 0)
    return kept, tuple(aside)


def amount_of(row: Row, layout: Layout) -> Decimal | None:
    """Return the amount of a row as it is written, whatever is wrong elsewhere; None if it cannot be read."""
    cents = _cents(row, layout)
    return None if cents is None else to_euros(cents)


def _cents(row: Row, layout: Layout) -> int | None:
    """Return the amount of a row: that of the column of amounts, else what funders give."""
    stated = ["amount"] if "amount" in layout.positions and ("funder", "amount") not in layout.pairs else []
    columns = (
        stated if stated and row.get("amount") is not None else [one for one in layout.positions if is_amount(one)]
    )
    found: list[int] = []
    for column in columns:
        value = row.get(column)
        if value is None:
            continue
        try:
            parts = re.split(r"[;|\n]", value) if isinstance(value, str) else [value]
            found += (to_cents(parse_amount(one, layout.powers.get(column, 0))) for one in parts)
        except ValueError:
            return None
    return sum(found) if found else None


def _strings(row: Row, names: tuple[str, ...]) -> Iterator[str]:
    return (text for name in names if isinstance(text := row.get(name), str))
