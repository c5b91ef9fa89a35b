"""The staff page in a real browser, against a real server."""

from __future__ import annotations

import csv
import json
import re
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from browser import Visit
from maps.hostile_texts import HOSTILE
from page_server import (
    INSIDE,
    INSIDE_STREET,
    NEAR,
    ON,
    OUTSIDE,
    OUTSIDE_STREET,
    SHARED_STREET,
    answer,
    fact,
    serving,
    side,
)

pytestmark = pytest.mark.browser

ROWS = 200
NEAREST_DRAWN = """() => {
    const disc = document.querySelector(".map-disc");
    const box = disc.getBoundingClientRect();
    const [x, y, radius] = [box.x + box.width / 2, box.y + box.height / 2, disc.getBBox().width / 2];
    const far = [...document.querySelectorAll(".map-zone")].map((one) => {
        let nearest = Infinity;
        for (let at = 0; at < one.getTotalLength(); at += 0.2) {
            const { x: east, y: south } = one.getPointAtLength(at).matrixTransform(one.getScreenCTM());
            nearest = Math.min(nearest, Math.hypot(east - x, south - y));
        }
        return nearest;
    });
    return 20 * Math.min(...far) / radius;
}"""
"""How far from the place the nearest outline is drawn, in metres: the disc drawn around it has a radius of 20 m."""


def at(lon_lat, **more):
    return f"?lon={lon_lat[0]}&lat={lon_lat[1]}&on={ON}" + "".join(f"&{name}={value}" for name, value in more.items())


def box(visited):
    return visited.page.get_by_role("combobox", name="Adresse, commune, quartier ou coordonnées")


def options(visited):
    return visited.page.get_by_role("option").filter(visible=True)


# ── Files ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def fetch(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("", "text/html; charset=utf-8"),
        ("static/style.css", "text/css; charset=utf-8"),
        ("static/app.js", "text/javascript; charset=utf-8"),
        ("static/icon.svg", "image/svg+xml"),
    ],
)
def test_a_file_is_served_once_under_a_strict_policy(served, path, kind):
    status, headers, content = fetch(served.url + path)
    assert (status, headers["content-type"], bool(content)) == (200, kind, True)
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    again = fetch(served.url + path, **{"If-None-Match": headers["etag"]})
    assert (again[0], again[2], again[1]["etag"]) == (304, b"", headers["etag"])


def test_the_files_of_a_version_are_kept_and_asked_no_more(served):
    """Those of another version are this version's too: they are asked again, and no other is to be had."""
    parts = [part for page in ("", "administration") for part in fetch(served.url + page)[2].decode().split('"')]
    addresses = {part for part in parts if part.startswith("static/")}
    [version] = {part.split("/")[1] for part in addresses}
    assert {"style.css", "app.js", "administration.css", "icon.svg"} <= {part.split("/")[2] for part in addresses}
    for path in sorted(addresses):
        status, headers, content = fetch(served.url + path)
        assert (status, "immutable" in headers["cache-control"]) == (200, True)
        other = fetch(served.url + path.replace(version, "f" * len(version)))
        assert (other[1]["cache-control"], other[2] == content) == ("no-cache", True)
        assert fetch(f"{served.url}static/{path.split('/')[2]}")[1]["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["static/absent.js", "static/zz/absent.js", "static/..%2Fpage.py", "static/%2e%2e/page.py"]
)
def test_no_other_file_is_served(served, path):
    assert fetch(served.url + path)[0] == 404


