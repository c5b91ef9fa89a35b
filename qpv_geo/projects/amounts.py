"""Amounts in euros: read exactly to the cent, and split without losing a cent."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from qpv_geo import messages as msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

_MOST_DIGITS = 12
"""Most digits of whole euros: beyond, a number in a workbook is not exact to the cent."""

_SPACES = " \u00a0\u202f\u2009"
_MINUS = str.maketrans("\u2212\u2013", "--")
_CURRENCY = re.compile(r"\s*(?:€|euros?|eur)$", re.IGNORECASE)
_NUMBER = re.compile(rf"([+-]?)\s*([0-9]+|[0-9]{{1,3}}(?:[{_SPACES}][0-9]{{3}})+)(?:([.,])([0-9]+))?")
_UNIT = re.compile(r"\s*(k|K|M|milliers? d['’]|millions? d['’])\s*(?:€|euros?|eur|EUR)\s*\)?$")
_THOUSAND, _MILLION, _CENTS = 3, 6, 2
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:[.,][0-9]{3})+")


def parse_amount(value: object, power: int = 0) -> Decimal:
    """Read an amount in euros, with two decimals.

    Parameters
    ----------
    value
        Text (``1 234,56 €``, ``1234.56``, ``-50``, ``12,5 k€``, ``1,2 M€``), a decimal or a number. A float is read at
        15 significant digits, as a spreadsheet shows it: 0.1 + 0.2 is 0.30.
    power
        Power of ten of the unit of the column, see `unit_of`; a unit beside the value overrides it.

    Raises
    ------
    ValueError
        Not an amount, a fraction of a cent, an ambiguous separator (``1,234``: thousands or decimals?), or 10^12
        euros or more; the message says what is expected.

    Notes
    -----
    A negative amount is a refund and is accepted.
    """
    if isinstance(value, str):
        value, own = unit_of(value)
        power = own or power
    text = _as_text(value)
    if isinstance(value, str) and _THOUSANDS.fullmatch(text):
        raise ValueError(msg.projects.NO_AMBIGUOUS_SEPARATOR)
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(msg.projects.AN_AMOUNT)
    sign, euros, decimals = found[1], re.sub(rf"[{_SPACES}]", "", found[2]).lstrip("0"), found[4] or ""
    kept = power + _CENTS
    if decimals[kept:].strip("0"):
        raise ValueError(msg.projects.CENTS)
    cents = int((euros or "0") + decimals[:kept].ljust(kept, "0"))
    if cents >= 10 ** (_MOST_DIGITS + _CENTS):
        raise ValueError(msg.projects.A_SMALLER_AMOUNT)
    return to_euros(-cents if sign == "-" else cents)


def unit_of(text: str) -> tuple[str, int]:
    """Split thousands or millions of euros (``k€``, ``M€``, ``milliers d'euros``) from the end of a text.

    Returns
    -------
    text, power
        The text without it, and the power of ten of a unit in euros: 3, 6, or 0 without one.
    """
    found = _UNIT.search(text)
    if found is None:
        return text, 0
    return text[: found.start()], _THOUSAND if found[1] in {"k", "K"} or found[1].startswith("millier") else _MILLION


def to_cents(amount: Decimal) -> int:
    """Convert an amount with two decimals to cents, exactly whatever the decimal context."""
    numerator, denominator = amount.as_integer_ratio()
    return numerator * 100 // denominator


def to_euros(cents: int) -> Decimal:
    """Convert cents to an amount with two decimals, exactly whatever the decimal context."""
    euros, rest = divmod(abs(cents), 100)
    return Decimal(f"{'-' if cents < 0 else ''}{euros}.{rest:02}")


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of the known amounts; None if there are amounts but none is known."""
    given = list(amounts)
    known = [to_cents(amount) for amount in given if amount is not None]
    return to_euros(sum(known)) if known or not given else None


def share(cents: int, weights: Sequence[Fraction | int]) -> list[int]:
    """Split cents by weight; the parts add up exactly.

    Each part is rounded down to the cent, and the remaining cents are given one by one in the order listed. A refund is
    split like the amount it refunds. A zero weight gets nothing.

    Parameters
    ----------
    weights
        Not negative, and not all 0.
    """
    common = math.lcm(*(weight.denominator for weight in weights))
    whole_weights = [weight.numerator * (common // weight.denominator) for weight in weights]
    whole = sum(whole_weights)
    parts = [abs(cents) * weight // whole for weight in whole_weights]
    weighty = [k for k, weight in enumerate(weights) if weight]
    for k in weighty[: abs(cents) - sum(parts)]:
        parts[k] += 1
    return [-part for part in parts] if cents < 0 else parts


def share_both(rows: Sequence[int], columns: Sequence[int]) -> list[list[int]]:
    """Split cents in two ways at once; the rows and the columns of the result add up exactly to those given.

    Cells are proportional to their row and column, to a few cents; parts of the same sign give cells of that sign.

    Parameters
    ----------
    rows, columns
        Cents, two splits of the same amount, neither empty.
    """
    whole = sum(rows)
    if len(rows) == 1:
        return [list(columns)]
    if len(columns) == 1:
        return [[one] for one in rows]
    sign = 1 if min(*rows, *columns) >= 0 else -1 if max(*rows, *columns) <= 0 else 0
    if sign and whole:
        cells = [[sign * (row * column // abs(whole)) for column in columns] for row in rows]
    else:
        weights = [abs(column) for column in columns]
        cells = [share(row, weights if any(weights) else [1] * len(weights)) for row in rows]
    below = [column - sum(row[k] for row in cells) for k, column in enumerate(columns)]
    for row, cell in zip(rows, cells, strict=True):
        _settle(row - sum(cell), below, cell)
    cells[0] = [cell + left for cell, left in zip(cells[0], below, strict=True)]
    return cells


def _settle(left: int, below: list[int], cells: list[int]) -> None:
    """Give the cents that remain of a row to the columns that lack some, in their order."""
    for k, lacking in enumerate(below):
        given = max(min(lacking, left), 0) if left > 0 else min(max(lacking, left), 0)
        cells[k] += given
        below[k] -= given
        left -= given


def _as_text(value: object) -> str:
    """Return a cell as the text of a number, without currency."""
    if isinstance(value, str):
        return _CURRENCY.sub("", value.strip()).translate(_MINUS)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
        raise ValueError(msg.projects.AN_AMOUNT)
    return format(Decimal(format(value, ".15g")) if isinstance(value, float) else Decimal(value), "f")
