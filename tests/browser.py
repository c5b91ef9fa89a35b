"""A real browser for tests of pages: Debian's chromium, driven by Playwright, that reaches nothing but this machine.

`open_browser` is for a fixture of module scope: while it is open, its thread runs an event loop that is not ours.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
DESKTOP, TELEPHONE = (1280, 800), (400, 800)
AXE = "axe-core@4.11"
_QUIET = ("background-networking", "component-update", "sync")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", *(f"--disable-{name}" for name in _QUIET)]


@contextmanager
def open_browser():
    """Run chromium; a test that asks for it is skipped, saying so, where it or Playwright is absent."""
    if not CHROMIUM.is_file():
        pytest.skip(f"no browser: {CHROMIUM} is absent (apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api", reason="no browser: pip install playwright")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def axe_script(folder):
    """Return the script of axe-core, from npm: for tests only, and never kept."""
    if shutil.which("npm") is None:
        pytest.skip("no axe-core: npm is absent (apt-get install npm)")
    quiet = ("--no-save", "--ignore-scripts", "--no-audit", "--no-fund")
    command = ["npm", "install", "--prefix", str(folder), *quiet, AXE]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        pytest.skip(f"no axe-core: npm cannot install it ({done.stderr.strip()[-200:]})")
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


class Visit:
    """A page that was opened, and all that it said and asked for.

    Attributes
    ----------
    complaints
        Errors and warnings of its console, and what its scripts raised.
    requests
        Addresses that it asked for, its own apart.
    """

    def __init__(self, browser, url, size=DESKTOP):
        self.complaints, self.requests = [], []
        self.page = browser.new_page(viewport={"width": size[0], "height": size[1]}, locale="fr-FR")
        self.page.set_default_timeout(30_000)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._on_request)
        self._url = url
        self.page.goto(url)

    def _on_console(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _on_request(self, request):
        if request.url != self._url and not request.url.startswith("data:"):
            self.requests.append(request.url)

    def text(self, selector):
        """What is read at a selector, its special spaces as plain ones."""
        return self.page.locator(selector).first.inner_text().replace("\u202f", " ").replace("\u00a0", " ")


def screenshots_folder(default):
    """The folder where screenshots are kept: that of QPV_GEO_SCREENSHOTS, or a temporary one."""
    folder = Path(os.environ.get("QPV_GEO_SCREENSHOTS") or default)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
