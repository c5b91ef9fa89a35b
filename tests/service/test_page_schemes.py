"""Schemes on the staff page: their questions are answered in place, and the answers are in the link."""

from __future__ import annotations

import csv
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from page_server import INSIDE, ON, OUTSIDE

pytestmark = pytest.mark.browser

HERE = f"?lon={INSIDE[0]}&lat={INSIDE[1]}&on={ON}"
PIC = f"{HERE}&scheme=pic-loos"
TFPB = f"?lon={INSIDE[0]}&lat={INSIDE[1]}&on=2026-06-01&scheme=tfpb-1388-bis"
COMMITTEE = "Le comité a-t-il donné un avis favorable ?"
OWNER = "Le propriétaire est-il un organisme HLM ou une société d’économie mixte ?"
PLACE_OK, ELIGIBLE, NOT_ELIGIBLE = "Lieu conforme, le reste à vérifier", "Éligible", "Non éligible"
ACROSS_THE_STREET = (3.0066, 50.6096)
"""Some 30 m out of Les Oliveaux."""
SITE = {
    "type": "Polygon",
    "coordinates": [[[2.999, 50.6072], [3.0, 50.6072], [3.0, 50.6079], [2.999, 50.6079], [2.999, 50.6072]]],
}
"""Near Les Oliveaux, partly beyond 300 m and wholly within 500 m of it."""


def outcome(visited):
    """Wait for the answer, and return the outcome of the scheme."""
    visited.page.locator("form:not([aria-busy]) ~ #answer .decision").wait_for()
    return visited.text(".decision-outcome")


def answered(visited, word):
    """Wait for an outcome."""
    exact = re.compile(f"^{word}$".replace(" ;", "\u00a0;"))
    visited.page.locator("form:not([aria-busy]) ~ #answer .decision-outcome", has_text=exact).wait_for()


def button(visited, question, word):
    spaced = re.compile(re.escape(question).replace(r"\ ?", r"\s\?").replace(r"\ \?", r"\s\?"))
    return visited.page.get_by_role("group", name=spaced).get_by_role("button", name=word)


def pressed(visited):
    return visited.page.locator("button[aria-pressed=true]").evaluate_all("found => found.map((one) => one.id)")


def asked(visited):
    return parse_qs(urlsplit(visited.page.url).query)


def checks(visited):
    return [url for url in visited.requests if "/v1/check?" in url]


def amount(visited):
    return visited.page.get_by_label("Montant demandé")


# ── Answering ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_is_asked_again_in_place_and_told(ask):
    visited = ask(f"{PIC}&amount=1200", size=(1366, 768))
    assert outcome(visited) == PLACE_OK
    visited.page.locator(".map-list").wait_for()
    visited.page.locator(".map-note", has_text="Sans fond de plan").wait_for()  # all above the questions has its height
    yes = button(visited, COMMITTEE, "Oui")
    yes.scroll_into_view_if_needed()
    before = yes.bounding_box()["y"]
    yes.click()
    answered(visited, ELIGIBLE)
    assert asked(visited)["answer"] == ["comite:oui"]
    assert visited.page.evaluate("document.activeElement.id") == "question-comite-oui"
    assert button(visited, COMMITTEE, "Oui").bounding_box()["y"] == pytest.approx(before, abs=1)
    assert pressed(visited) == ["question-comite-oui"]
    told = visited.page.locator("#outcome").text_content()
    assert told == "Projet d’initiative citoyenne (PIC), Loos : éligible. Toutes les questions ont une réponse."
    assert visited.complaints == []


def test_the_keyboard_answers_and_goes_on_from_there(ask):
    visited = ask(TFPB)
    assert outcome(visited) == PLACE_OK
    button(visited, OWNER, "Oui").focus()
    visited.page.keyboard.press("Space")
    visited.page.locator("#question-organisme-oui[aria-pressed=true]").wait_for()
    visited.page.keyboard.press("Tab")
    assert visited.page.evaluate("document.activeElement.id") == "question-organisme-non"
    visited.page.keyboard.press("Enter")
    answered(visited, NOT_ELIGIBLE)
    assert visited.page.evaluate("document.activeElement.id") == "question-organisme-non"
    assert pressed(visited) == ["question-organisme-non"]
    assert asked(visited)["answer"] == ["organisme:non"]


def test_every_question_answered_makes_it_eligible_and_none_is_lost(visit):
    visited = visit(TFPB)
    outcome(visited)
    ids = ("organisme", "location", "longue-duree", "contrat-de-ville", "convention")
    click = "(ids) => ids.forEach((id) => document.getElementById(`question-${id}-oui`).click())"
    visited.page.evaluate(click, ids)  # faster than the server answers
    answered(visited, ELIGIBLE)
    assert pressed(visited) == [f"question-{one}-oui" for one in ids]
    assert visited.text(".questions").count("déclaré") == len(ids)
    again = visit("?" + urlsplit(visited.page.url).query)
    assert outcome(again) == ELIGIBLE
    assert again.text(".decision") == visited.text(".decision")


