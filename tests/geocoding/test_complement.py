"""The complement of an address: its numbers are never the door's, and its words hide neither street nor town."""

from __future__ import annotations

import itertools

import pytest
from asking import firm, indexed
from hypothesis import given
from hypothesis import strategies as st
from real_towns import LOOS
from written import ban, street

from qpv_geo.geocoding.normalise import tokens
from qpv_geo.geocoding.query import read

NUMBERED = [
    "Apt 12", "apt. 12", "Appt 12", "appart 12", "appartement 12", "Appartement n° 12", "apt12", "ap 12", "app 12",
    "Apt B12", "apt 12B", "appartement A 12", "bât 12", "Bât. B", "bâtiment 12", "batiment A", "bat C3", "bloc 12",
    "Immeuble 12", "imm. 12", "tour 12", "villa 12", "étage 12", "12e étage", "2ème étage", "3 ème étage gauche",
    "1er étage", "12e etg", "escalier 12", "esc. B", "escalier gauche", "porte 12", "porte n° 12", "pte 12",
    "entrée 12", "hall 12", "logement 12", "logt 12", "studio 12", "chambre 12", "lot 12", "box 12", "garage 12",
    "cage 12", "interphone 12", "digicode 1234A", "boîte 12", "boîte aux lettres 12", "bte 12", "BAL 12",
    "BP 12", "B.P. 12", "bp12", "CS 40012", "TSA 12345", "RDC", "rdc gauche",
    "rez-de-chaussée", "rez de chaussée droite",
    "Bât B esc 2 apt 12", "apt 12 - 3e étage", "Apt 12, bât 4, hall 2", "appartement 12 2e étage porte 4",
]  # fmt: skip
NAMED = [
    "Résidence les Peupliers", "résidence du Parc", "Rés. Bellevue", "Immeuble Le Pic", "chez M. Durand",
    "chez Mme Martin", "c/o Durand", "Tour Eole", "Foyer Jeanne", "Ehpad des Pins", "copropriété Les Pins",
    "Bâtiment Zéphyr", "Villa Mimosa",
]  # fmt: skip
"""Complements in words: no street bears these names."""


def ends(text):
    return tuple(str(end) for one in (read(text)[0],) if one.numbers for end in one.numbers.ends)


@pytest.mark.parametrize(
    "text",
    [
        "30 rue du Banc {}",
        "30 rue du Banc, {}",
        "30 rue du Banc ({})",
        "30 rue du Banc - {} - 59120 Loos",
        "30 rue du Banc {} 59120 Loos",
        "30 rue du Banc, {}, 59120 Loos",
        "{}, 30 rue du Banc, 59120 Loos",
        "{} 30 rue du Banc 59120 Loos",
        "{}\n30 rue du Banc\n59120 Loos",
        "30 rue du Banc 59120 Loos {}",
        "30 rue du Banc 59120 Loos, {}",
    ],
)
def test_the_number_of_a_complement_is_never_the_door_s_and_none_is_left(text):
    for whole in map(text.format, NUMBERED):
        assert ends(whole) == ("30",), whole
        assert set(read(whole)[0].words) <= {"loos", *tokens("rue du Banc")}, whole


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ("9", ("9",)),
        ("9 bis", ("9 bis",)),
        ("9 B", ("9 b",)),
        ("9bis", ("9 bis",)),
        ("9-11", ("9", "11")),
        ("9 à 11", ("9", "11")),
        ("9 et 11", ("9", "11")),
        ("9 bis et 11", ("9 bis", "11")),
    ],
)
def test_the_numbers_behind_a_complement_are_all_the_door_s(numbers, expected):
    complements = ("bât B", "Apt 12", "esc C", "tour 3", "porte 4", "hall A", "apt B12", "3e étage")
    for complement, sign in itertools.product(complements, (" ", ", ", " - ", "\n")):
        text = f"{complement}{sign}{numbers} rue du Banc, 59120 Loos"
        assert ends(text) == expected, text
        assert read(text)[0].words == tokens("rue du Banc Loos"), text


@pytest.mark.parametrize("complement", NAMED)
@pytest.mark.parametrize("text", ["30 rue du Banc, {}, 59120 Loos", "{}, 30 rue du Banc, 59120 Loos"])
def test_the_words_of_a_complement_need_not_be_explained(text, complement):
    reading = read(text.format(complement))[0]
    assert ends(text.format(complement)) == ("30",)
    needed = " ".join(word for k, word in enumerate(reading.words) if k not in reading.optional)
    assert "r du banc" in needed
    assert set(needed.split()) - set(tokens("rue du Banc Loos")) <= {"durand"}  # behind c/o, who lives there


