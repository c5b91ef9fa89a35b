"""Which scheme a project names by what its table gives, and how far its file has come; doubts are told."""

from __future__ import annotations

import json
from datetime import date, timedelta

import openpyxl
import pytest
from fake_geocoder import FakeGeocoder, candidate
from geocoding.written import Commune, ban, write
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.eligibility.check import Checker
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.perimeters.registry import registry
from qpv_geo.projects import Placement, Project, Projects
from qpv_geo.projects.checks import assess
from qpv_geo.projects.named_schemes import course_of
from qpv_geo.schemes.load import SHIPPED, load_schemes
from qpv_geo.settings import Settings

LOOS, POITIERS = Commune("59360", "59120", "Loos"), Commune("86194", "86000", "Poitiers")
IN_LOOS, IN_POITIERS = (3.00671, 50.60889), (0.3404, 46.5802)
HEADER = "titre;montant;année;dispositif;adresse;code_qp;quartier;lon;lat"


@pytest.fixture
def addresses(home, tmp_path):
    """Two addresses, one in each town."""
    for commune, at, name in ((LOOS, IN_LOOS, "59"), (POITIERS, IN_POITIERS, "86")):
        rows = [ban(3, f"Rue du Modèle {commune.name}", commune, at=at)]
        AddressStore(home).import_file(write(tmp_path / f"adresses-{name}.csv", rows))


def checked(qpv, tmp_path, *rows, header=HEADER, options=()):
    path = tmp_path / "projets.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    answer = qpv("projects", "check", path, "--offline", "--format", "json", *options)
    assert answer.code == 0, answer.err
    return json.loads(answer.out)["projects"], answer.err


def scheme_of(project):
    return project["decision"] and project["decision"]["scheme"]


# ── Which scheme ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cells", "scheme", "source"),
    [
        ("FIQ;3 rue du Modèle Poitiers 86000 Poitiers;;;;", "fiq-poitiers", "l’adresse"),
        ("PIC;3 rue du Modèle Loos 59120 Loos;;;;", "pic-loos", "l’adresse"),
        ("fiq;;QN08605M;;;", "fiq-poitiers", "le code"),
        ("PIC;;QN05975M;;;", "pic-loos", "le code"),
        ("FIQ;;;Couronneries;;", "fiq-poitiers", "le nom du quartier"),
        ("FIQ;;;les couronneries;;", "fiq-poitiers", "le nom du quartier"),
        ("FIQ;;;Couronneries, Saint-Éloi;;", "fiq-poitiers", "le nom du quartier"),
        ("FIQ;;;Bellejouanne;;", "fiq-poitiers", "le nom du quartier"),
        ("FTU;;;Oliveaux;;", "ftu-loos", "le nom du quartier"),
        ("FTU;;;;3.00671;50.60889", "ftu-loos", "d’après le quartier où se trouve le lieu"),
        ("FTU;3 rue du Modèle Loos 59120 Loos;QN05975M;Les Oliveaux;;", "ftu-loos", "l’adresse"),
    ],
)
@pytest.mark.usefixtures("addresses")
def test_a_short_name_is_recognised_without_a_column_of_communes(qpv, tmp_path, cells, scheme, source):
    [project], _ = checked(qpv, tmp_path, f"Essai;100;2024;{cells}")
    assert (scheme_of(project), project["undecided"]) == (scheme, None)
    assert source in project["recognised"]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("FIQ;;;;;", "La commune du projet n’est pas connue"),
        ("FIQ;;;Nulle Part;;", "La commune du projet n’est pas connue"),
        ("FIQ;;;tous les QPV;;", "La commune du projet n’est pas connue"),
        ("FIQ;99 rue Inconnue 86000 Poitiers;;;;", "La commune du projet n’est pas connue"),
        ("FIQ;;;;2.95;50.70", "La commune du projet n’est pas connue"),
        ("FIQ;;QN05975M;;;", "inconnu dans la commune du projet (Loos)"),
        ("PIC;;;Couronneries;;", "inconnu dans la commune du projet (Buxerolles, Poitiers)"),
        ("PIC;;;Bellejouanne;;", "inconnu dans la commune du projet (Poitiers)"),
        ("PIC;3 rue du Modèle Poitiers 86000 Poitiers;;;;", "inconnu dans la commune du projet (Poitiers)"),
        (
            "FIQ;3 rue du Modèle Loos 59120 Loos;QN08605M;;;",
            "Buxerolles, Poitiers d’après le code de quartier\u00a0; Loos d’après l’adresse trouvée",
        ),
        ("FIQ;;QN05975M, QN08605M;;;", "lusieurs communes sont possibles (Buxerolles, Loos, Poitiers)"),
        ("FIQ;;;Couronneries, Les Oliveaux;;", "lusieurs communes sont possibles (Buxerolles, Loos, Poitiers)"),
        ("Fonds d'ailleurs;;;Couronneries;;", "non reconnu"),
    ],
)
@pytest.mark.usefixtures("addresses")
def test_what_is_in_doubt_is_told_and_never_guessed(qpv, tmp_path, cells, told):
    [project], _ = checked(qpv, tmp_path, f"Essai;100;2024;{cells}")
    assert (project["decision"], project["recognised"]) == (None, None)
    assert told in project["undecided"]


