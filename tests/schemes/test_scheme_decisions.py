"""What each shipped scheme says: yes, no, to review; and why."""

from __future__ import annotations

import json

import pytest
import shapely
from fake_geocoder import FakeGeocoder, candidate, offline_index, row
from scheme_places import (
    BEAULIEU,
    COURONNERIES,
    LYON,
    OLD_AT_SAME_PLACE,
    OLIVEAUX,
    OUT_OF_LOOS_QPV,
    OUT_OF_POITIERS_QPV,
    building,
    inside,
    municipal_zone,
)
from synthetic import degrees, perimeters, point, square

from qpv_geo.eligibility.check import Checker
from qpv_geo.errors import InputError, MissingPerimetersError
from qpv_geo.perimeters.registry import registry
from qpv_geo.schemes.evaluate import decide_scheme
from qpv_geo.schemes.load import SHIPPED, load_schemes, read_scheme
from qpv_geo.settings import load_settings

DAY = "2024-06-01"


def decide(scheme, *, on=DAY, **asked):
    """Decide a shipped scheme with what is in the home."""
    found = read_scheme(SHIPPED / f"{scheme}.toml", generations=registry().generations)
    return decide_scheme(found, checker=Checker(load_settings()), on=on, **asked)


def yes(scheme, **but):
    """A yes to every question of a scheme but those named, their hyphens as underscores; None leaves one open."""
    questions = read_scheme(SHIPPED / f"{scheme}.toml", generations=registry().generations).questions
    answers = {one.id: True for one in questions} | {name.replace("_", "-"): answer for name, answer in but.items()}
    return {name: answer for name, answer in answers.items() if answer is not None}


def results(decision):
    return {one.about: one.result for one in decision.reasons}


def told(decision):
    return " ".join(one.text for one in decision.reasons)


# ── What every decision carries ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scheme", [path.stem for path in sorted(SHIPPED.glob("*.toml"))])
def test_every_decision_says_on_what_it_rests(scheme):
    decision = decide(scheme, **OLIVEAUX, on={"impot-benefices-qpv": "2026-11-01"}.get(scheme, DAY))
    document = json.loads(json.dumps(decision.to_dict()))
    assert document["evidence"]["notice"] == "Résultat indicatif, ne vaut pas attestation réglementaire."
    assert len(document["evidence"]["scheme_sha256"]) == 64
    assert document["evidence"]["verdict_digests"] == [decision.verdict.evidence.digest]
    assert document["outcome"] in {"place_ok", "not_eligible", "to_review"}  # nothing is answered: never eligible
    assert all(one["question"].endswith("?") and one["answer"] is None for one in document["questions"])
    assert document["generation"] == "qpv-2024"
    assert document["date_counts"] in told(decision)
    assert document["reasons"]
    for reason in document["reasons"]:
        assert reason["source"]["title"]
        assert reason["source"]["read_on"] in {"2026-11-29", "2026-11-30"}
        assert reason["text"].endswith((".", "?", ")"))


def test_the_same_question_has_the_same_decision():
    assert decide("tva-accession", **OLIVEAUX).to_dict() == decide("tva-accession", **OLIVEAUX).to_dict()


# ── FIQ ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_fiq_in_a_qpv_of_poitiers(catalogue):
    decision = decide("fiq-poitiers", **inside(catalogue, BEAULIEU), amount=95_000)
    assert decision.outcome == "place_ok"
    assert decision.message.endswith("Reste à vérifier : La ville a-t-elle retenu le projet ?")
    assert "Beaulieu" in told(decision)
    chosen = decide("fiq-poitiers", **inside(catalogue, BEAULIEU), amount=95_000, answers={"choix": True})
    assert (chosen.outcome, results(chosen)["choix"]) == ("eligible", "met")
    assert "La ville a-t-elle retenu le projet ? Oui (déclaré)." in told(chosen)


def test_fiq_before_the_fund_was_created_needs_no_perimeters(catalogue):
    decision = decide("fiq-poitiers", **inside(catalogue, BEAULIEU), on="2023-06-01")
    assert decision.outcome == "not_eligible"
    assert "fonds créé en 2024" in told(decision)
    assert decision.verdict is None


def test_fiq_out_of_qpv_while_the_municipal_zones_are_not_published():
    decision = decide("fiq-poitiers", **OUT_OF_POITIERS_QPV)
    assert (decision.outcome, decision.spatial) == ("to_review", "in_doubt")
    assert results(decision)["qpv"] == "not_met"
    assert "zones municipales ne sont pas publiées" in told(decision)


