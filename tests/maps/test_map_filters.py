"""What a map shows to elected people: names, filters whose sums are those of the table, projects of a quartier."""

from __future__ import annotations

import pytest

from qpv_geo.maps import projects_map
from qpv_geo.projects import read_projects

pytestmark = pytest.mark.browser

ROWS = [
    {"id": str(k), "title": f"Projet d'essai {k}", "amount": amount, "year": year, "theme": theme, **place}
    for k, (amount, year, theme, place) in enumerate(
        [
            ("100.10", "2024", "sport", {"code_qp": "QN08604M"}),
            ("20.05", "2025", "culture;sport", {"code_qp": "QN08604M"}),
            ("7", "2025", "santé", {"code_qp": "QN08603M"}),
            ("3", "2025", "santé", {"neighbourhood": "tous"}),
        ],
        start=1,
    )
]


@pytest.fixture
def visited(visit, make_projects, make_map, embedded):
    opened = visit(make_map(make_projects(ROWS), embedded, offline=True))
    opened.page.get_by_text("Filtrer les projets").click()
    return opened


def choose(visited, label, value):
    visited.page.locator(".qpv-filter").filter(has_text=label).locator("select").select_option(label=value)


def told(visited):
    return visited.text(".qpv-filters [role=status]")


def test_only_the_perimeters_of_the_communes_are_there_and_all_are_named(visited):
    names = visited.page.locator(".qpv-name").all_inner_texts()
    assert sorted(names) == ["Beaulieu", "Bel Air", "Couronneries Saint-Eloi", "Trois Cités"]


def test_filters_leave_the_projects_that_match_and_their_sum(visited):
    choose(visited, "Année", "2025")
    assert "3 projets sur 4 : 30,05 €" in told(visited)
    choose(visited, "Thème", "sport")
    assert "1 projet sur 4 : 20,05 €" in told(visited)
    assert visited.page.locator(".qpv-pill").all_inner_texts()[-1].replace("\u00a0", " ") == "20,05 €"
    visited.page.get_by_role("button", name="Tout afficher").click()
    assert told(visited) == ""
    assert visited.complaints == []


def test_a_quartier_lists_its_projects_those_of_the_filters_only(visited):
    visited.page.get_by_role("searchbox").fill("Trois Cités")
    visited.page.keyboard.press("Enter")
    popup = visited.page.locator(".leaflet-popup")
    assert "Projets de ce quartier (2)" in popup.inner_text().replace("\u00a0", " ")
    assert popup.get_by_role("term").filter(has_text="Montant").count() == 1
    choose(visited, "Année", "2024")
    visited.page.get_by_role("searchbox").fill("Trois Cités")
    visited.page.keyboard.press("Enter")
    popup.get_by_text("Projets de ce quartier (1)").wait_for()
    assert "Projet d'essai 2" not in popup.inner_text()
    assert popup.get_by_role("term").filter(has_text="Montant").count() == 0  # that of all its projects


def test_a_label_tells_nothing_of_the_projects_that_are_filtered_out(visited):
    choose(visited, "Année", "2025")
    visited.page.locator(".qpv-pill").filter(has_text="20,05").dispatch_event("click")
    popup = visited.page.locator(".leaflet-popup")
    popup.locator("h3").first.wait_for()
    amounts = popup.get_by_role("term").filter(has_text="Montant").count()
    assert amounts == popup.locator("section").count()
    assert "Tout le périmètre" not in popup.inner_text()


ZOOMED_AND_RECENTRED = """() => new Promise((done) => {
    document.querySelector(".leaflet-control-zoom-in").click();
    requestAnimationFrame(() => requestAnimationFrame(() => {
        const zooms = document.querySelector(".leaflet-zoom-anim") !== null;
        document.querySelector("[aria-label=Recentrer]").click();
        done(zooms);
    }));
})"""


def test_recentrer_comes_back_to_the_first_view(visited):
    shown = "document.querySelectorAll('.qpv-name:not([hidden])').length"
    for _ in range(3):
        visited.page.get_by_role("button", name="Zoomer", exact=True).click()
    visited.page.wait_for_function(f"{shown} < 4")
    assert visited.page.evaluate(ZOOMED_AND_RECENTRED)  # it was asked while the map was zooming
    visited.page.wait_for_function(f"{shown} === 4")
    visited.page.wait_for_function("!document.querySelector('.leaflet-zoom-anim')")
    assert visited.page.evaluate(shown) == 4
    assert visited.complaints == []


def test_a_background_that_cannot_be_reached_is_told(visit, fiq, embedded):
    opened = visit(projects_map(fiq, embedded))
    opened.page.get_by_text("Le fond de carte ne répond pas").wait_for()


def test_the_projects_of_loos_are_listed_and_no_amount_is_nought(visit, make_map, embedded):
    opened = visit(make_map(read_projects("loos-2024"), embedded, offline=True))
    panel = opened.page.locator(".qpv-panel").inner_text().replace("\u00a0", " ")
    assert "0 €" not in panel
    assert opened.page.locator(".qpv-project").count() == 7
    assert sorted(opened.page.locator(".qpv-name").all_inner_texts()) == [
        "Clémenceau-Kiener",
        "Les Oliveaux",
        "Secteur Sud",
    ]
