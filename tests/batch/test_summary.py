"""The counts of a table, added up block by block, and the sheets that show them."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from batch_files import ANSWERS
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo import messages as msg
from qpv_geo.batch.answer_columns import QPV_COLUMNS
from qpv_geo.batch.summary import Summary, sheets, to_verify

EMPTY = dict.fromkeys(ANSWERS)
KINDS = [
    EMPTY | {"qpv_status": "inside", "qpv_reason": "clear", "qpv_code": "QN99901N", "qpv_nom": "Un"},
    EMPTY | {"qpv_status": "inside", "qpv_reason": "clear", "qpv_code": "QN99902N", "qpv_nom": "Deux"},
    EMPTY | {"qpv_status": "outside", "qpv_reason": "clear"},
    EMPTY | {"qpv_status": "uncertain", "qpv_reason": "near_boundary", "qpv_code": "QN99901N", "qpv_nom": "Un"},
    EMPTY | {"qpv_status": "uncertain", "qpv_reason": "not_covered"},
    EMPTY | {"qpv_status": "not_located", "qpv_reason": "no_match", "qpv_message": "introuvable"},
    EMPTY | {"qpv_status": "not_located", "qpv_reason": "empty", "qpv_message": "ligne sans adresse"},
    EMPTY | {"qpv_status": "error", "qpv_reason": "bad_input", "qpv_message": "=illisible"},
]
ROWS = st.lists(st.sampled_from(KINDS), max_size=40)


def batch(rows):
    return pa.RecordBatch.from_pylist(rows, schema=QPV_COLUMNS)


def summed(rows, size=7, first_row=2):
    summary = Summary(first_row)
    for start in range(0, len(rows), size):
        summary.add(start, batch(rows[start : start + size]))
    return summary


@given(ROWS, st.integers(1, 10))
def test_every_row_is_counted_once(rows, size):
    summary = summed(rows, size)
    assert summary.rows == len(rows) == sum(count for _, count, _ in summary.by_status())
    assert summary.rows == sum(count for _, _, count, _ in summary.by_reason())
    for status, count, share in summary.by_status():
        assert count == sum(row["qpv_status"] == status for row in rows)
        assert share == count / len(rows)
    for code, _, inside, uncertain in summary.by_quartier():
        mine = [row["qpv_status"] for row in rows if row["qpv_code"] == code]
        assert (inside, uncertain) == (mine.count("inside"), mine.count("uncertain"))
        assert inside + uncertain == len(mine)


@given(ROWS, st.integers(1, 10))
def test_rows_without_an_answer_are_listed_with_the_number_that_people_see(rows, size):
    summary = summed(rows, size)
    expected = [(k, row) for k, row in enumerate(rows, start=2) if row["qpv_status"] in {"not_located", "error"}]
    assert [(one.row, one.message) for one in summary.unanswered] == [(k, row["qpv_message"]) for k, row in expected]
    assert summary.unanswered_count == len(expected)


def test_a_long_list_is_cut_and_its_count_is_not():
    summary = summed([KINDS[-1]] * 2_500, size=700)
    assert summary.unanswered_count == 2_500
    assert [one.row for one in summary.unanswered] == list(range(2, 1_002))


def test_statuses_come_in_one_order_and_the_most_frequent_reason_first():
    summary = summed([*KINDS[::-1], KINDS[-2]])
    assert [status for status, _, _ in summary.by_status()] == [
        *("inside", "outside", "uncertain", "not_located", "error"),
    ]
    assert [reason for status, reason, _, _ in summary.by_reason() if status == "not_located"] == ["empty", "no_match"]


@given(ROWS)
def test_as_json(rows):
    document = json.loads(json.dumps(summed(rows).to_dict()))
    assert document["rows"] == len(rows)
    assert sum(one["share"] for one in document["by_status"]) == pytest.approx(1.0 if rows else 0.0, abs=1e-5)
    assert document["unanswered"]["count"] == len(document["unanswered"]["rows"])


def asked_of(blocks):
    """Return what gives, for the block that starts at a row, what its rows to verify ask."""
    return lambda start: [f"demande {start + row}" for row in to_verify(blocks[start])]


def test_the_sheets_say_the_same_and_list_every_row_without_an_answer():
    rows = KINDS * 300
    summary = summed(rows, size=1_000)
    blocks = [(start, batch(rows[start : start + 1_000])) for start in range(0, len(rows), 1_000)]
    made = {sheet.name: (sheet, list(sheet.rows)) for sheet in sheets(summary, blocks, asked_of(dict(blocks)))}
    assert list(made) == ["Synthèse", "Motifs", "Par quartier", "À vérifier", "Légende"]
    totals = made["Synthèse"][1]
    assert sum(row[1] for row in totals[:-1]) == totals[-1][1] == len(rows)
    assert totals[-1][2] == sum(row[2] for row in totals[:-1]) == pytest.approx(1.0)
    assert made["Par quartier"][1] == [("QN99901N", "Un", 300, 300), ("QN99902N", "Deux", 300, 0)]
    answered = {"inside", "outside"}
    assert len(made["À vérifier"][1]) == sum(row["qpv_status"] not in answered for row in rows)
    told = {line[0]: line[1:] for line in made["À vérifier"][1]}
    assert told[7] == ("demande 5", "non localisée", "adresse introuvable", "introuvable", msg.to_do.TO_DO["no_match"])
    for sheet, lines in made.values():
        assert len(sheet.name) <= 31
        assert {len(line) for line in lines} == {len(sheet.columns)}


def test_every_word_of_an_answer_is_explained_in_french():
    rows = [EMPTY | {"qpv_status": "uncertain", "qpv_reason": "not_covered", "qpv_message": ""}]
    (_, motifs, *_) = sheets(summed(rows), [], asked_of({}))
    ((status, words, count, share),) = motifs.rows
    assert (status, count, share) == ("à vérifier", 1, 1.0)
    assert words != "not_covered"


def test_no_rows():
    summary = summed([])
    first, *_ = sheets(summary, [], asked_of({}))
    assert list(first.rows) == [("total", 0, None)]
    assert summary.to_dict()["by_status"] == []
