"""The national geocoder and a self-hosted Addok: what they are asked, and what is made of what they answer."""

from __future__ import annotations

import csv
from dataclasses import replace

import httpx2
import pytest
from geocoder_shapes import (
    ADDOK_COLUMNS,
    ADDOK_FOUND,
    ADDOK_NUMBER,
    COMMUNE,
    FOUND,
    HERRIOT,
    IMPATIENT,
    NOTHING,
    NUMBER,
    POINT_OF_INTEREST,
    Bench,
    CsvService,
    addok_collection,
    as_json,
    collection,
    feature,
    form_fields,
    refusal,
)
from loopback import Answer, in_turn

from qpv_geo.errors import InputError, RemoteError
from qpv_geo.geocoding.geoplateforme import NationalGeocoder
from qpv_geo.geocoding.protocol import Candidate, MatchType, Query, make_query
from qpv_geo.settings import NATIONAL_GEOCODER, Settings


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


# ── What is asked ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_search_asks_for_whole_addresses_and_guesses_no_filter(bench):
    bench.ask(NOTHING, query="99990 Essai", limit=7)
    (request,) = bench.server.requests
    assert (request.method, request.path) == ("GET", "/geocodage/search")
    assert request.query == {"q": "99990 Essai", "autocomplete": "0", "index": "address", "limit": "7"}
    assert request.headers["User-Agent"].startswith("qpv-geo/")


def test_filters_are_sent_where_given(bench):
    bench.server.serve("/geocodage/search", NOTHING)
    bench.build().search(make_query("rue Édouard Herriot", postcode="59120", citycode="59360"))
    assert bench.server.requests[0].query["postcode"] == "59120"
    assert bench.server.requests[0].query["citycode"] == "59360"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("  12\true   d'Essai ", "12 rue d'Essai"),
        ("- 12 rue d'Essai", "12 rue d'Essai"),
        ("« Étang »", "Étang »"),
        ("?!?", "?!?"),
    ],
)
def test_a_query_starts_with_a_letter_or_a_digit_as_the_service_wants(bench, typed, sent):
    bench.ask(NOTHING, query=typed)
    assert bench.server.requests[0].query["q"] == sent


@pytest.mark.parametrize(("limit", "sent", "given"), [(0, "1", 1), (2, "2", 2), (80, "50", 3)])
def test_the_limit_is_that_of_the_service_and_no_more_is_returned(bench, limit, sent, given):
    assert len(bench.ask(collection(feature(), feature(NUMBER), feature(COMMUNE)), limit=limit)) == given
    assert bench.server.requests[0].query["limit"] == sent


def test_a_reverse_search_writes_numbers_without_exponent(bench):
    bench.server.serve("/geocodage/reverse", NOTHING)
    assert bench.build().reverse(lon=-0.00001, lat=46.5, limit=3) == []
    assert bench.server.requests[0].query == {
        "lon": "-0.0000100",
        "lat": "46.5000000",
        "index": "address",
        "limit": "5",
    }


# ── What is answered ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_street_of_the_national_service(bench):
    sent = []

    def answer(request):
        sent.append(request.url)
        return httpx2.Response(200, content=collection(feature()).body)

    (found,) = bench.build(geocoder_url=NATIONAL_GEOCODER, transport=httpx2.MockTransport(answer)).search(
        Query(HERRIOT)
    )
    assert (sent[0].host, sent[0].path) == ("data.geopf.fr", "/geocodage/search")
    assert found == Candidate(
        label="Rue Édouard Herriot 59120 Loos",
        score=0.9518,
        type=MatchType.STREET,
        id="59360_0000",
        housenumber=None,
        street="Rue Édouard Herriot",
        postcode="59120",
        citycode="59360",
        city="Loos",
        lon=3.00671,
        lat=50.60889,
        position=None,
        accuracy_m=500.0,
        source="geoplateforme",
        edition=None,
    )


def test_another_service_is_named_by_its_host(bench):
    (found,) = bench.ask(addok_collection(feature(ADDOK_NUMBER)))
    assert found.source == bench.build().name == bench.server.url.removeprefix("http://")
    assert (found.label, found.housenumber, found.street) == (ADDOK_NUMBER["label"], "15 bis", "Rue d'Essai")


