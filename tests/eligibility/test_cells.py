"""Looking points up in cells: one by one, in arrays and compiled, as by comparing with every outline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from examples import LONG, examples
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity
from synthetic import perimeters
from synthetic import square as distant

import qpv_geo
from qpv_geo import crs
from qpv_geo.eligibility.cell_building import build
from qpv_geo.eligibility.cell_search import CellSearch
from qpv_geo.eligibility.cells import EXACT, SEVERAL, SIMPLE, compiled_search
from qpv_geo.eligibility.outlines import outlines
from qpv_geo.perimeters.catalogue import Catalogue

OVERSEAS = [one.id for one in crs.TERRITORIES].index("reunion")
BOUNDS = (-100_000.0, -100_000.0, 100_000.0, 100_000.0)
CORNERS = np.mgrid[-300:300:10, -300:300:10].reshape(2, -1).astype(float)
"""3,600 points, many of them on the edges of squares of whole metres, or as far from one as from another."""

cell = st.tuples(st.integers(-4, 3), st.integers(-4, 3), st.integers(1, 3))


def square(column, row, cells):
    """A square on a grid of 50 m, so that neighbours share edges and corners, and some lie on others."""
    return shapely.box(50 * column, 50 * row, 50 * (column + cells), 50 * (row + cells))


def searched(polygons):
    polygons = np.array(polygons, dtype=object)
    rows = np.arange(10, 10 + len(polygons), dtype=np.int32)
    return CellSearch(build(outlines(polygons, rows), BOUNDS))


def by_every_outline(polygons, x, y):
    distance_m = np.array([shapely.distance(shapely.points(x, y), polygon.boundary) for polygon in polygons])
    return distance_m.min(axis=0), distance_m.argmin(axis=0) + 10


def assert_distances(found, expected_m):
    """Distances are negative where a perimeter is known to hold the point, and have no sign where that is not known."""
    position, distance_m, _, how = found
    inside = (position >= 0) & (how != EXACT)
    np.testing.assert_array_equal(distance_m, np.where(inside, -expected_m, expected_m))


def held_by_every_polygon(polygons, x, y):
    item, row = np.nonzero([shapely.intersects_xy(polygon, x, y) for polygon in polygons])[::-1]
    order = np.lexsort((row, item))
    return item[order], row[order] + 10


def compiled(search, x, y, horizon_m=np.inf):
    pytest.importorskip("numba")
    position, nearest = np.empty(len(x), dtype=np.int32), np.empty(len(x), dtype=np.int32)
    distance_m, how = np.empty(len(x)), np.empty(len(x), dtype=np.uint8)
    compiled_search()(search.cells, x, y, horizon_m, position, distance_m, nearest, how)
    return position, distance_m, nearest, how


def assert_same(one, other):
    """Two ways say the same to the last bit, but for the holders that only exact arithmetic tells."""
    assert (one[0] == other[0])[one[3] != EXACT].all()
    for k in (1, 2, 3):
        np.testing.assert_array_equal(one[k], other[k])


@examples(30)
@given(cells=st.lists(cell, min_size=1, max_size=6))
def test_many_points_have_the_nearest_edge_and_the_lowest_row_that_has_it(cells):
    polygons = [square(*one) for one in cells]
    x, y = CORNERS
    found = searched(polygons).many(x, y, np.inf)
    expected_m, expected = by_every_outline(polygons, x, y)
    assert_distances(found, expected_m)
    np.testing.assert_array_equal(found[2], expected)


@examples(30)
@given(cells=st.lists(cell, min_size=1, max_size=6), turn=st.floats(0, 90))
def test_points_have_all_the_perimeters_that_hold_them(cells, turn):
    polygons = [affinity.rotate(square(*one), turn, origin=(7, 3)) for one in cells]
    x, y = CORNERS
    search = searched(polygons)
    position, _, _, how = search.many(x, y, np.inf)
    item, row = held_by_every_polygon(polygons, x, y)
    sure = np.flatnonzero(how != EXACT)
    found = search.held_rows(x[sure], y[sure])
    wanted = np.isin(item, sure)
    assert (sure[found[0]].tolist(), found[1].tolist()) == (item[wanted].tolist(), row[wanted].tolist())
    lowest = np.full(len(x), -1)
    lowest[item[::-1]] = row[::-1]
    assert (position == lowest)[sure].all()
    several = np.bincount(item, minlength=len(x)) > 1
    assert ((how == SEVERAL) == several)[sure].all()


@pytest.mark.parametrize("points_of_a_quarter", [4, 32])
def test_a_long_straight_edge_is_nearest_though_a_finely_drawn_outline_has_all_the_nearest_points(points_of_a_quarter):
    fine = shapely.Point(12.5, -41).buffer(1, quad_segs=points_of_a_quarter)
    polygons = [fine, square(0, 0, 8)]
    x, y = np.random.default_rng(8).uniform((0, -30), (25, -10), (6_000, 2)).T
    found = searched(polygons).many(x, y, np.inf)
    expected_m, expected = by_every_outline(polygons, x, y)
    assert_distances(found, expected_m)
    np.testing.assert_array_equal(found[2], expected)


def points_on(search, count, seed):
    """Points anywhere, near edges, and on vertices."""
    rng = np.random.default_rng(seed)
    corners = rng.choice(search.cells.vertex.reshape(-1, 2), count)
    near = corners + rng.normal(size=(count, 2)) * 10 ** rng.uniform(-9, 4, (count, 1))
    return np.concatenate([near, corners[: count // 10]]).T


@examples(12, of=20)
@given(cells=st.lists(cell, min_size=1, max_size=6), seed=st.integers(0, 99), horizon_m=st.sampled_from([20.0, np.inf]))
def test_one_by_one_in_arrays_and_compiled_points_have_the_same_answers(cells, seed, horizon_m):
    search = searched([square(*one) for one in cells])
    x, y = points_on(search, 200, seed)
    many = search.many(x, y, horizon_m)
    assert_same(many, compiled(search, x, y, horizon_m))
    alone = zip(*(search.one(*point, horizon_m) for point in zip(x.tolist(), y.tolist(), strict=True)), strict=True)
    assert_same(many, tuple(np.array(values) for values in alone))


@pytest.mark.shared
def test_cells_give_what_whole_outlines_give_on_the_national_perimeters(national):
    bounds = shapely.bounds(national.geometry)
    rows = np.flatnonzero(crs.territory_index(lon=bounds[:, 0], lat=bounds[:, 1]) == OVERSEAS).astype(np.int32)
    polygons = crs.project(national.geometry[rows], crs.TERRITORIES[OVERSEAS])
    left, bottom, right, top = shapely.total_bounds(polygons)
    search = CellSearch(build(outlines(polygons, rows), (left - 1e5, bottom - 1e5, right + 1e5, top + 1e5)))
    x, y = points_on(search, 5_000, 974)
    position, distance_m, nearest, how = search.many(x, y, np.inf)
    item, polygon = shapely.STRtree(shapely.boundary(polygons)).query_nearest(shapely.points(x, y))
    expected = np.full(len(x), np.iinfo(np.int32).max)
    np.minimum.at(expected, item, rows[polygon])
    np.testing.assert_array_equal(nearest, expected)
    at = np.searchsorted(rows, expected)
    found = position, distance_m, nearest, how
    assert_distances(found, shapely.distance(shapely.points(x, y), shapely.boundary(polygons[at])))
    assert_same(found, compiled(search, x, y))
    sure = np.flatnonzero(how != EXACT)
    item, row = search.held_rows(x[sure], y[sure])
    points = shapely.points(x[sure], y[sure])
    expected_item, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
    assert sorted(zip(item, row, strict=True)) == sorted(zip(expected_item, rows[polygon], strict=True))
    assert len(sure) > len(x) / 2


def test_without_polygons_nothing_is_near():
    position, distance_m, nearest, how = searched([]).many(*CORNERS, np.inf)
    assert (set(position), set(nearest), set(how)) == ({-1}, {-1}, {SIMPLE})
    assert np.isinf(distance_m).all()


@pytest.mark.more
@pytest.mark.parametrize("count", [1_000, 4_000] if LONG else [500, 2_000])
def test_finely_drawn_lines_and_circles_need_few_cells(count):
    """The places nearest to their edges are thin strips that go on forever."""
    line = shapely.segmentize(shapely.box(0, 0, 1000, 10), 2000 / count)
    circle = shapely.Point(0, 5000).buffer(500, quad_segs=count // 4)
    search = searched([line, circle])
    assert len(search.cells.level) < 80 * count
    x, y = points_on(search, 500, count)
    assert_distances(search.many(x, y, np.inf), by_every_outline([line, circle], x, y)[0])


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def installed(catalogue):
    catalogue.store.install(perimeters(*(distant(1000 * k, 0, 900) for k in range(5)), name="qpv-2024"))
    return catalogue


def read(catalogue):
    """The set, as another process would read it."""
    return Catalogue(catalogue.store.folder.parent).load(catalogue.find("qpv-2024"))


def located(one):
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform((0.28, 46.4), (0.4, 46.6), (1_000, 2)).T
    return [values.tolist() for values in qpv_geo.PerimeterIndex(one).locate(lon=lon, lat=lat, horizon_m=np.inf)]


def test_cells_of_an_installed_set_are_kept_beside_it_and_used(installed):
    one = read(installed)
    built = located(one)
    [file] = installed.store.folder.glob("*.metropole.npy")
    written = file.stat().st_mtime_ns
    assert located(read(installed)) == built
    assert file.stat().st_mtime_ns == written
    assert located(replace(one, file=None)) == built


@pytest.mark.parametrize("where", [0, 200, -1000])
def test_altered_cells_are_built_again(installed, where):
    built = located(read(installed))
    [file] = installed.store.folder.glob("*.metropole.npy")
    content = bytearray(file.read_bytes())
    content[where] ^= 0xFF
    file.write_bytes(content)
    assert located(read(installed)) == built
    assert file.read_bytes() != bytes(content)


def test_cells_of_other_perimeters_are_not_used(installed):
    former = located(read(installed))
    [file] = installed.store.folder.glob("*.metropole.npy")
    content = file.read_bytes()
    moved = perimeters(*(distant(1000 * k, 300, 900) for k in range(5)), name="qpv-2024")
    installed.store.install(moved)
    one = read(installed)
    assert not file.exists()
    one.file.path.with_suffix(".metropole.npy").write_bytes(content)
    assert located(one) == located(moved) != former


def test_cut_short_cells_are_built_again(installed):
    built = located(read(installed))
    [file] = installed.store.folder.glob("*.metropole.npy")
    file.write_bytes(file.read_bytes()[:500])
    assert located(read(installed)) == built


def test_a_home_that_cannot_be_written_answers_all_the_same(installed):
    one = read(installed)
    installed.store.folder.chmod(0o500)
    try:
        assert located(one) == located(replace(one, file=None))
    finally:
        installed.store.folder.chmod(0o700)
