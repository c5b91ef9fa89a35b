"""Values that JSON lacks are written as null or as text, never as an error."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from qpv_geo.tables.plain import json_text


@pytest.mark.parametrize("value", ["Infinity", "-Infinity", "NaN", "sNaN"])
def test_a_decimal_that_is_no_number_is_null(value):
    assert json_text({"v": [Decimal(value), Decimal("2.50"), Decimal("3.00")]}) == '{"v": [null, 2.5, 3]}'


def test_a_number_that_json_lacks_is_null_and_the_rest_stays():
    assert json.loads(json_text({"a": [float("inf"), 1.5], "b": {"c": float("nan")}})) == {
        "a": [None, 1.5],
        "b": {"c": None},
    }
