"""The chain: what no index is firm about is asked of the next, what was found is kept, a failure is an error."""

from __future__ import annotations

import pytest
from asking import asked, firm, indexed
from counting import Counting, door
from hypothesis import given
from hypothesis import strategies as st
from real_towns import BEAUMONT_63, HENIN_BEAUMONT, LOOS, LYON_3, POITIERS, SAINT_ETIENNE
from written import LIEUX_DITS, ban, lieu_dit, shuffled, street, write

from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.chain import Chain, is_settled
from qpv_geo.geocoding.effort import Effort, EffortError
from qpv_geo.geocoding.match import is_firm
from qpv_geo.geocoding.protocol import MatchType, Query, make_query
from qpv_geo.geocoding.resolve import resolve
from qpv_geo.geocoding.store import AddressStore

QUERY = Query("15 bis rue des Essais Essai-sur-Test")
RIGHT = door("bonne", 0.3)
"""Firm, for all its low score."""
OTHER = door("autre", 0.99, street="Rue des Témoins", label="15 bis Rue des Témoins 99010 Essai-sur-Test")


def ids(found):
    return [one.id for one in found]


def test_a_chain_is_named_after_its_geocoders_in_order():
    assert Chain([Counting([], name="un"), Counting([], name="deux")]).name == "un, deux"


# ── Who is asked ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_that_knows_the_very_address_answers_and_the_others_are_not_asked():
    one, two, three = Counting([OTHER]), Counting([RIGHT]), Counting([door("meilleure", 1.0)])
    assert ids(Chain([one, two, three]).search(QUERY, limit=3)) == ["bonne", "autre"]
    assert [len(geocoder.asked) for geocoder in (one, two, three)] == [1, 1, 0]
    assert one.asked == two.asked == [(QUERY, 3)]


@given(st.floats(0, 1), st.floats(0, 1))
def test_no_score_keeps_the_next_from_being_asked_or_has_it_asked(low, high):
    unlike, right = OTHER._replace(score=high), RIGHT._replace(score=low)
    assert ids(Chain([Counting([unlike]), Counting([right])]).search(QUERY))[0] == "bonne"
    last = Counting([unlike])
    Chain([Counting([right]), last]).search(QUERY)
    assert last.asked == []


@pytest.mark.parametrize("first", [[], [OTHER]])
def test_one_that_is_not_firm_leaves_the_question_to_the_next(first):
    assert ids(Chain([Counting(first), Counting([RIGHT])]).search(QUERY)) == ["bonne", *ids(first)]


@pytest.mark.parametrize(
    ("text", "held", "town", "right", "where"),
    [
        ("11 rue du Rivage 59120 Loos", "Rue du Tige", LOOS, "Rue du Rivage", LOOS),
        ("12 rue des Tulipes, 59120 Loos", "Rue des Lilas", LOOS, "Rue des Tulipes", LOOS),
        ("12 avenue du Général de Gaulle Loos", "Avenue du Général Leclerc", LOOS, "Avenue du Général de Gaulle", LOOS),
        ("30 rue Antonio Vivaldi Lyon", "Rue Antonio Vivaldi", SAINT_ETIENNE, "Rue Antonio Vivaldi", LYON_3),
        ("12 rue Victor Hugo, Beaumont (63)", "Rue Victor Hugo", HENIN_BEAUMONT, "Rue Victor Hugo", BEAUMONT_63),
        ("12 rue Victor Hugo, Beaumont", "Rue Victor Hugo", HENIN_BEAUMONT, "Rue Victor Hugo", BEAUMONT_63),
        ("12 bis rue du Banc, 59120 Loos", "Rue du Banc", LOOS, "Rue du Banc", LOOS),
        ("40 rue du Banc, 59120 Loos", "Rue du Banc", LOOS, "Rue du Banc", LOOS),
        ("12 impasse du Banc, 59120 Loos", "Rue du Banc", LOOS, "Impasse du Banc", LOOS),
        ("12 rue du Banc, 86000 Poitiers", "Rue du Banc", LOOS, "Rue du Banc", POITIERS),
        ("1 mairie, 86000 Poitiers", "Rue de la Mairie", POITIERS, "Mairie", POITIERS),
    ],
)  # fmt: skip
def test_the_service_that_knows_the_right_door_is_asked_and_answers(  # noqa: PLR0913, PLR0917 - the columns of a table
    tmp_path, text, held, town, right, where
):
    index = indexed(tmp_path, street(held, town, [*range(1, 13), 30]))
    number = text.split(f" {right.split()[0].lower()}")[0]
    known = door("nationale", 0.6, street=right, housenumber=number, **where.fields())
    service = Counting([known], name="service")
    found = asked(Chain([index, service]), text)
    assert len(service.asked) == 1
    assert found[0].id == "nationale"
    assert [one.id for one in found if is_firm(one.match)] == ["nationale"]
    assert len(found) > 1 or asked(index, text) == []  # what the index found is kept behind


