"""One table of 300 projects, 2019 to 2026, in three layouts: the same totals in every output, to the cent."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from decimal import Decimal

import geopandas as gpd
import openpyxl
import pyarrow.parquet as pq
import pytest

from qpv_geo import load_perimeters
from qpv_geo.eligibility.check import default_checker
from qpv_geo.maps import judge, projects_picture
from qpv_geo.projects import read_projects

FUNDERS = ("État", "Ville", "CAF")
THEMES = ("emploi", "culture", "sport", "Essai libre")
QUARTIERS = {"QN08603M": "Bel Air", "QN08604M": "Trois Cités", "QN08606M": "Beaulieu", "QN05975M": "Les Oliveaux"}
OUTSIDE = {"lon": "0.3400", "lat": "46.5800"}


def amount(k, funder):
    """Cents that no formula of the code knows; none from every third funder."""
    return None if (k + funder) % 3 == 0 else Decimal(1 + (k * 7919 + funder * 104729) % 1_999_999).scaleb(-2)


def place(k, year):
    code, name = list(QUARTIERS.items())[k % 4]
    if k % 5 == 0:
        return {"quartier": "tous les QPV"}
    if k % 5 == 1 and year >= 2024:
        return {"code_qp": code}
    if k % 5 == 2 and year >= 2024:
        return {"quartier": f"{name} ({code})"}
    return OUTSIDE if k % 5 == 3 else {"quartier": name}


ROWS = [
    {
        "id": f"P{k:03}",
        "titre": f"Projet d'essai {k}",
        "porteur": f"Association d'essai {k % 12}",
        "année": str(2019 + k % 8),
        "thème": " ; ".join(THEMES[: 1 + k % 3]),
        "given": {name: amount(k, funder) for funder, name in enumerate(FUNDERS)},
        **place(k, 2019 + k % 8),
    }
    for k in range(300)
]
PLACES = ("quartier", "code_qp", "lon", "lat")
TOTAL = sum((cents for row in ROWS for cents in row["given"].values() if cents is not None), Decimal(0))


def by(key):
    found = defaultdict(Decimal)
    for row in ROWS:
        for funder, given in row["given"].items():
            found[funder if key == "funder" else row[{"year": "année", "lead": "porteur"}[key]]] += given or 0
    return dict(found)


def own():
    rows = []
    for row in ROWS:
        given = {funder: str(cents) for funder, cents in row["given"].items() if cents is not None}
        rows.append(row | {"financeur": ";".join(given), "montant": ";".join(given.values())})
    return ("id", "titre", "porteur", "année", "thème", "financeur", "montant", *PLACES), rows


def wide():
    rows = [
        row | {funder: str(cents or "").replace(".", ",") for funder, cents in row["given"].items()} for row in ROWS
    ]
    return ("id", "titre", "porteur", "année", "thème", *FUNDERS, *PLACES), rows


def subsidies():
    names = ("nomAttribuant", "idAttribuant", "dateConvention", "referenceDecision", "nomBeneficiaire")
    names += ("idBeneficiaire", "rnaBeneficiaire", "objet", "montant", "nature", "conditionsVersement")
    names += ("datesPeriodeVersement", "idRAE", "notificationUE", "pourcentageSubvention", "dispositifAide")
    rows = [
        {
            "nomAttribuant": funder,
            "dateConvention": f"{row['année']}-03-01",
            "nomBeneficiaire": row["porteur"],
            "objet": row["titre"],
            "montant": str(cents),
            "pourcentageSubvention": "1.00",
        }
        for row in ROWS
        for funder, cents in row["given"].items()
        if cents is not None
    ]
    return names, rows


@pytest.fixture(params=[own, wide, subsidies], ids=lambda layout: layout.__name__)
def table(request, tmp_path):
    columns, rows = request.param()
    path = tmp_path / f"{request.param.__name__}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("key", ["year", "lead", "funder"])
def test_the_sums_are_those_of_the_rows(qpv, table, key):
    answer = json.loads(qpv("projects", "summary", table, "--by", key, "--offline", "--format", "json").out)
    assert {line["label"]: Decimal(line["amount"]) for line in answer["lines"]} == by(key)
    assert Decimal(answer["total"]) == TOTAL


def test_every_output_has_the_same_totals_to_the_cent(qpv, table, tmp_path):
    asked = ("projects", "summary", table, "--offline", "--by", "qpv", "--by", "year")
    told = json.loads(qpv(*asked, "--format", "json").out)
    lines = {(line["label"], line["code"] or ""): Decimal(line["amount"]) for line in told["rows"]["lines"]}
    years = {line["label"]: Decimal(line["amount"]) for line in told["columns"]["lines"]}
    assert (sum(lines.values()), years) == (TOTAL, by("year"))

    files = {kind: tmp_path / f"sommes.{kind}" for kind in ("csv", "xlsx", "parquet", "gpkg", "geojson")}
    for path in files.values():
        assert qpv(*asked, "-o", path).code == 0
    rows = list(csv.DictReader(io.StringIO(files["csv"].read_text(encoding="utf-8-sig")), delimiter=";"))
    euros = {(row["ligne"], row["code"]): Decimal(row["montant"].replace(",", ".")) for row in rows}
    assert euros == lines | {("TOTAL", ""): TOTAL}
    sheet = openpyxl.load_workbook(files["xlsx"]).worksheets[0]
    written = list(sheet.iter_rows(min_row=2, values_only=True))
    assert {(row[0], row[1] or ""): Decimal(str(row[-1])) for row in written} == euros
    cells = pq.read_table(files["parquet"]).to_pylist()
    assert sum(cell["montant"] for cell in cells) == TOTAL
    for kind in ("gpkg", "geojson"):
        frame = gpd.read_file(files[kind], layer="sommes")
        codes = frame["code_qp"].fillna("")
        found = zip(frame["ligne"], codes, frame["montant"], strict=True)
        assert {(label, code): Decimal(f"{amount:.2f}") for label, code, amount in found} == lines
        assert set(codes[frame.geometry.notna()]) == {code for _, code in lines if code.startswith("QN")}


def test_the_map_and_its_picture_have_the_total_and_the_sums_of_the_summary(qpv, table, tmp_path):
    answer = json.loads(qpv("projects", "summary", table, "--by", "qpv", "--offline", "--format", "json").out)
    lines = {line["code"]: Decimal(line["amount"]) for line in answer["lines"] if line["code"]}
    path = tmp_path / "carte.html"
    assert qpv("map", table, "-o", path, "--offline").code == 0
    page = path.read_text(encoding="utf-8")
    document = json.loads(re.search(r'id="qpv-document">(.*?)</script>', page, re.DOTALL)[1])
    assert sum(cents for cents in document["amounts"].values()) == TOTAL * 100
    [drawn] = [area for area in document["areas"] if area["id"] == "current"]
    parts = [
        (dict(one["properties"]["lines"])["Code"], one["properties"].get("parts", ())) for one in drawn["features"]
    ]
    on_map = {code: Decimal(sum(cents for _, cents in mine)) / 100 for code, mine in parts if mine}
    assert sum(on_map.values()) == sum(lines.values())
    projects, drawn = read_projects(table), load_perimeters("qpv-2024")
    figure = projects_picture(projects, drawn, judged=judge(projects, drawn, checker=default_checker()))
    euros = f"{TOTAL:,.2f}".replace(",", "\u202f").replace(".", ",")
    assert any(f"{euros}\u00a0€ en tout" in one.get_text() for one in figure.texts)
