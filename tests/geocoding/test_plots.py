"""A plot is recognised however it is written, and nothing else is taken for one."""

from __future__ import annotations

import csv
import gzip

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.plots import normalise_plot, plots_named, plots_of_cell, read_plot

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

CODES = st.one_of(
    st.builds("{:02}{:03}".format, st.integers(1, 95).filter(lambda department: department != 20), st.integers(1, 899)),
    st.builds("{}{:03}".format, st.sampled_from(["2A", "2B"]), st.integers(1, 899)),
    st.builds("97{}{:02}".format, st.sampled_from([1, 2, 3, 4, 6]), st.integers(1, 99)),
)
SECTIONS = st.text(LETTERS, min_size=1, max_size=2)
NUMBERS = st.integers(1, 9999)
PREFIXES = st.integers(0, 999).map("{:03}".format)
SMALL = {"AU", "DE", "DU", "EN", "ET", "LA", "LE", "NO", "N", "OU", "UN"}
"""Sections that are words too: they have to be said to be sections."""
BOXES = {"BP", "CS"}


CITIES = {"75056", "69123", "13055"}


def identifier(code, prefix, section, number):
    return f"{code}{prefix}{section.rjust(2, '0')}{number:04}"


# ── How plots are written ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "plot"),
    [
        ("59360000AB0123", "59360000AB0123"),
        ("59360 000 AB 0123", "59360000AB0123"),
        ("59360 AB 123", "59360000AB0123"),
        ("59360ab123", "59360000AB0123"),
        ("59360-AB-0123", "59360000AB0123"),
        ("59360 AB n° 123", "59360000AB0123"),
        ("parcelle AB 123, 59360", "59360000AB0123"),
        ("parcelle AB 123, 59360 Loos", "59360000AB0123"),
        ("section AB n° 123 commune 59360", "59360000AB0123"),
        ("Section : AB / Parcelle : 123 / Commune : 59360", "59360000AB0123"),
        ("parcelle cadastrale 59360000AB0123", "59360000AB0123"),
        ("Parcelle n° 123, section AB, code INSEE 59360", "59360000AB0123"),
        ("parcelle n°123 de la section AB à Loos (59360)", "59360000AB0123"),
        ("Réf. cadastrale : préfixe 000 section AB numéro 123 – 59360", "59360000AB0123"),
        ("cadastrée section AB n° 123, commune de Loos 59360", "59360000AB0123"),
        ("863940000A0012", "863940000A0012"),
        ("86394 A 12", "863940000A0012"),
        ("86394 0A 0012", "863940000A0012"),
        ("86194 123 AB 45", "86194123AB0045"),
        ("parcelle 123 AB 45, 86194", "86194123AB0045"),
        ("la parcelle AB 123, 59360 Loos", "59360000AB0123"),
        ("références de la parcelle : AB 123, 59360", "59360000AB0123"),
        ("parcelle D 12, 86394", "863940000D0012"),
        ("section BP n° 12, 86394", "86394000BP0012"),
        ("86394 000 BP 12", "86394000BP0012"),
        ("section N n° 12 86394", "863940000N0012"),
        ("section LA n° 12 86394", "86394000LA0012"),
        ("2a004 AB 12", "2A004000AB0012"),
        ("97105 AB 12", "97105000AB0012"),
        ("810289000AC0255", "81289000AC0255"),
        ("67482000120034", "67482000120034"),
        ("section 12 n° 34 67482", "67482000120034"),
        ("75056104AV0133", "75104000AV0133"),
        ("75104 AM 8", "75104000AM0008"),
        ("69123381AB0012", "69381000AB0012"),
    ],
)
def test_usual_spellings(text, plot):
    assert normalise_plot(text) == plot


SPELLINGS = [
    "{id}",
    "parcelle {id}",
    "Parcelle cadastrale n° {id}",
    "référence cadastrale : {id}",
    "{code} {prefix} {section} {number}",
    "{code}{prefix} {section} {number:04}",
    "{code} {prefix}{section}{number:04}",
    "{code}-{prefix}-{section}-{number:04}",
    "parcelle {code} {prefix} {section} {number}",
    "{code}, préfixe {prefix}, section {section}, n° {number}",
    "section {section} n° {number}, préfixe {prefix}, commune {code}",
    "Section {section} parcelle {number} {code} préfixe {prefix}",
]


