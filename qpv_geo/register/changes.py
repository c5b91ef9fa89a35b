"""What a recheck finds: how the answer computed now differs from the one that was kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from qpv_geo.model import Status
from qpv_geo.register.drafts import outcomes_of, quartier_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    SameQuartier = Callable[[str | None, str | None], bool]
    """Tells whether two codes are those of one quartier, in one generation or in two."""

_FIRM = frozenset({Status.INSIDE, Status.OUTSIDE})


class AnswerChange(StrEnum):
    """How an answer changed.

    =====================  ==================================================================================
    ``unchanged``          same status, quartier and outcomes; the distance by no more than what was stated
    ``entering``           firmly outside, now firmly inside
    ``leaving``            firmly inside, now firmly outside
    ``moved``              firmly inside, now firmly inside another quartier, which does not succeed the first
    ``became_uncertain``   a firm answer is no longer one
    ``became_firm``        there was no firm answer, and there is one
    ``located``            not located, and now only in doubt, or the other way round
    ``scheme``             the same answer, and another outcome of a scheme
    ``distance``           the same answer, and the limit is nearer or farther than stated
    ``failed``             it cannot be computed now: perimeters are missing
    =====================  ==================================================================================
    """

    UNCHANGED = "unchanged"
    ENTERING = "entering"
    LEAVING = "leaving"
    MOVED = "moved"
    BECAME_UNCERTAIN = "became_uncertain"
    BECAME_FIRM = "became_firm"
    LOCATED = "located"
    SCHEME = "scheme"
    DISTANCE = "distance"
    FAILED = "failed"


@dataclass(frozen=True)
class KeptAnswer:
    """The part of a record that a recheck compares; `message` says why there is none."""

    status: str | None
    reason: str | None
    code: str | None
    name: str | None
    distance_m: float | None
    generation: str | None
    outcomes: dict[str, str]
    message: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return asdict(self)


def answer_of(record: Mapping[str, Any]) -> KeptAnswer:
    """Return the answer of a record."""
    code, name = quartier_of(record)
    return KeptAnswer(
        record["status"],
        record["reason"],
        code,
        name,
        record["distance_m"],
        record["generation"],
        outcomes_of(record),
    )


def change_of(before: KeptAnswer, after: KeptAnswer, *, same: SameQuartier, distance_m: float) -> AnswerChange:
    """Return how an answer changed.

    Parameters
    ----------
    distance_m
        AnswerChange of the distance to the limit, in metres, up to which an answer is unchanged.
    """
    if after.status is None:
        return AnswerChange.FAILED
    if before.status != after.status:
        return _change_of_status(before.status, after.status)
    if before.status == Status.INSIDE and not same(before.code, after.code):
        return AnswerChange.MOVED
    if before.outcomes != after.outcomes:
        return AnswerChange.SCHEME
    known = before.distance_m is not None and after.distance_m is not None
    far = known and abs((after.distance_m or 0.0) - (before.distance_m or 0.0)) > distance_m
    return AnswerChange.DISTANCE if far else AnswerChange.UNCHANGED


def _change_of_status(before: str | None, after: str) -> AnswerChange:
    was, now = before in _FIRM, after in _FIRM
    if was and now:
        return AnswerChange.ENTERING if after == Status.INSIDE else AnswerChange.LEAVING
    if was is not now:
        return AnswerChange.BECAME_FIRM if now else AnswerChange.BECAME_UNCERTAIN
    return AnswerChange.LOCATED
