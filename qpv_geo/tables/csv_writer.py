"""Write a CSV: the unchanged text of a source CSV with extra columns, or any other table as text."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from qpv_geo.tables.csv_plain import PlainRowBatch, text_of
from qpv_geo.tables.csv_reader import CsvReader, CsvRowBatch
from qpv_geo.tables.csv_records import raw_cells
from qpv_geo.tables.encoding import Encoding
from qpv_geo.tables.plain import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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

    Other values are quoted only where needed, and null is empty. Numbers have no exponent, and a decimal point; beside
    a source CSV whose first rows have more decimal commas than points, they have a decimal comma. A character
    that the encoding lacks is replaced by the nearest one that it has, or by a question mark.
    """

    def __init__(self, path: Path, source: Reader, extra: AddedColumns) -> None:
        self._encoding, self._delimiter, self._line_break = _SPREADSHEET
        self._width = len(source.schema)
        self._kept = [k for k in range(self._width) if k not in extra.dropped]
        if isinstance(source, CsvReader):
            self._encoding, self._delimiter = source.encoding, source.delimiter
        self._decimal: str | None = None
        self._file = path.open("wb")
        self._file.write(self._encoding.bom)
        names = [pa.array([name], pa.string()) for name in extra.schema.names]
        if isinstance(source, CsvReader):
            self._file.write(source.preamble.encode(self._encoding.codec))
            self._write_beside(CsvRowBatch(source.header, source.schema, -1, 0.0), names)
        else:
            self._write_rows([*(pa.array([source.schema.names[k]], pa.string()) for k in self._kept), *names])

    def write(self, block: RowBatch, extra: pa.RecordBatch) -> None:
        """Write rows with their extra columns."""
        if self._decimal is None:
            self._decimal = _decimal_mark(block, self._delimiter)
        if isinstance(block, CsvRowBatch):
            self._write_beside(block, extra.columns)
            return
        if isinstance(block, PlainRowBatch):
            self._write_beside_lines(block, extra.columns)
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
        """Write records with cells added after their columns, which are completed where some are missing."""
        lines, delimiter = [], self._delimiter
        for row, (record, cells, added) in enumerate(
            zip(block.texts, block.cells, self._joined(columns).to_pylist(), strict=True)
        ):
            text = record.rstrip("\r\n")
            line_break = record[len(text) :]
            if row in block.missing:
                text += delimiter * block.missing[row]
            if len(cells) == self._width == len(self._kept):
                lines.append(f"{text}{delimiter}{added}{line_break}")
            else:
                raw = raw_cells(text, delimiter)
                lines.append(delimiter.join([*(raw[k] for k in self._kept), added, *raw[self._width :]]) + line_break)
        self._file.write("".join(lines).encode(self._encoding.codec))

    def _write_beside_lines(self, block: PlainRowBatch, columns: Sequence[pa.Array]) -> None:
        """Write lines with cells added at their end."""
        lines = pc.ascii_rtrim(block.lines, "\r\n")
        if len(self._kept) < self._width:
            raw = (raw_cells(line, self._delimiter) for line in lines.to_pylist())
            lines = pa.array([self._delimiter.join([cells[k] for k in self._kept]) for cells in raw], pa.string())
        line_break = "\r\n" if block.lines[0].as_py().endswith("\r\n") else "\n"
        self._write_lines([*([lines] if self._kept else []), *map(self._cells, columns)], line_break)

    def _write_rows(self, columns: Sequence[pa.Array]) -> None:
        self._write_lines([*map(self._cells, columns)], self._line_break)

    def _write_lines(self, parts: Sequence[pa.Array], line_break: str) -> None:
        """Write lines made of parts that need no more quotes."""
        between = [text for part in parts for text in (part, self._delimiter)]
        content = text_of(pc.binary_join_element_wise(*between[:-1], line_break, ""))
        codec = self._encoding.codec
        self._file.write(content if codec == "utf-8" else content.decode().encode(codec))

    def _joined(self, columns: Sequence[pa.Array]) -> pa.Array:
        """Return the text of each row of some columns."""
        return pc.binary_join_element_wise(*map(self._cells, columns), self._delimiter)

    def _cells(self, values: pa.Array) -> pa.Array:
        """Return values as the text of cells, quoted where needed."""
        text = representable(as_text(values).fill_null(""), self._encoding.codec)
        if self._decimal == "," and pa.types.is_floating(values.type):
            text = pc.replace_substring(text, ".", ",")
        content, marks = text_of(text), f'"\r\n{self._delimiter}'
        if not any(mark in content for mark in marks.encode()):
            return text
        special = pc.match_substring_regex(text, f"[{re.escape(marks)}]")
        doubled = pc.replace_substring(text, '"', '""') if b'"' in content else text
        quoted = pc.binary_join_element_wise('"', doubled, '"', "")
        return pc.if_else(special, quoted, text)


def _decimal_mark(block: RowBatch, delimiter: str) -> str:
    """Return the mark that most decimal numbers of a block of a CSV have."""
    if delimiter == "," or not isinstance(block, CsvRowBatch | PlainRowBatch):
        return "."
    lines = block.texts[:_ROWS] if isinstance(block, CsvRowBatch) else block.lines.slice(0, _ROWS).to_pylist()
    ends = f'{re.escape(delimiter)}"\r\n'
    found = re.findall(rf"(?:^|(?<=[{ends}]))[-+]?[0-9]+([.,])[0-9]+(?=[{ends}]|$)", "\n".join(lines), re.MULTILINE)
    return "," if found.count(",") > found.count(".") else "."


def representable(text: pa.Array, codec: str) -> pa.Array:
    """Replace the characters that an encoding lacks by the nearest ones it has, or by question marks."""
    used = "" if codec.startswith("utf-") else text_of(text).decode()
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