def test_candidates_keep_the_order_of_the_service(bench):
    found = bench.ask(collection(feature(NUMBER), feature(COMMUNE), feature()))
    assert [one.type for one in found] == [MatchType.HOUSENUMBER, MatchType.MUNICIPALITY, MatchType.STREET]
    assert [one.accuracy_m for one in found] == [30.0, 5000.0, 500.0]
    assert [one.street for one in found] == ["Rue d'Essai", None, "Rue Édouard Herriot"]


def test_a_locality_has_the_name_of_its_place(bench):
    place = {key: value for key, value in NUMBER.items() if key != "street"}
    found = bench.ask(
        collection(feature(place, name="15 bis Le Lieu-dit"), feature(place, type="locality", housenumber=""))
    )
    assert [one.street for one in found] == ["Le Lieu-dit", "15 bis Rue d'Essai"]


@pytest.mark.parametrize(("name", "kind"), [("city", MatchType.MUNICIPALITY), ("place", MatchType.LOCALITY)])
def test_types_of_other_extracts_are_understood(bench, name, kind):
    assert [one.type for one in bench.ask(collection(feature(COMMUNE, type=name)))] == [kind]


def test_places_of_other_indexes_are_left_out(bench):
    parcel = {"id": "593600000A0001", "score": 0.9, "_type": "parcel"}
    found = bench.ask(collection(feature(POINT_OF_INTEREST), feature(parcel), feature(NUMBER)))
    assert [one.id for one in found] == [NUMBER["id"]]


def test_only_places_of_other_indexes_are_not_an_empty_list(bench):
    assert "aucune adresse parmi les résultats" in refusal(bench.ask, collection(feature(POINT_OF_INTEREST)))


def test_a_commune_found_by_a_point_has_its_first_postcode(bench):
    nulls = {"oldcitycode": None, "oldcity": None, "banId": None, "distance": 12}
    bench.server.serve("/geocodage/reverse", collection(feature(COMMUNE, postcode=["59120", "59121"], **nulls)))
    (found,) = bench.build().reverse(lon=3.00671, lat=50.60889)
    assert (found.postcode, found.city) == ("59120", "Loos")


def test_a_score_a_hair_over_one_is_one(bench):
    assert bench.ask(collection(feature(score=1.03)))[0].score == 1.0


def test_nothing_found_is_no_candidate(bench):
    assert bench.ask(NOTHING) == []
    assert bench.ask(addok_collection()) == []


# ── Many addresses ───────────────────────────────────────────────────────────────────────────────────────────


def test_many_addresses_have_their_best_candidate_in_order(bench, sheet):
    skipped = {"result_status": "skipped"}
    sheet.results["?!"] = skipped
    found = bench.build().search_many([Query("zzz"), Query(HERRIOT), Query("?!"), Query(HERRIOT)])
    assert [one and one.candidate.id for one in found] == [None, "59360_0000", None, "59360_0000"]
    bench.server.serve("/geocodage/search", collection(feature()))
    assert found[1].candidate == bench.build().search(Query(HERRIOT))[0]


@pytest.mark.parametrize(("cell", "score"), [("0.72", 0.72), ("", 0.0), ("0", 0.0), ("1.02", 1.0)])
def test_a_file_tells_the_score_of_the_next_candidate(bench, sheet, cell, score):
    """The national service leaves it empty where there is none, Addok writes 0."""
    sheet.results[HERRIOT] = FOUND | {"result_score_next": cell}
    (found,) = bench.build().search_many([Query(HERRIOT)])
    assert found.next_score == score


def test_a_file_may_say_nothing_of_the_next_candidate(bench, sheet):
    sheet.columns = tuple(column for column in sheet.columns if column != "result_score_next")
    (found,) = bench.build().search_many([Query(HERRIOT)])
    assert found.next_score is None


