"""A list in the page: its first rows, the rows to verify and their corrections, its map and its files."""

from __future__ import annotations

import csv

import openpyxl
import pytest
from page_server import INSIDE_STREET, ON, OUTSIDE_STREET
from test_page_accessibility import serious, too_wide

from qpv_geo import crs

pytestmark = pytest.mark.browser

TWINS = "1 rue des Jumeaux"
"""In Les Oliveaux and in another town: whoever sends the list chooses which."""
STATUS = {"inside": "enQPV", "outside": "horsQPV", "uncertain": "àvérifier", "not_located": "nonlocalisée"}
LOOKS = ((1366, 768), "light"), ((390, 844), "dark")


def write(folder):
    """200 rows: 98 inside, 98 outside, two of an address of two towns, one that is not found, one empty."""
    streets = [INSIDE_STREET if number % 2 else OUTSIDE_STREET for number in range(196)]
    rows = [f"{k};{k % 40 + 1} {street};59120;Loos" for k, street in enumerate(streets)]
    rows += [f"196;{TWINS};;", f"197;{TWINS};;", "198;3 impasse Zyglorp;59120;Loos", "199;;;"]
    path = folder / "demandes.csv"
    path.write_text("dossier;adresse;code postal;commune\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def choose(visited, path):
    visited.page.get_by_label("Fichier CSV ou XLSX").set_input_files(path)
    visited.page.locator("#columns").wait_for()


def verify(visited):
    visited.page.get_by_label("À la date du").last.fill(ON)
    visited.page.get_by_role("button", name="Vérifier la liste").click()
    visited.page.locator(".rows h4").wait_for()


def choose_loos(visited):
    twin = visited.page.locator(".to-verify li", has_text=TWINS).first
    twin.get_by_role("button", name="Choisir une adresse").click()
    twin.get_by_label("1 Rue des Jumeaux 59120 Loos").check()


def share(visited, status):
    return visited.text(f".bar-line.status-{status} .number")


def download(visited, name, folder):
    with visited.page.expect_download() as received:
        visited.page.get_by_role("link", name=name).click()
    path = folder / received.value.suggested_filename
    received.value.save_as(path)
    return path


def test_a_list_of_200_rows_is_corrected_and_downloaded(visit, screenshot, tmp_path):
    """Half of it on an ordinary screen, half on a telephone."""
    visited = visit("#liste")
    choose(visited, write(tmp_path))
    for size, colours in LOOKS:
        visited.look(size, colours)
        screenshot(visited, f"liste-apercu-{size[0]}-{colours}")
    verify(visited)
    assert visited.page.locator(".done-heading").bounding_box()["y"] < size[1] / 2
    assert (share(visited, "inside"), share(visited, "uncertain")) == ("98 (49 %)", "2 (1 %)")
    assert "(4)" in visited.text(".rows h4")
    twins = visited.page.locator(".to-verify li", has_text=TWINS)
    assert (twins.count(), "Lignes 198, 199" in twins.inner_text()) == (1, True)
    assert TWINS.replace(" ", "+") in twins.get_by_role("link").get_attribute("href")
    choose_loos(visited)
    visited.page.get_by_label("La ligne 198 seulement").check()
    for size, colours in reversed(LOOKS):
        visited.look(size, colours)
        screenshot(visited, f"liste-{size[0]}-{colours}")
        assert (size, serious(visited), too_wide(visited)) == (size, [], [])
    visited.page.get_by_role("button", name="Appliquer ce choix").click()
    visited.page.locator(".rows h4", has_text="(3)").wait_for()
    assert (share(visited, "inside"), share(visited, "uncertain")) == ("99 (50 %)", "1 (0,5 %)")

    text = download(visited, "complété", tmp_path).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
    corrected, left = rows[196], rows[197]
    assert (corrected["adresse"], corrected["qpv_status"], corrected["result_city"]) == (TWINS, "inside", "Loos")
    assert "Adresse choisie à la place de celle du fichier" in corrected["qpv_message"]
    assert left["qpv_status"] == "uncertain"
    book = openpyxl.load_workbook(download(visited, "Excel", tmp_path))
    header, *lines = book.active.iter_rows(values_only=True)
    assert [line[header.index("qpv_reponse")] for line in lines] == [row["qpv_reponse"] for row in rows]
    assert "qpv_status" not in header
    assert [one.title for one in book.worksheets[1:]] == ["Synthèse", "Motifs", "Par quartier", "À vérifier", "Légende"]
    _, *to_verify = book["À vérifier"].iter_rows(values_only=True)
    assert [line[:3] for line in to_verify] == [
        (199, TWINS, "à vérifier"),
        (200, "3 impasse Zyglorp 59120 Loos", "non localisée"),
        (201, None, "non localisée"),
    ]
    assert all(all(line[3:]) for line in to_verify)


def test_rows_of_the_same_address_are_corrected_together_and_taken_back(visit, screenshot, tmp_path):
    visited = visit("#liste")
    choose(visited, write(tmp_path))
    verify(visited)
    choose_loos(visited)
    assert visited.page.get_by_label("Les 2 lignes qui demandent la même adresse").is_checked()
    assert "2 lignes à corriger" in visited.text(".apply [role=status]")
    visited.page.get_by_role("button", name="Appliquer ce choix").click()
    visited.page.locator(".rows h4", has_text="(2)").wait_for()
    assert share(visited, "inside") == "100 (50 %)"
    visited.page.reload()
    visited.page.locator(".rows h4", has_text="(2)").wait_for()
    assert f"« {TWINS} » → 1 Rue des Jumeaux 59120 Loos" in visited.text(".chosen")
    screenshot(visited, "liste-corrigee")
    visited.page.get_by_role("button", name=f"Annuler {TWINS}").click()
    visited.page.get_by_role("button", name="Vérifier sans correction").click()
    assert "Choisissez à nouveau le fichier" in visited.text("#file-error")
    choose(visited, write(tmp_path))
    visited.page.get_by_role("button", name="Vérifier sans correction").click()
    visited.page.locator(".rows h4", has_text="(4)").wait_for()
    assert share(visited, "inside") == "98 (49 %)"


def test_the_percentages_are_those_of_the_command_line(visit, command_line, tmp_path):
    visited = visit("#liste")
    path = write(tmp_path)
    choose(visited, path)
    verify(visited)
    answer = command_line("batch", path, "-o", tmp_path / "ici.csv", "--on", ON)
    told = "".join((answer.out + answer.err).split())
    for status, name in STATUS.items():
        number, percent = share(visited, status).split(" ", 1)
        assert f"{number}{name}{percent.replace(' ', '')}" in told


def test_lambert_93_is_proposed_for_metres_and_the_rows_are_drawn(visit, screenshot, tmp_path):
    mainland = crs.TERRITORIES[0]
    east, north = crs.project_point(lon=3.0100, lat=50.60685, territory=mainland)
    path = tmp_path / "points.csv"
    path.write_text(f"id;x;y\n1;{east:.1f};{north:.1f}\n2;{east + 3000:.1f};{north:.1f}\n", encoding="utf-8")
    visited = visit("#liste")
    choose(visited, path)
    assert visited.page.locator(".preview td").all_inner_texts()[:2] == ["1", f"{east:.1f}"]
    assert visited.page.get_by_label("Système de coordonnées").first.input_value() == "EPSG:2154"
    visited.page.get_by_label("À la date du").last.fill(ON)
    visited.page.get_by_role("button", name="Vérifier la liste").click()
    visited.page.get_by_text("Carte des lignes localisées").click()
    visited.page.locator("path.list-dot").first.wait_for(state="attached")
    screenshot(visited, "liste-carte")
    assert visited.page.locator("path.list-dot").count() == 2
    assert visited.page.locator("path.list-dot.status-inside").count() == 1
