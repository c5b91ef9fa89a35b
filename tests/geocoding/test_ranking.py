"""Ranking in a dense index: what is asked comes first, firm where it is there, and nothing is firm where it is not."""

from __future__ import annotations

import random

import dense
import ground
import pytest
from asking import indexed
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from written import BAN, Commune, ban, shuffled, street

from qpv_geo.geocoding.chain import Chain
from qpv_geo.geocoding.match import is_firm
from qpv_geo.geocoding.protocol import MatchType, make_query
from qpv_geo.text_normalisation import fold

SEED = 11
TOWNS, STREETS, NUMBERS = 14, (60, 90), 10
LEFT_OUT = 5
"""One street in so many is taken out of the index."""


def street_key(row):
    return row["code_insee"], row["nom_ancienne_commune"], row["nom_voie"]


def made():
    rng = random.Random(SEED)
    rows = [dict.fromkeys(BAN, "") | row for row in dense.rows(rng, towns=TOWNS, streets=STREETS, numbers=NUMBERS)]
    ground.lay(rows, rng)
    return rows


ROWS = made()
KEYS = sorted({street_key(row) for row in ROWS})
OUT = set(KEYS[::LEFT_OUT])
HELD = [row for row in ROWS if street_key(row) not in OUT]
NAMES_HELD = {(row["code_insee"], fold(row["nom_voie"])) for row in HELD}
NOT_HELD = [row for row in ROWS if (row["code_insee"], fold(row["nom_voie"])) not in NAMES_HELD]
"""What is asked for in vain: another part of a merged commune may hold a street of the name."""
TOWNS_HELD = {(row["nom_commune"], row["code_postal"]) for row in HELD}


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    return Chain([indexed(tmp_path_factory.mktemp("dense"), HELD)])


def plain(row, *, number=True):
    said = f"{row['numero']} {row['rep']}".strip() + " " if number else ""
    town = row["nom_ancienne_commune"] or row["nom_commune"]
    return f"{said}{row['nom_voie']}, {row['code_postal']} {town}"


def found(chain, text, **filters):
    return chain.search(make_query(text, **filters), limit=10)


def firm(chain, text, **filters):
    return [one.id for one in found(chain, text, **filters) if is_firm(one.match)]


held, not_held = st.sampled_from(HELD), st.sampled_from(NOT_HELD)
COMPLEMENTS = ["Apt 12", "bât B", "3e étage", "chez M. Durand", "Tour 7", "BP 40"]


@st.composite
def written(draw, rows):
    """The address of a row, written plainly: in capitals, without accents or hyphens, with a complement."""
    row = draw(rows)
    text = plain(row)
    text = draw(st.sampled_from([str, str.upper, str.lower, fold]))(text) if draw(st.booleans()) else text
    if draw(st.booleans()):
        text = text.replace("-", " ")
    if draw(st.booleans()):
        text = text.replace(", ", " ")
    if draw(st.booleans()):
        complement = draw(st.sampled_from(COMPLEMENTS))
        text = draw(st.sampled_from([f"{complement}, {text}", f"{text}, {complement}", f"{complement}\n{text}"]))
    return row, text


# ── What is there ────────────────────────────────────────────────────────────────────────────────────────────


@examples(20, of=40)
@given(written(held))
def test_a_plain_address_is_firm_and_is_the_very_row(chain, asked):
    row, text = asked
    assert found(chain, text)[0].id == row["id"]
    assert firm(chain, text) == [row["id"]]


@examples(20, of=40)
@given(held)
def test_a_plain_street_is_firm_without_a_number(chain, row):
    best = found(chain, plain(row, number=False))[0]
    assert (best.type, best.street, best.city) == (MatchType.STREET, row["nom_voie"], row["nom_commune"])
    assert is_firm(best.match)


@examples(20, of=40)
@given(held)
def test_a_filter_is_as_good_as_a_town(chain, row):
    text = plain(row).partition(",")[0]
    ids = firm(chain, text, citycode=row["code_insee"])
    assert row["id"] in ids
    if not row["nom_ancienne_commune"]:  # a merged commune may have several streets of a name
        assert ids == [row["id"]]


