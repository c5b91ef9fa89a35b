"""The nearest edge: the same answer for one point, for many, and by comparing with every outline."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo import crs
from qpv_geo.eligibility.edges import Edges

MAINLAND = crs.TERRITORIES[0]
HORIZONS = [np.inf, 1000.0, 20.0]
CORNERS = np.mgrid[-300:300:10, -300:300:10].reshape(2, -1).T
"""3,600 points, many of them on the edges of squares of whole metres, or as far from one as from another."""

cell = st.tuples(st.integers(-4, 3), st.integers(-4, 3), st.integers(1, 3))


def square(column, row, cells):
    """A square on a grid of 50 m, so that neighbours share edges and corners, and some lie on others."""
    return shapely.box(50 * column, 50 * row, 50 * (column + cells), 50 * (row + cells))


def edges(polygons):
    return Edges(np.array(polygons, dtype=object), np.arange(10, 10 + len(polygons), dtype=np.int32))


def by_every_outline(polygons, points, horizon_m):
    distance_m = np.array([shapely.distance(points, polygon.boundary) for polygon in polygons])
    row, nearest = distance_m.argmin(axis=0) + 10, distance_m.min(axis=0)
    return np.where(nearest <= horizon_m, nearest, np.inf), np.where(nearest <= horizon_m, row, -1)


@pytest.mark.parametrize("horizon_m", HORIZONS)
@examples(30)
@given(cells=st.lists(cell, min_size=1, max_size=6))
def test_many_points_have_the_nearest_edge_and_the_lowest_row_that_has_it(horizon_m, cells):
    polygons = [square(*one) for one in cells]
    points = shapely.points(CORNERS)
    distance_m, row = edges(polygons).nearest(points, horizon_m)
    expected_m, expected = by_every_outline(polygons, points, horizon_m)
    np.testing.assert_array_equal(distance_m, expected_m)
    np.testing.assert_array_equal(row, expected)


@pytest.mark.parametrize("points_of_a_quarter", [4, 32])
def test_a_long_straight_edge_is_nearest_though_a_finely_drawn_outline_has_all_the_nearest_points(points_of_a_quarter):
    fine = shapely.Point(12.5, -41).buffer(1, quad_segs=points_of_a_quarter)
    polygons = [fine, square(0, 0, 8)]
    points = shapely.points(np.random.default_rng(8).uniform((0, -30), (25, -10), (6_000, 2)))
    distance_m, row = edges(polygons).nearest(points, np.inf)
    expected_m, expected = by_every_outline(polygons, points, np.inf)
    np.testing.assert_array_equal(distance_m, expected_m)
    np.testing.assert_array_equal(row, expected)


@examples(50)
@given(cells=st.lists(cell, min_size=1, max_size=6), at=st.tuples(*[st.floats(-400, 400)] * 2))
def test_one_point_has_the_nearest_edge_and_the_lowest_row_that_has_it(cells, at):
    polygons = [square(*one) for one in cells]
    point = shapely.points([at])
    distance_m, row = edges(polygons).nearest(point, np.inf)
    expected_m, expected = by_every_outline(polygons, point, np.inf)
    assert (distance_m[0], row[0]) == (expected_m[0], expected[0])


@pytest.mark.shared
@pytest.mark.parametrize("horizon_m", HORIZONS)
def test_chains_give_what_whole_outlines_give_on_the_national_perimeters(national, horizon_m):
    bounds = shapely.bounds(national.geometry)
    mainland = crs.territory_index(lon=bounds[:, 0], lat=bounds[:, 1]) == 0
    polygons, rng = crs.project(national.geometry[mainland], MAINLAND), np.random.default_rng(86194)
    around = shapely.bounds(polygons)[rng.integers(0, len(polygons), 5_000)]
    near = rng.uniform(around[:, :2] - 500, around[:, 2:] + 500)
    corners = rng.choice(shapely.get_coordinates(polygons), 1_000)
    anywhere = rng.uniform((100_000, 6_100_000), (1_200_000, 7_100_000), (3_000, 2))
    points = shapely.points(np.concatenate([near, corners, anywhere]))
    distance_m, row = edges(polygons).nearest(points, horizon_m)
    (item, outline), expected_m = shapely.STRtree(shapely.boundary(polygons)).query_nearest(
        points, return_distance=True
    )
    expected_m = expected_m[np.searchsorted(item, np.arange(len(points)))]  # the same for each that is nearest
    expected = np.full(len(points), len(polygons))
    np.minimum.at(expected, item, outline)
    within = expected_m <= horizon_m
    np.testing.assert_array_equal(distance_m, np.where(within, expected_m, np.inf))
    np.testing.assert_array_equal(row, np.where(within, expected + 10, -1))


def test_without_polygons_nothing_is_near():
    distance_m, row = edges([]).nearest(shapely.points([[0.0, 0.0]]), np.inf)
    assert (distance_m[0], row[0]) == (np.inf, -1)


def test_a_site_has_the_edge_nearest_to_any_part_of_it():
    site = np.array([shapely.LineString([(0, -30), (0, -10), (400, -70)])], dtype=object)
    distance_m, row = edges([square(4, 0, 1), square(0, 0, 1)]).nearest(site, np.inf)
    assert (distance_m[0], row[0]) == (10.0, 11)
