"""A run killed at any moment goes on where it was, and its output is that of a run that nobody disturbed."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from forked_commands import some_of
from geocoding.written import Commune, ban, write

from qpv_geo.geocoding.store import AddressStore

LOOS = Commune("59360", "59120", "Loos")
OPTIONS = ("--on", "2024-06-01", "--offline")
BLOCK_ROWS = 5_000
"""Rows with an address that are answered, then recorded, together."""


@pytest.fixture
def index(tmp_path, home):
    """Fifty addresses in and around the quartiers of Loos."""
    chance = random.Random(1)
    doors = [(f"Rue de l'Essai {street}", number) for street in range(5) for number in range(1, 11)]
    at = [(round(chance.uniform(2.985, 3.035), 6), round(chance.uniform(50.593, 50.622), 6)) for _ in doors]
    rows = [ban(number, street, LOOS, at=place) for (street, number), place in zip(doors, at, strict=True)]
    AddressStore(home).import_file(write(tmp_path / "adresses-59.csv", rows))
    return [f"{number} {street.upper()}" for street, number in doors]


@pytest.fixture
def make_list(tmp_path, index):
    """Write a list of those addresses, each many times, so that no two blocks are of one answer."""

    def make(kind, rows):
        chance = random.Random(2)
        asked = [chance.choice(index) for _ in range(rows)]
        frame = pd.DataFrame({"dossier": [f"{k:06d}" for k in range(rows)], "adresse": asked})
        frame = frame.assign(**{"code postal": "59120", "commune": "Loos"})
        path = tmp_path / f"demandes.{kind}"
        if kind == "csv":
            frame.to_csv(path, sep=";", index=False)
        elif kind == "xlsx":
            frame.to_excel(path, index=False, engine="xlsxwriter")
        else:
            frame.to_parquet(path)
        return path

    return make


@pytest.fixture
def outputs(tmp_path):
    """Return the names of two outputs, of one run that nobody disturbs and of one that somebody does."""

    def name(kind):
        paths = [tmp_path / folder / f"sortie.{kind}" for folder in ("a", "b")]
        for path in paths:
            path.parent.mkdir()
        return paths

    return name


def identifiers(path):
    if path.suffix == ".csv":
        return [row[0] for row in csv.reader(path.read_text(encoding="utf-8").splitlines(), delimiter=";")][1:]
    if path.suffix == ".parquet":
        return pq.read_table(path, columns=["dossier"])["dossier"].to_pylist()
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        return [row[0] for row in book.worksheets[0].iter_rows(min_row=2, max_col=1, values_only=True)]


def left_beside(path):
    return sorted(one.name for one in path.parent.iterdir())


CASES = [("csv", 300), ("csv", BLOCK_ROWS + 1), ("parquet", BLOCK_ROWS + 1), ("xlsx", 300)]


def between_blocks(steps):
    """Return a step in each block, and the last but one: the others are those of a list of one block."""
    return [steps // 3, 2 * steps // 3, steps - 1]


def kill_and_resume(case, make_list, outputs, forked, qpv, which):  # noqa: PLR0913, PLR0917 - fixtures
    """Kill a run at some steps, those of its journal and of the output that is not finished, and resume each."""
    kind, rows = case
    source, (undisturbed, output) = make_list("csv", rows), outputs(kind)
    steps = forked.steps("batch", source, *OPTIONS, "-o", undisturbed)
    assert steps > 20
    expected = undisturbed.read_bytes()
    for step in which(steps):
        killed = forked.run("batch", source, *OPTIONS, "-o", output, killed_at=step)
        assert killed.code == -signal.SIGKILL, step
        resumed = qpv("batch", source, *OPTIONS, "-o", output)
        assert resumed.code == 0, (step, resumed.err)
        assert output.read_bytes() == expected
        assert left_beside(output) == [output.name]
        output.unlink()
    assert [int(one) for one in identifiers(undisturbed)] == list(range(rows))


@pytest.mark.parametrize("case", CASES)
def test_a_run_killed_at_any_step_ends_as_an_undisturbed_one(case, make_list, outputs, forked, qpv):
    kill_and_resume(case, make_list, outputs, forked, qpv, between_blocks if case[1] > BLOCK_ROWS else some_of)


@pytest.mark.long
@pytest.mark.parametrize("case", CASES)
def test_a_run_killed_at_every_step_ends_as_an_undisturbed_one(case, make_list, outputs, forked, qpv):
    kill_and_resume(case, make_list, outputs, forked, qpv, lambda steps: range(1, steps + 1))


def start(command):
    arguments = [sys.executable, "-m", "qpv_geo", *map(str, command)]
    return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def stop(command, output, how):
    """Start a command, and send it a signal once it has begun to write; return its exit code and what it said."""
    process = start(command)
    while not output.with_name(f"{output.name}.qpv-partiel").exists():
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(how)
    _, err = process.communicate()
    return process.returncode, err


@pytest.mark.long
@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_a_run_killed_from_outside_ends_as_an_undisturbed_one(kind, make_list, outputs, qpv):
    source, (undisturbed, output) = make_list(kind, 1_200 if kind == "xlsx" else 3_000), outputs(kind)
    command = ("batch", source, *OPTIONS, "-o")
    code, _ = stop((*command, output), output, signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert f"{output.name}.qpv-journal" in left_beside(output)
    assert [qpv(*command, path).code for path in (undisturbed, output)] == [0, 0]
    assert output.read_bytes() == undisturbed.read_bytes()
    assert identifiers(output) == identifiers(source)
    assert left_beside(output) == [output.name]


@pytest.mark.long
@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_a_run_killed_again_and_again_ends_as_an_undisturbed_one(kind, make_list, outputs):
    """Twenty times, at moments drawn over the time that a run takes."""
    source, (undisturbed, output) = make_list(kind, 2 * BLOCK_ROWS), outputs(kind)
    command, chance, kills = ("batch", source, *OPTIONS, "-o"), random.Random(kind), 0
    begin = time.monotonic()
    assert start((*command, undisturbed)).communicate()[1].count("qpv :") == 0
    whole_s = time.monotonic() - begin
    while kills < 20:
        process = start((*command, output))
        try:
            process.communicate(timeout=chance.uniform(0, whole_s))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        if output.exists() or not list(output.parent.glob("*.qpv-journal")):
            output.unlink(missing_ok=True)  # it was faster than the kill, or hardly begun: from the start again
        else:
            kills += 1
    assert start((*command, output)).communicate()[1].count("qpv :") == 0
    assert output.read_bytes() == undisturbed.read_bytes()
    assert left_beside(output) == [output.name]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_how_to_go_on(how, make_list, outputs, qpv):
    source, (_, output) = make_list("csv", 2 * BLOCK_ROWS), outputs("csv")
    command = ("batch", source, *OPTIONS, "-o", output)
    code, err = stop(command, output, how)
    assert code == 130
    assert "relancez la même commande" in err.splitlines()[-1]
    assert not output.exists()
    assert qpv(*command).code == 0
    assert identifiers(output) == identifiers(source)


def test_an_address_that_comes_back_in_every_block_is_found_in_each(make_list, outputs, qpv):
    source, (output, _) = make_list("csv", 3 * BLOCK_ROWS), outputs("csv")
    assert qpv("batch", source, *OPTIONS, "-o", output).code == 0
    rows = pd.read_csv(output, sep=";", dtype=str)
    assert len(rows) == 3 * BLOCK_ROWS
    assert rows.groupby("adresse")["result_label"].nunique(dropna=False).eq(1).all()
    assert rows["result_label"].notna().all()
