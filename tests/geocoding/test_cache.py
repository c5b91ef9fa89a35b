"""The cache: a success is asked for once and kept with its date and edition; a failure or nothing is never kept."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from counting import DOOR, Counting, door
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.errors import IntegrityError, RemoteError
from qpv_geo.geocoding.cache import CachedGeocoder, candidate_from_json
from qpv_geo.geocoding.protocol import Candidate, MatchType, Query

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


def test_anybody_may_read_what_is_kept_with_its_edition_and_its_date(path):
    cached(path, [DOOR])[0].search(replace(QUERY, postcode="99010"), limit=3)
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
    assert candidates == [asdict(DOOR)]


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
        (replace(QUERY, text="15 rue des Essais"), 5),
        (replace(QUERY, postcode="99010"), 5),
        (replace(QUERY, citycode="99010"), 5),
        (replace(QUERY, postcode="99010", citycode="99010"), 5),
    ]
    answers = [[door(str(k), 0.9)] for k in range(len(questions))]
    geocoder, behind = cached(path, *answers)
    assert [geocoder.search(query, limit=limit) for query, limit in questions] == answers
    assert [geocoder.search(query, limit=limit) for query, limit in questions] == answers
    assert behind.asked == questions


def test_what_is_kept_of_many_questions_is_told_without_asking(path):
    geocoder, behind = cached(path, [DOOR], [door("autre", 0.5)])
    queries = [QUERY, Query("rue de nulle part"), replace(QUERY, citycode="99010")]
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


@pytest.mark.parametrize("hurt", [no_database, altered])
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
    again = candidate_from_json(json.loads(json.dumps(asdict(candidate))))
    assert again == candidate
    assert type(again.type) is MatchType


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({**asdict(DOOR), "type": "palais"}, ValueError),
        ({**asdict(DOOR), "essai": 1}, TypeError),
        ({"type": "street"}, TypeError),
    ],
)
def test_what_is_no_candidate_is_refused(document, error):
    with pytest.raises(error):
        candidate_from_json(document)
