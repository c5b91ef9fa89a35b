"""Classes of amounts for a choropleth: quantiles of the distinct amounts, with bounds rounded for reading."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

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
    if not amounts:
        return Classes((), {})
    import mapclassify  # type: ignore[import-untyped] # noqa: PLC0415 - heavy: one kind of map only

    codes, values = list(amounts), np.array([float(amount) for amount in amounts.values()])
    refunds = [_LEAST] if (values < 0).any() else []
    different = np.unique(values[values >= 0])
    wanted = min(MOST_CLASSES - len(refunds), len(different))
    cuts = mapclassify.Quantiles(different, k=wanted).bins if wanted > 1 else different
    bounds = refunds + sorted({_rounded_up(cut) for cut in cuts})
    found = mapclassify.UserDefined(values, [float(bound) for bound in bounds])
    return Classes(tuple(bounds), {code: int(k) for code, k in zip(codes, found.yb, strict=True)})


def _rounded_up(value: float) -> Decimal:
    """Round a value up to two significant digits."""
    if value == 0:
        return Decimal(0)
    exact = Decimal(repr(float(value)))
    step = Decimal(1).scaleb(exact.adjusted() - _DIGITS + 1)
    whole = (exact / step).to_integral_value(rounding="ROUND_CEILING")
    return whole * step