def test_the_national_service_is_sent_the_documented_form(bench):
    sent = []

    def answer(request):
        sent.append(request)
        header, row = ["ligne", "adresse", *FOUND], ["0", "12 rue", *FOUND.values()]
        return httpx2.Response(200, text=",".join(header) + "\n" + ",".join(f'"{cell}"' for cell in row))

    national = bench.build(geocoder_url=NATIONAL_GEOCODER, transport=httpx2.MockTransport(answer))
    assert [one.candidate.source for one in national.search_many([Query("12 rue")])] == ["geoplateforme"]
    assert (sent[0].method, sent[0].url) == ("POST", "https://data.geopf.fr/geocodage/search/csv")
    assert form_fields(sent[0].headers["Content-Type"], sent[0].read()) == [
        ("columns", "adresse"),
        ("indexes", "address"),
        ("data", '"ligne","adresse"\n"0","12 rue"\n'),
    ]


def test_filters_name_columns_that_are_there_only_where_needed(bench, sheet):
    geocoder = bench.build()
    geocoder.search_many([Query("12 rue", citycode="59360"), Query("13 rue", postcode="99990"), Query("14 rue")])
    geocoder.search_many([Query("14 rue"), Query("13 rue", postcode="59360")])
    assert sheet.forms[0][2:4] == [("citycode", "citycode"), ("postcode", "postcode")]
    assert "citycode" not in dict(sheet.forms[1])
    assert [(row["citycode"], row["postcode"]) for row in sheet.sheets[0]] == [("59360", ""), ("", "99990"), ("", "")]
    assert [row["postcode"] for row in sheet.sheets[1]] == ["", "59360"]


def test_chunks_are_sent_in_turn(bench, sheet):
    queries = [Query(f"{k} rue d'Essai") for k in range(7)]
    sheet.results |= {query.text: {**FOUND, "result_id": query.text} for query in queries}
    found = bench.build().search_many(queries, chunk_rows=3)
    assert [one.candidate.id for one in found] == [query.text for query in queries]
    assert [len(rows) for rows in sheet.sheets] == [3, 3, 1]
    assert [row["ligne"] for row in sheet.sheets[1]] == ["0", "1", "2"]
    assert len(bench.server.requests) == 3


def test_no_address_asks_nothing(bench):
    assert bench.build().search_many([]) == []
    assert bench.server.requests == []


def test_a_file_has_more_time_in_proportion_to_its_rows(bench, sheet):
    """The headers take half a second: more than an address may, less than a hundred may."""
    bench.server.routes["/geocodage/search/csv"] = lambda query: replace(sheet(query), trickles="headers", pace_s=0.005)
    geocoder = bench.build(geocoder_deadline_s=0.2)
    assert "trop lent" in refusal(geocoder.search_many, [Query(HERRIOT)])
    assert len(geocoder.search_many([Query(HERRIOT)] * 100)) == 100


@pytest.mark.parametrize("size", [0, -1, 50_001])
def test_a_size_of_chunk_out_of_bounds_is_refused(bench, size):
    with pytest.raises(InputError, match=f"taille de lot invalide : « {size} » ; donnez de 1 à 50000"):
        bench.build().search_many([Query(HERRIOT)], chunk_rows=size)


def one_after_the_other(*routes):
    rest = iter(routes)
    return lambda query: next(rest)(query)  # noqa: PLW0108 - another route each time


def test_a_chunk_that_fails_is_an_error_not_a_short_list(bench, sheet):
    broken = in_turn(Answer(status=503))
    bench.server.routes["/geocodage/search/csv"] = one_after_the_other(sheet, broken, broken)
    message = refusal(bench.build(http_attempts=2).search_many, [Query(HERRIOT)] * 2, chunk_rows=1)
    assert "/geocodage/search/csv répond 503" in message
    assert len(bench.server.requests) == 3


def test_a_chunk_refused_for_too_many_requests_is_sent_again(bench, sheet):
    busy = in_turn(Answer(status=429, headers={"Retry-After": "4"}))
    bench.server.routes["/geocodage/search/csv"] = one_after_the_other(busy, sheet)
    assert bench.build(http_attempts=2).search_many([Query(HERRIOT)])[0].candidate.id == "59360_0000"
    assert bench.time.sleeps == [pytest.approx(4.0)]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(b"ligne,adresse\n", sent=5), "a coupé la connexion"),
        (Answer(b"ligne,adresse\n", sent=5, stalls=True), "depuis 0.3 s"),
        (as_json({"code": 400, "message": "At least one given column name is unknown"}, status=400), "given column"),
    ],
)
def test_a_file_that_is_not_answered_is_an_error(bench, answer, why):
    bench.server.serve("/geocodage/search/csv", answer)
    assert why in refusal(bench.build(http_timeout_s=0.3).search_many, [Query(HERRIOT, citycode="59360")])


