"""What `qpv batch` refuses, and what it leaves behind: one line that says what to do, no output that is half done."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from batch_files import INSIDE, ON, OUTSIDE, read_rows, write_csv, write_points

HELD = """
import sys, pathlib
from qpv_geo.batch.journal import Journal
with Journal(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
BROKEN = "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT); INSERT INTO about VALUES ('input', '{')"


def refused(answer, code=2):
    """Return the line that says why, and the remedy: nothing else was printed but how the file is read."""
    assert (answer.code, answer.out) == (code, "")
    lines = answer.err.splitlines()
    remedy = lines.pop() if lines[-1].startswith("À transmettre à l’administrateur") else ""
    *before, last = lines
    assert last.startswith("qpv : ")
    assert not any(line.startswith("qpv : ") for line in before)
    assert "qpv perimeters" not in last
    return last.removeprefix("qpv : ") + remedy


def left(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


@pytest.fixture
def points(tmp_path):
    return write_points(tmp_path / "a.csv", INSIDE, OUTSIDE)


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_output_that_exists(qpv, points, tmp_path):
    (tmp_path / "b.csv").touch()
    text = refused(qpv("batch", points, "-o", tmp_path / "b.csv"))
    assert str(tmp_path / "b.csv") in text
    assert "--overwrite" in text
    assert left(tmp_path) == ["a.csv", "b.csv"]


def test_the_output_may_not_be_the_input(qpv, points, tmp_path):
    before = points.read_bytes()
    for name in (points, tmp_path / "." / "a.csv"):
        assert "-o" in refused(qpv("batch", points, "-o", name, "--overwrite"))
    (tmp_path / "lien.csv").symlink_to(points)
    assert "-o" in refused(qpv("batch", points, "-o", tmp_path / "lien.csv", "--overwrite"))
    assert points.read_bytes() == before


def test_a_folder_that_is_not_there(qpv, points, tmp_path):
    text = refused(qpv("batch", points, "-o", tmp_path / "nulle" / "part.csv"))
    assert str(tmp_path / "nulle") in text


def test_a_folder_that_is_a_file(qpv, points):
    text = refused(qpv("batch", points, "-o", points / "b.csv"))
    assert str(points) in text


def test_an_output_of_no_known_format(qpv, points, tmp_path):
    for name in ("b.doc", "b", "b.xls"):
        assert name in refused(qpv("batch", points, "-o", tmp_path / name))
    assert left(tmp_path) == ["a.csv"]


def test_an_output_that_is_a_folder(qpv, points, tmp_path):
    (tmp_path / "b.csv").mkdir()
    refused(qpv("batch", points, "-o", tmp_path / "b.csv"))
    refused(qpv("batch", points, "-o", tmp_path / "b.csv", "--overwrite", "--on", ON))
    assert list((tmp_path / "b.csv").iterdir()) == []


@pytest.mark.parametrize("name", ["absent.csv", "a.doc", "."])
def test_an_input_that_cannot_be_read(qpv, tmp_path, name):
    (tmp_path / "a.doc").touch()
    refused(qpv("batch", tmp_path / name, "-o", tmp_path / "b.csv"))
    assert left(tmp_path) == ["a.doc"]


def test_an_input_that_is_not_what_its_name_tells(qpv, tmp_path):
    for name in ("a.xlsx", "a.parquet", "a.gpkg", "a.geojson"):
        (tmp_path / name).write_bytes(b"id;lon;lat\n1;2;46\n")
        assert name in refused(qpv("batch", tmp_path / name, "-o", tmp_path / "b.csv"))


ROWS = 1_500
JOURNAL_OPENED, JOURNAL_GROWS, OUTPUT_GROWS = 9_000, 20_000, 100_000
"""Most bytes of a file: what is written first, that does not fit."""


@pytest.mark.parametrize(
    ("suffix", "most_bytes"),
    [
        *(("csv", JOURNAL_OPENED), ("csv", JOURNAL_GROWS), ("csv", OUTPUT_GROWS)),
        *(("xlsx", OUTPUT_GROWS), ("parquet", JOURNAL_GROWS), ("gpkg", OUTPUT_GROWS), ("geojson", OUTPUT_GROWS)),
    ],
)
def test_a_full_disk_is_told_in_one_line_and_the_run_can_go_on(tmp_path, forked, qpv, suffix, most_bytes):
    chance = random.Random(3)
    places = [(round(chance.uniform(0.25, 0.48), 6), round(chance.uniform(46.50, 46.66), 6)) for _ in range(ROWS)]
    source, output = write_points(tmp_path / "a.csv", *places), tmp_path / f"b.{suffix}"
    command = ["batch", source, "-o", output, "--on", ON]
    full = forked.run(*command, most_bytes=most_bytes)
    assert "Traceback" not in full.err
    assert full.code == 2
    last = full.err.splitlines()[-1]
    assert last.startswith("qpv : ")
    assert "place" in last
    assert str(output) in last
    assert set(left(tmp_path)) <= {"a.csv", f"{output.name}.qpv-journal"}
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []
    assert qpv(*command).code == 0
    assert len(read_rows(output)) == ROWS
    assert left(tmp_path) == ["a.csv", output.name]


# ── Columns and options ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--lon-column", "x", "--lat-column", "lat"), "« x »"),
        (("--lon-column", "lon"), "--lat-column"),
        (("--address-column", "rue"), "« rue »"),
        (("--date-column", "quand"), "« quand »"),
        (("--on", "2024-13-01"), "2024-13-01"),
        (("--accuracy", "-1"), "-1"),
        (("--generation", "qpv-1900"), "qpv-1900"),
        (("--crs", "EPSG:0"), "EPSG:0"),
        (("--encoding", "martien"), "martien"),
        (("--delimiter", "::"), "::"),
    ],
)
def test_options_that_cannot_be_followed(qpv, points, tmp_path, options, says):
    assert says in refused(qpv("batch", points, "-o", tmp_path / "b.csv", *options))
    assert left(tmp_path) == ["a.csv"]


