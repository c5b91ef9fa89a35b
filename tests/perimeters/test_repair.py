"""Repair, held to the even-odd rule, which is measured here without GEOS: by slabs between heights, ray by ray."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import shapely
from examples import LONG, examples
from hypothesis import assume, given
from hypothesis import strategies as st

from qpv_geo.perimeters.formats import read_layer
from qpv_geo.perimeters.repair import repair

SHELL = [(0, 0), (12, 0), (12, 12), (0, 12)]
corner = st.tuples(st.integers(-12, 12), st.integers(-12, 12))
ring = st.lists(corner, min_size=3, max_size=12)
OFFSETS = (math.sqrt(2) / 3, math.pi / 7)
"""What makes a point of no edge between points of whole coordinates."""


def edges(geometry):
    """The edges of every ring, shape ``(n, 4)``: x and y of one end, then of the other."""
    rings = [shapely.get_coordinates(one) for one in shapely.get_rings(shapely.get_parts(geometry))]
    return np.vstack([np.hstack([points[:-1], points[1:]]) for points in rings])


def crossings(segments, y):
    """Where a horizontal line that goes through no end of a segment meets the segments, in increasing order."""
    x0, y0, x1, y1 = segments[(segments[:, 1] > y) != (segments[:, 3] > y)].T
    return np.sort(x0 + (y - y0) * (x1 - x0) / (y1 - y0))


def even_odd_area(geometry):
    """The area inside an odd number of rings: between two heights where edges meet, it is a sum of trapezia."""
    segments = edges(geometry)
    segments = segments - np.tile(segments[0, :2], 2)
    x, y = segments[:, 0], segments[:, 1]
    dx, dy = segments[:, 2] - x, segments[:, 3] - y
    a, b = np.triu_indices(len(segments), 1)
    turn = dx[a] * dy[b] - dy[a] * dx[b]
    a, b, turn = a[turn != 0], b[turn != 0], turn[turn != 0]
    along_a = ((x[b] - x[a]) * dy[b] - (y[b] - y[a]) * dx[b]) / turn
    along_b = ((x[b] - x[a]) * dy[a] - (y[b] - y[a]) * dx[a]) / turn
    met = (along_a > 0) & (along_a < 1) & (along_b > 0) & (along_b < 1)
    heights = np.unique(np.concatenate([y, (y[a] + along_a * dy[a])[met]]))
    area = 0.0
    for low, high in pairwise(heights):
        at = crossings(segments, (low + high) / 2)
        area += (high - low) * (at[1::2] - at[::2]).sum()
    return area


def are_inside(geometry, x, y):
    """Whether the points of each `x` at the height `y` are inside an odd number of rings."""
    return np.searchsorted(crossings(edges(geometry), y), x) % 2 == 1


def repaired(geometry):
    """The one geometry, repaired, and whether it had to be."""
    given_, before = np.array([geometry], dtype=object), geometry.wkb
    found, changed = repair(given_)
    assert given_[0].wkb == before  # what was read is left as it was
    assert shapely.is_valid(found[0])
    assert found[0].geom_type in {"Polygon", "MultiPolygon"}
    return found[0], bool(changed[0])


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        (shapely.box(0, 0, 12, 5), 60),
        (shapely.Polygon(SHELL, [[(2, 2), (4, 2), (4, 4)]]), 142),
        (shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)]), 8),  # two triangles of base 4 and height 2
        (shapely.MultiPolygon([shapely.box(0, 0, 3, 3), shapely.box(1, 1, 4, 4)]), 10),  # twice 9, less twice 4
    ],
)
def test_the_measure_of_these_tests_is_right(shape, area):
    assert even_odd_area(shape) == pytest.approx(area)


@pytest.mark.parametrize(
    ("shape", "area", "parts", "holes"),
    [
        pytest.param(shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)]), 8, 2, 0, id="bow-tie"),
        pytest.param(
            shapely.Polygon([(0, 0), (6, 6), (12, 0), (12, 12), (6, 6), (0, 12)], [[(1, 4), (3, 4), (3, 8), (1, 8)]]),
            72 - 8, 2, 1, id="figure-eight with a hole in a lobe",
        ),
        pytest.param(
            shapely.Polygon([(0, 0), (12, 0), (12, 12), (6, 12), (4, 6), (8, 6), (6, 12), (0, 12)]),
            144 - 12, 1, 1, id="a ring that touches itself at a corner, around a hole",
        ),
        pytest.param(
            shapely.Polygon([(0, 0), (12, 0), (12, 4), (6, 6), (12, 8), (12, 12), (0, 12), (0, 8), (6, 6), (0, 4)]),
            144 - 24, 2, 0, id="a ring that touches itself at a corner, between two lobes",
        ),
        pytest.param(
            shapely.Polygon([(0, 0), (12, 0), (12, 12), (6, 12), (6, 6), (6, 12), (0, 12)]),
            144, 1, 0, id="a spike inwards",
        ),
        pytest.param(
            shapely.Polygon([(0, 0), (12, 0), (12, 12), (6, 12), (6, 20), (6, 12), (0, 12)]),
            144, 1, 0, id="a spike outwards",
        ),
        pytest.param(
            shapely.Polygon(SHELL, [[(0, 3), (3, 3), (3, 6), (0, 6)]]),
            144 - 9, 1, 0, id="a hole along an edge of the shell",
        ),
        pytest.param(
            shapely.Polygon(SHELL, [[(2, 2), (5, 2), (5, 5), (2, 5)], [(5, 2), (8, 2), (8, 5), (5, 5)]]),
            144 - 18, 1, 1, id="two holes along each other",
        ),
        pytest.param(
            shapely.Polygon(SHELL, [[(20, 20), (23, 20), (23, 23), (20, 23)]]), 144 + 9, 2, 0, id="a hole outside"
        ),
        pytest.param(
            shapely.Polygon([(0, 0), (9, 0), (9, 6), (3, 6), (3, 3), (6, 3), (6, 9), (0, 9)]),
            81 - 9 - 9, 1, 1, id="a ring that crosses itself over a lobe",
        ),
        pytest.param(
            shapely.MultiPolygon([shapely.box(0, 0, 6, 6), shapely.box(6, 0, 12, 6)]), 72, 1, 0, id="parts side by side"
        ),
        pytest.param(
            shapely.MultiPolygon([shapely.box(0, 0, 6, 6), shapely.box(0, 0, 6, 6), shapely.box(8, 0, 12, 4)]),
            36 + 16, 2, 0, id="a part given twice",
        ),
        pytest.param(
            shapely.MultiPolygon([shapely.Polygon([(0, 0), (5, 0), (9, 0)]), shapely.box(20, 20, 23, 23)]),
            9, 1, 0, id="a collapsed part beside a sound one",
        ),
        pytest.param(shapely.Polygon([(0, 0), (5, 0), (9, 0)]), 0, 0, 0, id="a collapsed ring"),
        pytest.param(shapely.Polygon([(0, 0), (5, 5), (9, 9), (5, 5)]), 0, 0, 0, id="there and back"),
        pytest.param(shapely.Polygon([(1, 1), (1, 1), (1, 1)]), 0, 0, 0, id="a single point"),
    ],
)  # fmt: skip
def test_no_lobe_and_no_hole_is_lost(shape, area, parts, holes):
    found, changed = repaired(shape)
    assert changed
    assert found.area == pytest.approx(area)
    assert shapely.get_num_geometries(found) == parts
    assert shapely.get_num_interior_rings(shapely.get_parts(found)).sum() == holes


def test_what_has_no_area_becomes_an_empty_multipolygon():
    found, _ = repaired(shapely.Polygon([(0, 0), (5, 0), (9, 0)]))
    assert found.geom_type == "MultiPolygon"
    assert found.is_empty


@examples(40, of=150)
@given(points=ring)
def test_a_ring_that_crosses_itself_keeps_its_even_odd_area(points):
    shape = shapely.Polygon(points)
    found, changed = repaired(shape)
    assert changed != shapely.is_valid(shape)
    assert found.area == pytest.approx(even_odd_area(shape), rel=1e-9, abs=1e-9)


@examples(20, of=80)
@given(shell=ring, hole=ring, other=ring)
def test_several_rings_keep_their_even_odd_area_and_each_place_its_side(shell, hole, other):
    shape = shapely.MultiPolygon([shapely.Polygon(shell, [hole]), shapely.Polygon(other)])
    parts = shapely.normalize(shapely.get_parts(shape))
    assume(not parts[0].equals_exact(parts[1]))
    found, _ = repaired(shape)
    assert found.area == pytest.approx(even_odd_area(shape), rel=1e-9, abs=1e-9)
    x = np.arange(-12, 12) + OFFSETS[0]
    for y in np.arange(-12, 12, 3) + OFFSETS[1]:
        assert (shapely.contains_xy(found, x, y) == are_inside(shape, x, y)).all()


def test_a_sound_geometry_is_the_very_one_that_was_given():
    sound = shapely.MultiPolygon([shapely.Polygon(SHELL, [[(2, 2), (4, 2), (4, 4)]]), shapely.box(20, 0, 30, 10)])
    bow_tie = shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)])
    found, changed = repair(np.array([sound, bow_tie], dtype=object))
    assert changed.tolist() == [False, True]
    assert found[0] is sound


def test_nothing_to_repair_is_nothing():
    found, changed = repair(np.empty(0, dtype=object))
    assert (len(found), len(changed)) == (0, 0)


def counts(geometry):
    """How many parts, rings and points each geometry has, shape ``(3, n)``."""
    parts, owner = shapely.get_parts(geometry, return_index=True)
    rings = np.bincount(owner, weights=shapely.get_num_interior_rings(parts) + 1, minlength=len(geometry))
    return np.array([shapely.get_num_geometries(geometry), rings, shapely.get_num_coordinates(geometry)])


NATIONAL = "qpv-2024-france-4dec.geojson.gz"


@pytest.fixture(scope="module")
def published(shared):
    """Read a published file and repair it, once: as it was read, as it was repaired, and what was changed."""

    @cache
    def of(file):
        read = read_layer(shared / "boundaries" / file).geometry
        return read, *repair(read)

    return of


@pytest.mark.more
@pytest.mark.parametrize(("file", "invalid"), [(NATIONAL, 586), ("qpv-2015-mel.geojson", 1)])
def test_published_perimeters_keep_their_even_odd_area(published, file, invalid):
    read, found, changed = published(file)
    assert int(changed.sum()) == invalid
    assert shapely.is_valid(found).all()
    some = np.flatnonzero(changed)[:: 1 if LONG else 12]
    expected = np.array([even_odd_area(one) for one in read[some]])
    assert (np.abs(shapely.area(found[some]) - expected) <= 1e-9 * expected).all()
    assert (counts(found[~changed]) == counts(read[~changed])).all()
    assert (shapely.to_wkb(found[~changed]) == shapely.to_wkb(read[~changed])).all()


def test_the_perimeters_that_answer_are_those_that_repair_gives(published, national):
    _, found, _ = published(NATIONAL)
    assert (shapely.to_wkb(national.geometry) == shapely.to_wkb(found)).all()
