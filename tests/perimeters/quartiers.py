"""Made-up quartiers, drawn in metres from a base point, so that their areas are known beforehand."""

from __future__ import annotations

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo.model import Dataset
from qpv_geo.perimeters.coverage import EVERYWHERE, Coverage
from qpv_geo.perimeters.read import PerimeterSet

MAINLAND, REUNION = crs.TERRITORIES[0], crs.TERRITORIES[3]
BASES = {MAINLAND.id: (497_000.0, 6_613_000.0), REUNION.id: (340_000.0, 7_685_000.0)}
"""Projected coordinates of the base points: near Poitiers, in La Réunion."""

KM = 1000.0


def overlay(shape, territory=MAINLAND):
    """Return a shape drawn in metres from the base point, in longitude and latitude, its edges as straight there."""
    x, y = BASES[territory.id]
    placed = shapely.transform(shape, lambda points: np.add(points, (x, y)))
    return crs.unproject(shapely.segmentize(placed, 100.0), territory)


def metres(shape, territory=MAINLAND):
    """Return a shape in longitude and latitude, in metres from the base point."""
    x, y = BASES[territory.id]
    return shapely.transform(crs.project(shape, territory), lambda points: np.subtract(points, (x, y)))


def box(x0, y0, x1, y1):
    return shapely.box(x0, y0, x1, y1)


def square(x=0.0, y=0.0, side=KM):
    return box(x, y, x + side, y + side)


def covering(*shapes):
    """Return a coverage complete in some shapes drawn in metres, its edges straight in metres too."""
    return Coverage(shapely.union_all([overlay(shape) for shape in shapes]))


def quartiers(  # noqa: PLR0913 - one keyword a column
    shapes, *, coverage=EVERYWHERE, insee=None, communes=None, precision_m=0.1, territories=None
):
    """Return a set of perimeters from codes and their shapes in metres; INSEE codes and communes by code."""
    insee, communes, territories = insee or {}, communes or {}, territories or {}
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = [overlay(shape, territories.get(code, MAINLAND)) for code, shape in shapes.items()]
    codes = tuple(shapes)
    dataset = Dataset("made-up", None, "qpv", "", "", None, None, "0" * 64, len(codes), precision_m)
    return PerimeterSet(
        dataset,
        coverage,
        codes,
        tuple(f"Quartier {code}" for code in codes),
        tuple(insee.get(code, "") for code in codes),
        tuple(communes.get(code, "") for code in codes),
        geometry,
    )
