"""Odd labels and filters: kept, found again, shown and exported safely, or refused in one line."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing, suppress

import openpyxl
import pytest
from examples import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from qpv_geo.errors import InputError, QpvGeoError
from qpv_geo.register.audit import audit
from qpv_geo.register.decisions import decide
from qpv_geo.register.drafts import Labels
from qpv_geo.register.filters import Filters
from qpv_geo.register.tabulated import rows_of, write_csv

POINT = ("check", "--lon", "3.00671", "--lat", "50.60889", "--on", "2024-06-01", "--save")
ODD = st.text(min_size=1, max_size=40) | st.sampled_from(
    [
        "%",
        "_",
        "100%",
        "a_b",
        "\\",
        "'; DROP TABLE register_entry; --",
        '"',
        "=1+1",
        "-2+3",
        "@x",
        "\x00",
        "\ud800",
        "é",
        "e\u0301",
    ]
)


@examples(10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(ODD, min_size=2, max_size=6, unique=True))
def test_a_case_of_any_text_is_found_again_and_it_alone(register, records, texts):
    before = register.head().sequence if not register.database.is_missing_file else 0
    kept = register.keep([(records[0], Labels(case=one, service=one, by=one)) for one in texts])
    for text, entry in zip(texts, kept, strict=True):
        case = entry.document.get("case")
        if case is None:
            with pytest.raises(InputError, match="vide"):
                list(register.cases(Filters(case=text)))
            continue
        found = [one.check.sequence for one in register.cases(Filters(case=text)) if one.check.sequence > before]
        assert found == [one.sequence for one in kept if one.document.get("case") == case]
    assert audit(register).fault is None


@examples(10, of=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ODD)
def test_a_filter_of_any_text_answers_or_is_refused(register, records, text):
    if register.database.is_missing_file:
        register.keep([(records[0], Labels(case="A"))])
    for name in ("quartier", "case", "address", "scheme", "since", "until"):
        with suppress(InputError):
            assert register.count(Filters(**{name: text})) == len(list(register.cases(Filters(**{name: text}))))
    with suppress(InputError):
        assert register.find(text).sequence


def test_labels_that_a_terminal_obeys_or_a_file_cannot_hold(qpv, register):
    assert qpv(*POINT, "--case", "\x1b[31m A \x00 1\u202e\udcff ", "--by", "\u200b").code == 0
    check = register.find("1")
    assert (check.document["case"], "by" in check.document) == ("[31m A 1", False)
    assert register.count(Filters(case="[31m  A 1")) == 1


@pytest.mark.parametrize(("option", "most"), [("--case", 200), ("--service", 200), ("--by", 200)])
def test_a_label_that_is_too_long_is_one_line_and_nothing_is_kept(qpv, home, option, most):
    assert qpv(*POINT, option, "x" * most).code == 0
    answer = qpv(*POINT, option, "x" * (most + 1))
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "trop long" in answer.err
    assert len(answer.err) < 300
    assert qpv("register", "show", "2").code == 2
    assert home.exists()


def address(record, asked, label=None):
    return record | {"location": record["location"] | {"asked": asked, "label": label}}


def test_an_address_is_searched_by_whole_words(register, records):
    """The neighbours at 112 and at 2 are others: their cases are not told to who asks for number 12."""
    asked = ["12 rue de l'Essai, Loos", "112 rue de l'Essai, Loos", "2 RUE DE L’ESSAI Loos", "12 rue de l'Essaim, Loos"]
    register.keep([(address(records[0], one), Labels()) for one in asked])
    for words, expected in (
        ("12 rue de l'essai", [1]),
        ("2 rue de l'Essai", [3]),
        ("Rue de l’Éssai", [1, 2, 3]),
        ("12 rue de l'essai loos", [1]),
        ("essaim", [4]),
        ("essai_", [1, 2, 3]),
    ):
        assert [one.check.sequence for one in register.cases(Filters(address=words))] == expected, words
    for words in ("!!!", "%", "…"):
        with pytest.raises(InputError, match="lettre"):
            register.count(Filters(address=words))


def test_points_on_both_sides_of_greenwich_are_not_one(register, records):
    def at(lon, lat):
        question = records[0]["evidence"]["input"] | {"lon": lon, "lat": lat}
        return records[0] | {"evidence": records[0]["evidence"] | {"input": question}}

    register.keep([(at(lon, 46.58), Labels()) for lon in (0.34, -0.34, 10.34)])
    for words, expected in (("0.34 46.58", [1]), ("-0.34 46.58", [2]), ("-0,34 46,58", [2])):
        assert [one.check.sequence for one in register.cases(Filters(address=words))] == expected, words


def test_a_quartier_is_found_without_its_accents_and_capitals(register, records):
    named = records[0] | {"perimeters": [records[0]["perimeters"][0] | {"code": "QN99901N", "name": "Épi de l’Œuvre"}]}
    register.keep([(named, Labels()), (records[0], Labels())])
    for given_, expected in (("épi", [1]), ("EPI DE L'OEUVRE", [1]), ("QN99901N", [1]), ("oliveaux", [2]), ("%", [])):
        assert [one.check.sequence for one in register.cases(Filters(quartier=given_))] == expected, given_


def test_two_checks_kept_at_once_cannot_supersede_the_same_one(register, records):
    register.keep([(records[0], Labels())])
    twice = [(records[0], Labels(supersedes=1, reason="Point corrigé"))] * 2
    with pytest.raises(InputError, match="deux fois"):
        register.keep(twice)
    assert register.head().sequence == 1


def test_a_decision_names_an_installed_quartier(qpv, register, records):
    register.keep([(records[1], Labels())])
    command = ("register", "decide", "1", "--reason", "Plan vu", "--by", "Mme Essai")
    for options, told in (
        (("--status", "inside", "--quartier", "QN99999N"), "« QN99999N »"),
        (("--status", "outside", "--quartier", "QN05975M"), "en QPV ou à vérifier"),
    ):
        answer = qpv(*command, *options)
        assert (answer.code, answer.err.count("\n")) == (2, 1)
        assert told in answer.err.replace("\u00a0", " ")
    assert register.head().sequence == 1
    assert qpv(*command, "--status", "inside", "--quartier", "qn05975m").code == 0
    decision = register.case("1").decision
    assert (decision.code, decision.name) == ("QN05975M", "Les Oliveaux")


def test_what_a_spreadsheet_would_calculate_is_text(register, records, tmp_path, qpv):
    formulas = ["=1+1", "+1", "-2+3", "@SUM(1)", "=HYPERLINK(1)"]
    register.keep([(address(records[0], one), Labels(case=one, service=one, by=one)) for one in formulas])
    decide(register, "1", status="inside", reason="=1+1", by="-1")
    columns = ["dossier", "service", "par", "demandé", "motif de la décision", "décidé par", "longitude"]
    write_csv(tmp_path / "e.csv", columns, rows_of(register.cases(Filters())))
    rows = list(csv.reader((tmp_path / "e.csv").read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))[1:]
    assert {cell[0] for row in rows for cell in row[:6] if cell} == {"'"}
    assert {row[6] for row in rows} == {"3,00671"}
    assert qpv("register", "export", "-o", tmp_path / "e.xlsx").code == 0
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "e.xlsx")["Vérifications"].iter_rows() for cell in row]
    assert "=1+1" in {cell.value for cell in cells}
    assert "f" not in {cell.data_type for cell in cells}


@pytest.mark.parametrize("content", ["x", "{}", "[]", '{"record": null}', '{"record": {"location": 3}}'])
def test_a_content_that_was_altered_is_not_shown_as_if_it_were_true(register, records, home, qpv, content):
    register.keep([(one, Labels()) for one in records])
    register.database.close()
    with closing(sqlite3.connect(home / "register.sqlite")) as connection:
        connection.execute("DROP TRIGGER register_content_no_update")
        connection.execute("UPDATE register_content SET content = ? WHERE sequence = 2", [content])
        connection.commit()
    for command in (
        ["list"],
        ["show", "2"],
        ["recheck"],
        ["export", "-o", str(home / "e.jsonl")],
        ["show", "2", "--pdf", "x"],
    ):
        answer = qpv("register", *command)
        error, remedy = answer.err.splitlines()
        assert answer.code == 2, command
        assert "« 2 »" in error.replace("\u00a0", " ")
        assert "qpv register verify" in remedy
    assert qpv("register", "show", "1").code == 0
    with pytest.raises(QpvGeoError):
        decide(register, "2", status="inside", reason="Plan vu", by="Mme Essai")
