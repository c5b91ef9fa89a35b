"""The system of coordinates: the one that is named wins over the one of the file, and is told before the run."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import geopandas
import pytest
import shapely
from batch_files import INSIDE, LAMBERT_93, ON, OUTSIDE, read_rows, write_points

import qpv_geo

PLACES = geopandas.GeoSeries([shapely.Point(*INSIDE), shapely.Point(*OUTSIDE)], crs=4326)
GIVEN = ("--crs", "EPSG:2154")


def statuses(path):
    return [row["qpv_status"] for row in read_rows(path)]


def lambert_as(system, path):
    """Write two places in Lambert-93, and say of them that they are in another system."""
    geopandas.GeoDataFrame(geometry=PLACES.to_crs(LAMBERT_93).set_crs(system, allow_override=True)).to_file(path)
    return path


@pytest.fixture(params=[0, -1, None])
def unknown(tmp_path, request):
    """A layer in Lambert-93 whose file says that its system is undefined."""
    path = tmp_path / "a.gpkg"
    if request.param is None:
        with pytest.warns(UserWarning, match="'crs' was not provided"):
            return lambert_as(None, path)
    lambert_as(LAMBERT_93, path)
    with closing(sqlite3.connect(path)) as book, book:
        book.execute("UPDATE gpkg_geometry_columns SET srs_id = ?", (request.param,))
        book.execute("UPDATE gpkg_contents SET srs_id = ?", (request.param,))
    return path


def test_a_layer_of_no_known_system_is_refused_or_read_in_the_one_that_is_named(qpv, tmp_path, unknown):
    refused = qpv("batch", unknown, "-o", tmp_path / "b.gpkg", "--on", ON)
    assert (refused.code, refused.out) == (2, "")
    assert "--crs EPSG:2154" in refused.err
    assert "aucune colonne" not in refused.err
    for name in ("b.gpkg", "b.geojson", "b.csv"):
        answer = qpv("batch", unknown, "-o", tmp_path / name, "--on", ON, *GIVEN)
        assert answer.code == 0, answer.err
        assert "système : EPSG:2154 (donné)" in answer.err
        assert statuses(tmp_path / name) == ["inside", "outside"]
    places = geopandas.read_file(tmp_path / "b.geojson").geometry
    assert places.iloc[0].distance(PLACES.iloc[0]) < 1e-6


def test_the_system_that_is_named_wins_over_that_of_the_file(qpv, tmp_path):
    layer = lambert_as(3857, tmp_path / "a.gpkg")
    answer = qpv("batch", layer, "-o", tmp_path / "b.csv", "--on", ON, *GIVEN)
    assert "EPSG:2154 (donné, le fichier indique EPSG:3857)" in answer.err
    assert statuses(tmp_path / "b.csv") == ["inside", "outside"]


def test_a_geojson_that_does_not_say_its_system(qpv, tmp_path):
    features = [
        {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(place)}
        for place in PLACES.to_crs(LAMBERT_93)
    ]
    source = tmp_path / "a.geojson"
    source.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    refused = qpv("batch", source, "-o", tmp_path / "b.geojson", "--on", ON)
    assert refused.code == 2
    assert "--crs EPSG:2154" in refused.err
    assert qpv("batch", source, "-o", tmp_path / "b.geojson", "--on", ON, *GIVEN).code == 0
    assert statuses(tmp_path / "b.geojson") == ["inside", "outside"]


def test_the_system_of_columns_is_told_too(qpv, tmp_path):
    source = write_points(tmp_path / "a.csv", INSIDE)
    answer = qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--crs", "EPSG:4326")
    assert "système : EPSG:4326 (donné)" in answer.err
    assert "système" not in qpv("batch", source, "-o", tmp_path / "c.csv", "--on", ON).err


@pytest.mark.parametrize("declared", [None, 3857])
def test_the_geometries_of_a_frame(declared):
    frame = geopandas.GeoDataFrame(geometry=PLACES.to_crs(LAMBERT_93).set_crs(declared, allow_override=True))
    table = qpv_geo.check_table(frame, on=ON, crs="EPSG:2154")
    assert table["qpv_status"].tolist() == ["inside", "outside"]


# ── Points that are written ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("target", ["gpkg", "geojson"])
@pytest.mark.parametrize("system", [4326, LAMBERT_93])
def test_coordinates_that_are_understood_are_written_as_points(qpv, tmp_path, target, system):
    pairs = [(place.x, place.y) for place in PLACES.to_crs(system)]
    source = write_points(tmp_path / "a.csv", *pairs, ("abc", "1"), ("", ""))
    output = tmp_path / f"b.{target}"
    assert qpv("batch", source, "-o", output, "--on", ON, "--crs", f"EPSG:{system}").code == 0
    written = geopandas.read_file(output)
    assert written.crs.to_epsg() == 4326
    assert written.geometry[:2].geom_equals_exact(PLACES, 1e-6).all()
    assert written.geometry[2:].isna().all()
    assert statuses(output) == ["inside", "outside", "error", "not_located"]
