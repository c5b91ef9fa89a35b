"""Every row of a table is told what a single check tells of the same point, to the word."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from examples import LONG, examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from shapely import affinity
from synthetic import perimeters, point, square

import qpv_geo
from qpv_geo import messages as msg
from qpv_geo.eligibility.outcome import metres
from qpv_geo.eligibility.sentences import told_alike

ON = "2024-06-01"
POINTS = 60
ACCURACIES = st.sampled_from([0.0, 0.4, 5.0, 12.0, 49.0, 51.0, 130.0, 2_000.0])
SEEDS = st.integers(0, 2**32 - 1)
SEVERAL = examples(4, of=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
AROUND = {
    "Loos, by the limit": (3.0035, 50.6085, 3.0085, 50.6105),
    "Loos": (2.985, 50.593, 3.035, 50.622),
    "Poitiers": (0.25, 46.50, 0.48, 46.66),
    "not covered": (1.0, 47.0, 2.5, 48.0),
    "La Réunion": (55.2, -21.3, 55.8, -20.9),
}

ANSWERS = {"inside": "en QPV", "outside": "hors QPV", "uncertain": "à vérifier"}


def as_row(verdict):
    """Return what a row says of a verdict: its perimeter is the one that holds most of the place."""
    asked = [one for one in verdict.perimeters if one.kind == "qpv" and verdict.status != "outside"]
    most = max(asked, key=lambda one: one.share_inside, default=None)
    return {
        "qpv_reponse": ANSWERS[verdict.status],
        "qpv_status": str(verdict.status),
        "qpv_reason": str(verdict.reason),
        "qpv_code": most.code if most else None,
        "qpv_nom": most.name if most else None,
        "qpv_part": verdict.share_inside,
        "qpv_distance_m": verdict.distance_m,
        "qpv_generation": verdict.generation,
        "qpv_message": verdict.message,
    }


def assert_told_as_alone(lon, lat, accuracy_m, on=ON):
    """Check all rows against single checks, and return their answers."""
    frame = pd.DataFrame({"lon": lon, "lat": lat})
    table = qpv_geo.check_table(frame, on=on, accuracy_m=accuracy_m)
    rows = table.drop(columns=["lon", "lat"]).astype(object)
    rows = rows.where(rows.notna(), None).to_dict("records")
    for row, x, y in zip(rows, frame["lon"], frame["lat"], strict=True):
        alone = as_row(qpv_geo.check(lon=x, lat=y, on=on, accuracy_m=accuracy_m))
        shares = [row.pop("qpv_part"), alone.pop("qpv_part")]
        assert row == alone
        assert shares[0] == shares[1] or shares == pytest.approx([shares[1]] * 2, abs=1e-6)
    return table


@pytest.mark.parametrize("around", AROUND)
@given(seed=SEEDS, accuracy_m=ACCURACIES)
@SEVERAL
def test_points_around_the_embedded_perimeters(around, seed, accuracy_m):
    lon_min, lat_min, lon_max, lat_max = AROUND[around]
    random = np.random.default_rng(seed)
    on = "2025-06-01" if around == "La Réunion" else ON
    assert_told_as_alone(
        random.uniform(lon_min, lon_max, POINTS), random.uniform(lat_min, lat_max, POINTS), accuracy_m, on
    )


@pytest.fixture
def squares(catalogue):
    """Two squares that touch, one that overlaps them, one apart and one turned, complete everywhere."""
    turned = affinity.rotate(square(3_000, 0, 400), 30)
    catalogue.store.install(
        perimeters(square(0, 0, 400), square(400, 0, 400), square(350, 350, 90), square(1_500, 0, 30), turned)
    )
    return catalogue


@pytest.mark.usefixtures("squares")
@given(seed=SEEDS, accuracy_m=ACCURACIES, spread=st.sampled_from([15.0, 300.0, 3_000.0, 60_000.0]))
@SEVERAL
def test_points_around_squares(seed, accuracy_m, spread):
    random = np.random.default_rng(seed)
    corners = random.choice([0, 400, 800, 1_500, 3_000], POINTS)
    places = [point(x + dx, y) for x, dx, y in zip(corners, *random.normal(0, spread, (2, POINTS)), strict=True)]
    assert_told_as_alone([one["lon"] for one in places], [one["lat"] for one in places], accuracy_m)


@pytest.mark.usefixtures("squares")
def test_every_kind_of_sentence_is_met():
    """The points of the tests above are worth something: every answer that a point may have is among these."""
    places = [point(x, y) for x in (-700, -20, -1, 1, 200, 399, 401, 790, 1_515) for y in (-30, -1, 1, 15, 390)]
    lon, lat = [one["lon"] for one in places], [one["lat"] for one in places]
    answers = [assert_told_as_alone(lon, lat, accuracy_m) for accuracy_m in (0.0, 5.0, 60.0)]
    met = {pair for table in answers for pair in zip(table["qpv_status"], table["qpv_reason"], strict=True)}
    assert met == {
        *(("inside", "clear"), ("outside", "clear"), ("uncertain", "near_boundary")),
        ("uncertain", "imprecise_location"),
    }
    assert any("toute proche" in text for table in answers for text in table["qpv_message"])


@pytest.mark.usefixtures("squares")
@pytest.mark.parametrize("distance", [0.04, 0.06, 9.94, 9.96, 9.99, 10.01, 999.4, 999.6, 9_949.0, 9_951.0])
def test_points_at_a_distance_that_rounds_either_way(distance):
    steps = np.linspace(-0.02, 0.02, 9)
    places = [point(-distance - step, 200) for step in steps]
    table = assert_told_as_alone([one["lon"] for one in places], [one["lat"] for one in places], 0.0)
    assert set(table["qpv_status"]) <= {"outside", "uncertain"}
    assert table["qpv_distance_m"].sub(distance).abs().max() < 0.05


# ── Distances told alike ─────────────────────────────────────────────────────────────────────────────────────


def words(distance_m):
    """Return all that a firm sentence says of a distance, inside and outside."""
    known = metres(distance_m)
    outside = msg.verdicts.outside("ce point", "", ("qpv",), "Carré", known, all_known=True)
    return (
        outside
        if known is None
        else (
            msg.verdicts.metres(known),
            msg.verdicts.inside("ce point", "", ("qpv",), "Carré", known),
            outside,
        )
    )


def assert_alike_means_the_same_words(distances):
    told = {}
    for key, distance in zip(told_alike(np.array(distances)).tolist(), distances, strict=True):
        said = words(distance)
        assert told.setdefault(key, said) == said, distance
    return told


NEAR_A_LIMIT = st.builds(
    lambda limit, offset, sign: sign * max(limit + offset, 0.0),
    st.sampled_from([0.0, 0.05, 0.15, 9.95, 10.0, 15.5, 999.5, 1_000.0, 1_050.0, 9_950.0, 10_000.0, 10_500.0]),
    st.floats(-0.6, 0.6) | st.floats(-0.006, 0.006),
    st.sampled_from([-1.0, 1.0]),
)
DISTANCES = NEAR_A_LIMIT | st.floats(-2e7, 2e7) | st.just(math.inf)


@given(st.lists(DISTANCES, min_size=2, max_size=60), st.floats(-0.02, 0.02))
@examples(50, of=100)
def test_distances_with_one_key_are_told_alike(distances, shift):
    assert_alike_means_the_same_words([*distances, *(one + shift for one in distances), *map(abs, distances)])


@pytest.mark.more
@pytest.mark.parametrize(("first", "last"), [(0, 110_000), (990_000, 1_010_000), (1_045_000, 1_055_000)])
def test_every_centimetre_with_one_key_is_told_alike(first, last):
    assert_alike_means_the_same_words([k / 100 for k in range(first, last, 1 if LONG else 3)])


@pytest.mark.more
def test_most_distances_share_their_sentence():
    assert len(assert_alike_means_the_same_words([k / 100 for k in range(1_000, 90_000, 1 if LONG else 3)])) < 10_000


def test_keys_are_whole_numbers_from_zero():
    keys = told_alike(np.array([0.0, -0.004, 20_004_000.0, np.inf, np.nan]))
    assert keys.dtype == np.int64
    assert (keys >= 0).all()
    assert keys[3] == keys[4]
    assert keys[3] not in keys[:3]
