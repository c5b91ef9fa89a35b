"""One engine, one size: which perimeter holds each point, and its distance to the nearest edge within a kilometre.

Run by `engines.py` in a process of its own, which prints the seconds, the memory and what was found. Every peer has its
tables loaded and its points already in metres; qpv-geo starts from degrees. All use all cores.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely

from qpv_geo import PerimeterIndex, crs
from qpv_geo.perimeters.catalogue import Catalogue
from qpv_geo.perimeters.importing import ImportOptions, read_file

SHARED = Path(__file__).resolve().parents[3] / "shared"
HORIZON_M = 1000
COMPILED_FROM = 2_100_000
"""From 2,000,000 points asked about, numba computes: a block more, so that the measured run is wholly compiled."""
MAINLAND = crs.TERRITORIES[0]
STEP_DEGREES = 0.017
"""By how much each copy of the perimeters is moved: more than a kilometre."""
AROUND_DEGREES = 0.01
NEAR_SQL = (
    "SELECT p.id, MIN(ST_Distance(p.geometry, e.geometry)) AS distance FROM points p "
    "JOIN edges e ON ST_DWithin(p.geometry, e.geometry, 1000) GROUP BY p.id"
)
HELD_SQL = "SELECT p.id, q.code FROM points p JOIN perimeters q ON ST_Intersects(p.geometry, q.geometry)"


class Found(NamedTuple):
    """How many points are held, how many are near an edge, and the sum of their distances."""

    held: int
    near: int
    metres: float


class Job(NamedTuple):
    """The points in degrees, the set, its mainland part in metres, and the boundaries of that."""

    lon: np.ndarray
    lat: np.ndarray
    perimeters: object
    mainland: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame

    @property
    def points(self):
        """The points in metres, as peers are given them."""
        x, y = crs.project_points(lon=self.lon, lat=self.lat, territory=MAINLAND)
        geometry = gpd.points_from_xy(x, y)
        return gpd.GeoDataFrame({"id": np.arange(len(x))}, geometry=geometry, crs=MAINLAND.epsg)


def perimeters_of(count):
    """The 7 embedded perimeters, the 1,584 of the nation, or as many copies of these as asked, side by side."""
    catalogue = Catalogue(Path("/nonexistent"))
    if count <= len(catalogue.load(catalogue.registry.embedded[0])):
        return catalogue.load(catalogue.registry.embedded[0])
    nation = read_file(SHARED / "boundaries/qpv-2024-france-4dec.geojson.gz", ImportOptions(), catalogue.registry)
    copies = range(max(1, round(count / len(nation))))
    geometry = [
        shapely.transform(nation.geometry, lambda xy, k=k: xy + np.array([k * STEP_DEGREES, 0])) for k in copies
    ]
    named = {field: getattr(nation, field) * len(copies) for field in ("names", "insee", "communes", "kinds")}
    codes = tuple(f"{code}-{k}" for k in copies for code in nation.codes)
    return replace(nation, codes=codes, geometry=np.concatenate(geometry), **named)


def job(points, perimeters, where):
    found = perimeters_of(perimeters)
    bounds = shapely.bounds(found.geometry)
    here = bounds[:, 1] > MAINLAND.bounds[1]
    lon, lat = drawn(points, where, bounds[here]).T
    mainland = found.frame[here][["code_qp", "geometry"]].rename(columns={"code_qp": "code"}).to_crs(MAINLAND.epsg)
    return Job(lon, lat, found, mainland, mainland.set_geometry(mainland.boundary))


def drawn(points, where, bounds):
    """Draw points anywhere in mainland France, or around the perimeters, where people live: within about 1 km of one.

    Returns
    -------
    float64, shape ``(points, 2)``: longitudes and latitudes.
    """
    rng = np.random.default_rng(86194)
    if where == "anywhere":
        return rng.uniform((-4.5, 42.5), (7.5, 50.5), (points, 2))
    some = bounds[rng.integers(0, len(bounds), points)]
    return rng.uniform(some[:, :2] - AROUND_DEGREES, some[:, 2:] + AROUND_DEGREES)


def qpv_geo_engine(one, before=COMPILED_FROM):
    """An index that was asked about some points `before`: from so many on, as in a service, it computes with numba."""
    index = PerimeterIndex(one.perimeters)
    index.locate(lon=np.resize(one.lon, before), lat=np.resize(one.lat, before), horizon_m=HORIZON_M)

    def run():
        position, distance_m = index.locate(lon=one.lon, lat=one.lat, horizon_m=HORIZON_M)
        near = np.abs(distance_m) <= HORIZON_M
        return Found(int((position >= 0).sum()), int(near.sum()), float(np.abs(distance_m[near]).sum()))

    return run


def geopandas_engine(one):
    """Geopandas has no threads of its own: the points are cut in as many parts as there are cores."""
    points = one.points
    one.mainland.sindex.query(points.geometry[:1])
    one.edges.sindex.query(points.geometry[:1])
    step = -(-len(points) // os.cpu_count())
    parts = [points.iloc[first : first + step] for first in range(0, len(points), step)]

    def joins(part):
        held = gpd.sjoin(part, one.mainland, predicate="intersects")
        near = gpd.sjoin_nearest(part, one.edges, max_distance=HORIZON_M, distance_col="distance")
        return held["id"], near.drop_duplicates("id")["distance"]

    def run():
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            held, near = zip(*threads.map(joins, parts), strict=True)
        distance = np.concatenate(near)
        return Found(len(np.unique(np.concatenate(held))), len(distance), float(distance.sum()))

    return run


def sedonadb_engine(one):
    import sedonadb  # noqa: PLC0415 - one engine a process

    connection = sedonadb.connect()
    for name, table in (("points", one.points), ("perimeters", one.mainland), ("edges", one.edges)):
        connection.create_data_frame(table).to_view(name)
    return lambda: found_of(pa.table(connection.sql(HELD_SQL)), pa.table(connection.sql(NEAR_SQL)))


def duckdb_engine(one):
    import duckdb  # noqa: PLC0415 - one engine a process

    connection = duckdb.connect()
    [folder] = find_spec("duckdb_extension_spatial").submodule_search_locations
    [extension] = Path(folder).rglob("spatial.duckdb_extension")
    connection.load_extension(str(extension))
    for name, table in (("points", one.points), ("perimeters", one.mainland), ("edges", one.edges)):
        key = "id" if name == "points" else "code"
        keys = pa.array(table[key].to_list())
        connection.register("wkb", pa.table({key: keys, "wkb": pa.array(table.geometry.to_wkb().to_list())}))
        connection.execute(f"CREATE TABLE {name} AS SELECT {key}, ST_GeomFromWKB(wkb) AS geometry FROM wkb")  # noqa: S608
        connection.unregister("wkb")
    arrow = lambda sql: connection.execute(sql).to_arrow_table()  # noqa: E731 - a name for one expression
    return lambda: found_of(arrow(HELD_SQL), arrow(NEAR_SQL))


def found_of(held, near):
    return Found(len(set(held["id"].to_pylist())), near.num_rows, float(near["distance"].to_numpy().sum()))


ENGINES = {
    "qpv-geo": qpv_geo_engine,
    "numpy": partial(qpv_geo_engine, before=1000),
    "geopandas": geopandas_engine,
    "sedonadb": sedonadb_engine,
    "duckdb": duckdb_engine,
}


def peak_mb():
    with Path("/proc/self/status").open(encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024


def main(engine, points, perimeters, where):
    one = job(int(points), int(perimeters), where)
    start = time.perf_counter()
    run = ENGINES[engine](one)
    ready = time.perf_counter()
    loaded_mb = peak_mb()
    before = time.process_time()
    began = time.perf_counter()
    found = run()
    told = {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - before,
        "ready": ready - start,
        "loaded_mb": loaded_mb,
        "peak_mb": peak_mb(),
        "perimeters": len(one.perimeters),
        **found._asdict(),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
