"""Give a table geometries, from its coordinates or where its addresses were found, for formats that store them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS

from qpv_geo import crs
from qpv_geo.batch.rows import read_coordinates
from qpv_geo.tables.protocol import BLOCK_ROWS, Format

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from qpv_geo.batch.columns import Columns
    from qpv_geo.batch.rows import RowOptions
    from qpv_geo.tables.protocol import Reader, ReadingOptions, RowBatch


_FOUND = ("result_longitude", "result_latitude")


class PointRowBatch:
    """A block with the geometries of its coordinates and answers; see `qpv_geo.tables.protocol.RowBatch`."""

    def __init__(self, block: RowBatch, row_options: RowOptions, answers: pa.RecordBatch | None) -> None:
        self._block, self._row_options, self._answers = block, row_options, answers
        self.start, self.share_read = block.start, block.share_read
        self.faults: Mapping[int, str] = block.faults

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._block)

    def column(self, position: int) -> pa.Array:
        """Return a column."""
        return self._block.column(position)

    def record_batch(self) -> pa.RecordBatch:
        """Return all columns."""
        return self._block.record_batch()

    def geometry(self) -> NDArray[Any]:
        """Return the point or site of each row, else where its address was found; None without either."""
        rows = read_coordinates(self._block, self._row_options)
        points = np.full(len(self), None, dtype=object)
        if self._answers is not None and set(_FOUND) <= set(self._answers.schema.names):
            lon, lat = (self._answers.column(name).to_numpy(zero_copy_only=False) for name in _FOUND)
            found = np.isfinite(lon) & np.isfinite(lat)
            points[found] = shapely.points(lon[found], lat[found])
        points[rows.points] = shapely.points(rows.lon[rows.points], rows.lat[rows.points])
        for row, site in rows.sites.items():
            points[row] = site
        return points


class WithPoints:
    """A reader with WGS84 geometries; see `qpv_geo.tables.protocol.Reader`."""

    has_geometry = True

    def __init__(self, source: Reader, row_options: RowOptions) -> None:
        self._source, self._row_options = source, row_options
        self.path: Path = source.path
        self.format: Format = source.format
        self.schema: pa.Schema = source.schema
        self.crs: CRS | None = CRS(crs.WGS84)
        self.reading: ReadingOptions = source.reading
        self.first_row = source.first_row

    def block(self, block: RowBatch, answers: pa.RecordBatch | None = None) -> PointRowBatch:
        """Return a block of the source with the geometries of its coordinates, and those of its answers if given."""
        return PointRowBatch(block, self._row_options, answers)

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[PointRowBatch]:
        """Read the table."""
        return map(self.block, self._source.blocks(rows))


def writes_points(source: Reader, columns: Columns, kind: Format) -> bool:
    """Tell whether to write positions as geometries: in a GeoPackage or GeoJSON made from another format."""
    placed = bool(columns.has_points or columns.address) and not source.has_geometry
    return placed and kind is not source.format and kind in {Format.GEOPACKAGE, Format.GEOJSON}
