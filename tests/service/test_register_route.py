"""``/v1/register`` and ``POST /v1/checks?save=true``: what is kept, who may see it, and who may write."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest
from serving import LOOS, problem, process, serving

from qpv_geo.cli import main
from qpv_geo.errors import InputError
from qpv_geo.register.audit import audit
from qpv_geo.register.filters import Filters
from qpv_geo.register.store import register_of
from qpv_geo.settings import load_settings

DOUBT = LOOS | {"accuracy": 30.0, "case": "A-1", "service": "Habitat", "by": "Mme Essai"}
DECISION = {"status": "inside", "reason": "Plan vu", "by": "Mme Essai", "quartier": "QN05975M"}


@pytest.fixture
def desk():
    """A service whose register is open to the users of this machine."""
    with serving(register_open=True) as client:
        yield client


def keep(client, *questions, **options):
    return client.post("/v1/checks", params={"save": "true"}, json=list(questions), **options)


def test_checks_are_kept_on_request_and_found_again(desk):
    assert desk.get("/v1/register").json() == {"count": 0, "checks": [], "next": None}
    plain = desk.post("/v1/checks", json=[LOOS]).json()
    told = keep(desk, LOOS, DOUBT, {"lon": "x"}).json()
    assert plain["answers"][0]["evidence"]["digest"] == told["answers"][0]["evidence"]["digest"]
    assert [one and one["sequence"] for one in told["kept"]] == [1, 2, None]
    found = desk.get("/v1/register").json()
    assert (found["count"], [one["sequence"] for one in found["checks"]]) == (2, [2, 1])
    [one] = desk.get("/v1/register", params={"case": "A-1", "status": "uncertain"}).json()["checks"]
    assert (one["case"], one["service"], one["by"], one["decision"]) == ("A-1", "Habitat", "Mme Essai", None)
    shown = desk.get(f"/v1/register/{told['kept'][1]['id']}").json()
    assert shown["record"] == told["answers"][1]


def test_a_decision_is_beside_what_was_computed(desk):
    keep(desk, DOUBT)
    document = {"name": "plan.pdf", "sha256": "0" * 64}
    response = desk.post("/v1/register/1/decisions", json=DECISION | {"document": document})
    assert response.status_code == 201
    shown = desk.get("/v1/register/1").json()
    assert (shown["status"], shown["decision"]["status"], shown["decision"]["code"]) == (
        "uncertain",
        "inside",
        "QN05975M",
    )
    assert shown["decision"]["document"] == document
    assert [one["kind"] for one in shown["history"]] == ["decision"]
    assert desk.get("/v1/register", params={"status": "inside"}).json()["count"] == 1


def test_a_list_goes_on_where_it_stopped(desk):
    keep(desk, *[LOOS | {"case": str(k)} for k in range(7)])
    seen, following = [], None
    while True:
        page = desk.get("/v1/register", params={"limit": 3} | ({"before": following} if following else {})).json()
        seen += [one["case"] for one in page["checks"]]
        following = page["next"]
        if following is None:
            break
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


def test_a_later_check_says_what_it_supersedes(desk):
    keep(desk, LOOS)
    keep(desk, LOOS | {"supersedes": 1, "reason": "Point corrigé"})
    assert desk.get("/v1/register/1").json()["superseded_by"] == 2
    assert desk.get("/v1/register", params={"current": "true"}).json()["count"] == 1
    wrong = [{"supersedes": sequence, "reason": "Point corrigé"} for sequence in (1, 99, 2, 2)]
    again = keep(desk, *[LOOS | one for one in wrong], LOOS).json()
    assert [one["status"] for one in again["answers"]] == [422, 422, 422, 422, "inside"]
    assert [one is not None for one in again["kept"]] == [False, False, False, False, True]
    assert desk.get("/v1/register").json()["count"] == 3


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/register/9", 404),
        ("/v1/register/zzz", 404),
        ("/v1/register?status=dedans", 422),
        ("/v1/register?since=x", 422),
    ],
)
def test_what_is_wrong_is_a_problem(desk, path, status):
    keep(desk, LOOS)
    response = desk.get(path)
    assert (response.status_code, problem(response)["status"]) == (status, status)


def test_an_entry_that_was_altered_is_not_answered_as_if_it_were_true(desk, home):
    keep(desk, LOOS, LOOS)
    with closing(sqlite3.connect(home / "register.sqlite")) as connection:
        connection.execute("DROP TRIGGER register_content_no_update")
        connection.execute("UPDATE register_content SET content = '{}' WHERE sequence = 2")
        connection.commit()
    for path in ("/v1/register", "/v1/register/2", "/v1/register/2/fiche"):
        told = problem(desk.get(path))
        assert (told["status"], told["type"]) == (503, "urn:qpv-geo:problem:altered-data")
        assert told["remedy"] == "qpv register verify"
    assert desk.post("/v1/register/2/decisions", json=DECISION).status_code == 503
    assert desk.get("/v1/register/1").status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (DECISION | {"status": "dedans"}, 422),
        (DECISION | {"reason": " "}, 422),
        (DECISION | {"zzz": 1}, 422),
        (DECISION | {"document": {"name": "plan.pdf", "sha256": "x"}}, 422),
        ([DECISION], 422),
    ],
)
def test_a_decision_that_cannot_be_kept(desk, body, status):
    keep(desk, LOOS)
    response = desk.post("/v1/register/1/decisions", json=body)
    assert (response.status_code, problem(response)["status"]) == (status, status)
    assert desk.get("/v1/register/1").json()["decision"] is None


def test_a_decision_that_says_two_things_is_not_kept(desk):
    keep(desk, LOOS)
    body = '{"status": "outside", "status": "inside", "reason": "Plan", "by": "Essai"}'
    response = desk.post("/v1/register/1/decisions", content=body, headers={"Content-Type": "application/json"})
    assert "« status » est donné deux fois" in problem(response)["detail"]


def test_labels_without_saving_are_a_problem_of_their_question(desk):
    told = desk.post("/v1/checks", json=[LOOS, DOUBT]).json()["answers"]
    assert told[0]["status"] == "inside"
    assert "save=true" in told[1]["detail"]


# ── Who may use it ───────────────────────────────────────────────────────────────────────────────────────────


def uses(client, **headers):
    """Return the statuses of every way to read and write the register."""
    return {
        client.get("/v1/register", headers=headers).status_code,
        client.get("/v1/register/1", headers=headers).status_code,
        keep(client, LOOS, headers=headers).status_code,
        client.post("/v1/register/1/decisions", json=DECISION, headers=headers).status_code,
    }


def test_without_a_key_nobody_uses_the_register(service):
    assert uses(service) == {401}
    assert "X-API-Key" in problem(service.get("/v1/register"))["detail"]
    assert service.post("/v1/checks", json=[LOOS]).status_code == 200


def test_with_a_key_it_can_be_used(home):  # noqa: ARG001 - a register of its own
    with serving(api_keys=("clé-essai",)) as client:
        assert uses(client) == {401}
        key = {"X-API-Key": "clé-essai".encode()}
        assert keep(client, LOOS, headers=key).status_code == 200
        assert uses(client, **key) == {200, 201}


def test_an_open_register_is_for_who_asks_this_machine_by_its_own_name(desk):
    """A page elsewhere whose name was made to point here asks for that name."""
    keep(desk, LOOS)
    assert uses(desk) == {200, 201}
    assert uses(desk, Host="ailleurs.example") == {401}


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Host"])
def test_an_open_register_is_not_for_who_comes_through_a_proxy(desk, header):
    keep(desk, LOOS)
    assert uses(desk, **{header: "10.0.0.9"}) == {401}


@pytest.mark.parametrize("text", ["\x00", "%", "\u202e", "' OR 1=1"])
def test_odd_texts_over_http(desk, text):
    told = keep(desk, LOOS | {"case": f"A{text}1"})
    assert told.status_code == 200
    assert desk.get("/v1/register", params={"case": f"A{text}1"}).json()["count"] == 1
    assert desk.get(f"/v1/register/{told.json()['kept'][0]['id']}").status_code == 200
    assert desk.get("/v1/register", params={"address": "!!!"}).status_code == 422
    assert desk.get("/v1/register", params={"case": "\u200b"}).status_code == 422


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Origin": "http://ailleurs.example"}, False),
        ({"Origin": "null"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({}, True),
    ],
)
def test_writes_come_from_the_page_of_the_service_or_from_no_page(desk, headers, allowed):
    statuses = {keep(desk, LOOS, headers=headers).status_code}
    keep(desk, LOOS)
    statuses.add(desk.post("/v1/register/1/decisions", json=DECISION, headers=headers).status_code)
    assert statuses == ({200, 201} if allowed else {403})
    assert desk.get("/v1/register", headers=headers).status_code == 200


@pytest.mark.parametrize("settings", [{"host": "10.0.0.1"}, {"host": "::"}, {"proxy_hops": 1}])
def test_an_open_register_is_refused_where_others_can_reach_it(settings):
    with pytest.raises(InputError, match="QPV_GEO_SERVICE_REGISTER_OPEN"), serving(register_open=True, **settings):
        pass


def test_the_command_refuses_it_too(monkeypatch, capsys):
    monkeypatch.setenv("QPV_GEO_SERVICE_REGISTER_OPEN", "true")
    assert main(["serve", "--host", "10.0.0.1", "--port", "0"]) == 2
    assert "127.0.0.1" in capsys.readouterr().err


def test_several_workers_write_at_once(home):
    environment = {"QPV_GEO_SERVICE_REGISTER_OPEN": "true"}
    with process(home, "--workers", "2", **environment) as started:

        def write():
            with started.client() as client:
                statuses.extend(keep(client, LOOS, LOOS).status_code for _ in range(15))

        statuses = []
        threads = [threading.Thread(target=write) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert statuses == [200] * 60
    with register_of(load_settings()) as register:
        assert audit(register).fault is None
        assert register.count(Filters()) == 120
