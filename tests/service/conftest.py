"""What the tests of the service share."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import page_server
import pytest
from browser import DESKTOP, keeper_of_screenshots
from qpv_geo_service.logs import JsonFormatter
from serving import serving


@pytest.fixture(autouse=True, scope="module")
def loggers_as_before():
    """Give its loggers back to this process, all of which a service makes its own."""
    loggers = [logging.getLogger(name) for name in ("qpv_geo_service", "uvicorn", "uvicorn.access", "stamina")]
    before = [(one, one.handlers, one.level, one.propagate) for one in loggers]
    root = logging.getLogger()
    level = root.level
    yield
    root.handlers = [one for one in root.handlers if not isinstance(one.formatter, JsonFormatter)]
    root.setLevel(level)
    for one, handlers, own_level, propagate in before:
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(own_level)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """The service with its defaults, where nothing is installed and no geocoder answers; one for all who only ask.

    It ends with the module: its settings, its late lines of log and its loggers reach no other test.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QPV_GEO_HOME", str(tmp_path_factory.mktemp("service")))
        patch.setenv("QPV_GEO_GEOCODER_URL", "http://127.0.0.1:9")
        patch.setenv("QPV_GEO_HTTP_ATTEMPTS", "1")
        with serving() as client:
            yield client


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The server of the page; one for all who only ask: who installs something starts another."""
    with page_server.serving(tmp_path_factory.mktemp("desk")) as server:
        yield server


@pytest.fixture
def screenshot():
    """Keep a picture of the whole page, where somebody wants it."""
    return keeper_of_screenshots("page-", full_page=True)


@pytest.fixture
def visit(browser, served):
    """Open the page; at the end, see that it asked for nothing elsewhere."""
    opened = []

    def open_page(path="", server=served, **options):
        opened.append(server.open(browser, path, **options))
        return opened[-1]

    yield open_page
    for one in opened:
        hosts = {urlsplit(url).netloc for url in one.requests if url.startswith("http")}
        assert len(hosts) == 1


@pytest.fixture
def ask(browser, served):
    """Ask what a link asks, in a page that stays loaded between tests; `visit` is for how it loads and for lists.

    Without a link, the page is as if it was just opened.
    """
    visited = browser.lasting(served.url, lambda: served.open(browser))
    page_server.clear(visited)

    def ask_link(path, size=DESKTOP):
        visited.look(size)
        page_server.turn_to(visited, path)
        return visited

    yield ask_link
    visited.page.unroute_all(behavior="ignoreErrors")
    assert {urlsplit(url).netloc for url in visited.requests if url.startswith("http")} <= {urlsplit(served.url).netloc}


@pytest.fixture
def command_line(qpv, served, monkeypatch):
    """Run commands with the settings and the home of the server."""
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    return qpv
