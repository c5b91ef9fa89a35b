"""Odd files and values over HTTP: answered rightly, or refused with a problem that says what to do."""

from __future__ import annotations

import pytest
from serving import LOOS, problem, send


def test_a_place_in_one_cell_is_read(service):
    found = send(service, b"id;lieu\n1;50.60889, 3.00671\n", point_column="lieu", on="2024-06-01")
    assert found.status_code == 200, found.text
    assert ";inside;" in found.text
    guessed = send(service, b'id,geom\n1,"POINT(3.00671 50.60889)"\n', on="2024-06-01")
    assert ",inside," in guessed.text


@pytest.mark.parametrize("name", ["liste.xls", "liste.ODS", "liste.numbers"])
def test_a_workbook_of_another_format_is_to_be_saved_as_xlsx(service, name):
    refused = send(service, b"\xd0\xcf\x11\xe0", name=name)
    assert "Enregistrez le fichier en .xlsx" in problem(refused)["detail"]


@pytest.mark.parametrize("lon", ["1e999", "nan", "inf", "True", "9" * 400, "3,0", ""])
def test_what_is_no_longitude_is_refused(service, lon):
    refused = service.get("/v1/check", params=LOOS | {"lon": lon})
    assert refused.status_code in {400, 422}
    assert "\n" not in problem(refused)["detail"]


@pytest.mark.parametrize("on", ["NaT", "2024-02-30", "45292"])
def test_what_is_no_day_is_refused(service, on):
    refused = service.get("/v1/check", params=LOOS | {"on": on})
    assert refused.status_code in {400, 422}
    assert problem(refused)["detail"]


def test_what_turns_a_text_around_is_taken_out_of_an_address(service):
    told = service.get("/v1/check", params={"q": "Les Oliveaux\u202e\x1b[31m", "on": "2024-06-01"}).text
    assert "\\u202e" not in told
    assert "\u202e" not in told
