"""Index of a set of perimeters: which one holds a point, how far the nearest edge is, how much of a site is inside.

It only measures; `qpv_geo.eligibility.decide` decides.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo.eligibility.arrays import points, positive_horizon
from qpv_geo.eligibility.measures import Measure, Measures, Overlaps, merge
from qpv_geo.eligibility.territory_index import TerritoryIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from qpv_geo.crs import Territory
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.untyped import Geometry

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int32]

HORIZON_M = 1000.0
"""Default distance within which to look for the nearest edge of many points, in metres."""

_FEW = 4
"""Up to this many points, each is looked up on its own: arrays are slow for so few."""


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
        self._territories = {
            territory: TerritoryIndex(territory, perimeters, np.flatnonzero(place == k).astype(np.int32))
            for k, territory in enumerate(crs.TERRITORIES)
        }

    def prepare(self) -> None:
        """Build the index of every territory, or find those kept in files: otherwise the first questions do."""
        for one in self._territories.values():
            if len(one.rows):
                one.prepare()

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
        if len(x) <= _FEW and self._locate_few(x.tolist(), y.tolist(), horizon_m, position, distance_m):
            return position, distance_m
        for one, mine in self._by_territory(x, y):
            found = one.locate(*one.project(x[mine], y[mine]), horizon_m)
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
            return self._territories[territory].measure_points(x, y, radius, horizon_m)
        share, distance_m = np.zeros(len(x)), np.full(len(x), np.inf)
        nearest, best = (np.full(len(x), -1, dtype=np.int32) for _ in range(2))
        covered, overlaps = np.full(len(x), self.perimeters.coverage.everywhere), list[Overlaps]()
        for one, mine in self._by_territory(x, y):
            found = one.measure_points(x[mine], y[mine], radius[mine], horizon_m)
            share[mine], distance_m[mine], covered[mine] = found.share, found.distance_m, found.covered
            nearest[mine], best[mine] = found.nearest, found.best
            overlaps.append(found.overlaps.of(mine))
        return Measures(share, distance_m, nearest, best, radius, covered, merge(overlaps))

    def measure_each(
        self, where: Sequence[tuple[float, float, float]], *, territory: Territory | None = None
    ) -> list[Measure]:
        """Measure points however far the nearest edge is; the result is that of `measure_points`.

        Parameters
        ----------
        where
            Longitude, latitude (degrees) and accuracy radius (metres) of each point.
        territory
            Given if all points are known to be in it.
        """
        if len(where) > _FEW:
            lon, lat, accuracy_m = zip(*where, strict=True)
            many = self.measure_points(lon=lon, lat=lat, accuracy_m=accuracy_m, horizon_m=np.inf, territory=territory)
            return many.each()
        return [self._measure_one(*one, territory or crs.territory_at(lon=one[0], lat=one[1])) for one in where]

    def _measure_one(self, lon: float, lat: float, accuracy_m: float, territory: Territory | None) -> Measure:
        radius = accuracy_m + self.perimeters.dataset.precision_m
        if territory is None:
            return Measure(0.0, math.inf, -1, -1, radius, self.perimeters.coverage.everywhere, ())
        return self._territories[territory].measure_point(lon, lat, radius)

    def measure_site(self, site: Geometry, *, territory: Territory) -> Measures:
        """Measure one site, a valid geometry in degrees inside `territory`; the result has one entry."""
        return self._territories[territory].measure_site(site)

    def _locate_few(
        self, lon: list[float], lat: list[float], horizon_m: float, position: Rows, distance_m: Floats
    ) -> bool:
        """Fill the position and distance of each point; return False if one asks for more than a look-up."""
        for k, (x, y) in enumerate(zip(lon, lat, strict=True)):
            territory = crs.territory_at(lon=x, lat=y)
            if territory is not None:
                found = self._territories[territory].locate_one(x, y, horizon_m)
                if found is None:
                    return False
                position[k], distance_m[k], _ = found
        return True

    def _by_territory(self, x: Floats, y: Floats) -> list[tuple[TerritoryIndex, NDArray[np.int64]]]:
        place = crs.territory_index(lon=x, lat=y)
        counts = np.bincount(place + 1)[1:]
        return [
            (self._territories[crs.TERRITORIES[k]], np.flatnonzero(place == k)) for k in counts.nonzero()[0].tolist()
        ]
