"""The perimeters of one territory, in its legal metric system: where the geometry of a verdict is computed."""

from __future__ import annotations

import math
from contextlib import suppress
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo.eligibility.cell_files import cell_file, key_of, read_cells, write_cells
from qpv_geo.eligibility.cell_search import CellSearch, first_rows, signed
from qpv_geo.eligibility.cells import CLOSE_M, EXACT, SEVERAL, SIMPLE, Cells
from qpv_geo.eligibility.measures import Measure, Measures, Overlaps, merge
from qpv_geo.eligibility.threads import in_threads, slices
from qpv_geo.perimeters.repair import repair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qpv_geo.crs import Territory
    from qpv_geo.eligibility.outlines import Outlines
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.untyped import AnyValue, Geometry

    Floats = NDArray[np.float64]
    Geometries = NDArray[np.object_]
    Items = NDArray[np.int64]
    Rows = NDArray[np.int32]
    Flags = NDArray[np.uint8]

_DISC_SEGMENTS = 32
"""Segments per quarter of an accuracy disc: its area is within 0.05 % of the circle's."""
_MARGIN_M = 1000.0
_BLOCK, _DISCS = 16_384, 4096
"""Points, and discs to cut, that a thread works on at once: what numpy makes of them fits in the cache of a core."""
_FEW, _MANY = 4, 1_000
"""Questions from which cells are built for a set that is not installed, and for any set: building pays off later."""
_PAIRS, _SMALL = 1_000_000, 10_000
"""With few edges, more questions than `_FEW` are answered without cells: as many as make so many pairs of a point and
an edge, which take half the time of building. An installed set with at most `_SMALL` edges does so too."""
_SHARE_DECIMALS = 6


class Located(NamedTuple):
    """Where points are, shape ``(n,)`` each.

    Attributes
    ----------
    position
        The first row that holds each point, or -1.
    distance_m, nearest
        Signed distance to the nearest edge, and its row.
    how
        How to find the other rows that hold it: `SIMPLE` if there is none.
    """

    position: Rows
    distance_m: Floats
    nearest: Rows
    how: Flags


