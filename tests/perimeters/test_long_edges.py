"""An edge is straight in the coordinates it was drawn in, however long: in perimeters, coverages and sites."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from examples import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from synthetic import perimeters

import qpv_geo
from qpv_geo import crs
from qpv_geo.eligibility.location import read_site
from qpv_geo.errors import QpvGeoError
from qpv_geo.model import Reason, Status
from qpv_geo.perimeters.coverage import Coverage
from qpv_geo.perimeters.diff import compare
from qpv_geo.perimeters.importing import ImportOptions, read_file
from qpv_geo.perimeters.registry import registry

SIDE = 0.45
"""Degrees; 33 km from west to east in mainland France."""
WIDTH_M, CLEAR_M = 40_000.0, 0.05
ON = "2024-06-01"
TERRITORIES = {
    "metropole": (2.5, 48.5),
    "antilles": (-61.5, 16.0),
    "guyane": (-53.0, 4.5),
    "reunion": (55.2, -21.4),
    "mayotte": (44.92, -13.05),
    "polynesie": (-149.8, -17.9),
}
"""South-west corner of a box in each territory."""


def metres(lon, lat, territory):
    return np.column_stack(crs.project_points(lon=lon, lat=lat, territory=territory))


@st.composite
def beside_a_long_edge(draw):
    """A box in degrees, a point between one of its edges and the chord of that edge in metres, and its territory."""
    territory = draw(st.sampled_from(crs.TERRITORIES))
    west, south = TERRITORIES[territory.id]
    box = shapely.box(west, south, west + SIDE, south + SIDE)
    corners = shapely.get_coordinates(box)
    edge, along = draw(st.integers(0, 3)), draw(st.floats(0.1, 0.9))
    start, end = corners[edge], corners[edge + 1]
    lon, lat = start + along * (end - start)
    drawn = metres(lon, lat, territory)[0]
    chord = shapely.LineString(metres(*np.array([start, end]).T, territory))
    nearest = shapely.get_coordinates(chord.interpolate(chord.project(shapely.Point(drawn))))[0]
    gap = float(np.hypot(*(nearest - drawn)))
    assume(gap > 8 * CLEAR_M)
    here = drawn + draw(st.floats(0.3, 0.7)) * (nearest - drawn)
    point = crs.unproject(shapely.Point(here), territory)
    assume(territory.bounds[0] < point.x < territory.bounds[2] and territory.bounds[1] < point.y < territory.bounds[3])
    within = bool(box.covers(point))
    assert within != bool(shapely.Polygon(metres(*corners.T, territory)).covers(shapely.Point(here)))
    return territory, box, point, gap


def set_of(*geometry, **options):
    """A set of geometries in degrees."""
    made = perimeters(*(shapely.box(0, 0, 1, 1) for _ in geometry), **options)
    return replace(made, geometry=np.array(geometry, dtype=object))


def around(point, territory, half):
    x, y = metres(point.x, point.y, territory)[0]
    return crs.unproject(shapely.box(x - half, y - half, x + half, y + half), territory)


@examples(20, of=100)
@given(beside_a_long_edge())
def test_a_perimeter_ends_where_its_file_draws_it(case):
    _, box, point, gap = case
    position, distance_m = qpv_geo.PerimeterIndex(set_of(box)).locate(
        lon=np.array([point.x]), lat=np.array([point.y]), horizon_m=1000.0
    )
    within = box.covers(point)
    assert (position[0] == 0) == within
    assert (distance_m[0] < 0) == within
    assert CLEAR_M < abs(distance_m[0]) < gap
    assert qpv_geo.check(lon=point.x, lat=point.y, on=ON, perimeters=set_of(box)).status == (
        Status.INSIDE if within else Status.OUTSIDE
    )


@examples(20, of=100)
@given(beside_a_long_edge())
def test_a_coverage_ends_where_its_file_draws_it(case):
    territory, box, point, _ = case
    far = crs.unproject(shapely.Point(metres(*box.centroid.coords[0], territory)[0]).buffer(50.0), territory)
    here = set_of(far, coverage=Coverage(box))
    verdict = qpv_geo.check(lon=point.x, lat=point.y, on=ON, perimeters=here)
    expected = (Status.OUTSIDE, Reason.CLEAR) if box.covers(point) else (Status.UNCERTAIN, Reason.NOT_COVERED)
    assert (verdict.status, verdict.reason) == expected


@examples(20, of=100)
@given(beside_a_long_edge())
def test_a_site_ends_where_its_file_draws_it(case):
    territory, box, point, gap = case
    quartier = around(point, territory, gap / 8)
    verdict = qpv_geo.check(site=box, on=ON, perimeters=set_of(quartier))
    assert (verdict.nearest.distance_m == 0) == box.covers(point)
    assert 0 <= verdict.nearest.distance_m < gap


# ── Edges straight in metres ─────────────────────────────────────────────────────────────────────────────────


def in_metres(territory):
    """A box of 40 km whose edges are straight in the territory's legal system."""
    x, y = metres(*TERRITORIES[territory.id], territory)[0]
    return shapely.box(x, y, x + WIDTH_M, y + WIDTH_M)


