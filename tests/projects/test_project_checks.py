"""What is known of the place of a project: a verdict where it has one, what its table says elsewhere, and no more."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
import shapely
from fake_geocoder import FakeGeocoder

from qpv_geo.eligibility.check import Checker
from qpv_geo.errors import RemoteError
from qpv_geo.model import Status
from qpv_geo.perimeters.registry import registry
from qpv_geo.projects import Placement, Project, Projects, read_projects, sums
from qpv_geo.projects.checks import answers, assess
from qpv_geo.schemes.load import find_scheme, load_schemes
from qpv_geo.settings import Settings

INSIDE = {"lon": 3.00671, "lat": 50.60889}


@pytest.fixture
def checker(home):
    return Checker(Settings(home=home))


@pytest.fixture
def schemes(home):
    return load_schemes(home, generations=registry().generations)


def one(checker, *, amount="100.00", year=2024, scheme=None, placement=None, **options):
    price = None if amount is None else Decimal(amount)
    mine = Project("1", "Essai", None, scheme, year, price, None, placement or Placement(), 2)
    [found] = assess(Projects("essai", (mine,)), checker=checker, **options)
    return found


@pytest.mark.parametrize(
    ("placement", "status", "codes"),
    [
        (Placement(**INSIDE), Status.INSIDE, ("QN05975M",)),
        (Placement(site=shapely.box(3.0090, 50.6060, 3.0092, 50.6061)), Status.INSIDE, ("QN05975M",)),
        (Placement(lon=4.8357, lat=45.764), Status.UNCERTAIN, ()),
        (Placement(codes=("QN05975M",)), Status.INSIDE, ("QN05975M",)),
        (Placement(codes=("QP059077",)), Status.UNCERTAIN, ("QP059077",)),
        (Placement(neighbourhoods=("Couronneries",), commune="86194"), Status.INSIDE, ("QN08605M",)),
        (Placement(neighbourhoods=("Bellejouanne",), commune="86194"), Status.OUTSIDE, ()),
        (Placement(neighbourhoods=("Nulle part",)), Status.UNCERTAIN, ()),
        (Placement(everywhere="tous"), None, ()),
        (Placement(), Status.NOT_LOCATED, ()),
    ],
)
def test_what_each_kind_of_place_is_worth(checker, placement, status, codes):
    found = one(checker, placement=placement)
    assert (found.status, found.codes) == (status, codes)
    assert found.message.endswith((".", "qpv-2024"))
    json.dumps(found.to_dict())


def test_only_a_point_a_site_or_an_address_has_a_verdict(checker):
    assert one(checker, placement=Placement(**INSIDE)).verdict.evidence.digest
    declared = one(checker, placement=Placement(codes=("QN05975M",)))
    assert declared.verdict is None
    assert "(non vérifié)" in declared.message


def test_the_year_of_a_project_picks_the_generation(checker):
    assert one(checker, placement=Placement(**INSIDE)).verdict.generation == "qpv-2024"
    before = one(checker, year=2020, placement=Placement(**INSIDE))
    assert (before.status, before.verdict) == (Status.UNCERTAIN, None)
    assert "les périmètres qpv-2015 ne sont pas installés" in before.message
    assert one(checker, year=2020, placement=Placement(codes=("QP059077",))).status is Status.INSIDE


def test_an_overseas_code_changes_a_year_later(checker):
    old = Placement(codes=("QP971001",))
    assert one(checker, year=2024, placement=old).status is Status.INSIDE
    assert one(checker, year=2025, placement=old).status is Status.UNCERTAIN


def test_a_failing_geocoder_is_an_error_and_never_an_answer(checker):
    geocoder = FakeGeocoder({"1 rue d'Essai": RemoteError("en panne")})
    with pytest.raises(RemoteError):
        one(checker, placement=Placement(address="1 rue d'Essai"), geocoder=geocoder)


def test_an_address_is_looked_for_in_its_commune(checker):
    geocoder = FakeGeocoder({})
    found = one(checker, placement=Placement(address="1 rue d'Essai", commune="Loos"), geocoder=geocoder)
    assert found.status is Status.NOT_LOCATED
    assert geocoder.asked[0].citycode in {"59360", None}


def test_a_scheme_that_a_project_names_is_asked(checker, schemes):
    inside = {"placement": Placement(**INSIDE), "schemes": schemes}
    assert one(checker, scheme="pic-loos", **inside).decision.outcome == "place_ok"
    assert one(checker, scheme="PIC LOOS", amount="9999", **inside).decision.outcome == "not_eligible"
    unknown = one(checker, scheme="Fonds inconnu", **inside)
    assert unknown.decision is None
    assert "Fonds inconnu" in unknown.undecided


@pytest.mark.parametrize(
    ("name", "commune", "scheme"),
    [
        ("FIQ", "86194", "fiq-poitiers"),
        ("fiq", "Poitiers", "fiq-poitiers"),
        ("PIC", "59360", "pic-loos"),
        ("FTU", "Loos", "ftu-loos"),
        ("FIQ", "59360", None),
        ("PIC", None, None),
    ],
)
def test_a_short_name_is_that_of_a_fund_in_its_own_commune_only(checker, schemes, name, commune, scheme):
    found = one(checker, scheme=name, placement=Placement(commune=commune), schemes=schemes)
    assert (found.decision and found.decision.scheme, found.undecided is None) == (scheme, scheme is not None)


def test_the_tables_that_ship_name_schemes_that_ship(checker, schemes):
    for name in ("fiq-2024", "loos-2024"):
        assessed = assess(read_projects(name), checker=checker, schemes=schemes)
        assert {one.decision.outcome for one in assessed} == {"to_review"}


def test_a_place_that_is_only_declared_is_to_review(checker, schemes):
    declared = Placement(codes=("QN05975M",))
    assert one(checker, scheme="pic-loos", placement=declared, schemes=schemes).decision.outcome == "to_review"


def test_one_scheme_may_be_asked_of_all(checker, home):
    fund = find_scheme("fiq-poitiers", home, generations=registry().generations)
    mine = Project("1", "Essai", None, "autre", 2024, Decimal(1), None, Placement(**INSIDE), 2)
    [assessed] = assess(Projects("essai", (mine,)), checker=checker, scheme=fund)
    assert (assessed.decision.scheme, assessed.decision.outcome) == ("fiq-poitiers", "not_eligible")


def test_a_refund_is_asked_of_no_scheme(checker, schemes):
    found = one(checker, scheme="pic-loos", amount="-10", placement=Placement(**INSIDE), schemes=schemes)
    assert (found.decision, "Remboursement" in found.undecided) == (None, True)


def test_verdicts_go_into_the_sums(checker):
    places = (Placement(**INSIDE), Placement(lon=3.0006, lat=50.6145), Placement(lon=4.8357, lat=45.764), Placement())
    projects = Projects(
        "essai",
        tuple(Project(str(k), "Essai", None, None, 2024, Decimal(k), None, at, k) for k, at in enumerate(places, 1)),
    )
    found = sums(projects, "qpv", **answers(assess(projects, checker=checker)))
    assert {line.kind.value: line.amount for line in found.lines} == {
        "group": 1,
        "outside": 2,
        "to_review": 3,
        "not_stated": 4,
    }