@pytest.mark.parametrize("place", [OLIVEAUX, OUT_OF_LOOS_QPV, LYON])
def test_fiq_elsewhere(place):
    assert decide("fiq-poitiers", **place).outcome == "not_eligible"


@pytest.mark.parametrize(
    ("name", "insee"), [("zones-poitiers", None), ("poches", "86194"), ("zones-poitiers", "86194")]
)
def test_fiq_in_an_installed_municipal_zone(catalogue, tmp_path, name, insee):
    municipal_zone(catalogue, tmp_path, name, insee=insee)
    decision = decide("fiq-poitiers", **OUT_OF_POITIERS_QPV)
    assert decision.outcome == "place_ok"
    assert results(decision)["zones-municipales"] == "met"
    assert len(decision.evidence.verdict_digests) == 2


def test_fiq_out_of_installed_municipal_zones(catalogue, tmp_path):
    municipal_zone(catalogue, tmp_path, "zones-poitiers")
    away = {"lon": OUT_OF_POITIERS_QPV["lon"] + 0.02, "lat": OUT_OF_POITIERS_QPV["lat"]}
    assert decide("fiq-poitiers", **away).outcome == "not_eligible"


def test_fiq_where_the_zones_are_not_said_to_be_complete(catalogue, tmp_path):
    municipal_zone(catalogue, tmp_path, "zones-poitiers", everywhere=False)
    away = {"lon": OUT_OF_POITIERS_QPV["lon"] + 0.02, "lat": OUT_OF_POITIERS_QPV["lat"]}
    assert decide("fiq-poitiers", **away).outcome == "to_review"


def test_fiq_in_a_zone_that_does_not_tell_its_commune(catalogue, tmp_path):
    municipal_zone(catalogue, tmp_path, "poches")
    decision = decide("fiq-poitiers", **OUT_OF_POITIERS_QPV)
    assert decision.outcome == "to_review"
    assert "insee_com" in told(decision)


def test_the_zones_of_another_town_answer_nothing(catalogue, tmp_path):
    municipal_zone(catalogue, tmp_path, "zones-loos", insee="59360", around=OUT_OF_LOOS_QPV)
    assert decide("fiq-poitiers", **OUT_OF_LOOS_QPV).outcome == "not_eligible"
    assert decide("fiq-poitiers", **OUT_OF_POITIERS_QPV).outcome == "to_review"


def test_being_out_of_zones_that_may_be_of_another_town_is_no_answer(catalogue, tmp_path):
    municipal_zone(catalogue, tmp_path, "poches", around=OUT_OF_LOOS_QPV)
    assert decide("fiq-poitiers", **OUT_OF_POITIERS_QPV).outcome == "to_review"


def test_an_address_in_another_commune_is_in_none_of_the_zones():
    near = candidate(0, 0)._replace(citycode="86041", accuracy_m=5.0, **OUT_OF_POITIERS_QPV)
    geocoder = FakeGeocoder({"1 rue des Carrés, Essai": [near], "9 rue des Carrés, Essai": [near]})
    assert decide("fiq-poitiers", address="1 rue des Carrés, Essai", geocoder=geocoder).outcome == "not_eligible"
    assert decide("fiq-poitiers", address="9 rue des Carrés, Essai", geocoder=geocoder).outcome == "to_review"
    assert decide("pic-loos", address="introuvable", geocoder=geocoder).outcome == "to_review"


def test_fiq_in_a_qpv_that_spans_two_communes(catalogue):
    decision = decide("fiq-poitiers", **inside(catalogue, COURONNERIES))
    assert decision.outcome == "to_review"
    assert "plusieurs communes" in told(decision)


@pytest.mark.parametrize(("citycode", "outcome"), [("86194", "place_ok"), ("86041", "not_eligible")])
def test_the_commune_of_an_address_tells_the_two_apart(catalogue, citycode, outcome):
    here = candidate(0, 0)._replace(citycode=citycode, accuracy_m=5.0, **inside(catalogue, COURONNERIES))
    geocoder = FakeGeocoder({"1 rue des Carrés, Essai": [here]})
    decision = decide("fiq-poitiers", address="1 rue des Carrés, Essai", geocoder=geocoder)
    assert decision.outcome == outcome
    assert len(geocoder.asked) == 1


@pytest.mark.parametrize(("amount", "outcome"), [(0, "place_ok"), (1_000_000, "place_ok"), (1_000_001, "not_eligible")])
def test_fiq_cannot_give_more_than_its_budget(catalogue, amount, outcome):
    assert decide("fiq-poitiers", **inside(catalogue, BEAULIEU), amount=amount).outcome == outcome


