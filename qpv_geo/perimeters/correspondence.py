"""The official correspondence between the codes of 2015 and of 2024, and the quartiers followed through it.

The shipped table holds the shipped perimeters; ``QPV_GEO_HOME/correspondence-2015-2024.csv``, if imported, holds the
nation and decides for the codes it names.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.files import file_state, write_whole
from qpv_geo.messages.typography import enumerated
from qpv_geo.perimeters.registry import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

FILE = "correspondence-2015-2024.csv"
EARLIER, LATER = "qpv-2015", "qpv-2024"

_AFTER_COLUMN, _BEFORE_COLUMN = "qp2024", "qp2015_1"
_BEFORE_COLUMNS = re.compile(r"qp2015_\d+")
_NO_CODE = {"-", "NA"}
_WRAPPED = re.compile(r'="?(.*?)"?')
_BYTES_OF_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class FollowedQuartier:
    """A quartier followed from one generation to the next: every code that the correspondence links, once.

    Attributes
    ----------
    name
        Labels of its later quartiers, or of the earlier ones if it has no later one.
    before, after
        Its codes of 2015 and of 2024, in order; a quartier that entered has none before, one that left none after.
    known
        Whether the correspondence names it; if not, its other codes are unknown.
    """

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    known: bool = True

    @property
    def code(self) -> str:
        """Return its later codes as one text, or its earlier ones if it has no later one; no other has the same."""
        return "+".join(self.after or self.before)


@dataclass(frozen=True, eq=False)
class Correspondence:
    """Later codes, and the earlier codes that each succeeds.

    Attributes
    ----------
    links
        Earlier codes by later code; none for a quartier that is new.
    labels
        Label of each code, as far as the table gives it.
    """

    links: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]

    @cached_property
    def heirs(self) -> dict[str, tuple[str, ...]]:
        """The later codes that succeed each earlier code."""
        found: dict[str, list[str]] = {}
        for after, befores in self.links.items():
            for before in befores:
                found.setdefault(before, []).append(after)
        return {before: tuple(afters) for before, afters in found.items()}

    def linked(self, code: str) -> tuple[str, ...]:
        """Return the codes linked to a code: those it succeeds, then its successors."""
        return tuple(dict.fromkeys((*self.links.get(code, ()), *self.heirs.get(code, ()))))

    def followed(self, code: str) -> FollowedQuartier:
        """Return the followed quartier of a code. Each code is of one only: nothing is counted twice."""
        found = self._followed.get(code)
        if found is not None:
            return found
        is_later = re.match(registry().generations[LATER].code_pattern, code) is not None
        return FollowedQuartier(code, () if is_later else (code,), (code,) if is_later else (), known=False)

    @cached_property
    def _followed(self) -> dict[str, FollowedQuartier]:
        """The followed quartier of every code: connected codes are together, whatever was split or merged."""
        found: dict[str, FollowedQuartier] = {}
        for start in (*self.links, *self.heirs):
            if start in found:
                continue
            reached = {start: None}
            waiting = [start]
            while waiting:
                for code in self.linked(waiting.pop()):
                    if code not in reached:
                        reached[code] = None
                        waiting.append(code)
            after = tuple(sorted(code for code in reached if code in self.links))
            before = tuple(sorted(code for code in reached if code not in self.links))
            names = dict.fromkeys(self.labels.get(code) or code for code in after or before)
            one = FollowedQuartier(enumerated(list(names)), before, after)
            found |= dict.fromkeys(reached, one)
        return found


def correspondence_at_hand(home: Path) -> Correspondence:
    """Return the imported correspondence, completed by the shipped one for the codes it does not name.

    Raises
    ------
    FormatError
        The imported table was changed into something else.
    """
    paths = [path for path in (registry().correspondence, home / FILE) if path is not None and path.is_file()]
    return _read_all(tuple((path, _stamp(path)) for path in paths))


def shipped_correspondence() -> Correspondence:
    """Return the shipped correspondence."""
    path = registry().correspondence
    return _read_all(((path, _stamp(path)),)) if path is not None else Correspondence({}, {})


def correspondence_state(home: Path) -> object:
    """Return a value that changes when the imported correspondence does."""
    return file_state(f"{home}/{FILE}")


def import_correspondence(path: Path, home: Path) -> Correspondence:
    """Keep a correspondence in the home, in place of the former one, and return it.

    Raises
    ------
    FormatError
        See `read_correspondence`; the former one stays.
    """
    text = _text(path)
    found = _parsed(text, path.name)
    home.mkdir(parents=True, exist_ok=True)
    write_whole(home / FILE, text.encode())
    return found


def read_correspondence(path: Path) -> dict[str, tuple[str, ...]]:
    """Read the official correspondence of codes: each code of 2024, and those of 2015 that it succeeds.

    Parameters
    ----------
    path
        CSV separated by commas or semicolons, in UTF-8 with or without its mark, UTF-16 or Windows-1252, with columns
        ``qp2024`` and ``qp2015_1``, then ``qp2015_2`` and so on where quartiers were merged, whatever their case. Codes
        may be wrapped as ``="..."``. Rows without a code of 2024 are skipped.
        Source: ANCT, "Liste de correspondance QP2024 - QP2015", data.gouv.fr.

    Raises
    ------
    FormatError
        The file is missing, is not such a table, has no rows, or has a code that does not match its generation.
    """
    return dict(_parsed(_text(path), path.name).links)


@lru_cache(maxsize=4)
def _read_all(stamped: tuple[tuple[Path, tuple[int, ...]], ...]) -> Correspondence:
    """Return several tables as one; the last one decides. They are read once until one changes."""
    links: dict[str, tuple[str, ...]] = {}
    labels: dict[str, str] = {}
    for path, _ in stamped:
        found = _parsed(_text(path), path.name)
        links |= found.links
        labels |= found.labels
    return Correspondence(links, labels)


def _stamp(path: Path) -> tuple[int, ...]:
    """Return what changes when a file does."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size


