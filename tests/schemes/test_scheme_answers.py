"""Answers to the questions of schemes: declared, known by lists, or left open; and what no answer can make known."""

from __future__ import annotations

import json

import pytest
import shapely
from fake_geocoder import FakeGeocoder, candidate, offline_index, row
from scheme_places import CONVENTIONS, OLIVEAUX, building
from synthetic import point

from qpv_geo.eligibility.check import Checker
from qpv_geo.errors import FormatError, InputError
from qpv_geo.perimeters.registry import registry
from qpv_geo.schemes.evaluate import decide_scheme, decide_schemes
from qpv_geo.schemes.load import SHIPPED, read_scheme
from qpv_geo.schemes.records import verify_record, with_schemes
from qpv_geo.settings import load_settings

IN_OLIVEAUX = ("check", "--lon", OLIVEAUX["lon"], "--lat", OLIVEAUX["lat"], "--on", "2026-06-01")
BAND = {"prix": True, "ressources": True, "residence-principale": True, "contrat-de-ville": True, "ensemble": True}
"""Every answer of VAT between 300 and 500 m but the renewal conventions."""


def decide(name, *, on="2026-06-01", **asked):
    scheme = read_scheme(SHIPPED / f"{name}.toml", generations=registry().generations)
    return decide_scheme(scheme, checker=Checker(load_settings()), on=on, **asked)


def told(decision):
    return " ".join(one.text for one in decision.reasons)


def asked(decision, name):
    return next((one.answer, one.by) for one in decision.questions if one.condition.id == name)


