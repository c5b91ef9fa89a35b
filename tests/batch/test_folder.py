"""`qpv batch IN/ -o OUT/`: every Parquet of a folder is answered, and a stopped run goes on file by file."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batch_files import INSIDE, ON, OUTSIDE, read_rows

NAMES = ("2023/a.parquet", "2024/b.parquet", "c.parquet")


@pytest.fixture
def folder(tmp_path):
    for k, name in enumerate(NAMES):
        path = tmp_path / "listes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        points = [INSIDE, OUTSIDE][: k + 1]
        pq.write_table(pa.table({"lon": [x for x, _ in points], "lat": [y for _, y in points]}), path)
    return tmp_path / "listes"


def statuses(output):
    return {name: [row["qpv_status"] for row in read_rows(output / name)] for name in NAMES}


ANSWERS = {NAMES[0]: ["inside"], NAMES[1]: ["inside", "outside"], NAMES[2]: ["inside", "outside"]}


def test_every_file_is_answered(qpv, folder, tmp_path):
    answer = qpv("batch", folder, "-o", tmp_path / "reponses", "--on", ON)
    assert answer.code == 0, answer.err
    assert statuses(tmp_path / "reponses") == ANSWERS
    assert "5 lignes" in answer.out
    left = [path.name for path in (tmp_path / "reponses").rglob("*") if path.is_file()]
    assert sorted(left) == ["a.parquet", "b.parquet", "c.parquet"]


def test_a_stopped_run_goes_on_with_the_files_that_are_left(qpv, folder, tmp_path):
    output, last = tmp_path / "reponses", folder / NAMES[2]
    whole = last.read_bytes()
    last.write_bytes(whole[:40])
    assert qpv("batch", folder, "-o", output, "--on", ON).code == 2
    made = {name: (output / name).stat().st_mtime_ns for name in NAMES[:2]}
    changed = qpv("batch", folder, "-o", output, "--on", "2023-06-01")
    assert changed.code == 2
    assert "--restart" in changed.err
    last.write_bytes(whole)
    again = qpv("batch", folder, "-o", output, "--on", ON, "--format", "json")
    assert again.code == 0, again.err
    assert json.loads(again.out)["rows"] == 2
    assert {name: (output / name).stat().st_mtime_ns for name in NAMES[:2]} == made
    assert statuses(output) == ANSWERS


def test_nothing_is_overwritten_unasked(qpv, folder, tmp_path):
    there = tmp_path / "reponses" / NAMES[2]
    there.parent.mkdir()
    there.write_text("gardé", encoding="utf-8")
    refused = qpv("batch", folder, "-o", tmp_path / "reponses", "--on", ON)
    assert refused.code == 2
    assert "--overwrite" in refused.err
    assert there.read_text(encoding="utf-8") == "gardé"
    assert qpv("batch", folder, "-o", tmp_path / "reponses", "--on", ON, "--overwrite").code == 0
    assert statuses(tmp_path / "reponses") == ANSWERS


@pytest.mark.parametrize(
    "case",
    [
        ("vide", "reponses", (), "parquet"),
        ("listes", "listes/dedans", (), "dossier"),
        ("listes", "reponses", ("--lon-column", "x", "--lat-column", "lat"), "x"),
    ],
)
def test_what_cannot_be_done_leaves_nothing(qpv, folder, tmp_path, case):
    source, output, options, words = case
    (tmp_path / "vide").mkdir()
    refused = qpv("batch", tmp_path / source, "-o", tmp_path / output, "--on", ON, *options)
    assert refused.code == 2
    assert words in refused.err.splitlines()[-1]
    assert not (tmp_path / output).exists()
    assert folder.exists()
