"""The schema of a table of projects, checked with pandera: every invalid cell is reported at once.

Each cell is checked by its reader (`qpv_geo.projects.cells`), then each row by rules across cells. Amounts are exact:
see `qpv_geo.projects.amounts`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import shapely

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.perimeters.registry import registry
from qpv_geo.projects import cells
from qpv_geo.projects.amounts import parse_amount
from qpv_geo.projects.columns import HEADINGS
from qpv_geo.projects.faults import CellFault

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import pandas as pd
    import pandera.pandas as pa

    from qpv_geo.untyped import AnyValue

    CellReader = Callable[[object], Any]

_DEPARTMENT = re.compile(r"Q[NP](?:0(?:0[1-9]|[1-8][0-9]|9[0-5]|2[AB])|97[1-8]|98[678])")
"""Start of a code: an existing département or territory, on three characters."""


def readers(known_codes: Collection[str] | None = None) -> dict[str, CellReader]:
    """Return the cell reader of each column, by documented name.

    Parameters
    ----------
    known_codes
        All existing codes of perimeters; None if unknown: a code only has to be possible in a generation.
    """
    return {
        "id": cells.text,
        "title": cells.title,
        "lead": cells.text,
        "scheme": cells.text,
        "year": cells.year,
        "amount": parse_amount,
        "theme": cells.theme,
        "commune": cells.text,
        "address": cells.text,
        "lon": cells.longitude,
        "lat": cells.latitude,
        "site": cells.site,
        "code_qp": partial(_codes, known_codes=known_codes),
        "neighbourhood": cells.neighbourhoods,
        "parts": cells.parts,
    }


def check(frame: pd.DataFrame, headings: Mapping[str, str], read: Mapping[str, CellReader]) -> list[CellFault]:
    """Return the faults of a table, at most one per cell, in the order of the file.

    Parameters
    ----------
    frame
        Cells as in the file, None if empty, under the documented names; the index is the line in the file.
    headings
        Headings of the file, by documented name.
    read
        See `readers`.
    """
    import pandera.pandas as pa  # noqa: PLC0415 - heavy, and needed by tables of projects only

    try:
        _schema(frame, read).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        wrong = {
            (int(line), *_told(column, case))
            for line, column, case in zip(cases["index"], cases["column"], cases["check"], strict=True)
        }
    else:
        return []
    faults: dict[tuple[int, str], CellFault] = {}
    for line, column, said in sorted(wrong, key=lambda one: (one[0], _ORDER[one[1]], one[2])):
        value = frame[column].loc[line] if column in frame else None
        fault = CellFault(line, headings.get(column, column), value, said or _why(read[column], value))
        faults.setdefault((line, column), fault)
    return list(faults.values())


def _schema(frame: pd.DataFrame, read: Mapping[str, CellReader]) -> pa.DataFrameSchema:
    import pandera.pandas as pa  # noqa: PLC0415 - as above

    columns = {
        name: pa.Column(
            None,
            pa.Check(partial(_is_read, read[name]), element_wise=True, error=_UNREAD),
            nullable=name not in _NEVER_EMPTY,
            unique=name == "id",
        )
        for name in frame.columns
    }
    rows = [
        _ProjectRow(dict(zip(frame.columns, row, strict=True)), read)
        for row in frame.itertuples(index=False, name=None)
    ]
    rules = [pa.Check(partial(_hold, rule, rows), error=name) for name, rule in _RULES.items()]
    return pa.DataFrameSchema(columns, checks=rules)


def _told(column: str, case: str) -> tuple[str, str]:
    """Return the column and message of a pandera failure; the message is empty if the cell's reader gives it."""
    if case in _RULES:
        return _RULES[case].columns[0], _RULES[case].expected
    return column, {
        "not_nullable": _NEVER_EMPTY.get(column, ""),
        "field_uniqueness": msg.projects.A_UNIQUE_ID,
    }.get(case, "")


def _is_read(reader: CellReader, cell: object) -> bool:
    return not _why(reader, cell)


def _why(reader: CellReader, cell: object) -> str:
    """Return what is expected of a cell, empty if it is valid."""
    try:
        reader(cell)
    except ValueError as error:
        return str(error)
    return ""


