"""Programmes as towns publish them, and tables compared with them to the cent."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.errors import FormatError, InputError
from qpv_geo.projects import Placement, Project, Projects, read_projects
from qpv_geo.projects.amounts import to_cents, to_euros
from qpv_geo.projects.model import Funding
from qpv_geo.projects.neighbourhoods import known_neighbourhoods
from qpv_geo.projects.programmes import ProgrammeMeasure, find_programme, load_programmes
from qpv_geo.projects.reconciliation import LeftOut, concerned, reconcile

HEADER = "intitulé,dispositif,année,commune,montant\n"


def project(key, amount, **changed):
    stated = {"lead": None, "scheme": "FIQ", "year": 2024, "themes": (), "line": 2}
    place = Placement(commune=changed.pop("commune", "86194"))
    return Project(id=key, title="Projet d'essai", amount=amount, placement=place, **(stated | changed))


def compared(*projects, programme="fiq-poitiers-2024", home, every_row=False):
    table = Projects("essai.csv", tuple(projects))
    return reconcile(find_programme(programme, home), table, known_neighbourhoods(), every_row=every_row)


def announced(programme):
    return {one.id: one.value for one in programme.figures}


def test_what_the_towns_announce(home):
    found = {one.id: one for one in load_programmes(home)}
    assert announced(found["fiq-poitiers-2024"]) == {"enveloppe": 1_000_000, "projets": 8}
    loos = found["contrat-de-ville-loos-2014-2023"]
    assert announced(loos) == {"ville": 2_871_930, "etat": 3_300_433, "actions": 57}
    assert announced(found["contrat-de-ville-loos-2024-2030"]) == {}
    assert announced(found["pic-loos"]) == {"plafond": 1_500}
    assert announced(found["ftu-loos"]) == {"plafond": 4_500}


def test_everything_has_a_source_and_the_day_it_was_read(home):
    for programme in load_programmes(home):
        told = (*programme.figures, *programme.facts, *programme.quartiers)
        assert told
        assert all(one.source.title and one.source.read_on.year >= 2026 for one in told)


def test_a_local_name_is_told_as_a_part_of_its_quartier(home):
    for programme in ("contrat-de-ville-loos-2014-2023", "contrat-de-ville-loos-2024-2030"):
        (tower,) = (one for one in find_programme(programme, home).quartiers if one.name == "Épi de Soil")
        assert tower.note.startswith("une tour")
        assert "et non" in tower.note


def test_the_shipped_table_details_the_whole_fund(home):
    found = reconcile(find_programme("fiq-poitiers-2024", home), read_projects("fiq-2024"), known_neighbourhoods())
    assert [(gap.found, gap.gap, gap.exact) for gap in found.gaps] == [
        (Decimal("1000000.00"), Decimal("0.00"), True),
        (8, 0, True),
    ]
    assert not found.left_out


def test_without_a_table_nothing_is_detailed(home):
    found = reconcile(find_programme("contrat-de-ville-loos-2014-2023", home), None, known_neighbourhoods())
    assert {gap.figure.id: gap.found for gap in found.gaps} == {"ville": 0, "etat": 0, "actions": 0}
    assert not any(gap.exact for gap in found.gaps)


def test_a_cent_is_told(home):
    found = compared(project("a", Decimal("999999.99")), home=home)
    assert found.gaps[0].gap == Decimal("0.01")
    assert not found.gaps[0].exact


def test_a_funder_that_the_table_does_not_state_is_not_compared(home):
    rows = project("a", Decimal("10.00"), scheme="contrat de ville", year=2019, commune="59360")
    found = compared(rows, programme="contrat-de-ville-loos-2014-2023", home=home)
    assert [gap.gap for gap in found.gaps if gap.figure.measure is ProgrammeMeasure.FUNDER] == [None, None]


def test_what_each_funder_paid_is_compared_with_what_was_announced(home):
    both = (Funding("Ville", Decimal("871930.00")), Funding("État", Decimal("300433.00")))
    alone = (Funding("Ville de Loos"),)
    rows = (
        project("a", Decimal("1172363.00"), scheme="contrat de ville", year=2015, commune="59360", funding=both),
        project("b", Decimal("2000000.00"), scheme="contrat de ville", year=2023, commune="59360", funding=alone),
    )
    found = compared(*rows, programme="contrat-de-ville-loos-2014-2023", home=home)
    assert {gap.figure.id: gap.gap for gap in found.gaps} == {"ville": 0, "etat": 3_000_000, "actions": 55}


def test_a_cap_is_kept_or_not(home):
    over = [project("a", Decimal("1500.01"), scheme="PIC", commune="Loos")]
    assert not compared(*over, programme="pic-loos", home=home).gaps[0].exact
    under = [project("a", Decimal("1500.00"), scheme="PIC", commune="Loos")]
    assert compared(*under, programme="pic-loos", home=home).gaps[0].exact


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"scheme": "PIC"}, LeftOut.SCHEME),
        ({"scheme": None}, LeftOut.SCHEME_NOT_STATED),
        ({"year": 2025}, LeftOut.YEAR),
        ({"commune": "59360"}, LeftOut.COMMUNE),
        ({"commune": None}, LeftOut.COMMUNE_NOT_STATED),
    ],
)
def test_a_row_that_is_not_of_the_programme_is_left_out_with_its_reason(home, changed, reason):
    found = compared(project("a", Decimal(1), **changed), home=home)
    assert found.left_out == {reason: ("a",)}
    assert found.projects == ()


def test_a_row_that_states_too_little_is_counted_where_the_user_says_so(home):
    rows = project("a", Decimal(1), scheme=None), project("b", Decimal(1), commune=None), project("c", None, year=None)
    found = compared(*rows, home=home, every_row=True)
    assert found.projects == ("a", "b", "c")
    assert found.undated == ("c",)
    assert found.gaps[0].unpublished == 1


@examples(20, of=100)
@given(st.lists(st.integers(-(10**9), 10**9), max_size=30))
def test_what_is_detailed_and_what_is_missing_make_what_was_announced(tmp_path_factory, cents):
    rows = [project(str(k), to_euros(one)) for k, one in enumerate(cents)]
    total, count = compared(*rows, home=tmp_path_factory.getbasetemp()).gaps
    assert to_cents(total.found) + to_cents(total.gap) == 100_000_000
    assert to_cents(total.found) == sum(cents)
    assert count.found + count.gap == 8


def test_a_table_names_its_programmes(home):
    named = concerned(load_programmes(home), read_projects("loos-2024"), known_neighbourhoods())
    assert {one.id for one in named} == {"pic-loos", "ftu-loos"}


def test_the_gap_is_told_as_people_say_it(qpv):
    told = (
        qpv("programmes", "check", "contrat-de-ville-loos-2014-2023").out.replace("\u00a0", " ").replace("\u202f", " ")
    )
    assert "57 actions annoncées, 0 détaillées ici" in told
    assert "Versé par la ville : 2 871 930 € annoncés, 0 € détaillés ici. Il manque 2 871 930 €." in told


def test_the_command_compares_a_file(qpv, tmp_path):
    path = tmp_path / "projets.csv"
    path.write_text(f"{HEADER}Un,FIQ,2024,86194,600000.10\nDeux,FIQ,2024,86194,399999.90\n", encoding="utf-8")
    (answer,) = json.loads(qpv("programmes", "check", path, "--format", "json").out)
    assert (answer["programme"], answer["gaps"][0]["gap"], answer["gaps"][1]["gap"]) == ("fiq-poitiers-2024", "0.00", 6)


def test_why_the_town_writes_another_decree_is_told(qpv):
    told = " ".join(qpv("programmes", "show", "contrat-de-ville-loos-2024-2030").out.split())
    assert "« décret du 13 juillet 2024 »" in told
    assert "valent depuis le 1er janvier 2024" in told


def test_a_local_name_is_not_the_area_of_its_quartier(qpv):
    told = " ".join(qpv("perimeters", "show", "épi de soil").out.split())
    assert "« Épi de Soil » est un nom d’usage (Ville de Loos : tour d" in told
    assert "le quartier Secteur Sud entier" in told


def test_an_unknown_programme_names_those_there_are(qpv):
    answer = qpv("programmes", "show", "fiq")
    assert answer.code == 2
    assert "« fiq »" in answer.err
    assert "fiq-poitiers-2024" in answer.err


# ── Files of one's own ─────────────────────────────────────────────────────────────────────────────────────────────

OWN = """id = "fonds-essai"
label = "Fonds d’essai"
summary = "Un fonds inventé pour les essais."
commune = "99999"
town = "Essai"
schemes = ["essai"]

