"""Classes of amounts for a choropleth: quantiles of the distinct amounts, with bounds rounded for reading."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_CLASSES = 5
_LEAST = Decimal("-0.01")
"""Upper bound of the class of refunds, euros."""

_DIGITS = 2
"""Significant digits of a bound."""


@dataclass(frozen=True)
class Classes:
    """Classes of amounts.

    Attributes
    ----------
    bounds
        Upper bounds of the classes, euros, inclusive and increasing; the last class contains the largest amount.
        Negative amounts are the first class, whose bound is negative.
    of
        Class of each perimeter that has an amount, by code, from 0.
    """

    bounds: tuple[Decimal, ...]
    of: dict[str, int]


def classify(amounts: Mapping[str, Decimal]) -> Classes:
    """Classify amounts: refunds, then quantiles of the others, with bounds rounded up to two significant digits.

    Parameters
    ----------
    amounts
        Euros, by code.
    """
    refunds = [_LEAST] if any(amount < 0 for amount in amounts.values()) else []
    different = sorted({amount for amount in amounts.values() if amount >= 0})
    wanted = min(MOST_CLASSES - len(refunds), len(different))
    cuts = [different[-(-len(different) * k // wanted) - 1] for k in range(1, wanted + 1)]  # amounts: exact
    bounds = refunds + sorted(set(map(_rounded_up, cuts)))
    return Classes(tuple(bounds), {code: bisect_left(bounds, amount) for code, amount in amounts.items()})


def _rounded_up(amount: Decimal) -> Decimal:
    """Round an amount up to two significant digits."""
    if amount == 0:
        return Decimal(0)
    step = Decimal(1).scaleb(amount.adjusted() - _DIGITS + 1)
    return (amount / step).to_integral_value(rounding=ROUND_CEILING) * step
