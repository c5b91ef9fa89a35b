"""Finding a perimeter by what people call it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from synthetic import perimeters, square

from qpv_geo.perimeters.names import aliases_of, find_perimeters
from qpv_geo.perimeters.registry import Alias, registry
from qpv_geo.text_normalisation import fold

ALIASES = (
    Alias("La Tour d'Essai", ("QN99902N", "QP999002"), "inventé"),
    Alias("Les Deux", ("QN99901N", "QN99903N"), "inventé"),
)
NAMES = ("Carré Saint-Éloi", "Carré", "L’Œuvre du Carré - Sud", "Ancien carré sud")


@pytest.fixture(scope="module")
def four():
    return replace(perimeters(*(square(k * 2000, 0, 500) for k in range(4))), names=NAMES)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("QN99901N", [0]),
        ("qn99901n", [0]),
        (" Qn99901N ", [0]),
        ("carre saint eloi", [0]),
        ("CARRÉ SAINT-ÉLOI", [0]),
        ("carré", [1]),  # the whole name of one goes before a part of the others
        ("l'oeuvre du carré sud", [2]),
        ("saint", [0]),
        ("SUD", [2, 3]),
        ("ancien  carré", [3]),
        ("la tour d essai", [1]),
        ("les deux", [0, 2]),
        ("Tour d'Essai", []),  # a local name is a whole name
        ("QN9990", []),  # and so is a code
        ("QP999002", []),
        ("bellejouanne", []),
        ("", []),
        ("  ", []),
        ("-'’", []),
    ],
)
def test_a_perimeter_is_found_by_code_name_local_name_or_part_of_a_name(four, text, rows):
    assert find_perimeters(text, four, ALIASES) == rows


def test_without_local_names_only_codes_and_labels_count(four):
    assert find_perimeters("la tour d'essai", four, ()) == []


def test_a_perimeter_knows_its_local_names():
    assert aliases_of("QN99902N", ALIASES) == ("La Tour d'Essai",)
    assert aliases_of("QP999002", ALIASES) == ("La Tour d'Essai",)
    assert aliases_of("QN99904N", ALIASES) == ()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Épi de Soil", "epi de soil"),
        ("E\u0301pi de Soil", "epi de soil"),  # the accent as a character of its own
        ("Trois-Cités", "trois cites"),
        ("L’Œuf  (Nord)", "l oeuf nord"),
        ("œuvre", "oeuvre"),
        ("Çà et là", "ca et la"),
        ("", ""),
    ],
)
def test_folding_leaves_letters_and_digits(text, folded):
    assert fold(text) == folded


def named(perimeters, text):
    rows = find_perimeters(text, perimeters, registry().aliases)
    return [(perimeters.codes[row], perimeters.names[row]) for row in rows]


@pytest.mark.parametrize("text", ["Épi de Soil", "epi de soil", "secteur sud", "QN05972M"])
def test_the_tower_of_loos_is_secteur_sud_in_2024(catalogue, text):
    held = catalogue.load(catalogue.find("qpv-2024"))
    assert named(held, text) == [("QN05972M", "Secteur Sud")]


@pytest.mark.parametrize("text", ["Épi de Soil", "epi de soil", "qp059074"])
def test_the_tower_of_loos_is_secteur_sud_in_2015(loos_2015, text):
    assert [code for code, _ in named(loos_2015, text)] == ["QP059074"]
    assert fold(named(loos_2015, text)[0][1]) == "secteur sud"


def test_bellejouanne_is_no_perimeter(catalogue):
    assert named(catalogue.load(catalogue.find("qpv-2024")), "Bellejouanne") == []
