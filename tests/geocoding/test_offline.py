"""The offline index: what is written in it is found again first, however it is typed, and nothing else asks anybody."""

from __future__ import annotations

import csv
import os
import random
import socket
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import noise
import pytest
from asking import firm, indexed
from examples import LONG, examples
from hypothesis import given
from hypothesis import strategies as st
from pytest_socket import SocketBlockedError
from rapidfuzz.distance import OSA
from written import BAL_14, ESSAI, LIEUX_DITS, MODELE, Commune, bal, ban, lieu_dit, street_id, write

from qpv_geo.geocoding.accuracy import ESTABLISHMENT
from qpv_geo.geocoding.build import SHORTEST_MISTYPED, deletions
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import Candidate, MatchType, make_query
from qpv_geo.geocoding.published import PublishedPlaces, published_places
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.resources import data_folder

KINDS = ["Rue", "Avenue", "Boulevard", "Place", "Chemin", "Allée", "Impasse", "Route", "Square", "Résidence"]
NAMES = [
    "Maquette", "Gabarit", "Prototype", "Brouillon", "Échantillon", "Spécimen", "Épreuve", "Simulacre", "Leurre",
    "Bidule", "Machinchose", "Trucmuche", "Général Fictif", "Docteur Imaginaire", "Maréchal Inventé",
    "Sainte Hypothèse", "2e Régiment Supposé", "8 Février 9999",
]  # fmt: skip
COMMUNES = [
    ESSAI,
    MODELE,
    Commune("99003", "99030", "Exemplaire-lès-Fictions"),
    Commune("99004", "99040", "L'Invention"),
]
NUMBERS = [(1, ""), (2, ""), (15, ""), (15, "b"), (15, "bis"), (15, "ter"), (120, "")]
STREETS = [
    (f"{kind} {name}", commune)
    for k, commune in enumerate(COMMUNES)
    for j, name in enumerate(NAMES)
    for kind in KINDS[(k + j) % 5 :: 5]
]
WRITTEN = [
    ban(number, street, commune, suffix=suffix, at=(0.1 + 0.001 * at, 46.1 + 0.0001 * k))
    for at, (street, commune) in enumerate(STREETS)
    for k, (number, suffix) in enumerate(NUMBERS)
]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """The index of all of `WRITTEN`."""
    return indexed(tmp_path_factory.mktemp("index"), WRITTEN)


def search(index, text, **how):
    return index.search(make_query(text, **how))


def first(index, text, **how):
    return search(index, text, **how)[0]


def short(candidate):
    return candidate.type.value, candidate.housenumber, candidate.street, candidate.city


# ── What is written is found ─────────────────────────────────────────────────────────────────────────────────

rows = st.sampled_from(WRITTEN)


@st.composite
def spellings(draw, row):
    """The address of a row as people may type it."""
    number = draw(st.sampled_from([f"{row['numero']} {row['rep']}", row["numero"] + row["rep"]])).strip()
    comma = draw(st.sampled_from([" ", ", "]))
    city = draw(st.sampled_from([row["nom_commune"], f"{row['code_postal']} {row['nom_commune']}"]))
    text = f"{number}{comma}{row['nom_voie']}{comma}{city}"
    rng = random.Random(draw(st.integers(0, 2**32)))
    for name in ("abbreviations", "typo", "no accents", "cedex", "capitals"):
        if draw(st.booleans()):
            text = noise.NOISES[name](text, rng)
    return text


@given(rows)
def test_an_exact_address_is_found_with_score_1(index, row):
    number = f"{row['numero']} {row['rep']}".strip()
    for city in (row["nom_commune"], f"{row['code_postal']} {row['nom_commune']}", row["code_postal"]):
        candidate = first(index, f"{number} {row['nom_voie']} {city}")
        assert candidate.id == row["id"]
        assert (candidate.score == 1.0) is (city != row["code_postal"])  # a town that is not said is worth less
        assert (candidate.lon, candidate.lat) == pytest.approx((float(row["lon"]), float(row["lat"])), abs=1e-7)


def test_of_names_that_are_cut_short_the_likest_comes_first(index):
    found = search(index, "1 Résidence 8 Février 9999 Exemplaire-lès-jictions")
    assert found[0].street == "Résidence 8 Février 9999"


