"""`qpv check` of an address: what was asked beside what was found, and which part of it differs."""

from __future__ import annotations

import json

import pytest
from fake_geocoder import offline_index, row
from synthetic import perimeters, square

ON = "2024-06-01"
NOTICE = "Résultat indicatif, ne vaut pas attestation réglementaire."


@pytest.fixture
def index(catalogue, home):
    """A square of perimeter, and an index of two streets of the same town."""
    catalogue.store.install(perimeters(square(0, 0, 400)))
    return offline_index(home, row(200, 200, 1), row(2_000, 200, 90), row(200, 300, 5, "Rue des Lilas"))


@pytest.fixture
def told(qpv):
    """Check an address offline, and return the lines of the answer, no-break spaces as plain ones."""

    def check(*question):
        answer = qpv("check", *question, "--on", ON, "--offline")
        assert answer.code == 0, answer.err
        return answer.out.replace("\u00a0", " ").splitlines()

    return check


def facts(lines):
    """Return each label with its text, however many lines it has; what has no label of its own follows the last."""
    found = {}
    label = None
    for line in lines:
        if line.startswith("  ") and line[2:22].strip():
            label = line[2:22].strip()
            found[label] = [line[22:]]
        elif label is not None and line.startswith(" " * 22):
            found[label].append(line.strip())
    return found


@pytest.mark.usefixtures("index", "socket_disabled")
def test_a_firm_answer_tells_how_each_part_agrees(told):
    read = facts(told("1 rue des Carés, Essai"))
    assert read["Demandé"] == ["« 1 rue des Carés, Essai »"]
    label, how = read["Trouvé"]
    assert label.startswith("1 Rue des Carrés 99990 Essai (score ")
    assert "± 20 m" in label
    assert how == "numéro : identique ; rue : orthographe différente ; commune : identique"
    assert "Lieu" not in read


@pytest.mark.usefixtures("index", "socket_disabled")
def test_codes_that_are_given_beside_the_address_are_asked_too(told):
    read = facts(told("1 rue des Carrés", "--citycode", "99999"))
    assert read["Demandé"] == ["« 1 rue des Carrés », code INSEE 99999"]
    assert read["Motif"] == ["réponse ferme"]


@pytest.mark.usefixtures("index", "socket_disabled")
def test_a_candidate_is_listed_with_the_part_that_differs(told):
    lines = told("7 rue des Carrés, Essai")
    assert lines[0] == "À VÉRIFIER"
    read = facts(lines)
    assert read["Trouvé"][1] == "numéro : différent ; rue : identique ; commune : identique"
    assert read["Adresses proches"][0].startswith("Rue des Carrés 99990 Essai (score ")
    assert " ".join(read["Adresses proches"]).endswith(" : à vérifier (numéro : différent)")


@pytest.mark.usefixtures("catalogue", "socket_disabled")
def test_a_town_that_is_not_said_is_what_keeps_candidates_from_being_the_address(told, home, catalogue):
    catalogue.store.install(perimeters(square(0, 0, 400)))
    elsewhere = {"code_postal": "99980", "code_insee": "99998", "nom_commune": "Ailleurs"}
    offline_index(home, row(200, 200, 1), row(2_000, 200, 1, **elsewhere))
    read = facts(told("1 rue des Carrés"))
    assert read["Trouvé"][1] == "numéro : identique ; rue : identique ; commune : non précisée"
    places = " ".join(read["Adresses proches"])
    assert "1 Rue des Carrés 99990 Essai (score 0,75) : en QPV (commune : non précisée)" in places
    assert "1 Rue des Carrés 99980 Ailleurs (score 0,75) : hors QPV (commune : non précisée)" in places


@pytest.mark.usefixtures("index", "socket_disabled")
def test_what_is_not_found_says_what_of_it_was_recognised(told):
    lines = told("12 rue des Tulipes, Essai")
    assert lines[0] == "NON LOCALISÉE"
    read = facts(lines)
    assert read["Demandé"] == ["« 12 rue des Tulipes, Essai »"]
    assert read["Trouvé"] == ["aucune adresse (commune reconnue)"]


