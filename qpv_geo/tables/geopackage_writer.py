"""Write a table as a GeoPackage: a copy of the source GeoPackage with extra columns, or a new one.

Only the file itself is ever written: SQLite keeps no journal, since an unfinished file is worthless anyway.
"""

from __future__ import annotations

import errno
import re
import sqlite3
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError, InputError
from qpv_geo.tables.geopackage_reader import GeoPackageReader, GeoPackageRowBatch, opened, quoted
from qpv_geo.tables.plain import distinct_names, json_text, json_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from qpv_geo.tables.protocol import AddedColumns, Reader, RowBatch, Sheet, Writer
    from qpv_geo.untyped import AnyValue

_GDAL_SETTINGS = {
    "OGR_CURRENT_DATE": "1970-01-01T00:00:00.000Z",
    "OGR_SQLITE_PRAGMA": "journal_mode=OFF",
    "OGR_GPKG_ALLOW_THREADED_RTREE": "NO",  # it would write a second file
}
_GDAL = threading.Lock()
"""Held while GDAL's settings, which are process-wide, are changed."""
_ABOUT_COLUMNS = ("gpkg_data_columns", "gpkg_extensions", "gpkg_metadata_reference")
_SPATIAL_FUNCTIONS = ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")
_SQL_TYPES = {pa.string(): "TEXT", pa.float64(): "REAL", pa.int64(): "INTEGER"}
"""SQL types of the columns of `AddedColumns.schema`."""
_STORED = re.compile(r"bool|u?int\d+|float|double|(large_)?(string|binary)|date32\[day\]|timestamp\[.+\]")
"""Arrow types that GDAL stores in a GeoPackage."""


class GeoPackageWriter:
    """A GeoPackage that is being written; see `qpv_geo.tables.protocol.Writer`.

    A GeoPackage source is kept whole: layers, identifiers, stored values, geometries byte for byte, indexes, triggers,
    styles, dates of last change. The answers are added as columns of the layer. Any other source becomes a new
    GeoPackage with one layer named after the source file: features, in the source's coordinate reference system, if
    it has geometries; attributes otherwise.

    Raises
    ------
    InputError
        The layer already has a column with the name of an answer.
    FormatError
        The source can no longer be read, or a column to drop is used by an index or a view.
    OSError
        The file cannot be written.
    """

    def __init__(self, path: Path, source: Reader, extra: AddedColumns) -> None:
        self._writer: Writer
        if isinstance(source, GeoPackageReader):
            self._writer = _Copy(path, source, extra)
        else:
            self._writer = _New(path, source, extra)

    def write(self, block: RowBatch, extra: pa.RecordBatch) -> None:
        """Write rows with their answers."""
        self._writer.write(block, extra)

    def finish(self, sheets: Sequence[Sheet] = ()) -> None:
        """Write what is left and close the file."""
        self._writer.finish(sheets)

    def abort(self) -> None:
        """Close the file as it is."""
        self._writer.abort()


class _Copy:
    """A copy of a GeoPackage whose layer gets extra columns.

    The layer's triggers are removed while rows are written, then restored: those of its spatial index have nothing to
    do, and one that records the time of a change would alter data to be kept.
    """

    def __init__(self, path: Path, source: GeoPackageReader, extra: AddedColumns) -> None:
        self._path = path
        self._table = quoted(source.layer.table)
        dropped = [source.layer.columns[position] for position in extra.dropped]
        _refuse_taken(source, extra, dropped)
        path.unlink(missing_ok=True)
        with _writing(path):
            self._database = sqlite3.connect(path, isolation_level=None)
        self._triggers: list[str] = []
        try:
            self._prepare(source, extra, dropped)
        except BaseException:
            self.abort()
            raise
        columns = ", ".join(f"{quoted(name)} = ?" for name in extra.schema.names)
        self._update = f"UPDATE {self._table} SET {columns} WHERE {quoted(source.layer.key)} = ?"  # noqa: S608

    def _prepare(self, source: GeoPackageReader, extra: AddedColumns, dropped: Sequence[str]) -> None:
        with opened(source.path) as original, _writing(self._path):
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY"):
                self._database.execute(f"PRAGMA {pragma}")
            original.backup(self._database)
            self._database.execute("BEGIN")
            self._triggers = self._put_aside(source.layer.table)
            self._drop(source, dropped)
            for field in extra.schema:
                kind = _SQL_TYPES[field.type]
                self._database.execute(f"ALTER TABLE {self._table} ADD COLUMN {quoted(field.name)} {kind}")

    def write(self, block: RowBatch, extra: pa.RecordBatch) -> None:
        if not isinstance(block, GeoPackageRowBatch):
            raise TypeError(type(block).__name__)
        if not extra.num_columns:
            return
        rows = zip(*(column.to_pylist() for column in extra.columns), block.keys, strict=True)
        with _writing(self._path):
            self._database.executemany(self._update, rows)

    def finish(self, sheets: Sequence[Sheet] = ()) -> None:  # noqa: ARG002 - they go to a workbook only
        with _writing(self._path):
            for sql in self._triggers:
                self._database.execute(sql)
            self._database.execute("COMMIT")
            self._database.close()

    def abort(self) -> None:
        self._database.close()

    def _put_aside(self, table: str) -> list[str]:
        of_table = "type = 'trigger' AND lower(tbl_name) = lower(?)"
        query = f"SELECT name, sql FROM sqlite_master WHERE {of_table} ORDER BY rowid"  # noqa: S608 - constants
        found = self._database.execute(query, (table,)).fetchall()
        for name, _ in found:
            self._database.execute(f"DROP TRIGGER {quoted(name)}")
        return [sql for _, sql in found]

    def _drop(self, source: GeoPackageReader, dropped: Sequence[str]) -> None:
        for function in _SPATIAL_FUNCTIONS:
            self._database.create_function(function, 1, _not_called)
        for column in dropped:
            try:
                self._database.execute(f"ALTER TABLE {self._table} DROP COLUMN {quoted(column)}")
            except sqlite3.OperationalError as error:
                raise FormatError(msg.layer_errors.column_in_use(source.path.name, column)) from error
            for about in _ABOUT_COLUMNS:
                self._forget(about, source.layer.table, column)

    def _forget(self, about: str, table: str, column: str) -> None:
        """Remove the metadata of a dropped column."""
        if self._database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (about,)).fetchone():
            where = "lower(table_name) = lower(?) AND lower(column_name) = lower(?)"
            self._database.execute(f"DELETE FROM {about} WHERE {where}", (table, column))  # noqa: S608


