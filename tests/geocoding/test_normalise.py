"""Normalising: what people type and what the index holds come out alike."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qpv_geo.geocoding.normalise import abbreviated, mistyped_long_form, sound, suffix, telling, tokens

PIECES = ["lieu", "dit", "rond", "point", "notre", "dame", "zone", "saint", "Sainte", "avenue", "av.", "l'", "12", "s/"]
texts = st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=8)).map(" ".join)


@given(texts)
@example("Lieu lieu-dit dit")
@example("Œuvre de l’Æther, ŉ ǰ İ ß ﬁ ①")
def test_what_is_normalised_stays_as_it_is(text):
    assert tokens(" ".join(tokens(text))) == tokens(text)


@given(texts)
def test_words_are_made_of_plain_letters_and_digits_only(text):
    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in tokens(text))


@given(texts)
def test_case_counts_for_nothing_in_plain_letters(text):
    plain = text.encode("ascii", "ignore").decode()
    assert tokens(plain.upper()) == tokens(plain.lower())


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("Avenue de l'Épreuve", "AV DE L EPREUVE"),
        ("Boulevard du Général Essai", "bd. du gal essai"),
        ("Place Sainte-Épreuve", "pl ste epreuve"),
        ("Chemin du Lieu-dit Essai", "Che. du lieudit ESSAI"),
        ("Impasse du Maréchal", "imp du mal"),
        ("Rond-Point du Docteur Test", "rpt du dr test"),
        ("Résidence Notre-Dame", "res nd"),
        ("Essai-sur-Test", "Essai s/ Test"),
        ("Cœur d’Essai", "coeur d'essai"),
        ("Rue des Deux Essais", "r des 2 essais"),
        ("Zone Artisanale des Essais", "ZA des Essais"),
    ],
)
def test_usual_abbreviations_are_the_same_address(written, same):
    assert tokens(written) == tokens(same)


@given(st.lists(st.sampled_from(["rue", "saint", "lieu", "dit", "zone", "artisanale", "essai", "general"])))
def test_abbreviating_what_is_abbreviated_changes_nothing(words):
    assert abbreviated(abbreviated(words)) == abbreviated(words)


def test_the_words_that_tell_a_street_are_neither_articles_nor_kinds_of_streets():
    assert telling(tokens("Rue de la Maquette")) == ("maquette",)


def test_where_there_is_nothing_else_kinds_and_articles_must_do():
    assert telling(tokens("Rue de la")) == tokens("Rue de la")
    assert telling(()) == ()


@pytest.mark.parametrize(
    ("word", "short"),
    [("plaec", "pl"), ("avenu", "av"), ("boulevrad", "bd"), ("imppasse", "imp"), ("chmin", "che"), ("sante", "ste")],
)
def test_a_kind_of_street_one_error_away_is_known(word, short):
    assert mistyped_long_form(word) == short


@pytest.mark.parametrize("word", ["ru", "rua", "essai", "avnu", "maquette"])
def test_other_words_are_no_kind_of_street(word):
    assert mistyped_long_form(word) is None


@pytest.mark.parametrize(("written", "one"), [("BIS", "bis"), ("B", "b"), ("Ter", "ter"), ("", ""), ("A", "a")])
def test_a_suffix_is_written_in_one_way(written, one):
    assert suffix(written) == one


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("schweitzer", "chveitser"), ("philippe", "filipe"), ("quentin", "kentin"),
        ("clairvaux", "clairveau"), ("martin", "martain"), ("guy", "gui"), ("dupond", "dupont"),
    ],
)  # fmt: skip
def test_words_said_alike_sound_alike(one, other):
    assert sound(one) == sound(other)


@pytest.mark.parametrize(("one", "other"), [("lilas", "tulipes"), ("poste", "porte"), ("ferry", "guesde")])
def test_words_said_otherwise_do_not(one, other):
    assert sound(one) != sound(other)
