"""Locate the records and cells of a CSV without changing its text; see `qpv_geo.tables.csv_reader`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Positions = NDArray[np.int64]

QUOTE = ord('"')
_CR, _LF = b"\r\n"
QUOTED = re.compile(rb'"((?:[^"]++|"")*+)("?)')
"""A quoted cell: its text, and the quotation mark that closes it, if any."""
_QUOTED_TEXT = re.compile(QUOTED.pattern.decode())


@dataclass(frozen=True, eq=False)
class Records:
    """Complete records and the positions of their cells.

    Attributes
    ----------
    data
        UTF-8; may continue after the last complete record.
    separators
        Where each cell ends: the position of a delimiter, of a line break, or the end of `data`.
    stops
        For each record, the position in `separators` of the end of its last cell.
    tidy
        Whether every quotation mark opens or closes a cell, or is doubled within one.
    """

    data: bytes
    separators: Positions
    stops: Positions
    tidy: bool

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.stops)

    @cached_property
    def quoted(self) -> bool:
        """Whether there is any quotation mark."""
        return b'"' in self.data

    @cached_property
    def ends(self) -> Positions:
        """Where each record ends, before its line break."""
        return self.separators[self.stops]

    @cached_property
    def nexts(self) -> Positions:
        """Where each record's line break ends."""
        buffer = np.frombuffer(self.data + b"\0\0", dtype=np.uint8)
        crlf = (buffer[self.ends] == _CR) & (buffer[self.ends + 1] == _LF)
        return np.asarray(np.minimum(self.ends + 1 + crlf, len(self.data)))

    @cached_property
    def starts(self) -> Positions:
        """Where each record starts."""
        return np.concatenate([[0], self.nexts[:-1]]) if len(self) else self.nexts

    @cached_property
    def firsts(self) -> Positions:
        """For each record, the position in `separators` of the end of its first cell."""
        return np.concatenate([[0], self.stops[:-1] + 1]) if len(self) else self.stops

    @cached_property
    def counts(self) -> Positions:
        """Number of cells of each record."""
        return self.stops - self.firsts + 1

    def counts_beyond(self, width: int) -> Positions:
        """Return the number of cells of each record, not counting cells beyond `width` if they are all empty."""
        over = np.maximum(self.counts - width, 0)
        surplus = self.ends - self.separators[self.stops - over]  # bytes: a delimiter for each cell at least
        return np.where((over > 0) & (surplus == over), width, self.counts)

    def cells_beyond(self, record: int, width: int) -> list[str]:
        """Return the texts of a record's cells beyond `width`."""
        ends = self.separators[self.firsts[record] + width - 1 : self.stops[record] + 1].tolist()
        return [unquoted(self.data[ends[k] + 1 : ends[k + 1]].decode()) for k in range(len(ends) - 1)]

    @property
    def consumed(self) -> int:
        """Number of bytes of the complete records."""
        return int(self.nexts[-1]) if len(self) else 0


def scan(data: bytes, delimiter: str, *, final: bool) -> Records:
    """Find the complete records that `data` starts with.

    Parameters
    ----------
    data
        UTF-8, from the start of a record.
    delimiter
        One ASCII character.
    final
        Whether `data` ends the file: any remainder is then a record too.
    """
    separators = _where_tidy(data, delimiter)
    tidy = separators is not None
    if separators is None:
        separators = _exactly(data, delimiter)
    buffer = np.frombuffer(data, dtype=np.uint8)
    if not final and len(separators) and separators[-1] == len(data) - 1 and buffer[-1] == _CR:
        separators = separators[:-1]  # a line feed may follow it
    stops = np.flatnonzero(buffer[separators] != ord(delimiter))
    records = Records(data, separators, stops, tidy)
    if final and records.consumed < len(data):
        separators = np.append(separators, len(data))
        records = Records(data, separators, np.append(stops, len(separators) - 1), tidy)
    return records


def _where_tidy(data: bytes, delimiter: str) -> Positions | None:
    """Return where cells end, or None where a quotation mark stands in the middle of a cell."""
    structural = np.zeros(256, dtype=bool)
    structural[[QUOTE, _CR, _LF, ord(delimiter)]] = True
    buffer = np.frombuffer(data, dtype=np.uint8)
    special = np.flatnonzero(structural[buffer])
    kinds = buffer[special]
    is_quote = kinds == QUOTE
    if is_quote.any():
        quotes = special[is_quote]
        opening, closing = quotes[::2], quotes[1::2]
        before, after = opening[opening > 0] - 1, closing[closing < len(data) - 1] + 1
        if not (structural[buffer[before]].all() and structural[buffer[after]].all()):
            return None
        outside = ~(is_quote | np.logical_xor.accumulate(is_quote))
        special, kinds = special[outside], kinds[outside]
    breaks = np.flatnonzero(kinds == _LF)
    breaks = breaks[special[breaks] > 0]
    return np.delete(special, breaks[buffer[special[breaks] - 1] == _CR])


def _exactly(data: bytes, delimiter: str) -> Positions:
    """Return where cells end, one cell at a time."""
    mark = re.escape(delimiter.encode())
    cell = re.compile(rb"(?:%b)?+[^%b\r\n]*+(\r\n|[%b\r\n]|\Z)" % (QUOTED.pattern, mark, mark))
    found = np.fromiter((match.start(3) for match in cell.finditer(data)), dtype=np.int64)
    return found[found < len(data)]


def unquoted(text: str) -> str:
    """Return the value of a cell from its raw text: remove the quotes around it and undouble those inside."""
    opened = _QUOTED_TEXT.match(text)
    return text if opened is None else opened[1].replace('""', '"') + text[opened.end() :]
