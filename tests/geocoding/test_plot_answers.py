"""A plot's surface is taken from an answer that is about that plot, and from nothing else."""

from __future__ import annotations

import json

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.plot_answers import decode_plot, plot_parameters

PLOT = "86999000AB0123"
URL = "https://geocodeur.example/geocodage/search"
RING = [[0.3, 46.5], [0.301, 46.5], [0.301, 46.501], [0.3, 46.501], [0.3, 46.5]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}


def feature(geometry=SQUARE, **more):
    """A feature as the service writes it."""
    properties = {
        "id": PLOT,
        "departmentcode": "86",
        "municipalitycode": "999",
        "oldmunicipalitycode": "000",
        "districtcode": "000",
        "section": "AB",
        "sheet": "01",
        "number": "0123",
        "city": "Essai-sur-Test",
        "score": 1,
        "_type": "parcel",
        "truegeometry": geometry,
    }
    point = {"type": "Point", "coordinates": [0.3005, 46.5005]}
    return {"type": "Feature", "geometry": point, "properties": properties | more}


def decode(*features, plot=PLOT):
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    return decode_plot(content, plot=plot, url=URL, source="essai")


def refusal(content, plot=PLOT):
    with pytest.raises(RemoteError) as caught:
        decode_plot(content, plot=plot, url=URL, source="essai")
    assert "\n" not in str(caught.value)
    assert URL in str(caught.value)
    return str(caught.value)


def refused(*features, plot=PLOT):
    return refusal(json.dumps({"type": "FeatureCollection", "features": features}).encode(), plot)


def without(name):
    one = feature()
    del one["properties"][name]
    return one


def test_the_question_asks_the_index_of_plots_for_the_whole_surface():
    assert plot_parameters(PLOT) == {"q": PLOT, "index": "parcel", "limit": "1", "returntruegeometry": "true"}


def test_a_plot_comes_with_its_surface_its_commune_and_who_answered():
    found = decode(feature())
    assert (found.id, found.city, found.source) == (PLOT, "Essai-sur-Test", "essai")
    assert found.geometry.equals(shapely.box(0.3, 46.5, 0.301, 46.501))


def test_a_surface_may_have_several_parts_and_holes():
    hole = [[0.3004, 46.5004], [0.3006, 46.5004], [0.3006, 46.5006], [0.3004, 46.5006], [0.3004, 46.5004]]
    far = [[x + 0.01, y] for x, y in RING]
    found = decode(feature({"type": "MultiPolygon", "coordinates": [[RING, hole], [far]]}))
    assert found.geometry.geom_type == "MultiPolygon"
    assert len(found.geometry.geoms) == 2
    assert not found.geometry.contains(shapely.Point(0.3005, 46.5005))
    one = decode(feature({"type": "MultiPolygon", "coordinates": [[RING]]}))
    assert one.geometry.geom_type == "Polygon"


def test_a_surface_may_be_written_in_a_string_and_have_heights():
    tall = {"type": "Polygon", "coordinates": [[[*point, 80.5] for point in RING]]}
    assert decode(feature(json.dumps(SQUARE))).geometry.equals(decode(feature(tall)).geometry)


def test_an_edge_that_crosses_itself_is_repaired_without_losing_a_lobe():
    bow = [[0.3, 46.5], [0.302, 46.5], [0.3, 46.501], [0.302, 46.501], [0.3, 46.5]]
    found = decode(feature({"type": "Polygon", "coordinates": [bow]}))
    assert found.geometry.is_valid
    assert found.geometry.area == pytest.approx(0.002 * 0.001 / 2)


def test_a_plot_that_the_service_does_not_know_is_none():
    assert decode() is None


@pytest.mark.parametrize("nothing", [None, "", {}])
def test_a_plot_may_come_without_its_surface(nothing):
    assert decode(feature(nothing)).geometry is None
    assert decode(without("truegeometry")).geometry is None


def test_what_is_not_said_of_a_plot_does_no_harm():
    assert decode(without("city")).city is None
    assert decode(without("_type")).geometry is not None


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"{}", b'{"features": {}}', b'{"features": [1]}', b"<html></html>", b"[" * 100_000, b"\xff"],
)
def test_what_is_no_collection_is_refused(content):
    refusal(content)


def test_another_plot_is_refused():
    assert "86999000AB0124" in refused(feature(id="86999000AB0124"))
    assert "86999000AB0124" in refused(feature(), feature(id="86999000AB0124"))
    refused(feature(id=None))
    refused(without("id"))


def test_what_is_no_plot_is_refused():
    address = {"type": "housenumber", "id": PLOT, "_type": "address"}
    refused({"type": "Feature", "geometry": None, "properties": address})
    refused({"type": "Feature", "geometry": None, "properties": None})
    refused({"type": "Feature"})
    refused(feature(city=["Essai"]))


@pytest.mark.parametrize(
    "geometry",
    [
        True,
        [RING],
        "POLYGON ((0 0, 1 0, 1 1, 0 0))",
        {"type": "Point", "coordinates": [0.3, 46.5]},
        {"type": "LineString", "coordinates": RING},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": RING},
        {"type": "Polygon", "coordinates": [RING[:-1]]},
        {"type": "Polygon", "coordinates": [RING[:2] + RING[:1]]},
        {"type": "Polygon", "coordinates": [[RING[0]] * 5]},
        {"type": "Polygon", "coordinates": [[*RING[:-1], [True, 46.5], RING[0]]]},
        {"type": "Polygon", "coordinates": [[*RING[:-1], ["0.3", "46.5"], RING[0]]]},
        {"type": "Polygon", "coordinates": [[*RING[:-1], [0.3], RING[0]]]},
        {"type": "Polygon", "coordinates": [[*RING[:-1], [float("nan"), 46.5], RING[0]]]},
        {"type": "Polygon", "coordinates": [[*RING[:-1], [1e300, 46.5], RING[0]]]},
        {"type": "MultiPolygon", "coordinates": [RING]},
        {"type": "MultiPolygon", "coordinates": []},
    ],
)
def test_a_surface_that_is_none_is_refused(geometry):
    refused(feature(geometry))


def test_a_surface_outside_the_territory_of_the_commune_is_refused():
    swapped = {"type": "Polygon", "coordinates": [[[y, x] for x, y in RING]]}
    assert "hors du territoire" in refused(feature(swapped))
    reunion = "97499000AB0123"
    assert "97499000AB0123" in refused(feature(id=reunion), plot=reunion)
    there = {"type": "Polygon", "coordinates": [[[x + 55.2, y - 67.6] for x, y in RING]]}
    assert decode(feature(there, id=reunion), plot=reunion).geometry is not None
    unknown = "97599000AB0123"  # no box is known there
    assert decode(feature(id=unknown), plot=unknown).geometry is not None


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda some: st.lists(some, max_size=4)))
def test_whatever_the_coordinates_an_answer_is_a_surface_or_an_error(coordinates):
    for kind in ("Polygon", "MultiPolygon"):
        refused(feature({"type": kind, "coordinates": coordinates}))
