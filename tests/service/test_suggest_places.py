"""Quartiers and communes are suggested with addresses, and what is chosen is understood by a check."""

from __future__ import annotations

import pytest
from fake_geocoder import offline_index, row
from serving import serving

ON = "2024-06-01"


def suggested(client, typed, **more):
    response = client.get("/v1/suggest", params={"q": typed, **more})
    assert response.status_code == 200, response.text
    return [(one["properties"]["label"], one["properties"]) for one in response.json()["features"]]


def answer(client, properties):
    """Ask what a page asks once a suggestion is chosen."""
    asked = {"q": properties["label"], "citycode": properties["citycode"], "on": ON}
    response = client.get("/v1/check", params={name: value for name, value in asked.items() if value is not None})
    assert response.status_code == 200, response.text
    verdict = response.json()
    return verdict["status"], verdict["reason"], [one["code"] for one in verdict["perimeters"]]


@pytest.mark.parametrize(
    ("typed", "label", "told"),
    [
        ("les oli", "Les Oliveaux (QN05975M), Loos", ("inside", "clear", ["QN05975M"])),
        ("oliv", "Les Oliveaux (QN05975M), Loos", ("inside", "clear", ["QN05975M"])),
        ("QN05975", "Les Oliveaux (QN05975M), Loos", ("inside", "clear", ["QN05975M"])),
        ("qn086", "Bel Air (QN08603M), Poitiers", ("inside", "clear", ["QN08603M"])),
        ("bel air poit", "Bel Air (QN08603M), Poitiers", ("inside", "clear", ["QN08603M"])),
        ("Épi de", "Épi de Soil, Loos", ("uncertain", "named_area", ["QN05972M"])),
        ("secteur", "Secteur Sud (QN05972M)", ("inside", "clear", ["QN05972M"])),
    ],
)
def test_a_quartier_is_suggested_by_its_beginning_and_understood(service, typed, label, told):
    found = dict(suggested(service, typed))
    assert label in found
    assert answer(service, found[label]) == told
    assert found[label]["type"] == ("locality" if told[0] == "uncertain" else "perimeter")


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Loo", "Loos (59)"),
        ("poitie", "Poitiers (86)"),
        ("st benoi", "Saint-Benoît (86)"),
        ("saint-benoi", "Saint-Benoît (86)"),
    ],
)
def test_a_commune_is_suggested_by_its_beginning_and_understood(service, typed, label):
    found = dict(suggested(service, typed, limit=20))
    assert label in found
    assert found[label]["type"] == "municipality"
    status, reason, codes = answer(service, found[label])
    assert (status, reason) == ("uncertain", "imprecise_location")
    assert codes


def test_the_most_populated_commune_comes_first(service):
    labels = [label for label, properties in suggested(service, "lille") if properties["type"] == "municipality"]
    assert labels[0] == "Lille (59)"


def test_what_has_no_point_of_its_own_has_no_geometry(service):
    response = service.get("/v1/suggest", params={"q": "Loos"})
    assert response.json()["features"][0]["geometry"] is None


def test_addresses_come_after_and_keep_their_place(home):
    loos = {"code_postal": "59120", "code_insee": "59360", "nom_commune": "Loos"}
    offline_index(home, row(0, 0, 1, street="Les Oliviers", **loos), row(20, 0, 3, street="Rue des Carrés", **loos))
    with serving() as client:
        found = suggested(client, "les oli")
        assert [properties["type"] for _, properties in found][:2] == ["perimeter", "street"]
        address = suggested(client, "3 rue des carr")
        assert address[0][0] == "3 Rue des Carrés 59120 Loos"
        assert len(suggested(client, "Loos", limit=1)) == 1
        communes = [label for label, properties in suggested(client, "Loos") if properties["citycode"] == "59360"]
        assert communes.count("Loos (59)") == 1
        assert "Loos" not in communes
