"""Overlay two sets of perimeters, in metres: find what only one of them holds, and where that is certain."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo.perimeters.repair import repair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from shapely import Geometry

    from qpv_geo.perimeters.read import PerimeterSet

_NOTHING = shapely.MultiPolygon()
_POLYGON = 3

_QUADRANT_SEGMENTS = 8
"""Segments per quarter circle in a morphological opening: rounded corners are off by 0.5 % of their radius."""

_CLEARANCE_M = 1.0
_CIRCLE_TOLERANCE_M = 0.02


@dataclass(frozen=True, eq=False)
class Side:
    """One set of perimeters, with its polygons in metres.

    Attributes
    ----------
    perimeters
        The set, in longitude and latitude.
    territory
        Position of each perimeter in `qpv_geo.crs.TERRITORIES`, shape ``(n,)``.
    metric
        Valid polygons in the legal projected system of each one's territory, in metres, shape ``(n,)``.
    """

    perimeters: PerimeterSet
    territory: NDArray[np.int8]
    metric: NDArray[np.object_]

    @cached_property
    def complete(self) -> tuple[Geometry, ...]:
        """Where the set is complete, by territory, in metres; not used if it is complete everywhere."""
        return tuple(self.perimeters.coverage.in_metres(territory) for territory in crs.TERRITORIES)

    def cut(self, overlay: Geometry, territory: int) -> tuple[Geometry, Geometry]:
        """Return the part of `overlay` (metres) that lies where the set is complete, and the rest of it."""
        if self.perimeters.coverage.everywhere:
            return overlay, _NOTHING
        area = self.complete[territory]
        if area.covers(overlay):
            return overlay, _NOTHING
        if not area.intersects(overlay):
            return _NOTHING, overlay
        return overlay.intersection(area), overlay.difference(area)

    def area_m2(self, rows: Iterable[int]) -> float:
        """Return the total area of some perimeters."""
        return float(sum(self.metric[row].area for row in rows))


@dataclass(frozen=True, eq=False)
class AreaDifference:
    """Ground that only one side holds, in parts: where the other side is complete, and where it is not.

    Attributes
    ----------
    sure, unsure
        Polygons in metres. Over `unsure`, the other side may have perimeters missing from its file.
    """

    sure: tuple[Geometry, ...]
    unsure: tuple[Geometry, ...]


@dataclass(frozen=True, eq=False)
class View:
    """One side compared with the other: what `here` holds and `there` does not.

    Attributes
    ----------
    near
        For each row of `here`, the rows of `there` that touch it.
    erosion_m
        Half the width under which a difference is a sliver.
    """

    here: Side
    there: Side
    near: Mapping[int, Sequence[int]]
    erosion_m: float

    def only_here(self, row: int) -> AreaDifference:
        """Return the ground of a perimeter that no perimeter of the other side holds, without slivers.

        A perimeter that nothing touches is not opened unless it is cut: no second drawing can leave slivers in it.
        """
        overlay = self.here.metric[row]
        near = self.near.get(row)
        raw = overlay.difference(self._union(near)) if near else overlay
        sure, unsure = self.there.cut(raw, int(self.here.territory[row]))
        return AreaDifference(*(_polygons(part if part is overlay else self._open(part)) for part in (sure, unsure)))

    def exchanged_m2(self, row: int, kin: Sequence[int]) -> float:
        """Return the area of a perimeter that other perimeters of `there` hold, and that `kin` do not."""
        others = [other for other in self.near.get(row, ()) if other not in kin]
        if not others:
            return 0.0
        overlay = self.here.metric[row].difference(self._union(kin))
        return float(self._open(overlay.intersection(self._union(others))).area)

    def is_covered(self, row: int) -> bool:
        """Tell whether a perimeter lies wholly where the other side is complete."""
        return self.there.perimeters.coverage.covers(self.here.perimeters.geometry[row])

    def _union(self, rows: Sequence[int]) -> Geometry:
        applicable = self.there.metric[list(rows)]
        return applicable[0] if len(applicable) == 1 else shapely.union_all(applicable)

    def _open(self, geometry: Geometry) -> Geometry:
        """Erode, then dilate: parts narrower than twice the erosion vanish; of the rest, only corners change."""
        eroded = geometry.buffer(-self.erosion_m, quad_segs=_QUADRANT_SEGMENTS)
        return eroded.buffer(self.erosion_m, quad_segs=_QUADRANT_SEGMENTS)


@dataclass(frozen=True, eq=False)
class Overlay:
    """Two overlaid sets of perimeters.

    Attributes
    ----------
    added
        What the second set holds and the first does not.
    removed
        What the first set holds and the second does not.
    pairs
        Rows of the first and of the second that touch, shape ``(2, n)``.
    shares
        Common area of each pair, as a share of the smaller of the two; shape ``(n,)``.
    """

    added: View
    removed: View
    pairs: NDArray[np.intp]
    shares: NDArray[np.float64]


def confront(before: PerimeterSet, after: PerimeterSet, *, erosion_m: float) -> Overlay:
    """Overlay two sets of perimeters."""
    first, second = _side(before), _side(after)
    pairs = shapely.STRtree(after.geometry).query(before.geometry, predicate="intersects")
    one, other = first.metric[pairs[0]], second.metric[pairs[1]]
    shares = shapely.area(shapely.intersection(one, other)) / np.minimum(shapely.area(one), shapely.area(other))
    added = View(second, first, _by_first(pairs[::-1]), erosion_m)
    removed = View(first, second, _by_first(pairs), erosion_m)
    return Overlay(added, removed, pairs, shares)


def inner_point(part: Geometry) -> Geometry:
    """Return a point well inside a polygon: its centroid, or else the centre of its largest inscribed circle."""
    centroid = part.centroid
    if part.contains(centroid) and part.boundary.distance(centroid) >= _CLEARANCE_M:
        return centroid
    return shapely.get_point(shapely.maximum_inscribed_circle(part, tolerance=_CIRCLE_TOLERANCE_M), 0)


def _side(perimeters: PerimeterSet) -> Side:
    lon, lat = shapely.bounds(perimeters.geometry)[:, :2].T
    territory = crs.territory_index(lon=lon, lat=lat)
    metric = perimeters.geometry.copy()
    for k in np.unique(territory):
        metric[territory == k] = crs.project(metric[territory == k], crs.TERRITORIES[k])
    return Side(perimeters, territory, repair(metric)[0])


def _by_first(pairs: NDArray[np.intp]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for key, value in pairs.T.tolist():
        found[key].append(value)
    return dict(found)


def _polygons(geometry: Geometry) -> tuple[Geometry, ...]:
    """Return the polygons of a geometry, without parts that have no area, left where edges only touch."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return tuple(part for part in parts if shapely.get_type_id(part) == _POLYGON and part.area)