def furthest_m(geometry, box, territory):
    """How far the edges of a geometry in degrees, each straight in degrees, are from those of a box in metres."""
    fine = shapely.segmentize(geometry, 0.0005)
    found = crs.project(fine, territory)
    return max(shapely.distance(box.boundary, shapely.points(shapely.get_coordinates(found))))


EVERY_TERRITORY = pytest.mark.parametrize("territory", crs.TERRITORIES, ids=lambda one: one.id)


@EVERY_TERRITORY
def test_every_way_to_degrees_keeps_edges_straight_in_metres(territory, tmp_path):
    box = in_metres(territory)
    frame = gpd.GeoDataFrame({"code_qp": ["QN08699N"]}, geometry=[box], crs=territory.epsg)
    path = tmp_path / "carre.gpkg"
    frame.to_file(path)
    imported = read_file(path, ImportOptions(), registry()).geometry[0]
    for found in (imported, read_site(path), crs.unproject(box, territory)):
        assert furthest_m(found, box, territory) < CLEAR_M
    corners = shapely.Polygon(np.column_stack(_degrees(box, territory)))
    assert furthest_m(corners, box, territory) > 20 * CLEAR_M


def _degrees(box, territory):
    points = crs.unproject(shapely.points(shapely.get_coordinates(box)), territory)
    return shapely.get_x(points), shapely.get_y(points)


def test_a_redraw_compares_the_drawn_edges():
    """No ground is lost between a box and the same box whose edges are drawn in many pieces."""
    west, south = TERRITORIES["metropole"]
    whole = shapely.box(west, south, west + SIDE, south + 0.1)
    before = set_of(whole, generation="qpv-2015")
    after = set_of(shapely.segmentize(whole, 0.005))
    redraw = compare(before, after, sliver_width_m=0.0)
    assert [(one.added_m2, one.removed_m2) for one in redraw.quartiers] == [(0.0, 0.0)]


def test_no_lobe_of_a_crossed_outline_is_lost(tmp_path):
    """A bow tie with long edges: cut before it is repaired, it keeps both of its triangles, and its hole."""
    bow = shapely.Polygon(
        [(0, 0), (9000, 6000), (9000, 0), (0, 6000)], [[(500, 2000), (500, 4000), (1000, 4000), (1000, 2000)]]
    )
    x, y = metres(*TERRITORIES["metropole"], crs.TERRITORIES[0])[0]
    placed = shapely.transform(bow, lambda points: np.add(points, (x, y)))
    path = tmp_path / "carre.gpkg"
    gpd.GeoDataFrame({"code_qp": ["QN08699N"]}, geometry=[placed], crs=2154).to_file(path)
    found = read_file(path, ImportOptions(), registry()).geometry[0]
    assert crs.project(found, crs.TERRITORIES[0]).area == pytest.approx(9000 * 6000 / 2 - 500 * 2000, rel=1e-5)


# ── What stays as it is ──────────────────────────────────────────────────────────────────────────────────────


def test_short_edges_get_no_vertex(national):
    """Of 1,584 published quartiers, those without an edge of a kilometre keep their vertices, each moved alone."""
    mainland = crs.TERRITORIES[0]
    here = crs.territory_index(lon=shapely.bounds(national.geometry)[:, 0], lat=shapely.bounds(national.geometry)[:, 1])
    shapes = national.geometry[here == 0]
    projected = crs.project(shapes, mainland)
    added = shapely.get_num_coordinates(projected) - shapely.get_num_coordinates(shapes)
    assert np.count_nonzero(added) < 10
    kept, alone = (
        np.concatenate([shapely.get_coordinates(one) for one in some[added == 0]]) for some in (projected, shapes)
    )
    assert (kept == metres(*alone.T, mainland)).all()


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "Polygon", "coordinates": [[[1e308, 0], [-1e308, 0], [0, 1e308], [1e308, 0]]]}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [9e15, 0], [0, 9e15], [0, 0]]]}',
    ],
    ids=["near the largest number", "far beyond the sky"],
)
def test_nonsense_coordinates_are_refused_at_once(tmp_path, text):
    """Cutting such an edge every kilometre would fill the memory."""
    path = tmp_path / "carre.geojson"
    features = [{"type": "Feature", "properties": {"code_qp": "QN08699N"}, "geometry": json.loads(text)}]
    system = {"type": "name", "properties": {"name": "EPSG:2154"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": system, "features": features}))
    with pytest.raises(QpvGeoError) as refused:
        read_file(path, ImportOptions(), registry())
    assert "carre.geojson" in str(refused.value)