@examples(75, of=150)
@given(st.data(), rows)
def test_an_address_is_found_first_however_it_is_typed(index, data, row):
    assert first(index, data.draw(spellings(row))).id == row["id"]


@given(st.sampled_from(STREETS))
def test_a_street_is_found_without_a_number(index, written):
    street, commune = written
    candidate = first(index, f"{street}, {commune.name}")
    assert short(candidate) == ("street", None, street, commune.name)
    assert (candidate.id, candidate.score) == (street_id(street, commune), 1.0)


@given(rows)
def test_a_number_is_found_at_the_end_too(index, row):
    text = f"{row['nom_voie']} {row['numero']} {row['rep']}, {row['code_postal']} {row['nom_commune']}"
    assert first(index, text).id == row["id"]


@pytest.mark.parametrize("commune", COMMUNES)
def test_a_commune_is_found_in_the_middle_of_its_addresses(index, commune):
    mine = [row for row in WRITTEN if row["code_insee"] == commune.citycode]
    for text in (commune.name, f"{commune.postcode} {commune.name}", f"{commune.name.upper()} CEDEX"):
        candidate = first(index, text)
        assert short(candidate) == ("municipality", None, None, commune.name)
        assert candidate.id == candidate.citycode == commune.citycode
    assert candidate.lon == pytest.approx(sum(float(row["lon"]) for row in mine) / len(mine))
    assert candidate.lat == pytest.approx(sum(float(row["lat"]) for row in mine) / len(mine))


def test_lieux_dits_are_found(tmp_path):
    names = [lieu_dit("La Maquette"), lieu_dit("Le Moulin Inventé", MODELE, at=("0.4", "46.6"))]
    index = indexed(tmp_path, names, LIEUX_DITS)
    candidate = first(index, "moulin invente, st modele la foret")
    assert short(candidate) == ("locality", None, "Le Moulin Inventé", MODELE.name)
    assert (candidate.lon, candidate.lat, candidate.accuracy_m) == (0.4, 46.6, 500)


def test_a_bal_has_no_postcode_and_is_found_all_the_same(tmp_path):
    index = indexed(tmp_path, [bal(15, suffix="bis"), bal(99999, "La Maquette")], BAL_14)
    candidate = first(index, "15bis rue des Essais 99010 Essai-sur-Test")
    assert short(candidate) == ("housenumber", "15 bis", "Rue des Essais", ESSAI.name)
    assert candidate.postcode is None
    assert first(index, "La Maquette Essai-sur-Test").type is MatchType.LOCALITY


def test_a_former_commune_is_another_name_of_the_place(tmp_path):
    rows = [ban(1, nom_ancienne_commune="Vieille-Épreuve"), ban(1, commune=MODELE)]
    assert first(indexed(tmp_path, rows), "1 rue des Essais Vieille-Épreuve").city == ESSAI.name


def test_two_spellings_of_a_suffix_are_one(tmp_path):
    index = indexed(tmp_path, [ban(15, suffix="B"), ban(16, suffix="bis"), ban(17), ban(18, suffix="a")])
    assert first(index, "15 bis rue des Essais Essai-sur-Test").housenumber == "15 b"
    assert first(index, "16 b rue des Essais Essai-sur-Test").housenumber == "16 bis"
    assert first(index, "17 ter rue des Essais Essai-sur-Test").type is MatchType.STREET
    assert first(index, "18 rue des Essais Essai-sur-Test").type is MatchType.STREET


def test_a_number_the_street_has_not_gives_the_street_with_a_lower_score(index):
    street, commune = STREETS[0]
    candidate = first(index, f"99 {street} {commune.name}")
    assert short(candidate) == ("street", None, street, commune.name)
    assert 0.5 < candidate.score < 1


