"""The chain: geocoders in an explicit order, the first that is sure answers, and a failure is never passed over."""

from __future__ import annotations

import pytest
from counting import Counting, door
from written import LIEUX_DITS, ban, lieu_dit, write

from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.chain import SURE_SCORE, Chain
from qpv_geo.geocoding.protocol import Query, make_query
from qpv_geo.geocoding.store import AddressStore

QUERY = Query("15 bis rue des Essais Essai-sur-Test")
SURE, UNSURE = door("sûr", SURE_SCORE), door("peu sûr", SURE_SCORE - 0.01)


def test_a_chain_is_named_after_its_geocoders_in_order():
    assert Chain([Counting([], name="un"), Counting([], name="deux")]).name == "un, deux"


def test_the_first_that_is_sure_answers_and_the_others_are_not_asked():
    one, two, three = Counting([UNSURE]), Counting([SURE]), Counting([door("meilleur", 1.0)])
    assert Chain([one, two, three]).search(QUERY, limit=3) == [SURE, UNSURE]
    assert [len(geocoder.asked) for geocoder in (one, two, three)] == [1, 1, 0]
    assert one.asked == two.asked == [(QUERY, 3)]


@pytest.mark.parametrize("first", [[], [UNSURE]])
def test_one_that_is_not_sure_leaves_the_question_to_the_next(first):
    better = door("meilleur", 0.99)
    assert Chain([Counting(first), Counting([better])]).search(QUERY) == [better, *first]


def test_where_none_is_sure_the_best_of_all_comes_first_and_no_more_than_asked():
    chain = Chain([Counting([door("a", 0.8), door("b", 0.5)]), Counting([door("c", 0.7), door("d", 0.6)])])
    assert [one.id for one in chain.search(QUERY)] == ["a", "c", "d", "b"]
    assert [one.id for one in chain.search(QUERY, limit=2)] == ["a", "c"]


def test_the_same_address_found_twice_is_one_candidate_with_the_better_score():
    chain = Chain([Counting([door("a", 0.6, source="un")]), Counting([door("a", 0.7, source="deux")])])
    assert [(one.score, one.source) for one in chain.search(QUERY)] == [(0.7, "deux")]
    turned = Chain(chain.geocoders[::-1])
    assert [(one.score, one.source) for one in turned.search(QUERY)] == [(0.7, "deux")]


def test_of_equal_scores_the_first_stays_first_whatever_comes_below():
    first, second = door("b", 0.8), door("a", 0.8)
    assert Chain([Counting([first, second])]).search(QUERY) == [first, second]
    assert Chain([Counting([first, second]), Counting([door("a", 0.3)])]).search(QUERY) == [first, second]


def test_a_chain_goes_on_from_what_others_found():
    """In two parts, it finds what it finds whole."""
    some = [Counting([door("a", 0.8), door("b", 0.5)]), Counting([door("b", 0.85), door("c", 0.7)])]
    known = Chain(some[:1]).search(QUERY)
    assert Chain(some[1:]).search(QUERY, known=known) == Chain(some).search(QUERY)


def test_where_none_finds_anything_the_answer_is_empty():
    assert Chain([Counting([]), Counting([])]).search(QUERY) == []
    assert Chain([]).search(QUERY) == []


@pytest.mark.parametrize("others", [[], [UNSURE]])
def test_a_failure_is_an_error_and_not_what_the_others_found(others):
    chain = Chain([Counting(others), Counting(RemoteError("panne")), Counting([SURE])])
    with pytest.raises(RemoteError, match="panne"):
        chain.search(QUERY)
    with pytest.raises(RemoteError, match="panne"):
        Chain([Counting([]), Counting(RemoteError("panne"))]).reverse(lon=0.3, lat=46.5)


def test_one_that_is_sure_before_a_failure_answers():
    assert Chain([Counting([SURE]), Counting(RemoteError("panne"))]).search(QUERY) == [SURE]


def test_the_first_that_knows_an_address_near_a_point_answers():
    one, two, three = Counting([]), Counting([UNSURE]), Counting([SURE])
    assert Chain([one, two, three]).reverse(lon=0.3, lat=46.5, limit=2) == [UNSURE]
    assert two.asked == [(0.3, 46.5, 2)]
    assert three.asked == []
    assert Chain([one]).reverse(lon=0.3, lat=46.5) == []


def test_the_numbers_of_a_street_come_from_the_first_index_that_knows_any(home, tmp_path):
    store = AddressStore(home)
    store.import_file(write(tmp_path / "a.csv", [lieu_dit("La Maquette")], LIEUX_DITS))
    store.import_file(write(tmp_path / "b.csv", [ban(2), ban(1)]))
    store.import_file(write(tmp_path / "c.csv", [ban(3)]))
    chain = Chain([Counting([]), *store.indexes()])
    (street,) = chain.search(make_query("rue des Essais, Essai-sur-Test"), limit=1)
    assert [one.housenumber for one in chain.street_numbers(street)] == ["1", "2"]
    (locality,) = chain.search(make_query("La Maquette, Essai-sur-Test"), limit=1)
    assert chain.street_numbers(locality) == []
