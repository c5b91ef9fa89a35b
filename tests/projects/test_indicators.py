"""Bases of indicators as INSEE lays them out, kept as they are; those that ship are what pages publish."""

from __future__ import annotations

import json
from decimal import Decimal

import openpyxl
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.errors import FormatError, InputError, IntegrityError
from qpv_geo.projects.indicator_files import IndicatorOptions, read_indicators
from qpv_geo.projects.indicators import Indicator, IndicatorSet, IndicatorValue, keep, load_indicators

INCOME = """CODGEO;LIBGEO;DISP_MED_A21;DISP_TP60_A21;DISP_NOTE21
QP059077;Les Oliveaux;12345,5;45,6;
QP059078;Clémenceau-Kiener;s;ns;note
ENSQP;Ensemble des quartiers prioritaires;14000;43;
"""


@pytest.fixture
def write(tmp_path):
    def write_file(name, text, encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write_file


def plain(text):
    """The text with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def read(path, generation="qpv-2015", **options):
    return read_indicators(path, IndicatorOptions(generation, **options))


def cells(found):
    return [(one.code, one.indicator, one.text, one.vintage) for one in found.values]


def test_a_base_of_income_is_read_with_its_secrets(write):
    read_file = read(write("revenu-disponible-qp15-2021_QP.csv", INCOME))
    assert cells(read_file.found) == [
        ("QP059077", "median_income", "12345.5", "2021"),
        ("QP059077", "poverty_rate", "45.6", "2021"),
        ("QP059078", "median_income", "s", "2021"),
        ("QP059078", "poverty_rate", "ns", "2021"),
    ]
    assert read_file.aggregates == 1
    assert read_file.dropped == ("DISP_NOTE21",)
    assert [one.value for one in read_file.found.values] == [Decimal("12345.5"), Decimal("45.6"), None, None]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-8"])
def test_any_encoding_of_a_spreadsheet_is_read(write, encoding):
    found = read(write("base.csv", INCOME, encoding)).found
    assert {one.name for one in found.values} == {"Les Oliveaux", "Clémenceau-Kiener"}


def workbook(path, title_rows=4, code="Code du QPV"):
    book = openpyxl.Workbook()
    book.active.title = "Documentation"
    book.active.append(["Code", "Libellé"])
    book.active.append(["popMuniQPV", "Population municipale"])
    sheet = book.create_sheet("Données quartiers")
    sheet.append(["Population des quartiers prioritaires (données d'essai)"])
    for _ in range(title_rows - 2):
        sheet.append([])
    sheet.append([code, "Nom", "Population", "Part"])
    sheet.append(["codeQPV", "libQPV", "popMuniQPV", "partPop15_24"])
    sheet.append(["QN05975M", "Les Oliveaux", 1234, 12.5])
    sheet.append(["QN05976M", "Clémenceau-Kiener", "nd", "s"])
    book.save(path)
    return path


@pytest.mark.parametrize("code", ["Code du QPV", "Code du quartier"])
def test_a_workbook_with_titles_and_documentation_is_read(tmp_path, code):
    read_file = read(workbook(tmp_path / "population.xlsx", code=code), "qpv-2024", vintage="2020")
    assert cells(read_file.found)[:2] == [
        ("QN05975M", "population", "1234", "2020"),
        ("QN05975M", "partPop15_24", "12.5", "2020"),
    ]
    assert read_file.found.marks == 2


@pytest.mark.parametrize(
    ("heading", "indicator", "vintage"),
    [
        ("DISP_MED_A21", "median_income", "2021"),
        ("DISP_Q2_A17", "median_income", "2017"),
        ("disp_med12", "median_income", "2012"),
        ("DISP_TP6021", "poverty_rate", "2021"),
        ("DISP_TP60_A21", "poverty_rate", "2021"),
        ("TP60_A13", "poverty_rate", "2013"),
        ("TP60", "poverty_rate", None),
        ("TX_TOT_EMPL", "employment_rate", None),
        ("popMuniQPV", "population", None),
        ("POP_MUN", "population", None),
        ("DEC_TP6021", "DEC_TP6021", "2021"),
    ],
)
def test_headings_of_insee_tell_the_indicator_and_the_vintage(write, heading, indicator, vintage):
    (value,) = read(write("base.csv", f"CODGEO;{heading}\nQP059077;1\n")).found.values
    assert (value.indicator, value.vintage, value.heading) == (indicator, vintage, heading)


def test_codes_that_a_spreadsheet_wrapped_are_read(write):
    found = read(write("base.csv", 'code_qp;lib_qp;pop_mun\n"=""QP059077""";"=""Les Oliveaux""";5 001\n')).found
    assert cells(found) == [("QP059077", "population", "5001", None)]
    assert found.values[0].name == "Les Oliveaux"


def test_another_layout_is_read_by_a_mapping(write):
    mapping = write("m.toml", 'code = "Quartier"\npopulation = "Habitants (insee)"\nvintage = 2019\n')
    path = write("base.csv", "Nom;Quartier;Habitants (insee)\nx;QP059077;4900\n")
    assert cells(read(path, mapping=mapping).found) == [("QP059077", "population", "4900", "2019")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("CODGEO;TP60\nQN05975M;1\n", "ligne 2 : le code « QN05975M » est de qpv-2024"),
        ("CODGEO;TP60\nQP059077;1\nQP059077;2\n", "ligne 3 : le code « QP059077 » est déjà à la ligne 2"),
        ("CODGEO;TP60\nQP059077;beaucoup\n", "ligne 2, colonne « TP60 » : « beaucoup »"),
        ("CODGEO;TP60;DISP_TP60\nQP059077;1;2\n", "« TP60 » et « DISP_TP60 »"),
        ("CODGEO;TP60\n59360;1\n", "aucun chiffre d’un quartier"),
        ("COMMUNE;TP60\n59360;1\n", "n’a pas de colonne de codes de quartiers"),
        ("CODGEO;NOTE\nQP059077;bien\n", "aucune colonne de chiffres"),
    ],
)
def test_a_base_that_cannot_be_trusted_is_refused_in_one_line(write, text, why):
    with pytest.raises(FormatError, match=r"« base\.csv »") as refused:
        read(write("base.csv", text))
    assert why in plain(str(refused.value))
    assert "\n" not in str(refused.value)


