"""Read a CSV in blocks that keep the text of every record as it is.

Dialect: RFC 4180 as Python's `csv` reads it. A cell is quoted only if its first character is a quotation mark; inside
quotes, quotation marks are doubled; outside, LF, CR or CR LF ends the record.

A first line ``sep=;``, which gives Excel the delimiter, is kept apart and the header is the next line. If the user
gives the header row, all the lines above it are kept apart.

Blank lines and short records are rows whose missing cells are empty. Cells beyond the columns of the header are
reported in `RowBatch.faults`, unless they are all blank.
"""

from __future__ import annotations

import io
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

import pyarrow as pa

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.csv_plain import PlainRowBatch, cells_of, plain_lines
from qpv_geo.tables.csv_preamble import DELIMITERS, opened, preamble
from qpv_geo.tables.csv_records import LONGEST_RECORD, CsvRecords, Lines, parsed
from qpv_geo.tables.encoding import find_encoding, line_breaks
from qpv_geo.tables.protocol import BLOCK_ROWS, Format, HeaderError, ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pyproj import CRS

CHUNK_BYTES = 1 << 20
"""Characters after which a block ends: its cells are kept as Python strings, which take several times more memory."""
_PLAIN_CHUNKS = 4
"""Chunks whose lines are looked at together: where they are all plain, no cell is a Python string."""
_SAMPLE_CHARACTERS = 1 << 20
_SAMPLE_RECORDS = 1000
_OTHER_FORMATS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")
"""First bytes of a zip (or a workbook), an old workbook (.xls) and a gzip."""


class CsvRowBatch:
    """Consecutive records of a CSV, as rows of the header's columns; see `qpv_geo.tables.protocol.RowBatch`.

    Attributes
    ----------
    texts
        The text of each record in the file, with its line break.
    cells
        The cells of each record, followed by empty ones where it has fewer than the header.
    missing
        The number of these empty cells, by position of the row.
    """

    def __init__(self, records: CsvRecords, schema: pa.Schema, start: int, share_read: float) -> None:
        self.texts, self.cells = records
        self.start = start
        self.share_read = share_read
        self.missing: dict[int, int] = {}
        faults: dict[int, str] = {}
        self.faults: Mapping[int, str] = faults
        self._schema = schema
        width = len(schema)
        for row, cells in enumerate(self.cells):
            if len(cells) < width:
                self.missing[row] = width - max(len(cells), 1)
                cells.extend([""] * (width - len(cells)))
            elif len(cells) > width and "".join(cells[width:]).strip():
                faults[row] = msg.table_errors.cells(len(cells), width, cells[width:])

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.texts)

    def column(self, position: int) -> pa.Array:
        """Return the texts of a column, empty where a row has no such cell."""
        return pa.array(list(map(itemgetter(position), self.cells)), pa.string())

    def record_batch(self) -> pa.RecordBatch:
        """Return all columns, as text."""
        return pa.RecordBatch.from_arrays([self.column(k) for k in range(len(self._schema))], schema=self._schema)

    def geometry(self) -> None:
        """Return None: a CSV has no geometry."""


