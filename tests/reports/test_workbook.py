"""The workbook of a table of projects: its figures, its types, and that nothing in it is ever a formula."""

from __future__ import annotations

from decimal import Decimal

import openpyxl
import pytest
from examples import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from qpv_geo.eligibility.check import Checker
from qpv_geo.projects import KEYS, Placement, Project, Projects, read_projects
from qpv_geo.projects.checks import assess
from qpv_geo.reports.workbook import write_workbook
from qpv_geo.settings import Settings

INSIDE = {"lon": 3.00671, "lat": 50.60889}


def cells(path, sheet):
    return list(openpyxl.load_workbook(path)[sheet].iter_rows())


def summary(path):
    """Return the lines of the summary: what they are grouped by, label, code, nature, count, amount."""
    rows = [[cell.value for cell in row] for row in cells(path, "Synthèse")]
    first = next(k for k, row in enumerate(rows) if row[0] == "regroupement")
    return [dict(zip(rows[first], row, strict=True)) for row in rows[first + 1 :]]


def amounts(path, by):
    return {line["ligne"]: line["montant"] for line in summary(path) if line["regroupement"] == by}


def project(number, **changes):
    fields = {"title": f"Projet {number}", "lead": None, "scheme": None, "year": 2024, "amount": Decimal("100.00")}
    fields |= {"themes": (), "placement": Placement(), **changes}
    return Project(id=str(number), line=number + 1, **fields)


@pytest.fixture
def checker(home):
    return Checker(Settings(home=home))


def test_the_figures_of_the_fund_of_poitiers(tmp_path, checker):
    projects = read_projects("fiq-2024")
    path = tmp_path / "fiq.xlsx"
    write_workbook(path, projects, assess(projects, checker=checker))
    assert amounts(path, "Quartier") == {
        "Saint-Éloi": 450_000,
        "Couronneries": 300_000,
        "Bellejouanne": 95_000,
        "Trois Cités": 68_000,
        "sans lieu unique": 87_000,
        "TOTAL": 1_000_000,
    }
    by_qpv = [
        (line["code"], line["nature"], line["montant"]) for line in summary(path) if line["regroupement"] == "QPV"
    ]
    assert by_qpv == [
        ("QN08605M", None, 750_000),
        ("QN08604M", None, 68_000),
        (None, "hors QPV", 95_000),
        (None, "sans lieu unique", 87_000),
        (None, None, 1_000_000),
    ]


def test_every_grouping_ends_in_its_total(tmp_path):
    path = tmp_path / "r.xlsx"
    projects = read_projects("fiq-2024")
    write_workbook(path, projects)
    groupings = list(dict.fromkeys(line["regroupement"] for line in summary(path)))
    assert len(groupings) == len(KEYS)
    for by in groupings:
        *lines, total = [line for line in summary(path) if line["regroupement"] == by]
        assert total["ligne"] == "TOTAL"
        assert sum(line["montant"] for line in lines) == total["montant"] == 1_000_000
        assert sum(line["part"] for line in lines) == pytest.approx(1)


def test_an_amount_that_is_not_published_is_said_and_is_not_nought(tmp_path):
    path = tmp_path / "r.xlsx"
    write_workbook(path, Projects("essai", (project(1), project(2, amount=None))))
    rows = [[cell.value for cell in row] for row in cells(path, "Projets")]
    where = rows[0].index("montant")
    assert [row[where] for row in rows[1:]] == [100, "montant non publié"]
    total = next(line for line in summary(path) if line["ligne"] == "TOTAL")
    assert (total["montant"], total["projets"], total["montants non publiés"]) == (100, 2, 1)


def test_a_point_counts_where_its_verdict_says(tmp_path, checker):
    place = Placement(**INSIDE)
    projects = Projects("essai", (project(1, placement=place), project(2, placement=Placement(lon=4.8357, lat=45.764))))
    path = tmp_path / "r.xlsx"
    write_workbook(path, projects)
    assert amounts(path, "QPV") == {"à vérifier": 200, "TOTAL": 200}
    write_workbook(path, projects, assess(projects, checker=checker))
    assert amounts(path, "QPV") == {"Les Oliveaux": 100, "à vérifier": 100, "TOTAL": 200}


def test_the_sheet_of_verdicts_holds_what_proves_them(tmp_path, checker):
    projects = Projects("essai", (project(1, placement=Placement(**INSIDE)), project(2)))
    [found, nowhere] = assess(projects, checker=checker)
    path = tmp_path / "r.xlsx"
    write_workbook(path, projects, [found, nowhere])
    header, first = [[cell.value for cell in row] for row in cells(path, "Réponses")]
    told = dict(zip(header, first, strict=True))
    assert told["réponse"] == "en QPV"
    assert told["fondement"] == "d’après le point"
    assert told["distance_m"] == found.verdict.distance_m
    assert (told["explication"], told["empreinte numérique"]) == (found.verdict.message, found.verdict.evidence.digest)
    header, second = [[cell.value for cell in row] for row in cells(path, "À vérifier")]
    assert dict(zip(header, second, strict=True))["réponse"] == "non localisé"


