"""Euros per inhabitant in every file: those of the answer, with inhabitants, vintage and source of each generation."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import geopandas as gpd
import openpyxl
import pyarrow.parquet as pq
import pytest

TABLE = """id,titre,année,montant,code_qp
1,Projet d'essai 1,2022,1000.01,QP059077
2,Projet d'essai 2,2025,2000.02,QN05975M
3,Projet d'essai 3,2022,300,QP059078
4,Projet d'essai 4,2025,400,QN05976M
5,Projet d'essai 5,2022,70,QP059077
"""
BASE = "CODGEO;POPMUN\nQN05975M;6000\nQN05976M;s\n"
ASKED = ("--by", "quartier-suivi", "--by", "year", "--per", "inhabitant", "--offline")


@pytest.fixture
def asked(qpv, tmp_path):
    """The command, once an invented base of 2024 is imported."""
    base, table = tmp_path / "base-essai.csv", tmp_path / "projets.csv"
    base.write_text(BASE, encoding="utf-8")
    table.write_text(TABLE, encoding="utf-8")
    assert qpv("indicators", "import", base, "--generation", "qpv-2024", "--vintage", "2021").code == 0

    def ask(*more):
        answer = qpv("projects", "summary", table, *ASKED, *more)
        assert answer.code == 0
        return answer

    return ask


@pytest.fixture
def told(asked):
    found = json.loads(asked("--format", "json").out)["per_inhabitant"]
    assert {one["code"]: one["per_inhabitant"] for one in found} == {
        "QN05975M": str((Decimal("1070.01") / 5000 + Decimal("2000.02") / 6000).quantize(Decimal("0.01"))),
        "QN05976M": None,
    }
    return {one["code"]: one["per_inhabitant"] and Decimal(one["per_inhabitant"]) for one in found}


def euros(value):
    return None if value is None or value != value else Decimal(f"{value:.2f}")  # noqa: PLR0124 - NaN


def test_a_csv_file_has_them_with_what_they_are_divided_by(asked, told, tmp_path):
    path = tmp_path / "sommes.csv"
    asked("-o", path)
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))
    found = {row["code"]: row["euros par habitant"].replace(",", ".") for row in rows if row["code"]}
    assert {code: Decimal(text) if text else None for code, text in found.items()} == told
    oliveaux = next(row for row in rows if row["code"] == "QN05975M")
    assert (oliveaux["habitants qpv-2015"], oliveaux["millésime qpv-2015"]) == ("5000", "avant 2024")
    assert (oliveaux["habitants qpv-2024"], oliveaux["millésime qpv-2024"]) == ("6000", "2021")
    assert oliveaux["source des habitants"].startswith("Ville de Loos")
    secret = next(row for row in rows if row["code"] == "QN05976M")
    assert "secret statistique" in secret["remarque"]
    assert rows[-1]["euros par habitant"] == ""


def test_a_parquet_file_has_them_on_each_row_of_the_line(asked, told, tmp_path):
    path = tmp_path / "sommes.parquet"
    asked("-o", path)
    rows = pq.read_table(path).to_pylist()
    assert {row["code"]: row["euros par habitant"] for row in rows} == told
    assert {row["habitants qpv-2024"] for row in rows if row["code"] == "QN05975M"} == {Decimal(6000)}


@pytest.mark.parametrize("kind", ["gpkg", "geojson"])
def test_features_have_them_as_numbers(asked, told, tmp_path, kind):
    path = tmp_path / f"sommes.{kind}"
    asked("-o", path)
    frame = gpd.read_file(path, layer="sommes")
    assert dict(zip(frame["code_qp"], map(euros, frame["euros_par_habitant"]), strict=True)) == told
    oliveaux = frame.loc[frame["code_qp"] == "QN05975M"].iloc[0]
    assert (oliveaux["habitants_qpv_2015"], oliveaux["millésime_qpv_2024"]) == (5000, "2021")


def test_a_workbook_has_a_sheet_of_them(asked, told, tmp_path):
    path = tmp_path / "rapport.xlsx"
    asked("-o", path)
    book = openpyxl.load_workbook(path)
    names, *rows = book["Par habitant"].iter_rows(values_only=True)
    found = {dict(zip(names, row, strict=True))["code"]: row[names.index("euros par habitant")] for row in rows}
    assert {code: euros(value) for code, value in found.items()} == told
    meanings = {row[1] for row in book["Légende"].iter_rows(values_only=True) if row[0] == "Par habitant"}
    assert set(names[3:]) == meanings


def test_without_asking_no_file_has_them(qpv, tmp_path):
    table, path = tmp_path / "projets.csv", tmp_path / "sommes.csv"
    table.write_text(TABLE, encoding="utf-8")
    assert qpv("projects", "summary", table, "--by", "qpv", "--offline", "-o", path).code == 0
    assert "habitant" not in path.read_text(encoding="utf-8-sig")
