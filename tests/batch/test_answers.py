"""The answers to a block: each row its own, whatever its neighbours, as a single check gives it."""

from __future__ import annotations

import random
from datetime import date

import geopandas
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from batch_files import ANSWERS, INSIDE, OUTSIDE, RESULTS
from examples import examples
from fake_geocoder import FakeGeocoder, candidate
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from synthetic import perimeters, square

from qpv_geo import crs
from qpv_geo.batch.answer_columns import answer_schema, fault_of
from qpv_geo.batch.answers import Answerer
from qpv_geo.batch.columns import Columns
from qpv_geo.batch.frame import FrameRowBatch
from qpv_geo.batch.rows import RowOptions, RowReason
from qpv_geo.eligibility.check import default_checker
from qpv_geo.eligibility.lookup import find, named_places
from qpv_geo.errors import DateError, InputError, MissingError, MissingPerimetersError
from qpv_geo.geocoding.chain import Chain
from qpv_geo.model import Reason
from qpv_geo.settings import Settings

DAY = date(2024, 6, 1)
WGS84 = crs.parse(crs.WGS84)
FIRM = "1 rue des Carrés, Essai"
KNOWN = {
    FIRM: [candidate(20, 20)],
    "90 rue des Carrés, Essai": [candidate(2_000, 0, "90 Rue des Carrés")],
    "2 rue des Carrés, Essai": [candidate(1, 20, "2 Rue des Carrés")],
    "rue des Carrés, Essai": [candidate(20, 20, "Rue des Carrés", kind="street")],
    "7 rue des Carrés, Essai": [candidate(20, 20, "Rue des Carrés", kind="street")],
    "1 rue des Tulipes, Essai": [candidate(20, 20, "1 Rue des Lilas")],
    "1 rue des Carés": [candidate(20, 20)],
    "ailleurs": MissingError("aucun index d'adresses"),
}


class Asked:
    """Finds what `KNOWN` tells, and remembers what was asked."""

    def __init__(self):
        self.geocoder = FakeGeocoder(KNOWN)
        self.blocks = []

    def __call__(self, queries):
        self.blocks.append(list(queries))
        return lambda: {query: self._one(query) for query in queries}

    def _one(self, query):
        try:
            return find(query, Chain([self.geocoder]), named_places(Settings().home))
        except MissingError as error:
            return error


def answered(frame, columns, *, size=None, find=None, **row_options):
    """Return the answers to all rows, block by block."""
    source = WGS84 if columns.geometry else None
    answerer = Answerer(default_checker(), RowOptions(columns, **({"on": DAY} | row_options)), source, find)
    size = size or max(len(frame), 1)
    blocks = [FrameRowBatch(frame.iloc[k : k + size], k) for k in range(0, len(frame), size)]
    answers = [batch for _, batch in answerer.answers(blocks)]
    return pa.Table.from_batches(answers, schema=answerer.schema).to_pylist()


def answer_to(columns, *row, **options):
    (found,) = answered(pd.DataFrame([row]), columns, **options)
    return found


# ── Neighbours ───────────────────────────────────────────────────────────────────────────────────────────────

MIXED = Columns(lon=0, lat=1, date=2, address=(3,))
CELLS = st.tuples(
    st.sampled_from(["3.00671", "3,0041", "0.30", "0.3406", "2.0", "55.5", "-61.0", "50.60889", "abc", "inf", ""]),
    st.sampled_from(["50.60889", "50,6092", "46.55", "46.5887", "48.0", "-21.0", "14.5", "3.00671", ""]),
    st.sampled_from(["2024-06-01", "01/02/2025", "2023-05-01", "1990-01-01", "hier", ""]),
    st.sampled_from([*KNOWN, "introuvable", "x" * 300, ""]),
)


