"""Odd values of arguments, settings and files: one clear line, or the right answer; never a traceback."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import qpv_geo
from qpv_geo.errors import QpvGeoError

HERE = {"lon": 3.00671, "lat": 50.60889}
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
INFINITE = float("inf")
PIRATE = "\x1b]0pirate\x07\x9b31m\u202eabc"


def refused(call):
    """Return the message of the error that a call raises, made sure that it is one line, not too long."""
    with pytest.raises(QpvGeoError) as raised:
        call()
    message = str(raised.value)
    assert "\n" not in message
    assert len(message) < 400
    return message


@pytest.mark.parametrize(
    ("on", "day"),
    [
        (date(2024, 6, 1), "2024-06-01"),
        (datetime(2024, 6, 1, 23, 59), "2024-06-01"),  # noqa: DTZ001 - without a time zone, as people write
        (pd.Timestamp("2024-06-01 23:30"), "2024-06-01"),
        (np.datetime64("2024-06-01"), "2024-06-01"),
        (datetime(2023, 12, 31, 23, 30, tzinfo=UTC), "2024-01-01"),
        (pd.Timestamp("2024-06-01 23:30", tz="UTC"), "2024-06-02"),
        (datetime(2024, 6, 1, 0, 30, tzinfo=timezone(timedelta(hours=4))), "2024-05-31"),
        (datetime(2023, 12, 31, 14, 0, tzinfo=timezone(timedelta(hours=-10))), "2024-01-01"),
    ],
)
def test_a_moment_is_of_its_day_in_france(on, day):
    assert qpv_geo.check(**HERE, on=on).on == day
    table = qpv_geo.check_table(pd.DataFrame([HERE]), on=on)
    assert table["qpv_status"].tolist() == ["inside"]


def test_the_moments_of_a_table_are_of_their_days_in_france(tmp_path, qpv):
    source = tmp_path / "points.csv"
    source.write_text("lon,lat,quand\n" + "3.00671,50.60889,2023-12-31T23:30:00Z\n" * 2, encoding="utf-8")
    answer = qpv("batch", source, "-o", tmp_path / "sortie.csv", "--date-column", "quand")
    assert answer.code == 0, answer.err
    assert (tmp_path / "sortie.csv").read_text(encoding="utf-8").count("inside") == 2


@pytest.mark.parametrize(
    "on",
    [pd.NaT, np.datetime64("NaT"), pd.NA, float("nan"), True, 20240601, 1.5, b"2024-06-01", "", "NaT", ["2024-06-01"]],
)
def test_what_is_no_date_is_refused(on):
    for call in (lambda: qpv_geo.check(**HERE, on=on), lambda: qpv_geo.check_many(lon=[3.0], lat=[50.6], on=on)):
        assert "date invalide" in refused(call)


@pytest.mark.parametrize("number", [Decimal("3.00671"), np.float32(3.00671), np.array(3.00671), "3.00671", " 3.00671 "])
def test_a_number_of_any_kind_is_read(number):
    assert qpv_geo.check(lon=number, lat=50.60889).status == "inside"
    assert qpv_geo.check_many(lon=[number], lat=[50.60889])["status"].tolist() == ["inside"]
    assert qpv_geo.check(**HERE, accuracy_m=number).location.accuracy_m == pytest.approx(3.00671)


@pytest.mark.parametrize("number", [np.int64(3), Fraction(3)])
def test_a_whole_number_is_read(number):
    assert qpv_geo.check(lon=number, lat=50.60889).location.lon == 3.0


@pytest.mark.parametrize(
    "value",
    [
        *(10**400, -(10**5000), INFINITE, float("nan"), Decimal("NaN"), Decimal("sNaN"), True, np.True_),
        *(b"3", 3 + 1j, pd.NA, pd.NaT, pd.Timestamp("2024-06-01"), np.datetime64("2024-06-01"), {}, [3.0], "x" * 5000),
        np.array([3.0]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_number_is_refused(value):
    refused(lambda: qpv_geo.check(lon=value, lat=50.60889))
    refused(lambda: qpv_geo.check(lon=3.00671, lat=value))
    refused(lambda: qpv_geo.check(**HERE, accuracy_m=value))
    if not isinstance(value, list | np.ndarray):
        refused(lambda: qpv_geo.check_many(lon=[value], lat=[50.60889]))
    if value is not INFINITE:
        refused(lambda: qpv_geo.check_many(lon=[3.0], lat=[50.6], horizon_m=value))


def test_a_row_whose_number_is_none_says_so_and_the_others_are_answered():
    frame = pd.DataFrame({"lon": [10**400, 3.00671, True], "lat": [50.6, 50.60889, 50.6]})
    assert qpv_geo.check_table(frame)["qpv_status"].tolist() == ["error", "inside", "error"]


@pytest.mark.parametrize("value", [5, b"x", float("nan"), pd.NA, ["a"], True])
def test_what_is_no_text_is_refused(value):
    refused(lambda: qpv_geo.check(address=value))
    refused(lambda: qpv_geo.check(address="1 rue d'Essai, Loos", postcode=value))
    refused(lambda: qpv_geo.check(address="1 rue d'Essai, Loos", citycode=value))
    refused(lambda: qpv_geo.check(**HERE, generation=value))
    refused(lambda: qpv_geo.check(**HERE, kinds=value))
    refused(lambda: qpv_geo.check(site=value))
    refused(lambda: qpv_geo.load_perimeters(value))


def test_a_relative_home_is_that_of_the_folder(qpv, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QPV_GEO_HOME", "données/qpv")
    assert qpv("check", "--lon", 3.00671, "--lat", 50.60889, "--on", "2024-06-01").code == 0
    assert qpv("perimeters", "list").code == 0
    assert qpv("addresses", "status").code == 0


@pytest.mark.parametrize("home", ["fichier", "fichier/dessous", "~personne-de-ce-nom/qpv"])
def test_a_home_that_is_no_folder_is_said(qpv, tmp_path, monkeypatch, home):
    (tmp_path / "fichier").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QPV_GEO_HOME", home)
    for command in (("check", *("--lon", 3, "--lat", 50.6)), ("perimeters", "list"), ("addresses", "status")):
        answer = qpv(*command)
        assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
        assert "QPV_GEO_HOME" in answer.err


@pytest.mark.parametrize("suffix", [".xls", ".XLS", ".ods", ".numbers"])
def test_a_workbook_of_another_format_is_to_be_saved_as_xlsx(qpv, tmp_path, suffix):
    source = tmp_path / f"liste{suffix}"
    source.write_bytes(b"\xd0\xcf\x11\xe0")
    for command in (
        ("batch", source, "-o", tmp_path / "sortie.csv"),
        ("projects", "summary", source),
        ("projects", "check", source),
        ("map", source, "-o", tmp_path / "carte.html"),
    ):
        answer = qpv(*command)
        assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
        assert "Enregistrez le fichier en .xlsx" in answer.err


def test_what_a_terminal_obeys_does_not_reach_it(qpv, tmp_path):
    table = tmp_path / "points.csv"
    table.write_text(f"lon;lat;{PIRATE}\n3.00671;50.60889;x\n;;{PIRATE}\n", encoding="utf-8")
    projects = tmp_path / f"projets{PIRATE.replace('/', '')}.csv"
    row = f"Essai {PIRATE};10;Quartier {PIRATE};{PIRATE}\n"
    projects.write_text(f"titre;montant;quartier;{PIRATE}\n{row}", encoding="utf-8")
    for command in (
        ("batch", table, "-o", tmp_path / "sortie.csv"),
        ("batch", table, "-o", tmp_path / "autre.csv", "--dry-run", "--format", "json"),
        ("batch", table, "-o", tmp_path / "autre.csv", "--lon-column", PIRATE),
        ("projects", "summary", projects),
        ("projects", "check", projects),
        ("projects", "check", projects, "--format", "json"),
        ("check", f"1 rue {PIRATE}", "--offline"),
        ("check", f"1 rue {PIRATE}", "--offline", "--format", "json"),
        ("check", *("--lon", 3, "--lat", 50.6), "--generation", PIRATE),
        ("perimeters", "show", PIRATE),
        ("schemes", "show", PIRATE),
    ):
        answer = qpv(*command)
        assert answer.code in {0, 2, 3}, command
        assert not OBEYED.search(answer.out + answer.err), command
        if "json" in command and answer.code == 0:
            assert json.loads(answer.out)