class CsvReader:
    """A CSV file; see `qpv_geo.tables.protocol.Reader`.

    Parameters
    ----------
    path
        The file.
    reading
        Its encoding, delimiter and header row, where known. Otherwise the first two are detected, and the header is
        the first line after any ``sep=;``.
    chunk_bytes
        Characters after which a block ends: bounds the memory.

    Attributes
    ----------
    preamble
        Text between the byte order mark and the header: a line ``sep=;``, titles, or nothing.
    header
        The record that names the columns, alone.
    notes
        Warnings about how the file is read, in French.

    Raises
    ------
    FormatError
        The file is missing, empty, not a CSV, has no header, or cannot be read in the given or detected encoding; or
        the given delimiter is not one ASCII character.
    """

    format: Format = Format.CSV
    has_geometry: bool = False
    crs: CRS | None = None

    def __init__(self, path: Path, reading: ReadingOptions, *, chunk_bytes: int = CHUNK_BYTES) -> None:
        if not path.is_file():
            raise FormatError(msg.errors.file_missing(str(path)))
        with path.open("rb") as file:
            if file.read(4).startswith(_OTHER_FORMATS):
                raise FormatError(msg.table_errors.not_csv(path.name))
        self.path = path
        self._chunk_bytes = chunk_bytes
        self.encoding = find_encoding(path, reading.encoding)
        above, told = preamble(path, self.encoding, reading.header_row)
        self.preamble = "".join(above)
        self.first_row = len(above) + 2
        told = told if reading.delimiter is None else _checked(reading.delimiter)
        self.delimiter = told or self._find_delimiter()
        self.reading = ReadingOptions(self.encoding.name, self.delimiter, header_row=reading.header_row)
        with self._below(self.preamble) as text:
            lines = Lines(text, self.path.name, line_breaks(self.preamble) + 1)
            header = next(self._records(lines, 1), None)
        if header is None and reading.header_row is None:
            raise FormatError(msg.table_errors.empty_file(path.name))
        if header is None or not header.cells[0]:
            no_header = msg.table_errors.no_header(path.name)
            row = reading.header_row
            raise HeaderError(no_header if row is None else msg.table_errors.no_such_header(path.name, row))
        self.header = header
        self.schema = pa.schema([pa.field(name, pa.string()) for name in header.cells[0]])

    @property
    def notes(self) -> tuple[str, ...]:
        """Return warnings about how the file is read, in French."""
        encoding, mix = self.encoding, self.encoding.mix
        if mix is not None and encoding.mixed and mix.strays:
            return (msg.table_errors.read_as_mixed(mix.strays, mix.first_stray[0]),)
        if mix is not None and not encoding.mixed and mix.characters:
            line, first = mix.first_character
            shown = first.encode().decode(encoding.codec, errors="replace")
            return (msg.table_errors.spoilt_texts(encoding.name, mix.characters, line, shown),)
        return ()

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[CsvRowBatch | PlainRowBatch]:
        """Read the table from its start; see `qpv_geo.tables.protocol.Reader.blocks`."""
        above = self.preamble + self.header.texts[0]
        start, read, size = 0, len(above.encode(self.encoding.codec)), self.path.stat().st_size
        number = line_breaks(above) + 1
        with self._below(above) as text:
            while chunk := text.read(self._chunk_bytes * _PLAIN_CHUNKS):
                chunk += text.readline(LONGEST_RECORD + 1)
                lines = plain_lines(chunk, len(self.schema), self.delimiter)
                if lines is not None:
                    length = len(chunk.encode(self.encoding.codec))
                    cells = cells_of(lines, len(self.schema), self.delimiter)
                    for first in range(0, len(lines), rows):
                        some = lines.slice(first, rows)
                        share = min(1.0, (read + length * (first + len(some)) / len(lines)) / size)
                        yield PlainRowBatch(some, cells.slice(first, rows), self.schema, start, share)
                        start += len(some)
                    read, number = read + length, number + len(lines)
                    continue
                source = Lines(text, self.path.name, number, chunk)
                for found in self._records(source, rows):
                    read += len("".join(found.texts).encode(self.encoding.codec))
                    yield CsvRowBatch(found, self.schema, start, min(1.0, read / size))
                    start += len(found.texts)
                number = source.number

    def _records(self, lines: Lines, rows: int) -> Iterator[CsvRecords]:
        """Yield the records of some lines."""
        some, size = CsvRecords([], []), 0
        for cells in parsed(lines, self.delimiter):
            record = lines.take(cells)
            some.texts.append(record)
            some.cells.append(cells)
            size += len(record)
            if len(some.texts) == rows or size >= self._chunk_bytes:
                yield some
                some, size = CsvRecords([], []), 0
        if some.texts:
            yield some

    def _below(self, above: str) -> io.TextIOWrapper:
        text = opened(self.path, self.encoding)
        text.read(len(above))
        return text

    def _find_delimiter(self) -> str:
        with self._below(self.preamble) as text:
            sample = text.read(_SAMPLE_CHARACTERS)
            lines = list(io.StringIO(sample, newline=""))
            if text.read(1) and len(lines) > 1:
                lines.pop()  # it may be cut
        return max(DELIMITERS, key=lambda delimiter: _fit(lines, delimiter))


def _fit(lines: list[str], delimiter: str) -> tuple[float, float, int]:
    """Rate a delimiter: the best one splits most records into as many cells as the header, and more than one."""
    header, *rows = list(islice(parsed(lines, delimiter), _SAMPLE_RECORDS)) or [[]]
    width = max(1, len(header))
    fitting = [len(row) >= width and not any(row[width:]) for row in rows if row]
    share = sum(fitting) / len(fitting) if fitting else 1.0
    return share * (width > 1), share, width


def _checked(delimiter: str) -> str:
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        raise FormatError(msg.table_errors.bad_delimiter(delimiter))
    return delimiter
