"""`qpv setup`, against a real server on loopback: what a town needs in one command, and again where it stopped."""

from __future__ import annotations

import json

import pytest
from loopback import Answer
from official import ADDRESSES, LOCALITIES, official_services

from qpv_geo.messages.typography import quoted

WHOLE = ["86", "lieux-dits-86"]


@pytest.fixture
def server(monkeypatch):
    with official_services() as (loopback, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield loopback


def installed(qpv):
    sets = json.loads(qpv("perimeters", "list", "--format", "json").out)["datasets"]
    indexes = json.loads(qpv("addresses", "status", "--format", "json").out)
    return [one["id"] for one in sets if not one["embedded"]], [one["id"] for one in indexes]


@pytest.mark.usefixtures("server")
def test_a_town_has_all_it_needs_in_one_command(qpv):
    answer = qpv("setup", "86", "--accept-new")
    assert answer.code == 0
    assert installed(qpv) == (["qpv-2015", "qpv-2024"], WHOLE)
    assert "4 jeux de données, dont 4 à télécharger" in answer.out
    assert answer.out.count("installé ") == 4
    assert answer.out.count(" Mo") == 7  # the size of each, and what came of three; the layer comes by perimeters
    assert "2 adresses" in answer.out


def test_what_is_there_is_not_asked_for_again_unless_refreshed(qpv, server):
    qpv("setup", "86", "--accept-new")
    server.requests.clear()
    again = qpv("setup", "86")
    assert (again.code, server.requests) == (0, [])
    assert again.out.count("déjà là") == 4
    assert "Tout est déjà installé" in again.out
    assert qpv("setup", "86", "--refresh").code == 0
    assert {one.path for one in server.requests} == {"/qpv.zip", "/wfs", ADDRESSES, LOCALITIES}


def test_a_source_that_fails_leaves_the_others_and_the_same_command_goes_on(qpv, server):
    whole = server.routes[LOCALITIES]
    server.serve(LOCALITIES, Answer(status=503))
    stopped = qpv("setup", "86", "--accept-new")
    assert stopped.code == 4
    assert stopped.err.splitlines()[-1].endswith(": qpv setup 86")
    assert quoted("lieux-dits du département 86") in stopped.err
    assert installed(qpv) == (["qpv-2015", "qpv-2024"], ["86"])
    server.routes[LOCALITIES] = whole
    server.requests.clear()
    assert qpv("setup", "86").code == 0
    assert [one.path for one in server.requests] == [LOCALITIES]
    assert installed(qpv)[1] == WHOLE


@pytest.mark.usefixtures("server")
def test_an_unknown_edition_is_not_taken_unasked(qpv):
    answer = qpv("setup", "86")
    assert answer.code == 4
    assert "--accept-new" in answer.out
    assert installed(qpv)[0] == ["qpv-2015"]


@pytest.mark.parametrize("code", ["99", "Vienne", "86000"])
def test_what_is_no_departement_stops_before_anything_is_asked(qpv, server, code):
    answer = qpv("setup", "86", code)
    assert answer.code == 2
    assert quoted(code) in answer.err
    assert server.requests == []
