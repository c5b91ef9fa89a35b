"""Check an Arrow table: the batch function of other engines, whose data already are, or become, Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack

import pyarrow as pa

from qpv_geo import messages as msg
from qpv_geo.batch.table import TableCheck, TableOptions, table_options
from qpv_geo.eligibility.check import default_checker
from qpv_geo.errors import InputError
from qpv_geo.tables.parquet import metadata_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date as day

    from numpy.typing import NDArray

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.tables.protocol import RowBatch
    from qpv_geo.untyped import AnyValue

_Arrow = TypeVar("_Arrow")
"""A RecordBatch, a Table or a RecordBatchReader of pyarrow, which has no type information."""


class ArrowOptions(TypedDict, total=False):
    """Options of `check_arrow` and of the engines, all of them explained there."""

    lon: str | None
    lat: str | None
    point: str | None
    date: str | None
    postcode: str | None
    citycode: str | None
    on: day | str | None
    generation: str | None
    kinds: Sequence[str]
    accuracy_m: float
    crs: str | None
    replace: bool
    messages: str


class ArrowRowBatch:
    """Some consecutive rows of an Arrow table; see `qpv_geo.tables.protocol.RowBatch`."""

    share_read = 0.0

    def __init__(self, batch: pa.RecordBatch, start: int) -> None:
        self._batch, self.start = batch, start
        self.faults: Mapping[int, str] = {}

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self._batch.num_rows)

    def column(self, position: int) -> pa.Array:
        """Return a column."""
        return self._batch.column(position)

    def record_batch(self) -> pa.RecordBatch:
        """Return all columns."""
        return self._batch

    def geometry(self) -> NDArray[Any] | None:
        """Return None: geometries are those of a GeoDataFrame or of a file."""
        return None


def check_arrow(data: _Arrow, address: str | Sequence[str] | None = None, **options: Unpack[ArrowOptions]) -> _Arrow:
    """Check every row of an Arrow table, as ``qpv batch --offline`` does for a file.

    Parameters
    ----------
    data
        A RecordBatch, a Table, or a RecordBatchReader, which is read and answered block by block.
    address
        Column of addresses, or several to join; used in rows without coordinates. They are searched in the address
        indexes of ``QPV_GEO_HOME``; no socket is opened.
    **options
        Those of `check_table`: the columns ``lon``, ``lat``, ``point``, ``date``, ``postcode`` and ``citycode``; and
        ``on``, ``generation``, ``kinds``, ``accuracy_m``, ``crs`` and ``replace``. Also ``messages``, the rows told
        in a sentence: ``all``, ``doubt`` (those that are not firm) or ``none``; rows without an answer always say why.

    Returns
    -------
    pyarrow.RecordBatch, pyarrow.Table or pyarrow.RecordBatchReader
        The same kind as `data`, with its columns, then those that `check_table` adds. An answer depends on its own row
        alone, so a table may be cut anywhere.

    Raises
    ------
    InputError
        As for `check_table`.
    """
    if not isinstance(data, pa.RecordBatch | pa.Table | pa.RecordBatchReader):
        raise InputError(msg.batch.not_arrow(type(data).__name__))
    schema = data.schema
    checked = CheckedBatches(default_checker(), schema, table_options(schema.names, address, **options, offline=True))
    answered: AnyValue
    if isinstance(data, pa.RecordBatchReader):
        answered = pa.RecordBatchReader.from_batches(checked.schema, checked.answered(data))
    elif isinstance(data, pa.Table):
        answered = pa.Table.from_batches(checked.answered(data.to_batches()), schema=checked.schema)
    else:
        none = pa.RecordBatch.from_pylist([], schema=checked.schema)
        answered = pa.concat_batches([*checked.answered([data])] or [none])
    return answered  # type: ignore[no-any-return]


class CheckedBatches:
    """Answers the batches of one Arrow table.

    Attributes
    ----------
    schema
        Schema of the batches once answered.
    """

    def __init__(self, checker: Checker, schema: pa.Schema, options: TableOptions) -> None:
        self._check = TableCheck(checker, schema.names, options)
        self._kept = [k for k, name in enumerate(schema.names) if name not in self._check.taken]
        fields, added = [schema.field(k) for k in self._kept], self._check.schema
        self.schema = pa.schema([*fields, *added], metadata=metadata_with(schema, fields, added))

    def answered(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of batches with their answers, in order; large batches are cut."""
        for block, answers in self._check.answers(self._blocks(batches)):
            batch = block.record_batch()
            yield pa.RecordBatch.from_arrays(
                [*(batch.column(k) for k in self._kept), *answers.columns], schema=self.schema
            )

    def _blocks(self, batches: Iterable[pa.RecordBatch]) -> Iterator[RowBatch]:
        start, size = 0, self._check.block_rows
        for batch in batches:
            for first in range(0, batch.num_rows, size):
                block = ArrowRowBatch(batch.slice(first, size), start)
                yield block
                start += len(block)
