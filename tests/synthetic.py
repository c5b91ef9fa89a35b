"""Perimeters that look invented: squares of a round size around round coordinates."""

from __future__ import annotations

from functools import cache

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo.model import Dataset
from qpv_geo.perimeters.coverage import EVERYWHERE
from qpv_geo.perimeters.read import PerimeterSet

MAINLAND = crs.TERRITORIES[0]
LOOS_BOX = (2.985, 50.593, 3.035, 50.622)
"""Where the 2015 file of the Lille metropolis, and the embedded extract, are complete around Loos; degrees."""
ORIGIN = (500_000.0, 6_600_000.0)
"""Metres in the legal system of the mainland, some 40 km from Poitiers."""


def square(x: float, y: float, size: float):
    """A square in metres, its lower left corner `x`, `y` metres from the origin."""
    return shapely.box(ORIGIN[0] + x, ORIGIN[1] + y, ORIGIN[0] + x + size, ORIGIN[1] + y + size)


def degrees(geometry):
    """The same geometry in longitude and latitude, its edges as straight as in metres to a fraction of a millimetre."""
    return crs.unproject(shapely.segmentize(geometry, 100.0), MAINLAND)


def point(x: float, y: float) -> dict[str, float]:
    """The point `x`, `y` metres from the origin, as the keywords that checks take."""
    lon, lat = _degrees_at(x, y)
    return {"lon": lon, "lat": lat}


@cache
def _degrees_at(x: float, y: float) -> tuple[float, float]:
    lon, lat = shapely.get_coordinates(crs.unproject(shapely.Point(ORIGIN[0] + x, ORIGIN[1] + y), MAINLAND))[0]
    return float(lon), float(lat)


def perimeters(*metric, coverage=EVERYWHERE, precision_m=0.0, kind="qpv", generation="qpv-2024", name="carres"):
    """A set of the geometries given in metres, with codes QN99901N and on."""
    codes = tuple(f"QN999{number:02d}N" for number in range(1, len(metric) + 1))
    dataset = Dataset(
        id=name,
        generation=generation,
        kind=kind,
        title="Carrés d'essai",
        source="inventé pour les essais",
        edition=None,
        licence=None,
        sha256="0" * 64,
        count=len(metric),
        precision_m=precision_m,
    )
    geometry = np.asarray(degrees(np.array(metric, dtype=object)), dtype=object)
    labels = tuple(f"Carré d'essai {number}" for number in range(1, len(metric) + 1))
    empty = ("",) * len(metric)
    return PerimeterSet(dataset, coverage, codes, labels, empty, empty, geometry)
