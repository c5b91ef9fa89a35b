"""Lines before the header of a CSV: Excel's delimiter line ``sep=;``, or titles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.csv_records import scan, unquoted
from qpv_geo.tables.encoding import find_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qpv_geo.tables.encoding import Encoding
    from qpv_geo.tables.protocol import ReadingOptions

DELIMITERS = ";\t|,"
"""Delimiters tried; on a tie, the first wins. The comma is last because text is likeliest to contain it."""
_LINE = re.compile(r'"?sep=([^"\r\n])"?(?:\r\n|\r|\n)', re.ASCII | re.IGNORECASE)
_BREAK = re.compile(r"\r\n|\r|\n")
_LONGEST = 64
"""Bytes: more than a line ``sep=;`` takes in any encoding."""
_LOOKED_AT = 1 << 16
"""Bytes searched for the header and the lines above it."""


def separator_line(path: Path, encoding: Encoding) -> tuple[bytes, str | None]:
    """Return the raw ``sep=;`` line and its delimiter; empty bytes and None if there is no such line."""
    found = _LINE.match(_start(path, encoding, _LONGEST))
    return (b"", None) if found is None else (found[0].encode(_exact(encoding)), found[1])


def lines_above(path: Path, encoding: Encoding, header_row: int) -> bytes:
    """Return the raw lines above the header.

    Raises
    ------
    FormatError
        `header_row` is below 1, or the file has no such line in its first 64 KiB.
    """
    start, end = _start(path, encoding, _LOOKED_AT), 0
    for _ in range(header_row - 1):
        found = _BREAK.search(start, end)
        if found is None:
            raise FormatError(msg.table_errors.no_such_header(path.name, header_row))
        end = found.end()
    if header_row < 1 or not start[end:]:
        raise FormatError(msg.table_errors.no_such_header(path.name, header_row))
    return start[:end].encode(_exact(encoding))


def top_lines(path: Path, reading: ReadingOptions, most: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and cells of each of the first `most` lines, once for each possible delimiter."""
    with path.open("rb") as file:
        encoding = find_encoding(path, reading.encoding)
        file.seek(len(encoding.bom))
        start, begin = encoding.decoder().decode(file.read(_LOOKED_AT)), 0
    for number in range(1, most + 1):
        for delimiter in DELIMITERS if reading.delimiter is None else reading.delimiter:
            yield number, _first_record(start[begin:].encode(), delimiter)
        found = _BREAK.search(start, begin)
        if found is None:
            return
        begin = found.end()


def _first_record(text: bytes, delimiter: str) -> list[str]:
    records = scan(text, delimiter, final=True)
    if not len(records):
        return []
    ends = records.separators[: records.stops[0] + 1].tolist()
    return [
        unquoted(text[begin:end].decode()) for begin, end in zip([0, *(end + 1 for end in ends)], ends, strict=False)
    ]


def _start(path: Path, encoding: Encoding, size: int) -> str:
    """Decode the first bytes after the byte order mark; as Latin-1 if encodings are mixed, so that no byte is lost."""
    with path.open("rb") as file:
        file.seek(len(encoding.bom))
        return file.read(size).decode(_exact(encoding), errors="ignore")


def _exact(encoding: Encoding) -> str:
    return "latin-1" if encoding.mixed else encoding.codec
