"""Many questions, or the features of a collection, at once: each is answered as it is alone, and fails alone."""

from __future__ import annotations

import itertools
import json
import random

import pytest
from fake_geocoder import offline_index, row
from loopback import Answer, Loopback
from serving import problem, serving, until

DAYS = ("2024-06-01", "2025-01-01", "01/03/2026", None, "2023-06-01", "hier")
ADDRESSES = (
    *("5 rue des Carrés, Essai", "5 bis rue des Carrés, 99990 Essai", "rue des Carrés, Essai", "rue des Ronds, Essai"),
    *("3 à 9 rue des Carrés, Essai", "Essai", "Bel Air", "Les Oliveaux, Loos", "QN05975M", "86194000AB0123", "ab"),
    *("Collège René Descartes, rue Édouard Herriot, 59120 Loos", "12 rue Inconnue, Lyon", "86580 Biard", "Épi de Soil"),
)
POINTS = ((3.00671, 50.60889), (0.30, 46.55), (4.8357, 45.764), (3.0043, 50.6085), (55.45, -20.88), (50.6, 3.0), (0, 0))
SITES = (
    {"type": "Polygon", "coordinates": [[[3.003, 50.608], [3.008, 50.608], [3.008, 50.611], [3.003, 50.608]]]},
    {"type": "Feature", "properties": {"nom": "Essai"}, "geometry": {"type": "Point", "coordinates": [0.30, 46.55]}},
    {"type": "LineString", "coordinates": [[3.004, 50.607], [3.007, 50.609]]},
    {"type": "Polygon", "coordinates": [[[3.0, 50.6], [3.1, 50.7], [3.1, 50.6], [3.0, 50.7], [3.0, 50.6]]]},
    {"type": "Polygon"},
)
OPTIONS = (
    *({}, {"generation": "qpv-2024"}, {"kind": ["municipal_zone"]}, {"generation": "qpv-1999"}, {"accuracy": 30}),
    *({"scheme": ["pic-loos", "ftu-loos"], "amount": 1400}, {"scheme": ["essai"]}, {"answer": ["comite:oui"]}),
    *({"scheme": ["tfpb-1388-bis"], "answer": ["organisme:oui", "contrat-de-ville:non"]}, {"citycode": "99999"}),
    *({"postcode": "59120"}, {"onn": "2024-06-01"}, {"kind": ["essai"]}, {"amount": -1, "scheme": ["pic-loos"]}),
)


def questions():
    """Return questions of every kind, about every place, many of them wrong."""
    places = [{"q": one} for one in ADDRESSES] + [{"lon": lon, "lat": lat} for lon, lat in POINTS]
    places += [{"site": one} for one in SITES] + [{}, {"lon": 3.0}, {"q": "Loos", "lon": 3.0, "lat": 50.6}]
    chosen = random.Random(8).sample(list(itertools.product(places, DAYS, OPTIONS)), 170)
    plain = [(place, "2024-06-01", {}) for place in places]
    return [place | ({} if day is None else {"on": day}) | options for place, day, options in (*plain, *chosen)]


def alone(client, question):
    """Ask one question as a request of its own."""
    site = question.get("site")
    query = {name: value for name, value in question.items() if name != "site"}
    return client.get("/v1/check", params=query) if site is None else client.post("/v1/check", params=query, json=site)


