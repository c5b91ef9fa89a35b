"""Which lines of a comparison are of a commune."""

from __future__ import annotations

import pytest
from quartiers import KM, quartiers, square

from qpv_geo.errors import InputError
from qpv_geo.perimeters.diff import compare

HERE, THERE, BETWEEN, GONE = square(), square(x=2 * KM), square(x=4 * KM), square(x=6 * KM)
BEFORE = {"QP086001": HERE, "QP086002": THERE, "QP086003": BETWEEN, "QP086004": GONE}
AFTER = {"QN08601M": HERE, "QN08602M": THERE, "QN08603M": BETWEEN}
INSEE = {"QN08601M": "86194", "QN08602M": "86066", "QN08603M": "86066,86194"}
NAMES = {"QP086001": "Poitiers", "QP086002": "Châtellerault", "QP086003": "Châtellerault, Poitiers"}


def kept(commune, *, insee=INSEE, before_names=NAMES, after_names=None, before_insee=None):
    before = quartiers(BEFORE, communes=before_names, insee=before_insee)
    redraw = compare(before, quartiers(AFTER, insee=insee, communes=after_names), commune=commune)
    lines = [line.codes_before[0] for line in redraw.quartiers]
    assert redraw.commune == commune
    return lines, redraw.unattached


def test_an_insee_code_keeps_the_quartiers_that_touch_the_commune():
    assert kept("86194") == (["QP086001", "QP086003"], 1)
    assert kept("86066") == (["QP086002", "QP086003"], 1)


def test_a_quartier_that_left_is_attached_by_its_own_insee_code():
    assert kept("86194", before_insee={"QP086004": "86194"}) == (["QP086001", "QP086003", "QP086004"], 0)
    assert kept("86066", before_insee={"QP086004": "86194"}) == (["QP086002", "QP086003"], 0)


def test_a_quartier_that_left_is_attached_by_the_name_that_goes_with_the_code():
    names = NAMES | {"QP086004": "POITIERS"}
    assert kept("86194", before_names=names) == (["QP086001", "QP086003", "QP086004"], 0)
    assert kept("86066", before_names=names) == (["QP086002", "QP086003"], 0)
    after_names = {"QN08601M": "Poitiers"}
    assert kept("86194", before_names={"QP086004": "Poitiers"}, after_names=after_names) == (
        ["QP086001", "QP086003", "QP086004"],
        0,
    )


def test_a_code_that_goes_with_two_names_attaches_nothing_by_name():
    names = NAMES | {"QP086002": "Poitiers", "QP086004": "Poitiers"}
    insee = INSEE | {"QN08602M": "86194"}
    assert kept("86194", insee=insee, before_names=names)[0] == ["QP086001", "QP086002", "QP086003", "QP086004"]
    names |= {"QP086002": "Buxerolles"}
    assert kept("86194", insee=insee, before_names=names) == (["QP086001", "QP086002", "QP086003"], 1)


@pytest.mark.parametrize("name", ["Châtellerault", "chatellerault", " CHATELLERAULT "])
def test_a_name_is_compared_without_case_or_accents(name):
    assert kept(name) == (["QP086002", "QP086003"], 1)


def test_a_name_of_the_later_set_is_enough():
    assert kept("Poitiers", before_names={}, after_names={"QN08601M": "Poitiers"}) == (["QP086001", "QP086003"], 1)


def test_a_commune_without_perimeter_keeps_nothing_and_counts_what_cannot_be_attached():
    assert kept("86000") == ([], 1)
    assert kept("75056") == ([], 0)
    assert kept("Ailleurs") == ([], 1)


def test_codes_of_corsica_and_overseas_find_their_department():
    shapes = {"QP02A001": HERE, "QP974001": THERE}
    before = quartiers(shapes, communes={"QP02A001": "Ajaccio"})
    corsican = compare(before, quartiers({"QN02A01M": HERE}, insee={"QN02A01M": "2A004"}), commune="2a004")
    assert ([line.codes_before for line in corsican.quartiers], corsican.unattached) == ([("QP02A001",)], 0)
    assert compare(before, quartiers({}), commune="97411").unattached == 1


def test_homonyms_are_told_apart_by_the_department_of_the_code():
    before = quartiers(
        {"QP093001": HERE, "QP974001": THERE}, communes=dict.fromkeys(("QP093001", "QP974001"), "Saint-Denis")
    )
    after = quartiers({"QN09301M": HERE}, insee={"QN09301M": "93066"})
    by_code, by_name = compare(before, after, commune="93066"), compare(before, after, commune="Saint-Denis")
    assert [line.codes_before for line in by_code.quartiers] == [("QP093001",)]
    assert [line.codes_before for line in by_name.quartiers] == [("QP093001",), ("QP974001",)]


@pytest.mark.parametrize("blank", ["", "  ", "-"])
def test_a_blank_commune_is_refused(blank):
    with pytest.raises(InputError, match="commune invalide"):
        kept(blank)


def test_the_totals_are_those_of_the_commune():
    before, after = quartiers(BEFORE, communes=NAMES), quartiers(AFTER, insee=INSEE)
    assert compare(before, after, commune="86194").totals.area_after_m2 == pytest.approx(2 * KM**2, rel=1e-6)
    assert compare(before, after).totals.removed_m2 == pytest.approx(KM**2, rel=1e-6)
    assert compare(before, after, commune="86194").totals.removed_m2 == 0.0


@pytest.mark.parametrize(
    ("commune", "quartiers_kept", "unattached"),
    [
        ("59360", {"QN05972M", "QN05975M", "QN05976M"}, 0),
        ("Loos", {"QN05972M", "QN05975M", "QN05976M"}, 0),
        ("59120", set(), 23),
        ("86194", {"QN08603M", "QN08604M", "QN08605M", "QN08606M"}, 0),
    ],
)
def test_loos_is_its_insee_code_and_its_name_and_not_its_postcode(
    loos_2015, catalogue, commune, quartiers_kept, unattached
):
    extract = catalogue.load(catalogue.find("qpv-2024-poitiers-loos"))
    redraw = compare(loos_2015, extract, commune=commune)
    assert {line.codes_after[0] for line in redraw.quartiers} == quartiers_kept
    assert redraw.unattached == unattached
