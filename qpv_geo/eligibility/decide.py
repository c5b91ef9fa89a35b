"""The decision: from what was measured to a status and a reason. The only one in the project.

Pure: no file, no clock, no geometry. It decides any number of locations at once, so that a single check, a batch and
the service cannot differ.

For a location whose accuracy disc (or site) has the share ``s`` of its area inside the perimeters:

- ``s`` at least ``inside_min_share``: ``inside``, ``clear``;
- ``s`` at most ``outside_max_share``, where the perimeters are complete: ``outside``, ``clear``; but never where the
  middle of the disc is inside, which a disc far wider than a perimeter allows;
- ``s`` at most ``outside_max_share``, elsewhere: ``uncertain``, ``not_covered``, for an unknown perimeter may be there;
- in between: ``uncertain``; ``site_straddles`` for a site, ``imprecise_location`` for a disc wider than
  ``imprecise_above_m``, ``near_boundary`` otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qpv_geo.model import Reason, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qpv_geo.eligibility.measures import Measures
    from qpv_geo.model import Thresholds

STATUSES = tuple(Status)
"""What the status codes of `decide` stand for."""
REASONS = tuple(Reason)
"""What the reason codes of `decide` stand for."""
_INSIDE, _OUTSIDE, _UNCERTAIN = map(STATUSES.index, (Status.INSIDE, Status.OUTSIDE, Status.UNCERTAIN))
_CLEAR, _NOT_COVERED, _SITE_STRADDLES = map(REASONS.index, (Reason.CLEAR, Reason.NOT_COVERED, Reason.SITE_STRADDLES))
_IMPRECISE, _NEAR_BOUNDARY = map(REASONS.index, (Reason.IMPRECISE_LOCATION, Reason.NEAR_BOUNDARY))


def decide(
    measures: Measures, thresholds: Thresholds, *, site: bool = False
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Decide locations from what was measured.

    Parameters
    ----------
    measures
        Arrays of ``n`` entries.
    thresholds
        From which share on an answer is firm.
    site
        Whether the locations are sites (lines, polygons, several points) rather than points.

    Returns
    -------
    status, reason
        int8, shape ``(n,)``: positions in `STATUSES` and in `REASONS`.
    """
    inside = measures.share >= thresholds.inside_min_share
    empty = (measures.share <= thresholds.outside_max_share) & ~(measures.distance_m < 0)
    rough = measures.radius_m > thresholds.imprecise_above_m
    doubt = np.where(rough, _IMPRECISE, _NEAR_BOUNDARY)
    if site:
        doubt = np.full(doubt.shape, _SITE_STRADDLES)
    firm = inside | (empty & measures.covered)
    status = np.where(firm, np.where(inside, _INSIDE, _OUTSIDE), _UNCERTAIN)
    reason = np.where(firm, _CLEAR, np.where(empty, _NOT_COVERED, doubt))
    return status.astype(np.int8), reason.astype(np.int8)