@pytest.mark.parametrize("text", ["{city}, {number} {street}", "{postcode} {city} {street} {number}"])
@pytest.mark.parametrize("row", WRITTEN[:: len(WRITTEN) // 7])
def test_the_order_of_the_parts_matters_little(index, text, row):
    names = {"street": "nom_voie", "city": "nom_commune", "postcode": "code_postal"}
    number = f"{row['numero']} {row['rep']}".strip()
    candidate = first(index, text.format(number=number, **{name: row[column] for name, column in names.items()}))
    assert candidate.id == row["id"]
    assert candidate.score == 1.0


@pytest.mark.parametrize("text", ["rue Maquette Gabarit", "rue Maquette Gabarit Bidule"])
def test_where_no_place_has_all_the_words_those_that_have_some_are_candidates_and_none_is_firm(tmp_path, text):
    streets = [("Rue Maquette", ESSAI), ("Rue Gabarit", MODELE), ("Rue Bidule", COMMUNES[2])]
    index = indexed(tmp_path, [ban(1, street, commune) for street, commune in streets])
    found = search(index, text)
    assert {one.street for one in found} == {street for street, _ in streets if street.split()[1] in text}
    assert all(one.score < 1 for one in found)
    assert firm(index, text) == []


@pytest.fixture
def eighth_of_may(tmp_path):
    return indexed(tmp_path, [ban(number, "Rue du 8 mai 1945") for number in (7, 8, 12)] + [ban(8), ban(12)])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("rue du 8 mai 1945 Essai-sur-Test", None),
        ("RUE DU 8 MAI 1945, 99010 ESSAI SUR TEST CEDEX", None),
        ("7 rue du 8 mai 1945 Essai-sur-Test", "7"),
        ("8 rue du 8 mai 1945 Essai-sur-Test", "8"),
        ("rue du 8 mai 1945, 12 Essai-sur-Test", "12"),
        ("rue du 8 mai 1945 8, Essai-sur-Test", "8"),
    ],
)
def test_the_numbers_of_a_name_are_not_house_numbers(eighth_of_may, text, number):
    candidate = first(eighth_of_may, text)
    assert (candidate.street, candidate.housenumber) == ("Rue du 8 mai 1945", number)


def test_a_number_at_the_end_of_a_long_name_is_not_lost(tmp_path):
    street = "Avenue du Professeur Anatole Fictif de la Montagne Inventée"
    assert first(indexed(tmp_path, [ban(12, street)]), f"{street} 12, Essai-sur-Test").housenumber == "12"


@pytest.mark.parametrize("tail", ["CEDEX", "Cedex 9", "BP 123", "B.P. 123", "CS 40012 Cedex 2", "TSA 12345"])
def test_what_leads_to_no_place_counts_for_nothing(index, tail):
    street, commune = STREETS[0]
    assert first(index, f"1 {street} {commune.postcode} {commune.name} {tail}").score == 1.0


# ── Codes ────────────────────────────────────────────────────────────────────────────────────────────────────

OF_CODE, OF_POSTCODE = Commune("59360", "59998", "Essai-de-Code"), Commune("59997", "59360", "Essai-de-Poste")


@pytest.fixture
def ambiguous(tmp_path):
    """A street in the commune whose INSEE code is 59360, one where that is the postcode, and one elsewhere."""
    return indexed(tmp_path, [ban(1, commune=commune) for commune in (OF_CODE, OF_POSTCODE, ESSAI)])


@pytest.mark.parametrize("text", ["1 rue des Essais 59360", "rue des Essais, 59360"])
def test_five_digits_may_be_an_insee_code_or_a_postcode_and_both_are_candidates(ambiguous, text):
    found = search(ambiguous, text)
    assert [one.city for one in found] == [OF_POSTCODE.name, OF_CODE.name]
    assert found[0].score - found[1].score < 0.01
    assert firm(ambiguous, text) == []


def test_five_digits_that_fit_nothing_discard_nothing(ambiguous):
    candidate = first(ambiguous, "1 rue des Essais 12345 Essai-sur-Test")
    assert (candidate.city, candidate.housenumber) == (ESSAI.name, "1")
    assert candidate.score < 1


def test_the_code_of_another_place_discards_nothing(ambiguous):
    assert ESSAI.name in {one.city for one in search(ambiguous, "1 rue des Essais 59360 Essai-sur-Test")}


def test_the_code_of_another_commune_of_the_departement_does_not_outweigh_the_name_of_the_commune(index):
    street, commune = next(written for written in STREETS if written[1] == MODELE)
    assert first(index, f"1 {street} {ESSAI.postcode} {commune.name}").id == f"{street_id(street, commune)}_00001"