@examples(30, of=60)
@given(held, st.integers(0, 2**32))
def test_what_is_firm_of_a_mistyped_address_is_that_address(chain, row, seed):
    """One letter of the street wrong, left out, added or moved: it may be another street, and then it is not firm."""
    rng = random.Random(seed)
    name = row["nom_voie"]
    at = rng.randrange(1, len(name))
    letter = rng.choice("aeiourstlnm")
    hurt = rng.choice(
        (
            name[:at] + letter + name[at + 1 :],
            name[:at] + name[at + 1 :],
            name[:at] + letter + name[at:],
            name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :],
        )
    )
    same = (row["code_insee"], fold(hurt)) in NAMES_HELD and fold(hurt) != fold(name)
    ids = firm(chain, plain(row | {"nom_voie": hurt}))
    assert same or ids in ([row["id"]], [])


# ── What is not there ────────────────────────────────────────────────────────────────────────────────────────


def test_many_streets_are_left_out():
    assert len({street_key(row) for row in NOT_HELD}) > len(KEYS) / LEFT_OUT * 0.8


@examples(75, of=150)
@given(written(not_held))
def test_nothing_is_firm_for_a_street_that_was_left_out(chain, asked):
    _, text = asked
    assert firm(chain, text) == []


@examples(30, of=60)
@given(not_held)
def test_nothing_is_firm_for_it_without_a_number_or_with_a_filter(chain, row):
    assert firm(chain, plain(row, number=False)) == []
    assert firm(chain, plain(row).partition(",")[0], citycode=row["code_insee"]) == []
    assert firm(chain, plain(row).partition(",")[0], postcode=row["code_postal"]) == []


@examples(40, of=80)
@given(held, st.sampled_from(["59000 Lille", "35000 Rennes", "13001 Marseille", "Trucville", "97400 Saint-Denis"]))
def test_nothing_is_firm_for_a_town_that_the_index_has_not(chain, row, town):
    text = f"{row['numero']} {row['rep']} {row['nom_voie']}"
    if not any(fold(name) in fold(town) for name, _ in TOWNS_HELD):
        assert firm(chain, f"{text}, {town}") == []
        assert firm(chain, f"{text} {town}") == []


@examples(30, of=60)
@given(held, st.integers(300, 9999))
def test_nothing_is_firm_for_a_number_that_the_street_has_not(chain, row, number):
    text = f"{number} {plain(row, number=False)}"
    assert firm(chain, text) == []
    assert found(chain, text)[0].street == row["nom_voie"]


@examples(20, of=40)
@given(held)
def test_nothing_is_firm_where_neither_town_nor_code_is_said(chain, row):
    assert firm(chain, f"{row['numero']} {row['rep']} {row['nom_voie']}") == []


# ── Order ────────────────────────────────────────────────────────────────────────────────────────────────────


@examples(8)
@given(held)
def test_the_order_of_the_rows_counts_for_nothing(tmp_path_factory, row):
    """The same few towns, in two orders: the same is found, in the same order."""
    some = [one for one in HELD if one["code_insee"] == row["code_insee"]]
    one, other = (
        Chain([indexed(tmp_path_factory.mktemp("order"), shuffled(some, seed), name=f"o{seed}")]) for seed in (1, 2)
    )
    for text in (plain(row), plain(row, number=False), row["nom_voie"], plain(row).replace("e", "", 1)):
        assert [(x.id, x.score) for x in found(one, text)] == [(x.id, x.score) for x in found(other, text)]


def test_a_town_written_last_is_found_among_many(tmp_path):
    """Communes are the last rows of a file by code: a search that looks at the first rows only misses them."""
    many = [
        one
        for k in range(300)
        for one in street(f"Rue du Gabarit {k}", Commune(f"86{k:03}", f"86{k % 90:02}0", f"Modèle {k}"), [1])
    ]
    last = [ban(3, "Rue du Gabarit", Commune("86999", "86990", "Zèbre"))]
    for rows in ([*many, *last], [*last, *many]):
        chain = Chain([indexed(tmp_path, rows)])
        assert firm(chain, "3 rue du Gabarit, Zèbre") == [last[0]["id"]]
        assert found(chain, "Zèbre")[0].city == "Zèbre"


