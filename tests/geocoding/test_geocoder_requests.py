"""A service that refuses, fails, stalls or asks to wait: one error in our words, asked again where that may help."""

from __future__ import annotations

import gc
import gzip
import math
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx2
import pytest
from geocoder_shapes import (
    HERRIOT,
    IMPATIENT,
    NOTHING,
    REFUSED,
    Bench,
    FakeTime,
    as_json,
    collection,
    feature,
    refusal,
)
from loopback import Answer, Loopback
from pydantic import ValidationError

from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.geoplateforme import NationalGeocoder
from qpv_geo.geocoding.protocol import Query
from qpv_geo.http import ANSWERS, RateLimiter, RefusedError
from qpv_geo.settings import NATIONAL_GEOCODER, Settings


@pytest.fixture
def bench():
    with Bench() as bench:
        yield bench


# ── A service that refuses or fails ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            as_json(REFUSED, status=400),
            r"400 \(Failed parsing query : q: must contain .* letter\) ; vérifiez l’adresse",
        ),
        (as_json({"title": "Invalid", "description": "out of range"}, status=400), r"400 \(Invalid : out of range\)"),
        (as_json({"title": "Query too long"}, status=413), r"413 \(Query too long\) ; vérifiez l’adresse"),
        (as_json({"title": 3, "detail": {"a": 1}}, status=400), "400 ; vérifiez l’adresse cherchée"),
        (as_json(["no"], status=422), "422 ; vérifiez l’adresse"),
        (Answer(status=401), "401 ; vérifiez vos droits"),
        (Answer(status=403), "403 ; vérifiez vos droits"),
        (Answer(b"Not Found", status=404), "404 ; vérifiez le réglage QPV_GEO_GEOCODER_URL"),
        (as_json({"message": "a\x1b[31m\nb\u2028c" + "d" * 500}, status=400), r"400 \(a \[31m b c"),
        (Answer(status=204), "204"),
    ],
)
def test_a_refusal_fails_at_once_with_what_the_service_says(bench, answer, said):
    with pytest.raises(RemoteError, match=f"répond {said}") as caught:
        bench.ask(answer, http_attempts=3)
    assert len(str(caught.value)) < 400
    assert str(caught.value).replace("\u00a0", " ").isprintable()
    assert isinstance(caught.value.__cause__, RefusedError)
    assert len(bench.server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (as_json({"code": 500, "message": "An unexpected error has occurred"}, status=500), "500 (An unexpected error"),
        (Answer(status=500), "500 ; relancez plus tard"),
        (Answer(b"<html>", status=503), "503 ; relancez plus tard"),
    ],
)
def test_a_service_that_always_fails_is_asked_as_often_as_told(bench, answer, said):
    assert f"répond {said}" in refusal(bench.ask, answer, http_attempts=3)
    assert len(bench.server.requests) == 3


@pytest.mark.parametrize("passing", [Answer(status=503), Answer(status=500), Answer(b"xy", sent=1)])
def test_a_failure_that_passes_is_asked_again(bench, passing):
    assert len(bench.ask(passing, passing, collection(feature()), http_attempts=3)) == 1
    assert len(bench.server.requests) == 3


def test_a_redirect_is_not_followed_and_says_where_to(bench):
    moved = Answer(status=302, headers={"Location": f"{bench.server.url}/ailleurs"})
    message = refusal(bench.ask, moved, http_attempts=3)
    assert f"renvoie vers {bench.server.url}/ailleurs ; corrigez le réglage QPV_GEO_GEOCODER_URL" in message
    assert [request.path for request in bench.server.requests] == ["/geocodage/search"]


def test_an_answer_cut_short_is_an_error(bench):
    assert "a coupé la connexion" in refusal(bench.ask, Answer(collection(feature()).body, sent=40), http_attempts=2)


def test_a_body_that_does_not_decode_is_an_error(bench):
    assert "incomplète" in refusal(bench.ask, Answer(b"not gzip", headers={"Content-Encoding": "gzip"}))


@pytest.mark.parametrize("sent", [0, 40])
def test_a_stall_is_an_error_that_tells_how_long(bench, sent):
    stalled = Answer(collection(feature()).body, sent=sent, stalls=True)
    assert "depuis 0.3 s" in refusal(bench.ask, stalled, http_timeout_s=0.3)


