"""The schema of a table of projects: every invalid cell is reported at once.

Each cell is checked by its reader (`qpv_geo.projects.cells`), then each row by rules across cells. Amounts are exact:
see `qpv_geo.projects.amounts`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import shapely

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.perimeters.registry import registry
from qpv_geo.projects import cells
from qpv_geo.projects.columns import HEADINGS, is_amount, is_funder, step_column
from qpv_geo.projects.faults import CellFault
from qpv_geo.projects.funding import fund, portions
from qpv_geo.projects.themes import known_themes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from qpv_geo.projects.columns import Layout
    from qpv_geo.projects.themes import ThemeReader

    CellReader = Callable[[object], Any]

_DEPARTMENT = re.compile(r"Q[NP](?:0(?:0[1-9]|[1-8][0-9]|9[0-5]|2[AB])|97[1-8]|98[678])")
"""Start of a code: an existing département or territory, on three characters."""


AS_TEXT = frozenset({"id", "title", "lead", "scheme", "commune", "address"})
"""Columns whose numbers are texts."""


def readers(
    layout: Layout,
    *,
    known_codes: Collection[str] | None = None,
    steps: Collection[str] = (),
    themes: ThemeReader | None = None,
) -> dict[str, CellReader]:
    """Return the cell reader of each column of a layout, by its name there.

    Parameters
    ----------
    known_codes
        All existing codes of perimeters; None if unknown: a code only has to be possible in a generation.
    steps
        Steps that have a column.
    themes
        Reads themes; by default, those that ship.
    """
    of_themes = lru_cache(maxsize=10_000)((themes or known_themes()).read)
    every: dict[str, CellReader] = {step_column(step): cells.day for step in steps} | {
        "id": cells.text,
        "title": cells.title,
        "lead": cells.text,
        "scheme": cells.text,
        "year": cells.year,
        "theme": lambda value: of_themes(cells.text(value)),
        "theme_parts": cells.parts,
        "funder": cells.names,
        "portion": cells.portion,
        "commune": cells.text,
        "address": cells.text,
        "lon": cells.longitude,
        "lat": cells.latitude,
        "site": cells.site,
        "code_qp": partial(_codes, known_codes=known_codes),
        "neighbourhood": cells.neighbourhoods,
        "parts": cells.parts,
    }
    amounts = {
        name: partial(cells.amounts, power=layout.powers.get(name, 0)) for name in layout.positions if is_amount(name)
    }
    return every | amounts | {name: cells.names for name in layout.positions if is_funder(name)}


def read_rows(
    rows: Mapping[int, Mapping[str, object]], layout: Layout, read: Mapping[str, CellReader]
) -> tuple[dict[int, dict[str, Any]], list[CellFault]]:
    """Read the cells of a table, each once.

    Parameters
    ----------
    rows
        Cells as in the file, None if empty, by line and documented name.
    layout
        Columns of the file.
    read
        See `readers`.

    Returns
    -------
    rows
        Values, None if empty or invalid, by line and documented name; ``money`` is the amount and the funders.
    faults
        At most one per cell, in the order of the file.
    """
    found: dict[int, dict[str, Any]] = {}
    wrong: dict[int, dict[str, str]] = {}
    for line, row in rows.items():
        found[line], wrong[line] = _read(row, read)
    portions(row for line, row in found.items() if wrong[line].keys().isdisjoint({"amount", "portion"}))
    ids = Counter(row["id"] for row in found.values() if row["id"] is not None)
    for line, row in found.items():
        if ids[row["id"]] > 1:
            wrong[line]["id"] = msg.projects.A_UNIQUE_ID
        for rule in _RULES:
            if wrong[line].keys().isdisjoint(rule.columns) and not rule.holds(row):
                wrong[line][rule.columns[0]] = rule.expected
        if not any(is_amount(name) or is_funder(name) for name in wrong[line]):
            try:
                row["money"] = fund(row, layout)
            except ValueError as error:
                wrong[line]["amount" if "amount" in row else next(filter(is_amount, row))] = str(error)
    return found, [
        CellFault(line, layout.headings.get(name, name), rows[line].get(name), wrong[line][name])
        for line in rows
        for name in sorted(wrong[line], key=lambda name: (_ORDER.get(name, len(_ORDER)), name))
    ]


def _read(row: Mapping[str, object], read: Mapping[str, CellReader]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of a row, and what is expected of each invalid cell."""
    found: dict[str, Any] = dict.fromkeys(read)
    wrong: dict[str, str] = {}
    for name, cell in row.items():
        if cell is None:
            if name in _NEVER_EMPTY:
                wrong[name] = _NEVER_EMPTY[name]
            continue
        try:
            found[name] = read[name](cell)
        except ValueError as error:
            wrong[name] = str(error)
    return found, wrong


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


@dataclass(frozen=True)
class _Rule:
    """A rule across columns; a violation is reported on the first of them."""

    columns: tuple[str, ...]
    expected: str
    holds: Callable[[Mapping[str, Any]], bool]


def _not_swapped(row: Mapping[str, Any]) -> bool:
    lon, lat = row["lon"], row["lat"]
    return lon is None or lat is None or _in_france(lon, lat) or not _in_france(lat, lon)


def _in_a_territory(row: Mapping[str, Any]) -> bool:
    lon, lat = row["lon"], row["lat"]
    return lon is None or lat is None or _in_france(lon, lat) or _in_france(lat, lon)


def _site_in_a_territory(row: Mapping[str, Any]) -> bool:
    if row["site"] is None:
        return True
    points = shapely.get_coordinates(row["site"])
    return bool((crs.territory_index(lon=points[:, 0], lat=points[:, 1]) >= 0).all())


def _all_alone(row: Mapping[str, Any]) -> bool:
    return not row["code_qp"] or not any(cells.is_everywhere(name) for name in row["neighbourhood"] or ())


def _as_many_parts(row: Mapping[str, Any]) -> bool:
    named = {len(row[column]) for column in ("neighbourhood", "code_qp") if row[column]}
    return row["parts"] is None or named == {len(row["parts"])}


def _as_many_theme_parts(row: Mapping[str, Any]) -> bool:
    themes = row["theme"]
    return row["theme_parts"] is None or (
        themes is not None and not themes.stated and len(themes.names) == len(row["theme_parts"])
    )


def _in_france(lon: float, lat: float) -> bool:
    return bool(crs.territory_index(lon=[lon], lat=[lat])[0] >= 0)


_RULES = (
    _Rule(("lon", "lat"), msg.projects.BOTH_COORDINATES, lambda row: (row["lon"] is None) <= (row["lat"] is None)),
    _Rule(("lat", "lon"), msg.projects.BOTH_COORDINATES, lambda row: (row["lat"] is None) <= (row["lon"] is None)),
    _Rule(("lon", "lat"), msg.projects.NOT_SWAPPED, _not_swapped),
    _Rule(("lon", "lat"), msg.projects.IN_FRANCE, _in_a_territory),
    _Rule(("site",), msg.projects.IN_FRANCE, _site_in_a_territory),
    _Rule(("neighbourhood", "code_qp"), msg.projects.ALL_ALONE, _all_alone),
    _Rule(("theme_parts", "theme"), msg.projects.AS_MANY_THEME_PARTS, _as_many_theme_parts),
    _Rule(("parts", "neighbourhood", "code_qp"), msg.projects.AS_MANY_PARTS, _as_many_parts),
)
_NEVER_EMPTY = {"id": msg.projects.AN_ID, "title": msg.projects.A_TITLE}
_ORDER = {name: k for k, name in enumerate(HEADINGS)}
