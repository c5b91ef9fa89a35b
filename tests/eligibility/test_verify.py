"""Evidence: a digest that is stable, and records that are computed again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from synthetic import perimeters, square

import qpv_geo
from qpv_geo.eligibility.check import Checker
from qpv_geo.errors import FormatError, MissingPerimetersError
from qpv_geo.perimeters.coverage import EVERYWHERE
from qpv_geo.settings import Settings

COLLEGE = {"lon": 3.00671, "lat": 50.60889}
SITE = {"type": "Polygon", "coordinates": [[[3.004, 50.608], [3.005, 50.608], [3.005, 50.609], [3.004, 50.608]]]}


@pytest.fixture
def record():
    return qpv_geo.check(**COLLEGE, on="2024-06-01").to_dict()


def test_the_digest_is_that_of_the_canonical_json(record):
    bare = json.loads(json.dumps(record))
    recorded = bare["evidence"].pop("digest")
    del bare["evidence"]["checked_at"]
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert recorded == hashlib.sha256(text.encode()).hexdigest()


@examples(10, of=50)
@given(seconds=st.integers(0, 10**9))
def test_the_digest_does_not_depend_on_the_moment(tmp_path_factory, seconds):
    home = tmp_path_factory.mktemp("home")
    moment = datetime(2024, 6, 1, tzinfo=UTC)
    first, later = (
        Checker(Settings(home=home), clock=lambda at=at: at).check(**COLLEGE, on="2024-06-01")
        for at in (moment, moment + timedelta(seconds=seconds))
    )
    assert first.evidence.digest == later.evidence.digest


@given(
    lon=st.floats(2.99, 3.03),
    lat=st.floats(50.595, 50.62),
    accuracy_m=st.floats(0, 500),
    other=st.sampled_from([{"lon": 3.0}, {"lat": 50.6}, {"accuracy_m": 501.0}]),
)
def test_the_digest_is_stable_and_tells_questions_apart(lon, lat, accuracy_m, other):
    question = {"lon": lon, "lat": lat, "accuracy_m": accuracy_m}
    first, again = (qpv_geo.check(**question, on="2024-06-01").evidence.digest for _ in range(2))
    assert first == again
    if question | other != question:
        assert qpv_geo.check(**question | other, on="2024-06-01").evidence.digest != first


@pytest.mark.parametrize(
    "question",
    [
        COLLEGE,
        {**COLLEGE, "accuracy_m": 30},
        {"site": SITE},
        {**COLLEGE, "generation": "qpv-2024"},
        {"lon": 4.8, "lat": 45.7},
    ],
)
def test_a_record_that_nothing_changed_is_identical(question, tmp_path):
    path = tmp_path / "verdict.json"
    path.write_text(json.dumps(qpv_geo.check(**question, on="2024-06-01").to_dict()), encoding="utf-8")
    found = qpv_geo.verify(path)
    assert (found.intact, found.same_answer, found.identical, found.differences) == (True, True, True, ())


def test_an_altered_record_is_told(record):
    record["status"] = "outside"
    found = qpv_geo.verify(record)
    assert (found.intact, found.same_answer) == (False, False)
    assert [(one.what, one.field, one.recorded, one.computed) for one in found.differences] == [
        ("answer", "status", "outside", "inside")
    ]


def test_another_edition_of_the_data_is_told(catalogue, record):
    embedded = qpv_geo.load_perimeters("qpv-2024")
    dataset = replace(embedded.dataset, id="qpv-2024", sha256="1" * 64, edition="édition d'essai")
    catalogue.store.install(replace(embedded, dataset=dataset, coverage=EVERYWHERE))
    found = qpv_geo.verify(record)
    assert (found.intact, found.same_answer, found.identical) == (True, True, False)
    assert {one.field for one in found.differences} == {
        "evidence.dataset",
        "evidence.sha256",
        "evidence.edition",
        "evidence.coverage",
    }
    assert {one.what for one in found.differences} == {"data"}


def test_another_answer_is_told(catalogue, record):
    catalogue.store.install(perimeters(square(0, 0, 100), name="qpv-2024"))
    found = qpv_geo.verify(record)
    assert (found.intact, found.same_answer) == (True, False)
    changed = {one.field: (one.recorded, one.computed) for one in found.differences if one.what == "answer"}
    assert changed["status"] == ("inside", "outside")


def test_other_thresholds_are_told(record, monkeypatch):
    monkeypatch.setenv("QPV_GEO_INSIDE_MIN_SHARE", "0.99")
    found = qpv_geo.verify(record)
    assert [(one.what, one.field, one.recorded, one.computed) for one in found.differences] == [
        ("thresholds", "evidence.thresholds.inside_min_share", 0.95, 0.99)
    ]
    assert (found.intact, found.same_answer, found.identical) == (True, True, False)


def test_another_version_is_told(record):
    record["evidence"]["software"] = "qpv-geo 0.0.0"
    found = qpv_geo.verify(record)
    assert not found.intact
    assert [(one.what, one.recorded) for one in found.differences] == [("software", "qpv-geo 0.0.0")]


@pytest.mark.usefixtures("with_2015")
def test_a_record_whose_perimeters_are_not_there(home):
    record = qpv_geo.check(**COLLEGE, on="2023-06-01").to_dict()
    for path in (home / "perimeters").iterdir():
        path.unlink()
    with pytest.raises(MissingPerimetersError, match="qpv-2015"):
        qpv_geo.verify(record)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "pas un objet JSON"),
        ("inside", "pas un objet JSON"),
        ({}, "il manque status, reason, on, evidence"),
        ({"status": "inside", "reason": "clear", "on": "2024-06-01", "evidence": []}, "pas un objet JSON"),
        ({"status": "inside", "reason": "clear", "on": "2024-06-01", "evidence": {}}, "il manque input"),
    ],
)
def test_what_is_no_record_is_refused(document, says, tmp_path):
    path = tmp_path / "autre.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(FormatError, match=f"autre.json.*{says}"):
        qpv_geo.verify(path)


@pytest.mark.parametrize("question", [[], {"ville": "Loos"}])
def test_a_record_whose_question_makes_no_sense(record, question):
    record["evidence"]["input"] = question
    with pytest.raises(FormatError, match="question"):
        qpv_geo.verify(record)


@pytest.mark.parametrize("thresholds", [[], None])
def test_a_record_whose_thresholds_make_no_sense(record, thresholds):
    record["evidence"]["thresholds"] = thresholds
    with pytest.raises(FormatError, match="seuils"):
        qpv_geo.verify(record)


def test_a_record_that_is_no_json(tmp_path):
    path = tmp_path / "page.json"
    path.write_text("<html>", encoding="utf-8")
    with pytest.raises(FormatError, match=r"page.json » n’est pas du JSON"):
        qpv_geo.verify(path)
    with pytest.raises(FormatError, match="introuvable"):
        qpv_geo.verify(tmp_path / "absent.json")
