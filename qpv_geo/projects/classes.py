"""Classes of amounts for a choropleth: quantiles of the distinct amounts, with bounds that are easy to read.

Their colours are sequential purples in the style of ColorBrewer 2 (Brewer and Harrower), whose steps differ in
lightness and so survive printing in grey.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_CLASSES = 5
AMOUNTS = ("#d4d2ea", "#b0acd6", "#8b84c0", "#6650a4", "#431a7e")
REFUND = "#f3d9b1"
_LEAST = Decimal("-0.01")
"""Upper bound of the class of refunds, euros."""

_HALVES_UNTIL = 5
"""A bound is a whole number of its power of ten, or and a half up to this: 10 000, 15 000, 20 000... 50 000, 60 000."""


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
    """Classify amounts: refunds, then quantiles of the others, with round bounds, and two digits if too many are one.

    Parameters
    ----------
    amounts
        Euros, by code.
    """
    refunds = [_LEAST] if any(amount < 0 for amount in amounts.values()) else []
    different = sorted({amount for amount in amounts.values() if amount >= 0})
    wanted = min(MOST_CLASSES - len(refunds), len(different))
    cuts = [different[-(-len(different) * k // wanted) - 1] for k in range(1, wanted + 1)]  # amounts: exact
    round_cuts = sorted({_rounded_up(cut) for cut in cuts})
    if len(round_cuts) < len(cuts):
        round_cuts = sorted({_rounded_up(cut, finely=True) for cut in cuts})
    bounds = refunds + round_cuts
    return Classes(tuple(bounds), {code: bisect_left(bounds, amount) for code, amount in amounts.items()})


def class_colours(classes: Classes) -> Sequence[str]:
    """Return one colour per class, spread over the palette, darkest for the largest amounts; refunds have their own."""
    refunds = [REFUND] if classes.bounds and classes.bounds[0] < 0 else []
    count = len(classes.bounds) - len(refunds)
    last, gaps = len(AMOUNTS) - 1, max(count - 1, 1)
    return refunds + [AMOUNTS[last - round(k * last / gaps)] for k in reversed(range(count))]


def _rounded_up(amount: Decimal, *, finely: bool = False) -> Decimal:
    """Round an amount up to a bound that is easy to read or, finely, to two significant digits."""
    if amount == 0:
        return Decimal(0)
    power = Decimal(1).scaleb(amount.adjusted())
    step = power / 10 if finely else power / 2 if amount <= _HALVES_UNTIL * power else power
    return (amount / step).to_integral_value(rounding=ROUND_CEILING) * step
