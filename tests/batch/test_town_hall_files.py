"""Files as town halls export them: titles above the header, and lines of another encoding pasted in."""

from __future__ import annotations

import json

import openpyxl
import pytest
from batch_files import INSIDE, ON, OUTSIDE, read_csv, read_sheets

from qpv_geo.batch.options import BatchOptions
from qpv_geo.batch.run import Run
from qpv_geo.eligibility.check import default_checker
from qpv_geo.tables.protocol import ReadingOptions

TITLES = "Bénéficiaires de l'essai\r\nExport du 12/03/2026\r\n\r\n"
HEADER = "adresse d'essai;longitude;latitude\r\n"
ROW = "1 allée des Essais, 99990 Essaiville;3,00671;50,60889\r\n"
TABLE = HEADER + ROW
PASTED = "2 côte d'Essai, 99990 Essaiville;0,30;46,55\r\n"
MIXED = ("--encoding", "utf-8+cp1252")


@pytest.fixture
def ask(qpv, tmp_path):
    def asked(content, *options, output="sortie.csv", name="essai.csv"):
        (tmp_path / name).write_bytes(content)
        return qpv(
            "batch", tmp_path / name, "-o", tmp_path / output, "--on", ON, "--overwrite", "--columns", "all", *options
        )

    return asked


def refused(answer):
    assert (answer.code, answer.out) == (2, "")
    (line,) = answer.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("above", "row"),
    [
        (TITLES, 4),
        ("Export du 12/03/2026;;\r\n;;\r\n", 3),
        ("\r\n\r\n", 3),
        ("\r\nExport du 12/03/2026\r\n", 3),
        ("Export du;12/03/2026\r\n", 2),
        ("sep=;\r\nExport du 12/03/2026\r\n", 3),
    ],
)
@pytest.mark.parametrize("codec", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_a_header_below_titles_is_told_then_taken(ask, tmp_path, above, row, codec):
    content = (above + TABLE).encode(codec)
    assert f"ajoutez --header-row {row}," in refused(ask(content))
    assert ask(content, "--header-row", row).code == 0
    start, header, *answers = (tmp_path / "sortie.csv").read_bytes().decode(codec).partition(HEADER.strip())
    assert (start, bool(header)) == (above, True)
    assert ";inside;clear;" in answers[0]


def test_the_columns_that_are_named_are_looked_for_below_titles(ask):
    content = (TITLES + TABLE.replace("adresse", "lieu")).encode()
    assert "--header-row 4" in refused(ask(content, "--address-column", "Lieu d'essai"))
    assert "colonne « nulle » absente" in refused(ask(content, "--address-column", "nulle"))


def test_a_table_without_any_known_column_is_told_as_before(ask):
    line = refused(ask(b"Export\nnom;note\na;b\n"))
    assert "--header-row" not in line
    assert "--address-column" in line


def test_a_title_without_end_does_not_make_the_error_so(ask):
    line = refused(ask(b"Titre" * 10_000 + b"\nnom;note\na;b\n"))
    assert "« TitreTitre" in line
    assert line.endswith("--lat-column")
    assert len(line) < 400


def test_titles_that_another_format_cannot_keep_are_told(ask, tmp_path):
    answer = ask((TITLES + TABLE).encode(), "--header-row", "4", output="sortie.xlsx")
    assert "les 3 lignes au-dessus de l’en-tête ne sont pas reprises" in answer.err
    assert next(iter(read_sheets(tmp_path / "sortie.xlsx").values()))[0][0] == "adresse d'essai"
    assert "au-dessus" not in ask((TITLES + TABLE).encode(), "--header-row", "4").err


def test_a_sheet_whose_title_has_two_cells(qpv, tmp_path):
    book = openpyxl.Workbook()
    for row in (["Export du", "12/03/2026"], [], ["essai", "lon", "lat"], [1, *INSIDE], [2, *OUTSIDE]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    command = ("batch", tmp_path / "a.xlsx", "-o", tmp_path / "b.xlsx", "--on", ON, "--columns", "all")
    assert "--header-row 3" in refused(qpv(*command))
    assert qpv(*command, "--header-row", "3").code == 0
    title, blank, header, first, second = next(iter(read_sheets(tmp_path / "b.xlsx").values()))
    assert (title[:2], set(blank)) == (("Export du", "12/03/2026"), {None})
    assert header[:4] == ("essai", "lon", "lat", "qpv_reponse")
    assert (first[3], second[3]) == ("en QPV", "hors QPV")


@pytest.mark.parametrize("row", ["0", "-1", "deux", "1001"])
def test_a_header_row_that_is_no_number_of_a_line(ask, row):
    assert "--header-row" in refused(ask(TABLE.encode(), "--header-row", row))


def test_one_line_of_another_encoding_is_refused_then_read(ask, tmp_path):
    content = (TABLE + ROW).encode() + PASTED.encode("cp1252")
    line = refused(ask(content))
    assert "ligne 4 : 0xF4 (« ô » en cp1252)" in line
    assert "utf-8+cp1252" in line
    answer = ask(content, *MIXED)
    assert "1 octet lu en cp1252, ligne 4" in answer.err
    rows = read_csv(tmp_path / "sortie.csv", encoding="utf-8")
    assert [row["adresse d'essai"].split()[1] for row in rows] == ["allée", "allée", "côte"]
    assert [row["qpv_status"] for row in rows] == ["inside", "inside", "outside"]


def test_windows_1252_with_hard_spaces_before_quotes_is_read_as_such(ask, tmp_path):
    content = (HEADER + "«\xa0La Cité\xa0», 99990 Essaiville;3,00671;50,60889\r\n").encode("cp1252")
    answer = ask(content)
    assert (answer.code, "encodage cp1252" in answer.err) == (0, True)
    assert read_csv(tmp_path / "sortie.csv", encoding="cp1252")[0]["adresse d'essai"].startswith("«\xa0La Cité\xa0»")


def test_the_summary_tells_what_was_read_in_two_encodings(ask):
    def notes(content, *options):
        return json.loads(ask(content, "--format", "json", *options).out)["notes"]

    pasted = (TABLE + ROW).encode() + PASTED.encode("cp1252")
    (note,) = notes(pasted, *MIXED)
    assert "1 octet lu en cp1252, ligne 4" in note
    assert notes(pasted, *MIXED, "--dry-run") == [note]
    assert notes(TABLE.encode()) == notes(TABLE.encode("utf-16")) == notes(TABLE.encode("cp1252")) == []


def test_a_large_mix_that_is_stopped_goes_on_to_the_same_bytes(tmp_path, home):  # noqa: ARG001 - where data is kept
    table = (HEADER + ROW * 12_000).encode() + PASTED.encode("cp1252")
    (tmp_path / "essai.csv").write_bytes(table)

    def run(name):
        mixed = ReadingOptions("utf-8+cp1252")
        options = BatchOptions(tmp_path / "essai.csv", tmp_path / name, reading=mixed, on=ON, schemes=("pic-loos",))
        return Run(options, default_checker())

    def stop(done, _share):
        assert done < 12_000
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run("arrete.csv").run(progress=stop)
    assert run("arrete.csv").run().rows == run("entier.csv").run().rows
    assert (tmp_path / "arrete.csv").read_bytes() == (tmp_path / "entier.csv").read_bytes()
    assert "2 côte d'Essai" in (tmp_path / "entier.csv").read_text(encoding="utf-8").splitlines()[-1]
