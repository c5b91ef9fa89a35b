"""Find the encoding of a Shapefile's text, which its ``.cpg`` often does not name, or names wrongly.

Text that is valid UTF-8 beyond ASCII is UTF-8, whatever the file declares: French in any other encoding is not.
"""

from __future__ import annotations

import codecs
import struct
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER, _DESCRIPTION = 32, 32
_END = 0x0D
_LANGUAGE = 29
_WINDOWS = {0x00, 0x03, 0x57}
"""Language bytes of a dBase file that say nothing, Windows-1252 or "ANSI"."""


def text_encoding(dbf: bytes, cpg: bytes | None, name: str) -> str | None:
    """Return the encoding to read a Shapefile's text in; None for the one that it declares.

    Parameters
    ----------
    dbf
        Its ``.dbf`` file.
    cpg
        Its ``.cpg`` file, None if it has none.
    name
        Its name, for the message.

    Raises
    ------
    FormatError
        The file declares UTF-8 and its text is not.
    """
    cells = [cell for cell in _cells(dbf) if not cell.isascii()]
    if not cells:
        return None
    if all(_reads(cell, "utf-8") for cell in cells):
        return "utf-8"
    declared = _codec(cpg.decode("latin-1").strip()) if cpg is not None else None
    if declared == "utf-8":
        raise FormatError(msg.errors.not_in_its_encoding(name, "UTF-8"))
    if declared is None and cpg is None and dbf[_LANGUAGE] not in _WINDOWS:
        return None
    if declared not in {None, "iso8859-1", "cp1252"}:
        return None
    # « Œ » and « ’ » of Windows-1252 are control characters in ISO 8859-1, which many programs declare for it
    return "cp1252" if all(_reads(cell, "cp1252") for cell in cells) else "latin-1"


def _codec(declared: str) -> str | None:
    """Return Python's name of an encoding, None if it is unknown."""
    for name in (declared, f"cp{declared}"):
        try:
            "".encode(name)
        except (LookupError, ValueError):
            continue
        return codecs.lookup(name).name
    return None


def _reads(cell: bytes, encoding: str) -> bool:
    try:
        cell.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _cells(dbf: bytes) -> Iterator[bytes]:
    """Yield the names of the columns, and the text cells (dBase III, "C" fields), of a ``.dbf`` file."""
    if len(dbf) < _HEADER:
        return
    start, width = struct.unpack_from("<HH", dbf, 8)
    columns, at = [], 1  # the first byte of a record tells whether it is deleted
    for position in range(_HEADER, min(start, len(dbf)) - 1, _DESCRIPTION):
        if dbf[position] == _END:
            break
        yield dbf[position : position + 11].split(b"\0")[0]
        size = dbf[position + 16]
        if dbf[position + 11 : position + 12] == b"C":
            columns.append((at, at + size))
        at += size
    for record in range(start, len(dbf) - width + 1, max(width, 1)):
        for first, last in columns:
            yield dbf[record + first : record + last].rstrip(b"\0 ")
