"""Read at once the lines of a CSV that are each one record with as many cells as the header, as nearly all are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_CELLS = 500
"""Beyond this, the pattern of a line is too large."""
_LF = 10


@dataclass(eq=False)
class PlainRowBatch:
    """Consecutive plain lines, as rows; see `qpv_geo.tables.protocol.RowBatch`.

    Attributes
    ----------
    lines
        The text of each line, with its line break.
    cells
        The text of its cells: a column for each of the header.
    """

    lines: pa.StringArray
    cells: pa.Table
    schema: pa.Schema
    start: int
    share_read: float
    faults: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lines)

    def column(self, position: int) -> pa.Array:
        """Return the texts of a column."""
        return self.cells.column(position).combine_chunks()

    def record_batch(self) -> pa.RecordBatch:
        """Return all columns, as text."""
        return pa.RecordBatch.from_arrays([self.column(k) for k in range(len(self.schema))], schema=self.schema)

    def geometry(self) -> None:
        """Return None: a CSV has no geometry."""


def plain_lines(text: str, width: int, delimiter: str) -> pa.StringArray | None:
    """Return the lines of a text, or None if some line is not plain.

    A cell of a plain line is quoted as a whole, or has no quotation mark: whatever reads CSV finds the same cells.

    Parameters
    ----------
    text
        Whole lines, the last one included.
    width
        Number of cells of a plain line.
    """
    if width > _MOST_CELLS or text.startswith("\ufeff"):  # which pyarrow would skip
        return None
    content = text.encode()
    ends = np.flatnonzero(np.frombuffer(content, np.uint8) == _LF) + 1
    if not len(ends) or ends[-1] != len(content):
        return None
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    lines = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(content))
    mark = re.escape(delimiter)
    cell, line_break = rf'(?:"(?:[^"\r\n]|"")*"|[^"{mark}\r\n]*)', "\r\n" if "\r" in text else "\n"
    blank = len(line_break) == pc.min(pc.binary_length(lines)).as_py()
    pattern = f"^{cell}(?:{mark}{cell}){{{width - 1}}}{line_break}$"
    return lines if not blank and pc.all(pc.match_substring_regex(lines, pattern)).as_py() else None


def cells_of(lines: pa.StringArray, width: int, delimiter: str) -> pa.Table:
    """Return the cells of plain lines, as text."""
    names, content = [str(k) for k in range(width)], text_of(lines)
    return pyarrow.csv.read_csv(
        pa.BufferReader(content),
        pyarrow.csv.ReadOptions(use_threads=False, block_size=len(content) + 1, column_names=names),
        pyarrow.csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False),
        pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), check_utf8=False),
    ).combine_chunks()


def text_of(lines: pa.StringArray) -> bytes:
    """Concatenate the texts of an array that has no nulls, as UTF-8."""
    _, offsets, content = lines.buffers()
    if not len(lines) or content is None:
        return b""
    bounds = np.frombuffer(offsets, dtype=np.int32)
    return bytes(memoryview(content)[bounds[lines.offset] : bounds[lines.offset + len(lines)]])
