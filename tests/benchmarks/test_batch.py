"""What a whole file costs: rows and addresses a second, and memory, beside pyarrow reading and writing the same file.

Whole processes are measured, imports included, each pair one after the other.
"""

from __future__ import annotations

import csv
import gzip
import os
import random
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from qpv_geo.eligibility.index import PerimeterIndex
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.perimeters.catalogue import Catalogue

ADDRESSES = 20_000, 60_000
ALONE = {
    "csv": "import pyarrow.csv as f; f.write_csv(f.read_csv({0!r}), {1!r})",
    "parquet": "import pyarrow.parquet as f; f.write_table(f.read_table({0!r}), {1!r})",
}


WATCHED = """
import runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_module("qpv_geo", run_name="__main__")
except SystemExit as ended:
    assert not ended.code, ended.code
with open("/proc/self/status") as status:
    print(next(line for line in status if line.startswith("VmHWM")).split()[1])
"""


def seconds_of(*command):
    """Run a command, and return how long it took and what it printed last."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=True)
    return time.perf_counter() - start, done.stdout.splitlines()[-1:]


def batch(source, output):
    """Run a batch, and return how long it took and the most memory that it held, in MB."""
    options = ("batch", source, "-o", output, "--on", "2024-06-01", "--offline")
    seconds, [peak_kb] = seconds_of("-c", WATCHED, "qpv", *options)
    return seconds, int(peak_kb) / 1024


def install_as_commands_do(home, perimeters):
    """Install perimeters with their cells, as ``qpv perimeters import`` and ``fetch`` do."""
    store = Catalogue(home).store
    PerimeterIndex(store.load(store.install(perimeters))).prepare()


def write_points(folder, kind, count):
    """A file of points anywhere in mainland France, with the columns of a list of grants."""
    chance = np.random.default_rng(5)
    table = pa.table(
        {
            "dossier": [f"{k:08d}" for k in range(count)],
            "lon": chance.uniform(-1, 6, count).round(6),
            "lat": chance.uniform(44, 49, count).round(6),
            "montant": chance.integers(100, 90_000, count),
            "intitulé": [f"action d'essai {k % 997}" for k in range(count)],
        }
    )
    path = folder / f"points.{kind}"
    if kind == "csv":
        pyarrow.csv.write_csv(table, path, pyarrow.csv.WriteOptions(quoting_style="needed"))
    else:
        pyarrow.parquet.write_table(table, path)
    return path


AIMED_TIMES, AIMED_MORE_S = {"csv": 5, "parquet": 3}, 2.0
"""A batch is to take at most so many times what pyarrow takes to copy its file, and so many seconds more."""


@pytest.mark.parametrize(
    ("kind", "count"),
    [*((kind, count) for kind in ALONE for count in (10_000, 100_000, 1_000_000)), ("parquet", 10_000_000)],
)
def test_points(kind, count, tmp_path, home, national):
    install_as_commands_do(home, national)
    source = write_points(tmp_path, kind, count)
    alone_s, _ = seconds_of("-c", ALONE[kind].format(str(source), str(tmp_path / f"seul.{kind}")))
    ours_s, peak_mb = batch(source, tmp_path / f"sortie.{kind}")
    print(
        f"\n{count:,} points, {kind}: {ours_s:.1f} s, {count / ours_s:,.0f} rows/s, {peak_mb:.0f} MB at most; "
        f"{ours_s / alone_s:.1f} times pyarrow alone ({alone_s:.2f} s); "
        f"aim: {AIMED_TIMES[kind] * alone_s + AIMED_MORE_S:.1f} s"
    )
    assert peak_mb < 1500


@pytest.mark.parametrize("count", ADDRESSES)
def test_addresses_offline(count, tmp_path, home, shared):
    with gzip.open(shared / "addresses/ban-sample.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        header, *lines = stream
    random.Random(7).shuffle(lines)  # real rows come first in the file
    shuffled = tmp_path / "adresses-86.csv"
    shuffled.write_text("".join([header, *lines]), encoding="utf-8")
    AddressStore(home).import_file(shuffled)
    known = random.Random(6).sample(list(csv.DictReader([header, *lines], delimiter=";")), count)
    source = tmp_path / "adresses.csv"
    with source.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, delimiter=";")
        table.writerow(["dossier", "adresse", "code postal", "commune"])
        for k, row in enumerate(known):
            street = " ".join(filter(None, (row["numero"], row["rep"], row["nom_voie"])))
            table.writerow([k, street, row["code_postal"], row["nom_commune"]])
    seconds, peak_mb = batch(source, tmp_path / "sortie.csv")
    print(
        f"\n{count:,} addresses offline: {seconds:.1f} s, {count / seconds:,.0f} addresses/s "
        f"on {os.cpu_count()} cores, {peak_mb:.0f} MB at most in the main process"
    )


@pytest.mark.parametrize("is_national", [False, True], ids=["embedded", "national"])
@pytest.mark.parametrize("place", ["codes", "names", "points"])
def test_sums_of_shared_places(place, is_national, tmp_path, home, national):
    """100,000 projects in the quartiers of France; what is installed barely counts."""
    if is_national:
        Catalogue(home).store.install(national)
    points = [geometry.representative_point() for geometry in national.geometry]
    source = tmp_path / "projets.csv"
    with source.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, delimiter=";")
        table.writerow(["intitulé", "montant", "année", "code_qp", "quartier", "commune", "lon", "lat"])
        for k in range(100_000):
            row = k * 7919 % len(points)
            code, name, insee = national.codes[row], national.names[row], national.insee[row].split(",")[0]
            told = {
                "codes": (code, "", "", "", ""),
                "names": ("", name.replace(",", " "), insee, "", ""),
                "points": ("", "", "", points[row].x, points[row].y),
            }
            table.writerow([f"Projet d'essai {k}", f"{k % 977}.50", 2024, *told[place]])
    seconds, _ = seconds_of("-m", "qpv_geo", "projects", "summary", source, "--by", "qpv", "--offline")
    print(f"\n100,000 projects by {place}, {'national' if is_national else 'embedded'} set: {seconds:.1f} s")
