"""Views of a map of projects, one per town, and what is outside the first one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo.maps import shapes
from qpv_geo.maps.placing import Part, positions
from qpv_geo.messages.typography import enumerated
from qpv_geo.projects.places import commune_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from qpv_geo.maps.placing import Placing
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects.judged import Judged

_FAR = 10.0
"""A place is far beyond this many times the median distance to the middle."""

_NEAR_DEG = 0.01
"""Least value of the median distance, in degrees of latitude: about a kilometre."""

MOST_TOWNS = 12
"""Most towns that have a view of their own."""

_MOST_NAMED = 2
_CELL_DEG = (0.3, 0.2)
"""Longitude and latitude of the cells by which places are grouped into towns: about 22 km."""

_FEW = 4
"""Far places are left out of view if they are at most one in this many, or only one."""


class TownView(NamedTuple):
    """Places near each other: their name in words, empty if nobody knows it, and the box that shows them."""

    name: str
    bounds: list[list[float]]


def towns_of(
    perimeters: PerimeterSet, placing: Placing, judged: Mapping[str, Judged], communes: Sequence[str]
) -> list[TownView]:
    """Return a view per town, that with most marks first; one view of all if they are too many.

    A view has the marks of a town and the perimeters of their communes; that of a map without marks, all perimeters.
    Only the territory with most marks is seen, without the few that are too far away to share a view.

    Parameters
    ----------
    communes
        INSEE codes of the communes of the table, to name towns by.
    """
    row_of = {code: row for row, code in enumerate(perimeters.codes)}
    busy = [row_of[line.code] for line in placing.by_perimeter.lines if line.code in row_of]
    busy += [row_of[str(one.code)] for one in placing.gathered for _ in one.parts]
    kept = [*perimeters.geometry[busy], *shapely.points(*positions(placing.located, judged))]
    if not kept:
        return [TownView("", shapes.bounds(_in_one_territory(perimeters.geometry)))]
    drawn = np.array(kept, dtype=object)
    seen = np.flatnonzero(_seen_first(drawn))
    groups = _groups(drawn, seen)
    return [
        _town(perimeters, drawn[group], [busy[k] for k in group if k < len(busy)], communes)
        for group in (groups if len(groups) <= MOST_TOWNS else [seen])
    ]


def _town(
    perimeters: PerimeterSet, drawn: NDArray[np.object_], rows: Sequence[int], communes: Sequence[str]
) -> TownView:
    mine = Counter(one for row in rows for one in _communes(perimeters, row))
    beside = [row for row in range(len(perimeters)) if not mine.keys().isdisjoint(_communes(perimeters, row))]
    named = [one for one in communes if one in mine] or [one for one, _ in mine.most_common(1)]
    return TownView(
        enumerated(list(map(commune_name, named[:_MOST_NAMED]))),
        shapes.bounds(np.concatenate([drawn, perimeters.geometry[beside]])),
    )


def _groups(drawn: NDArray[np.object_], seen: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Group places by cells of a grid that touch each other, corners included; the largest group first."""
    middle = shapely.point_on_surface(drawn[seen])
    cells = np.floor(np.column_stack([shapely.get_x(middle) / _CELL_DEG[0], shapely.get_y(middle) / _CELL_DEG[1]]))
    places: dict[tuple[int, int], list[int]] = {}
    for k, (x, y) in zip(seen.tolist(), cells.astype(int).tolist(), strict=True):
        places.setdefault((x, y), []).append(k)
    groups: list[list[int]] = []
    while places:
        waiting, group = [next(iter(places))], []
        while waiting:
            x, y = waiting.pop()
            if (x, y) in places:
                group += places.pop((x, y))
                waiting += [(x + right, y + up) for right in (-1, 0, 1) for up in (-1, 0, 1)]
        groups.append(group)
    return [np.array(sorted(group), dtype=np.intp) for group in sorted(groups, key=len, reverse=True)]


def beyond(towns: Iterable[TownView], marks: list[tuple[Part, tuple[float, float]]]) -> list[Part]:
    """Return the parts of projects whose mark is in none of some views; `marks` as returned by `marked`."""
    boxes = [(*south_west, *north_east) for _, (south_west, north_east) in towns]
    return [
        part
        for part, (lon, lat) in marks
        if not any(south <= lat <= north and west <= lon <= east for south, west, north, east in boxes)
    ]


def marked(
    perimeters: PerimeterSet, placing: Placing, judged: Mapping[str, Judged]
) -> list[tuple[Part, tuple[float, float]]]:
    """Return the parts of projects that have a mark, each with its longitude and latitude."""
    by_code: dict[str, Any] = dict(zip(perimeters.codes, perimeters.geometry, strict=True))
    places = zip(*positions(placing.located, judged), strict=True)
    found = [(Part(one, one.amount), at) for one, at in zip(placing.located, places, strict=True)]
    for gathering in placing.gathered:
        at = shapes.inner_point(by_code[str(gathering.code)])
        found += [(part, at) for part in gathering.parts]
    return found


def count_of(parts: list[Part]) -> int:
    """Return the number of distinct projects among some parts."""
    return len({part.project.id for part in parts})


def _seen_first(drawn: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return a mask of the places of the territory with most of them that are not far from the others."""
    middle = shapely.point_on_surface(drawn)
    lon, lat = shapely.get_x(middle), shapely.get_y(middle)
    here = _most_frequent(crs.territory_index(lon=lon, lat=lat))
    seen = np.zeros(len(drawn), dtype=bool)
    seen[here] = _near(lon[here], lat[here])
    return seen


def _in_one_territory(drawn: NDArray[np.object_]) -> NDArray[np.object_]:
    middle = shapely.point_on_surface(drawn)
    return drawn[_most_frequent(crs.territory_index(lon=shapely.get_x(middle), lat=shapely.get_y(middle)))]


def _most_frequent(place: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = place == np.bincount(place + 1).argmax() - 1
    return found


def _communes(perimeters: PerimeterSet, row: int) -> set[str]:
    return set(filter(None, perimeters.insee[row].replace(" ", "").split(",")))


def _near(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return a mask of the places that are not far from the others; all true if too many are far."""
    middle_lon, middle_lat = np.median(lon), np.median(lat)
    off = np.hypot((lon - middle_lon) * np.cos(np.radians(middle_lat)), lat - middle_lat)
    near: NDArray[np.bool_] = off <= _FAR * max(float(np.median(off)), _NEAR_DEG)
    few = np.count_nonzero(~near) <= max(1, len(off) // _FEW)
    return near if few else np.ones(len(off), dtype=bool)