# ── PIC and FTU ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("scheme", "amount", "outcome", "cap"),
    [("pic-loos", 1500.01, "not_eligible", "not_met"), ("ftu-loos", 4500, "place_ok", "met")],
)
def test_the_caps_of_loos(scheme, amount, outcome, cap):
    decision = decide(scheme, **OLIVEAUX, amount=amount)
    assert (decision.outcome, decision.spatial) == (outcome, "met")
    assert (results(decision)["comite"], results(decision)["amount"]) == ("unanswered", cap)


def test_an_amount_that_is_not_given_is_left_to_check():
    decision = decide("pic-loos", **OLIVEAUX, answers={"comite": True})
    assert (decision.outcome, results(decision)["amount"]) == ("place_ok", "unanswered")
    assert "1\u202f500 euros" in told(decision)
    assert "Reste à vérifier : L’aide est d’au plus 1\u202f500 euros par projet" in decision.message


@pytest.mark.parametrize("place", [OUT_OF_LOOS_QPV, OUT_OF_POITIERS_QPV, LYON])
def test_pic_out_of_the_qpv_of_loos(place):
    assert decide("pic-loos", **place).outcome == "not_eligible"


def test_a_site_half_in_half_out_is_to_review(catalogue):
    (embedded,) = catalogue.registry.embedded
    found = catalogue.load(embedded)
    limit = shapely.get_point(shapely.get_exterior_ring(found.geometry[found.codes.index("QN05976M")].geoms[0]), 0)
    decision = decide("pic-loos", site=limit.buffer(0.0005))
    assert (decision.outcome, decision.spatial) == ("to_review", "in_doubt")


def test_before_2024_the_perimeters_of_2015_decide_by_the_name_of_the_commune(catalogue, loos_2015):
    catalogue.store.install(loos_2015)
    decision = decide("pic-loos", **OLIVEAUX, on="2022-06-01")
    assert (decision.outcome, decision.generation) == ("place_ok", "qpv-2015")


def test_before_2024_without_the_perimeters_of_2015_there_is_no_answer():
    with pytest.raises(MissingPerimetersError, match="qpv-2015"):
        decide("pic-loos", **OLIVEAUX, on="2022-06-01")


@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf"), "beaucoup"])
def test_what_is_no_amount(amount):
    with pytest.raises(InputError, match="montant invalide"):
        decide("pic-loos", **OLIVEAUX, amount=amount)


# ── Contrat de ville, adulte-relais ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("place", "spatial"), [(OLIVEAUX, "met"), (OUT_OF_LOOS_QPV, "not_met")])
def test_the_site_alone_does_not_decide_for_the_contrat_de_ville(place, spatial):
    decision = decide("contrat-de-ville", **place)
    assert (decision.outcome, decision.spatial) == ("place_ok" if spatial == "met" else "to_review", spatial)
    assert decide("contrat-de-ville", **place, answers=yes("contrat-de-ville")).outcome == "eligible"
    assert "bénéficiaires" in told(decision)


def test_adulte_relais_needs_the_age_of_the_person():
    decision = decide("adulte-relais", **OLIVEAUX)
    assert (decision.outcome, decision.spatial) == ("place_ok", "met")
    assert "26 ans" in told(decision)
    before = decide("adulte-relais", on="2021-09-15", answers={"age": False})
    assert before.outcome == "not_eligible"
    assert "La personne a-t-elle au moins 30 ans à la signature ? Non (déclaré)." in told(before)


def test_adulte_relais_out_of_qpv_may_be_in_another_territory():
    decision = decide("adulte-relais", **OUT_OF_LOOS_QPV)
    assert (decision.outcome, decision.spatial) == ("to_review", "in_doubt")


def test_adulte_relais_out_of_every_territory(catalogue):
    territories = perimeters(square(0, 0, 100), kind="watch_area", generation=None, name="territoires")
    catalogue.store.install(territories)
    assert decide("adulte-relais", **OUT_OF_LOOS_QPV).outcome == "not_eligible"


# ── TVA ──────────────────────────────────────────────────────────────────────────────────────────────────────


NO_RENEWAL = {"convention-pnru": False}
"""The former renewal programme, whose quarters are not shipped, is ruled out."""


