"""Where a set is complete: what a user may say of it, and what is refused."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from qpv_geo import crs
from qpv_geo.errors import FormatError, InputError
from qpv_geo.messages.typography import quoted
from qpv_geo.perimeters.coverage import (
    EVERYWHERE,
    NOWHERE,
    Coverage,
    coverage_from_json,
    coverage_from_option,
)

WEST, EAST = shapely.box(0.25, 46.50, 0.40, 46.66), shapely.box(0.35, 46.50, 0.48, 46.66)
MAINLAND = crs.TERRITORIES[0]


def test_a_set_complete_everywhere_covers_everything():
    assert EVERYWHERE.kind == "all"
    assert EVERYWHERE.covers(shapely.Point(0.3, 46.5))
    assert EVERYWHERE.covers(shapely.box(-62, 14.5, 9, 51))


def test_a_set_complete_nowhere_covers_nothing():
    assert NOWHERE.kind == "none"
    assert not NOWHERE.covers(shapely.Point(0.3, 46.5))


def test_an_area_covers_what_lies_wholly_in_it():
    area = Coverage(WEST)
    assert area.kind == "area"
    assert area.covers(shapely.Point(0.30, 46.60))
    assert area.covers(shapely.Point(0.25, 46.60))  # on its edge
    assert area.covers(WEST)
    assert not area.covers(EAST)
    assert not area.covers(shapely.Point(0.41, 46.60))


def test_two_sets_are_both_complete_where_their_areas_meet():
    both = Coverage(WEST).intersection(Coverage(EAST))
    assert both.area.equals(shapely.box(0.35, 46.50, 0.40, 46.66))
    for one in (Coverage(WEST), NOWHERE, EVERYWHERE):
        assert one.intersection(EVERYWHERE) is one
        assert EVERYWHERE.intersection(one) is one
    assert Coverage(WEST).intersection(NOWHERE).kind == "none"


def test_one_of_two_sets_is_complete_where_either_is():
    assert Coverage(WEST).union(Coverage(EAST)).area.equals(shapely.box(0.25, 46.50, 0.48, 46.66))
    assert Coverage(WEST).union(NOWHERE).area.equals(WEST)
    for one in (Coverage(WEST), NOWHERE, EVERYWHERE):
        assert one.union(EVERYWHERE).everywhere
        assert EVERYWHERE.union(one).everywhere
    assert NOWHERE.union(NOWHERE).kind == "none"


@pytest.mark.parametrize("value", ["all", "none", [[0.25, 46.50, 0.48, 46.66], [2.985, 50.593, 3.035, 50.622]]])
def test_what_is_written_is_read_again(value):
    coverage = coverage_from_json(value)
    again = coverage_from_json(json.loads(json.dumps(coverage.to_json())))
    assert again.kind == coverage.kind
    assert again.area.equals(coverage.area)


def test_rectangles_are_put_together():
    coverage = coverage_from_json([[0.25, 46.50, 0.40, 46.66], [0.35, 46.50, 0.48, 46.66]])
    assert coverage.area.equals(shapely.box(0.25, 46.50, 0.48, 46.66))


def test_in_metres_an_area_still_follows_the_parallels():
    lon = np.linspace(0.25, 0.48, 24)
    for lat in (46.50, 46.66):
        x, y = crs.project_points(lon=lon, lat=np.full(24, lat), territory=MAINLAND)
        edge = Coverage(shapely.box(0.25, 46.50, 0.48, 46.66)).in_metres(MAINLAND).boundary
        assert shapely.distance(edge, shapely.points(x, y)).max() < 0.05  # a straight edge is 6 m away in its middle


def test_in_metres_only_the_territory_s_part_is_kept():
    over_two = coverage_from_json([[0.25, 46.50, 0.48, 46.66], [55.4, -21.0, 55.5, -20.9]])
    for territory, side in ((MAINLAND, 0.48 - 0.25), (crs.TERRITORIES[3], 0.1)):
        here = crs.unproject(over_two.in_metres(territory), territory)
        assert here.bounds[2] - here.bounds[0] == pytest.approx(side, abs=1e-6)


# ── What a user says ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("text", "kind"), [("all", "all"), ("none", "none"), ("0.25,46.50,0.48,46.66", "area")])
def test_a_word_or_a_rectangle(text, kind):
    assert coverage_from_option(text).kind == kind


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("0.25,46.50,0.48,46.66", (0.25, 46.50, 0.48, 46.66)),
        (" 0.25, 46.50, 0.48, 46.66 ", (0.25, 46.50, 0.48, 46.66)),
        ("-61.9,15.8,-61.1,16.6", (-61.9, 15.8, -61.1, 16.6)),
        ("-10,40,11,52", (-10, 40, 11, 52)),  # its corners are abroad, the mainland is in it
    ],
)
def test_a_rectangle_is_west_south_east_north(text, box):
    assert coverage_from_option(text).area.equals(shapely.box(*box))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tout",
        "ALL",
        "46.50,0.25,46.66,0.48",  # swapped
        "0.48,46.50,0.25,46.66",  # from east to west
        "0.25,46.66,0.48,46.50",  # from north to south
        "0.25,46.50,0.25,46.66",  # flat
        "0.25;46.50;0.48;46.66",
        "0.25,46.50,0.48",
        "0.25,46.50,0.48,46.66,0",
        "0.25,46.50,0.48,nord",
        "0.25,46.50,inf,46.66",
        "nan,nan,nan,nan",
        "500000,6600000,510000,6610000",  # metres
        "absent.geojson",
    ],
)
def test_what_is_no_coverage_is_refused_with_its_text(text):
    with pytest.raises(InputError) as refused:
        coverage_from_option(text)
    assert quoted(text) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_is_no_coverage(tmp_path):
    with pytest.raises(InputError, match="couverture invalide"):
        coverage_from_option(str(tmp_path))


def collection(folder, *shapes):
    path = folder / "zone.geojson"
    features = [{"properties": {}, "geometry": json.loads(shapely.to_geojson(shape) or "null")} for shape in shapes]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return str(path)


def test_a_file_of_polygons_is_their_union(tmp_path):
    coverage = coverage_from_option(collection(tmp_path, WEST, shapely.MultiPolygon([EAST])))
    assert coverage.area.equals(WEST.union(EAST))


def test_a_file_in_another_system_is_brought_to_degrees(tmp_path):
    path = tmp_path / "zone.gpkg"
    zone = shapely.box(0.300, 46.500, 0.305, 46.505)
    gpd.GeoDataFrame(geometry=[zone], crs=4326).to_crs(2154).to_file(path)
    assert shapely.hausdorff_distance(coverage_from_option(str(path)).area, zone) < 1e-8  # a millimetre, in degrees


@pytest.mark.parametrize(
    ("shapes", "error", "says"),
    [
        ([shapely.LineString([(0.25, 46.5), (0.48, 46.66)])], FormatError, "pas que des polygones"),
        ([WEST, shapely.Point(0.3, 46.6)], FormatError, "pas que des polygones"),
        ([WEST, None], FormatError, "pas que des polygones"),
        ([], FormatError, "pas que des polygones"),
        ([shapely.Polygon([(0.2, 46.5), (0.3, 46.6), (0.3, 46.5), (0.2, 46.6)])], InputError, "se croise elle-même"),
        ([shapely.Polygon()], InputError, "couverture invalide"),
        ([shapely.box(46.50, 0.25, 46.66, 0.48)], InputError, "couverture invalide"),
    ],
    ids=["line", "point", "no geometry", "nothing", "self-crossing", "empty", "swapped"],
)
def test_a_file_that_is_no_coverage_is_refused(tmp_path, shapes, error, says):
    with pytest.raises(error, match=says) as refused:
        coverage_from_option(collection(tmp_path, *shapes))
    assert "zone.geojson" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_names_no_system_is_refused(tmp_path):
    path = tmp_path / "zone.parquet"
    gpd.GeoDataFrame(geometry=[WEST]).to_parquet(path)
    with pytest.raises(InputError, match=r"zone\.parquet » n’indique pas son système"):
        coverage_from_option(str(path))


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    path = tmp_path / "zone.gpkg"
    path.write_text("bonjour")
    with pytest.raises(FormatError, match=r"zone\.gpkg"):
        coverage_from_option(str(path))