def _text(path: Path) -> str:
    if not path.is_file():
        raise FormatError(msg.errors.file_missing(str(path)))
    content = path.read_bytes()
    encodings = ("utf-16",) if content.startswith(_BYTES_OF_UTF16) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FormatError(msg.perimeter_errors.correspondence_unreadable(path.name))


def _parsed(text: str, name: str) -> Correspondence:
    links: dict[str, tuple[str, ...]] = {}
    labels: dict[str, str] = {}
    try:
        for after, befores, named in _rows(text, name):
            links[after] = tuple(dict.fromkeys((*links.get(after, ()), *befores)))
            labels |= named
    except csv.Error as error:
        raise FormatError(msg.perimeter_errors.correspondence_unreadable(name)) from error
    if not links:
        raise FormatError(msg.perimeter_errors.correspondence_empty(name))
    return Correspondence(links, labels)


def _rows(text: str, name: str) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """Yield each code of 2024, those of 2015 on its line, checked against their generation, and their labels."""
    stream = io.StringIO(text, newline="")
    header = stream.readline()
    columns = [column.strip(' "\r\n').lower() for column in re.split("[,;]", header)]
    missing = [column for column in (_AFTER_COLUMN, _BEFORE_COLUMN) if column not in columns]
    if missing:
        raise FormatError(
            msg.perimeter_errors.not_a_correspondence(name, missing, [column for column in columns if column])
        )
    wanted = [_AFTER_COLUMN, *(column for column in columns if _BEFORE_COLUMNS.fullmatch(column))]
    reader = csv.DictReader(stream, columns, restval="", delimiter=";" if ";" in header else ",")
    for row in reader:
        number = reader.line_num + 1
        after, *cells = (_code(row[column]) for column in wanted)
        befores = [cell for cell in cells if cell]
        if not after:
            continue
        _refuse_foreign(after, LATER, name, number)
        for code in befores:
            _refuse_foreign(code, EARLIER, name, number)
        yield after, befores, dict(_labels(row, wanted))


def _labels(row: Mapping[str, str], columns: Iterable[str]) -> Iterator[tuple[str, str]]:
    for column in columns:
        code, label = _code(row[column]), _code(row.get(f"label_{column}") or "")
        if code and label:
            yield code, label


def _code(cell: str) -> str:
    """Return the code in a cell, empty if the cell says that there is none."""
    found = _WRAPPED.fullmatch(cell.strip())
    code = (found[1] if found else cell).strip(' "')
    return "" if code in _NO_CODE else code


def _refuse_foreign(code: str, generation: str, name: str, row: int) -> None:
    if not re.match(registry().generations[generation].code_pattern, code):
        raise FormatError(msg.perimeter_errors.correspondence_code(name, row, code, generation))
