"""The maps for who has no mouse, sees little, or hears the page: axe-core finds no fault, and keys reach all."""

from __future__ import annotations

import pytest
from browser import DESKTOP
from many_projects import project_rows

from qpv_geo.maps import redraw_map
from qpv_geo.perimeters.diff import compare

NARROW, TINY = (320, 640), (320, 256)
"""A small telephone, and an ordinary screen at 400 %; CSS pixels."""

LISTING, PANEL = "Tout ce que montre la carte", "Afficher ou masquer le panneau"
FOCUSED = "document.activeElement.innerText"
MANY_TABS = 80


@pytest.fixture
def fiq_map(fiq, embedded, make_map):
    return make_map(fiq, embedded, offline=True)


@pytest.fixture
def redrawn(loos_2015, embedded):
    return redraw_map(compare(loos_2015, embedded, commune="59360"), loos_2015, embedded, offline=True)


def unfold_listing(visited, layer):
    """Unfold the list of a layer, and the panel before it where it is folded."""
    toggle = visited.page.get_by_role("button", name=PANEL)
    if toggle.get_attribute("aria-expanded") == "false":
        toggle.click()
    visited.page.get_by_role("heading", name=LISTING).click()
    visited.page.get_by_role("heading", name=layer).click()
    names = visited.page.locator(".qpv-listing li button:visible")
    names.first.wait_for()
    return names


def tab_to(visited, text):
    """Press Tab until what has the focus says something."""
    for _ in range(MANY_TABS):
        if text in (visited.page.evaluate(FOCUSED) or ""):
            return
        visited.page.keyboard.press("Tab")
    pytest.fail(f"not reached by keyboard: {text}")


@pytest.mark.parametrize("size", [DESKTOP, NARROW], ids=["desktop", "narrow"])
@pytest.mark.parametrize("name", ["fiq_map", "redrawn"])
def test_axe_finds_no_fault(visit, request, name, size):
    visited = visit(request.getfixturevalue(name), size)
    toggle = visited.page.get_by_role("button", name=PANEL)
    for _ in ("as it opens", "folded or unfolded"):
        assert visited.faults() == []
        toggle.click()
    first = unfold_listing(visited, "Périmètres qpv-2024").first
    assert visited.faults(within=".qpv-panel") == []
    first.click()
    visited.page.get_by_role("dialog").wait_for()
    assert visited.faults() == []


def test_nothing_forbids_to_enlarge_the_page(fiq_map, redrawn):
    for page in (fiq_map.html, redrawn.html):
        assert page.count('name="viewport"') == 1
        assert "user-scalable" not in page
        assert "maximum-scale" not in page


@pytest.mark.parametrize("size", [DESKTOP, NARROW, TINY], ids=["desktop", "narrow", "tiny"])
def test_a_perimeter_is_read_by_keyboard_alone(visit, screenshot, redrawn, size):
    visited = visit(redrawn, size)
    press = visited.page.keyboard.press
    press("Tab")
    assert visited.page.evaluate(FOCUSED) == "Aller au panneau"
    press("Enter")
    press("Tab")
    if size is not DESKTOP:
        press("Enter")  # its button unfolds the panel
    for name in (LISTING, "Périmètres qpv-2024"):
        tab_to(visited, name)
        press("Enter")
    visited.page.locator(".qpv-listing li button").first.wait_for()
    tab_to(visited, "QN05975M")
    screenshot(visited, f"clavier-{size[0]}x{size[1]}-liste")
    press("Enter")
    told = visited.page.get_by_role("dialog", name="Les Oliveaux")
    told.wait_for()
    assert "QN05975M" in visited.page.evaluate(FOCUSED)
    screenshot(visited, f"clavier-{size[0]}x{size[1]}-fenetre")
    press("Escape")
    told.wait_for(state="detached")
    assert "QN05975M" in visited.page.evaluate(FOCUSED)
    assert (visited.complaints, visited.requests) == ([], [])


def test_every_project_placed_by_neighbourhood_is_listed_and_told(visit, fiq_map):
    visited = visit(fiq_map)
    names = unfold_listing(visited, "Projets placés par quartier")
    for k in range(names.count()):
        title = names.nth(k).locator("span").inner_text()
        names.nth(k).press("Enter")
        assert title in visited.page.evaluate(FOCUSED)
    assert names.count() == 5  # 750,000 € of four projects and 68,000 € of one: see `qpv projects summary fiq-2024`


def test_a_layer_that_was_hidden_comes_back_with_what_is_asked_of_it(visit, fiq_map):
    visited = visit(fiq_map)
    layer = visited.page.get_by_label("Projets placés par quartier")
    layer.uncheck()
    unfold_listing(visited, "Projets placés par quartier").first.click()
    visited.page.get_by_role("dialog").wait_for()
    assert layer.is_checked()


def test_what_has_no_mark_takes_the_focus_in_the_panel(visit, fiq_map):
    visited = visit(fiq_map, NARROW)
    visited.page.get_by_role("button", name=PANEL).click()
    visited.page.get_by_label("Rechercher").fill("cap sud")
    visited.page.keyboard.press("Enter")
    assert "Cap Sud" in visited.page.evaluate(FOCUSED)


def test_a_mark_gets_the_focus_back(visit, fiq_map):
    visited = visit(fiq_map)
    mark = visited.page.get_by_role("button", name="750")
    mark.press("Enter")
    visited.page.get_by_role("dialog").wait_for()
    visited.page.keyboard.press("Escape")
    assert "750" in visited.page.evaluate(FOCUSED)


def test_a_click_elsewhere_keeps_the_focus(visit, fiq_map):
    visited = visit(fiq_map)
    visited.page.get_by_role("button", name="750").press("Enter")
    visited.page.get_by_role("dialog").wait_for()
    visited.page.get_by_label("Rechercher").click()
    visited.page.keyboard.type("boxe")
    assert visited.page.get_by_label("Rechercher").input_value() == "boxe"


def test_a_long_list_is_made_a_page_at_a_time(visit, screenshot, embedded, make_projects, make_map):
    visited = visit(make_map(make_projects(project_rows(embedded, 1_000)), embedded, offline=True))
    assert visited.page.locator(".qpv-listing li").count() == 0
    names = unfold_listing(visited, "Projets situés")
    following = visited.page.get_by_role("button", name="Suivants")
    seen = set()
    for _ in range(20):
        seen.update(names.locator("span").all_inner_texts())
        following.press("Enter")
    assert seen == {f"Projet d'essai {k}" for k in range(1_000)}
    assert following.get_attribute("aria-disabled") == "true"
    assert visited.text("[role=status]:visible") == "951 à 1 000 sur 1 000"
    screenshot(visited, "clavier-liste-longue")
    names.last.press("Enter")
    visited.page.get_by_role("dialog", name="Projet d'essai 999").wait_for()
    assert visited.complaints == []


def test_what_is_listed_is_not_printed(visit, fiq_map):
    visited = visit(fiq_map)
    unfold_listing(visited, "Périmètres qpv-2024")
    visited.page.emulate_media(media="print")
    assert not visited.page.get_by_role("heading", name=LISTING).is_visible()
    assert visited.page.get_by_role("heading", name="Légende").is_visible()