def test_a_column_of_communes_still_counts_and_is_compared(qpv, tmp_path):
    header = "titre;montant;année;dispositif;commune;quartier"
    rows = ("A;1;2024;FIQ;Poitiers;", "B;1;2024;FIQ;86194;Couronneries", "C;1;2024;FIQ;Loos;Couronneries")
    found, _ = checked(qpv, tmp_path, *rows, "D;1;2024;FIQ;Niort;", header=header)
    assert list(map(scheme_of, found)) == ["fiq-poitiers", "fiq-poitiers", None, None]
    differ = "Loos d’après la colonne commune\u00a0; Buxerolles, Poitiers d’après le nom du quartier"
    assert differ in found[2]["undecided"]
    assert "NIORT" in found[3]["undecided"]


def test_a_neighbourhood_of_many_towns_is_no_proof(qpv, tmp_path, install_national):
    header = "titre;montant;année;dispositif;quartier;commune"
    rows = ("A;1;2024;FIQ;Beaulieu;", "B;1;2024;FIQ;Beaulieu;Poitiers", "C;1;2024;FIQ;Couronneries;")
    install_national()
    found, _ = checked(qpv, tmp_path, *rows, header=header)
    assert list(map(scheme_of, found)) == [None, "fiq-poitiers", "fiq-poitiers"]
    assert "lusieurs communes sont possibles (Châteauroux, Poitiers)" in found[0]["undecided"]


def test_two_funds_of_one_name_in_one_town_are_not_chosen_between(qpv, tmp_path, home):
    text = (SHIPPED / "pic-loos.toml").read_text(encoding="utf-8").replace('id = "pic-loos"', 'id = "pic-bis"', 1)
    (home / "schemes").mkdir(parents=True)
    (home / "schemes/pic-bis.toml").write_text(
        text.replace('label = "Projet', 'label = "Autre projet', 1), encoding="utf-8"
    )
    [project], _ = checked(qpv, tmp_path, "Essai;100;2024;PIC;;QN05975M;;;")
    assert project["decision"] is None
    assert "pic-bis" in project["undecided"]
    assert "pic-loos" in project["undecided"]


def test_a_fund_that_begins_in_the_year_is_asked_on_that_day_without_finding_the_address_again(home):
    text = (SHIPPED / "pic-loos.toml").read_text(encoding="utf-8").replace('id = "pic-loos"', 'id = "essai"', 1)
    text = text.replace('aliases = ["PIC"]', 'aliases = ["FX"]').replace("[date]\n", "[date]\nfrom = 2024-06-01\n")
    (home / "schemes").mkdir(parents=True)
    (home / "schemes/essai.toml").write_text(text, encoding="utf-8")
    lon, lat = IN_LOOS
    place = candidate(0, 0, "1 Rue du Modèle", lon=lon, lat=lat, citycode="59360", postcode="59120", city="Loos")
    geocoder = FakeGeocoder({"1 rue du Modèle, Loos": [place]})
    project = Project("1", "Essai", None, "FX", 2024, None, None, Placement(address="1 rue du Modèle, Loos"), 2)
    schemes = load_schemes(home, generations=registry().generations)
    [found] = assess(
        Projects("essai", (project,)), checker=Checker(Settings(home=home)), schemes=schemes, geocoder=geocoder
    )
    assert (found.decision.scheme, found.verdict.on, found.decision.on) == ("essai", "2024-06-01", "2024-06-01")
    assert len(geocoder.asked) == 1


# ── Course of a file ───────────────────────────────────────────────────────────────────────────────────────────────

STEPS = (
    "titre;montant;année;dispositif;code_qp;"
    "etape_demande;Étape_comité;etape_second-examen;etape_attribution;etape_bilan"
)


@pytest.mark.parametrize(
    ("scheme", "dates", "told"),
    [
        ("pic-loos", "2024-01-10;2024-02-01;;2024-03-01;2024-12-01", ([], [], [])),
        ("pic-loos", "10/01/2024;1/2/2024;;01/03/2024;", ([], [], [])),
        ("pic-loos", "2024-01-10;2024-01-10;;2024-01-10;", ([], [], [])),
        ("pic-loos", "2024-01-10;;;;", ([], [], [])),
        ("pic-loos", ";;;;2024-12-01", (["demande", "comite", "attribution"], [], [])),
        ("pic-loos", "2024-01-10;;;2024-03-01;", (["comite"], [], [])),
        ("pic-loos", "2024-03-01;2024-02-01;;2024-03-01;", ([], ["comite < demande"], [])),
        ("pic-loos", "2024-03-01;2024-02-01;2024-02-15;;", ([], ["comite < demande"], ["second-examen"])),
        (
            "ftu-loos",
            "2024-01-01;2024-02-01;2024-03-01;2024-02-15;",
            (["chiffrage"], ["attribution < second-examen"], []),
        ),
    ],
)
def test_steps_that_are_missing_or_out_of_order_are_told(qpv, tmp_path, scheme, dates, told):
    [project], err = checked(qpv, tmp_path, f"Essai;100;2024;{scheme};QN05975M;{dates}", header=STEPS)
    course, (missing, wrong, foreign) = project["course"], told
    assert (course["missing"], course["not_of_scheme"]) == (missing, foreign)
    assert [f"{one['step']} < {one['dated_before']}" for one in course["out_of_order"]] == wrong
    assert len(course["messages"]) == bool(missing) + len(wrong) + bool(foreign)
    assert "inconnue" not in err


