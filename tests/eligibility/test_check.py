"""The verdict, as its users ask for it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
import shapely
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from synthetic import LOOS_BOX, MAINLAND, degrees, perimeters, point, square

import qpv_geo
from qpv_geo import crs
from qpv_geo.eligibility.check import Checker
from qpv_geo.eligibility.location import point_place
from qpv_geo.errors import (
    CoordinatesError,
    DateError,
    InputError,
    MissingPerimetersError,
    SiteError,
)
from qpv_geo.perimeters.catalogue import Catalogue
from qpv_geo.perimeters.coverage import Coverage, coverage_from_json
from qpv_geo.perimeters.importing import ImportOptions, read_file
from qpv_geo.settings import Settings

COLLEGE = {"lon": 3.00671, "lat": 50.60889}
"""Address point of the collège Descartes in Loos, as the education directory publishes it."""
ADDED = [{"lon": 3.00409, "lat": 50.60919}, {"lon": 3.01104, "lat": 50.60960}]
LYON = {"lon": 4.8357, "lat": 45.7640}
NEAR_TERRITORIES = {
    "metropole": (3.0, 50.6),
    "antilles": (-61.0, 14.6),
    "guyane": (-52.3, 4.9),
    "reunion": (55.5, -21.1),
    "mayotte": (45.2, -12.8),
    "polynesie": (-149.5, -17.6),
}


def words(verdict):
    return verdict.status.value, verdict.reason.value


# ── Contract ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_verdict_has_the_shape_of_the_contract():
    document = qpv_geo.check(**COLLEGE, on="2024-06-01").to_dict()
    assert list(document) == [
        "status", "reason", "message", "on", "generation", "perimeters", "nearest", "share_inside", "distance_m",
        "remedy", "location", "evidence",
    ]  # fmt: skip
    assert document["perimeters"] == [{"code": "QN05975M", "name": "Les Oliveaux", "kind": "qpv", "share_inside": 1.0}]
    assert document["nearest"] == {"code": "QN05975M", "name": "Les Oliveaux", "distance_m": document["distance_m"]}
    assert document["location"] == {
        **COLLEGE, "accuracy_m": 0.0, "type": "coordinates", "score": None, "label": None, "citycode": None,
        "source": "input", "asked": None, "match": None,
    }  # fmt: skip
    assert {"dataset", "sha256", "decrees", "software", "checked_at", "digest", "input"} <= set(document["evidence"])
    assert document["evidence"]["notice"] == "Résultat indicatif, ne vaut pas attestation réglementaire."
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_the_college_is_inside_some_fifteen_metres_from_the_limit_of_2024():
    verdict = qpv_geo.check(**COLLEGE, on="2024-06-01")
    outline = qpv_geo.load_perimeters("qpv-2024").frame.set_index("code_qp").to_crs(2154).geometry["QN05975M"]
    here = crs.project(shapely.Point(COLLEGE["lon"], COLLEGE["lat"]), MAINLAND)
    assert words(verdict) == ("inside", "clear")
    assert verdict.distance_m == pytest.approx(-outline.boundary.distance(here), abs=0.01)
    assert "15 m" in verdict.message
    assert "1er juin 2024" in verdict.message


def test_a_point_far_from_all_in_a_covered_town_is_outside():
    verdict = qpv_geo.check(lon=0.34, lat=46.58, on="2024-06-01")
    assert words(verdict) == ("outside", "clear")
    assert verdict.share_inside == 0.0
    assert verdict.perimeters == ()
    assert verdict.nearest is not None
    assert verdict.distance_m is not None
    assert verdict.distance_m > 0


def test_where_the_perimeters_are_not_complete_nothing_is_outside():
    verdict = qpv_geo.check(**LYON, on="2024-06-01")
    assert words(verdict) == ("uncertain", "not_covered")
    assert (verdict.nearest, verdict.distance_m) == (None, None)
    assert verdict.remedy.startswith("qpv perimeters fetch qpv-2024")
    assert "qpv perimeters" not in verdict.message


def test_today_is_the_day_if_none_is_said(home):
    checker = Checker(Settings(home=home), clock=lambda: datetime(2026, 3, 4, 12, tzinfo=UTC))
    verdict = checker.check(**COLLEGE)
    assert verdict.on == "2026-03-04"
    assert verdict.evidence.checked_at == "2026-03-04T12:00:00+00:00"


@pytest.mark.parametrize("on", ["2024-06-01", date(2024, 6, 1), datetime(2024, 6, 1, 18, tzinfo=UTC)])
def test_a_day_may_be_text_or_a_date(on):
    assert qpv_geo.check(**COLLEGE, on=on).on == "2024-06-01"


# ── The redraw of Les Oliveaux ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("with_2015")
@pytest.mark.parametrize("place", ADDED)
def test_what_the_redraw_added_is_outside_before_and_inside_after(place):
    before, after = (qpv_geo.check(**place, on=on) for on in ("2023-06-01", "2024-06-01"))
    assert (words(before), before.generation) == (("outside", "clear"), "qpv-2015")
    assert (words(after), after.generation) == (("inside", "clear"), "qpv-2024")
    assert after.perimeters[0].name == "Les Oliveaux"


@pytest.mark.usefixtures("with_2015")
def test_the_college_s_point_is_in_both_generations_close_to_the_edge_of_2015():
    verdict = qpv_geo.check(**COLLEGE, on="2023-12-31")
    assert words(verdict) == ("inside", "clear")
    assert verdict.perimeters[0].code == "QP059077"
    assert verdict.distance_m == pytest.approx(-10.6, abs=0.1)


@pytest.mark.usefixtures("with_2015")
def test_a_generation_can_be_forced_and_the_answer_says_so():
    verdict = qpv_geo.check(**ADDED[0], on="2024-06-01", generation="qpv-2015")
    assert (words(verdict), verdict.generation) == (("outside", "clear"), "qpv-2015")
    assert "quelle que soit la date" in verdict.message
    assert "quartiers de 2015" in verdict.message
    assert "2024" not in verdict.message
    assert verdict.evidence.input["generation"] == "qpv-2015"


def test_without_the_generation_in_force_there_is_no_verdict():
    with pytest.raises(MissingPerimetersError, match="qpv-2015") as missing:
        qpv_geo.check(**ADDED[0], on="2023-06-01")
    assert missing.value.remedy.startswith("qpv perimeters fetch qpv-2015")


def test_a_generation_that_does_not_exist():
    with pytest.raises(InputError, match="« qpv-2030 »"):
        qpv_geo.check(**COLLEGE, generation="qpv-2030")


# ── Dates by territory ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("territory", crs.TERRITORIES, ids=lambda one: one.id)
def test_the_date_picks_the_generation_of_the_territory(catalogue, territory):
    last_of_2015 = date(2023, 12, 31) if territory.id == "metropole" else date(2024, 12, 31)
    lon, lat = NEAR_TERRITORIES[territory.id]
    box = shapely.box(lon, lat, lon + 0.01, lat + 0.01)
    for generation, code in (("qpv-2015", "QP999001"), ("qpv-2024", "QN99901N")):
        one = perimeters(square(0, 0, 100), name=generation, generation=generation)
        catalogue.store.install(replace(one, codes=(code,), geometry=np.array([box], dtype=object)))
    after = date.fromordinal(last_of_2015.toordinal() + 1)
    for on, generation in ((last_of_2015, "qpv-2015"), (after, "qpv-2024")):
        verdict = qpv_geo.check(lon=lon + 0.005, lat=lat + 0.005, on=on)
        assert (verdict.generation, words(verdict)) == (generation, ("inside", "clear"))
        assert verdict.evidence.crs == f"EPSG:{territory.epsg}"
        assert qpv_geo.check_many(lon=[lon + 0.005], lat=[lat + 0.005], on=on).status.tolist() == ["inside"]


@pytest.mark.parametrize("territory", crs.TERRITORIES, ids=lambda one: one.id)
def test_distances_are_those_of_the_ellipsoid_in_every_territory(territory):
    from pyproj import Geod  # noqa: PLC0415

    lon, lat = NEAR_TERRITORIES[territory.id]
    box = shapely.box(lon, lat, lon + 0.01, lat + 0.01)
    one = replace(perimeters(square(0, 0, 100)), geometry=np.array([box], dtype=object))
    verdict = qpv_geo.check(lon=lon - 0.002, lat=lat + 0.005, perimeters=one)
    ellipsoid = Geod(ellps="GRS80").inv(lon - 0.002, lat + 0.005, lon, lat + 0.005)[2]
    assert verdict.distance_m == pytest.approx(ellipsoid, rel=0.003)  # the projection's own scale


def test_a_day_before_the_priority_geography():
    with pytest.raises(DateError, match=r"31/12/2014.*01/01/2015"):
        qpv_geo.check(**COLLEGE, on="2014-12-31")


# ── Bad input is never a verdict ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("question", "error", "says"),
    [
        ({"lon": 50.60889, "lat": 3.00671}, CoordinatesError, "inversées.*50.60889"),
        ({"lon": float("nan"), "lat": 50.6}, CoordinatesError, "non finies.*nan"),
        ({"lon": 3.0, "lat": float("inf")}, CoordinatesError, "non finies.*inf"),
        ({"lon": -73.9, "lat": 40.7}, CoordinatesError, "hors des territoires.*-73.9"),
        ({"lon": "trois", "lat": 50.6}, CoordinatesError, "« trois »"),
        ({"lon": 3.0}, CoordinatesError, "il manque la latitude"),
        ({"lat": 50.6}, CoordinatesError, "il manque la longitude"),
        ({}, InputError, "rien à vérifier"),
        ({**COLLEGE, "site": {"type": "Point", "coordinates": [3, 50.6]}}, InputError, "point et site"),
        ({"site": {"type": "Point", "coordinates": [3, 50.6]}, "accuracy_m": 5}, InputError, "que pour un point"),
        ({**COLLEGE, "accuracy_m": -1}, CoordinatesError, "-1"),
        ({**COLLEGE, "accuracy_m": float("nan")}, CoordinatesError, "nan"),
        ({**COLLEGE, "accuracy_m": "peu"}, CoordinatesError, "« peu »"),
        ({**COLLEGE, "on": "2024-13-01"}, DateError, "« 2024-13-01 »"),
        ({**COLLEGE, "on": "hier"}, DateError, "« hier »"),
        ({**COLLEGE, "on": 20240601}, DateError, "20240601"),
        ({**COLLEGE, "kinds": ()}, InputError, "aucun type"),
        ({"address": "ab"}, InputError, "« ab ».*3 à 200"),
        ({"address": "1 rue des Essais", "postcode": "5912"}, InputError, "« 5912 »"),
        ({"address": "1 rue des Essais", "citycode": "Loos"}, InputError, "« Loos »"),
    ],
)
def test_bad_input_is_an_error_that_names_the_value(question, error, says):
    with pytest.raises(error, match=says) as caught:
        qpv_geo.check(**question)
    assert "\n" not in str(caught.value)


BOW_TIE = {"type": "Polygon", "coordinates": [[[3.0, 50.60], [3.01, 50.61], [3.01, 50.60], [3.0, 50.61], [3.0, 50.60]]]}


@pytest.mark.parametrize(
    ("site", "error", "says"),
    [
        (BOW_TIE, SiteError, "se croise.*3.005 50.605"),
        ({"type": "Polygon", "coordinates": []}, SiteError, "site vide"),
        (shapely.Polygon(), SiteError, "site vide"),
        ({"type": "Polygone"}, SiteError, "site illisible"),
        ({"coordinates": object()}, SiteError, "site illisible"),
        ({"type": "Point", "coordinates": [float("nan"), 50.6]}, SiteError, "site illisible"),
        (shapely.Point(3.0, float("inf")), CoordinatesError, "non finies.*inf"),
        ({"type": "Point", "coordinates": [50.6, 3.0]}, CoordinatesError, "inversées"),
        ({"type": "MultiPoint", "coordinates": [[3.0, 50.6], [55.5, -21.1]]}, SiteError, "La Réunion"),
    ],
)
def test_a_bad_site_is_an_error(site, error, says):
    with pytest.raises(error, match=says):
        qpv_geo.check(site=site)


# ── Sites ────────────────────────────────────────────────────────────────────────────────────────────────────


PATCH = perimeters(square(0, 0, 1000))


@pytest.mark.parametrize(
    ("site", "expected", "share", "distance_m"),
    [
        (square(100, 100, 200), ("inside", "clear"), 1.0, -100),
        (square(0, 0, 1000), ("inside", "clear"), 1.0, 0),
        (square(-300, 0, 200), ("outside", "clear"), 0.0, 100),
        (square(-100, 0, 200), ("uncertain", "site_straddles"), 0.5, 0),
        (square(-10, 100, 1000), ("inside", "clear"), 0.99 * 0.9, None),
        (square(-990, 0, 1000), ("outside", "clear"), 0.01, 0),
        (square(0, 0, 100).union(square(2000, 0, 100)), ("uncertain", "site_straddles"), 0.5, 0),
        (square(0, 0, 10).boundary.buffer(0).union(square(10, 10, 10)), ("inside", "clear"), 1.0, -10),
    ],
)
def test_a_polygon_is_judged_by_its_area(site, expected, share, distance_m):
    verdict = qpv_geo.check(site=degrees(site), perimeters=PATCH)
    if distance_m is None:  # 1,000 m by 1,000 m, 10 m outside on one side and 100 m on another
        expected = ("uncertain", "site_straddles")
    assert words(verdict) == expected
    assert verdict.share_inside == pytest.approx(share, abs=1e-3)
    if distance_m is not None:
        assert verdict.distance_m == pytest.approx(distance_m, abs=0.01)


@pytest.mark.parametrize(
    ("points", "expected", "share"),
    [
        ([(-500, 500), (500, 500)], ("uncertain", "site_straddles"), 0.5),
        ([(100, 500), (900, 500)], ("inside", "clear"), 1.0),
        ([(-100, 500), (-900, 500)], ("outside", "clear"), 0.0),
    ],
)
def test_a_line_is_judged_by_its_length(points, expected, share):
    x0, y0 = square(0, 0, 1).bounds[:2]
    line = shapely.LineString([(x0 + x, y0 + y) for x, y in points])
    verdict = qpv_geo.check(site=degrees(line), perimeters=PATCH)
    assert (words(verdict), verdict.share_inside) == (expected, pytest.approx(share, abs=1e-3))
    wide = qpv_geo.check(site=degrees(line), perimeters=perimeters(square(0, 0, 1000), precision_m=2.0))
    assert (words(wide), wide.share_inside) == (expected, pytest.approx(share, abs=5e-3))


def test_several_points_are_judged_by_their_number():
    x0, y0 = square(0, 0, 1).bounds[:2]
    points = shapely.MultiPoint([(x0 + x, y0 + 500) for x in (100, 200, 300, -100)])
    verdict = qpv_geo.check(site=degrees(points), perimeters=PATCH)
    assert (words(verdict), verdict.share_inside) == (("uncertain", "site_straddles"), 0.75)


def test_a_site_half_out_of_the_coverage_is_not_outside():
    covered = perimeters(square(0, 0, 1000), coverage=Coverage(degrees(square(-500, -500, 2000))))
    assert words(qpv_geo.check(site=degrees(square(-400, 0, 100)), perimeters=covered)) == ("outside", "clear")
    verdict = qpv_geo.check(site=degrees(square(-550, 0, 100)), perimeters=covered)
    assert words(verdict) == ("uncertain", "not_covered")


def test_a_site_where_no_perimeter_is_known_in_the_territory():
    verdict = qpv_geo.check(site={"type": "Point", "coordinates": [55.5, -21.1]}, on="2025-06-01")
    assert words(verdict) == ("uncertain", "not_covered")


def test_a_site_says_how_much_of_it_is_inside():
    mostly = qpv_geo.check(site=degrees(square(-30, 0, 1000)), perimeters=PATCH)
    hardly = qpv_geo.check(site=degrees(square(-970, 0, 1000)), perimeters=PATCH)
    half = qpv_geo.check(site=degrees(square(-100, 0, 200)), perimeters=PATCH)
    assert "97 %" in mostly.message
    assert "3 %" in hardly.message
    assert "50 %" in half.message


# ── Rules that hold for any geometry ─────────────────────────────────────────────────────────────────────────

offsets = st.integers(-1500, 1500)
sizes = st.integers(20, 900)


def answer(verdict):
    return words(verdict), verdict.share_inside, verdict.distance_m, verdict.perimeters


@examples(25)
@given(first=st.tuples(offsets, offsets, sizes), second=st.tuples(offsets, offsets, sizes))
def test_parts_rings_and_starting_points_change_nothing(first, second):
    site = degrees(shapely.union_all([square(*first), square(*second)]))
    turned = shapely.multipolygons(shapely.reverse(shapely.get_parts(site))[::-1])
    assert answer(qpv_geo.check(site=site, perimeters=PATCH)) == answer(qpv_geo.check(site=turned, perimeters=PATCH))


@examples(25)
@given(x=offsets, y=offsets, accuracy_m=st.integers(0, 300))
def test_the_perimeters_parts_and_rings_change_nothing(x, y, accuracy_m):
    outline = square(0, 0, 1000).difference(square(400, 400, 100)).union(square(-900, 0, 300))
    one = perimeters(outline)
    other = replace(
        one, geometry=np.array([shapely.multipolygons(shapely.reverse(shapely.get_parts(one.geometry[0]))[::-1])])
    )
    place = {**point(x, y), "accuracy_m": accuracy_m}
    assert answer(qpv_geo.check(**place, perimeters=one)) == answer(qpv_geo.check(**place, perimeters=other))


@pytest.mark.parametrize("epsg", [2154, 3857, 4171, 32631, 3949])
def test_the_system_a_site_comes_in_changes_nothing(tmp_path, epsg):
    import geopandas as gpd  # noqa: PLC0415

    from qpv_geo.eligibility.location import read_site  # noqa: PLC0415

    site = gpd.GeoSeries([square(-100, 0, 300)], crs=2154)
    path = tmp_path / "site.gpkg"
    site.to_crs(epsg).to_file(path)
    verdict = qpv_geo.check(site=read_site(path), perimeters=PATCH)
    assert words(verdict) == ("uncertain", "site_straddles")
    assert verdict.share_inside == pytest.approx(2 / 3, abs=1e-3)


@examples(30)
@given(x=offsets, y=offsets, accuracy_m=st.integers(0, 300))
def test_one_check_and_many_give_the_same_answer(x, y, accuracy_m):
    one = perimeters(square(0, 0, 1000), square(300, 300, 200), square(1000, 0, 200), precision_m=1.0)
    place = point(x, y)
    verdict = qpv_geo.check(**place, accuracy_m=accuracy_m, perimeters=one)
    row = qpv_geo.check_many(
        lon=[place["lon"]], lat=[place["lat"]], accuracy_m=accuracy_m, perimeters=one, horizon_m=10_000
    ).iloc[0]
    assert (row.status, row.reason) == words(verdict)
    assert (row.share_inside, row.distance_m) == (verdict.share_inside, verdict.distance_m)
    best = None if verdict.status == "outside" or not verdict.perimeters else verdict.perimeters[0].code
    assert (None if row.isna().code_qp else row.code_qp) == best


@examples(12, of=30)
@given(
    places=st.lists(st.tuples(offsets, offsets, st.integers(0, 300)), min_size=1, max_size=12),
    sets=st.integers(1, 2),
)
def test_points_checked_together_have_the_verdicts_of_each_alone(tmp_path_factory, places, sets):
    home = tmp_path_factory.mktemp("home")
    catalogue = Catalogue(home)
    around = coverage_from_json([[0.0, 46.0, 3.0, 47.0]])
    for k, some in enumerate([(square(0, 0, 1000), square(300, 300, 200)), (square(1000, 0, 200),)][:sets]):
        catalogue.store.install(perimeters(*some, precision_m=1.0, coverage=around, name=f"carres-{k}"))
    catalogue.store.install(perimeters(square(0, -900, 900), kind="municipal_zone", generation=None, name="zone"))
    checker = Checker(Settings(home=home), catalogue=catalogue, clock=lambda: datetime(2026, 3, 4, 12, tzinfo=UTC))
    asked = [{**point(x, y), "accuracy_m": accuracy_m} for x, y, accuracy_m in places]
    together = checker.check_places([point_place(**one) for one in asked], checker.check_options(on="2024-06-01"))
    assert together == [checker.check(**one, on="2024-06-01") for one in asked]


# ── check_many ───────────────────────────────────────────────────────────────────────────────────────────────


def test_many_points_one_row_each_in_the_same_order():
    table = qpv_geo.check_many(
        lon=[COLLEGE["lon"], LYON["lon"], 0.34], lat=[COLLEGE["lat"], LYON["lat"], 46.58], on="2024-06-01"
    )
    assert list(table.columns) == ["status", "reason", "code_qp", "lib_qp", "share_inside", "distance_m"]
    assert table.status.tolist() == ["inside", "uncertain", "outside"]
    assert table.reason.tolist() == ["clear", "not_covered", "clear"]
    assert table.code_qp.fillna("").tolist() == ["QN05975M", "", ""]
    assert table.lib_qp.fillna("").tolist() == ["Les Oliveaux", "", ""]
    assert np.isnan(table.distance_m[1])
    assert np.isinf(table.distance_m[2])


def test_many_points_in_several_territories(catalogue):
    boxes = {"metropole": shapely.box(3.0, 50.6, 3.01, 50.61), "reunion": shapely.box(55.5, -21.1, 55.51, -21.09)}
    both = perimeters(square(0, 0, 100), square(200, 0, 100), name="qpv-2024")
    catalogue.store.install(replace(both, geometry=np.array(list(boxes.values()), dtype=object)))
    old = replace(both, dataset=replace(both.dataset, id="qpv-2015", generation="qpv-2015"))
    catalogue.store.install(replace(old, codes=("QP999001", "QP999002"), geometry=np.array(list(boxes.values()))))
    table = qpv_geo.check_many(lon=[55.505, 3.005, 55.505], lat=[-21.095, 50.605, -21.5], on="2024-06-01")
    assert table.code_qp.fillna("").tolist() == ["QP999002", "QN99901N", ""]
    assert table.status.tolist() == ["inside", "inside", "outside"]


def test_answers_join_the_rows_of_the_series_they_are_about():
    import pandas as pd  # noqa: PLC0415

    frame = pd.DataFrame({"lon": [0.34, COLLEGE["lon"]], "lat": [46.58, COLLEGE["lat"]]}, index=[7, 3])
    frame["status"] = qpv_geo.check_many(lon=frame.lon, lat=frame.lat, on="2024-06-01").status
    assert frame.status.to_dict() == {7: "outside", 3: "inside"}
    with pytest.raises(InputError, match="étiquettes"):
        qpv_geo.check_many(lon=frame.lon, lat=frame.lat.sort_index(), on="2024-06-01")


def test_the_middle_of_a_wide_disc_inside_is_never_outside():
    small = perimeters(square(0, 0, 100))
    for accuracy_m, expected in ((2000, ("uncertain", "imprecise_location")), (10, ("inside", "clear"))):
        assert words(qpv_geo.check(**point(50, 50), accuracy_m=accuracy_m, perimeters=small)) == expected
    assert words(qpv_geo.check(**point(2500, 50), accuracy_m=2000, perimeters=small)) == ("outside", "clear")


def test_a_point_of_a_site_counts_beside_its_polygon():
    site = shapely.GeometryCollection([square(100, 100, 200), square(-500, 500, 2).centroid])
    verdict = qpv_geo.check(site=degrees(site), perimeters=perimeters(square(0, 0, 1000), precision_m=1.0))
    assert (words(verdict), verdict.share_inside) == (("uncertain", "site_straddles"), 0.5)


def test_perimeters_of_one_town_hide_nothing_of_another(catalogue):
    catalogue.store.install(perimeters(square(0, 0, 1000), coverage=Coverage(shapely.MultiPolygon()), name="qpv-2024"))
    assert words(qpv_geo.check(**COLLEGE, on="2024-06-01")) == ("inside", "clear")
    mine = qpv_geo.check(**point(500, 500), on="2024-06-01")
    assert (words(mine), mine.evidence.dataset) == (("inside", "clear"), "qpv-2024")
    assert qpv_geo.check(**COLLEGE, on="2024-06-01").evidence.dataset == "qpv-2024-poitiers-loos"


def test_no_point_gives_an_empty_table():
    table = qpv_geo.check_many(lon=[], lat=[], on="2024-06-01")
    assert len(table) == 0
    assert "status" in table


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ({"lon": [3.0, 50.6], "lat": [50.6, 3.0]}, "ligne 1 : longitude et latitude semblent inversées"),
        ({"lon": [3.0, np.nan], "lat": [50.6, 50.6]}, "ligne 1 : coordonnées non finies"),
        ({"lon": [3.0], "lat": [50.6, 50.6]}, "1 longitude pour 2 latitudes"),
        ({"lon": [3.0], "lat": [50.6], "accuracy_m": [-3.0]}, "-3.0"),
        ({"lon": [3.0], "lat": [50.6], "horizon_m": 0}, "horizon"),
        ({"lon": [3.0], "lat": [50.6], "horizon_m": "loin"}, "« loin »"),
        ({"lon": ["est"], "lat": [50.6]}, "valeur illisible parmi les longitude"),
        ({"lon": [3.0, 3.0], "lat": [50.6, 50.6], "accuracy_m": [1.0, 2.0, 3.0]}, "3 marges d’erreur pour 2 points"),
        ({"lon": [3.0], "lat": [50.6], "accuracy_m": 200_000}, "200000"),
    ],
)
def test_a_bad_row_is_named(question, says):
    with pytest.raises(InputError, match=says):
        qpv_geo.check_many(**question, on="2024-06-01")


# ── Kinds ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def zones(catalogue, tmp_path):
    """A municipal zone in Loos, outside any QPV, in force in 2024 only."""
    path = tmp_path / "zones.geojson"
    ring = [[2.99, 50.60], [3.00, 50.60], [3.00, 50.605], [2.99, 50.605], [2.99, 50.60]]
    feature = {
        "type": "Feature",
        "properties": {"nom": "Zone d'essai"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    options = ImportOptions(
        id="zones-essai",
        kind="municipal_zone",
        coverage=coverage_from_json([LOOS_BOX]),
        valid_from=date(2024, 1, 1),
        valid_to=date(2024, 12, 31),
    )
    catalogue.store.install(read_file(path, options, catalogue.registry))
    return {"lon": 2.995, "lat": 50.6025}


def test_a_municipal_zone_is_listed_and_never_makes_a_qpv(zones):
    verdict = qpv_geo.check(**zones, on="2024-06-01")
    assert words(verdict) == ("outside", "clear")
    assert [(one.code, one.name, one.kind) for one in verdict.perimeters] == [
        ("zones-essai-1", "Zone d'essai", "municipal_zone")
    ]
    assert verdict.nearest.code.startswith("QN")
    assert [one.dataset for one in verdict.evidence.others] == ["zones-essai"]


def test_a_status_can_be_about_other_kinds(zones):
    verdict = qpv_geo.check(**zones, on="2024-06-01", kinds=["municipal_zone"])
    assert words(verdict) == ("inside", "clear")
    assert "en zone municipale" in verdict.message
    assert verdict.evidence.dataset == "zones-essai"
    assert verdict.evidence.decrees == ()
    both = qpv_geo.check(**zones, on="2024-06-01", kinds=["qpv", "municipal_zone"])
    assert words(both) == ("inside", "clear")
    college = qpv_geo.check(**COLLEGE, on="2024-06-01", kinds=["municipal_zone"])
    assert words(college) == ("outside", "clear")
    assert [one.kind for one in college.perimeters] == []


@pytest.mark.usefixtures("zones")
def test_kinds_together_are_covered_only_where_each_is():
    poitiers = {"lon": 0.34, "lat": 46.58}
    assert words(qpv_geo.check(**poitiers, on="2024-06-01")) == ("outside", "clear")
    both = qpv_geo.check(**poitiers, on="2024-06-01", kinds=["qpv", "municipal_zone"])
    assert words(both) == ("uncertain", "not_covered")


def test_a_zone_holds_on_its_days_only(zones):
    assert qpv_geo.check(**zones, on="2025-01-01").perimeters == ()
    with pytest.raises(MissingPerimetersError, match="« municipal_zone »"):
        qpv_geo.check(**zones, on="2025-01-01", kinds=["municipal_zone"])


# ── What answers ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_installed_generation_goes_before_the_embedded_one(catalogue):
    assert words(qpv_geo.check(**LYON, on="2024-06-01")) == ("uncertain", "not_covered")
    one = perimeters(square(0, 0, 100), name="qpv-2024")
    catalogue.store.install(one)
    assert words(qpv_geo.check(**LYON, on="2024-06-01")) == ("outside", "clear")
    assert words(qpv_geo.check(**COLLEGE, on="2024-06-01")) == ("outside", "clear")


def test_what_becomes_of_a_folder_that_long_stayed_the_same_is_seen_at_once(catalogue, home):
    folder = home / "perimeters"
    for shift in range(3):
        catalogue.store.install(perimeters(square(shift * 1000, 0, 100), name="qpv-2024"))
        os.utime(folder, (0, 0))
        for _ in range(2):
            assert words(qpv_geo.check(**point(shift * 1000 + 50, 50), on="2024-06-01")) == ("inside", "clear")
    catalogue.store.install(perimeters(square(0, 0, 100), name="jardins", kind="jardin", generation=None))
    assert qpv_geo.check(**point(50, 50), on="2024-06-01").perimeters[0].kind == "jardin"
    os.utime(folder, (0, 0))
    assert qpv_geo.check(**point(50, 50), on="2024-06-01").perimeters[0].kind == "jardin"
    (folder / "jardins.json").unlink()
    assert qpv_geo.check(**point(50, 50), on="2024-06-01").perimeters == ()


def test_perimeters_of_one_s_own(tmp_path, home):
    catalogue = Catalogue(home)
    path = tmp_path / "mes-zones.geojson"
    path.write_text(shapely.to_geojson(degrees(square(0, 0, 1000))), encoding="utf-8")
    mine = read_file(path, ImportOptions(id="mes-zones", kind="jardin"), catalogue.registry)
    verdict = qpv_geo.check(**point(500, 500), perimeters=mine)
    assert (words(verdict), verdict.generation) == (("inside", "clear"), None)
    assert "dans un des zonages demandés" in verdict.message


def test_settings_set_the_thresholds(monkeypatch):
    place = {**point(-80, 500), "accuracy_m": 100, "perimeters": PATCH}
    assert words(qpv_geo.check(**place)) == ("uncertain", "imprecise_location")
    monkeypatch.setenv("QPV_GEO_OUTSIDE_MAX_SHARE", "0.2")
    verdict = qpv_geo.check(**place)
    assert words(verdict) == ("outside", "clear")
    assert verdict.evidence.thresholds.outside_max_share == 0.2


def test_a_bad_setting_is_named(monkeypatch):
    monkeypatch.setenv("QPV_GEO_INSIDE_MIN_SHARE", "beaucoup")
    with pytest.raises(InputError, match="QPV_GEO_INSIDE_MIN_SHARE = « beaucoup »"):
        qpv_geo.check(**COLLEGE)