def test_a_corsican_code_may_be_written_small():
    assert make_query("Loos", citycode="2a004") == make_query("Loos", citycode="2A004")


@pytest.mark.parametrize(
    ("filters", "cities"),
    [
        ({"postcode": "59360"}, {OF_POSTCODE.name}),
        ({"citycode": "59360"}, {OF_CODE.name}),
        ({"citycode": "59360", "postcode": "59998"}, {OF_CODE.name}),
        ({"citycode": "59360", "postcode": "59360"}, set()),
        ({"citycode": "2A004"}, set()),
        ({}, {OF_CODE.name, OF_POSTCODE.name, ESSAI.name}),
    ],
)
def test_explicit_codes_are_filters(ambiguous, filters, cities):
    assert {one.city for one in search(ambiguous, "1 rue des Essais", **filters)} == cities


# ── What an answer is ────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_has_the_fields_of_the_national_service(tmp_path):
    index = indexed(tmp_path, [ban(15, suffix="bis", at=(0.25, 46.5), type_position="parcelle")])
    assert first(index, "15 bis rue des Essais Essai-sur-Test") == Candidate(
        label="15 bis Rue des Essais 99010 Essai-sur-Test",
        score=1.0,
        type=MatchType.HOUSENUMBER,
        id=f"{street_id('Rue des Essais')}_00015_bis",
        housenumber="15 bis",
        street="Rue des Essais",
        postcode="99010",
        citycode="99001",
        city="Essai-sur-Test",
        lon=0.25,
        lat=46.5,
        position="parcelle",
        accuracy_m=40.0,
        source="index essai",
        edition="2030-01-02",
    )


@pytest.mark.parametrize("text", ["15 rue de la Maquette Essai-sur-Test", "Essai-sur-Test", "Chemin du Gabarit"])
def test_every_field_is_of_its_declared_type(index, text):
    kinds = {"str": str, "float": float, "MatchType": MatchType, "str | None": str | None, "Match | None": type(None)}
    for candidate in search(index, text):
        for name, kind in Candidate.__annotations__.items():
            assert isinstance(getattr(candidate, name), kinds[kind.__forward_arg__]), name
        assert 0 <= candidate.score <= 1


@pytest.mark.parametrize(("position", "radius"), [("entrée", 20), ("bâtiment", 30), ("segment", 50), ("", 30)])
def test_the_kind_of_position_gives_the_accuracy(tmp_path, position, radius):
    candidate = first(indexed(tmp_path, [ban(1, type_position=position)]), "1 rue des Essais Essai-sur-Test")
    assert (candidate.position, candidate.accuracy_m) == (position or None, radius)


def test_a_street_and_a_commune_are_coarse(index):
    assert first(index, f"{STREETS[0][0]} {STREETS[0][1].name}").accuracy_m == 500
    assert first(index, ESSAI.name).accuracy_m == 5000


def test_candidates_come_best_first_and_no_more_than_asked(index):
    found = index.search(make_query("15 rue Maquette"), limit=50)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len(found) > 2
    assert index.search(make_query("15 rue Maquette"), limit=2) == found[:2]


# ── What is being typed ──────────────────────────────────────────────────────────────────────────────────────


@given(rows, st.integers(2, 5))
def test_what_is_typed_of_a_street_leads_to_it(index, row, letters):
    *words, last = row["nom_voie"].split()
    typed = " ".join([row["numero"], *words, last[:letters]])
    found = {(one.housenumber, one.street) for one in index.complete(typed, limit=60)}
    assert (row["numero"], row["nom_voie"]) in found


@pytest.mark.parametrize("text", ["", "   ", "...", "12", "rue des ", "rue -", '" OR place:*', "zzyzx qw"])
def test_what_begins_no_word_leads_nowhere(index, text):
    assert index.complete(text) == []


@pytest.mark.parametrize("text", ["zzyzx", "12 zzyzx", "...", "12345", "3 qwxz 99999", "12 bis"])
def test_what_is_not_found_is_an_empty_list(tmp_path, text):
    assert search(indexed(tmp_path, [ban(1)]), text) == []


