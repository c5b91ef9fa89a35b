"""Initial view of a map of projects, and what is outside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo.maps import shapes
from qpv_geo.maps.placing import Part, positions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qpv_geo.maps.placing import Placing
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects.judged import Judged

_FAR = 10.0
"""A place is far beyond this many times the median distance to the middle."""

_NEAR_DEG = 0.01
"""Least value of the median distance, in degrees of latitude: about a kilometre."""

_FEW = 4
"""Far places are left out of view if they are at most one in this many, or only one."""


def first_view(perimeters: PerimeterSet, placing: Placing, judged: Mapping[str, Judged]) -> list[list[float]]:
    """Return the box of the marks and of the perimeters of their communes, or of all perimeters if there are no marks.

    It covers only the territory with most of them, without the few that are too far away to share a view.
    """
    row_of = {code: row for row, code in enumerate(perimeters.codes)}
    busy = [row_of[line.code] for line in placing.by_perimeter.lines if line.code in row_of]
    busy += [row_of[str(one.code)] for one in placing.gathered for _ in one.parts]
    kept = [*perimeters.geometry[busy], *shapely.points(*positions(placing.located, judged))]
    if not kept:
        return shapes.bounds(_in_one_territory(perimeters.geometry))
    drawn = np.array(kept, dtype=object)
    near = set(np.flatnonzero(_seen_first(drawn)))
    communes = {one for k in near if k < len(busy) for one in _communes(perimeters, busy[k])}
    beside = [row for row in range(len(perimeters)) if not communes.isdisjoint(_communes(perimeters, row))]
    return shapes.bounds(np.concatenate([drawn[sorted(near)], perimeters.geometry[beside]]))


def beyond(view: list[list[float]], marks: list[tuple[Part, tuple[float, float]]]) -> list[Part]:
    """Return the parts of projects whose mark is outside a box; `marks` as returned by `marked`."""
    (south, west), (north, east) = view
    return [part for part, (lon, lat) in marks if not (west <= lon <= east and south <= lat <= north)]


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