@pytest.mark.parametrize(
    ("near", "far", "outcome", "about"),
    [
        (-60, -40, "place_ok", "qpv"),
        (-10, 10, "place_ok", "300m"),
        (280, 299, "place_ok", "300m"),
        (280, 301, "to_review", "npnru"),
        (301, 320, "to_review", "npnru"),
        (280, 501, "not_eligible", None),
        (600, 620, "not_eligible", None),
    ],
)
@pytest.mark.usefixtures("on_the_square")
def test_vat_is_about_footprints(near, far, outcome, about):
    decision = decide("tva-accession", site=building(near, far), answers=NO_RENEWAL)
    assert decision.outcome == outcome
    if outcome == "place_ok":
        assert results(decision)[about] == "met"
    elif outcome == "to_review":
        assert results(decision)["300m"] == "not_met"
        assert results(decision)[about] in {"met", "in_doubt"}
        assert "NPNRU" in told(decision)


@pytest.mark.parametrize(
    ("x", "outcome"), [(500, "place_ok"), (1100, "to_review"), (1400, "to_review"), (1501, "not_eligible")]
)
@pytest.mark.usefixtures("on_the_square")
def test_vat_of_a_point(x, outcome):
    decision = decide("tva-accession", **point(x, 500), answers=NO_RENEWAL)
    assert decision.outcome == outcome
    assert ("contour du bâtiment" in told(decision)) == (outcome == "to_review")


@pytest.mark.usefixtures("on_the_square")
def test_far_from_every_qpv_the_former_renewal_programme_is_asked_about():
    decision = decide("tva-accession", site=building(600, 620))
    assert (decision.outcome, results(decision)["renovation-urbaine"]) == ("to_review", "in_doubt")
    assert "l’ancienne rénovation urbaine (PNRU) ne sont pas livrés" in told(decision)


@pytest.mark.usefixtures("on_the_square")
def test_the_accuracy_of_a_point_widens_the_doubt():
    assert decide("tva-accession", **point(1510, 500), accuracy_m=20, answers=NO_RENEWAL).outcome == "to_review"
    assert decide("tva-accession", **point(1530, 500), accuracy_m=20, answers=NO_RENEWAL).outcome == "not_eligible"


def test_a_former_qpv_is_to_review_until_the_end_of_2026(catalogue):
    catalogue.store.install(perimeters(square(9000, 0, 1000), name="qpv-2024"))
    catalogue.store.install(OLD_AT_SAME_PLACE)
    site = degrees(square(400, 400, 50))
    decision = decide("tva-accession", site=site, on="2026-08-31")
    assert decision.outcome == "to_review"
    assert "Loi de finances pour 2024, art. 86" in {one.source.title for one in decision.reasons}
    later = decide("tva-accession", site=site, on="2026-12-31")
    assert (later.outcome, results(later)["unread"]) == ("to_review", "in_doubt")
    assert "Le sort des anciens QPV dans le code des impositions sur les biens et services" in told(later)
    assert decide("tva-accession", site=site, on="2027-01-01", answers=NO_RENEWAL).outcome == "not_eligible"


def test_without_the_former_perimeters_nobody_can_say_no_to_vat():
    decision = decide("tva-accession", **OUT_OF_POITIERS_QPV, answers=NO_RENEWAL)
    assert decision.outcome == "to_review"
    assert "les périmètres qpv-2015 ne sont pas installés" in told(decision).lower()
    assert decision.remedies == ("qpv perimeters fetch qpv-2015 --accept-new",)
    assert "qpv perimeters" not in told(decision)
    later = decide("tva-accession", **OUT_OF_POITIERS_QPV, on="2027-01-01", answers=NO_RENEWAL)
    assert later.outcome == "not_eligible"


def test_vat_where_perimeters_are_not_known():
    assert decide("tva-accession", **LYON, on="2027-01-01", answers=NO_RENEWAL).outcome == "to_review"


def street(home, *xs):
    """An index that knows a street and its house numbers, `xs` metres from the origin."""
    return offline_index(home, *(row(x, 500, number) for number, x in enumerate(xs, 1)))


@pytest.mark.parametrize(
    ("xs", "outcome"), [((400, 500), "place_ok"), ((1100, 1900), "to_review"), ((1900, 2000), "not_eligible")]
)
@pytest.mark.usefixtures("on_the_square")
def test_vat_of_a_street_by_its_numbers(home, xs, outcome):
    geocoder = street(home, *xs)
    decision = decide("tva-accession", address="rue des Carrés, Essai", geocoder=geocoder, answers=NO_RENEWAL)
    assert decision.outcome == outcome


@pytest.mark.parametrize(
    "found",
    [
        [],
        [candidate(5000, 500, "Essai", kind="municipality")],
        [candidate(5000, 500, score=0.6)],
        [candidate(500, 500), candidate(5000, 500, "1 Rue du Rond")],
    ],
)
@pytest.mark.usefixtures("on_the_square")
def test_an_address_that_is_not_surely_found_is_to_review(found):
    geocoder = FakeGeocoder({"quelque part": found})
    for scheme in ("tva-accession", "tfpb-1388-bis"):
        assert decide(scheme, address="quelque part", geocoder=geocoder).outcome == "to_review"


