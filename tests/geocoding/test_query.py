"""Reading an address: house numbers, codes, département, and the words of street and town, whatever is around them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qpv_geo.geocoding.house_numbers import HouseNumber, number_of, same_number
from qpv_geo.geocoding.normalise import tokens
from qpv_geo.geocoding.query import read, with_each_number


def first(text):
    return read(text)[0]


def ends(text):
    numbers = first(text).numbers
    return () if numbers is None else tuple(map(str, numbers.ends))


# ── One number ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("15 rue des Essais", HouseNumber(15)),
        ("15, rue des Essais", HouseNumber(15)),
        ("n° 15 rue des Essais", HouseNumber(15)),
        ("N°15, rue des Essais", HouseNumber(15)),
        ("№ 15 rue des Essais", HouseNumber(15)),
        ("no. 15 rue des Essais", HouseNumber(15)),
        ("numéro 15, rue des Essais", HouseNumber(15)),
        ("15bis rue des Essais", HouseNumber(15, "bis")),
        ("15 BIS, rue des Essais", HouseNumber(15, "bis")),
        ("15-bis rue des Essais", HouseNumber(15, "bis")),
        ("15 ter rue des Essais", HouseNumber(15, "ter")),
        ("15 quater rue des Essais", HouseNumber(15, "quater")),
        ("15 B rue des Essais", HouseNumber(15, "b")),
        ("15b rue des Essais", HouseNumber(15, "b")),
        ("15 a, rue des Essais", HouseNumber(15, "a")),
        ("15 D rue des Essais", HouseNumber(15, "d")),
        ("0015 rue des Essais", HouseNumber(15)),
        ("15 r des Essais", HouseNumber(15)),
    ],
)
def test_a_number_at_the_head_is_the_house_number(written, number):
    assert first(written).numbers.ends == (number,)
    assert first(written).numbers.is_one
    assert first(written).words == tokens("rue des Essais")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("12 d'Essai", "d essai"),
        ("12 l'Essai", "l essai"),
        ("12d'Essai", "d essai"),
        ("12 l’Épreuve", "l epreuve"),
    ],
)
def test_a_letter_that_may_be_an_article_is_no_suffix(written, words):
    assert ends(written) == ("12",)
    assert " ".join(first(written).words) == words


def test_without_a_number_at_the_head_every_number_may_be_in_the_name():
    name, *others = read("Rue des 3 Essais")
    assert (name.numbers, name.words) == (None, tokens("Rue des 3 Essais"))
    assert [one.numbers.ends for one in others] == [(HouseNumber(3),)]


def test_a_number_at_the_head_comes_before_those_of_the_name():
    head, whole, *_ = read("3 rue des 4 Essais")
    assert (head.numbers.ends, head.words) == ((HouseNumber(3),), tokens("rue des 4 Essais"))
    assert (whole.numbers, whole.words) == (None, tokens("3 rue des 4 Essais"))


@pytest.mark.parametrize(
    "street",
    [
        "rue du 8 mai 1945",
        "rue du 11 Novembre 1918",
        "rue du 1er Mai",
        "rue du 2e Régiment",
        "avenue de la 2ème DB",
        "boulevard du 19 mars 1962",
    ],
)
def test_dates_and_ordinals_are_of_the_name(street):
    assert all(one.numbers is None for one in read(street))
    assert first(f"7 {street}").words == first(street).words
    assert ends(f"7 {street}") == ("7",)


@pytest.mark.parametrize("written", ["Rue des Essais 12 bis", "rue des Essais, 12 bis", "rue des Essais n° 12bis"])
def test_a_number_behind_the_street_is_read_too(written):
    assert (HouseNumber(12, "bis"),) in [one.numbers.ends for one in read(written) if one.numbers]


# ── Several numbers ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "numbers", "ranges"),
    [
        ("10 à 12", ("10", "12"), ((10, 12),)),
        ("12 à 10", ("12", "10"), ((10, 12),)),
        ("10-12", ("10", "12"), ((10, 12),)),
        ("10 - 12", ("10", "12"), ((10, 12),)),
        ("10\N{EN DASH}12", ("10", "12"), ((10, 12),)),
        ("10 \N{EM DASH} 12", ("10", "12"), ((10, 12),)),
        ("10/12", ("10", "12"), ((10, 12),)),
        ("10 au 12", ("10", "12"), ((10, 12),)),
        ("du 10 au 14", ("10", "14"), ((10, 14),)),
        ("du n° 10 au n° 14", ("10", "14"), ((10, 14),)),
        ("n° 10 à 14", ("10", "14"), ((10, 14),)),
        ("10 bis à 14 ter", ("10 bis", "14 ter"), ((10, 14),)),
        ("10bis-14ter", ("10 bis", "14 ter"), ((10, 14),)),
        ("12 et 12 bis", ("12", "12 bis"), ()),
        ("12, 12 bis", ("12", "12 bis"), ()),
        ("12 & 14", ("12", "14"), ()),
        ("12 ou 14", ("12", "14"), ()),
        ("12, 14 et 16", ("12", "14", "16"), ()),
        ("12,14,16", ("12", "14", "16"), ()),
        ("10 à 14 et 20", ("10", "14", "20"), ((10, 14),)),
        ("10-14, 20-24", ("10", "14", "20", "24"), ((10, 14), (20, 24))),
    ],
)
@pytest.mark.parametrize("where", ["{} rue des Essais", "{}, rue des Essais", "Essai-sur-Test, {} rue des Essais"])
def test_several_numbers_and_ranges_are_read_in_their_order(where, written, numbers, ranges):
    text = where.format(written)
    assert ends(text) == numbers
    assert first(text).numbers.ranges == ranges
    assert not first(text).numbers.is_one
    assert [word for word in first(text).words if word not in tokens("Essai-sur-Test")] == list(
        tokens("rue des Essais")
    )


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 60))
def test_a_range_is_the_numbers_of_its_side_whatever_the_order_of_its_ends(low, high, number):
    numbers = first(f"{low} à {high} rue des Essais").numbers
    turned = first(f"{high} à {low} rue des Essais").numbers
    between = min(low, high) <= number <= max(low, high)
    held = between and ((low + high) % 2 == 1 or (number + low) % 2 == 0)
    assert numbers.holds(number, "") is turned.holds(number, "") is held


def test_the_ends_that_a_street_has_not_are_told():
    numbers = first("10 à 14 rue des Essais").numbers
    assert numbers.unknown([HouseNumber(10), HouseNumber(12)]) == (HouseNumber(14),)
    assert numbers.unknown([HouseNumber(10), HouseNumber(14)]) == ()  # nothing between them is asked of the street
    bis = first("12 et 12 bis rue des Essais").numbers
    assert bis.unknown([HouseNumber(12)]) == (HouseNumber(12, "bis"),)
    assert bis.unknown([HouseNumber(12), HouseNumber(12, "b")]) == ()


@pytest.mark.parametrize(
    ("written", "said"), [("10-14", "10 à 14"), ("14/10", "14 à 10"), ("12 et 12bis", "12, 12 bis"), ("12 B", "12 b")]
)
def test_numbers_are_told_as_people_write_them(written, said):
    assert str(first(f"{written} rue des Essais").numbers) == said


@pytest.mark.parametrize(
    ("text", "each"),
    [
        ("10 à 12 rue des Essais, Essai", ["10 rue des Essais, Essai", "12 rue des Essais, Essai"]),
        ("du 10 au 12 rue des Essais", ["10 rue des Essais", "12 rue des Essais"]),
        ("12 et 12 bis, rue des Essais", ["12, rue des Essais", "12 bis, rue des Essais"]),
        ("12 rue des Essais", ["12 rue des Essais"]),
        ("12 rue des Essais Apt 10 à 12", ["12 rue des Essais Apt 10 à 12"]),
        ("rue des Essais", ["rue des Essais"]),
        ("rue du 8 mai 1945", ["rue du 8 mai 1945"]),
    ],
)
def test_an_address_of_several_numbers_is_written_once_for_each(text, each):
    assert with_each_number(text) == each


# ── Suffixes ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "known", "same"),
    [
        ("12", "12", True),
        ("12 bis", "12 bis", True),
        ("12 b", "12 bis", True),
        ("12 bis", "12 B", True),
        ("12 t", "12ter", True),
        ("12 q", "12 quater", True),
        ("12 bis", "12", False),
        ("12", "12 bis", False),
        ("12 bis", "12 ter", False),
        ("12 a", "12 b", False),
        ("12", "21", False),
        ("12", "120", False),
    ],
)
def test_two_ways_to_write_a_suffix_are_one_and_no_suffix_is_another(asked, known, same):
    one, other = number_of(asked), number_of(known)
    assert same_number(one, other.number, other.suffix) is same


@pytest.mark.parametrize("text", [None, "", "bis", "x 12"])
def test_what_is_no_number_is_none(text):
    assert number_of(text) is None


# ── Codes ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "codes", "near"),
    [
        ("1 rue des Essais 86000 Poitiers", ("86000",), ()),
        ("1 rue des Essais 86 000 Poitiers", ("86000",), ()),
        ("1 rue des Essais F-86000 Poitiers", ("86000",), ()),
        ("1 rue des Essais FR-86000 Poitiers", ("86000",), ()),
        ("86000 Poitiers 1 rue des Essais", ("86000",), ()),
        ("1 rue des Essais 59360 99010", ("59360", "99010"), ()),
        ("1 rue des Essais 2A004 Ajaccio", ("2A004",), ()),
        ("1 rue des Essais 2b033 Bastia", ("2B033",), ()),
        ("1 rue des Essais 8600 Poitiers", (), ("8600",)),
        ("1 rue des Essais 860000 Poitiers", (), ("860000",)),
        ("1 rue des Essais", (), ()),
    ],
)
def test_codes_are_neither_words_nor_numbers(text, codes, near):
    reading = first(text)
    assert (reading.codes, reading.near_codes) == (codes, near)
    assert ends(text) == ("1",)
    assert [word for word in reading.words if word.isdigit() and word not in near] == []


def test_a_number_of_four_digits_may_be_the_house_number():
    assert ends("1234 rue des Essais, Poitiers") == ("1234",)
    assert first("1234 rue des Essais, Poitiers").near_codes == ()


@pytest.mark.parametrize(
    ("text", "department"),
    [("(63)", "63"), ("( 63 )", "63"), ("(2A)", "2A"), ("(2b)", "2B"), ("(974)", "974"), ("", ""), ("(le bas)", "")],
)
def test_a_departement_stands_between_brackets(text, department):
    reading = first(f"1 rue des Essais, Beaumont {text}")
    assert reading.department == department
    assert reading.words[:4] == tokens("rue des Essais Beaumont")


# ── What is typed ────────────────────────────────────────────────────────────────────────────────────────────

PLAIN = "12 rue de l'Épreuve 42000 Saint-Étienne"


@pytest.mark.parametrize(
    "text",
    [
        "12 rue de l&#39;&Eacute;preuve 42000 Saint-&Eacute;tienne",
        "12 rue de l&apos;&#201;preuve 42000 Saint-&#xC9;tienne",
        "12 rue de l'Ã‰preuve 42000 Saint-Ã‰tienne",
        "12 rue de l’Ã©preuve 42000 Saint-Ã©tienne",
        "12 rue de l'\ufffdpreuve 42000 Saint-\ufffdtienne",
        "12 rue de l'?preuve 42000 Saint-?tienne",
        "12\u00a0rue de l\u2019\u00c9preuve\u00a042000 Saint\u2011E\u0301tienne",
        "12 RUE DE L EPREUVE 42000 SAINT ETIENNE",
        "12, rue de l'epreuve\n42000 St-Etienne",
        "12 rue de l'Épreuve 42000 Saint-Étienne jean.essai@exemple.fr",
        "12 rue de l'Épreuve 42000 Saint-Étienne 06 12 34 56 78",
        "12 rue de l'Épreuve 42000 Saint-Étienne 0612345678",
        "12 rue de l'Épreuve 42000 Saint-Étienne 06.12.34.56.78",
        "12 rue de l'Épreuve 42000 Saint-Étienne +33 6 12 34 56 78",
        "12 rue de l'Épreuve 42000 Saint-Étienne Tél. 04 77 12 34 56",
        "12 rue de l'Épreuve 42000 Saint-Étienne Tél. : 04 77 12 34 56",
        "12 rue de l'Épreuve 42000 Saint-Étienne https://exemple.fr/contact?a=12",
        "contact@exemple.fr 12 rue de l'Épreuve 42000 Saint-Étienne",
        "  12   rue  de l'Épreuve ,  42000  Saint-Étienne  ",
    ],
)
def test_what_is_broken_or_added_leaves_the_address_as_it_is(text):
    plain, reading = first(PLAIN), first(text)
    assert reading.words == plain.words
    assert (ends(text), reading.codes) == (("12",), ("42000",))


def test_nothing_is_one_reading_of_nothing():
    (found,) = read("!?")
    assert (found.numbers, found.words, found.codes) == (None, (), ())


# ── Whatever is typed ────────────────────────────────────────────────────────────────────────────────────────

PIECES = [
    *("12", "bis", "b", "à", "et", "-", "/", ",", "86000", "8600", "860000", "rue", "av.", "du", "l'", "8 mai 1945"),
    *("apt", "bât B", "chez", "cedex", "bp 12", "(63)", "Poitiers", "n°", "&eacute;", "Ã©", "\ufffd", "2A004", "é"),
]
TEXTS = st.text(max_size=60) | st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map(" ".join)


@given(TEXTS)
@example("12 à")
@example("du")
@example("(((63)")
@example("apt apt 12 12")
@example("é &#0; &#x110000;")
def test_any_text_has_a_reading_of_plain_words_whose_marks_stand_within_it(text):
    found = list(read(text))
    assert found
    for one in found:
        assert all(word.isascii() and word.isalnum() and word == word.lower() for word in one.words)
        assert all(len(code) == 5 for code in one.codes)
        assert all(0 <= k < len(one.words) for k in one.optional)
        assert all(0 <= k <= len(one.words) for k in one.breaks)
        assert one.number_at is None or 0 <= one.number_at <= len(one.words)
        assert (one.number_at is None) is (one.numbers is None)


@given(TEXTS)
def test_each_number_is_asked_in_an_address_of_its_own(text):
    each = with_each_number(text)
    assert len(each) >= 1
    if len(each) == 1:
        assert each == [text]


@given(st.integers(1, 9999), st.sampled_from(["", "bis", "ter", "A", "b"]), st.sampled_from([str.upper, str.lower]))
def test_a_plain_address_is_read_whatever_its_capitals(number, suffix, change):
    text = change(f"{number} {suffix} rue de l'Épreuve, 42000 Saint-Étienne")
    reading = first(text)
    assert reading.numbers.ends == (number_of(f"{number} {suffix}"),)
    assert (reading.words, reading.codes) == (tokens("rue de l'Épreuve Saint-Étienne"), ("42000",))