[[figures]]
id = "enveloppe"
label = "Enveloppe"
measure = "total"
value = 100
source = "page"

[[sources]]
id = "page"
title = "Page d’essai"
read_on = 2026-11-30
"""


def own(home, text, name="fonds-essai"):
    folder = home / "programmes"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def test_a_programme_of_ones_own_is_read(home):
    own(home, OWN)
    assert find_programme("fonds-essai", home).figures[0].value == 100


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("value = 100", "value = 100.5", 12),
        ("value = 100", 'value = "cent"', 12),
        ('measure = "total"', 'measure = "somme"', 11),
        ('measure = "total"', 'measure = "total"\nfunders = ["État"]', 8),
        ('source = "page"', 'source = "livre"', 13),
        ('label = "Enveloppe"', 'label = "Enveloppe"\nmontant = 3', 11),
        ('commune = "99999"', 'commune = "9999"', 4),
    ],
)
def test_a_wrong_value_is_refused_with_its_line(home, old, new, line):
    own(home, OWN.replace(old, new))
    with pytest.raises(FormatError, match=rf"ligne {line}\s"):
        load_programmes(home)


def test_a_programme_that_ships_is_not_replaced(home):
    own(home, OWN.replace('"fonds-essai"', '"pic-loos"'), name="pic-loos")
    with pytest.raises(FormatError, match="pic-loos"):
        load_programmes(home)


def test_a_programme_that_is_not_there(home):
    with pytest.raises(InputError, match="« rien »"):
        find_programme("rien", home)
