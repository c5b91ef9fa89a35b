"""Open the table of a file, and one to write, by the name of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.errors import FormatError
from qpv_geo.tables.protocol import Format, Reading
from qpv_geo.texts import batch as say
from qpv_geo.texts.errors import file_missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qpv_geo.tables.protocol import Extra, Sink, Source

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
        raise FormatError(say.unknown_format(str(path))) from error


def open_source(path: Path, reading: Reading | None = None) -> Source:
    """Open the table of a file.

    Raises
    ------
    FormatError
        The file is not there, of no known format, or not what its name tells.
    """
    kind, how = format_of(path), reading or Reading()
    if not path.is_file():
        raise FormatError(file_missing(str(path)))
    if kind is Format.CSV:
        from qpv_geo.tables.csv_source import CsvSource  # noqa: PLC0415 - each format has libraries of its own

        return CsvSource(path, how)
    if kind is Format.XLSX:
        from qpv_geo.tables.xlsx_source import XlsxSource  # noqa: PLC0415

        return XlsxSource(path, how)
    if kind is Format.PARQUET:
        from qpv_geo.tables.parquet import ParquetSource  # noqa: PLC0415

        return ParquetSource(path, how)
    if kind is Format.GEOPACKAGE:
        from qpv_geo.tables.geopackage import GeoPackageSource  # noqa: PLC0415

        return GeoPackageSource(path, how)
    from qpv_geo.tables.geojson import GeoJSONSource  # noqa: PLC0415

    return GeoJSONSource(path, how)


def top_rows(path: Path, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """Return the numbers and the cells of the first rows of a CSV or a sheet, any of which may be its header."""
    kind = format_of(path)
    if kind is Format.CSV:
        from qpv_geo.tables.csv_preamble import top_lines  # noqa: PLC0415 - each format has libraries of its own

        yield from top_lines(path, reading, _TOP_ROWS)
    if kind is Format.XLSX:
        from qpv_geo.tables.xlsx_source import top_cells  # noqa: PLC0415

        yield from top_cells(path, reading, _TOP_ROWS)


def open_sink(path: Path, kind: Format, source: Source, extra: Extra) -> Sink:
    """Open a table to write at exactly `path`, whatever its name, with the columns of `source` and further ones."""
    if kind is Format.CSV:
        from qpv_geo.tables.csv_sink import CsvSink  # noqa: PLC0415 - each format has libraries of its own

        return CsvSink(path, source, extra)
    if kind is Format.XLSX:
        from qpv_geo.tables.xlsx_sink import XlsxSink  # noqa: PLC0415

        return XlsxSink(path, source, extra)
    if kind is Format.PARQUET:
        from qpv_geo.tables.parquet import ParquetSink  # noqa: PLC0415

        return ParquetSink(path, source, extra)
    if kind is Format.GEOPACKAGE:
        from qpv_geo.tables.geopackage_sink import GeoPackageSink  # noqa: PLC0415

        return GeoPackageSink(path, source, extra)
    from qpv_geo.tables.geojson_sink import GeoJSONSink  # noqa: PLC0415

    return GeoJSONSink(path, source, extra)