def test_a_sheet_is_printed_on_a4_in_landscape_under_its_header(tmp_path, checker):
    projects = Projects("essai", tuple(project(number) for number in range(1, 4)))
    path = tmp_path / "r.xlsx"
    write_workbook(path, projects, assess(projects, checker=checker))
    for sheet in openpyxl.load_workbook(path):
        setup = sheet.page_setup
        assert (setup.paperSize, setup.orientation, setup.fitToHeight) == (9, "landscape", 0)
        assert sheet.print_title_rows is not None


def test_a_sheet_of_long_texts_is_one_page_wide_and_cuts_none_of_those_printed(tmp_path, checker):
    words = "un intitulé d’essai bien long " * 8
    rows = [project(k, title=words, lead=words, placement=Placement(**INSIDE)) for k in range(1, 4)]
    projects = Projects("essai", tuple(rows))
    path = tmp_path / "r.xlsx"
    write_workbook(path, projects, assess(projects, checker=checker))
    book = openpyxl.load_workbook(path)
    assert {sheet.page_setup.fitToWidth or 1 for sheet in book} == {1}
    for name in ("Projets", "Réponses"):
        sheet = book[name]
        for row in sheet.iter_rows(min_row=2):
            room = (sheet.row_dimensions[row[0].row].height or 15) / 15 * sheet.column_dimensions["B"].width
            assert len(row[1].value) <= room
    printed = book["Réponses"].print_area.rpartition("!")[2].replace("$", "")
    assert "empreinte numérique" in [cell.value for cell in book["Réponses"][1]]
    assert "empreinte numérique" not in [cell.value for cell in book["Réponses"][printed][0]]


def test_what_is_to_review_is_on_a_sheet_of_its_own_and_nowhere_else(tmp_path, checker):
    unknown = Placement(lon=2.35, lat=48.85)
    projects = Projects("essai", (project(1, placement=Placement(**INSIDE)), project(2, placement=unknown)))
    path = tmp_path / "r.xlsx"
    write_workbook(path, projects, assess(projects, checker=checker))
    listed = {name: [row[0].value for row in cells(path, name)][1:] for name in ("Réponses", "À vérifier")}
    assert listed == {"Réponses": ["1"], "À vérifier": ["2"]}


def test_euros_are_numbers_with_a_format_and_headers_stay_in_sight(tmp_path):
    path = tmp_path / "r.xlsx"
    write_workbook(path, read_projects("fiq-2024"))
    sheet = openpyxl.load_workbook(path)["Projets"]
    cell = sheet["F2"]
    assert cell.data_type == "n"
    assert cell.number_format.endswith('"€"')
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:H9")


def test_the_legend_explains_every_column_and_says_what_it_is_worth(tmp_path, checker):
    projects = Projects("essai", (project(1, placement=Placement(**INSIDE)),))
    path = tmp_path / "r.xlsx"
    write_workbook(path, projects, assess(projects, checker=checker))
    legend = {(row[0].value or "", row[1].value): row[2].value for row in cells(path, "Légende")}
    assert ("", "Avertissement") in legend
    assert legend["", "Avertissement"] == "Résultat indicatif, ne vaut pas attestation réglementaire."
    for name in ("Projets", "Réponses"):
        for cell in cells(path, name)[0]:
            assert legend[name, cell.value]


def test_the_same_content_gives_the_same_bytes(tmp_path, checker):
    projects = read_projects("fiq-2024")
    found = assess(projects, checker=checker)
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tmp_path / name, projects, found)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


hostile = st.builds(
    "{}{}".format,
    st.sampled_from(["=", "+", "-", "@", "\t=", "=HYPERLINK(", "{=", "http://"]),
    st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Co", "Cn"]), max_size=20),
)


@examples(10, of=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(hostile, hostile, hostile), min_size=1, max_size=4))
def test_no_text_is_ever_a_formula(tmp_path, texts):
    projects = tuple(
        project(number, title=title, lead=lead, scheme=scheme, themes=("pilotage",), placement=Placement(address=title))
        for number, (title, lead, scheme) in enumerate(texts, start=1)
    )
    path = tmp_path / "r.xlsx"
    write_workbook(path, Projects("=1+1", projects))
    book = openpyxl.load_workbook(path)
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]


@examples(10, of=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.decimals("-1000", "100000", places=2)),
            st.lists(st.sampled_from(["Couronneries", "Saint-Éloi", "Ailleurs"]), unique=True, max_size=3),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_the_table_each_grouping_reconciles(tmp_path, rows):
    projects = Projects(
        "essai",
        tuple(
            project(k, amount=amount, placement=Placement(neighbourhoods=tuple(names)))
            for k, (amount, names) in enumerate(rows, start=1)
        ),
    )
    path = tmp_path / "r.xlsx"
    write_workbook(path, projects)
    lines = summary(path)
    for by in dict.fromkeys(line["regroupement"] for line in lines):
        *mine, total = [line["montant"] for line in lines if line["regroupement"] == by]
        known = [Decimal(str(one)) for one in mine if not isinstance(one, str)]
        if projects.total is None:
            assert total == "montant non publié"
        else:
            assert sum(known) == Decimal(str(total)) == projects.total
