"""Answers of many rows, filled part by part: the result of `check_many` and of a whole file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qpv_geo.eligibility.decide import REASONS, STATUSES
from qpv_geo.model import Reason, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from qpv_geo.eligibility.measures import Measures
    from qpv_geo.eligibility.outcome import Outcome
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.untyped import AnyValue

_METRES_DECIMALS = 2


class AnswerTable:
    """Columns of `n` rows; words are stored as positions in short lists until the end.

    Attributes
    ----------
    share, distance_m
        float64, shape ``(n,)``: NaN if unknown; the distance of a point is inf if no edge is within the horizon.
    """

    def __init__(self, n: int) -> None:
        self._status, self._reason = np.full(n, -1, np.int8), np.full(n, -1, np.int8)
        self._row = np.full(n, -1, np.int32)
        self._codes: list[str] = []
        self._names: list[str] = []
        self.share, self.distance_m = np.full(n, np.nan), np.full(n, np.nan)
        self._generation = np.full(n, -1, np.int32)
        self._generations: list[str] = []
        self._messages: list[tuple[NDArray[np.int64], pa.Array]] = []

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._status)

    def put(
        self,
        rows: NDArray[np.int64] | slice,
        perimeters: PerimeterSet,
        measures: Measures,
        decided: tuple[NDArray[np.int8], NDArray[np.int8]],
    ) -> None:
        """Fill rows with the measures and decisions of points."""
        status, reason = decided
        held = (measures.best >= 0) & (status != STATUSES.index(Status.OUTSIDE))
        unknown = reason == REASONS.index(Reason.NOT_COVERED)
        self._row[rows] = np.where(held, measures.best + len(self._codes), -1)
        self._status[rows], self._reason[rows] = status, reason
        self.share[rows] = np.where(unknown, np.nan, measures.share)
        self.distance_m[rows] = np.where(unknown, np.nan, np.round(measures.distance_m, _METRES_DECIMALS) + 0.0)
        self._codes += perimeters.codes
        self._names += perimeters.names

    def tell(self, rows: NDArray[np.int64] | slice, messages: pa.Array, *, generation: str | None = None) -> None:
        """Fill rows with the generation that answers and their sentences, null for those that have none."""
        if generation is not None:
            self._generation[rows] = len(self._generations)
            self._generations.append(generation)
        self._messages.append((np.arange(len(self))[rows], messages))

    def put_one(self, row: int, outcome: Outcome, *, generation: str | None) -> None:
        """Fill a row with the outcome of an address or a site."""
        self._status[row], self._reason[row] = STATUSES.index(outcome.status), REASONS.index(outcome.reason)
        if generation is not None:
            self._generation[row] = len(self._generations)
            self._generations.append(generation)
        is_area = outcome.reason is Reason.NAMED_AREA  # identified by the code that it is linked to
        held = [match for match in outcome.matches if is_area or match.share_inside is not None]
        if held and outcome.status is not Status.OUTSIDE:
            most = max(held, key=lambda match: match.share_inside or 0.0)
            self._row[row] = len(self._codes)
            self._codes.append(most.code)
            self._names.append(most.name)
        if outcome.reason is not Reason.NOT_COVERED:
            self.share[row] = np.nan if outcome.share is None else outcome.share
            self.distance_m[row] = np.nan if outcome.distance_m is None else outcome.distance_m

    def put_table(self, rows: NDArray[np.int64], other: AnswerTable) -> None:
        """Fill rows from another table."""
        self._status[rows], self._reason[rows] = other._status, other._reason
        self._row[rows] = np.where(other._row < 0, -1, other._row + len(self._codes))
        self.share[rows], self.distance_m[rows] = other.share, other.distance_m
        self._generation[rows] = np.where(other._generation < 0, -1, other._generation + len(self._generations))
        self._generations += other._generations
        self._messages += [(rows[mine], messages) for mine, messages in other._messages]
        self._codes += other._codes
        self._names += other._names

    def frame(self, *, index: pd.Index[Any] | None) -> pd.DataFrame:
        """Return the table as `qpv_geo.check_many` documents it, its rows labelled by `index`."""
        import pandas as pd  # noqa: PLC0415 - heavy, and a single check does without

        def words(texts: Sequence[str], places: NDArray[np.int8] | NDArray[np.int32]) -> AnyValue:
            return pd.array([*texts, ""], dtype="str").take(places, allow_fill=True)  # -1 is missing

        return pd.DataFrame(
            {
                "status": words(STATUSES, self._status),
                "reason": words(REASONS, self._reason),
                "code_qp": words(self._codes, self._row),
                "lib_qp": words(self._names, self._row),
                "share_inside": self.share,
                "distance_m": self.distance_m,
            },
            index=index,
        )

    def texts(self) -> dict[str, pa.Array]:
        """Return the status, reason, code, name, generation and sentence of each row; null if there is none."""
        import pyarrow as pa  # noqa: PLC0415 - heavy, and a single check does without

        def words(texts: Sequence[str], places: NDArray[np.int8] | NDArray[np.int32]) -> pa.Array:
            return pa.array(list(map(str, texts)), pa.string()).take(pa.array(places, mask=places < 0))

        return {
            "status": words(STATUSES, self._status),
            "reason": words(REASONS, self._reason),
            "code": words(self._codes, self._row),
            "name": words(self._names, self._row),
            "generation": words(self._generations, self._generation),
            "message": self._sentences(),
        }

    def _sentences(self) -> pa.Array:
        import pyarrow as pa  # noqa: PLC0415 - see `texts`

        place, count = np.full(len(self), -1), 0
        for rows, messages in self._messages:
            place[rows] = count + np.arange(len(messages))
            count += len(messages)
        parts = [messages for _, messages in self._messages]
        if len(parts) == 1 and (place == np.arange(len(self))).all():
            return parts[0]
        return pa.concat_arrays([*parts, pa.nulls(0, pa.string())]).take(pa.array(place, mask=place < 0))