# ── An address ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_address_is_typed_picked_by_keyboard_and_answered(ask, screenshot):
    visited = ask("")
    screenshot(visited, "vide")
    visited.page.get_by_label("À la date du").first.fill(ON)
    box(visited).press_sequentially("12 rue des ess")
    options(visited).first.wait_for()
    assert box(visited).get_attribute("aria-expanded") == "true"
    box(visited).press("ArrowDown")
    chosen = options(visited).first
    assert chosen.get_attribute("aria-selected") == "true"
    assert box(visited).get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert visited.text("#suggest-status").startswith("1 suggestion.")
    screenshot(visited, "suggestions")
    box(visited).press("Enter")
    assert box(visited).input_value() == f"12 {INSIDE_STREET} 59120 Loos"
    assert box(visited).get_attribute("aria-expanded") == "false"
    assert answer(visited) == "En QPV"
    assert "Les Oliveaux (QN05975M)" in visited.text(".verdict-message")
    assert visited.page.evaluate("document.activeElement.id") == "verdict"
    assert side(visited, "Demandé") == f"12 {INSIDE_STREET} 59120 Loos"
    assert side(visited, "Trouvé") == f"12 {INSIDE_STREET} 59120 Loos\nnuméro (± 20 m)"
    assert visited.page.title() == f"En QPV – 12 {INSIDE_STREET} 59120 Loos"
    assert "citycode=59360" in visited.page.url  # of what was picked, as others may have the same label
    assert visited.text(".legal") == "Résultat indicatif, ne vaut pas attestation réglementaire."
    screenshot(visited, "dedans")
    assert visited.complaints == []


def test_the_list_of_suggestions_opens_turns_and_closes(ask):
    visited = ask("")
    box(visited).press_sequentially("loos")
    options(visited).first.wait_for()
    count = options(visited).count()
    box(visited).press("ArrowUp")
    assert options(visited).nth(count - 1).get_attribute("aria-selected") == "true"
    box(visited).press("ArrowDown")
    assert options(visited).first.get_attribute("aria-selected") == "true"
    box(visited).press("Escape")
    assert options(visited).count() == 0
    assert box(visited).input_value() == "loos"
    box(visited).press("ArrowDown")
    chosen = options(visited).first.locator(".option-label").inner_text()
    options(visited).first.click()
    assert box(visited).input_value() == chosen
    assert "Loos" in chosen
    assert visited.complaints == []


def test_a_link_reproduces_the_check(visit):
    visited = visit()
    box(visited).fill(f"{NEAR[0]} ; {NEAR[1]}".replace(".", ","))
    visited.page.get_by_label("À la date du").first.fill(ON)
    visited.page.get_by_label("Dispositif").select_option("tfpb-1388-bis")
    visited.page.get_by_role("button", name="Vérifier", exact=True).click()
    assert answer(visited) == "En QPV"
    link = visited.page.url
    asked = {name: value for name, [value] in parse_qs(urlsplit(link).query).items()}
    assert asked == {"q": f"{NEAR[0]} ; {NEAR[1]}".replace(".", ","), "on": ON, "scheme": "tfpb-1388-bis"}
    assert visited.page.locator(".link-printed").text_content() == link
    again = visit("?" + urlsplit(link).query)
    assert answer(again) == "En QPV"
    assert digest(again) == digest(visited)
    assert again.page.locator(".decision").inner_text() == visited.page.locator(".decision").inner_text()


def digest(visited):
    visited.page.get_by_text("Justificatifs et sources").click()
    return visited.page.locator(".evidence code").first.inner_text()


def test_the_answers_before_come_back(ask):
    visited = ask(at(INSIDE))
    assert answer(visited) == "En QPV"
    box(visited).fill(f"{OUTSIDE[0]}, {OUTSIDE[1]}")
    box(visited).press("Enter")
    visited.page.locator(".answer.status-outside").wait_for()
    visited.page.go_back()
    visited.page.locator(".answer.status-inside").wait_for()
    assert box(visited).input_value() == f"{INSIDE[1]}, {INSIDE[0]}"


