"""Corrections of a list over HTTP: what is chosen is applied, and a wrong one has a problem that says what to do."""

from __future__ import annotations

import csv
import json

import pytest
from page_server import serving
from serving import ended, problem, send

TWINS = "1 rue des Jumeaux"
IN_LOOS = {"q": f"{TWINS} 59120 Loos", "citycode": "59360"}
LIST = f"id;adresse\n1;{TWINS}\n2;{TWINS}\n3;2 rue des Essais 59120 Loos\n4;\n5;{TWINS}\n".encode()


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    from httpx2 import Client  # noqa: PLC0415

    with serving(tmp_path_factory.mktemp("corrections")) as server, Client(base_url=server.url, timeout=120) as opened:
        yield opened


def corrected(client, corrections, **options):
    text = corrections if isinstance(corrections, str) else json.dumps(corrections)
    return send(client, LIST, corrections=text, on="2024-06-01", **options)


def answers(response):
    return [row["qpv_reponse"] for row in csv.DictReader(response.text.splitlines(), delimiter=";")]


def test_rows_are_corrected_one_by_one_or_together(client):
    en_qpv = "en QPV"
    assert answers(corrected(client, {"0": IN_LOOS}))[:2] == [en_qpv, "à vérifier"]
    rows = answers(corrected(client, {"0,1,4": IN_LOOS}))
    assert [rows[0], rows[1], rows[4]] == [en_qpv] * 3


def test_rows_of_one_question_are_listed_once_with_their_positions(client):
    here = corrected(client, {"1": IN_LOOS}, job="true").headers["location"]
    assert ended(client, here)["state"] == "done"
    listed = client.get(f"{here}/rows").json()
    assert listed["count"] == 3
    assert [(row["asked"], row["row"], row["positions"]) for row in listed["rows"]] == [
        (TWINS, 2, [0, 4]),
        ("", 5, [3]),
    ]
    assert listed["corrections"] == [{"row": 3, "position": 1, "asked": TWINS} | IN_LOOS]


@pytest.mark.parametrize(
    ("corrections", "words"),
    [
        ({"500": IN_LOOS}, ("aucune ligne à la position « 500 »", "de 0 à 4")),
        ({"3": IN_LOOS}, ("position « 3 »", "pas d’adresse à remplacer")),
        ({"0": {"q": "12 impasse Zyglorp 59120 Loos"}}, ("introuvable", "« 12 impasse Zyglorp 59120 Loos »")),
        ({"0": {"q": ""}}, ("adresse",)),
        ({"0": IN_LOOS | {"citycode": "Loos"}}, ("« Loos »",)),
        ({"0,1": IN_LOOS, "1": IN_LOOS}, ("position « 1 »", "deux fois")),
        ("[1, 2]", ("corrections illisibles : « [1, 2] »", "objet JSON")),
        ("{", ("corrections illisibles",)),
        ({"-1": IN_LOOS}, ("corrections illisibles",)),
        ({"ligne 1": IN_LOOS}, ("corrections illisibles",)),
        ({"0": "1 rue des Jumeaux"}, ("corrections illisibles",)),
        ({"0": {"citycode": "59360"}}, ("corrections illisibles",)),
        ({"0": IN_LOOS | {"commune": "Loos"}}, ("corrections illisibles",)),
    ],
)
def test_a_wrong_correction_says_what_is_wrong(client, corrections, words):
    response = corrected(client, corrections)
    detail = problem(response)["detail"].replace("\u00a0", " ")
    assert response.status_code == 422
    assert [word for word in words if word not in detail] == [], detail


def test_a_job_with_a_wrong_correction_fails_with_the_same_words(client):
    response = corrected(client, {"500": IN_LOOS}, job="true")
    assert "aucune ligne à la position" in ended(client, response.headers["location"])["cause"]