@given(st.lists(CELLS, min_size=1, max_size=25), st.integers(1, 25), st.randoms(use_true_random=False))
@examples(12, of=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_answer_to_a_row_never_depends_on_its_neighbours(rows, size, chance):
    order = list(range(len(rows)))
    chance.shuffle(order)
    frame = pd.DataFrame(rows)
    alone = [answered(frame.iloc[[k]], MIXED, find=Asked())[0] for k in range(len(rows))]
    assert answered(frame, MIXED, size=size, find=Asked()) == alone
    assert answered(frame.iloc[order], MIXED, size=size, find=Asked()) == [alone[k] for k in order]


def test_shuffled_sites_keep_their_answers():
    chance = random.Random(7)
    shapes = [shapely.Point(*INSIDE).buffer(0.0001 * k) if k else shapely.Point(*INSIDE) for k in range(12)]
    shapes += [None, shapely.Point(), shapely.box(3.0, 50.6, 3.0001, 50.6001), shapely.Point(50.0, 3.0)]
    frame = geopandas.GeoDataFrame({"k": range(len(shapes))}, geometry=shapes, crs=4326)
    order = chance.sample(range(len(shapes)), len(shapes))
    whole = answered(frame, Columns(geometry=True))
    assert answered(frame.iloc[order], Columns(geometry=True), size=3) == [whole[k] for k in order]
    assert len({row["qpv_message"] for row in whole}) > 5


def test_each_site_is_answered_on_its_own_date():
    days = ["2024-06-01", "2023-06-01", "2025-06-01", "1990-01-01"]
    frame = geopandas.GeoDataFrame({"date": days}, geometry=[shapely.Point(*INSIDE).buffer(0.0001)] * 4, crs=4326)
    found = answered(frame, Columns(geometry=True, date=0))
    assert [(row["qpv_status"], row["qpv_generation"]) for row in found[::2]] == [("inside", "qpv-2024")] * 2
    assert [found[k]["qpv_message"][:16] for k in (0, 2)] == ["Au 1er juin 2024", "Au 1er juin 2025"]
    assert [row["qpv_reason"] for row in found[1::2]] == ["missing_perimeters", "no_generation"]


# ── Rows without a verdict ───────────────────────────────────────────────────────────────────────────────────

DATED = Columns(lon=0, lat=1, date=2)


def test_a_row_whose_perimeters_are_missing_stops_nothing():
    rows = [(*INSIDE, "2023-06-01"), (*INSIDE, "2024-06-01"), (*INSIDE, "1990-01-01")]
    missing, known, early = answered(pd.DataFrame(rows), DATED)
    assert (missing["qpv_status"], missing["qpv_reason"]) == ("error", "missing_perimeters")
    assert "les périmètres qpv-2015 ne sont pas installés" in missing["qpv_message"]
    assert known["qpv_status"] == "inside"
    assert (early["qpv_status"], early["qpv_reason"]) == ("error", "no_generation")
    assert "01/01/1990" in early["qpv_message"]
    assert {
        missing[name] for name in ANSWERS if name not in {"qpv_reponse", "qpv_message", "qpv_status", "qpv_reason"}
    } == {None}


def test_missing_perimeters_of_sites_and_addresses_are_told_alike():
    site = geopandas.GeoDataFrame(geometry=[shapely.box(3.0, 50.6, 3.01, 50.61)], crs=4326)
    (of_site,) = answered(site, Columns(geometry=True), on=date(2023, 6, 1))
    of_address = answer_to(Columns(address=(0,)), FIRM, on=date(2023, 6, 1), find=Asked())
    of_point = answer_to(Columns(lon=0, lat=1), *INSIDE, on=date(2023, 6, 1))
    assert of_site["qpv_message"] == of_point["qpv_message"] == of_address["qpv_message"]
    assert of_site["qpv_reason"] == of_address["qpv_reason"] == "missing_perimeters"


def test_an_empty_row_is_not_located():
    found = answer_to(Columns(lon=0, lat=1), "", "")
    assert (found["qpv_status"], found["qpv_reason"]) == ("not_located", "empty")
    assert found["qpv_message"]


def test_a_self_crossing_site_is_a_bad_row():
    bow = shapely.Polygon([(3.0, 50.6), (3.01, 50.61), (3.01, 50.6), (3.0, 50.61)])
    (found,) = answered(geopandas.GeoDataFrame(geometry=[bow], crs=4326), Columns(geometry=True))
    assert (found["qpv_status"], found["qpv_reason"]) == ("error", "bad_input")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MissingPerimetersError("x"), RowReason.MISSING_PERIMETERS),
        (DateError("x"), RowReason.NO_GENERATION),
        (InputError("x"), RowReason.BAD_INPUT),
        (MissingError("x"), Reason.MISSING_ADDRESSES),
    ],
)
def test_why_a_row_has_no_verdict(error, reason):
    assert fault_of(error).reason is reason


# ── Addresses ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def squares(catalogue):
    catalogue.store.install(perimeters(square(0, 0, 400)))


@pytest.mark.usefixtures("squares")
def test_addresses_are_answered_as_single_checks_answer_them():
    texts = [text for text, found in KNOWN.items() if not isinstance(found, MissingError)] + ["introuvable"]
    rows = answered(pd.DataFrame({"a": texts}), Columns(address=(0,)), find=Asked())
    for text, row in zip(texts, rows, strict=True):
        alone = default_checker().check(address=text, on=DAY, geocoder=FakeGeocoder(KNOWN))
        assert (row["qpv_status"], row["qpv_reason"]) == (alone.status, alone.reason)
        assert (row["qpv_message"], row["qpv_generation"]) == (alone.message, alone.generation)
        assert (row["qpv_part"], row["qpv_distance_m"]) == (alone.share_inside, alone.distance_m)
    assert {(row["qpv_status"], row["qpv_reason"]) for row in rows} >= {
        *(("inside", "clear"), ("outside", "clear"), ("uncertain", "near_boundary")),
        *(("uncertain", "weak_match"), ("not_located", "no_match")),
    }


