"""OGC API Features by a real pygeoapi over exported files, with the configuration of the documentation."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pyogrio
import pytest
import shapely
from absent import absent
from serving import until

import qpv_geo
from qpv_geo.perimeters.exporting import export

CONFIGURATION = Path(__file__).parents[2] / "docs/pygeoapi.yml"

pytestmark = pytest.mark.pygeoapi


@contextmanager
def pygeoapi(folder, leaving_out=()):
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


def test_gdal_reads_what_pygeoapi_serves(tmp_path, qpv):
    embedded = qpv_geo.load_perimeters("qpv-2024")
    export([embedded], tmp_path / "qpv-2024.gpkg")
    assert qpv("projects", "summary", "fiq-2024", "--by", "qpv", "--offline", "-o", tmp_path / "sums.gpkg").code == 0
    table = tmp_path / "projets.csv"
    table.write_text("ident;intitule;lon;lat\nP1;A;3.0100;50.60685\nP2;B;2.9950;50.6000\n", encoding="utf-8")
    assert qpv("batch", table, "-o", tmp_path / "projects.gpkg", "--on", "2024-06-01").code == 0
    with pygeoapi(tmp_path, leaving_out=["qpv-2015"]) as url:
        found, sums = layer(url, "qpv-2024").set_index("id"), layer(url, "sums")
        projects = layer(url, "projects")
        one = httpx2.get(f"{url}/collections/qpv-2024/items/QN05975M", params={"f": "json"}).json()
        boxed = httpx2.get(
            f"{url}/collections/qpv-2024/items", params={"f": "json", "bbox": "2.9,50.5,3.1,50.7"}
        ).json()
    wanted = embedded.frame.set_index("code_qp")
    assert len(found) == len(embedded.frame) == 7
    assert dict(found["lib_qp"]) == dict(wanted["lib_qp"])
    assert shapely.equals_exact(
        found.geometry.loc[wanted.index].normalize().array, wanted.geometry.normalize().array, tolerance=1e-9
    ).all()
    assert dict(zip(sums["code_qp"].fillna(""), sums["montant"], strict=True)) | {"": None} == {
        "QN08605M": 750_000,
        "QN08604M": 68_000,
        "": None,
    }
    assert sums["montant"].sum() == 1_000_000
    assert dict(zip(projects["ident"], projects["qpv_status"], strict=True)) == {"P1": "inside", "P2": "outside"}
    assert [(one.x, one.y) for one in projects.geometry] == [(3.01, 50.60685), (2.995, 50.6)]
    assert one["properties"]["lib_qp"] == "Les Oliveaux"
    assert {feature["id"] for feature in boxed["features"]} == {"QN05972M", "QN05975M", "QN05976M"}


@pytest.mark.shared
def test_every_perimeter_of_each_generation_is_served(tmp_path, national, loos_2015):
    export([national], tmp_path / "qpv-2024.gpkg")
    export([loos_2015], tmp_path / "qpv-2015.gpkg")
    with pygeoapi(tmp_path, leaving_out=["sums", "projects"]) as url:
        for name, perimeters in (("qpv-2024", national), ("qpv-2015", loos_2015)):
            found = layer(url, name)
            assert sorted(found["id"]) == sorted(perimeters.frame["code_qp"])
