"""The fiche of a kept check shows what was computed and what was decided, never one for the other."""

from __future__ import annotations

import io

import pypdf
import pytest
from geocoding.written import Commune, ban, write

from qpv_geo.eligibility.check import default_checker
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.register.restored import decisions_of, verdict_of
from qpv_geo.register.store import register_of
from qpv_geo.reports.fiche import write_fiche
from qpv_geo.settings import load_settings

LOOS = Commune("59360", "59120", "Loos")
POINT = ("check", "--lon", "3.00671", "--lat", "50.60889", "--accuracy", "30", "--on", "2024-06-01")


def text_of(path):
    [page] = pypdf.PdfReader(path).pages
    return " ".join(page.extract_text().replace("\u00a0", " ").split())


def test_both_are_shown(qpv, tmp_path):
    assert qpv(*POINT, "--save", "--case", "D-17").code == 0
    decided = ("--status", "inside", "--reason", "Plan cadastral vérifié", "--by", "Service habitat")
    assert qpv("register", "decide", "1", *decided).code == 0
    assert qpv("register", "show", "1", "--pdf", tmp_path / "fiche.pdf").code == 0
    told = text_of(tmp_path / "fiche.pdf")
    for said in (
        "À VÉRIFIER",
        "D-17",
        "Décision d’une personne",
        "En QPV, Les Oliveaux (QN05975M), par Service habitat",
    ):
        assert said in told
    assert "Motif : Plan cadastral vérifié." in told


@pytest.mark.parametrize(
    "question",
    [
        POINT[1:],
        ("Loos", "--offline", "--on", "2024-06-01"),
        ("Les Oliveaux", "--offline", "--on", "2024-06-01"),
        ("rue de l'Essai 59120 Loos", "--offline", "--on", "2024-06-01"),
        ("3 rue de l'Essai 59120 Loos", "--offline", "--on", "2024-06-01"),
        (*POINT[1:], "--scheme", "pic-loos", "--amount", "1200"),
    ],
)
def test_a_verdict_of_any_kind_is_restored_whole(qpv, home, tmp_path, question):
    rows = [ban(k, "Rue de l'Essai", LOOS, at=(3.0060 + 0.001 * k, 50.6089)) for k in range(1, 9)]
    AddressStore(home).import_file(write(tmp_path / "adresses-59.csv", rows))
    assert qpv("check", *question, "--save").code == 0
    with register_of(load_settings()) as register:
        record = register.find("1").document["record"]
    verdict = verdict_of(record)
    assert verdict.to_dict() == record
    stream = io.BytesIO()
    write_fiche(verdict, stream, decisions=decisions_of(verdict, default_checker()))
    assert stream.getvalue().startswith(b"%PDF")


def test_without_a_decision_it_is_the_fiche_of_the_check(qpv, tmp_path):
    assert qpv(*POINT, "--save", "--pdf", tmp_path / "a.pdf").code == 0
    assert qpv("register", "show", "1", "--pdf", tmp_path / "b.pdf").code == 0
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
