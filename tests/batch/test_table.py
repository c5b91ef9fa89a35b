"""`qpv_geo.check_table`: a frame comes back as it was, with its answers beside it."""

from __future__ import annotations

import datetime as dt

import geopandas
import numpy as np
import pandas as pd
import pandas.testing
import pytest
import shapely
from batch_files import ANSWERS, INSIDE, LAMBERT_93, ON, OUTSIDE, RESULTS
from examples import examples
from fake_geocoder import offline_index, row
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from synthetic import perimeters, point, square

import qpv_geo
from qpv_geo.errors import CoordinatesError, DateError, InputError

FRAME = pd.DataFrame({"lon": [INSIDE[0], OUTSIDE[0]], "lat": [INSIDE[1], OUTSIDE[1]]})


def statuses(frame, *arguments, **options):
    return qpv_geo.check_table(frame, *arguments, **({"on": ON} | options))["qpv_status"].tolist()


def refusal(frame, *arguments, error=InputError, **options):
    with pytest.raises(error) as caught:
        qpv_geo.check_table(frame, *arguments, **({"on": ON} | options))
    assert "\n" not in str(caught.value)
    return str(caught.value)


# ── The frame ────────────────────────────────────────────────────────────────────────────────────────────────

CELLS = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=30), st.dates())
FRAMES = st.integers(0, 6).flatmap(
    lambda rows: st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
            st.lists(CELLS, min_size=rows, max_size=rows),
        ),
        max_size=5,
    ).map(lambda columns: (rows, columns))
)


@given(FRAMES, st.booleans())
@examples(25, of=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_frame_comes_back_as_it_was(made, is_labelled):
    rows, columns = made
    frame = pd.concat(
        [pd.Series(cells, dtype=object) for _, cells in columns] or [pd.Series(index=range(rows))], axis=1
    )
    frame.columns = [name for name, _ in columns] or ["vide"]
    frame.insert(0, "§lon", [INSIDE[0]] * rows)
    frame.insert(1, "§lat", [INSIDE[1]] * rows)
    frame.index = [f"é{k % 2}" for k in range(rows)] if is_labelled else frame.index
    before = frame.copy()
    table = qpv_geo.check_table(frame, lon="§lon", lat="§lat", on=ON)
    pandas.testing.assert_frame_equal(frame, before)
    pandas.testing.assert_frame_equal(table.iloc[:, : frame.shape[1]], before)
    assert tuple(table.columns[frame.shape[1] :]) == ANSWERS
    assert set(table["qpv_status"]) <= {"inside"}


def test_answers_have_useful_types():
    table = qpv_geo.check_table(FRAME, on=ON)
    assert table["qpv_part"].dtype == table["qpv_distance_m"].dtype == np.float64
    assert pd.api.types.is_string_dtype(table["qpv_status"].dtype)
    assert table["qpv_code"].tolist()[0] == "QN05975M"
    assert table["qpv_code"].isna().tolist() == [False, True]


def test_no_rows():
    table = qpv_geo.check_table(FRAME.iloc[:0], on=ON)
    assert tuple(table.columns) == ("lon", "lat", *ANSWERS)
    assert len(table) == 0


def test_the_labels_of_the_rows_are_kept():
    frame = FRAME.set_index(pd.MultiIndex.from_tuples([("a", 1), ("a", 1)]))
    table = qpv_geo.check_table(frame, on=ON)
    assert table.index.equals(frame.index)
    assert table["qpv_status"].tolist() == ["inside", "outside"]


def test_a_frame_of_more_than_a_block_is_answered_row_by_row():
    frame = FRAME.loc[np.arange(50_003) % 2].reset_index(drop=True)
    table = qpv_geo.check_table(frame, on=ON)
    assert (table["qpv_status"] == np.where(np.arange(50_003) % 2 == 0, "inside", "outside")).all()


# ── Places ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "lon",
    [
        ["3,00671", "0.30"],
        [3.00671, "0,30"],
        pd.array([3.00671, 0.30], dtype="Float64"),
        pd.Categorical([3.00671, 0.30]),
        np.array([3.00671, 0.30], dtype=np.float32),
    ],
)
def test_coordinates_of_any_type(lon):
    assert statuses(FRAME.assign(lon=lon)) == ["inside", "outside"]


def test_missing_values_of_any_kind_are_empty_cells():
    missing = [None, float("nan"), pd.NA, "", pd.NaT]
    frame = pd.DataFrame({"lon": pd.Series([*missing, "3,00671"], dtype=object), "lat": [None] * 5 + [50.60889]})
    assert statuses(frame) == ["not_located"] * 5 + ["inside"]
    mixed = pd.DataFrame({"lon": pd.Series([float("nan"), "a", 3], dtype=object), "lat": [50.6] * 3})
    halved, *_ = qpv_geo.check_table(mixed, on=ON)["qpv_message"]
    with pytest.raises(CoordinatesError) as alone:
        qpv_geo.check(lat=50.6)
    assert halved == str(alone.value)


