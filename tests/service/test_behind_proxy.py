"""The service under a path prefix: what is said of it, whom it believes, and a real nginx in front."""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import contextmanager

import httpx2
import pytest
from absent import absent
from browser import Visit
from serving import LOOS, POINTS, ended, process, serving, until

PREFIX = {"X-Forwarded-Prefix": "/qpv"}
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
CONFIGURATION = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location /qpv/ {{
            proxy_pass {service}/;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Prefix {says};
        }}
        location /kept/ {{
            proxy_pass {service};
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Prefix /kept;
        }}
    }}
}}
"""


@contextmanager
def nginx(folder, service, says="/qpv"):
    """Run a real nginx that publishes a service under /qpv/ without the prefix, and under /kept/ with it."""
    if NGINX is None:
        absent("no nginx (apt-get install nginx-light)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    written = folder / "nginx.conf"
    written.write_text(CONFIGURATION.format(folder=folder, port=port, service=str(service).rstrip("/"), says=says))
    running = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(written), "-e", str(folder / "error.log")])
    try:
        until(lambda: _listens(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait()


def _listens(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    ("settings", "headers", "path"),
    [({"root_path": "/qpv/"}, {}, "/v1/batch"), ({"proxy_hops": 1}, PREFIX, "/qpv/v1/batch")],
)
def test_links_begin_with_the_prefix_whether_the_proxy_removes_it_or_not(
    tmp_path, monkeypatch, settings, headers, path
):
    monkeypatch.setenv("QPV_GEO_HOME", str(tmp_path))
    with serving(sync_max_rows=0, **settings) as client:
        accepted = client.post(path, files={"file": ("points.csv", POINTS)}, headers=headers)
        assert accepted.status_code == 202
        here = accepted.headers["location"]
        assert here == accepted.json()["links"]["self"]
        assert here.startswith("/qpv/v1/batch/")
        client.headers.update(headers)
        assert ended(client, here)["links"]["result"] == f"{here}/result"
        assert client.get(here.removeprefix("/qpv") + "/result").content.count(b"\n") == POINTS.count(b"\n")
        assert client.get("/openapi.json").json()["servers"] == [{"url": "/qpv"}]


@pytest.mark.parametrize(("settings", "headers"), [({"root_path": "/qpv"}, {}), ({"proxy_hops": 1}, PREFIX)])
def test_the_prefix_without_its_slash_leads_to_the_page(tmp_path, monkeypatch, settings, headers):
    monkeypatch.setenv("QPV_GEO_HOME", str(tmp_path))
    with serving(**settings) as client:
        answer = client.get("/qpv?q=A%20B&on=2024-06-01", headers=headers)
    assert answer.status_code == 307
    assert answer.headers["location"] == "/qpv/?q=A%20B&on=2024-06-01"


def test_the_prefix_of_somebody_unknown_is_not_believed(service):
    assert "servers" not in service.get("/openapi.json", headers=PREFIX).json()
    assert service.get("/qpv/v1/check", params=LOOS, headers=PREFIX).status_code == 404


def test_a_prefix_that_is_no_path_is_refused():
    with serving(proxy_hops=1) as client:
        for prefix in ("qpv", "//ailleurs.example", "/a/../b", "/a b", "https://x.example/", "/" + "a" * 300):
            answer = client.get("/v1/check", params=LOOS, headers={"X-Forwarded-Prefix": prefix})
            assert answer.status_code == 422
            assert "X-Forwarded-Prefix" in answer.json()["detail"]


def test_keys_are_asked_for_under_the_prefix_too():
    with serving(root_path="/qpv", api_keys=("une-cle",)) as client:
        for path in ("/qpv/v1/check", "/v1/check"):
            assert client.get(path, params=LOOS).status_code == 401
            assert client.get(path, params=LOOS, headers={"X-API-Key": "une-cle"}).status_code == 200


def test_a_setting_that_is_no_path_is_refused(qpv, monkeypatch):
    monkeypatch.setenv("QPV_GEO_SERVICE_ROOT_PATH", "")  # put back as it was when the test ends
    answer = qpv("serve", "--root-path", "qpv")
    assert answer.code == 2
    assert "QPV_GEO_SERVICE_ROOT_PATH" in answer.err
    assert "qpv" in answer.err


@pytest.mark.nginx
def test_behind_nginx_every_link_leads_back_through_it(tmp_path):
    settings = {"QPV_GEO_SERVICE_PROXY_HOPS": "1", "QPV_GEO_SERVICE_SYNC_MAX_ROWS": "0"}
    with (
        process(tmp_path / "home", warm=True, **settings) as running,
        nginx(tmp_path, running.url) as base,
        httpx2.Client(base_url=base, verify=False) as client,
    ):
        for published in ("/qpv", "/kept"):
            assert client.get(f"{published}/v1/check", params=LOOS).json()["status"] == "inside"
            accepted = client.post(f"{published}/v1/batch", files={"file": ("points.csv", POINTS)})
            done = ended(client, accepted.headers["location"])
            assert client.get(done["links"]["result"]).status_code == 200
            page = client.get(f"{published}/v1/perimeters", params={"limit": 2})
            following = page.url.join(page.json()["links"][0]["href"])
            assert client.get(following).json()["numberReturned"] == 2
            assert client.get(f"{published}/openapi.json").json()["servers"] == [{"url": published}]


@pytest.mark.nginx
@pytest.mark.browser
def test_the_page_works_behind_nginx(tmp_path, browser):
    with (
        process(tmp_path / "home", "--root-path", "/qpv", warm=True, QPV_GEO_SERVICE_PROXY_HOPS="1") as running,
        nginx(tmp_path, running.url) as base,
    ):
        asked = []
        pages = {
            "carte": "Couronneries",
            "docs": "/v1/checks",
            "?lon=3.00671&lat=50.60889&on=2024-06-01": "Les Oliveaux",
        }
        for path, shows in pages.items():
            visited = Visit(browser, f"{base}/qpv/{path}")
            visited.page.get_by_text(shows).first.wait_for(state="attached")
            asked += [url for url in visited.requests if url.startswith("http")]
            assert visited.complaints == []
        assert {url.removeprefix(base).split("/")[1] for url in asked} == {"qpv"}
        assert any("/qpv/v1/check?" in url for url in asked)
        assert any("/qpv/docs/" in url for url in asked)
