"""The perimeters of one territory, in its legal metric system: where the geometry of a verdict is computed.

With many points, a grid first sets aside those far from any perimeter; the rest is cut into blocks of neighbours that
all cores work on.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo.eligibility.edges import Edges
from qpv_geo.eligibility.measures import Measure, Measures, Touch, merge
from qpv_geo.perimeters.repair import repair

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qpv_geo.crs import Territory
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.untyped import AnyValue, Geometry

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]
    Items = NDArray[np.int64]
    Rows = NDArray[np.int32]

_T = TypeVar("_T")

_DISC_SEGMENTS = 32
"""Segments per quarter of an accuracy disc: its area is within 0.05 % of the circle's."""
_GRID_CELL_M = 500.0
_GRID_CELLS = 8_000_000
_MANY = 1000
"""Number of points from which the grid and the blocks pay off."""
_BLOCK = 16_384
_SHARE_DECIMALS = 6


@dataclass(frozen=True, eq=False)
class Located:
    """Where points are: the row holding each (or -1), its signed distance, the nearest edge's row, all holding rows."""

    position: Rows
    distance_m: Floats
    nearest: Rows
    held: Touch


class Plane:
    """The perimeters of a set that lie in `territory`.

    Parameters
    ----------
    territory
        Distances and areas are computed in its legal system.
    perimeters
        The set.
    rows
        Which of its rows lie in the territory, int32.
    """

    def __init__(self, territory: Territory, perimeters: PerimeterSet, rows: Rows) -> None:
        self.territory = territory
        self._perimeters = perimeters
        self._rows = rows

    @cached_property
    def _polygons(self) -> Geometries:
        projected: Geometries = crs.project(self._perimeters.geometry[self._rows], self.territory)
        shapely.prepare(projected)
        corner = shapely.get_coordinates(
            shapely.get_point(shapely.get_exterior_ring(shapely.get_geometry(projected, 0)), 0)
        )
        for _ in range(2):  # GEOS builds its locator on the second query; two threads must not build it at once
            shapely.intersects_xy(projected, corner[:, 0], corner[:, 1])
        return projected

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._polygons)

    @cached_property
    def _edges(self) -> Edges:
        return Edges(self._polygons, self._rows)

    @cached_property
    def _complete(self) -> tuple[Any, Any]:
        """The area where the set is complete, prepared, and its boundary."""
        area = self._perimeters.coverage.in_metres(self.territory)
        shapely.prepare(area)
        return area, area.boundary

    def restricted(self, rows: Rows) -> Plane:
        """Return a plane limited to the perimeters among `rows`."""
        return Plane(self.territory, self._perimeters, np.intersect1d(self._rows, rows))

    def project(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Project points of the territory from degrees to metres."""
        return crs.project_points(lon=lon, lat=lat, territory=self.territory)

    def locate(self, x: Floats, y: Floats, horizon_m: float) -> Located:
        """Locate points given in metres; the horizon limits the search for edges only from points outside."""
        if len(x) < _MANY:
            return self._locate(x, y, horizon_m)
        position, nearest = (np.full(len(x), -1, dtype=np.int32) for _ in range(2))
        distance_m, held = np.full(len(x), np.inf), []
        blocks = _blocks(self._near(x, y, horizon_m), x, y)
        for block, found in _in_threads(lambda some: self._locate(x[some], y[some], horizon_m), blocks):
            position[block], distance_m[block], nearest[block] = found.position, found.distance_m, found.nearest
            held.append(found.held.of(block))
        return Located(position, distance_m, nearest, merge(held))

    def measure_far(self, lon: float, lat: float, radius: float) -> Measure | None:
        """Measure one point, in degrees, as `measure_points` does; None unless it is far from every perimeter.

        Far means outside every bounding box, with no edge within `radius`. Most points are, and arrays of one are slow.
        """
        x, y = crs.project_point(lon=lon, lat=lat, territory=self.territory)
        point = shapely.points([[x, y]])
        if self._tree.query(point).size:
            return None
        distance_m, nearest = self._edges.nearest_to(point)
        if distance_m < radius:
            return None
        covered = self._perimeters.coverage.everywhere or bool(self._covered(*np.array([[x], [y], [radius]]))[0])
        return Measure(0.0, distance_m, nearest, -1, radius, covered, ())

    def measure_points(self, x: Floats, y: Floats, radius: Floats, horizon_m: float) -> Measures:
        """Measure points in metres, each known to within its `radius`; only discs that an edge crosses are cut."""
        located = self.locate(x, y, horizon_m)
        share = (located.position >= 0).astype(np.float64)
        covered = self._covered(x, y, radius)
        crossing = np.abs(located.distance_m) < radius
        if not crossing.any():
            return Measures(share, located.distance_m, located.nearest, located.position, radius, covered, located.held)
        held, firm = located.held, ~crossing[located.held.item]
        touches = [Touch(held.item[firm], held.row[firm], held.share[firm])]

        def cut(some: Items) -> tuple[Floats, Touch]:
            points = shapely.points(x[some], y[some])
            return self._shares(shapely.buffer(points, radius[some], quad_segs=_DISC_SEGMENTS))

        for block, (part, touch) in _in_threads(cut, _blocks(np.flatnonzero(crossing), x, y)):
            share[block] = part
            touches.append(touch.of(block))
        touch = merge(touches)
        share = np.round(share, _SHARE_DECIMALS)
        return Measures(share, located.distance_m, located.nearest, touch.best(len(x)), radius, covered, touch)

    def measure_site(self, site: Geometry) -> Measures:
        """Measure one valid site, given in degrees.

        If it mixes points, lines and polygons, each kind counts equally: a point has no area, and must not vanish next
        to a polygon.
        """
        geometry = crs.project(site, self.territory)
        if not geometry.is_valid:  # valid in degrees, but crossing itself by a hair in metres
            geometry = shapely.make_valid(geometry)
        radius = self._perimeters.dataset.precision_m
        footprints = np.array([part.buffer(radius) if radius else part for part in _by_dimension(geometry)])
        shares, touches = self._shares(footprints)
        rows, place = np.unique(touches.row, return_inverse=True)
        mean = np.bincount(place, weights=touches.share, minlength=len(rows)) / len(footprints)
        touch = Touch(np.zeros(len(rows), np.int64), rows, mean)
        distance_m, nearest = self._edges.nearest(np.array([geometry], dtype=object), np.inf)
        distance_m = self._signed(geometry, distance_m)
        coverage = self._perimeters.coverage
        covered = np.array([coverage.everywhere or bool(shapely.covers(self._complete[0], footprints).all())])
        share = np.round(shares.mean(keepdims=True), _SHARE_DECIMALS)
        return Measures(share, distance_m, nearest, touch.best(1), np.array([radius]), covered, touch)

    def _locate(self, x: Floats, y: Floats, horizon_m: float) -> Located:
        points = shapely.points(np.array([x, y]).T)
        item, polygon = self._tree.query(points)
        if not len(item):  # usual for a few points: all are far from every perimeter
            distance_m, nearest = self._edges.nearest(points, horizon_m)
            return Located(np.full(len(x), -1, dtype=np.int32), distance_m, nearest, merge([]))
        held = shapely.intersects_xy(self._polygons[polygon], x[item], y[item])
        item, polygon = item[held], polygon[held]
        touch = merge([Touch(item, self._rows[polygon], np.ones(len(item)))])
        position = touch.best(len(x))
        distance_m, nearest = self._edges.nearest(points, horizon_m)
        if horizon_m < np.inf:
            deep = np.flatnonzero((position >= 0) & np.isinf(distance_m))
            distance_m[deep], nearest[deep] = self._edges.nearest(points[deep], np.inf)
        signed = np.where(position >= 0, -distance_m, distance_m) + 0.0  # no negative zero
        return Located(position, signed, nearest, touch)

    def _near(self, x: Floats, y: Floats, horizon_m: float) -> Items:
        """Return, using a grid, the points that may be within the horizon of a perimeter."""
        if not len(self._rows):
            return np.empty(0, dtype=np.int64)
        if np.isinf(horizon_m):
            return np.arange(len(x))
        boxes = shapely.bounds(self._polygons) + horizon_m * np.array([-1.0, -1.0, 1.0, 1.0])
        left, bottom = (float(low) for low in boxes[:, :2].min(axis=0))
        right, top = (float(high) for high in boxes[:, 2:].max(axis=0))
        cell = max(_GRID_CELL_M, float(np.sqrt((right - left) * (top - bottom) / _GRID_CELLS)))
        grid = np.zeros((int((right - left) / cell) + 1, int((top - bottom) / cell) + 1), dtype=bool)
        for i0, j0, i1, j1 in ((boxes - [left, bottom, left, bottom]) / cell).astype(np.int64):
            grid[i0 : i1 + 1, j0 : j1 + 1] = True
        within = np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top))
        i, j = ((x[within] - left) / cell).astype(np.int64), ((y[within] - bottom) / cell).astype(np.int64)
        near: Items = within[grid[i, j]]
        return near

    def _signed(self, geometry: AnyValue, distance_m: Floats) -> Floats:
        """Make the distance of a site negative if it is all inside, 0 if it is on both sides."""
        touched = self._tree.query(geometry, predicate="intersects")
        if not len(touched):
            return distance_m
        inside = shapely.union_all(self._valid(touched)).covers(geometry)
        return -distance_m + 0.0 if inside else np.zeros(1)

    def _valid(self, polygon: Items) -> Geometries:
        """Repair polygons for overlays: projecting one that is barely valid may make it cross itself."""
        some, place = np.unique(polygon, return_inverse=True)
        repaired, _ = repair(self._polygons[some])
        return repaired[place]

    def _shares(self, footprints: Geometries) -> tuple[Floats, Touch]:
        """Return the share of each footprint inside any perimeter, and inside each perimeter that it touches."""
        item, polygon = self._tree.query(footprints)
        common = shapely.intersection(footprints[item], self._valid(polygon))
        part = _parts(common, footprints[item])
        kept = part > 0
        item, polygon, common, part = item[kept], polygon[kept], common[kept], part[kept]
        share = np.bincount(item, weights=part, minlength=len(footprints)).astype(np.float64)
        for several in np.flatnonzero(np.bincount(item, minlength=len(footprints)) > 1):
            union = np.array([shapely.union_all(common[item == several])], dtype=object)
            share[several] = _parts(union, footprints[several : several + 1])[0]
        return share, Touch(item, self._rows[polygon], part)

    def _covered(self, x: Floats, y: Floats, radius: Floats) -> NDArray[np.bool_]:
        """Tell which discs lie wholly where the set is complete."""
        if self._perimeters.coverage.everywhere:
            return np.ones(len(x), dtype=bool)
        area, limit = self._complete
        covered: NDArray[np.bool_] = shapely.contains_xy(area, x, y)
        some = covered.nonzero()[0]
        points = shapely.points(np.array([x[some], y[some]]).T)
        covered[some] = shapely.distance(limit, points) >= radius[some]
        return covered


def _by_dimension(geometry: AnyValue) -> list[Any]:
    """Merge the parts of a geometry by dimension: points, lines and polygons."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    dimensions = shapely.get_dimensions(parts)
    return [shapely.union_all(parts[dimensions == one]) for one in np.unique(dimensions)]


def _parts(common: Geometries, whole: Geometries) -> Floats:
    """Return the share of each whole that `common` makes up: by area, else by length, else by number of points."""
    area, length = shapely.area(whole), shapely.length(whole)
    counts = shapely.get_num_coordinates(common) / np.maximum(shapely.get_num_coordinates(whole), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(area > 0, shapely.area(common) / area, shapely.length(common) / length)
    return np.asarray(np.minimum(np.where((area == 0) & (length == 0), counts, part), 1.0))


def _blocks(items: Items, x: Floats, y: Floats) -> list[Items]:
    """Cut items into blocks of neighbours: a tree answers nearby queries faster one after the other."""
    if len(items) > _BLOCK:
        items = items[np.lexsort((y[items] // _GRID_CELL_M, x[items] // _GRID_CELL_M))]
    return [items[at : at + _BLOCK] for at in range(0, len(items), _BLOCK)]


def _in_threads(work: Callable[[Items], _T], blocks: list[Items]) -> list[tuple[Items, _T]]:
    """Run `work` on every block, on all cores if there are several blocks: shapely releases the GIL."""
    if len(blocks) < 2:  # noqa: PLR2004 - a thread for one block would only cost
        return [(block, work(block)) for block in blocks]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(zip(blocks, pool.map(work, blocks), strict=True))
