"""The decision alone: every branch of its table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.eligibility.decide import REASONS, STATUSES, decide
from qpv_geo.eligibility.measures import Measures, merge
from qpv_geo.model import Reason, Status, Thresholds


def measures(share, *, radius_m=0.1, covered=True):
    n = len(share)
    rows = np.full(n, -1, dtype=np.int32)
    return Measures(
        np.array(share, dtype=float),
        np.zeros(n),
        rows,
        rows,
        np.full(n, radius_m),
        np.full(n, covered),
        merge([]),
    )


def words(found):
    status, reason = found
    return [(STATUSES[s], REASONS[r]) for s, r in zip(status, reason, strict=True)]


@pytest.mark.parametrize(
    ("share", "radius_m", "covered", "site", "expected"),
    [
        (1.0, 0.1, True, False, (Status.INSIDE, Reason.CLEAR)),
        (1.0, 0.1, False, False, (Status.INSIDE, Reason.CLEAR)),
        (0.95, 0.1, True, False, (Status.INSIDE, Reason.CLEAR)),
        (0.949999, 0.1, True, False, (Status.UNCERTAIN, Reason.NEAR_BOUNDARY)),
        (0.5, 50.0, False, False, (Status.UNCERTAIN, Reason.NEAR_BOUNDARY)),
        (0.5, 50.1, True, False, (Status.UNCERTAIN, Reason.IMPRECISE_LOCATION)),
        (0.050001, 0.1, True, False, (Status.UNCERTAIN, Reason.NEAR_BOUNDARY)),
        (0.05, 0.1, True, False, (Status.OUTSIDE, Reason.CLEAR)),
        (0.05, 0.1, False, False, (Status.UNCERTAIN, Reason.NOT_COVERED)),
        (0.0, 300.0, True, False, (Status.OUTSIDE, Reason.CLEAR)),
        (0.0, 300.0, False, False, (Status.UNCERTAIN, Reason.NOT_COVERED)),
        (0.5, 0.1, True, True, (Status.UNCERTAIN, Reason.SITE_STRADDLES)),
        (0.5, 0.1, False, True, (Status.UNCERTAIN, Reason.SITE_STRADDLES)),
        (1.0, 0.1, True, True, (Status.INSIDE, Reason.CLEAR)),
        (0.0, 0.1, False, True, (Status.UNCERTAIN, Reason.NOT_COVERED)),
    ],
)
def test_the_table_of_the_decision(share, radius_m, covered, site, expected):
    measured = measures([share], radius_m=radius_m, covered=covered)
    assert words(decide(measured, Thresholds(), site=site)) == [expected]
    [alone] = measured.each()
    status, reason = decide(alone, Thresholds(), site=site)
    assert (STATUSES[status], REASONS[reason]) == expected


def test_thresholds_are_those_given():
    strict = Thresholds(inside_min_share=1.0, outside_max_share=0.0)
    assert words(decide(measures([0.99, 0.01]), strict)) == [(Status.UNCERTAIN, Reason.NEAR_BOUNDARY)] * 2


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.booleans(), st.booleans(), st.randoms())
def test_an_answer_never_depends_on_its_neighbours(shares, covered, site, random):
    order = list(range(len(shares)))
    random.shuffle(order)
    together = words(decide(measures(shares, covered=covered), Thresholds(), site=site))
    shuffled = words(decide(measures([shares[k] for k in order], covered=covered), Thresholds(), site=site))
    assert [together[k] for k in order] == shuffled


@given(st.floats(0, 1), st.booleans(), st.booleans())
def test_what_is_not_covered_is_never_outside(share, covered, site):
    [(status, reason)] = words(decide(measures([share], covered=covered), Thresholds(), site=site))
    assert (status, covered) != (Status.OUTSIDE, False)
    assert (status is Status.UNCERTAIN) == (reason is not Reason.CLEAR)
