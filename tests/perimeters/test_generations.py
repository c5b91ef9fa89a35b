"""Which generation is in force where and when, on both sides of every date of the law."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from qpv_geo import crs
from qpv_geo.errors import DateError
from qpv_geo.messages.typography import quoted
from qpv_geo.perimeters.generations import generation_in_force, parse_date
from qpv_geo.perimeters.registry import registry

LAST_DAY_OF_2015 = {
    "metropole": date(2023, 12, 31),
    "antilles": date(2024, 12, 31),
    "guyane": date(2024, 12, 31),
    "reunion": date(2024, 12, 31),
    "mayotte": date(2024, 12, 31),
    "polynesie": date(2024, 12, 31),
}
"""Décret 2023-1314, in force on 1 January 2024; décrets 2024-1211 and 2024-1212, in force on 1 January 2025."""


def in_force(on, territory):
    return generation_in_force(registry().generations.values(), on=on, territory=territory).id


@pytest.mark.parametrize("territory", crs.TERRITORIES, ids=lambda territory: territory.id)
def test_every_territory_changes_generation_on_its_own_day(territory):
    last = LAST_DAY_OF_2015[territory.id]
    assert in_force(date(2015, 1, 1), territory) == "qpv-2015"
    assert in_force(last, territory) == "qpv-2015"
    assert in_force(last + timedelta(days=1), territory) == "qpv-2024"
    assert in_force(date(2100, 1, 1), territory) == "qpv-2024"


@pytest.mark.parametrize("territory", crs.TERRITORIES, ids=lambda territory: territory.id)
@pytest.mark.parametrize("on", [date(2014, 12, 31), date(1996, 11, 14), date.min])
def test_before_the_first_generation_there_is_no_answer(territory, on):
    with pytest.raises(DateError) as refused:
        in_force(on, territory)
    assert quoted(f"{on.day:02}/{on.month:02}/{on.year:04}") in str(refused.value)
    assert "01/01/2015" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("territory", crs.TERRITORIES, ids=lambda territory: territory.id)
def test_no_day_since_2015_is_without_a_generation_or_under_two(territory):
    rows = [
        row
        for generation in registry().generations.values()
        for row in generation.validity
        if territory.id in row.territories
    ]
    rows.sort(key=lambda row: row.start)
    assert rows[0].start == date(2015, 1, 1)
    assert rows[-1].end is None
    assert [row.end + timedelta(days=1) for row in rows[:-1]] == [row.start for row in rows[1:]]


def test_a_territory_that_no_generation_knows_has_no_answer():
    nowhere = crs.Territory("terres-australes", "Terres australes", 2154, (0, 0, 1, 1))
    with pytest.raises(DateError, match="« Terres australes » .* 01/06/2024".replace(" ", r"\s")) as refused:
        in_force(date(2024, 6, 1), nowhere)
    assert "depuis" not in str(refused.value)


@pytest.mark.parametrize(
    "value",
    [
        "2024-06-01",
        "01/06/2024",
        " 1/6/2024 ",
        date(2024, 6, 1),
        datetime(2024, 5, 31, 23, 59, tzinfo=timezone(timedelta(hours=-10))),  # in Paris, the next day
    ],
)
def test_a_date_is_read_from_text_a_date_or_an_instant(value):
    found = parse_date(value)
    assert found == date(2024, 6, 1)
    assert type(found) is date


@pytest.mark.parametrize(
    "value", ["2024-13-01", "2023-02-29", "hier", "31/02/2024", "01/06/24", "", "2024-06", 20240601, 2024.5, None]
)
def test_what_is_no_date_is_refused_with_its_value(value):
    with pytest.raises(DateError) as refused:
        parse_date(value)
    assert quoted(value) in str(refused.value)
    assert "AAAA-MM-JJ" in str(refused.value)
