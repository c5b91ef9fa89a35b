"""`qpv_geo.engines.spark` in a real Spark: two Python workers, that have nothing but what Spark gives them."""

from __future__ import annotations

import shutil
import sys

import pyarrow as pa
import pytest
from absent import absent
from engine_rows import OPTIONS, install, table

import qpv_geo
from qpv_geo.engines import spark as engine
from qpv_geo.errors import InputError

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

_BRIEF = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Half the processor time of a Java that runs for seconds: it compiles what it repeats once, and for good."""


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """One session for all; it starts with a home that is not that of any test."""
    if shutil.which("java") is None:
        absent("no Java for Spark: java is absent (apt-get install openjdk-17-jre-headless)")
    sql = pytest.importorskip("pyspark.sql")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("QPV_GEO_HOME", str(tmp_path_factory.mktemp("elsewhere")))
        environment.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        environment.setenv("PYSPARK_PYTHON", sys.executable)  # not the first python3 of the path
        builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.defaultJavaOptions", _BRIEF)
        session = builder.config("spark.log.level", "ERROR").getOrCreate()
    yield session
    session.stop()


def test_answers_are_those_of_this_machine(spark, catalogue, home):
    install(catalogue, home)
    rows = pa.Table.from_pandas(table(), preserve_index=False)
    local = qpv_geo.check_arrow(rows, **OPTIONS)
    answered = engine.check(spark.createDataFrame(rows).repartition(4, "dossier"), **OPTIONS)
    found = answered.toArrow().sort_by("dossier")
    assert len({row["qpv_reason"] for row in local.to_pylist()}) > 5
    assert found.column_names == local.column_names
    assert found.to_pylist() == local.to_pylist()


def test_a_column_that_is_absent_is_told_before_any_work(spark):
    with pytest.raises(InputError, match="latitude"):
        engine.check(spark.createDataFrame([(1.0, 2.0)], "x double, y double"), lon="x", lat="latitude")
