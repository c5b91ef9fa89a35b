"""`qpv perimeters export`: what other programs read in the files."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

import qpv_geo
from qpv_geo.errors import InputError
from qpv_geo.perimeters.exporting import export
from qpv_geo.perimeters.importing import ImportOptions, read_file
from qpv_geo.perimeters.registry import registry

FORMATS = ("gpkg", "fgb", "parquet", "geojson")
COLUMNS = ["code_qp", "lib_qp", "insee_com", "lib_com", "kind", "generation", "geometry"]


@pytest.fixture(scope="module")
def embedded():
    return qpv_geo.load_perimeters("qpv-2024")


def read(path):
    if path.suffix == ".parquet":
        return gpd.read_parquet(path)
    return gpd.read_file(path, layer="qpv_2024")


def metadata(path):
    if path.suffix == ".parquet":
        return {key.decode(): value.decode() for key, value in pq.read_schema(path).metadata.items()}
    if path.suffix == ".geojson":
        return json.loads(path.read_text(encoding="utf-8"))["metadata"]
    told = pyogrio.read_info(path, layer="qpv_2024")["layer_metadata"]
    return told | {"description": told["DESCRIPTION"]}  # the name that GDAL gives it


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_holds_the_perimeters_and_says_where_they_come_from(tmp_path, embedded, suffix):
    path = tmp_path / f"quartiers.{suffix}"
    assert export([embedded], path) == 7
    found = read(path).sort_values("code_qp", ignore_index=True)
    wanted = embedded.frame.sort_values("code_qp", ignore_index=True)
    assert list(found.columns) == COLUMNS
    assert found.crs.to_epsg() == 4326
    assert found[["code_qp", "lib_qp", "insee_com", "kind"]].equals(wanted[["code_qp", "lib_qp", "insee_com", "kind"]])
    assert shapely.equals(found.geometry.array, wanted.geometry.array).all()
    assert set(found["generation"]) == {"qpv-2024"}
    told = metadata(path)
    assert told["source"] == embedded.dataset.source
    assert told["sha256"] == embedded.dataset.sha256
    assert told["licence"] == "Licence Ouverte 2.0"
    assert json.loads(told["coverage"]) == embedded.coverage.to_json()
    assert "complets dans la zone « coverage » seulement. Ailleurs, les données sont incomplètes" in told["description"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_exported_file_is_imported_as_it_was(tmp_path, embedded, suffix):
    path = tmp_path / f"quartiers.{suffix}"
    export([embedded], path)
    found = read_file(path, ImportOptions(coverage=embedded.coverage), registry())
    rows = [found.codes.index(code) for code in embedded.codes]
    assert [found.names[row] for row in rows] == list(embedded.names)
    assert [found.communes[row] for row in rows] == list(embedded.communes)
    assert shapely.equals(found.geometry[rows], embedded.geometry).all()


def test_the_perimeters_of_a_commune(tmp_path, qpv):
    path = tmp_path / "loos.geojson"
    answer = qpv("perimeters", "export", "--generation", "qpv-2024", "--commune", "59360", "-o", path)
    assert (answer.code, answer.err) == (0, "")
    assert "3 périmètres" in answer.out
    assert set(read(path)["code_qp"]) == {"QN05972M", "QN05975M", "QN05976M"}
    assert metadata(path)["commune"] == "59360"
    assert metadata(path)["coverage"] == "none"  # a place elsewhere is not known to be outside
    assert "Seuls les périmètres de la commune « 59360 »" in metadata(path)["description"]


def test_qgis_opens_a_geopackage_with_its_style(tmp_path, embedded):
    path = tmp_path / "quartiers.gpkg"
    export([embedded], path)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
        ).fetchall()
        listed = dict(connection.execute("SELECT table_name, data_type FROM gpkg_contents"))
        geometry = connection.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchone()
    [(table, column, default, qml)] = rows
    assert (table, column, default) == (*geometry, 1)
    assert listed == {"qpv_2024": "features", "layer_styles": "attributes"}
    style = ET.fromstring(qml)  # noqa: S314 - made by this project
    assert style.find("renderer-v2").get("type") == "singleSymbol"
    assert style.find("labeling/settings/text-style").get("fieldName") in read(path).columns


def test_sets_of_one_generation_are_all_named(tmp_path, embedded):
    path = tmp_path / "quartiers.gpkg"
    other = read_file(_renamed(tmp_path, embedded), ImportOptions(source="essai"), registry())
    assert export([other, embedded], path) == 8
    told = metadata(path)
    assert told["source"] == f"essai; {embedded.dataset.source}"
    assert told["sha256"].split("; ") == [other.dataset.sha256, embedded.dataset.sha256]


def _renamed(folder, embedded):
    path = folder / "autre.geojson"
    frame = embedded.frame.iloc[[0]].assign(code_qp="QN08699N", lib_qp="Carré d’essai")
    frame.to_file(path, driver="GeoJSON")
    return path


def test_what_cannot_be_written_is_told_and_writes_nothing(tmp_path, qpv):
    asked = ("perimeters", "export", "--generation", "qpv-2024")
    for rest, says in (
        (("-o", tmp_path / "a.kml"), ("« a.kml »", ".gpkg")),
        (("--commune", "75001", "-o", tmp_path / "a.gpkg"), ("« 75001 »", "aucun périmètre")),
        (("--commune", "Loos", "-o", tmp_path / "a.gpkg"), ("code INSEE",)),  # the embedded set names none
        (("-o", tmp_path / "absent" / "a.gpkg"), ("absent",)),
    ):
        answer = qpv(*asked, *rest)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.count("\n") == 1
        assert all(text in answer.err for text in says)
    assert list(tmp_path.iterdir()) == []
    assert qpv("perimeters", "export", "--generation", "qpv-2015", "-o", tmp_path / "a.gpkg").code == 3


def test_the_extension_is_looked_at_first(tmp_path, embedded):
    with pytest.raises(InputError, match="format inconnu"):
        export([embedded], tmp_path / "sans-extension")


@pytest.mark.shared
def test_the_whole_country(tmp_path, national):
    path = tmp_path / "france.fgb"
    assert export([national], path) == len(national) == 1584
    found = read(path).set_index("code_qp").loc[list(national.codes)]
    assert shapely.equals(found.geometry.array, national.geometry).all()
    assert metadata(path)["coverage"] == "all"


@pytest.mark.shared
@pytest.mark.parametrize(("arrondissement", "commune"), [("75118", "75056"), ("13203", "13055"), ("69388", "69123")])
def test_an_arrondissement_has_the_perimeters_of_its_commune(tmp_path, national, arrondissement, commune):
    counts = [export([national], tmp_path / f"{code}.fgb", commune=code) for code in (arrondissement, commune)]
    assert counts[0] == counts[1] > 5
