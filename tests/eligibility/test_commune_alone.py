"""An address that is but a commune, or of which only the commune is known: answered from its perimeters alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_geocoder import FakeGeocoder, candidate
from synthetic import perimeters, square

import qpv_geo
from qpv_geo.perimeters.coverage import coverage_from_json

SQUARES = replace(perimeters(square(0, 0, 1000), square(3000, 0, 500)), insee=("99999", "75056,99997"))
"""A kilometre square in Essai, and a smaller one across two communes; complete everywhere."""
PARTIAL = replace(SQUARES, coverage=coverage_from_json([(2.985, 50.593, 3.035, 50.622)]))
COMMUNE = candidate(500, 500, "Essai", kind="municipality")
WEAK, IMPRECISE = ("uncertain", "weak_match"), ("uncertain", "imprecise_location")
WITHOUT = ("outside", "commune_without_perimeter")


def check(*candidates, text, sets=SQUARES):
    return qpv_geo.check(address=text, geocoder=FakeGeocoder({text: candidates}), perimeters=sets)


def words(verdict):
    return verdict.status.value, verdict.reason.value


def statuses(verdict):
    return [one.status for one in verdict.candidates]


def of_commune(text, *found, sets=SQUARES):
    verdict = check(*found, sets=sets, text=text)
    assert (verdict.distance_m, verdict.share_inside) == (None, None)
    assert verdict.location.point is None
    return words(verdict)


@pytest.mark.parametrize(
    ("citycode", "expected"),
    [("99999", IMPRECISE), ("99997", IMPRECISE), ("99998", WITHOUT), (None, IMPRECISE)],
)
def test_a_commune_is_outside_only_where_no_perimeter_touches_it(citycode, expected):
    assert of_commune("Essai", COMMUNE._replace(citycode=citycode)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paris", IMPRECISE),
        ("Paris 18e", IMPRECISE),
        ("75018 Paris", IMPRECISE),
        ("75018", IMPRECISE),
        ("Lyon", WITHOUT),
        ("Lyon 3e arrondissement", WITHOUT),
        ("13001", WITHOUT),
        ("Marseille", WITHOUT),
        ("59120 LOOS CEDEX", WITHOUT),
    ],
)
def test_a_commune_of_france_is_answered_without_asking_anybody(text, expected):
    assert of_commune(text) == expected


@pytest.mark.parametrize(
    ("text", "filters", "expected"),
    [
        ("12 rue Nulle", {"citycode": "75015"}, WITHOUT),
        ("12 rue Nulle, 94360 Bry-sur-Marne", {"citycode": "75015"}, WITHOUT),
        ("12 rue Nulle, 75015 Paris", {"citycode": "75015"}, ("not_located", "no_match")),  # Bry-sur-Marne once
        ("12 rue Nulle, Paris", {"postcode": "94360"}, ("not_located", "no_match")),
        ("12 rue Nulle", {"citycode": "94015", "postcode": "75015"}, ("not_located", "no_match")),
    ],
)
def test_a_commune_given_by_a_code_is_outside_unless_the_address_is_of_another(text, filters, expected):
    geocoder = FakeGeocoder({text: ()})
    assert words(qpv_geo.check(address=text, geocoder=geocoder, perimeters=SQUARES, **filters)) == expected


@pytest.mark.parametrize(
    ("whole", "name", "neighbour"),
    [("75056", "Paris 1er", "Pantin"), ("13055", "Marseille 16e", "Allauch"), ("69123", "Lyon 9e", "Villeurbanne")],
)
def test_an_arrondissement_is_of_its_commune(whole, name, neighbour):
    sets = replace(SQUARES, insee=("99999", whole))
    assert of_commune(name, sets=sets) == IMPRECISE
    assert of_commune(neighbour, sets=sets) == WITHOUT


def test_the_perimeters_that_touch_a_commune_are_listed_without_a_share():
    sets = replace(SQUARES, insee=("59360", "59360,59350"))
    verdict = check(sets=sets, text="59120 Loos")
    assert words(verdict) == IMPRECISE
    assert [(one.code, one.share_inside) for one in verdict.perimeters] == [("QN99901N", None), ("QN99902N", None)]
    assert "2 quartiers (QPV) touchent Loos" in verdict.message
    assert "QN99901N" in verdict.message
    location = verdict.to_dict()["location"]
    assert (location["type"], location["label"], location["citycode"]) == ("municipality", "Loos", "59360")
    assert (location["lon"], location["lat"], location["accuracy_m"]) == (None, None, None)
    assert location["asked"] == "59120 Loos"
    assert location["match"] == {"number": "unsaid", "street": "unsaid", "postcode": "same", "city": "same"}
    assert [one.code for one in check(sets=sets, text="Lille").perimeters] == ["QN99902N"]


def test_a_perimeter_of_a_commune_that_has_merged_touches_its_successor():
    """Cran-Gevrier (74093) is a part of Annecy."""
    sets = replace(SQUARES, insee=("74093", "99999"))
    assert of_commune("Annecy", sets=sets) == of_commune("Cran-Gevrier", sets=sets) == IMPRECISE


def test_communes_of_one_name_are_told_with_their_departements():
    verdict = check(text="Beaumont", sets=replace(SQUARES, insee=("63032", "99999")))
    assert words(verdict) == WEAK
    labels = [one.label for one in verdict.candidates]
    assert {"Beaumont (63)", "Beaumont (74)"} <= set(labels)
    assert len(labels) == 5
    assert dict(zip(labels, statuses(verdict), strict=True))["Beaumont (74)"] == "outside"
    assert "Beaumont (63)" in verdict.message
    assert words(check(text="Beaumont (63)", sets=replace(SQUARES, insee=("63032", "99999")))) == IMPRECISE
    assert words(check(text="Beaumont (74)", sets=replace(SQUARES, insee=("63032", "99999")))) == WITHOUT


def test_a_set_that_is_not_complete_or_does_not_know_its_communes_says_nothing():
    assert of_commune("Essai", COMMUNE._replace(citycode="99998"), sets=PARTIAL) == ("uncertain", "not_covered")
    assert of_commune("Lille", sets=PARTIAL) == ("uncertain", "not_covered")
    assert (
        of_commune("Essai", COMMUNE._replace(citycode="99998"), sets=replace(SQUARES, insee=("99999", ""))) == IMPRECISE
    )
    assert of_commune("Lille", sets=replace(SQUARES, insee=("99999", ""))) == IMPRECISE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 rue des Témoins, 59000 Lille", WITHOUT),
        ("12 rue des Témoins, Lille", WITHOUT),
        ("12 rue des Témoins 59120", WITHOUT),  # Loos alone has it
        ("12 rue des Témoins 59510", WITHOUT),  # of two communes, and no perimeter touches either
        ("12 rue des Témoins, 75018 Paris", ("not_located", "no_match")),
        ("12 rue des Témoins, Paris", ("not_located", "no_match")),
        ("12 rue des Témoins, 86000 Lille", ("not_located", "no_match")),
        ("12 rue des Témoins, 59120 Lille", ("not_located", "no_match")),
        ("12 rue de Lille", ("not_located", "no_match")),
        ("12 rue des Témoins", ("not_located", "no_match")),
        ("12 rue des Témoins, Trucville", ("not_located", "no_match")),
        ("chez M. Lille", ("not_located", "no_match")),
        ("Le Bourg, Trucville", ("not_located", "no_match")),  # a locality: there is a commune of that name in the Lot
        ("12 Le Bourg, apt 3, Trucville", ("not_located", "no_match")),
        ("Paris, Le Bourg", ("not_located", "no_match")),
        ("75018 Paname, rue Sainte-Anne", ("not_located", "no_match")),
        ("rue de Lille 75018", ("not_located", "no_match")),
        ("Lille Rouge, Trucville", ("not_located", "no_match")),
    ],
)
def test_a_street_that_is_not_found_is_outside_only_where_nothing_touches_the_commune_asked(text, expected):
    verdict = check(text=text)
    assert words(verdict) == expected
    assert verdict.location.point is None
    assert words(check(text=text, sets=PARTIAL)) == ("not_located", "no_match")
