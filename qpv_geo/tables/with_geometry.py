"""Add the geometries of a table as a column, for a format that cannot hold them otherwise.

In a CSV or a workbook they are WKT, in the source's system; in Parquet they are WKB, with GeoParquet metadata
(https://geoparquet.org/releases/v1.1.0/).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import shapely

from qpv_geo.tables.plain import distinct_names
from qpv_geo.tables.protocol import BLOCK_ROWS, Format

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from pyproj import CRS

    from qpv_geo.tables.protocol import Reader, ReadingOptions, RowBatch

_NAME = "geometry"


class GeometryRowBatch:
    """A block whose geometries are its last column; see `qpv_geo.tables.protocol.RowBatch`."""

    def __init__(self, block: RowBatch, schema: pa.Schema) -> None:
        self._block, self._schema = block, schema
        self.start, self.share_read = block.start, block.share_read
        self.faults: Mapping[int, str] = block.faults

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._block)

    def column(self, position: int) -> pa.Array:
        """Return a column."""
        return self._written() if position == len(self._schema) - 1 else self._block.column(position)

    def record_batch(self) -> pa.RecordBatch:
        """Return all columns."""
        return pa.record_batch([*self._block.record_batch().columns, self._written()], schema=self._schema)

    def geometry(self) -> NDArray[Any] | None:
        """Return the geometries."""
        return self._block.geometry()

    def _written(self) -> pa.Array:
        kind, geometry = self._schema.types[-1], self._block.geometry()
        if geometry is None:
            return pa.nulls(len(self), kind)
        binary = pa.types.is_binary(kind)
        texts = shapely.to_wkb(geometry) if binary else shapely.to_wkt(geometry, rounding_precision=-1, trim=True)
        return pa.array(texts.tolist(), kind)


class WithGeometry:
    """A source whose geometries are its last column; see `qpv_geo.tables.protocol.Reader`.

    Parameters
    ----------
    kind
        The format to write.
    """

    def __init__(self, source: Reader, kind: Format) -> None:
        self._source = source
        self.path: Path = source.path
        self.format: Format = source.format
        self.has_geometry = source.has_geometry
        self.crs: CRS | None = source.crs
        self.reading: ReadingOptions = source.reading
        self.first_row = source.first_row
        [name] = distinct_names([_NAME], taken=source.schema.names)
        binary = kind is Format.PARQUET
        self.schema = source.schema.append(pa.field(name, pa.binary() if binary else pa.string()))
        if binary and source.crs is not None:
            self.schema = self.schema.with_metadata({"geo": _geoparquet(name, source.crs)})

    def block(self, block: RowBatch) -> GeometryRowBatch:
        """Return a block of the source with its geometries as a column."""
        return GeometryRowBatch(block, self.schema)

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[GeometryRowBatch]:
        """Read the table."""
        return map(self.block, self._source.blocks(rows))


def needs_column(source: Reader, kind: Format) -> bool:
    """Tell whether geometries of `source` need a column to be written in the format `kind`."""
    return source.format in {Format.GEOPACKAGE, Format.GEOJSON} and kind not in {Format.GEOPACKAGE, Format.GEOJSON}


def _geoparquet(name: str, crs: CRS) -> str:
    column = {"encoding": "WKB", "geometry_types": [], "crs": crs.to_json_dict()}
    return json.dumps({"version": "1.1.0", "primary_column": name, "columns": {name: column}})
