"""`qpv perimeters fetch`, against a real server on loopback."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import zipfile

import pytest
import shapely
from loopback import Answer, Loopback, WfsLayer, corners, square

from qpv_geo import crs
from qpv_geo.perimeters.registry import registry

MEMBER = registry().downloads["qpv-2024"].member


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("QPV_GEO_HTTP_ATTEMPTS", "1")
    with Loopback() as loopback:
        yield loopback


def archive(name="Carré d'essai"):
    features = [square({"code_qp": "QN08699A", "lib_qp": name, "insee_com": "00000"}, corners(0))]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.writestr(MEMBER, json.dumps({"type": "FeatureCollection", "features": features}))
    return buffer.getvalue()


def layer():
    properties = {"code_qp": "QP086999", "nom_qp": "Carré d'essai", "commune_qp": "Essai"}
    return WfsLayer([square(properties, (33_400, 5_860_000, 33_900, 5_860_500))])


def one_line(answer, code):
    assert (answer.code, answer.out) == (code, "")
    lines = answer.err.strip().splitlines()
    assert lines[-1].startswith("qpv : ")
    assert len(lines) == 2  # what is being downloaded, then what went wrong
    return lines[-1]


def test_an_unknown_edition_is_refused_then_accepted_and_recorded(qpv, server):
    url = server.serve("/qpv.zip", Answer(archive()))
    refusal = one_line(qpv("perimeters", "fetch", "qpv-2024", "--url", url), 4)
    assert "--accept-new" in refusal
    assert "qpv-2024 " not in qpv("perimeters", "verify").out
    accepted = qpv("perimeters", "fetch", "qpv-2024", "--url", url, "--accept-new")
    assert accepted.code == 0
    sha256 = accepted.out.partition("sha256 ")[2][:64]
    assert sha256 in refusal
    listed = json.loads(qpv("perimeters", "list", "--format", "json").out)["datasets"][0]
    assert (listed["id"], listed["sha256"], listed["answers"]) == ("qpv-2024", sha256, True)
    assert qpv("perimeters", "fetch", "qpv-2024", "--url", url).code == 0  # known from now on
    other = server.serve("/autre.zip", Answer(archive("Autre carré d'essai")))
    assert "édition inconnue" in one_line(qpv("perimeters", "fetch", "qpv-2024", "--url", other), 4)


def test_the_layer_of_2015_is_installed_and_answers(qpv, server):
    server.routes["/wfs"] = layer()
    centre = crs.to_wgs84(shapely.Point(33_650, 5_860_250), crs.parse("EPSG:3857"))
    question = ("check", "--lon", centre.x, "--lat", centre.y, "--on", "2020-01-01")
    assert qpv(*question).code == 3
    fetched = qpv("perimeters", "fetch", "qpv-2015", "--url", f"{server.url}/wfs", "--accept-new")
    assert fetched.code == 0
    answer = qpv(*question)
    assert "EN QPV" in answer.out
    assert "Carré d'essai (QP086999)" in answer.out


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"", status=404),
        Answer(b"", status=500),
        Answer(archive(), sent=100),
        Answer(b"<html>maintenance</html>"),
    ],
)
def test_a_remote_that_fails_is_one_line_and_exit_4(qpv, server, answer):
    assert server.url in one_line(qpv("perimeters", "fetch", "qpv-2024", "--url", server.serve("/x", answer)), 4)


def test_a_retry_that_succeeds_says_nothing(server, forked, monkeypatch):
    monkeypatch.setenv("QPV_GEO_HTTP_ATTEMPTS", "2")
    url = server.serve("/qpv.zip", Answer(b"", status=503, headers={"Retry-After": "0"}), Answer(archive()))
    done = forked.run("perimeters", "fetch", "qpv-2024", "--accept-new", "--url", url)
    assert done.code == 0
    assert len(server.requests) == 2
    assert done.err.splitlines() == ["Téléchargement\u00a0: Quartiers prioritaires 2024, France entière"]


def test_an_interrupted_download_leaves_what_was_there(qpv, server, home):
    good, asked = server.serve("/qpv.zip", Answer(archive())), threading.Event()
    server.routes["/lent.zip"] = lambda _query: asked.set() or Answer(archive(), sent=50, stalls=True)
    qpv("perimeters", "fetch", "qpv-2024", "--url", good, "--accept-new")
    before = {path.name: path.read_bytes() for path in (home / "perimeters").iterdir()}
    run = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "qpv_geo",
            "perimeters",
            "fetch",
            "qpv-2024",
            "--accept-new",
            "--url",
            f"{server.url}/lent.zip",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    with run:
        assert "Téléchargement" in run.stderr.readline()
        assert asked.wait(60.0)  # an interrupt while modules are imported may be lost, by Python itself
        run.send_signal(signal.SIGINT)
        assert run.stderr.read().strip().startswith("qpv : interrompu")
    assert run.returncode == 130
    assert {path.name: path.read_bytes() for path in (home / "perimeters").iterdir()} == before


def test_a_terminal_sees_a_bar(server, forked, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    url = server.serve("/qpv.zip", Answer(archive()))
    master, slave = pty.openpty()
    terminal = os.ttyname(slave)
    done = forked.run("perimeters", "fetch", "qpv-2024", "--accept-new", "--url", url, terminal=terminal)
    os.close(slave)
    seen = os.read(master, 100_000).decode()
    os.close(master)
    assert done.code == 0
    assert "100\u00a0%" in seen
    assert "1 périmètre," in done.out
