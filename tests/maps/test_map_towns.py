"""Towns far apart in one table: a view each on the page and in the picture; titles that name them."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from browser import Visit

from qpv_geo import load_perimeters
from qpv_geo.eligibility.check import default_checker
from qpv_geo.maps import judge, projects_picture
from qpv_geo.projects import read_projects

HEAD = "id,titre,année,montant,quartier,lon,lat\n"
BOTH = HEAD + "".join(
    f"{k},Projet d'essai {k},2024,{k}00,{quartier},,\n"
    for k, quartier in enumerate(["Bel Air", "Beaulieu", "Trois Cités", "Les Oliveaux", "Clémenceau-Kiener"], start=1)
)
POINTS = HEAD + "1,Projet d'essai 1,2024,100,,0.36111,46.58935\n2,Projet d'essai 2,2024,200,,0.3400,46.5800\n"


@pytest.fixture
def document(qpv, tmp_path):
    """The document of the map that the command draws of a table."""

    def draw(text, *options, name="projets"):
        table, page = tmp_path / f"{name}.csv", tmp_path / f"{name}.html"
        table.write_text(text, encoding="utf-8")
        assert qpv("map", table, "-o", page, "--offline", *options).code == 0
        found = re.search(r'id="qpv-document">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)
        return json.loads(found[1])

    return draw


def height(bounds):
    (south, _), (north, _) = bounds
    return north - south


def test_each_town_has_a_view_and_none_is_of_the_land_between(document):
    told = document(BOTH)
    assert [one["name"] for one in told["towns"]] == ["Poitiers", "Loos"]
    assert told["bounds"] == told["towns"][0]["bounds"]
    assert max(height(one["bounds"]) for one in told["towns"]) < 0.2
    assert any("Choisissez une autre commune" in fact for fact in told["facts"])


def test_one_town_has_no_choice(document):
    assert document(POINTS)["towns"] == []


def test_the_picture_has_a_map_for_each_town(tmp_path):
    table = tmp_path / "projets.csv"
    table.write_text(BOTH, encoding="utf-8")
    projects, drawn = read_projects(table), load_perimeters("qpv-2024")
    figure = projects_picture(projects, drawn, judged=judge(projects, drawn, checker=default_checker()))
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Poitiers", "Loos"]
    written = [{text.get_text().split("\n")[0] for text in axes.texts} for axes in figure.axes]
    assert {"Bel Air", "Beaulieu", "Trois Cités"} <= written[0]
    assert {"Les Oliveaux", "Clémenceau-Kiener"} <= written[1]
    assert not any("bords de l’image" in text.get_text() for text in figure.texts)


def test_the_title_names_the_commune_that_points_are_in(document):
    assert document(POINTS)["title"] == "Projets financés, Poitiers 2024"


def test_without_a_commune_the_title_names_the_table(document):
    nowhere = HEAD + "1,Projet d'essai 1,2024,100,,2.0,47.0\n"
    assert document(nowhere, name="essai-sans-commune")["title"].endswith("essai-sans-commune")


def test_a_table_that_states_no_year_has_that_of_its_name(document):
    undated = "id,titre,montant,quartier\n1,Projet d'essai 1,100,Bel Air\n"
    assert document(undated, name="projets-2023")["title"] == "Projets financés, Poitiers 2023"


def test_zones_that_are_no_generation_have_no_euros_per_inhabitant(qpv, tmp_path):
    table, zones = tmp_path / "projets.csv", tmp_path / "zones.geojson"
    table.write_text(POINTS, encoding="utf-8")
    ring = [[0.33, 46.57], [0.37, 46.57], [0.37, 46.60], [0.33, 46.60], [0.33, 46.57]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    zone = {"type": "Feature", "properties": {"code_qp": "Z1", "lib_qp": "Zone d'essai"}, "geometry": shape}
    zones.write_text(json.dumps({"type": "FeatureCollection", "features": [zone]}), encoding="utf-8")
    assert qpv("perimeters", "import", zones, "--kind", "municipal_zone", "--id", "zones-essai").code == 0
    drawn = qpv(
        "map", table, "-o", tmp_path / "c.html", "--offline", "--perimeters", "zones-essai", "--per", "inhabitant"
    )
    assert (drawn.code, "« zones-essai »" in drawn.err.replace("\u00a0", " ")) == (2, True)


@pytest.mark.browser
def test_a_filter_colours_by_the_euros_per_inhabitant_of_what_is_left(qpv, tmp_path, browser):
    base, table, page = (tmp_path / name for name in ("base-essai.csv", "projets.csv", "carte.html"))
    base.write_text("CODGEO;POPMUN\nQN05975M;6000\nQN05976M;1000\n", encoding="utf-8")
    rows = [("2022", "5000", "QP059077"), ("2025", "6000", "QN05975M"), ("2025", "9000", "QN05976M")]
    lines = "".join(f"{k},Projet d'essai {k},{','.join(row)}\n" for k, row in enumerate(rows))
    table.write_text(f"id,titre,année,montant,code_qp\n{lines}", encoding="utf-8")
    assert qpv("indicators", "import", base, "--generation", "qpv-2024", "--vintage", "2021").code == 0
    assert qpv("map", table, "-o", page, "--offline", "--per", "inhabitant").code == 0
    opened = Visit(browser, page.as_uri()).page
    measures = """(year) => {
      const told = JSON.parse(document.getElementById('qpv-document').textContent);
      const current = told.areas.find(({ id }) => id === 'current');
      return Object.fromEntries(current.features.map(({ properties: { title, parts } }) =>
        [title, qpvMap.measure((parts || []).filter(([id]) => qpvMap.shows(id)), true)]));
    }"""
    whole = opened.evaluate(measures)
    opened.get_by_text("Filtrer les projets").click()
    opened.locator(".qpv-filter").filter(has_text="Année").locator("select").select_option(label="2025")
    left = opened.evaluate(measures)
    cents = Decimal(100)
    assert whole["Les Oliveaux"] == cents * (Decimal(5000) / 5000 + Decimal(6000) / 6000)
    assert left["Les Oliveaux"] == cents * Decimal(6000) / 6000
    assert left["Clémenceau-Kiener"] == whole["Clémenceau-Kiener"] == cents * Decimal(9000) / 1000