class _New:
    """A new GeoPackage of one layer, to which each block is appended."""

    def __init__(self, path: Path, source: Reader, extra: AddedColumns) -> None:
        self._path = path
        self._source = source
        self._kept = [k for k in range(len(source.schema)) if k not in extra.dropped]
        answers = extra.schema.names
        columns = distinct_names([source.schema.names[k] for k in self._kept], taken=answers)
        self._names = [*columns, *answers]
        self._types = [*(source.schema.types[k] for k in self._kept), *extra.schema.types]
        self._key, self._geometry = distinct_names(["fid", "geom"], taken=self._names)
        self._created = False
        path.unlink(missing_ok=True)

    def write(self, block: RowBatch, extra: pa.RecordBatch) -> None:
        self._append([*(block.column(k) for k in self._kept), *extra.columns], block.geometry())

    def finish(self, sheets: Sequence[Sheet] = ()) -> None:  # noqa: ARG002 - they go to a workbook only
        if not self._created:
            none = np.empty(0, dtype=object)
            self._append([pa.array([], kind) for kind in self._types], None if self._source.crs is None else none)

    def abort(self) -> None:
        """Do nothing: no file is open between two blocks."""

    def _append(self, columns: Sequence[pa.Array], geometry: NDArray[Any] | None) -> None:
        names = list(self._names)
        arrays = [_storable(column) for column in columns]
        options: dict[str, Any] = {}
        if geometry is not None:
            names.append(self._geometry)
            arrays.append(pa.array(list(shapely.to_wkb(geometry)), pa.binary()))
            system = None if self._source.crs is None else self._source.crs.to_wkt()
            options = {"geometry_name": self._geometry, "geometry_type": "Unknown", "crs": system}
            options["GEOMETRY_NAME"] = self._geometry  # in the layer; the lower-case one is that of the Arrow column
        table = pa.Table.from_arrays(arrays, names=names)
        _write_layer(self._path, self._source.path.stem, table, append=self._created, FID=self._key, **options)
        self._created = True


def _write_layer(path: Path, layer: str, table: pa.Table, *, append: bool, **options: AnyValue) -> None:
    """Write rows to a layer with GDAL, one thread at a time because its settings are process-wide."""
    with _GDAL, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided|.*file(name)? extension")
        before = {name: pyogrio.get_gdal_config_option(name) for name in _GDAL_SETTINGS}
        pyogrio.set_gdal_config_options(_GDAL_SETTINGS)
        try:
            pyogrio.write_arrow(table, path, layer=layer, driver="GPKG", append=append, **options)
        except (DataSourceError, DataLayerError, FeatureError) as error:
            raise OSError(errno.EIO, str(error), str(path)) from error
        finally:
            pyogrio.set_gdal_config_options(before)


def _storable(column: pa.Array) -> pa.Array:
    """Convert a column to a type that a GeoPackage can store."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _storable(column.dictionary_decode())
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        return column.cast(pa.float64())
    if pa.types.is_uint64(kind):
        return column.cast(pa.float64(), safe=False)
    if _STORED.fullmatch(str(kind)):
        return column
    return pa.array([None if value is None else _text(value) for value in column.to_pylist()], pa.string())


def _text(value: AnyValue) -> str:
    found = json_value(value)
    return found if isinstance(found, str) else json_text(found)


def _refuse_taken(source: GeoPackageReader, extra: AddedColumns, dropped: Sequence[str]) -> None:
    layer = source.layer
    kept = {name.lower() for name in (layer.key, layer.geometry or "", *layer.columns) if name not in dropped}
    for name in extra.schema.names:
        if name.lower() in kept:
            raise InputError(msg.layer_errors.column_taken(source.path.name, name))


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn SQLite errors into `OSError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise OSError(errno.EIO, str(error), str(path)) from error


def _not_called(_: object) -> None:
    """Stand in for a spatial function that SQLite looks up in the triggers of all layers, but does not call."""
    raise NotImplementedError
