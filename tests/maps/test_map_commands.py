"""`qpv map`, and the map of `qpv diff`."""

from __future__ import annotations

import pytest

PNG = b"\x89PNG\r\n"


def test_a_map_and_a_picture(qpv, tmp_path):
    page, picture = tmp_path / "carte.html", tmp_path / "carte.png"
    answer = qpv("map", "fiq-2024", "-o", page, "--offline", "--png", picture, "--title", "Essai")
    assert (answer.code, answer.out) == (0, "")
    assert str(page) in answer.err
    assert "<title>Essai</title>" in page.read_text(encoding="utf-8")
    assert picture.read_bytes().startswith(PNG)


def test_an_address_that_cannot_be_known_offline_stays_in_the_panel(qpv, tmp_path):
    table = tmp_path / "projets.csv"
    table.write_text("title,amount,address\nUn atelier,10,1 rue des Colis 75001 Paris\n", encoding="utf-8")
    answer = qpv("map", table, "-o", tmp_path / "carte.html", "--offline")
    assert answer.code == 0
    assert "Un atelier" in (tmp_path / "carte.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "wrong"),
    [(("-o", "carte.pdf"), "carte.pdf"), (("-o", "carte.html", "--png", "carte.svg"), "carte.svg")],
)
def test_other_files_are_refused_before_any_work(qpv, tmp_path, monkeypatch, options, wrong):
    monkeypatch.chdir(tmp_path)
    answer = qpv("map", "fiq-2024", *options)
    assert answer.code == 2
    assert wrong in answer.err
    assert not list(tmp_path.glob("carte*"))


def test_an_unknown_table(qpv, tmp_path):
    assert qpv("map", tmp_path / "rien.csv", "-o", tmp_path / "carte.html").code == 2


@pytest.mark.usefixtures("with_2015")
def test_the_map_of_a_redraw_leaves_the_answer_alone(qpv, tmp_path):
    page, picture = tmp_path / "loos.html", tmp_path / "loos.png"
    asked = ("diff", "qpv-2015", "qpv-2024", "--commune", 59360)
    answer = qpv(*asked, "-o", page, "--offline", "--png", picture)
    assert (answer.code, answer.out) == (0, qpv(*asked).out)
    assert "Les Oliveaux" in page.read_text(encoding="utf-8")
    assert picture.read_bytes().startswith(PNG)
