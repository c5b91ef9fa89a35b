"""The map of the staff page: its background, and what is asked by clicking, dragging and drawing on it."""

from __future__ import annotations

import io
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest
from browser import Visit
from page_server import INSIDE, ON, OUTSIDE, answer, serving
from PIL import Image

pytestmark = pytest.mark.browser

TILES = "https://data.geopf.fr/**"
HERE = f"?lon={INSIDE[0]}&lat={INSIDE[1]}&on={ON}"


@pytest.fixture(scope="module")
def with_tiles(tmp_path_factory):
    """A server with its default background."""
    with serving(tmp_path_factory.mktemp("tiles"), QPV_GEO_SERVICE_TILES="ign") as server:
        yield server


def opened(browser, server, handle):
    """Open a page whose tiles are answered by a handler."""
    visited = Visit(browser)
    visited.page.route(TILES, handle)
    visited.go(server.url + HERE)
    answer(visited)
    return visited


def grey_tile():
    stream = io.BytesIO()
    Image.new("RGB", (256, 256), (200, 200, 200)).save(stream, "PNG")
    return stream.getvalue()


def images(url):
    with urllib.request.urlopen(url) as response:
        policy = response.headers["content-security-policy"]
    return next(part for part in policy.split("; ") if part.startswith("img-src"))


def test_the_plan_of_ign_is_asked_for_and_that_is_said(browser, with_tiles, screenshot):
    tile = grey_tile()
    visited = opened(browser, with_tiles, lambda route: route.fulfill(body=tile, content_type="image/png"))
    visited.page.locator("img.leaflet-tile-loaded").first.wait_for()
    assert "demandée à l’IGN (data.geopf.fr)" in visited.text(".map")
    elsewhere = [urlsplit(url) for url in visited.requests if "127.0.0.1" not in url]
    assert {one.netloc for one in elsewhere} == {"data.geopf.fr"}
    asked = parse_qs(elsewhere[0].query)
    assert (asked["LAYER"], asked["TILEMATRIXSET"]) == (["GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2"], ["PM"])
    assert visited.page.locator(".map-street").count() == 0
    assert visited.complaints == []
    screenshot(visited, "plan-ign")


def test_streets_of_the_index_are_drawn_where_ign_is_out_of_reach(browser, with_tiles, screenshot):
    visited = opened(browser, with_tiles, lambda route: route.abort())
    visited.page.locator(".map-street", has_text="Rue des Essais").wait_for(state="attached")
    assert "n’est pas joignable" in visited.text(".map")
    screenshot(visited, "sans-ign")


def test_nothing_is_asked_elsewhere_where_the_background_is_off(ask, served, with_tiles):
    visited = ask(HERE)
    visited.page.locator(".map-street").first.wait_for(state="attached")
    assert "Sans fond de plan" in visited.text(".map")
    assert (images(served.url), images(with_tiles.url)) == (
        "img-src 'self'",
        "img-src 'self' data: https://data.geopf.fr",
    )


# ── Asking on the map ──────────────────────────────────────────────────────────────────────────────────────────────


def ready(visited):
    visited.page.locator(".map-zone").first.wait_for(state="attached")
    frame = visited.page.locator(".map-frame")
    frame.scroll_into_view_if_needed()
    return frame, frame.bounding_box()


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_a_point_of_the_map_is_asked_about(ask, screenshot, size):
    visited = ask(HERE, size=size)
    frame, place = ready(visited)
    frame.click(position={"x": place["width"] * 0.3, "y": place["height"] * 0.8})
    visited.page.get_by_role("button", name="Vérifier ce point").press("Enter")
    visited.page.wait_for_url(lambda url: f"lon={INSIDE[0]}&" not in url)
    answer(visited)
    asked = {name: float(value) for name, [value] in parse_qs(urlsplit(visited.page.url).query).items() if name != "on"}
    assert asked["lon"] < INSIDE[0]
    assert asked["lat"] < INSIDE[1]
    screenshot(visited, f"point-{size[0]}")


def test_the_pin_is_dragged_to_another_point(ask):
    visited = ask(HERE)
    frame, place = ready(visited)
    target = {"x": place["width"] * 0.7, "y": place["height"] * 0.5}
    visited.page.locator(".map-pin").drag_to(frame, target_position=target)
    visited.page.wait_for_url(lambda url: f"lon={INSIDE[0]}&" not in url)
    assert float(parse_qs(urlsplit(visited.page.url).query)["lon"][0]) > INSIDE[0]


def test_the_centre_of_the_map_is_asked_about_by_keyboard(ask):
    visited = ask(f"?lon={OUTSIDE[0]}&lat={OUTSIDE[1]}&on={ON}")
    ready(visited)
    visited.page.get_by_role("application").press("ArrowRight")
    visited.page.locator(".leaflet-pan-anim").wait_for(state="detached")
    visited.page.get_by_role("button", name="Vérifier le centre de la carte").press("Enter")
    visited.page.wait_for_url(lambda url: f"lon={OUTSIDE[0]}&" not in url)
    assert float(parse_qs(urlsplit(visited.page.url).query)["lon"][0]) > OUTSIDE[0]


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_a_site_is_drawn_and_its_share_told(ask, screenshot, size):
    visited = ask(HERE, size=size)
    visited.page.get_by_role("button", name="Dessiner un site").click()
    frame, place = ready(visited)
    finish = visited.page.get_by_role("button", name="Vérifier ce site")
    assert finish.is_disabled()
    for x, y in ((0.47, 0.47), (0.53, 0.47), (0.5, 0.53)):
        frame.click(position={"x": place["width"] * x, "y": place["height"] * y})
    assert "3 sommets posés" in visited.text(".map-drawing-tools")
    screenshot(visited, f"dessin-{size[0]}")
    finish.click()
    visited.page.locator("#site-name", has_text="contour dessiné").wait_for()
    visited.page.locator(".map-site").wait_for(state="attached")
    assert "100 % du site en QPV" in visited.text(".answer-told")
    assert visited.complaints == []
