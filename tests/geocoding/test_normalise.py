"""Normalising: what people type and what the index holds come out alike."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qpv_geo.geocoding.normalise import HouseNumber, mistyped_long_form, readings, suffix, telling, tokens

PIECES = ["lieu", "dit", "rond", "point", "notre", "dame", "zone", "saint", "Sainte", "avenue", "av.", "l'", "12", "s/"]
texts = st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=8)).map(" ".join)


def first(text):
    return readings(text)[0]


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
    ],
)
def test_usual_abbreviations_are_the_same_address(written, same):
    assert tokens(written) == tokens(same)


def test_the_words_that_tell_a_street_are_neither_articles_nor_kinds_of_streets():
    assert telling(tokens("Rue de la Maquette")) == ("maquette",)


def test_where_there_is_nothing_else_kinds_and_articles_must_do():
    assert telling(tokens("Rue de la")) == tokens("Rue de la")
    assert telling(()) == ()


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("15 rue des Essais", HouseNumber(15)),
        ("15bis rue des Essais", HouseNumber(15, "bis")),
        ("15 BIS, rue des Essais", HouseNumber(15, "bis")),
        ("15 ter rue des Essais", HouseNumber(15, "ter")),
        ("15 quater rue des Essais", HouseNumber(15, "quater")),
        ("15 B rue des Essais", HouseNumber(15, "b")),
        ("15b rue des Essais", HouseNumber(15, "b")),
        ("15 a, rue des Essais", HouseNumber(15, "a")),
        ("15 D rue des Essais", HouseNumber(15, "d")),
        ("0015 rue des Essais", HouseNumber(15)),
    ],
)
def test_a_number_at_the_head_is_the_house_number(written, number):
    assert first(written).number == number
    assert first(written).words == tokens("rue des Essais")


@pytest.mark.parametrize("written", ["12 r des Essais", "12 d'Essai", "12 l'Essai", "12d'Essai"])
def test_a_letter_that_may_be_an_article_or_a_street_is_no_suffix(written):
    assert first(written).number == HouseNumber(12)


def test_without_a_number_at_the_head_every_number_may_be_in_the_name():
    name, *others = readings("Rue du 8 mai 1945")
    assert name.number is None
    assert name.words == tokens("Rue du 8 mai 1945")
    assert [one.number for one in others] == [HouseNumber(8), HouseNumber(1945)]


def test_a_number_at_the_head_comes_before_those_of_the_name():
    head, whole, *others = readings("3 rue du 8 mai 1945")
    assert (head.number, head.words) == (HouseNumber(3), tokens("rue du 8 mai 1945"))
    assert (whole.number, whole.words) == (None, tokens("3 rue du 8 mai 1945"))
    assert [one.number for one in others] == [HouseNumber(8), HouseNumber(1945)]


def test_an_ordinal_in_a_name_stays_whole():
    assert first("3 rue du 2e Régiment").words == tokens("rue du 2e Régiment")
    assert first("Rue du 2e Régiment").words == tokens("rue du 2e Régiment")


def test_a_number_at_the_end_is_read_too():
    found = readings("Rue des Essais 12 bis")
    assert (HouseNumber(12, "bis"), tokens("Rue des Essais")) in [(one.number, one.words) for one in found]


@pytest.mark.parametrize("tail", ["CEDEX", "Cedex 9", "BP 123", "B.P. 123", "CS 40012", "TSA 40012 Cedex 12"])
def test_what_leads_to_no_place_is_dropped(tail):
    found = first(f"15 rue des Essais 99010 Essai {tail}")
    assert (found.number, found.words, found.codes) == (HouseNumber(15), tokens("rue des Essais Essai"), ("99010",))


def test_five_digits_are_codes_and_neither_words_nor_numbers():
    (found,) = readings("Rue des Essais 59360 99010")
    assert (found.number, found.words, found.codes) == (None, tokens("Rue des Essais"), ("59360", "99010"))


def test_nothing_is_one_reading_of_nothing():
    (found,) = readings("!?")
    assert (found.number, found.words, found.codes) == (None, (), ())


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
