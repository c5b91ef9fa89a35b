"""A site on the staff page: its contour is loaded from a file, checked and drawn."""

from __future__ import annotations

import json

import pytest
from page_server import ON
from test_page_schemes import SITE, outcome

pytestmark = pytest.mark.browser


def load(visited, content, name="site.geojson"):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    visited.page.set_input_files("#site", {"name": name, "mimeType": "application/geo+json", "buffer": data})


def send(visited):
    """Check what is in the form, once a file has been read."""
    visited.page.locator("#site-loaded:not([hidden]), #place:not([disabled])").first.wait_for()
    visited.page.get_by_role("button", name="Vérifier", exact=True).click()
    visited.page.locator("form:not([aria-busy]) ~ #answer .verdict-word").wait_for()


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_a_site_is_loaded_checked_and_drawn(ask, screenshot, size):
    visited = ask(f"?on={ON}", size=size)
    visited.page.locator("#scheme option[value=tva-accession]").wait_for(state="attached")
    visited.page.select_option("#scheme", "tva-accession")
    visited.page.fill("#on", "2026-06-01")
    load(visited, SITE)
    visited.page.locator("#site-loaded:not([hidden])").wait_for()
    assert visited.text("#site-name") == "Site : site.geojson"
    assert visited.page.locator("#place").is_disabled()
    send(visited)
    assert visited.text(".verdict-word").endswith("Hors QPV")
    assert outcome(visited) == "À vérifier"
    assert visited.page.locator(".map-site").get_attribute("d").count("L") >= 3
    assert "le site" in visited.text("figcaption")
    assert visited.page.get_by_role("link", name="Fiche (PDF)").count() == 0  # a link cannot hold a site
    screenshot(visited, f"site-{size[0]}")
    assert visited.complaints == []


def test_the_questions_of_a_scheme_are_answered_about_the_site(ask):
    visited = ask(f"?on={ON}")
    visited.page.locator("#scheme option[value=tva-accession]").wait_for(state="attached")
    visited.page.select_option("#scheme", "tva-accession")
    visited.page.fill("#on", "2026-06-01")
    load(visited, SITE)
    send(visited)
    visited.page.locator("#question-ensemble-non").click()
    visited.page.locator("#question-ensemble-non[aria-pressed=true]").wait_for()
    assert visited.page.locator(".map-site").count() == 1
    posted = [request for request in visited.requests if "/v1/check?" in request]
    assert "answer=ensemble%3Anon" in posted[-1]


def test_a_file_that_is_no_geojson_is_refused_before_it_is_sent(ask):
    visited = ask(f"?on={ON}")
    for content in (b"nom;lon;lat\n", b"{}", b"\xff\xfe\x00", b"[" * 20):
        load(visited, content)
        visited.page.locator("#site-error:not([hidden])").wait_for()
        assert "n’est pas du GeoJSON" in visited.text("#site-error")
        assert visited.page.locator("#site-loaded").is_hidden()
        assert not visited.page.locator("#place").is_disabled()
        load(visited, SITE)
        visited.page.get_by_role("button", name="Retirer le site").click()
        assert visited.page.locator("#site-error").is_hidden()


def test_a_site_that_the_server_refuses_is_told(ask):
    visited = ask(f"?on={ON}")
    load(visited, {"type": "Polygon", "coordinates": []})
    visited.page.get_by_role("button", name="Vérifier", exact=True).click()
    visited.page.locator("#answer .card").wait_for()
    assert visited.page.locator(".verdict-word").count() == 0


def test_a_site_is_removed_and_an_address_asked_again(ask):
    visited = ask(f"?on={ON}")
    load(visited, SITE)
    visited.page.get_by_role("button", name="Retirer le site").click()
    assert visited.page.evaluate("document.activeElement.id") == "place"
    visited.page.fill("#place", "3.00671, 50.60889")
    send(visited)
    assert visited.text(".verdict-word").endswith("En QPV")
    assert visited.page.locator(".map-site").count() == 0
