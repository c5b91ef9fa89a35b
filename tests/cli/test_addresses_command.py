"""`qpv addresses`: indexes made, downloaded and shown; the nearest address of a point."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import pty
import re

import pytest
from fake_geocoder import offline_index, row, write_ban
from geocoding.geocoder_shapes import NOTHING, NUMBER, collection, feature
from loopback import Answer, Loopback
from synthetic import point

from qpv_geo.messages.typography import quoted

ROWS = (row(0, 0, 1), row(50, 0, 2), row(100, 0, 3, "Rue des Ronds"))
HERE = ("--lon", point(0, 0)["lon"], "--lat", point(0, 0)["lat"])
FAR = ("--lon", 0.0, "--lat", 45.0)


@pytest.fixture
def ban(tmp_path):
    return write_ban(tmp_path / "adresses-99.csv", *ROWS)


@pytest.fixture
def server(monkeypatch):
    with Loopback() as loopback:
        monkeypatch.setenv("QPV_GEO_BAN_URL", f"{loopback.url}/ban/")
        yield loopback


def failed(answer, code, *says):
    """Check that it failed with one line, after what was being done where that is said first."""
    assert (answer.code, answer.out) == (code, "")
    lines = answer.err.splitlines()
    assert len(lines) <= 2
    assert lines[-1].startswith("qpv : ")
    for text in says:
        assert text in lines[-1]


def status(qpv):
    answer = qpv("addresses", "status", "--format", "json")
    assert (answer.code, answer.err) == (0, "")
    return json.loads(answer.out)


# ── Import ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_imported_and_told(qpv, ban, home):
    answer = qpv("addresses", "import", ban, "--source", "inventé", "--edition", "2000-01-01")
    assert answer.code == 0
    assert answer.err == "Indexation : adresses-99.csv\n"
    sha256 = hashlib.sha256(ban.read_bytes()).hexdigest()
    for text in ("99\n", "3 adresses, 3 voies, lieux-dits et communes", "inventé, édition 2000-01-01", sha256[:12]):
        assert text in answer.out
    (one,) = status(qpv)
    assert one.pop("imported_at").endswith("+00:00")
    assert one.pop("size") == (home / "addresses" / "99.sqlite").stat().st_size
    assert one == {
        "id": "99", "rows": 3, "places": 3, "source": "inventé", "edition": "2000-01-01", "sha256": sha256,
        "without_position": 0, "path": str(home / "addresses" / "99.sqlite"),
    }  # fmt: skip


def test_a_gzipped_file_under_a_name_of_one_s_own(qpv, ban, tmp_path):
    path = tmp_path / "mes-adresses.csv.gz"
    path.write_bytes(gzip.compress(ban.read_bytes()))
    assert qpv("addresses", "import", path).code == 0
    assert qpv("addresses", "import", path, "--id", "autres").code == 0
    assert [(one["id"], one["rows"], one["edition"]) for one in status(qpv)] == [
        ("autres", 3, None),
        ("mes-adresses", 3, None),
    ]


def test_an_import_replaces_and_one_that_fails_leaves_the_former(qpv, ban, home):
    qpv("addresses", "import", ban)
    former = (home / "addresses" / "99.sqlite").read_bytes()
    write_ban(ban, *ROWS, row(0, 0, "douze"))
    failed(qpv("addresses", "import", ban), 2, "adresses-99.csv", "douze")
    assert (home / "addresses" / "99.sqlite").read_bytes() == former
    assert sorted(one.name for one in (home / "addresses").iterdir()) == ["99.sqlite"]
    write_ban(ban, *ROWS, row(150, 0, 4))
    assert qpv("addresses", "import", ban).code == 0
    assert [one["rows"] for one in status(qpv)] == [4]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "absent.csv"),
        (b"a;b\n1;2\n", "n’est pas un fichier d’adresses"),
        (b"", "n’est pas un fichier d’adresses"),
        (b"\x1f\x8b tronqu\xc3\xa9", "absent.csv"),
        (b"\xff\xfe\x00", "absent.csv"),
    ],
)
def test_a_bad_file_is_one_line(qpv, tmp_path, home, content, says):
    path = tmp_path / "absent.csv"
    if content is not None:
        path.write_bytes(content)
    failed(qpv("addresses", "import", path), 2, says)
    assert not list(home.glob("addresses/*"))


def test_a_file_without_addresses_or_a_bad_name_is_one_line(qpv, tmp_path, ban, home):
    failed(qpv("addresses", "import", write_ban(tmp_path / "vide.csv")), 2, "vide.csv", "aucune adresse")
    failed(qpv("addresses", "import", ban, "--id", "../ailleurs"), 2, "../ailleurs")
    failed(qpv("addresses", "import"), 2, "il manque FICHIER")
    assert not list(home.glob("addresses/*"))


def test_on_a_terminal_the_import_shows_a_bar(ban, forked, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    controller, terminal = pty.openpty()
    done = forked.run("addresses", "import", ban, terminal=os.ttyname(terminal))
    os.close(terminal)
    shown = os.read(controller, 100_000).decode()
    os.close(controller)
    assert done.code == 0
    assert "Indexation\u00a0: adresses-99.csv" in shown
    assert "3 adresses" in done.out


# ── Status ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_status_of_no_index_says_how_to_have_one(qpv):
    assert "qpv addresses fetch" in qpv("addresses", "status").out
    assert status(qpv) == []


def test_the_status_lists_every_index(qpv, home):
    offline_index(home, *ROWS)
    offline_index(home, ROWS[0], name="98")
    answer = qpv("addresses", "status")
    assert [line for line in answer.out.splitlines() if not line.startswith(" ")] == ["98", "99"]
    assert "1 adresse," in answer.out
    assert re.search(r"importé le \d{1,2}(er)? \w+ \d{4}", answer.out)


@pytest.mark.parametrize("command", [("addresses", "status"), ("check", "1 rue des Carrés, Essai", "--offline")])
def test_a_spoiled_index_is_one_line(qpv, home, command):
    path = offline_index(home, *ROWS).path
    path.write_bytes(b"ceci n'est pas un index")
    failed(qpv(*command), 2, str(path), "réimportez")


# ── Fetch ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_departement_is_downloaded_and_answers(qpv, server, tmp_path):
    content = gzip.compress(write_ban(tmp_path / "source.csv", *ROWS).read_bytes())
    url = server.serve("/ban/adresses-86.csv.gz", Answer(content))
    answer = qpv("addresses", "fetch", "86")
    assert answer.code == 0
    assert answer.err == "Téléchargement : adresses du département 86\n"
    (one,) = status(qpv)
    assert (one["id"], one["rows"], one["source"]) == ("86", 3, url)
    assert one["sha256"] == hashlib.sha256(content).hexdigest()
    assert qpv("addresses", "near", *HERE, "--offline").out.startswith("1 Rue des Carrés 99990 Essai ")


def test_corsica_in_any_case(qpv, server, tmp_path):
    content = gzip.compress(write_ban(tmp_path / "source.csv", *ROWS).read_bytes())
    server.serve("/ban/adresses-2A.csv.gz", Answer(content))
    assert qpv("addresses", "fetch", "2a").code == 0
    assert [one["id"] for one in status(qpv)] == ["2a"]


@pytest.mark.parametrize("code", ["99", "8", "Vienne", "20", "86194", ""])
def test_what_is_no_departement_is_asked_of_nobody(qpv, server, code):
    failed(qpv("addresses", "fetch", code), 2, quoted(code))
    assert server.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=404),
        Answer(status=500),
        Answer(b"<!doctype html><title>Maintenance</title>", headers={"Content-Type": "text/html"}),
        Answer(gzip.compress(b"a;b\n1;2\n")),
        Answer(gzip.compress(b"a;b\n1;2\n" * 1000), sent=20),
    ],
    ids=["404", "500", "html", "other", "cut"],
)
def test_a_download_that_fails_leaves_the_former_index(qpv, server, home, answer):
    offline_index(home, *ROWS, name="86")
    before = (home / "addresses" / "86.sqlite").read_bytes()
    server.serve("/ban/adresses-86.csv.gz", answer)
    failed(qpv("addresses", "fetch", "86"), 4, "adresses-86.csv.gz")
    assert (home / "addresses" / "86.sqlite").read_bytes() == before


def test_a_download_from_nobody_is_one_line(qpv, monkeypatch):
    monkeypatch.setenv("QPV_GEO_BAN_URL", "http://127.0.0.1:9/ban")
    failed(qpv("addresses", "fetch", "86"), 4, "127.0.0.1:9")


# ── Near ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("socket_disabled")
def test_the_nearest_addresses_offline(qpv, home):
    offline_index(home, *ROWS)
    answer = qpv("addresses", "near", *HERE, "--offline")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("1 Rue des Carrés 99990 Essai  (longitude ")
    found = json.loads(qpv("addresses", "near", *HERE, "--offline", "--limit", 5, "--format", "json").out)
    assert [one["label"].split(" 9")[0] for one in found] == ["1 Rue des Carrés", "2 Rue des Carrés", "3 Rue des Ronds"]
    assert found[0]["score"] == 1.0
    assert (found[0]["type"], found[0]["accuracy_m"], found[0]["position"]) == ("housenumber", 20.0, "entrée")
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)


@pytest.mark.usefixtures("socket_disabled")
def test_nothing_near_offline_is_said(qpv, home):
    offline_index(home, *ROWS)
    answer = qpv("addresses", "near", *FAR, "--offline")
    assert answer.code == 0
    assert answer.out.startswith("Aucune adresse connue")
    assert json.loads(qpv("addresses", "near", *FAR, "--offline", "--format", "json").out) == []


def test_the_service_tells_what_is_near_where_no_index_does(qpv, server, monkeypatch):
    monkeypatch.setenv("QPV_GEO_GEOCODER_URL", f"{server.url}/geocodage")
    server.serve("/geocodage/reverse", collection(feature(NUMBER, point(0, 0).values())), NOTHING)
    assert qpv("addresses", "near", *HERE).out.startswith(NUMBER["label"])
    assert qpv("addresses", "near", *HERE).out.startswith("Aucune adresse connue")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--lon", 46.58, "--lat", 0.34), 2, "inversées"),
        (("--lon", "est", "--lat", 46.58), 2, "valeur invalide : « est » ; donnez un nombre"),
        (("--lon", "nan", "--lat", 46.58), 2, "non finies"),
        (("--lon", 0.34), 2, "il manque --lat"),
        ((*HERE, "--limit", 0), 2, "--limit"),
        ((*HERE, "--format", "xml"), 2, "« xml »"),
        (HERE, 4, "127.0.0.1:9"),
    ],
)
def test_a_bad_question_of_what_is_near_is_one_line(qpv, arguments, code, says):
    failed(qpv("addresses", "near", *arguments), code, says)


def test_help_is_french_and_needs_no_data(qpv):
    for command in ((), ("import",), ("fetch",), ("status",), ("near",)):
        answer = qpv("addresses", *command, "--help")
        assert answer.code == 0
        assert answer.out.startswith("Usage : qpv addresses")
