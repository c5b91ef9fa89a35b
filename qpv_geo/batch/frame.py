"""Check a pandas or GeoPandas frame."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from qpv_geo import crs as crs_of
from qpv_geo import messages as msg
from qpv_geo.batch.systems import named_crs
from qpv_geo.batch.table import TableCheck, TableOptions
from qpv_geo.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.untyped import AnyValue


class FrameRowBatch:
    """Some consecutive rows of a frame; see `qpv_geo.tables.protocol.RowBatch`."""

    share_read = 0.0
    faults: Mapping[int, str] = MappingProxyType({})

    def __init__(self, frame: pd.DataFrame, start: int) -> None:
        self._frame, self.start = frame, start

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._frame)

    def column(self, position: int) -> pa.Array:
        """Return a column, as text if its types are mixed."""
        values = self._frame.iloc[:, position]
        try:
            found = pa.Array.from_pandas(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
            pairs = zip(values, values.isna(), strict=True)
            found = pa.array([None if is_missing else str(one) for one, is_missing in pairs], pa.string())
        return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found

    def record_batch(self) -> pa.RecordBatch:
        """Return all columns."""
        return pa.RecordBatch.from_pandas(self._frame)

    def geometry(self) -> NDArray[Any] | None:
        """Return the geometries of a GeoDataFrame."""
        geometry = getattr(self._frame, "geometry", None)
        return None if geometry is None else np.asarray(geometry.array, dtype=object)


def check_frame(checker: Checker, frame: pd.DataFrame, options: TableOptions) -> pd.DataFrame:
    """Answer every row of a frame; see `qpv_geo.check_table`."""
    source_crs = None if options.named.place else _crs_of(frame, named_crs(options.crs))
    check = TableCheck(checker, list(map(str, frame.columns)), options, source_crs=source_crs)
    size = check.block_rows
    blocks = (FrameRowBatch(frame.iloc[start : start + size], start) for start in range(0, len(frame), size))
    answers = [batch for _, batch in check.answers(blocks)]
    found = pa.Table.from_batches(answers, schema=check.schema).to_pandas(strings_to_categorical=False)
    found.index = frame.index
    kept = frame.drop(columns=check.taken)
    for name in check.schema.names:
        kept[name] = found[name]
    return kept


def _crs_of(frame: pd.DataFrame, given: AnyValue) -> AnyValue:
    """Return the CRS of the geometries of a frame: `given`, else its own; None if it has no geometries."""
    if not hasattr(frame, "crs") or getattr(frame, "_geometry_column_name", None) not in frame.columns:
        return None
    if given is not None:
        return given
    if frame.crs is None:
        raise InputError(msg.batch.frame_without_crs())
    return crs_of.parse(frame.crs.to_wkt())