@pytest.mark.usefixtures("squares")
def test_what_was_found_is_told_by_the_names_of_the_national_service():
    found = answer_to(Columns(address=(0,)), FIRM, find=Asked())
    (best,) = KNOWN[FIRM]
    assert tuple(found) == (*ANSWERS, *RESULTS)
    same = ("label", "score", "id", "housenumber", "street", "postcode", "city", "citycode")
    assert {name: found[f"result_{name}"] for name in same} == {name: getattr(best, name) for name in same}
    assert (found["result_longitude"], found["result_latitude"]) == (best.lon, best.lat)
    assert (found["result_type"], found["result_status"]) == ("housenumber", "ok")


@pytest.mark.parametrize(
    ("address", "reason", "label", "match"),
    [
        (FIRM, "clear", "1 Rue des Carrés 99990 Essai", "number=same street=same postcode=unsaid city=same"),
        (
            "7 rue des Carrés, Essai",
            "weak_match",
            "Rue des Carrés 99990 Essai",
            "number=different street=same postcode=unsaid city=same",
        ),
        (
            "1 rue des Tulipes, Essai",
            "no_match",
            "1 Rue des Lilas 99990 Essai",
            "number=same street=different postcode=unsaid city=same",
        ),
        (
            "1 rue des Carés",
            "weak_match",
            "1 Rue des Carrés 99990 Essai",
            "number=same street=spelling postcode=unsaid city=unsaid",
        ),
        ("Poitiers", "imprecise_location", "Poitiers", "number=unsaid street=unsaid postcode=unsaid city=same"),
        ("introuvable", "no_match", None, None),
    ],
)
@pytest.mark.usefixtures("squares")
def test_the_best_candidate_is_told_with_how_it_agrees_firm_or_not(address, reason, label, match):
    found = answer_to(Columns(address=(0,)), address, find=Asked())
    assert (found["qpv_reason"], found["result_label"], found["result_match"]) == (reason, label, match)


def test_a_commune_alone_has_no_point_and_no_quartier_of_its_own():
    found = answer_to(Columns(address=(0,)), "Poitiers", find=Asked())
    of_commune = found["result_type"], found["result_city"], found["result_citycode"]
    assert of_commune == ("municipality", "Poitiers", "86194")
    assert {found[name] for name in ("result_longitude", "result_score", "qpv_code", "qpv_part")} == {None}


def test_what_was_not_found_and_what_was_not_asked_differ():
    rows = [("introuvable",), ("ailleurs",), ("",)]
    unknown, missing, empty = answered(pd.DataFrame(rows), Columns(address=(0,)), find=Asked())
    assert (unknown["result_status"], unknown["result_label"]) == ("not-found", None)
    assert (missing["qpv_status"], missing["qpv_reason"]) == ("not_located", "missing_addresses")
    assert "ailleurs" in missing["qpv_message"]
    assert "qpv " not in missing["qpv_message"], "a command is no business of who reads the table"
    assert {missing[name] for name in RESULTS} == {empty[name] for name in RESULTS} == {None}
    assert unknown["qpv_reason"] == "no_match"


def test_an_address_is_asked_once_a_block_whatever_its_rows_and_days():
    asked = Asked()
    rows = [(FIRM, day) for day in ("2024-06-01", "2024-06-02", "2024-06-01")] + [("introuvable", "")]
    answers = answered(pd.DataFrame(rows), Columns(address=(0,), date=1), find=asked)
    assert [[query.text for query in block] for block in asked.blocks] == [[FIRM, "introuvable"]]
    assert answers[0] == answers[2]
    assert "2 juin" in answers[1]["qpv_message"]


def test_bad_addresses_are_not_asked_about():
    asked = Asked()
    answered(pd.DataFrame([(FIRM, "hier"), ("ab", "")]), Columns(address=(0,), date=1), find=asked)
    assert asked.blocks == []


# ── The rest ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_task_is_followed():
    point = Columns(lon=0, lat=1)
    assert answer_to(point, *INSIDE, accuracy_m=30.0)["qpv_reason"] == "near_boundary"
    assert answer_to(point, *INSIDE, on=date(2023, 6, 1), generation="qpv-2024")["qpv_status"] == "inside"
    assert answer_to(point, *INSIDE, kinds=("municipal_zone",))["qpv_status"] != "inside"
    assert answer_to(point, *OUTSIDE)["qpv_status"] == "outside"


def test_no_rows_have_no_answers():
    frame = pd.DataFrame({"lon": [], "lat": []})
    answerer = Answerer(default_checker(), RowOptions(Columns(lon=0, lat=1), DAY), None, None)
    [(_, answers)] = answerer.answers([FrameRowBatch(frame, 0)])
    assert len(answers) == 0


def test_the_names_of_the_answers():
    assert answer_schema(addresses=False).names == list(ANSWERS)
    assert answer_schema(addresses=True).names == [*ANSWERS, *RESULTS]


def test_a_perimeter_asked_about_by_another_kind_is_named(catalogue):
    zone = perimeters(square(0, 0, 400), kind="municipal_zone", generation=None, name="zones-essai")
    catalogue.store.install(zone)
    found = answer_to(Columns(address=(0,)), FIRM, kinds=("municipal_zone",), find=Asked())
    assert (found["qpv_status"], found["qpv_code"]) == ("inside", "QN99901N")
