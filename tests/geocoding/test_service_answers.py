"""Answers that are not what is documented: an error each, whatever they hold, and never an empty list."""

from __future__ import annotations

import contextlib
import csv
import io
import math

import pytest
from geocoder_shapes import (
    ADDOK_COLUMNS,
    ADDOK_FOUND,
    FOUND,
    HERRIOT,
    LOOS,
    LOOS_POINT,
    PAGE,
    Bench,
    CsvService,
    as_json,
    collection,
    edited,
    feature,
    refusal,
    without,
)
from hypothesis import example, given
from hypothesis import strategies as st
from loopback import Answer

from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.protocol import Query
from qpv_geo.geocoding.service_answers import decode_features, decode_rows, encode_rows


@pytest.fixture
def bench():
    with Bench() as bench:
        yield bench


@pytest.fixture
def sheet(bench):
    """A CSV service of the national shape, that knows one address."""
    bench.server.routes["/geocodage/search/csv"] = CsvService(bench.server, {HERRIOT: FOUND})
    return bench.server.routes["/geocodage/search/csv"]


@pytest.fixture
def addok_sheet(sheet):
    """A CSV service of Addok's shape: a byte order mark, no status, nothing at all for what is not found."""
    sheet.columns, sheet.mark, sheet.results[HERRIOT] = ADDOK_COLUMNS, "\ufeff", ADDOK_FOUND
    return sheet


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (PAGE, "une page web au lieu de données"),
        (Answer(b""), "JSON illisible ou incomplet"),
        (Answer(collection(feature()).body[:-20]), "JSON illisible ou incomplet"),
        (Answer(b"\xff\xfe\xff"), "JSON illisible ou incomplet"),
        (Answer(b"[" * 100_000), "JSON illisible ou incomplet"),
        (as_json([]), "il manque « features »"),
        (as_json({"type": "FeatureCollection"}), "il manque « features »"),
        (as_json({"features": {}}), "features vaut « {} »"),
        (as_json({"features": None}), "features vaut « None »"),
        (collection(None), "résultat 1, il manque « properties »"),
        (collection(feature(), {"geometry": {}}), "résultat 2, il manque « properties »"),
        (collection({"properties": []}), "properties vaut « [] »"),
        (collection({"properties": LOOS}), "il manque « geometry »"),
        (collection({"properties": LOOS, "geometry": None}), "il manque « coordinates »"),
        (collection({"properties": LOOS, "geometry": {"coordinates": 3}}), "coordinates vaut « 3 »"),
        (collection(feature(point=[3.0])), "coordinates vaut « [3.0] »"),
        (collection(feature(point=["3.0", "50.6"])), "longitude vaut « 3.0 » (attendu : un nombre de -180 à 180)"),
        (collection(feature(point=[True, 50.6])), "longitude vaut « True » (attendu : un nombre de -180 à 180)"),
        (collection(feature(point=[math.nan, 50.6])), "longitude vaut « nan » (attendu : un nombre de -180 à 180)"),
        (collection(feature(point=[3.0, math.inf])), "latitude vaut « inf » (attendu : un nombre de -90 à 90)"),
        (
            collection(feature(point=[700_000.0, 7_000_000.0])),
            "longitude vaut « 700000.0 » (attendu : un nombre de -180 à 180)",
        ),
        (collection(feature(without(LOOS, "score"))), "il manque « score »"),
        (collection(feature(score=None)), "score vaut « None » (attendu : un nombre de 0 à 1,1)"),
        (collection(feature(score="0.9")), "score vaut « 0.9 » (attendu : un nombre de 0 à 1,1)"),
        (collection(feature(score=True)), "score vaut « True » (attendu : un nombre de 0 à 1,1)"),
        (collection(feature(score=95)), "score vaut « 95 » (attendu : un nombre de 0 à 1,1)"),
        (collection(feature(score=-0.1)), "score vaut « -0.1 » (attendu : un nombre de 0 à 1,1)"),
        (collection(feature(score=math.nan)), "score vaut « nan » (attendu : un nombre de 0 à 1,1)"),
        (collection(feature(without(LOOS, "label"))), "il manque « label »"),
        (collection(feature(label=12)), "label vaut « 12 » (attendu : un texte)"),
        (collection(feature(without(LOOS, "id"))), "il manque « id »"),
        (collection(feature(id=59360)), "id vaut « 59360 » (attendu : un texte)"),
        (collection(feature(without(LOOS, "type"))), "il manque « type »"),
        (collection(feature(type=3)), "type vaut « 3 » (attendu : un texte)"),
        (collection(feature(type="lift")), "type vaut « lift »"),
        (collection(feature(_type=True)), "_type vaut « True » (attendu : un texte)"),
        (collection(feature(citycode=59360)), "citycode vaut « 59360 » (attendu : un texte)"),
        (collection(feature(citycode="5936")), "citycode vaut « 5936 »"),
        (collection(feature(citycode="2C004")), "citycode vaut « 2C004 »"),
        (collection(feature(citycode="٥٩٣٦٠")), "citycode vaut « ٥٩٣٦٠ »"),
        (collection(feature(postcode=[])), "postcode vaut « [] » (attendu : un texte)"),
        (collection(feature(postcode=["59120", 59121])), "postcode vaut « ['59120', 59121] » (attendu : un texte)"),
        (collection(feature(postcode="F-59120")), "postcode vaut « F-59120 »"),
        (collection(feature(city={"fr": "Loos"})), "city vaut « {'fr': 'Loos'} » (attendu : un texte)"),
        (collection(feature(housenumber=15)), "housenumber vaut « 15 » (attendu : un texte)"),
        (collection(feature(street=False)), "street vaut « False » (attendu : un texte)"),
    ],
)
def test_an_answer_that_is_not_what_is_documented_is_an_error(bench, answer, why):
    message = refusal(bench.ask, answer, http_attempts=3)
    assert message.startswith(f"réponse inattendue du géocodeur {bench.server.url}/geocodage/search : ")
    assert why in message
    assert len(bench.server.requests) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(LOOS)), inner, max_size=3),
    max_leaves=8,
)


