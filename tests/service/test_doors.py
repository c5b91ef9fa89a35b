"""One decision behind every door: Python, a table, a list and HTTP answer the same, to the last digit."""

from __future__ import annotations

import csv
import json
import math
import tempfile
from pathlib import Path

import pytest
import shapely
from exact import read_features
from examples import examples
from fake_geocoder import offline_index, row
from hypothesis import given
from hypothesis import strategies as st
from serving import serving
from shapely.geometry import shape

import qpv_geo
from qpv_geo.cli import main
from qpv_geo.resources import data_folder

SHIPPED = data_folder() / "qpv-2024-poitiers-loos.geojson"
CORNERS = [
    corner
    for polygon in shapely.get_parts([shape(one["geometry"]) for one in read_features(SHIPPED)])
    for corner in polygon.exterior.coords
]
OFF = st.floats(-0.0008, 0.0008)
POINTS = st.builds(lambda corner, x, y: (corner[0] + x, corner[1] + y), st.sampled_from(CORNERS), OFF, OFF)
DAYS = st.sampled_from(["2024-01-01", "2024-06-30", "2026-02-28"])
ADDRESSES = (
    *("5 rue des Carrés, Essai", "5 bis rue des Carrés, 99990 Essai", "rue des Carrés, Essai", "rue des Ronds, Essai"),
    *("3 à 9 rue des Carrés, Essai", "Essai", "Bel Air", "Les Oliveaux, Loos", "QN05975M", "12 rue introuvable, Loos"),
)


def by_list(points, day, accuracy_m):
    """Answer a list on the command line; return its rows."""
    with tempfile.TemporaryDirectory() as told:
        source, output = Path(told) / "a.csv", Path(told) / "b.csv"
        lines = [f"{lon!r},{lat!r},{day}" for lon, lat in points]
        source.write_text("\n".join(["lon,lat,date", *lines]) + "\n", encoding="utf-8")
        assert (
            main(["batch", str(source), "-o", str(output), "--date-column", "date", "--accuracy", repr(accuracy_m)])
            == 0
        )
        with output.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))


def number(text):
    found = float(str("nan" if text in ("", None) else text).replace(",", "."))
    return None if math.isnan(found) else found


@examples(8)
@given(points=st.lists(POINTS, min_size=1, max_size=6), day=DAYS, accuracy_m=st.sampled_from([0.0, 5.0, 20.0, 50.0]))
def test_points_have_one_answer(service, points, day, accuracy_m):
    lon, lat = zip(*points, strict=True)
    table = qpv_geo.check_many(lon=lon, lat=lat, on=day, accuracy_m=accuracy_m)
    rows = by_list(points, day, accuracy_m)
    for k, (x, y) in enumerate(points):
        verdict = qpv_geo.check(lon=x, lat=y, on=day, accuracy_m=accuracy_m).to_dict()
        query = {"lon": repr(x), "lat": repr(y), "on": day, "accuracy": repr(accuracy_m)}
        over_http = service.get("/v1/check", params=query).json()
        for one in (verdict, over_http):
            one["evidence"].pop("checked_at")
        assert over_http == verdict
        assert (table["status"][k], table["reason"][k]) == (verdict["status"], verdict["reason"])
        assert (rows[k]["qpv_status"], rows[k]["qpv_reason"]) == (verdict["status"], verdict["reason"])
        assert rows[k]["qpv_message"] == verdict["message"]
        for told in (number(table["share_inside"][k]), number(rows[k]["qpv_part"])):
            assert told == pytest.approx(verdict["share_inside"], abs=1e-9)
        if verdict["distance_m"] is not None:
            assert round(float(table["distance_m"][k]), 2) == verdict["distance_m"]
            assert number(rows[k]["qpv_distance_m"]) == pytest.approx(verdict["distance_m"], abs=0.05)


@pytest.fixture(scope="module")
def indexed_home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doors")
    offline_index(folder, *(row(20 * k, 0, k) for k in range(1, 12)), row(100, 30, 5, "Avenue des Triangles"))
    return folder


@pytest.fixture(scope="module")
def service_there(indexed_home):
    """A service with an address index of its own, for all who only ask."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QPV_GEO_HOME", str(indexed_home))
        patch.setenv("QPV_GEO_GEOCODER_URL", "http://127.0.0.1:9")  # nobody listens there
        patch.setenv("QPV_GEO_HTTP_ATTEMPTS", "1")
        with serving() as client:
            yield client


@pytest.fixture
def desk(service_there, indexed_home, monkeypatch):
    """Its client, for a test whose commands have the same home."""
    monkeypatch.setenv("QPV_GEO_HOME", str(indexed_home))
    return service_there


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_have_one_answer(desk, qpv, tmp_path, address):
    over_http = desk.get("/v1/check", params={"q": address, "on": "2024-06-01"})
    told = qpv("check", address, "--on", "2024-06-01", "--format", "json")
    if over_http.status_code != 200:  # the national service, which is asked for what is not firm here, does not answer
        assert (over_http.status_code, told.code) == (502, 4)
        over_http = None
    told = qpv("check", address, "--on", "2024-06-01", "--offline", "--format", "json")
    assert told.code == 0, told.err
    verdict = json.loads(told.out)
    if over_http is not None:
        found = over_http.json()
        assert (found["status"], found["reason"], found["message"]) == (
            *(verdict["status"], verdict["reason"], verdict["message"]),
        )
    (tmp_path / "a.csv").write_text(f'numéro;adresse\n1;"{address}"\n', encoding="utf-8")
    answer = qpv("batch", tmp_path / "a.csv", "-o", tmp_path / "b.csv", "--on", "2024-06-01", "--offline")
    assert answer.code == 0, answer.err
    with (tmp_path / "b.csv").open(encoding="utf-8-sig", newline="") as stream:
        (line,) = csv.DictReader(stream, delimiter=";")
    assert (line["qpv_status"], line["qpv_reason"]) == (verdict["status"], verdict["reason"])
    assert line["qpv_message"] == verdict["message"]
