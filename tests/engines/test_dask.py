"""`qpv_geo.engines.dask` in a real cluster of two processes."""

from __future__ import annotations

import os

import pandas as pd
import pandas.testing
import pytest
from engine_rows import OPTIONS, install, table

import qpv_geo
from qpv_geo.engines import dask as engine
from qpv_geo.errors import InputError, MissingError


@pytest.fixture(scope="module")
def dataframe():
    """The module, that takes a second to import: no other process of a run of tests does."""
    return pytest.importorskip("dask.dataframe")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two processes, whose home is not that of any test; both forked from one that has read the libraries."""
    distributed = pytest.importorskip("distributed")
    forked = pytest.importorskip("dask").config.set({"distributed.worker.multiprocessing-method": "forkserver"})
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": "127.0.0.1:0"}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("QPV_GEO_HOME", str(elsewhere))
        environment.chdir(elsewhere)
        with (
            forked,
            distributed.LocalCluster(host="127.0.0.1", **options) as started,
            distributed.Client(started) as client,
        ):
            yield client, elsewhere


def test_answers_are_those_of_this_machine(cluster, dataframe, catalogue, home):
    index = install(catalogue, home)
    client, elsewhere = cluster
    (elsewhere / "addresses").mkdir()
    there = elsewhere / "addresses" / index.path.name
    os.link(index.path, there)
    frame = dataframe.from_pandas(table(), npartitions=4)
    local = qpv_geo.check_table(frame.compute(), **OPTIONS, offline=True)
    answered = engine.check(frame, **OPTIONS)
    pd.testing.assert_frame_equal(client.compute(answered).result(), local)
    assert answered._meta.dtypes.to_dict() == local.dtypes.to_dict()


def test_a_worker_without_the_address_index_is_told(cluster, dataframe, catalogue, home):
    install(catalogue, home).path.rename(home / "addresses" / "98.sqlite")
    client, _ = cluster
    answered = engine.check(dataframe.from_pandas(table(10), npartitions=1), **OPTIONS)
    with pytest.raises(MissingError, match=r"98\.sqlite"):
        client.compute(answered).result()


def test_a_column_that_is_absent_is_told_before_any_work(dataframe):
    with pytest.raises(InputError, match="latitude"):
        engine.check(dataframe.from_pandas(pd.DataFrame({"x": [1.0], "y": [2.0]})), lon="x", lat="latitude")