def test_back_takes_an_answer_back_and_forward_gives_it_again(ask):
    visited = ask(f"{PIC}&amount=1200")
    outcome(visited)
    button(visited, COMMITTEE, "Non").click()
    answered(visited, NOT_ELIGIBLE)
    visited.page.go_back()
    answered(visited, PLACE_OK)
    assert (pressed(visited), "answer" in asked(visited)) == ([], False)
    assert visited.page.evaluate("document.activeElement.id") == "question-comite-non"
    visited.page.go_forward()
    answered(visited, NOT_ELIGIBLE)


def test_an_answer_is_taken_back_alone_or_with_all_others(ask):
    visited = ask(f"{TFPB}&answer=organisme:oui&answer=location:oui")
    outcome(visited)
    button(visited, OWNER, "Oui").click()
    visited.page.locator("#question-organisme-oui[aria-pressed=false]").wait_for()
    assert asked(visited)["answer"] == ["location:oui"]
    visited.page.get_by_role("button", name="Effacer les réponses").click()
    visited.page.get_by_role("button", name="Effacer les réponses").wait_for(state="detached")
    assert (pressed(visited), "answer" in asked(visited)) == ([], False)
    assert visited.page.evaluate("document.activeElement.id") == "decision-tfpb-1388-bis"


def test_what_is_typed_is_kept_and_the_amount_counts_when_a_question_is_answered(ask):
    visited = ask(PIC)
    outcome(visited)
    box = visited.page.get_by_role("combobox", name="Adresse, commune, quartier ou coordonnées")
    box.fill("12 rue des Ess")
    amount(visited).fill("1200")
    button(visited, COMMITTEE, "Oui").click()
    answered(visited, ELIGIBLE)
    assert asked(visited)["amount"] == ["1200"]
    assert box.input_value() == "12 rue des Ess"
    amount(visited).fill("beaucoup")
    button(visited, COMMITTEE, "Non").click()
    assert visited.page.evaluate("document.activeElement.id") == "amount"
    assert asked(visited)["answer"] == ["comite:oui"]


def test_the_map_stays_while_questions_are_answered(ask):
    visited = ask(PIC)
    outcome(visited)
    visited.page.locator(".map-zone").first.wait_for(state="attached")
    drawn = len([url for url in visited.requests if "/v1/perimeters?" in url])
    visited.page.locator(".map-frame").evaluate("(one) => { window.before = one; }")
    button(visited, COMMITTEE, "Oui").click()
    visited.page.locator("#question-comite-oui[aria-pressed=true]").wait_for()
    assert visited.page.locator(".map-frame").evaluate("(one) => one === window.before")
    assert len([url for url in visited.requests if "/v1/perimeters?" in url]) == drawn


def test_answers_are_of_one_place_one_date_and_one_scheme(ask):
    visited = ask(f"{PIC}&amount=1200&answer=comite:oui")
    assert outcome(visited) == ELIGIBLE
    amount(visited).fill("1300")
    amount(visited).press("Enter")
    visited.page.wait_for_url("**amount=1300**")
    assert (outcome(visited), asked(visited)["answer"]) == (ELIGIBLE, ["comite:oui"])
    visited.page.locator("#on").fill("2024-07-01")
    amount(visited).press("Enter")
    visited.page.wait_for_url("**on=2024-07-01**")
    assert outcome(visited) == PLACE_OK
    assert "answer" not in asked(visited)


def test_a_link_with_a_wrong_answer_says_so_and_the_form_still_works(ask):
    visited = ask(f"{PIC}&answer=comite:oui&answer=autre:oui")
    visited.page.get_by_role("alert").wait_for()
    assert "« autre »" in visited.text("[role=alert]")
    visited.page.get_by_role("button", name="Vérifier", exact=True).click()
    assert outcome(visited) == PLACE_OK
    assert "answer" not in asked(visited)


# ── The amount ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_amount_is_asked_where_there_is_a_cap(ask):
    visited = ask(HERE)
    visited.page.locator("#answer .answer").wait_for()
    choice = visited.page.get_by_label("Dispositif")
    choice.select_option("tfpb-1388-bis")
    assert not amount(visited).is_visible()
    choice.select_option("pic-loos")
    assert amount(visited).is_visible()
    assert visited.text("#amount-hint") == "Au plus 1 500 € par projet."


