"""The guide for the desk: what it tells to do is done here, and its pictures are made anew by ``scripts/pictures``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import Visit, keeper_of_screenshots
from page_server import ON
from test_page_list import TWINS, choose, verify, write

pytestmark = pytest.mark.browser

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "guide.md").read_text(encoding="utf-8")
SCREEN = (1366, 768)
COLLEGE = f"?q=Collège René Descartes, rue Édouard Herriot, 59120 Loos&on={ON}"


@pytest.fixture
def keep():
    return keeper_of_screenshots("guide-")


def test_its_pictures_are_those_of_these_tests():
    named = set(re.findall(r"\(images/guide-(\S+?)\.png\)", GUIDE))
    assert named == {"adresse", "liste", "corrections", "administration"}
    assert all((DOCS / f"images/guide-{name}.png").is_file() for name in named)


def test_an_address_is_answered_with_what_the_guide_names(ask, keep):
    visited = ask(COLLEGE, size=SCREEN)
    visited.page.locator(".answer").wait_for()
    visited.page.locator(".map-zone").first.wait_for(state="attached")
    for name in ("Copier la réponse", "Fiche (PDF)", "Que faire"):
        assert name in GUIDE
        assert visited.page.get_by_text(name).count() == 1
    keep(visited, "adresse")


def test_a_list_is_read_then_corrected_as_the_guide_tells(visit, keep, tmp_path):
    visited = visit("#liste", size=SCREEN)
    choose(visited, write(tmp_path))
    visited.page.locator("#batch").scroll_into_view_if_needed()
    keep(visited, "liste")
    verify(visited)
    twin = visited.page.locator(".to-verify li", has_text=TWINS).first
    twin.get_by_role("button", name="Choisir une adresse").click()
    twin.get_by_label("1 Rue des Jumeaux 59120 Loos").check()
    visited.page.locator(".rows").evaluate("e => e.scrollIntoView({block: 'start'})")
    keep(visited, "corrections")
    assert "Télécharger le fichier complété" in GUIDE
    assert visited.page.get_by_role("link", name="Télécharger le fichier complété").count() == 1


def test_the_administrators_page_is_the_one_of_the_guide(browser, served, keep):
    visited = Visit(browser, f"{served.url}administration", SCREEN)
    command = visited.page.locator(".whole-town code").first.inner_text()
    assert f"$ {command}\n" in GUIDE
    keep(visited, "administration")
