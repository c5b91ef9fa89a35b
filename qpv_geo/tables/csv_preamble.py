"""The line ``sep=;`` before the header of a CSV, by which Excel is told the delimiter; it is no part of the table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from qpv_geo.tables.encoding import Encoding

_LINE = re.compile(r'"?sep=([^"\r\n])"?(?:\r\n|\r|\n)', re.ASCII | re.IGNORECASE)
_LONGEST = 64
"""Bytes, more than such a line has in any encoding."""


def separator_line(path: Path, encoding: Encoding) -> tuple[bytes, str | None]:
    """Return that line as it is in the file, and the delimiter that it tells; nothing and None where there is none."""
    with path.open("rb") as file:
        file.seek(len(encoding.bom))
        start = file.read(_LONGEST).decode(encoding.codec, errors="ignore")
    found = _LINE.match(start)
    return (b"", None) if found is None else (found[0].encode(encoding.codec), found[1])