# ── TFPB ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("x", "outcome"), [(900, "place_ok"), (1010, "to_review"), (1039, "to_review"), (1041, "not_eligible")]
)
@pytest.mark.usefixtures("on_the_square")
def test_both_sides_of_a_road_may_count_for_the_property_tax(x, outcome):
    decision = decide("tfpb-1383-c-ter", **point(x, 500))
    assert decision.outcome == outcome
    if outcome == "to_review":
        assert "voie publique" in told(decision)


@pytest.mark.usefixtures("on_the_square")
def test_a_place_inside_is_not_said_to_be_near():
    inside = told(decide("tfpb-1383-c-ter", **point(990, 500), accuracy_m=20))
    assert "Ce point est dans un quartier" in inside
    footprint = degrees(square(990, 500, 20))
    assert "Le site touche un quartier" in told(decide("tva-accession", site=footprint))


def test_the_property_tax_is_about_the_first_of_january():
    decision = decide("tfpb-1388-bis", **OLIVEAUX, on="2024-11-30")
    assert (decision.on, decision.date_used) == ("2024-11-30", "2024-01-01")
    assert decision.verdict.on == "2024-01-01"


# ── Ways of asking ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_verdict_may_be_given_instead_of_a_place():
    verdict = Checker(load_settings()).check(**OLIVEAUX, on=DAY)
    asked, given = decide("tva-accession", **OLIVEAUX), decide("tva-accession", verdict=verdict, on=None)
    assert given.to_dict() == asked.to_dict()
    assert given.verdict is verdict


def test_the_verdict_of_another_day_or_kind_is_asked_again(catalogue, tmp_path):
    municipal_zone(catalogue, tmp_path, "zones-poitiers", around=OLIVEAUX)
    zone = Checker(load_settings()).check(**OLIVEAUX, on="2025-03-01", kinds=("municipal_zone",))
    asked = decide("tfpb-1388-bis", **OLIVEAUX, on="2025-03-01")
    assert decide("tfpb-1388-bis", verdict=zone, on=None).to_dict() == asked.to_dict()


@pytest.mark.usefixtures("on_the_square")
def test_an_address_is_looked_for_once():
    geocoder = FakeGeocoder({"1 rue des Carrés, Essai": [candidate(1100, 500)]})
    verdict = Checker(load_settings()).check(address="1 rue des Carrés, Essai", geocoder=geocoder, on=DAY)
    assert verdict.reason == "clear"
    decide("tva-accession", verdict=verdict, on="2025-01-01")
    assert len(geocoder.asked) == 1


def test_without_a_place_nobody_can_tell():
    decision = decide("fiq-poitiers", amount=37_000)
    assert (decision.outcome, decision.spatial) == ("to_review", None)
    assert decide("pic-loos", amount=2000).outcome == "not_eligible"


def test_a_verdict_and_a_place_are_too_much():
    verdict = Checker(load_settings()).check(**OLIVEAUX, on=DAY)
    with pytest.raises(InputError, match="l’une ou l’autre"):
        decide("tfpb-1388-bis", verdict=verdict, **LYON)


def test_without_a_date_nothing_is_decided():
    with pytest.raises(InputError, match="date"):
        decide("fiq-poitiers", on=None, **OLIVEAUX)


def test_all_the_schemes_of_the_field_are_shipped(home):
    known = {scheme.id for scheme in load_schemes(home, generations=registry().generations)}
    assert known == {
        *("adulte-relais", "cfe-qpv", "contrat-de-ville", "emplois-francs", "fiq-poitiers", "ftu-loos"),
        *("impot-benefices-qpv", "malraux-qpv-degrade", "pic-loos", "tfpb-1383-c-ter", "tfpb-1388-bis"),
        *("tva-accession", "tva-plus", "tva-travaux", "zfu-te"),
    }


@pytest.mark.parametrize("address", ["Poitiers", "Saint-Denis", "1 rue des Tulipes, Essai", "9 rue des Carrés, Essai"])
@pytest.mark.parametrize("scheme", ["fiq-poitiers", "tfpb-1383-c-ter"])
def test_an_address_that_is_not_firm_is_to_review(scheme, address):
    street = candidate(0, 0, "Rue des Carrés", kind="street", **OUT_OF_POITIERS_QPV)
    geocoder = FakeGeocoder({"9 rue des Carrés, Essai": [street]})
    assert decide(scheme, address=address, geocoder=geocoder).outcome == "to_review"