def test_a_project_without_a_date_or_a_scheme_has_no_course(qpv, tmp_path):
    rows = ("A;1;2024;pic-loos;QN05975M;;;;;", "B;1;2024;;QN05975M;2024-01-01;;;;", "C;1;2024;FIQ;;2024-01-01;;;;")
    found, _ = checked(qpv, tmp_path, *rows, header=STEPS)
    assert [one["course"] for one in found] == [None, None, None]


def test_unknown_steps_are_told_with_those_that_are_known(qpv, tmp_path):
    header = "titre;montant;dispositif;etape_demande;etape_recours;Étape suivante"
    [project], err = checked(qpv, tmp_path, "A;1;pic-loos;2024-01-01;jamais;appeler", header=header)
    [told] = [line for line in err.splitlines() if "etape_recours" in line]
    for step in ("demande", "comite", "chiffrage", "second-examen", "attribution", "travaux", "bilan"):
        assert f"etape_{step}" in told
    assert "colonnes non lues : « Étape suivante »" in err.splitlines()
    assert project["course"]["dated"] == {"demande": "2024-01-01"}
    _, err = checked(qpv, tmp_path, "A;1;;2024-01-01;;", header=header, options=("--scheme", "pic-loos"))
    assert "etape_travaux" not in err


@pytest.mark.parametrize("written", ["hier", "2024-02-30", "31/02/2024", "01/02/24", "0202-01-01", "45000", "2024"])
def test_a_date_that_is_none_is_a_fault_of_its_cell(qpv, tmp_path, written):
    path = tmp_path / "projets.csv"
    path.write_text(f"titre;montant;etape_demande\nA;1;{written}\n", encoding="utf-8")
    answer = qpv("projects", "check", path)
    assert (answer.code, answer.out) == (2, "")
    assert "ligne 2" in answer.err
    assert "etape_demande" in answer.err
    assert written in answer.err


def test_dates_of_a_workbook_are_read_and_the_report_shows_the_course(qpv, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["titre", "montant", "année", "dispositif", "code_qp", "etape_demande", "etape_attribution"])
    book.active.append(["Essai", 100, 2024, "PIC", "QN05975M", date(2024, 3, 1), date(2024, 2, 1)])
    book.save(tmp_path / "projets.xlsx")
    report = tmp_path / "rapport.xlsx"
    answer = qpv("projects", "check", tmp_path / "projets.xlsx", "-o", report, "--offline", "--details")
    assert answer.code == 0
    shown = " ".join(answer.out.split())
    assert "Étape sans date avant une étape datée : comite." in shown
    header, row = openpyxl.load_workbook(report)["Réponses"].iter_rows(values_only=True)
    cells = dict(zip(header, row, strict=True))
    assert cells["étapes"] == "demande : 01/03/2024 ; attribution : 01/02/2024"
    assert "comite" in cells["suivi"]
    assert "attribution (1er février 2024) est daté avant demande (1er mars 2024)" in cells["suivi"]
    assert "le code de quartier" in cells["reconnu"]
    legend = [one[1] for one in openpyxl.load_workbook(report)["Légende"].iter_rows(values_only=True)]
    assert {"étapes", "suivi", "reconnu"} <= set(legend)


NAMES = ("a", "b", "c", "d", "e")
DATES = st.dictionaries(
    st.sampled_from((*NAMES, "z")), st.integers(0, 4).map(lambda days: date(2024, 1, 1) + timedelta(days)), min_size=1
)


@given(DATES)
def test_every_order_of_dates_is_told_exactly(dates):
    course = course_of(NAMES, dates)
    for k, step in enumerate(NAMES):
        assert (step in course.missing) == (step not in dates and any(one in dates for one in NAMES[k + 1 :]))
        earlier = [one for one in NAMES[:k] if one in dates]
        is_wrong = step in dates and any(dates[one] > dates[step] for one in earlier)
        assert is_wrong == (step in {one for _, one in course.out_of_order})
    for before, step in course.out_of_order:
        assert NAMES.index(before) < NAMES.index(step)
        assert dates[before] > dates[step]
        assert dates[before] == max(dates[one] for one in NAMES[: NAMES.index(step)] if one in dates)
    assert course.foreign == (("z",) if "z" in dates else ())


@given(st.lists(st.dates(date(2000, 1, 1), date(2030, 1, 1)), min_size=1, max_size=len(NAMES)))
def test_a_file_that_went_in_order_has_nothing_to_tell(days):
    course = course_of(NAMES, dict(zip(NAMES, sorted(days), strict=False)))
    assert course.messages == ()
    assert list(course.dated.values()) == sorted(days)