@example({"type": []}, list(LOOS_POINT))
@given(st.dictionaries(st.sampled_from(sorted(LOOS)), JSON), st.lists(JSON, max_size=3) | st.just(list(LOOS_POINT)))
def test_whatever_is_answered_is_candidates_or_an_error(changes, point):
    body = collection(feature(point=point, **changes)).body
    with contextlib.suppress(RemoteError):
        (found,) = decode_features(body, url="http://essai", source="essai")
        assert 0.0 <= found.score <= 1.0
        assert abs(found.lon) <= 180.0
        assert abs(found.lat) <= 90.0
        assert found.label
        assert found.id


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda rows: rows[:-1], "1 ligne pour 2 envoyées"),
        (lambda rows: [*rows, rows[-1]], "3 lignes pour 2 envoyées"),
        (lambda _rows: [], "il manque la colonne « ligne »"),
        (lambda rows: [row[2:] for row in rows], "il manque la colonne « ligne »"),
        (lambda rows: [row[:3] for row in rows], "il manque la colonne « latitude »"),
        (lambda rows: [rows[0], rows[2], rows[1]], "ligne 1, ligne vaut « 1 »"),
        (lambda rows: [*rows[:-1], rows[-1][:-2]], "ligne 2, CSV illisible ou incomplet"),
        (edited("result_status", "error"), "ligne 1, result_status vaut « error »"),
        (edited("result_status", "aborted", row=2), "ligne 2, result_status vaut « aborted »"),
        (edited("result_status", ""), "result_status vaut « »"),
        (edited("result_score", ""), "score vaut « » (attendu : un nombre de 0 à 1,1)"),
        (edited("result_score", "high"), "score vaut « high » (attendu : un nombre de 0 à 1,1)"),
        (edited("result_score", "nan"), "score vaut « nan » (attendu : un nombre de 0 à 1,1)"),
        (edited("result_score", "0_9"), "score vaut « 0_9 » (attendu : un nombre de 0 à 1,1)"),
        (edited("result_score", "95"), "score vaut « 95.0 » (attendu : un nombre de 0 à 1,1)"),
        (edited("result_score_next", "high"), "result_score_next vaut « high » (attendu : un nombre de 0 à 1,1)"),
        (edited("result_score_next", "-0.1"), "result_score_next vaut « -0.1 » (attendu : un nombre de 0 à 1,1)"),
        (edited("longitude", "inf"), "longitude vaut « inf » (attendu : un nombre de -180 à 180)"),
        (edited("longitude", "1e3"), "longitude vaut « 1000.0 » (attendu : un nombre de -180 à 180)"),
        (edited("longitude", "3,00671"), "longitude vaut « 3,00671 » (attendu : un nombre de -180 à 180)"),
        (edited("latitude", ""), "latitude vaut « » (attendu : un nombre de -90 à 90)"),
        (edited("result_label", ""), "il manque « label »"),
        (edited("result_id", ""), "il manque « id »"),
        (edited("result_type", ""), "il manque « type »"),
        (edited("result_type", "lift"), "type vaut « lift »"),
        (edited("result_citycode", "5936"), "citycode vaut « 5936 »"),
        (edited("result_postcode", "59120-0"), "postcode vaut « 59120-0 »"),
    ],
)
def test_rows_that_are_not_what_is_documented_are_an_error(bench, sheet, change, why):
    sheet.change = change
    assert why in refusal(bench.build().search_many, [Query(HERRIOT)] * 2)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (PAGE, "une page web"),
        (Answer(b""), "il manque la colonne"),
        (Answer("ligne,adresse\n0,Émile\n".encode("latin-1")), r"CSV illisible ou incomplet \(UTF-8\)"),
        (Answer(b'ligne,adresse\n0,"Emi'), r"CSV illisible ou incomplet \(UTF-8\)"),
        (Answer(b"ligne," + b"x" * 200_000), r"CSV illisible ou incomplet \(UTF-8\)"),
        (as_json({"results": []}), "CSV illisible|il manque la colonne"),
    ],
)
def test_an_answer_that_is_no_csv_is_an_error(bench, answer, why):
    bench.server.serve("/geocodage/search/csv", answer)
    with pytest.raises(RemoteError, match=f"/search/csv : .*({why})"):
        bench.build().search_many([Query(HERRIOT)])


