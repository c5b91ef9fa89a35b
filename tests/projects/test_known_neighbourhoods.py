"""Neighbourhoods and perimeters by the names and codes that tables give, wherever their perimeters are at hand."""

from __future__ import annotations

import json
from dataclasses import replace

import openpyxl
import pytest
from synthetic import perimeters, square

from qpv_geo import load_perimeters
from qpv_geo.eligibility.check import default_checker
from qpv_geo.maps import judge
from qpv_geo.maps.placing import place
from qpv_geo.projects import read_projects
from qpv_geo.projects.neighbourhoods import known_neighbourhoods

HEADER = "id;titre;montant;année;commune;quartier;code_qp;adresse\n"


@pytest.fixture
def table(tmp_path):
    def write(*rows):
        path = tmp_path / "essai.csv"
        path.write_text(HEADER + "\n".join(rows), encoding="utf-8")
        return path

    return write


def lines(qpv, path, by="qpv"):
    answer = qpv("projects", "summary", path, "--by", by, "--offline", "--format", "json")
    assert answer.code == 0, answer.err
    return {
        (line["kind"], line["code"] or (line["label"] if line["kind"] == "group" else None)): line["amount"]
        for line in json.loads(answer.out)["lines"]
    }


@pytest.mark.shared
def test_a_neighbourhood_of_any_town_is_known_once_its_perimeters_are_installed(qpv, install_national, national, table):
    path = table("1;Essai;100;2024;51454;Croix Rouge;;", "2;Essai;50;2024;51454;la croix-rouge;;")
    assert lines(qpv, path) == {("to_review", None): "150.00"}
    install_national()
    [(kind, code)] = lines(qpv, path)
    assert (kind, national.names[national.codes.index(code)]) == ("group", "Croix Rouge")


def test_the_year_tells_which_generation_a_name_is_of(qpv, catalogue, loos_2015, table):
    catalogue.store.install(loos_2015)
    former = loos_2015.codes[loos_2015.names.index("Les Oliveaux")]
    found = lines(qpv, table("1;Essai;100;2016;59360;Les Oliveaux;;", "2;Essai;50;2024;59360;Les Oliveaux;;"))
    assert found == {("group", former): "100.00", ("group", "QN05975M"): "50.00"}


def test_a_name_that_two_communes_have_is_that_of_neither():
    drawn = replace(perimeters(square(0, 0, 10), square(20, 0, 10)), insee=("99001", "99002"))
    both = replace(drawn, communes=("Essai", "Essai"))
    assert known_neighbourhoods((both,)).commune_code("Essai") == "ESSAI"
    apart = replace(drawn, communes=("Essai", "Modèle"))
    assert known_neighbourhoods((apart,)).commune_code("modele") == "99002"


def test_a_code_of_no_perimeter_is_to_review_where_all_of_them_are_at_hand(qpv, catalogue, table):
    path = table("1;Essai;100;2024;;;QN08699M;", "2;Essai;50;2024;;;QN08604M;")
    unknown = {("group", "QN08699M"): "100.00", ("group", "QN08604M"): "50.00"}
    assert lines(qpv, path) == unknown  # nobody can tell
    catalogue.store.install(replace(perimeters(square(0, 0, 100)), codes=("QN08604M",)))
    assert lines(qpv, path) == {
        ("group", "QN08604M"): "50.00",
        ("to_review", None): "100.00",
    }
    told = qpv("projects", "check", path, "--details").out
    assert "Le code « QN08699M » n’existe pas dans les périmètres installés" in " ".join(told.split())


def test_a_code_that_was_not_in_force_is_to_review_in_sums_as_in_checks(qpv, table):
    path = table("1;Essai;100;2024;;;QP059077;", "2;Essai;50;2020;;;QP059077;")
    checked = json.loads(qpv("projects", "check", path, "--format", "json").out)["projects"]
    assert [one["status"] for one in checked] == ["uncertain", "inside"]
    assert lines(qpv, path) == {
        ("group", "QP059077"): "50.00",
        ("to_review", None): "100.00",
    }


def test_a_perimeter_named_by_its_code_and_by_its_name_is_one_line(qpv, table):
    path = table(
        "1;Essai;100;2024;;;QN08604M;", "2;Essai;50;2024;86194;les trois cités;;", "3;Essai;7;2024;;Gibauderie;;"
    )
    assert lines(qpv, path, "quartier") == {("group", "QN08604M"): "150.00", ("group", "Gibauderie"): "7.00"}


def test_a_map_counts_an_address_that_is_not_found_where_the_sums_do(table):
    projects = read_projects(table("1;Essai;500;2024;86194;;QN08603M;999 rue de l'Essai, Poitiers"))
    drawn, checker = load_perimeters("qpv-2024"), default_checker()
    placing = place(projects, drawn, judge(projects, drawn, checker=checker))
    assert [(line.code, str(line.amount)) for line in placing.by_perimeter.lines] == [("QN08603M", "500.00")]
    assert [one.code for one in placing.gathered] == ["QN08603M"]


# ── What is told of a file ─────────────────────────────────────────────────────────────────────────────────────────


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("command", [("projects", "summary"), ("projects", "check"), ("map",)])
def test_other_sheets_are_told_and_may_be_chosen(qpv, tmp_path, command):
    heading = ["id", "titre", "montant"]
    path = workbook(tmp_path / "deux.xlsx", premier=[heading, ["1", "A", 100]], second=[heading, ["2", "B", 900]])
    output = ("-o", tmp_path / "carte.html", "--offline") if command == ("map",) else ()
    answer = qpv(*command, path, *output)
    assert (answer.code, "second" in answer.err, "--sheet" in answer.err) == (0, True, True)
    chosen = qpv(*command, path, "--sheet", "second", *output)
    assert (chosen.code, "premier" in chosen.err) == (0, True)


def test_a_wrong_sheet_is_told_with_the_others(qpv, tmp_path):
    path = workbook(tmp_path / "deux.xlsx", lisez_moi=[["Mode d'emploi"], ["Voir"]], données=[["titre"], ["A"]])
    answer = qpv("projects", "summary", path)
    assert (answer.code, "données" in answer.err) == (2, True)


def test_a_map_of_a_bad_table_tells_every_fault_and_columns_that_are_not_read(qpv, tmp_path):
    bad = tmp_path / "faux.csv"
    bad.write_text("titre;montant;année\nA;1,234;20\n;12;2024\n", encoding="utf-8")
    told = qpv("map", bad, "-o", tmp_path / "carte.html").err
    assert told == qpv("projects", "summary", bad).err
    good = tmp_path / "bon.csv"
    good.write_text("titre;montant;couleur\nA;12;bleu\n", encoding="utf-8")
    assert "couleur" in qpv("map", good, "-o", tmp_path / "carte.html", "--offline").err


def test_the_tables_that_ship_are_listed_where_a_name_is_none_of_them(qpv):
    answer = qpv("projects", "summary", "fiq-2023")
    assert (answer.code, "« fiq-2024 », « loos-2024 »" in answer.err) == (2, True)


def test_points_are_told_to_have_no_neighbourhood_of_their_own(qpv, tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("titre;montant;lon;lat\nA;12;3.00671;50.60889\n", encoding="utf-8")
    assert "--by qpv" in qpv("projects", "summary", path).out
    assert "--by qpv" not in qpv("projects", "summary", "fiq-2024").out
