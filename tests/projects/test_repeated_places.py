"""A table that repeats its places: each is decided once, and every project is told what it would be alone."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import pytest
import shapely
from examples import examples
from fake_geocoder import FakeGeocoder, candidate
from hypothesis import given
from hypothesis import strategies as st
from synthetic import perimeters, square

from qpv_geo.eligibility.check import Checker
from qpv_geo.perimeters.registry import registry
from qpv_geo.projects import Placement, Project, Projects, sums
from qpv_geo.projects.checks import answers, assess
from qpv_geo.projects.judged import judge
from qpv_geo.schemes.load import load_schemes
from qpv_geo.settings import Settings

PLACES = (
    Placement(lon=3.00671, lat=50.60889),
    Placement(lon=3.0006, lat=50.6145),
    Placement(lon=55.45, lat=-20.88),
    Placement(lon=0.3670, lat=46.5680, commune="86194"),
    Placement(site=shapely.box(3.0090, 50.6060, 3.0092, 50.6061)),
    Placement(address="1 rue des Carrés", commune="Essai"),
    Placement(address="?"),
    Placement(codes=("QN05975M", "QN08605M")),
    Placement(codes=("QP059077",)),
    Placement(neighbourhoods=("Couronneries",), commune="86194"),
    Placement(neighbourhoods=("Couronneries",)),
    Placement(everywhere="tous"),
    Placement(),
)
PROJECTS = st.tuples(
    st.sampled_from(PLACES),
    st.sampled_from([None, 1990, 2020, 2024, 2025]),
    st.sampled_from([None, "PIC", "fiq-poitiers", "tva-5-5", "Fonds inconnu"]),
    st.sampled_from([None, Decimal("-10.00"), Decimal("100.00"), Decimal("9999.99")]),
)


@pytest.fixture
def checker(home):
    return Checker(Settings(home=home))


def table(*rows):
    return Projects(
        "essai",
        tuple(
            Project(str(k), "Essai", None, scheme, year, amount, None, place, k)
            for k, (place, year, scheme, amount) in enumerate(rows, 2)
        ),
    )


def told(assessment):
    """What is told of a project, but for when it was checked and its line."""
    found = assessment.to_dict() | {"id": None, "line": None}
    verdicts = [found["verdict"], (found["decision"] or {}).get("verdict")]
    for one in filter(None, verdicts):
        del one["evidence"]["checked_at"]
    return found


@cache
def shipped(home):
    """A checker of what ships, and the schemes, once for all examples."""
    return Checker(Settings(home=home)), load_schemes(home, generations=registry().generations)


@examples(20, of=100)
@given(st.lists(PROJECTS, max_size=12))
def test_a_project_is_told_the_same_alone_and_among_others(tmp_path_factory, rows):
    checker, schemes = shipped(tmp_path_factory.getbasetemp() / "rien")
    options = {"checker": checker, "schemes": schemes, "geocoder": FakeGeocoder({})}
    together = assess(table(*rows), **options)
    alone = [assess(table(row), **options)[0] for row in rows]
    assert [told(one) for one in together] == [told(one) for one in alone]
    assert sums(table(*rows), "qpv", **answers(together)).total == sums(table(*rows), "year").total


def test_an_address_is_looked_for_once_whatever_the_rows_and_the_years(checker):
    known = FakeGeocoder({"1 rue des Carrés": [candidate(100, 200)], "7 rue des Carrés": []})
    rows = [
        (Placement(address=f"{k % 2 * 6 + 1} rue des Carrés"), 2024 + k // 2 % 2, None, Decimal(1)) for k in range(40)
    ]
    found = assess(table(*rows), checker=checker, geocoder=known)
    assert len(found) == len(rows)
    assert sorted(query.text for query in known.asked) == ["1 rue des Carrés", "7 rue des Carrés"]
    judge(table(*rows), perimeters(square(0, 0, 400)), checker=checker, geocoder=known)
    assert len(known.asked) == 4


@pytest.mark.shared
def test_a_sum_is_the_same_with_the_whole_of_france_installed(checker, install_national):
    rows = [(place, 2024, None, Decimal(k)) for k, place in enumerate(PLACES[:5])]
    before = sums(table(*rows), "qpv", **answers(assess(table(*rows), checker=checker)))
    install_national()
    after = sums(table(*rows), "qpv", **answers(assess(table(*rows), checker=Checker(checker.settings))))
    named = {line.code: line.amount for line in before.lines if line.code}
    assert named
    assert named.items() <= {line.code: line.amount for line in after.lines}.items()
    assert after.total == before.total
