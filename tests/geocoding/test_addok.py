"""What a real Addok answers: the shapes that the client of a self-hosted one must read."""

from __future__ import annotations

import csv
import io

import httpx2
import pytest

NUMBER_FIELDS = {
    "label",
    "score",
    "housenumber",
    "id",
    "type",
    "name",
    "street",
    "postcode",
    "citycode",
    "city",
    "context",
    "importance",
}


@pytest.fixture
def addok(addok_url):
    with httpx2.Client(base_url=addok_url, timeout=10, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def known(shared):
    """A complete address with a suffix, its number first (99bis), and its identifier."""
    with (shared / "addresses/cases-sample.csv").open(encoding="utf-8", newline="") as file:
        return next(
            (case["query"], case["expected_id"])
            for case in csv.DictReader(file)
            if case["kind"] == "complete" and case["expected_id"].endswith("_bis")
        )


def whole(text):
    return {"q": text, "limit": 5, "autocomplete": 0}


def test_an_address_is_found_as_geocodejson(addok, known):
    text, expected_id = known
    answer = addok.get("/search/", params=whole(text))
    best = answer.json()["features"][0]
    assert answer.json()["type"] == "FeatureCollection"
    assert best["geometry"]["type"] == "Point"
    assert set(best["properties"]) == NUMBER_FIELDS
    assert best["properties"]["id"] == expected_id
    assert best["properties"]["type"] == "housenumber"
    assert best["properties"]["housenumber"].endswith(" bis")
    assert best["properties"]["name"] == f"{best['properties']['housenumber']} {best['properties']['street']}"


@pytest.mark.parametrize("number", ["", "9999 "])
def test_a_street_is_found_where_the_number_is_absent_or_unknown(addok, known, number):
    text, expected_id = known
    best = addok.get("/search/", params=whole(number + text.partition(" ")[2])).json()["features"][0]
    assert best["properties"]["type"] == "street"
    assert expected_id.startswith(best["properties"]["id"] + "_")
    assert "housenumber" not in best["properties"]


def test_a_commune_is_found(addok, known):
    commune = known[0].split()[-1]
    best = addok.get("/search/", params=whole(commune) | {"type": "municipality"}).json()["features"][0]
    assert best["properties"]["type"] == "municipality"
    assert best["properties"]["city"] == commune


def test_filters_leave_the_others_out(addok, known):
    text, expected_id = known
    inside = addok.get("/search/", params=whole(text) | {"citycode": expected_id[:5]})
    outside = addok.get("/search/", params=whole(text) | {"citycode": "86194"})
    assert {each["properties"]["citycode"] for each in inside.json()["features"]} == {expected_id[:5]}
    assert expected_id not in [each["properties"]["id"] for each in outside.json()["features"]]


def test_nothing_found_is_an_empty_list(addok):
    answer = addok.get("/search/", params=whole("zzyzx qwxk"))
    assert answer.status_code == 200
    assert answer.json()["features"] == []


def test_the_nearest_address_of_a_point(addok, known):
    text, expected_id = known
    lon, lat = addok.get("/search/", params=whole(text)).json()["features"][0]["geometry"]["coordinates"]
    nearest = addok.get("/reverse/", params={"lon": lon, "lat": lat}).json()["features"][0]["properties"]
    assert nearest["id"] == expected_id
    assert nearest["distance"] == 0


@pytest.mark.parametrize("text", ["", None])
def test_an_empty_query_is_an_error_with_title_and_description(addok, text):
    answer = addok.get("/search/", params={} if text is None else {"q": text})
    assert answer.status_code == 400
    assert answer.json() == {"title": "Missing parameter", "description": 'The "q" parameter is required.'}


def test_a_query_too_long_is_an_error_without_description(addok):
    answer = addok.get("/search/", params=whole("a" * 201))
    assert answer.status_code == 413
    assert answer.json() == {"title": "Query too long, 201 chars, limit is 200"}


def test_the_csv_has_no_status_and_leaves_weak_matches_empty(addok, known):
    text, expected_id = known
    sheet = f"nom,adresse\nconnue,{text}\ninconnue,zzyzx qwxk\n".encode()
    answer = addok.post("/search/csv/", files={"data": ("sheet.csv", sheet, "text/csv")}, data={"columns": ["adresse"]})
    found, missing = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert answer.status_code == 200
    assert "result_status" not in found
    assert found["nom"] == "connue"
    assert found["result_id"] == expected_id
    assert found["result_type"] == "housenumber"
    assert found["result_housenumber"].endswith(" bis")
    assert float(found["result_score"]) > 0.5
    assert {value for field, value in missing.items() if field not in {"nom", "adresse"}} == {""}


def test_the_csv_fails_on_filters(addok, known):
    """Its values became lists in addok 1.3, which addok-csv 1.1.0, the latest, takes for names of columns."""
    sheet = f"adresse,insee\n{known[0]},{known[1][:5]}\n".encode()
    answer = addok.post(
        "/search/csv/",
        files={"data": ("sheet.csv", sheet, "text/csv")},
        data={"columns": ["adresse"], "citycode": "insee"},
    )
    assert answer.status_code == 500
    assert answer.json() == {"title": "500 Internal Server Error"}


def test_a_csv_column_that_is_not_there_is_an_error(addok):
    answer = addok.post(
        "/search/csv/",
        files={"data": ("sheet.csv", b"adresse,ville\nrue,Loos\n", "text/csv")},
        data={"columns": ["voie"]},
    )
    assert answer.status_code == 400
    assert answer.json()["title"].startswith("Cannot found column 'voie'")