# ── At the command line ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("former", "successors"), [("tva-5-5", ["tva-accession"]), ("tfpb", ["tfpb-1383-c-ter", "tfpb-1388-bis"])]
)
@pytest.mark.parametrize("command", [("schemes", "show"), (*IN_OLIVEAUX, "--scheme")])
def test_a_former_id_explains_itself(qpv, command, former, successors):
    answer = qpv(*command, former)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert f"le dispositif « {former} » n’existe plus sous ce nom" in answer.err
    assert [one for one in successors if f"« {one} »" in answer.err] == successors


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--scheme", "pic-loos", "--answer", "jury=oui"), "question inconnue : « jury »"),
        (("--scheme", "pic-loos", "--answer", "jury=oui"), "questions posées : « comite »"),
        (("--scheme", "pic-loos", "--answer", "comite=oui", "--answer", "comite=non"), "deux réponses contraires"),
        (("--scheme", "pic-loos", "--answer", "comite=peut-être"), "« comite=peut-être » ; écrivez QUESTION=oui"),
        (("--scheme", "pic-loos", "--answer", "comite"), "réponse invalide : « comite »"),
        (("--scheme", "pic-loos", "--answer", "=oui"), "réponse invalide : « =oui »"),
        (("--answer", "comite=oui"), "réponse sans dispositif ; ajoutez --scheme"),
        (("--amount", "1200"), "montant sans dispositif ; ajoutez --scheme"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_refused_in_one_line(qpv, options, says):
    answer = qpv(*IN_OLIVEAUX, *options)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert says in answer.err


def test_answers_lead_from_a_place_to_a_decision(qpv):
    options = ("--scheme", "pic-loos", "--amount", 1500, "--format", "json")
    outcomes = [
        json.loads(qpv(*IN_OLIVEAUX, *options, *given).out)["schemes"][0]["outcome"]
        for given in ((), ("--answer", "comite=oui"), ("--answer", "comite = NON"))
    ]
    assert outcomes == ["place_ok", "eligible", "not_eligible"]
    assert qpv(*IN_OLIVEAUX, *options, "--answer", "comite=oui", "--answer", "comite=oui").code == 0


def test_each_scheme_takes_the_answers_to_its_own_questions():
    verdict = Checker(load_settings()).check(**OLIVEAUX, on="2026-06-01")
    given = {"comite": True, "second-examen": False}
    pic, ftu = decide_schemes(
        ["pic-loos", "ftu-loos"], verdict, checker=Checker(load_settings()), answers=given, amount=9
    )
    assert (pic.outcome, ftu.outcome) == ("eligible", "not_eligible")
    with pytest.raises(InputError, match="question inconnue : « choix »"):
        decide_schemes(["pic-loos"], verdict, checker=Checker(load_settings()), answers={"choix": True})


@pytest.mark.parametrize("answer", ["non", "oui", 0, 1, None])
def test_only_true_and_false_are_answers(answer):
    with pytest.raises(InputError, match="réponse invalide à « comite »"):
        decide("pic-loos", **OLIVEAUX, amount=1500, answers={"comite": answer})


# ── What is known, until when ────────────────────────────────────────────────────────────────────────────────


def test_what_was_read_is_not_known_to_hold_later():
    answers = {"comite": True}
    on_the_day = decide("pic-loos", **OLIVEAUX, on="2026-11-29", amount=1500, answers=answers)
    assert (on_the_day.outcome, on_the_day.known_until) == ("eligible", None)
    the_day_after = decide("pic-loos", **OLIVEAUX, on="2026-11-30", amount=1500, answers=answers)
    assert (the_day_after.outcome, the_day_after.known_until) == ("place_ok", "2026-11-29")
    assert "D’après les périmètres et les règles connus au 29 novembre 2026" in told(the_day_after)
    refused = decide("pic-loos", **OLIVEAUX, on="2026-11-30", amount=1501, answers=answers)
    assert refused.outcome == "not_eligible"


def test_the_day_that_counts_is_the_one_that_must_be_known():
    """The property tax of 2026 is about 1 January, which was over when the text was read."""
    assert decide("tfpb-1388-bis", **OLIVEAUX, on="2026-12-31").known_until is None
    assert decide("tfpb-1388-bis", **OLIVEAUX, on="2027-01-01").known_until == "2026-11-30"


def fund(home, **reading):
    text = (SHIPPED / "pic-loos.toml").read_text(encoding="utf-8").replace('id = "pic-loos"', 'id = "mien"')
    for old, new in reading.items():
        text = text.replace(f"{old} = 2026-11-29", new)
    path = home / "mien.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return read_scheme(path, generations=registry().generations)


def test_later_perimeters_tell_nothing_of_rules_that_were_read_before(home):
    """The perimeters are of 27 June 2024; rules read before that day are known until they were read, and no longer."""
    scheme = fund(home, read_on="read_on = 2024-03-01")
    question = {"checker": Checker(load_settings()), "amount": 1500, "answers": {"comite": True}, **OLIVEAUX}
    assert decide_scheme(scheme, on="2024-03-01", **question).outcome == "eligible"
    later = decide_scheme(scheme, on="2024-03-02", **question)
    assert (later.outcome, later.known_until) == ("place_ok", "2024-03-01")


def test_a_text_that_could_not_be_read_never_makes_eligible(home):
    scheme = fund(home, read_on='read_on = 2026-11-29\nunread = "Le règlement du fonds n’a pas pu être lu"')
    question = {"checker": Checker(load_settings()), "on": "2026-06-01", "amount": 1500, **OLIVEAUX}
    decision = decide_scheme(scheme, answers={"comite": True}, **question)
    assert (decision.outcome, decision.spatial) == ("to_review", "met")
    assert decision.reasons[-1].text == "Le règlement du fonds n’a pas pu être lu."
    assert decide_scheme(scheme, answers={"comite": False}, **question).outcome == "not_eligible"


# ── Renewal conventions ──────────────────────────────────────────────────────────────────────────────────────


def keep_list(home, text=CONVENTIONS):
    home.mkdir(parents=True, exist_ok=True)
    (home / "npnru.csv").write_text(text, encoding="utf-8")


@pytest.mark.usefixtures("on_the_square")
def test_a_list_answers_for_the_perimeters_that_it_has(home):
    site = building(280, 499)
    open_question = decide("tva-accession", on="2024-06-01", site=site, answers=BAND)
    assert (open_question.outcome, asked(open_question, "convention-npnru")) == ("to_review", (None, None))
    keep_list(home)
    known = decide("tva-accession", on="2024-06-01", site=site, answers=BAND)
    assert (known.outcome, asked(known, "convention-npnru")) == ("eligible", (True, "npnru"))
    assert "Oui (d’après la liste des conventions NPNRU)." in told(known)


@pytest.mark.usefixtures("on_the_square")
def test_a_list_answers_from_the_day_of_the_convention_on(home):
    keep_list(home, CONVENTIONS.replace("2020-03-15", "2024-03"))
    site = building(280, 499)
    before, after = (decide("tva-accession", on=on, site=site, answers=BAND) for on in ("2024-03-30", "2024-03-31"))
    assert (before.outcome, asked(before, "convention-npnru")) == ("to_review", (None, None))
    assert (after.outcome, asked(after, "convention-npnru")) == ("eligible", (True, "npnru"))


@pytest.mark.usefixtures("on_the_square")
def test_who_answers_is_heard_before_the_list(home):
    keep_list(home)
    given = {**BAND, "convention-npnru": False, "convention-pnru": False}
    declared = decide("tva-accession", on="2024-06-01", site=building(280, 499), answers=given)
    assert (declared.outcome, asked(declared, "convention-npnru")) == ("not_eligible", (False, "declared"))


def test_the_shipped_list_knows_les_oliveaux(catalogue):
    (embedded,) = catalogue.registry.embedded
    found = catalogue.load(embedded)
    oliveaux = found.geometry[found.codes.index("QN05975M")]
    east = oliveaux.bounds[2]
    site = shapely.box(east + 0.003, 50.6084, east + 0.005, 50.6086)
    decision = decide("tva-accession", on="2024-06-01", site=site, answers=BAND)
    [zone] = [one for one in decision.evidence.zones if one["id"] == "npnru"]
    assert zone["nearest_m"] < 300 < zone["farthest_m"] < 500
    assert asked(decision, "convention-npnru") == (True, "npnru")


@pytest.mark.usefixtures("on_the_square")
def test_a_record_tells_that_another_list_was_at_hand(home):
    keep_list(home)
    checker = Checker(load_settings())
    verdict = checker.check(site=building(280, 499), on="2024-06-01")
    decisions = decide_schemes(["tva-accession"], verdict, checker=checker, answers=BAND)
    record = json.loads(json.dumps(with_schemes(verdict, decisions).to_dict()))
    assert verify_record(record, checker, name="fiche").identical
    keep_list(home, "code_qp,level,convention,source\n")
    found = verify_record(record, checker, name="fiche")
    assert (found.intact, found.same_answer, found.unexplained) == (True, False, False)
    assert any(one.what == "data" and one.field.endswith("conventions_sha256") for one in found.differences)


@pytest.mark.usefixtures("on_the_square")
def test_a_list_that_is_not_one_is_refused_with_its_line(home):
    keep_list(home, CONVENTIONS + "QN059,national,2020-03-15,essai\n")
    with pytest.raises(FormatError, match=r"npnru.csv », ligne 4, colonne « code_qp » : « QN059 »"):
        decide("tva-accession", on="2024-06-01", site=building(280, 499), answers=BAND)


# ── A street along the limit ─────────────────────────────────────────────────────────────────────────────────


def numbers(home, *xs):
    """An index with a street whose numbers 1, 2, 3... are `xs` metres from the origin, along the limit at 1000."""
    return offline_index(home, *(row(x, 400 + 20 * number, number) for number, x in enumerate(xs, 1)))


ALONG = (975, 1025, 977, 1027, 976, 1026)


@pytest.mark.parametrize("scheme", ["tfpb-1383-c-ter", "cfe-qpv"])
@pytest.mark.usefixtures("on_the_square")
def test_a_street_with_numbers_on_both_sides_is_told_and_decides_nothing(home, scheme):
    geocoder = numbers(home, *ALONG)
    decision = decide(scheme, on="2025-06-01", address="2 rue des Carrés, Essai", geocoder=geocoder)
    told_of = "La limite suit cette rue (Rue des Carrés) : n° 1, 3, 5 en QPV, n° 2, 4, 6 hors QPV."
    assert told_of in told(decision)
    assert (decision.outcome, asked(decision, "riverain")) == ("to_review", (None, None))
    zone = next(one for one in decision.evidence.zones if one["id"] == "voie")
    assert zone["street"] == told_of


@pytest.mark.parametrize("xs", [(1024, 1025, 1026, 1027), (1024, 1025, 1026, 975)])
@pytest.mark.usefixtures("on_the_square")
def test_numbers_on_one_side_only_tell_nothing(home, xs):
    geocoder = numbers(home, *xs)
    decision = decide("cfe-qpv", on="2025-06-01", address="2 rue des Carrés, Essai", geocoder=geocoder)
    assert "La limite suit cette rue" not in told(decision)
    assert decision.outcome == "to_review"


@pytest.mark.usefixtures("on_the_square")
def test_a_rule_of_the_line_as_drawn_tells_of_no_street(home):
    geocoder = numbers(home, *ALONG)
    decision = decide("tfpb-1388-bis", on="2025-06-01", address="2 rue des Carrés, Essai", geocoder=geocoder)
    assert "La limite suit cette rue" not in told(decision)
    assert decision.outcome == "not_eligible"


@pytest.mark.usefixtures("on_the_square")
def test_without_an_index_or_an_address_no_street_is_told():
    there = candidate(1010, 500, "2 Rue des Carrés")
    geocoder = FakeGeocoder({"2 rue des Carrés, Essai": [there]})
    by_address = decide("cfe-qpv", on="2025-06-01", address="2 rue des Carrés, Essai", geocoder=geocoder)
    by_point = decide("cfe-qpv", on="2025-06-01", **point(1010, 500))
    for decision in (by_address, by_point):
        assert decision.outcome == "to_review"
        assert "La limite suit" not in told(decision)


@pytest.mark.parametrize("x", [1001, 1020, 1039])
@pytest.mark.parametrize(("riverain", "outcome"), [(None, "to_review"), (True, "eligible"), (False, "not_eligible")])
@pytest.mark.usefixtures("on_the_square")
def test_near_the_limit_a_person_decides_and_no_distance(x, riverain, outcome):
    known = dict.fromkeys(("commercial", "salaries", "taille", "deliberation", "de-minimis"), True)
    given = known if riverain is None else {**known, "riverain": riverain}
    assert decide("cfe-qpv", on="2025-06-01", **point(x, 500), answers=given).outcome == outcome


@pytest.mark.usefixtures("on_the_square")
def test_a_record_tells_that_another_index_was_at_hand(home):
    geocoder = numbers(home, *ALONG)
    checker = Checker(load_settings())
    verdict = checker.check(address="2 rue des Carrés, Essai", geocoder=geocoder, on="2025-06-01")
    record = with_schemes(verdict, decide_schemes(["cfe-qpv"], verdict, checker=checker)).to_dict()
    record = json.loads(json.dumps(record))
    assert verify_record(record, checker, name="fiche").identical
    geocoder.path.unlink()
    found = verify_record(record, Checker(load_settings()), name="fiche")
    assert (found.intact, found.unexplained) == (True, False)
    assert any(one.what == "data" and one.field.endswith("street") for one in found.differences)