def test_a_scheme_says_which_date_counts_and_what_it_rests_on(ask, screenshot):
    visited = ask(f"?q=1 rue du Bord 59120 Loos&on={ON}&scheme=tva-accession")
    answer(visited)
    visited.page.get_by_text("Détail et textes").click()
    decision = visited.text(".decision")
    assert decision.startswith("TVA à 5,5 % pour l’accession à la propriété en QPV et à proximité")
    assert "CGI, art. 278 sexies" in decision
    assert "la date de la demande de permis" in visited.text("#on-hint")
    screenshot(visited, "dispositif")


def test_what_is_uncertain_says_how_sure_and_what_to_do(ask, screenshot):
    visited = ask(f"?q=1 rue du Bord 59120 Loos&on={ON}")
    assert answer(visited) == "À vérifier"
    assert fact(visited, "Certitude") == "Impossible de trancher (limite à 15 m, marge d’erreur ± 20 m)."
    assert "carte" in fact(visited, "Que faire")
    screenshot(visited, "incertain")


def test_an_address_that_is_not_found_is_no_answer(ask, screenshot):
    visited = ask(f"?q=3 impasse Zyglorp Quaxivore 59120 Wyxhem&on={ON}")
    assert answer(visited) == "Non localisée"
    assert "ce n’est pas « hors QPV »" in fact(visited, "Certitude")
    assert visited.page.locator(".map").count() == 0  # the commune is not known either
    screenshot(visited, "non-localisee")


def test_one_of_several_places_is_chosen(ask, screenshot):
    visited = ask(f"?q=1 rue des Jumeaux&on={ON}")
    assert answer(visited) == "À vérifier"
    places = visited.page.locator(".candidates li")
    read = (place.locator(".candidate").inner_text().replace("\u00a0", " ") for place in places.all())
    assert sorted(read) == [
        "1 Rue des Jumeaux 59120 Loos : en QPV\n? commune : non précisée",
        "1 Rue des Jumeaux 59998 Test : hors QPV\n? commune : non précisée",
    ]
    screenshot(visited, "lieux-possibles")
    visited.page.get_by_role("button", name="Vérifier cette adresse : 1 Rue des Jumeaux 59120 Loos").click()
    visited.page.locator(".answer.status-inside").wait_for()
    assert "citycode=59360" in visited.page.url


def test_a_street_on_both_sides_tells_its_numbers(ask, screenshot):
    visited = ask(f"?q={SHARED_STREET} 59120 Loos&on={ON}")
    assert answer(visited) == "À vérifier"
    rows = [row.inner_text().split("\t") for row in visited.page.locator(".answer tbody tr").all()]
    assert sorted(rows) == [["Impair", "1, 3, 5", "–"], ["Pair", "–", "2, 4, 6"]]
    screenshot(visited, "rue")


def test_the_map_shows_the_place_its_disc_and_the_perimeters(ask):
    visited = ask(f"?q=1 rue du Bord 59120 Loos&on={ON}")
    answer(visited)
    visited.page.locator(".map-zone").first.wait_for(state="attached")
    assert visited.page.locator(".map-name").text_content() == "Les Oliveaux"
    # What is drawn must agree with the verdict: inside, and as far from the limit as it says.
    inside = """() => {
        const { x, y, width } = document.querySelector(".map-disc").getBBox();
        const centre = new DOMPoint(x + width / 2, y + width / 2);
        return [...document.querySelectorAll(".map-zone")].some((one) => one.isPointInFill(centre));
    }"""
    assert visited.page.evaluate(inside)
    assert "à 15 m, côté intérieur" in fact(visited, "Limite")
    assert visited.page.evaluate(NEAREST_DRAWN) == pytest.approx(15.0, abs=1.5)
    frame = visited.page.get_by_role("application")
    scale = ".leaflet-control-scale-line"
    before = visited.text(scale)
    frame.press("-")
    frame.press("-")
    assert visited.text(scale) != before
    pin = visited.page.locator(".map-pin")
    moved = pin.bounding_box()
    frame.press("ArrowLeft")
    visited.page.locator(".leaflet-pan-anim").wait_for(state="detached")
    assert pin.bounding_box()["x"] > moved["x"]
    visited.page.get_by_role("button", name="Recentrer").click()
    assert visited.text(scale) == before
    assert visited.complaints == []


