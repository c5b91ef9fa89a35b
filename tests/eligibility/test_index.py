"""The index against shapely itself, and its promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
import shapely
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from synthetic import MAINLAND, ORIGIN, perimeters, point, square

import qpv_geo
from qpv_geo import crs
from qpv_geo.errors import InputError
from qpv_geo.perimeters.coverage import Coverage

HOLED = square(0, 0, 1000).difference(square(400, 400, 200))
FAR = square(5000, 5000, 300)
coordinates = st.floats(-1500, 1500, allow_nan=False)
corner = st.tuples(st.integers(-40, 40), st.integers(-40, 40))


@pytest.fixture(scope="module")
def index():
    made = qpv_geo.PerimeterIndex(perimeters(HOLED, FAR, square(1000, 0, 500)))
    made.prepare()  # the first questions are answered in another way
    return made


def many(points):
    places = [point(x, y) for x, y in points]
    return {"lon": [p["lon"] for p in places], "lat": [p["lat"] for p in places]}


@examples(80)
@given(x=coordinates, y=coordinates)
def test_locate_is_shapely_s_predicate_and_distance(index, x, y):
    position, distance_m = index.locate(**many([(x, y)]), horizon_m=np.inf)
    polygons = [HOLED, FAR, square(1000, 0, 500)]
    here = shapely.Point(ORIGIN[0] + x, ORIGIN[1] + y)
    edge = min(polygon.boundary.distance(here) for polygon in polygons)
    if edge < 1e-3:  # a millimetre from an edge, either answer is right
        return
    holds = [k for k, polygon in enumerate(polygons) if polygon.intersects(here)]
    assert position[0] == (holds[0] if holds else -1)
    assert distance_m[0] == pytest.approx(-edge if holds else edge, abs=1e-3)


@pytest.mark.parametrize(
    ("x", "y", "position", "distance_m"),
    [
        (100, 500, 0, -100),
        (500, 500, -1, 100),  # in the hole
        (-250, 500, -1, 250),
        (-999, 500, -1, 999),
        (-1001, 500, -1, np.inf),
        (1400, 250, 2, -100),
    ],
)
def test_distances_are_signed_metres_and_inf_beyond_the_horizon(index, x, y, position, distance_m):
    found, distance = index.locate(**many([(x, y)]))
    assert (found.dtype, distance.dtype) == (np.int32, np.float64)
    assert found[0] == position
    assert distance[0] == pytest.approx(distance_m, abs=1e-3)


def test_a_point_deep_inside_has_its_distance_however_short_the_horizon():
    deep = qpv_geo.PerimeterIndex(perimeters(square(0, 0, 10_000)))
    position, distance_m = deep.locate(**many([(5000, 5000)]), horizon_m=10.0)
    assert position[0] == 0
    assert distance_m[0] == pytest.approx(-5000, abs=0.01)


def test_many_points_at_once_are_each_located_as_if_alone(index):
    rng = np.random.default_rng(20240101)
    points = many(rng.uniform(-3000, 8000, (2000, 2)))
    position, distance_m = index.locate(**points)
    for k in range(0, 2000, 20):
        alone = index.locate(lon=points["lon"][k : k + 1], lat=points["lat"][k : k + 1])
        assert (position[k], distance_m[k]) == (alone[0][0], alone[1][0])


def test_more_points_than_a_block_come_back_in_order(index):
    rng = np.random.default_rng(7)
    x, y = rng.uniform(-500, 2000, (2, 50_000))
    lon, lat = shapely.get_coordinates(crs.unproject(shapely.points(ORIGIN[0] + x, ORIGIN[1] + y), MAINLAND)).T
    position, distance_m = index.locate(lon=lon, lat=lat)
    inside = [
        shapely.contains_xy(polygon, ORIGIN[0] + x, ORIGIN[1] + y) for polygon in (HOLED, FAR, square(1000, 0, 500))
    ]
    sure = np.abs(distance_m) > 0.01
    expected = np.select(inside, [0, 1, 2], -1)
    assert (position[sure] == expected[sure]).all()
    assert sure.sum() > 49_000


def test_an_index_is_shared_by_threads_from_its_first_question():
    """Before its cells are built, while one of the threads builds them, and after."""
    for _ in range(2):
        fresh = qpv_geo.PerimeterIndex(perimeters(*(square(1000 * k, 0, 900) for k in range(50))))
        orders = [[(k + j) % 50 for j in range(10)] for k in range(120)]
        asked = [many([(1000 * k + 450, 450) for k in order]) for order in orders]
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda places, index=fresh: index.locate(**places), asked))
        assert [position.tolist() for position, _ in found] == orders
        assert {round(one, 2) for _, distance in found for one in distance.tolist()} == {-450.0}


@pytest.mark.parametrize("horizon_m", [0, -1, float("nan")])
def test_a_horizon_is_positive(index, horizon_m):
    with pytest.raises(InputError, match="horizon invalide"):
        index.locate(lon=[0.3], lat=[46.5], horizon_m=horizon_m)


def test_as_many_longitudes_as_latitudes(index):
    with pytest.raises(InputError, match="2 longitudes pour 1 latitude ; donnez-en autant"):
        index.locate(lon=[0.3, 0.4], lat=[46.5])


def test_what_is_nowhere_in_france_is_held_by_nothing(index):
    position, distance_m = index.locate(lon=[-73.9, np.nan, 46.5], lat=[40.7, 46.5, 0.3])
    assert position.tolist() == [-1, -1, -1]
    assert np.isinf(distance_m).all()


def test_no_point_at_all(index):
    position, distance_m = index.locate(lon=[], lat=[])
    assert (len(position), len(distance_m)) == (0, 0)


def test_share_of_a_disc_cut_by_a_straight_edge_is_that_of_a_circular_segment(index):
    radius, distance = 100.0, 30.0
    segment = radius**2 * np.arccos(distance / radius) - distance * np.sqrt(radius**2 - distance**2)
    found = index.measure_points(**many([(0 - distance, 200)]), accuracy_m=radius)
    assert found.share[0] == pytest.approx(segment / (np.pi * radius**2), abs=5e-4)


def test_share_counts_ground_under_two_perimeters_once():
    overlapping = qpv_geo.PerimeterIndex(perimeters(square(0, 0, 1000), square(0, 0, 500)))
    found = overlapping.measure_points(**many([(0, 250)]), accuracy_m=100)
    assert found.share[0] == pytest.approx(0.5, abs=1e-3)
    assert found.overlaps.share.tolist() == pytest.approx([0.5, 0.5], abs=1e-3)


def test_a_disc_over_two_neighbours_is_inside():
    neighbours = qpv_geo.PerimeterIndex(perimeters(square(0, 0, 1000), square(1000, 0, 1000)))
    found = neighbours.measure_points(**many([(1000, 500)]), accuracy_m=100)
    assert found.share[0] == 1.0
    assert found.overlaps.share.tolist() == pytest.approx([0.5, 0.5], abs=1e-3)


@examples(40)
@given(
    x=st.floats(-300, 1300),
    y=st.floats(-300, 1300),
    accuracy_m=st.floats(0, 200),
    narrow=st.floats(0, 100),
    more=st.floats(0.1, 100),
)
def test_share_grows_with_the_perimeter(x, y, accuracy_m, narrow, more):
    small, large = (qpv_geo.PerimeterIndex(perimeters(HOLED.buffer(by))) for by in (narrow, narrow + more))
    place = many([(x, y)])
    share = [one.measure_points(**place, accuracy_m=accuracy_m).share[0] for one in (small, large)]
    assert share[0] <= share[1] + 1e-6


@examples(40)
@given(x=st.floats(-300, 1300), y=st.floats(-300, 1300), accuracy_m=st.floats(0, 500))
def test_share_is_the_area_of_the_intersection(x, y, accuracy_m):
    index = qpv_geo.PerimeterIndex(perimeters(HOLED, square(1000, 0, 500), precision_m=1.0))
    found = index.measure_points(**many([(x, y)]), accuracy_m=accuracy_m)
    disc = shapely.Point(ORIGIN[0] + x, ORIGIN[1] + y).buffer(accuracy_m + 1.0, quad_segs=200)
    exact = disc.intersection(HOLED.union(square(1000, 0, 500))).area / disc.area
    assert found.share[0] == pytest.approx(exact, abs=2e-3)
    assert found.radius_m[0] == pytest.approx(accuracy_m + 1.0)


def test_coverage_holds_the_whole_disc():
    box = crs.unproject(square(-1000, -1000, 3000), MAINLAND)
    index = qpv_geo.PerimeterIndex(perimeters(HOLED, coverage=Coverage(box)))
    places = many([(-900, 0), (-900, 0), (-1100, 0)])
    found = index.measure_points(**places, accuracy_m=[90.0, 110.0, 0.0])
    assert found.covered.tolist() == [True, False, False]


@cache
def prepared(complete, precision_m):
    where = {} if complete is None else {"coverage": Coverage(crs.unproject(square(-1000, -1000, complete), MAINLAND))}
    made = qpv_geo.PerimeterIndex(perimeters(HOLED, FAR, square(1000, 0, 500), precision_m=precision_m, **where))
    made.prepare()
    return made


@pytest.mark.parametrize(("complete", "precision_m"), [(None, 0.0), (3000, 0.0), (8000, 5.0)])
@examples(40)
@given(x=st.floats(-4000, 9000), y=st.floats(-4000, 9000), accuracy_m=st.one_of(st.just(0.0), st.floats(0, 3000)))
def test_a_point_measured_alone_is_measured_as_one_of_many(complete, precision_m, x, y, accuracy_m):
    index = prepared(complete, precision_m)
    alone = index.measure_each([(*point(x, y).values(), accuracy_m)])[0]
    places = many([(x, y), (200, 200)])
    assert alone == index.measure_points(**places, accuracy_m=accuracy_m, horizon_m=np.inf).each()[0]


@examples(40)
@given(st.lists(corner, min_size=3, max_size=3, unique=True), st.floats(-60, 60), st.floats(-60, 60))
def test_chains_of_edges_lose_no_edge(corners, x, y):
    triangle = shapely.Polygon([(ORIGIN[0] + a, ORIGIN[1] + b) for a, b in corners])
    if triangle.area < 1:
        return
    dense = shapely.segmentize(triangle, 0.7)
    _, distance_m = qpv_geo.PerimeterIndex(perimeters(dense)).locate(**many([(x, y)]), horizon_m=np.inf)
    here = shapely.Point(ORIGIN[0] + x, ORIGIN[1] + y)
    assert abs(distance_m[0]) == pytest.approx(triangle.boundary.distance(here), abs=1e-3)
