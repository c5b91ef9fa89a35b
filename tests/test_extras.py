"""A bare install checks places; what needs an extra says which, in one line."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OF_EXTRAS = (
    "dask",
    "cryptography",
    "fastapi",
    "fastapi_swagger",
    "folium",
    "fpdf",
    "matplotlib",
    "prometheus_client",
    "pyspark",
    "psycopg",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "xstatic",
)
BARE = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {OF_EXTRAS!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""
COMMANDS = f"""{BARE}
from qpv_geo.cli import main
codes = [main(command.split(" ")) for command in sys.argv[1:]]
print("codes", codes)
sys.exit(max(codes))
"""
POINT = "--lon 3.00671 --lat 50.60889 --on 2024-06-01"


@pytest.fixture
def bare(home, tmp_path):  # noqa: ARG001 - nothing but what is embedded
    """Runs commands in one process without the libraries of the extras; its code is the highest of theirs."""

    def run(*commands):
        return subprocess.run(
            [sys.executable, "-c", COMMANDS, *commands],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ,
        )

    return run


def test_a_bare_install_checks_a_point_answers_a_list_and_sums_projects(bare, tmp_path):
    (tmp_path / "a.csv").write_text("lon;lat\n3.00671;50.60889\n", encoding="utf-8")
    outputs = ["b.csv", "b.xlsx", "b.parquet", "b.gpkg", "b.geojson"]
    lists = [f"batch a.csv -o {output} --on 2024-06-01" for output in outputs]
    sums = ["projects summary fiq-2024", "projects check fiq-2024 --offline -o r.xlsx"]
    done = bare(f"check {POINT}", *lists, *sums)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("EN QPV")
    assert "450" in done.stdout.partition("Saint-Éloi")[2]
    assert [output for output in (*outputs, "r.xlsx") if not (tmp_path / output).is_file()] == []


NEEDS = {
    f"check {POINT} --pdf a.pdf": "reports",
    f"check {POINT} --save": "register",
    "register list": "register",
    "map fiq-2024 -o a.html": "maps",
    "serve": "service",
}


def test_what_needs_an_extra_says_which_in_one_line(bare, tmp_path):
    done = bare(*NEEDS)
    assert done.stdout.splitlines()[-1] == f"codes {[3] * len(NEEDS)}"
    told = done.stderr.splitlines()
    assert len(told) == len(NEEDS)
    for line, extra in zip(told, NEEDS.values(), strict=True):
        assert line.endswith(f"installez-les par pip install 'qpv-geo[{extra}]'")
        assert extra in PROJECT["optional-dependencies"]
    assert list(tmp_path.glob("a.*")) == []


def test_an_engine_that_is_absent_says_which():
    code = f"""{BARE}
from types import SimpleNamespace
from qpv_geo.engines import dask, spark
from qpv_geo.errors import MissingError
for engine in (dask, spark):
    try:
        engine.check(SimpleNamespace(columns=["lon", "lat"]))
    except MissingError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    told = done.stdout.splitlines()
    assert [line.partition("installez-les par ")[2] for line in told] == [
        f"pip install 'qpv-geo[{extra}]'" for extra in ("dask", "spark")
    ]
