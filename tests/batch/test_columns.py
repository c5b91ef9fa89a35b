"""Which columns are used: those that were named, or those whose usual names are recognised; never a date by chance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.batch.columns import Columns, NamedColumns, find_columns
from qpv_geo.errors import InputError

NOBODY = NamedColumns()


def found(*names, named=NOBODY, has_geometry=False):
    """Return the names of the columns that are used, by what for."""
    columns = find_columns(names, named, has_geometry=has_geometry)
    single = {use: getattr(columns, use) for use in ("lon", "lat", "date", "postcode", "citycode")}
    used = {use: names[place] for use, place in single.items() if place is not None}
    return used | ({"address": [names[place] for place in columns.address]} if columns.address else {})


def refusal(*names, named=NOBODY, has_geometry=False):
    with pytest.raises(InputError) as caught:
        find_columns(names, named, has_geometry=has_geometry)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("lon", "lat"), [("lon", "lat"), ("LONGITUDE", "Latitude"), ("lng", "lat"), ("X", "Y"), ("x_wgs84", "Y_WGS84")]
)
def test_coordinates_are_recognised(lon, lat):
    assert found("id", lat, lon) == {"lon": lon, "lat": lat}


def test_degrees_come_before_x_and_y():
    assert found("x", "y", "lon", "lat") == {"lon": "lon", "lat": "lat"}


def test_half_of_the_coordinates_is_no_place():
    assert found("lon", "adresse") == {"address": ["adresse"]}
    assert "« lon »" in refusal("lon")


def test_an_address_is_put_together_in_the_order_of_an_envelope():
    names = ("Ville", "CP", "Voie", "Type voie", "Rép", "N° voie")
    assert found(*names) == {"address": ["N° voie", "Rép", "Type voie", "Voie", "CP", "Ville"]}
    assert found("commune", "code_postal", "Adresse postale") == {
        "address": ["Adresse postale", "code_postal", "commune"]
    }


@pytest.mark.parametrize("name", ["Adresse complète", "adresse_complete", "Full address", "Adresse postale complète"])
def test_a_whole_address_is_not_added_to(name):
    assert found("Ville", "Code postal", "adresse", name) == {"address": [name]}


def test_a_town_alone_is_no_address():
    assert "« Ville »" in refusal("Ville", "CP")


def test_the_code_of_the_commune_narrows_a_guessed_address_only():
    assert found("adresse", "Code INSEE") == {"address": ["adresse"], "citycode": "Code INSEE"}
    assert found("adresse", "Code INSEE", named=NamedColumns(address=("adresse",))) == {"address": ["adresse"]}
    assert found("lon", "lat", "Code INSEE") == {"lon": "lon", "lat": "lat"}


def test_coordinates_and_an_address_are_both_used():
    assert found("adresse", "lon", "lat") == {"address": ["adresse"], "lon": "lon", "lat": "lat"}


def test_what_is_named_leaves_nothing_to_guess():
    assert found("adresse", "lon", "lat", named=NamedColumns(lon="lon", lat="lat")) == {"lon": "lon", "lat": "lat"}
    assert not find_columns(("lon", "lat"), NamedColumns(lon="lon", lat="lat"), has_geometry=False).guessed
    assert find_columns(("lon", "lat"), NOBODY, has_geometry=False).guessed


def test_a_date_is_never_guessed():
    columns = find_columns(("lon", "lat", "Date"), NOBODY, has_geometry=False)
    assert columns.date is None
    assert columns.unused_date == 2
    named = find_columns(("lon", "lat", "Date"), NamedColumns(date="Date"), has_geometry=False)
    assert (named.date, named.unused_date) == (2, None)


@pytest.mark.parametrize("name", ["Date de dépôt", "date_de_depot", "Date de la demande", "DateSignature"])
def test_a_column_that_may_be_the_day_is_told(name):
    assert find_columns(("lon", "lat", "x", name), NOBODY, has_geometry=False).unused_date == 3


@pytest.mark.parametrize("name", ["Date de naissance", "date_nais", "Datenaissance", "date of birth", "candidate"])
def test_a_day_of_birth_is_not(name):
    assert find_columns(("lon", "lat", name), NOBODY, has_geometry=False).unused_date is None


def test_what_the_national_service_matched_goes_with_its_coordinates():
    names = ("adresse", "latitude", "longitude", "result_label", "result_score", "result_type")
    columns = find_columns(names, NOBODY, has_geometry=False)
    assert (columns.lon, columns.lat, columns.match_type, columns.address) == (2, 1, 5, ())
    named = find_columns(names, NamedColumns(lon="longitude", lat="latitude"), has_geometry=False)
    assert named.match_type == 5
    own = ("lon", "lat", "adresse", "result_type", "result_longitude", "result_latitude")
    columns = find_columns(own, NOBODY, has_geometry=False)
    assert (columns.match_type, columns.address) == (None, (2,))
    assert find_columns(own, NamedColumns(lon=own[4], lat=own[5]), has_geometry=False).match_type == 3
    assert find_columns(("adresse", "result_type"), NOBODY, has_geometry=False).match_type is None


def test_a_date_may_be_named_and_the_place_guessed():
    assert found("quand", "lon", "lat", named=NamedColumns(date="quand")) == {
        "lon": "lon",
        "lat": "lat",
        "date": "quand",
    }


def test_geometries_come_before_guesses_and_after_names():
    assert find_columns(("lon", "lat", "adresse"), NOBODY, has_geometry=True) == Columns(geometry=True, guessed=True)
    named = find_columns(("a", "b"), NamedColumns(lon="a", lat="b"), has_geometry=True)
    assert (named.geometry, named.lon, named.lat) == (False, 0, 1)


def test_names_are_found_exactly_or_else_without_case_and_accents():
    assert found("ADRESSE", "adresse", named=NamedColumns(address=("adresse",))) == {"address": ["adresse"]}
    assert found("Adresse Complète", named=NamedColumns(address=("adresse complete",))) == {
        "address": ["Adresse Complète"]
    }


def test_of_several_columns_with_one_name_the_first_is_used():
    columns = find_columns(("lon", "lat", "lon", "lat"), NOBODY, has_geometry=False)
    assert (columns.lon, columns.lat) == (0, 1)


def test_postcodes_within_an_address_are_known():
    columns = find_columns(("adresse", "CP", "ville"), NOBODY, has_geometry=False)
    assert (columns.address_postcodes, columns.address_cities) == ((1,), (2,))
    named = find_columns(("a", "Code postal"), NamedColumns(address=("a", "Code postal")), has_geometry=False)
    assert named.address_postcodes == (1,)


def test_a_column_that_is_not_there_is_an_error_that_lists_those_that_are():
    text = refusal("a", "b", named=NamedColumns(date="c", lon="a", lat="b"))
    for part in ("« c »", "« a »", "« b »"):
        assert part in text
    assert "autres" in refusal(*(f"c{k}" for k in range(60)), named=NamedColumns(lon="x", lat="y"))
    assert "aucune" in refusal()


@pytest.mark.parametrize(("half", "option"), [({"lon": "a"}, "--lat-column"), ({"lat": "a"}, "--lon-column")])
def test_half_of_the_coordinates_by_name_is_an_error_that_names_the_other_option(half, option):
    assert option in refusal("a", named=NamedColumns(**half))


@given(st.lists(st.text(max_size=12), max_size=8))
def test_odd_names_are_told_in_one_line_or_used(names):
    try:
        columns = find_columns(names, NOBODY, has_geometry=False)
    except InputError as error:
        assert "--address-column" in str(error)  # noqa: PT017 - either end is right
    else:
        assert set(columns.used) <= set(range(len(names)))
