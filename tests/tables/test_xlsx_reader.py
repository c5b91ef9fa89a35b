import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest
from xlsx_files import SHEET, STATUS, copied, edited, opened, seen, sheet_of, zipped

from qpv_geo.errors import FormatError
from qpv_geo.tables.protocol import ReadingOptions
from qpv_geo.tables.xlsx_reader import XlsxReader


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (5, "General", "5"),
        (5.0, "0.00", "5"),
        (0.1, "General", "0.1"),
        (0.1 + 0.2, "General", "0.3"),
        (46.5802, "0.0", "46.5802"),
        (86_194_000_000_012, "General", "86194000000012"),
        (1000, "00000", "01000"),
        (-1, "00000", "-1"),
        (1.5, "00000", "1.5"),
        (date(2024, 6, 1), "dd/mm/yyyy", "2024-06-01"),
        (datetime(2024, 6, 1, 14, 30), "dd/mm/yyyy hh:mm", "2024-06-01T14:30:00"),  # noqa: DTZ001
        (datetime(2024, 6, 1), "dd/mm/yyyy hh:mm", "2024-06-01"),  # noqa: DTZ001
        (45_444.75, "dd/mm/yyyy", "2024-06-01"),
        (time(8, 5), "hh:mm", "08:05:00"),
        (45_444.75, "hh:mm", "18:00:00"),
        (1.5625, "[h]:mm", "37:30:00"),
        (-5, "dd/mm/yyyy", "-5"),
        (1e9, "dd/mm/yyyy", "1000000000"),
        (True, "General", "true"),
        (False, "General", "false"),
        ('="01000"', "@", '="01000"'),
        ("#N/A", "General", "#N/A"),
        (None, "00000", ""),
        ("ligne 1\nligne 2", "General", "ligne 1\nligne 2"),
        ("_x000D_\n", "General", "\r\n"),
    ],
)
def test_a_column_is_what_a_person_types(tmp_path, value, code, text):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"], [None, "x"]])
    book = opened(path)
    cell = book.active["A2"]
    cell.value = value
    cell.number_format = code
    if isinstance(value, str) and value.startswith("="):
        cell.data_type = "s"
    book.save(path)
    (block,) = XlsxReader(path, ReadingOptions()).blocks()
    assert block.column(0).to_pylist() == [text]
    assert block.record_batch().column(0).equals(block.column(0))
    assert block.geometry() is None


# ── Where the table is ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rows", "names", "first_row"),
    [
        ([["nom", "ville"], ["a", "b"]], ["nom", "ville"], 2),
        ([["Demandes 2024"], [], ["nom", "ville"], ["a", "b"]], ["nom", "ville"], 4),
        ([["adresse"], ["1 rue des Essais"], ["2 rue des Essais"]], ["adresse"], 2),
        ([[], [], ["adresse"], ["1 rue des Essais"]], ["adresse"], 4),
        ([[None, "nom", None, "ville"], ["a"]], ["", "nom", "", "ville"], 2),
        ([["adresse"], *[["x"]] * 19, ["x", "remarque"]], ["adresse"], 2),
        ([*[[]] * 30, ["adresse"], ["x"]], ["adresse"], 32),
        ([[2023, 2024.0]], ["2023", "2024"], 2),
    ],
)
def test_the_header_is_found_below_titles(tmp_path, rows, names, first_row):
    source = XlsxReader(sheet_of(tmp_path / "demandes.xlsx", rows), ReadingOptions())
    assert (source.schema.names, source.first_row) == (names, first_row)
    assert source.reading == ReadingOptions(layer="Demandes", header_row=first_row - 1)
    assert source.crs is None


