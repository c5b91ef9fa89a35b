"""Rows of a layer, whose values are Python objects and whose geometries may be unreadable."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import shapely

from qpv_geo import messages as msg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from qpv_geo.untyped import AnyValue


class LayerRowBatch(ABC):
    """Some consecutive rows of a layer; see `qpv_geo.tables.protocol.RowBatch`.

    Parameters
    ----------
    schema
        The columns, whose types hold all the values of the layer.
    stored, geometry
        The geometries as stored, one per row, None in a row without one, and as shapely reads them; None if the layer
        has none.
    """

    def __init__(
        self, schema: pa.Schema, start: int, share_read: float, stored: Sequence[Any], geometry: NDArray[Any] | None
    ) -> None:
        self.start = start
        self.share_read = share_read
        self.faults: Mapping[int, str] = {}
        self._schema = schema
        self._rows = len(stored)
        self._geometry = None if geometry is None else shapely.force_2d(geometry)
        if geometry is not None:
            missing = shapely.is_missing(geometry)
            unread = (row for row, value in enumerate(stored) if missing[row] and value is not None)
            self.faults = dict.fromkeys(unread, msg.layer_errors.bad_geometry())

    @abstractmethod
    def values(self, position: int) -> list[Any]:
        """Return the values of a column as they are stored, None where missing."""

    @staticmethod
    @abstractmethod
    def text(value: AnyValue) -> str:
        """Return a value of a text column as text."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._rows

    def column(self, position: int) -> pa.Array:
        """Return the values of a column."""
        values, kind = self.values(position), self._schema.types[position]
        if pa.types.is_temporal(kind):
            return pa.array(values, pa.string()).cast(kind)
        converters: dict[pa.DataType, Callable[[Any], Any]] = {
            pa.string(): self.text, pa.float64(): float, pa.bool_(): bool,
        }  # fmt: skip
        if convert := converters.get(kind):
            values = [None if value is None else convert(value) for value in values]
        return pa.array(values, kind)

    def record_batch(self) -> pa.RecordBatch:
        """Return all columns."""
        if not len(self._schema):
            return pa.RecordBatch.from_struct_array(pa.array([{}] * len(self), pa.struct([])))
        return pa.RecordBatch.from_arrays([self.column(k) for k in range(len(self._schema))], schema=self._schema)

    def geometry(self) -> NDArray[Any] | None:
        """Return the geometries without Z or M, None where missing or unreadable."""
        return self._geometry