@given(held, st.integers(1, 9))
def test_no_more_than_asked_come_best_first(chain, row, limit):
    index = chain.geocoders[0]
    some = index.search(make_query(row["nom_voie"]), limit=limit)
    assert len(some) <= limit
    assert [one.score for one in some] == sorted((one.score for one in some), reverse=True)
    assert all(0 <= one.score <= 1 for one in some)


# ── Kinds of slips ───────────────────────────────────────────────────────────────────────────────────────────

SHORT = Commune("99011", "99110", "Maquette")
LONG = Commune("99012", "99110", "Vieux-Modèle-sous-Maquette")
COUSIN = Commune("99013", "99110", "Essaivre")
KIN = Commune("99014", "99110", "Exaivre")
SLIPS = [
    *street("Quai des Épreuves", SHORT),
    *street("Rue des Épreuves", SHORT),
    *street("Rue du Banc", SHORT),
    *street("Rue du Banc d'Essai", LONG),
    *street("Route du 14 Septembre", SHORT),
    *street("Rue du 8 Mai", SHORT),
    *street("Rue du 8 Mai 1945", SHORT),
    *street("Rue du Moulin", COUSIN),
    *street("Rue du Moulin", KIN),
]

BENCH = "2 Rue du Banc d'Essai 99110 Vieux-Modèle-sous-Maquette"


@pytest.fixture(scope="module")
def slips(tmp_path_factory):
    return Chain([indexed(tmp_path_factory.mktemp("slips"), SLIPS, name="slips")])


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2 rue du Banc d'Essai 99110 Vvieux-Modèle-sous-Maquette", BENCH),
        ("2 rue du Banc d'Essay 99110 Vieux-Modèl-sous-Maquette", BENCH),
        ("9 qué des Épreuves 99110 Maquette", "9 Quai des Épreuves 99110 Maquette"),
        ("Route du 14 Septembre n° 2, 99110 Maquette", "2 Route du 14 Septembre 99110 Maquette"),
        ("Route du 14 Septembre 11 99110 Maquette", "11 Route du 14 Septembre 99110 Maquette"),
        ("2 rue du 8 Mai 1945 Maquete", "2 Rue du 8 Mai 1945 99110 Maquette"),
        ("2 rue du 8 Mai 1945 99110 Maquete", "2 Rue du 8 Mai 1945 99110 Maquette"),
        ("3 rue du 8 Mai 9910", "3 Rue du 8 Mai 99110 Maquette"),
        ("4 rue dou Moulin 99110 Essaivvre", "4 Rue du Moulin 99110 Essaivre"),
        ("4 rue dou Moulin 99110 Exaaivre", "4 Rue du Moulin 99110 Exaivre"),
        ("4 rue du Moulin 59110 Exaivr", "4 Rue du Moulin 99110 Exaivre"),
    ],
)  # fmt: skip
def test_what_is_meant_comes_first_whatever_the_slip(slips, text, label):
    assert found(slips, text)[0].label == label


def test_a_kind_that_is_but_said_alike_is_not_firm(slips):
    assert not is_firm(found(slips, "9 qué des Épreuves 99110 Maquette")[0].match)
    assert is_firm(found(slips, "9 quai des Épreuves 99110 Maquette")[0].match)


def test_a_postcode_comes_before_the_same_insee_code(tmp_path):
    rows = [*street("Rue des Essais", Commune("99110", "99330", "Essai-sur-Test")), *street("Rue des Essais", SHORT)]
    candidates = found(Chain([indexed(tmp_path, rows)]), "2 rue des Essais 99110")
    assert [one.city for one in candidates[:2]] == ["Maquette", "Essai-sur-Test"]
