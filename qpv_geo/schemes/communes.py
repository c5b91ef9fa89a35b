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


class ListedCommune(StrEnum):
    """Relation of a perimeter to the communes of a zone.

    ``whole``: in them only; ``part``: in others too; ``unknown``: its file gives no commune; ``other``: not in them.
    """

    WHOLE = "whole"
    PART = "part"
    UNKNOWN = "unknown"
    OTHER = "other"


@lru_cache(maxsize=64)
def members(zone: Zone, sets: tuple[PerimeterSet, ...]) -> Mapping[str, ListedCommune]:
    """Return the relation of each perimeter to a zone, by code; the first set that contains it decides.

    It does not depend on the place, so it is cached: a set may hold all of France.
    """
    found: dict[str, ListedCommune] = {}
    for one in sets:
        for row, code in enumerate(one.codes):
            found.setdefault(code, _member(zone, one, row))
    return MappingProxyType(found)


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
