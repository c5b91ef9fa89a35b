"""The forms of the staff page: what they keep, what they clear, and what they say is wrong."""

from __future__ import annotations

import pytest
from browser import Visit
from loopback import Answer, Loopback
from page_server import INSIDE, INSIDE_STREET, ON, OUTSIDE, SHARED_STREET, serving

pytestmark = pytest.mark.browser

INSIDE_LINK = f"?lon={INSIDE[0]}&lat={INSIDE[1]}&on={ON}"


def box(visited):
    return visited.page.get_by_role("combobox", name="Adresse, commune, quartier ou coordonnées")


def date(visited):
    return visited.page.locator("#on")


def answered(visited, status):
    visited.page.locator(f"form:not([aria-busy]) ~ #answer .status-{status}").first.wait_for()


def checks(visited):
    return [url for url in visited.requests if "/v1/check?" in url]


def entries(visited):
    return visited.page.evaluate("history.length")


# ── An address ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_link_within_the_page_leaves_what_is_being_typed(ask):
    visited = ask(INSIDE_LINK)
    answered(visited, "inside")
    box(visited).fill("12 rue des Ess")
    date(visited).fill("2025-03-02")
    visited.page.get_by_role("link", name="Une liste").click()
    visited.page.wait_for_url("**#liste")
    visited.page.get_by_role("link", name="Une adresse").click()
    visited.page.wait_for_url("**#adresse")
    assert (box(visited).input_value(), date(visited).input_value()) == ("12 rue des Ess", "2025-03-02")
    assert len(checks(visited)) == 1


def test_a_link_is_answered_before_the_schemes_are_known(browser, served):
    visited = Visit(browser)
    held = []

    def hold(route):
        held.append(route)

    visited.page.route("**/v1/schemes", hold)
    visited.go(f"{served.url}{INSIDE_LINK}&scheme=tfpb-1388-bis")
    answered(visited, "inside")
    assert visited.page.locator(".decision").count() == 1
    assert visited.page.get_by_label("Dispositif").input_value() == "tfpb-1388-bis"
    held[0].continue_()
    visited.page.locator("#scheme-hint").wait_for()
    assert visited.page.get_by_label("Dispositif").input_value() == "tfpb-1388-bis"
    assert visited.page.locator("#scheme option[value=tfpb-1388-bis]").count() == 1


def test_the_same_question_makes_one_entry_of_the_history(visit):
    visited = visit()
    before = entries(visited)
    box(visited).fill(f"{INSIDE[0]}, {INSIDE[1]}")
    date(visited).fill(ON)
    for asked in (1, 2):
        with visited.page.expect_response("**/v1/check?*"):
            box(visited).press("Enter")
        answered(visited, "inside")
        assert (len(checks(visited)), entries(visited)) == (asked, before + 1)


def test_back_to_the_first_page_empties_the_form(ask):
    visited = ask("")
    today = date(visited).input_value()
    box(visited).fill(f"{INSIDE[0]}, {INSIDE[1]}")
    date(visited).fill(ON)
    visited.page.get_by_label("Dispositif").select_option("tfpb-1388-bis")
    box(visited).press("Enter")
    answered(visited, "inside")
    visited.page.go_back()
    visited.page.locator(".answer").wait_for(state="detached")
    held = [box(visited), date(visited), visited.page.get_by_label("Dispositif")]
    assert [one.input_value() for one in held] == ["", today, ""]
    visited.page.go_forward()
    answered(visited, "inside")
    assert [one.input_value() for one in held] == [f"{INSIDE[0]}, {INSIDE[1]}", ON, "tfpb-1388-bis"]


def test_a_wrong_date_is_marked_and_dims_the_answer_before(ask):
    visited = ask(INSIDE_LINK)
    answered(visited, "inside")
    opacity = "getComputedStyle(document.getElementById('answer')).opacity"
    date(visited).fill("2014-12-31")
    box(visited).press("Enter")
    assert "à partir du 1er janvier 2015" in visited.text("#on-error")
    assert date(visited).get_attribute("aria-invalid") == "true"
    assert visited.page.evaluate("document.activeElement.id") == "on"
    assert float(visited.page.evaluate(opacity)) < 1
    date(visited).fill(ON)
    assert date(visited).get_attribute("aria-invalid") is None
    assert float(visited.page.evaluate(opacity)) == 1