@pytest.mark.usefixtures("index", "socket_disabled")
def test_a_command_stands_apart_for_the_administrator(told):
    lines = told("30 boulevard Antonio Vivaldi, Lyon")
    assert lines[0] == "NON LOCALISÉE"
    assert "  À transmettre à l’administrateur : qpv addresses fetch 69" in lines
    assert sum("qpv addresses" in line for line in lines) == 1
    assert lines[-1].strip() == NOTICE


@pytest.mark.usefixtures("socket_disabled")
def test_perimeters_that_do_not_cover_a_place_have_their_command_apart_too(told):
    lines = told("--lon", "4.8357", "--lat", "45.764")
    assert "  À transmettre à l’administrateur : qpv perimeters fetch qpv-2024" in lines
    assert sum("qpv perimeters" in line for line in lines) == 1


@pytest.mark.usefixtures("socket_disabled")
def test_a_commune_alone_is_found_with_its_quartiers_and_no_share(told):
    read = facts(told("Poitiers"))
    assert read["Trouvé"] == ["Poitiers (commune, sans rue ni numéro)", "commune : identique"]
    assert "Part en QPV" not in read
    assert "Couronneries Saint-Eloi (QN08605M), QPV" in read["Quartiers"]


def test_coordinates_are_a_place_and_are_compared_with_nothing(told):
    read = facts(told("--lon", "3.00671", "--lat", "50.60889"))
    assert read["Lieu"] == ["longitude 3.00671, latitude 50.60889"]
    assert not {"Demandé", "Trouvé"} & set(read)


def test_the_case_and_the_service_head_the_answer(told):
    lines = told("--lon", "3.00671", "--lat", "50.60889", "--case", "A-12", "--service", "Habitat")
    assert lines[:2] == ["Dossier A-12, Habitat", "EN QPV"]


@pytest.fixture
def lines_told(forked):
    """Check the lines of standard input in a process of its own, and return its exit code and what it printed."""

    def check(content, *options):
        ended = forked.run("check", "-", "--offline", "--on", ON, *options, stdin=content)
        return ended.code, [json.loads(line) for line in ended.out.splitlines()], ended.err

    return check


@pytest.mark.usefixtures("index")
def test_one_address_a_line_is_answered_by_one_object_a_line(lines_told):
    lines = ["\ufeff1 rue des Carrés, Essai", "", "ab", "   ", "Résidence inconnue, Essai\r", "Poitiers"]
    code, (inside, wrong, unknown, commune), err = lines_told("\n".join(lines).encode())
    assert (code, err) == (0, "")
    assert (inside["status"], inside["location"]["asked"]) == ("inside", "1 rue des Carrés, Essai")
    assert (wrong["address"], "« ab »" in wrong["error"].replace("\u00a0", " ")) == ("ab", True)
    assert unknown["status"] == "not_located"
    assert unknown["evidence"]["input"]["address"] == "Résidence inconnue, Essai"
    assert commune["perimeters"] == []


@pytest.mark.usefixtures("index")
def test_lines_of_an_old_spreadsheet_are_read(lines_told):
    _, [answer], _ = lines_told("1 rue des Carrés, Essai".encode("cp1252"))
    assert answer["evidence"]["input"]["address"] == "1 rue des Carrés, Essai"


@pytest.mark.parametrize(
    "options", [("--postcode", "abc"), ("--generation", "qpv-1990"), ("--case", "A-1"), ("--accuracy", "30")]
)
def test_an_option_that_is_wrong_for_every_line_is_one_error(lines_told, options):
    code, told, err = lines_told(b"Poitiers\nLoos\n", *options)
    assert (code, told, err.count("\n")) == (2, [], 1)
