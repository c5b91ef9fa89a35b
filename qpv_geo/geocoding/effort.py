"""How far the search for an address may go, so that a caller who must not wait is told rather than kept."""

from __future__ import annotations

from enum import IntEnum


class Effort(IntEnum):
    """How far the search for an address may go; each level includes those before it."""

    LOOK_UP = 0
    """Words as written, in indexes already loaded: well under a millisecond, a few for long texts."""
    SEARCH = 1
    """All that the indexes of this machine take: mistyped words, the house numbers of a street. Up to 0.1 second."""
    ASK = 2
    """Services too."""


class EffortError(Exception):
    """Finding an address takes more effort than allowed; see `qpv_geo.geocoding.chain.Chain.within`."""
