"""Geometries are kept where a format has no place for them."""

from __future__ import annotations

import csv

import geopandas as gpd
import openpyxl
import pytest
import shapely
from shapely.testing import assert_geometries_equal

PLACES = [shapely.Point(0.34, 46.58), shapely.box(3.004, 50.608, 3.007, 50.610), None]


@pytest.fixture(params=["geojson", "gpkg"])
def layer(request, tmp_path):
    path = tmp_path / f"sites.{request.param}"
    gpd.GeoDataFrame({"site": [1, 2, 3]}, geometry=PLACES, crs=4326).to_file(path)
    return path


def geometries_of(path):
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter=";"))
        return [shapely.from_wkt(row["geometry"]) if row["geometry"] else None for row in rows]
    if path.suffix == ".xlsx":
        rows = list(openpyxl.load_workbook(path).worksheets[0].values)
        place = rows[0].index("geometry")
        return [shapely.from_wkt(row[place]) if row[place] else None for row in rows[1:]]
    frame = gpd.read_parquet(path)
    assert frame.crs.equals("EPSG:4326", ignore_axis_order=True)
    return list(frame.geometry)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_geometries_become_a_column(qpv, layer, tmp_path, kind):
    output = tmp_path / f"sortie.{kind}"
    assert qpv("batch", layer, "-o", output, "--on", "2024-06-01").code == 0
    assert_geometries_equal(geometries_of(output), PLACES, normalize=True)
