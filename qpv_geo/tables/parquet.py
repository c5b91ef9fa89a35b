"""Read and write Parquet and GeoParquet, keeping their types and metadata.

Formats: Apache Parquet; GeoParquet 1.x (key ``geo`` of the file's metadata); pandas metadata (key ``pandas``; see
"Storing pandas DataFrame objects in Apache Arrow formats" in the pandas documentation).
"""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.protocol import BLOCK_ROWS, Format, ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from qpv_geo.tables.protocol import AddedColumns, Reader, RowBatch, Sheet

_GROUP_ROWS = 64 << 10
_GROUP_BYTES = 64 << 20
"""Largest row group written, in rows, and largest block read, in bytes (roughly): both are held in memory."""
_BUFFER_BYTES = 1 << 20
_DEFAULT_CRS = "OGC:CRS84"
"""System of a GeoParquet 1.x column without ``crs``."""
_PANDAS_TYPES = {"string": ("unicode", "str"), "double": ("float64", "float64"), "int64": ("int64", "int64")}
"""Names of the types of `AddedColumns.schema` in pandas and in numpy."""


@dataclass(eq=False)
class ParquetRowBatch:
    """Consecutive rows of a Parquet file; see `qpv_geo.tables.protocol.RowBatch`."""

    source: ParquetReader
    batch: pa.RecordBatch
    start: int
    share_read: float
    faults: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.batch.num_rows)

    def column(self, position: int) -> pa.Array:
        """Return a column, with its type in the file."""
        return self.batch.column(position)

    def record_batch(self) -> pa.RecordBatch:
        """Return all columns."""
        return self.batch

    def geometry(self) -> NDArray[Any] | None:
        """Return the geometries of the primary column, None in a row without one; None if the file names no column.

        Raises
        ------
        FormatError
            A geometry is not WKB; the message gives its row.
        """
        position = self.source.geometry_position
        if position is None:
            return None
        column = self.batch.column(position)
        wkb = (column.storage if isinstance(column, pa.ExtensionArray) else column).to_numpy(zero_copy_only=False)
        geometry = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
        bad = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False) & shapely.is_missing(geometry))
        if len(bad):
            row = self.source.first_row + self.start + int(bad[0])
            raise FormatError(msg.table_errors.not_wkb(self.source.path.name, row, self.source.schema.names[position]))
        return geometry


class ParquetReader:
    """A Parquet file; see `qpv_geo.tables.protocol.Reader`.

    Attributes
    ----------
    geometry_position
        Position of the primary geometry column, None if the file names none.
    compression
        Codec of the first column.
    group_rows
        Number of rows of each row group.

    Raises
    ------
    FormatError
        The file is missing, not Parquet, truncated or encrypted, or its geometries are not WKB or in an unknown system.
    """

    format: Format = Format.PARQUET
    first_row: int = 1

    def __init__(self, path: Path, reading: ReadingOptions) -> None:  # noqa: ARG002 - nothing to tell of a Parquet
        if not path.is_file():
            raise FormatError(msg.errors.file_missing(str(path)))
        self.path = path
        self.reading = ReadingOptions()
        with _told_as(msg.table_errors.not_parquet(path.name)), pq.ParquetFile(path) as file:
            self.schema: pa.Schema = file.schema_arrow
            groups = [file.metadata.row_group(k) for k in range(file.metadata.num_row_groups)]
        self.group_rows = [group.num_rows for group in groups if group.num_rows]
        self.compression = groups[0].column(0).compression if groups and self.schema.names else "SNAPPY"
        self._row_bytes = max((group.total_byte_size / group.num_rows for group in groups if group.num_rows), default=0)
        self.geometry_position, self.crs = self._geometry_column()
        self.has_geometry = self.geometry_position is not None

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[ParquetRowBatch]:
        """Read the table from its start; see `qpv_geo.tables.protocol.Reader.blocks`.

        Blocks of heavy rows (detailed polygons) are smaller.
        """
        rows = min(rows, max(1, int(_GROUP_BYTES / max(self._row_bytes, 1))))
        start, total = 0, sum(self.group_rows)
        with pq.ParquetFile(self.path, buffer_size=_BUFFER_BYTES, pre_buffer=False) as file:
            batches = file.iter_batches(rows)
            while True:
                with _told_as(msg.table_errors.damaged_parquet(self.path.name, self.first_row + start)):
                    batch = next(batches, None)
                if batch is None:
                    return
                share = (start + batch.num_rows) / total
                yield ParquetRowBatch(self, batch, start, share)
                start += batch.num_rows

    def _geometry_column(self) -> tuple[int | None, CRS | None]:
        """Return the position and system of the primary geometry column; its system is OGC:CRS84 if not given."""
        geo = _json((self.schema.metadata or {}).get(b"geo"))
        name = geo.get("primary_column")
        position = self.schema.get_field_index(name) if isinstance(name, str) else -1
        if position < 0:
            return None, None
        column = geo.get("columns", {}).get(name, {})
        if column.get("encoding", "WKB") != "WKB":
            raise FormatError(msg.table_errors.geometry_encoding(self.path.name, str(name), column["encoding"]))
        told = column.get("crs", _DEFAULT_CRS)
        try:
            return position, None if told is None else CRS.from_user_input(told)
        except CRSError as error:
            raise FormatError(msg.errors.unknown_crs(self.path.name, str(told)[:60])) from error


