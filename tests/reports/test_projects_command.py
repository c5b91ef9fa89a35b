"""`qpv projects summary` and `check`, as their users run them."""

from __future__ import annotations

import json

import openpyxl
import pytest

NOTICE = "Résultat indicatif, ne vaut pas attestation réglementaire."
TABLE = """id;intitulé;dispositif;année;montant;lon;lat;code_qp;quartier
a;=1+1;pic-loos;2024;1 234,50;3.00671;50.60889;;
b;Deux;pic-loos;2024;;;;QN05975M;
c;Trois;;2024;9,10;;;;tous
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "projets.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def printed(answer):
    assert answer.code == 0
    return " ".join(answer.out.split())


def test_sums_by_neighbourhood_are_those_of_the_city(qpv):
    text = printed(qpv("projects", "summary", "fiq-2024"))
    for line in ("Saint-Éloi 450 000,00 € 3 projets", "sans lieu unique 87 000,00 € 2 projets", "TOTAL 1 000 000,00 €"):
        assert line in text
    assert NOTICE in text


def test_sums_by_qpv_as_json_are_exact(qpv):
    answer = json.loads(qpv("projects", "summary", "fiq-2024", "--by", "qpv", "--format", "json").out)
    assert [(line["kind"], line["code"], line["amount"]) for line in answer["lines"]] == [
        ("group", "QN08605M", "750000.00"),
        ("group", "QN08604M", "68000.00"),
        ("outside", None, "95000.00"),
        ("none", None, "87000.00"),
    ]
    assert (answer["total"], answer["count"]) == ("1000000.00", 8)


def test_a_point_is_summed_where_its_verdict_says(qpv, table):
    answer = json.loads(qpv("projects", "summary", table, "--by", "qpv", "--format", "json").out)
    assert {line["code"]: (line["amount"], line["unpublished"]) for line in answer["lines"]} == {
        "QN05975M": ("1234.50", ["b"]),
        None: ("9.10", []),
    }


def test_many_projects_and_refunds_are_written_as_french_writes_numbers(qpv, tmp_path):
    path = tmp_path / "projets.csv"
    path.write_text("titre,montant\n" + "Reprise,-1.00\n" * 1200, encoding="utf-8")
    assert "TOTAL −1 200,00 € 1 200 projets" in printed(qpv("projects", "summary", path))


def test_a_line_break_in_a_cell_breaks_no_line_of_a_table(qpv, tmp_path):
    path = tmp_path / "projets.csv"
    path.write_text(
        'id;intitulé;porteur;montant\n1;"Fête\ndes voisins";"Les\tAmis\r\ndu Quartier";12\n', encoding="utf-8"
    )
    assert "Les Amis du Quartier  12,00" in qpv("projects", "summary", path, "--by", "lead").out.replace("\u00a0", " ")
    assert "  Fête des voisins\n" in qpv("projects", "check", path).out


def test_amounts_that_are_not_published_are_said(qpv):
    text = printed(qpv("projects", "summary", "loos-2024", "--by", "scheme"))
    assert "TOTAL montant non publié 7 projets" in text


def test_the_report_is_written(qpv, table, tmp_path):
    path = tmp_path / "rapport.xlsx"
    answer = qpv("projects", "check", table, "-o", path)
    assert (answer.code, str(path) in answer.err) == (0, True)
    assert openpyxl.load_workbook(path).sheetnames == ["Synthèse", "Projets", "Réponses", "Légende"]


def test_each_project_has_its_verdict_and_its_decision(qpv, table):
    answer = json.loads(qpv("projects", "check", table, "--format", "json").out)
    point, code, everywhere = answer["projects"]
    assert (point["status"], point["basis"], point["verdict"]["status"]) == ("inside", "point", "inside")
    assert point["decision"]["outcome"] == "place_ok"
    assert (code["status"], code["basis"], code["verdict"]) == ("inside", "perimeter", None)
    assert code["decision"]["outcome"] == "to_review"
    assert (everywhere["status"], everywhere["decision"]) == (None, None)


def test_a_scheme_may_be_asked_of_every_project(qpv, table):
    text = printed(qpv("projects", "check", table, "--scheme", "fiq-poitiers", "--details"))
    assert text.count("NON ÉLIGIBLE") == 1
    assert NOTICE in text


def test_every_bad_row_is_told(qpv, tmp_path):
    path = tmp_path / "faux.csv"
    path.write_text("titre;montant;année\nA;1,234;20\n;12;2024\n", encoding="utf-8")
    for command in ("summary", "check"):
        answer = qpv("projects", command, path)
        assert (answer.code, answer.out) == (2, "")
        lines = answer.err.splitlines()
        assert len(lines) == 4
        assert [("ligne 2" in line, "ligne 3" in line) for line in lines[:3]] == [
            (True, False),
            (True, False),
            (False, True),
        ]
        assert "3 anomalies" in lines[3]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("summary", "absent.csv"), "absent.csv"),
        (("summary", "fiq-2024", "--by", "couleur"), "couleur"),
        (("summary", "fiq-2024", "-o", "rapport.pdf"), "rapport.pdf"),
        (("check", "fiq-2024", "--scheme", "inconnu"), "inconnu"),
        (("check", "fiq-2024", "--on", "hier"), "hier"),
    ],
)
def test_wrong_use_is_one_line(qpv, arguments, says):
    answer = qpv("projects", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert says in answer.err