def without_moment(answer):
    if "evidence" not in answer:
        return answer
    return answer | {"evidence": {name: one for name, one in answer["evidence"].items() if name != "checked_at"}}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The service with an address index and the published places, and no national service."""
    home = tmp_path_factory.mktemp("desk")
    offline_index(home, *(row(20 * k, 0, k) for k in range(1, 12)), row(100, 30, 5, "Avenue des Triangles"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QPV_GEO_HOME", str(home))
        patch.setenv("QPV_GEO_GEOCODERS", '["offline", "published"]')
        with serving() as client:
            yield client


# ── Questions ────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_question_is_answered_as_it_is_alone(desk):
    asked = questions()
    response = desk.post("/v1/checks", json=asked)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    answers = response.json()["answers"]
    assert len(answers) == len(asked) >= 190
    for question, answer in zip(asked, answers, strict=True):
        single = alone(desk, question)
        places, others = (set(question) & some for some in ({"q", "lon", "site"}, {"accuracy", "citycode", "postcode"}))
        if len(places) != 1 or ("site" in places and others):
            assert (single.status_code, answer["status"]) == (422, 422)  # said otherwise: only a list has sites
            continue
        assert answer.get("status") == (single.json()["status"]), question
        assert without_moment(answer) == without_moment(single.json()), question
    kinds = {answer["status"] for answer in answers}
    assert kinds >= {"inside", "outside", "uncertain", "not_located", 422, 503}
    assert any(answer.get("schemes") for answer in answers)


def test_the_order_and_the_company_change_nothing(desk):
    asked = questions()
    answers = [without_moment(one) for one in desk.post("/v1/checks", json=asked).json()["answers"]]
    shuffled = random.Random(3).sample(range(len(asked)), len(asked))
    again = desk.post("/v1/checks", json=[asked[k] for k in shuffled]).json()["answers"]
    assert [without_moment(one) for one in again] == [answers[k] for k in shuffled]


def test_a_question_that_is_wrong_fails_alone_with_what_is_wrong(desk):
    asked = [
        {"lon": 3.00671, "lat": 50.60889, "on": "2024-06-01"},
        {"lon": 3.00671, "lat": 50.60889, "onn": "2024-06-01"},
        {"lon": "3.00671", "lat": 50.60889},
        {"lon": True, "lat": 50.60889},
        {"q": 59120},
        {"q": "Loos", "scheme": "pic-loos"},
        {"lon": 3.00671, "lat": 50.60889, "site": SITES[0]},
        {"q": "QN05975M", "lon": None, "on": "2024-06-01", "scheme": []},
        {},
        [],
        None,
        "Loos",
    ]
    answers = desk.post("/v1/checks", json=asked).json()["answers"]
    assert [answers[k]["status"] for k in (0, 7)] == ["inside", "inside"]
    wrong = [one for k, one in enumerate(answers) if k not in {0, 7}]
    assert {one["status"] for one in wrong} == {422}
    assert {one["type"] for one in wrong} == {"urn:qpv-geo:problem:bad-input"}
    assert {one["title"] for one in wrong} == {"Demande incomprise"}
    details = [one["detail"] for one in wrong]
    for detail, told in zip(
        details,
        (
            *(
                "« onn » ; vouliez-vous dire « on » ?",
                "lon : nombre attendu",
                "lon : nombre attendu",
                "q : texte attendu",
            ),
            *(
                "scheme : liste attendue",
                "un seul des trois",
                "un seul des trois",
                "objet JSON",
                "objet JSON",
                "objet JSON",
            ),
        ),
        strict=True,
    ):
        assert told in detail


def test_a_thousand_addresses_at_once_and_no_more(desk):
    asked = [{"q": f"{k % 11 + 1} rue des Carrés, Essai", "on": "2024-06-01"} for k in range(1000)]
    answers = desk.post("/v1/checks", json=asked).json()["answers"]
    assert [one["location"]["label"][:2].strip() for one in answers] == [str(k % 11 + 1) for k in range(1000)]
    response = desk.post("/v1/checks", json=[*asked, asked[0]])
    assert response.status_code == 413
    assert "1 001 questions reçues, 1 000 au plus" in problem(response)["detail"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/checks", '[{"lon": 3.0, "lat": 50.6, "on": "2024-06-01", "on": "2023-06-01"}]'),
        ("/v1/check", '{"type": "Point", "type": "Point", "coordinates": [3.0, 50.6]}'),
        ("/v1/checks", '[{"site": {"type": "Point", "coordinates": [3.0, 50.6], "coordinates": [0.3, 46.5]}}]'),
    ],
)
def test_a_name_given_twice_is_refused(desk, path, body):
    told = problem(desk.post(path, content=body, headers={"Content-Type": "application/json"}))
    assert "deux fois" in told["detail"]
    assert any(f"« {name} »" in told["detail"] for name in ("on", "type", "coordinates"))


def test_no_question_has_no_answer(desk):
    assert desk.post("/v1/checks", json=[]).json() == {"answers": []}


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ({"amount": 1200}, "montant sans dispositif ; ajoutez « scheme », ou retirez « amount »"),
        ({"answer": ["comite:oui"]}, "réponse sans dispositif ; ajoutez « scheme », ou retirez « answer »"),
        ({"amount": 1200, "scheme": []}, "montant sans dispositif"),
    ],
)
def test_what_only_a_scheme_reads_is_not_ignored_without_one(desk, question, told):
    asked = {"lon": 3.00671, "lat": 50.60889, "on": "2024-06-01"} | question
    [answer] = desk.post("/v1/checks", json=[asked]).json()["answers"]
    assert told in answer["detail"]
    assert problem(desk.get("/v1/check", params=asked)) == answer


def test_a_day_in_french_order_is_that_day(desk):
    asked = {"lon": 3.00671, "lat": 50.60889}
    french, iso = desk.post("/v1/checks", json=[asked | {"on": day} for day in ("01/06/2024", "2024-06-01")]).json()[
        "answers"
    ]
    assert french["on"] == "2024-06-01"
    assert french["evidence"]["digest"] == iso["evidence"]["digest"]
    assert desk.get("/v1/check", params=asked | {"on": "01/06/2024"}).json()["on"] == "2024-06-01"


def test_a_body_may_begin_with_a_byte_order_mark(desk):
    body = b'\xef\xbb\xbf[{"q": "QN05975M", "on": "2024-06-01"}]'
    answer = desk.post("/v1/checks", content=body, headers={"Content-Type": "application/json"})
    assert answer.json()["answers"][0]["status"] == "inside"


@pytest.mark.parametrize("depth", [900, 960, 1000, 1023, 1100])
@pytest.mark.parametrize("path", ["/v1/checks", "/v1/check"])
def test_a_body_however_nested_is_no_fault_of_the_service(desk, path, depth):
    nested = b"[" * depth + b"]" * depth
    body = (
        nested if path == "/v1/checks" else b'{"type": "Feature", "geometry": null, "properties": {"a": %s}}' % nested
    )
    response = desk.post(path, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in {200, 422}


def test_json_that_cannot_be_read_says_where(desk):
    body = b'[{"q": "Loos"},\n {"q": "Poitiers",}]'
    response = desk.post("/v1/checks", content=body, headers={"Content-Type": "application/json"})
    assert "JSON illisible à la ligne 2, colonne 18" in problem(response)["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"null", b"3", b'"Loos"', b"[NaN]", b"[" * 5000])
def test_a_body_that_is_no_list_is_refused(desk, body):
    response = desk.post("/v1/checks", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert problem(response)["detail"].startswith("corps attendu")


def test_a_list_of_another_kind_is_refused(desk):
    response = desk.post("/v1/checks", content=b"[]", headers={"Content-Type": "text/csv"})
    assert response.status_code == 415
    problem(response)


@pytest.mark.usefixtures("home")
def test_questions_that_take_too_long_together_are_given_up():
    asked = [{"lon": 3.00671, "lat": 50.60889, "on": "2024-06-01", "scheme": ["pic-loos"] * 10}] * 1000
    with serving(request_timeout_s=0.3) as client:
        response = client.post("/v1/checks", json=asked)
        assert response.status_code == 504
        assert problem(response)["detail"].startswith("pas de réponse")
        until(lambda: client.post("/v1/checks", json=asked[:1]).status_code == 200)  # once the late ones have ended


def test_a_geocoder_that_fails_leaves_the_others_answered(home, monkeypatch):
    offline_index(home, row(0, 0, 1))
    with Loopback() as loopback:
        loopback.serve("/search", Answer(status=500))
        monkeypatch.delenv("QPV_GEO_GEOCODERS", raising=False)
        monkeypatch.setenv("QPV_GEO_GEOCODER_URL", loopback.url)
        monkeypatch.setenv("QPV_GEO_HTTP_ATTEMPTS", "1")
        with serving() as client:
            asked = [
                {"q": "12 rue des Essais 86000 Poitiers"},
                {"q": "1 rue des Carrés, Essai", "on": "2024-06-01"},
                {"lon": 3.00671, "lat": 50.60889, "on": "2024-06-01"},
            ]
            failed, found, point = client.post("/v1/checks", json=asked).json()["answers"]
            single = client.get("/v1/check", params=asked[0])
    assert failed == problem(single)
    assert failed["status"] == 502
    assert (found["location"]["type"], point["status"]) == ("housenumber", "inside")


# ── Features ─────────────────────────────────────────────────────────────────────────────────────────────────


def collection(*geometries, **members):
    features = [
        {"type": "Feature", "id": k, "properties": {"nom": f"Essai {k}"}, "geometry": geometry}
        for k, geometry in enumerate(geometries)
    ]
    return {"type": "FeatureCollection", "name": "essai", **members, "features": features}


def test_every_feature_of_a_collection_is_answered_in_its_place(desk):
    sent = collection(SITES[0], SITES[2], None, SITES[3], SITES[1]["geometry"])
    sent["features"][1]["properties"] = None
    query = {"on": "2024-06-01", "scheme": "pic-loos", "amount": "1200"}
    response = desk.post("/v1/check", params=query, json=sent)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/geo+json"
    answered = response.json()
    verdicts = [one["properties"].pop("qpv") for one in answered["features"]]
    sent["features"][1]["properties"] = {}
    assert answered == sent
    for feature, verdict in zip(sent["features"], verdicts, strict=True):
        if isinstance(verdict["status"], str):
            single = desk.post("/v1/check", params=query, json=feature)
            assert without_moment(verdict) == without_moment(single.json())
    assert [type(one["status"]) for one in verdicts] == [str, str, int, int, str]
    assert verdicts[2]["detail"].startswith("site vide : « objet n° 3 »")
    assert "objet n° 4" in verdicts[3]["detail"]


def test_a_collection_in_another_system_is_read_in_it(desk):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    answered = desk.post(
        "/v1/check",
        params={"on": "2024-06-01"},
        json=collection({"type": "Point", "coordinates": [704900.0, 7057400.0]}, crs=crs),
    ).json()
    [feature] = answered["features"]
    location = feature["properties"]["qpv"]["location"]
    assert (location["lon"], location["lat"]) == (pytest.approx(3.07, abs=0.05), pytest.approx(50.62, abs=0.05))


@pytest.mark.parametrize("holder", ["feature", "geometry", "alone"])
def test_the_system_of_a_feature_or_of_a_geometry_is_read(desk, holder):
    point = {"type": "Point", "coordinates": [704900.0, 7057400.0]}
    crs = {"crs": {"type": "name", "properties": {"name": "EPSG:2154"}}}
    [feature] = (sent := collection(point | (crs if holder == "geometry" else {})))["features"]
    feature |= crs if holder == "feature" else {}
    body = point | crs if holder == "alone" else sent
    answered = desk.post("/v1/check", params={"on": "2024-06-01"}, json=body).json()
    verdict = answered if holder == "alone" else answered["features"][0]["properties"]["qpv"]
    assert verdict["location"]["lon"] == pytest.approx(3.07, abs=0.05)


@pytest.mark.parametrize(
    ("feature", "told"),
    [
        (
            {"geometry": {"type": "Polygone", "coordinates": []}},
            "« objet n° 2 » contient une géométrie GeoJSON mal formée",
        ),
        ({"geometry": "POINT (3 50)"}, "« objet n° 2 » contient une géométrie GeoJSON mal formée"),
        ({"crs": "Lambert"}, "« objet n° 2 » indique un système de coordonnées inconnu"),
    ],
)
def test_a_feature_that_cannot_be_read_is_named(desk, feature, told):
    sent = collection(*[SITES[1]["geometry"]] * 2)
    sent["features"][1] |= feature
    first, second = (one["properties"]["qpv"] for one in desk.post("/v1/check", json=sent).json()["features"])
    assert first["status"] == "outside"
    assert told in second["detail"]


@pytest.mark.parametrize("query", [{"on": "hier"}, {"generation": "qpv-1999"}, {"scheme": "essai"}, {"amount": 3}])
def test_what_is_wrong_for_every_feature_is_refused_once(desk, query):
    response = desk.post("/v1/check", params=query, json=collection(SITES[1]["geometry"]))
    assert response.status_code == 422
    problem(response)


def test_an_empty_collection_comes_back(desk):
    assert desk.post("/v1/check", json=collection()).json() == collection()


@pytest.mark.parametrize(
    ("features", "told"),
    [
        (None, "« features » doit être une liste"),
        (
            [{"type": "Point", "coordinates": [3.0, 50.6]}],
            "objet n° 1 de la collection invalide ; donnez un Feature GeoJSON",
        ),
        ([3], "objet n° 1 de la collection"),
        *(
            ([{"type": "Feature", "geometry": None, "properties": one}], "objet n° 1 de la collection")
            for one in ([1], [], "", 0, False)
        ),
        ([{"type": "Feature", "geometry": None, "properties": {"qpv": "oui"}}], "propriété « qpv » déjà présente"),
    ],
)
def test_a_collection_that_cannot_be_given_back_is_refused(desk, features, told):
    response = desk.post("/v1/check", json={"type": "FeatureCollection", "features": features})
    assert response.status_code == 422
    assert told in problem(response)["detail"]


def test_a_collection_has_as_many_features_as_a_list_has_questions(desk):
    response = desk.post("/v1/check", json={"type": "FeatureCollection", "features": [None] * 1001})
    assert response.status_code == 413
    assert "1 000 au plus" in problem(response)["detail"]


def test_a_property_too_deep_to_be_written_is_refused(desk):
    deep = json.loads("[" * 400 + "]" * 400)
    sent = collection(SITES[0], deep=deep)
    response = desk.post("/v1/check", json=sent)
    assert response.status_code == 422
    assert problem(response)["detail"].startswith("corps imbriqué trop profondément")