def test_an_amount_is_typed_as_people_write_it(ask):
    visited = ask(PIC)
    outcome(visited)
    for typed, sent, shown in (
        ("1 200,50 €", "1200.50", "1 200,50"),
        ("1500", "1500", "1 500"),
        ("800,5", "800.5", "800,5"),
    ):
        amount(visited).fill(typed)
        amount(visited).press("Enter")
        visited.page.wait_for_url(f"**amount={sent}**")
        assert outcome(visited) == PLACE_OK
        assert asked(visited)["amount"] == [sent]
        assert amount(visited).input_value().replace("\u202f", " ") == shown


def test_an_amount_that_is_none_is_said_beside_its_box(ask):
    visited = ask(PIC)
    outcome(visited)
    before = len(checks(visited))
    for typed in ("mille", "-5", "1.200", "12,345"):
        amount(visited).fill("1200")
        visited.page.locator("#amount-error").wait_for(state="hidden")
        amount(visited).fill(typed)
        amount(visited).press("Enter")
        assert "Montant illisible" in visited.text("#amount-error")
        assert visited.page.evaluate("document.activeElement.id") == "amount"
    assert len(checks(visited)) == before


def test_an_amount_over_the_cap_says_why(ask, screenshot):
    visited = ask(f"{PIC}&amount=1800")
    assert outcome(visited) == NOT_ELIGIBLE
    assert visited.text(".grounds") == "Le montant demandé, 1 800 euros, dépasse le plafond de 1 500 euros par projet."
    assert visited.page.get_by_text("Étapes du dossier").count() == 0
    screenshot(visited, "plafond")


def test_a_missing_amount_leads_to_its_field(ask):
    visited = ask(f"{PIC}&answer=comite:oui")
    assert outcome(visited) == PLACE_OK
    assert "1 question reste sans réponse." in visited.text(".questions")
    visited.page.get_by_role("button", name="Indiquer le montant").click()
    assert visited.page.evaluate("document.activeElement.id") == "amount"
    visited.page.keyboard.type("900")
    visited.page.keyboard.press("Enter")
    answered(visited, ELIGIBLE)


# ── What is shown ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_place_that_fits_does_not_look_eligible(ask):
    colour = "getComputedStyle(document.querySelector('.decision-outcome')).color"
    outline = "document.querySelector('.decision-outcome .icon-outline').getAttribute('d')"
    looks = []
    for link in (f"{PIC}&amount=1200", f"{PIC}&amount=1200&answer=comite:oui", f"{PIC}&amount=1800"):
        visited = ask(link)
        outcome(visited)
        looks.append((visited.page.evaluate(colour), visited.page.evaluate(outline)))
    assert len({one for one, _ in looks}) == len({one for _, one in looks}) == len(looks)


def test_what_does_not_decide_is_told_without_a_button(ask):
    visited = ask(TFPB)
    outcome(visited)
    question = "La déclaration a-t-elle été transmise au service des impôts"
    assert question in visited.text(".told")
    assert visited.page.get_by_role("group", name=question).count() == 0


def test_the_steps_of_a_file_are_told_in_order(ask):
    visited = ask(PIC)
    outcome(visited)
    steps = visited.page.locator("ol.listed li").all_inner_texts()
    assert (steps[0], steps[-1]) == (
        "La demande est déposée auprès de la ville.",
        "Le porteur rend compte au comité.",
    )


def test_across_the_street_of_a_limit_the_first_question_is_about_the_street(ask, screenshot):
    lon, lat = ACROSS_THE_STREET
    visited = ask(f"?lon={lon}&lat={lat}&on={ON}&scheme=cfe-qpv")
    assert outcome(visited) == "À vérifier"
    assert "à moins de 40 m de la limite d’un QPV" in visited.text(".grounds")
    screenshot(visited, "riverain")
    question = "La limite du QPV est-elle ici une voie publique, et l’établissement a-t-il une adresse sur cette voie ?"
    button(visited, question, "Oui").click()
    answered(visited, PLACE_OK)
    button(visited, question, "Non").click()
    answered(visited, NOT_ELIGIBLE)


def test_far_from_any_zone_nothing_is_asked(ask):
    visited = ask(f"?lon={OUTSIDE[0]}&lat={OUTSIDE[1]}&on={ON}&scheme=cfe-qpv")
    assert outcome(visited) == NOT_ELIGIBLE
    assert visited.page.locator(".questions").count() == 0


def test_a_later_date_says_until_when_the_rules_are_known(ask):
    visited = ask(TFPB.replace("2026-06-01", "2027-06-01"))
    outcome(visited)
    assert "D’après les périmètres et les règles connus au" in visited.text(".grounds")