@pytest.mark.parametrize(
    "text",
    [
        "12 rue du Banc, 59120 Loos",
        "12 RUE DU BANC LOOS",
        "12 rue des Tulpies 59120",
        "12 rue du Banc apt 40, 59120 Loos",
        "10 à 12 rue du Banc, Loos",
        "rue du Banc, Loos",
    ],
)
def test_the_service_is_not_asked_for_what_an_index_is_firm_about(tmp_path, text):
    service = Counting(RemoteError("jamais"))
    rows = [*street("Rue du Banc", LOOS), *street("Rue des Tulipes", LOOS)]
    assert firm(Chain([indexed(tmp_path, rows), service]), text)
    assert service.asked == []


@pytest.mark.parametrize("numbers", ["10 à 40", "40 à 10", "10 et 40", "40-10"])
def test_the_service_is_asked_for_the_numbers_that_an_index_has_not(tmp_path, numbers):
    """Each alone, for it knows no ranges."""
    service = Counting([])
    asked(Chain([indexed(tmp_path, street("Rue du Banc", LOOS)), service]), f"{numbers} rue du Banc, Loos")
    said = {query.text for query, _ in service.asked}
    assert {"40 rue du Banc, Loos"} <= said <= {"10 rue du Banc, Loos", "40 rue du Banc, Loos"}


def test_a_service_is_asked_once_for_each_of_several_numbers():
    service = Counting([door("10", 0.9, housenumber="10")], [door("12", 0.8, housenumber="12")])
    found = Chain([service]).search(Query("10 à 12 rue des Essais, Essai-sur-Test"))
    assert [query.text for query, _ in service.asked] == [
        "10 rue des Essais, Essai-sur-Test",
        "12 rue des Essais, Essai-sur-Test",
    ]
    assert ids(found) == ["10", "12"]
    assert is_settled(found)


def test_the_filters_go_with_the_question():
    service = Counting([])
    Chain([service]).search(make_query("1 rue des Essais", postcode="59120", citycode="59360"))
    assert [(query.postcode, query.citycode) for query, _ in service.asked] == [("59120", "59360")]


# ── What is kept ─────────────────────────────────────────────────────────────────────────────────────────────


def test_where_none_is_firm_the_best_of_all_comes_first_and_no_more_than_asked():
    some = {"a": 0.8, "b": 0.5, "c": 0.7, "d": 0.6}
    one, two = ([OTHER._replace(id=key, score=some[key]) for key in keys] for keys in ("ab", "cd"))
    chain = Chain([Counting(one), Counting(two)])
    assert ids(chain.search(QUERY)) == ["a", "c", "d", "b"]
    assert ids(chain.search(QUERY, limit=2)) == ["a", "c"]


def test_what_is_firm_is_never_cut_off_by_what_scores_more():
    many = [OTHER._replace(id=str(k), score=0.9) for k in range(20)]
    assert ids(Chain([Counting([*many, RIGHT])]).search(QUERY, limit=3))[0] == "bonne"
    assert ids(Chain([Counting(many), Counting([RIGHT])]).search(QUERY, limit=3))[0] == "bonne"


def test_the_same_address_found_twice_is_one_candidate_with_the_better_score():
    worse, better = OTHER._replace(id="a", score=0.6, source="un"), OTHER._replace(id="a", score=0.7, source="deux")
    chain = Chain([Counting([worse]), Counting([better])])
    assert [(one.score, one.source) for one in chain.search(QUERY)] == [(0.7, "deux")]
    turned = Chain(chain.geocoders[::-1])
    assert [(one.score, one.source) for one in turned.search(QUERY)] == [(0.7, "deux")]


