"""Many places at once have the outcomes of the same places one by one, whatever the scheme, the day and the amount."""

from __future__ import annotations

import random
from datetime import date

import pytest
import shapely
from examples import LONG

from qpv_geo.eligibility.check import Checker
from qpv_geo.eligibility.location import point_place, site_place
from qpv_geo.errors import DateError, MissingError
from qpv_geo.perimeters.registry import registry
from qpv_geo.schemes.bulk_outcomes import BulkOutcomes, SchemeQuestion
from qpv_geo.schemes.evaluate import decide_scheme
from qpv_geo.schemes.load import load_schemes
from qpv_geo.settings import Settings

DAYS = (date(2024, 6, 1), date(2025, 3, 1), date(2022, 5, 5))
TOWNS = (
    (2.985, 50.593, 3.035, 50.622),
    (0.30, 46.55, 0.40, 46.62),
    (2.30, 48.88, 2.42, 48.96),
    (55.4, -21.0, 55.6, -20.87),
)


def questions(count, seed):
    """Points and small sites in and around four towns, one overseas; some twice."""
    chance = random.Random(seed)
    found = []
    for k in range(count):
        left, bottom, right, top = chance.choice(TOWNS)
        lon, lat = round(chance.uniform(left, right), 5), round(chance.uniform(bottom, top), 5)
        if k % 5:
            place = {"lon": lon, "lat": lat, "accuracy_m": chance.choice([0.0, 0.0, 30.0])}
            made, identity = point_place(**place), tuple(place.values())
        else:
            place = {"site": shapely.box(lon, lat, lon + 0.001, lat + 0.001)}
            made, identity = site_place(place["site"]), place["site"].wkb
        asked = SchemeQuestion(made, identity, chance.choice(DAYS), chance.choice([None, 800.0, 1_600.0]))
        found += [(place, asked)] * (1 + k % 2)
    return found


@pytest.mark.more
@pytest.mark.parametrize("seed", range(2 if LONG else 1))
def test_places_together_are_decided_as_places_alone(home, install_national, seed):
    install_national()
    checker = Checker(Settings(home=home))
    schemes = load_schemes(home, generations=registry().generations)
    asked = questions(60 if LONG else 30, seed)

    def alone(scheme, place, question):
        try:
            decision = decide_scheme(scheme, checker=checker, on=question.day, amount=question.amount, **place)
        except (DateError, MissingError):
            return "to_review"
        return decision.outcome

    bulk = BulkOutcomes(schemes, checker)
    found = bulk.of([question for _, question in asked])
    for (place, question), outcomes in zip(asked, found, strict=True):
        assert list(outcomes) == [alone(scheme, place, question) for scheme in schemes]
    assert {one for outcomes in found for one in outcomes} >= {"place_ok", "not_eligible", "to_review"}
    assert bulk.of([question for _, question in reversed(asked)]) == found[::-1]
