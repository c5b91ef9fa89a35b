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
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from geocoding.written import Commune, ban, write

from qpv_geo.geocoding.store import AddressStore

KILLS = {"csv": 20, "parquet": 15, "xlsx": 15}
"""Fifty in all."""
LOOS = Commune("59360", "59120", "Loos")
BATCH = [sys.executable, "-m", "qpv_geo", "batch"]


def points(count, seed):
    """Points in and around the quartiers of Loos."""
    chance = random.Random(seed)
    return [(round(chance.uniform(2.985, 3.035), 6), round(chance.uniform(50.593, 50.622), 6)) for _ in range(count)]


def write_csv(folder, home):
    """Addresses of an index, most of them several times, so that finding them takes a part of the run."""
    streets = [(f"Rue de l'Essai {street:03d}", number) for street in range(200) for number in range(1, 11)]
    places = zip(streets, points(len(streets), 1), strict=True)
    rows = [ban(number, street, LOOS, at=at) for (street, number), at in places]
    AddressStore(home).import_file(write(folder / "adresses-59.csv", rows))
    chance = random.Random(2)
    path = folder / "demandes.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, delimiter=";")
        table.writerow(["dossier", "adresse", "code postal", "commune"])
        for k in range(8_000):
            name, number = chance.choice(streets)
            table.writerow([f"{k:06d}", f"{number} {name.upper()}", "59120", "Loos"])
    return path


def write_parquet(folder, home):  # noqa: ARG001 - as the others
    lon, lat = zip(*points(110_000, 3), strict=True)
    path = folder / "sites.parquet"
    pq.write_table(pa.table({"site": range(len(lon)), "lon": lon, "lat": lat}), path)
    return path


def write_xlsx(folder, home):  # noqa: ARG001
    path = folder / "sites.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["site", "lon", "lat", "note"])
        for k, (lon, lat) in enumerate(points(5_000, 4)):
            sheet.write_row(k + 1, 0, [f"{k:06d}", lon, lat, "=1+1"], None)
    return path


WRITERS = {"csv": write_csv, "parquet": write_parquet, "xlsx": write_xlsx}


def identifiers(path):
    if path.suffix == ".csv":
        return [row[0] for row in csv.reader(path.read_text(encoding="utf-8").splitlines(), delimiter=";")][1:]
    if path.suffix == ".parquet":
        return pq.read_table(path, columns=["site"])["site"].to_pylist()
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        return [row[0] for row in book.worksheets[0].iter_rows(min_row=2, max_col=1, values_only=True)]


def start(command):
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finished(process, within=None):
    """Whether a process ends by itself, and well, within so many seconds; it is killed otherwise."""
    try:
        _, err = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return False
    assert process.returncode == 0, err
    return True


@pytest.mark.parametrize("kind", KILLS)
def test_a_run_killed_again_and_again_ends_as_an_undisturbed_one(kind, tmp_path, home):
    source = WRITERS[kind](tmp_path, home)
    undisturbed, output = (tmp_path / name / f"sortie.{kind}" for name in ("a", "b"))
    for path in (undisturbed, output):
        path.parent.mkdir()
    command = [*BATCH, str(source), "--on", "2024-06-01", "--offline", "-o"]
    begin = time.monotonic()
    assert finished(start([*command, str(undisturbed)]))
    whole_s = time.monotonic() - begin
    chance, kills = random.Random(f"kill -9 {kind}"), 0
    while kills < KILLS[kind]:
        process = start([*command, str(output)])
        if finished(process, within=chance.uniform(0, whole_s)) or not list(output.parent.glob("*.qpv-journal")):
            output.unlink(missing_ok=True)  # it was faster than the kill, or hardly begun: from the start again
        else:
            kills += 1
    if not output.exists():
        assert finished(start([*command, str(output)]))
    assert output.read_bytes() == undisturbed.read_bytes()
    assert identifiers(output) == identifiers(source)
    assert sorted(path.name for path in output.parent.iterdir()) == [output.name]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_how_to_go_on(how, tmp_path, home):
    source, output = write_csv(tmp_path, home), tmp_path / "sortie.csv"
    process = start([*BATCH, str(source), "-o", str(output), "--offline"])
    while not output.with_name("sortie.csv.qpv-partiel").exists():
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(how)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "relancez la même commande" in err.splitlines()[-1]
    assert not output.exists()
    assert finished(start([*BATCH, str(source), "-o", str(output), "--offline"]))
    assert identifiers(output) == identifiers(source)
