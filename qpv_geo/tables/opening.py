"""Open a table to read, by the file's extension, or one to write, by its format."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.messages.errors import file_missing
from qpv_geo.tables.protocol import Format, ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qpv_geo.tables.protocol import AddedColumns, Reader, Writer

_TOP_ROWS = 20
_FORMATS = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".txt": Format.CSV,
    ".xlsx": Format.XLSX,
    ".xlsm": Format.XLSX,
    ".parquet": Format.PARQUET,
    ".geoparquet": Format.PARQUET,
    ".gpkg": Format.GEOPACKAGE,
    ".geojson": Format.GEOJSON,
    ".json": Format.GEOJSON,
}


_READERS = {
    Format.CSV: "qpv_geo.tables.csv_reader:CsvReader",
    Format.XLSX: "qpv_geo.tables.xlsx_reader:XlsxReader",
    Format.PARQUET: "qpv_geo.tables.parquet:ParquetReader",
    Format.GEOPACKAGE: "qpv_geo.tables.geopackage_reader:GeoPackageReader",
    Format.GEOJSON: "qpv_geo.tables.geojson_reader:GeoJSONReader",
}
"""Imported when a file is opened: each format has heavy libraries of its own."""
_WRITERS = {
    Format.CSV: "qpv_geo.tables.csv_writer:CsvWriter",
    Format.XLSX: "qpv_geo.tables.xlsx_writer:xlsx_writer",
    Format.PARQUET: "qpv_geo.tables.parquet:ParquetWriter",
    Format.GEOPACKAGE: "qpv_geo.tables.geopackage_writer:GeoPackageWriter",
    Format.GEOJSON: "qpv_geo.tables.geojson_writer:GeoJSONWriter",
}
_TOPS = {Format.CSV: "qpv_geo.tables.csv_preamble:top_lines", Format.XLSX: "qpv_geo.tables.xlsx_reader:top_cells"}
_WRITER_NOTES = {Format.XLSX: "qpv_geo.tables.xlsx_writer:xlsx_notes"}


def format_of(path: Path) -> Format:
    """Return the format of a file from its extension.

    Raises
    ------
    FormatError
        The extension is unknown.
    """
    try:
        return _FORMATS[path.suffix.lower()]
    except KeyError as error:
        raise FormatError(msg.batch.unknown_format(str(path))) from error


def open_reader(path: Path, reading: ReadingOptions | None = None) -> Reader:
    """Open the table of a file.

    Raises
    ------
    FormatError
        The file is missing, has an unknown extension, or is not in the format of its extension.
    """
    kind, how = format_of(path), reading or ReadingOptions()
    if not path.is_file():
        raise FormatError(file_missing(str(path)))
    reader: Reader = resolve_name(_READERS[kind])(path, how)
    return reader


def top_rows(path: Path, reading: ReadingOptions) -> Iterator[tuple[int, list[str]]]:
    """Return the number and cells of each of the first rows of a CSV or sheet, any of which may be the header."""
    top: Any = _TOPS.get(format_of(path))
    return iter(()) if top is None else resolve_name(top)(path, reading, _TOP_ROWS)


def open_writer(path: Path, kind: Format, source: Reader, extra: AddedColumns) -> Writer:
    """Open a table to write at `path`, whatever its extension, with the columns of `source` and those of `extra`."""
    writer: Writer = resolve_name(_WRITERS[kind])(path, source, extra)
    return writer


def writer_notes(kind: Format, source: Reader, extra: AddedColumns) -> list[str]:
    """Return notes, in French, on what a file of the source's own format loses when it is written with `extra`."""
    found: Any = _WRITER_NOTES.get(kind) if kind is source.format else None
    notes: list[str] = [] if found is None else resolve_name(found)(source, extra)
    return notes
