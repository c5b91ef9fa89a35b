"""The map of the staff page: it hatches where perimeters may be missing, and names those that it shows."""

from __future__ import annotations

import io
import json

import numpy as np
import page_server
import pytest
from page_server import INSIDE, NEAR, ON, OUTSIDE
from PIL import Image
from synthetic import perimeters, point, square

from qpv_geo.perimeters.catalogue import Catalogue

pytestmark = pytest.mark.browser

PARIS = (2.35, 48.85)
EASTERN_EDGE = (0.48, 46.58)
"""On the eastern side of the rectangle in which the embedded perimeters of Poitiers are complete."""
GAP = "données incomplètes ici"
LOOKS = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "print": {"media": "print"},
    "forced colours": {"forced_colors": "active"},
}
PLAIN = {"color_scheme": "light", "media": "screen", "forced_colors": "none"}


def at(lon_lat):
    return f"?lon={lon_lat[0]}&lat={lon_lat[1]}&on={ON}"


def frame(visited):
    return visited.page.get_by_role("application")


def sentence(visited):
    """What describes the map, once it is drawn."""
    described = visited.page.locator(f"#{frame(visited).get_attribute('aria-describedby')}")
    visited.page.locator("#map-seen:not(:empty)").wait_for(state="attached")
    return described.text_content().replace("\u202f", " ").replace("\u00a0", " ")


def told(visited, text):
    """Wait until the map says something."""
    visited.page.locator("#map-seen", has_text=text).wait_for(state="attached")


def gap_told(visited):
    return visited.page.locator(".legend").get_by_text(GAP).is_visible()


def shades(visited, side):
    """How many colours a part of the map without anything else has: one where it is blank."""
    picture = np.asarray(Image.open(io.BytesIO(visited.page.locator(".map-frame").screenshot())).convert("RGB"))
    high, wide = picture.shape[:2]
    left = 0.15 if side == "west" else 0.6
    part = picture[int(0.55 * high) : int(0.75 * high), int(left * wide) : int((left + 0.2) * wide)]
    return len(np.unique(part.reshape(-1, 3), axis=0))


# ── Where perimeters may be missing ────────────────────────────────────────────────────────────────────────────────


def test_a_place_that_is_not_covered_is_hatched_all_over(ask):
    visited = ask(at(PARIS))
    assert "Toute la carte est hachurée" in sentence(visited)
    assert gap_told(visited)
    assert min(shades(visited, "west"), shades(visited, "east")) > 1
    assert visited.complaints == []


def test_a_place_that_is_covered_is_not_hatched(ask):
    visited = ask(at(NEAR))
    assert "hachurée" not in sentence(visited)
    assert not gap_told(visited)


def test_the_edge_of_what_is_known_is_seen(ask):
    visited = ask(at(EASTERN_EDGE))
    for look, media in LOOKS.items():
        visited.page.emulate_media(**PLAIN | media)
        assert "Une partie de la carte est hachurée" in sentence(visited)
        assert (look, gap_told(visited)) == (look, True)
        assert (look, shades(visited, "west"), shades(visited, "east") > 1) == (look, 1, True)


def test_the_hatching_is_told_while_it_is_in_sight(ask):
    visited = ask(at(NEAR))
    assert not gap_told(visited)
    for _ in range(4):
        frame(visited).press("-")
    told(visited, "Une partie de la carte est hachurée")
    assert gap_told(visited)
    frame(visited).press("0")
    visited.page.locator("#map-seen").filter(has_not_text="hachurée").wait_for(state="attached")
    told(visited, "1 périmètre sur la carte")
    assert "hachurée" not in sentence(visited)
    assert not gap_told(visited)


def test_nothing_is_hatched_where_the_set_is_complete_everywhere(visit, tmp_path):
    Catalogue(tmp_path / "home").store.install(perimeters(square(0, 0, 400)))
    with page_server.serving(tmp_path) as server:
        place = point(200, 200)
        visited = visit(at((place["lon"], place["lat"])), server=server)
        assert sentence(visited) == "1 périmètre sur la carte : Carré d'essai 1 (QN99901N)."
        assert not gap_told(visited)


def test_perimeters_that_did_not_come_are_not_known_to_be_none(ask):
    visited = ask("")
    visited.page.route("**/v1/perimeters?*", lambda route: route.abort())
    box = visited.page.get_by_role("combobox").first
    box.fill(f"{OUTSIDE[0]}, {OUTSIDE[1]}")
    box.press("Enter")
    assert "Toute la carte est hachurée" in sentence(visited)
    assert gap_told(visited)
    assert "n’ont pas pu être dessinés" in visited.text(".map-note")


