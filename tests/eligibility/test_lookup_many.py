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
from functools import cached_property
from itertools import islice
from pathlib import Path

import httpx2
import pytest
from examples import examples
from fake_geocoder import FakeGeocoder, candidate, offline_index, row
from geocoding.geocoder_shapes import FOUND, LOOS_POINT, NUMBER, Bench, CsvService, collection, feature
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from loopback import Answer, in_turn
from real_towns import LOOS, POITIERS

from qpv_geo.eligibility.address import decided_by, no_location
from qpv_geo.eligibility.lookup import Finder, find, named_places
from qpv_geo.errors import IntegrityError, MissingError, QpvGeoError, RemoteError
from qpv_geo.geocoding.bulk import MANY
from qpv_geo.geocoding.cache import CachedGeocoder
from qpv_geo.geocoding.chain import Chain
from qpv_geo.geocoding.geoplateforme import CHUNK_ROWS
from qpv_geo.geocoding.protocol import Query, make_query
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.geocoding.result import shortlist
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
    rows += [row(10 * number, 500, number, "Rue d'Essai", **LOOS.columns()) for number in range(1, 4)]
    return offline_index(home, *rows)


@pytest.fixture
def offline(index):
    return geocoder_of(Settings(home=index.path.parents[1]), offline=True)


