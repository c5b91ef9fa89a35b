"""An address answered at once: in view, copied, compared, and found again."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from page_server import INSIDE, INSIDE_STREET, NEAR, ON, OUTSIDE, SHARED_STREET, answer, fact, serving

pytestmark = pytest.mark.browser

COLLEGE = f"?q=Collège René Descartes 59120 Loos&on={ON}"
SIZES = [(1366, 768), (390, 844)]


def box(visited):
    return visited.page.get_by_role("combobox", name="Adresse, commune, quartier ou coordonnées")


def choose(visited, typed):
    box(visited).press_sequentially(typed)
    visited.page.get_by_role("option").filter(visible=True).first.click()


@pytest.mark.parametrize("size", SIZES)
def test_a_suggestion_chosen_is_answered_in_view(ask, screenshot, size):
    visited = ask("", size=size)
    choose(visited, "12 rue des ess")
    assert answer(visited) == "En QPV"
    assert visited.page.title() == f"En QPV – 12 {INSIDE_STREET} 59120 Loos"
    for colours in ("light", "dark"):
        visited.page.emulate_media(color_scheme=colours)
        seen = [visited.page.locator(one).bounding_box() for one in (".verdict-word", ".sides .side:last-child")]
        assert all(one["y"] >= 0 and one["y"] + one["height"] <= size[1] for one in seen)
        screenshot(visited, f"reponse-{size[0]}-{colours}")


@pytest.mark.parametrize("size", SIZES)
def test_the_last_form_stands_clear_of_the_foot_of_the_page(visit, size):
    visited = visit(size=size)
    form, foot = (visited.page.locator(one).bounding_box() for one in ("#batch", "footer"))
    assert foot["y"] - form["y"] - form["height"] >= 20


def test_the_form_is_complete_again_without_an_answer(visit):
    visited = visit(f"?lon={INSIDE[0]}&lat={INSIDE[1]}&on={ON}", size=SIZES[1])
    answer(visited)
    assert not visited.page.locator("#on").is_visible()
    visited.page.get_by_role("button", name="Date, dispositif, site").click()
    assert visited.page.locator("#on").is_visible()
    visited.page.goto(visited.page.url.partition("?")[0])
    assert visited.page.locator("#on").is_visible()
    assert visited.page.title() == "En QPV ou non ? – qpv-geo"


def test_the_answer_is_copied_as_a_sentence(ask):
    visited = ask(COLLEGE)
    answer(visited)
    visited.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visited.page.get_by_role("button", name="Copier la réponse").click()
    visited.page.get_by_text("Réponse copiée.").wait_for()
    copied = visited.page.evaluate("navigator.clipboard.readText()").replace("\u00a0", " ")
    first, said, checked, link = copied.splitlines()
    assert first.startswith("« Collège René Descartes 59120 Loos » : à vérifier. Au 1er juin 2024")
    assert "entré dans le QPV en 2024 d’après la ville de Loos" in said
    assert checked.endswith("Résultat indicatif, ne vaut pas attestation réglementaire.")
    assert (link, parse_qs(urlsplit(link).query)) == (
        visited.page.locator(".link-printed").text_content(),
        {"q": ["Collège René Descartes 59120 Loos"], "on": [ON]},
    )


def test_what_the_town_says_is_beside_the_answer_and_not_in_its_place(ask, screenshot):
    visited = ask(COLLEGE)
    assert answer(visited) == "À vérifier"
    told = fact(visited, "Ce qu’en dit la commune")
    assert told == "« entré dans le QPV en 2024 d’après la ville de Loos » (source : Ville de Loos)"
    screenshot(visited, "etablissement")
    visited = ask(f"?lon={NEAR[0]}&lat={NEAR[1]}&on={ON}")  # the same point, without the place
    answer(visited)
    assert "Ville de Loos" not in visited.text(".answer")


def test_the_checks_of_the_session_are_found_again(ask):
    visited = ask(f"?q=1 {INSIDE_STREET} 59120 Loos&on={ON}")
    answer(visited)
    assert visited.page.locator(".recent").count() == 0
    box(visited).fill(f"{OUTSIDE[1]}, {OUTSIDE[0]}")
    box(visited).press("Enter")
    visited.page.locator(".answer.status-outside").wait_for()
    visited.page.locator(".recent a").press("Enter")  # a click could miss it: the map above still grows
    visited.page.locator(".answer.status-inside").wait_for()
    assert box(visited).input_value() == f"1 {INSIDE_STREET} 59120 Loos"
    visited.page.get_by_role("button", name="Effacer la liste").click()
    assert visited.page.locator(".recent").count() == 0


def test_a_street_across_the_limit_draws_its_numbers_and_no_disc(ask, screenshot):
    visited = ask(f"?q={SHARED_STREET} 59120 Loos&on={ON}")
    answer(visited)
    visited.page.locator(".map-door").nth(5).wait_for(state="attached")
    drawn = {status: visited.page.locator(f".map-door.status-{status}").count() for status in ("inside", "outside")}
    assert drawn == {"inside": 3, "outside": 3}
    assert visited.page.locator(".map-disc").count() == 0
    assert "500" not in visited.text(".answer-told")
    screenshot(visited, "rue-a-cheval")


def test_candidates_look_like_what_was_asked(ask):
    visited = ask(f"?on={ON}")
    alike = "(candidates) => import('/static/compared.js').then((module) => module.alike(candidates))"
    streets = [{"label": str(k), "type": "street", "score": 0.9, "match": {"street": "same"}} for k in range(7)]
    other = {"label": "autre", "type": "street", "score": 0.9, "match": {"street": "different"}}
    far = other | {"label": "loin", "score": 0.4}
    assert len(visited.page.evaluate(alike, streets)) == 5
    assert visited.page.evaluate(alike, [streets[0], other]) == [streets[0]]
    assert visited.page.evaluate(alike, [other, far]) == [other]


@pytest.fixture
def earlier(home, shared, qpv):
    """The QPV 2015 of the metropolis of Lille, in the home of the server."""
    path, box_of_loos = shared / "boundaries/qpv-2015-mel.geojson", "2.985,50.593,3.035,50.622"
    told = qpv("perimeters", "import", path, "--generation", "qpv-2015", "--coverage", box_of_loos)
    assert (told.code, home.is_dir()) == (0, True)


@pytest.mark.shared
@pytest.mark.usefixtures("earlier")
def test_both_generations_are_compared_for_one_place(visit, home, tmp_path, screenshot):
    with serving(tmp_path, QPV_GEO_HOME=str(home)) as server:
        visited = visit(f"?lon=3.00409&lat=50.60919&on={ON}", server)  # in the larger piece that the redraw added
        assert answer(visited) == "En QPV"
        visited.page.get_by_text("Comparer 2015 et 2024").click()
        visited.page.locator(".generations tbody tr").first.wait_for()
        rows = [one.inner_text().split("\t") for one in visited.page.locator(".generations tbody tr").all()]
        assert [row[:2] for row in rows] == [["2015", "Hors QPV"], ["2024", "En QPV"]]
        visited.page.locator(".map-zone-other").first.wait_for(state="attached")
        assert "quartier 2015" in visited.text(".legend")
        assert visited.complaints == []
        screenshot(visited, "generations")


def test_one_generation_is_not_compared(ask):
    visited = ask(f"?lon={INSIDE[0]}&lat={INSIDE[1]}&on={ON}")
    answer(visited)
    assert visited.page.locator(".generations").count() == 0
