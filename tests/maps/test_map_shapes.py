"""What is drawn is light, and near to what it draws; classes hold the amounts that they say."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo import crs
from qpv_geo.errors import InputError
from qpv_geo.maps.shapes import DECIMALS, inner_point, simplified, tolerance_for
from qpv_geo.projects.classes import MOST_CLASSES, classify

ROUNDING_M = 1.2


@pytest.mark.parametrize("tolerance_m", [0.0, 1.0, 5.0, 20.0])
def test_an_outline_stays_within_its_tolerance(embedded, tolerance_m):
    drawn = simplified(embedded.geometry, tolerance_m)
    before, after = (crs.project(one, crs.TERRITORIES[0]) for one in (embedded.geometry, drawn))
    off_m = shapely.hausdorff_distance(shapely.boundary(before), shapely.boundary(after))
    assert off_m.max() <= tolerance_m + ROUNDING_M
    assert (shapely.get_num_interior_rings(shapely.get_geometry(drawn, 0)) >= 0).all()
    coordinates = shapely.get_coordinates(drawn)
    assert np.array_equal(coordinates, np.round(coordinates, DECIMALS))


def test_a_coarse_tolerance_loses_no_perimeter(national):
    tolerance_m = tolerance_for(national.geometry)
    drawn = simplified(national.geometry, tolerance_m)
    assert not shapely.is_empty(drawn).any()
    assert shapely.get_num_coordinates(drawn).sum() < shapely.get_num_coordinates(national.geometry).sum()
    assert (shapely.get_num_geometries(drawn) == shapely.get_num_geometries(national.geometry)).all()


@pytest.mark.parametrize("tolerance_m", [-1.0, float("nan"), float("inf")])
def test_a_tolerance_is_a_number_of_metres(embedded, tolerance_m):
    with pytest.raises(InputError, match="tolérance"):
        simplified(embedded.geometry, tolerance_m)


def test_a_mark_is_inside_its_perimeter(embedded):
    for perimeter in embedded.geometry:
        assert shapely.contains_xy(perimeter, *inner_point(perimeter))


@given(st.lists(st.decimals(-(10**5), 10**9, places=2), max_size=40))
def test_every_amount_is_in_the_class_that_the_legend_says(amounts):
    by_code = {f"Q{k}": amount for k, amount in enumerate(amounts)}
    found = classify(by_code)
    assert len(found.bounds) <= MOST_CLASSES
    assert list(found.bounds) == sorted(set(found.bounds))
    assert found.of.keys() == by_code.keys()
    for code, k in found.of.items():
        assert by_code[code] <= found.bounds[k]
        assert k == 0 or by_code[code] > found.bounds[k - 1]


def test_two_amounts_are_two_classes():
    found = classify({"a": Decimal(68_000), "b": Decimal(750_000)})
    assert found.of == {"a": 0, "b": 1}


def test_bounds_are_easy_to_read_and_as_many_as_the_amounts_bear():
    """Thirty amounts, a hundred euros apart, in five classes of about six; close ones take two digits."""
    found = classify({f"Q{k}": Decimal(100 * k) for k in range(1, 31)})
    assert found.bounds == tuple(map(Decimal, (600, 1500, 2000, 2500, 3000)))
    assert classify({f"Q{k}": Decimal(1000 + 10 * k) for k in range(1, 6)}).bounds == (Decimal(1100),)
    assert len(classify({f"Q{k}": Decimal(6100 + 100 * k) for k in range(5)}).bounds) == 5
