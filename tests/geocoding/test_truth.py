"""The truth command: what is taken out is asked for, and a firm answer about another place is seen to be one."""

from __future__ import annotations

import random

import dense
import pytest
import questions
import sets
from truth import ON, Judged, Ours, judged

import qpv_geo
from qpv_geo.geocoding.chain import Chain
from qpv_geo.geocoding.offline import OfflineIndex

SEED = 7


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    rng = random.Random(SEED)
    rows = dense.rows(rng, towns=16, streets=(25, 40), numbers=8)
    return sets.of_rows("dense", rows, tmp_path_factory.mktemp("dense"), rng)


@pytest.fixture(scope="module")
def held(data):
    return questions.held(data, 5, SEED)[0]


@pytest.fixture(scope="module")
def left_out(data):
    return questions.left_out(data, 200, SEED)


def ids(places):
    return {one.id for street in places.streets for some in street.numbers.values() for one in some}


def verdict(data, text):
    return qpv_geo.check(
        address=text, geocoder=Chain([OfflineIndex(data.index_path)]), perimeters=data.perimeters, on=ON
    )


def test_the_same_seed_gives_the_same_rows_and_questions(data, held, left_out):
    rows = [dense.rows(random.Random(SEED), towns=16, streets=(25, 40), numbers=8) for _ in range(2)]
    assert rows[0] == rows[1]
    assert questions.held(data, 5, SEED)[0] == held
    assert questions.left_out(data, 200, SEED) == left_out


def test_what_is_taken_out_is_not_held(data):
    kept, streets, towns = map(ids, (data.held, data.streets_out, data.towns_out))
    assert kept
    assert streets
    assert towns
    assert not kept & streets
    assert not kept & towns
    assert not streets & towns
    held_towns = {street.town for street in data.held.streets}
    assert {street.town for street in data.streets_out.streets} <= held_towns


def test_every_class_asks_for_what_is_held_and_no_other_address_suits(data, held):
    assert {one.line for one in held} == set(questions.BY_NAME)
    kept = ids(data.held)
    for one in held:
        assert one.expected
        assert one.expected <= kept
        assert not one.is_ambiguous


def test_every_way_to_ask_for_what_is_not_held_is_there(data, left_out):
    assert {one.line for one in left_out} == set(questions.LINES)
    streets_out = ids(data.streets_out)
    for one in left_out:
        assert not one.expected
        if one.line.startswith("street out"):
            assert one.asked.address.id in streets_out


def test_half_of_the_streets_are_inside(data):
    streets = [next(iter(street.numbers.values()))[0].id for street in data.held.streets]
    assert 0.2 < sum(one in data.inside for one in streets) / len(streets) < 0.6


def test_points_tell_addresses_apart(data):
    assert all(len(some) == 1 for some in data.at.values())


def test_a_firm_answer_is_right_about_the_address_asked_and_wrong_about_another(data, held):
    one, other = [question for question in held if question.line == "complete"][:2]
    own = verdict(data, one.text)
    assert own.status.value in {"inside", "outside"}
    assert (own.status.value == "inside") == (one.asked.address.id in data.inside)
    assert judged(data, one, own) is Judged.RIGHT
    assert judged(data, one, verdict(data, other.text)) is Judged.WRONG


def test_a_firm_answer_is_wrong_where_nothing_held_was_asked(data, held, left_out):
    firm = verdict(data, next(question for question in held if question.line == "complete").text)
    assert judged(data, left_out[0], firm) is Judged.WRONG


def test_the_place_asked_is_found_and_told(data, held):
    ours = Ours(data, 5)
    one = next(question for question in held if question.line == "complete")
    assert ours.ask(one.text).id in one.expected
    assert ours.tell(one).judged is Judged.RIGHT