@given(code=CODES, prefix=PREFIXES, section=SECTIONS, number=NUMBERS, spelling=st.sampled_from(SPELLINGS))
def test_whatever_its_spelling_a_plot_comes_out_as_its_identifier(code, prefix, section, number, spelling):
    plot = identifier(code, prefix, section, number)
    text = spelling.format(id=plot, code=code, prefix=prefix, section=section, number=number)
    said = "{id}" in spelling or "section {section}" in spelling.lower()
    assume(said or section not in SMALL)
    assume(code not in CITIES)
    assert normalise_plot(text) == plot


@given(code=CODES, section=SECTIONS, number=NUMBERS, town=st.sampled_from(["", "Loos", "Le Havre", "L'Haÿ-les-Roses"]))
def test_without_a_prefix_it_is_000(code, section, number, town):
    for text in (
        f"parcelle {section} {number} {code} {town}",
        f"{code} {town}, parcelle n° {number} section {section}",
    ):
        assume(section not in SMALL | BOXES)
        assert normalise_plot(text) == identifier(code, "000", section, number)


@given(code=CODES, prefix=PREFIXES, section=SECTIONS, number=NUMBERS)
def test_an_identifier_is_its_own_spelling_in_a_file_and_typed(code, prefix, section, number):
    assume(code not in CITIES)
    plot = identifier(code, prefix, section, number)
    assert normalise_plot(plot) == normalise_plot(f"parcelle {plot.lower()}") == plot
    assert plots_of_cell(plot) == plots_of_cell(f"1|{plot}|{plot}") == (plot,)


# ── What is no plot ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AB 123",
        "parcelle",
        "parcelle 123, 59360",
        "parcelle n° 123, 59360",
        "la parcelle 12 86394",
        "La Parcelle, 12 86394 Essai",
        "parcelle de 12 ares 59360",
        "parcelle AB 123 et 124, 59360",
        "parcelle AB 0, 59360",
        "59360000AB0000",
        "59360 AB 12345",
        "59360 AB 123 59120",
        "parcelle AB 123, 59360 59120 Loos",
        "12 rue AB 123 86000 Poitiers",
        "12 rue de la Parcelle 86000 Poitiers",
        "12 rue des Parcelles A 12 86000 Poitiers",
        "Lotissement la Parcelle A 12, 86000 Poitiers",
        "3 bis chemin de la Section 4 86000 Poitiers",
        "Résidence le Cadastre bât A 12, 59360 Loos",
        "59360 BP 12",
        "La Parcelle, BP 12, 59360 Loos",
        "1 av de la Parcelle 59360",
        "av 1, la Parcelle, 59360",
        "BP 12 59360",
        "86000 CS 1234",
        "86394 D 12",
        "D 12, 86394",
        "86000 RN 10",
        "ZA 12 59360",
        "A 12 59360",
        "12 A 59360",
        "12 bis 59360",
        "59360 Loos A 12",
        "99001 AB 12",
        "20004 AB 12",
        "44306184100047",  # the number of an establishment
        "0612345678",
        "parcelle " * 40 + "59360000AB0123",
    ],
)
def test_what_is_no_plot(text):
    assert normalise_plot(text) is None


KINDS = [
    "rue",
    "r",
    "avenue",
    "av",
    "bd",
    "chemin",
    "ch",
    "place",
    "allée",
    "impasse",
    "résidence",
    "ZA",
    "ferme",
    "clos",
]
NAMES = st.sampled_from(
    [
        "de la Parcelle",
        "de la Parcelle A 12",
        "AB 123",
        "de la Section A 12",
        "du Cadastre",
        "des Lilas",
        "D 12",
        "du 8 mai 1945",
        "A",
        "N 10",
    ]
)


DOORS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "BP 123 ", "Bât A ", "Appt 12 ", "Lot B "]),
    NUMBERS,
    st.sampled_from(["", " bis", " B", "A", " à 12"]),
)
STREETS = st.builds("{} {}".format, st.sampled_from(KINDS), NAMES)
TOWNS = st.sampled_from(["", "Loos", "Poitiers", "Saint-Denis"])


