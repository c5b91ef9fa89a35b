"""The verdict of an address: as sure as what was found, and never more."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from fake_geocoder import FakeGeocoder, candidate, offline_index, row
from hypothesis import given
from hypothesis import strategies as st
from synthetic import perimeters, point, square

import qpv_geo
from qpv_geo.errors import InputError, RemoteError
from qpv_geo.geocoding.chain import Chain
from qpv_geo.perimeters.coverage import coverage_from_json

ASKED = "1 rue des Carrés, 99990 Essai"
"""What a candidate of `fake_geocoder` is, unless told otherwise."""
SQUARES = replace(perimeters(square(0, 0, 1000), square(3000, 0, 500)), insee=("99999", "75056,99997"))
"""A kilometre square in Essai, and a smaller one across two communes; complete everywhere."""
PARTIAL = replace(SQUARES, coverage=coverage_from_json([(2.985, 50.593, 3.035, 50.622)]))


def check(*candidates, sets=SQUARES, text=ASKED, **question):
    return qpv_geo.check(address=text, geocoder=FakeGeocoder({text: candidates}), perimeters=sets, **question)


def words(verdict):
    return verdict.status.value, verdict.reason.value


def statuses(verdict):
    return [one.status for one in verdict.candidates]


WEAK = ("uncertain", "weak_match")
IMPRECISE = ("uncertain", "imprecise_location")
STREET = candidate(500, 500, "Rue des Carrés", kind="street")
THE_STREET = "rue des Carrés, 99990 Essai"
COMMUNE = candidate(500, 500, "Essai", kind="municipality")


@pytest.fixture
def index(home):
    return offline_index(
        home,
        *(row(100 + 20 * n, 500, n) for n in range(1, 8)),
        *(row(-100 - 20 * n, 500, n, "Rue des Ronds") for n in range(1, 8)),
        *(row(-70 + 20 * n, 500, n, "Avenue des Bords") for n in range(1, 8)),
        row(70, 500, 8, "Avenue des Bords", rep="bis"),
        *(row(0, 100 * n, n, "Rue de la Limite") for n in range(2, 8)),
    )


def ask(index, address, sets=SQUARES):
    return qpv_geo.check(address=address, geocoder=index, perimeters=sets)


# ── A house number ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (21, ("inside", "clear")),  # the whole disc of an entrance, 20 m, is inside
        (-21, ("outside", "clear")),
        (5, ("uncertain", "near_boundary")),
        (-5, ("uncertain", "near_boundary")),
    ],
)
def test_the_disc_of_a_house_number_decides(x, expected):
    verdict = check(candidate(x, 500))
    assert words(verdict) == expected
    assert verdict.distance_m == pytest.approx(-x, abs=0.02)
    assert verdict.location.accuracy_m == 20.0


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        ("entrée", ("inside", "clear")),
        ("bâtiment", ("inside", "clear")),
        ("parcelle", ("uncertain", "near_boundary")),
        ("segment", ("uncertain", "near_boundary")),
        (None, ("inside", "clear")),
    ],
)
def test_the_kind_of_position_sets_the_disc(position, expected):
    assert words(check(candidate(31, 500, position=position))) == expected  # 31 m from the limit


def test_a_disc_wider_than_fifty_metres_is_an_imprecise_location():
    blurred = replace(SQUARES, dataset=replace(SQUARES.dataset, precision_m=10.0))
    assert words(check(candidate(20, 500, position="segment"), sets=blurred)) == IMPRECISE


def test_a_published_place_decides_as_a_house_number():
    place = candidate(500, 500, "Établissement d'essai", kind="poi")
    assert words(check(place, text="Établissement d'essai, 99990 Essai")) == ("inside", "clear")


def test_the_location_is_that_of_the_contract():
    found = candidate(500, 500, score=0.91, source="essai", edition="2000-01-01")
    document = check(found).to_dict()
    assert document["location"] == {
        **point(500, 500), "accuracy_m": 20.0, "type": "housenumber", "score": 0.91, "label": found.label,
        "citycode": "99999", "source": "essai (2000-01-01)", "asked": ASKED,
        "match": {"number": "same", "street": "same", "postcode": "same", "city": "same"},
    }  # fmt: skip
    assert check(candidate(500, 500)).location.source == "essai"
    assert not {"candidates", "street"} & set(document)


def test_an_address_has_the_keys_of_a_point_and_no_other():
    of_address = check(candidate(500, 500)).to_dict()
    of_point = qpv_geo.check(**point(500, 500), accuracy_m=20.0, perimeters=SQUARES).to_dict()
    assert list(of_address) == list(of_point)
    same = ("status", "reason", "perimeters", "nearest", "share_inside", "distance_m", "generation")
    assert {key: of_address[key] for key in same} == {key: of_point[key] for key in same}


def test_outside_what_is_covered_nothing_is_firm():
    assert words(check(candidate(-500, 500), sets=PARTIAL)) == ("uncertain", "not_covered")
    assert words(check(candidate(500, 500), sets=PARTIAL)) == ("inside", "clear")


# ── Several candidates ───────────────────────────────────────────────────────────────────────────────────────

ALLEY = candidate(-500, 500, "1 Allée des Carrés", score=0.99)
"""Another street, outside."""


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_score_makes_nothing_firm_and_nothing_weak(low, high):
    right = candidate(500, 500, score=low)
    assert words(check(right)) == ("inside", "clear")
    assert words(check(ALLEY._replace(score=high))) == WEAK
    both = check(ALLEY._replace(score=high), right)
    assert (words(both), both.location.label, both.candidates) == (("inside", "clear"), right.label, ())


def test_what_is_not_firm_is_listed_with_what_it_would_give_alone():
    verdict = check(ALLEY._replace(score=0.99))
    assert words(verdict) == WEAK
    assert [asdict(one) for one in verdict.candidates] == [
        {
            "label": "1 Allée des Carrés 99990 Essai", "score": 0.99, "type": "housenumber", "citycode": "99999",
            "status": "outside", "code": None,
            "match": {"number": "same", "street": "different", "postcode": "same", "city": "same"},
        }
    ]  # fmt: skip
    assert verdict.location.label == "1 Allée des Carrés 99990 Essai"
    assert verdict.location.match["street"] == "different"
    assert (verdict.share_inside, verdict.distance_m, verdict.nearest, verdict.perimeters) == (None, None, None, ())
    assert check(candidate(500, 500, "1 Allée des Carrés")).candidates[0].code == "QN99901N"


def test_at_most_five_candidates_that_bear_the_name_are_listed():
    kinds = ("Allée", "Impasse", "Place", "Avenue", "Boulevard", "Chemin", "Square")
    alike = [candidate(500, 20 * k, f"1 {kind} des Carrés") for k, kind in enumerate(kinds)]
    unlike = [candidate(500, 500, f"1 Rue des Ronds {k}", score=0.99) for k in range(3)]
    verdict = check(*unlike, *alike)
    assert words(verdict) == WEAK
    assert len(verdict.candidates) == 5
    assert all("des Carrés" in one.label for one in verdict.candidates)


def test_where_none_bears_the_name_the_address_is_not_located():
    verdict = check(candidate(500, 500, "1 Rue des Ronds"), candidate(500, 500, "1 Rue du Rivage"))
    assert words(verdict) == ("not_located", "no_match")
    assert verdict.location.match == {"number": "same", "street": "different", "postcode": "same", "city": "same"}


def test_candidates_that_agree_prove_nothing_unless_they_could_be_the_address():
    """Nearly all of a town is outside: that homonyms elsewhere are says nothing of the one asked."""
    outside = [candidate(-500, 20 * k, f"1 {kind} des Carrés") for k, kind in enumerate(("Allée", "Place", "Impasse"))]
    assert words(check(*outside)) == WEAK


def test_two_places_of_the_very_address_with_one_firm_answer_keep_it():
    verdict = check(candidate(500, 500), candidate(300, 500))
    assert words(verdict) == ("inside", "clear")
    assert statuses(verdict) == ["inside", "inside"]
    assert [one["status"] for one in verdict.to_dict()["candidates"]] == ["inside", "inside"]
    assert "2 adresses correspondent à la demande. La réponse est la même pour toutes" in verdict.message


@given(st.floats(0, 1), st.floats(0, 1))
def test_places_of_the_very_address_that_disagree_are_weak_whatever_their_scores(one, other):
    verdict = check(candidate(500, 500, score=one), candidate(-500, 500, score=other))
    assert words(verdict) == WEAK


def test_places_of_the_very_address_that_disagree_are_listed_with_their_own_answers():
    verdict = check(candidate(500, 500), candidate(-500, 500), candidate(5, 500))
    assert words(verdict) == WEAK
    assert statuses(verdict) == ["inside", "outside", "uncertain"]
    assert "3 adresses" in verdict.message


def test_two_places_in_doubt_are_a_weak_match():
    assert words(check(candidate(5, 500), candidate(-5, 500))) == WEAK


def test_a_worse_match_is_no_other_place_that_could_be_meant():
    """Who writes « Carrés » means no Rue des Carrées, though « Carrées » alone could be an error for it."""
    worse = candidate(-500, 500, "1 Rue des Carrrés")
    for some in ((candidate(500, 500), worse), (worse, candidate(500, 500))):
        verdict = check(*some)
        assert (words(verdict), verdict.candidates) == (("inside", "clear"), ())


@pytest.mark.parametrize("order", [1, -1])
def test_the_street_of_a_number_that_was_found_as_well_is_no_other_place(order):
    verdict = check(*[candidate(500, 500), STREET._replace(score=0.99)][::order])
    assert words(verdict) == ("inside", "clear")
    assert verdict.location.type == "housenumber"
    assert verdict.candidates == ()


@pytest.mark.parametrize("x", [500, -500])
def test_a_door_is_not_the_street_that_was_asked(x):
    """Where no number was asked: its point says nothing of the other doors."""
    verdict = check(candidate(x, 500), text=THE_STREET)
    assert verdict.status.value in {"uncertain", "not_located"}


@pytest.mark.parametrize("order", [1, -1])
def test_a_door_found_beside_the_street_that_was_asked_changes_nothing(index, order):
    some = [STREET, candidate(-500, 500, score=0.99)][::order]
    verdict = check(*some, text=THE_STREET)
    assert words(verdict) == IMPRECISE
    assert (verdict.location.type, verdict.candidates) == ("street", ())
    with_numbers = Chain([FakeGeocoder({THE_STREET: some}), index])
    assert words(ask(with_numbers, THE_STREET)) == ("inside", "clear")


@pytest.mark.parametrize("order", [1, -1])
def test_a_street_is_meant_rather_than_a_locality_of_its_name(order):
    street = candidate(500, 500, "Les Carrés", kind="street")
    locality = candidate(-500, 500, "Les Carrés", kind="locality", score=0.99)
    verdict = check(*[street, locality][::order], text="Les Carrés, 99990 Essai")
    assert verdict.location.type == "street"


def test_two_streets_of_one_name_are_not_decided_by_the_numbers_of_the_first(home):
    there = {"code_insee": "99998", "code_postal": "99980"}
    index = offline_index(
        home, row(500, 500, 1), row(600, 500, 2), row(500, 500, 1, **there), row(600, 500, 2, **there)
    )
    verdict = ask(index, "rue des Carrés, Essai")
    assert words(verdict) == WEAK
    assert statuses(verdict) == ["uncertain", "uncertain"]
    assert verdict.street == ()


def test_two_communes_of_one_name_are_not_decided_by_the_first():
    without = candidate(5000, 500, "Essai", kind="municipality", citycode="99998")
    verdict = check(without, COMMUNE, text="Essai")
    assert words(verdict) == WEAK
    assert statuses(verdict) == ["outside", "uncertain"]
    both = check(without, candidate(9000, 500, "Essai", kind="municipality", citycode="99996"), text="Essai")
    assert words(both) == ("outside", "commune_without_perimeter")


# ── Streets ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_street_with_all_its_numbers_inside_is_inside(index):
    verdict = ask(index, "rue des Carrés, Essai")
    assert words(verdict) == ("inside", "clear")
    assert verdict.location.type == "street"
    assert (verdict.distance_m, verdict.nearest) == (None, None)
    assert verdict.share_inside == 1.0
    assert verdict.to_dict()["street"] == [
        {"side": "odd", "inside": ["1", "3", "5", "7"], "outside": [], "uncertain": []},
        {"side": "even", "inside": ["2", "4", "6"], "outside": [], "uncertain": []},
    ]
    assert "Tous ses numéros connus y sont" in verdict.message


def test_a_street_with_all_its_numbers_outside_is_outside(index):
    verdict = ask(index, "rue des Ronds, Essai")
    assert words(verdict) == ("outside", "clear")
    assert [side.outside for side in verdict.street] == [("1", "3", "5", "7"), ("2", "4", "6")]
    assert verdict.perimeters == ()


def test_a_street_across_the_limit_straddles_and_tells_its_numbers_by_side(index):
    """Its numbers are at -50, -30, -10, 10, 30, 50 and 70 m from the limit, known to 20 m each."""
    verdict = ask(index, "avenue des Bords, Essai")
    assert words(verdict) == ("uncertain", "street_straddles")
    assert verdict.to_dict()["street"] == [
        {"side": "odd", "inside": ["5", "7"], "outside": ["1"], "uncertain": ["3"]},
        {"side": "even", "inside": ["6", "8 bis"], "outside": ["2"], "uncertain": ["4"]},
    ]
    assert "4 numéros en QPV, 2 hors QPV, 2 à vérifier" in verdict.message


def test_a_street_whose_numbers_are_all_in_doubt_is_in_doubt(index):
    verdict = ask(index, "rue de la Limite, Essai")
    assert words(verdict) == ("uncertain", "near_boundary")
    assert [side.uncertain for side in verdict.street] == [("3", "5", "7"), ("2", "4", "6")]


def test_a_street_beyond_what_is_covered_is_not_outside(index):
    verdict = ask(index, "rue des Ronds, Essai", PARTIAL)
    assert words(verdict) == ("uncertain", "not_covered")
    assert verdict.share_inside is None


@pytest.mark.parametrize("street", ["rue des Carrés", "rue des Ronds", "avenue des Bords"])
def test_a_number_that_the_street_has_not_is_never_answered_by_the_street(index, street):
    """Even where all of its numbers are inside, or outside."""
    verdict = ask(index, f"40 {street}, Essai")
    assert words(verdict) == WEAK
    assert verdict.location.match["number"] == "different"
    known = "1 à 8" if "Bords" in street else "1 à 7"
    assert f"Le n°\N{NO-BREAK SPACE}40 n’est pas connu {street} (numéros connus : de {known})" in verdict.message
    assert verdict.street == ()


@pytest.mark.parametrize("x", [500, -500, 20_000])
def test_a_street_is_never_firm_by_its_point(x):
    verdict = check(candidate(x, 500, "Rue des Carrés", kind="street"), text=THE_STREET)
    assert words(verdict) == IMPRECISE
    assert (verdict.share_inside, verdict.distance_m, verdict.perimeters) == (None, None, ())
    assert "Précisez le numéro" in verdict.message


def test_a_number_of_the_name_of_a_street_is_no_house_number():
    street = candidate(500, 500, "Rue du 8 mai 1945", kind="street")
    for text in ("rue du 8 mai 1945, 99990 Essai", "RUE DU 8 MAI 1945 99990 ESSAI"):
        assert words(check(street, text=text)) == IMPRECISE


def test_a_locality_is_never_firm():
    for x in (500, -500, 20_000):
        verdict = check(candidate(x, 500, "Les Carrés", kind="locality"), text="Les Carrés, 99990 Essai")
        assert words(verdict) == IMPRECISE
        assert "lieu-dit" in verdict.message


def test_a_street_that_is_not_the_one_asked_is_a_weak_match_whatever_its_numbers(index):
    for text in ("impasse des Carrés, Essai", "rue des Carrés", "rue des Carrés, 86000 Poitiers"):
        verdict = ask(index, text, PARTIAL)
        assert verdict.status.value in {"uncertain", "not_located"}, text
        assert verdict.street == ()


# ── Nothing found, no answer ─────────────────────────────────────────────────────────────────────────────────


def test_an_address_that_is_not_found_is_not_outside():
    verdict = check()
    assert words(verdict) == ("not_located", "no_match")
    assert "Ce n’est pas une réponse" in verdict.message
    document = verdict.to_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    nulls = ("generation", "nearest", "share_inside", "distance_m")
    assert {document[key] for key in nulls} == {None}
    assert document["perimeters"] == document["evidence"]["decrees"] == []
    assert {document["evidence"][key] for key in ("dataset", "sha256", "crs", "coverage")} == {None}
    location = document["location"]
    assert (location["asked"], location["type"]) == (ASKED, "address")
    assert {location[key] for key in ("lon", "lat", "accuracy_m", "score", "label", "citycode", "match")} == {None}


def test_what_was_asked_tells_the_filters_too():
    found = candidate(500, 500)
    for filters, asked in (({"postcode": "99990"}, f"{ASKED}, 99990"), ({"citycode": "99999"}, f"{ASKED}, 99999")):
        for some in ([found], []):
            assert check(*some, **filters).location.asked == asked


def test_a_failing_geocoder_gives_no_verdict():
    geocoder = FakeGeocoder({ASKED: RemoteError("le géocodeur d'essai ne répond pas")})
    with pytest.raises(RemoteError, match="d'essai ne répond pas"):
        qpv_geo.check(address=ASKED, geocoder=geocoder, perimeters=SQUARES)


# ── The question ─────────────────────────────────────────────────────────────────────────────────────────────


def test_filters_reach_the_geocoder_and_five_digits_are_not_guessed():
    geocoder = FakeGeocoder({})
    for filters in ({"postcode": "59120"}, {"citycode": "59360"}, {"citycode": "2A004"}, {}):
        qpv_geo.check(address="1  rue de\tl'Essai 59360", geocoder=geocoder, **filters)
    asked = [(one.text, one.postcode, one.citycode) for one in geocoder.asked]
    text = "1 rue de l'Essai 59360"
    assert asked == [(text, "59120", None), (text, None, "59360"), (text, None, "2A004"), (text, None, None)]


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ({"address": ""}, "« »"),
        ({"address": "ab"}, "« ab »"),
        ({"address": "a" * 201}, "200"),
        ({"address": ASKED, "postcode": "5912"}, "« 5912 »"),
        ({"address": ASKED, "postcode": "2A004"}, "« 2A004 »"),
        ({"address": ASKED, "citycode": "Loos"}, "« Loos »"),
        ({"address": ASKED, "lon": 3.0, "lat": 50.6}, "plusieurs lieux à la fois"),
        ({"address": ASKED, "site": {"type": "Point", "coordinates": [3.0, 50.6]}}, "plusieurs lieux à la fois"),
        ({}, "rien à vérifier"),
    ],
)
def test_a_question_that_cannot_be_asked_reaches_no_geocoder(question, says):
    geocoder = FakeGeocoder({})
    with pytest.raises(InputError, match=says):
        qpv_geo.check(**question, geocoder=geocoder)
    assert geocoder.asked == []


def test_the_territory_of_the_address_takes_its_own_generation(catalogue):
    """In 2024 Réunion still has the generation of 2015: the mainland changed a year before."""
    here = perimeters(square(0, 0, 1000), name="qpv-2024")
    catalogue.store.install(here)
    old = replace(here, dataset=replace(here.dataset, id="qpv-2015", generation="qpv-2015"), codes=("QP999001",))
    catalogue.store.install(old)
    overseas = candidate(0, 0, lon=55.45, lat=-20.88, citycode="97499", postcode="97499")
    for found, day, generation in (
        (candidate(500, 500), "2024-06-01", "qpv-2024"),
        (overseas, "2024-06-01", "qpv-2015"),
        (overseas, "2025-01-01", "qpv-2024"),
    ):
        verdict = qpv_geo.check(address=ASKED, geocoder=FakeGeocoder({ASKED: [found]}), on=day)
        assert verdict.generation == generation


def test_kinds_and_generation_hold_for_addresses():
    verdict = check(candidate(500, 500), kinds=["qpv"])
    assert verdict.evidence.input["kinds"] == ["qpv"]
