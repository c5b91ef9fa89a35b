"""Where the made-up ground lies: streets far enough apart for each to be wholly inside a perimeter or outside.

The streets of a town are on a grid of 300 m around its middle, towns are some 11 km apart; half of the streets of a
town that has perimeters are in squares of 200 m, at random: who takes one street for another is wrong half of the time.
"""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import shapely

from qpv_geo.model import Dataset
from qpv_geo.perimeters.coverage import EVERYWHERE
from qpv_geo.perimeters.read import PerimeterSet

LAT, LON, TOWNS_A_ROW = 44.5, 0.3, 40
TOWN_LAT, TOWN_LON = 0.11, 0.14
METRE = 1 / 111_320
STREETS_APART, HALF_A_SQUARE, HOUSES_APART, HOUSES_A_ROW = 300, 100, 4, 25
CITIES = {"751": "75056", "132": "13055", "6938": "69123"}
WITHOUT_PERIMETER = 0.25
"""Share of the towns that no perimeter touches."""


def lay(rows, rng):
    """Give every row a point of its own.

    Return the squares of each INSEE code, which half of the streets are in, and the identifiers that are inside.
    Streets are told apart by town, former town and name; the points change the rows.
    """
    towns = defaultdict(lambda: defaultdict(list))
    for row in rows:
        towns[row["code_insee"], row["nom_commune"]][row["nom_ancienne_commune"], row["nom_voie"]].append(row)
    squares, inside = {}, set()
    for at, (town, streets) in enumerate(sorted(towns.items())):
        lat, lon = LAT + at // TOWNS_A_ROW * TOWN_LAT, LON + at % TOWNS_A_ROW * TOWN_LON
        touched = town[0] and rng.random() >= WITHOUT_PERIMETER
        mine = []
        for centre, (_street, numbers) in zip(grid(lon, lat, len(streets)), sorted(streets.items()), strict=True):
            houses(centre, numbers)
            if touched and rng.random() < 0.5:
                mine.append(around(centre))
                inside.update(row["id"] for row in numbers)
        if mine:
            squares.setdefault(whole_city(town[0]), []).extend(mine)
    return squares, inside


def whole_city(citycode):
    """Return the INSEE code of the city that an arrondissement is of: perimeters carry it."""
    return next((code for start, code in CITIES.items() if citycode.startswith(start)), citycode)


def grid(lon, lat, count):
    side = math.ceil(math.sqrt(count))
    stretch = 1 / math.cos(math.radians(lat))
    for k in range(count):
        north, east = (k // side - side / 2) * STREETS_APART, (k % side - side / 2) * STREETS_APART
        yield lon + east * METRE * stretch, lat + north * METRE


def houses(centre, numbers):
    """Put the houses of a street in rows of 100 m, in the middle of its square."""
    stretch = 1 / math.cos(math.radians(centre[1]))
    for k, row in enumerate(sorted(numbers, key=lambda row: row["id"])):
        east = (k % HOUSES_A_ROW - HOUSES_A_ROW / 2) * HOUSES_APART
        north = (k // HOUSES_A_ROW - 2) * HOUSES_APART
        row["lon"] = f"{centre[0] + east * METRE * stretch:.6f}"
        row["lat"] = f"{centre[1] + north * METRE:.6f}"
        row["x"] = row["y"] = ""


def around(centre):
    lon, lat = centre
    wide = HALF_A_SQUARE * METRE / math.cos(math.radians(lat))
    high = HALF_A_SQUARE * METRE
    return shapely.box(lon - wide, lat - high, lon + wide, lat + high)


def perimeter_set(squares, far_away=()):
    """Return a complete set: a perimeter a town, and one in each of the communes that the index doesn't hold."""
    geometries = {code: shapely.MultiPolygon(some) for code, some in squares.items()}
    for at, code in enumerate(sorted(set(far_away) - set(squares))):
        geometries[code] = around((LON + at * TOWN_LON / 10, LAT - 1))
    codes = sorted(geometries)
    dataset = Dataset(
        id="carres",
        generation="qpv-2024",
        kind="qpv",
        title="Carrés d'essai",
        source="inventé pour les essais",
        edition=None,
        licence=None,
        sha256="0" * 64,
        count=len(codes),
        precision_m=0.0,
    )
    names = tuple(f"QN9{at:04}N" for at in range(1, len(codes) + 1))
    shapes = np.array([geometries[code] for code in codes], dtype=object)
    return PerimeterSet(dataset, EVERYWHERE, names, names, tuple(codes), ("",) * len(codes), shapes)