def _codes(value: object, *, known_codes: Collection[str] | None) -> tuple[str, ...]:
    """Read codes of perimeters that exist."""
    found = cells.codes(value)
    if not all(_exists(code, known_codes) for code in found):
        raise ValueError(msg.projects.A_CODE)
    return found


def _exists(code: str, known_codes: Collection[str] | None) -> bool:
    if known_codes is not None:
        return code in known_codes
    patterns = [generation.code_pattern for generation in registry().generations.values()]
    return _DEPARTMENT.match(code) is not None and any(re.fullmatch(pattern, code) for pattern in patterns)


# ── Rules across the cells of a row ────────────────────────────────────────────────────────────────────────────────


class _ProjectRow:
    """A row of parsed cells, None if empty; `unread` contains the columns of invalid cells."""

    def __init__(self, cells_by_name: Mapping[str, object], read: Mapping[str, CellReader]) -> None:
        self.unread = {name for name, cell in cells_by_name.items() if cell is not None and _why(read[name], cell)}
        self._values = {
            name: read[name](cell)
            for name, cell in cells_by_name.items()
            if cell is not None and name not in self.unread and name in _RULED
        }

    def __getitem__(self, name: str) -> AnyValue:
        return self._values.get(name)


@dataclass(frozen=True)
class _Rule:
    """A rule across columns; a violation is reported on the first of them."""

    columns: tuple[str, ...]
    expected: str
    holds: Callable[[_ProjectRow], bool]


def _hold(rule: _Rule, rows: Sequence[_ProjectRow], frame: pd.DataFrame) -> pd.Series[bool]:
    """Tell for each row whether a rule holds; a row with an invalid cell in its columns passes."""
    import pandas as pd  # noqa: PLC0415 - heavy, and needed by tables only

    held = [not row.unread.isdisjoint(rule.columns) or rule.holds(row) for row in rows]
    return pd.Series(held, index=frame.index, dtype=bool)


def _not_swapped(row: _ProjectRow) -> bool:
    lon, lat = row["lon"], row["lat"]
    return lon is None or lat is None or _in_france(lon, lat) or not _in_france(lat, lon)


def _in_a_territory(row: _ProjectRow) -> bool:
    lon, lat = row["lon"], row["lat"]
    return lon is None or lat is None or _in_france(lon, lat) or _in_france(lat, lon)


def _site_in_a_territory(row: _ProjectRow) -> bool:
    if row["site"] is None:
        return True
    points = shapely.get_coordinates(row["site"])
    return bool((crs.territory_index(lon=points[:, 0], lat=points[:, 1]) >= 0).all())


def _all_alone(row: _ProjectRow) -> bool:
    return not row["code_qp"] or not any(cells.is_everywhere(name) for name in row["neighbourhood"] or ())


def _as_many_parts(row: _ProjectRow) -> bool:
    named = {len(row[column]) for column in ("neighbourhood", "code_qp") if row[column]}
    return row["parts"] is None or named == {len(row["parts"])}


def _in_france(lon: float, lat: float) -> bool:
    return bool(crs.territory_index(lon=[lon], lat=[lat])[0] >= 0)


_RULES = {
    "lon_with_lat": _Rule(
        ("lon", "lat"), msg.projects.BOTH_COORDINATES, lambda row: (row["lon"] is None) <= (row["lat"] is None)
    ),
    "lat_with_lon": _Rule(
        ("lat", "lon"), msg.projects.BOTH_COORDINATES, lambda row: (row["lat"] is None) <= (row["lon"] is None)
    ),
    "not_swapped": _Rule(("lon", "lat"), msg.projects.NOT_SWAPPED, _not_swapped),
    "in_a_territory": _Rule(("lon", "lat"), msg.projects.IN_FRANCE, _in_a_territory),
    "site_in_a_territory": _Rule(("site",), msg.projects.IN_FRANCE, _site_in_a_territory),
    "all_alone": _Rule(("neighbourhood", "code_qp"), msg.projects.ALL_ALONE, _all_alone),
    "as_many_parts": _Rule(("parts", "neighbourhood", "code_qp"), msg.projects.AS_MANY_PARTS, _as_many_parts),
}
_RULED = {column for rule in _RULES.values() for column in rule.columns}
_UNREAD = "unread"
_NEVER_EMPTY = {"id": msg.projects.AN_ID, "title": msg.projects.A_TITLE}
_ORDER = {name: k for k, name in enumerate(HEADINGS)}
