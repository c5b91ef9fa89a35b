"""The tables that ship: what the towns published, and sums that are theirs."""

from decimal import Decimal

import pytest

from qpv_geo.projects import KEYS, LineKind, Precision, published_ids, read_projects, sums
from qpv_geo.projects.neighbourhoods import known_neighbourhoods
from qpv_geo.projects.published import published_file


@pytest.fixture(scope="module")
def fiq():
    return read_projects("fiq-2024")


@pytest.fixture(scope="module")
def loos():
    return read_projects("loos-2024")


def lines(found):
    return [(line.kind, line.label, line.amount) for line in found.lines]


def thousands(amount):
    return Decimal(amount * 1000)


def test_the_fund_of_poitiers_by_neighbourhood(fiq):
    found = sums(fiq)
    assert lines(found) == [
        (LineKind.GROUP, "Saint-Éloi", thousands(450)),
        (LineKind.GROUP, "Couronneries", thousands(300)),
        (LineKind.GROUP, "Bellejouanne", thousands(95)),
        (LineKind.GROUP, "Trois Cités", thousands(68)),
        (LineKind.NONE, "sans lieu unique", thousands(87)),
    ]
    assert found.total == thousands(1000)
    assert found.count == 8


def test_the_fund_of_poitiers_by_qpv(fiq):
    found = sums(fiq, "qpv")
    assert [(line.kind, line.code, line.amount) for line in found.lines] == [
        (LineKind.GROUP, "QN08605M", thousands(750)),
        (LineKind.GROUP, "QN08604M", thousands(68)),
        (LineKind.OUTSIDE, None, thousands(95)),
        (LineKind.NONE, None, thousands(87)),
    ]
    assert found.lines[0].label == "Couronneries Saint-Eloi"
    assert found.lines[2].label == "hors QPV (zone municipale aux limites non publiées)"


@pytest.mark.parametrize("by", KEYS)
def test_the_fund_of_poitiers_is_a_million_by_anything(fiq, by):
    assert sum(line.amount for line in sums(fiq, by).lines) == thousands(1000)


def test_what_the_city_does_not_publish_is_not_there(fiq):
    assert {project.themes for project in fiq.projects} == {()}
    assert [project.lead for project in fiq.projects].count(None) == 1
    places = {project.placement.precision for project in fiq.projects}
    assert places == {Precision.NEIGHBOURHOOD, Precision.EVERYWHERE}


@pytest.mark.parametrize("by", KEYS)
def test_the_examples_of_loos_have_no_amount_and_that_is_not_nought(loos, by):
    found = sums(loos, by)
    assert found.total is None
    assert {line.amount for line in found.lines} == {None}
    assert len(found.unpublished) == found.count == 7


def test_the_examples_of_loos_by_scheme(loos):
    assert {line.label: line.count for line in sums(loos, "scheme").lines} == {"PIC": 3, "FTU": 4}
    assert {project.placement.precision for project in loos.projects} == {Precision.NOT_STATED}


def test_every_table_that_ships_says_where_it_comes_from():
    assert published_ids() == ("fiq-2024", "loos-2024")
    for name in published_ids():
        readme = (published_file(name).parent / "README.md").read_text(encoding="utf-8")
        for told in ("| source |", "| date read |", "| licence |", "https://", "is published", "no point was invented"):
            assert told in " ".join(readme.split())


def test_every_neighbourhood_that_ships_has_a_commune_and_a_source():
    known = known_neighbourhoods().neighbourhoods
    assert {"Couronneries", "Saint-Éloi", "Bellejouanne", "Épi de Soil"} <= {one.name for one in known}
    assert all(one.communes and one.source for one in known)
    assert [one.name for one in known if not one.codes] == ["Bellejouanne"]
