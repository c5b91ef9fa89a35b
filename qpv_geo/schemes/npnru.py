"""Which perimeters have an urban renewal convention (NPNRU), from which day, by the lists at hand.

The shipped list holds what is published of the shipped perimeters; ``QPV_GEO_HOME/npnru.csv`` adds to it. A perimeter
that is in neither may have a convention all the same: a list never says no.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.files import write_whole
from qpv_geo.resources import data_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qpv_geo.untyped import AnyValue

FILE = "npnru.csv"
COLUMNS = ("code_qp", "level", "convention", "source")
_LEVELS = frozenset({"national", "regional", "unknown"})
_CODE = re.compile(r"QN[0-9AB]{3}\d{2}[A-Z]|QP[0-9AB]{3}\d{3}")
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True)
class Convention:
    """The renewal convention of a perimeter.

    Attributes
    ----------
    level
        ``national`` or ``regional`` interest.
    signed_on
        Day of the convention; the last one of its month where only the month is published.
    source
        Where that was read, and when.
    """

    code: str
    level: str
    signed_on: date
    source: str


@dataclass(frozen=True, eq=False)
class Conventions:
    """Conventions signed by a day, by code of perimeter, and a hash of the lists they are from."""

    signed: Mapping[str, Convention]
    sha256: str

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of the perimeters with a convention."""
        return frozenset(self.signed)


def conventions(home: Path, day: date) -> Conventions:
    """Return the conventions signed by a day.

    Raises
    ------
    FormatError
        The list of the home is not one.
    """
    known, sha256 = _read(tuple((path, _stamp(path)) for path in lists(home)))
    return Conventions({one.code: one for one in known if one.signed_on <= day}, sha256)


def lists(home: Path) -> list[Path]:
    """Return the lists at hand: the shipped one, then that of the home if any."""
    return [path for path in (data_folder() / FILE, home / FILE) if path.is_file()]


def import_list(path: Path, home: Path) -> int:
    """Keep a list of conventions in the home, in place of the former one; return how many it has.

    A list is a CSV in UTF-8, with commas or semicolons, and the columns ``code_qp, level, convention, source``.

    Raises
    ------
    FormatError
        It is not one: a column is missing, or a row is wrong, and the message gives its line. The former list stays.
    """
    content = _content(path)
    found = _parsed(content, path)
    home.mkdir(parents=True, exist_ok=True)
    write_whole(home / FILE, content)
    return len(found)


def _stamp(path: Path) -> tuple[int, int, int]:
    """Return what changes when a file does."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size


@lru_cache(maxsize=4)
def _read(stamped: tuple[tuple[Path, tuple[int, int, int]], ...]) -> tuple[tuple[Convention, ...], str]:
    """Return the conventions of some lists, and the hash of their contents; they are read once until one changes."""
    contents = [(path, _content(path)) for path, _ in stamped]
    known = tuple(one for path, content in contents for one in _parsed(content, path))
    return known, hashlib.sha256(b"\0".join(content for _, content in contents)).hexdigest()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise FormatError(msg.errors.file_missing(str(path))) from error
    except OSError as error:
        raise FormatError(msg.npnru.unreadable(str(path))) from error


def _parsed(content: bytes, path: Path) -> list[Convention]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(msg.npnru.unreadable(str(path))) from error
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise FormatError(msg.npnru.columns(path.name, missing, COLUMNS))
        return [_convention(row, path.name, rows.line_num) for row in rows]
    except csv.Error as error:
        raise FormatError(msg.npnru.unreadable(str(path))) from error


def _convention(row: dict[str | None, AnyValue], name: str, line: int) -> Convention:
    code, level, told = (" ".join((row[key] or "").split()) for key in COLUMNS[:3])
    signed_on = _day(told)
    wrong = None
    if not _CODE.fullmatch(code):
        wrong = "code_qp", code
    elif level not in _LEVELS:
        wrong = "level", level
    elif signed_on is None:
        wrong = "convention", told
    elif row.get(None):  # a delimiter in a source that is not quoted: the end of the source would be lost
        wrong = "source", str(row["source"])
    if wrong is not None or signed_on is None:
        raise FormatError(msg.npnru.row(name, line, *(wrong or ("convention", told))))
    return Convention(code, level, signed_on, row["source"] or "")


def _day(told: str) -> date | None:
    try:
        if month := _MONTH.fullmatch(told):
            first = date(int(month[1]), int(month[2]), 1)
            return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return date.fromisoformat(told)
    except ValueError:
        return None
