"""What became of the quartiers of a sum when they were redrawn: their codes, and the ground added and removed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo.perimeters.correspondence import EARLIER, LATER
from qpv_geo.perimeters.read import combine
from qpv_geo.perimeters.redraw_facts import redraw_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qpv_geo.perimeters.catalogue import Catalogue
    from qpv_geo.perimeters.correspondence import FollowedQuartier
    from qpv_geo.perimeters.read import PerimeterSet

_AROUND_DEG = 0.02
"""Neighbours nearer than this are compared too: ground that one quartier cedes to another is not removed."""


@dataclass(frozen=True)
class Redrawn:
    """A followed quartier, and how its ground changed.

    Attributes
    ----------
    area_before_m2, area_after_m2
        None if unknown.
    added_m2, removed_m2
        None if only the areas are known.
    source
        Where areas that were not measured here are from; None if they were.
    """

    quartier: FollowedQuartier
    area_before_m2: float | None = None
    area_after_m2: float | None = None
    added_m2: float | None = None
    removed_m2: float | None = None
    source: str | None = None


def redrawn(quartiers: Iterable[FollowedQuartier], catalogue: Catalogue) -> list[Redrawn]:
    """Return how followed quartiers changed: measured if both generations are installed, else as published."""
    wanted = list(dict.fromkeys(quartiers))
    sets = [_at_hand(generation, catalogue) for generation in (EARLIER, LATER)]
    published = {one.code_after: one for one in redraw_facts()}
    found: list[Redrawn] = []
    for one in wanted:
        facts = next((published[code] for code in one.after if code in published), None)
        measured = None if None in sets else _measured(one, *(each for each in sets if each is not None))
        if measured is not None:
            found.append(measured)
        elif facts is not None and len(one.after) == len(one.before) == 1:
            found.append(Redrawn(one, facts.area_before_ha * 1e4, facts.area_after_ha * 1e4, source=facts.source))
        else:
            found.append(Redrawn(one))
    return found


def _at_hand(generation: str, catalogue: Catalogue) -> PerimeterSet | None:
    entries = catalogue.answering(generation)
    return combine(tuple(map(catalogue.load, entries))) if entries else None


def _measured(quartier: FollowedQuartier, before: PerimeterSet, after: PerimeterSet) -> Redrawn | None:
    """Measure what changed; None if a perimeter is missing, or if ground cannot be compared."""
    from qpv_geo.perimeters.diff import compare  # noqa: PLC0415 - needed for followed quartiers only

    mine = [_rows(before, quartier.before), _rows(after, quartier.after)]
    if len(mine[0]) < len(quartier.before) or len(mine[1]) < len(quartier.after):
        return None
    around = shapely.union_all([*before.geometry[mine[0]], *after.geometry[mine[1]]]).buffer(_AROUND_DEG).envelope
    redraw = compare(
        _near(before, around), _near(after, around), correspondence=dict.fromkeys(quartier.after, quartier.before)
    )
    codes = {*quartier.before, *quartier.after}
    lines = [one for one in redraw.quartiers if not codes.isdisjoint((*one.codes_before, *one.codes_after))]
    if any(one.not_comparable_m2 for one in lines):
        return None
    return Redrawn(
        quartier,
        _area_m2(before, mine[0]),
        _area_m2(after, mine[1]),
        sum(one.added_m2 for one in lines),
        sum(one.removed_m2 for one in lines),
    )


def _rows(perimeters: PerimeterSet, codes: Iterable[str]) -> list[int]:
    wanted = set(codes)
    return [row for row, code in enumerate(perimeters.codes) if code in wanted]


def _near(perimeters: PerimeterSet, around: shapely.Geometry) -> PerimeterSet:
    rows: list[int] = np.flatnonzero(shapely.intersects(perimeters.geometry, around)).tolist()

    def kept(column: Sequence[str]) -> tuple[str, ...]:
        return tuple(column[int(row)] for row in rows)

    return replace(
        perimeters,
        codes=kept(perimeters.codes),
        names=kept(perimeters.names),
        insee=kept(perimeters.insee),
        communes=kept(perimeters.communes),
        geometry=perimeters.geometry[rows],
        kinds=kept(perimeters.kinds),
    )


def _area_m2(perimeters: PerimeterSet, rows: list[int]) -> float:
    return float(
        sum(
            crs.project(shape, crs.territory_of(lon=shape.bounds[0], lat=shape.bounds[1])).area
            for shape in perimeters.geometry[rows]
        )
    )
