"""Tables in GeoPackages: a layer of features, or a table of attributes without geometry.

Read with SQLite itself, which gives row identifiers, and values and geometries as they are stored.

Source of the format: OGC 12-128r19, GeoPackage Encoding Standard 1.4.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.geopackage_values import form_of, geometries, type_of
from qpv_geo.tables.layer import LayerRowBatch
from qpv_geo.tables.pieces import pieces
from qpv_geo.tables.protocol import BLOCK_ROWS, Format, ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pyproj import CRS

    from qpv_geo.untyped import AnyValue

_Row = tuple[Any, ...]
"""Identifier, geometry, then the attributes."""


@dataclass(frozen=True)
class TableLayer:
    """A table of the file and its columns.

    Attributes
    ----------
    table
        Name of the layer, and of its table.
    key
        The column of its identifiers, usually ``fid``.
    geometry
        The column of its geometries, None if it has none.
    columns
        Names of the other columns.
    declared
        Their types, as the file declares them.
    """

    table: str
    key: str
    geometry: str | None
    columns: tuple[str, ...]
    declared: tuple[str, ...]


def quoted(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a GeoPackage for reading, without creating files next to it unless it already has a log there.

    Raises
    ------
    FormatError
        It is not a SQLite file, or an operation on it fails.
    """
    used = any(path.with_name(path.name + suffix).exists() for suffix in ("-wal", "-journal"))
    mode = "mode=ro" if used else "immutable=1"  # a log next to it holds data not yet in the file
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True)) as database:
            database.text_factory = lambda text: text.decode("utf-8", "replace")
            yield database
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # in a schema, sqlite3 decodes names strictly
        raise FormatError(msg.layer_errors.not_geopackage(path.name)) from error


class GeoPackageRowBatch(LayerRowBatch):
    """Some consecutive rows; see `qpv_geo.tables.protocol.RowBatch`.

    Attributes
    ----------
    keys
        Identifiers of the rows.
    """

    def __init__(self, source: GeoPackageReader, rows: Sequence[_Row], start: int) -> None:
        self.keys = [row[0] for row in rows]
        self._values = rows
        stored = [row[1] for row in rows]
        geometry = None if source.layer.geometry is None else geometries(stored)
        super().__init__(source.schema, start, (start + len(rows)) / source.count, stored, geometry)

    def values(self, position: int) -> list[Any]:
        """Return the values of an attribute."""
        return [row[2 + position] for row in self._values]

    @staticmethod
    def text(value: AnyValue) -> str:
        """Return bytes in hexadecimal, and any other value as text."""
        return value.hex() if isinstance(value, bytes) else str(value)


class GeoPackageReader:
    """A layer of a GeoPackage; see `qpv_geo.tables.protocol.Reader`.

    SQLite stores any value in any column. So a column has its declared type if all its values fit it, else the type
    of its values if they share one, else text.

    Parameters
    ----------
    path
        A GeoPackage.
    reading
        Its `layer` names the layer. Without it, the file must have exactly one layer of features, or none and exactly
        one table.

    Attributes
    ----------
    crs
        None if the layer has no geometry, or if its system is undefined or unknown.
    layer
        The table that is read.
    count
        Number of rows.

    Raises
    ------
    FormatError
        Not a GeoPackage, no such layer, several layers and none named, or a layer without an integer primary key.
    """

    def __init__(self, path: Path, reading: ReadingOptions) -> None:
        self.path = path
        self.format = Format.GEOPACKAGE
        self.first_row = 1
        with opened(path) as database:
            self.layer = _layer(database, path.name, _chosen(database, path.name, reading.layer))
            self.schema, self.count = _schema(database, self.layer)
            self.crs = _crs(database, self.layer)
        self.has_geometry = self.layer.geometry is not None
        self.reading = ReadingOptions(layer=self.layer.table)

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[GeoPackageRowBatch]:
        """Read the rows in the order of their identifiers, with fewer in a block if their values are long.

        Raises
        ------
        FormatError
            The file is damaged; the message says after which row.
        """
        start = 0
        key = quoted(self.layer.key)
        geometry = "NULL" if self.layer.geometry is None else quoted(self.layer.geometry)
        selected = ", ".join([key, geometry, *map(quoted, self.layer.columns)])
        query = f"SELECT {selected} FROM {quoted(self.layer.table)} ORDER BY {key}"  # noqa: S608 - quoted names
        with opened(self.path) as database:
            try:
                for found in pieces(database.execute(query), rows, _length):
                    yield GeoPackageRowBatch(self, found, start)
                    start += len(found)
            except sqlite3.DatabaseError as error:
                raise FormatError(msg.layer_errors.geopackage_damaged(self.path.name, start)) from error


def _chosen(database: sqlite3.Connection, name: str, wanted: str | None) -> str:
    """Return the name of the layer to read."""
    found = database.execute("SELECT table_name, data_type FROM gpkg_contents ORDER BY rowid").fetchall()
    features = [str(table) for table, kind in found if kind == "features"]
    tables = [str(table) for table, kind in found if kind in {"attributes", "aspatial"}]
    if wanted is not None and wanted not in (*features, *tables):
        raise FormatError(msg.layer_errors.unknown_layer(name, wanted, (*features, *tables)))
    if wanted is not None:
        return wanted
    possible = features or tables
    if not possible:
        raise FormatError(msg.layer_errors.no_layer(name))
    if len(possible) > 1:
        raise FormatError(msg.layer_errors.which_layer(name, possible))
    return possible[0]


def _layer(database: sqlite3.Connection, name: str, table: str) -> TableLayer:
    query = "SELECT column_name FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?)"
    has_features = _exists(database, "gpkg_geometry_columns")
    found = database.execute(query, (table,)).fetchone() if has_features else None
    columns = database.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    keys = [column for _, column, kind, _, _, rank in columns if rank and kind.upper() == "INTEGER"]
    if len(keys) != 1:
        raise FormatError(msg.layer_errors.layer_without_key(name, table))
    geometry = None if found is None else found[0]
    others = [(column, kind) for _, column, kind, *_ in columns if column not in {keys[0], geometry}]
    return TableLayer(table, keys[0], geometry, tuple(c for c, _ in others), tuple(kind for _, kind in others))


def _exists(database: sqlite3.Connection, table: str) -> bool:
    return database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone() is not None


def _schema(database: sqlite3.Connection, layer: TableLayer) -> tuple[pa.Schema, int]:
    """Return the columns and the number of rows, in one pass over the table."""
    forms = [form_of(quoted(name), declared) for name, declared in zip(layer.columns, layer.declared, strict=True)]
    selected = ", ".join(["count(*)", *(f"group_concat(DISTINCT {form})" for form in forms)])
    query = f"SELECT {selected} FROM {quoted(layer.table)}"  # noqa: S608 - quoted names
    count, *found = database.execute(query).fetchone()
    types = [
        type_of(frozenset((text or "null").split(",")) - {"null"}, declared)
        for text, declared in zip(found, layer.declared, strict=True)
    ]
    return pa.schema(list(zip(layer.columns, types, strict=True))), count


def _crs(database: sqlite3.Connection, layer: TableLayer) -> CRS | None:
    if layer.geometry is None:
        return None
    found = database.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = "
        "(SELECT srs_id FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?))",
        (layer.table,),
    ).fetchone()
    organization, code, definition = found or ("NONE", 0, "undefined")
    named = crs.parse(f"{organization}:{code}") or crs.parse(definition)
    return named if named is not None and (named.is_geographic or named.is_projected) else None


def _length(row: _Row) -> int:
    return sum(len(value) for value in row if isinstance(value, bytes | str))