# ── In an index ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """A street with the numbers of all the complements, and one that a residence has the name of."""
    rows = [
        *street("Rue du Banc", LOOS, range(1, 41)),
        ban(12, "Rue du Banc", LOOS, suffix="b"),
        *street("Résidence du Gabarit", LOOS, range(1, 6)),
        *street("Rue de la Tour", LOOS, range(1, 6)),
        *street("Rue du Bâtiment", LOOS, range(1, 6)),
        *street("Allée de la Résidence", LOOS, range(1, 6)),
        *street("Rue de l'Entrée", LOOS, range(1, 6)),
        *street("Place de la Porte", LOOS, range(1, 6)),
    ]
    return indexed(tmp_path_factory.mktemp("complement"), rows)


DOOR = [("30", "Rue du Banc", "Loos")]
COMPLEMENTS = st.sampled_from([*NUMBERED, *NAMED])


@given(
    COMPLEMENTS,
    st.sampled_from(
        [
            "30 rue du Banc, {}, 59120 Loos",
            "{}, 30 rue du Banc, 59120 Loos",
            "30 rue du Banc, 59120 Loos, {}",
            "30 rue du Banc\n{}\n59120 Loos",
        ]
    ),
    st.sampled_from([str, str.upper, str.lower]),
)
def test_a_door_is_found_beside_any_complement(index, complement, text, change):
    assert firm(index, change(text.format(complement))) == DOOR


@given(st.lists(st.sampled_from(NUMBERED), min_size=2, max_size=3))
def test_a_door_is_found_beside_several_complements(index, some):
    text = f"{some[0]}, 30 rue du Banc, {', '.join(some[1:])}, 59120 Loos"
    assert firm(index, text) == DOOR


@given(st.sampled_from([one for one in NUMBERED if "12" in one]))
def test_a_complement_gives_no_number_to_a_street_without_one(index, complement):
    found = firm(index, f"rue du Banc, {complement}, 59120 Loos")
    assert found in ([(None, "Rue du Banc", "Loos")], [])


@pytest.mark.parametrize(
    ("text", "door"),
    [
        ("3 résidence du Gabarit, 59120 Loos", ("3", "Résidence du Gabarit")),
        ("Résidence du Gabarit 3, 59120 Loos", ("3", "Résidence du Gabarit")),
        ("3 rue de la Tour, 59120 Loos", ("3", "Rue de la Tour")),
        ("3 rue du Bâtiment, 59120 Loos", ("3", "Rue du Bâtiment")),
        ("3 allée de la Résidence, 59120 Loos", ("3", "Allée de la Résidence")),
        ("3 rue de l'Entrée, 59120 Loos", ("3", "Rue de l'Entrée")),
        ("3 place de la Porte, 59120 Loos", ("3", "Place de la Porte")),
        ("3 rue de la Tour, tour 5, 59120 Loos", ("3", "Rue de la Tour")),
    ],
)
def test_a_street_that_is_named_like_a_complement_is_found(index, text, door):
    assert firm(index, text) == [(*door, "Loos")]


@pytest.mark.parametrize("text", ["Bâtiment 12 rue du Banc, 59120 Loos", "immeuble, 12 rue du Banc, 59120 Loos"])
def test_where_there_is_no_other_number_the_one_before_the_street_is_the_door_s(index, text):
    assert firm(index, text) == [("12", "Rue du Banc", "Loos")]


@pytest.mark.parametrize("part", ["Appartement", "étage", "porte", "hall", "studio", "logement n°", "chambre", "lot"])
def test_the_number_of_a_part_of_a_building_is_never_the_door_s(index, part):
    assert firm(index, f"{part} 12 rue du Banc, 59120 Loos") == [(None, "Rue du Banc", "Loos")]


@pytest.mark.parametrize(
    "text",
    [
        "30 rue du Banc 12, 59120 Loos",
        "30 rue du Banc n° 12, 59120 Loos",
        "30 rue du Banc code 1234, 59120 Loos",
        "30 rue du Banc 12 59120 Loos",
    ],
)
def test_a_number_that_nothing_explains_is_never_passed_over(index, text):
    assert firm(index, text) == []


def test_who_lives_there_is_no_street(index):
    """« Chez M. Gabarit » is not the residence of that name, nor « foyer du Banc » a street."""
    assert firm(index, "chez M. Gabarit, 30 rue du Banc, 59120 Loos") == DOOR
    assert firm(index, "3 chez M. Gabarit, 59120 Loos") == []
    assert firm(index, "foyer du Banc, 59120 Loos") == []
