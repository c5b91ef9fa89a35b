"""Sentences of many points, the same as in single checks; parts that points share are written once."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from qpv_geo import messages as msg
from qpv_geo.eligibility.compose import sentence
from qpv_geo.eligibility.decide import REASONS, STATUSES
from qpv_geo.eligibility.outcome import Outcome, edge, matches, metres
from qpv_geo.model import Location, Nearest, PerimeterMatch, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pyarrow as pa
    from numpy.typing import NDArray

    from qpv_geo.eligibility.applicable import ApplicablePerimeters
    from qpv_geo.eligibility.measures import Measures
    from qpv_geo.perimeters.read import PerimeterSet

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int8]
    _About = tuple[Status, Reason, int, int]
    """Answer, nearest perimeter and the one that holds the point (rows, or -1)."""

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


class Messages(StrEnum):
    """Which rows of a table are told in a sentence: none, those in doubt, or all."""

    NONE = "none"
    DOUBT = "doubt"
    ALL = "all"

    def tells(self, status: Status) -> bool:
        """Tell whether a row with this status has a sentence."""
        return self is Messages.ALL or (self is Messages.DOUBT and status not in {Status.INSIDE, Status.OUTSIDE})

    def asked(self, status: Codes) -> NDArray[np.bool_]:
        """Return which of some status codes have a sentence."""
        asked: NDArray[np.bool_] = np.array([self.tells(one) for one in STATUSES])[status]
        return asked


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
        self._around: dict[_About, tuple[str, ...]] = {}
        self._distances: dict[int, str] = {}

    def of(
        self, measures: Measures, decided: tuple[Codes, Codes], accuracy_m: Floats, which: Messages = Messages.ALL
    ) -> pa.Array:
        """Return one sentence per point, shape ``(n,)``, null for those without; `accuracy_m` is in metres."""
        import pyarrow as pa  # noqa: PLC0415 - a single check does without

        status, reason = decided
        asked = which.asked(status)
        if asked.all():
            return self._all(measures, decided, accuracy_m)
        some = np.flatnonzero(asked)
        told = self._all(measures.take(some), (status[some], reason[some]), accuracy_m[some])
        return told.take(pa.array(np.cumsum(asked) - 1, mask=~asked))

    def _all(self, measures: Measures, decided: tuple[Codes, Codes], accuracy_m: Floats) -> pa.Array:
        """Return the sentence of each point.

        Most sentences say no more of a point than a distance: these are joined, not written one by one.
        """
        import pyarrow as pa  # noqa: PLC0415 - see `of`

        status, reason = decided
        several = np.bincount(measures.overlaps.item, minlength=len(status)) > 1
        alone = ((status == _UNCERTAIN) & (reason != _NOT_COVERED)) | (several & (status == _INSIDE))
        about, group, alike = self._alike(measures, status, reason)
        joined = ~alone & (reason != _NOT_COVERED) & np.isfinite(measures.distance_m)
        joined &= np.abs(measures.distance_m) >= _IN_FULL_BELOW_M
        simple = np.zeros(len(about), dtype=bool)
        simple[[k for k in np.unique(group[joined]).tolist() if self._around_distance(about[k])]] = True
        joined &= simple[group]
        far = np.flatnonzero(joined)
        texts = [self._joined(group[far], alike[far], about, measures.distance_m[far])]
        full = np.flatnonzero(~joined)
        if len(full):
            key = np.where(alone, -1 - np.arange(len(alone)), group * _FARTHER + alike)[full]
            first, place = _distinct(key)
            written = [
                self._written(measures, i, decided, accuracy_m, alone=bool(alone[i])) for i in full[first].tolist()
            ]
            texts.append(pa.array(written, pa.string()).take(pa.array(place)))
        if len(far) == len(status):
            return texts[0]
        position = np.empty(len(status), dtype=np.int64)
        position[np.concatenate([far, full])] = np.arange(len(status))
        return pa.concat_arrays(texts).take(pa.array(position))

    def _alike(
        self, measures: Measures, status: Codes, reason: Codes
    ) -> tuple[list[_About], NDArray[np.int64], NDArray[np.int64]]:
        """Return what sentences are about, the position there of that of each point, and numbers of their distances.

        Points with the same two numbers share a sentence, unless they have one of their own.
        """
        unknown = reason == _NOT_COVERED
        near = np.where(unknown, -1, measures.nearest).astype(np.int64)
        best = np.where(status == _INSIDE, measures.best, -1).astype(np.int64)
        answer = status.astype(np.int64) * len(REASONS) + reason
        rows = len(self._codes) + 1
        first, group = _distinct((near * rows + best) * _KINDS_OF_ANSWER + answer)
        about = [(STATUSES[status[i]], REASONS[reason[i]], int(near[i]), int(best[i])) for i in first.tolist()]
        return about, group, np.where(unknown, 0, told_alike(measures.distance_m))

    def _joined(
        self, group: NDArray[np.int64], alike: NDArray[np.int64], about: Sequence[_About], distance_m: Floats
    ) -> pa.Array:
        """Return sentences as the text before the distance, the distance and the text after."""
        import pyarrow as pa  # noqa: PLC0415 - see `of`
        import pyarrow.compute as pc  # noqa: PLC0415

        first, place = _distinct(alike)
        numbers = alike[first]
        for number, i in zip(numbers.tolist(), first.tolist(), strict=True):
            if number not in self._distances:
                self._distances[number] = msg.verdicts.metres(metres(distance_m[i]) or 0.0)
        first, of_used = _distinct(group)
        before, after = (
            pa.array([self._around[about[k]][side] for k in group[first].tolist()], pa.string()) for side in (0, 1)
        )
        shown = pa.array([self._distances[number] for number in numbers.tolist()], pa.string())
        groups = pa.array(of_used)
        return pc.binary_join_element_wise(before.take(groups), shown.take(pa.array(place)), after.take(groups), "")

    def _around_distance(self, about: _About) -> tuple[str, ...]:
        """Return the text before and after the distance, from a sentence with a placeholder; empty if it has none."""
        if about not in self._around:
            status, reason, near, best = about
            parts = self._sentence(self._firm(_STAND_IN_M, near, best, (status, reason))).split(
                msg.verdicts.metres(_STAND_IN_M)
            )
            self._around[about] = tuple(parts) if len(parts) == len(("before", "after")) else ()
        return self._around[about]

    def _written(
        self, measures: Measures, i: int, decided: tuple[Codes, Codes], accuracy_m: Floats, *, alone: bool
    ) -> str:
        """Return the whole sentence of a point."""
        answer = STATUSES[decided[0][i]], REASONS[decided[1][i]]
        if alone:
            return self._sentence(self._alone(measures, i, answer, accuracy_m))
        near, best = int(measures.nearest[i]), int(measures.best[i])
        return self._sentence(self._firm(metres(measures.distance_m[i]), near, best, answer))

    def _sentence(self, found: Outcome) -> str:
        return sentence(found, self._day, self._applicable)

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


def _distinct(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each distinct key is first, and which of them each key is: `numpy.unique` without sorting."""
    import pyarrow as pa  # noqa: PLC0415 - a single check does without

    place: NDArray[np.int64] = pa.array(keys).dictionary_encode().indices.to_numpy().astype(np.int64)
    first = np.empty(place.max(initial=-1) + 1, dtype=np.int64)
    first[place[::-1]] = np.arange(len(keys))[::-1]
    return first, place


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
