"""Where addresses are looked for: the indexes of this machine, the published places, the service; and what is kept."""

from __future__ import annotations

import gc
import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from fake_geocoder import offline_index, row
from geocoding.geocoder_shapes import NOTHING, NUMBER, PAGE, as_json, collection, feature
from loopback import Answer, Loopback
from real_towns import LOOS, Commune
from synthetic import perimeters, point, square

import qpv_geo
from qpv_geo.errors import MissingError, RemoteError

COLLEGE = "Collège René Descartes, rue Édouard Herriot, 59120 Loos"
ASKED = "15 bis rue d'Essai, 59120 Loos"
SEARCH = "/geocodage/search"
JSON = ("--format", "json")
SQUARES = perimeters(square(0, 0, 1000), name="qpv-2024")
FOUND = collection(feature(NUMBER, point(500, 500).values(), score=0.93))
CUT = Answer(FOUND.body, headers={"Content-Type": "application/json"}, sent=40)


@pytest.fixture
def service(monkeypatch, catalogue):
    """A geocoding service on loopback, and a square around what it finds."""
    catalogue.store.install(SQUARES)
    with Loopback() as loopback:
        monkeypatch.setenv("QPV_GEO_GEOCODER_URL", f"{loopback.url}/geocodage")
        yield loopback
        gc.collect()  # the connections that nobody holds any more close before the server does
        gc.freeze()  # what is still held is not searched again after the next test


@pytest.fixture
def squares(catalogue):
    catalogue.store.install(SQUARES)


def kept(home):
    """Return what the cache of answers holds."""
    path = home / "cache" / "geocoding.sqlite"
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT geocoder, text, postcode, citycode, candidates FROM answer").fetchall()


def answered(answer):
    assert (answer.code, answer.err) == (0, "")
    return json.loads(answer.out)


def one_line(answer, code, *says):
    """Check an error: one line, and the command for the administrator on one of its own."""
    assert (answer.code, answer.out) == (code, "")
    line, *remedy = answer.err.splitlines()
    assert line.startswith("qpv : ")
    assert [one.partition(" : qpv ")[0] for one in remedy] in ([], ["À transmettre à l’administrateur"])
    for text in says:
        assert text in answer.err


# ── The service ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_service_answers_what_this_machine_does_not_know(qpv, service):
    service.serve(SEARCH, FOUND)
    document = answered(qpv("check", ASKED, *JSON))
    assert (document["status"], document["reason"]) == ("inside", "clear")
    assert document["location"] == {
        "lon": pytest.approx(point(500, 500)["lon"]), "lat": pytest.approx(point(500, 500)["lat"]),
        "accuracy_m": 30.0, "type": "housenumber", "score": 0.93, "label": NUMBER["label"], "citycode": "59360",
        "source": service.url.removeprefix("http://"), "asked": ASKED,
        "match": {"number": "same", "street": "same", "postcode": "same", "city": "same"},
    }  # fmt: skip
    assert document["evidence"]["input"]["searched"].endswith(f", {service.url.removeprefix('http://')}")
    assert [(one.query["q"], one.query["autocomplete"]) for one in service.requests] == [(ASKED, "0")]


def test_the_options_filter_and_five_digits_are_never_taken_for_one(qpv, service):
    service.serve(SEARCH, FOUND)
    qpv("check", ASKED)
    qpv("check", ASKED, "--postcode", "59120")
    qpv("check", ASKED, "--citycode", "59360")
    filters = [
        {key: one.query[key] for key in ("postcode", "citycode") if key in one.query} for one in service.requests
    ]
    assert filters == [{}, {"postcode": "59120"}, {"citycode": "59360"}]


def test_an_address_that_the_service_does_not_find_is_not_located(qpv, service, home):
    service.serve(SEARCH, NOTHING)
    document = answered(qpv("check", ASKED, *JSON))
    assert (document["status"], document["reason"]) == ("not_located", "no_match")
    assert (document["location"]["asked"], document["location"]["lon"]) == (ASKED, None)
    text = qpv("check", ASKED).out
    assert "NON LOCALISÉE" in text
    assert "pas une réponse" in " ".join(text.split())
    assert kept(home) == []
    assert len(service.requests) == 2  # found nowhere today, maybe tomorrow: asked again