def test_the_fiche_and_the_record_are_kept(ask, served, command_line, tmp_path):
    visited = ask(f"?q=12 {INSIDE_STREET} 59120 Loos&on={ON}&scheme=tfpb-1388-bis")
    answer(visited)
    fiche = visited.page.get_by_role("link", name="Fiche (PDF)").get_attribute("href")
    status, headers, content = fetch(served.url + fiche)
    assert (status, headers["content-type"], content[:5]) == (200, "application/pdf", b"%PDF-")
    visited.page.get_by_text("Justificatifs et sources").click()
    with visited.page.expect_download() as download:
        visited.page.get_by_role("link", name="Réponse complète (JSON)").click()
    record = tmp_path / "verdict.json"
    download.value.save_as(record)
    verified = command_line("verify", record)
    assert (verified.code, "IDENTIQUE" in verified.out) == (0, True)


def test_coordinates_are_offered_as_they_are_read_and_checked(ask):
    visited = ask(f"?on={ON}")
    for typed, detail in (
        ("50.60685 3.0100", "latitude, longitude : latitude 50,60685 ; longitude 3,01"),
        ("50°36'24.66\"N 3°00'36\"E", "latitude, longitude : latitude 50,60685 ; longitude 3,01"),
        ("X 700713 Y 7056652", "Lambert 93 : latitude 50,6069"),
    ):
        box(visited).fill(typed)
        assert detail in options(visited).first.inner_text()
        options(visited).first.click()
        visited.page.locator(".sides .side", has_text=typed).wait_for()
        assert answer(visited) == "En QPV"
        assert side(visited, "Demandé") == typed
        assert side(visited, "Trouvé").startswith("latitude 50,606")
    assert visited.complaints == []


def test_what_is_missing_is_said_beside_its_box(ask):
    visited = ask("")
    for typed in ("", "ab"):
        box(visited).fill(typed)
        box(visited).press("Enter")
        assert "Tapez une adresse" in visited.text("#place-error")
        assert box(visited).get_attribute("aria-invalid") == "true"
        assert visited.page.locator(".answer").count() == 0
        box(visited).fill("abc")
        assert box(visited).get_attribute("aria-invalid") is None


def test_the_map_of_projects_is_one_click_away(visit):
    visited = visit()
    visited.page.get_by_role("link", name="Carte des projets").click()
    visited.page.locator(".leaflet-container").wait_for()
    assert visited.page.url.endswith("/carte")
    assert visited.complaints == []


# ── What others wrote ──────────────────────────────────────────────────────────────────────────────────────────────


def test_hostile_names_stay_text(visit, tmp_path):
    visited = visit(f"?on={ON}")
    box(visited).press_sequentially("1 img src onerror alert 59120 loos")
    options(visited).first.wait_for()
    assert HOSTILE in options(visited).first.inner_text()
    options(visited).first.click()
    answer(visited)
    assert HOSTILE in side(visited, "Demandé")
    assert HOSTILE in side(visited, "Trouvé")
    path = tmp_path / "liste.csv"
    path.write_text(f"{HOSTILE};adresse\n1;{HOSTILE}\n2;1 {INSIDE_STREET} 59120 Loos\n", encoding="utf-8")
    visited.page.get_by_label("Fichier CSV ou XLSX").set_input_files(path)
    visited.page.get_by_label("Une adresse", exact=True).check()
    assert visited.page.get_by_label(HOSTILE, exact=True).count() == 1
    visited.page.get_by_role("button", name="Vérifier la liste").click()
    visited.page.locator(".summary").wait_for()
    assert visited.page.locator("img[src=x]").count() == 0
    assert visited.complaints == []


# ── What goes wrong ────────────────────────────────────────────────────────────────────────────────────────────────