def test_a_table_without_a_place(qpv, tmp_path):
    source = write_csv(tmp_path / "a.csv", ("id", "nom"), (1, "x"))
    text = refused(qpv("batch", source, "-o", tmp_path / "b.csv"))
    for part in ("« nom »", "--address-column", "--lon-column"):
        assert part in text


# ── What is missing ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_of_which_nothing_can_be_answered_for_want_of_perimeters(qpv, tmp_path, shared):
    source = write_points(tmp_path / "a.csv", INSIDE, ("", ""), ("abc", "1"))
    command = ("batch", source, "-o", tmp_path / "b.csv", "--on", "2023-06-01")
    assert "qpv perimeters fetch qpv-2015" in refused(qpv(*command), code=3)
    assert not (tmp_path / "b.csv").exists()
    perimeters = shared / "boundaries/qpv-2015-mel.geojson"
    box = ("--coverage", "2.985,50.593,3.035,50.622")
    assert qpv("perimeters", "import", perimeters, "--generation", "qpv-2015", *box).code == 0
    answer = qpv(*command)
    assert answer.code == 0, "the remedy, then the same command, must be enough"
    assert [row["qpv_status"] for row in read_rows(tmp_path / "b.csv")] == ["inside", "not_located", "error"]


def test_nothing_can_be_answered_after_more_bad_rows_than_are_listed(qpv, tmp_path):
    source = write_points(tmp_path / "a.csv", *[("abc", "1")] * 1_200, INSIDE)
    answer = qpv("batch", source, "-o", tmp_path / "b.csv", "--on", "2023-06-01")
    assert "qpv perimeters fetch qpv-2015" in refused(answer, code=3)


def test_a_remedy_then_the_same_command_is_enough_for_coordinates_in_metres(qpv, tmp_path):
    source = write_csv(tmp_path / "a.csv", ("x", "y"), ("704500", "7055800"))
    assert "--crs" in refused(qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON))
    assert qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--crs", "EPSG:2154").code == 0


def test_a_kind_that_nobody_installed(qpv, points, tmp_path):
    text = refused(qpv("batch", points, "-o", tmp_path / "b.csv", "--on", ON, "--kind", "watch_area"), code=3)
    assert "« watch_area »" in text


# ── Runs that were stopped ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def stopped(qpv, tmp_path):
    """A run that a service stopped, what it found kept: its input, and its command."""
    source = write_csv(tmp_path / "a.csv", ("lon", "lat", "adresse"), (*INSIDE, ""), ("", "", "1 rue des Carrés"))
    command = ("batch", source, "-o", tmp_path / "b.csv", "--on", ON)
    assert qpv(*command).code == 4
    assert left(tmp_path) == ["a.csv", "b.csv.qpv-journal"]
    return source, command


def test_an_input_that_changed_between_two_runs(qpv, stopped, tmp_path):
    source, command = stopped
    write_csv(source, ("lon", "lat", "adresse"), (*OUTSIDE, ""))
    text = refused(qpv(*command))
    assert "le fichier d’entrée" in text
    assert "--restart" in text
    assert qpv(*command, "--restart").code == 0
    assert [row["qpv_status"] for row in read_rows(tmp_path / "b.csv")] == ["outside"]
    assert left(tmp_path) == ["a.csv", "b.csv"]


def test_other_options_than_those_of_the_stopped_run(qpv, stopped):
    _, command = stopped
    assert "les options" in refused(qpv(*command, "--accuracy", "10"))


def test_another_run_on_the_same_output(qpv, points, tmp_path):
    journal = tmp_path / "b.csv.qpv-journal"
    with subprocess.Popen(
        [sys.executable, "-c", HELD, journal], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        text = refused(qpv("batch", points, "-o", tmp_path / "b.csv", "--on", ON))
        other.communicate("")
    assert "un autre traitement" in text
    assert str(journal) in text
    assert qpv("batch", points, "-o", tmp_path / "b.csv", "--on", ON).code == 0


@pytest.mark.parametrize("content", [b"autre chose", b"SQLite format 3\0" + b"x" * 4_000])
def test_a_journal_that_is_none(qpv, points, tmp_path, content):
    (tmp_path / "b.csv.qpv-journal").write_bytes(content)
    text = refused(qpv("batch", points, "-o", tmp_path / "b.csv", "--on", ON))
    assert "--restart" in text
    assert qpv("batch", points, "-o", tmp_path / "b.csv", "--on", ON, "--restart").code == 0


@pytest.mark.parametrize("content", ["CREATE TABLE about (other TEXT)", BROKEN])
def test_a_journal_of_another_version_or_damaged(qpv, points, tmp_path, content):
    with closing(sqlite3.connect(tmp_path / "b.csv.qpv-journal")) as database:
        database.executescript(content)
    command = ("batch", points, "-o", tmp_path / "b.csv", "--on", ON)
    assert "--restart" in refused(qpv(*command))
    assert qpv(*command, "--restart").code == 0


def test_an_output_that_appeared_after_the_run_was_stopped_is_not_written_over(qpv, stopped, tmp_path):
    _, command = stopped
    (tmp_path / "b.csv").write_text("précieux", encoding="utf-8")
    assert "--overwrite" in refused(qpv(*command))
    assert (tmp_path / "b.csv").read_text(encoding="utf-8") == "précieux"
