"""The lexicon: words of French and names of people, so that another word is no typing error."""

from __future__ import annotations

import gzip
import re

import pytest
from examples import LONG

from qpv_geo.geocoding.lexicon import is_word
from qpv_geo.resources import data_folder
from qpv_geo.text_normalisation import fold

SOME = 1 if LONG else 20


def listed():
    return gzip.decompress((data_folder() / "french-words.txt.gz").read_bytes()).decode().splitlines()


@pytest.mark.parametrize("word", ["lilas", "tulipe", "tulipes", "poste", "porte", "marin", "chevaux", "oeuvre"])
def test_words_of_french_are_known(word):
    assert is_word(word)


@pytest.mark.parametrize("word", ["martin", "leclerc", "dupont", "marie", "gabriel", "raphael", "louise"])
def test_common_names_of_people_are_known(word):
    assert is_word(word)


@pytest.mark.parametrize("word", ["tulpies", "lials", "postte", "martni", "leclrec", "xqzv"])
def test_typing_errors_are_no_words(word):
    assert not is_word(word)


@pytest.mark.parametrize(
    "word", ["", "\n", "lilas\n", "lilas\nlilial", "Lilas", "école", "rue", "12", "zzzzz", "aaaa", "😀"]
)
def test_what_is_not_a_folded_word_is_unknown(word):
    assert not is_word(word)


@pytest.mark.more
def test_every_word_listed_is_found_the_first_and_the_last_too():
    words = listed()
    assert all(is_word(word) for word in [*words[::SOME], words[-1]])


@pytest.mark.more
def test_the_list_is_folded_sorted_and_without_repetition():
    words = listed()
    assert words == sorted(set(words))
    assert re.fullmatch("([a-z]{4,20}\n)*", "".join(f"{word}\n" for word in words))
    assert all(fold(word) == word for word in words[::SOME])


def test_accents_are_folded_as_addresses_are():
    assert is_word(fold("Église"))
    assert is_word(fold("Œillets"))