class ParquetWriter:
    """A Parquet file to write; see `qpv_geo.tables.protocol.Writer`.

    Keeps the types and metadata of the source and, if it is Parquet, its compression and row groups, except that a
    group of more than 65,536 rows is split.
    """

    def __init__(self, path: Path, source: Reader, extra: AddedColumns) -> None:
        self._kept = [k for k in range(len(source.schema)) if k not in extra.dropped]
        fields = [source.schema.field(k) for k in self._kept]
        self._schema = pa.schema([*fields, *extra.schema], metadata=metadata_with(source.schema, fields, extra.schema))
        codec = "SNAPPY"
        self._groups: Iterator[int] = repeat(_GROUP_ROWS)
        if isinstance(source, ParquetReader):
            codec, self._groups = source.compression.replace("UNCOMPRESSED", "NONE"), _cut(source.group_rows)
        self._writer = pq.ParquetWriter(path, self._schema, compression=codec)
        self._group = next(self._groups, _GROUP_ROWS)
        self._pending: list[pa.RecordBatch] = []

    def write(self, block: RowBatch, extra: pa.RecordBatch) -> None:
        """Write rows with their extra columns."""
        batch = block.record_batch()
        columns = [*(batch.column(k) for k in self._kept), *extra.columns]
        self._pending.append(pa.RecordBatch.from_arrays(columns, schema=self._schema))
        while sum(batch.num_rows for batch in self._pending) >= self._group:
            self._write_group()

    def finish(self, sheets: Sequence[Sheet] = ()) -> None:  # noqa: ARG002 - a Parquet has no sheets
        """Write the last row group and close the file."""
        if self._pending:
            self._write_group()
        self._writer.close()

    def abort(self) -> None:
        """Close the file."""
        with suppress(OSError):  # closing writes the footer, which fails on a full disk
            self._writer.close()

    def _write_group(self) -> None:
        """Write one row group as a single chunk, so that the file does not depend on how blocks are cut."""
        table = pa.Table.from_batches(self._pending)
        self._writer.write_table(table.slice(0, self._group).combine_chunks(), row_group_size=self._group)
        self._pending = [batch for batch in table.slice(self._group).to_batches() if batch.num_rows]
        self._group = next(self._groups, _GROUP_ROWS)


def _cut(groups: Iterable[int]) -> Iterator[int]:
    """Yield the sizes of row groups, splitting those that are too large."""
    for rows in groups:
        yield from repeat(_GROUP_ROWS, rows // _GROUP_ROWS)
        if rows % _GROUP_ROWS:
            yield rows % _GROUP_ROWS


def metadata_with(source: pa.Schema, kept: Sequence[pa.Field], extra: pa.Schema) -> dict[bytes, bytes]:
    """Return the metadata of a table, with the columns listed for pandas and GeoParquet brought up to date."""
    metadata = dict(source.metadata or {})
    gone = set(source.names) - {one.name for one in kept}
    pandas, geo = _json(metadata.get(b"pandas")), _json(metadata.get(b"geo"))
    if {"columns", "index_columns"} <= pandas.keys():
        pandas["columns"] = [one for one in pandas["columns"] if one.get("field_name") not in gone]
        pandas["columns"] += [_pandas_column(one) for one in extra]
        pandas["index_columns"] = [one for one in pandas["index_columns"] if isinstance(one, dict) or one not in gone]
        metadata[b"pandas"] = json.dumps(pandas).encode()
    if geo.get("primary_column") in gone:
        del metadata[b"geo"]
    elif gone & geo.get("columns", {}).keys():
        geo["columns"] = {name: column for name, column in geo["columns"].items() if name not in gone}
        metadata[b"geo"] = json.dumps(geo).encode()
    return metadata


def _pandas_column(column: pa.Field) -> dict[str, Any]:
    pandas_type, numpy_type = _PANDAS_TYPES[str(column.type)]
    names = {"name": column.name, "field_name": column.name}
    return {**names, "pandas_type": pandas_type, "numpy_type": numpy_type, "metadata": None}


def _json(text: bytes | None) -> dict[str, Any]:
    """Decode a JSON object from the metadata; empty if it is missing or unreadable."""
    try:
        value = json.loads(text or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


@contextmanager
def _told_as(message: str) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise FormatError(message) from error