@pytest.mark.parametrize(
    "fault",
    [
        Answer(status=500),
        Answer(status=429, headers={"Retry-After": "0"}),
        PAGE,
        CUT,
        as_json({"type": "FeatureCollection"}),
        collection(feature(NUMBER, ("est", 50.6))),
    ],
    ids=["500", "429", "html", "cut", "nothing", "nonsense"],
)
def test_no_answer_is_no_verdict_and_is_not_kept_and_the_same_command_then_answers(qpv, service, home, fault):
    service.serve(SEARCH, fault)
    one_line(qpv("check", ASKED), 4)
    assert kept(home) == []
    service.serve(SEARCH, FOUND)
    first = answered(qpv("check", ASKED, *JSON))
    assert first["status"] == "inside"
    ((_, text, postcode, citycode, candidates),) = kept(home)
    assert (text, postcode, citycode) == (ASKED, "", "")
    assert [one["label"] for one in json.loads(candidates)] == [NUMBER["label"]]
    count = len(service.requests)
    service.serve(SEARCH, fault)
    again = answered(qpv("check", ASKED, *JSON))
    assert len(service.requests) == count  # not asked
    for one in (first, again):
        del one["evidence"]["checked_at"]
    assert again == first


def test_without_the_cache_every_question_is_asked(qpv, service, home):
    service.serve(SEARCH, FOUND)
    for _ in range(2):
        answered(qpv("check", ASKED, "--no-cache", *JSON))
    assert (len(service.requests), kept(home)) == (2, [])
    answered(qpv("check", ASKED, *JSON))
    service.serve(SEARCH, Answer(status=500))
    one_line(qpv("check", ASKED, "--no-cache"), 4)  # what is kept is not used either


def test_an_offline_doubt_is_not_the_answer_where_the_service_fails(qpv, service, home):
    offline_index(home, row(500, 500, 1))
    service.serve(SEARCH, Answer(status=500))
    for address in ("1 rue des Carrées d'Ailleurs, Essai", "1 allée des Carrés, 99990 Essai", "1 rue des Carrés"):
        one_line(qpv("check", address), 4)


def test_the_index_of_this_machine_goes_first(qpv, service, home):
    offline_index(home, row(500, 500, 1))
    document = answered(qpv("check", "1 rue des Carrés, Essai", *JSON))
    assert document["location"]["source"] == "index 99"
    assert service.requests == []


def test_the_order_is_a_setting(qpv, service, home, monkeypatch):
    offline_index(home, row(-500, 500, 15, "Rue d'Essai", rep="bis", **LOOS.columns()))
    service.serve(SEARCH, FOUND)
    assert answered(qpv("check", ASKED, *JSON))["status"] == "outside"
    monkeypatch.setenv("QPV_GEO_GEOCODERS", '["national", "offline"]')
    assert answered(qpv("check", ASKED, *JSON))["status"] == "inside"
    monkeypatch.setenv("QPV_GEO_GEOCODERS", '["national"]')
    one_line(qpv("check", ASKED, "--offline"), 3)


def test_a_street_of_the_service_is_decided_by_the_numbers_of_the_index(qpv, service, home):
    """The index has not the name by which the service knows it too."""
    offline_index(home, *(row(100 * n, 500, n, "Rue d'Essai", **LOOS.columns()) for n in range(1, 5)))
    street = {**NUMBER, "type": "street", "label": "Rue d'Essai 59120 Loos", "name": "Rue d'Essai"}
    del street["housenumber"]
    service.serve(SEARCH, collection(feature(street, point(500, 500).values(), score=0.95)))
    document = answered(qpv("check", "rue d'Essai, 59120 Loos", "--no-cache", *JSON))
    assert (document["status"], document["location"]["source"]) == ("inside", "index 99")
    assert service.requests == []
    (home / "addresses" / "99.sqlite").rename(home / "addresses" / "98.sqlite")
    other = answered(qpv("check", "rue d'Esai, 59120 Loos", *JSON))
    assert (other["status"], other["location"]["type"]) == ("inside", "street")
    assert other["street"][0]["inside"] == ["1", "3"]


