"""The perimeters as a layer that GIS software reads."""

from __future__ import annotations

import gzip
import io
import json

import geopandas
import pytest
import shapely
from serving import problem, serving
from synthetic import perimeters as squares
from synthetic import square

from qpv_geo.perimeters.catalogue import Catalogue

LOOS = {"QN05972M", "QN05975M", "QN05976M"}


def codes(response):
    return {feature["properties"]["code_qp"] for feature in response.json()["features"]}


def test_a_gis_reads_the_layer(service):
    response = service.get("/v1/perimeters")
    assert response.headers["content-type"] == "application/geo+json"
    frame = geopandas.read_file(io.BytesIO(response.content))
    assert len(frame) == response.json()["numberMatched"] == response.json()["numberReturned"] == 7
    assert {"code_qp", "lib_qp", "insee_com", "kind", "generation"} <= set(frame.columns)
    assert frame.is_valid.all()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"commune": "59360"}, LOOS),
        ({"commune": "59120"}, set()),  # the postcode of Loos is the INSEE code of another commune, or of none
        ({"bbox": "3.0066,50.6088,3.0067,50.6089"}, {"QN05975M"}),
        ({"bbox": "0,46,1,47", "commune": "59360"}, set()),
        ({"bbox": "-180,-90,180,90", "commune": "59360"}, LOOS),
    ],
)
def test_a_part_of_it(service, query, found):
    assert codes(service.get("/v1/perimeters", params=query)) == found


def test_a_name_that_the_file_cannot_tell_is_not_nothing(service):
    unknown = service.get("/v1/perimeters", params={"commune": "99999"})
    assert "« 99999 »" in problem(unknown)["detail"]  # none there, because there is no such commune
    response = service.get("/v1/perimeters", params={"commune": "Loos"})
    assert response.status_code == 422
    assert "INSEE" in problem(response)["detail"]


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "3,2,1,0", "nan,0,1,1", "-inf,0,inf,1", "0,0,999,1", ",,,"])
def test_a_box_that_is_none(service, box):
    response = service.get("/v1/perimeters", params={"bbox": box})
    assert response.status_code == 422
    assert "bbox" in problem(response)["detail"]


def test_pages_make_the_whole(service):
    found, here = [], "/v1/perimeters?limit=3&bbox=0,40,4,60"
    while here:
        page = service.get(here).json()
        assert page["numberMatched"] == 7
        assert page["numberReturned"] == len(page["features"]) <= 3
        found += [feature["id"] for feature in page["features"]]
        here = next((service.base_url.join("/v1/perimeters").join(one["href"]) for one in page["links"]), None)
    assert len(found) == len(set(found)) == 7


def test_what_a_client_has_is_not_sent_again(service):
    first = service.get("/v1/perimeters")
    held = {"If-None-Match": first.headers["etag"]}
    assert (service.get("/v1/perimeters", headers=held).status_code, first.status_code) == (304, 200)
    assert service.get("/v1/perimeters?commune=59360", headers=held).status_code == 200
    assert service.get("/v1/perimeters/QN05975M", headers=held).status_code == 200


def test_another_edition_is_sent(home):
    query = {"bbox": "3.0,50.6,3.01,50.61"}
    with serving() as client:
        first = client.get("/v1/perimeters", params=query)
        Catalogue(home).store.install(squares(square(0, 0, 100)))
        second = client.get("/v1/perimeters", params=query, headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200
    assert second.json()["numberMatched"] < first.json()["numberMatched"]


def test_it_is_packed_for_who_can_unpack(service):
    with service.stream("GET", "/v1/perimeters", headers={"Accept-Encoding": "gzip"}) as packed:
        content = b"".join(packed.iter_raw())
    plain = service.get("/v1/perimeters", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(content) == plain.content
    assert len(content) < len(plain.content) / 2


def test_one_perimeter(service):
    feature = service.get("/v1/perimeters/qn05975m").json()
    assert (feature["type"], feature["properties"]["lib_qp"]) == ("Feature", "Les Oliveaux")


def test_a_generation_that_is_not_installed(service):
    response = service.get("/v1/perimeters", params={"generation": "qpv-2015"})
    assert response.status_code == 503
    assert problem(response)["remedy"] == "qpv perimeters fetch qpv-2015 --accept-new"


def test_where_a_set_is_complete_is_told(service):
    coverage = service.get("/v1/perimeters", params={"commune": "75118"}).json()["coverage"]
    assert shapely.covers(shapely.from_geojson(json.dumps(coverage)), shapely.Point(3.0067, 50.6089))
    assert not shapely.covers(shapely.from_geojson(json.dumps(coverage)), shapely.Point(2.35, 48.89))


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.0, br", False), ("identity", False)],
)
def test_what_a_client_does_not_unpack_is_not_packed(service, accepted, packed):
    response = service.get("/v1/perimeters", headers={"Accept-Encoding": accepted})
    assert (response.headers.get("content-encoding") == "gzip") is packed
    assert response.json()["type"] == "FeatureCollection"
