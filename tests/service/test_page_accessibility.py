"""The staff page for all who use it: axe-core finds no serious fault, and nothing is lost on a narrow screen."""

from __future__ import annotations

from itertools import product

import pytest
from examples import LONG
from page_server import INSIDE, INSIDE_STREET, NEAR, ON, OUTSIDE, SHARED_STREET, turn_to

pytestmark = pytest.mark.browser

DECLARED = "".join(
    f"&answer={question}:oui"
    for question in ("organisme", "location", "longue-duree", "contrat-de-ville", "convention")
)
COLOURS = ("light", "dark")
SEEN = ["color-contrast", "link-in-text-block", "scrollable-region-focusable"]
"""The rules of axe-core about how a page looks."""
SMALL, TELEPHONE, HALF, WIDE = (320, 900), (390, 844), (640, 450), (1366, 768)
"""A small and an ordinary telephone, an ordinary screen at 200 %, an ordinary screen; CSS pixels."""


def show_empty(_visited, _folder):
    pass


def show_suggestions(visited, _folder):
    visited.page.get_by_role("combobox").first.press_sequentially("1 rue")
    visited.page.get_by_role("option").filter(visible=True).first.wait_for()
    visited.page.keyboard.press("ArrowDown")


def show_answer(visited, _folder):
    visited.page.locator(".answer").wait_for()
    visited.page.get_by_text("Justificatifs et sources").click()


def show_gap(visited, _folder):
    visited.page.get_by_text("données incomplètes ici", exact=True).wait_for()


def show_offer(visited, _folder):
    visited.page.locator(".map-zone").first.wait_for(state="attached")
    visited.page.locator(".map-frame").click(position={"x": 120, "y": 260})
    visited.page.get_by_role("button", name="Vérifier ce point").wait_for()


def show_drawing(visited, _folder):
    visited.page.get_by_role("button", name="Dessiner un site").click()
    for _ in range(3):
        visited.page.get_by_role("button", name="Poser un sommet au centre").click()


def show_recent(visited, _folder):
    visited.page.locator(".answer").wait_for()
    visited.page.goto(visited.page.url.partition("?")[0])
    visited.page.locator(".recent").wait_for()


def show_notice(visited, _folder):
    visited.page.get_by_role("alert").wait_for()


def show_list(visited, folder):
    path = folder / "liste.csv"
    path.write_text(f"lon;lat\n{INSIDE[0]};{INSIDE[1]}\n{OUTSIDE[0]};{OUTSIDE[1]}\nx;y\n", encoding="utf-8")
    visited.page.get_by_label("Fichier CSV ou XLSX").set_input_files(path)
    visited.page.get_by_label("Une adresse", exact=True).check()
    visited.page.get_by_label("Les colonnes reconnues").check()
    visited.page.get_by_role("button", name="Vérifier la liste").click()
    visited.page.locator(".summary").wait_for()


OTHERS = {
    "vide": ("", show_empty),
    "erreur": (f"?lon={NEAR[0]}&lat={NEAR[1]}&on=2020-06-01", show_notice),
    "point-clique": (f"?lon={INSIDE[0]}&lat={INSIDE[1]}&on={ON}", show_offer),
    "bord-du-connu": ("?lon=0.48&lat=46.58&on=2024-06-01", show_gap),
    "dessin": (f"?lon={INSIDE[0]}&lat={INSIDE[1]}&on={ON}", show_drawing),
    "liste": ("", show_list),
    "suggestions": ("", show_suggestions),
}
ANSWERS = {
    "dedans": (f"?q=1 {INSIDE_STREET} 59120 Loos&on={ON}&scheme=pic-loos&amount=1200", show_answer),
    "dehors": (f"?lon={OUTSIDE[0]}&lat={OUTSIDE[1]}&on={ON}", show_answer),
    "dispositif-plafond": (f"?q=1 {INSIDE_STREET} 59120 Loos&on={ON}&scheme=pic-loos&amount=1800", show_answer),
    "dispositif-declare": (
        f"?q=1 {INSIDE_STREET} 59120 Loos&on=2027-01-01&scheme=tfpb-1388-bis{DECLARED}",
        show_answer,
    ),
    "etablissement": (f"?q=Collège René Descartes 59120 Loos&on={ON}", show_answer),
    "incertain": (f"?q=1 rue du Bord 59120 Loos&on={ON}&scheme=tva-accession", show_answer),
    "numero-inconnu": (f"?q=99 {INSIDE_STREET} 59120 Loos&on={ON}", show_answer),
    "commune-seule": (f"?q=Loos&on={ON}", show_answer),
    "adresses-absentes": (f"?q=30 boulevard Antonio Vivaldi, Lyon&on={ON}", show_answer),
    "rue": (f"?q={SHARED_STREET} 59120 Loos&on={ON}", show_answer),
    "non-localisee": (f"?q=3 impasse Zyglorp Quaxivore 59120 Wyxhem&on={ON}", show_answer),
    "recentes": (f"?lon={INSIDE[0]}&lat={INSIDE[1]}&on={ON}", show_recent),
}
WHOLE = {"vide", "liste", "suggestions", "dedans", "recentes"}
"""Where the whole page is looked at; the other states differ by their answer alone."""


