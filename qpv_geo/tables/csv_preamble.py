"""Lines before the header of a CSV: Excel's delimiter line ``sep=;``, or titles."""

from __future__ import annotations

import io
import re
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.csv_records import LONGEST_RECORD, parsed
from qpv_geo.tables.encoding import find_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qpv_geo.tables.encoding import Encoding
    from qpv_geo.tables.protocol import ReadingOptions

DELIMITERS = ";\t|,"
"""Delimiters tried; on a tie, the first wins. The comma is last because text is likeliest to contain it."""
_SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n])"?[\r\n]+', re.ASCII | re.IGNORECASE)
_LOOKED_AT = 1 << 16
"""Characters searched for the header."""


def opened(path: Path, encoding: Encoding) -> io.TextIOWrapper:
    """Open the text after the byte order mark, with its line breaks as they are."""
    file = path.open("rb")
    file.seek(len(encoding.bom))
    return io.TextIOWrapper(file, encoding.codec, encoding.errors, newline="")


def preamble(path: Path, encoding: Encoding, header_row: int | None) -> tuple[list[str], str | None]:
    """Return the lines above the header, and the delimiter that a first line ``sep=;`` gives, if any.

    Raises
    ------
    FormatError
        `header_row` is below 1, or the file has fewer lines.
    """
    with opened(path, encoding) as text:
        first = text.readline(LONGEST_RECORD)
        found = _SEPARATOR_LINE.fullmatch(first)
        above = int(found is not None) if header_row is None else header_row - 1
        following = iter(partial(text.readline, LONGEST_RECORD), "")
        lines = [line for line in islice(chain([first], following), max(above, 0)) if line]
    if header_row is not None and not 0 <= above == len(lines):
        raise FormatError(msg.table_errors.no_such_header(path.name, header_row))
    return lines, None if found is None else found[1]


def top_lines(path: Path, reading: ReadingOptions, most: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and cells of each of the first `most` lines, once for each possible delimiter."""
    with opened(path, find_encoding(path, reading.encoding)) as text:
        lines = list(io.StringIO(text.read(_LOOKED_AT), newline=""))
    for number in range(min(most, len(lines))):
        for delimiter in reading.delimiter or DELIMITERS:
            yield number + 1, next(parsed(lines[number:], delimiter), [])
