"""Addresses of a whole list: from an index of the machine or a service, each once, and kept when something stops."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import threading

import geopandas as gpd
import pytest
from batch_files import ON, RESULTS, read_csv, write_csv
from examples import LONG
from fake_geocoder import offline_index, row
from geocoding.geocoder_shapes import NUMBER, collection, feature
from loopback import Answer, Loopback
from synthetic import perimeters, point, square

import qpv_geo

SEARCH = "/geocodage/search"
HEADER = ("id", "adresse", "code postal", "commune")
ROWS = (
    (1, "1 rue des Carrés", "99990", "Essai"),
    (2, "90 rue des Carrés", "99990", "Essai"),
    (3, "2 rue des Carrés", "99990", "Essai"),
    (4, "rue des Carrés", "99990", "Essai"),
    (5, "quelque part", "", ""),
    (6, "", "", ""),
    (7, "x" * 250, "99990", "Essai"),
    (8, "1 rue des Absents", "33000", "Ailleurs"),
)


@pytest.fixture
def index(catalogue, home):
    """A square of perimeter, and an index whose street crosses its limit."""
    catalogue.store.install(perimeters(square(0, 0, 400)))
    return offline_index(home, row(200, 200, 1), row(1, 200, 2), row(2_000, 200, 90))


@pytest.fixture
def source(tmp_path):
    return write_csv(tmp_path / "a.csv", HEADER, *ROWS)


def answers(path):
    return {int(row["id"]): (row["qpv_status"], row["qpv_reason"]) for row in read_csv(path)}


# ── Offline ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("socket_disabled")
def test_a_point_in_a_cell_of_addresses_is_answered_as_alone(qpv, tmp_path):
    points = ("3.00671 50.60889", "50,60889 ; 3,00671", "50°36'32\"N 3°00'24\"E", "46.58, 0.34", "48.85 99.5")
    source = write_csv(tmp_path / "a.csv", ("id", "adresse"), *enumerate(points))
    assert qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--offline").code == 0
    *found, abroad = read_csv(tmp_path / "b.csv")
    alone = [json.loads(qpv("check", text, "--on", ON, "--format", "json").out) for text in points[:-1]]
    assert [(row["qpv_status"], row["qpv_message"]) for row in found] == [(v["status"], v["message"]) for v in alone]
    assert [row["qpv_status"] for row in found] == ["inside", "inside", "inside", "outside"]
    assert (abroad["qpv_status"], abroad["qpv_reason"]) == ("error", "bad_input")


@pytest.mark.usefixtures("index", "socket_disabled")
def test_offline_an_index_answers_and_no_socket_is_opened(qpv, source, tmp_path):
    answer = qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--offline")
    assert answer.code == 0
    assert "« adresse » + « code postal » + « commune »" in answer.err
    assert answers(tmp_path / "b.csv") == {
        1: ("inside", "clear"),
        2: ("outside", "clear"),
        3: ("uncertain", "near_boundary"),
        4: ("uncertain", "street_straddles"),
        5: ("not_located", "no_match"),
        6: ("not_located", "empty"),
        7: ("error", "bad_input"),
        8: ("not_located", "missing_addresses"),
    }


@pytest.mark.usefixtures("index")
def test_rows_say_what_single_checks_say(qpv, source, tmp_path):
    assert qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--offline").code == 0
    for row_of in read_csv(tmp_path / "b.csv")[:4]:
        text = " ".join(row_of[name] for name in HEADER[1:])
        alone = qpv_geo.check(address=text, on=ON)
        assert (row_of["qpv_status"], row_of["qpv_reason"]) == (alone.status, alone.reason)
        assert row_of["qpv_message"] == alone.message
        assert row_of["qpv_distance_m"] == ("" if alone.distance_m is None else f"{alone.distance_m:g}")
        assert row_of["result_label"] == alone.location.label


@pytest.mark.usefixtures("index")
def test_results_have_the_names_of_the_national_service(qpv, source, tmp_path):
    assert qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--offline").code == 0
    rows = read_csv(tmp_path / "b.csv")
    assert tuple(rows[0])[-len(RESULTS) :] == RESULTS
    assert (rows[0]["result_type"], rows[0]["result_housenumber"], rows[0]["result_citycode"]) == (
        *("housenumber", "1", "99999"),
    )
    assert float(rows[0]["result_longitude"]) == pytest.approx(point(200, 200)["lon"], abs=1e-6)
    assert [row_of["result_status"] for row_of in rows[4:]] == ["not-found", "", "", "not-found"]
    assert rows[0]["result_match"] == "number=same street=same postcode=same city=same"


@pytest.mark.usefixtures("index")
def test_columns_that_are_named_and_codes_that_lost_their_zero(qpv, home, tmp_path):
    offline_index(home, row(200, 200, 5, code_postal="01000", code_insee="01053", nom_commune="Zéro"), name="01")
    header = ("voie", "cp", "insee", "ville")
    cells = [("5 rue des Carrés", "1000", "1053", "Zéro"), ("5 rue des Carrés", '="01000"', "", "Zéro")]
    source = write_csv(tmp_path / "a.csv", header, *cells, ("5 rue des Carrés", "1000.0", "", "Zéro"))
    named = ("--address-column", "voie", "--address-column", "ville")
    codes = ("--postcode-column", "cp", "--citycode-column", "insee")
    for k, options in enumerate([(*named, *codes), (*named, "--address-column", "cp"), ()]):
        output = tmp_path / f"b{k}.csv"
        assert qpv("batch", source, "-o", output, "--on", ON, "--offline", *options).code == 0
        rows = read_csv(output)
        assert [row_of["qpv_status"] for row_of in rows] == ["inside"] * 3
        assert {row_of["result_citycode"] for row_of in rows} == {"01053"}
        assert [row_of["cp"] for row_of in rows] == ["1000", '="01000"', "1000.0"]


def test_offline_without_any_index_is_an_error_with_its_remedy(qpv, source, tmp_path, home):
    command = ("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--offline")
    answer = qpv(*command)
    assert (answer.code, answer.out) == (3, "")
    assert "qpv addresses" in answer.err.splitlines()[-1]
    assert not (tmp_path / "b.csv").exists()
    offline_index(home, row(200, 200, 1))
    assert qpv(*command).code == 0, "the remedy, then the same command, must be enough"


@pytest.mark.usefixtures("index", "socket_disabled")
def test_a_table_of_a_town_that_no_index_holds_is_answered_and_tells_the_administrator(qpv, tmp_path):
    source = write_csv(tmp_path / "a.csv", ("adresse",), ("30 boulevard Antonio Vivaldi Lyon",))
    answer = qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--offline")
    assert answer.code == 0, "not located is an answer"
    assert "À transmettre à l’administrateur : qpv addresses fetch 69\n" in answer.out
    [found] = read_csv(tmp_path / "b.csv")
    assert (found["qpv_status"], found["qpv_reason"]) == ("not_located", "missing_addresses")
    assert "département 69" in found["qpv_message"]
    assert "qpv " not in found["qpv_message"]


@pytest.mark.usefixtures("socket_disabled")
def test_rows_that_no_index_at_all_could_find_are_not_located_beside_rows_that_have_a_point(qpv, tmp_path):
    inside = {"lon": 3.00671, "lat": 50.60889}
    source = write_csv(tmp_path / "a.csv", ("adresse", "lon", "lat"), ("", *inside.values()), ("1 rue X, Lyon", "", ""))
    columns = ("--address-column", "adresse", "--lon-column", "lon", "--lat-column", "lat")
    answer = qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--offline", *columns)
    assert answer.code == 0
    assert "À transmettre à l’administrateur : qpv addresses fetch 69\n" in answer.out
    rows = read_csv(tmp_path / "b.csv")
    assert [(row_of["qpv_status"], row_of["qpv_reason"]) for row_of in rows] == [
        ("inside", "clear"),
        ("not_located", "missing_addresses"),
    ]


@pytest.mark.usefixtures("index", "socket_disabled")
@pytest.mark.parametrize(("name", "columns"), [("b.gpkg", "all"), ("b.geojson", "short")])
def test_a_gis_sees_the_addresses_where_they_were_found(qpv, source, tmp_path, name, columns):
    assert qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--offline").code == 0
    assert qpv("batch", source, "-o", tmp_path / name, "--on", ON, "--offline", "--columns", columns).code == 0
    found = [one and (one.x, one.y) for one in gpd.read_file(tmp_path / name).geometry]
    told = [(row["result_longitude"], row["result_latitude"]) for row in read_csv(tmp_path / "b.csv")]
    assert found == [(float(lon), float(lat)) if lon else None for lon, lat in told]
    assert None in found
    assert len(set(found)) > 3


@pytest.mark.usefixtures("index")
def test_many_addresses_shared_out_over_processes_have_the_answers_of_a_few(qpv, tmp_path):
    rows = [(k, f"{1 + k % 3} rue des Carrés appartement {k}", "99990", "Essai") for k in range(1_040)]
    for name, some in (("tout", rows), ("part", rows[::13])):
        source = write_csv(tmp_path / f"{name}.csv", HEADER, *some)
        assert qpv("batch", source, "-o", tmp_path / f"{name}-qpv.csv", "--on", ON, "--offline").code == 0
    found = read_csv(tmp_path / "tout-qpv.csv")
    assert [row_of["adresse"] for row_of in found] == [cells[1] for cells in rows]
    assert found[::13] == read_csv(tmp_path / "part-qpv.csv")


@pytest.mark.more
def test_real_addresses(qpv, shared, sample_home, home, tmp_path):
    """Of the sample of the Base Adresse Nationale: what is asked for is what is found."""
    shutil.copytree(sample_home, home)
    with (shared / "addresses/cases-sample.csv").open(encoding="utf-8", newline="") as stream:
        cases = list(csv.DictReader(stream))[: 600 if LONG else 150]
    source = write_csv(tmp_path / "a.csv", ("attendu", "requête"), *((c["expected_id"], c["query"]) for c in cases))
    options = ("--on", ON, "--offline", "--address-column", "requete")
    assert qpv("batch", source, "-o", tmp_path / "b.csv", *options).code == 0
    rows = read_csv(tmp_path / "b.csv")
    right = sum(row_of["result_id"] == row_of["attendu"] for row_of in rows)
    assert right >= 0.98 * len(rows)


# ── A service ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def server(monkeypatch):
    with Loopback() as loopback:
        monkeypatch.setenv("QPV_GEO_GEOCODER_URL", f"{loopback.url}/geocodage")
        yield loopback


def found_at(x, y, **changes):
    place = point(x, y)
    return feature(NUMBER, (place["lon"], place["lat"]), **({"score": 0.97} | changes))


def answered(query):
    """The number that is asked about, in the only street that this service knows."""
    number = query["q"].split(" rue")[0]
    text = f"{number} Rue d'Essai"
    changes = {"housenumber": number, "name": text, "label": f"{text} 59120 Loos", "id": f"59360_0000_{number}"}
    return collection(found_at(200, 200, **changes))


def asked(server):
    return sorted(request.query["q"] for request in server.requests)


@pytest.fixture
def squares(catalogue):
    catalogue.store.install(perimeters(square(0, 0, 400)))


@pytest.mark.usefixtures("squares")
def test_repeated_addresses_are_asked_once(qpv, server, tmp_path):
    server.routes[SEARCH] = answered
    rows = [(k, f" 15 bis  rue d'Essai{' ' * (k % 2)}", "59120", "Loos") for k in range(40)]
    source = write_csv(tmp_path / "a.csv", HEADER, *rows, (41, "16 rue d'Essai", "59120", "Loos"))
    assert qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON).code == 0
    assert asked(server) == ["15 bis rue d'Essai 59120 Loos", "16 rue d'Essai 59120 Loos"]
    assert {status for status, _ in answers(tmp_path / "b.csv").values()} == {"inside"}
    assert qpv("batch", source, "-o", tmp_path / "c.csv", "--on", ON).code == 0
    assert len(server.requests) == 2
    assert (tmp_path / "c.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert qpv("batch", source, "-o", tmp_path / "d.csv", "--on", ON, "--no-cache").code == 0
    assert len(server.requests) == 4


@pytest.mark.usefixtures("squares")
def test_a_service_that_fails_stops_the_run_and_loses_nothing(qpv, server, tmp_path):
    """What was found is kept, even without the cache; the same command asks for the rest alone."""
    is_down = threading.Event()

    def answer(query):
        if is_down.is_set() or query["q"].startswith("20 "):
            return Answer(status=503)
        return answered(query)

    server.routes[SEARCH] = answer
    rows = [(k, f"{k} rue d'Essai", "59120", "Loos") for k in range(10, 30)]
    source = write_csv(tmp_path / "a.csv", HEADER, *rows)
    command = ("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--no-cache")
    failed = qpv(*command)
    assert (failed.code, failed.out) == (4, "")
    assert failed.err.splitlines()[-1].startswith("qpv : ")
    assert not (tmp_path / "b.csv").exists()
    first = set(asked(server)) - {"20 rue d'Essai 59120 Loos"}
    assert first

    is_down.set()
    assert qpv(*command).code == 4
    server.requests.clear()
    server.routes[SEARCH] = answered
    assert qpv(*command).code == 0
    again = asked(server)
    assert "20 rue d'Essai 59120 Loos" in again
    assert not first & set(again)
    assert len(again) == len(set(again))
    assert list(answers(tmp_path / "b.csv").values()) == [("inside", "clear")] * 20
    assert sorted(path.name for path in tmp_path.glob("b*")) == ["b.csv"]


@pytest.mark.usefixtures("index")
def test_the_index_is_asked_first_and_coordinates_ask_nobody(qpv, server, tmp_path):
    server.serve(SEARCH, collection())
    header = ("adresse", "lon", "lat")
    source = write_csv(
        tmp_path / "a.csv",
        header,
        ("1 rue des Carrés, 99990 Essai", "", ""),
        ("9 rue des Ronds, 99990 Essai", "", ""),
        ("7 rue des Ovales, 99990 Essai", *point(200, 200).values()),
    )
    assert qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON).code == 0
    assert asked(server) == ["9 rue des Ronds, 99990 Essai"]
    rows = read_csv(tmp_path / "b.csv")
    assert [row_of["qpv_status"] for row_of in rows] == ["inside", "not_located", "inside"]
    assert [row_of["result_status"] for row_of in rows] == ["ok", "ok", ""]
    assert [row_of["result_match"] for row_of in rows] == [
        "number=same street=same postcode=same city=same",
        "number=unsaid street=different postcode=same city=same",
        "",
    ]


@pytest.mark.usefixtures("index")
def test_offline_asks_no_service_that_is_there(qpv, server, source, tmp_path):
    assert qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--offline").code == 0
    assert server.requests == []


@pytest.mark.usefixtures("squares")
def test_an_interrupted_run_says_how_to_go_on_and_does(qpv, server, tmp_path):
    def answer(query):
        if query["q"].startswith("20 "):
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        return answered(query)

    server.routes[SEARCH] = answer
    rows = [(k, f"{k} rue d'Essai", "59120", "Loos") for k in range(10, 30)]
    source = write_csv(tmp_path / "a.csv", HEADER, *rows)
    command = ("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--no-cache")
    stopped = qpv(*command)
    assert (stopped.code, stopped.out) == (130, "")
    assert "relancez la même commande" in stopped.err.splitlines()[-1]
    assert str(tmp_path / "b.csv") in stopped.err.splitlines()[-1]
    assert not (tmp_path / "b.csv").exists()
    server.requests.clear()
    server.routes[SEARCH] = answered
    assert qpv(*command).code == 0
    assert len(server.requests) < 20
    assert list(answers(tmp_path / "b.csv").values()) == [("inside", "clear")] * 20


@pytest.mark.usefixtures("socket_disabled")
def test_what_a_town_says_of_a_place_is_beside_the_answer(qpv, tmp_path):
    source = write_csv(
        tmp_path / "lieux.csv", ("id", "adresse"), (1, "Collège René Descartes, 59120 Loos"), (2, "Loos")
    )
    output = tmp_path / "reponses.csv"
    assert qpv("batch", source, "-o", output, "--on", ON, "--offline").code == 0
    school, town = read_csv(output)
    assert "entré dans le QPV en 2024 d’après la ville de Loos" in school["qpv_mention"]
    assert (school["qpv_reponse"], town["qpv_mention"]) == ("à vérifier", "")