HOSTILE = [
    '"',
    "'",
    "*",
    "AND",
    "OR",
    "NOT",
    "NEAR(",
    "^",
    ";--",
    ") OR (1=1",
    "words:",
    "%",
    "\x00",
    "é*",
    "{",
    "+",
    "-",
]


@given(st.lists(st.sampled_from([*HOSTILE, "essai", "12", "99001"]) | st.text(max_size=12), min_size=1, max_size=8))
def test_no_text_is_an_order_to_the_database(index, pieces):
    found = search(index, (" ".join(pieces) + " essai")[-200:])
    assert all(isinstance(one, Candidate) for one in found)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_special_character_does_not_hide_an_address(index, hostile):
    street, commune = STREETS[0]
    assert first(index, f"1 {street} {hostile} {commune.name}").id == f"{street_id(street, commune)}_00001"


# ── Typed errors ─────────────────────────────────────────────────────────────────────────────────────────────

letters = st.text("abcdefgh", min_size=SHORTEST_MISTYPED, max_size=10)


@given(letters)
def test_deletions_find_every_word_one_edit_away(word):
    mine = set(deletions(word))
    edits = {word[:k] + word[k + 1 :] for k in range(len(word))}
    edits |= {word[:k] + letter + word[k + 1 :] for k in range(len(word)) for letter in "axyz"}
    edits |= {word[:k] + letter + word[k:] for k in range(len(word) + 1) for letter in "axyz"}
    edits |= {word[:k] + word[k + 1] + word[k] + word[k + 2 :] for k in range(len(word) - 1)}
    for other in edits:
        assert OSA.distance(word, other) <= 1
        if len(other) >= SHORTEST_MISTYPED:
            assert mine & set(deletions(other)), other


def test_words_too_short_to_be_mistyped_have_no_deletion_but_themselves():
    assert list(deletions("ab")) == ["ab"]


def test_a_letter_in_another_place_is_forgiven_in_a_long_word_and_not_in_a_short_one(tmp_path):
    index = indexed(tmp_path, [ban(1, "Rue Machinchose"), ban(1, "Rue Bidule", MODELE)])
    assert first(index, "1 rue Mchinachose").street == "Rue Machinchose"
    assert search(index, "1 rue bduiel") == []


def test_a_mistyped_kind_of_street_is_set_right(tmp_path):
    index = indexed(tmp_path, [ban(1, f"{kind} Maquette") for kind in ("Avenue", "Place", "Boulevard")])
    found = [first(index, f"1 {kind} Maquette, Essai-sur-Test") for kind in ("Avneue", "Palce", "Boulevrad")]
    assert [one.street for one in found] == ["Avenue Maquette", "Place Maquette", "Boulevard Maquette"]


# ── An index as a whole ──────────────────────────────────────────────────────────────────────────────────────


def test_an_index_tells_its_departments(tmp_path):
    codes = ["86194", "2A004", "97411", "98818", "01001"]
    rows = [ban(1, commune=Commune(code, "99010", f"Essai {code}")) for code in codes]
    assert indexed(tmp_path, rows).departments == {"86", "2A", "974", "988", "01"}


def test_many_threads_may_share_an_index(index):
    def ask(row):
        text = f"{row['numero']} {row['rep']} {row['nom_voie']} {row['nom_commune']}"
        return index.search(make_query(text), limit=1)[0].id

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, WRITTEN)) == [row["id"] for row in WRITTEN]


@pytest.mark.usefixtures("socket_disabled")
def test_no_socket_is_opened(index):
    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket()
    street, commune = STREETS[0]
    candidate = first(index, f"1 {street} {commune.name}")
    assert candidate.score == 1.0
    assert index.reverse(lon=candidate.lon, lat=candidate.lat)
    assert index.street_numbers(candidate)
    assert first(PublishedPlaces(data_folder()), "Collège René Descartes, Loos").type is MatchType.POI


# ── Published places ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "collège René Descartes, Loos",
        "COLLEGE DESCARTES 59120 LOOS",
        "rue Édouard Herriot, collège René Descartes, Loos",
    ],
)
def test_a_published_place_is_found_offline(text):
    candidate = first(published_places(data_folder()), text)
    assert candidate.type is MatchType.POI
    assert (candidate.lon, candidate.lat, candidate.postcode) == (3.00671, 50.60889, "59120")
    assert (candidate.position, candidate.accuracy_m) == (ESTABLISHMENT, 20)
    assert candidate.source == "index lieux-publies"


