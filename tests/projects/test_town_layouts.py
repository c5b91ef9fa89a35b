"""Tables as towns keep them: funders in columns, published subsidies, totals, thousands, a layout of one's own."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.errors import FormatError
from qpv_geo.projects import (
    Funding,
    ProjectsError,
    ProjectTableOptions,
    TableMapping,
    read_mapping,
    read_projects,
    sums,
)
from qpv_geo.projects.columns import SUBSIDY_COLUMNS

SUBSIDY = {
    **dict.fromkeys(sorted(SUBSIDY_COLUMNS), ""),
    "nomAttribuant": "Ville d'essai",
    "dateConvention": "2022-03-01",
    "nomBeneficiaire": "Association d'essai",
    "objet": "Essai",
}
SINCE_2_1 = ("rnaBeneficiaire", "dispositifAide")


@pytest.fixture
def read(tmp_path):
    def reading(text, name="essai.csv", **options):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_projects(path, options=ProjectTableOptions(**options))

    return reading


def subsidies(*rows, columns=tuple(SUBSIDY)):
    return "\n".join(
        ",".join(row[name] for name in columns) for row in (dict(zip(columns, columns, strict=True)), *rows)
    )


def lines(projects, by):
    return {line.label: line.amount for line in sums(projects, by).lines}


def funding(project):
    return [(one.funder, one.amount) for one in project.funding]


# ── Funders ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "table",
    [
        "titre;État;Ville;CAF\nEssai;60;40;",
        "titre;montant État;subvention ville;CAF\nEssai;60;40;0",
        "titre;État (BOP 147);Ville;CAF\nEssai;60;40;",
        "titre;financeur 1;montant 1;financeur 2;montant 2\nEssai;État;60;Ville;40",
        "titre;financeur;montant;financeur 2;montant 2\nEssai;État;60;Ville;40",
        "titre;financeur;montant;financeur;montant\nEssai;État;60;Ville;40",
        'titre;financeur;montant\nEssai;"État;Ville";"60;40"',
    ],
)
def test_funders_in_columns_in_pairs_or_in_a_cell(read, table):
    (project,) = read(table).projects
    assert project.amount == 100
    assert funding(project) == [("État", 60), ("Ville", 40)]


@pytest.mark.parametrize(
    ("headings", "funders"),
    [
        ("État;Ville de Testville;CAF de l'Essai", ["État", "Ville de Testville", "CAF de l'Essai"]),
        (
            "CAF;Région Hauts-d'Essai;subvention Département du Test",
            ["CAF", "Région Hauts-d'Essai", "Département du Test"],
        ),
        ("CAF d’Essai;Métropole Européenne d’Essai;Ville", ["CAF d’Essai", "Métropole Européenne d’Essai", "Ville"]),
        ("État;VILLE DE RESIDENCE;Ville de résidence", ["État"]),
    ],
)
def test_a_funder_is_named_with_its_place(read, headings, funders):
    (project,) = read(f"titre;{headings}\nEssai;1;2;3").projects
    assert [one.funder for one in project.funding] == funders


def test_a_column_that_may_be_a_funder_s_and_is_not_read_is_told(qpv, tmp_path):
    path = tmp_path / "essai.csv"
    path.write_text("titre;État;DÉPARTEMENT DU NORD;Observations\nEssai;60;40;rien\n", encoding="utf-8")
    told = qpv("projects", "summary", path, "--by", "funder").err.replace("\u00a0", " ")
    assert "colonnes non lues : « DÉPARTEMENT DU NORD », « Observations »" in told
    assert "« DÉPARTEMENT DU NORD » est-elle un financeur ?" in told


def test_a_region_and_a_departement_alone_are_places_not_funders(read):
    found = read("titre;montant;Région;Département\nEssai;10;Hauts-de-France;59")
    assert (found.projects[0].funding, found.ignored) == ((), ("Région", "Département"))


def test_what_funders_do_not_give_of_a_stated_amount_is_of_no_stated_funder(read):
    found = read("titre;montant total;État;Ville\nEssai;120;60;40")
    assert lines(found, "funder") == {"État": 60, "Ville": 40, "non précisé": 20}


def test_funders_that_give_more_than_the_amount_are_told(read):
    with pytest.raises(ProjectsError) as refused:
        read("titre;montant total;État;Ville\nEssai;90;60;40")
    (fault,) = refused.value.faults
    assert (fault.line, fault.column) == (2, "montant total")


@pytest.mark.parametrize("amounts", ['"60;40;10"', '"60;x"'])
def test_amounts_that_are_not_one_per_funder_are_told(read, amounts):
    with pytest.raises(ProjectsError):
        read(f'titre;financeur;montant\nEssai;"État;Ville";{amounts}')


# ── Published subsidies ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("without", "version"), [(SINCE_2_1, "2.0"), ((), "2.1")])
def test_published_subsidies_are_read_as_they_are_and_have_no_place(read, without, version):
    columns = [name for name in SUBSIDY if name not in without]
    found = read(subsidies(SUBSIDY | {"montant": "47800.20", "pourcentageSubvention": "1.00"}, columns=columns))
    (project,) = found.projects
    assert (found.subsidies, found.ignored) == (version, ())
    assert (project.title, project.lead, project.year) == ("Essai", "Association d'essai", 2022)
    assert (project.amount, funding(project)) == (Decimal("47800.20"), [("Ville d'essai", None)])
    assert lines(found, "funder") == {"Ville d'essai": Decimal("47800.20")}
    for by in ("quartier", "qpv"):
        assert lines(found, by) == {"sans lieu": Decimal("47800.20")}


@given(st.integers(0, 10**9), st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_beneficiaries_of_one_convention_share_its_amount_to_the_cent(tmp_path_factory, cents, weights):
    hundredths = [Fraction(weight * 100, sum(weights)).__floor__() for weight in weights]
    hundredths[0] += 100 - sum(hundredths)
    amount = str(Decimal(cents).scaleb(-2))
    rows = [
        SUBSIDY | {"montant": amount, "nomBeneficiaire": f"B{k}", "pourcentageSubvention": f"{part / 100:.2f}"}
        for k, part in enumerate(hundredths)
    ]
    path = tmp_path_factory.getbasetemp() / "subventions.csv"
    path.write_text(subsidies(*rows), encoding="utf-8")
    assert read_projects(path).total == Decimal(amount)


@pytest.mark.parametrize("portion", ["0", "1.5", "x", "-1"])
def test_a_percentage_that_the_schema_does_not_allow_is_told(read, portion):
    with pytest.raises(ProjectsError, match="entre 0,01 et 1"):
        read(subsidies(SUBSIDY | {"montant": "10", "pourcentageSubvention": portion}))


# ── Amounts and totals ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("heading", "cell", "euros"),
    [
        ("montant", "12,5 k€", 12_500),
        ("montant", "1,2 M€", 1_200_000),
        ("montant", "3 milliers d'euros", 3_000),
        ("montant", "0,125 k€", 125),
        ("Montant (k€)", "12,5", 12_500),
        ("Montant en milliers d'euros", "12", 12_000),
        ("Montant (k€)", "2 M€", 2_000_000),
    ],
)
def test_thousands_and_millions_of_euros(read, heading, cell, euros):
    assert read(f"titre;{heading}\nEssai;{cell}").total == euros


@pytest.mark.parametrize("cell", ["1,250 k€", "1.250 M€", "12,5 m€", "12 k", "1,234", "0,000001 k€"])
def test_an_amount_that_may_be_two_is_told(read, cell):
    with pytest.raises(ProjectsError) as refused:
        read(f"titre;montant\nEssai;{cell}")
    assert [fault.value for fault in refused.value.faults] == [cell]


def test_rows_of_totals_are_set_aside_and_compared(read):
    table = "titre;montant\nA;10\nB;5\nSous-total;15\nC;2\nTotal 2024;17\nTOTAL GÉNÉRAL;18"
    found = read(table)
    assert found.total == 17
    assert [(row.line, row.amount, row.agrees) for row in found.totals] == [
        (4, 15, True),
        (6, 17, True),
        (7, 18, False),
    ]


def test_a_total_that_is_the_sum_of_nothing_above_is_told(read):
    with pytest.raises(ProjectsError, match="un total égal à la somme"):
        read("titre;montant\nA;10\nTotal immersion;7")


def test_a_table_is_read_but_for_its_bad_rows_and_what_they_give_is_told(read):
    table = "titre;montant;année\nA;10;2024\nB;5;20\nC;beaucoup;2024\nD;2;2024"
    with pytest.raises(ProjectsError):
        read(table)
    found = read(table, keep_going=True)
    assert (found.total, dict(found.left_out)) == (12, {3: 5, 4: None})
    assert [(fault.line, fault.column) for fault in found.faults] == [(3, "année"), (4, "montant")]


# ── A layout of one's own ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_mapping_says_which_heading_is_which_column(read, tmp_path):
    path = tmp_path / "correspondance.toml"
    path.write_text(
        '[columns]\ntitle = "Libellé"\nporteur = "Structure"\n[funders]\n"État" = "Crédits 147"\n'
        '"Ville" = "Part ville"\n'
        '[themes]\n"Vie du quartier" = ["animation"]\n[weights]\n"Vie du quartier" = 3\n',
        encoding="utf-8",
    )
    table = "Libellé;Structure;Crédits 147;Part ville;thème\nEssai;A;60;40;Animation ; sport\n"
    (project,) = read(table.replace("Animation ; sport", '"Animation ; sport"'), mapping=read_mapping(path)).projects
    assert (project.title, project.lead, project.amount) == ("Essai", "A", 100)
    assert (project.themes, project.theme_parts) == (("Vie du quartier", "sport"), (3, 1))


def test_a_mapped_heading_that_is_not_there_is_told(read):
    with pytest.raises(ProjectsError, match="Absente"):
        read("titre;montant\nA;1", mapping=TableMapping(columns={"lead": "Absente"}))


@pytest.mark.parametrize(
    "text",
    [
        "columns = 1",
        "[colonnes]\nx = 'y'",
        "[columns]\ncouleur = 'x'",
        "[columns]\ntitle = 3",
        "[themes]\nsport = 'football'",
        "[weights]\nsport = 0",
        "[[",
    ],
)
def test_a_mapping_that_is_not_understood_is_told(tmp_path, text):
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=r"m\.toml"):
        read_mapping(path)
    with pytest.raises(FormatError):
        read_mapping(tmp_path / "absent.toml")


def test_a_funder_of_a_project_is_public():
    assert Funding("État") == Funding("État", None)
