"""The table of `check_many`, filled part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qpv_geo.eligibility.decide import REASONS, STATUSES
from qpv_geo.model import Reason, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from qpv_geo.eligibility.measures import Measures
    from qpv_geo.perimeters.read import PerimeterSet

_METRES_DECIMALS = 2


class Table:
    """Columns of `n` rows: positions in short lists of words, spelt out at the end."""

    def __init__(self, n: int) -> None:
        self._status, self._reason = np.zeros(n, np.int8), np.zeros(n, np.int8)
        self._row = np.full(n, -1, np.int32)
        self._share, self._distance_m = np.zeros(n), np.full(n, np.inf)
        self._codes: list[str] = []
        self._names: list[str] = []

    def put(
        self,
        rows: NDArray[np.int64] | slice,
        perimeters: PerimeterSet,
        measures: Measures,
        decided: tuple[NDArray[np.int8], NDArray[np.int8]],
    ) -> None:
        """Fill some rows with what was measured on a set and decided."""
        status, reason = decided
        held = (measures.best >= 0) & (status != STATUSES.index(Status.OUTSIDE))
        unknown = reason == REASONS.index(Reason.NOT_COVERED)
        self._row[rows] = np.where(held, measures.best + len(self._codes), -1)
        self._status[rows], self._reason[rows] = status, reason
        self._share[rows] = np.where(unknown, np.nan, measures.share)
        self._distance_m[rows] = np.where(unknown, np.nan, np.round(measures.distance_m, _METRES_DECIMALS))
        self._codes += perimeters.codes
        self._names += perimeters.names

    def frame(self, *, index: pd.Index[Any] | None) -> pd.DataFrame:
        """Return the table as `qpv_geo.check_many` documents it, its rows labelled by `index`."""
        import pandas as pd  # noqa: PLC0415 - heavy, and a single check does without

        def words(texts: Sequence[str], places: NDArray[np.int8] | NDArray[np.int32]) -> Any:  # noqa: ANN401
            return pd.array([*texts, ""], dtype="str").take(places, allow_fill=True)  # -1 is missing

        return pd.DataFrame(
            {
                "status": words(STATUSES, self._status),
                "reason": words(REASONS, self._reason),
                "code_qp": words(self._codes, self._row),
                "lib_qp": words(self._names, self._row),
                "share_inside": self._share,
                "distance_m": self._distance_m,
            },
            index=index,
        )