def notice(visited):
    visited.page.get_by_role("alert").wait_for()
    return visited.text("[role=alert]")


def test_missing_perimeters_come_with_the_command_for_the_administrator(ask, screenshot):
    visited = ask(f"?lon={INSIDE[0]}&lat={INSIDE[1]}&on=2020-06-01")
    told = notice(visited)
    assert "ne sont pas installés" in told
    assert "qpv perimeters fetch qpv-2015 --accept-new" in told
    screenshot(visited, "perimetres-absents")


def test_a_cut_network_is_said(ask):
    visited = ask("")
    visited.page.context.set_offline(True)
    box(visited).fill(f"{INSIDE[0]}, {INSIDE[1]}")
    box(visited).press("Enter")
    assert "Le serveur ne répond pas" in notice(visited)


def test_a_geocoder_that_fails_is_no_answer(visit, tmp_path):
    with serving(tmp_path, QPV_GEO_GEOCODERS='["national"]') as server:
        visited = visit(f"?q=1 rue des Essais 59120 Loos&on={ON}", server)
        assert "le service national ne répond pas" in notice(visited)


def test_too_many_questions_say_when_to_ask_again(visit, tmp_path):
    with serving(tmp_path, QPV_GEO_SERVICE_RATE_LIMIT="2/minute") as server:
        visited = visit(at(INSIDE), server)
        answer(visited)
        box(visited).press("Enter")
        assert re.search(r"réessayez dans \d+ seconde", notice(visited))


def test_a_key_that_is_asked_for_is_given_once(browser, screenshot, tmp_path):
    with serving(tmp_path, QPV_GEO_SERVICE_API_KEYS='["cle-d-essai"]') as server:
        visited = Visit(browser, server.url + at(INSIDE))
        assert "Ce service demande une clé d’accès" in notice(visited)
        screenshot(visited, "key-asked")
        key = visited.page.get_by_label("Clé d’accès")  # in one place; elsewhere, a button brings it there
        assert visited.page.locator("#answer").get_by_label("Clé d’accès").is_visible()
        visited.page.locator("#registre").get_by_role("button", name="Donner la clé d’accès").click()
        assert visited.page.locator("#registre").get_by_label("Clé d’accès").is_visible()
        assert key.evaluate("field => field === document.activeElement")
        key.fill("cle-fausse")
        key.press("Enter")
        visited.page.get_by_text("Cette clé d’accès n’est pas reconnue").first.wait_for()
        visited.page.get_by_role("button", name="Donner la clé d’accès").wait_for()
        screenshot(visited, "key-wrong")
        key.fill("cle-d-essai")
        visited.page.get_by_role("button", name="Continuer").click()
        assert answer(visited) == "En QPV"
        with visited.page.expect_download() as download:
            visited.page.get_by_role("link", name="Fiche (PDF)").click()
        assert download.value.path().read_bytes()[:5] == b"%PDF-"


# ── A list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def write_list(path, rows):
    """Write numbered addresses, one in ten of which is to be corrected, in the encoding of an old spreadsheet."""
    with path.open("w", encoding="cp1252", newline="") as stream:
        table = csv.writer(stream, delimiter=";")
        table.writerow(["n°", "adresse", "code postal", "commune"])
        for row in range(rows):
            street = (INSIDE_STREET, OUTSIDE_STREET)[row % 2]
            address = "" if row % 10 == 9 else f"{row % 40 + 1} {street}"
            table.writerow([f"{row:05}", address, "59120", "Loos"])
    return path


def send(visited, path):
    visited.page.get_by_label("Fichier CSV ou XLSX").set_input_files(path)
    visited.page.locator("#columns").wait_for()
    visited.page.get_by_label("À la date du").nth(1).fill(ON)


def download(visited, folder):
    with visited.page.expect_download() as received:
        visited.page.get_by_role("link", name="Télécharger le fichier complété").click()
    path = folder / received.value.suggested_filename
    received.value.save_as(path)
    return path