def test_other_names_and_another_system():
    places = geopandas.GeoSeries([shapely.Point(*INSIDE), shapely.Point(*OUTSIDE)], crs=4326).to_crs(LAMBERT_93)
    frame = pd.DataFrame({"est": places.x, "nord": places.y.map("{:.2f}".format).str.replace(".", ",")})
    assert statuses(frame, lon="est", lat="nord", crs="EPSG:2154") == ["inside", "outside"]
    assert "« EPSG:0 »" in refusal(frame, lon="est", lat="nord", crs="EPSG:0")


def test_usual_names_are_recognised():
    assert statuses(FRAME.rename(columns={"lon": "Longitude", "lat": "Latitude"})) == ["inside", "outside"]
    assert "« a »" in refusal(pd.DataFrame({"a": [1]}))


def test_geometries_are_asked_about_in_their_own_system():
    shapes = [shapely.Point(*INSIDE), None, shapely.Point(*INSIDE).buffer(0.0001), shapely.Point(*OUTSIDE)]
    frame = geopandas.GeoDataFrame({"lieu": list("abcd")}, geometry=shapes, crs=4326)
    assert statuses(frame) == ["inside", "not_located", "inside", "outside"]
    table = qpv_geo.check_table(frame.to_crs(LAMBERT_93), on=ON)
    assert isinstance(table, geopandas.GeoDataFrame)
    assert table.crs.to_epsg() == LAMBERT_93
    assert table["qpv_status"].tolist()[:3] == ["inside", "not_located", "inside"]


def test_columns_that_are_named_come_before_geometries():
    far = geopandas.GeoDataFrame(FRAME, geometry=[shapely.Point(*OUTSIDE)] * 2, crs=4326)
    assert statuses(far) == ["inside", "outside"]
    assert statuses(far.set_crs(None, allow_override=True)) == ["inside", "outside"]


def test_geometries_without_a_system_are_an_error():
    assert "set_crs" in refusal(geopandas.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(*INSIDE)]))


def test_a_plain_column_called_geometry_is_no_geometry():
    frame = FRAME.assign(geometry="POINT (0 0)")
    assert statuses(frame) == ["inside", "outside"]


@pytest.mark.usefixtures("socket_disabled")
def test_addresses_offline(catalogue, home):
    catalogue.store.install(perimeters(square(0, 0, 400)))
    offline_index(home, row(100, 100, 1), row(2_000, 0, 90))
    streets, towns = ["1 rue des Carrés", "90 rue des Carrés", "", None], ["Essai", "Essai", "", None]
    frame = pd.DataFrame({"rue": streets, "ville": towns})
    table = qpv_geo.check_table(frame, ["rue", "ville"], on=ON, offline=True)
    assert table["qpv_status"].tolist() == ["inside", "outside", "not_located", "not_located"]
    assert tuple(table.columns) == ("rue", "ville", *ANSWERS, *RESULTS)
    assert table["result_housenumber"].tolist()[:2] == ["1", "90"]
    known = frame.assign(**point(100, 100))
    assert statuses(known, "rue", offline=True) == ["inside"] * 4


# ── Days, and the rest ───────────────────────────────────────────────────────────────────────────────────────


def test_a_column_of_days():
    days = [dt.date(2024, 6, 1), "01/06/2024", pd.Timestamp("2024-06-01"), None, "2023-06-01"]
    frame = pd.DataFrame({"lon": INSIDE[0], "lat": INSIDE[1], "quand": pd.Series(days, dtype=object)})
    assert statuses(frame, date="quand", on=None) == ["inside", "inside", "inside", "error", "error"]
    assert statuses(frame, date="quand") == ["inside", "inside", "inside", "inside", "error"]
    typed = frame.iloc[:4].assign(quand=pd.to_datetime(["2024-06-01"] * 3 + [None]))
    assert statuses(typed, date="quand", on=None) == ["inside", "inside", "inside", "error"]


def test_what_is_asked_is_made_sure_of_first():
    assert "2024-13-01" in refusal(FRAME, on="2024-13-01", error=DateError)
    assert "-1" in refusal(FRAME, accuracy_m=-1.0)
    assert "« quand »" in refusal(FRAME, date="quand")
    assert "« qpv-1900 »" in refusal(FRAME, generation="qpv-1900")


def test_columns_of_answers_are_replaced_on_request_alone():
    table = qpv_geo.check_table(FRAME, on=ON).assign(apres=1)
    text = refusal(table)
    assert "« qpv_status »" in text
    assert "replace=True" in text
    again = qpv_geo.check_table(table.assign(qpv_status="?"), on=ON, replace=True)
    assert tuple(again.columns) == ("lon", "lat", "apres", *ANSWERS)
    assert again["qpv_status"].tolist() == table["qpv_status"].tolist()


@pytest.mark.parametrize("names", [["lon", "lat", "lon"], ["lon", "lat", 0], ["lon", "lat", None]])
def test_odd_names_of_columns(names):
    frame = FRAME.assign(autre=1)
    frame.columns = names
    assert statuses(frame) == ["inside", "outside"]
