"""Find which quartiers of the previous generation each quartier succeeds.

The official correspondence of codes decides where it is given; elsewhere two quartiers are linked if they share enough
ground.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.perimeters.registry import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import TextIO

    from qpv_geo.perimeters.overlay import Overlay
    from qpv_geo.perimeters.read import PerimeterSet

MIN_SHARE = 0.10
"""Two quartiers are linked if they share at least this part of the smaller one's area.

Rounding makes neighbours overlap by up to 1 % (measured on the 2024 file at four decimals); those of the Lille
metropolis share 96 % or more with their successors.
"""

_AFTER_COLUMN, _BEFORE_COLUMN = "qp2024", "qp2015_1"
_BEFORE_COLUMNS = re.compile(r"qp2015_\d+")
_NO_CODE = {"-", "NA"}


@dataclass(frozen=True)
class Succession:
    """A quartier and those it succeeds, or a quartier that nothing succeeds.

    Attributes
    ----------
    after
        Row in the later set, or None if that set has no successor.
    before
        Rows in the earlier set, in its order or in that of the correspondence.
    codes_after, codes_before
        Their codes, including those that the correspondence names and the sets do not hold.
    official
        Whether the correspondence gives the link.
    split
        Whether a quartier it succeeds has another successor.
    """

    after: int | None
    before: tuple[int, ...]
    codes_after: tuple[str, ...]
    codes_before: tuple[str, ...]
    official: bool = False
    split: bool = False


def read_correspondence(path: Path) -> dict[str, tuple[str, ...]]:
    """Read the official correspondence of codes: each code of 2024, and those of 2015 that it succeeds.

    Parameters
    ----------
    path
        CSV in UTF-8, separated by commas or semicolons, with columns ``qp2024`` and ``qp2015_1``, then ``qp2015_2``
        and so on where quartiers were merged, whatever their case. Rows without a code of 2024 are skipped.
        Source: ANCT, "Liste de correspondance QP2024 - QP2015", data.gouv.fr.

    Raises
    ------
    FormatError
        The file is missing, is not such a table, has no rows, or has a code that does not match its generation.
    """
    if not path.is_file():
        raise FormatError(msg.errors.file_missing(str(path)))
    found: dict[str, tuple[str, ...]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for after, befores in _rows(stream, path.name):
                found[after] = tuple(dict.fromkeys([*found.get(after, ()), *befores]))
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError(msg.perimeter_errors.correspondence_unreadable(path.name)) from error
    if not found:
        raise FormatError(msg.perimeter_errors.correspondence_empty(path.name))
    return found


def _rows(stream: TextIO, name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each code of 2024 with those of 2015 on its line, all checked against their generation."""
    header = stream.readline()
    columns = [column.strip(' "\r\n').lower() for column in re.split("[,;]", header)]
    missing = [column for column in (_AFTER_COLUMN, _BEFORE_COLUMN) if column not in columns]
    if missing:
        raise FormatError(
            msg.perimeter_errors.not_a_correspondence(name, missing, [column for column in columns if column])
        )
    wanted = [_AFTER_COLUMN, *(column for column in columns if _BEFORE_COLUMNS.fullmatch(column))]
    reader = csv.DictReader(stream, columns, restval="", delimiter=_delimiter(header))
    for row in reader:
        number = reader.line_num + 1
        after, *cells = (_code(row[column]) for column in wanted)
        befores = [cell for cell in cells if cell]
        if not after:
            continue
        _refuse_foreign(after, "qpv-2024", name, number)
        for code in befores:
            _refuse_foreign(code, "qpv-2015", name, number)
        yield after, befores


def _delimiter(header: str) -> str:
    return ";" if ";" in header else ","


def _code(cell: str) -> str:
    """Return the code in a cell, empty if the cell says that there is none."""
    code = cell.strip()
    return "" if code in _NO_CODE else code


def _refuse_foreign(code: str, generation: str, name: str, row: int) -> None:
    if not re.match(registry().generations[generation].code_pattern, code):
        raise FormatError(msg.perimeter_errors.correspondence_code(name, row, code, generation))


def successions(
    before: PerimeterSet, after: PerimeterSet, overlay: Overlay, correspondence: Mapping[str, Sequence[str]] | None
) -> list[Succession]:
    """Return one line for each quartier of `after`, in its order, then one for each of `before` without successor.

    Parameters
    ----------
    overlay
        The two sets overlaid.
    correspondence
        Code of a quartier of `after` to the codes it succeeds, none for a new one. A code of `after` missing from it
        is linked by overlap.
    """
    official = {code: tuple(codes) for code, codes in (correspondence or {}).items()}
    by_overlap = _overlapping(overlay)
    rows = {code: row for row, code in enumerate(before.codes)}
    codes_before = [
        official.get(code, tuple(before.codes[b] for b in by_overlap[row])) for row, code in enumerate(after.codes)
    ]
    heirs: dict[str, list[str]] = defaultdict(list)
    for code, codes in [*zip(after.codes, codes_before, strict=True), *_absent(official, after.codes)]:
        for old in codes:
            heirs[old].append(code)
    lines = [
        Succession(
            after=row,
            before=tuple(rows[old] for old in codes if old in rows),
            codes_after=(after.codes[row],),
            codes_before=codes,
            official=after.codes[row] in official,
            split=any(len(heirs[old]) > 1 for old in codes),
        )
        for row, codes in enumerate(codes_before)
    ]
    succeeded = {row for line in lines for row in line.before}
    alone = [row for row in range(len(before)) if row not in succeeded]
    return lines + [_without_successor(before, row, heirs) for row in alone]


def _overlapping(overlay: Overlay) -> dict[int, list[int]]:
    """Return, for each row of the later set, the rows of the earlier one that overlap it enough, in their order."""
    linked: dict[int, list[int]] = defaultdict(list)
    for old, new in sorted(overlay.pairs.T[overlay.shares >= MIN_SHARE].tolist()):
        linked[new].append(old)
    return linked


def _absent(official: Mapping[str, tuple[str, ...]], held: Iterable[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what the correspondence says of quartiers that the later set does not hold."""
    known = set(held)
    return [(code, codes) for code, codes in official.items() if code not in known]


def _without_successor(before: PerimeterSet, row: int, heirs: Mapping[str, Sequence[str]]) -> Succession:
    code = before.codes[row]
    elsewhere = tuple(heirs.get(code, ()))
    return Succession(None, (row,), elsewhere, (code,), official=bool(elsewhere), split=len(elsewhere) > 1)