@pytest.mark.parametrize("headers", [{}, {"Content-Length": None}, {"Content-Encoding": "gzip"}])
def test_an_answer_too_large_is_given_up(bench, headers):
    body = collection(feature(label="x" * 3_000_000)).body
    answer = Answer(gzip.compress(body) if "Content-Encoding" in headers else body, headers=headers)
    assert "dépasse 2 Mo" in refusal(bench.ask, answer, limits=replace(ANSWERS, size=2_000_000), http_attempts=3)


def test_a_refused_connection_is_an_error(bench):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    geocoder = bench.build(geocoder_url=f"http://127.0.0.1:{port}", http_attempts=2)
    message = refusal(geocoder.search, Query(HERRIOT))
    assert message.startswith(f"géocodeur injoignable : http://127.0.0.1:{port}/search (connexion refusée)")


@pytest.mark.parametrize(
    ("error", "cause", "said"),
    [
        (httpx2.ConnectError("no"), socket.gaierror(-2, "Name or service not known"), "nom d’hôte introuvable"),
        (httpx2.ConnectError("no"), ssl.SSLCertVerificationError("self-signed"), "certificat non reconnu"),
        (httpx2.ConnectTimeout("late"), None, "pas de connexion en 5 s"),
        (httpx2.ConnectError("Network\nunreachable"), OSError(101, "?"), "(Network unreachable)"),
        (httpx2.ConnectError(""), None, "(ConnectError)"),
    ],
)
def test_a_service_out_of_reach_is_an_error_with_its_cause(bench, error, cause, said):
    attempts = []

    def fail(request):
        attempts.append(request)
        raise error from cause

    assert said in refusal(bench.build(transport=httpx2.MockTransport(fail), http_attempts=2).search, Query(HERRIOT))
    assert len(attempts) == 2


def test_messages_hide_the_password_of_the_address(bench):
    url = f"{bench.server.url}/geocodage".replace("://", "://moi:secret@")
    bench.server.serve("/geocodage/search", Answer(status=403), NOTHING)
    geocoder = bench.build(geocoder_url=url)
    assert "secret" not in refusal(geocoder.search, Query(HERRIOT)) + geocoder.name
    assert geocoder.search(Query(HERRIOT)) == []
    assert bench.server.requests[1].headers["Authorization"].startswith("Basic ")


# ── A service that is slow ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def stopwatch():
    """The seconds since the test began, on the wall."""
    began = time.monotonic()
    return lambda: time.monotonic() - began


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_byte_at_a_time_is_given_up_at_the_deadline(bench, stopwatch, part):
    slow = replace(collection(feature()), trickles=part)  # whole after several seconds
    message = refusal(bench.ask, slow, geocoder_deadline_s=0.4, http_attempts=3)
    assert "trop lent" in message
    assert "n’a pas fini de répondre en 0.4 s" in message
    assert len(bench.server.requests) == 1
    assert 0.4 <= stopwatch() < 4.0


def test_further_attempts_have_the_same_deadline(bench, stopwatch):
    url = bench.server.serve("/search", Answer(NOTHING.body, sent=0, stalls=True)).removesuffix("/search")
    settings = Settings(geocoder_url=url, http_timeout_s=1.0, geocoder_deadline_s=1.8, http_attempts=10)
    with NationalGeocoder(settings, limits=IMPATIENT) as geocoder:
        assert "en 1.8 s" in refusal(geocoder.search, Query(HERRIOT))
    assert len(bench.server.requests) == 2
    assert stopwatch() < 4.0


def test_a_wait_beyond_the_deadline_is_an_error_at_once(bench):
    busy = Answer(status=429, headers={"Retry-After": "4"})
    assert refusal(bench.ask, busy, NOTHING, http_attempts=3, geocoder_deadline_s=3.0).endswith("relancez dans 4 s")
    assert len(bench.server.requests) == 1
    assert bench.time.sleeps == []


def test_waits_that_the_service_asks_for_count_too(bench):
    """Two waits of 2 s fit in 5 s, a third does not."""
    busy = Answer(status=429, headers={"Retry-After": "2"})
    refusal(bench.ask, busy, http_attempts=10, geocoder_deadline_s=5.0)
    assert len(bench.server.requests) == 3
    assert bench.time.now <= 1_005.0


def test_a_slow_answer_holds_no_other_up(bench, stopwatch):
    slow = replace(NOTHING, trickles="body")
    bench.server.routes["/geocodage/search"] = lambda query: slow if query["q"] == "lente" else NOTHING
    geocoder = bench.build(geocoder_deadline_s=2.0)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(geocoder.search, Query("lente"))
        assert [geocoder.search(Query(f"vite {k}")) for k in range(5)] == [[]] * 5
        assert stopwatch() < 2.0
        with pytest.raises(RemoteError, match="trop lent"):
            late.result()