def test_cells_beyond_the_header_are_a_fault_and_stay_before_the_answers(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"], [1, 2], [1, 2, None, "perdu"], [1]])
    (block,) = XlsxReader(path, ReadingOptions()).blocks()
    assert list(block.faults) == [1]
    assert "colonne « D »" in block.faults[1]
    values = {cell: value for cell, (value, _) in seen(copied(path, STATUS)).items()}
    assert values["D3"] == "perdu"
    assert {cell: value for cell, value in values.items() if cell[0] in "CE"} == {
        "E1": "qpv_status",
        **{f"E{row}": "inside" for row in (2, 3, 4)},
    }


def test_empty_rows_count_in_between_only(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"], [1, 2], [], [None, ""], [3, 4], [], ["", None]])
    book = opened(path)
    book.active["B900"].number_format = "00000"
    book.save(path)
    source = XlsxReader(path, ReadingOptions())
    found = [(block.start, len(block)) for block in source.blocks(3)]
    assert found == [(0, 3), (3, 1)]
    assert [value for block in source.blocks(3) for value in block.column(0).to_pylist()] == ["1", "", "", "3"]


def test_a_long_run_of_empty_rows_is_not_rows(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"], [1, 2]])
    book = opened(path)
    book.active["A1002"], book.active["A1048576"] = 3, 4
    book.save(path)
    source = XlsxReader(path, ReadingOptions())
    assert [(block.start, len(block)) for block in source.blocks()] == [(0, 1001), (1_048_574, 1)]
    assert [block.column(0)[-1].as_py() for block in source.blocks()] == ["3", "4"]
    sheet = opened(copied(path, STATUS)).active
    assert [sheet.cell(row, 3).value for row in (2, 3, 1002, 1003, 1_048_576)] == [*["inside"] * 3, None, "inside"]


def test_progress_ends_at_all_of_the_file(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"], *[[1, 2]] * 9])
    shares = [block.share_read for block in XlsxReader(path, ReadingOptions()).blocks(4)]
    assert shares == pytest.approx([0.5, 0.9, 1.0])


def test_a_sheet_is_read_whatever_size_it_claims(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"], *[[1, 2]] * 9])
    edited(path, SHEET, 'ref="A1:B10"', 'ref="A1"')
    (block,) = XlsxReader(path, ReadingOptions()).blocks()
    assert block.column(1).to_pylist() == ["2"] * 9
    assert block.share_read <= 1


def three_sheets(path):
    book = openpyxl.Workbook()
    book.active.title = "Vide"
    for title in ("Liste", "Autre"):
        book.create_sheet(title).append([title, "b"])
    book.save(path)
    return path


def test_the_sheet_is_the_one_named_or_the_first_with_cells(tmp_path):
    path = three_sheets(tmp_path / "demandes.xlsx")
    assert XlsxReader(path, ReadingOptions()).schema.names[0] == "Liste"
    assert XlsxReader(path, ReadingOptions(layer="Autre")).schema.names[0] == "Autre"
    with pytest.raises(FormatError, match="« Absente » ; feuilles présentes : « Vide », « Liste », « Autre »"):
        XlsxReader(path, ReadingOptions(layer="Absente"))
    with pytest.raises(FormatError, match="aucune cellule remplie"):
        XlsxReader(path, ReadingOptions(layer="Vide"))


def test_the_active_sheet_comes_first(tmp_path):
    path = three_sheets(tmp_path / "demandes.xlsx")
    book = opened(path)
    book.active = 2
    book.save(path)
    assert XlsxReader(path, ReadingOptions()).schema.names[0] == "Autre"


# ── Bad files ──────────────────────────────────────────────────────────────────────────────────────────────────────


DOCTYPE = '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]>'


def _without(path, part):
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != part}
    zipped(path, parts)


def _with_utf16_doctype(path):
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts[SHEET].decode().removeprefix("<?xml version='1.0' encoding='utf-8'?>")
    parts[SHEET] = ('<?xml version="1.0" encoding="utf-16"?>' + DOCTYPE + text).encode("utf-16")
    zipped(path, parts)


SPOILED = {
    "text": (lambda path: path.write_bytes(b"nom;ville\n"), "n’est pas un classeur"),
    "nothing": (lambda path: path.write_bytes(b""), "n’est pas un classeur"),
    "xls": (lambda path: path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)), "ancien ou protégé"),
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:-200]), "n’est pas un classeur"),
    "zip": (lambda path: zipped(path, {"a.csv": "a;b"}), "n’est pas un classeur"),
    "bomb": (lambda path: edited(path, SHEET, "<sheetData>", "<sheetData>" + " " * 3_000_000), "est trop volumineux"),
    "doctype": (lambda path: edited(path, SHEET, "<worksheet", DOCTYPE + "<worksheet"), "entités XML"),
    "doctype elsewhere": (
        lambda path: edited(path, "xl/styles.xml", "<styleSheet", DOCTYPE + "<styleSheet"),
        "entités XML",
    ),
    "doctype in UTF-16": (_with_utf16_doctype, "entités XML"),
    "no sheet part": (lambda path: _without(path, SHEET), f"il manque {SHEET}"),
    "no workbook part": (lambda path: _without(path, "xl/workbook.xml"), "n’est pas un classeur"),
    "bad XML": (lambda path: edited(path, SHEET, "</sheetData>", "</sheetDat>"), "illisible après la ligne"),
    "bad number": (lambda path: edited(path, SHEET, "<v>7</v>", "<v>sept</v>"), "illisible après la ligne 1"),
    "bad text": (lambda path: edited(path, SHEET, '<c r="A2" t="n"><v>7', '<c r="A2" t="s"><v>99'), "illisible"),
    "far row": (lambda path: edited(path, SHEET, '<row r="2"', '<row r="9999999999"'), "plus de 1 048 576 lignes"),
    "empty": (lambda path: sheet_of(path, []), "aucune cellule remplie"),
}


@pytest.mark.parametrize(("spoil", "message"), SPOILED.values(), ids=SPOILED.keys())
def test_a_bad_file_is_one_clear_line(tmp_path, spoil, message):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"], [7, 8]])
    spoil(path)
    with pytest.raises(FormatError, match=message) as raised:
        list(XlsxReader(path, ReadingOptions()).blocks())
    assert "\n" not in str(raised.value)


def test_the_header_that_is_told_is_taken(tmp_path):
    rows = [["Export du", "12/03/2026"], [], ["nom", "ville"], ["a", "b"]]
    source = XlsxReader(sheet_of(tmp_path / "demandes.xlsx", rows), ReadingOptions(header_row=3))
    assert (source.schema.names, source.first_row) == (["nom", "ville"], 4)
    assert [block.column(0).to_pylist() for block in source.blocks()] == [["a"]]


@pytest.mark.parametrize("row", [0, 2, 9])
def test_a_header_that_is_empty_or_absent_is_refused(tmp_path, row):
    path = sheet_of(tmp_path / "demandes.xlsx", [["nom", "ville"], [], ["a", "b"]])
    with pytest.raises(FormatError, match=f"la ligne {row} "):
        XlsxReader(path, ReadingOptions(header_row=row))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(FormatError, match="introuvable"):
        XlsxReader(tmp_path / "absent.xlsx", ReadingOptions())
