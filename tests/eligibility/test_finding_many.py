"""Many addresses are found as each is alone: on all cores, in files for the national service, and with what is kept."""

from __future__ import annotations

import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path

import httpx2
import pytest
from fake_geocoder import FakeGeocoder, candidate, offline_index, row
from geocoding.geocoder_shapes import COMMUNE, FOUND, LOOS_POINT, NUMBER, Bench, CsvService, collection, feature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import Answer, in_turn

from qpv_geo.eligibility.address import decided_by, plausible
from qpv_geo.eligibility.finding import find, geocoder_of
from qpv_geo.eligibility.finding_many import MANY, Finder
from qpv_geo.errors import IntegrityError, MissingError, QpvGeoError, RemoteError
from qpv_geo.geocoding.cache import CachedGeocoder
from qpv_geo.geocoding.chain import Chain
from qpv_geo.geocoding.geoplateforme import CHUNK_ROWS
from qpv_geo.geocoding.protocol import Query, make_query
from qpv_geo.geocoding.workers import WorkerError
from qpv_geo.settings import NATIONAL_GEOCODER, Settings

SEARCH, FILES = "/geocodage/search", "/geocodage/search/csv"
SETTINGS = Settings()
STREETS = ("Rue des Carrés", "Rue d'Essai", "Impasse des Témoins", "Avenue du Banc")
UNSURE = "quelque part"
"""Starts an address that no index knows."""


@pytest.fixture
def index(home):
    """An index of four streets of sixty numbers."""
    rows = [row(10 * number, 50 * k, number, street) for k, street in enumerate(STREETS) for number in range(1, 61)]
    return offline_index(home, *rows)


@pytest.fixture
def offline(index):
    return geocoder_of(Settings(home=index.path.parents[1]), offline=True)


