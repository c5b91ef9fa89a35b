"""Cells are read as what they stand for, whatever wrote them: Excel, LibreOffice, pandas, a database."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.batch import values


def number(cell, kind=None):
    ((value,), (written,)) = values.numbers(pa.array([cell], kind or pa.string()))
    return value, written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("3.00671", 3.00671), ("3,00671", 3.00671), (" 3.5\t", 3.5), ("-61,5", -61.5), ("+2", 2.0)),
        *((".5", 0.5), ("5.", 5.0), ("1e1", 10.0), ('="3,5"', 3.5), ("\u00a03,5\u202f", 3.5)),
        *(("704 500,12", 704_500.12), ("7\u202f055\u00a0800.2", 7_055_800.2), ("-1 000", -1_000.0)),
    ],
)
def test_texts_that_are_numbers(text, expected):
    assert number(text) == (expected, text.strip())


@pytest.mark.parametrize(
    "text",
    ["abc", "1_000", "3,0 0", "0x10", "1,234.5", "1.234,5", "48°51'N", "3.00671, 50.6", "--3", "1e", "٣", "12 34 567"],
)
def test_texts_that_are_no_numbers(text):
    value, written = number(text)
    assert math.isnan(value)
    assert written == text


@pytest.mark.parametrize("text", ["", " ", "\t", "\u00a0", None])
def test_empty_cells_are_no_numbers_and_have_no_text(text):
    value, written = number(text)
    assert math.isnan(value)
    assert written == ""


@pytest.mark.parametrize(("text", "expected"), [("inf", math.inf), ("-Infinity", -math.inf), ("1e400", math.inf)])
def test_numbers_without_end(text, expected):
    assert number(text) == (expected, text)


@pytest.mark.parametrize(
    ("cell", "kind", "expected"),
    [
        *((1.5, pa.float32(), 1.5), (3, pa.int8(), 3.0), (2**60 + 1, pa.int64(), 2.0**60)),
        *((Decimal("3.25"), pa.decimal128(9, 4), 3.25), (2**63, pa.uint64(), 2.0**63)),
        *(("3,5", pa.large_string(), 3.5), ("3,5", pa.string_view(), 3.5)),
    ],
)
def test_columns_of_any_type_are_read(cell, kind, expected):
    assert number(cell, kind)[0] == expected


@pytest.mark.parametrize("column", [["3,5", None], [3.5, None], [7, None]])
def test_columns_of_few_values_are_read(column):
    found, written = values.numbers(pa.array(column).dictionary_encode())
    assert found[0] == pytest.approx(float(str(column[0]).replace(",", ".")))
    assert (math.isnan(found[1]), written[1]) == (True, "")


def test_a_missing_number_is_an_empty_cell():
    found, written = values.numbers(pa.array([1.5, None, math.nan, math.inf]))
    assert np.isnan(found).tolist() == [False, True, True, False]
    assert list(written) == ["1.5", "", "", "inf"]


@given(st.lists(st.floats(-1e6, 1e6) | st.none()))
def test_numbers_come_back_from_their_text(numbers):
    texts = [None if one is None else repr(one).replace(".", ",") for one in numbers]
    found, _ = values.numbers(pa.array(texts, pa.string()))
    assert [None if math.isnan(one) else one for one in found.tolist()] == numbers


@given(st.lists(st.text(max_size=20) | st.none()))
def test_any_text_is_a_number_or_is_not(texts):
    found, written = values.numbers(pa.array(texts, pa.string()))
    assert len(found) == len(written) == len(texts)
    again = [number(text) for text in texts]
    assert np.array_equal(found, np.array([value for value, _ in again], dtype=float), equal_nan=True)


# ── Texts ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array(['="01000"', " a ", None, "", '="', "a\nb"]), ["01000", "a", "", "", '="', "a\nb"]),
        (pa.array([86_000.0, None, math.nan, 1_000.0]), ["86000", "", "", "1000"]),
        (pa.array([86_000, None]), ["86000", ""]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([86_000.0, math.nan]).dictionary_encode(), ["86000", ""]),
        (pa.array([None, None]), ["", ""]),
        (pa.array([True, None]), ["True", ""]),
        (pa.array([], pa.string()), []),
    ],
)
def test_cells_as_texts(column, expected):
    assert values.texts(column) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("1000", "01000"), ("01000", "01000"), ("86000", "86000"), ("2a004", "2A004"), ("  ", None), ("", None)),
        *(("86000.0", "86000"), ("1000.0", "01000"), ("194", "194"), ("Poitiers", "POITIERS")),
    ],
)
def test_codes_get_back_the_zero_that_a_spreadsheet_took(text, expected):
    assert values.code(text) == expected


# ── Days ─────────────────────────────────────────────────────────────────────────────────────────────────────

FIRST_OF_JUNE = date(2024, 6, 1)


@pytest.mark.parametrize(
    "text",
    [
        *("2024-06-01", "01/06/2024", "1/6/2024", "01.06.2024", "2024-06-01 10:30", "2024-06-01T10:30:00"),
        *("01/06/2024 10:30:00", ' ="01/06/2024"', "20240601", "2024-06-01 00:00:00"),
        *("01-06-2024", "1-6-2024", "2024/06/01", "2024/6/1 10:30"),
    ],
)
def test_texts_that_are_days(text):
    assert values.days(pa.array([text])) == [FIRST_OF_JUNE]


@pytest.mark.parametrize(
    "text", ["06/13/2024", "01/06/24", "1-6/2024", "31/04/2024", "juin 2024", "45444", "2024", "hier"]
)
def test_texts_that_are_no_days_stay_what_they_are(text):
    assert values.days(pa.array([text, text])) == [text, text]


def test_empty_days():
    assert values.days(pa.array(["", " ", None])) == ["", "", ""]
    assert values.days(pa.array([None], pa.date32())) == [""]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([FIRST_OF_JUNE], pa.date32()),
        pa.array([FIRST_OF_JUNE], pa.date64()),
        pa.array([datetime(2024, 6, 1, 23, 59)], pa.timestamp("ns")),  # noqa: DTZ001 - as pandas writes it
        pa.array([datetime(2024, 6, 1, 12, tzinfo=UTC)], pa.timestamp("ms", "Europe/Paris")),
    ],
)
def test_dates_of_the_file_are_days(column):
    assert values.days(column) == [FIRST_OF_JUNE]


@given(st.lists(st.dates(date(1900, 1, 1), date(2100, 1, 1))))
def test_days_come_back_from_either_order(days):
    assert values.days(pa.array([day.isoformat() for day in days], pa.string())) == days
    assert values.days(pa.array([f"{day:%d/%m/%Y}" for day in days], pa.string())) == days


@given(st.lists(st.text(max_size=15)))
def test_any_text_is_a_day_or_stays_itself(texts):
    for text, day in zip(texts, values.days(pa.array(texts, pa.string())), strict=True):
        assert isinstance(day, date) or day == values.texts(pa.array([text]))[0]
