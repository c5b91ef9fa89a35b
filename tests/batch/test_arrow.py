"""`qpv_geo.check_arrow`: an Arrow table comes back as it was, with the answers of `check_table` beside it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batch_files import INSIDE, ON, OUTSIDE
from engines.engine_rows import OPTIONS, install, table
from examples import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

import qpv_geo
from qpv_geo.errors import InputError

POINTS = pa.table({"lon": [INSIDE[0], OUTSIDE[0]], "lat": [INSIDE[1], OUTSIDE[1]]}, metadata={"qui": "essai"})


@pytest.mark.usefixtures("socket_disabled")
def test_answers_are_those_of_a_frame(catalogue, home):
    install(catalogue, home)
    frame = table()
    expected = qpv_geo.check_table(frame, **OPTIONS, offline=True).astype(object)
    found = qpv_geo.check_arrow(pa.Table.from_pandas(frame, preserve_index=False), **OPTIONS).to_pandas()
    pd.testing.assert_frame_equal(found.astype(object), expected)


def test_each_kind_of_table_comes_back_as_such():
    answered = qpv_geo.check_arrow(POINTS, on=ON)
    assert answered.select(POINTS.schema.names).equals(POINTS)
    assert answered.schema.metadata == {b"qui": b"essai"}
    assert answered["qpv_status"].to_pylist() == ["inside", "outside"]
    [batch] = POINTS.to_batches()
    assert qpv_geo.check_arrow(batch, on=ON).equals(answered.to_batches()[0])
    assert qpv_geo.check_arrow(batch.slice(0, 0), on=ON).schema == answered.schema
    reader = qpv_geo.check_arrow(POINTS.to_reader(), on=ON)
    assert isinstance(reader, pa.RecordBatchReader)
    assert reader.read_all().equals(answered)


@given(st.lists(st.integers(0, 299), max_size=5))
@examples(8, of=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_table_may_be_cut_anywhere(catalogue, home, cuts):
    if not (home / "addresses").exists():
        install(catalogue, home)
    rows = pa.Table.from_pandas(table().drop(columns=["rue", "ville"]), preserve_index=False)
    options = {name: OPTIONS[name] for name in ("date", "on", "accuracy_m")}
    bounds = sorted({0, *cuts, len(rows)})
    parts = [qpv_geo.check_arrow(rows.slice(a, b - a), **options) for a, b in pairwise(bounds)]
    assert pa.concat_tables(parts).equals(qpv_geo.check_arrow(rows, **options))


def test_text_of_every_arrow_type_is_read():
    for kind in (pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())):
        rows = pa.table({"lon": pa.array([str(INSIDE[0])]).cast(kind), "lat": pa.array([str(INSIDE[1])]).cast(kind)})
        assert qpv_geo.check_arrow(rows, on=ON)["qpv_status"].to_pylist() == ["inside"]


def test_sentences_are_for_the_rows_asked():
    told = {
        which: [
            text is not None for text in qpv_geo.check_arrow(POINTS, on=ON, messages=which)["qpv_message"].to_pylist()
        ]
        for which in ("none", "doubt", "all")
    }
    assert told == {"none": [False, False], "doubt": [False, False], "all": [True, True]}


def test_the_example_of_duckdb_runs(tmp_path, monkeypatch):
    page = (Path(__file__).parents[2] / "docs/engines.md").read_text(encoding="utf-8")
    example = page.split("## DuckDB")[1].split("```python\n")[1].split("```")[0]
    pq.write_table(POINTS, tmp_path / "points.parquet")
    monkeypatch.chdir(tmp_path)
    exec(example, {})  # noqa: S102 - our own page
    assert pq.read_table("reponses.parquet")["qpv_code"].to_pylist() == ["QN05975M", None]


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (POINTS.to_pandas(), {}, "DataFrame"),
        (POINTS, {"lon": "longitude", "lat": "lat"}, "longitude"),
        (POINTS, {"messages": "some"}, "« some »"),
        (POINTS.append_column("qpv_code", pa.array(["", ""])), {}, "qpv_code"),
    ],
)
def test_what_cannot_be_asked_is_told(data, options, words):
    with pytest.raises(InputError, match=words):
        qpv_geo.check_arrow(data, **options)
