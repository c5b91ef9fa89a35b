"""Check a table in memory block by block, as for a file."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from qpv_geo import crs as crs_of
from qpv_geo import messages as msg
from qpv_geo.batch.addresses import Addresses
from qpv_geo.batch.answers import Answerer, answer_schema, own_results
from qpv_geo.batch.columns import NamedColumns, find_columns
from qpv_geo.batch.rows import RowOptions
from qpv_geo.batch.run import ADDRESS_BLOCK_ROWS, BLOCK_ROWS
from qpv_geo.batch.systems import named_crs
from qpv_geo.batch.values import iso_day
from qpv_geo.eligibility.location import accuracies
from qpv_geo.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

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


def check_frame(  # noqa: PLR0913 - one keyword a way of asking
    checker: Checker,
    frame: pd.DataFrame,
    *,
    named: NamedColumns,
    on: date | str | None = None,
    generation: str | None = None,
    kinds: Sequence[str] = ("qpv",),
    accuracy_m: float = 0.0,
    crs: str | None = None,
    offline: bool = False,
    replace: bool = False,
) -> pd.DataFrame:
    """Answer every row of a frame; see `qpv_geo.check_table`."""
    given = named_crs(crs)
    source_crs = None if named.place else _crs_of(frame, given)
    names = list(map(str, frame.columns))
    columns = find_columns(names, named, has_geometry=source_crs is not None)
    schema = answer_schema(addresses=bool(columns.address))
    taken = [name for name in schema.names if name in frame.columns]
    if taken and not replace:
        raise InputError(msg.batch.frame_columns_taken(taken))
    accuracies(accuracy_m)
    if generation is not None:
        checker.catalogue.generation(generation)
    check_options = checker.check_options(
        on=iso_day(on) if isinstance(on, str) else on, generation=generation, kinds=kinds
    )
    day = None if on is None and columns.date is not None else check_options.day
    row_options = RowOptions(
        columns, day, generation, check_options.kinds, accuracy_m, given, results=own_results(names, schema)
    )
    size = ADDRESS_BLOCK_ROWS if columns.address else BLOCK_ROWS
    with Addresses(checker.settings, offline=offline) as addresses:
        answerer = Answerer(checker, row_options, source_crs, addresses.finding() if columns.address else None)
        blocks = (FrameRowBatch(frame.iloc[start : start + size], start) for start in range(0, len(frame), size))
        answers = [batch for _, batch in answerer.answers(blocks)]
    found = pa.Table.from_batches(answers, schema=schema).to_pandas(strings_to_categorical=False)
    found.index = frame.index
    kept = frame.drop(columns=taken)
    for name in schema.names:
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
