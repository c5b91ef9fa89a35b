"""What is asked of each row: a point, a site or an address, on a day; or, in the words of a single check, why not."""

from __future__ import annotations

from datetime import date

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from batch_files import INSIDE, LAMBERT_93

import qpv_geo
from qpv_geo import crs
from qpv_geo.batch.columns import Columns
from qpv_geo.batch.frame import FrameRowBatch
from qpv_geo.batch.rows import RowOptions, RowReason, read_rows
from qpv_geo.errors import QpvGeoError
from qpv_geo.messages.typography import quoted

DAY = date(2024, 6, 1)
POINT = Columns(lon=0, lat=1)
ADDRESS = Columns(address=(0,))


def read(columns, *rows, on=DAY, system=None, source_crs=None):
    return read_rows(FrameRowBatch(pd.DataFrame(rows), 0), RowOptions(columns, on, crs=system), source_crs)


def fault(columns, row, **options):
    """Return why the only row is bad."""
    rows = read(columns, row, **options)
    (found,) = rows.faults.values()
    assert not len(rows.points)
    assert "\n" not in found.message
    return found


def alone(**question):
    """Return what a single check of the same place raises."""
    with pytest.raises(QpvGeoError) as caught:
        qpv_geo.check(on="2024-06-01", **question)
    return str(caught.value)


# ── Points ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("row", [INSIDE, ("3.00671", "50.60889"), ("3,00671", ' ="50,60889"')])
def test_points_are_read(row):
    rows = read(POINT, row)
    assert (rows.lon[0], rows.lat[0]) == INSIDE
    assert (rows.points.tolist(), rows.faults, rows.day(0)) == ([0], {}, DAY)


def test_points_in_another_system_are_brought_to_degrees():
    x, y = crs.project_points(lon=[INSIDE[0]], lat=[INSIDE[1]], territory=crs.TERRITORIES[0])
    rows = read(POINT, (f"{x[0]:.3f}".replace(".", ","), f"{y[0]:.3f}"), system=crs.parse(f"EPSG:{LAMBERT_93}"))
    assert (rows.lon[0], rows.lat[0]) == pytest.approx(INSIDE, abs=1e-7)


@pytest.mark.parametrize(
    ("lon", "lat"), [(50.60889, 3.00671), (0.0, 0.0), (200.0, 95.0), (float("inf"), 50.0), (3.0, float("-inf"))]
)
def test_misplaced_points_are_told_as_a_single_check_tells_them(lon, lat):
    for row in ((lon, lat), (str(lon), str(lat))):
        found = fault(POINT, row)
        assert found.reason is RowReason.BAD_INPUT
        assert found.message == alone(lon=lon, lat=lat)


def test_a_number_that_is_none_is_told_as_a_single_check_tells_it():
    assert fault(POINT, ("nan", "50.6")).message == alone(lon=float("nan"), lat=50.6)


@pytest.mark.parametrize(("lon", "lat"), [(None, 50.6), (3.0, None)])
def test_half_a_point_is_told_as_a_single_check_tells_it(lon, lat):
    expected = alone(lon=lon, lat=lat)
    assert fault(POINT, (lon, lat)).message == expected
    assert fault(POINT, ("" if lon is None else "3,0", "" if lat is None else "50,6")).message == expected


@pytest.mark.parametrize("row", [("abc", "50.6"), ("3.0", "50°36'N"), ("inf", "abc")])
def test_unreadable_points_show_what_is_written(row):
    found = fault(POINT, row)
    assert found.reason is RowReason.BAD_INPUT
    assert all(quoted(text) in found.message for text in row)


@pytest.mark.parametrize("row", [("1e30", "1e30"), ("7055800.2", "704500.1"), ("inf", "1")])
def test_points_of_another_system_are_told_as_they_are_written(row):
    found = fault(POINT, row, system=crs.parse(f"EPSG:{LAMBERT_93}"))
    assert found.reason is RowReason.BAD_INPUT
    assert all(text in found.message for text in row)


@pytest.mark.parametrize("row", [("", ""), (None, None), (" ", "\t"), (float("nan"), float("nan"))])
def test_rows_that_name_no_place_are_empty(row):
    assert fault(POINT, row).reason is RowReason.EMPTY


def test_a_bad_row_leaves_the_others_alone():
    rows = read(POINT, INSIDE, ("abc", "50.6"), (None, None), INSIDE)
    assert rows.points.tolist() == [0, 3]
    assert sorted(rows.faults) == [1, 2]


# ── Addresses ────────────────────────────────────────────────────────────────────────────────────────────────


def test_parts_are_put_together_without_the_empty_ones():
    columns = Columns(address=(0, 1, 2), address_postcodes=(1,))
    rows = read(columns, ("1 rue X", 1000.0, "Bourg"), ("1 rue X", None, "Bourg"), (" 2  rue\nY ", '="01000"', ""))
    assert [query.text for query in rows.queries.values()] == ["1 rue X 01000 Bourg", "1 rue X Bourg", "2 rue Y 01000"]


@pytest.mark.parametrize(
    ("row", "whole"),
    [
        (("1 rue X 59000 LILLE", "59000", "Lille"), "1 rue X 59000 LILLE"),
        (("1 rue X, 59000 Lille Cedex 9", "59000", "Lille"), "1 rue X, 59000 Lille Cedex 9"),
        (("1 rue X, Saint-Étienne", "42000", "SAINT ETIENNE"), "1 rue X, Saint-Étienne 42000"),
        (("12, rue de Lille", "59130", "Lambersart"), "12, rue de Lille 59130 Lambersart"),
        (("12, rue de La Bassée", "59480", "La Bassée"), "12, rue de La Bassée 59480 La Bassée"),
        (("", "59000", "Lille"), "59000 Lille"),
    ],
)
def test_a_postcode_or_a_town_is_not_repeated(row, whole):
    columns = Columns(address=(0, 1, 2), address_postcodes=(1,), address_cities=(2,))
    assert [query.text for query in read(columns, row).queries.values()] == [whole]