def test_a_link_with_a_wrong_date_is_not_answered(visit):
    visited = visit(INSIDE_LINK.replace(ON, "2024-02-31"))
    visited.page.locator("#on-error").wait_for()
    assert visited.page.evaluate("document.activeElement.id") == "on"
    assert checks(visited) == []


def test_a_link_that_is_not_understood_is_not_answered_for_another_day(visit):
    visited = visit(f"?lon={INSIDE[0]}&lat={INSIDE[1]}&onn={ON}")
    assert "« onn » ; vouliez-vous dire « on »" in visited.text("#answer .notice-error")
    assert checks(visited) == []
    box(visited).press("Enter")
    answered(visited, "inside")
    visited.page.go_back()
    visited.page.locator("#answer .notice-error").wait_for()
    assert len(checks(visited)) == 1


def test_an_amount_goes_with_its_scheme(ask):
    visited = ask(f"{INSIDE_LINK}&scheme=pic-loos&amount=1200")
    answered(visited, "inside")
    visited.page.get_by_label("Dispositif").select_option("")
    box(visited).press("Enter")
    visited.page.wait_for_url(lambda url: "scheme" not in url)
    answered(visited, "inside")
    assert "amount" not in checks(visited)[-1]


def test_numbers_of_a_street_are_counted_without_a_share(ask):
    visited = ask(f"?q={SHARED_STREET} 59120 Loos&on={ON}")
    answered(visited, "uncertain")
    assert "La rue est à cheval sur la limite : 3 numéros en QPV, 3 hors QPV." in visited.text(".answer-body")
    assert "%" not in visited.text(".answer")


def test_the_whole_link_is_printed(ask):
    visited = ask(INSIDE_LINK)
    answered(visited, "inside")
    printed = visited.page.locator(".link-printed")
    assert not printed.is_visible()
    visited.page.emulate_media(media="print")
    assert printed.inner_text() == visited.page.url
    assert visited.page.evaluate("getComputedStyle(document.querySelector('.answer')).opacity") == "1"


# ── A list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def choose(visited, path):
    visited.page.get_by_label("Fichier CSV ou XLSX").set_input_files(path)


def submit(visited):
    visited.page.get_by_role("button", name="Vérifier la liste").click()


