"""A workbook comes back as it was, with its answers; what cannot come back is told before the run."""

import io
import itertools
import struct
import time
import zipfile
import zlib

import openpyxl
import pytest
import xlsxwriter
from batch_files import ANSWERS, INSIDE, ON, OUTSIDE, read_rows
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table


def png():
    rows = b"".join(b"\0" + b"\xff\0\0" * 8 for _ in range(8))

    def part(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = part(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + header + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b""))


def answered(qpv, source, *options, name="sortie.xlsx"):
    """Return the workbook of the answers, and what was told before."""
    output = source.with_name(name)
    answer = qpv("batch", source, "-o", output, "--on", ON, "--columns", "all", *options)
    assert answer.code == 0, answer.err
    return openpyxl.load_workbook(output, rich_text=True), answer.err


def town_hall(path):
    """A workbook as a town hall keeps it: two sheets, a title, colours, a formula never computed."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Demandes"
    sheet.append(["Demandes d'essai"])
    sheet.append([])
    sheet.append(["dossier", "lon", "lat", "double"])
    for number, place in enumerate([INSIDE, OUTSIDE], start=4):
        sheet.append([f"{number:05d}", *place, f"=B{number}*2"])
    sheet.merge_cells("A1:D1")
    for cell in sheet[3]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFFFF"), PatternFill("solid", fgColor="FF1F4E79")
        cell.border = Border(bottom=Side("thick"))
    sheet["A4"].comment = Comment("à rappeler", "essai")
    sheet["A5"].hyperlink = "https://example.org/"
    sheet["A5"].value = CellRichText("très ", TextBlock(InlineFont(b=True), "gras"))
    sheet.column_dimensions["A"].width = 33
    sheet.row_dimensions[3].height = 40
    sheet.freeze_panes = "B4"
    sheet.auto_filter.ref = "A3:D5"
    sheet.conditional_formatting.add("B4:B5", CellIsRule(operator="greaterThan", formula=["1"], font=Font(bold=True)))
    choice = DataValidation(type="list", formula1='"oui,non"')
    choice.add("A4:A99")
    sheet.add_data_validation(choice)
    other = book.create_sheet("Barème")
    other.append(["taux", 0.2])
    other["B1"].number_format = "0.0%"
    other.sheet_state = "hidden"
    book.defined_names["Taux"] = DefinedName("Taux", attr_text="Barème!$B$1")
    book.save(path)
    return path


def test_everything_of_a_workbook_is_still_there(qpv, tmp_path):
    book, told = answered(qpv, town_hall(tmp_path / "a.xlsx"))
    sheet = book["Demandes"]
    assert book.sheetnames[:2] == ["Demandes", "Barème"]
    assert (book["Barème"].sheet_state, book["Barème"]["B1"].number_format) == ("hidden", "0.0%")
    assert book.defined_names["Taux"].value == "Barème!$B$1"
    assert [sheet[f"D{row}"].value for row in (4, 5)] == ["=B4*2", "=B5*2"]
    assert sheet["A4"].value == "00004"
    assert sheet["A4"].comment.text == "à rappeler"
    assert sheet["A5"].hyperlink.target == "https://example.org/"
    assert sheet["A5"].value[1].font.b
    assert [str(one) for one in sheet.merged_cells.ranges] == ["A1:D1"]
    assert (sheet.column_dimensions["A"].width, sheet.row_dimensions[3].height) == (33, 40)
    assert sheet.freeze_panes == "B4"
    assert [str(one.sqref) for one in sheet.conditional_formatting] == ["B4:B5"]
    assert [str(one.sqref) for one in sheet.data_validations.dataValidation] == ["A4:A99"]
    assert "Barème" in told
    assert [sheet.cell(3, column).value for column in range(5, 14)] == list(ANSWERS)
    assert [sheet[f"E{row}"].value for row in (4, 5)] == ["en QPV", "hors QPV"]
    assert [sheet[f"I{row}"].value for row in (4, 5)] == ["inside", "outside"]


def test_added_columns_look_like_their_neighbours(qpv, tmp_path):
    sheet = answered(qpv, town_hall(tmp_path / "a.xlsx"))[0]["Demandes"]
    header, beside = sheet["H3"], sheet["D3"]
    assert (header.style_id, header.font.b) == (beside.style_id, True)
    assert sheet["E4"].fill.fgColor.rgb != sheet["E5"].fill.fgColor.rgb
    assert sheet.auto_filter.ref == "A3:M5"
    assert all(10 <= sheet.column_dimensions[letter].width <= 60 for letter in "EFGHIJKLM")


def test_a_table_is_extended_so_that_sorting_it_keeps_answers_on_their_rows(qpv, tmp_path):
    book = openpyxl.load_workbook(town_hall(tmp_path / "a.xlsx"))
    book["Demandes"].auto_filter.ref = None
    book["Demandes"].add_table(Table(displayName="Dossiers", ref="A3:D5"))
    book.save(tmp_path / "a.xlsx")
    table = answered(qpv, tmp_path / "a.xlsx")[0]["Demandes"].tables["Dossiers"]
    assert (table.ref, table.autoFilter.ref) == ("A3:M5", "A3:M5")
    assert [column.name for column in table.tableColumns][4:] == list(ANSWERS)
    assert len({column.id for column in table.tableColumns}) == 13


def test_a_table_that_cannot_be_extended_stays(qpv, tmp_path):
    book = openpyxl.load_workbook(town_hall(tmp_path / "a.xlsx"))
    book["Demandes"].auto_filter.ref = None
    book["Demandes"].append(["total"])
    book["Demandes"].add_table(Table(displayName="Dossiers", ref="A3:D6", totalsRowCount=1))
    book.save(tmp_path / "a.xlsx")
    assert answered(qpv, tmp_path / "a.xlsx")[0]["Demandes"].tables["Dossiers"].ref == "A3:D6"


def test_columns_hidden_or_sized_together_leave_the_answers_visible(qpv, tmp_path):
    book = openpyxl.load_workbook(town_hall(tmp_path / "a.xlsx"))
    rest = book["Demandes"].column_dimensions["D"]
    rest.min, rest.max, rest.hidden = 4, 16_384, True
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert b'max="16384"' in archive.read("xl/worksheets/sheet1.xml")
    sizes = answered(qpv, tmp_path / "a.xlsx")[0]["Demandes"].column_dimensions
    spans = sorted((one.min, one.max, one.hidden) for one in sizes.values())
    assert spans[1] == (4, 4, True)
    assert spans[-1] == (14, 16_384, True)
    assert all(not hidden for _, _, hidden in spans[2:-1])
    assert all(before[1] < after[0] for before, after in itertools.pairwise(spans))


def test_answers_replaced_in_place_and_their_summary_with_them(qpv, tmp_path):
    first, _ = answered(qpv, town_hall(tmp_path / "a.xlsx"))
    again, _ = answered(qpv, tmp_path / "sortie.xlsx", "--replace-columns", name="encore.xlsx")
    assert again.sheetnames == first.sheetnames
    assert [[cell.value for cell in row] for row in again["Demandes"].rows] == [
        [cell.value for cell in row] for row in first["Demandes"].rows
    ]


def test_the_same_workbook_gives_the_same_bytes(qpv, tmp_path):
    path = town_hall(tmp_path / "a.xlsx")
    for name in ("b.xlsx", "c.xlsx"):
        answered(qpv, path, name=name)
    assert (tmp_path / "b.xlsx").read_bytes() == (tmp_path / "c.xlsx").read_bytes()


# ── What is lost ─────────────────────────────────────────────────────────────────────────────────────────────


FEATURES = {
    "des résultats": (lambda _, sheet: sheet.write_formula("D2", "=B2", None, 3), "les résultats des formules"),
    "a text box": (lambda _, sheet: sheet.insert_textbox("H2", "bonjour"), "les formes et les zones de texte"),
    "a button": (lambda _, sheet: sheet.insert_button("H2"), "les boutons et les contrôles de formulaire"),
    "a sparkline": (lambda _, sheet: sheet.add_sparkline("D2", {"range": "S!B2:C2"}), "sparklines"),
    "a recent data bar": (
        lambda _, sheet: sheet.conditional_format("B2:B3", {"type": "data_bar", "data_bar_2010": True}),
        "mises en forme conditionnelles",
    ),
    "a checkbox": (lambda _, sheet: sheet.insert_checkbox("D2", True), "cases à cocher"),  # noqa: FBT003
    "a picture in a cell": (
        lambda _, sheet: sheet.embed_image("H2", "a.png", {"image_data": png()}),
        "images placées dans les cellules",
    ),
    "a dynamic formula": (
        lambda _, sheet: sheet.write_dynamic_array_formula("D2:D3", "=SORT(B2:B3)"),
        "les formules dynamiques",
    ),
    "a background": (lambda _, sheet: sheet.set_background(png()), "les images de fond"),
    "a picture in the header": (
        lambda _, sheet: sheet.set_header("&L&G", {"image_left": "a.png", "image_data_left": png()}),
        "les images d’en-tête",
    ),
    "a comment": (lambda _, sheet: sheet.write_comment("A2", "bonjour"), "la mise en forme des commentaires"),
    "a chart": (
        lambda book, sheet: sheet.insert_chart("H2", _chart(book)),
        "une partie de la mise en forme des graphiques",
    ),
}


def _chart(book):
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=S!$B$2:$B$3"})
    return chart


def features(path, *fills):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        for number, row in enumerate([("id", "lon", "lat", "e"), (1, *INSIDE), (2, *OUTSIDE)]):
            sheet.write_row(number, 0, row)
        for fill in fills:
            fill(book, sheet)
    return path


@pytest.mark.parametrize("fill", FEATURES)
def test_what_openpyxl_loses_is_told(qpv, tmp_path, fill):
    fills, words = FEATURES[fill]
    _, told = answered(qpv, features(tmp_path / "a.xlsx", fills))
    (note,) = [line for line in told.splitlines() if "est copié avec ses feuilles" in line]
    assert words in note
    assert "contenus" not in note


def test_a_plain_workbook_loses_nothing(qpv, tmp_path):
    assert "est copié" not in answered(qpv, features(tmp_path / "a.xlsx"))[1]
    assert "est copié" not in answered(qpv, town_hall_without_comment(tmp_path / "b.xlsx"), name="c.xlsx")[1]


def town_hall_without_comment(path):
    book = openpyxl.load_workbook(town_hall(path), rich_text=True)
    book["Demandes"]["A4"].comment = None
    book.save(path)
    return path


def test_charts_and_pictures_stay(qpv, tmp_path):
    book = openpyxl.load_workbook(town_hall(tmp_path / "a.xlsx"))
    chart = BarChart()
    chart.add_data(Reference(book["Demandes"], min_col=2, min_row=4, max_row=5))
    book["Demandes"].add_chart(chart, "A9")
    book["Barème"].add_image(Image(png()), "D4")
    book.save(tmp_path / "a.xlsx")
    copied, told = answered(qpv, tmp_path / "a.xlsx")
    assert len(copied["Demandes"]._charts) == 1
    assert len(copied["Barème"]._images) == 1
    assert "des images" not in told


def test_a_picture_that_openpyxl_cannot_keep_is_told(qpv, tmp_path):
    path = features(tmp_path / "a.xlsx", lambda _, sheet: sheet.insert_image("H2", "a.png", {"image_data": png()}))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/media/image1.png"] = b"no picture"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    copied, told = answered(qpv, path)
    assert copied["S"]._images == []
    assert "sauf des images" in told


def test_macros_and_unknown_parts_are_told(qpv, tmp_path):
    path = features(tmp_path / "a.xlsx").rename(tmp_path / "a.xlsm")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro d'essai")
        archive.writestr("docMetadata/LabelInfo.xml", "<a/>")
    _, told = answered(qpv, path)
    assert "sauf les macros et d’autres contenus (docMetadata/LabelInfo.xml)" in told
    with zipfile.ZipFile(tmp_path / "sortie.xlsx") as archive:
        assert not [name for name in archive.namelist() if "vba" in name or "docMetadata" in name]


def test_what_is_told_is_told_in_the_summary_and_before_a_dry_run(qpv, tmp_path):
    path = features(tmp_path / "a.xlsx", FEATURES["a button"][0])
    assert "les boutons" in qpv("batch", path, "-o", tmp_path / "b.xlsx", "--dry-run", "--format", "json").out
    assert "les boutons" not in qpv("batch", path, "-o", tmp_path / "b.csv", "--dry-run").err


# ── Formulas ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("formula", "is_told"),
    [
        ("=SUM(2:2)", True),
        ("=COUNTA(A:ZZ)", True),
        ("=SUM($A$2:$Z$2)", True),
        ("=SUM('Demandes'!A2:Z9)", True),
        ("=SUM(A2:C2)", False),
        ("=SUM(1:1)", False),
        ("=SUM(Z2:AB9)", False),
        ("=SUM(Barème!2:2)", False),
        ('="A:Z"', False),
        ("=SUM(B:B)", False),
    ],
)
def test_formulas_that_reach_the_answers_are_told(qpv, tmp_path, formula, is_told):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Demandes"
    for row in (["titre"], ["id", "lon", "lat"], [1, *INSIDE]):
        sheet.append(row)
    sheet["A1"] = formula
    book.create_sheet("Barème")
    book.save(tmp_path / "a.xlsx")
    _, told = answered(qpv, tmp_path / "a.xlsx", "--header-row", "2")
    assert (f"« Demandes » A1 ({formula})" in told) is is_told


def test_formulas_of_other_sheets_and_names_that_reach_the_answers_are_told(qpv, tmp_path):
    book = openpyxl.load_workbook(town_hall(tmp_path / "a.xlsx"))
    book["Barème"]["A9"] = "=COUNTA(Demandes!3:3)"
    book.defined_names["Zone"] = DefinedName("Zone", attr_text="Demandes!$A:$Z")
    book.save(tmp_path / "a.xlsx")
    _, told = answered(qpv, tmp_path / "a.xlsx")
    assert "2 formules portent sur les colonnes de réponse" in told
    assert "« Barème » A9 (=COUNTA(Demandes!3:3))" in told
    assert "le nom Zone (=Demandes!$A:$Z)" in told


@pytest.mark.parametrize("column", ["lon", "lat", "date", "adresse"])
def test_a_place_or_a_date_that_was_never_computed_is_an_error(qpv, tmp_path, column):
    book = openpyxl.Workbook()
    names = ["adresse", "rue"] if column == "adresse" else ["lon", "lat", "date"]
    cells = ["1 rue d'essai", "59120 Loos"] if column == "adresse" else [*INSIDE, "2024-06-01"]
    for row in (names, cells):
        book.active.append(row)
    book.active.cell(2, names.index(column) + 1).value = "=A1"
    book.save(tmp_path / "a.xlsx")
    options = {"date": ["--date-column", "date"], "adresse": ["--offline", "--address-column", "adresse"]}
    copied, _ = answered(qpv, tmp_path / "a.xlsx", *options.get(column, []))
    (row,) = read_rows(tmp_path / "sortie.xlsx")
    assert row["qpv_status"] == "error"
    assert "résultat n’est pas enregistré" in row["qpv_message"]
    assert copied.worksheets[0].cell(2, names.index(column) + 1).value == "=A1"


# ── Size ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_cell_in_the_last_row_costs_nothing(qpv, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["lon", "lat"])
    book.active.append(INSIDE)
    book.active["B1048576"] = "perdu"
    book.save(tmp_path / "a.xlsx")
    begin = time.process_time()
    copied, _ = answered(qpv, tmp_path / "a.xlsx")
    assert time.process_time() - begin < 5
    assert [copied.active.cell(row, 3).value for row in (2, 3, 1_048_576)] == ["en QPV", None, "à corriger"]


def test_a_workbook_too_large_gives_values_only(qpv, tmp_path):
    path = features(tmp_path / "a.xlsx", FEATURES["des résultats"][0])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    cells = f"<row>{'<c/>' * 1_000}</row>" * 2_000
    other = parts["xl/worksheets/sheet1.xml"].decode()
    other = f"{other[: other.index('<sheetData>')]}<sheetData>{cells}</sheetData></worksheet>".replace(
        'tabSelected="1"', ""
    )
    parts["xl/worksheets/sheet2.xml"] = other.encode()
    for name, old, new in (
        (
            "[Content_Types].xml",
            "</Types>",
            f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{SHEET}"/></Types>',
        ),
        ("xl/workbook.xml", "</sheets>", '<sheet name="Annexe" sheetId="2" r:id="rId9"/></sheets>'),
        (
            "xl/_rels/workbook.xml.rels",
            "</Relationships>",
            f'<Relationship Id="rId9" Type="{WORKSHEET}" Target="worksheets/sheet2.xml"/></Relationships>',
        ),
    ):
        assert old.encode() in parts[name]
        parts[name] = parts[name].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    copied, told = answered(qpv, path)
    assert "classeur trop grand pour être copié en entier" in told
    assert copied.sheetnames[:2] == ["S", "Synthèse"]
    assert [cell.value for cell in copied["S"][2]][:5] == [1, *INSIDE, 3, "en QPV"]


SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
WORKSHEET = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"


@pytest.mark.parametrize("output", ["b.xlsx", "b.csv"])
def test_cells_merged_in_the_table_are_told_and_those_of_a_title_are_not(qpv, tmp_path, output):
    book = openpyxl.Workbook()
    for cells in [("Liste", None, None), ("dossier", "lon", "lat"), ("A", *INSIDE), (None, *OUTSIDE), ("B", *INSIDE)]:
        book.active.append(cells)
    book.active.merge_cells("A1:C1")
    book.active.merge_cells("A3:A4")
    book.save(tmp_path / "a.xlsx")
    answer = qpv("batch", tmp_path / "a.xlsx", "-o", tmp_path / output, "--header-row", 2, "--on", ON)
    assert answer.code == 0
    assert "cellules fusionnées dans le tableau (A3:A4)" in answer.err
    assert "A1:C1" not in answer.err