def test_what_the_administrator_can_do_is_apart_from_the_reasons(ask):
    visited = ask(f"?lon={OUTSIDE[0]}&lat={OUTSIDE[1]}&on={ON}&scheme=tva-accession")
    assert outcome(visited) == "À vérifier"
    visited.page.get_by_text("Détail et textes").click()
    assert "qpv perimeters" not in visited.text(".grounds") + visited.text(".reasons")
    assert "qpv perimeters fetch qpv-2015" in visited.text(".decision code")


SHOW = """async (decision) => {
    const { decisionSection } = await import('/static/decision.js');
    window.given = [];
    const actions = { answer: (...told) => window.given.push(told), clear() {}, askAmount() {} };
    document.getElementById('answer').replaceChildren(decisionSection(decision, actions));
}"""


def test_an_answer_of_data_says_so_and_can_be_overridden(ask, served):
    visited = ask("")
    response = visited.page.request.post(f"{served.url}v1/check?on={ON}&scheme=tva-accession", data=SITE)
    [decision] = response.json()["schemes"]
    visited.page.evaluate(SHOW, decision)
    question = "Le QPV fait-il l’objet d’une convention de renouvellement urbain (NPNRU) ?"
    assert button(visited, question, "Oui").get_attribute("aria-pressed") == "true"
    assert "d’après la liste NPNRU" in visited.text("fieldset:has(#question-convention-npnru-oui)")
    assert visited.page.get_by_role("button", name="Effacer les réponses").count() == 0
    button(visited, question, "Non").click()
    button(visited, question, "Oui").click()
    assert visited.page.evaluate("window.given") == [["convention-npnru", "non"], ["convention-npnru", "oui"]]


def test_what_is_printed_holds_the_answers_alone(ask):
    visited = ask(f"{PIC}&amount=1200&answer=comite:oui")
    outcome(visited)
    visited.page.emulate_media(media="print")
    shown = ("#question-comite-oui", "#question-comite-non", ".clear")
    assert [one for one in shown if visited.page.locator(one).is_visible()] == ["#question-comite-oui"]
    blank = ask(f"{PIC}&amount=1200")
    outcome(blank)
    blank.page.emulate_media(media="print")  # both words are there, for a pen
    assert [blank.page.locator(one).is_visible() for one in shown[:2]] == [True, True]


# ── A list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_list_has_a_column_for_each_scheme_ticked(visit, tmp_path):
    path = tmp_path / "projets.csv"
    rows = [(*INSIDE, 1_500), (*INSIDE, 1_501), (*OUTSIDE, 100)]
    path.write_text("lon;lat;demande\n" + "".join(f"{x};{y};{euros}\n" for x, y, euros in rows), encoding="utf-8")
    visited = visit()
    visited.page.get_by_label("Fichier CSV ou XLSX").set_input_files(path)
    visited.page.locator("#columns").wait_for()
    visited.page.get_by_label("Montant demandé (dispositifs)").select_option("demande")
    visited.page.locator("#batch-on").fill(ON)
    schemes = visited.page.get_by_role("group", name="Dispositifs à examiner (facultatif)")
    schemes.get_by_role("checkbox", name=re.compile(r"\(PIC\), Loos")).check()
    schemes.get_by_role("checkbox", name=re.compile("1388 bis")).check()
    visited.page.get_by_role("button", name="Vérifier la liste").click()
    visited.page.locator(".summary").wait_for()
    with visited.page.expect_download() as received:
        visited.page.get_by_role("link", name="Télécharger le fichier complété").click()
    received.value.save_as(tmp_path / "reçu.csv")
    with (tmp_path / "reçu.csv").open(encoding="utf-8-sig", newline="") as stream:
        found = list(csv.DictReader(stream, delimiter=";"))
    assert [row["dispositif_pic-loos"] for row in found] == ["lieu conforme", "non éligible", "non éligible"]
    assert {name for name in found[0] if name.startswith("dispositif_")} == {
        "dispositif_pic-loos",
        "dispositif_tfpb-1388-bis",
    }
    assert visited.complaints == []


def test_amounts_without_a_scheme_are_left_out(visit, tmp_path):
    path = tmp_path / "projets.csv"
    path.write_text(f"lon;lat;demande\n{INSIDE[0]};{INSIDE[1]};100\n", encoding="utf-8")
    visited = visit()
    visited.page.get_by_label("Fichier CSV ou XLSX").set_input_files(path)
    visited.page.get_by_label("Montant demandé (dispositifs)").select_option("demande")
    visited.page.locator("#batch-on").fill(ON)
    visited.page.get_by_role("button", name="Vérifier la liste").click()
    visited.page.locator(".summary").wait_for()
    assert "1 ligne" in visited.text(".summary")
