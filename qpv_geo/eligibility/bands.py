"""Bands around perimeters: whether a place is within some distance of one, in part or entirely.

A band is a legal rule with its own distance. It never widens a perimeter and is unrelated to the doubt at a perimeter's
boundary. `qpv_geo.eligibility.decide` alone tells what is inside a perimeter; here, a place inside is simply 0 m away.

Distances are computed in the legal metric system of the territory and compared with a margin: the accuracy of the
point, the precision of the perimeters and, for a polygon footprint, `TOLERANCE_M`. Within that margin of the rule's
distance, the result is ``in_doubt``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo.perimeters.repair import repair

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from qpv_geo.crs import Territory
    from qpv_geo.eligibility.location import Place
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.untyped import Geometry

    Floats = NDArray[np.float64]
    Boxes = NDArray[np.float64]

TOLERANCE_M = 0.05
"""Largest error, in metres, of the computed distance of a footprint's farthest point."""
_ROUNDING_M = 1e-6
MOST_M = 10_000.0
"""Widest band, in metres."""

_NEAR_DEGREES = 0.3
"""At least 20 km everywhere in France, twice `MOST_M`: no band reaches perimeters farther away."""
_BUFFER_EXCESS = 1.02
"""Buffer outlines are approximate: widened by this factor, one surely holds everything within the distance."""
_POLYGON = 2
_TREES_KEPT = 32


class Result(StrEnum):
    """Result of a test."""

    MET = "met"
    NOT_MET = "not_met"
    IN_DOUBT = "in_doubt"


class Cause(StrEnum):
    """Why a band has its result.

    ``clear``: nothing to add; ``margin``: too close to the distance to tell; ``point``: the rule is about a whole
    footprint, and only a point is known; ``ensemble``: the rule is about a larger whole, of which this may be only a
    part; ``not_covered``: an unknown perimeter may be near.
    """

    CLEAR = "clear"
    MARGIN = "margin"
    POINT = "point"
    ENSEMBLE = "ensemble"
    NOT_COVERED = "not_covered"


@dataclass(frozen=True)
class Band:
    """A distance from perimeters, in metres.

    Attributes
    ----------
    entirely
        Whether the whole footprint must be within `distance_m`, rather than part of it.
    partly_within_m
        For an ensemble that must lie entirely within `distance_m` and partly within this distance, in metres.
    """

    distance_m: float
    entirely: bool = False
    partly_within_m: float | None = None


@dataclass(frozen=True)
class Reach:
    """Nearest and farthest distance from a place to perimeters, in metres; 0 inside, infinity if none is near.

    Attributes
    ----------
    farthest_m
        Distance of the farthest point of the footprint; None unless the footprint is made of polygons.
    margin_m
        Largest error of these distances.
    covered
        Whether every perimeter within the band is known.
    """

    nearest_m: float
    farthest_m: float | None
    margin_m: float
    covered: bool


def reach(perimeters: PerimeterSet, rows: Sequence[int], place: Place, band: Band) -> Reach:
    """Measure the nearest and farthest distance from a place to some perimeters of a set.

    Parameters
    ----------
    rows
        Rows of the perimeters that count.
    """
    point = shapely.Point(place.point[:2])
    footprint = crs.project(point if place.site is None else place.site, place.territory)
    tree = _near(perimeters, rows, place.site if place.site is not None else point, place)
    margin_m = place.point[2] + perimeters.dataset.precision_m
    nearest_m, farthest_m = np.inf, None
    surface = bool((shapely.get_dimensions(shapely.get_parts(footprint)) == _POLYGON).all())
    if tree is not None:
        nearest_m = float(tree.query_nearest(footprint, return_distance=True, all_matches=False)[1][0])
        farthest_m = _farthest(footprint, tree) if surface else None
    elif surface:
        farthest_m = np.inf
    margin_m += TOLERANCE_M if surface else 0.0
    return Reach(nearest_m, farthest_m, margin_m, _covered(perimeters, footprint, place, band.distance_m + margin_m))


def decide_band(measured: Reach, band: Band) -> tuple[Result, Cause]:
    """Decide a band from what was measured.

    A point never proves that a whole footprint is within a distance; a point beyond it proves the opposite.
    """
    known, margin = measured.farthest_m, measured.margin_m
    far = measured.nearest_m if known is None or not band.entirely else known
    if far - margin > band.distance_m:
        return (Result.NOT_MET, Cause.CLEAR) if measured.covered else (Result.IN_DOUBT, Cause.NOT_COVERED)
    if band.entirely and known is None:
        return Result.IN_DOUBT, Cause.POINT
    if far + margin > band.distance_m:
        return Result.IN_DOUBT, Cause.MARGIN
    if band.partly_within_m is not None and measured.nearest_m + margin > band.partly_within_m:
        return Result.IN_DOUBT, Cause.ENSEMBLE
    return Result.MET, Cause.CLEAR


