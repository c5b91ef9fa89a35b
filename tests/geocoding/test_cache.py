"""The cache: a success is asked for once and kept with its date and edition; a failure or nothing is never kept."""

from __future__ import annotations

import json
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from counting import DOOR, Counting, door
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.errors import IntegrityError, RemoteError
from qpv_geo.geocoding.cache import CachedGeocoder, candidate_from_json
from qpv_geo.geocoding.protocol import Candidate, MatchType, Query, candidate_to_json

QUERY = Query("15 bis rue des Essais Essai-sur-Test")
MOMENT = datetime(2030, 5, 17, 14, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "essai.sqlite"


def cached(path, *answers, **how):
    """A cached geocoder and the one behind it."""
    behind = Counting(*answers, **how)
    return CachedGeocoder(behind, path, clock=lambda: MOMENT), behind


def kept(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM answer")]


def test_a_success_is_asked_for_once(path):
    geocoder, behind = cached(path, [DOOR, door("autre", 0.5, edition=None, position=None)])
    answers = [geocoder.search(QUERY) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2] == [DOOR, door("autre", 0.5, edition=None, position=None)]
    assert behind.asked == [(QUERY, 5)]


def test_what_is_kept_outlives_who_kept_it(path):
    cached(path, [DOOR])[0].search(QUERY)
    geocoder, behind = cached(path, RemoteError("le service ne répond pas"))
    assert geocoder.search(QUERY) == [DOOR]
    assert behind.asked == []


def test_what_is_kept_is_read_with_its_edition_and_its_date(path):
    cached(path, [DOOR])[0].search(QUERY._replace(postcode="99010"), limit=3)
    (row,) = kept(path)
    candidates = json.loads(row.pop("candidates"))
    assert row == {
        "geocoder": "essai",
        "text": QUERY.text,
        "postcode": "99010",
        "citycode": "",
        "fetch_limit": 3,
        "edition": "2030-01-02",
        "answered_at": "2030-05-17T12:30:00+00:00",
    }
    assert candidates == [DOOR._asdict()]


def test_what_an_older_version_kept_is_read(path):
    """It knew neither former communes nor other names of streets, and compared nothing."""
    geocoder, behind = cached(path, [DOOR])
    geocoder.search(QUERY)
    fields = {key: value for key, value in DOOR._asdict().items() if key not in {"former_city", "aliases", "match"}}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE answer SET candidates = ?", [json.dumps([fields])])
    assert geocoder.search(QUERY) == [DOOR]
    assert len(behind.asked) == 1


def test_the_date_is_that_of_the_present_by_default(path):
    before = datetime.now(UTC) - timedelta(seconds=1)
    CachedGeocoder(Counting([DOOR]), path).search(QUERY)
    assert before <= datetime.fromisoformat(kept(path)[0]["answered_at"]) <= datetime.now(UTC)


def test_a_failure_is_never_kept(path):
    geocoder, behind = cached(path, RemoteError("panne"), RemoteError("panne"), [DOOR])
    for _ in range(2):
        with pytest.raises(RemoteError, match="panne"):
            geocoder.search(QUERY)
    assert not path.exists()
    assert geocoder.search(QUERY) == [DOOR]
    assert len(behind.asked) == 3


def test_an_empty_answer_is_never_kept(path):
    geocoder, behind = cached(path, [], [DOOR])
    assert list(geocoder.search(QUERY)) == []
    assert not path.exists()
    assert geocoder.search(QUERY) == [DOOR]
    assert len(behind.asked) == 2


def test_an_empty_answer_is_never_kept_beside_others_either(path):
    geocoder, behind = cached(path, [DOOR], [], [])
    geocoder.search(QUERY)
    for _ in range(2):
        assert list(geocoder.search(Query("rue de nulle part"))) == []
    assert len(kept(path)) == 1
    assert len(behind.asked) == 3


def test_other_words_filters_or_limits_are_other_questions(path):
    questions = [
        (QUERY, 5),
        (QUERY, 1),
        (QUERY._replace(text="15 rue des Essais"), 5),
        (QUERY._replace(postcode="99010"), 5),
        (QUERY._replace(citycode="99010"), 5),
        (QUERY._replace(postcode="99010", citycode="99010"), 5),
    ]
    answers = [[door(str(k), 0.9)] for k in range(len(questions))]
    geocoder, behind = cached(path, *answers)
    assert [geocoder.search(query, limit=limit) for query, limit in questions] == answers
    assert [geocoder.search(query, limit=limit) for query, limit in questions] == answers
    assert behind.asked == questions


def test_what_is_kept_of_many_questions_is_told_without_asking(path):
    geocoder, behind = cached(path, [DOOR], [door("autre", 0.5)])
    queries = [QUERY, Query("rue de nulle part"), QUERY._replace(citycode="99010")]
    assert geocoder.kept(queries, limit=3) == [None, None, None]
    assert not path.exists()
    geocoder.search(queries[0], limit=3)
    geocoder.search(queries[2], limit=3)
    assert geocoder.kept(queries, limit=3) == [[DOOR], None, [door("autre", 0.5)]]
    assert geocoder.kept(queries, limit=4) == [None, None, None]
    assert geocoder.kept([], limit=3) == []
    assert len(behind.asked) == 2


def test_what_another_geocoder_said_is_another_answer(path):
    one, other = cached(path, [DOOR], name="un")[0], cached(path, [door("autre", 0.9)], name="autre")[0]
    assert (one.name, other.name) == ("un", "autre")
    assert one.search(QUERY) != other.search(QUERY)
    assert [row["geocoder"] for row in kept(path)] == ["un", "autre"]


def test_the_addresses_near_a_point_are_not_kept(path):
    geocoder, behind = cached(path, [DOOR])
    assert geocoder.reverse(lon=0.3, lat=46.5, limit=2) == geocoder.reverse(lon=0.3, lat=46.5, limit=2) == [DOOR]
    assert behind.asked == [(0.3, 46.5, 2)] * 2
    assert not path.exists()


# ── What is kept is checked again ────────────────────────────────────────────────────────────────────────────


def test_a_kept_answer_that_is_no_longer_believed_is_asked_again_and_replaced(path):
    cached(path, [DOOR, door("absurde", 0.5)])[0].search(QUERY)
    geocoder, behind = cached(path, [DOOR], disbelieved={"absurde"})
    assert geocoder.kept([QUERY, QUERY]) == [None, None]
    assert [geocoder.search(QUERY) for _ in range(2)] == [[DOOR], [DOOR]]
    assert behind.asked == [(QUERY, 5)]
    assert len(kept(path)) == 1


def test_a_kept_answer_that_is_no_longer_believed_does_not_stand_in_for_a_service_that_fails(path):
    cached(path, [door("absurde", 0.9)])[0].search(QUERY)
    geocoder, _ = cached(path, RemoteError("panne"), disbelieved={"absurde"})
    with pytest.raises(RemoteError, match="panne"):
        geocoder.search(QUERY)


# ── Who may read it ──────────────────────────────────────────────────────────────────────────────────────────


def mode(path):
    return oct(path.stat().st_mode & 0o777)


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o277])
def umask(request):
    """What the files of this process are denied, in several ways."""
    former = os.umask(request.param)
    yield
    os.umask(former)


