"""Split a CSV into records with Python's `csv`, keeping the text of each; see `qpv_geo.tables.csv_reader`."""

from __future__ import annotations

import csv
import io
import re
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.encoding import line_breaks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

LONGEST_RECORD = 16 << 20
"""Longest record accepted, in characters: a longer one is an endless line or an unclosed quotation mark."""


class CsvRecords(NamedTuple):
    """Consecutive records: their texts in the file, with their line breaks, and their cells (none for a blank line)."""

    texts: list[str]
    cells: list[list[str]]


def parsed(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Parse lines with `csv`, accepting cells as long as a record."""
    with _LONG_CELLS:
        yield from csv.reader(lines, delimiter=delimiter)


class _LongCells:
    """Raises the limit of `csv` on the length of a cell while some table is read, and only then.

    The limit is common to the whole process, and other readers rely on it: in an address file, it ends the cell of a
    quotation mark that is never closed, which would swallow the rows below.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._readers, self._former = 0, csv.field_size_limit()

    def __enter__(self) -> None:
        with self._lock:
            if not self._readers:
                self._former = csv.field_size_limit(LONGEST_RECORD)
            self._readers += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._readers -= 1
            if not self._readers:
                csv.field_size_limit(self._former)


_LONG_CELLS = _LongCells()


class Lines:
    """The lines of a text, opened without translation of its line breaks; those given last can be taken back.

    Parameters
    ----------
    name, number
        Name of the file and number of the next line, for errors.
    first
        Lines already read from the stream, to give first; if there are any, no more is read than the last record needs.

    Attributes
    ----------
    number
        Number of the line after those taken.
    ended
        Whether a line was asked for after the last one.
    """

    def __init__(self, stream: TextIO, name: str, number: int, first: str = "") -> None:
        self.ended, self.number = False, number
        self._stream, self._name = stream, name
        self._first, self._is_part = io.StringIO(first, newline=""), bool(first)
        self._held: list[str] = []

    def __iter__(self) -> Iterator[str]:
        """Yield the lines; `FormatError` if those not taken back are too long to be one record."""
        size = 0
        while line := self._first.readline(LONGEST_RECORD + 1) or self._next():
            size = len(line) + (size if self._held else 0)
            if size > LONGEST_RECORD:
                raise FormatError(msg.table_errors.record_too_long(self._name, self.number, LONGEST_RECORD))
            self._held.append(line)
            yield line
        self.ended = bool(self._held) or not self._is_part

    def _next(self) -> str:
        """Return the next line of the stream, unless the first ones were wanted and make whole records."""
        return "" if self._is_part and not self._held else self._stream.readline(LONGEST_RECORD + 1)

    def take(self, cells: Sequence[str]) -> str:
        """Return the text of the lines given since the last call: a record, with these cells.

        Raises
        ------
        FormatError
            The text ended within the record: a quotation mark is never closed; the message gives the line.
        """
        if self.ended:
            line = self.number + sum(map(line_breaks, cells[:-1]))
            raise FormatError(msg.table_errors.unclosed_quote(self._name, line))
        text = "".join(self._held)
        self.number += len(self._held)
        self._held.clear()
        return text


def raw_cells(text: str, delimiter: str) -> list[str]:
    """Return the texts of a record's cells, with their quotes; `text` has no line break at its end."""
    mark = re.escape(delimiter)
    return re.findall(rf'((?:"(?:[^"]++|"")*+")?+[^{mark}]*+){mark}', text + delimiter)
