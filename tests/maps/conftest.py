"""What the tests of maps share: the shipped projects, a hostile table, a national one, and a browser."""

from __future__ import annotations

import csv

import pytest
from browser import DESKTOP, Visit, keeper_of_screenshots
from hostile_texts import CLOSING, HOSTILE

from qpv_geo import load_perimeters
from qpv_geo.eligibility.check import default_checker
from qpv_geo.maps import judge, projects_map
from qpv_geo.projects import read_projects


@pytest.fixture
def visit(browser, tmp_path):
    """Write a map to a file, open it as a person does."""
    opened = []

    def open_page(page, size=DESKTOP):
        path = tmp_path / f"carte-{len(opened)}.html"
        page.save(path)
        opened.append(Visit(browser, path.as_uri(), size))
        return opened[-1]

    return open_page


@pytest.fixture
def screenshot():
    """Keep a picture of the map, where somebody wants it."""
    return keeper_of_screenshots()


@pytest.fixture
def make_projects(tmp_path):
    """Read a table of projects from rows, each a dict of the documented columns."""

    def make(rows, name="projets"):
        path = tmp_path / f"{name}.csv"
        columns = list(dict.fromkeys(key for row in rows for key in row))
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns)
            writer.writeheader()
            writer.writerows(rows)
        return read_projects(path)

    return make


@pytest.fixture
def make_map():
    """Draw projects after asking eligibility for their verdicts, as the command does."""

    def make(projects, perimeters, **options):
        judged = judge(projects, perimeters, checker=default_checker())
        return projects_map(projects, perimeters, judged=judged, **options)

    return make


@pytest.fixture
def fiq():
    return read_projects("fiq-2024")


@pytest.fixture
def embedded():
    """The perimeters that ship: those of Poitiers and Loos."""
    return load_perimeters("qpv-2024")


@pytest.fixture
def hostile(make_projects):
    """Projects whose every text tries to be markup; one on a point, one by perimeter, one without a place."""
    texts = {"title": HOSTILE, "lead": CLOSING, "scheme": HOSTILE}
    return make_projects(
        [
            {
                "id": "1",
                **texts,
                "amount": "1200",
                "lon": "0.36111",
                "lat": "46.58935",
                "code_qp": "",
                "neighbourhood": "",
            },
            {"id": "2", **texts, "amount": "2300", "code_qp": "QN08604M"},
            {"id": "3", **texts, "amount": "3400", "neighbourhood": CLOSING},
        ],
        name="hostile",
    )


@pytest.fixture
def mixed(make_projects):
    """Projects of Poitiers placed in every way, a refund among them; one of a commune far away; 548,937.20 in all."""
    return make_projects(
        [
            {"id": "1", "title": "Un lieu", "amount": "323287.20", "lon": "0.36111", "lat": "46.58935"},
            {"id": "2", "title": "Un quartier", "amount": "45000", "code_qp": "QN08605M"},
            {"id": "3", "title": "Un autre", "amount": "68000", "code_qp": "QN08604M"},
            {"id": "4", "title": "Hors", "amount": "12000", "lon": "0.3400", "lat": "46.5800"},
            {"id": "5", "title": "En zone", "amount": "95000", "neighbourhood": "Bellejouanne", "commune": "86194"},
            {"id": "6", "title": "Loin", "amount": "5000", "lon": "3.00671", "lat": "50.60889"},
            {"id": "7", "title": "Remboursement", "amount": "-50", "code_qp": "QN08606M"},
            {"id": "8", "title": "Partout", "amount": "700", "neighbourhood": "tous"},
        ],
        name="mixed",
    )


def pytest_collection_modifyitems(items):
    """Mark the tests that need a browser by what they ask for, so that none can forget."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
