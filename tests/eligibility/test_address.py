"""The verdict of an address: as sure as what was found, and never more."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from fake_geocoder import FakeGeocoder, candidate, offline_index, row
from synthetic import perimeters, point, square

import qpv_geo
from qpv_geo.eligibility.records import Difference
from qpv_geo.errors import FormatError, InputError, RemoteError
from qpv_geo.perimeters.coverage import coverage_from_json

ASKED = "une adresse d'essai"
SQUARES = replace(perimeters(square(0, 0, 1000), square(3000, 0, 500)), insee=("99999", "75056,99997"))
"""A kilometre square in Essai, and a smaller one across two communes; complete everywhere."""
PARTIAL = replace(SQUARES, coverage=coverage_from_json([(2.985, 50.593, 3.035, 50.622)]))


def check(*candidates, sets=SQUARES, numbers=None, text=ASKED, **question):
    geocoder = FakeGeocoder({text: candidates})
    if numbers is not None:
        geocoder.street_numbers = lambda street: list(numbers) if street == candidates[0] else []
    return qpv_geo.check(address=text, geocoder=geocoder, perimeters=sets, **question)


def words(verdict):
    return verdict.status.value, verdict.reason.value


def statuses(verdict):
    return [one.status for one in verdict.candidates]


WEAK = ("uncertain", "weak_match")
IMPRECISE = ("uncertain", "imprecise_location")
STREET = candidate(500, 500, "Rue des Carrés", kind="street")
COMMUNE = candidate(500, 500, "Essai", kind="municipality")


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
    assert words(check(candidate(500, 500, "Établissement d'essai", kind="poi"))) == ("inside", "clear")


def test_the_location_is_that_of_the_contract():
    found = candidate(500, 500, score=0.91, source="essai", edition="2000-01-01")
    document = check(found).to_dict()
    assert document["location"] == {
        **point(500, 500), "accuracy_m": 20.0, "type": "housenumber", "score": 0.91, "label": found.label,
        "citycode": "99999", "source": "essai (2000-01-01)",
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


def test_a_weak_score_gives_no_firm_answer_and_lists_the_candidate():
    verdict = check(candidate(500, 500, score=0.69))
    assert words(verdict) == WEAK
    assert [asdict(one) for one in verdict.candidates] == [
        {
            "label": "1 Rue des Carrés 99990 Essai", "score": 0.69, "type": "housenumber", "citycode": "99999",
            "status": "inside", "code": "QN99901N",
        }
    ]  # fmt: skip
    assert words(check(candidate(500, 500, score=0.7))) == ("inside", "clear")


def test_plausible_candidates_with_one_firm_answer_keep_it():
    verdict = check(candidate(500, 500), candidate(300, 500, "1 Allée des Carrés", score=0.95))
    assert words(verdict) == ("inside", "clear")
    assert statuses(verdict) == ["inside", "inside"]
    assert list(verdict.to_dict())[-1] == "candidates"
    assert "2 lieux, et la réponse est la même pour tous" in verdict.message


def test_plausible_candidates_that_disagree_are_listed_with_their_own_answers():
    verdict = check(
        candidate(500, 500),
        candidate(-500, 500, "1 Allée des Carrés", score=0.93),
        candidate(5, 500, "1 Impasse des Carrés", score=0.925),
    )
    assert words(verdict) == WEAK
    assert statuses(verdict) == ["inside", "outside", "uncertain"]
    assert "3 lieux" in verdict.message


def test_a_candidate_far_behind_the_best_does_not_count():
    verdict = check(candidate(500, 500), candidate(-500, 500, "1 Allée des Carrés", score=0.91))
    assert words(verdict) == ("inside", "clear")
    assert verdict.candidates == ()


def test_a_best_candidate_in_doubt_among_several_is_a_weak_match():
    assert words(check(candidate(5, 500), candidate(-5, 500, "1 Allée des Carrés"))) == WEAK


@pytest.mark.parametrize("order", [1, -1])
def test_a_street_beside_the_number_of_another_is_a_weak_match(order):
    inside = [candidate(500 + 20 * k, 500, f"{k} Rue des Carrés") for k in range(1, 5)]
    elsewhere = candidate(500, 500, "1 Allée des Carrés")
    verdict = check(*[elsewhere, STREET][::order], numbers=inside)
    assert words(verdict) == WEAK
    assert statuses(verdict) == ["inside", "uncertain"][::order]


@pytest.mark.parametrize("order", [1, -1])
def test_the_street_of_a_number_that_was_found_as_well_is_no_other_place(order):
    verdict = check(*[candidate(500, 500), STREET][::order])
    assert words(verdict) == ("inside", "clear")
    assert verdict.location.type == "housenumber"
    assert verdict.candidates == ()


def test_a_street_that_was_found_better_than_its_number_is_another_place():
    better = replace(STREET, score=0.99)
    assert words(check(better, candidate(500, 500))) == WEAK


def test_two_streets_of_one_name_are_not_decided_by_the_numbers_of_the_first():
    other = candidate(-500, 500, "Rue des Carrés", kind="street", citycode="99998", city="Autre-Essai")
    verdict = check(STREET, other, numbers=[candidate(500, 500)])
    assert words(verdict) == WEAK
    assert statuses(verdict) == ["uncertain", "uncertain"]
    assert verdict.street == ()


def test_two_communes_of_one_name_are_not_decided_by_the_first():
    without = candidate(5000, 500, "Essai", kind="municipality", citycode="99998")
    verdict = check(without, COMMUNE)
    assert words(verdict) == WEAK
    assert statuses(verdict) == ["outside", "uncertain"]
    both = check(without, candidate(9000, 500, "Essai", kind="municipality", citycode="99996"))
    assert words(both) == ("outside", "commune_without_perimeter")


# ── Streets ──────────────────────────────────────────────────────────────────────────────────────────────────


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
    assert "tous ses numéros connus" in verdict.message


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
    assert "4 de ses 8 numéros" in verdict.message


def test_a_street_whose_numbers_are_all_in_doubt_is_in_doubt(index):
    verdict = ask(index, "rue de la Limite, Essai")
    assert words(verdict) == ("uncertain", "near_boundary")
    assert [side.uncertain for side in verdict.street] == [("3", "5", "7"), ("2", "4", "6")]


def test_a_street_beyond_what_is_covered_is_not_outside(index):
    verdict = ask(index, "rue des Ronds, Essai", PARTIAL)
    assert words(verdict) == ("uncertain", "not_covered")
    assert verdict.share_inside is None


def test_a_number_that_the_street_does_not_have_leaves_the_street(index):
    assert words(ask(index, "40 avenue des Bords, Essai")) == ("uncertain", "street_straddles")


@pytest.mark.parametrize("numbers", [None, ()])
@pytest.mark.parametrize("x", [500, -500, 20_000])
def test_a_street_is_never_firm_by_its_point(x, numbers):
    verdict = check(candidate(x, 500, "Rue des Carrés", kind="street"), numbers=numbers)
    assert words(verdict) == IMPRECISE
    assert (verdict.share_inside, verdict.distance_m, verdict.perimeters) == (None, None, ())
    assert "Vérifiez le numéro" in verdict.message


@pytest.mark.parametrize(
    ("numbers", "odd", "even"),
    [
        (("15bis", "2"), ("15bis",), ("2",)),
        (("B", "3"), ("3",), ("B",)),
        ((None,), (), ("",)),
    ],
)
def test_numbers_written_in_other_ways_have_their_side(numbers, odd, even):
    verdict = check(STREET, numbers=[candidate(500, 500, housenumber=number) for number in numbers])
    assert words(verdict) == ("inside", "clear")
    assert {side.side: side.inside for side in verdict.street} == {
        side: mine for side, mine in (("odd", odd), ("even", even)) if mine
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("100 rue des carrés, essai", True),
        ("100 bis rue des carrés, essai", True),
        ("2 rue des carrés, essai", False),
        ("rue des carrés, essai", False),
    ],
)
def test_a_number_that_its_street_has_not_is_told(text, told):
    inside = [candidate(500 + 20 * k, 500, f"{k} Rue des Carrés") for k in range(1, 5)]
    verdict = check(STREET, numbers=inside, text=text)
    assert words(verdict) == ("inside", "clear")
    assert ("n'y est pas connu" in verdict.message) is told


def test_a_number_of_the_name_of_a_street_is_no_house_number():
    street = candidate(500, 500, "Rue du 8 Essai", kind="street")
    verdict = check(street, numbers=[candidate(500, 500, "1 Rue du 8 Essai")], text="8 essai, essai")
    assert "n'y est pas connu" not in verdict.message


def test_a_locality_is_never_firm():
    for x in (500, -500, 20_000):
        verdict = check(candidate(x, 500, "Les Carrés", kind="locality"))
        assert words(verdict) == IMPRECISE
        assert "lieu-dit" in verdict.message


def test_a_weak_street_is_a_weak_match_whatever_its_numbers():
    verdict = check(replace(STREET, score=0.6), numbers=[candidate(500, 500)])
    assert words(verdict) == WEAK


# ── Communes ─────────────────────────────────────────────────────────────────────────────────────────────────


def of_commune(citycode, sets=SQUARES):
    verdict = check(replace(COMMUNE, citycode=citycode), sets=sets)
    assert (verdict.distance_m, verdict.share_inside) == (None, None)
    return words(verdict)


WITHOUT = ("outside", "commune_without_perimeter")


@pytest.mark.parametrize(
    ("citycode", "expected"),
    [
        ("99999", IMPRECISE),
        ("99997", IMPRECISE),
        ("99998", WITHOUT),
        ("75056", IMPRECISE),
        ("75118", IMPRECISE),
        ("13055", WITHOUT),
        ("13201", WITHOUT),
        ("69381", WITHOUT),
        ("69383", WITHOUT),
        (None, IMPRECISE),
    ],
)
def test_a_commune_is_outside_only_where_no_perimeter_touches_it(citycode, expected):
    assert of_commune(citycode) == expected


@pytest.mark.parametrize(
    ("whole", "arrondissement", "neighbour"),
    [("75056", "75101", "77056"), ("13055", "13216", "13056"), ("69123", "69389", "69266")],
)
def test_an_arrondissement_is_of_its_commune(whole, arrondissement, neighbour):
    sets = replace(SQUARES, insee=("99999", whole))
    assert of_commune(arrondissement, sets) == of_commune(whole, sets) == IMPRECISE
    assert of_commune(neighbour, sets) == WITHOUT


def test_a_set_that_is_not_complete_or_does_not_know_its_communes_says_nothing():
    assert of_commune("99998", PARTIAL) == IMPRECISE
    assert of_commune("99998", replace(SQUARES, insee=("99999", ""))) == IMPRECISE


# ── Nothing found, no answer ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("found", [(), (candidate(500, 500, score=0.49),)])
def test_an_address_that_is_not_found_is_not_outside(found):
    verdict = check(*found)
    assert words(verdict) == ("not_located", "no_match")
    assert "Ce n'est pas une réponse « hors QPV »" in verdict.message
    document = verdict.to_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    nulls = ("generation", "nearest", "share_inside", "distance_m", "location")
    assert {document[key] for key in nulls} == {None}
    assert document["perimeters"] == document["evidence"]["decrees"] == []
    assert {document["evidence"][key] for key in ("dataset", "sha256", "crs", "coverage")} == {None}


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
        ({"address": ""}, "''"),
        ({"address": "ab"}, "'ab'"),
        ({"address": "a" * 201}, "200"),
        ({"address": ASKED, "postcode": "5912"}, "'5912'"),
        ({"address": ASKED, "postcode": "2A004"}, "'2A004'"),
        ({"address": ASKED, "citycode": "Loos"}, "'Loos'"),
        ({"address": ASKED, "lon": 3.0, "lat": 50.6}, "une seule chose à la fois"),
        ({"address": ASKED, "site": {"type": "Point", "coordinates": [3.0, 50.6]}}, "une seule chose à la fois"),
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


# ── Evidence ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def installed(catalogue):
    catalogue.store.install(replace(SQUARES, dataset=replace(SQUARES.dataset, id="qpv-2024")))


@pytest.mark.usefixtures("installed")
def test_the_evidence_tells_what_was_asked_and_what_was_found():
    found = candidate(500, 500)
    geocoder = FakeGeocoder({ASKED: [found]})
    verdict = qpv_geo.check(address=ASKED, postcode="99990", geocoder=geocoder, on="2024-06-01")
    assert verdict.to_dict()["evidence"]["input"] == {
        "address": ASKED,
        "postcode": "99990",
        "searched": "essai",
        "found": {"candidates": [asdict(found) | {"type": "housenumber"}], "numbers": []},
        "on": "2024-06-01",
        "kinds": ["qpv"],
    }


def records(index):
    """Return a record of each kind of answer."""
    cases = {
        "number": FakeGeocoder({ASKED: [candidate(500, 500)]}),
        "several": FakeGeocoder({ASKED: [candidate(500, 500), candidate(-500, 500, "2 Rue des Carrés")]}),
        "commune": FakeGeocoder({ASKED: [replace(COMMUNE, citycode="99998")]}),
        "nothing": FakeGeocoder({}),
    }
    found = {
        name: qpv_geo.check(address=ASKED, geocoder=one, citycode="99999", on="2024-06-01")
        for name, one in cases.items()
    }
    found["street"] = qpv_geo.check(address="avenue des Bords, Essai", geocoder=index, on="2024-06-01")
    return {name: json.loads(json.dumps(one.to_dict())) for name, one in found.items()}


@pytest.mark.usefixtures("installed", "socket_disabled")
def test_a_record_is_computed_again_without_any_geocoder(index):
    kept = records(index)
    index.path.unlink()
    for record in kept.values():
        verification = qpv_geo.verify(record)
        assert verification.differences == ()
        assert (verification.intact, verification.identical) == (True, True)


@pytest.mark.usefixtures("installed")
def test_an_altered_record_is_told(index):
    record = records(index)["number"]
    record["evidence"]["input"]["found"]["candidates"][0] |= point(-500, 500)
    verification = qpv_geo.verify(record)
    assert (verification.intact, verification.same_answer, verification.identical) == (False, False, False)
    assert [one for one in verification.differences if one.field == "status"] == [
        Difference("answer", "status", "inside", "outside")
    ]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "change",
    [
        {"found": None},
        {"found": {}},
        {"found": {"candidates": [{}], "numbers": []}},
        {"found": {"candidates": [5], "numbers": []}},
        {"found": {"candidates": [asdict(candidate(0, 0)) | {"type": "planète"}], "numbers": []}},
        {"found": {"candidates": [asdict(candidate(0, 0)) | {"lon": "est"}], "numbers": []}},
        {"found": {"candidates": [asdict(candidate(0, 0)) | {"score": None}], "numbers": []}},
        {"found": {"candidates": [asdict(candidate(0, 0)) | {"lat": 91.0}], "numbers": []}},
        {"address": None},
        {"inconnue": 1},
    ],
)
def test_a_record_that_cannot_be_read_is_refused(index, change):
    record = records(index)["number"]
    record["evidence"]["input"] |= change
    with pytest.raises((FormatError, InputError)):
        qpv_geo.verify(record)
