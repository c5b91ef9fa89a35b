"""What a map shows adds up to the table, wherever each project is."""

from __future__ import annotations

from decimal import Decimal

import pytest
import shapely
from examples import examples
from fake_geocoder import FakeGeocoder
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from synthetic import degrees, point, square
from synthetic import perimeters as squares

from qpv_geo.eligibility.check import default_checker
from qpv_geo.maps.marks import told
from qpv_geo.maps.placing import Part, place
from qpv_geo.projects import sums
from qpv_geo.projects.amounts import total
from qpv_geo.projects.checks import answers, assess
from qpv_geo.projects.judged import judge

PLACES = st.sampled_from(
    [
        {"lon": "0.36111", "lat": "46.58935"},
        {"lon": "0.3400", "lat": "46.5800"},
        {"code_qp": "QN08604M"},
        {"code_qp": "QN08604M;QN08605M"},
        {"code_qp": "QP059077"},
        {"neighbourhood": "Saint-Éloi", "commune": "86194"},
        {"neighbourhood": "Bellejouanne", "commune": "86194"},
        {"neighbourhood": "tous"},
        {"address": "1 rue des Colis, 86000 Poitiers"},
        {},
    ]
)
AMOUNTS = st.one_of(st.just(""), st.integers(-(10**6), 10**8).map(lambda cents: f"{cents / 100:.2f}"))


def test_the_fund_of_poitiers(fiq, embedded):
    placing = place(fiq, embedded, {})
    on_map = {one.label: one.amount for one in placing.gathered}
    assert on_map == {"Couronneries Saint-Eloi": Decimal(750_000), "Trois Cités": Decimal(68_000)}
    elsewhere = sorted(one.amount for one in placing.elsewhere)
    assert elsewhere == [Decimal(87_000), Decimal(95_000)]
    assert placing.total_on_map + placing.total_elsewhere == fiq.total == Decimal(1_000_000)


@examples(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(PLACES, AMOUNTS), min_size=1, max_size=8))
def test_nothing_is_lost_nor_counted_twice(make_projects, embedded, rows):
    table = [
        {"id": str(k), "title": f"Projet {k}", "amount": amount, **where} for k, (where, amount) in enumerate(rows)
    ]
    projects = make_projects(table)
    placing = place(projects, embedded, judge(projects, embedded, checker=default_checker()))
    gatherings = (*placing.gathered, *placing.elsewhere)
    placed = [one.id for one in placing.located] + [part.project.id for one in gatherings for part in one.parts]
    assert set(placed) == {row["id"] for row in table}
    assert (total([placing.total_on_map, placing.total_elsewhere]) or 0) == (projects.total or 0)


@pytest.mark.parametrize(
    ("lon", "lat", "status"), [("0.36111", "46.58935", "inside"), ("0.3400", "46.5800", "outside")]
)
def test_a_point_is_judged_by_the_perimeters_that_are_drawn(make_projects, embedded, lon, lat, status):
    projects = make_projects([{"id": "a", "title": "Un lieu", "amount": "10", "lon": lon, "lat": lat}])
    judged = judge(projects, embedded, checker=default_checker())
    assert judged["a"].status == status
    assert judged["a"].status == default_checker().check(lon=float(lon), lat=float(lat), on="2024-06-01").status


def test_a_site_is_judged_whole(make_projects, embedded):
    across = "POLYGON((0.3565 46.5880, 0.3565 46.5900, 0.3450 46.5900, 0.3450 46.5880, 0.3565 46.5880))"
    projects = make_projects([{"id": "a", "title": "Une emprise", "amount": "10", "site": across}])
    judged = judge(projects, embedded, checker=default_checker())
    assert (judged["a"].status, judged["a"].reason) == ("uncertain", "site_straddles")


def test_a_site_in_two_perimeters_is_shared_out_as_the_sums_share_it(make_projects, catalogue):
    drawn = squares(square(0, 0, 1_000), square(1_000, 0, 1_000))
    catalogue.store.install(drawn)
    site = degrees(shapely.box(*square(600, 200, 100).bounds[:2], *square(1_200, 400, 100).bounds[2:])).wkt
    projects = make_projects([{"id": "a", "title": "Une emprise", "amount": "100.01", "year": "2024", "site": site}])
    placing = place(projects, drawn, judge(projects, drawn, checker=default_checker()))
    on_map = {line.code: line.amount for line in placing.by_perimeter.lines}
    assert on_map == {"QN99901N": Decimal("50.01"), "QN99902N": Decimal("50.00")}
    told_apart = answers(assess(projects, checker=default_checker()))
    assert on_map == {line.code: line.amount for line in sums(projects, "qpv", **told_apart).lines}
    told_of = dict(
        told(Part(projects.projects[0], None), judge(projects, drawn, checker=default_checker())["a"])["lines"]
    )
    assert any("QN99901N" in text and "QN99902N" in text for text in told_of.values())


def test_an_address_that_nobody_looked_for_stays_in_the_panel(make_projects, embedded):
    projects = make_projects([{"id": "a", "title": "À une adresse", "amount": "10", "address": "1 rue X, Poitiers"}])
    placing = place(projects, embedded, judge(projects, embedded, checker=default_checker()))
    assert not placing.located
    assert placing.total_elsewhere == Decimal(10)


def test_an_address_is_looked_for_in_the_commune_that_the_table_tells(make_projects, embedded):
    geocoder = FakeGeocoder({})
    projects = make_projects([{"id": "a", "title": "Un lieu", "amount": "10", "address": "1 rue X", "commune": "Loos"}])
    judge(projects, embedded, checker=default_checker(), geocoder=geocoder)
    assert {query.citycode for query in geocoder.asked} == {"59360"}


def test_a_point_in_a_local_zone_is_not_said_to_be_in_a_qpv(make_projects):
    zone = squares(square(0, 0, 1_000), kind="municipal_zone", generation=None)
    where = point(500, 500)
    projects = make_projects([{"id": "a", "title": "Un lieu", "amount": "10", **where}])
    judged = judge(projects, zone, checker=default_checker())
    assert judged["a"].status == "inside"
    assert told(Part(projects.projects[0], Decimal(10)), judged["a"])["lines"][-2][1].startswith("dans la zone")