# ── Addok ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_empty_results_of_addok_are_not_found(bench, addok_sheet):
    missing, found = bench.build().search_many([Query("zzz"), Query(HERRIOT)])
    assert missing is None
    door = found.candidate
    assert (door.housenumber, door.street, door.type) == ("15 bis", "Rue d'Essai", MatchType.HOUSENUMBER)
    assert ("min_score", "0") in addok_sheet.forms[0]


def test_a_filter_that_addok_s_csv_fails_on_is_asked_one_by_one(bench):
    bench.server.serve("/geocodage/search/csv", as_json({"title": "500 Internal Server Error"}, status=500))
    bench.server.routes["/geocodage/search"] = lambda query: (
        addok_collection(feature(ADDOK_NUMBER, id=query["q"])) if "citycode" in query else addok_collection()
    )
    queries = [Query("12 rue", citycode="59360"), Query("13 rue"), Query("14 rue", citycode="59360")]
    found = bench.build().search_many(queries)
    assert [one and one.candidate.id for one in found] == ["12 rue", None, "14 rue"]
    assert [one.next_score for one in found if one] == [None, None]
    assert [request.query.get("limit") for request in bench.server.requests] == [None, "1", "1", "1"]


@pytest.mark.parametrize(
    ("queries", "answer"),
    [
        ([Query("13 rue")], as_json({"title": "500 Internal Server Error"}, status=500)),
        ([Query("13 rue", citycode="99999")], as_json({"code": 500, "message": "An unexpected error"}, status=500)),
        ([Query("13 rue", citycode="99999")], Answer(b"ligne", sent=2)),
    ],
)
def test_other_failures_of_a_file_are_not_asked_one_by_one(bench, queries, answer):
    bench.server.serve("/geocodage/search/csv", answer)
    refusal(bench.build().search_many, queries)
    assert {request.path for request in bench.server.requests} == {"/geocodage/search/csv"}


@pytest.fixture
def addok(addok_url):
    with NationalGeocoder(Settings(geocoder_url=addok_url, geocoder_rate_per_s=1_000.0), limits=IMPATIENT) as geocoder:
        yield geocoder


@pytest.fixture(scope="session")
def cases(shared):
    with (shared / "addresses/cases-sample.csv").open(encoding="utf-8", newline="") as file:
        return [case for case in csv.DictReader(file) if case["kind"] == "complete"][:200]


def test_a_real_addok_finds_one_address_and_many_alike(addok, cases):
    queries = [make_query(case["query"]) for case in cases]
    many = [one.candidate for one in addok.search_many(queries, chunk_rows=60)]
    one_by_one = [addok.search(query, limit=1)[0] for query in queries]
    assert [one.id for one in many] == [case["expected_id"] for case in cases]
    for one, other in zip(many, one_by_one, strict=True):
        assert one.score == pytest.approx(other.score, abs=0.006)  # its CSV rounds
        assert one._replace(score=0) == other._replace(score=0)


def test_a_real_addok_finds_many_addresses_under_filters(addok, cases):
    queries = [make_query(case["query"], citycode=case["expected_id"][:5]) for case in cases[:5]]
    assert [one.candidate.id for one in addok.search_many(queries)] == [case["expected_id"] for case in cases[:5]]


def test_a_real_addok_is_not_misled_by_punctuation(addok):
    texts = ["l'église d'en 'haut', rue d'Azur; 'b' 12", 'zz "Bourg"; x|y', "à\tb", "zzyzx qwxk"]
    found = addok.search_many([Query(text) for text in texts * 10])
    assert found[3] is None
    assert found == found[:4] * 10


def test_a_real_addok_names_the_nearest_address(addok, cases):
    (found,) = addok.search(make_query(cases[0]["query"]), limit=1)
    assert addok.reverse(lon=found.lon, lat=found.lat)[0].id == found.id


def test_a_real_addok_says_why_it_refuses(addok):
    with pytest.raises(RemoteError, match=r"413 \(Query too long, 201 chars"):
        addok.search(Query("a" * 201))
