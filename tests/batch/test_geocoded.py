"""A table as the national service returns it: its coordinates are as good as what was matched, and it is kept."""

from __future__ import annotations

import pandas as pd
import pytest
from batch_files import ANSWERS, INSIDE, ON, read_csv, write_csv
from fake_geocoder import offline_index, row
from synthetic import perimeters, square

import qpv_geo

HEADER = ("adresse", "latitude", "longitude", "result_label", "result_score", "result_type")


def rows_of(*kinds):
    return [("1 rue X", INSIDE[1], INSIDE[0], f"Lieu {kind}", "0.93", kind) for kind in kinds]


def test_a_street_or_a_commune_is_no_exact_point(qpv, tmp_path):
    source = write_csv(tmp_path / "a.csv", HEADER, *rows_of("housenumber", "street", "locality", "municipality", ""))
    answer = qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--offline")
    assert answer.code == 0, answer.err
    assert "marge d’erreur : selon « result_type »" in answer.err
    rows = read_csv(tmp_path / "b.csv")
    alone = [qpv_geo.check(lon=INSIDE[0], lat=INSIDE[1], on=ON, accuracy_m=m) for m in (30, 500, 500, 5_000, 0)]
    assert [row["qpv_status"] for row in rows] == [str(one.status) for one in alone]
    assert [row["qpv_message"] for row in rows] == [one.message for one in alone]
    assert {row["qpv_status"] for row in rows[1:4]} == {"uncertain"}


def test_its_columns_are_kept(qpv, tmp_path):
    before = rows_of("housenumber", "municipality")
    source = write_csv(tmp_path / "a.csv", HEADER, *before)
    for options in ((), ("--replace-columns",)):
        output = tmp_path / f"b{len(options)}.csv"
        assert qpv("batch", source, "-o", output, "--on", ON, "--offline", *options).code == 0
        rows = read_csv(output)
        assert list(rows[0]) == [*HEADER, *ANSWERS]
        assert [tuple(row[name] for name in HEADER) for row in rows] == [tuple(map(str, row)) for row in before]


@pytest.mark.parametrize("kind", ["street", "municipality"])
def test_a_frame(kind):
    frame = pd.DataFrame(rows_of(kind, "housenumber"), columns=HEADER)
    table = qpv_geo.check_table(frame, lon="longitude", lat="latitude", on=ON)
    expected = qpv_geo.check(lon=INSIDE[0], lat=INSIDE[1], on=ON, accuracy_m=30).status
    assert table["qpv_status"].tolist() == ["uncertain", str(expected)]
    assert table["result_type"].tolist() == [kind, "housenumber"]


@pytest.mark.usefixtures("socket_disabled")
def test_rows_whose_address_is_not_asked_about_keep_what_was_found_of_them(qpv, tmp_path, catalogue, home):
    catalogue.store.install(perimeters(square(0, 0, 400)))
    offline_index(home, row(200, 200, 1))
    kept, asked = rows_of("street")[0], ("1 rue des Carrés 99990 Essai", "", "", "", "", "")
    source = write_csv(tmp_path / "a.csv", HEADER, kept, asked)
    columns = ("--address-column", "adresse", "--lon-column", "longitude", "--lat-column", "latitude")
    output = tmp_path / "b.csv"
    answer = qpv("batch", source, "-o", output, "--on", ON, "--offline", "--replace-columns", *columns)
    assert answer.code == 0, answer.err
    first, second = read_csv(output)
    assert tuple(first[name] for name in HEADER[3:]) == ("Lieu street", "0.93", "street")
    assert first["result_city"] == ""
    assert (second["result_type"], second["qpv_status"]) == ("housenumber", "inside")
