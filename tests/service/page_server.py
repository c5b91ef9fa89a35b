"""A real server with the staff page, whose home holds a small invented street index in Loos."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from browser import DESKTOP, Visit
from geocoding.written import Commune, ban, write
from maps.hostile_texts import HOSTILE
from serving import process

from qpv_geo.geocoding.store import AddressStore

if TYPE_CHECKING:
    from pathlib import Path

LOOS = Commune("59360", "59120", "Loos")
ESSAI = Commune("59998", "59998", "Test")
ON = "2024-06-01"
INSIDE, OUTSIDE, NEAR = (3.0100, 50.60685), (2.9950, 50.6000), (3.00671, 50.60889)
"""Well in Les Oliveaux (QN05975M), far from any perimeter, and 15 m from the limit."""
INSIDE_STREET, OUTSIDE_STREET, SHARED_STREET = "Rue des Essais", "Avenue du Modèle", "Allée de la Limite"


@dataclass(frozen=True)
class Served:
    """A server and its home."""

    url: str
    home: Path
    environment: dict[str, str]

    def open(self, browser, path="", *, size=DESKTOP, colours="light"):
        """Open the page as a person does; `path` comes after the address of the page."""
        visited = Visit(browser, self.url + path, size, colours)
        visited.page.locator("#scheme option[value=tfpb-1388-bis]").wait_for(state="attached")
        return visited


def addresses():
    """Streets within Les Oliveaux, outside, and on both sides of its limit; and one whose name tries to be markup."""
    rows = [ban(number, INSIDE_STREET, LOOS, at=INSIDE) for number in range(1, 41)]
    rows += [ban(number, OUTSIDE_STREET, LOOS, at=OUTSIDE) for number in range(1, 41)]
    rows += [ban(number, SHARED_STREET, LOOS, at=INSIDE if number % 2 else OUTSIDE) for number in range(1, 7)]
    rows += [ban(1, "Rue des Jumeaux", LOOS, at=INSIDE), ban(1, "Rue des Jumeaux", ESSAI, at=OUTSIDE)]
    return [*rows, ban(1, HOSTILE, LOOS, at=INSIDE), ban(1, "Rue du Bord", LOOS, at=NEAR)]


_TURN = """(path) => {
    history.pushState(null, "", path || location.pathname);
    dispatchEvent(new PopStateEvent("popstate"));
}"""
_CLEAR = """() => {
    sessionStorage.clear();
    for (const path of ["?lon=3&lat=50&on=2014-12-31", location.pathname]) {
        history.pushState(null, "", path);
        dispatchEvent(new PopStateEvent("popstate"));
    }
    document.activeElement.blur();
    scrollTo(0, 0);
}"""
"""Fills the form with a day that is asked of nobody, as it is too early, then empties it with all that it showed."""


def turn_to(visited, path):
    """Make the page answer a link as when one goes back to it: to load it again costs four times as much."""
    visited.page.evaluate(_TURN, path)
    visited.page.locator("#check:not([aria-busy])").wait_for()


def clear(visited):
    """Make the part of the page that is about one address as if it was just opened, and forget what it said."""
    visited.page.evaluate(_CLEAR)
    visited.complaints.clear()
    visited.requests.clear()


@contextmanager
def serving(folder, **settings):
    """Serve from a home in a folder; `settings` are further variables of the environment."""
    home = folder / "home"
    AddressStore(home).import_file(write(folder / "adresses-59.csv", addresses()))
    environment = {
        "QPV_GEO_HOME": str(home),
        "QPV_GEO_GEOCODERS": '["offline", "published"]',
        "QPV_GEO_GEOCODER_URL": "http://127.0.0.1:9",  # nobody listens there
        "QPV_GEO_HTTP_ATTEMPTS": "1",
    } | settings
    with process(home, warm=True, **environment) as started:
        yield Served(f"{started.url}/", home, environment)


def answer(visited):
    """Wait for the answer and return its heading."""
    visited.page.locator(".answer").wait_for()
    return visited.text(".verdict-word")


def fact(visited, label):
    name = visited.page.locator("dt", has_text=re.compile(f"^{label}$"))
    found = visited.page.locator(".answer-body .fact", has=name).locator("dd")
    return found.inner_text().replace("\u202f", " ").replace("\u00a0", " ")


def side(visited, label):
    """What is read on one of the two sides of an address: what was asked, or what was found."""
    name = visited.page.locator("dt", has_text=re.compile(f"^{label}$"))
    read = visited.page.locator(".sides .side", has=name).locator("dd")
    return read.inner_text().replace("\u202f", " ").replace("\u00a0", " ")
