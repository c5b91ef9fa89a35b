"""How many examples property tests try: few, the same everywhere; in `scripts/fuzz`, many and new ones."""

from __future__ import annotations

import os

from hypothesis import settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "repeatable")
LONG = PROFILE == "long"
_TIMES = 20


def examples(count, *, of=None, **others):
    """Try so many examples; in a long run, twenty times as many, or as `of` where `count` is the part of it to try."""
    return settings(max_examples=(of or count) * _TIMES if LONG else count, **others)


settings.register_profile("repeatable", max_examples=50, derandomize=True, deadline=None, database=None)
settings.register_profile("long", max_examples=2_000, deadline=None)
settings.load_profile(PROFILE)
