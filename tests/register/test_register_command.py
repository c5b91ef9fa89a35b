"""`qpv check --save` and `qpv register`, as people use them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

POINT = ("check", "--lon", "3.00671", "--lat", "50.60889", "--on", "2024-06-01")
SAVED = (*POINT, "--save", "--case", "A-1", "--service", "Habitat", "--by", "Mme Essai")
DECIDE = ("register", "decide", "1", "--status", "outside", "--reason", "Plan vu", "--by", "M. Essai")


def as_json(answer):
    assert answer.code == 0, answer.err
    return json.loads(answer.out)


def test_a_check_is_kept_on_request_only(qpv, home):
    plain, saved = qpv(*POINT, "--format", "json"), qpv(*SAVED, "--format", "json")
    assert json.loads(plain.out)["evidence"]["digest"] == json.loads(saved.out)["evidence"]["digest"]
    assert plain.err == ""
    assert saved.err.startswith("vérification n° 1 enregistrée (")
    shown = as_json(qpv("register", "show", "1", "--format", "json"))
    assert shown["record"] == json.loads(saved.out)
    assert (shown["case"], shown["service"], shown["by"]) == ("A-1", "Habitat", "Mme Essai")
    assert (home / "register.sqlite").exists()


def test_the_record_of_the_register_is_verified_as_any_other(qpv, tmp_path):
    qpv(*SAVED)
    shown = as_json(qpv("register", "show", "1", "--format", "json"))
    (tmp_path / "verdict.json").write_text(json.dumps(shown["record"]), encoding="utf-8")
    assert as_json(qpv("verify", tmp_path / "verdict.json", "--format", "json"))["identical"]


def test_the_list_and_the_check_show_both_what_was_computed_and_what_was_decided(qpv, tmp_path):
    (tmp_path / "plan.pdf").write_bytes(b"un plan")
    qpv(*SAVED)
    assert qpv(*DECIDE, "--document", tmp_path / "plan.pdf").code == 0
    listed = qpv("register", "list").out
    assert "hors QPV (décidé)" in listed
    assert listed.endswith("1 vérification.\n")
    shown = qpv("register", "show", "1").out
    for said in ("en QPV, Les Oliveaux (QN05975M)", "hors QPV", "Plan vu", "M. Essai", "plan.pdf"):
        assert said in shown
    [one] = as_json(qpv("register", "list", "--case", "A-1", "--format", "json"))["checks"]
    assert (one["status"], one["decision"]["status"]) == ("inside", "outside")
    assert one["decision"]["document"]["name"] == "plan.pdf"
    assert len(one["decision"]["document"]["sha256"]) == 64


def test_a_later_check_says_what_it_supersedes_and_why(qpv):
    qpv(*SAVED)
    assert qpv(*SAVED, "--supersedes", "1", "--reason", "Point corrigé").code == 0
    first, second = (as_json(qpv("register", "show", k, "--format", "json")) for k in (1, 2))
    assert (first["superseded_by"], second["supersedes"], second["reason"]) == (2, 1, "Point corrigé")
    assert "remplacée par la n° 2" in qpv("register", "list").out


def test_a_whole_register_is_verified_and_purged(qpv):
    qpv(*SAVED)
    found = as_json(qpv("register", "verify", "--format", "json"))
    assert (found["intact"], found["entries"], found["fault"]) == (True, 1, None)
    assert qpv("register", "verify").out.startswith("INTACT")
    today = datetime.now(UTC).date().isoformat()
    assert as_json(qpv("register", "purge", "--before", today, "--format", "json")) == {"before": today, "purged": 0}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("register", "list"), 3, "aucun registre"),
        (("register", "purge", "--before", "2020-01-01"), 3, "ajoutez --save"),
        ((*POINT, "--case", "A-1", "--format", "json"), 2, "--case sans --save"),
        ((*POINT, "--by", "Mme Essai"), 2, "--by sans --save"),
        ((*POINT, "--save", "--supersedes", "1"), 2, "--reason"),
        ((*POINT, "--save", "--supersedes", "1", "--reason", "x"), 3, "aucun registre"),
        (("register", "list", "--since", "hier"), 2, "hier"),
    ],
)
def test_what_is_wrong_is_one_line(qpv, arguments, code, told, home):
    answer = qpv(*arguments)
    assert (answer.code, answer.err.count("\n")) == (code, 1)
    assert told in answer.err
    assert not (home / "register.sqlite").exists()


def test_a_bad_url_is_told_without_its_password(qpv, monkeypatch):
    for url in ("mysql://u:motdepasse@h/base", "n'importe quoi:motdepasse", "postgresql://u:motdepasse@h"):
        monkeypatch.setenv("QPV_GEO_REGISTER_URL", url)
        answer = qpv("register", "list")
        assert answer.code == 2
        assert "QPV_GEO_REGISTER_URL" in answer.err
        assert "motdepasse" not in answer.err