def test_perimeters_that_are_long_to_come_may_be_missing(ask):
    visited = ask(at(INSIDE))
    assert "hachurée" not in sentence(visited)
    waiting = []
    visited.page.route("**/v1/perimeters?*", lambda route: waiting.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    for _ in range(2):  # further than what came, and not to where the set is incomplete
        frame(visited).press("-")
    told(visited, "Une partie de la carte est hachurée")
    for route in waiting:
        route.continue_()
    visited.page.locator("#map-seen", has_not_text="hachurée").wait_for(state="attached")
    assert not gap_told(visited)


def test_what_came_before_stays_known(ask):
    visited = ask(at(INSIDE))
    assert "hachurée" not in sentence(visited)
    visited.page.route("**/v1/perimeters?*", lambda route: route.abort())
    for _ in range(2):  # further than what came, and not to where the set is incomplete
        frame(visited).press("-")
    told(visited, "Une partie de la carte est hachurée")
    frame(visited).press("0")
    visited.page.locator("#map-seen").filter(has_not_text="hachurée").wait_for(state="attached")
    told(visited, "1 périmètre sur la carte")
    assert "hachurée" not in sentence(visited)


def test_a_part_of_the_perimeters_is_not_all(ask):
    visited = ask("")

    def cut(route):
        answered = route.fetch()
        route.fulfill(response=answered, body=json.dumps(answered.json() | {"numberMatched": 9_999}))

    visited.page.route("**/v1/perimeters?*", cut)
    box = visited.page.get_by_role("combobox").first
    box.fill(f"{OUTSIDE[0]}, {OUTSIDE[1]}")
    box.press("Enter")
    assert "Toute la carte est hachurée" in sentence(visited)
    assert "Tous les périmètres" in visited.text(".map-note")


def test_a_map_that_went_hears_no_more_of_the_window(ask):
    """Leaflet tells its maps that the window was resized 200 ms later, those that went too."""
    visited = ask(at(OUTSIDE), size=(390, 844))
    sentence(visited)
    visited.page.set_viewport_size({"width": 320, "height": 844})
    ask(at(NEAR), size=(320, 844))
    told(visited, "1 périmètre")
    for _ in range(4):  # to where the server is asked again, which is later than that
        frame(visited).press("-")
    told(visited, "Une partie de la carte est hachurée")
    assert visited.complaints == []


# ── The names of the perimeters ────────────────────────────────────────────────────────────────────────────────────


def names(visited):
    return visited.page.locator(".map-list li").all_inner_texts()


def test_the_perimeters_are_named_by_keyboard(ask):
    visited = ask(at(NEAR))
    assert sentence(visited) == "1 périmètre sur la carte : Les Oliveaux (QN05975M)."
    frame(visited).focus()
    for _ in range(6):  # three buttons of the map, two below it, then the list
        visited.page.keyboard.press("Tab")
    assert visited.page.evaluate("document.activeElement.textContent") == "1 périmètre sur la carte"
    assert visited.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    visited.page.keyboard.press("Enter")
    assert names(visited) == ["Les Oliveaux (QN05975M)"]
    assert visited.complaints == []


def test_the_list_follows_the_map(ask):
    visited = ask(at(NEAR))
    told(visited, "1 périmètre")
    visited.page.locator(".map-list summary").click()
    for _ in range(2):
        frame(visited).press("-")
    told(visited, "périmètres")
    assert {"Clémenceau-Kiener (QN05976M)", "Les Oliveaux (QN05975M)"} <= set(names(visited))
    for _ in range(5):
        frame(visited).press("ArrowLeft")
        visited.page.locator(".leaflet-pan-anim").wait_for(state="detached")
    told(visited, "Aucun périmètre connu")
    assert not visited.page.locator(".map-list").is_visible()


def test_many_perimeters_are_counted_and_all_listed(visit, tmp_path):
    tiles = [square(60 * column, 60 * row, 30) for row in range(2) for column in range(4)]
    Catalogue(tmp_path / "home").store.install(perimeters(*tiles))
    with page_server.serving(tmp_path) as server:
        place = point(100, 50)
        visited = visit(at((place["lon"], place["lat"])), server=server)
        assert sentence(visited).startswith("8 périmètres sur la carte : Carré d'essai 1 (QN99901N), ")
        assert sentence(visited).endswith(", et 3 autres.")
        visited.page.locator(".map-list summary").click()
        assert len(names(visited)) == len(tiles)
