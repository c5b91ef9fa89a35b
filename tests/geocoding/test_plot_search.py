"""A cadastral plot is asked of the national service, whose surface is believed only where the plot can be."""

from __future__ import annotations

import pytest
import shapely
from geocoder_shapes import NOTHING, NUMBER, PAGE, Bench, addok_collection, as_json, collection, feature, refusal
from loopback import Answer

PLOT = "59360000AB0123"
WEST, SOUTH = 3.0, 50.60


@pytest.fixture
def bench():
    with Bench() as bench:
        yield bench


def ring(lon, lat, size=0.001):
    return [[lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size], [lon, lat]]


def plot(lon=WEST, lat=SOUTH, **more):
    """The feature of a plot, as the service writes it."""
    properties = {
        "id": PLOT,
        "departmentcode": "59",
        "municipalitycode": "360",
        "section": "AB",
        "number": "0123",
        "city": "Loos",
        "_type": "parcel",
        "truegeometry": {"type": "Polygon", "coordinates": [ring(lon, lat)]},
        **more,
    }
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": properties}


def asked(bench, answer, **options):
    bench.server.serve("/geocodage/search", answer)
    return bench.build(**options).plot(PLOT)


def test_the_index_of_plots_is_asked_and_answers_with_a_surface(bench):
    found = asked(bench, as_json({"type": "FeatureCollection", "features": [plot()]}))
    assert (found.id, found.city) == (PLOT, "Loos")
    assert found.geometry.equals(shapely.box(WEST, SOUTH, WEST + 0.001, SOUTH + 0.001))
    [request] = bench.server.requests
    assert request.query == {"q": PLOT, "index": "parcel", "limit": "1", "returntruegeometry": "true"}


def test_a_plot_that_the_service_does_not_know_is_none(bench):
    assert asked(bench, NOTHING) is None


def test_a_plot_may_be_known_without_its_surface(bench):
    found = asked(bench, as_json({"type": "FeatureCollection", "features": [plot(truegeometry=None)]}))
    assert found.geometry is None


def test_an_addok_that_answers_with_addresses_knows_no_plot(bench):
    assert asked(bench, addok_collection(feature(NUMBER))) is None
    assert asked(bench, collection(feature(NUMBER))) is None


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=500),
        Answer(b"{"),
        PAGE,
        as_json({"type": "FeatureCollection", "features": [plot(id="59360000AB0124")]}),
        as_json({"type": "FeatureCollection", "features": [plot(lon=SOUTH, lat=WEST)]}),
    ],
    ids=["failure", "half an answer", "a page", "another plot", "swapped"],
)
def test_what_is_no_answer_about_that_plot_is_an_error(bench, answer):
    refusal(asked, bench, answer)


def test_a_surface_far_from_the_addresses_of_its_commune_is_an_error(bench):
    loos = (2.99, 50.59, 3.03, 50.62)
    answer = as_json({"type": "FeatureCollection", "features": [plot(lon=4.0)]})
    assert asked(bench, answer).geometry is not None
    assert "km" in refusal(asked, bench, answer, boxes=lambda _code: loos)
