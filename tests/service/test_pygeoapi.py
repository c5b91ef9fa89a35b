"""OGC API Features by a real pygeoapi over exported files, with the configuration of the documentation."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

import httpx2
import numpy as np
import pyogrio
import pytest
import shapely
from absent import absent
from serving import until

import qpv_geo
from qpv_geo.cli import main
from qpv_geo.perimeters.exporting import export

CONFIGURATION = Path(__file__).parents[2] / "docs/pygeoapi.yml"
SHARED = Path(__file__).parents[3] / "shared"

pytestmark = pytest.mark.pygeoapi


@pytest.fixture(scope="module")
def generations(request):
    """The perimeters of each generation, by name; those that ship where ``../shared`` is absent."""
    if not SHARED.is_dir():
        return {"qpv-2024": qpv_geo.load_perimeters("qpv-2024")}
    return {"qpv-2024": request.getfixturevalue("national"), "qpv-2015": request.getfixturevalue("loos_2015")}


@pytest.fixture(scope="module")
def served(generations, tmp_path_factory):
    """The address of one that serves the generations, the sums of a fund and a list of projects."""
    folder = tmp_path_factory.mktemp("pygeoapi")
    for name, perimeters in generations.items():
        export([perimeters], folder / f"{name}.gpkg")
    table = folder / "projets.csv"
    table.write_text("ident;intitule;lon;lat\nP1;A;3.0100;50.60685\nP2;B;2.9950;50.6000\n", encoding="utf-8")
    for command in (
        ("projects", "summary", "fiq-2024", "--by", "qpv", "--offline", "-o", folder / "sums.gpkg"),
        ("batch", table, "-o", folder / "projects.gpkg", "--on", "2024-06-01"),
    ):
        assert main([str(word) for word in command]) == 0
    with pygeoapi(folder, leaving_out={"qpv-2015"} - generations.keys()) as url:
        yield url


@contextmanager
def pygeoapi(folder, leaving_out):
    """Serve the exported files of a folder; yield the address."""
    if "PYGEOAPI" not in os.environ:
        absent("no pygeoapi: PYGEOAPI is not set (scripts/pygeoapi prints it)")
    commands = Path(os.environ["PYGEOAPI"])
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    written = folder / "pygeoapi.yml"
    written.write_text(without(CONFIGURATION.read_text(encoding="utf-8"), leaving_out), encoding="utf-8")
    environment = os.environ | {
        "PYGEOAPI_URL": f"http://127.0.0.1:{port}",
        "QPV_EXPORTS": str(folder),
        "PYGEOAPI_CONFIG": str(written),
        "PYGEOAPI_OPENAPI": str(folder / "openapi.yml"),
    }
    generate = [commands / "pygeoapi", "openapi", "generate", written, "--output-file", folder / "openapi.yml"]
    subprocess.run(generate, env=environment, check=True, capture_output=True)
    serve = [commands / "waitress-serve", f"--listen=127.0.0.1:{port}", "pygeoapi.flask_app:APP"]
    with (folder / "pygeoapi.log").open("wb") as log, subprocess.Popen(serve, env=environment, stderr=log) as running:
        try:
            until(lambda: _listens(port))
            yield environment["PYGEOAPI_URL"]
        finally:
            running.terminate()


def without(configuration, collections):
    """Leave collections out of the configuration, as its page says to."""
    head, *resources = re.split(r"\n(?=  [\w-]+:\n    type: collection\n)", configuration)
    assert len(resources) == configuration.count("type: collection")
    return "\n".join([head, *(one for one in resources if one.split(":")[0].strip() not in collections)])


def _listens(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def layer(url, name):
    """Return a layer, read by GDAL's driver for OGC API Features."""
    return pyogrio.read_dataframe(f"OAPIF:{url}", layer=name)


def corners(geometries):
    """Return all their corners, in the order of their degrees."""
    return np.unique(np.round(shapely.get_coordinates(geometries), 9), axis=0)


def test_gdal_reads_every_perimeter_of_each_generation(served, generations):
    for name, perimeters in generations.items():
        found, wanted = layer(served, name).set_index("id"), perimeters.frame.set_index("code_qp")
        assert dict(found["lib_qp"]) == dict(wanted["lib_qp"])
        there, here = found.geometry.loc[wanted.index].array, wanted.geometry.array
        assert np.array_equal(corners(there), corners(here))
        assert (abs(shapely.area(there) - shapely.area(here)) < 1e-12).all()


def test_sums_and_projects_are_served(served):
    sums, projects = layer(served, "sums"), layer(served, "projects")
    assert dict(zip(sums["code_qp"].fillna(""), sums["montant"], strict=True)) | {"": None} == {
        "QN08605M": 750_000,
        "QN08604M": 68_000,
        "": None,
    }
    assert sums["montant"].sum() == 1_000_000
    assert dict(zip(projects["ident"], projects["qpv_status"], strict=True)) == {"P1": "inside", "P2": "outside"}
    assert [(one.x, one.y) for one in projects.geometry] == [(3.01, 50.60685), (2.995, 50.6)]


def test_a_perimeter_is_found_by_its_code_and_by_a_box(served):
    items = f"{served}/collections/qpv-2024/items"
    one = httpx2.get(f"{items}/QN05975M", params={"f": "json"}).json()
    assert one["properties"]["lib_qp"] == "Les Oliveaux"
    boxed = httpx2.get(items, params={"f": "json", "bbox": "3.005,50.604,3.012,50.61"}).json()
    assert {feature["id"] for feature in boxed["features"]} == {"QN05975M"}
