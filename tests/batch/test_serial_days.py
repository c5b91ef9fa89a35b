"""Days that a spreadsheet wrote as numbers: read where the column certainly holds dates, refused elsewhere."""

from __future__ import annotations

import csv

import pytest


@pytest.fixture
def days(qpv, tmp_path):
    """Return the status and the day told of each row of a table, by its column of dates."""

    def told(heading, *cells):
        source, output = tmp_path / "points.csv", tmp_path / "sortie.csv"
        rows = "".join(f"3.00671;50.60889;{cell}\n" for cell in cells)
        source.write_text(f"lon;lat;{heading}\n{rows}", encoding="utf-8")
        answer = qpv("batch", source, "-o", output, "--date-column", heading, "--overwrite")
        assert answer.code == 0, answer.err
        with output.open(encoding="utf-8", newline="") as stream:
            return [(row["qpv_status"], row["qpv_message"]) for row in csv.DictReader(stream, delimiter=";")]

    return told


@pytest.mark.parametrize("heading", ["date", "Date de dépôt", "jour"])
@pytest.mark.parametrize("cell", ["45444", "45444.75", "45444,5"])
def test_a_number_is_the_day_of_a_spreadsheet_in_a_column_of_dates(days, heading, cell):
    [(status, message)] = days(heading, cell)
    assert status == "inside"
    assert message.startswith("Au 1er juin 2024,")


def test_a_number_among_dates_is_a_day(days):
    assert [status for status, _ in days("dépôt", "45444", "01/06/2024")] == ["inside", "inside"]


@pytest.mark.parametrize("heading", ["code postal", "dépôt", "mandat"])
def test_a_number_in_a_column_that_says_nothing_of_dates_is_refused(days, heading):
    assert [status for status, _ in days(heading, "45000", "45444")] == ["error", "error"]


@pytest.mark.parametrize("cell", ["2024", "86000", "1", "41000", "454440", "-45444", "45444.5.5"])
def test_another_number_is_never_a_day(days, cell):
    [(status, message)] = days("date", cell)
    assert status == "error"
    assert f"{cell}" in message
