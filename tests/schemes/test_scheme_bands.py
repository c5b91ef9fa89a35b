"""Distances from perimeters: what is measured, and what it proves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
import shapely.affinity
from examples import examples
from hypothesis import example, given
from hypothesis import strategies as st
from synthetic import LOOS_BOX, degrees, perimeters, point, square

from qpv_geo.eligibility.bands import TOLERANCE_M, Band, Cause, Reach, Result, decide_band, farthest, reach
from qpv_geo.eligibility.location import point_place, site_place
from qpv_geo.perimeters.coverage import coverage_from_json

KILOMETRE = perimeters(square(0, 0, 1000))
ENTIRELY_300 = Band(300, entirely=True)
SOME_300 = Band(300)
NPNRU = Band(500, entirely=True, partly_within_m=300)


def site(geometry):
    return site_place(degrees(geometry))


def measured(geometry, sets=KILOMETRE, band=ENTIRELY_300):
    return reach(sets, range(len(sets)), site(geometry), band)


def at(x, y=500, accuracy_m=0.0, sets=KILOMETRE, band=ENTIRELY_300):
    return reach(sets, range(len(sets)), point_place(**point(x, y), accuracy_m=accuracy_m), band)


def footprint(near, far):
    """A building 20 m wide, from `near` to `far` metres east of the square."""
    return shapely.box(*(np.array([501_000 + near, 6_600_490, 501_000 + far, 6_600_510], float)))


def test_the_nearest_and_the_farthest_point_of_a_footprint():
    found = measured(footprint(280, 299))
    assert found.nearest_m == pytest.approx(280, abs=0.01)
    assert found.farthest_m == pytest.approx(299, abs=0.06)


def test_a_place_inside_is_at_no_distance():
    assert at(500).nearest_m == 0
    assert measured(square(100, 100, 50)).farthest_m == 0


def test_a_site_inside_two_perimeters_together_is_at_no_distance():
    """Nor is it searched, in squares without number: what is inside is left out."""
    two = perimeters(square(0, 0, 1000), square(1000, 0, 1000))
    assert measured(square(800, 300, 400), sets=two).farthest_m == pytest.approx(0, abs=TOLERANCE_M + 0.01)
    assert measured(square(800, -0.1, 400), sets=two).farthest_m == pytest.approx(0.1, abs=TOLERANCE_M + 0.01)


@pytest.mark.parametrize(
    ("near", "far", "entirely", "some", "npnru"),
    [
        (280, 299, "met", "met", "met"),
        (280, 301, "not_met", "met", "met"),
        (299, 320, "not_met", "met", "met"),
        (301, 320, "not_met", "not_met", "in_doubt"),  # the ensemble that it is a part of may come nearer
        (280, 499, "not_met", "met", "met"),
        (280, 501, "not_met", "met", "not_met"),
        (501, 520, "not_met", "not_met", "not_met"),
        (-40, -20, "met", "met", "met"),
        (-20, 299, "met", "met", "met"),  # across the limit of the perimeter
        (-20, 301, "not_met", "met", "met"),
        (-20, 501, "not_met", "met", "not_met"),
    ],
)
def test_what_a_footprint_proves(near, far, entirely, some, npnru):
    found = [
        decide_band(measured(footprint(near, far), band=band), band)[0] for band in (ENTIRELY_300, SOME_300, NPNRU)
    ]
    assert found == [entirely, some, npnru]


@pytest.mark.parametrize(
    ("x", "accuracy", "entirely", "some"),
    [
        (1299, 0, (Result.IN_DOUBT, Cause.POINT), (Result.MET, Cause.CLEAR)),
        (1301, 0, (Result.NOT_MET, Cause.CLEAR), (Result.NOT_MET, Cause.CLEAR)),
        (1310, 20, (Result.IN_DOUBT, Cause.POINT), (Result.IN_DOUBT, Cause.MARGIN)),
        (1321, 20, (Result.NOT_MET, Cause.CLEAR), (Result.NOT_MET, Cause.CLEAR)),
        (1290, 20, (Result.IN_DOUBT, Cause.POINT), (Result.IN_DOUBT, Cause.MARGIN)),
        (1279, 20, (Result.IN_DOUBT, Cause.POINT), (Result.MET, Cause.CLEAR)),
        (500, 0, (Result.IN_DOUBT, Cause.POINT), (Result.MET, Cause.CLEAR)),
    ],
)
def test_a_point_never_proves_that_a_footprint_is_entirely_within(x, accuracy, entirely, some):
    found = at(x, accuracy_m=accuracy)
    assert (decide_band(found, ENTIRELY_300), decide_band(found, SOME_300)) == (entirely, some)


def test_the_precision_of_perimeters_is_a_doubt_around_the_distance_alone():
    blurred = perimeters(square(0, 0, 1000), precision_m=6.0)
    answers = [decide_band(at(1000 + x, sets=blurred), SOME_300)[0].value for x in (3, 293, 297, 303, 307)]
    assert answers == ["met", "met", "in_doubt", "in_doubt", "not_met"]


def test_lines_and_several_points_have_no_footprint():
    line = degrees(shapely.LineString([(501_010, 6_600_500), (501_020, 6_600_500)]))
    found = reach(KILOMETRE, [0], site_place(line), ENTIRELY_300)
    assert found.farthest_m is None
    assert decide_band(found, ENTIRELY_300) == (Result.IN_DOUBT, Cause.POINT)


def test_only_the_perimeters_named_count():
    two = perimeters(square(0, 0, 1000), square(1200, 0, 1000))
    place = point_place(**point(1100, 500), accuracy_m=0.0)
    assert reach(two, [0], place, SOME_300).nearest_m == pytest.approx(100, abs=0.01)
    assert reach(two, [1], place, SOME_300).nearest_m == pytest.approx(100, abs=0.01)
    assert reach(two, [], place, SOME_300).nearest_m == np.inf


def test_beyond_what_is_known_no_distance_is_a_no():
    partial = replace(KILOMETRE, coverage=coverage_from_json([LOOS_BOX]))
    assert decide_band(at(1400, sets=partial), SOME_300) == (Result.IN_DOUBT, Cause.NOT_COVERED)
    assert decide_band(at(1200, sets=partial), SOME_300) == (Result.MET, Cause.CLEAR)


def test_the_band_must_be_covered_and_not_the_place_alone():
    here = point(2000, 500)
    box = (here["lon"] - 0.001, here["lat"] - 0.001, here["lon"] + 0.001, here["lat"] + 0.001)
    small = replace(KILOMETRE, coverage=coverage_from_json([box]))
    assert decide_band(at(2000, sets=small), SOME_300) == (Result.IN_DOUBT, Cause.NOT_COVERED)


def test_the_farthest_point_may_be_in_the_middle_of_a_footprint():
    """Between two perimeters, the corners of the footprint are nearer to them than its middle."""
    two = perimeters(square(0, 0, 1000), square(2000, 0, 1000))
    found = measured(shapely.box(501_100, 6_600_400, 501_900, 6_600_600), sets=two)
    assert found.farthest_m == pytest.approx(500, abs=TOLERANCE_M + 0.01)


coordinates = st.floats(-400, 400)


@examples(20, of=40)
@given(
    st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=7),
    st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=4),
)
def test_no_point_of_a_footprint_is_farther_than_said(corners, targets):
    hull = shapely.convex_hull(shapely.MultiPoint(corners))
    if hull.area < 1:
        hull = hull.buffer(1)
    goal = shapely.MultiPoint(targets)
    said = farthest(hull, lambda points: shapely.distance(shapely.points(points), goal))
    left, bottom, right, top = hull.bounds
    x, y = (grid.ravel() for grid in np.meshgrid(np.linspace(left, right, 40), np.linspace(bottom, top, 40)))
    inside = shapely.intersects_xy(hull, x, y)
    samples = np.concatenate([shapely.points(x[inside], y[inside]), shapely.points(shapely.get_coordinates(hull))])
    assert shapely.distance(samples, goal).max() <= said + TOLERANCE_M
    beyond = hull.difference(goal.buffer(said - 0.5, quad_segs=64))
    assert not beyond.is_empty


metres = st.integers(-1500, 1500)


@examples(20, of=40)
@example([(-1500, -500, 1000), (500, -500, 1000)], (0, 0), [(-410, 0), (410, 0), (0, 1)])  # farthest in its middle
@given(
    st.lists(st.tuples(metres, metres, st.integers(10, 900)), min_size=1, max_size=6),
    st.tuples(metres, metres),
    st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=7),
)
def test_a_site_is_measured_as_by_searching_all_of_it(squares, middle, corners):
    """Most sites face a single point of a perimeter, and need no search."""
    hull = shapely.affinity.translate(shapely.convex_hull(shapely.MultiPoint(corners)).buffer(5), *middle)
    ground = shapely.affinity.translate(hull, 500_000, 6_600_000)
    goal = shapely.union_all([shapely.box(x, y, x + side, y + side) for x, y, side in squares])
    hull = hull.difference(goal)
    searched = 0.0 if hull.is_empty else farthest(hull, lambda points: shapely.distance(shapely.points(points), goal))
    found = measured(ground, sets=perimeters(*(square(*one) for one in squares)))
    assert found.farthest_m == pytest.approx(searched, abs=TOLERANCE_M + 0.01)


@given(st.floats(0, 1000), st.floats(0, 200), st.floats(0, 50))
def test_more_margin_never_turns_a_doubt_into_an_answer(nearest, depth, margin):
    sure = Reach(nearest, nearest + depth, margin, covered=True)
    less = replace(sure, margin_m=margin + 10)
    for band in (SOME_300, ENTIRELY_300, NPNRU):
        before, after = decide_band(sure, band)[0], decide_band(less, band)[0]
        assert after in {before, Result.IN_DOUBT}