class TerritoryIndex:
    """The perimeters of a set that lie in `territory`; safe to share between threads.

    Points are looked up in its `Cells`; sites and accuracy discs are cut by the few perimeters whose boxes they touch.
    Cells take seconds to build for a whole country: those of an installed set are kept in a file beside it.

    Parameters
    ----------
    territory
        Distances and areas are computed in its legal system.
    perimeters
        The set.
    rows
        Which of its rows lie in the territory, int32, ascending.
    """

    def __init__(self, territory: Territory, perimeters: PerimeterSet, rows: Rows) -> None:
        self.territory = territory
        self._perimeters = perimeters
        self.rows = rows
        self._projected = np.full(len(rows), None, dtype=object)
        self._built: CellSearch | None = None
        self._asked = 0
        self._lock = Lock()

    # ── Cells ────────────────────────────────────────────────────────────────────────────────────────────────

    def prepare(self) -> None:
        """Build the cells, or find those that are kept, so that no question waits for it."""
        self._cells(_MANY)

    def _cells(self, count: int) -> CellSearch:
        """Return the cells with which to answer `count` more questions."""
        if self._built is None:
            with self._lock:
                self._asked += count
                if self._built is None:
                    if self._kept is None and self._asked < self._most_uncut:
                        return self._uncut
                    self._built = CellSearch(self._kept or self._build())
        return self._built

    @cached_property
    def _most_uncut(self) -> int:
        """How many questions are answered without cells, where none are kept in a file."""
        edges = int(shapely.get_num_coordinates(self._perimeters.geometry[self.rows]).sum())
        if self._perimeters.file is not None and edges > _SMALL:
            return 0
        return min(max(_FEW, _PAIRS // max(edges, 1)), _MANY)

    @cached_property
    def _key(self) -> bytes:
        return key_of(self._perimeters, self.rows, self.territory)

    @cached_property
    def _kept(self) -> Cells | None:
        path = cell_file(self._perimeters, self.territory)
        return read_cells(path, self._key) if path else None

    def _build(self) -> Cells:
        from qpv_geo.eligibility.cell_building import build  # noqa: PLC0415 - seldom needed

        left, bottom, right, top = crs.project(shapely.box(*self.territory.bounds), self.territory).bounds
        cells = build(self._outlines, (left - _MARGIN_M, bottom - _MARGIN_M, right + _MARGIN_M, top + _MARGIN_M))
        path = cell_file(self._perimeters, self.territory)
        if path is not None:
            with suppress(OSError):  # a home that cannot be written: they are built again next time
                write_cells(path, cells, self._key)
        return cells

    @cached_property
    def _uncut(self) -> CellSearch:
        from qpv_geo.eligibility.cell_building import uncut  # noqa: PLC0415

        return CellSearch(uncut(self._outlines))

    @cached_property
    def _outlines(self) -> Outlines:
        from qpv_geo.eligibility.outlines import outlines  # noqa: PLC0415

        return outlines(self._polygons(np.arange(len(self.rows))), self.rows)

    def _polygons(self, places: Items) -> Geometries:
        """Return the polygons at some places of the rows, in metres; each is projected once."""
        found: Geometries = self._projected[places]
        missing = [one is None for one in found]
        if any(missing):
            new = np.unique(places[missing])
            self._projected[new] = crs.project(self._perimeters.geometry[self.rows[new]], self.territory)
            found = self._projected[places]
        return found

    @cached_property
    def _boxes(self) -> shapely.STRtree:
        """The bounding boxes of the polygons."""
        cells = self._cells(0).cells
        points = cells.vertex.reshape(-1, 2)
        first = np.flatnonzero(np.diff(cells.row, prepend=-1))
        low, high = np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)
        return shapely.STRtree(shapely.box(*low.T, *high.T))

    @cached_property
    def _complete(self) -> tuple[Any, Any]:
        """The area where the set is complete, prepared, and its boundary."""
        area = self._perimeters.coverage.in_metres(self.territory)
        shapely.prepare(area)
        return area, area.boundary

    # ── Points ───────────────────────────────────────────────────────────────────────────────────────────────

    def project(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Project points of the territory from degrees to metres."""
        x, y = np.empty(len(lon)), np.empty(len(lon))

        def work(some: slice) -> None:
            x[some], y[some] = crs.project_points(lon=lon[some], lat=lat[some], territory=self.territory)

        in_threads(work, slices(len(lon), _BLOCK))
        return x, y

    def locate_one(self, lon: float, lat: float, horizon_m: float) -> tuple[int, float, int] | None:
        """Return the position, signed distance and nearest row of a point in degrees, as `locate` does.

        None if several perimeters may hold the point, or exact arithmetic is needed.
        """
        x, y = crs.project_point(lon=lon, lat=lat, territory=self.territory)
        cells = self._cells(1)
        if cells.is_uncut:
            return None
        position, distance_m, nearest, how = cells.one(x, y, horizon_m)
        return (position, distance_m, nearest) if how == SIMPLE else None

    def locate(self, x: Floats, y: Floats, horizon_m: float) -> Located:
        """Locate points given in metres; the horizon limits the search for edges only from points outside."""
        cells = self._cells(len(x))
        if len(x) <= _BLOCK:
            return self._locate(cells, x, y, horizon_m)
        position, nearest = (np.empty(len(x), dtype=np.int32) for _ in range(2))
        distance_m, how = np.empty(len(x)), np.empty(len(x), dtype=np.uint8)

        def work(block: Items) -> None:
            found = self._locate(cells, x[block], y[block], horizon_m)
            position[block], distance_m[block], nearest[block], how[block] = found

        order = cells.neighbours(x, y)  # they share cells, and these a cache
        in_threads(work, [order[some] for some in slices(len(x), _BLOCK)])
        return Located(position, distance_m, nearest, how)

    def measure_point(self, lon: float, lat: float, radius: float) -> Measure:
        """Measure one point, in degrees, as `measure_points` does, however far the nearest edge is."""
        found = self.locate_one(lon, lat, math.inf)
        if found is None or abs(found[1]) < radius:
            return self.measure_points(np.array([lon]), np.array([lat]), np.array([radius]), math.inf).each()[0]
        position, distance_m, nearest = found
        covered = self._perimeters.coverage.everywhere
        if not covered:
            x, y = crs.project_point(lon=lon, lat=lat, territory=self.territory)
            covered = bool(self._covered(np.array([x]), np.array([y]), np.array([radius]))[0])
        held = () if position < 0 else ((position, 1.0),)
        return Measure(float(position >= 0), distance_m, nearest, position, radius, covered, held)

    def measure_points(self, lon: Floats, lat: Floats, radius: Floats, horizon_m: float) -> Measures:
        """Measure points in degrees, each known to within its `radius`; only discs that an edge crosses are cut."""
        x, y = self.project(lon, lat)
        located = self.locate(x, y, horizon_m)
        share = (located.position >= 0).astype(np.float64)
        covered = self._covered(x, y, radius)
        crossing, held = np.abs(located.distance_m) < radius, self._held(x, y, located)
        if not crossing.any():
            return Measures(share, located.distance_m, located.nearest, located.position, radius, covered, held)
        firm = ~crossing[held.item]
        pairs = [Overlaps(held.item[firm], held.row[firm], held.share[firm])]

        def cut(some: Items) -> tuple[Floats, Overlaps]:
            points = shapely.points(x[some], y[some])
            return self._shares(shapely.buffer(points, radius[some], quad_segs=_DISC_SEGMENTS))

        some = np.flatnonzero(crossing)
        blocks = np.array_split(some, len(some) // _DISCS + 1)
        for block, (part, touched) in zip(blocks, in_threads(cut, blocks), strict=True):
            share[block] = part
            pairs.append(touched.of(block))
        touched = merge(pairs)
        share = np.round(share, _SHARE_DECIMALS)
        return Measures(share, located.distance_m, located.nearest, touched.best(len(x)), radius, covered, touched)

    def measure_site(self, site: Geometry) -> Measures:
        """Measure one valid site, given in degrees.

        If it mixes points, lines and polygons, each kind counts equally: a point has no area, and must not vanish next
        to a polygon.
        """
        geometry = crs.project(site, self.territory)
        if not geometry.is_valid:  # valid in degrees, but crossing itself by a hair in metres
            geometry = shapely.make_valid(geometry)
        shapely.prepare(geometry)
        radius = self._perimeters.dataset.precision_m
        footprints = np.array([part.buffer(radius) if radius else part for part in _by_dimension(geometry)])
        shares, pairs = self._shares(footprints)
        rows, place = np.unique(pairs.row, return_inverse=True)
        mean = np.bincount(place, weights=pairs.share, minlength=len(rows)) / len(footprints)
        touched = Overlaps(np.zeros(len(rows), np.int64), rows, mean)
        distance_m, nearest = self._nearest_edge(geometry)
        distance_m = self._signed(geometry, distance_m)
        coverage = self._perimeters.coverage
        covered = np.array([coverage.everywhere or bool(shapely.covers(self._complete[0], footprints).all())])
        share = np.round(shares.mean(keepdims=True), _SHARE_DECIMALS)
        return Measures(share, distance_m, nearest, touched.best(1), np.array([radius]), covered, touched)

    def _locate(self, cells: CellSearch, x: Floats, y: Floats, horizon_m: float) -> Located:
        position, distance_m, nearest, how = cells.many(x, y, horizon_m)
        asked = np.flatnonzero(how == EXACT)
        if len(asked):
            item, row = self._exactly_held(x[asked], y[asked])
            holder = position[asked] = first_rows(item, row, len(asked))
            distance_m[asked], nearest[asked] = signed(holder, distance_m[asked], nearest[asked], horizon_m)
            how[asked[np.bincount(item, minlength=len(asked)) <= 1]] = SIMPLE
        return Located(position, distance_m, nearest, how)

    def _held(self, x: Floats, y: Floats, located: Located) -> Overlaps:
        """Return all perimeters that hold located points, each with the share 1."""
        simple = np.flatnonzero((located.position >= 0) & (located.how == SIMPLE))
        pairs = [Overlaps(simple, located.position[simple], np.ones(len(simple)))]
        for way, rows_of in ((SEVERAL, self._cells(0).held_rows), (EXACT, self._exactly_held)):
            asked = np.flatnonzero(located.how == way)
            if len(asked):
                item, row = rows_of(x[asked], y[asked])
                pairs.append(Overlaps(asked[item], row, np.ones(len(item))))
        return merge(pairs)

    def _exactly_held(self, x: Floats, y: Floats) -> tuple[Items, Rows]:
        """Return what `CellSearch.held_rows` does, of any point."""
        item, polygon = self._boxes.query(shapely.points(x, y))
        inside = shapely.intersects_xy(self._polygons(polygon), x[item], y[item])
        item, row = item[inside], self.rows[polygon[inside]]
        order = np.lexsort((row, item))
        return item[order], row[order]

    def _nearest_edge(self, site: Geometry) -> tuple[Floats, Rows]:
        """Return the distance from a site to the nearest edge, and its row: the lowest if it is shared."""
        x, y = shapely.get_coordinates(site)[:1].T
        at_most = abs(self._cells(1).many(x, y, np.inf)[1][0]) + CLOSE_M
        if not np.isfinite(at_most):
            return np.full(1, np.inf), np.full(1, -1, dtype=np.int32)
        near = np.sort(self._boxes.query(site, predicate="dwithin", distance=at_most))
        distance_m = shapely.distance(site, shapely.boundary(self._polygons(near)))
        nearest = distance_m.argmin(keepdims=True)
        return distance_m[nearest], self.rows[near[nearest]]

    def _signed(self, geometry: AnyValue, distance_m: Floats) -> Floats:
        """Make the distance of a site negative if it is all inside, 0 if it is on both sides."""
        touched = self._boxes.query(geometry)
        touched = touched[shapely.intersects(geometry, self._polygons(touched))]
        if not len(touched):
            return distance_m
        inside = shapely.union_all(self._valid(touched)).covers(geometry)
        return -distance_m + 0.0 if inside else np.zeros(1)

    def _valid(self, polygon: Items) -> Geometries:
        """Repair polygons for overlays: projecting one that is barely valid may make it cross itself."""
        some, place = np.unique(polygon, return_inverse=True)
        repaired, _ = repair(self._polygons(some))
        return repaired[place]

    def _shares(self, footprints: Geometries) -> tuple[Floats, Overlaps]:
        """Return the share of each footprint inside any perimeter, and inside each perimeter that it touches."""
        item, polygon = self._boxes.query(footprints)
        common = shapely.intersection(footprints[item], self._valid(polygon))
        part = _parts(common, footprints[item])
        kept = part > 0
        item, polygon, common, part = item[kept], polygon[kept], common[kept], part[kept]
        share = np.bincount(item, weights=part, minlength=len(footprints)).astype(np.float64)
        for several in np.flatnonzero(np.bincount(item, minlength=len(footprints)) > 1):
            union = np.array([shapely.union_all(common[item == several])], dtype=object)
            share[several] = _parts(union, footprints[several : several + 1])[0]
        return share, Overlaps(item, self.rows[polygon], part)

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
