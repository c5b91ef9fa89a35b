"""What was asked beside what was found, on the staff page: which part differs, by a sign and a word."""

from __future__ import annotations

import pytest
from page_server import INSIDE_STREET, ON, answer, fact, side

pytestmark = pytest.mark.browser


def parts(visited):
    return [
        one.inner_text().replace("\u00a0", " ").replace("\n", " ") for one in visited.page.locator(".parts li").all()
    ]


def test_a_firm_answer_tells_how_what_was_found_agrees(ask, screenshot):
    visited = ask(f"?q=12 rue des esais, 59120 loos&on={ON}")
    assert answer(visited) == "En QPV"
    assert side(visited, "Demandé") == "12 rue des esais, 59120 loos"
    assert parts(visited) == [
        "= numéro : identique",
        "≈ rue : orthographe différente",
        "= code postal : identique",
        "= commune : identique",
    ]
    assert visited.page.locator(".side .differs").inner_text() == INSIDE_STREET
    screenshot(visited, "demande-trouve")


def test_a_number_that_the_street_has_not_is_said_and_its_street_can_be_chosen(ask, screenshot):
    visited = ask(f"?q=99 {INSIDE_STREET} 59120 Loos&on={ON}")
    assert answer(visited) == "À vérifier"
    assert "Le n° 99 n’est pas connu rue des Essais (numéros connus : de 1 à 40)" in visited.text(".verdict-message")
    assert "≠ numéro : différent" in parts(visited)
    assert "adresse la plus ressemblante" in side(visited, "Trouvé")
    [candidate] = visited.page.locator(".candidates li").all()
    assert "≠ numéro : différent" in candidate.inner_text().replace("\u00a0", " ")
    screenshot(visited, "numero-inconnu")
    candidate.get_by_role("button").click()
    visited.page.locator(".answer.status-inside").wait_for()


def test_the_name_of_another_place_is_marked_in_the_address_that_was_found(ask, screenshot):
    visited = ask(f"?q=mairie du Bord, Loos&on={ON}")
    assert answer(visited) == "À vérifier"
    assert visited.page.locator(".side mark").inner_text() == "Rue du Bord"
    assert "≠ rue : différente" in parts(visited)
    screenshot(visited, "autre-lieu")


def test_a_street_that_is_not_found_leaves_nothing_found_beside_what_was_asked(ask, screenshot):
    visited = ask(f"?q=12 rue des Tulipes, 59120 Loos&on={ON}")
    assert answer(visited) == "Non localisée"
    assert side(visited, "Demandé") == "12 rue des Tulipes, 59120 Loos"
    assert side(visited, "Trouvé") == "aucune adresse (commune et code postal reconnus)"
    assert parts(visited) == []
    visited.page.locator(".map-zone").first.wait_for(state="attached")  # the commune, to place the pin
    assert visited.page.locator(".map-pin").count() == 0
    assert visited.complaints == []
    screenshot(visited, "rue-introuvable")


def test_a_commune_alone_lists_its_quartiers_and_frames_them(ask, screenshot):
    visited = ask(f"?q=Loos&on={ON}")
    assert answer(visited) == "À vérifier"
    assert side(visited, "Trouvé") == "Loos\ncommune seule"
    assert "Les Oliveaux (QN05975M)" in fact(visited, "Quartiers de la commune")
    assert "%" not in fact(visited, "Quartiers de la commune")
    visited.page.locator(".map-name", has_text="Les Oliveaux").wait_for(state="attached")
    scale = visited.text(".leaflet-control-scale-line")
    visited.page.get_by_role("button", name="Voir sur la carte : Les Oliveaux").click()
    assert visited.text(".leaflet-control-scale-line") != scale
    assert visited.complaints == []
    screenshot(visited, "commune-seule")


def test_a_town_without_addresses_here_comes_with_the_command_for_the_administrator(ask, screenshot):
    visited = ask(f"?q=30 boulevard Antonio Vivaldi, Lyon&on={ON}")
    assert answer(visited) == "Non localisée"
    assert "qpv " not in visited.text(".verdict-message")
    assert visited.text(".remedy").split("\n\n") == ["À transmettre à l’administrateur :", "qpv addresses fetch 69"]
    screenshot(visited, "adresses-absentes")


def test_the_two_sides_fit_a_telephone(ask):
    visited = ask(f"?q=99 {INSIDE_STREET} 59120 Loos&on={ON}", size=(390, 800))
    answer(visited)
    for width in (390, 320):
        visited.page.set_viewport_size({"width": width, "height": 800})
        assert visited.page.evaluate("document.documentElement.scrollWidth") == width
