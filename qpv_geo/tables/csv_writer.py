"""Write a CSV: the unchanged text of a source CSV with extra columns, or any other table as text."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qpv_geo.tables.csv_reader import CsvReader, CsvRowBatch
from qpv_geo.tables.encoding import Encoding
from qpv_geo.tables.plain import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from qpv_geo.tables.protocol import AddedColumns, Reader, RowBatch, Sheet

_SPREADSHEET = (Encoding("utf-8", b"\xef\xbb\xbf"), ";", "\r\n")
"""Encoding, delimiter and line break that French spreadsheet programs open without asking."""
_ROWS = 4096
"""Rows of a table other than a CSV converted to text at once: even with heavy geometries, they must fit in 2 GB."""
_NEAREST = {"\u202f": "\u00a0", "\u2009": "\u00a0", "’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"'}
_NEAREST |= {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "–": "-", "—": "-", "−": "-", "€": "EUR"}


class CsvWriter:
    """A CSV file to write; see `qpv_geo.tables.protocol.Writer`.

    A source CSV keeps its text, encoding, delimiter and line breaks (a file of mixed encodings becomes UTF-8); the
    extra columns come after its own, then any cells beyond its header. Any other table is written as UTF-8 with a byte
    order mark, semicolons and CR LF.

    Other values are quoted only where needed; numbers have a decimal point and no exponent, null is empty. A character
    that the encoding lacks is replaced by the nearest one that it has, or by a question mark.
    """

    def __init__(self, path: Path, source: Reader, extra: AddedColumns) -> None:
        self._encoding, self._delimiter, line_break = _SPREADSHEET
        kept = [k for k in range(len(source.schema)) if k not in extra.dropped]
        if isinstance(source, CsvReader):
            self._encoding, self._delimiter = source.encoding, source.delimiter
        self._kept = kept
        self._runs = list(_runs(kept))
        self._line_break = line_break
        self._file = path.open("wb")
        self._file.write(self._encoding.bom)
        if isinstance(source, CsvReader):
            self._file.write(source.preamble)
        names = [pa.array([name], pa.string()) for name in extra.schema.names]
        if isinstance(source, CsvReader):
            self._write_beside(source.header, names)
        else:
            self._write_rows([*(pa.array([source.schema.names[k]], pa.string()) for k in kept), *names])

    def write(self, block: RowBatch, extra: pa.RecordBatch) -> None:
        """Write rows with their extra columns."""
        if isinstance(block, CsvRowBatch):
            self._write_beside(block, extra.columns)
            return
        batch = block.record_batch()
        columns = [*(batch.column(k) for k in self._kept), *extra.columns]
        for first in range(0, len(block), _ROWS):
            self._write_rows([column.slice(first, _ROWS) for column in columns])

    def finish(self, sheets: Sequence[Sheet] = ()) -> None:  # noqa: ARG002 - a CSV has no sheets
        """Close the file."""
        self._file.close()

    def abort(self) -> None:
        """Close the file."""
        with suppress(OSError):  # closing flushes the buffer, which fails on a full disk
            self._file.close()

    def _write_beside(self, block: CsvRowBatch, columns: Sequence[pa.Array]) -> None:
        kept = [block.raw(first, last, self._delimiter) for first, last in self._runs]
        self._write_cells([*kept, *map(self._cells, columns)], block.surplus(), block.line_breaks())

    def _write_rows(self, columns: Sequence[pa.Array]) -> None:
        self._write_cells([self._cells(column) for column in columns], self._line_break)

    def _write_cells(self, cells: Sequence[pa.Array], *after: pa.Array | str) -> None:
        row = pc.binary_join_element_wise(*cells, self._delimiter) if cells else ""
        text = _content(pc.binary_join_element_wise(row, *after, ""))
        plain = self._encoding.codec == "utf-8"
        self._file.write(text if plain else text.decode().encode(self._encoding.codec))

    def _cells(self, values: pa.Array) -> pa.Array:
        """Return values as the text of cells, quoted where needed."""
        text = representable(as_text(values).fill_null(""), self._encoding.codec)
        content, marks = _content(text), f'"\r\n{self._delimiter}'
        if not any(mark in content for mark in marks.encode()):
            return text
        special = pc.match_substring_regex(text, f"[{re.escape(marks)}]")
        quoted = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
        return pc.if_else(special, quoted, text)


def _content(text: pa.Array) -> bytes:
    """Concatenate the texts of an array that has no nulls, as UTF-8."""
    _, offsets, content = text.buffers()
    if not len(text) or content is None:
        return b""
    bounds = np.frombuffer(offsets, dtype=np.int32)
    return bytes(memoryview(content)[bounds[text.offset] : bounds[text.offset + len(text)]])


def _runs(positions: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of consecutive positions."""
    for _, pairs in groupby(enumerate(positions), key=lambda pair: pair[1] - pair[0]):
        run = [position for _, position in pairs]
        yield run[0], run[-1]


def representable(text: pa.Array, codec: str) -> pa.Array:
    """Replace the characters that an encoding lacks by the nearest ones it has, or by question marks."""
    used = "" if codec.startswith("utf-") else _content(text).decode()
    if _encodes(used, codec):
        return text
    for character in sorted(set(used)):
        if not _encodes(character, codec):
            text = pc.replace_substring(text, character, _nearest(character, codec))
    return text


def _nearest(character: str, codec: str) -> str:
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    return next(text for text in (_NEAREST.get(character), plain, "?") if text and _encodes(text, codec))


def _encodes(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def as_text(values: pa.Array) -> pa.Array:
    """Return values of any type as text.

    Numbers have their shortest form without exponent (NaN is null), dates are ISO 8601, booleans ``true`` and
    ``false``, bytes hexadecimal, and nested values JSON.
    """
    if isinstance(values.type, pa.BaseExtensionType):
        values = values.storage
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    kind, types = values.type, pa.types
    if types.is_nested(kind):
        return _each(json_text, values)
    if "binary" in str(kind):
        return _each(bytes.hex, values)
    if types.is_floating(kind):
        values = pc.if_else(pc.is_nan(values), None, values)
    text = values.cast(pa.string())
    if types.is_timestamp(kind):
        return pc.replace_substring_regex(text, r"\.0+([+-]|Z|$)", r"\1")
    numbers = types.is_floating(kind) or types.is_decimal(kind)
    if numbers and pc.any(pc.match_substring(text, "e", ignore_case=True)).as_py():
        return _each(lambda number: format(Decimal(number), "f"), text)
    return text


def _each(write: Callable[[Any], str], values: pa.Array) -> pa.Array:
    return pa.array([None if value is None else write(value) for value in values.to_pylist()], pa.string())