def test_the_library_asks_as_the_command_does(service, home):
    service.serve(SEARCH, Answer(status=500), FOUND)
    with pytest.raises(RemoteError):
        qpv_geo.check(address=ASKED)
    assert kept(home) == []
    assert qpv_geo.check(address=ASKED).status == "inside"
    assert len(kept(home)) == 1


# ── Offline ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("socket_disabled")
def test_offline_the_college_that_ships_is_found_without_a_socket(qpv):
    document = answered(qpv("check", COLLEGE, "--on", "2024-06-01", "--offline", *JSON))
    assert (document["status"], document["perimeters"][0]["code"]) == ("uncertain", "QN05975M")
    assert document["reason"] == "near_boundary"  # 15 m from the limit, known to 20 m
    location = document["location"]
    assert (location["lon"], location["lat"], location["accuracy_m"]) == (3.00671, 50.60889, 20.0)
    assert (location["type"], location["citycode"]) == ("poi", "59360")


NOT_HELD = {
    ("1 rue des Absents, 33000 Bordeaux",): "33",
    ("1 rue des Carrés, 33000 Bordeaux",): "33",
    ("1 rue des Carrés 33000",): "33",
    ("1 rue des Carrés, Bordeaux",): "33",
    ("1 rue des Absents 59120 Loos",): "59",
    ("1 rue des Absents, Loos",): "59",
    ("1 rue des Absents, 97150 Saint-Martin",): "978",
    ("1 rue des Absents, 2A004 Ajaccio",): "2A",
    ("1 rue des Carrés", "--postcode", "33000"): "33",
    ("1 rue des Carrés", "--citycode", "33063"): "33",
}
"""Questions about towns that the index of Essai does not hold, and their département."""


@pytest.mark.usefixtures("socket_disabled", "squares")
@pytest.mark.parametrize("question", NOT_HELD)
def test_offline_without_any_index_something_is_missing(qpv, question):
    answer = qpv("check", *question, "--offline")
    one_line(answer, 3, "--offline", "aucune adresse n’est installée")
    assert answer.err.endswith(f": qpv addresses fetch {NOT_HELD[question]}\n")


@pytest.mark.usefixtures("socket_disabled")
@pytest.mark.parametrize("question", NOT_HELD)
def test_offline_a_town_that_no_index_holds_is_missing_addresses(qpv, home, catalogue, question):
    """The published places of Loos, that ship, hold no addresses of Loos."""
    department = NOT_HELD[question]
    catalogue.store.install(replace(SQUARES, insee=("33063,59360,97801,2A004,99999",)))
    offline_index(home, row(500, 500, 1))
    document = answered(qpv("check", *question, "--offline", *JSON))
    assert (document["status"], document["reason"]) == ("not_located", "missing_addresses")
    assert document["remedy"] == f"qpv addresses fetch {department}"
    assert department in document["message"]
    assert document["location"]["lon"] is None


@pytest.mark.usefixtures("socket_disabled", "squares")
@pytest.mark.parametrize("address", ["1 impasse du Zyx Introuvable, 99990 Essai", "1 xyzzy, Essai les Absents du Lac"])
def test_offline_an_unknown_address_where_an_index_is_at_hand_is_not_located(qpv, home, address):
    offline_index(home, row(500, 500, 1))
    document = answered(qpv("check", address, "--offline", *JSON))
    assert (document["status"], document["reason"]) == ("not_located", "no_match")


@pytest.mark.usefixtures("socket_disabled")
@pytest.mark.parametrize(
    "town",
    [
        Commune("2A004", "20000", "Ajaccio"),
        Commune("2B033", "20200", "Bastia"),
        Commune("97801", "97150", "Saint-Martin"),
        Commune("97701", "97133", "Saint-Barthélemy"),
    ],
)
def test_offline_a_town_that_an_index_holds_is_not_missing_whatever_its_departement(qpv, home, catalogue, town):
    catalogue.store.install(replace(SQUARES, insee=(town.citycode,)))
    offline_index(home, row(500, 500, 1, **town.columns()))
    for said in (f"{town.postcode} {town.name}", town.name, town.postcode):
        document = answered(qpv("check", f"1 xyzzy, {said}", "--offline", *JSON))
        assert (document["status"], document["reason"]) == ("not_located", "no_match")


