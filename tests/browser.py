"""A real browser for tests of pages: Debian's Chromium, driven by Playwright, that reaches nothing but this machine.

Motion is reduced, as nobody looks: frames that nothing is asked of cost a quarter of a visit.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib import resources
from pathlib import Path
from shutil import disk_usage

from absent import absent
from playwright import sync_api

CHROMIUMS = Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")
"""Whichever is there: the first lacks the windows and menus of a desktop, whose start and visits cost more."""
DESKTOP, TELEPHONE = (1280, 800), (400, 800)
_QUIET = ("background-networking", "component-update", "sync")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", *(f"--disable-{name}" for name in _QUIET)]
_SLOW, _ROOM = ["--disable-dev-shm-usage"], 4 << 30
"""Playwright asks for shared memory in files of the disk, which is slow, even where /dev/shm has room: bytes."""
_LOOK = {"media": "null", "reduced_motion": "reduce", "forced_colors": "none"}
_LEAVE = """() => {
    sessionStorage.clear();
    Storage.prototype.setItem = () => {};
    window.fetch = () => new Promise(() => {});
    for (let timer = setTimeout(() => {}); timer > 0; timer -= 1) clearTimeout(timer);
    stop();
    if (location.protocol !== "file:") history.replaceState(null, "", "?left");
}"""
"""Makes a page forget what it kept, and be silent until the next visit takes its place.

Its address becomes that of no visit: from the same with another fragment, a browser would not load the page again.
"""


@contextmanager
def open_browser():
    """Run Chromium; a test that asks for it is skipped, saying so, where it or Playwright is absent."""
    found = next((one for one in CHROMIUMS if one.is_file()), None)
    if found is None:
        absent(f"no browser: {CHROMIUMS[0]} is absent (apt-get install {CHROMIUMS[0].name})")
    left_out = _SLOW if disk_usage("/dev/shm").free > _ROOM else None  # noqa: S108 - nothing is written there
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=_ARGUMENTS, ignore_default_args=left_out)
        try:
            yield Browser(chromium)
        finally:
            with suppress(sync_api.Error):  # it may have ended by itself
                chromium.close()


class Browser:
    """Chromium, whose tabs serve visit after visit, each as if it were new: a new one costs as much as a page."""

    def __init__(self, chromium):
        self._chromium = chromium
        self._context = chromium.new_context(locale="fr-FR", reduced_motion="reduce")
        self._context.set_default_timeout(30_000)
        self._free, self._visits, self._lasting = [], [], {}

    @property
    def runs(self):
        return self._chromium.is_connected()

    def tab(self, visit):
        """Return a tab for a visit, that shows nothing of interest."""
        tab = self._free.pop() if self._free else self._context.new_page()
        self._visits.append(visit)
        tab.bring_to_front()  # one that is behind draws a frame a second, and a click waits for two
        return tab

    def lasting(self, url, start):
        """Return the visit of a page that stays open from test to test; the first time, start it."""
        if url not in self._lasting:
            self._lasting[url] = start()
            self._visits.remove(self._lasting[url])
        self._lasting[url].page.bring_to_front()
        return self._lasting[url]

    def forget(self):
        """End the visits but for those that last, and make their tabs as if they were new."""
        self._context.set_offline(offline=False)
        self._context.clear_permissions()
        while self._visits:
            visit = self._visits.pop()
            visit.leave()
            if not visit.page.is_closed():
                self._renew(visit.page)

    def _renew(self, tab):
        try:
            tab.unroute_all(behavior="ignoreErrors")
            tab.evaluate(_LEAVE)
            devtools = self._context.new_cdp_session(tab)
            devtools.send("Page.resetNavigationHistory")
            devtools.detach()
        except sync_api.Error:  # its server has ended, or the page is one of the browser
            tab.close()
        else:
            self._free.append(tab)


class LastingBrowser:
    """A browser that is opened once for all the tests of a process: each start costs as much as a test."""

    def __init__(self):
        self._stack, self._opened, self._loop = ExitStack(), None, None

    @contextmanager
    def lent(self):
        """Lend it to a test, and make its tabs as if they were new after that.

        Playwright runs an event loop in this thread, between its calls too. It is put aside for the other tests, that
        run loops of their own.
        """
        if self._opened is not None:
            self._resume()
            if not self._opened.runs:
                self.close()
        if self._opened is None:
            self._opened = self._stack.enter_context(open_browser())
            self._loop = asyncio.get_running_loop()
        try:
            yield self._opened
            self._opened.forget()
        finally:
            asyncio._set_running_loop(None)

    def close(self):
        if self._opened is not None:
            self._resume()
            self._opened = None
            self._stack.close()

    def _resume(self):
        asyncio._set_running_loop(self._loop)


@cache
def _axe():
    """Return the script of axe-core, from the package that ships it: it finds what keeps people from using a page."""
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

    def __init__(self, browser, url=None, size=DESKTOP, colours="light"):
        self.complaints, self.requests, self._url = [], [], None
        self.page = browser.tab(self)
        self.look(size, colours)
        self._hears = {"console": self._on_console, "pageerror": self._on_error, "request": self._on_request}
        for event, heard in self._hears.items():
            self.page.on(event, heard)
        if url is not None:
            self.go(url)

    def go(self, url):
        """Show the page at an address."""
        self._url = url
        self.page.goto(url)

    def look(self, size, colours="light"):
        """Show it on a screen of a size, in light or dark colours."""
        self.page.emulate_media(color_scheme=colours, **_LOOK)
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def leave(self):
        """Hear nothing more of it."""
        for event, heard in self._hears.items():
            self.page.remove_listener(event, heard)

    def faults(self, *, within="html", rules=(), impacts=()):
        """What axe-core finds in a part of the page, by some rules or by all: each rule that is broken, and where."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_axe())
        options = {"resultTypes": ["violations"], "selectors": False} | ({"runOnly": rules} if rules else {})
        found = self.page.evaluate("([within, options]) => axe.run(within, options)", [within, options])
        return [
            (one["id"], [node["html"][:120] for node in one["nodes"]])
            for one in found["violations"]
            if not impacts or one["impact"] in impacts
        ]

    def _on_error(self, error):
        self.complaints.append(str(error))

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