@given(door=DOORS, street=STREETS, code=CODES, town=TOWNS)
def test_an_address_is_never_a_plot(door, street, code, town):
    for text in (
        f"{door} {street} {code} {town}",
        f"{code} {town} {door} {street}",
        f"{street} {door}, {code} {town}",
        f"{door} {street} {town}",
        f"{street}, {code}",
    ):
        assert read_plot(text) is None


@given(
    letters=st.sampled_from(
        ["BP", "CS", "CP", "D", "N", "RD", "RN", "CD", "VC", "CR", "AV", "BD", "PL", "ZA", "ZI", "R"]
    ),
    number=NUMBERS,
    code=CODES,
)
def test_roads_streets_and_boxes_are_no_plots(letters, number, code):
    for text in (f"{letters} {number} {code}", f"{code} {letters} {number}", f"{letters}{number}, {code} Loos"):
        assert read_plot(text) is None


@example("ſ59360 AB 123")
@example("٥٩٣٦٠ AB 123")
@given(st.text(max_size=150))
def test_any_text_is_read_without_fuss(text):
    plot = normalise_plot(text)
    assert plot is None or normalise_plot(plot) == plot


def test_real_addresses_are_no_plots(shared):
    with gzip.open(shared / "addresses/ban-sample.csv.gz", "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    texts = {
        f"{row['numero']} {row['rep']} {row['nom_voie']} {row['code_postal']} {row['nom_commune']}" for row in rows
    }
    texts |= {f"{row['nom_voie']} {row['code_postal']}" for row in rows}
    with (shared / "addresses/cases-sample.csv").open(encoding="utf-8") as lines:
        texts |= {row["query"] for row in csv.DictReader(lines)}
    assert len(texts) > 10_000
    assert [text for text in texts if read_plot(text)] == []


# ── The commune of a plot ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "plots"),
    [
        ("59360000AB0123", ["59360000AB0123"]),
        ("59360 000 AB 123", ["59360000AB0123"]),
        ("code INSEE 59360, parcelle AB 123", ["59360000AB0123"]),
        ("parcelle AB 123, Loos", ["59360000AB0123"]),
        ("parcelle AB 123, 59120 Loos", ["59360000AB0123"]),
        ("parcelle AB 123, 59360 Loos", ["59360000AB0123"]),
        ("Loos (59120), section AB n° 123", ["59360000AB0123"]),
        ("parcelle AB 123 à Loos", ["59360000AB0123"]),
        ("parcelle A 12, commune du Havre", ["763510000A0012"]),
        ("parcelle AB 12, 75004", ["75104000AB0012"]),
        ("parcelle AB 12, Paris 4e", ["75104000AB0012"]),
        ("parcelle AB 12, 75116 Paris", ["75116000AB0012"]),
        ("97105 AB 12", ["97105000AB0012"]),
        # both an INSEE code and a postcode
        ("59120 AB 123", ["59120000AB0123", "59360000AB0123"]),
        ("13001 AB 12", ["13001000AB0012", "13201000AB0012"]),
        ("69003 AB 12", ["69003000AB0012", "69383000AB0012"]),
        # a commune merged into another: its number is the prefix
        ("parcelle A 12, code INSEE 78251", ["782510000A0012"]),
        ("78251 A 12", ["785512510A0012"]),
        # nothing that is known
        ("parcelle AB 123", []),
        ("parcelle AB 123, Trifouillis-les-Essais", []),
        ("parcelle AB 123, 59120 Poitiers", []),
        ("parcelle AB 123, 86394", []),
        ("12 rue des Lilas, 59120 Loos", []),
    ],
)
def test_the_plots_that_a_text_may_mean(text, plots):
    assert list(plots_named(text, gazetteer())) == plots


def test_a_name_that_several_communes_have_means_as_many_plots():
    plots = plots_named("parcelle AB 12, Saint-Denis", gazetteer())
    assert {"93066000AB0012", "97411000AB0012"} < set(plots)
    assert len(plots_named("parcelle AB 12, Paris", gazetteer())) == 20
