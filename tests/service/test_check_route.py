"""A verdict over HTTP is that of the command line."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from fake_geocoder import offline_index, row
from pypdf import PdfReader
from serving import LOOS, problem, serving

SITE = {
    "type": "Polygon",
    "coordinates": [[[3.003, 50.608], [3.008, 50.608], [3.008, 50.611], [3.003, 50.611], [3.003, 50.608]]],
}

INSIDE_SITE = {
    "type": "Polygon",
    "coordinates": [[[3.0099, 50.6068], [3.0101, 50.6068], [3.0101, 50.6069], [3.0099, 50.6069], [3.0099, 50.6068]]],
}


def without_moment(document):
    """The verdict but for the moment it was given at; its digest stays, and does not depend on it."""
    evidence = {name: value for name, value in document["evidence"].items() if name != "checked_at"}
    return document | {"evidence": evidence}


@pytest.fixture
def same(service, qpv):
    """Ask the service and the command line, and return their answer once it is the same."""

    def ask(query, *arguments):
        response = service.get("/v1/check", params=query)
        assert response.status_code == 200, response.text
        told = qpv("check", *arguments, "--format", "json")
        assert told.code == 0, told.err
        found = without_moment(response.json())
        assert found == without_moment(json.loads(told.out))
        return found

    return ask


@pytest.mark.parametrize(
    ("lon", "lat", "status"),
    [(3.00671, 50.60889, "inside"), (0.30, 46.55, "outside"), (4.8357, 45.764, "uncertain"), (3.0043, 50.6085, None)],
)
def test_a_point(same, lon, lat, status):
    found = same({"lon": lon, "lat": lat, "on": "2024-06-01"}, "--lon", lon, "--lat", lat, "--on", "2024-06-01")
    assert found["on"] == "2024-06-01"
    assert status in {None, found["status"]}


def test_a_point_known_roughly_in_a_forced_generation(same):
    options = ("--lon", "3.00671", "--lat", "50.60889", "--on", "2019-01-01", "--generation", "qpv-2024")
    query = {**LOOS, "on": "2019-01-01", "generation": "qpv-2024", "accuracy": "30"}
    assert same(query, *options, "--accuracy", "30")["status"] == "uncertain"


def test_schemes(same):
    options = ("--scheme", "pic-loos", "--scheme", "ftu-loos", "--amount", "1400")
    query = {**LOOS, "scheme": ["pic-loos", "ftu-loos"], "amount": "1400"}
    found = same(query, "--lon", "3.00671", "--lat", "50.60889", "--on", "2024-06-01", *options)
    assert [one["scheme"] for one in found["schemes"]] == ["pic-loos", "ftu-loos"]


def test_answers_to_the_questions_of_a_scheme(same):
    answers = ("--answer", "organisme=oui", "--answer", "contrat-de-ville=non")
    query = {**LOOS, "on": "2024-06-01", "scheme": "tfpb-1388-bis", "answer": ["organisme:oui", "contrat-de-ville:non"]}
    place = ("--lon", "3.00671", "--lat", "50.60889", "--on", "2024-06-01")
    [decision] = same(query, *place, "--scheme", "tfpb-1388-bis", *answers)["schemes"]
    assert decision["outcome"] == "not_eligible"
    given = {one["id"]: (one["answer"], one["by"]) for one in decision["questions"]}
    assert given["organisme"] == (True, "declared")
    assert given["contrat-de-ville"] == (False, "declared")
    assert given["location"] == (None, None)


def test_a_decision_gives_the_steps_of_a_file(service):
    query = {**LOOS, "on": "2024-06-01", "scheme": "pic-loos"}
    [decision] = service.get("/v1/check", params=query).json()["schemes"]
    assert [one["id"] for one in decision["steps"]] == ["demande", "comite", "attribution", "bilan"]
    assert all(set(one) == {"id", "text"} for one in decision["steps"])


def test_a_fiche_leads_back_to_the_page_where_the_service_has_a_public_address(service, monkeypatch):
    monkeypatch.setenv("QPV_GEO_GEOCODERS", '["published"]')
    asked = {"q": "Collège René Descartes, 59120 Loos", "citycode": "59360", "on": "2024-06-01"}
    with serving(public_url="https://qpv.example/quartiers/") as client:
        [link] = links(client.get("/v1/fiche", params=asked))
        [of_point] = links(client.get("/v1/fiche", params=LOOS))
    assert link.startswith("https://qpv.example/quartiers/?")
    assert dict(parse_qsl(urlsplit(link).query)) == asked
    assert dict(parse_qsl(urlsplit(of_point).query)) == {name: str(value) for name, value in LOOS.items()}
    assert links(service.get("/v1/fiche", params=LOOS)) == []


def links(response):
    [page] = PdfReader(io.BytesIO(response.content)).pages
    return [one.get_object()["/A"]["/URI"] for one in page.get("/Annots", [])]


def test_answers_count_for_a_site_and_on_a_fiche(service):
    query = {"on": "2024-06-01", "scheme": "pic-loos", "amount": "1200", "answer": "comite:oui"}
    [decision] = service.post("/v1/check", params=query, json=INSIDE_SITE).json()["schemes"]
    assert decision["outcome"] == "eligible"
    refused = service.post("/v1/check", params=query | {"answer": "comite:oui,"}, json=INSIDE_SITE)
    assert (refused.status_code, problem(refused)["type"]) == (422, "urn:qpv-geo:problem:bad-input")
    fiche = service.get("/v1/fiche", params=LOOS | query)
    text = " ".join(PdfReader(io.BytesIO(fiche.content)).pages[0].extract_text().split())
    assert "Le comité a-t-il donné un avis favorable ? Oui (déclaré)." in text.replace("\u00a0", " ")
    refused = service.get("/v1/fiche", params=LOOS | query | {"answer": "autre:oui"})
    assert (refused.status_code, "« autre »" in problem(refused)["detail"]) == (422, True)


def test_the_documentation_gives_the_form_of_an_answer(service):
    paths = service.get("/openapi.json").json()["paths"]
    for route, method in (("/v1/check", "get"), ("/v1/check", "post"), ("/v1/fiche", "get")):
        [answer] = [one for one in paths[route][method]["parameters"] if one["name"] == "answer"]
        assert (answer["schema"]["type"], answer["required"]) == ("array", False)
        assert "QUESTION:oui" in answer["description"]


def test_an_address_of_the_published_places(same):
    place = "Collège René Descartes, rue Édouard Herriot, 59120 Loos"
    assert same({"q": place, "on": "2024-06-01"}, place, "--on", "2024-06-01")["reason"] == "near_boundary"


def test_an_address_of_an_index(home, qpv):
    offline_index(home, row(0, 0, 1), row(20, 0, 3))
    with serving() as client:
        found = client.get("/v1/check", params={"q": "3 rue des Carrés Essai", "citycode": "99999", "on": "2024-06-01"})
    told = qpv("check", "3 rue des Carrés Essai", "--citycode", "99999", "--on", "2024-06-01", "--format", "json")
    assert without_moment(found.json()) == without_moment(json.loads(told.out))


def test_an_address_that_is_not_found_has_a_location_without_a_point(home, monkeypatch):
    offline_index(home, row(0, 0, 1))
    monkeypatch.setenv("QPV_GEO_GEOCODERS", '["offline"]')
    with serving() as client:
        found = client.get("/v1/check", params={"q": "1 rue des Tulipes, Essai", "on": "2024-06-01"}).json()
        missing = client.get("/v1/check", params={"q": "30 boulevard Vivaldi, Lyon", "on": "2024-06-01"}).json()
    assert (found["status"], found["reason"]) == ("not_located", "no_match")
    assert {found["location"][name] for name in ("lon", "lat", "accuracy_m", "label")} == {None}
    assert found["location"]["asked"] == "1 rue des Tulipes, Essai"
    assert found["location"]["match"]["street"] == "different"
    assert (missing["reason"], missing["remedy"]) == ("missing_addresses", "qpv addresses fetch 69")


def test_a_site(service, qpv, tmp_path):
    path = tmp_path / "site.geojson"
    path.write_text(json.dumps(SITE), encoding="utf-8")
    found = service.post("/v1/check", params={"on": "2024-06-01", "scheme": "pic-loos"}, json=SITE)
    told = qpv("check", "--site", path, "--on", "2024-06-01", "--scheme", "pic-loos", "--format", "json")
    assert without_moment(found.json()) == without_moment(json.loads(told.out))


def test_today_is_the_day_unless_said(service, qpv):
    found = service.get("/v1/check", params={"lon": "3.00671", "lat": "50.60889"}).json()
    told = json.loads(qpv("check", "--lon", "3.00671", "--lat", "50.60889", "--format", "json").out)
    assert found["on"] == told["on"]


def test_nobody_keeps_an_answer(service):
    assert service.get("/v1/check", params=LOOS).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "lon=3.0",
        "lon=3&lat=50&q=Loos",
        "lon=trois&lat=50",
        "lon=nan&lat=50",
        "lon=inf&lat=50",
        "lon=1e400&lat=50",
        "lon=50.6&lat=3.0",
        "lon=3&lon=4&lat=50",
        "lon=3&lat=50&acuracy=3",
        "lon=3&lat=50&accuracy=-1",
        "lon=3.0067&lat=50.6088&on=hier",
        "lon=3.0067&lat=50.6088&on=1990-01-01",
        "lon=3.0067&lat=50.6088&generation=qpv-1999",
        "lon=3.0067&lat=50.6088&kind=essai",
        "lon=3.0067&lat=50.6088&scheme=essai",
        "lon=3.0067&lat=50.6088&scheme=pic-loos&amount=-1",
        "lon=3.0067&lat=50.6088&scheme=pic-loos&answer=comite",
        "lon=3.0067&lat=50.6088&scheme=pic-loos&answer=comite=oui",
        "lon=3.0067&lat=50.6088&scheme=pic-loos&answer=comite:peut-%C3%AAtre",
        "lon=3.0067&lat=50.6088&scheme=pic-loos&answer=inconnue:oui",
        "lon=3.0067&lat=50.6088&scheme=pic-loos&answer=comite:oui&answer=comite:non",
        "lon=3.0067&lat=50.6088&answer=comite:oui",
        "lon=3.0067&lat=50.6088&scheme=pic-loos" + 41 * "&answer=comite:oui",
        "q=ab",
        "q=" + "a" * 300,
        "q=1+rue+des+Essais&accuracy=4",
        "q=1+rue+des+Essais&citycode=essai",
        "&".join(f"kind={k}" for k in range(200)),
        "lon=%00&lat=%FF",
    ],
)
def test_what_cannot_be_understood_is_said(service, query):
    response = service.get(f"/v1/check?{query}")
    assert response.status_code == 422
    assert problem(response)["type"].endswith("bad-input")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"type": "Polygon"}',
        b"\xff\xfe",
        b'{"a":' * 5000,
        b'{"type":"Point","coordinates":[1,2,"x"]}',
    ],
)
def test_a_site_that_is_none_is_said(service, body):
    response = service.post("/v1/check", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    problem(response)


def test_a_site_of_another_kind_is_refused(service):
    response = service.post("/v1/check", content=b"POINT (3 50)", headers={"Content-Type": "text/plain"})
    assert response.status_code == 415
    problem(response)


def test_the_answer_shown_in_the_readme(service):
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    ((path, body),) = re.findall(r"^\$ curl 'http://[^/]+(/[^']+)'\n(.+)…$", readme, flags=re.MULTILINE)
    assert service.get(path).text.startswith(body)
