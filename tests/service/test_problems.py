"""Every error is a problem of RFC 9457, with the status that its kind has."""

from __future__ import annotations

import json

import pytest
from loopback import Answer, Loopback
from qpv_geo_service.app import create_app
from qpv_geo_service.settings import ServiceSettings
from serving import LOOS, problem, serving

NOTHING = json.dumps({"type": "FeatureCollection", "features": []}).encode()


@pytest.fixture
def geocoder(monkeypatch):
    """A geocoder that answers what it is told."""
    with Loopback() as loopback:
        monkeypatch.setenv("QPV_GEO_GEOCODER_URL", loopback.url)
        monkeypatch.setenv("QPV_GEO_HTTP_TIMEOUT_S", "0.3")
        yield lambda answer: loopback.serve("/search", answer)


def ask_address():
    with serving() as client:
        return client.get("/v1/check", params={"q": "12 rue des Essais 86000 Poitiers"})


def test_not_found_is_an_answer(geocoder):
    geocoder(Answer(NOTHING, headers={"Content-Type": "application/json"}))
    response = ask_address()
    assert response.status_code == 200
    assert (response.json()["status"], response.json()["reason"]) == ("not_located", "no_match")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Answer(status=500), 502),
        (Answer(b"<html>", headers={"Content-Type": "text/html"}), 502),
        (Answer(b'{"features": 3}'), 502),
        (Answer(NOTHING, sent=3), 502),
        (Answer(NOTHING, sent=3, stalls=True), 504),
    ],
)
def test_a_geocoder_that_fails_is_an_error_with_its_cause(geocoder, answer, status):
    geocoder(answer)
    response = ask_address()
    assert response.status_code == status
    assert "127.0.0.1" in problem(response)["detail"]


def test_a_geocoder_that_nobody_answers_for(service):
    response = service.get("/v1/check", params={"q": "12 rue des Essais 86000 Poitiers"})
    assert response.status_code == 502
    problem(response)


def test_a_question_that_takes_too_long_is_given_up(geocoder, monkeypatch):
    monkeypatch.setenv("QPV_GEO_HTTP_TIMEOUT_S", "5")
    geocoder(Answer(NOTHING, sent=3, stalls=True))
    with serving(request_timeout_s=0.2) as client:
        response = client.get("/v1/check", params={"q": "12 rue des Essais 86000 Poitiers"})
    assert response.status_code == 504
    problem(response)


def test_missing_perimeters_tell_what_to_do(service):
    response = service.get("/v1/check", params=LOOS | {"on": "2023-06-01"})
    assert response.status_code == 503
    told = problem(response)
    assert told["remedy"] == "qpv perimeters fetch qpv-2015 --accept-new"
    assert "qpv perimeters" not in told["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/rien", 404),
        ("GET", "/v1/check/12 rue des Essais", 404),
        ("DELETE", "/v1/check", 405),
        ("GET", "/v1/batch", 405),
        ("GET", "/v1/batch/essai", 404),
        ("GET", "/v1/batch/../../etc/passwd", 404),
        ("GET", f"/v1/batch/{'a' * 43}", 404),
        ("GET", f"/v1/batch/{'a' * 43}/result", 404),
        ("POST", f"/v1/batch/{'a' * 43}", 404),
        ("POST", f"/v1/batch/{'a' * 43}?essai=1", 422),
        ("GET", "/v1/perimeters/QN99999Z", 404),
        ("GET", "/v1/perimeters?generation=/etc/passwd", 422),
        ("GET", "/v1/diff?before=/etc/passwd", 422),
        ("GET", "/v1/schemes?essai=1", 422),
    ],
)
def test_what_is_not_there_or_not_allowed(service, method, path, status):
    response = service.request(method, path)
    assert response.status_code == status
    problem(response)


def test_an_unexpected_error_tells_nobody_what_it_was(capsys):
    app = create_app(ServiceSettings())

    @app.get("/v1/essai")
    def fail():
        int("12 rue des Marqueurs")

    with serving(app=app) as client:
        response = client.get("/v1/essai")
    assert response.status_code == 500
    assert "Marqueurs" not in response.text
    assert problem(response)["title"] == "Erreur interne"
    logged = capsys.readouterr().err
    assert "ValueError" in logged
    assert "Marqueurs" not in logged


def test_a_method_that_is_not_taken_is_told_those_that_are(service):
    response = service.delete("/v1/check")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/v1/check?lon=est&lat=50", "lon : nombre attendu, avec un point décimal ; reçu « est »"),
        ("/v1/perimeters?limit=20000", "au plus 10000 ; reçu « 20000 »"),
        ("/v1/check?lon=3&lat=50&lat=51", "lat : paramètre donné plusieurs fois"),
        ("/v1/check?lon=3&lat=50&onn=2024-06-01", "paramètre inconnu : « onn » ; vouliez-vous dire « on » ?"),
        ("/v1/suggest?coul=bleu", "paramètre inconnu : « coul » ; paramètres possibles : « q », « limit »"),
        ("/v1/schemes?on=2024-06-01", "paramètre inconnu : « on » ; cette adresse n’en prend aucun"),
    ],
)
def test_a_bad_parameter_is_told_with_its_value_and_what_is_expected(service, path, told):
    response = service.get(path)
    assert response.status_code == 422
    assert told in response.json()["detail"]
