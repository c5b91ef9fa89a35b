"""Protocols for reading and writing tables in files, whatever their format.

A reader yields blocks of rows; a writer writes each block with extra columns. A writer of the source's own format
copies what the file held: the text of CSV records, the types of Parquet, the workbook of a sheet. A writer of another
format writes the values of the columns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from qpv_geo.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray
    from pyproj import CRS

BLOCK_ROWS = 50_000
"""Maximum rows in a block."""


class HeaderError(FormatError):
    """The header line is blank."""


class Format(StrEnum):
    """The formats of tables."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    GEOPACKAGE = "geopackage"
    GEOJSON = "geojson"


@dataclass(frozen=True)
class ReadingOptions:
    """How the user wants a file to be read; a field that is None is detected.

    Attributes
    ----------
    encoding, delimiter
        Of a CSV: a name that Python knows (or `qpv_geo.tables.encoding.MIXED`), and one character.
    layer
        Sheet of a workbook, layer of a GeoPackage.
    header_row
        Of a CSV or a sheet: number of the header line, from 1; lines above it are not rows.
    """

    encoding: str | None = None
    delimiter: str | None = None
    layer: str | None = None
    header_row: int | None = None


class RowBatch(Protocol):
    """Some consecutive rows.

    Attributes
    ----------
    start
        Position of the first row in the table, from 0.
    share_read
        Share of the file read so far, 0 to 1, for progress.
    faults
        Errors in the rows of the file itself (too many cells...), in French, by position in the block.
    """

    start: int
    share_read: float
    faults: Mapping[int, str]

    def __len__(self) -> int:
        """Return the number of rows."""
        ...

    def column(self, position: int) -> pa.Array:
        """Return a column, one value per row, with its type in `Reader.schema` (text for a CSV or a sheet)."""
        ...

    def record_batch(self) -> pa.RecordBatch:
        """Return all columns, with the schema `Reader.schema`."""
        ...

    def geometry(self) -> NDArray[Any] | None:
        """Return shapely geometries in `Reader.crs`, None in a row without one; None if the table has no geometries."""
        ...


class Reader(Protocol):
    """A table in a file.

    Attributes
    ----------
    path, format
        The file and its format.
    schema
        Names and types of its columns; names may repeat or be empty.
    has_geometry
        Whether its rows have geometries, even in an unknown system.
    crs
        Coordinate reference system of its geometries, None if it has none or does not give it; another may be set
        before the rows are read.
    reading
        How it is read, with what was detected filled in.
    first_row
        Number of its first row for people: 2 if the header is the first line.
    """

    path: Path
    format: Format
    schema: pa.Schema
    has_geometry: bool
    crs: CRS | None
    reading: ReadingOptions
    first_row: int

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[RowBatch]:
        """Read the table from its start, at most `rows` rows per block; each call gives the same blocks.

        Raises
        ------
        FormatError
            The file cannot be read further; the message says where.
        """
        ...


@dataclass(frozen=True)
class Sheet:
    """An extra sheet of a workbook.

    Attributes
    ----------
    name
        At most 31 characters.
    columns
        Names of its columns.
    rows
        Text, numbers and None; written as such, never as formulas.
    shares
        Positions of the columns whose numbers are fractions, shown as percentages.
    coloured
        Position of the column whose cells are coloured as in `AddedColumns.colours`, or None.
    """

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[str | float | int | None]]
    shares: tuple[int, ...] = ()
    coloured: int | None = None


@dataclass(frozen=True)
class AddedColumns:
    """The columns that a writer adds to those of the table.

    Attributes
    ----------
    schema
        Their names and types: text, float64 or int64.
    dropped
        Positions of the columns of the source that are left out.
    colours
        In a workbook: the backgrounds (``#rrggbb``) of cells, by column name, then by value.
    """

    schema: pa.Schema
    dropped: tuple[int, ...] = ()
    colours: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Writer(Protocol):
    """Writes a table to a file. The same input always gives the same file: no clock, no randomness."""

    def write(self, block: RowBatch, extra: pa.RecordBatch) -> None:
        """Write rows with their extra columns, those of `AddedColumns.schema`."""
        ...

    def finish(self, sheets: Sequence[Sheet] = ()) -> None:
        """Write what is left and close the file; `sheets` are written to a workbook only."""
        ...

    def abort(self) -> None:
        """Close the file, whatever state it is in."""
        ...
