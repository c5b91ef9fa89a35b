"""A file that the geocoder stops is answered without it, or goes on once it is back; nothing of it is lost."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_geocoder import offline_index, row
from loopback import Answer, Loopback
from serving import FOUND_AND_NOT, by_command, ended, problem, process, send, serving, until


@pytest.fixture
def geocoder(monkeypatch):
    """A geocoder that finds nothing, but for the addresses that it fails for; an index knows one address."""
    with Loopback() as loopback:
        failing = ["7 Place"]
        nothing = b'{"type": "FeatureCollection", "features": []}'

        def search(query):
            return Answer(status=500) if any(one in query["q"] for one in failing) else Answer(nothing)

        loopback.routes["/search"] = search
        loopback.failing = failing
        monkeypatch.setenv("QPV_GEO_GEOCODER_URL", loopback.url)
        yield loopback


def statuses(response):
    return [line.split(";")[1] for line in response.text.splitlines()[1:]]


@pytest.mark.usefixtures("geocoder")
def test_a_file_is_answered_without_the_geocoder_that_fails(home, qpv, tmp_path):
    offline_index(home, row(0, 0, 1))
    with serving() as client:
        refused = problem(send(client, FOUND_AND_NOT))
        answered = send(client, FOUND_AND_NOT, offline="true")
    assert refused["status"] == 502
    assert "offline=true" in refused["detail"]
    assert "outside" not in statuses(answered)[1:]
    assert answered.content == by_command(qpv, tmp_path, FOUND_AND_NOT, "points.csv", "--offline")


def stopped(client):
    """Return the place of a job that the geocoder stopped."""
    here = send(client, FOUND_AND_NOT, job="true").headers["location"]
    told = ended(client, here)
    assert (told["state"], told["links"].get("resume")) == ("failed", here)
    return here


def test_a_job_goes_on_once_the_geocoder_is_back_however_many_ask_for_it(home, geocoder, qpv, tmp_path):
    offline_index(home, row(0, 0, 1))
    with serving() as client, ThreadPoolExecutor(8) as threads:
        here = stopped(client)
        geocoder.failing.clear()
        answers = sorted(threads.map(lambda _: client.post(here), range(8)), key=lambda one: one.status_code)
        told = ended(client, here)
        result = client.get(f"{here}/result")
    assert [one.status_code for one in answers] == [202] + [409] * 7
    assert answers[0].headers["location"] == here
    asked = ["8 Place" in one.query["q"] for one in geocoder.requests]
    assert sum(asked) == 1  # what was found is not asked again
    assert (told["state"], told["rows"], told["cause"], told["links"].get("resume")) == ("done", 3, None, None)
    assert result.content == by_command(qpv, tmp_path, FOUND_AND_NOT, "points.csv")
    assert not list((home / "jobs").glob("*/in"))


def test_a_job_that_ends_without_the_geocoder_waits_for_an_index(home, geocoder, qpv, tmp_path):
    with serving() as client:
        here = stopped(client)
        asked = len(geocoder.requests)
        client.post(here, params={"offline": "true"})
        told = ended(client, here)
        assert "aucune adresse n’est installée" in told["cause"]
        assert told["remedy"].startswith("qpv addresses fetch")
        assert (told["state"], told["links"].get("resume")) == ("failed", here)
        offline_index(home, row(0, 0, 1))
        assert client.post(here, params={"offline": "true"}).status_code == 202
        assert ended(client, here)["state"] == "done"
        result = client.get(f"{here}/result")
    assert len(geocoder.requests) == asked
    assert "outside" not in statuses(result)[1:]
    assert result.content == by_command(qpv, tmp_path, FOUND_AND_NOT, "points.csv", "--offline")


@pytest.mark.usefixtures("home")
def test_a_job_without_the_geocoder_is_not_for_good(geocoder):
    with serving() as client:
        here = stopped(client)
        client.post(here, params={"offline": "true"})
        assert ended(client, here)["state"] == "failed"
        geocoder.failing.clear()
        client.post(here)
        told = ended(client, here)
    assert (told["state"], told["rows"]) == ("done", 3), told["cause"]


def test_what_was_sent_for_no_geocoder_is_never_asked_of_it(home, geocoder):
    with serving() as client:
        here = send(client, FOUND_AND_NOT, job="true", offline="true").headers["location"]
        assert ended(client, here)["links"].get("resume") == here
        offline_index(home, row(0, 0, 1))
        client.post(here)
        assert ended(client, here)["state"] == "done"
    assert geocoder.requests == []


def test_a_job_that_fails_again_goes_on_with_the_addresses_installed_meanwhile(home, geocoder):
    offline_index(home, row(0, 0, 1))
    with serving() as client:
        here = stopped(client)
        client.post(here)
        told = ended(client, here)
        assert (told["state"], told["links"].get("resume")) == ("failed", here)
        offline_index(home, *(row(0, 0, number, "Place du Marqueur") for number in (7, 8)), name="98")
        client.post(here)
        told = ended(client, here)
    assert (told["state"], told["rows"]) == ("done", 3), told["cause"]
    assert geocoder.failing


@pytest.mark.parametrize(("rows", "state"), [(1, "done"), (30, "failed")])
def test_no_other_job_is_gone_on_with(rows, state):
    with serving(job_max_rows=10) as client:
        here = send(client, b"lon;lat\n" + b"3.00671;50.60889\n" * rows, job="true").headers["location"]
        assert ended(client, here)["state"] == state
        refused = problem(client.post(here))
        assert (refused["status"], refused["type"].rpartition(":")[2]) == (409, "not-resumable")
        assert client.get(here).json()["state"] == state


def test_a_file_whose_request_is_cancelled_keeps_its_folder_until_its_thread_ends(home, monkeypatch):
    """The service stops while a geocoder keeps the thread waiting."""
    asked, goes_on = threading.Event(), threading.Event()

    def search(_query):
        asked.set()
        goes_on.wait(60.0)
        return Answer(b'{"type": "FeatureCollection", "features": []}')

    addresses = "adresse\n" + "".join(f"{k} Rue des Carrés 99990 Essai\n" for k in range(200))
    with Loopback() as geocoder, ThreadPoolExecutor(1) as thread:
        geocoder.routes["/search"] = search
        monkeypatch.setenv("QPV_GEO_GEOCODER_URL", geocoder.url)
        with process(home, warm=True, QPV_GEO_SERVICE_SHUTDOWN_GRACE_S="1") as service, service.client() as client:
            thread.submit(send, client, addresses.encode())
            try:
                assert asked.wait(60.0)
                [folder] = (home / "jobs").glob(".receiving-*")
                service.tell(signal.SIGTERM)
                until(lambda: "Cancel 1 running task" in service.log())
                assert list(folder.rglob("*.csv"))
            finally:
                goes_on.set()
            service.stop()
    assert not folder.exists()
    assert len(geocoder.requests) < 100
