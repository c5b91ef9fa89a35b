"""Around a point and along a street: what the offline index knows of them."""

from __future__ import annotations

import math
import random

import pytest
from asking import indexed
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from written import ESSAI, LIEUX_DITS, MODELE, ban, lieu_dit, street

from qpv_geo.geocoding.protocol import MatchType, make_query

WRITTEN = [
    row
    for k, (name, commune) in enumerate([("Rue Maquette", ESSAI), ("Rue Bidule", MODELE), ("Place Gabarit", ESSAI)])
    for number in (1, 2, 15, 120)
    for row in street(name, commune, [number], at=(0.1 + 0.01 * k, 46.1 + 0.001 * number))
]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return indexed(tmp_path_factory.mktemp("index"), WRITTEN)


def first(index, text):
    return index.search(make_query(text))[0]


def short(candidate):
    return candidate.type.value, candidate.housenumber, candidate.street, candidate.city


METRES = 111_195.0
"""A degree along a meridian, metres."""


def beside(east, north, lon=0.3, lat=46.5):
    """The point so many metres from another."""
    return lon + east / METRES / math.cos(math.radians(lat)), lat + north / METRES


small_offsets = st.tuples(st.floats(-600, 600), st.floats(-600, 600))


@examples(20, of=40)
@given(st.lists(small_offsets, min_size=1, max_size=8), st.floats(-0.002, 0.002), st.integers(1, 5))
def test_the_nearest_numbers_come_first_and_none_from_afar(tmp_path_factory, offsets, shift, limit):
    here = beside(0, 0, 0.3 + shift, 46.5 - shift)
    rows = [ban(1 + k, at=beside(*offset, *here)) for k, offset in enumerate(offsets)]
    index = indexed(tmp_path_factory.mktemp("near"), rows)
    away = sorted((math.hypot(*offset), str(1 + k)) for k, offset in enumerate(offsets))
    found = index.reverse(lon=here[0], lat=here[1], limit=limit)
    distances = {number: distance for distance, number in away}
    near = [distance for distance, _ in away if distance < 440][:limit]
    got = [distances[one.housenumber] for one in found]
    assert all(distance < 500 for distance in got)
    assert got[: len(near)] == pytest.approx(near, abs=1)


def test_the_address_of_a_point_is_that_of_its_door(index):
    row = WRITTEN[len(WRITTEN) // 2]
    (candidate,) = index.reverse(lon=float(row["lon"]), lat=float(row["lat"]))
    assert (candidate.id, candidate.score, candidate.type) == (row["id"], 1.0, MatchType.HOUSENUMBER)


def test_where_nobody_lives_there_is_no_address(index):
    for lon, lat in ((0.1, 46.2), (-61.5, 16.2), (0.0, 90.0), (180.0, -90.0)):
        assert index.reverse(lon=lon, lat=lat) == []


def test_a_street_has_all_its_numbers_in_order(tmp_path):
    wanted = [(1, ""), (2, ""), (2, "bis"), (10, ""), (15, "a"), (15, "b"), (120, "")]
    shuffled = random.Random(1).sample(wanted, len(wanted))
    rows = [ban(number, suffix=suffix) for number, suffix in shuffled]
    index = indexed(tmp_path, [*rows, ban(3, commune=MODELE), ban(4, "Rue du Modèle")])
    found = index.street_numbers(first(index, "rue des Essais Essai-sur-Test"))
    assert [one.housenumber for one in found] == [f"{number} {suffix}".strip() for number, suffix in wanted]
    assert {short(one)[2:] for one in found} == {("Rue des Essais", ESSAI.name)}
    assert {one.type for one in found} == {MatchType.HOUSENUMBER}


def test_a_locality_has_no_numbers(tmp_path):
    index = indexed(tmp_path, [lieu_dit("La Maquette")], LIEUX_DITS)
    assert index.street_numbers(first(index, "La Maquette Essai-sur-Test")) == []
