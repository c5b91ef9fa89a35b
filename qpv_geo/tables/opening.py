"""Open the table of a file, and one to write, by the name of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def format_of(path: Path) -> Format:
    """Return the format that the name of a file tells.

    Raises
    ------
    FormatError
        It tells none that is known.
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
        The file is not there, of no known format, or not what its name tells.
    """
    kind, how = format_of(path), reading or ReadingOptions()
    if not path.is_file():
        raise FormatError(file_missing(str(path)))
    if kind is Format.CSV:
        from qpv_geo.tables.csv_reader import CsvReader  # noqa: PLC0415 - each format has libraries of its own

        return CsvReader(path, how)
    if kind is Format.XLSX:
        from qpv_geo.tables.xlsx_reader import XlsxReader  # noqa: PLC0415

        return XlsxReader(path, how)
    if kind is Format.PARQUET:
        from qpv_geo.tables.parquet import ParquetReader  # noqa: PLC0415

        return ParquetReader(path, how)
    if kind is Format.GEOPACKAGE:
        from qpv_geo.tables.geopackage_reader import GeoPackageReader  # noqa: PLC0415

        return GeoPackageReader(path, how)
    from qpv_geo.tables.geojson_reader import GeoJSONReader  # noqa: PLC0415

    return GeoJSONReader(path, how)


def top_rows(path: Path, reading: ReadingOptions) -> Iterator[tuple[int, list[str]]]:
    """Return the numbers and the cells of the first rows of a CSV or a sheet, any of which may be its header."""
    kind = format_of(path)
    if kind is Format.CSV:
        from qpv_geo.tables.csv_preamble import top_lines  # noqa: PLC0415 - each format has libraries of its own

        yield from top_lines(path, reading, _TOP_ROWS)
    if kind is Format.XLSX:
        from qpv_geo.tables.xlsx_reader import top_cells  # noqa: PLC0415

        yield from top_cells(path, reading, _TOP_ROWS)


def open_writer(path: Path, kind: Format, source: Reader, extra: AddedColumns) -> Writer:
    """Open a table to write at exactly `path`, whatever its name, with the columns of `source` and further ones."""
    if kind is Format.CSV:
        from qpv_geo.tables.csv_writer import CsvWriter  # noqa: PLC0415 - each format has libraries of its own

        return CsvWriter(path, source, extra)
    if kind is Format.XLSX:
        from qpv_geo.tables.xlsx_writer import XlsxWriter  # noqa: PLC0415

        return XlsxWriter(path, source, extra)
    if kind is Format.PARQUET:
        from qpv_geo.tables.parquet import ParquetWriter  # noqa: PLC0415

        return ParquetWriter(path, source, extra)
    if kind is Format.GEOPACKAGE:
        from qpv_geo.tables.geopackage_writer import GeoPackageWriter  # noqa: PLC0415

        return GeoPackageWriter(path, source, extra)
    from qpv_geo.tables.geojson_writer import GeoJSONWriter  # noqa: PLC0415

    return GeoJSONWriter(path, source, extra)
