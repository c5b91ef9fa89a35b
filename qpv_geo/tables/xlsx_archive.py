"""Check that a file is an XLSX archive that is safe to open, before openpyxl opens it.

An XLSX is a zip of XML parts (ECMA-376, parts 1 and 2). Refused here: a file that is not a zip, an .xls or an encrypted
workbook (both are OLE files), parts that unpack to absurd sizes, parts with a document type (whose entities can expand
without bound; forbidden by ECMA-376 part 2, 8.1.4), and a sheet that is listed but missing, which openpyxl would skip.
"""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.parsers import expat

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_BYTES = 2_000_000_000
_MOST_RATIO = 200
_SMALL = 1_000_000
"""Bytes up to which a part may have any compression ratio."""
_CONTENTS = "[Content_Types].xml"
_SHEET = ".worksheet+xml"
_CHUNK = 65_536
# OSError: a part located before the start of the file; RuntimeError: a part that is encrypted, or compressed by an
# unknown method; LookupError, ValueError: a part in an unknown encoding
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, LookupError, RuntimeError, ValueError, ET.ParseError)


def check_archive(path: Path) -> None:
    """Refuse a file that is not a workbook, or is not safe to open.

    Raises
    ------
    FormatError
        The file is missing, not an XLSX, an .xls, encrypted, incomplete, or built to exhaust its reader.
    """
    if not path.is_file():
        raise FormatError(msg.errors.file_missing(str(path)))
    with path.open("rb") as file:
        if file.read(len(_OLE)) == _OLE:
            raise FormatError(msg.sheet_errors.old_or_locked(path.name))
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive, path.name)
            _check_prologs(archive, path.name)
            _check_sheets(archive, path.name)
    except FormatError:
        raise
    except _UNREADABLE as error:
        raise FormatError(msg.sheet_errors.not_a_workbook(path.name)) from error


def _check_sizes(archive: zipfile.ZipFile, name: str) -> None:
    """Check the declared sizes, which can be trusted: zipfile never unpacks more."""
    total = 0
    for part in archive.infolist():
        total += part.file_size
        too_tight = part.file_size > _SMALL and part.file_size > _MOST_RATIO * part.compress_size
        if too_tight or total > _MOST_BYTES:
            raise FormatError(msg.sheet_errors.too_large(name, part.filename, part.file_size))


def _check_prologs(archive: zipfile.ZipFile, name: str) -> None:
    for part in archive.namelist():
        if _has_doctype(archive, part):
            raise FormatError(msg.sheet_errors.has_doctype(name, part))


def _has_doctype(archive: zipfile.ZipFile, part: str) -> bool:
    """Tell whether a part declares a document type before its root element; one that is not XML does not."""
    seen: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: seen.append("doctype")
    parser.StartElementHandler = lambda *_: seen.append("root")
    with archive.open(part) as file:
        while not seen and (chunk := file.read(_CHUNK)):
            try:
                parser.Parse(chunk)
            except (expat.ExpatError, LookupError, ValueError):
                break
    return seen[:1] == ["doctype"]


def _check_sheets(archive: zipfile.ZipFile, name: str) -> None:
    present = set(archive.namelist())
    for element in ET.fromstring(archive.read(_CONTENTS)):  # noqa: S314 - it has no document type
        part = element.get("PartName", "").removeprefix("/")
        if element.get("ContentType", "").endswith(_SHEET) and part not in present:
            raise FormatError(msg.sheet_errors.missing_sheet_part(name, part))