def test_a_search_given_up_leaves_the_next_one_its_connection():
    with Loopback(keep_alive=True) as server:
        server.serve("/search", replace(NOTHING, trickles="body"), NOTHING)
        settings = Settings(geocoder_url=server.url, http_attempts=1, geocoder_deadline_s=1.5)
        with NationalGeocoder(settings) as geocoder:
            refusal(geocoder.search, Query(HERRIOT))
            assert geocoder.search(Query(HERRIOT)) == []
            assert server.connections == 2


def test_a_geocoder_closed_while_it_asks_is_an_error(bench):
    asked = threading.Event()
    stalled = Answer(NOTHING.body, sent=0, stalls=True)
    bench.server.routes["/geocodage/search"] = lambda _query: asked.set() or stalled
    geocoder = bench.build()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(geocoder.search, Query(HERRIOT))
        assert asked.wait(10.0)
        geocoder.close()
        with pytest.raises(RemoteError, match="géocodeur"):
            answer.result()


def threads_of_clients():
    return [thread for thread in threading.enumerate() if thread.name == "qpv-geo http"]


@pytest.mark.parametrize("ends", ["closed", "forgotten"])
def test_a_geocoder_leaves_no_thread_behind(bench, ends):
    former = threads_of_clients()
    bench.server.serve("/geocodage/search", NOTHING)
    geocoder = NationalGeocoder(Settings(geocoder_url=f"{bench.server.url}/geocodage"))
    assert threads_of_clients() == former
    geocoder.search(Query(HERRIOT))
    assert len(threads_of_clients()) == len(former) + 1
    if ends == "closed":
        geocoder.close()
    del geocoder
    gc.collect()
    assert threads_of_clients() == former