def several(count):
    """Return addresses of every kind: doors, mistyped ones, streets, the commune, another département, nothing."""
    written = [
        *(f"{number} {street}, 99990 Essai" for street in STREETS for number in range(1, 70)),
        *(f"{number} {street.replace('r', 'z', 1)} Essai" for street in STREETS for number in range(1, 60)),
        *(f"{street}, Essai" for street in STREETS),
        *(f"{number} rue des Absents, 33000 Ailleurs" for number in range(1, 30)),
        *(f"{UNSURE} {number}" for number in range(1, 30)),
        *("Essai", "99990 Essai", "Collège René Descartes, rue Édouard Herriot, 59120 Loos"),
    ]
    queries = [make_query(text) for text in written]
    queries += [make_query(text, citycode=code) for text in written for code in ("99999", "33063")]
    return queries[:: max(1, len(queries) // count)][:count]


def alone(query, chain, options=SETTINGS):
    """Return what `find` gives for one address: what it found, or what it says is missing."""
    try:
        return find(query.text, postcode=query.postcode, citycode=query.citycode, geocoder=chain, settings=options)
    except MissingError as error:
        return error


def told(found):
    """Return all that a verdict is made of."""
    if isinstance(found, MissingError):
        return str(found)
    candidates = plausible(found, SETTINGS.thresholds)
    return found.query, found.searched, candidates, found.numbers if candidates else (), decided_by(found, candidates)


def answers(chain, queries, *, workers=1, options=SETTINGS):
    with Finder(chain, options, workers=workers) as finder:
        given_of_each = list(finder.find(queries))
    assert len(given_of_each) == len(set(queries))
    return dict(given_of_each)


# ── Offline ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("socket_disabled")
@pytest.mark.parametrize("workers", [1, 2])
def test_each_is_found_as_it_is_alone(offline, workers):
    queries = several(MANY)
    assert len(queries) == MANY
    found = answers(offline, queries, workers=workers)
    assert {query: told(one) for query, one in found.items()} == {q: told(alone(q, offline)) for q in queries}
    kinds = {type(one) for one in found.values()}
    assert len(kinds) == 2
    assert {bool(one.candidates) for one in found.values() if not isinstance(one, MissingError)} == {True, False}
    assert any(one.numbers for one in found.values() if not isinstance(one, MissingError))


@pytest.mark.parametrize("workers", [1, 2])
def test_the_order_and_the_company_change_nothing(offline, workers):
    queries = several(MANY)
    shuffled = random.Random(5).sample([*queries, *queries[:50]], len(queries) + 50)
    whole = {query: told(one) for query, one in answers(offline, shuffled, workers=workers).items()}
    assert {query: told(one) for query, one in answers(offline, queries, workers=workers).items()} == whole
    part = answers(offline, queries[::7])
    assert {query: told(one) for query, one in part.items()} == {query: whole[query] for query in part}


def test_nothing_to_find_and_nobody_to_ask(offline):
    assert answers(offline, []) == {}
    (missing,) = answers(Chain([]), [Query("1 rue d'Essai")]).values()
    assert str(missing) == str(alone(Query("1 rue d'Essai"), Chain([])))


def test_a_caller_who_wants_no_more_may_start_again(offline):
    queries = several(MANY)
    with Finder(offline, SETTINGS, workers=2) as finder:
        first = dict(islice(finder.find(queries), 1))
        assert len(first) == 1
        assert len(dict(finder.find(queries))) == len(queries)


def test_an_index_that_goes_bad_is_the_error_of_a_single_search(offline, index):
    index.path.write_bytes(b"not an index")
    with pytest.raises(IntegrityError, match=str(index.path)):
        answers(offline, several(MANY), workers=2)


# ── Processes ────────────────────────────────────────────────────────────────────────────────────────────────


def workers_of(parent):
    """Return the processes that a process has started to search."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            ours = int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1]) == parent
            if ours and b"qpv_geo.geocoding.workers" in folder.joinpath("cmdline").read_bytes():
                found.add(int(folder.name))
        except OSError:
            continue  # it has just ended
    return found


def end(processes, action=None):
    """Watch processes, do something, and wait for them to be no more."""
    watched = {os.pidfd_open(pid): pid for pid in processes}
    if action:
        action()
    poll = select.poll()
    try:
        for handle in watched:
            poll.register(handle, select.POLLIN)
        while watched:
            ended = poll.poll(10_000)
            assert ended, f"still alive after 10 s: {watched.values()}"
            for handle, _ in ended:
                poll.unregister(handle)
                del watched[handle]
                os.close(handle)
    finally:
        for handle in watched:
            os.close(handle)


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are watched through /proc")


@needs_proc
def test_a_process_that_is_killed_is_an_error_and_another_takes_its_place(offline):
    queries = [make_query(f"{number} rue d'Essai, 99990 Essai") for number in range(5_000)]
    with Finder(offline, SETTINGS, workers=2) as finder:
        some = finder.find(queries)
        next(some)
        mine = workers_of(os.getpid())
        assert len(mine) == 2
        end(mine, lambda: [os.kill(pid, signal.SIGKILL) for pid in mine])
        with pytest.raises(WorkerError, match=r"recherche d'adresses .* \(code -9\) .* relancez") as caught:
            list(some)
        assert isinstance(caught.value, QpvGeoError)
        assert len(list(finder.find(queries[:MANY]))) == MANY
        others = workers_of(os.getpid())
        assert others - mine == others != set()
    assert workers_of(os.getpid()) == set()


@needs_proc
def test_processes_serve_call_after_call_and_few_addresses_start_none(offline):
    with Finder(offline, SETTINGS, workers=2) as finder:
        list(finder.find(several(MANY - 1)))
        assert workers_of(os.getpid()) == set()
        list(finder.find(several(MANY)))
        first = workers_of(os.getpid())
        list(finder.find(several(MANY)))
        assert workers_of(os.getpid()) == first != set()
        end(first, finder.close)


SCRIPT = """
import sys
from qpv_geo.eligibility.finding import geocoder_of
from qpv_geo.eligibility.finding_many import Finder
from qpv_geo.geocoding.protocol import make_query
from qpv_geo.settings import load_settings
options = load_settings()
with Finder(geocoder_of(options, offline=True), options, workers=2) as finder:
    queries = [make_query(f"{number} rue d'Essai, 99990 Essai") for number in range(1_200)]
    while True:
        found = dict(finder.find(queries))
        print(sum(bool(one.candidates) for one in found.values()), flush=True)
        if sys.argv[1] == "once":
            break
"""
"""Without ``if __name__ == "__main__"``, as people write them."""


def start(*arguments, **options):
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    return subprocess.Popen([sys.executable, *arguments], **streams, **options)


@needs_proc
@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_processes_end_with_their_parent_however_that_ends(how):
    with start("-c", SCRIPT, "again") as parent:
        assert parent.stdout.readline() == "1200\n"
        mine = workers_of(parent.pid)
        assert len(mine) == 2
        end(mine, lambda: parent.send_signal(how))
        assert parent.wait(10) == -how
        assert parent.stderr.read() == ""


@needs_proc
@pytest.mark.usefixtures("index")
def test_ctrl_c_ends_all_of_them_and_only_the_parent_speaks():
    with start("-c", SCRIPT, "again") as parent:
        assert parent.stdout.readline() == "1200\n"
        mine = workers_of(parent.pid)
        end(mine, lambda: os.killpg(parent.pid, signal.SIGINT))
        parent.wait(10)
        said = parent.stderr.read()
        assert said.endswith("KeyboardInterrupt\n")
        assert said.count("Traceback") == 1


@pytest.mark.usefixtures("index")
def test_a_script_as_people_write_them_is_not_run_again_by_the_processes(tmp_path):
    script = tmp_path / "essai.py"
    script.write_text(SCRIPT)
    with start(str(script), "once") as parent:
        assert parent.communicate() == ("1200\n", "")


@pytest.mark.usefixtures("index")
def test_offline_no_process_opens_a_connection(tmp_path):
    """Sockets are taken away from the parent and from its workers, which all run this at their start."""
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\n"
        "def refuse(*_): raise RuntimeError('a socket')\n"
        "socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse\n"
        f"open({str(tmp_path / 'started')!r}, 'a').write('x')\n"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    with start("-c", SCRIPT, "once", env=os.environ | {"PYTHONPATH": path}) as parent:
        assert parent.communicate() == ("1200\n", "")
    assert (tmp_path / "started").read_text() == "xxx"


# ── The national service ─────────────────────────────────────────────────────────────────────────────────────


class Diverted(httpx2.BaseTransport):
    """Carries what is for the national service to a server of this machine."""

    def __init__(self, url):
        self._to = httpx2.URL(url)
        self._transport = httpx2.HTTPTransport()

    def handle_request(self, request):
        request.url = request.url.copy_with(scheme="http", host=self._to.host, port=self._to.port)
        return self._transport.handle_request(request)

    def close(self):
        self._transport.close()


class National:
    """The national service, with the same data behind its searches and its files.

    Attributes
    ----------
    known
        From an address to the features that it finds, best first.
    """

    def __init__(self, bench):
        self.bench = bench
        self.known = {}
        self.files = CsvService(bench.server, {})
        bench.server.routes |= {SEARCH: self.search, FILES: self.file}

    def geocoder(self, **options):
        return self.bench.build(geocoder_url=NATIONAL_GEOCODER, transport=Diverted(self.bench.server.url), **options)

    def search(self, query):
        return collection(*self.known.get(query["q"], [])[: int(query["limit"])])

    def file(self, query):
        self.files.results = {text: as_row(*some[:2]) for text, some in self.known.items() if some}
        return self.files(query)

    def asked(self):
        """Return the addresses asked for in each file, and those asked for alone."""
        alone = [one.query["q"] for one in self.bench.server.requests if one.path == SEARCH]
        return [[one["adresse"] for one in sheet] for sheet in self.files.sheets], sorted(alone)

    def forget(self):
        self.bench.server.requests.clear()
        self.files.sheets.clear()


def as_row(best, following=None):
    """Return what a file says of a feature and of the score of the next."""
    names = ("label", "score", "type", "id", "housenumber", "name", "street", "postcode", "city", "citycode")
    cells = {f"result_{name}": str(best["properties"].get(name, "")) for name in names}
    lon, lat = map(str, best["geometry"]["coordinates"])
    score = "" if following is None else str(following["properties"]["score"])
    return FOUND | cells | {"longitude": lon, "latitude": lat, "result_score_next": score}


def place(score, *, kind="housenumber", identifier="99999_0000_00015"):
    """Return a feature of a kind, whose identifier says what it is."""
    properties = {"housenumber": NUMBER, "municipality": COMMUNE, "street": {**NUMBER, "housenumber": ""}}[kind]
    named = {"name": "Rue d'Essai", "label": "Rue d'Essai 99990 Essai"} if kind == "street" else {}
    return feature({**properties, **named}, LOOS_POINT, score=score, id=identifier, type=kind)


@pytest.fixture
def national():
    with Bench() as bench:
        yield National(bench)


def scored(*scores):
    return [place(score, identifier=f"99999_0000_{k:05}") for k, score in enumerate(sorted(scores, reverse=True))]


@pytest.mark.parametrize(
    ("scores", "is_settled"),
    [
        ([], True),
        ([0.95], True),
        ([0.95, 0.89], True),
        ([0.95, 0.9], False),  # as near as may be
        ([0.95, 0.95], False),
        ([0.53, 0.49], True),  # too low to be found at all
        ([0.53, 0.5], False),
        ([0.4, 0.4], True),
    ],
)
def test_a_file_settles_what_has_no_rival(national, scores, is_settled):
    national.known["12 rue d'Essai"] = scored(*scores)
    query = Query("12 rue d'Essai")
    chain = Chain([national.geocoder()])
    (found,) = answers(chain, [query]).values()
    assert national.asked() == ([[query.text]], [] if is_settled else [query.text])
    assert told(found) == told(alone(query, chain))


def test_a_rival_is_near_the_best_of_all_those_found(national):
    """An index that finds better makes what comes second in the service unlikely."""
    national.known["12 rue d'Essai"] = scored(0.8, 0.78)
    better = FakeGeocoder({"12 rue d'Essai": [candidate(0, 0, score=0.89)]})
    answers(Chain([better, national.geocoder()]), [Query("12 rue d'Essai")])
    assert national.asked()[1] == []
    national.forget()
    answers(Chain([national.geocoder(), better]), [Query("12 rue d'Essai")])  # not known when the service is asked
    assert national.asked()[1] == ["12 rue d'Essai"]


def test_a_file_that_says_nothing_of_the_next_settles_nothing(national):
    national.files.columns = tuple(one for one in national.files.columns if one != "result_score_next")
    national.known = {"12 rue d'Essai": scored(0.95), "13 rue d'Essai": scored(0.4)}
    answers(Chain([national.geocoder()]), [Query(text) for text in [*national.known, UNSURE]])
    assert national.asked()[1] == sorted(national.known)


SCORES = st.sampled_from([0.3, 0.49, 0.5, 0.55, 0.68, 0.7, 0.72, 0.75, 0.8, 0.85, 0.86, 0.89, 0.9, 0.91, 0.95, 1.0])
KINDS = st.sampled_from(["housenumber", "street", "municipality"])
IDS = st.sampled_from([f"99999_0000_{k:05}" for k in range(6)])
PLACES = st.lists(st.builds(place, SCORES, kind=KINDS, identifier=IDS), max_size=12).map(
    lambda some: sorted(some, key=lambda one: -one["properties"]["score"])
)
CANDIDATES = st.lists(
    st.builds(
        lambda score, kind, identifier: candidate(0, 0, kind=kind, score=score, id=identifier), SCORES, KINDS, IDS
    ),
    max_size=12,
).map(lambda some: sorted(some, key=lambda one: -one.score))


@given(
    known=st.dictionaries(st.sampled_from([f"{number} rue d'Essai" for number in range(8)]), PLACES),
    before=st.dictionaries(st.sampled_from([f"{number} rue d'Essai" for number in range(8)]), CANDIDATES),
    turned=st.booleans(),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_known_the_verdict_has_the_same_to_go_by(national, index, known, before, turned):
    national.known = known
    geocoders = [FakeGeocoder(before), national.geocoder(), index]
    chain = Chain(geocoders[::-1] if turned else geocoders)
    queries = [Query(f"{number} rue d'Essai") for number in range(8)]
    queries += [Query(f"{number} zyx introuvable") for number in range(2)]
    found = answers(chain, queries)
    assert {query: told(one) for query, one in found.items()} == {q: told(alone(q, chain)) for q in queries}


def test_what_an_index_is_sure_of_is_not_asked(national, index):
    national.known = {f"{UNSURE} {number}": [place(0.95, kind="street")] for number in range(9)}
    queries = [Query(f"{number} rue d'Essai, 99990 Essai") for number in range(1, 61)]
    chain = Chain([index, national.geocoder()])
    found = answers(chain, [*queries, *map(Query, national.known)])
    assert national.asked() == ([list(national.known)], [])
    for query in found:
        assert told(found[query]) == told(alone(query, chain))
    assert len(found[Query(f"{UNSURE} 1")].numbers) == 60  # of a street, the index knows them


def test_several_requests_keep_to_one_rate(national):
    national.known = {f"{UNSURE} {number}": scored(0.95, 0.94) for number in range(100)}
    answers(Chain([national.geocoder(geocoder_rate_per_s=20.0)]), [Query(text) for text in national.known])
    assert len(national.bench.server.requests) == 101
    assert national.bench.time.now - 1_000.0 > 0.999 * 100 / 20


def after(*routes):
    """Answer with each route in turn, and then with the last one."""
    rest = iter(routes[:-1])
    return lambda query: next(rest, routes[-1])(query)  # noqa: PLW0108 - another route each time


def given_before_failing(geocoder, queries):
    given_before = {}
    with Finder(Chain([geocoder]), SETTINGS, workers=1) as finder, pytest.raises(RemoteError, match="503"):
        given_before.update(finder.find(queries))
    return given_before


def test_a_file_that_fails_loses_nothing_of_those_before(national):
    """What was found is given before the error, single questions included."""
    national.known = {f"{UNSURE} {number}": scored(0.95, 0.94 if number < 5 else 0.5) for number in range(CHUNK_ROWS)}
    national.bench.server.routes[FILES] = after(national.file, in_turn(Answer(status=503)))
    first, second = [Query(text) for text in national.known], [Query(f"{UNSURE} ailleurs {k}") for k in range(9)]
    assert set(given_before_failing(national.geocoder(http_attempts=2), [*first, *second])) == set(first)
    assert len(national.bench.server.requests) == 1 + 5 + 2


def test_a_file_is_asked_for_again_when_the_service_says(national):
    national.known = {"12 rue d'Essai": scored(0.95)}
    busy = in_turn(Answer(status=429, headers={"Retry-After": "4"}))
    national.bench.server.routes[FILES] = after(busy, national.file)
    (found,) = answers(Chain([national.geocoder(http_attempts=2)]), [Query("12 rue d'Essai")]).values()
    assert found.candidates[0].score == 0.95
    assert national.bench.time.sleeps == [pytest.approx(4.0)]


def test_a_single_question_that_fails_is_raised_once_the_others_are_given(national):
    national.known = {f"{UNSURE} {number}": scored(0.95, 0.94) for number in range(40)}
    bad = f"{UNSURE} 20"
    failing = in_turn(Answer(status=503))
    national.bench.server.routes[SEARCH] = lambda query: (failing if query["q"] == bad else national.search)(query)
    given_before = given_before_failing(national.geocoder(), map(Query, national.known))
    asked = [text for text in national.asked()[1] if text != bad]
    assert sorted(query.text for query in given_before) == asked
    assert len(asked) < 39


# ── An Addok of one's own ────────────────────────────────────────────────────────────────────────────────────


def test_another_service_is_asked_for_one_address_at_a_time(national):
    national.known = {f"{UNSURE} {number}": scored(0.95, 0.3) for number in range(9)}
    chain = Chain([national.bench.build()])
    found = answers(chain, [Query(text) for text in national.known])
    assert national.asked() == ([], sorted(national.known))
    assert {query: told(one) for query, one in found.items()} == {q: told(alone(q, chain)) for q in found}


# ── What is kept ─────────────────────────────────────────────────────────────────────────────────────────────


def kept(path):
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as connection:
        return sorted(text for (text,) in connection.execute("SELECT text FROM answer"))


def test_single_answers_are_kept_and_used_and_those_of_a_file_are_asked_again(national, tmp_path):
    """A file tells the best only: a check with other thresholds, or another index, would want the others too."""
    path = tmp_path / "cache.sqlite"
    national.known = {"1 rue sûre": scored(0.95, 0.3), "2 rue voisine": scored(0.95, 0.94), "3 rue vue": scored(0.9)}
    chain = Chain([CachedGeocoder(national.geocoder(), path)])
    alone(Query("3 rue vue"), chain)
    national.forget()
    queries = [Query(text) for text in [*national.known, "4 rue absente"]]
    first = answers(chain, queries)
    assert national.asked() == ([["1 rue sûre", "2 rue voisine", "4 rue absente"]], ["2 rue voisine"])
    assert kept(path) == ["2 rue voisine", "3 rue vue"]
    national.forget()
    again = answers(chain, queries)
    assert national.asked() == ([["1 rue sûre", "4 rue absente"]], [])
    assert {query: told(one) for query, one in again.items()} == {query: told(one) for query, one in first.items()}
    assert {query: told(one) for query, one in first.items()} == {q: told(alone(q, chain)) for q in queries}


def test_what_is_kept_needs_no_service(national, tmp_path):
    national.known = {f"{UNSURE} {number}": scored(0.95, 0.94) for number in range(9)}
    chain = Chain([CachedGeocoder(national.geocoder(), tmp_path / "cache.sqlite")])
    queries = [Query(text) for text in national.known]
    first = answers(chain, queries)
    national.bench.server.routes.clear()
    assert answers(chain, queries) == first