def test_published_places_alone_do_not_tell_where_a_commune_is():
    assert all(one.type is MatchType.POI for one in search(published_places(data_folder()), "59120 Loos"))


def test_published_places_are_read_once_and_many_may_read_them(tmp_path):
    places = published_places(data_folder())
    assert published_places(data_folder()) is places
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: first(places, "collège René Descartes, Loos").id, range(64)))
    assert set(found) == {"etablissement-loos-descartes"}
    rows = [lieu_dit("Théâtre de la Maquette") | {"type_position": ESTABLISHMENT}]
    write(tmp_path / "published-addresses.csv", rows, [*LIEUX_DITS, "type_position"])
    assert first(PublishedPlaces(tmp_path), "théâtre de la maquette").city == ESSAI.name


# ── Real addresses ───────────────────────────────────────────────────────────────────────────────────────────

LEAST = {"complete": 0.998, "street+city": 0.99, "street+postcode": 0.995}
LEAST_WITH_NOISE = 0.95
SEED = 1


@pytest.fixture(scope="module")
def real(sample_home):
    [index] = AddressStore(sample_home).indexes()
    return index


@pytest.fixture(scope="module")
def cases(shared):
    with (shared / "addresses/cases-sample.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def recalls(index, asked):
    """The share of right answers of each kind of question."""
    total, right = Counter(), Counter()
    for kind, text, expected in asked:
        found = index.search(make_query(text), limit=1)
        total[kind] += 1
        right[kind] += bool(found) and found[0].id == expected
    return {kind: right[kind] / total[kind] for kind in total}


def test_real_addresses_are_found_first(real, cases):
    found = recalls(real, [(case["kind"], case["query"], case["expected_id"]) for case in cases])
    assert len(cases) == 1536
    assert found.keys() == LEAST.keys()
    assert {kind: share for kind, share in found.items() if share < LEAST[kind]} == {}


@pytest.mark.more
def test_real_addresses_are_found_first_however_they_are_typed(real, cases):
    asked = [
        ((case["kind"], name), hurt, case["expected_id"])
        for case in (cases if LONG else cases[::4])
        for name, hurt in noise.noisy(case["query"], SEED)
    ]
    found = recalls(real, asked)
    assert {name for _, name in found} == set(noise.NOISES)
    assert {kind: share for kind, share in found.items() if share < LEAST_WITH_NOISE} == {}


# ── The same whatever came before ────────────────────────────────────────────────────────────────────────────


@given(st.randoms(use_true_random=False))
@examples(20)
def test_what_is_found_does_not_depend_on_what_was_asked_before(index, chance):
    """Streets are remembered from one house number to the next: an index that was asked nothing finds the same."""
    street, commune = chance.choice(STREETS)
    texts = [
        f"{number} {noise.typo(street, chance) if chance.random() < 0.3 else street} {commune.postcode}"
        for number in chance.choices(["1", "2", "15", "15 bis", "15 B", "120", "7", "1-15", "", "8 mai"], k=6)
    ]
    remembering = [search(index, text) for text in texts]
    for text, found in zip(texts, remembering, strict=True):
        assert search(OfflineIndex(index.path), text) == found


IN_ANOTHER_PROCESS = """
import json, sys
from pathlib import Path
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import make_query
index = OfflineIndex(Path(sys.argv[1]))
print(json.dumps([[one.id for one in index.search(make_query(text))] for text in sys.argv[2:]]))
"""


def test_what_is_found_does_not_depend_on_chance(real):
    """Where more names are as near as the last that is looked at, which ones are is the same in every process."""
    texts = [
        "4dRue Docteur Pujbos 86310 Saint-Germain",
        "8 Rue Croix ae la Comtesse 86310kHaims",
        "9 Rue Charlcs Le Goffic 86310 alliers",
    ]
    found = {
        subprocess.run(
            [sys.executable, "-c", IN_ANOTHER_PROCESS, str(real.path), *texts],
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (6, 9)
    }
    assert len(found) == 1
