"""Very many points on the national perimeters, row for row against geopandas on the same points."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from examples import LONG

import qpv_geo
from qpv_geo import crs

pytestmark = pytest.mark.more
POINTS = 1_000_000 if LONG else 30_000


@pytest.fixture(scope="module")
def points(national):
    """Half anywhere in mainland France, half within about a kilometre of a perimeter, overseas included."""
    rng = np.random.default_rng(59360)
    bounds = shapely.bounds(national.geometry)[rng.integers(0, len(national), POINTS // 2)]
    around = rng.uniform(bounds[:, :2] - 0.01, bounds[:, 2:] + 0.01)
    anywhere = rng.uniform((-4.5, 42.5), (7.5, 50.5), (POINTS - len(around), 2))
    return rng.permutation(np.concatenate([around, anywhere]))


def test_very_many_points_agree_with_shapely_s_predicates(national, points):
    lon, lat = points.T
    table = qpv_geo.check_many(lon=lon, lat=lat, perimeters=national)
    assert len(table) == POINTS
    place = crs.territory_index(lon=lon, lat=lat)
    seen = 0
    for k, territory in enumerate(crs.TERRITORIES):
        mine = np.flatnonzero(place == k)
        frame = national.frame.to_crs(territory.epsg)
        here = gpd.GeoSeries(gpd.points_from_xy(lon[mine], lat[mine], crs=4326).to_crs(territory.epsg), index=mine)
        tree = shapely.STRtree(np.asarray(frame.geometry))
        item, row = tree.query(np.asarray(here), predicate="intersects")
        holder = np.full(len(mine), "", dtype=object)
        holder[item[::-1]] = frame.code_qp.to_numpy()[row[::-1]]
        close = shapely.STRtree(np.asarray(frame.boundary)).query(np.asarray(here), "dwithin", 20.0)[0]
        clear = np.ones(len(mine), dtype=bool)
        clear[close] = False  # within 20 m of an edge: the rounded file is not that precise
        answers = table.iloc[mine]
        assert (answers.status[clear] == np.where(holder == "", "outside", "inside")[clear]).all()
        assert (answers.code_qp.to_numpy(dtype=object, na_value="")[clear] == holder[clear]).all()
        seen += int(clear.sum())
    assert seen > 0.9 * POINTS


def test_shuffling_the_points_shuffles_the_answers(national, points):
    some = points[: 50_000 if LONG else 6_000]
    order = np.random.default_rng(1).permutation(len(some))
    table = qpv_geo.check_many(lon=some[:, 0], lat=some[:, 1], accuracy_m=25.0, perimeters=national)
    shuffled = qpv_geo.check_many(lon=some[order, 0], lat=some[order, 1], accuracy_m=25.0, perimeters=national)
    assert table.iloc[order].reset_index(drop=True).equals(shuffled)


def test_one_check_and_many_agree_on_the_national_file(national, points):
    some = points[: 300 if LONG else 30]
    table = qpv_geo.check_many(lon=some[:, 0], lat=some[:, 1], accuracy_m=40.0, perimeters=national)
    for (lon, lat), row in zip(some, table.itertuples(), strict=True):
        verdict = qpv_geo.check(lon=lon, lat=lat, accuracy_m=40.0, perimeters=national)
        assert (verdict.status, verdict.reason, verdict.share_inside) == (row.status, row.reason, row.share_inside)
        assert row.distance_m in (verdict.distance_m, np.inf)
        assert (row.distance_m == np.inf) == (verdict.distance_m > 1000)


def test_the_first_question_and_the_next_have_the_same_answer(national, points):
    warm, read = qpv_geo.PerimeterIndex(national), replace(national, file=None)  # that has no cells beside it
    for lon, lat in points[: 200 if LONG else 4]:
        question = {"lon": [lon], "lat": [lat], "accuracy_m": 50.0, "horizon_m": np.inf}
        cold = qpv_geo.PerimeterIndex(read).measure_points(**question)
        later = warm.measure_points(**question)
        territory = crs.TERRITORIES[crs.territory_index(lon=[lon], lat=[lat])[0]]
        alone = warm.measure_each([(lon, lat, 50.0)])[0]
        assert alone == later.each()[0]
        for field in ("share", "distance_m", "nearest", "best", "covered"):
            assert getattr(cold, field).tolist() == getattr(later, field).tolist()
        site = shapely.box(lon, lat, lon + 0.002, lat + 0.002)
        first = qpv_geo.PerimeterIndex(read).measure_site(site, territory=territory)
        again = warm.measure_site(site, territory=territory)
        assert (first.share[0], first.distance_m[0], first.nearest[0]) == (
            again.share[0],
            again.distance_m[0],
            again.nearest[0],
        )


def test_a_site_that_crosses_itself_by_a_hair_once_in_metres(national):
    """Valid in degrees; projected, an edge of this perimeter passes over another."""
    site = national.geometry[national.codes.index("QN04705M")]
    assert site.is_valid
    verdict = qpv_geo.check(site=site, on="2024-06-01", perimeters=national)
    assert verdict.perimeters[0].code == "QN04705M"
