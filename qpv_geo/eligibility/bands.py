"""Bands around perimeters: is a place within a distance of one, in part or entirely.

A band is a rule of law with its own distance; it never widens a perimeter, and has nothing to do with the doubt at
its limit. What is inside a perimeter is for `qpv_geo.eligibility.decide` alone: here a place inside one is simply
0 m from it.

Distances are computed in the legal metric system of the territory. They are compared with a margin: the accuracy of
the point, the precision of the perimeters and, for the farthest point of a footprint, `TOLERANCE_M`. Within the
margin of the distance of the rule, the answer is a doubt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import shapely

from qpv_geo import crs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from qpv_geo.eligibility.location import Place
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.untyped import Geometry

    Floats = NDArray[np.float64]
    Boxes = NDArray[np.float64]

TOLERANCE_M = 0.05
"""How far from the true one the distance of the farthest point of a footprint may be found, in metres."""
MOST_M = 10_000.0
"""Widest band, in metres."""

_NEAR_DEGREES = 0.3
"""Nowhere in France shorter than 20 km, twice `MOST_M`: perimeters farther than that are in no band."""
_BUFFER_EXCESS = 1.02
"""The outline of a buffer is approximate: this much wider, it surely holds all that is within the distance."""
_POLYGON = 2


class Result(StrEnum):
    """What a test gives."""

    MET = "met"
    NOT_MET = "not_met"
    IN_DOUBT = "in_doubt"


class Cause(StrEnum):
    """Why the result of a band is what it is.

    ``clear``: nothing to add; ``margin``: too close to the distance to tell; ``point``: the rule is about a whole
    footprint, and only a point is known; ``ensemble``: what is given may be a part of a larger whole, which the rule
    is about; ``not_covered``: an unknown perimeter may be near.
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
        Whether the whole footprint must be within `distance_m`, rather than some of it.
    partly_within_m
        For an ensemble that must be entirely within `distance_m` and in part within this.
    """

    distance_m: float
    entirely: bool = False
    partly_within_m: float | None = None


@dataclass(frozen=True)
class Reach:
    """How near and how far a place is from perimeters, in metres; 0 inside, infinity where none is near.

    Attributes
    ----------
    farthest_m
        Distance of the farthest point of the footprint; None for a place whose footprint is not known.
    margin_m
        By how much these distances may be wrong.
    covered
        Whether every perimeter within the band is known.
    """

    nearest_m: float
    farthest_m: float | None
    margin_m: float
    covered: bool


def reach(perimeters: PerimeterSet, rows: Sequence[int], place: Place, band: Band) -> Reach:
    """Measure how near and how far a place is from some perimeters of a set.

    Parameters
    ----------
    rows
        Which perimeters count.
    """
    point = shapely.Point(place.point[:2])
    footprint = crs.project(point if place.site is None else place.site, place.territory)
    polygons = _near(perimeters, rows, place.site if place.site is not None else point, place)
    margin_m = place.point[2] + perimeters.dataset.precision_m
    nearest_m, farthest_m = np.inf, None
    surface = bool((shapely.get_dimensions(shapely.get_parts(footprint)) == _POLYGON).all())
    if len(polygons):
        tree = shapely.STRtree(polygons)
        nearest_m = float(tree.query_nearest(footprint, return_distance=True, all_matches=False)[1][0])
        farthest_m = farthest(footprint, lambda points: _distances(tree, points)) if surface else None
    elif surface:
        farthest_m = np.inf
    margin_m += TOLERANCE_M if surface else 0.0
    return Reach(nearest_m, farthest_m, margin_m, _covered(perimeters, footprint, place, band.distance_m + margin_m))


def decide_band(measured: Reach, band: Band) -> tuple[Result, Cause]:
    """Decide from what was measured; pure.

    A point never proves that a footprint is entirely within a distance; farther than it, it proves the contrary.
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


def farthest(footprint: Geometry, distances: Callable[[Floats], Floats]) -> float:
    """Return the largest distance of a point of a footprint, at most `TOLERANCE_M` below the true one.

    Parameters
    ----------
    footprint
        Polygons, in metres.
    distances
        Gives the distance of points, an array of shape ``(n, 2)``.

    Notes
    -----
    The farthest point may be anywhere: between two perimeters it is in the middle of an edge, or of the footprint.
    Squares that hold some of the footprint are cut in four as long as they may hold a point farther than the best
    that is known: no point of a square is farther than its centre by more than half its diagonal.
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


def _near(perimeters: PerimeterSet, rows: Sequence[int], where: Geometry, place: Place) -> Geometry:
    """Return, in metres, the perimeters among `rows` that a band around the place may reach."""
    some = perimeters.geometry[np.asarray(rows, dtype=np.int64)]
    left, bottom, right, top = where.bounds
    window = shapely.box(left - _NEAR_DEGREES, bottom - _NEAR_DEGREES, right + _NEAR_DEGREES, top + _NEAR_DEGREES)
    return crs.project(some[shapely.STRtree(some).query(window)], place.territory)


def _covered(perimeters: PerimeterSet, footprint: Geometry, place: Place, within_m: float) -> bool:
    if perimeters.coverage.everywhere:
        return True
    around = footprint.buffer(within_m * _BUFFER_EXCESS, quad_segs=16)
    return bool(perimeters.coverage.in_metres(place.territory).covers(around))