def test_codes_narrow_the_search():
    columns = Columns(address=(0,), postcode=1, citycode=2)
    rows = read(columns, ("1 rue X", "1000", "1053"), ("1 rue X", "", None), ("1 rue X", "20000", "2a004"))
    assert [(one.postcode, one.citycode) for one in rows.queries.values()] == [
        ("01000", "01053"),
        (None, None),
        ("20000", "2A004"),
    ]


@pytest.mark.parametrize(
    ("row", "question"),
    [
        (("x" * 201, "", ""), {"address": "x" * 201}),
        (("ab", "", ""), {"address": "ab"}),
        (("1 rue X", "860", ""), {"address": "1 rue X", "postcode": "860"}),
        (("1 rue X", "", "194"), {"address": "1 rue X", "citycode": "194"}),
    ],
)
def test_bad_addresses_are_told_as_a_single_check_tells_them(row, question):
    found = fault(Columns(address=(0,), postcode=1, citycode=2), row)
    assert (found.reason, found.message) == (RowReason.BAD_INPUT, alone(**question))


def test_an_address_is_asked_about_where_there_are_no_coordinates():
    columns = Columns(address=(2,), lon=0, lat=1)
    rows = read(columns, (*map(str, INSIDE), "1 rue X"), ("", "", "1 rue X"), ("abc", "1", "1 rue X"), ("", "", ""))
    assert rows.points.tolist() == [0]
    assert list(rows.queries) == [1]
    assert [rows.faults[row].reason for row in (2, 3)] == [RowReason.BAD_INPUT, RowReason.EMPTY]


def test_what_was_matched_tells_how_far_off_a_point_may_be():
    columns = Columns(lon=0, lat=1, match_type=2)
    kinds = ("housenumber", "Street", "locality", "municipality", "", None, "galaxy")
    rows = read(columns, *((*INSIDE, kind) for kind in kinds))
    assert rows.accuracy_m.tolist() == [30, 500, 500, 5_000, 0, 0, 5_000]
    block = FrameRowBatch(pd.DataFrame([(*INSIDE, "housenumber"), (*INSIDE, "street")]), 0)
    assert read_rows(block, RowOptions(columns, DAY, accuracy_m=100.0), None).accuracy_m.tolist() == [100, 500]


# ── Geometries ───────────────────────────────────────────────────────────────────────────────────────────────


def sites(*geometries):
    frame = geopandas.GeoDataFrame({"id": range(len(geometries))}, geometry=list(geometries), crs=4326)
    return read_rows(FrameRowBatch(frame, 0), RowOptions(Columns(geometry=True), DAY), crs.parse(crs.WGS84))


def test_points_are_points_and_the_rest_are_sites():
    area, line = shapely.box(3.0, 50.60, 3.01, 50.61), shapely.LineString([INSIDE, (3.01, 50.61)])
    rows = sites(shapely.Point(*INSIDE, 12.0), area, line, shapely.MultiPoint([INSIDE]))
    assert rows.points.tolist() == [0]
    assert sorted(rows.sites) == [1, 2, 3]
    assert rows.faults == {}


def test_missing_and_empty_geometries_are_empty_rows():
    rows = sites(None, shapely.Point(), shapely.Polygon(), shapely.GeometryCollection())
    assert [rows.faults[row].reason for row in range(4)] == [RowReason.EMPTY] * 4


def test_points_outside_france_are_bad_rows():
    found = sites(shapely.Point(50.0, 3.0)).faults[0]
    assert (found.reason, found.message) == (RowReason.BAD_INPUT, alone(lon=50.0, lat=3.0))


# ── Days ─────────────────────────────────────────────────────────────────────────────────────────────────────

DATED = Columns(lon=0, lat=1, date=2)


def test_each_row_has_its_day_or_that_of_all():
    rows = read(DATED, (*INSIDE, "01/02/2024"), (*INSIDE, ""), (*INSIDE, None))
    assert [rows.day(row) for row in range(3)] == [date(2024, 2, 1), DAY, DAY]


def test_a_row_without_a_day_is_bad_where_there_is_none_for_all():
    found = fault(DATED, (*INSIDE, ""), on=None)
    assert found.reason is RowReason.BAD_INPUT
    assert "date" in found.message


@pytest.mark.parametrize("on", [DAY, None])
def test_a_day_that_cannot_be_read_is_bad_whatever_the_day_of_all(on):
    found = fault(DATED, (*INSIDE, "hier"), on=on)
    assert found.reason is RowReason.BAD_INPUT
    assert "« hier »" in found.message


def test_what_the_file_says_of_a_row_comes_first():
    block = FrameRowBatch(pd.DataFrame([("abc", "")]), 0)
    block.faults = {0: "4 cellules au lieu de 2"}
    rows = read_rows(block, RowOptions(POINT, DAY), None)
    assert rows.faults[0].message == "4 cellules au lieu de 2"


def test_a_block_without_rows():
    rows = read_rows(FrameRowBatch(pd.DataFrame({"lon": [], "lat": [], "d": []}), 0), RowOptions(DATED, None), None)
    assert (len(rows.lon), rows.faults, len(rows.points)) == (0, {}, 0)
    assert rows.lon.dtype == np.float64