@given(
    st.lists(st.tuples(st.text(max_size=40), st.none() | st.just("59360"), st.none() | st.just("59120")), max_size=5)
)
def test_rows_are_read_back_as_they_were_written(written):
    queries = [Query(text, postcode, citycode) for text, citycode, postcode in written]
    content, filters = encode_rows(queries, [query.text for query in queries])
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))
    assert [row["adresse"] for row in rows] == [query.text for query in queries]
    for name in ("citycode", "postcode"):
        assert [row.get(name) or None for row in rows] == [getattr(query, name) for query in queries]
        assert (name in filters) == any(getattr(query, name) for query in queries)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.integers(0, 2))
def test_whatever_is_answered_to_a_file_is_as_many_answers_or_an_error(body, count):
    header = b"ligne,longitude,latitude,result_label,result_score,result_type,result_id\n"
    with contextlib.suppress(RemoteError):
        assert len(decode_rows(header + body, count=count, url="http://essai", source="essai")) == count


@pytest.mark.parametrize(
    "column", ["longitude", "latitude", "result_label", "result_score", "result_type", "result_id"]
)
def test_half_a_result_of_addok_is_an_error(bench, addok_sheet, column):
    addok_sheet.change = edited(column, "")
    assert "ligne 1" in refusal(bench.build().search_many, [Query(HERRIOT)])
