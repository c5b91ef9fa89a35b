"""Whatever the documentation allows is answered as it says: no status 5xx, nothing off its schema."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import schemathesis
from examples import examples
from fake_geocoder import offline_index, row
from hypothesis import HealthCheck, given
from hypothesis.errors import Unsatisfiable
from loopback import Answer, Loopback
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from serving import PATIENCE_S, serving
from synthetic import perimeters, square

from qpv_geo.perimeters.catalogue import Catalogue

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
EXAMPLES = 8
OPERATIONS = [
    ("GET", "/v1/check"),
    ("POST", "/v1/check"),
    ("POST", "/v1/checks"),
    ("GET", "/v1/fiche"),
    ("GET", "/v1/suggest"),
    ("GET", "/v1/addresses"),
    ("GET", "/v1/perimeters"),
    ("GET", "/v1/perimeters/{code}"),
    ("GET", "/v1/schemes"),
    ("GET", "/v1/projects"),
    ("GET", "/v1/diff"),
    ("POST", "/v1/batch"),
    ("GET", "/v1/register"),
    ("GET", "/v1/register/{id}"),
    ("GET", "/v1/register/{id}/fiche"),
    ("POST", "/v1/register/{id}/decisions"),
    ("GET", "/v1/batch/{job_id}"),
    ("POST", "/v1/batch/{job_id}"),
    ("GET", "/v1/batch/{job_id}/result"),
    ("GET", "/v1/batch/{job_id}/rows"),
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/metrics"),
]
NOTHING = json.dumps({"type": "FeatureCollection", "features": []}).encode()


@pytest.fixture(scope="module")
def documented(tmp_path_factory):
    """The service where all that may be asked for is installed, and a geocoder that finds nothing."""
    home = tmp_path_factory.mktemp("documented")
    store = Catalogue(home).store
    former = perimeters(square(0, 0, 200), generation="qpv-2015", name="qpv-2015")
    store.install(replace(former, codes=("QP999001",)))
    for kind in ("watch_area", "municipal_zone"):
        store.install(perimeters(square(0, 0, 100), kind=kind, generation=None, name=kind.replace("_", "-")))
    offline_index(home, row(0, 0, 1))
    with Loopback() as geocoder, pytest.MonkeyPatch.context() as patch:
        geocoder.serve("/search", Answer(NOTHING))
        patch.setenv("QPV_GEO_HOME", str(home))
        patch.setenv("QPV_GEO_GEOCODER_URL", geocoder.url)
        with serving(job_queue=100_000, upload_concurrency=100, register_open=True) as client:
            yield schemathesis.openapi.from_url(str(client.base_url.join("/openapi.json")))


@pytest.mark.more
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_route_does_what_it_says(documented, method, path, mode):
    operation = documented[path][method]

    @examples(EXAMPLES // 2, of=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case):
        case.call_and_validate(checks=CHECKS, timeout=PATIENCE_S)

    try:
        run()
    except Unsatisfiable:  # a route without parameters: nothing can be wrong
        assert mode is GenerationMode.NEGATIVE


@pytest.mark.parametrize(
    "address",
    [
        *("1 rue des Carrés, Essai", "rue des Carrés, Essai", "9 rue des Carrés, Essai", "1-9 rue des Carrés, Essai"),
        *("1 rue des Carrés", "mairie des Carrés, Essai", "1 rue des Tulipes, Essai", "1 rue de la Paix, Lyon"),
        *("Poitiers", "Saint-Denis", "introuvable"),
    ],
)
def test_a_verdict_of_an_address_of_any_kind_is_as_documented(documented, address):
    case = documented["/v1/check"]["GET"].Case(query={"q": address, "on": "2024-06-01", "generation": "qpv-2024"})
    assert case.call_and_validate(checks=CHECKS, timeout=PATIENCE_S).status_code == 200


def test_no_route_is_left_out(service):
    paths = service.get("/openapi.json").json()["paths"]
    assert {(method.upper(), path) for path, methods in paths.items() for method in methods} == set(OPERATIONS)


def test_examples_are_there_and_are_answers(service):
    document = service.get("/openapi.json").json()
    for operation in document["paths"]["/v1/check"].values():
        example = operation["responses"]["200"]["content"]["application/json"]["example"]
        assert example["status"] == "inside"
    [many] = document["paths"]["/v1/checks"].values()
    verdict, problem = many["responses"]["200"]["content"]["application/json"]["example"]["answers"]
    assert (verdict["status"], problem["status"]) == ("inside", 422)
    asked = many["requestBody"]["content"]["application/json"]["example"]
    answers = service.post("/v1/checks", json=asked).json()["answers"]
    assert {answer["status"] for answer in answers} <= {"inside", "uncertain"}


@pytest.mark.parametrize(
    ("method", "path", "answered"),
    [
        ("get", "/v1/fiche", {"200": ["application/pdf"]}),
        ("get", "/v1/perimeters", {"200": ["application/geo+json"], "304": []}),
        ("get", "/v1/perimeters/{code}", {"200": ["application/geo+json"], "304": []}),
        ("get", "/v1/diff", {"200": ["application/geo+json", "application/json"], "304": []}),
        ("get", "/metrics", {"200": ["text/plain"]}),
        ("post", "/v1/check", {"200": ["application/geo+json", "application/json"]}),
        ("post", "/v1/batch/{job_id}", {"202": ["application/json"]}),
    ],
)
def test_each_route_tells_what_it_answers_and_nothing_else(service, method, path, answered):
    responses = service.get("/openapi.json").json()["paths"][path][method]["responses"]
    good = {status: one for status, one in responses.items() if status < "400"}
    assert {status: sorted(one.get("content", ())) for status, one in good.items()} == answered


def test_a_result_is_the_file_and_never_json(service):
    paths = service.get("/openapi.json").json()["paths"]
    kinds = paths["/v1/batch/{job_id}/result"]["get"]["responses"]["200"]["content"]
    assert {"text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"} <= set(kinds)
    assert "application/json" not in kinds


def test_a_collection_is_answered_as_documented(documented):
    point = {"type": "Point", "coordinates": [3.00671, 50.60889]}
    features = [{"type": "Feature", "properties": None, "geometry": geometry} for geometry in (point, None)]
    case = documented["/v1/check"]["POST"].Case(
        query={"on": "2024-06-01"},
        body={"type": "FeatureCollection", "features": features},
        media_type="application/geo+json",
    )
    answered = case.call_and_validate(checks=CHECKS, timeout=PATIENCE_S)
    assert answered.status_code == 200
    assert answered.headers["content-type"] == ["application/geo+json"]
