"""The maps in a real browser: nothing asked of the network, and everything works that a person would try."""

from __future__ import annotations

import pytest
from browser import DESKTOP, TELEPHONE
from hostile_texts import CLOSING, HOSTILE
from many_projects import project_rows
from pypdf import PdfReader

from qpv_geo.maps import redraw_map
from qpv_geo.perimeters.diff import compare

LARGEST_MB = 8.0
BESIDE_THE_BUTTONS = """() => {
    const edge = (selector, side) => document.querySelector(selector).getBoundingClientRect()[side];
    return edge(".leaflet-popup", "left") >= edge(".qpv-bar", "right");
}"""


def search(visited, text):
    visited.page.locator(".qpv-search").fill(text)
    return visited.page.locator(".qpv-results button")


MILLIMETRE_PX = 96 / 25.4
A4_WITHIN_MARGINS_MM = 190
"""The width of an upright sheet, and the height of the other."""

WATCHED = """() => {
    window.qpvSeen = null;
    window.boxes = () => {
        const box = (found) => found.getBoundingClientRect().toJSON();
        const labels = [...document.querySelectorAll(".qpv-pill")].map(box);
        return { map: box(document.querySelector(".folium-map")), labels };
    };
    window.addEventListener("beforeprint", () => (window.qpvSeen = window.boxes()));
}"""

AT_REST = """() => new Promise((done) => {
    const moving = () => document.querySelector(".leaflet-zoom-anim, .leaflet-pan-anim");
    const look = () => (moving() ? requestAnimationFrame(look) : done());
    requestAnimationFrame(() => requestAnimationFrame(look));
})"""
"""Until the map has ended the move that it was asked for, which begins at the next frame."""


def all_inside(seen):
    box = seen["map"]
    return all(
        box["left"] <= one["left"] < one["right"] <= box["right"]
        and box["top"] <= one["top"] < one["bottom"] <= box["bottom"]
        for one in seen["labels"]
    )


@pytest.fixture
def fiq_map(fiq, embedded, make_map):
    return make_map(fiq, embedded, offline=True)


@pytest.mark.parametrize("size", [DESKTOP, TELEPHONE], ids=["desktop", "telephone"])
def test_a_map_opens_without_a_network(visit, screenshot, fiq_map, size):
    visited = visit(fiq_map, size)
    screenshot(visited, f"projets-{size[0]}")
    visited.page.locator(".qpv-pill", has_text="68").click()
    visited.page.locator(".leaflet-popup").wait_for()
    assert "68 000 €" in visited.text(".leaflet-popup")
    assert "Clos Gaultier" in visited.text(".leaflet-popup")
    visited.page.wait_for_function(BESIDE_THE_BUTTONS)
    screenshot(visited, f"projets-{size[0]}-fenetre")
    assert (visited.complaints, visited.requests) == ([], [])


def test_layers_toggle(visit, fiq_map):
    visited = visit(fiq_map)
    marks = visited.page.locator(".qpv-pill")
    assert marks.count() == 2
    visited.page.get_by_label("Projets placés par quartier").uncheck()
    assert marks.count() == 0
    visited.page.get_by_label("Projets placés par quartier").check()
    assert marks.count() == 2
    coloured = _colours(visited)
    visited.page.get_by_label("Montants par périmètre").uncheck()
    plain = _colours(visited)
    visited.page.get_by_label("Périmètres qpv-2024").uncheck()
    assert len({coloured, plain, _colours(visited)}) == 3
    assert visited.complaints == []


def _colours(visited):
    """What the canvas of the perimeters shows, once it is drawn again."""
    return visited.page.evaluate(
        """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
            done(document.querySelector(".leaflet-overlay-pane canvas").toDataURL()))))"""
    )


def test_a_quartier_is_found(visit, fiq_map):
    visited = visit(fiq_map)
    for typed in ("Trois Cités", "trois cites", "cités trois"):
        search(visited, typed).first.click()
        visited.page.locator(".leaflet-popup").wait_for()
        assert "Trois Cités" in visited.text(".leaflet-popup")
        assert "68 000 €" in visited.text(".leaflet-popup")
        visited.page.keyboard.press("Escape")
        visited.page.locator(".leaflet-popup").wait_for(state="detached")