def test_a_heading_that_a_mapping_names_and_that_is_not_there(write):
    mapping = write("m.toml", 'population = "Habitants"\n')
    with pytest.raises(InputError, match="Habitants"):
        read(write("base.csv", INCOME), mapping=mapping)


# ── Keeping ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_base_is_kept_whole_and_comes_first(home, write):
    found = read(write("base.csv", "CODGEO;POP_MUN\nQP059077;5001\n"), vintage="2018").found
    keep(found, home)
    kept = load_indicators(home)
    assert kept.sets[0] == found
    assert kept.best("QP059077", Indicator.POPULATION)[1].value == 5001


def test_a_base_is_not_replaced_without_saying_so(home, write):
    found = read(write("base.csv", INCOME)).found
    keep(found, home)
    with pytest.raises(InputError, match="--replace"):
        keep(found, home)
    keep(found, home, overwrite=True)


def test_a_base_that_was_altered_is_refused(home, write):
    path = keep(read(write("base.csv", INCOME)).found, home)
    path.write_text(path.read_text(encoding="utf-8").replace("12345.5", "99999"), encoding="utf-8")
    with pytest.raises(IntegrityError, match="modifiée"):
        load_indicators(home)


marks = st.sampled_from(["s", "ns", "nd", "so"])
numbers = st.decimals(-(10**9), 10**9, places=4).map(str)


@examples(20, of=100)
@given(st.lists(st.one_of(marks, numbers), min_size=1, max_size=20))
def test_values_come_back_as_they_were_kept(tmp_path_factory, texts):
    values = tuple(IndicatorValue(f"QP999{k:03d}", "", "population", "POP", text, None) for k, text in enumerate(texts))
    found = IndicatorSet("essai", "qpv-2015", "Essai", "inventé", None, "2026-11-30", "0", values)
    folder = tmp_path_factory.mktemp("home")
    keep(found, folder)
    assert load_indicators(folder).sets[0] == found


# ── What ships ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_inhabitants_of_loos_are_those_that_the_town_rounds(home):
    (loos,) = (one for one in load_indicators(home).sets if one.id == "loos-2015")
    assert {(one.code, one.text, one.rounded, one.part) for one in loos.values} == {
        ("QP059077", "5000", True, False),
        ("QP059078", "1300", True, False),
        ("QP059074", "100", True, True),
    }
    assert loos.url
    assert loos.read_on


def test_a_tower_never_stands_for_its_quartier(home):
    assert load_indicators(home).best("QP059074", Indicator.POPULATION) is None


def test_the_inhabitants_of_poitiers_make_the_total_of_their_page(home):
    (poitiers,) = (one for one in load_indicators(home).sets if one.id == "poitiers-2015")
    assert sum(one.value for one in poitiers.values if one.indicator == "population") == 16_360


# ── The command ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_command_imports_lists_and_shows(qpv, write):
    done = qpv("indicators", "import", write("revenus.csv", INCOME), "--generation", "qpv-2015", "--source", "Insee")
    assert (done.code, "2 quartiers (qpv-2015), 2021" in done.out) == (0, True)
    listed = json.loads(qpv("indicators", "list", "--format", "json").out)
    assert (listed[0]["source"], listed[0]["vintages"], listed[0]["not_given"]) == ("Insee", ["2021"], 2)
    shown = qpv("indicators", "show", "QP059078").out
    assert "secret statistique (s) (2021)" in shown
    assert "environ 1\u202f300 (avant 2024)" in shown


def test_a_code_of_the_other_generation_is_told_and_never_answers(qpv):
    answer = qpv("indicators", "show", "QN05975M")
    assert "Aucun indicateur pour QN05975M (qpv-2024)" in answer.out
    assert "QP059077" in answer.out
    assert "5\u202f000" not in answer.out


def test_what_is_not_a_code_is_refused(qpv):
    answer = qpv("indicators", "show", "59360")
    assert (answer.code, "« 59360 »" in answer.err) == (2, True)