def serious(visited, **options):
    """What axe-core finds serious or critical."""
    return visited.faults(impacts={"serious", "critical"}, **options)


def too_wide(visited):
    """What is cut by the right side of the screen, but for what scrolls in a box of its own."""
    return visited.page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((one) => !one.closest(".scroll, .visually-hidden, svg, .map-frame"))
            .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
            .map((one) => one.outerHTML.slice(0, 120))"""
    )


@pytest.mark.more
@pytest.mark.parametrize("states", [OTHERS, ANSWERS], ids=["others", "answers"])
def test_nothing_serious_in_light_and_dark_and_nothing_lost_when_narrow(visit, screenshot, tmp_path, states):
    """All the rules in each look; or in one of two, and in the other those that depend on colours and places."""
    visited = visit(size=WIDE)
    for number, (state, (path, show)) in enumerate(states.items()):
        visited.look(WIDE)
        turn_to(visited, path)
        show(visited, tmp_path)
        within = "html" if LONG or state in WHOLE else "#answer"
        looks = product(COLOURS, (WIDE, TELEPHONE)) if LONG else zip(COLOURS, (WIDE, TELEPHONE), strict=True)
        for k, (colours, size) in enumerate(looks):
            visited.look(size, colours)
            screenshot(visited, f"{state}-{colours}-{size[0]}")
            found = serious(visited, within=within, rules=() if LONG or k == number % 2 else SEEN)
            assert (state, colours, size, found, too_wide(visited)) == (state, colours, size, [], [])
        for size in (HALF, SMALL):
            visited.look(size, colours)
            assert (state, size, too_wide(visited)) == (state, size, [])


def test_the_whole_page_is_reached_by_keyboard(visit):
    visited = visit(f"?q=1 rue du Bord 59120 Loos&on={ON}")
    visited.page.locator(".map-zone").first.wait_for(state="attached")
    reached = []
    for _ in range(40):
        visited.page.keyboard.press("Tab")
        reached.append(visited.page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    form, links = (
        ["place", "Vérifier", "scheme"],
        ["copy-answer", "Fiche (PDF)", "draw-site", "Justificatifs et sources"],
    )
    wanted = ["Aller au contenu", *form, *links, "file"]
    assert [one for one in dict.fromkeys(reached) if one in wanted] == wanted


def test_motion_is_reduced_where_it_is_asked_for(ask):
    visited = ask(f"?lon={INSIDE[0]}&lat={INSIDE[1]}&on={ON}")
    visited.page.locator(".answer").wait_for()
    animated = "getComputedStyle(document.querySelector('.answer')).animationName"
    visited.page.emulate_media(reduced_motion="no-preference")
    assert visited.page.evaluate(animated) != "none"
    visited.page.emulate_media(reduced_motion="reduce")
    assert visited.page.evaluate(animated) == "none"


def test_the_answer_is_what_is_printed(ask):
    visited = ask(f"?lon={INSIDE[0]}&lat={INSIDE[1]}&on={ON}")
    visited.page.locator(".answer").wait_for()
    visited.page.emulate_media(media="print")
    parts = ("#check", "#batch", "nav", ".verdict", ".map-frame", ".legal")
    printed = [one for one in parts if visited.page.locator(one).is_visible()]
    assert printed == [".verdict", ".map-frame", ".legal"]