def test_a_project_is_found_with_or_without_a_mark(visit, screenshot, fiq_map):
    visited = visit(fiq_map)
    search(visited, "salle de boxe").first.click()
    visited.page.locator(".leaflet-popup").wait_for()
    assert "Ekidom" in visited.text(".leaflet-popup")
    search(visited, "bellejouanne").first.click()
    assert visited.page.get_by_role("definition").filter(has_text="Maison de quartier Cap Sud").is_visible()
    screenshot(visited, "projets-panneau")
    assert search(visited, "zzz").count() == 0
    assert "Aucun résultat" in visited.text(".qpv-results")


def test_hostile_texts_stay_text(visit, screenshot, hostile, embedded, make_map):
    visited = visit(make_map(hostile, embedded, offline=True, title=f"{HOSTILE}{CLOSING}"))
    dialogs = []
    visited.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    assert visited.text("h1") == visited.page.title() == f"{HOSTILE}{CLOSING}"
    for mark in (".qpv-pill", "path.qpv-circle"):
        visited.page.locator(mark).hover()
        visited.page.locator(mark).click()
        visited.page.locator(".leaflet-popup").wait_for()
        assert HOSTILE in visited.text(".leaflet-popup")
        assert CLOSING in visited.text(".leaflet-popup")
        visited.page.locator(".leaflet-popup-close-button").dispatch_event("click")  # the map may still move beneath it
        visited.page.locator(".leaflet-popup").wait_for(state="detached")
    assert search(visited, "img src").count() == 3
    screenshot(visited, "textes-hostiles")
    assert visited.page.locator("body img").count() == 0
    assert (dialogs, visited.complaints, visited.requests) == ([], [], [])


def test_a_point_tells_its_verdict(visit, hostile, embedded, make_map):
    visited = visit(make_map(hostile, embedded, offline=True))
    visited.page.locator("path.qpv-circle").click()
    visited.page.locator(".leaflet-popup").wait_for()
    told = visited.text(".leaflet-popup")
    assert "1 200 €" in told
    assert "en QPV : Couronneries" in told


def test_a_line_never_ends_before_a_colon_or_a_unit(visit, fiq_map):
    visited = visit(fiq_map)
    assert "Sur la carte\u00a0: 818\u202f000\u00a0€. Projets" in visited.page.locator(".qpv-facts").inner_text()


@pytest.mark.parametrize("size", [DESKTOP, TELEPHONE], ids=["desktop", "telephone"])
def test_a_printed_map_loses_no_label(visit, tmp_path, fiq_map, size):
    visited = visit(fiq_map, size)
    visited.page.evaluate(WATCHED)
    before = visited.page.evaluate("boxes()")
    for landscape in (True, False):
        sheet = tmp_path / "carte.pdf"
        visited.page.pdf(path=sheet, format="A4", landscape=landscape, print_background=True)
        printed = visited.page.evaluate("qpvSeen")
        assert len(printed["labels"]) == 2
        assert all_inside(printed)
        sides = printed["map"]["right"] - printed["map"]["left"], printed["map"]["bottom"] - printed["map"]["top"]
        assert max(sides) <= A4_WITHIN_MARGINS_MM * MILLIMETRE_PX
        first = PdfReader(sheet).pages[0].extract_text()
        for told in ("Légende", "Périmètres qpv-2024", "Nombre et somme des projets regroupés"):
            assert told in first
        assert visited.page.evaluate("boxes()") == before
    assert visited.complaints == []


def test_print_styles_keep_the_size_for_which_the_view_was_made(visit, screenshot, fiq_map):
    visited = visit(fiq_map)
    visited.page.evaluate(WATCHED)
    visited.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    visited.page.emulate_media(media="print")
    visited.page.set_viewport_size({"width": 1047, "height": 718})
    screenshot(visited, "projets-papier")
    assert all_inside(visited.page.evaluate("boxes()"))


