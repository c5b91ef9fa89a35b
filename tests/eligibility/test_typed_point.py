"""Points typed or pasted in place of an address."""

from __future__ import annotations

import math

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

import qpv_geo
from qpv_geo import crs
from qpv_geo.eligibility.typed_point import Writing, read_point
from qpv_geo.errors import CoordinatesError

PARIS = (2.3522, 48.8566)


def at(text):
    point = read_point(text)
    return point and (point.lon, point.lat)


@pytest.mark.parametrize(
    "text",
    [
        "48.8566 2.3522",
        "48.8566, 2.3522",
        "(48.8566, 2.3522)",
        "2.3522;48.8566",
        "2,3522 ; 48,8566",
        "48,8566, 2,3522",
        "lat 48.8566, lon 2.3522",
        "longitude : 2,3522 latitude : 48,8566",
        "48.8566° N, 2.3522° E",
    ],
)
def test_degrees_are_read_in_either_order(text):
    assert at(text) == PARIS


@pytest.mark.parametrize(
    "text",
    ["48°51'24\"N 2°21'08\"E", "48° 51′ 24″ N, 2° 21′ 8″ E", "N 48°51.4' E 2°21.1333'", "2°21’8”E 48°51’24”N"],
)
def test_degrees_minutes_and_seconds_are_read(text):
    assert at(text) == pytest.approx((2 + 21 / 60 + 8 / 3600, 48 + 51 / 60 + 24 / 3600), abs=1e-5)


def test_west_is_ouest_too():
    assert at("48°N 4°30'O") == (-4.5, 48.0)
    assert at("48°N 4°30'W") == (-4.5, 48.0)


@pytest.mark.parametrize(
    "text",
    [
        "652381.02 6862047.15",
        "X 652381,02 Y 6862047,15",
        "652 381,02 6 862 047,15",
        "Lambert 93 : X = 652381.02 ; Y = 6862047.15",
    ],
)
def test_lambert_93_is_converted(text):
    point = read_point(text)
    assert point.writing is Writing.LAMBERT_93
    x, y = crs.project_point(lon=point.lon, lat=point.lat, territory=crs.TERRITORIES[0])
    assert math.dist((x, y), (652381.02, 6862047.15)) < 0.05


@pytest.mark.parametrize(
    "text",
    [
        "12 rue des Essais",
        "59120 Loos",
        "12, rue du 8 mai 1945",
        "3.00671, 50.60889, Loos",
        "12 14",
        "59120 59360",
        "3 50",
        "",
    ],
)
def test_an_address_is_no_point(text):
    assert read_point(text) is None


@st.composite
def french_points(draw):
    west, south, east, north = draw(st.sampled_from(crs.TERRITORIES)).bounds
    return draw(st.floats(west, east)), draw(st.floats(south, north))


@examples(100)
@given(french_points(), st.booleans(), st.sampled_from([", ", " ", ";"]))
def test_the_order_is_never_mistaken_in_france(point, latitude_first, between):
    lon, lat = (f"{value:.6f}" for value in point)
    pair = (lat, lon) if latitude_first else (lon, lat)
    assert at(between.join(pair)) == (float(lon), float(lat))


def test_a_typed_point_is_checked_as_the_point():
    typed = qpv_geo.check(address="50.60889 3.00671", on="2024-06-01")
    point = qpv_geo.check(lon=3.00671, lat=50.60889, on="2024-06-01")
    assert typed.evidence.digest == point.evidence.digest


def test_a_point_abroad_is_not_searched_as_an_address():
    with pytest.raises(CoordinatesError):
        qpv_geo.check(address="40.7128, -74.0060")
