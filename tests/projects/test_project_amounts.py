"""Amounts are exact to the cent or refused; what is shared out adds up."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.projects.amounts import parse_amount, share, to_cents, to_euros, total

CENTS = st.integers(-(10**13), 10**13)


@pytest.mark.parametrize(
    ("cell", "euros"),
    [
        ("1 234,56 €", "1234.56"),
        ("1\u202f234,56\u00a0€", "1234.56"),
        ("1234.56", "1234.56"),
        ("1234,5", "1234.50"),
        ("12 345 678 euros", "12345678.00"),
        ("0", "0.00"),
        ("-50,00", "-50.00"),
        ("\u221250 EUR", "-50.00"),
        ("  7 ", "7.00"),
        ("0,05", "0.05"),
        (300_000, "300000.00"),
        (1234.56, "1234.56"),
        (0.1 + 0.2, "0.30"),
        (-12.5, "-12.50"),
        (Decimal("1.500"), "1.50"),
    ],
)
def test_an_amount_is_read_to_the_cent(cell, euros):
    found = parse_amount(cell)
    assert str(found) == euros


@pytest.mark.parametrize("cell", ["1,234", "1.234", "12,345", "1,234,567", "-1.234"])
def test_a_separator_of_thousands_or_of_decimals_is_refused(cell):
    with pytest.raises(ValueError, match="ambiguïté"):
        parse_amount(cell)


@pytest.mark.parametrize("cell", ["1234,567", "0.001", 1.234, Decimal("0.005"), "1234.560000001"])
def test_fractions_of_a_cent_are_refused(cell):
    with pytest.raises(ValueError, match="deux décimales"):
        parse_amount(cell)


@pytest.mark.parametrize(
    "cell", ["", "300 k", "12 34", "1,234.56", "mille", "1e3", "(50)", "--5", True, float("inf"), [1], "٣"]
)
def test_what_is_no_amount_is_refused(cell):
    with pytest.raises(ValueError, match="un montant en euros, par exemple"):
        parse_amount(cell)


@pytest.mark.parametrize("cell", [10**12, 1e12, "1 000 000 000 000"])
def test_an_amount_that_a_workbook_cannot_hold_to_the_cent_is_refused(cell):
    with pytest.raises(ValueError, match="mille milliards"):
        parse_amount(cell)


@given(st.integers(-(10**14) + 1, 10**14 - 1))
def test_cents_written_and_read_are_the_same(cents):
    euros = to_euros(cents)
    assert to_cents(parse_amount(str(euros))) == cents
    assert parse_amount(str(euros).replace(".", ",") + " €") == euros
    assert parse_amount(float(euros)) == euros


@examples(25, of=100)
@given(CENTS, st.lists(st.fractions(0, 100), min_size=1, max_size=9).filter(any))
def test_shares_add_up_and_are_within_a_cent_of_the_exact_ones(cents, weights):
    parts = share(cents, weights)
    assert sum(parts) == cents
    for part, weight in zip(parts, weights, strict=True):
        exact = cents * weight / sum(weights)
        assert abs(part - exact) < 1
        assert weight or not part


@given(CENTS, st.integers(1, 20))
def test_equal_parts_give_the_cents_that_remain_in_the_order_listed(cents, count):
    parts = [abs(part) for part in share(cents, [1] * count)]
    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= 1


def test_a_refund_is_shared_as_what_it_refunds():
    assert share(1000, [1, 1, 1]) == [334, 333, 333]
    assert share(-1000, [1, 1, 1]) == [-334, -333, -333]
    assert share(1000, [Fraction(2), Fraction(1)]) == [667, 333]


def test_a_total_does_not_take_an_unknown_for_nought_and_is_exact_in_any_context():
    assert total([None, None]) is None
    assert total([]) == 0
    with localcontext(prec=3):
        assert total([Decimal("99999.99"), None, Decimal("0.02")]) == Decimal("100000.01")
