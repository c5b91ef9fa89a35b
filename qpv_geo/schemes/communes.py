"""Whether a perimeter is in the communes that a zone is limited to, wholly or partly."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.schemes.model import Zone


_KEPT = 64


class ListedCommune(StrEnum):
    """Relation of a perimeter to the communes of a zone.

    ``whole``: in them only; ``part``: in others too; ``unknown``: its file gives no commune; ``other``: not in them.
    """

    WHOLE = "whole"
    PART = "part"
    UNKNOWN = "unknown"
    OTHER = "other"


@lru_cache(maxsize=_KEPT)
def members(
    zone: Zone, sets: tuple[PerimeterSet, ...], only: frozenset[str] | None = None
) -> Mapping[str, ListedCommune]:
    """Return the relation of each perimeter to a zone, by code; the first set that contains it decides.

    Parameters
    ----------
    only
        Codes of the perimeters that count; the others are out of the communes.
    """
    found: dict[str, ListedCommune] = {}
    for one in sets:
        for row, code in enumerate(one.codes):
            if code not in found:
                counts = only is None or code in only
                found[code] = _member(zone, one, row) if counts else ListedCommune.OTHER
    return MappingProxyType(found)


@lru_cache(maxsize=_KEPT)
def rows_that_count(
    zone: Zone, sets: tuple[PerimeterSet, ...], only: frozenset[str] | None, perimeters: PerimeterSet
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the rows of the sets, combined in `perimeters`, that may count for a zone, and those that surely do."""
    known = members(zone, sets, only)
    rows = [row for row, code in enumerate(perimeters.codes) if known[code] is not ListedCommune.OTHER]
    sure = [row for row in rows if known[perimeters.codes[row]] is not ListedCommune.UNKNOWN]
    return tuple(rows), tuple(sure)


def _member(zone: Zone, perimeters: PerimeterSet, row: int) -> ListedCommune:
    if not zone.narrowed or perimeters.dataset.id in zone.datasets:
        return ListedCommune.WHOLE
    insee = {code for code in perimeters.insee[row].split(",") if code}
    names = {fold(name) for name in re.split(r"[,;]", perimeters.communes[row])} - {""}
    if insee:
        return _compared(insee, {commune.insee for commune in zone.communes})
    if names:
        return _compared(names, {fold(commune.name) for commune in zone.communes})
    return ListedCommune.UNKNOWN


def _compared(told: set[str], wanted: set[str]) -> ListedCommune:
    if not told & wanted:
        return ListedCommune.OTHER
    return ListedCommune.WHOLE if told <= wanted else ListedCommune.PART
