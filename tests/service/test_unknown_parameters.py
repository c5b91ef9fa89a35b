"""Nothing sent is ignored in silence: what a route does not document is refused, with the nearest known name."""

from __future__ import annotations

import re

import pytest
from serving import LOOS, POINTS, problem

UNDOCUMENTED = ("/openapi.json", "/docs", "/docs/start.js", "/carte", "/administration", "/static/app.js")


def operations(service):
    paths = service.get("/openapi.json").json()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def test_every_documented_route_refuses_a_parameter_that_it_does_not_know(service):
    asked = operations(service)
    assert len(asked) > 10
    for method, path in asked:
        response = service.request(method, re.sub(r"\{\w+\}", "essai", path), params={"zzz": "1"})
        assert response.status_code == 422, (method, path)
        told = problem(response)
        assert told["detail"].startswith("paramètre inconnu : « zzz » ; "), (method, path)
        assert [one["name"] for one in told["errors"]] == ["zzz"], (method, path)


@pytest.mark.parametrize("path", UNDOCUMENTED)
def test_other_routes_refuse_it_too(service, path):
    assert service.get(path).status_code == 200
    response = service.get(path, params={"zzz": "1"})
    assert response.status_code == 422
    assert "« zzz »" in problem(response)["detail"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("onn=2024-06-01", "« onn » ; vouliez-vous dire « on » ?"),
        ("acuracy=3", "« acuracy » ; vouliez-vous dire « accuracy » ?"),
        ("Post-Code=59120", "« Post-Code » ; vouliez-vous dire « postcode » ?"),
        ("save=true&zone=qpv", "« save » ; paramètres possibles : « on », "),
        ("date=2024-06-01", "« date » ; vouliez-vous dire « on » ?"),
        ("code_insee=59360", "« code_insee » ; vouliez-vous dire « citycode » ?"),
        ("case=A-12", "« case » ; paramètres possibles : « on », "),
        ("zzz", "« zzz » ; paramètres possibles : « on », "),
        ("%7A%7A%7A=1", "« zzz » ; paramètres possibles : « on », "),
    ],
)
def test_the_nearest_known_name_is_offered(service, query, told):
    response = service.get(f"/v1/check?lon=3.00671&lat=50.60889&{query}")
    assert response.status_code == 422
    assert told in problem(response)["detail"]


def test_a_name_that_is_encoded_is_known(service):
    assert service.get("/v1/check?l%6Fn=3.00671&lat=50.60889&&on=2024-06-01").json()["status"] == "inside"


def test_a_file_is_not_answered_for_today_where_the_day_is_beside_the_form(service):
    response = service.post("/v1/batch", params={"on": "2020-06-01"}, files={"file": ("a.csv", POINTS)})
    assert response.status_code == 422
    assert "« on » est un champ du formulaire" in problem(response)["detail"]


def test_a_field_of_the_form_that_is_unknown_is_told_with_the_nearest(service):
    response = service.post("/v1/batch", files={"file": ("a.csv", POINTS)}, data={"lon_colum": "lon"})
    assert response.status_code == 422
    assert "« lon_colum » ; vouliez-vous dire « lon_column » ?" in problem(response)["detail"]


@pytest.mark.parametrize(
    ("method", "path"), [("POST", f"/v1/batch/{'a' * 43}"), ("GET", "/v1/check?q=Loos"), ("GET", "/health")]
)
def test_a_body_that_nothing_reads_is_refused(service, method, path):
    response = service.request(method, path, data={"on": "2020-06-01"})
    assert response.status_code == 422
    assert problem(response)["detail"].startswith("corps inattendu")


def test_a_kind_of_perimeter_that_nobody_knows_is_refused_in_a_form_too(service):
    response = service.post("/v1/batch", files={"file": ("a.csv", POINTS)}, data={"kind": "quartier"})
    assert response.status_code == 422
    assert "type de périmètre inconnu : « quartier »" in problem(response)["detail"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("onn=2020-06-01", "paramètre inconnu : « onn » ; vouliez-vous dire « on » ?"),
        ("scheme=pic-loos&scheme=ftu-loos", "scheme : paramètre donné plusieurs fois"),
    ],
)
def test_a_link_to_the_page_is_refused_with_the_page(service, query, told):
    response = service.get(f"/?lon=3.00671&lat=50.60889&{query}")
    assert response.status_code == 422
    assert response.headers["content-type"].startswith("text/html")
    assert f' data-refused-why="{told}"' in response.text
    assert 'data-refused="Ce lien est incorrect. Saisissez votre question ci-dessus."' in response.text
    assert service.get("/?lon=3.00671&lat=50.60889&on=2024-06-01&answer=a:oui&answer=b:non").status_code == 200


def test_what_is_wrong_with_a_method_is_told_first(service):
    assert service.delete("/v1/check", params={"zzz": "1"}).status_code == 405


def test_known_parameters_are_answered(service):
    assert service.get("/v1/check", params=LOOS).status_code == 200
