"""The addresses installed in a box, which a map without background draws."""

from __future__ import annotations

import pytest
from fake_geocoder import offline_index, row
from serving import problem, serving
from synthetic import point


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    home = tmp_path_factory.mktemp("addresses")
    offline_index(home, *(row(10 * number, 0, number) for number in range(1, 31)), row(0, 900, 1, "Rue Lointaine"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QPV_GEO_HOME", str(home))
        with serving() as asked:
            yield asked


def box(west, south, east, north):
    """A box in degrees whose corners are so many metres from the origin."""
    low, high = point(west, south), point(east, north)
    return f"{low['lon']},{low['lat']},{high['lon']},{high['lat']}"


def found(client, **asked):
    response = client.get("/v1/addresses", params=asked)
    assert response.status_code == 200, response.text
    return [one["properties"] for one in response.json()["features"]]


def test_the_numbers_in_a_box_come_from_its_centre_out(client):
    numbers = [one["housenumber"] for one in found(client, bbox=box(5, -50, 105, 50))]
    assert sorted(map(int, numbers)) == list(range(1, 11))
    assert set(numbers[:2]) == {"5", "6"}
    assert [one["housenumber"] for one in found(client, bbox=box(5, -50, 105, 50), limit=2)] == numbers[:2]


def test_a_number_has_its_street_and_a_point(client):
    [one] = client.get("/v1/addresses", params={"bbox": box(5, -5, 15, 5)}).json()["features"]
    assert (one["properties"]["street"], one["properties"]["housenumber"]) == ("Rue des Carrés", "1")
    wanted = point(10, 0)
    assert one["geometry"]["coordinates"] == pytest.approx([wanted["lon"], wanted["lat"]], abs=1e-6)


def test_where_nothing_is_installed_the_list_is_empty(client):
    assert found(client, bbox="2.35,48.85,2.36,48.86") == []


@pytest.mark.parametrize("bbox", ["1,2,3", "2.3,48.8,2.2,48.9", "0,46,1,47", "a,b,c,d"])
def test_a_bad_or_large_box_is_refused(client, bbox):
    response = client.get("/v1/addresses", params={"bbox": bbox})
    assert response.status_code == 422
    assert "bbox" in problem(response)["detail"]
