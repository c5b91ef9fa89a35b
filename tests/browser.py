"""A real browser for tests of pages: Debian's chromium, driven by Playwright, that reaches nothing but this machine.

`open_browser` is for a fixture of module scope: while it is open, its thread runs an event loop that is not ours.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from absent import absent
from playwright import sync_api

CHROMIUM = Path("/usr/bin/chromium")
DESKTOP, TELEPHONE = (1280, 800), (400, 800)
_QUIET = ("background-networking", "component-update", "sync")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", *(f"--disable-{name}" for name in _QUIET)]


@contextmanager
def open_browser():
    """Run chromium; a test that asks for it is skipped, saying so, where it or Playwright is absent."""
    if not CHROMIUM.is_file():
        absent(f"no browser: {CHROMIUM} is absent (apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def axe_script():
    """Return the script of axe-core, from the package that ships it."""
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


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


def keeper_of_screenshots(prefix="", **options):
    """Return what keeps a picture of a page that was visited where QPV_GEO_SCREENSHOTS says, and nothing otherwise."""
    folder = os.environ.get("QPV_GEO_SCREENSHOTS")

    def keep(visited, name):
        if folder:
            path = Path(folder) / f"{prefix}{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            visited.page.screenshot(path=path, animations="disabled", **options)

    return keep
