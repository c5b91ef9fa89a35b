"""The fiche of a verdict: one page with the answer, the sentence, the notice and the digest, whatever it is of."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pypdf
import pytest
import shapely
from examples import examples
from fake_geocoder import FakeGeocoder, candidate, offline_index, row
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st
from synthetic import degrees, perimeters, point, square

from qpv_geo.eligibility.check import Checker
from qpv_geo.model import PlausibleMatch, StreetSide
from qpv_geo.perimeters.catalogue import Catalogue
from qpv_geo.perimeters.registry import registry
from qpv_geo.reports.fiche import write_fiche
from qpv_geo.reports.places import perimeters_of
from qpv_geo.reports.streets import streets_of
from qpv_geo.schemes.evaluate import decide_scheme
from qpv_geo.schemes.load import find_scheme
from qpv_geo.settings import Settings

MOMENT = datetime(2024, 6, 3, 9, 5, tzinfo=UTC)
SQUARES = perimeters(square(0, 0, 1000), square(3000, 0, 500), name="qpv-2024")
ELSEWHERE = {"lon": 4.8357, "lat": 45.764}
STREET = "Rue des Carrés, 99990 Essai"
NOTICE = "Résultat indicatif, ne vaut pas attestation réglementaire."


def alone_in(home):
    """Settings of a home where no geocoder is asked."""
    return Settings(home=home, geocoder_url="http://127.0.0.1:9", http_attempts=1)  # nobody listens there


@pytest.fixture(scope="module")
def checker(tmp_path_factory):
    home = tmp_path_factory.mktemp("fiche")
    catalogue = Catalogue(home)
    catalogue.store.install(SQUARES)
    return Checker(alone_in(home), catalogue=catalogue, clock=lambda: MOMENT)


@pytest.fixture(scope="module")
def verdicts(checker):
    """A verdict of each kind over the squares, by a name."""
    return of_squares(checker, checker.settings.home)


@pytest.fixture(scope="module")
def written(checker, verdicts):
    """Return the fiche of a verdict by its name, written once."""
    return cache(lambda name: fiche(checker, verdicts[name]))


@pytest.fixture(scope="module")
def said(written):
    """Return the text of a fiche by the name of its verdict."""
    return cache(lambda name: read(written(name)))


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    """A checker of the embedded perimeters alone, which are not complete everywhere."""
    return Checker(alone_in(tmp_path_factory.mktemp("other")), clock=lambda: MOMENT)


def fiche(checker, verdict, **options):
    stream = io.BytesIO()
    write_fiche(verdict, stream, perimeters=perimeters_of(verdict, checker.catalogue), **options)
    return stream.getvalue()


def read(pdf):
    """Return the text of the one page, spaces and line breaks as plain spaces."""
    [page] = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(page.extract_text().split())


def heights(pdf):
    """Return each text of the page with its height above the bottom, in the order of reading."""
    found = []
    [page] = pypdf.PdfReader(io.BytesIO(pdf)).pages
    page.extract_text(visitor_text=lambda text, _, place, *__: found.append((plain(text), place[5])))
    return [one for one in found if one[0]]


def plain(text):
    return " ".join(text.split())


ADDRESSES = {
    "number_unknown": "99 rue des Carrés, Essai",
    "other_street": "mairie des Carrés, Essai",
    "numbers": "1-3 rue des Carrés, Essai",
    "number_unknown_of_several": "1-99 rue des Carrés, Essai",
    "town_unsaid": "1 rue Double",
    "missing_addresses": "1 rue des Carrés, Lyon",
    "commune": "Poitiers",
    "communes": "Saint-Denis",
}
"""Of which an index of a street and of two streets of one name says no more than it knows."""


def of_addresses(checker, index):
    return {name: checker.check(address=text, geocoder=index, on="2024-06-01") for name, text in ADDRESSES.items()}


def of_squares(checker, home):
    """Return a verdict of each kind over the squares, by a name."""
    near = candidate(995, 500, "3 Rue des Carrés", score=0.9)
    geocoder = FakeGeocoder({"rue des carrés": [candidate(500, 500, score=0.92), near, candidate(9000, 0, score=0.9)]})
    namesake = row(500, 500, 1, "Rue Double", code_postal="99980", code_insee="99998", nom_commune="Ailleurs")
    doubles = row(500, 500, 1, "Rue Double"), namesake
    index = offline_index(home, *(row(950 + 10 * number, 500, number) for number in range(1, 12)), *doubles)
    return {
        **of_addresses(checker, index),
        "inside": checker.check(**point(500, 500), on="2024-06-01"),
        "outside": checker.check(**point(1700, 500), on="2024-06-01"),
        "far": checker.check(**point(30_000, 500), on="2024-06-01"),
        "near": checker.check(**point(995, 500), accuracy_m=20.0, on="2024-06-01"),
        "site": checker.check(site=degrees(square(900, 400, 200)), on="2024-06-01"),
        "line": checker.check(site=degrees(shapely.LineString(shapely.get_coordinates(square(900, 400, 200))))),
        "points": checker.check(site=degrees(shapely.MultiPoint(shapely.get_coordinates(square(900, 400, 200))))),
        "candidates": checker.check(address="rue des carrés", geocoder=geocoder, on="2024-06-01"),
        "street": checker.check(address=STREET, geocoder=index, on="2024-06-01"),
        "not_located": checker.check(address="nulle part au monde", geocoder=geocoder, on="2024-06-01"),
    }


NAMES = (
    *("inside", "outside", "far", "near", "site", "line", "points", "candidates", "street", "not_located"),
    *ADDRESSES,
)


@pytest.mark.parametrize("name", NAMES)
def test_a_fiche_is_one_page_with_all_that_proves_the_answer(verdicts, said, name):
    verdict = verdicts[name]
    text = said(name)
    assert plain(verdict.message) in text
    assert verdict.evidence.digest in text
    assert NOTICE in text
    assert "qpv verify" in text
    if verdict.evidence.sha256 is not None:
        assert verdict.evidence.sha256 in text


@pytest.mark.parametrize(
    ("name", "word"),
    [("inside", "EN QPV"), ("outside", "HORS QPV"), ("near", "À VÉRIFIER"), ("not_located", "NON LOCALISÉE")],
)
def test_the_answer_is_in_words(said, name, word):
    assert word in said(name)


def test_a_place_that_is_not_covered_is_no_place_outside(extract):
    verdict = extract.check(**ELSEWHERE, on="2024-06-01")
    text = read(fiche(extract, verdict))
    assert "À VÉRIFIER" in text
    assert "Part en QPV non établi" in text
    assert "Quartiers touchés non établi" in text


def test_no_generation_is_said_to_be_in_force_on_a_day_to_come(extract):
    loos = {"lon": 3.00671, "lat": 50.60889}
    to_come, past = (read(fiche(extract, extract.check(**loos, on=day))) for day in ("2999-01-01", "2024-06-01"))
    assert "2999 (date à venir), génération qpv-2024 en vigueur aujourd’hui" in to_come
    assert "1er juin 2024, génération qpv-2024 en vigueur" in past
    assert "à venir" not in past


def test_who_verifies_is_told_whole(extract):
    verdict = extract.check(lon=3.00671, lat=50.60889, accuracy_m=20, on="2024-06-01")
    assert verdict.reason == "near_boundary"
    found = {"label": "1 Rue Synthétique 59120 Loos", "type": "housenumber", "score": 1.0, "source": "index d'essai"}
    match = dict.fromkeys(("number", "street", "postcode", "city"), "same")
    asked = {"q": "1 rue Synthétique 59120 Loos"}
    told = replace(verdict, location=replace(verdict.location, **found, match=match, asked=asked))
    assert "Vérification par le service instructeur." in read(fiche(extract, told))


def test_candidates_and_numbers_are_listed(verdicts, said):
    for one in verdicts["candidates"].candidates:
        assert one.label in said("candidates")
    for side in verdicts["street"].street:
        for numbers in (side.inside, side.outside, side.uncertain):
            assert ", ".join(numbers) in said("street")


def test_what_was_asked_stands_beside_what_was_found_and_how_it_agrees(said):
    text = said("number_unknown")
    assert "Demandé « 99 rue des Carrés, Essai »" in text
    assert "Trouvé Rue des Carrés 99990 Essai (score " in text
    assert "Comparaison numéro : différent ; rue : identique ; commune : identique" in text
    assert ": à vérifier (numéro : différent)" in text


def test_a_weak_match_is_given_no_share_and_no_distance(said):
    text = said("other_street")
    assert "Part en QPV" not in text
    assert "Distance à la limite" not in text


def test_nothing_found_is_said_beside_what_was_asked(said):
    assert "Trouvé aucune adresse" in said("not_located")
    text = said("missing_addresses")
    assert "Trouvé aucune adresse (commune reconnue)" in text
    assert "À installer À transmettre à l’administrateur : qpv addresses fetch 69" in text


def test_a_commune_alone_is_found_without_a_map_or_a_share(extract):
    verdict = extract.check(address="Poitiers", on="2024-06-01")
    text = read(fiche(extract, verdict)).replace("\u00a0", " ")
    assert "Trouvé Poitiers (commune, sans rue ni numéro)" in text
    assert "Couronneries Saint-Eloi (QN08605M)" in text
    assert "Pas de carte : seule la commune est connue." in text
    assert "Part en QPV" not in text


def decided(checker, verdict, *names, **options):
    schemes = [find_scheme(name, checker.settings.home, generations=registry().generations) for name in names]
    return [decide_scheme(one, checker=checker, verdict=verdict, **options) for one in schemes]


ANSWERS = {
    "place_ok": "LIEU CONFORME, LE RESTE À VÉRIFIER",
    "eligible": "ÉLIGIBLE",
    "not_eligible": "NON ÉLIGIBLE",
    "to_review": "À VÉRIFIER",
}


def sourced(reason, text):
    """Tell whether a reason is in a text with its source, which is named once for reasons that follow one another."""
    named = (f"{plain(reason.source.title)}]", "idem]")
    told = any(after.startswith(named) for after in text.split(f"{plain(reason.text)} [")[1:])
    return told and plain(reason.source.title) in text


def test_what_a_scheme_says_is_told(extract):
    verdict = extract.check(lon=3.00671, lat=50.60889, on="2024-06-01")
    [decision] = decided(extract, verdict, "pic-loos", amount=9_999)
    text = read(fiche(extract, verdict, decisions=[decision]))
    assert "NON ÉLIGIBLE" in text
    for reason in decision.reasons:
        assert sourced(reason, text)


def of_scheme(checker, name, **options):
    """The text of the fiche of a scheme, in Les Oliveaux."""
    verdict = checker.check(lon=3.00671, lat=50.60889, on=options.pop("on", "2024-06-01"))
    return read(fiche(checker, verdict, decisions=decided(checker, verdict, name, **options)))


def test_what_is_declared_is_said_to_be_and_what_is_not_is_a_box_to_tick(extract):
    question = "Le comité a-t-il donné un avis favorable ?"
    text = of_scheme(extract, "pic-loos", amount=1_200)
    assert "LIEU CONFORME, LE RESTE À VÉRIFIER Projet d’initiative citoyenne (PIC), Loos" in text
    assert f"☐ Reste à vérifier : {question}" in text
    assert "✔ Le montant demandé, 1 200 euros, ne dépasse pas le plafond de 1 500 euros" in text
    text = of_scheme(extract, "pic-loos", amount=1_200, answers={"comite": True})
    assert "✔ ÉLIGIBLE" in text
    assert f"✔ {question} Oui (déclaré)." in text
    text = of_scheme(extract, "pic-loos", amount=1_800, answers={"comite": False})
    assert "✘ NON ÉLIGIBLE" in text
    assert f"✘ {question} Non (déclaré)." in text
    assert "✘ Le montant demandé, 1 800 euros, dépasse le plafond" in text
    assert "☐" not in text


def test_the_steps_of_a_file_are_told_unless_it_is_not_eligible(extract):
    steps = "Étapes du dossier : 1. La demande est déposée auprès de la ville. 2. Le comité donne son avis."
    assert steps in of_scheme(extract, "pic-loos", amount=1_200)
    assert "Étapes du dossier" not in of_scheme(extract, "pic-loos", amount=1_800)


def test_a_later_date_says_until_when_the_rules_are_known(extract):
    known = "D’après les périmètres et les règles connus au"
    assert known in of_scheme(extract, "tfpb-1388-bis", on="2027-06-01")
    assert known not in of_scheme(extract, "tfpb-1388-bis", on="2026-06-01")


def test_the_title_of_a_scheme_is_whole_beside_the_longest_answer(extract):
    verdict = extract.check(lon=3.00671, lat=50.60889, on="2025-06-01")
    decisions = decided(extract, verdict, "tfpb-1388-bis", "cfe-qpv", "tva-accession")
    text = read(fiche(extract, verdict, decisions=decisions))
    for decision in decisions:
        assert f"LIEU CONFORME, LE RESTE À VÉRIFIER {plain(decision.label)}" in text


@pytest.mark.parametrize("accuracy", [0.0, 30.0])
def test_every_reason_of_a_scheme_is_whole_with_the_article_it_rests_on(extract, accuracy):
    verdict = extract.check(lon=3.00768, lat=50.60523, accuracy_m=accuracy, on="2024-06-01")
    [decision] = decided(extract, verdict, "tfpb-1383-c-ter")
    text = read(fiche(extract, verdict, decisions=[decision]))
    assert len(decision.reasons) > 5
    for reason in decision.reasons:
        assert sourced(reason, text)


def test_a_street_across_the_limit_keeps_its_numbers_beside_the_reasons_of_a_scheme(checker, verdicts):
    verdict = verdicts["street"]
    [decision] = decided(checker, verdict, "emplois-francs")
    text = read(fiche(checker, verdict, decisions=[decision]))
    for reason in decision.reasons:
        assert sourced(reason, text)
    for side in verdict.street:
        for numbers in (side.inside, side.outside, side.uncertain):
            assert ", ".join(numbers) in text


def test_every_scheme_is_named_with_its_answer_and_the_reasons_that_have_room(extract):
    names = ("tva-accession", "tfpb-1388-bis", "ftu-loos", "fiq-poitiers")
    verdict = extract.check(lon=3.00768, lat=50.60523, accuracy_m=30.0, on="2024-06-01")
    decisions = decided(extract, verdict, *names)
    text = read(fiche(extract, verdict, decisions=decisions))
    for decision in decisions:
        answer = ANSWERS[decision.outcome]
        assert f"{answer} {plain(decision.label)}" in text
        shown = [sourced(one, text) for one in decision.reasons]
        left_out = shown.count(False)
        assert any(shown)
        if left_out:
            left_out += bool(decision.steps) and "Étapes du dossier" not in text
            others = "autre" if left_out == 1 else "autres"
            assert f"et {left_out} {others} (voir la réponse complète)" in text


def test_schemes_beyond_the_page_still_have_their_answer(extract):
    verdict = extract.check(lon=3.00768, lat=50.60523, accuracy_m=30.0, on="2024-06-01")
    decisions = [
        replace(decision, label=f"Dispositif d'essai {k}")
        for k, decision in enumerate(decided(extract, verdict, "tva-accession", "fiq-poitiers") * 12)
    ]
    text = read(fiche(extract, verdict, decisions=decisions))
    assert "Autres dispositifs demandés" in text
    for decision in decisions:
        answer = ANSWERS[decision.outcome]
        assert f"{answer} {decision.label} " in text or f"{decision.label} : {answer}" in text
    assert verdict.evidence.digest in text


def test_all_schemes_that_are_asked_reach_the_pdf(qpv, tmp_path):
    path = tmp_path / "fiche.pdf"
    schemes = ("--scheme", "pic-loos", "--scheme", "ftu-loos", "--scheme", "fiq-poitiers")
    answer = qpv("check", "--lon", 3.00671, "--lat", 50.60889, "--on", "2024-06-01", *schemes, "--pdf", path)
    assert answer.code == 0
    text = read(path.read_bytes())
    for label in (
        "Projet d’initiative citoyenne",
        "Fonds de travaux urbains",
        "Fonds d’initiatives pour les quartiers",
    ):
        assert label in text


def test_the_map_is_there_only_where_the_very_perimeters_are(verdicts, written, extract):
    [page] = pypdf.PdfReader(io.BytesIO(written("inside"))).pages
    assert len(page.images) == 1
    [page] = pypdf.PdfReader(io.BytesIO(fiche(extract, verdicts["inside"]))).pages
    assert len(page.images) == 0
    assert "ne sont plus installés" in plain(page.extract_text())


@pytest.mark.parametrize("name", ["inside", "street", "not_located"])
def test_the_same_verdict_gives_the_same_bytes(checker, verdicts, written, name):
    assert fiche(checker, verdicts[name]) == written(name)


def test_the_document_says_what_it_is(checker, tmp_path):
    verdict = checker.check(**point(500, 500), on="2024-06-01")
    path = tmp_path / "fiche.pdf"
    write_fiche(verdict, path)
    document = pypdf.PdfReader(path)
    assert document.metadata.title == "Fiche de vérification"
    assert document.metadata.creation_date == MOMENT
    assert NOTICE in document.metadata.subject
    assert document.trailer["/Root"]["/Lang"] == "fr-FR"


def test_thirty_candidates_and_two_thousand_numbers_are_counted(checker):
    verdict = checker.check(**point(500, 500), on="2024-06-01")
    many = tuple(
        PlausibleMatch(f"{k} Rue Longue {'Très ' * 60}", 0.9, "housenumber", None, "inside", None) for k in range(30)
    )
    side = StreetSide("odd", tuple(str(k) for k in range(1, 4001, 2)), (), ("7 bis",))
    text = read(fiche(checker, replace(verdict, candidates=many, street=(side,))))
    assert text.count(" autres (voir la") == 2
    assert "7 bis" in text
    assert verdict.evidence.digest in text


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=400) | st.sampled_from(
    [
        "x" * 3_000,
        "mot " * 2_000,
        "$\\frac$",
        "**gras** __souligné__",
        "שלום عربى",
        "🏠" * 50,
        "\x00\x1b[31m",
        "a\u202fb",
    ]
)


@examples(3, of=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(anything, anything, anything, st.integers(0, 5))
@example("mot " * 2_000, "x" * 3_000, "🏠" * 50, 5)
def test_whatever_the_texts_it_is_one_page(checker, message, name, label, count):
    verdict = checker.check(**point(990, 500), accuracy_m=30.0, on="2024-06-01")
    hostile = replace(
        verdict,
        message=message,
        perimeters=tuple(replace(one, name=name) for one in verdict.perimeters * 20),
        nearest=replace(verdict.nearest, name=name),
        location=replace(verdict.location, label=label, score=0.5),
        evidence=replace(verdict.evidence, title=label, source=name, decrees=(label, name) * 10),
    )
    [decision] = decided(checker, verdict, "tva-accession")
    reasons = tuple(replace(one, text=message, source=replace(one.source, title=name)) for one in decision.reasons)
    decisions = [replace(decision, label=label, reasons=reasons), replace(decision, label=name)] * count
    drawn = replace(SQUARES, names=(name,) * len(SQUARES))
    stream = io.BytesIO()
    write_fiche(hostile, stream, perimeters=drawn, decisions=decisions)
    text = read(stream.getvalue())
    assert verdict.evidence.digest in text
    assert NOTICE in text
    placed = heights(stream.getvalue())
    [proof] = [k for k, (words, _) in enumerate(placed) if "Justificatifs" in words]
    assert min(height for _, height in placed[:proof]) > placed[proof][1]
    assert min(height for _, height in placed) > 0


@pytest.mark.parametrize("case", ["Дело № 12", "Ωμέγα 12", "dossier № 12"])
def test_letters_of_other_alphabets_are_written(checker, verdicts, case):
    assert case in read(fiche(checker, verdicts["inside"], case=case))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("near", "Situez l’entrée sur un plan, ou demandez le plan de la parcelle. Vérification par le service"),
        ("street", "Ajoutez le numéro. Vérification par le demandeur"),
        ("missing_addresses", "Demandez à l’administrateur d’installer les adresses de ce département."),
    ],
)
def test_what_is_to_verify_is_said_with_who_does_it(said, name, words):
    assert words in said(name)


def test_a_firm_answer_leaves_nothing_to_verify(said):
    assert "Vérification par" not in said("inside")


def links(pdf):
    [page] = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return [one.get_object()["/A"]["/URI"] for one in page.get("/Annots", [])]


def test_a_link_asks_the_question_again_where_there_is_one(checker, verdicts, written):
    pdf = fiche(checker, verdicts["inside"], again="https://qpv.example/?lon=1&lat=2")
    assert (links(pdf), links(written("inside"))) == (["https://qpv.example/?lon=1&lat=2"], [])
    assert "Vérifier à nouveau" in read(pdf)


@pytest.mark.usefixtures("verdicts")  # which install an index of addresses
def test_the_map_shows_the_streets_of_the_installed_addresses(checker):
    boxes = []

    def streets(box):
        boxes.append(box)
        return streets_of(checker.settings)(box)

    near = checker.check(**point(1000, 520), on="2024-06-01")
    drawn, bare = fiche(checker, near, streets=streets), fiche(checker, near)
    assert "Points gris : numéros des rues" in read(drawn)
    assert "Points gris" not in read(bare)
    assert pixels(drawn) != pixels(bare)
    [(west, south, east, north)] = boxes
    assert west < near.location.lon < east
    assert south < near.location.lat < north
    far = checker.check(**point(500, 60_000), on="2024-06-01")
    assert "Points gris" not in read(fiche(checker, far, streets=streets))


def pixels(pdf):
    [page] = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return [image.data for image in page.images]
