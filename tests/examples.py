"""How many examples tests try: few, the same everywhere; in `scripts/fuzz`, many and new ones."""

from __future__ import annotations

import os
from itertools import product

from hypothesis import settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "repeatable")
LONG = PROFILE == "long"
_TIMES = 20


def examples(count, *, of=None, **others):
    """Try so many examples; in a long run, twenty times as many, or as `of` where `count` is the part of it to try."""
    return settings(max_examples=(of or count) * _TIMES if LONG else count, **others)


def some_pairs(first, second, times=2):
    """Return pairs that have every value of two lists, with so many different others; in a long run, all the pairs."""
    if LONG:
        return list(product(first, second))
    rows = range(max(len(first), len(second)))
    return [(first[row % len(first)], second[(row + shift) % len(second)]) for shift in range(times) for row in rows]


settings.register_profile("repeatable", max_examples=50, derandomize=True, deadline=None, database=None)
settings.register_profile("long", max_examples=2_000, deadline=None)
settings.load_profile(PROFILE)