def test_of_equal_scores_the_first_stays_first_whatever_comes_below():
    first, second, third = (OTHER._replace(id=key, score=score) for key, score in (("b", 0.8), ("a", 0.8), ("c", 0.3)))
    assert ids(Chain([Counting([first, second])]).search(QUERY)) == ["b", "a"]
    assert ids(Chain([Counting([first, second]), Counting([third])]).search(QUERY)) == ["b", "a", "c"]


def test_every_candidate_says_how_it_agrees():
    found = Chain([Counting([OTHER]), Counting([RIGHT])]).search(QUERY)
    assert [str(one.match.street) for one in found] == ["same", "different"]
    assert {tuple(one.match.parts()) for one in found} == {("number", "street", "postcode", "city")}


def test_a_chain_goes_on_from_what_others_found():
    """In two parts, it finds what it finds whole."""
    some = [Counting([OTHER._replace(id="a"), OTHER._replace(id="b")]), Counting([OTHER._replace(id="b"), RIGHT])]
    known = Chain(some[:1]).search(QUERY)
    assert Chain(some[1:]).search(QUERY, known=known) == Chain(some).search(QUERY)


def test_where_none_finds_anything_the_answer_is_empty():
    assert Chain([Counting([]), Counting([])]).search(QUERY) == []
    assert Chain([]).search(QUERY) == []


# ── Several indexes ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def store(home):
    return AddressStore(home)


def test_all_indexes_are_asked_together_and_what_they_find_is_merged(store, tmp_path):
    """A door of the second is not hidden by what the first is firm about, nor by its order."""
    store.import_file(write(tmp_path / "a.csv", shuffled(street("Rue du Banc", LOOS, id="a"))))
    store.import_file(write(tmp_path / "b.csv", shuffled([ban(3, "Rue du Banc", LOOS, at=(0.4, 46.6), id="b_3")])))
    indexes = store.indexes()
    for some in (indexes, indexes[::-1]):
        chain = Chain([*some, Counting(RemoteError("jamais"))])
        found = chain.search(make_query("3 rue du Banc, Loos"))
        assert {one.source for one in found if is_firm(one.match)} == {"index a", "index b"}
    assert [len(step) for step in Chain([*indexes, Counting([]), Counting([])]).steps()] == [2, 1, 1]


def test_the_right_town_is_found_in_whichever_index_holds_it(store, tmp_path):
    store.import_file(write(tmp_path / "62.csv", shuffled(street("Rue Victor Hugo", HENIN_BEAUMONT))))
    store.import_file(write(tmp_path / "63.csv", shuffled(street("Rue Victor Hugo", BEAUMONT_63))))
    for town in ("Beaumont (63)", "63110 Beaumont", "Beaumont"):
        query = make_query(f"12 rue Victor Hugo, {town}")
        [found] = [one for one in Chain(store.indexes()).search(query) if is_firm(one.match)]
        assert found.citycode == "63032"


def test_a_chain_knows_what_its_indexes_hold(store, tmp_path):
    store.import_file(write(tmp_path / "a.csv", shuffled(street("Rue du Banc", LOOS, at=(3.0, 50.6)))))
    store.import_file(write(tmp_path / "b.csv", shuffled(street("Rue du Gabarit", POITIERS))))
    chain = Chain([*store.indexes(), Counting([])])
    assert [chain.holds(code) for code in ("59360", "86194", "59350")] == [True, True, False]
    assert [chain.knows(word) for word in ("banc", "gabarit", "lilas")] == [True, True, False]
    assert chain.box("59360") == pytest.approx((3.0, 50.6, 3.0, 50.6))
    assert chain.box("59350") is None
    assert (chain.is_offline, Chain(store.indexes()).is_offline) == (False, True)


def test_a_word_of_a_street_of_another_index_is_no_misspelling(store, tmp_path):
    store.import_file(write(tmp_path / "a.csv", shuffled(street("Rue Rivarol", LOOS))))
    text = "3 rue Rivaral, Loos"
    assert firm(Chain(store.indexes()), text) == [("3", "Rue Rivarol", "Loos")]
    store.import_file(write(tmp_path / "b.csv", shuffled(street("Rue Rivaral", POITIERS))))
    assert firm(Chain(store.indexes()), text) == []


# ── How far to go ────────────────────────────────────────────────────────────────────────────────────────────