@pytest.mark.usefixtures("umask")
def test_what_people_asked_is_for_who_runs_this_only(tmp_path):
    path = tmp_path / "cache" / "cache.sqlite"
    cached(path, [DOOR])[0].search(QUERY)
    assert (mode(path), mode(path.parent)) == ("0o600", "0o700")
    assert cached(path, RemoteError("panne"))[0].search(QUERY) == [DOOR]


@pytest.mark.parametrize("use", [lambda one: one.search(Query("autre rue")), lambda one: one.kept([QUERY])])
def test_a_cache_that_others_could_read_is_closed_to_them(path, use):
    geocoder, _ = cached(path, [DOOR])
    geocoder.search(QUERY)
    path.chmod(0o644)
    path.parent.chmod(0o755)
    use(geocoder)
    assert (mode(path), mode(path.parent)) == ("0o600", "0o700")
    assert geocoder.search(QUERY) == [DOOR]


def test_the_folders_above_the_cache_stay_as_they_are(path):
    home = path.parent.parent
    home.chmod(0o755)
    cached(path, [DOOR])[0].search(QUERY)
    assert mode(home) == "0o755"


# ── Many askers ──────────────────────────────────────────────────────────────────────────────────────────────


def test_many_threads_may_share_a_cache(path):
    geocoder, behind = cached(path, [DOOR])
    queries = [Query(f"{number} rue des Essais") for number in range(20)] * 4
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(geocoder.search, queries)) == [[DOOR]] * len(queries)
    assert len(kept(path)) == 20
    asked = len(behind.asked)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(geocoder.search, queries)) == [[DOOR]] * len(queries)
    assert len(behind.asked) == asked


def no_database(path):
    path.write_bytes(b"ceci n'est pas une base SQLite" * 100)


def altered(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute('UPDATE answer SET candidates = \'[{"type": "palais"}]\'')


def cut(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE answer SET candidates = '[{}]'")


@pytest.mark.parametrize("hurt", [no_database, altered, cut])
def test_a_cache_that_cannot_be_read_is_named_and_nobody_is_asked(path, hurt):
    geocoder, behind = cached(path, [DOOR])
    geocoder.search(QUERY)
    hurt(path)
    with pytest.raises(IntegrityError) as caught:
        geocoder.search(QUERY)
    assert str(path) in str(caught.value)
    assert len(behind.asked) == 1


numbers = st.floats(-180, 180)
words = st.text(max_size=20)
candidates = st.builds(
    Candidate,
    label=words, score=numbers, type=st.sampled_from(MatchType), id=words, housenumber=st.none() | words,
    street=st.none() | words, postcode=st.none() | words, citycode=st.none() | words, city=st.none() | words,
    lon=numbers, lat=numbers, position=st.none() | words, accuracy_m=numbers, source=words, edition=st.none() | words,
)  # fmt: skip


@given(candidates)
def test_a_candidate_comes_out_of_json_as_it_went_in(candidate):
    again = candidate_from_json(json.loads(json.dumps(candidate_to_json(candidate))))
    assert again == candidate
    assert type(again.type) is MatchType


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({**DOOR._asdict(), "type": "palais"}, ValueError),
        ({**DOOR._asdict(), "essai": 1}, TypeError),
        ({"type": "street", "match": None}, TypeError),
    ],
)
def test_what_is_no_candidate_is_refused(document, error):
    with pytest.raises(error):
        candidate_from_json(document)
