"""A million rows on Spark and on Dask, beside the same rows answered by one process: Parquet to Parquet, to the digit.

Two processes each, on this machine: what an engine costs, not what a cluster brings.
"""

from __future__ import annotations

import shutil
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import qpv_geo
from qpv_geo.perimeters.catalogue import Catalogue

ROWS, FILES = 1_000_000, 4
ON = {"on": "2024-06-01"}


@pytest.fixture
def lists(tmp_path, home, national):
    """A folder of Parquet, and the answers of this process with the seconds that they took."""
    Catalogue(home).store.install(national)
    chance = np.random.default_rng(5)
    columns = {"dossier": np.arange(ROWS), "lon": chance.uniform(-1, 6, ROWS), "lat": chance.uniform(44, 49, ROWS)}
    rows = pa.table(columns)
    (tmp_path / "lists").mkdir()
    for k in range(FILES):
        pq.write_table(rows.slice(k * ROWS // FILES, ROWS // FILES), tmp_path / f"lists/{k}.parquet")
    start = time.perf_counter()
    for path in sorted((tmp_path / "lists").iterdir()):
        pq.write_table(qpv_geo.check_arrow(pq.read_table(path), **ON), tmp_path / f"local-{path.name}")
    seconds = time.perf_counter() - start
    return tmp_path, pa.concat_tables(pq.read_table(tmp_path / f"local-{k}.parquet") for k in range(FILES)), seconds


def told(engine, seconds, begun, local):
    print(f"\n{ROWS:,} rows on {engine}: {seconds:.1f} s, and {begun:.1f} s to start it; here {local:.1f} s")


def assert_same(folder, local):
    found = pq.read_table(folder).sort_by("dossier").select(local.column_names)
    assert found.cast(local.schema).equals(local)


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_spark(lists, monkeypatch):
    if shutil.which("java") is None:
        pytest.skip("no java")
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    from qpv_geo.engines import spark as engine  # noqa: PLC0415

    folder, local, seconds = lists
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    start = time.perf_counter()
    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        begun = time.perf_counter()
        answered = engine.check(session.read.parquet(str(folder / "lists")).repartition(FILES), **ON)
        answered.write.parquet(str(folder / "spark"))
        told("Spark, local[2]", time.perf_counter() - begun, begun - start, seconds)
    finally:
        session.stop()
    assert_same(folder / "spark", local)


def test_dask(lists):
    from dask import dataframe  # noqa: PLC0415 - an extra
    from distributed import Client, LocalCluster  # noqa: PLC0415

    from qpv_geo.engines import dask as engine  # noqa: PLC0415

    folder, local, seconds = lists
    start = time.perf_counter()
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "host": "127.0.0.1"}
    with LocalCluster(**options) as cluster, Client(cluster):
        begun = time.perf_counter()
        engine.check(dataframe.read_parquet(folder / "lists"), **ON).to_parquet(folder / "dask")
        told("Dask, two processes", time.perf_counter() - begun, begun - start, seconds)
    assert_same(folder / "dask", local)
