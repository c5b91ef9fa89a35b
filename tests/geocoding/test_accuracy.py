"""The table of accuracy radii, held to what its documentation says."""

from __future__ import annotations

import pytest

from qpv_geo.geocoding.accuracy import ESTABLISHMENT, accuracy_m
from qpv_geo.geocoding.protocol import MatchType

TABLE = {
    "entrée": 20,
    "délivrance postale": 20,
    "cage d'escalier": 20,
    "logement": 20,
    ESTABLISHMENT: 20,
    "bâtiment": 30,
    "parcelle": 40,
    "service technique": 50,
    "segment": 50,
}


@pytest.mark.parametrize("kind", [MatchType.HOUSENUMBER, MatchType.POI])
@pytest.mark.parametrize(("position", "radius"), TABLE.items())
def test_the_radius_of_a_door_is_that_of_its_kind_of_position(kind, position, radius):
    assert accuracy_m(kind, position) == radius


@pytest.mark.parametrize("written", ["cage d’escalier", " Cage d'Escalier ", "CAGE D'ESCALIER"])
def test_a_position_is_known_however_it_is_written(written):
    assert accuracy_m(MatchType.HOUSENUMBER, written) == 20


@pytest.mark.parametrize("position", [None, "", "position d'essai"])
def test_a_house_number_whose_kind_of_position_is_not_said_is_between_the_two(position):
    assert accuracy_m(MatchType.HOUSENUMBER, position) == 30


@pytest.mark.parametrize("position", [None, *TABLE])
@pytest.mark.parametrize(
    ("kind", "radius"), [(MatchType.STREET, 500), (MatchType.LOCALITY, 500), (MatchType.MUNICIPALITY, 5000)]
)
def test_what_is_no_door_is_coarse_whatever_its_point_is(kind, radius, position):
    assert accuracy_m(kind, position) == radius


def test_no_point_is_finer_than_two_official_positions_of_the_same_door_agree():
    assert min(accuracy_m(kind, position) for kind in MatchType for position in (None, *TABLE)) == 20