@pytest.mark.usefixtures("socket_disabled")
def test_a_commune_alone_needs_no_index(qpv, catalogue):
    catalogue.store.install(replace(SQUARES, insee=("59360",)))
    for address, status, reason in (
        ("59120 Loos", "uncertain", "imprecise_location"),
        ("Lille", "outside", "commune_without_perimeter"),
    ):
        document = answered(qpv("check", address, "--offline", *JSON))
        assert (document["status"], document["reason"]) == (status, reason)


@pytest.mark.usefixtures("socket_disabled", "squares")
def test_offline_the_index_answers(qpv, home):
    offline_index(home, row(500, 500, 1), row(-500, 500, 2))
    for number, words in ((1, "EN QPV"), (2, "HORS QPV")):
        assert qpv("check", f"{number} rue des Carrés, 99990 Essai", "--offline").out.startswith(words)


@pytest.mark.usefixtures("socket_disabled", "squares")
def test_offline_a_code_tells_two_communes_of_one_name_apart(qpv, home):
    other = {"code_insee": "99998", "code_postal": "99980"}
    offline_index(home, row(500, 500, 1), row(-500, 500, 1, **other))
    question = ("check", "1 rue des Carrés, Essai", "--offline")
    assert qpv(*question).out.startswith("À VÉRIFIER")
    for option, code, words in (
        ("--citycode", "99999", "EN QPV"),
        ("--citycode", "99998", "HORS QPV"),
        ("--postcode", "99990", "EN QPV"),
        ("--postcode", "99980", "HORS QPV"),
    ):
        assert qpv(*question, option, code).out.startswith(words)


@pytest.mark.usefixtures("socket_disabled", "squares")
def test_the_library_is_offline_with_settings_that_name_no_service(home, monkeypatch):
    monkeypatch.setenv("QPV_GEO_GEOCODERS", '["offline", "published"]')
    with pytest.raises(MissingError, match="aucune adresse n’est installée") as missing:
        qpv_geo.check(address="1 rue des Carrés, Essai")
    assert missing.value.remedy == "qpv addresses fetch DÉPARTEMENT"
    offline_index(home, row(500, 500, 1))
    assert qpv_geo.check(address="1 rue des Carrés, Essai").status == "inside"


# ── What is shown ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("squares")
def test_the_text_shows_the_sides_of_a_street(qpv, home):
    offline_index(home, *(row(-70 + 20 * n, 500, n) for n in range(1, 8)))
    answer = qpv("check", "rue des Carrés, Essai", "--offline")
    assert (answer.code, answer.err) == (0, "")
    for text in (
        "À VÉRIFIER",
        "Côté impair         en QPV : 5, 7 ; hors QPV : 1 ; à vérifier : 3",
        "Côté pair           en QPV : 6 ; hors QPV : 2 ; à vérifier : 4",
        "rue à cheval sur la limite",
    ):
        assert text in answer.out


def test_the_text_shows_the_possible_places(qpv, service):
    other = feature(NUMBER, point(-500, 500).values(), score=0.92, id="59360_0000_00016")
    service.serve(SEARCH, collection(feature(NUMBER, point(500, 500).values(), score=0.93), other))
    answer = qpv("check", ASKED)
    assert answer.out.startswith("À VÉRIFIER")
    assert answer.out.count(NUMBER["label"]) >= 2
    for words in (
        "(score 0,93) : en QPV\n",
        "(score 0,92) : hors QPV\n",
        "adresse reconnue sans certitude",
        "2 adresses",
    ):
        assert words in answer.out


def test_an_address_and_a_point_are_one_too_many(qpv):
    one_line(qpv("check", ASKED, "--lon", 3.0, "--lat", 50.6), 2, "plusieurs lieux à la fois")
    one_line(qpv("check", ASKED, "--postcode", "5912"), 2, "« 5912 »")
    one_line(qpv("check", ASKED, "--citycode", "Essai"), 2, "« Essai »")
