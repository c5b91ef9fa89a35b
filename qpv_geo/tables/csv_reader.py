"""Read a CSV in blocks that keep the text of every record as it is.

Dialect: RFC 4180 as Python's `csv` reads it. A cell is quoted only if its first character is a quotation mark; inside
quotes, quotation marks are doubled; outside, LF, CR or CR LF ends the record.

A first line ``sep=;``, which gives Excel the delimiter, is kept apart and the header is the next line. If the user
gives the header row, all the lines above it are kept apart.

Blank lines and short records are rows whose missing cells are empty. Cells beyond the columns of the header are
reported in `RowBatch.faults`, unless they are all blank.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.csv_preamble import DELIMITERS, lines_above, separator_line
from qpv_geo.tables.csv_records import QUOTE, QUOTED, Records, scan, unquoted
from qpv_geo.tables.encoding import find_encoding, line_breaks
from qpv_geo.tables.protocol import BLOCK_ROWS, Format, HeaderError, ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from pyproj import CRS

    Positions = NDArray[np.int64]

CHUNK_BYTES = 4 << 20
"""Bytes of the file read at a time."""
LONGEST_RECORD = 16 << 20
"""Longest record accepted, in bytes of UTF-8: a longer one is an endless line or an unclosed quotation mark."""
_SAMPLE_BYTES = 1 << 20
_SAMPLE_RECORDS = 1000
_OTHER_FORMATS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")
"""First bytes of a zip (or a workbook), an old workbook (.xls) and a gzip."""


@dataclass(eq=False)
class CsvRowBatch:
    """Consecutive records of a CSV, as rows of `width` columns; see `qpv_geo.tables.protocol.RowBatch`."""

    records: Records
    rows: slice
    schema: pa.Schema
    start: int
    share_read: float
    faults: Mapping[int, str] = field(init=False)

    def __post_init__(self) -> None:
        """Find the rows with cells beyond the header that are not blank."""
        width = len(self.schema)
        wide = np.flatnonzero(self.records.counts_beyond(width)[self.rows] > width).tolist()
        more = {row: self.records.cells_beyond(self.rows.start + row, width) for row in wide}
        self.faults = {
            row: msg.table_errors.cells(width + len(cells), width, cells)
            for row, cells in more.items()
            if "".join(cells).strip()
        }

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.rows.stop - self.rows.start)

    def column(self, position: int) -> pa.Array:
        """Return the texts of a column, empty where a row has no such cell."""
        begins, ends = self._begins(position), self._ends(position)
        if not self.records.quoted:
            return self._texts(begins, ends)
        if not self.records.tidy:
            raw = self._texts(begins, ends).to_pylist()
            return pa.array([unquoted(text) for text in raw], type=pa.string())
        quoted = (begins < ends) & (self._buffer[np.minimum(begins, len(self._buffer) - 1)] == QUOTE)
        return pc.replace_substring(self._texts(begins + quoted, ends - quoted), '""', '"')

    def record_batch(self) -> pa.RecordBatch:
        """Return all columns, as text."""
        return pa.RecordBatch.from_arrays([self.column(k) for k in range(len(self.schema))], schema=self.schema)

    def geometry(self) -> None:
        """Return None: a CSV has no geometry."""

    def raw(self, first: int, last: int, delimiter: str) -> pa.Array:
        """Return the raw text of columns `first` to `last` (included), with quotes and delimiters.

        Cells that a row lacks are added as empty ones.
        """
        text = self._texts(self._begins(first), self._ends(last))
        missing = last + 1 - np.maximum(self._counts, first + 1)
        if not (missing > 0).any():
            return text
        padding = pc.binary_repeat(pa.scalar(delimiter), pa.array(np.maximum(missing, 0)))
        return pc.binary_join_element_wise(text, padding, "")

    def surplus(self) -> pa.Array:
        """Return the text of the cells beyond the columns, each with the delimiter before it."""
        return self._texts(self._ends(len(self.schema) - 1), self._record_ends)

    def line_breaks(self) -> pa.Array:
        """Return how each record ends: CR LF, LF, CR, or nothing at the end of the file."""
        return self._texts(self._record_ends, self.records.nexts[self.rows])

    @cached_property
    def _buffer(self) -> NDArray[np.uint8]:
        return np.frombuffer(self.records.data, dtype=np.uint8)

    @property
    def _counts(self) -> Positions:
        return self.records.counts[self.rows]

    @property
    def _record_ends(self) -> Positions:
        return self.records.ends[self.rows]

    def _ends(self, position: int) -> Positions:
        """Return where the cells of a column end; for a missing cell, where its record ends."""
        return self.records.separators[self.records.firsts[self.rows] + np.minimum(position, self._counts - 1)]

    def _begins(self, position: int) -> Positions:
        if position == 0:
            return self.records.starts[self.rows]
        return self._ends(position - 1) + (position < self._counts)

    def _texts(self, begins: Positions, ends: Positions) -> pa.Array:
        """Cut texts out of the data: build an array of alternating texts and gaps, then take the texts."""
        if not len(begins):
            return pa.array([], type=pa.string())
        offsets = np.column_stack([begins, ends]).ravel().astype(np.int32)
        pieces = pa.Array.from_buffers(
            pa.string(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(self.records.data)]
        )
        return pieces.take(pa.array(np.arange(0, len(pieces), 2)))


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
        Bytes read at a time: bounds the memory, and affects nothing but where blocks end.

    Attributes
    ----------
    preamble
        Bytes between the byte order mark and the header: a line ``sep=;``, titles, or nothing. As in the file, or in
        UTF-8 if its encodings are mixed.
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
        self.encoding = find_encoding(path, reading.encoding)
        self._size = path.stat().st_size
        above, told = separator_line(path, self.encoding)
        self._first_line = 2 if above else 1
        if reading.header_row is not None:
            above, self._first_line = lines_above(path, self.encoding, reading.header_row), reading.header_row
        self.preamble = self.encoding.decoder().decode(above, final=True).encode(self.encoding.codec)
        self._begin = len(self.encoding.bom) + len(above)
        self.first_row = self._first_line + 1
        if self._size == self._begin:
            raise FormatError(msg.table_errors.empty_file(path.name))
        self._chunk_bytes = chunk_bytes
        told = told if reading.delimiter is None else reading.delimiter
        self._delimiter = self._find_delimiter() if told is None else _checked(told)
        self.reading = ReadingOptions(self.encoding.name, self._delimiter, header_row=reading.header_row)
        records, _ = next(self._scanned())
        width = int(records.counts[0])
        columns = pa.schema([pa.field("", pa.string())] * width)
        self.header = CsvRowBatch(records, slice(0, 1), columns, -1, 0.0)
        if width == 1 and records.ends[0] == 0:
            if reading.header_row is not None:
                raise HeaderError(msg.table_errors.no_such_header(path.name, reading.header_row))
            raise HeaderError(msg.table_errors.no_header(path.name))
        self.schema = pa.schema([pa.field(self.header.column(k)[0].as_py(), pa.string()) for k in range(width)])

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

    @property
    def delimiter(self) -> str:
        """The delimiter, detected or given."""
        return self._delimiter

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[CsvRowBatch]:
        """Read the table from its start; see `qpv_geo.tables.protocol.Reader.blocks`."""
        start, skip = 0, 1
        for records, shares in self._scanned():
            for first in range(skip, len(records), rows):
                last = min(first + rows, len(records))
                share = shares[0] + (shares[1] - shares[0]) * int(records.nexts[last - 1]) / len(records.data)
                yield CsvRowBatch(records, slice(first, last), self.schema, start, share)
                start += last - first
            skip = 0

    def _scanned(self) -> Iterator[tuple[Records, tuple[float, float]]]:
        """Yield the records of the file, the header first, with the shares of the file read before and after them."""
        left, line, before = b"", self._first_line, 0.0
        for chunk, share in self._chunks():
            records = scan(left + chunk, self._delimiter, final=not chunk)
            self._refuse_mistakes(records, line, final=not chunk)
            if len(records):
                yield records, (before, share)
                line += line_breaks(records.data[: records.consumed])
                before = share
            left = records.data[records.consumed :]

    def _refuse_mistakes(self, records: Records, line: int, *, final: bool) -> None:
        lengths = np.append(records.ends - records.starts, len(records.data) - records.consumed)
        if (lengths > LONGEST_RECORD).any():
            at = np.append(records.starts, records.consumed)[np.argmax(lengths > LONGEST_RECORD)]
            line += line_breaks(records.data[:at])
            raise FormatError(msg.table_errors.record_too_long(self.path.name, line, LONGEST_RECORD))
        if final and len(records):
            cell = max(int(at) for at in (records.starts[-1], *records.separators[-2:-1] + 1))
            opened = QUOTED.match(records.data, cell)
            if opened is not None and not opened[2]:
                line += line_breaks(records.data[:cell])
                raise FormatError(msg.table_errors.unclosed_quote(self.path.name, line))

    def _chunks(self) -> Iterator[tuple[bytes, float]]:
        """Yield the text of the file as UTF-8 with the share read so far, then empty bytes once to mark the end."""
        decoder = self.encoding.decoder()
        plain = self.encoding.codec == "utf-8" and not self.encoding.mixed
        with self.path.open("rb") as file:
            file.seek(self._begin)
            while raw := file.read(self._chunk_bytes):
                text = raw if plain else decoder.decode(raw).encode()
                if text:
                    yield text, file.tell() / self._size
        if left := decoder.decode(b"", final=True).encode():
            yield left, 1.0
        yield b"", 1.0

    def _find_delimiter(self) -> str:
        sample, whole = b"", False
        for chunk, _ in self._chunks():
            sample += chunk
            whole = not chunk
            if whole or len(sample) > _SAMPLE_BYTES:
                break
        return max(DELIMITERS, key=lambda delimiter: _fit(sample[:_SAMPLE_BYTES], delimiter, whole=whole))


def _fit(sample: bytes, delimiter: str, *, whole: bool) -> tuple[float, float, int]:
    """Rate a delimiter: the best one splits most records into as many cells as the header, and more than one."""
    records = scan(sample, delimiter, final=whole) or scan(sample, delimiter, final=True)
    width, filled = int(records.counts[0]), records.ends > records.starts
    counts = records.counts_beyond(width)[1:_SAMPLE_RECORDS][filled[1:_SAMPLE_RECORDS]]
    share = float((counts == width).mean()) if len(counts) else 1.0
    return share * (width > 1), share, width


def _checked(delimiter: str) -> str:
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        raise FormatError(msg.table_errors.bad_delimiter(delimiter))
    return delimiter
