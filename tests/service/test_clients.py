"""The examples of docs/clients.md, run as they are written, by the programs they are for."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import page_server
import pytest
from absent import absent
from browser import Visit
from serving import serving

PAGE = (Path(__file__).parents[2] / "docs/clients.md").read_text(encoding="utf-8")
WRITTEN = "http://127.0.0.1:8000"
SOFFICE, DEBIAN_PYTHON = shutil.which("soffice"), "/usr/bin/python3"


def blocks(language, url):
    """Return the examples in a language, which ask the service at `url`."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return [one.replace(WRITTEN, str(url).rstrip("/")) for one in found]


def test_the_python_example(service, tmp_path, capsys):
    script = tmp_path / "exemple.py"
    script.write_text("\n".join(blocks("python", service.base_url)), encoding="utf-8")
    runpy.run_path(str(script))
    first, *many = capsys.readouterr().out.splitlines()
    assert first.startswith("inside ")
    assert "Les Oliveaux" in first
    assert many[0] == "inside ['QN05975M']"
    assert many[1] == "outside []"
    assert many[2].startswith("error ")
    assert "lon" in many[2]


class _Empty(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>essai</title>")

    def log_message(self, *_):
        pass


@pytest.fixture
def elsewhere():
    """Another site: an empty page of another origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Empty) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.browser
def test_the_javascript_example_from_another_site(browser, elsewhere, tmp_path, monkeypatch):
    monkeypatch.setenv("QPV_GEO_HOME", str(tmp_path))
    page = Visit(browser, elsewhere).page
    told = []
    page.on("console", lambda message: told.append(message.text))
    with serving(cors_origins=(elsewhere,)) as client:
        function, use = blocks("javascript", client.base_url)
        page.evaluate(f"async () => {{ {function}\n{use} }}")
        refused = f"async () => {{ {function}\n await check({{ lon: 300, lat: 50 }}); }}"
        with pytest.raises(Exception, match="lon"):
            page.evaluate(refused)
    assert told[0].startswith("inside ")
    assert "Les Oliveaux" in told[0]
    with serving() as client:
        function, use = blocks("javascript", client.base_url)
        with pytest.raises(Exception, match="Failed to fetch"):
            page.evaluate(f"async () => {{ {function}\n{use} }}")


@pytest.mark.libreoffice
def test_the_formulas_of_the_spreadsheet(tmp_path):
    if (
        SOFFICE is None
        or subprocess.run([DEBIAN_PYTHON, "-c", "import uno"], check=False, capture_output=True).returncode
    ):
        absent("no LibreOffice that Python can drive (apt-get install libreoffice-calc python3-uno)")
    address = f"1 {page_server.INSIDE_STREET} 59120 Loos"
    with page_server.serving(tmp_path) as server:
        asked, status, message = blocks("text", server.url)
        told = _calculated(
            tmp_path,
            [("A2", address), ("B2", "=DATE(2024;6;1)"), ("C2", asked), ("D2", status), ("E2", message)],
        )
    assert told["D2"] == "inside"
    assert json.loads(told["C2"])["message"] == told["E2"]
    assert json.loads(told["C2"])["on"] == "2024-06-01"


def _calculated(folder, cells):
    """Return what a real LibreOffice shows in the cells, by name."""
    script = Path(__file__).with_name("calc.py")
    given = json.dumps([(name, text.strip()) for name, text in cells])
    command = [DEBIAN_PYTHON, script, SOFFICE, folder / "libreoffice", given]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
