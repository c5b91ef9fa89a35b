"""Places written whole in one column, as open data publish them: pairs of coordinates, WKT and GeoJSON."""

from __future__ import annotations

import csv
import json

import pandas as pd
import pytest
from examples import examples, some_pairs
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from qpv_geo import check_many, check_table

LON, LAT = 3.00671, 50.60889
X, Y = Transformer.from_crs("EPSG:4326", "EPSG:2154", always_xy=True).transform(LON, LAT)
SQUARE = f"(({LON} {LAT}, {LON} {LAT + 1e-5}, {LON + 1e-5} {LAT + 1e-5}, {LON} {LAT}))"
POINT = {"type": "Point", "coordinates": [LON, LAT]}


@pytest.fixture
def answered(qpv, tmp_path):
    """Answer a CSV of one column of places and an id, and return its rows."""

    def answer(heading, *cells, options=()):
        source, output = tmp_path / "ouvert.csv", tmp_path / "sortie.csv"
        with source.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream)
            table.writerows([["id", heading], *enumerate(cells)])
        told = qpv("batch", source, "-o", output, "--on", "2024-06-01", "--offline", *options)
        if told.code:
            return told
        with output.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    return answer


def statuses(rows):
    return [row["qpv_status"] for row in rows]


@pytest.mark.parametrize("heading", ["geo_point_2d", "Geo Point", "geopoint", "Coordonnées GPS", "latlon"])
def test_latitude_is_first_in_open_data(answered, heading):
    assert statuses(answered(heading, f"{LAT}, {LON}", f"{LAT},{LON}", "46.55, 0.30")) == [
        "inside",
        "inside",
        "outside",
    ]


@pytest.mark.parametrize("heading", ["lonlat", "Coordonnées GPS", "gps"])
def test_longitude_is_first_where_the_name_or_the_values_say_so(answered, heading):
    assert statuses(answered(heading, f"{LON}, {LAT}")) == ["inside"]


@pytest.mark.parametrize(
    "cell",
    [
        "50.60889, 3.00671",
        "50.60889;3.00671",
        "50,60889 3,00671",
        "50,60889 ; 3,00671",
        "50,60889, 3,00671",
        "[50.60889, 3.00671]",
        "(50.60889 3.00671)",
        "50.60889 | 3.00671",
        "+50.60889,3.00671",
    ],
)
def test_a_pair_is_read_however_it_is_separated(answered, cell):
    for heading in ("geo_point_2d", "gps"):
        assert statuses(answered(heading, cell, options=("--overwrite",))) == ["inside"]


CELLS = [
    f"POINT ({LON} {LAT})",
    f"point({LON} {LAT})",
    f"POINT Z ({LON} {LAT} 12)",
    f"SRID=4326;POINT({LON} {LAT})",
    f"SRID=2154;POINT({X} {Y})",
    f"POLYGON {SQUARE}",
    f"MULTIPOLYGON ({SQUARE})",
    json.dumps(POINT),
    json.dumps({"type": "Feature", "geometry": POINT, "properties": {}}),
]


@pytest.mark.more
@pytest.mark.parametrize(
    ("heading", "cell"), some_pairs(["geom", "the_geom", "geo_shape", "WKT", "geometry"], CELLS, times=1)
)
def test_wkt_and_geojson_are_the_place_of_the_row(answered, heading, cell):
    assert statuses(answered(heading, cell)) == ["inside"]


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "48,2",
            "n.c.",
            "POINT (1",
            "{}",
            "{",
            "POLYGON EMPTY x",
            "50,60889,3,00671",
            '{"type": "Point"}',
            "nan, nan",
        ),
        *("SRID=999999;POINT(1 1)", "POINT (0 0)", "0, 0", "1e400, 3", "[[1, 2], [3, 4]]", "1 2 3"),
    ],
)
def test_a_cell_that_is_no_place_is_an_error_and_the_others_are_answered(answered, cell):
    assert statuses(answered("geom", cell, f"{LAT}, {LON}", "")) == ["error", "inside", "not_located"]


def test_a_pair_against_the_name_of_its_column_is_said(answered):
    [row] = answered("geo_point_2d", f"{LON}, {LAT}")
    assert row["qpv_status"] == "error"
    assert "inversées" in row["qpv_message"]


def test_coordinates_of_their_own_come_before_a_column_of_places(qpv, tmp_path):
    source = tmp_path / "ouvert.csv"
    source.write_text(f'lon;lat;geo_point_2d\n{LON};{LAT};"46.55, 0.30"\n', encoding="utf-8")
    answer = qpv("batch", source, "-o", tmp_path / "sortie.csv", "--dry-run", "--format", "json")
    columns = json.loads(answer.out)["columns"]
    assert (columns["lon"], "point" in columns) == ("lon", False)
    answer = qpv(
        "batch", source, "-o", tmp_path / "s.csv", "--dry-run", "--format", "json", "--point-column", "geo_point_2d"
    )
    assert json.loads(answer.out)["columns"]["point"] == "geo_point_2d"
    both = ("--point-column", "geo_point_2d", "--lon-column", "lon", "--lat-column", "lat")
    refused = qpv("batch", source, "-o", tmp_path / "s.csv", *both)
    assert (refused.code, refused.err.count("\n")) == (2, 1)


def test_a_column_of_any_name_is_read_where_it_is_named(answered):
    assert statuses(answered("emplacement", f"{LAT}, {LON}", options=("--point-column", "Emplacement"))) == ["inside"]
    assert answered("emplacement", f"{LAT}, {LON}", options=("--overwrite",)).code == 2


def test_coordinates_in_another_system_are_x_first(answered):
    assert statuses(answered("geom", f"{X} {Y}", f"POINT({X} {Y})", options=("--crs", "EPSG:2154"))) == ["inside"] * 2


def test_a_table_in_memory_has_its_column_of_places():
    frame = pd.DataFrame({"où": [f"{LAT}, {LON}", None, f"POINT({LON} {LAT})"]})
    assert check_table(frame, point="où", on="2024-06-01")["qpv_status"].tolist() == ["inside", "not_located", "inside"]


def test_shapes_are_written_where_the_format_has_them(qpv, tmp_path):
    source, output = tmp_path / "ouvert.csv", tmp_path / "sortie.geojson"
    source.write_text(f'id;geom\n1;"POLYGON {SQUARE}"\n2;"{LAT}, {LON}"\n', encoding="utf-8")
    assert qpv("batch", source, "-o", output, "--on", "2024-06-01").code == 0
    kinds = [one["geometry"]["type"] for one in json.loads(output.read_bytes())["features"]]
    assert kinds == ["Polygon", "Point"]


@examples(15, of=100)
@given(st.floats(41.4, 51.0), st.floats(-4.7, 9.5))
def test_one_cell_says_what_two_columns_say(lat, lon):
    expected = check_many(lon=[lon], lat=[lat], on="2024-06-01")["status"].tolist()
    cells = [f"{lat!r}, {lon!r}", f"{lon!r}, {lat!r}", f"POINT ({lon!r} {lat!r})"]
    told = check_table(pd.DataFrame({"gps": cells}), point="gps", on="2024-06-01")
    assert told["qpv_status"].tolist() == expected * 3
