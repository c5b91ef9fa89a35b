"""Places that tests of schemes ask about: real ones, and squares that look invented, under one name each."""

from __future__ import annotations

import json
from dataclasses import replace

import shapely
from synthetic import ORIGIN, degrees, perimeters, point, square

from qpv_geo.perimeters.importing import ImportOptions, read_file

OLIVEAUX = {"lon": 3.00671, "lat": 50.60889}
BEAULIEU = "QN08606M"
COURONNERIES = "QN08605M"
OUT_OF_POITIERS_QPV = {"lon": 0.3404, "lat": 46.5802}
OUT_OF_LOOS_QPV = {"lon": 3.0000, "lat": 50.6000}
LYON = {"lon": 4.8357, "lat": 45.7640}
SQUARE = perimeters(square(0, 0, 1000), name="qpv-2024")
SQUARE_FAR_AWAY = perimeters(square(9000, 0, 1000), name="qpv-2024")
OLD_AT_SAME_PLACE = replace(perimeters(square(0, 0, 1000), generation="qpv-2015", name="qpv-2015"), codes=("QP999001",))
OLD_FAR_AWAY = replace(perimeters(square(9000, 0, 1000), generation="qpv-2015", name="qpv-2015"), codes=("QP999001",))
CONVENTIONS = "code_qp,level,convention,source\nQN99901N,national,2020-03-15,essai\nQP999001,unknown,2020-03-15,essai\n"
"""A list in which the square has a renewal convention, in either generation."""


def inside(catalogue, code):
    """A point well inside an embedded perimeter."""
    (embedded,) = catalogue.registry.embedded
    found = catalogue.load(embedded)
    spot = found.geometry[found.codes.index(code)].point_on_surface()
    return {"lon": spot.x, "lat": spot.y}


def building(near, far):
    """The footprint of a building 20 m wide, from `near` to `far` metres east of the square."""
    return degrees(shapely.box(ORIGIN[0] + 1000 + near, ORIGIN[1] + 490, ORIGIN[0] + 1000 + far, ORIGIN[1] + 510))


def municipal_zone(  # noqa: PLR0913 - one keyword a way of telling it
    catalogue, tmp_path, name, *, insee=None, around=OUT_OF_POITIERS_QPV, everywhere=True
):
    """Install a square municipal zone of 0.01 degree around a place."""
    lon, lat = around["lon"], around["lat"]
    box = json.loads(shapely.to_geojson(shapely.box(lon - 0.005, lat - 0.005, lon + 0.005, lat + 0.005)))
    path = tmp_path / f"{name}.geojson"
    properties = {"code": f"{name}-1", "nom": "Zone d'essai"} | ({"insee_com": insee} if insee else {})
    path.write_text(json.dumps({"type": "Feature", "properties": properties, "geometry": box}), encoding="utf-8")
    options = ImportOptions(id=name, kind="municipal_zone")
    zone = read_file(path, options, catalogue.registry)
    if everywhere:
        zone = replace(zone, coverage=SQUARE.coverage)
    catalogue.store.install(zone)


def world_of(name, on):
    """Tell apart the homes that places need: places with the same one share theirs."""
    world, *metres = name.split(":")
    return (world, on >= "2024") if metres else ("zone-municipale" in name, None)


def install_world(name, *, on, catalogue, home, tmp_path):
    """Install the perimeters that the name of a place tells.

    Parameters
    ----------
    name
        A real place, or a world and metres: ``carre:-50`` is a point 50 m inside the square, ``bati:280:299`` a
        building from 280 to 299 m out of it. In the worlds ``carre``, ``bati`` and ``conv`` the square is a QPV on the
        day, and one with a renewal convention in ``conv``; in ``nouveau`` it is one of 2024 alone; in ``ancien`` one
        of 2015 alone; in another world the square is a zone of that kind, and QPV are far away.
    """
    world, *metres = name.split(":")
    if not metres:
        if "zone-municipale" in name:
            municipal_zone(catalogue, tmp_path, "zones-poitiers")
        return
    recent = on >= "2024"
    new, old = {
        "nouveau": (SQUARE, OLD_FAR_AWAY),
        "ancien": (SQUARE_FAR_AWAY, OLD_AT_SAME_PLACE),
        **dict.fromkeys(
            ("carre", "bati", "conv"), (SQUARE, OLD_FAR_AWAY) if recent else (SQUARE_FAR_AWAY, OLD_AT_SAME_PLACE)
        ),
    }.get(world, (SQUARE_FAR_AWAY, OLD_FAR_AWAY))
    catalogue.store.install(new)
    catalogue.store.install(old)
    if world in {"watch_area", "malraux", "zfu", "pnru"}:
        catalogue.store.install(perimeters(square(0, 0, 1000), kind=world, generation=None, name="autres"))
    if world == "conv":
        (home / "npnru.csv").write_text(CONVENTIONS, encoding="utf-8")


def place_in(name, catalogue):
    """Return the keywords of a place."""
    numbers = [float(one) for one in name.split(":")[1:]]
    if not numbers:
        return _real(name, catalogue)
    return point(1000 + numbers[0], 500) if len(numbers) == 1 else {"site": building(*numbers)}


def _real(name, catalogue):
    codes = {"beaulieu": BEAULIEU, "couronneries": COURONNERIES}
    if name in codes:
        return inside(catalogue, codes[name])
    return {
        "aucun": {},
        "oliveaux": OLIVEAUX,
        "hors-loos": OUT_OF_LOOS_QPV,
        "hors-poitiers": OUT_OF_POITIERS_QPV,
        "lyon": LYON,
        "zone-municipale": OUT_OF_POITIERS_QPV,
        "hors-zone-municipale": OUT_OF_POITIERS_QPV | {"lon": OUT_OF_POITIERS_QPV["lon"] + 0.02},
    }[name]
