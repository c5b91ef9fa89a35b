"""Fetching a département, against a real server that misbehaves as remotes do."""

from __future__ import annotations

import gzip
import hashlib
import time
from dataclasses import replace

import pytest
from loopback import Answer, Loopback
from written import ban, csv_text

from qpv_geo.errors import InputError, RemoteError
from qpv_geo.geocoding.ban import fetch
from qpv_geo.geocoding.protocol import make_query
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.http import DOWNLOADS
from qpv_geo.messages.typography import quoted
from qpv_geo.settings import Settings

IMPATIENT = replace(DOWNLOADS, wait_initial_s=0.001, wait_max_s=0.002)
PATH = "/csv/adresses-86.csv.gz"
DATED = {"Last-Modified": "Wed, 02 Jan 2030 03:04:05 GMT"}
CONTENT = gzip.compress(csv_text([ban(1), ban(2)]).encode())
FORMER = gzip.compress(csv_text([ban(7)]).encode())


@pytest.fixture
def server():
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def store(home):
    return AddressStore(home)


@pytest.fixture
def settings(home, server):
    return Settings(home=home, http_attempts=2, http_timeout_s=5.0, ban_url=f"{server.url}/csv/")


@pytest.fixture
def former(server, store, settings):
    """What was installed before."""
    server.serve(PATH, Answer(FORMER, headers=DATED))
    return fetch("86", store, settings)


def test_a_file_is_installed_with_its_source_its_edition_and_its_hash(server, store, settings):
    url = server.serve(PATH, Answer(CONTENT, headers=DATED))
    told = []
    status = fetch("86", store, settings, progress=lambda done, total: told.append((done, total)))
    assert (status.id, status.rows, status.edition, status.source) == ("86", 2, "2030-01-02", url)
    assert status.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert store.status() == [status]
    (candidate,) = store.indexes()[0].search(make_query("2 rue des Essais, Essai-sur-Test"), limit=1)
    assert (candidate.housenumber, candidate.source, candidate.edition) == ("2", "index 86", "2030-01-02")


def test_a_server_that_gives_no_date_gives_no_edition(server, store, settings):
    server.serve(PATH, Answer(CONTENT))
    assert fetch("86", store, settings).edition is None


def test_a_new_fetch_replaces_the_former_one(server, store, settings, former):
    server.serve(PATH, Answer(CONTENT))
    assert fetch("86", store, settings).sha256 != former.sha256
    assert [status.rows for status in store.status()] == [2]


@pytest.mark.parametrize(
    ("code", "file"),
    [("2a", "adresses-2A.csv.gz"), (" 01 ", "adresses-01.csv.gz"), ("974", "adresses-974.csv.gz")],
)
def test_a_code_is_understood_as_it_is_typed(server, store, settings, code, file):
    server.serve(f"/csv/{file}", Answer(CONTENT))
    assert fetch(code, store, settings).id == file.split("-")[1].split(".")[0].lower()


@pytest.mark.parametrize(
    "code", ["", "0", "00", "20", "86000", "96", "99", "970", "2C", "../86", "86\n86", "８６", "Vienne"]
)
def test_what_is_no_code_is_refused_and_nothing_is_asked(server, store, settings, code):
    with pytest.raises(InputError) as caught:
        fetch(code, store, settings)
    assert quoted(code) in str(caught.value)
    assert server.requests == []


def test_an_outage_that_passes_is_waited_for(server, store, settings):
    server.serve(PATH, Answer(status=503), Answer(CONTENT))
    assert fetch("86", store, settings, limits=IMPATIENT).rows == 2
    assert len(server.requests) == 2


def test_a_slow_line_has_the_time_it_needs(server, store, settings):
    """Ten bytes come in 0.1 s, the whole file in more than the time allowed for ten."""
    server.serve(PATH, Answer(CONTENT, trickles="body", pace_s=0.01))
    began = time.monotonic()
    assert fetch("86", store, settings, limits=replace(IMPATIENT, piece=10, piece_s=2.0)).rows == 2
    assert time.monotonic() - began > 2.0


@pytest.mark.parametrize(
    "failure",
    [
        (Answer(status=404), "404", 1),
        (Answer(status=503), "503", 2),
        (Answer(CONTENT, sent=len(CONTENT) // 2), "incomplet", 2),
        (Answer(CONTENT[: len(CONTENT) // 2]), "gzip", 1),
        (Answer(b"<html>une page d'accueil</html>"), "n’est pas un fichier d’adresses", 1),
        (Answer(gzip.compress(csv_text([]).encode())), "aucune adresse", 1),
        (Answer(gzip.compress(csv_text([ban(1), ban(2) | {"lon": "est"}]).encode())), "ligne 3", 1),
    ],
    ids=["404", "503", "cut", "truncated", "a page", "no address", "bad number"],
)
def test_a_failure_is_told_and_leaves_the_former_index(server, store, settings, former, failure):
    answer, said, times = failure
    server.requests.clear()
    url = server.serve(PATH, answer)
    with pytest.raises(RemoteError, match=said) as caught:
        fetch("86", store, settings, limits=IMPATIENT)
    assert url in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(server.requests) == times
    assert store.status() == [former]
    assert [path.name for path in former.path.parent.iterdir()] == ["86.sqlite"]


def test_a_server_that_is_too_generous_is_given_up(server, store, settings):
    server.serve(PATH, Answer(CONTENT))
    with pytest.raises(RemoteError, match="abandonné"):
        fetch("86", store, settings, limits=replace(IMPATIENT, size=10))
    assert store.status() == []