AS_WRITTEN = ["3 rue du Rivage, Loos", "3 RUE DU RIVAGE 59120 LOOS", "3 rue du Rivage 59120"]
SEARCHED = ["3 rue du Rivvage, Loos", "rue du Rivage, Loos", "3 à 5 rue du Rivage, Loos"]
UNKNOWN = ["3 rue du Gabarit, Loos", "3 rue du Rivage, Poitiers", "99 rue du Rivage, Loos"]


@pytest.mark.parametrize("text", AS_WRITTEN + SEARCHED + UNKNOWN)
def test_with_less_effort_a_chain_finds_the_same_or_says_that_it_takes_more(store, tmp_path, text):
    store.import_file(write(tmp_path / "a.csv", shuffled(street("Rue du Rivage", LOOS))))
    chain = Chain([*store.indexes(), Counting([])])
    query = make_query(text)
    expected = resolve(query, chain)  # the index is read from now on
    for effort, known in ((Effort.LOOK_UP, AS_WRITTEN), (Effort.SEARCH, AS_WRITTEN + SEARCHED), (Effort.ASK, [text])):
        if text in known:
            assert resolve(query, chain.within(effort)) == expected
        else:
            with pytest.raises(EffortError):
                resolve(query, chain.within(effort))


def test_an_index_that_is_not_read_yet_takes_more_than_a_look_up(store, tmp_path):
    store.import_file(write(tmp_path / "a.csv", shuffled(street("Rue du Rivage", LOOS))))
    chain, query = Chain(store.indexes()), make_query(AS_WRITTEN[0])
    with pytest.raises(EffortError):
        chain.within(Effort.LOOK_UP).search(query)
    found = chain.within(Effort.SEARCH).search(query)
    assert is_settled(found)
    assert chain.within(Effort.LOOK_UP).search(query) == found


@pytest.mark.parametrize("effort", [Effort.LOOK_UP, Effort.SEARCH])
def test_a_service_is_not_asked_for_less(effort):
    service = Counting([RIGHT])
    with pytest.raises(EffortError):
        Chain([service]).within(effort).search(QUERY)
    assert service.asked == []


# ── Failures ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("others", [[], [OTHER]])
def test_a_failure_is_an_error_and_not_what_the_others_found(others):
    chain = Chain([Counting(others), Counting(RemoteError("panne")), Counting([RIGHT])])
    with pytest.raises(RemoteError, match="panne"):
        chain.search(QUERY)
    with pytest.raises(RemoteError, match="panne"):
        Chain([Counting([]), Counting(RemoteError("panne"))]).reverse(lon=0.3, lat=46.5)


def test_a_failure_for_one_of_several_numbers_is_an_error():
    service = Counting([door("10", 0.9, housenumber="10")], RemoteError("panne"))
    with pytest.raises(RemoteError, match="panne"):
        Chain([service]).search(Query("10 à 12 rue des Essais, Essai-sur-Test"))


def test_one_that_is_firm_before_a_failure_answers():
    assert ids(Chain([Counting([RIGHT]), Counting(RemoteError("panne"))]).search(QUERY)) == ["bonne"]


# ── Around a point, along a street ───────────────────────────────────────────────────────────────────────────


def test_the_first_that_knows_an_address_near_a_point_answers():
    one, two, three = Counting([]), Counting([OTHER]), Counting([RIGHT])
    assert Chain([one, two, three]).reverse(lon=0.3, lat=46.5, limit=2) == [OTHER]
    assert two.asked == [(0.3, 46.5, 2)]
    assert three.asked == []
    assert Chain([one]).reverse(lon=0.3, lat=46.5) == []


def test_the_numbers_of_a_street_come_from_the_first_index_that_knows_any(store, tmp_path):
    store.import_file(write(tmp_path / "a.csv", [lieu_dit("La Maquette")], LIEUX_DITS))
    store.import_file(write(tmp_path / "b.csv", [ban(2), ban(1)]))
    store.import_file(write(tmp_path / "c.csv", [ban(3)]))
    chain = Chain([Counting([]), *store.indexes()])
    found = chain.search(make_query("rue des Essais, Essai-sur-Test"))
    assert {one.type for one in found} == {MatchType.STREET}
    assert [one.housenumber for one in chain.street_numbers(found[0])] == ["1", "2"]
    (locality,) = chain.search(make_query("La Maquette, Essai-sur-Test"), limit=1)
    assert chain.street_numbers(locality) == []
