"""The first run: what this server covers is said, what is missing comes with whom to ask and the command for them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from browser import TELEPHONE, Visit
from geocoding.written import ESSAI
from official import official_services
from page_server import serving
from test_page_accessibility import serious, too_wide

pytestmark = pytest.mark.browser

LYON = "?q=30 boulevard Antonio Vivaldi, 69003 Lyon&on=2024-06-01"
LOOKS = [((1366, 768), "light"), ((390, 844), "dark")]
CONTACT = "la direction informatique"


@pytest.fixture(scope="module")
def new_server(tmp_path_factory):
    """A server with an empty home: the perimeters that ship, no address, no national service."""
    folder = tmp_path_factory.mktemp("first")
    empty = {"QPV_GEO_HOME": str(folder / "empty"), "QPV_GEO_SERVICE_CONTACT": CONTACT}
    with serving(folder, **empty) as server:
        yield server


def looks(visited):
    """Show the page on an ordinary screen in light colours, then on a telephone in dark ones."""
    for size, colours in LOOKS:
        visited.look(size, colours)
        yield f"{size[0]}-{colours}"


def test_the_page_says_what_it_covers_in_two_lines(visit, screenshot):
    visited = visit()
    assert "Quartiers 2024 de Poitiers et de Loos (édition du 27 juin 2024) ; adresses : 59." in visited.text(".band")
    lines = "e => e.getClientRects().length && e.offsetHeight / parseFloat(getComputedStyle(e).lineHeight)"
    for name in looks(visited):
        screenshot(visited, f"bandeau-{name}")
        assert visited.page.locator(".band").evaluate(lines) < 3


def test_a_third_town_learns_what_is_missing_and_whom_to_ask(browser, new_server, screenshot):
    visited = Visit(browser, new_server.url + LYON)
    visited.page.locator(".answer, [role=alert]").first.wait_for()
    for name in looks(visited):
        screenshot(visited, f"troisieme-ville-{name}")
    assert visited.page.locator(".status-outside").count() == 0
    assert "administrateur" in visited.text("#answer")
    assert "qpv addresses fetch 69" in visited.text("#answer")
    assert "adresses : aucune" in visited.text(".band")
    visited.page.get_by_role("link", name="Autre ville ?").click()
    visited.page.wait_for_url("**/administration")
    assert f"demandez à {CONTACT}" in visited.text(".lead")
    rows = [row.inner_text() for row in visited.page.locator(".installed tbody tr").all()]
    former = next(row for row in rows if "2015" in row)
    assert "absent" in former
    assert "qpv perimeters fetch qpv-2015 --accept-new" in former
    assert any("en partie" in row and "qpv perimeters fetch qpv-2024" in row for row in rows)
    assert "qpv setup 86" in visited.text(".whole-town")
    for name in looks(visited):
        screenshot(visited, f"administration-{name}")
        assert (name, serious(visited), too_wide(visited)) == (name, [], [])


def test_a_third_town_is_installed_by_one_command_and_answered_at_once(browser, tmp_path, screenshot):
    with (
        official_services() as (_, official),
        serving(tmp_path, QPV_GEO_HOME=str(tmp_path / "new"), **official) as server,
    ):
        visited = Visit(browser, f"{server.url}?q=2 Rue des Essais, {ESSAI.name}&on=2024-06-01")
        visited.page.locator(".answer, [role=alert]").first.wait_for()
        assert visited.page.locator(".status-inside, .status-outside").count() == 0
        command = [sys.executable, "-m", "qpv_geo", "setup", "86", "--accept-new"]
        done = subprocess.run(command, env=os.environ | server.environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        for name in looks(visited):
            visited.page.reload()
            visited.page.locator(".answer.status-outside").wait_for()
            screenshot(visited, f"ville-installee-{name}")
            assert visited.page.locator(".verdict-word").bounding_box()["y"] < visited.page.viewport_size["height"]
            assert "adresses : 86" in visited.text(".band")
            assert (name, serious(visited), too_wide(visited)) == (name, [], [])


def test_what_is_installed_is_told_and_its_lieux_dits_are_missing(browser, served):
    visited = Visit(browser, f"{served.url}administration", TELEPHONE)
    rows = [row.inner_text() for row in visited.page.locator(".installed tbody tr").all()]
    mine = next(row for row in rows if row.startswith("adresses du département 59"))
    assert "installé" in mine
    assert "qpv setup 59 --refresh" in mine
    assert any(row.startswith("lieux-dits du département 59") and "absent" in row for row in rows)


def test_the_published_examples_are_labelled_and_lead_back(browser, served, screenshot):
    visited = Visit(browser, f"{served.url}carte")
    assert "Exemples publiés" in visited.text("h1")
    for name in looks(visited):
        screenshot(visited, f"carte-{name}")
        assert (name, serious(visited), visited.complaints) == (name, [], [])
    visited.page.get_by_role("link", name="Exemple : Loos").click()
    visited.page.locator("h1", has_text="Fonds de travaux urbains, Loos").wait_for()
    for name in looks(visited):
        screenshot(visited, f"carte-loos-{name}")
    visited.page.get_by_role("link", name="Vérifier une adresse").click()
    visited.page.locator("#check").wait_for()


def test_the_map_is_dark_where_the_reader_wants_it(browser, served):
    visited = Visit(browser, f"{served.url}carte")
    ground = "getComputedStyle(document.querySelector('.qpv-panel header')).backgroundColor"
    light = visited.page.evaluate(ground)
    visited.page.emulate_media(color_scheme="dark")
    assert visited.page.evaluate(ground) != light


def test_a_table_of_ones_own_takes_the_place_of_the_examples(browser, tmp_path):
    table = tmp_path / "mes-projets.csv"
    table.write_text(
        "id;intitulé;année;porteur;montant;lon;lat\n1;Jardin;2024;Association;1000;3.01;50.60685\n", "utf-8"
    )
    with serving(tmp_path, QPV_GEO_SERVICE_PROJECTS=str(table)) as server:
        visited = Visit(browser, f"{server.url}carte")
        assert visited.text("h1") == "Projets financés, Loos 2024"
        assert "Jardin" in visited.page.content()
        assert visited.page.get_by_role("link", name="Vérifier une adresse").count() == 1
        assert visited.page.get_by_role("link", name="Exemple").count() == 0