FORKED = """
import os, sys
from qpv_geo.geocoding.geoplateforme import NationalGeocoder
from qpv_geo.geocoding.protocol import Query
from qpv_geo.settings import Settings

geocoder = NationalGeocoder(Settings(geocoder_url=sys.argv[1], http_attempts=1))
geocoder.search(Query("avant"))
child = os.fork()
geocoder.search(Query("enfant" if child == 0 else "parent"))
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system forks no process")
def test_a_process_forked_since_may_ask_too(bench):
    bench.server.serve("/geocodage/search", NOTHING)
    command = [sys.executable, "-c", FORKED, f"{bench.server.url}/geocodage"]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
    assert sorted(request.query["q"] for request in bench.server.requests) == ["avant", "enfant", "parent"]


# ── A service that asks to wait ──────────────────────────────────────────────────────────────────────────────


NOON = "Sun, 01 Jun 2025 12:00:00 GMT"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": "0"}, 0.025),
        ({"Retry-After": "Sun, 01 Jun 2025 12:00:04 GMT", "Date": NOON}, 4.0),
        ({"Retry-After": "Sun, 01 Jun 2025 11:59:00 GMT", "Date": NOON}, 0.025),
    ],
)
def test_retry_after_is_honoured(bench, status, headers, waited):
    assert len(bench.ask(Answer(status=status, headers=headers), collection(feature()), http_attempts=2)) == 1
    assert bench.time.sleeps == [pytest.approx(waited)]
    assert len(bench.server.requests) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Retry-After": "soon"},
        {"Retry-After": "-3"},
        {"Retry-After": "Sun, 01 Jun 2025 12:00:04 GMT", "Date": None},
        {"Retry-After": "Sun, 01 Jun 2025 12:00:04 -0000", "Date": NOON},
    ],
)
def test_a_429_that_does_not_say_how_long_is_the_documented_block(bench, headers):
    assert len(bench.ask(Answer(status=429, headers=headers), collection(feature()), http_attempts=2)) == 1
    assert bench.time.sleeps == [pytest.approx(5.0)]


def test_a_wait_beyond_bounds_is_an_error_at_once(bench):
    busy = Answer(status=429, headers={"Retry-After": "3600"})
    assert refusal(bench.ask, busy, NOTHING, http_attempts=3).endswith("relancez dans 3600 s")
    assert len(bench.server.requests) == 1
    assert bench.time.sleeps == []


def test_a_429_that_never_ends_is_an_error(bench):
    message = refusal(bench.ask, Answer(status=429, headers={"Retry-After": "2"}), http_attempts=3)
    assert "trop de demandes" in message
    assert message.endswith("relancez dans 2 s")
    assert len(bench.server.requests) == 3
    assert bench.time.sleeps == [pytest.approx(2.0)] * 2


def test_a_429_over_at_once_does_not_say_when(bench):
    assert refusal(bench.ask, Answer(status=429, headers={"Retry-After": "0"})).endswith("relancez plus tard")


def test_the_wait_holds_the_next_searches_too(bench):
    bench.server.serve("/geocodage/search", Answer(status=429, headers={"Retry-After": "2"}), NOTHING)
    geocoder = bench.build()
    refusal(geocoder.search, Query(HERRIOT))
    assert geocoder.search(Query(HERRIOT)) == []
    assert bench.time.sleeps == [pytest.approx(2.0)]


# ── Rate and connections ─────────────────────────────────────────────────────────────────────────────────────


def test_requests_stay_under_the_rate(bench):
    moments = []
    bench.server.routes["/geocodage/search"] = lambda _query: moments.append(bench.time.now) or NOTHING
    geocoder = bench.build(geocoder_rate_per_s=10.0)
    for _ in range(12):
        geocoder.search(Query(HERRIOT))
    assert moments == pytest.approx([1_000.0 + k / 10 for k in range(12)])


def test_threads_share_the_rate():
    time, turns = FakeTime(), []
    limiter = RateLimiter(40.0, clock=time.clock, sleep=time.sleep)

    def take(_):
        limiter.wait()
        turns.append(time.now)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, range(200)))
    assert time.now >= 1_000.0 + 199 / 40 - 1e-6
    assert len(turns) == 200


def test_idle_time_gives_no_burst():
    time = FakeTime()
    limiter = RateLimiter(4.0, clock=time.clock, sleep=time.sleep)
    limiter.wait()
    time.now += 60.0
    limiter.wait()
    limiter.wait()
    assert time.sleeps == [pytest.approx(0.25)]


def test_a_hold_never_shortens_another():
    time = FakeTime()
    limiter = RateLimiter(10.0, clock=time.clock, sleep=time.sleep)
    limiter.hold(5.0)
    limiter.hold(1.0)
    limiter.wait()
    assert time.sleeps == [pytest.approx(5.0)]


def test_connections_are_kept_until_closed():
    with Loopback(keep_alive=True) as server:
        server.serve("/search", NOTHING)
        settings = Settings(geocoder_url=f"{server.url}/", http_attempts=1, geocoder_rate_per_s=1_000.0)
        with NationalGeocoder(settings) as geocoder:
            assert server.connections == 0
            for _ in range(5):
                geocoder.search(Query(HERRIOT))
            assert (server.connections, len(server.requests)) == (1, 5)
            geocoder.close()
            geocoder.search(Query(HERRIOT))
            assert server.connections == 2
        geocoder.close()


def test_threads_share_a_geocoder(bench):
    bench.server.routes["/geocodage/search"] = lambda query: collection(feature(label=query["q"]))
    geocoder = bench.build()
    texts = [f"{k} rue d'Essai" for k in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: geocoder.search(Query(text))[0].label, texts))
    assert found == texts


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "kept"),
    [("http://addok.local:7878/", "http://addok.local:7878"), (" https://exemple.fr/geo ", "https://exemple.fr/geo")],
)
def test_the_address_of_a_service_has_no_slash_at_its_end(url, kept):
    assert Settings(geocoder_url=url).geocoder_url == kept


@pytest.mark.parametrize("url", ["", "addok.local", "ftp://addok.local", "http://", "http://[", "http://a/?q=1"])
def test_what_is_no_address_of_a_service_is_refused(url):
    with pytest.raises(ValidationError):
        Settings(geocoder_url=url)


@pytest.mark.parametrize("rate", [0, -1, 50, 400, math.inf, math.nan])
def test_a_rate_that_the_national_service_blocks_is_refused(rate):
    with pytest.raises(ValidationError):
        Settings(geocoder_url=NATIONAL_GEOCODER, geocoder_rate_per_s=rate)


def test_another_service_may_be_asked_faster():
    assert Settings(geocoder_url="http://addok.local", geocoder_rate_per_s=400).geocoder_rate_per_s == 400


def test_the_defaults_are_the_national_service_under_its_limits():
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    assert defaults["geocoder_url"] == "https://data.geopf.fr/geocodage"
    assert defaults["geocoder_rate_per_s"] < 50
    assert ANSWERS.retry_after_max_s >= 5
