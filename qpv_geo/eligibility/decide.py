"""Decide the status and the reason of a location from what was measured.

A pure function: no file, no clock, no geometry. One location or many are decided by the same table, so that a single
check, a batch and the service cannot differ.

For a location whose accuracy disc (or site) has the share ``s`` of its area inside the perimeters:

- ``s`` at least ``inside_min_share``: ``inside``, ``clear``;
- ``s`` at most ``outside_max_share``, where the perimeters are complete: ``outside``, ``clear``;
- ``s`` at most ``outside_max_share``, elsewhere: ``uncertain``, ``not_covered``, as an unknown perimeter may be there;
- otherwise ``uncertain``: ``site_straddles`` for a site, ``imprecise_location`` for a disc wider than
  ``imprecise_above_m``, ``near_boundary`` for another. This includes a low ``s`` where the middle of the disc is
  inside, as may happen with a disc far wider than the perimeter.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, overload

import numpy as np

from qpv_geo.model import Reason, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qpv_geo.eligibility.measures import Measure, Measures
    from qpv_geo.model import Thresholds

    Codes = NDArray[np.int8]

STATUSES = tuple(Status)
"""What the status codes of `decide` stand for."""
REASONS = tuple(Reason)
"""What the reason codes of `decide` stand for."""


def _rule(*, full: bool, empty: bool, covered: bool, doubt: Reason) -> tuple[Status, Reason]:
    """Return the answer for a disc that is (nearly) all inside, (nearly) all outside, or neither."""
    if full:
        return Status.INSIDE, Reason.CLEAR
    if not empty:
        return Status.UNCERTAIN, doubt
    return (Status.OUTSIDE, Reason.CLEAR) if covered else (Status.UNCERTAIN, Reason.NOT_COVERED)


def _table(narrow: Reason, wide: Reason) -> tuple[Codes, Codes]:
    """Return the status and reason codes of all cases, at the case numbers that `decide` computes."""
    cases = product((False, True), repeat=4)
    answers = [
        _rule(full=full, empty=empty, covered=covered, doubt=wide if rough else narrow)
        for rough, covered, empty, full in cases
    ]
    status, reason = zip(*answers, strict=True)
    return np.array([*map(STATUSES.index, status)], np.int8), np.array([*map(REASONS.index, reason)], np.int8)


_OF_POINTS = _table(Reason.NEAR_BOUNDARY, Reason.IMPRECISE_LOCATION)
_OF_SITES = _table(Reason.SITE_STRADDLES, Reason.SITE_STRADDLES)


@overload
def decide(measured: Measure, thresholds: Thresholds, *, site: bool = ...) -> tuple[np.int8, np.int8]: ...
@overload
def decide(measured: Measures, thresholds: Thresholds, *, site: bool = ...) -> tuple[Codes, Codes]: ...
def decide(
    measured: Measure | Measures, thresholds: Thresholds, *, site: bool = False
) -> tuple[np.int8, np.int8] | tuple[Codes, Codes]:
    """Decide locations from what was measured.

    Parameters
    ----------
    measured
        Measures of one location, or arrays of ``n`` entries.
    thresholds
        Shares from which an answer is firm, and the radius above which a location is imprecise.
    site
        Whether the locations are sites (lines, polygons, several points) rather than points.

    Returns
    -------
    status, reason
        Positions in `STATUSES` and `REASONS`, int8; shape ``(n,)`` for ``n`` locations.
    """
    full = measured.share >= thresholds.inside_min_share
    empty = (measured.share <= thresholds.outside_max_share) & (measured.distance_m >= 0)
    rough = measured.radius_m > thresholds.imprecise_above_m
    case = 1 * full + 2 * empty + 4 * measured.covered + 8 * rough
    status, reason = _OF_SITES if site else _OF_POINTS
    return status[case], reason[case]
