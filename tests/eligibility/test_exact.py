"""Firm answers against an exact oracle (`exact.py`), near real edges: none is firmly wrong.

`scripts/fuzz` asks a million; here, some for each perimeter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from exact import exact_perimeters, finer_perimeter, positions_near, read_features, sides
from examples import PROFILE

import qpv_geo
from qpv_geo.resources import data_folder

FINER = 100
ACCURACIES = (0.0, 5.0, 20.0, 50.0)
SPREAD, BLUR, MEASURED, METRES_PER_DEGREE = 400, 0.03, 0.01, 111_200
"""Points in a disc, how far their share may be off, and the part of the firm answers whose share is measured."""

COUNT = 1_000_000 if PROFILE == "long" else 0
"""Positions in all, for `scripts/fuzz`; 0 for a few."""


class Asked(NamedTuple):
    """What was asked near the edges of perimeters, and the answers that are firm and wrong."""

    count: int
    firm: int
    wrong: list


def asked_near(perimeters, drawn, scale, *, count, reach):
    """Ask `count` positions near the edges of each perimeter, most of them at most `reach` units of the file off."""
    generator = np.random.default_rng(20260101)
    fine = [finer_perimeter(one, FINER) for one in drawn]
    where = np.vstack([positions_near(one, count, generator, reach=reach, finer=FINER) for one in drawn])
    truth = exact_truth(fine, where)
    accuracy_m = np.resize(ACCURACIES, len(where))
    lon, lat = where.T / (scale * FINER)
    table = qpv_geo.check_many(lon=lon, lat=lat, on="2025-06-01", accuracy_m=accuracy_m, perimeters=perimeters)
    status = table["status"].to_numpy()
    firm = np.isin(status, ["inside", "outside"])
    against = ((status == "inside") & (truth == -1)) | ((status == "outside") & (truth == 1))
    # a disc may be inside for 95 % though its centre is not: those, and some others, have their share measured
    measured = (against | (generator.random(len(where)) < MEASURED)) & firm & (accuracy_m > 0)
    radius_m = accuracy_m[measured] + perimeters.dataset.precision_m  # the disc of the decision
    share = exact_shares(fine, where[measured], radius_m, scale * FINER)
    wrong = against & (accuracy_m == 0)
    wrong[measured] = np.where(status[measured] == "inside", share < 0.95 - BLUR, share > 0.05 + BLUR)
    told = list(zip(lon[wrong], lat[wrong], accuracy_m[wrong], status[wrong], strict=True))
    return Asked(len(where), int(firm.sum()), told)


def exact_shares(drawn, centres, radius_m, per_degree):
    """Return the share of discs that is inside, of points spread evenly in them."""
    turn, far = np.arange(SPREAD) * np.pi * (3 - 5**0.5), np.sqrt((np.arange(SPREAD) + 0.5) / SPREAD)
    metres = per_degree / METRES_PER_DEGREE
    shrunk = np.cos(np.radians(centres[:, 1] / per_degree))
    x = centres[:, 0, None] + np.outer(radius_m / shrunk, far * np.cos(turn)) * metres
    y = centres[:, 1, None] + np.outer(radius_m, far * np.sin(turn)) * metres
    points = np.rint(np.stack([x.ravel(), y.ravel()], axis=1)).astype(np.int64)
    return (exact_truth(drawn, points).reshape(len(centres), SPREAD) >= 0).mean(1)


def exact_truth(drawn, where):
    """Tell for each whole-number point: 1 inside some perimeter, -1 outside all, 0 where the drawing is ambiguous."""
    inside, unknown = np.zeros(len(where), bool), np.zeros(len(where), bool)
    for one in drawn:
        low, high = one.edges[:, :2].min(0), one.edges[:, :2].max(0)
        near = np.flatnonzero(((where >= low) & (where <= high)).all(1))
        found = sides(one, where[near, 0], where[near, 1])
        inside[near] |= found == 1
        unknown[near] |= found == 0
    return np.where(inside, 1, np.where(unknown, 0, -1))


def test_the_oracle_knows_a_square_a_hole_and_a_bow_tie():
    def feature(*rings):
        return {"properties": {"code_qp": "X"}, "geometry": {"type": "Polygon", "coordinates": rings}}

    square = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
    hole = [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]]
    tie = [[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]
    twice = [*square, *square[1:]]
    (holed, bow, double) = exact_perimeters([feature(square, hole), feature(tie), feature(twice)], scale=1)
    x, y = np.array([1, 5, 10, 11, 4]), np.array([1, 5, 5, 5, 5])
    assert sides(holed, x, y).tolist() == [1, -1, 0, -1, 0]
    assert sides(bow, np.array([1, 9, 5, 5]), np.array([5, 5, 1, 9])).tolist() == [1, 1, -1, -1]
    assert sides(double, np.array([5]), np.array([5])).tolist() == [0]


@pytest.mark.more
def test_no_firm_answer_is_wrong_near_the_shipped_perimeters():
    drawn = list(exact_perimeters(read_features(data_folder() / "qpv-2024-poitiers-loos.geojson"), scale=10**6))
    count = COUNT // 10 // len(drawn) or 2_000
    asked = asked_near(qpv_geo.load_perimeters("qpv-2024"), drawn, 10**6, count=count, reach=1_000)
    assert asked.wrong == []
    assert asked.firm > asked.count / 5


@pytest.mark.more
def test_no_firm_answer_is_wrong_near_the_perimeters_of_the_nation(shared, national):
    path = shared / "boundaries" / "qpv-2024-france-4dec.geojson.gz"
    drawn = list(exact_perimeters(read_features(path), scale=10**4))
    asked = asked_near(national, drawn, 10**4, count=COUNT * 9 // 10 // len(drawn) or 8, reach=20)
    assert asked.wrong == []
    assert asked.firm > asked.count / 5