@pytest.fixture
def points(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text(f"lon;lat\n{INSIDE[0]};{INSIDE[1]}\n{OUTSIDE[0]};{OUTSIDE[1]}\n", encoding="utf-8")
    return path


def test_another_file_clears_the_summary_of_the_one_before(visit, points):
    visited = visit()
    choose(visited, points)
    submit(visited)
    visited.page.locator(".summary").wait_for()
    assert "points" in visited.text(".summary .file-name")
    other = points.with_name("autres.csv")
    other.write_text(points.read_text(encoding="utf-8"), encoding="utf-8")
    choose(visited, other)
    assert visited.page.locator("#batch-answer > *").count() == 0
    submit(visited)
    visited.page.locator(".summary").wait_for()
    assert "autres" in visited.text(".summary .file-name")


@pytest.mark.parametrize(("name", "said"), [("vide.csv", "vide"), ("lettre.pdf", "ni un CSV ni un XLSX")])
def test_a_bad_file_is_not_taken_for_the_one_before(visit, tmp_path, name, said):
    unknown, bad = tmp_path / "inconnu.csv", tmp_path / name
    unknown.write_text("un;deux\n3;4\n", encoding="utf-8")
    bad.write_bytes(b"")
    visited = visit()
    choose(visited, unknown)
    visited.page.locator("#columns").wait_for()
    choose(visited, bad)
    visited.page.locator("#file-error").wait_for()
    submit(visited)
    told = visited.page.locator("#batch [id=file-error]:visible, #batch-answer [role=alert]").filter(has_text=said)
    told.wait_for()
    assert "Cochez" not in visited.text("#liste")


def test_a_list_without_rows_has_no_tick(visit, tmp_path):
    path = tmp_path / "entete.csv"
    path.write_text("lon;lat\n", encoding="utf-8")
    visited = visit()
    choose(visited, path)
    submit(visited)
    visited.page.locator(".summary").wait_for()
    assert "0 ligne vérifiée" in visited.text(".done-heading")
    assert visited.page.locator(".done-heading svg").count() == 0


def test_a_wrong_date_of_a_list_is_marked(visit, points):
    visited = visit()
    choose(visited, points)
    visited.page.locator("#columns").wait_for()
    visited.page.locator("#batch-on").fill("2014-12-31")
    submit(visited)
    assert "à partir du 1er janvier 2015" in visited.text("#batch-on-error")
    assert visited.page.evaluate("document.activeElement.id") == "batch-on"
    assert visited.page.locator("#batch-answer > *").count() == 0


@pytest.mark.parametrize(
    ("content", "labels", "not_said"),
    [
        (f"lon;lat;qpv_status\n{INSIDE[0]};{INSIDE[1]};inside\n", ["« Remplacer les réponses"], "replace_columns"),
    ],
)
def test_what_is_refused_is_told_by_the_labels_of_the_page(visit, tmp_path, content, labels, not_said):
    path = tmp_path / "liste.csv"
    path.write_text(content, encoding="utf-8")
    visited = visit()
    choose(visited, path)
    visited.page.locator("#columns").wait_for()
    replace = visited.page.get_by_label("Remplacer les réponses")
    if replace.count():
        replace.uncheck()
    submit(visited)
    visited.page.get_by_role("alert").wait_for()
    told = visited.text("[role=alert]")
    assert [label for label in labels if label not in told] == []
    assert not_said not in told
    assert "--" not in told


def test_titles_above_the_header_are_told(visit, tmp_path):
    path = tmp_path / "liste.csv"
    path.write_text("Liste d'essai\n\nnom;lon;lat\na;3;50\n", encoding="utf-8")
    visited = visit()
    choose(visited, path)
    visited.page.locator("#columns").wait_for()
    told = visited.text("#columns .hint")
    assert "ligne 3 : « nom », « lon », « lat » ; supprimez les lignes au-dessus" in told
    assert "header_row" not in told


OLD = f"lon;lat;jour\n{INSIDE[0]};{INSIDE[1]};2016-01-01\n"
COMMAND = "qpv perimeters fetch qpv-2015 --accept-new"


def test_a_command_is_for_who_administers(visit, tmp_path):
    path = tmp_path / "liste.csv"
    path.write_text(f"{OLD}{INSIDE[0]};{INSIDE[1]};2024-06-01\n", encoding="utf-8")
    visited = visit()
    choose(visited, path)
    visited.page.get_by_label("Date propre à chaque ligne").select_option("jour")
    submit(visited)
    visited.page.locator(".summary").wait_for()
    assert visited.page.locator(".summary code").all_inner_texts() == [COMMAND]
    assert (
        visited.text(".row-why") == "Les périmètres qpv-2015 ne sont pas installés ; demandez-les à l’administrateur."
    )


def test_addresses_that_are_missing_have_their_command_apart(visit, tmp_path):
    path = tmp_path / "liste.csv"
    path.write_text(f"adresse\n1 {INSIDE_STREET} 59120 Loos\n30 boulevard Antonio Vivaldi Lyon\n", encoding="utf-8")
    visited = visit()
    choose(visited, path)
    submit(visited)
    visited.page.locator(".summary").wait_for()
    assert "adresses de la commune non installées : 1" in visited.text(".bar-line.status-not_located .bar-why")
    assert "qpv " not in visited.text(".summary td")
    assert visited.page.locator(".summary code").all_inner_texts() == ["qpv addresses fetch 69"]


def test_a_list_that_wants_perimeters_is_kept(visit, tmp_path):
    path = tmp_path / "liste.csv"
    path.write_text(OLD, encoding="utf-8")
    visited = visit()
    choose(visited, path)
    visited.page.get_by_label("Date propre à chaque ligne").select_option("jour")
    submit(visited)
    visited.page.get_by_role("button", name="Reprendre").wait_for()
    told = visited.text("[role=alert] p")
    assert "les périmètres qpv-2015 ne sont pas installés ; demandez-les à l’administrateur. La liste est" in told
    assert visited.page.locator("[role=alert] code").all_inner_texts() == [COMMAND]
    assert visited.page.get_by_role("button", name="Terminer").count() == 0


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """A server whose national geocoder fails as long as its list says so."""
    down, nothing = [True], b'{"type": "FeatureCollection", "features": []}'
    with Loopback() as loopback:
        loopback.routes["/search"] = lambda _query: Answer(status=500) if down else Answer(nothing)
        settings = {"QPV_GEO_GEOCODERS": '["offline", "national"]', "QPV_GEO_GEOCODER_URL": loopback.url}
        with serving(tmp_path_factory.mktemp("failing"), **settings) as server:
            yield server, down


@pytest.fixture
def stopped(visit, failing, tmp_path):
    """A list that stopped at an address that the server does not find alone, after a reload of the page."""
    server, down = failing
    down[:] = [True]
    path = tmp_path / "liste.csv"
    path.write_text(f"adresse\n1 {INSIDE_STREET} 59120 Loos\n12 place du Marqueur 59120 Loos\n", encoding="utf-8")
    visited = visit("", server)
    choose(visited, path)
    visited.page.locator("#columns").wait_for()
    submit(visited)
    visited.page.get_by_role("alert").wait_for()
    visited.page.reload()
    visited.page.get_by_role("alert").wait_for()
    return visited


def test_a_list_that_the_geocoder_stopped_ends_without_it(stopped):
    """Its buttons are there again where the server could not be told."""
    told = stopped.text("[role=alert]")
    assert "le service national ne répond pas" in told
    assert "127.0.0.1" not in told
    stopped.page.context.set_offline(True)
    stopped.page.get_by_role("button", name="Reprendre").click()
    stopped.page.get_by_text("Le serveur ne répond pas").wait_for()
    stopped.page.context.set_offline(False)
    stopped.page.get_by_role("button", name="Terminer sans le service national").click()
    stopped.page.locator(".summary").wait_for()
    assert "2 lignes vérifiées" in stopped.text(".summary")
    assert stopped.page.locator(".summary .status-inside").count() == 1
    assert stopped.page.locator(".summary .status-outside").count() == 0


def test_a_list_that_the_geocoder_stopped_goes_on(stopped, failing):
    resume = stopped.page.get_by_role("button", name="Reprendre")
    with stopped.page.expect_response("**/v1/batch/*"):
        resume.click()
    resume.wait_for()  # the geocoder still fails
    failing[1].clear()
    resume.click()
    stopped.page.locator(".summary").wait_for()
    assert "2 lignes vérifiées" in stopped.text(".summary")


def test_a_list_that_goes_on_from_another_window_is_followed(stopped, visit, failing):
    other = visit(stopped.page.url.removeprefix(failing[0].url), failing[0])
    for one in (other, stopped):
        one.page.get_by_role("button", name="Terminer sans le service national").click()
        one.page.locator(".summary").wait_for()


def test_an_address_does_not_lose_the_list(visit, points):
    visited = visit()
    choose(visited, points)
    submit(visited)
    visited.page.locator(".summary").wait_for()
    box(visited).fill(f"{INSIDE[0]}, {INSIDE[1]}")
    box(visited).press("Enter")
    answered(visited, "inside")
    visited.page.reload()
    answered(visited, "inside")
    visited.page.locator(".summary").wait_for()
