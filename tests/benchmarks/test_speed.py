"""How fast a verdict is, on the national perimeters. Figures, never a pass or a fail: run with ``scripts/bench``.

Each pair in a group is measured in the same run; read the ratio of their medians.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import qpv_geo
from qpv_geo import crs

POINTS = 1_000_000
HORIZON_M = 1000
QPV = Path(sys.executable).with_name("qpv")
MAINLAND = crs.TERRITORIES[0]


def anywhere(_national, rng):
    return rng.uniform((-4.5, 42.5), (7.5, 50.5), (POINTS, 2))


def around_perimeters(national, rng):
    bounds = shapely.bounds(national.geometry)
    bounds = bounds[crs.territory_index(lon=bounds[:, 0], lat=bounds[:, 1]) == 0]
    bounds = bounds[rng.integers(0, len(bounds), POINTS)]
    return rng.uniform(bounds[:, :2] - 0.01, bounds[:, 2:] + 0.01)


@pytest.fixture(scope="module", params=[anywhere, around_perimeters], ids=["anywhere", "around"])
def points(request, national):
    return request.param(national, np.random.default_rng(86194)).T


@pytest.fixture(scope="module")
def mainland(national):
    frame = national.frame
    return frame[shapely.bounds(national.geometry)[:, 1] > MAINLAND.bounds[1]].to_crs(MAINLAND.epsg)


def test_one_warm_check(benchmark, national):
    """One check on perimeters that are loaded and indexed: a verdict with its evidence and digest."""
    verdict = benchmark(qpv_geo.check, lon=3.00671, lat=50.60889, on="2024-06-01", perimeters=national)
    assert verdict.status == "inside"


@pytest.mark.benchmark(group="a million points")
def test_check_many(benchmark, national, points):
    """From longitudes and latitudes to the table of verdicts."""
    lon, lat = points
    qpv_geo.check_many(lon=lon[:10], lat=lat[:10], perimeters=national)
    table = benchmark.pedantic(lambda: qpv_geo.check_many(lon=lon, lat=lat, perimeters=national), rounds=3)
    assert len(table) == POINTS


@pytest.mark.benchmark(group="a million points")
def test_geopandas_joins(benchmark, mainland, points):
    """The same points: sjoin, then sjoin_nearest to the boundaries, both given points already in metres."""
    here = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*points), crs=4326).to_crs(MAINLAND.epsg)
    edges = mainland.set_geometry(mainland.boundary)

    def joins():
        held = gpd.sjoin(here, mainland, how="left", predicate="intersects")
        near = gpd.sjoin_nearest(here, edges, how="left", max_distance=HORIZON_M, distance_col="distance_m")
        return held, near

    held, near = benchmark.pedantic(joins, rounds=3)
    assert min(len(held), len(near)) >= POINTS


def run(arguments, home):
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"QPV_GEO_HOME": str(home)})


@pytest.mark.benchmark(group="start of a process")
def test_start_of_geopandas(benchmark, home):
    benchmark.pedantic(run, ([sys.executable, "-c", "import geopandas"], home), rounds=15, warmup_rounds=2)


@pytest.mark.benchmark(group="start of a process")
def test_start_of_a_check_on_the_embedded_perimeters(benchmark, home):
    benchmark.pedantic(run, ([QPV, "check", "--lon", "3.00671", "--lat", "50.60889"], home), rounds=15, warmup_rounds=2)


@pytest.mark.benchmark(group="start of a process")
def test_start_of_a_check_on_the_national_perimeters(benchmark, home, catalogue, national):
    catalogue.store.install(national)
    benchmark.pedantic(run, ([QPV, "check", "--lon", "3.00671", "--lat", "50.60889"], home), rounds=15, warmup_rounds=2)
