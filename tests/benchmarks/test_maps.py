"""How long the map of a whole country takes to make, and to show. Figures: run with ``scripts/bench``."""

from __future__ import annotations

import csv
import time

import numpy as np
from browser import Visit, open_browser
from many_projects import project_rows

from qpv_geo.eligibility.check import default_checker
from qpv_geo.maps import judge, projects_map
from qpv_geo.projects import read_projects

PROJECTS, VISITS = 5_000, 5


def test_first_paint_of_a_national_map(national, tmp_path):
    rows = project_rows(national, PROJECTS)
    table, path = tmp_path / "projets.csv", tmp_path / "carte.html"
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    projects = read_projects(table)
    began = time.perf_counter()
    judged = judge(projects, national, checker=default_checker())
    projects_map(projects, national, judged=judged, offline=True).save(path)
    made_s = time.perf_counter() - began
    with open_browser() as browser:
        painted_s = [_painted_s(browser, path) for _ in range(VISITS)]
    print(
        f"\n{PROJECTS} projects and {len(national)} perimeters: {path.stat().st_size / 1e6:.2f} MB, "
        f"made in {made_s:.1f} s, first paint {np.median(painted_s):.2f} s (at most {max(painted_s):.2f} of {VISITS})"
    )


def _painted_s(browser, path):
    visited = Visit(browser, path.as_uri())
    visited.page.locator(".qpv-cluster").first.wait_for()
    painted_ms = visited.page.evaluate("performance.getEntriesByType('paint').map(one => one.startTime)")
    browser.forget()
    return max(painted_ms) / 1_000
