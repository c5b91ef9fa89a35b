"""What a table in a file is, whatever its format: columns, rows that come in blocks, and a file to write them to again.

A reader gives blocks of rows; a writer writes each block with further columns beside it. A writer of the format of the
source writes what the file held, untouched: the text of a CSV record, the types of Parquet, the cells of a sheet. A
writer of another format writes what `RowBatch.record_batch` says.
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
"""Most rows of a block."""


class HeaderError(FormatError):
    """The line that is to name the columns does not."""


class Format(StrEnum):
    """The formats of tables."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    GEOPACKAGE = "geopackage"
    GEOJSON = "geojson"


@dataclass(frozen=True)
class ReadingOptions:
    """How to read a file, where its user says so; what is None is found out.

    Attributes
    ----------
    encoding, delimiter
        Of a CSV: a name that Python knows, and one character.
    layer
        Sheet of a workbook, layer of a GeoPackage.
    header_row
        Of a CSV or a sheet: number of the line that names the columns, from 1; those above are no rows.
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
        Part of the file read so far, 0 to 1, for progress.
    faults
        What is wrong with a row of the file itself (too many cells...), by position in the block: a French text.
    """

    start: int
    share_read: float
    faults: Mapping[int, str]

    def __len__(self) -> int:
        """Return the number of rows."""
        ...

    def column(self, position: int) -> pa.Array:
        """Return a column, one value a row: text for a CSV, the type of the file elsewhere."""
        ...

    def record_batch(self) -> pa.RecordBatch:
        """Return all columns, as `Reader.schema` says."""
        ...

    def geometry(self) -> NDArray[Any] | None:
        """Return shapely geometries in `Reader.crs`, None for a row without; None where the table has none at all."""
        ...


class Reader(Protocol):
    """A table in a file.

    Attributes
    ----------
    path, format
        Where it is, and what.
    schema
        Names and types of its columns; several may have one name, and a name may be empty.
    has_geometry
        Whether its rows have geometries, were it in an unknown system.
    crs
        Coordinate reference system of its geometries, None where it has none or does not say; another may be set
        before the rows are read.
    reading
        How it is read: every field that means something for the format is told.
    first_row
        Number that people give to its first row: 2 where the header is the first line.
    """

    path: Path
    format: Format
    schema: pa.Schema
    has_geometry: bool
    crs: CRS | None
    reading: ReadingOptions
    first_row: int

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[RowBatch]:
        """Read the table from its start, at most `rows` rows a block; the same blocks each time.

        Raises
        ------
        FormatError
            The file cannot be read further; the message says where.
        """
        ...


@dataclass(frozen=True)
class Sheet:
    """A further sheet of a workbook.

    Attributes
    ----------
    name
        At most 31 characters.
    columns
        Names of its columns.
    rows
        Text, numbers and None; written as such, never as formulas.
    shares
        Positions of the columns whose numbers are shares of 1, shown as percentages.
    coloured
        Position of the column whose words are coloured as `AddedColumns.colours` says, or None.
    """

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[str | float | int | None]]
    shares: tuple[int, ...] = ()
    coloured: int | None = None


@dataclass(frozen=True)
class AddedColumns:
    """The columns that a writer adds beside those of the table.

    Attributes
    ----------
    schema
        Their names and types: text, float64 or int64.
    dropped
        Positions of the columns of the source that are left out.
    colours
        In a workbook: the background (``#rrggbb``) of a word of a column, by the name of the column.
    """

    schema: pa.Schema
    dropped: tuple[int, ...] = ()
    colours: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Writer(Protocol):
    """Writes a table to a file. What it writes depends on nothing else than what it is given: no clock, no chance."""

    def write(self, block: RowBatch, extra: pa.RecordBatch) -> None:
        """Write rows, with the columns of `AddedColumns.schema` beside them."""
        ...

    def finish(self, sheets: Sequence[Sheet] = ()) -> None:
        """Write what is left and close the file; `sheets` go to a workbook, and nowhere else."""
        ...

    def abort(self) -> None:
        """Close the file, whatever state it is in."""
        ...