def _farthest(footprint: Geometry, tree: shapely.STRtree) -> float:
    touched = tree.query(footprint, predicate="intersects")
    if len(touched):  # what is inside is at no distance: the search would leave out none of its squares
        inside = shapely.union_all(repair(tree.geometries[touched])[0])
        footprint = shapely.difference(shapely.make_valid(footprint), inside)
    if footprint.is_empty:
        return 0.0
    corners = shapely.points(shapely.get_coordinates(footprint))
    (_, nearest), distance_m = tree.query_nearest(corners, return_distance=True, all_matches=False)
    most = distance_m.argmax()
    facing = shapely.get_point(shapely.shortest_line(tree.geometries[nearest[most]], corners[most]), 0)
    if shapely.distance(corners, facing).max() <= distance_m[most] + _ROUNDING_M:
        return float(distance_m[most])  # no point of a footprint is farther from a single point than all its corners
    return farthest(footprint, lambda points: _distances(tree, points))


def farthest(footprint: Geometry, distances: Callable[[Floats], Floats]) -> float:
    """Return the distance of a footprint's farthest point, at most `TOLERANCE_M` below the true one.

    Parameters
    ----------
    footprint
        Polygons, in metres.
    distances
        Returns the distance of each point of an array of shape ``(n, 2)``.

    Notes
    -----
    The farthest point may be anywhere: between two perimeters, it is inside an edge or inside the footprint. Squares
    that overlap the footprint are cut in four as long as they may hold a point farther than the best one known: no
    point of a square is farther than its centre by more than half the diagonal.
    """
    shapely.prepare(footprint)
    best = float(distances(shapely.get_coordinates(footprint)).max())
    left, bottom, right, top = footprint.bounds
    half = float(max(right - left, top - bottom)) / 2
    centres = np.array([[(left + right) / 2, (bottom + top) / 2]])
    while len(centres):
        radius = half * math.sqrt(2)
        found = distances(centres)
        maybe = np.flatnonzero(found + radius > best + TOLERANCE_M)
        boxes = shapely.box(*(centres[maybe] - half).T, *(centres[maybe] + half).T)
        maybe = maybe[shapely.intersects(footprint, boxes)]
        best = max(best, float(found[maybe].max(initial=0.0)) - radius)
        half /= 2
        centres = _quarters(centres[maybe[found[maybe] + radius > best + TOLERANCE_M]], half)
    return best


def _quarters(centres: Floats, half: float) -> Floats:
    steps = np.array([[-half, -half], [-half, half], [half, -half], [half, half]])
    quarters: Floats = (centres[:, None, :] + steps[None, :, :]).reshape(-1, 2)
    return quarters


def _distances(tree: shapely.STRtree, points: Floats) -> Floats:
    _, distance = tree.query_nearest(shapely.points(points), return_distance=True, all_matches=False)
    return np.asarray(distance, dtype=np.float64)


def _near(perimeters: PerimeterSet, rows: Sequence[int], where: Geometry, place: Place) -> shapely.STRtree | None:
    """Return the perimeters among `rows` around a place, in metres; None if no band reaches any.

    More may be in it than those around: they are farther.
    """
    left, bottom, right, top = where.bounds
    window = shapely.box(left - _NEAR_DEGREES, bottom - _NEAR_DEGREES, right + _NEAR_DEGREES, top + _NEAR_DEGREES)
    in_degrees, in_metres = _trees(perimeters, tuple(rows), place.territory)
    return in_metres if len(in_degrees.query(window)) else None


@lru_cache(maxsize=_TREES_KEPT)
def _trees(
    perimeters: PerimeterSet, rows: tuple[int, ...], territory: Territory
) -> tuple[shapely.STRtree, shapely.STRtree]:
    """Return the perimeters among `rows` near a territory, in degrees and projected to metres."""
    some = perimeters.geometry[np.asarray(rows, dtype=np.int64)]
    left, bottom, right, top = territory.bounds
    around = shapely.box(left - _NEAR_DEGREES, bottom - _NEAR_DEGREES, right + _NEAR_DEGREES, top + _NEAR_DEGREES)
    some = some[shapely.intersects(shapely.box(*shapely.bounds(some).T), around)]
    return shapely.STRtree(some), shapely.STRtree(crs.project(some, territory))


def _covered(perimeters: PerimeterSet, footprint: Geometry, place: Place, within_m: float) -> bool:
    if perimeters.coverage.everywhere:
        return True
    around = footprint.buffer(within_m * _BUFFER_EXCESS, quad_segs=16)
    return bool(perimeters.coverage.in_metres(place.territory).covers(around))
