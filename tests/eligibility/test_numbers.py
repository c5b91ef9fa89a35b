"""Several house numbers in one address: all of them are decided, whatever their order; an unknown one is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_geocoder import FakeGeocoder, candidate, offline_index, row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from real_towns import LOOS
from synthetic import perimeters, square

import qpv_geo
from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.chain import Chain

SQUARES = replace(perimeters(square(0, 0, 1000)), insee=("59360,99999",))
IN, OUT = 500, -500
DOORS = {
    **{str(number): IN for number in (2, 4, 6, 8, 10, 1, 3, 5)},
    **{str(number): OUT for number in (12, 14, 16, 18, 20, 7, 9, 11, 13)},
    "12 bis": IN,
    "14 bis": OUT,
}
"""The numbers of the Rue du Banc and the side of the limit that they are on."""


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    rows = [
        row(x, 500, number.split()[0], "Rue du Banc", rep=number.partition(" ")[2], **LOOS.columns())
        for number, x in DOORS.items()
    ]
    return offline_index(tmp_path_factory.mktemp("numbers"), *rows)


def check(geocoder, text):
    return qpv_geo.check(address=text, geocoder=geocoder, perimeters=SQUARES)


def words(verdict):
    return verdict.status.value, verdict.reason.value


INSIDE, OUTSIDE = ("inside", "clear"), ("outside", "clear")
STRADDLES, WEAK = ("uncertain", "street_straddles"), ("uncertain", "weak_match")


TEXTS = [
    "{} rue du Banc, 59120 Loos",
    "{}, rue du Banc 59120 Loos",
    "59120 Loos, {} rue du Banc",
    "apt 3, {} rue du Banc, Loos",
    "rue du Banc, {}, 59120 Loos",
    "rue du Banc {}, 59120 Loos",
]
"""Where the numbers stand in an address."""


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ("2 à 8", INSIDE),
        ("8 à 2", INSIDE),
        ("2-8", INSIDE),
        ("2/4", INSIDE),
        ("2 et 4", INSIDE),
        ("2, 4 et 6", INSIDE),
        ("du 2 au 8", INSIDE),
        ("1 à 5", INSIDE),
        ("1 à 4", INSIDE),  # both sides, for its ends are
        ("14 à 20", OUTSIDE),
        ("12 et 14", OUTSIDE),
        ("7-13", OUTSIDE),
        ("10 à 12", STRADDLES),
        ("12 à 10", STRADDLES),
        ("10-12", STRADDLES),
        ("10/12", STRADDLES),
        ("2 à 20", STRADDLES),
        ("1 à 13", STRADDLES),
        ("10 à 14", STRADDLES),
        ("du 10 au 14", STRADDLES),
        ("12 et 12 bis", STRADDLES),
        ("12 bis et 12", STRADDLES),
        ("12 bis et 10", INSIDE),
        ("2 à 8 et 12", STRADDLES),
        ("2, 4 et 12", STRADDLES),
        ("2 à 40", WEAK),
        ("40 à 2", WEAK),
        ("2 et 99", WEAK),
        ("99, 2 et 4", WEAK),
        ("2 et 2 bis", WEAK),
        ("30 à 40", WEAK),
    ],
)
def test_several_numbers_are_all_decided_wherever_they_stand(index, numbers, expected):
    assert {text: words(check(index, text.format(numbers))) for text in TEXTS} == dict.fromkeys(TEXTS, expected)


@given(
    st.sampled_from(list(DOORS)), st.sampled_from(list(DOORS)), st.sampled_from([" à ", "-", "/", " et ", ", ", " au "])
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_two_numbers_changes_nothing(index, one, other, sign):
    there, back = (check(index, f"{a}{sign}{b} rue du Banc, Loos") for a, b in ((one, other), (other, one)))
    assert words(there) == words(back)
    assert there.street == back.street
    assert there.perimeters == back.perimeters


@given(st.integers(1, 20), st.integers(1, 20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_range_is_all_the_known_numbers_of_its_side_between_its_ends(index, low, high):
    low, high = sorted((low, high))
    verdict = check(index, f"{low} à {high} rue du Banc, Loos")
    if {str(low), str(high)} - set(DOORS):
        assert words(verdict) == WEAK
        return
    side = {0, 1} if (low + high) % 2 else {low % 2}
    own = {number: int(number.split()[0]) for number in DOORS}
    asked = {DOORS[number] for number, n in own.items() if low < n < high and n % 2 in side}
    asked |= {DOORS[str(low)], DOORS[str(high)]}
    assert words(verdict) == (STRADDLES if len(asked) == 2 else INSIDE if asked == {IN} else OUTSIDE)


def test_the_location_is_the_first_number_and_the_street_tells_those_asked(index):
    verdict = check(index, "10 à 14 rue du Banc, Loos")
    assert verdict.location.label == "10 Rue du Banc 59120 Loos"
    assert verdict.location.match["number"] == "same"
    [side] = verdict.street
    assert (side.side, side.inside, side.outside) == ("even", ("10", "12 bis"), ("12", "14"))
    assert check(index, "14 à 10 rue du Banc, Loos").location.label == "14 Rue du Banc 59120 Loos"


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ("2 à 40", "Le n°\N{NO-BREAK SPACE}40 n’est pas connu rue du Banc (numéros connus : de 1 à 20)"),
        ("40 à 2", "Le n°\N{NO-BREAK SPACE}40 n’est pas connu rue du Banc (numéros connus : de 1 à 20)"),
        ("30 et 40", "Les n°\N{NO-BREAK SPACE}30, 40 ne sont pas connus rue du Banc"),
        ("2 et 2 bis", "Le n°\N{NO-BREAK SPACE}2 bis n’est pas connu rue du Banc"),
    ],
)
def test_an_unknown_number_is_said(index, numbers, says):
    verdict = check(index, f"{numbers} rue du Banc, 59120 Loos")
    assert says in verdict.message
    assert verdict.location.match["number"] == "different"
    assert (verdict.share_inside, verdict.distance_m, verdict.street) == (None, None, ())


def test_numbers_of_a_complement_are_not_asked_about(index):
    for complement in ("Apt 12", "bât 14", "BP 40", "3e étage", "porte 12 bis"):
        verdict = check(index, f"2 rue du Banc, {complement}, 59120 Loos")
        assert (words(verdict), verdict.location.label) == (INSIDE, "2 Rue du Banc 59120 Loos")


# ── A service ────────────────────────────────────────────────────────────────────────────────────────────────


def door(x, number):
    return candidate(x, 500, f"{number} Rue du Banc", **LOOS.fields())


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"10": IN, "12": IN}, INSIDE),
        ({"10": OUT, "12": OUT}, OUTSIDE),
        ({"10": IN, "12": OUT}, STRADDLES),
        ({"10": IN}, WEAK),
        ({"12": IN}, WEAK),
        ({}, ("not_located", "no_match")),
    ],
)
@pytest.mark.parametrize("text", ["10 à 12 rue du Banc, Loos", "12 et 10 rue du Banc, Loos"])
def test_a_service_is_asked_for_each_number_and_all_it_finds_are_decided(text, known, expected):
    service = FakeGeocoder({f"{number} rue du Banc, Loos": [door(x, number)] for number, x in known.items()})
    assert words(check(service, text)) == expected
    assert sorted(query.text for query in service.asked) == ["10 rue du Banc, Loos", "12 rue du Banc, Loos"]


def test_a_service_that_fails_for_one_of_them_is_an_error():
    service = FakeGeocoder({"10 rue du Banc, Loos": [door(IN, "10")], "12 rue du Banc, Loos": RemoteError("panne")})
    with pytest.raises(RemoteError, match="panne"):
        check(service, "10 à 12 rue du Banc, Loos")


@pytest.mark.parametrize(("x", "expected"), [(IN, INSIDE), (OUT, STRADDLES)])
def test_the_number_that_an_index_has_not_is_asked_of_the_service(index, x, expected):
    service = FakeGeocoder({"40 rue du Banc, Loos": [door(x, "40")]})
    verdict = check(Chain([index, service]), "2 et 40 rue du Banc, Loos")
    assert "40 rue du Banc, Loos" in [query.text for query in service.asked]
    assert words(verdict) == expected
