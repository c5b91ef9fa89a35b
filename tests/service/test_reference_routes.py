"""What is known beside verdicts, and what whoever runs the service asks."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from fake_geocoder import offline_index, row
from serving import LOOS, problem, serving
from synthetic import perimeters, square

from qpv_geo.perimeters.catalogue import Catalogue


def test_schemes(service, qpv):
    told = json.loads(qpv("schemes", "list", "--format", "json").out)
    found = service.get("/v1/schemes").json()
    assert [one["id"] for one in found] == [one["id"] for one in told]
    assert all("/" not in one["path"] for one in found)  # where it is on the server is nobody's business


@pytest.mark.parametrize("by", ["quartier", "qpv", "theme"])
def test_sums_of_projects_add_up(service, by):
    tables = service.get("/v1/projects", params={"by": by}).json()
    [found] = [one for one in tables if one["file"] == "fiq-2024"]
    assert found["total"] == "1000000.00"
    assert sum(float(line["amount"]) for line in found["lines"]) == 1_000_000


def test_a_redraw(home, qpv):
    store = Catalogue(home).store
    for generation, size, name in (("qpv-2015", 200, "QP99900"), ("qpv-2024", 300, "QN999")):
        made = perimeters(square(0, 0, size), generation=generation, name=generation)
        store.install(made if name == "QN999" else renamed(made))
    told = json.loads(qpv("diff", "qpv-2015", "qpv-2024", "--format", "json").out)
    with serving() as client:
        assert client.get("/v1/diff").json() == told
        assert client.get("/v1/diff?format=geojson").json()["type"] == "FeatureCollection"
        assert (
            client.get("/v1/diff", headers={"If-None-Match": client.get("/v1/diff").headers["etag"]}).status_code == 304
        )


def renamed(made):
    """The same with codes of the former generation."""
    return replace(made, codes=tuple(f"QP99900{k}" for k in range(len(made))))


def test_the_fiche_is_a_pdf(service):
    response = service.get("/v1/fiche", params=LOOS | {"scheme": "pic-loos"})
    assert response.headers["content-type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")


def test_the_map_runs_only_its_own_scripts(service):
    response = service.get("/carte")
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    inline = re.findall(r"<(?:script|style)[^>]*>(.*?)</(?:script|style)>", response.text, re.DOTALL)
    assert len(inline) > 3
    for content in inline:
        assert base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() in policy
    assert not re.search(
        r"""\s(?:style|on\w+)=["']""", re.sub(r"<script.*?</script>", "", response.text, flags=re.DOTALL)
    )


def test_the_documentation_asks_nobody_else(service):
    page = service.get("/docs")
    try:
        distribution("fastapi-swagger")
    except PackageNotFoundError:
        assert page.status_code == 503
        assert "fastapi-swagger" in problem(page)["detail"]
        return
    assert "http" not in re.sub(r"<!doctype.*?>", "", page.text)
    for path in re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text):
        assert service.get(f"/{path}").status_code == 200


def test_ready_once_the_hashes_are_checked(home):
    installed = Catalogue(home).store.install(perimeters(square(0, 0, 100)))
    with serving() as client:
        assert client.get("/ready").json() == {"ready": True, "faults": {}}
    with installed.path.open("r+b") as stream:
        stream.seek(5000)
        stream.write(b"essai")
    with serving() as client:
        response = client.get("/ready")
        assert response.status_code == 503
        assert list(response.json()["faults"]) == ["carres"]
        assert client.get("/health").status_code == 200


def test_measures(service):
    service.get("/v1/check", params=LOOS)
    text = service.get("/metrics").text
    assert re.search(r'qpv_geo_requests_total\{method="GET",route="/v1/check",status="200"\} \d', text)
    assert re.search(r'qpv_geo_verdicts_total\{status="inside"\} \d', text)


# ── Suggestions ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("3 rue des carr", ["3 Rue des Carrés 99990 Essai"]),
        ("rue des carrés", ["Rue des Carrés 99990 Essai"]),
        ("rue des c", ["Rue des Carrés 99990 Essai", "Rue des Cercles 99990 Essai"]),
        ("Collège René Des", ["Collège René Descartes"]),
    ],
)
def test_what_is_typed_is_completed(home, typed, labels):
    offline_index(home, row(0, 0, 1), row(20, 0, 3), row(50, 0, 1, street="Rue des Cercles"))
    with serving() as client:
        response = client.get("/v1/suggest", params={"q": typed})
    assert response.status_code == 200, response.text
    found = [feature["properties"]["label"] for feature in response.json()["features"]]
    assert len(found) >= len(labels)
    assert all(any(one.startswith(label) for one in found) for label in labels), found


def test_nothing_is_an_empty_list(home, monkeypatch):
    monkeypatch.setenv("QPV_GEO_GEOCODERS", '["offline", "published"]')
    offline_index(home, row(0, 0, 1))
    with serving() as client:
        response = client.get("/v1/suggest", params={"q": "zzzz qqqq"})
    assert response.json() == {"type": "FeatureCollection", "features": []}


def test_nothing_known_and_a_service_that_fails_is_an_error(service):
    response = service.get("/v1/suggest", params={"q": "zzzz qqqq"})
    assert response.status_code == 502
    problem(response)