def test_a_view_that_somebody_chose_is_printed(visit, tmp_path, fiq_map):
    visited = visit(fiq_map)
    search(visited, "trois cites").first.click()
    visited.page.locator(".leaflet-popup-close-button").click()
    visited.page.evaluate(AT_REST)
    visited.page.evaluate(WATCHED)
    before = visited.page.evaluate("boxes()")
    visited.page.pdf(path=tmp_path / "carte.pdf", format="A4", landscape=True)
    assert len(visited.page.evaluate("qpvSeen")["labels"]) == len(before["labels"]) == 1
    assert visited.page.evaluate("boxes()") == before


def test_the_panel_of_a_telephone_leaves_the_labels_in_sight(visit, fiq_map):
    visited = visit(fiq_map, TELEPHONE)
    visited.page.evaluate(WATCHED)
    visited.page.get_by_role("button", name="Afficher ou masquer le panneau").click()
    opened = visited.page.evaluate("boxes()")
    assert len(opened["labels"]) == 2
    assert all_inside(opened)


def test_a_perimeter_tells_its_name_under_the_pointer(visit, fiq_map):
    visited = visit(fiq_map)
    box = visited.page.locator(".qpv-pill", has_text="750").bounding_box()
    visited.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] + 15)
    visited.page.locator(".leaflet-tooltip").wait_for()
    assert visited.text(".leaflet-tooltip") == "Couronneries Saint-Eloi"


def test_measuring(visit, fiq_map):
    visited = visit(fiq_map)
    button = visited.page.get_by_role("button", name="Mesurer une distance")
    button.click()
    for x in (200, 400):
        visited.page.mouse.click(x, 700)
    assert visited.text(".qpv-measured").endswith(("m", "km"))
    visited.page.keyboard.press("Escape")
    assert visited.page.locator(".qpv-measured").count() == 0
    assert button.get_attribute("aria-pressed") == "false"


def test_backgrounds_are_all_that_is_asked_for(visit, fiq, embedded, make_map):
    servers = ("https://data.geopf.fr/", "https://tile.openstreetmap.org/")
    page = make_map(fiq, embedded)
    visited = visit(page)
    visited.page.get_by_label("OpenStreetMap").check()
    visited.page.get_by_label("Fond uni").check()
    assert visited.page.locator(".leaflet-tile").count() == 0
    assert all(url.startswith(servers) for url in visited.requests)
    assert {server for server in servers if any(url.startswith(server) for url in visited.requests)} == set(servers)


@pytest.mark.parametrize("size", [DESKTOP, TELEPHONE], ids=["desktop", "telephone"])
def test_a_redraw(visit, screenshot, loos_2015, embedded, size):
    redraw = compare(loos_2015, embedded, commune="59360")
    visited = visit(redraw_map(redraw, loos_2015, embedded, offline=True), size)
    screenshot(visited, f"redecoupage-{size[0]}")
    if size is TELEPHONE:
        visited.page.get_by_role("button", name="Afficher ou masquer le panneau").click()
    search(visited, "oliveaux").first.click()
    visited.page.locator(".leaflet-popup").wait_for()
    screenshot(visited, f"redecoupage-{size[0]}-oliveaux")
    assert "Les Oliveaux" in visited.text(".leaflet-popup")
    assert (visited.complaints, visited.requests) == ([], [])


def test_a_national_map_stays_usable(visit, screenshot, national, make_projects, make_map):
    page = make_map(make_projects(project_rows(national, 5_000)), national, offline=True)
    assert len(page.html.encode()) / 1e6 < LARGEST_MB
    visited = visit(page)
    visited.page.locator(".qpv-cluster").first.wait_for()
    screenshot(visited, "national")
    search(visited, "essai 4999").first.click()
    visited.page.locator(".leaflet-popup").wait_for()
    assert "Projet d'essai 4999" in visited.text(".leaflet-popup")
    screenshot(visited, "national-projet")
    assert (visited.complaints, visited.requests) == ([], [])
