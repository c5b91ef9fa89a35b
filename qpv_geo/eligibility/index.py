"""Index of a set of perimeters: which one holds a point, how far the nearest edge is, how much of a site is inside.

It only measures; `qpv_geo.eligibility.decide` decides.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo.eligibility.arrays import points, positive_horizon
from qpv_geo.eligibility.measures import Measure, Measures, Touch, merge
from qpv_geo.eligibility.plane import Plane

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from qpv_geo.crs import Territory
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.untyped import Geometry

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int32]

HORIZON_M = 1000.0
"""Default distance within which to look for the nearest edge of many points, in metres."""

_FEW = 1000
_NEAR_DEGREES, _NEAR_M = 0.3, 20_000.0
"""0.3 degree is more than 20 km everywhere in France: 20.9 km along the northernmost parallel."""


class PerimeterIndex:
    """An index of perimeters, built once and safe to share between threads.

    Parameters
    ----------
    perimeters
        The set to index; row numbers in answers are rows of ``perimeters.frame``.
    """

    def __init__(self, perimeters: PerimeterSet) -> None:
        self.perimeters = perimeters
        bounds = shapely.bounds(perimeters.geometry)
        place = crs.territory_index(lon=bounds[:, 0], lat=bounds[:, 1])
        self._tree = shapely.STRtree(perimeters.geometry)
        self._asked: set[Plane] = set()
        self._planes = tuple(
            Plane(territory, perimeters, np.flatnonzero(place == k).astype(np.int32))
            for k, territory in enumerate(crs.TERRITORIES)
        )

    def locate(self, *, lon: ArrayLike, lat: ArrayLike, horizon_m: float = HORIZON_M) -> tuple[Rows, Floats]:
        """Return the perimeter that holds each point, and the point's distance to the nearest edge.

        Parameters
        ----------
        lon, lat
            Degrees, WGS84, shape ``(n,)``.
        horizon_m
            How far to look for the nearest edge, metres; infinity for no limit.

        Returns
        -------
        position
            int32, shape ``(n,)``: row of ``perimeters.frame`` that holds the point (its boundary included; the first
            if several do), or -1.
        distance_m
            float64, shape ``(n,)``: distance in metres to the nearest edge in the legal system of the territory,
            negative inside (however deep); inf beyond the horizon for a point outside.

        Raises
        ------
        InputError
            The arrays differ in length, or the horizon is not positive.

        Notes
        -----
        A point that is outside France's territories or not finite gets -1 and inf.
        """
        x, y = points(lon=lon, lat=lat)
        horizon_m = positive_horizon(horizon_m)
        position, distance_m = np.full(len(x), -1, dtype=np.int32), np.full(len(x), np.inf)
        for plane, mine in self._by_plane(x, y):
            found = plane.locate(*plane.project(x[mine], y[mine]), horizon_m)
            position[mine], distance_m[mine] = found.position, found.distance_m
        return position, distance_m

    def measure_points(
        self,
        *,
        lon: ArrayLike,
        lat: ArrayLike,
        accuracy_m: ArrayLike = 0.0,
        horizon_m: float = HORIZON_M,
        territory: Territory | None = None,
    ) -> Measures:
        """Measure points known to within `accuracy_m` metres (one number, or one per point).

        The other arguments are those of `locate`, and `territory` if all points are known to be in it. The result has
        one entry per point, in the same order.
        """
        x, y = points(lon=lon, lat=lat)
        radius = np.asarray(accuracy_m, dtype=np.float64) + self.perimeters.dataset.precision_m
        if radius.shape != x.shape:
            radius = np.full(x.shape, radius)
        if horizon_m < np.inf:
            horizon_m = max(horizon_m, float(radius.max(initial=0.0)))
        if territory is not None:
            return self._measure_points(self._plane(territory), x, y, radius, horizon_m)
        planes = self._by_plane(x, y)
        share, distance_m = np.zeros(len(x)), np.full(len(x), np.inf)
        nearest, best = (np.full(len(x), -1, dtype=np.int32) for _ in range(2))
        covered, touches = np.full(len(x), self.perimeters.coverage.everywhere), list[Touch]()
        for plane, mine in planes:
            found = self._measure_points(plane, x[mine], y[mine], radius[mine], horizon_m)
            share[mine], distance_m[mine], covered[mine] = found.share, found.distance_m, found.covered
            nearest[mine], best[mine] = found.nearest, found.best
            touches.append(found.touch.of(mine))
        return Measures(share, distance_m, nearest, best, radius, covered, merge(touches))

    def measure_point(self, *, lon: float, lat: float, accuracy_m: float, territory: Territory) -> Measure:
        """Measure one point of `territory` known to within `accuracy_m` metres, however far the nearest edge is."""
        plane = self._plane(territory)
        if plane in self._asked:
            far = plane.measure_far(lon, lat, accuracy_m + self.perimeters.dataset.precision_m)
            if far is not None:
                return far
        [measured] = self.measure_points(
            lon=(lon,), lat=(lat,), accuracy_m=accuracy_m, horizon_m=np.inf, territory=territory
        ).each()
        return measured

    def measure_site(self, site: Geometry, *, territory: Territory) -> Measures:
        """Measure one site, a valid geometry in degrees inside `territory`; the result has one entry."""
        plane = self._plane(territory)
        x, y = shapely.get_coordinates(site).T
        radius = np.array([self.perimeters.dataset.precision_m])
        return self._measure(plane, (x, y), radius, lambda at: at.measure_site(site))

    def _plane(self, territory: Territory) -> Plane:
        return self._planes[crs.TERRITORIES.index(territory)]

    def _measure_points(self, plane: Plane, x: Floats, y: Floats, radius: Floats, horizon_m: float) -> Measures:
        return self._measure(plane, (x, y), radius, partial(_measure_points, x, y, radius, horizon_m))

    def _measure(
        self, plane: Plane, where: tuple[Floats, Floats], radius: Floats, measure: Callable[[Plane], Measures]
    ) -> Measures:
        """Measure the first small request against nearby perimeters only: a command makes no second one.

        Projecting a whole country takes longer than everything else. Perimeters outside the window are farther than
        `_NEAR_M`: no smaller disc reaches them, and an edge found nearer than that is the nearest of all.
        """
        if plane not in self._asked and len(where[0]) < _FEW and radius.max() < _NEAR_M:
            self._asked.add(plane)
            window = (
                *(values.min() - _NEAR_DEGREES for values in where),
                *(values.max() + _NEAR_DEGREES for values in where),
            )
            found = measure(plane.restricted(self._tree.query(shapely.box(*window)).astype(np.int32)))
            if (np.abs(found.distance_m) < _NEAR_M).all():
                return found
        return measure(plane)

    def _by_plane(self, x: Floats, y: Floats) -> list[tuple[Plane, NDArray[np.int64]]]:
        place = crs.territory_index(lon=x, lat=y)
        counts = np.bincount(place + 1)[1:]
        return [(self._planes[k], np.flatnonzero(place == k)) for k in counts.nonzero()[0].tolist()]


def _measure_points(lon: Floats, lat: Floats, radius: Floats, horizon_m: float, plane: Plane) -> Measures:
    return plane.measure_points(*plane.project(lon, lat), radius, horizon_m)