def test_a_list_comes_back_as_the_command_line_answers_it(visit, screenshot, command_line, tmp_path):
    source = write_list(tmp_path / "bénéficiaires.csv", ROWS)
    visited = visit()
    send(visited, source)
    assert "« adresse » + « code postal » + « commune »" in visited.text(".recognised")
    screenshot(visited, "liste-colonnes")
    visited.page.get_by_role("button", name="Vérifier la liste").click()
    visited.page.get_by_role("progressbar").wait_for()
    screenshot(visited, "liste-en-cours")
    visited.page.locator(".summary").wait_for()
    screenshot(visited, "liste-faite")
    received = download(visited, tmp_path)
    told = command_line("batch", source, "-o", tmp_path / "attendu.csv", "--on", ON, "--format", "json")
    assert received.read_bytes() == (tmp_path / "attendu.csv").read_bytes()
    counts = {one["status"]: one["count"] for one in json.loads(told.out)["by_status"]}
    shown = [line.inner_text() for line in visited.page.locator(".bar-line .number").all()]
    assert [int(line.split()[0]) for line in shown] == list(counts.values())
    assert visited.complaints == []


def test_a_reload_finds_the_list_again(visit, tmp_path):
    visited = visit()
    send(visited, write_list(tmp_path / "liste.csv", 20))
    visited.page.get_by_role("button", name="Vérifier la liste").click()
    visited.page.locator(".summary").wait_for()
    visited.page.reload()
    visited.page.locator(".summary").wait_for()
    assert "20 lignes vérifiées" in visited.text(".summary")


def test_the_columns_of_a_workbook_are_chosen(visit, tmp_path):
    path = tmp_path / "lieux.xlsx"
    book = openpyxl.Workbook()
    for row in (("ident", "est", "nord"), ("001", *INSIDE), ("002", *OUTSIDE)):
        book.active.append(row)
    book.save(path)
    book.close()
    visited = visit()
    send(visited, path)
    assert "Aucune colonne n’a été reconnue" in visited.text("#columns")
    visited.page.get_by_role("button", name="Vérifier la liste").click()
    assert "Cochez au moins une colonne" in visited.text("#file-error")
    visited.page.get_by_label("Une longitude et une latitude").check()
    visited.page.get_by_label("Longitude", exact=True).select_option("est")
    visited.page.get_by_label("Latitude", exact=True).select_option("nord")
    visited.page.get_by_role("button", name="Vérifier la liste").click()
    visited.page.locator(".summary").wait_for()
    received = openpyxl.load_workbook(download(visited, tmp_path))
    rows = [[cell.value for cell in row[:4]] for row in received.worksheets[0].iter_rows()]
    received.close()
    assert [row[0] for row in rows] == ["ident", "001", "002"]
    assert [row[3] for row in rows] == ["qpv_reponse", "en QPV", "hors QPV"]


def test_a_list_that_cannot_be_answered_says_why(visit, tmp_path):
    path = tmp_path / "liste.csv"
    path.write_text(f"lon;lat\n{INSIDE[0]};{INSIDE[1]}\n", encoding="utf-8")
    visited = visit()
    send(visited, path)
    visited.page.get_by_label("À la date du").nth(1).fill("2020-06-01")
    visited.page.get_by_role("button", name="Vérifier la liste").click()
    assert "qpv-2015" in notice(visited)


def test_a_file_that_is_no_list_is_refused(visit, tmp_path):
    visited = visit()
    for name, content, said in (
        ("photo.png", b"x", "ni un CSV ni un XLSX"),
        ("vide.csv", b"", "vide"),
        ("faux.xlsx", b"x", "faux.xlsx"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        visited.page.get_by_label("Fichier CSV ou XLSX").set_input_files(path)
        visited.page.locator("#file-error", has_text=said).wait_for()
