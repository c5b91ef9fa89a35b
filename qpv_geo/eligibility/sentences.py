"""Sentences of many points, the same as in single checks, each written once for all points that share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qpv_geo import messages as msg
from qpv_geo.eligibility.compose import sentence
from qpv_geo.eligibility.decide import REASONS, STATUSES
from qpv_geo.eligibility.outcome import Outcome, edge, matches, metres
from qpv_geo.model import Location, Nearest, PerimeterMatch, Reason, Status

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from qpv_geo.eligibility.applicable import ApplicablePerimeters
    from qpv_geo.eligibility.measures import Measures
    from qpv_geo.perimeters.read import PerimeterSet

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int8]

_UNCERTAIN, _INSIDE = STATUSES.index(Status.UNCERTAIN), STATUSES.index(Status.INSIDE)
_NOT_COVERED = REASONS.index(Reason.NOT_COVERED)
_KINDS_OF_ANSWER = len(STATUSES) * len(REASONS)
_STEPS, _LAST_STEP = ((1_000, 10), (100_000, 100), (1_000_000, 10_000)), 100_000
"""Pairs of a limit and the rounding step below it, then the step beyond the last limit, all in centimetres."""
_IN_FULL_BELOW_M = 20.0
"""Closer than this to a boundary, a sentence may say more than the distance."""
_STAND_IN_M = 987_654_321_000.0
"""Placeholder distance: no point is that far, and no name contains its text."""
_FARTHER = 1 << 33
"""More than twice the distance in centimetres to the other side of the Earth."""


class Sentences:
    """Writes the sentences of points on one day, about the same perimeters.

    Parameters
    ----------
    perimeters
        The measured perimeters.
    """

    def __init__(self, day: date, applicable: ApplicablePerimeters, perimeters: PerimeterSet) -> None:
        self._day, self._applicable = day, applicable
        self._codes, self._names, self._kinds = perimeters.codes, perimeters.names, perimeters.kinds
        self._perimeters = perimeters
        self._around: dict[tuple[Status, Reason, int, int], list[str]] = {}

    def of(self, measures: Measures, decided: tuple[Codes, Codes], accuracy_m: Floats) -> NDArray[np.object_]:
        """Return one sentence per point, shape ``(n,)``; `accuracy_m` is how far off each point may be, metres."""
        status, reason = decided
        several = np.bincount(measures.overlaps.item, minlength=len(status)) > 1
        alone = ((status == _UNCERTAIN) & (reason != _NOT_COVERED)) | (several & (status == _INSIDE))
        key = self._key(measures, status, reason)
        key[alone] = -1 - np.flatnonzero(alone)
        _, first, place = np.unique(key, return_index=True, return_inverse=True)
        written = np.empty(len(first), dtype=object)
        for k, i in enumerate(first.tolist()):
            answer = STATUSES[status[i]], REASONS[reason[i]]
            if alone[i]:
                written[k] = self._sentence(self._alone(measures, i, answer, accuracy_m))
            else:
                written[k] = self._shared(
                    metres(measures.distance_m[i]), int(measures.nearest[i]), int(measures.best[i]), answer
                )
        sentences: NDArray[np.object_] = written[place]
        return sentences

    def _key(self, measures: Measures, status: Codes, reason: Codes) -> NDArray[np.int64]:
        """Return numbers that are equal only for points that share a sentence."""
        unknown = reason == _NOT_COVERED
        near = np.where(unknown, -1, measures.nearest).astype(np.int64)
        best = np.where(status == _INSIDE, measures.best, -1).astype(np.int64)
        answer = status.astype(np.int64) * len(REASONS) + reason
        rows = len(self._codes) + 1
        _, group = np.unique((near * rows + best) * _KINDS_OF_ANSWER + answer, return_inverse=True)
        return group * _FARTHER + np.where(unknown, 0, told_alike(measures.distance_m))

    def _sentence(self, found: Outcome) -> str:
        return sentence(found, self._day, self._applicable)

    def _shared(self, distance_m: float | None, near: int, best: int, answer: tuple[Status, Reason]) -> str:
        """Return a firm sentence, or that of a place that is not covered.

        The text around the distance is written once, with a placeholder distance.
        """
        if distance_m is None or abs(distance_m) < _IN_FULL_BELOW_M:
            return self._sentence(self._firm(distance_m, near, best, answer))
        about = (*answer, near, best)
        if about not in self._around:
            written = self._sentence(self._firm(_STAND_IN_M, near, best, answer))
            self._around[about] = written.split(msg.verdicts.metres(_STAND_IN_M))
        return msg.verdicts.metres(distance_m).join(self._around[about])

    def _firm(self, distance_m: float | None, near: int, best: int, answer: tuple[Status, Reason]) -> Outcome:
        """Return the outcome that such a sentence is written from."""
        edge = None
        if near >= 0 and distance_m is not None:
            edge = Nearest(self._codes[near], self._names[near], distance_m)
        held: tuple[PerimeterMatch, ...] = ()
        if best >= 0 and answer[0] is Status.INSIDE:
            held = (PerimeterMatch(self._codes[best], self._names[best], self._kinds[best], 1.0),)
        return Outcome({}, "point", *answer, Location(0.0, 0.0), None, None, distance_m, edge, held)

    def _alone(self, measures: Measures, i: int, answer: tuple[Status, Reason], accuracy_m: Floats) -> Outcome:
        [own] = measures.part(i, i + 1).each()
        distance_m = metres(own.distance_m)
        return Outcome(
            {},
            "point",
            *answer,
            Location(0.0, 0.0, float(accuracy_m[i])),
            own.radius_m,
            own.share,
            distance_m,
            edge(self._perimeters, own.nearest, distance_m),
            matches(self._perimeters, self._kinds, [own]),
        )


def told_alike(distance_m: Floats) -> NDArray[np.int64]:
    """Return whole numbers, from 0 up, that are equal only for distances that a sentence writes alike.

    A sentence rounds (see `qpv_geo.messages.verdicts.metres`) to the decimetre below ten metres, to the metre below a
    kilometre, and so on. Distances close to a rounding limit or a change of step are told apart to the centimetre.
    """
    known = np.isfinite(distance_m)
    centimetres = np.round(np.where(known, np.abs(distance_m), 0) * 100).astype(np.int64)
    step = np.select([centimetres < limit for limit, _ in _STEPS], [step for _, step in _STEPS], _LAST_STEP)
    rounded = (centimetres + step // 2) // step * step
    between = np.abs(centimetres % step - step // 2) <= 1
    for limit, step_below in _STEPS:
        between |= np.abs(centimetres - limit) <= step_below
    return np.where(known, np.where(between, centimetres * 2 + 1, rounded * 2), _FARTHER - 1)