def several(count):
    """Return addresses of every kind: doors, several, mistyped, streets, communes, other towns, nothing."""
    written = [
        *(f"{number} {street}, 99990 Essai" for street in STREETS for number in range(1, 70)),
        *(f"{number} {street.replace('r', 'z', 1)} Essai" for street in STREETS for number in range(1, 60)),
        *(f"{street}, Essai" for street in STREETS),
        *(f"{number} à {number + 4} rue d'Essai, Essai" for number in range(1, 60, 3)),
        *(f"{number} rue d'Essai" for number in range(1, 60, 3)),
        *(f"{number} rue des Absents, 33000 Bordeaux" for number in range(1, 30)),
        *(f"{number} rue des Carrés, 33000 Bordeaux" for number in range(1, 30)),
        *(f"{UNSURE} {number}" for number in range(1, 30)),
        *("Essai", "99990 Essai", "Collège René Descartes, rue Édouard Herriot, 59120 Loos", "59120 Loos", "Beaumont"),
    ]
    queries = [make_query(text) for text in written]
    queries += [make_query(text, citycode=code) for text in written for code in ("99999", "33063")]
    return queries[:: max(1, len(queries) // count)][:count]


def nowhere(count):
    """Return addresses that no index knows, each searched in a quarter of the time of a door."""
    return [make_query(f"{UNSURE} {number}") for number in range(count)]


def alone(query, chain, options=SETTINGS):
    """Return what `find` gives for one address: what it found, or what it says is missing."""
    try:
        return find(query, chain, named_places(options.home))
    except MissingError as error:
        return error


def told(found):
    """Return all that a verdict is made of."""
    if isinstance(found, MissingError):
        return str(found)
    short = shortlist(found)
    points = decided_by(found, short.candidates) if short.is_firm else ()
    beside = no_location(found), found.communes, found.missing
    return found.query, found.searched, short, points, *beside, found.numbers if short.candidates else ()


def answers(chain, queries, *, workers=1, options=SETTINGS):
    with Finder(chain, options, workers=workers) as finder:
        given_of_each = list(finder.find(queries))
    assert len(given_of_each) == len(set(queries))
    return dict(given_of_each)


# ── Offline ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("socket_disabled")
def test_each_is_found_as_it_is_alone(offline):
    queries = several(MANY + 200)  # some need no search
    assert len(queries) == MANY + 200
    expected = {query: told(alone(query, offline)) for query in queries}
    for workers, asked in ((1, queries[::4]), (2, queries)):
        found = answers(offline, asked, workers=workers)
        assert {query: told(one) for query, one in found.items()} == {query: expected[query] for query in asked}
        assert {shortlist(one).is_firm for one in found.values()} == {True, False}
        for some in ("candidates", "numbers", "communes", "missing"):
            assert {bool(getattr(one, some)) for one in found.values()} == {True, False}, some


@pytest.mark.parametrize("workers", [1, 2])
def test_the_street_of_another_town_is_no_misspelling_among_many_either(home, workers):
    rows = [row(10 * number, 0, number, "Rue Rivel", **LOOS.columns()) for number in range(1, 10)]
    rows += [row(10 * number, 500, number, "Rue Ravel") for number in range(1, 10)]
    index = offline_index(home, *rows)
    chain = geocoder_of(Settings(home=index.path.parents[1]), offline=True)
    right, wrong = make_query("9 rue Ravel, 99990 Essai"), make_query("9 rue Rivel, 99990 Essai")
    found = answers(chain, [right, wrong, *nowhere(MANY if workers > 1 else 1)], workers=workers)
    assert [shortlist(found[query]).is_firm for query in (right, wrong)] == [True, False]
    assert [told(found[query]) for query in (right, wrong)] == [told(alone(query, chain)) for query in (right, wrong)]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_order_and_the_company_change_nothing(offline, workers):
    queries = several(MANY if workers > 1 else MANY // 4)
    shuffled = random.Random(5).sample([*queries, *queries[:50]], len(queries) + 50)
    whole = {query: told(one) for query, one in answers(offline, shuffled, workers=workers).items()}
    assert {query: told(one) for query, one in answers(offline, queries, workers=workers).items()} == whole
    part = answers(offline, queries[::7])
    assert {query: told(one) for query, one in part.items()} == {query: whole[query] for query in part}


def test_nothing_to_find_and_nobody_to_ask(offline):
    assert answers(offline, []) == {}
    (missing,) = answers(Chain([]), [Query("1 rue d'Essai")]).values()
    assert isinstance(missing, MissingError)
    assert str(missing) == str(alone(Query("1 rue d'Essai"), Chain([])))
    (commune,) = answers(Chain([]), [Query("59120 Loos")]).values()  # which the gazetteer knows
    assert told(commune) == told(alone(Query("59120 Loos"), Chain([])))


def test_an_index_that_goes_bad_is_the_error_of_a_single_search(offline, index):
    index.path.write_bytes(b"not an index")
    with pytest.raises(IntegrityError, match=str(index.path)):
        answers(offline, nowhere(MANY), workers=2)


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
def test_processes_serve_call_after_call_and_others_take_the_place_of_those_that_are_killed(offline):
    queries = nowhere(2 * MANY)
    with Finder(offline, SETTINGS, workers=2) as finder:
        list(finder.find(queries[: MANY - 1]))
        assert workers_of(os.getpid()) == set()  # so few addresses start none
        assert len(dict(islice(finder.find(queries), 1))) == 1
        first = workers_of(os.getpid())
        assert len(first) == 2
        assert len(dict(finder.find(queries[:MANY]))) == MANY  # a caller who wanted no more may start again
        assert workers_of(os.getpid()) == first
        some = finder.find(queries)
        next(some)
        end(first, lambda: [os.kill(pid, signal.SIGKILL) for pid in first])
        with pytest.raises(
            WorkerError, match=r"recherche d’adresses s’est arrêtée .*\(code -9\) : .* ; relancez"
        ) as caught:
            list(some)
        assert isinstance(caught.value, QpvGeoError)
        assert len(list(finder.find(queries[:MANY]))) == MANY
        others = workers_of(os.getpid())
        assert others - first == others != set()
        end(others, lambda: [os.kill(pid, signal.SIGKILL) for pid in others])  # while nothing is asked of them
        assert len(list(finder.find(queries[:MANY]))) == MANY
        end(workers_of(os.getpid()), finder.close)


SCRIPT = """
import sys
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.eligibility.lookup import Finder
from qpv_geo.geocoding.protocol import make_query
from qpv_geo.settings import load_settings
options = load_settings()
with Finder(geocoder_of(options, offline=True), options, workers=2) as finder:
    queries = [make_query(f"quelque part {number}") for number in range(1_000)]
    queries += [make_query(f"{number} rue d'Essai, 99990 Essai") for number in range(1, 61)]
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
        assert parent.stdout.readline() == "60\n"
        mine = workers_of(parent.pid)
        assert len(mine) == 2
        end(mine, lambda: parent.send_signal(how))
        assert parent.wait(10) == -how
        assert parent.stderr.read() == ""


@needs_proc
@pytest.mark.usefixtures("index")
def test_ctrl_c_ends_all_of_them_and_only_the_parent_speaks():
    with start("-c", SCRIPT, "again") as parent:
        assert parent.stdout.readline() == "60\n"
        mine = workers_of(parent.pid)
        end(mine, lambda: os.killpg(parent.pid, signal.SIGINT))
        parent.wait(10)
        said = parent.stderr.read()
        assert said.endswith("KeyboardInterrupt\n")
        assert said.count("Traceback") == 1


@pytest.mark.usefixtures("index")
def test_offline_no_process_opens_a_connection(tmp_path):
    """Sockets are taken away from the parent and from its workers, which all run this at their start.

    The script, a file as people write them, is not run again by the workers: each would say 60 too.
    """
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\n"
        "def refuse(*_): raise RuntimeError('a socket')\n"
        "socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse\n"
        f"open({str(tmp_path / 'started')!r}, 'a').write('x')\n"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    script = tmp_path / "essai.py"
    script.write_text(SCRIPT)
    with start(str(script), "once", env=os.environ | {"PYTHONPATH": path}) as parent:
        assert parent.communicate() == ("60\n", "")
    assert (tmp_path / "started").read_text() == "xxx"


# ── The national service ─────────────────────────────────────────────────────────────────────────────────────


class Diverted(httpx2.AsyncBaseTransport):
    """Carries what is for the national service to a server of this machine."""

    def __init__(self, url):
        self._to = httpx2.URL(url)
        self._transport = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request):
        request.url = request.url.copy_with(scheme="http", host=self._to.host, port=self._to.port)
        return await self._transport.handle_async_request(request)

    async def aclose(self):
        await self._transport.aclose()


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

    @cached_property
    def usual(self):
        """One that many examples ask."""
        return self.geocoder()

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


def place(score, number="12", *, street="Rue d'Essai", kind="housenumber", town=LOOS):
    """Return a feature, whose identifier says what and where it is."""
    named = {"postcode": town.postcode, "citycode": town.citycode, "city": town.name, "type": kind}
    name = {"housenumber": f"{number} {street}", "street": street, "municipality": town.name}[kind]
    house = {"housenumber": number} if kind == "housenumber" else {}
    way = {} if kind == "municipality" else {"street": street}
    rest = {key: value for key, value in NUMBER.items() if key not in {"housenumber", "street"}}
    label = town.name if kind == "municipality" else f"{name} {town.postcode} {town.name}"
    point_ = LOOS_POINT if town is LOOS else (0.34, 46.58)
    given = {**named, **house, **way, "name": name, "label": label, "id": f"{town.citycode}_{name}"}
    return feature({**rest, **given}, point_, score=score)


@pytest.fixture
def national():
    with Bench() as bench:
        yield National(bench)


ASKED = "12 rue d'Essai, 59120 Loos"


def right(score):
    """The very address."""
    return place(score)


def wrong(score, number=1):
    """Another street."""
    return place(score, "12", street=f"Allée d'Essai {number}")


def scored(*scores):
    """Streets that are not the one asked."""
    return [wrong(score, k) for k, score in enumerate(sorted(scores, reverse=True), start=1)]


@pytest.mark.parametrize(
    ("some", "is_settled"),
    [
        ([], True),
        ([right(0.95)], True),
        ([right(0.2)], True),  # a score makes nothing weak
        ([right(0.95), wrong(0.8)], True),
        ([right(0.95), wrong(0.9)], False),  # near enough to be another place that is meant
        ([right(0.95), wrong(0.95)], False),
        ([wrong(0.95)], True),
        ([wrong(0.95), right(0.9)], False),
        ([wrong(0.95), right(0.3)], False),  # however low it scores, it is the one that was asked
        ([wrong(0.95), wrong(0.3, 2)], False),  # both may be listed
    ],
)
def test_a_file_settles_what_no_other_candidate_could_change(national, some, is_settled):
    national.known[ASKED] = some
    query = Query(ASKED)
    chain = Chain([national.geocoder()])
    (found,) = answers(chain, [query]).values()
    assert told(found) == told(alone(query, chain))
    national.forget()
    answers(chain, [query])
    assert national.asked() == ([[query.text]], [] if is_settled else [query.text])


def test_a_file_that_says_nothing_of_the_next_settles_nothing(national):
    national.files.columns = tuple(one for one in national.files.columns if one != "result_score_next")
    national.known = {ASKED: [right(0.95)], "13 rue d'Essai, Loos": [wrong(0.4)]}
    answers(Chain([national.geocoder()]), [Query(text) for text in [*national.known, UNSURE]])
    assert national.asked()[1] == sorted(national.known)


@pytest.mark.parametrize("text", ["12 à 14 rue d'Essai, 59120 Loos", "12 et 12 bis rue d'Essai, 59120 Loos"])
def test_several_numbers_are_asked_one_by_one(national, text):
    """A file has one answer a row."""
    numbers = ("12", "14") if "14" in text else ("12", "12 bis")
    each = {f"{number} rue d'Essai, 59120 Loos": [place(0.9, number)] for number in numbers}
    national.known = dict(each)
    chain = Chain([national.geocoder()])
    (found,) = answers(chain, [Query(text)]).values()
    assert national.asked() == ([], sorted(each))
    assert {one.housenumber for one in found.candidates} == set(numbers)
    assert told(found) == told(alone(Query(text), chain))


SCORES = st.sampled_from([0.3, 0.49, 0.5, 0.55, 0.68, 0.72, 0.8, 0.85, 0.86, 0.89, 0.9, 0.91, 0.95, 1.0])
NUMBERS, WAYS = st.sampled_from(["1", "2", "3", "12"]), st.sampled_from(["Rue d'Essai", "Allée d'Essai", "Rue du Banc"])
KINDS = st.sampled_from(["housenumber", "street", "municipality"])
TOWNS = st.sampled_from([LOOS, LOOS, POITIERS])


def best_first(some):
    """Leave each place once, with its best score."""
    found = sorted(some, key=lambda one: -one["properties"]["score"])
    return list({one["properties"]["id"]: one for one in reversed(found)}.values())[::-1]


def as_candidate(one):
    """Return the feature as another geocoder knows it."""
    properties = one["properties"]
    kept = ("label", "score", "id", "housenumber", "street", "postcode", "citycode", "city")
    fields = {"housenumber": None, "street": None} | {key: properties[key] for key in kept if key in properties}
    return candidate(0, 0, kind=properties["type"], **fields)


PLACES = st.lists(st.builds(place, SCORES, NUMBERS, street=WAYS, kind=KINDS, town=TOWNS), max_size=8).map(best_first)
ADDRESSES = [
    *(f"{number} rue d'Essai, 59120 Loos" for number in (1, 2, 9)),
    *("3 rue d'Essai", "rue d'Essai, Loos", "1 à 3 rue d'Essai, Loos", "12 rue du Banc, 86000 Poitiers", "Rue du Banc"),
]


@given(
    known=st.dictionaries(st.sampled_from(ADDRESSES), PLACES),
    before=st.dictionaries(st.sampled_from(ADDRESSES), PLACES),
    turned=st.booleans(),
)
@examples(12, of=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_known_the_verdict_has_the_same_to_go_by(national, index, known, before, turned):
    national.known = known
    other = FakeGeocoder({text: [as_candidate(one) for one in some] for text, some in before.items()})
    geocoders = [other, national.usual, index]
    chain = Chain(geocoders[::-1] if turned else geocoders)
    queries = [Query(text) for text in ADDRESSES] + [Query(f"{number} zyx introuvable") for number in range(2)]
    found = answers(chain, queries)
    assert {query: told(one) for query, one in found.items()} == {q: told(alone(q, chain)) for q in queries}


def test_what_an_index_is_sure_of_is_not_asked(national, index):
    national.known = {f"rue d'Essai nord {number}, 59120 Loos": [place(0.95, kind="street")] for number in range(9)}
    queries = [Query(f"{number} rue d'Essai, 99990 Essai") for number in range(1, 61)]
    chain = Chain([index, national.geocoder()])
    found = answers(chain, [*queries, *map(Query, national.known)])
    assert national.asked() == ([list(national.known)], [])
    for query in found:
        assert told(found[query]) == told(alone(query, chain))
    street = Query("rue d'Essay, 59120 Loos")
    national.known = {street.text: [place(0.95, kind="street")]}
    (of_street,) = answers(chain, [street]).values()
    assert [one.housenumber for one in of_street.numbers] == ["1", "2", "3"]  # of a street, the index knows them


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
    national.known = {
        f"{UNSURE} {number}": scored(*((0.95, 0.94) if number < 5 else (0.95,))) for number in range(CHUNK_ROWS)
    }
    national.bench.server.routes[FILES] = after(national.file, in_turn(Answer(status=503)))
    first, second = [Query(text) for text in national.known], [Query(f"{UNSURE} ailleurs {k}") for k in range(9)]
    assert set(given_before_failing(national.geocoder(http_attempts=2), [*first, *second])) == set(first)
    assert len(national.bench.server.requests) == 1 + 5 + 2


def test_a_file_is_asked_for_again_when_the_service_says(national):
    national.known = {ASKED: [right(0.95)]}
    busy = in_turn(Answer(status=429, headers={"Retry-After": "4"}))
    national.bench.server.routes[FILES] = after(busy, national.file)
    (found,) = answers(Chain([national.geocoder(http_attempts=2)]), [Query(ASKED)]).values()
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
    """A file tells the best only: a check beside another index would want the others too."""
    path = tmp_path / "cache.sqlite"
    sure, near, seen, absent = (f"{number} rue d'Essai, 59120 Loos" for number in range(1, 5))
    national.known = {
        sure: [place(0.95, "1"), wrong(0.3)],
        near: [place(0.95, "2"), wrong(0.94)],
        seen: [place(0.9, "3")],
    }
    chain = Chain([CachedGeocoder(national.geocoder(), path)])
    alone(Query(seen), chain)
    national.forget()
    queries = [Query(text) for text in (sure, near, seen, absent)]
    first = answers(chain, queries)
    assert national.asked() == ([[sure, near, absent]], [near])
    assert kept(path) == [near, seen]
    national.forget()
    again = answers(chain, queries)
    assert national.asked() == ([[sure, absent]], [])
    assert {query: told(one) for query, one in again.items()} == {query: told(one) for query, one in first.items()}
    assert {query: told(one) for query, one in first.items()} == {q: told(alone(q, chain)) for q in queries}


def test_what_is_kept_needs_no_service(national, tmp_path):
    national.known = {f"{UNSURE} {number}": scored(0.95, 0.94) for number in range(9)}
    chain = Chain([CachedGeocoder(national.geocoder(), tmp_path / "cache.sqlite")])
    queries = [Query(text) for text in national.known]
    first = answers(chain, queries)
    national.bench.server.routes.clear()
    assert answers(chain, queries) == first
