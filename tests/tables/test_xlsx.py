import itertools
import re
import zipfile
from datetime import datetime

from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula
from xlsx_files import SHEET, STATUS, copied, edited, opened, seen, sheet_of, written

from qpv_geo.tables.protocol import ReadingOptions
from qpv_geo.tables.xlsx_reader import XlsxReader


def typed(table):
    """The same with the type of each value, since False is 0 for Python."""
    return {cell: (type(value) is bool, value, code) for cell, (value, code) in table.items()}


ODD = [
    "=1+1",
    "+33 5 49 00 00 00",
    "-",
    "@nom",
    "{=A1}",
    "00123",
    "1e5",
    "  a\n b ",
    "a\r\nb",
    "_x0041_",
    "#N/A",
    "TRUE",
]
TEXTS = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(lambda text: "_x" not in text)
    | st.text(st.sampled_from("_x0a "), min_size=1)  # never the escape of a control character
    | st.sampled_from(ODD)
)
NUMBERS = st.integers(-(10**15), 10**15) | st.floats(-1e300, 1e300).map(lambda number: float(f"{number:.16G}"))
MOMENTS = st.datetimes(datetime(1900, 3, 1), datetime(2200, 1, 1)).map(lambda moment: moment.replace(microsecond=0))  # noqa: DTZ001
CELLS = (
    st.tuples(TEXTS, st.sampled_from(["General", "@"]))
    | st.tuples(NUMBERS, st.sampled_from(["General", "0.00", "00000", "#,##0 €"]))
    | st.tuples(MOMENTS, st.sampled_from(["mm-dd-yy", 'dd/mm/yyyy" à "hh:mm', "yyyy-mm-dd"]))
    | st.tuples(st.booleans(), st.just("General"))
    | st.tuples(st.none(), st.sampled_from(["General", "00000"]))
)
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6)


def fill_with(table):
    def fill(book):
        formats = {
            code: book.add_format({"num_format": 14 if code == "mm-dd-yy" else code})
            for row in table
            for _, code in row
        }
        sheet = book.add_worksheet("Demandes")
        sheet.write_row(0, 0, ["a", "b", "c"])
        for row, column in itertools.product(range(len(table)), range(3)):
            value, code = table[row][column]
            write = sheet.write_string if isinstance(value, str) else sheet.write
            write(row + 1, column, value, formats[code])

    return fill


def expected_of(table):
    cells = {f"{'ABC'[place]}{number}": cell for number, row in enumerate(table, 2) for place, cell in enumerate(row)}
    return {name: cell for name, cell in cells.items() if cell != (None, "General")}


@examples(10, of=40)
@given(table=TABLES, rows=st.integers(1, 9))
def test_cells_come_out_as_they_went_in(tmp_path_factory, table, rows):
    path = written(tmp_path_factory.mktemp("xlsx") / "demandes.xlsx", fill_with(table))
    out = copied(path, STATUS, rows=rows)
    data = {cell: found for cell, found in seen(out).items() if cell[0] in "ABC" and cell[1:] != "1"}
    assert typed(data) == typed(expected_of(table))
    assert out.read_bytes() == copied(path, STATUS).read_bytes()


def test_numbers_errors_and_texts_that_a_writer_could_change(tmp_path):
    row = [0.25, 55_000_000_000_001, "#N/A", "#DIV/0!", "<r>a</r>", "é" * 32_767, "#N/A"]
    path = sheet_of(tmp_path / "demandes.xlsx", [[f"c{number}" for number in range(7)], row])
    book = opened(path)
    book.active["G2"].data_type = "s"
    book.save(path)
    edited(path, SHEET, "<v>0.25<", "<v>0.30000000000000004<")  # one digit more than openpyxl writes
    found = opened(copied(path)).active[2]
    assert [cell.value for cell in found] == [0.1 + 0.2, *row[1:]]
    assert [cell.data_type for cell in found] == ["n", "n", "e", "e", "s", "s", "s"]


def test_numbers_shown_as_dates_that_are_none_stay(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"], [-5, 3_000_000]])
    book = opened(path)
    book.active["A2"].number_format = book.active["B2"].number_format = "dd/mm/yyyy"
    book.save(path)
    with zipfile.ZipFile(copied(path)) as archive:
        cells = archive.read(SHEET).decode()
    assert re.findall(r'r="[AB]2" s="\d+" t="n"><v>([^<]*)<', cells) == ["-5", "3000000"]


def formulas(book):
    sheet = book.add_worksheet("Demandes")
    book.define_name("Taux", "=0.2")
    other = book.add_worksheet("Barème")
    other.write("A1", 10)
    sheet.write_row(0, 0, ["nom", "montant", "calcul"])
    for row, (formula, value) in enumerate(FORMULAS, start=1):
        sheet.write_row(row, 0, ["Essai", row])
        sheet.write_formula(row, 2, formula, None, value)


FORMULAS = [
    ("=B2*2", 2),
    ('=IF(B3>1,"oui","non")', "oui"),
    ("=SUM($B$2:B4)+COUNT(B:B)", 9.5),
    ("=B2>0", True),
    ("=1/0", "#DIV/0!"),
    ("=Barème!A1", 10),
    ("=B2*Taux", 0.4),
    ("=SUM(B2:E2)", 1),
    ("=SUM(2:2)", 1),
    ("=[1]Feuil1!A1", "vu"),
]


def test_formulas_stay_whatever_they_refer_to(tmp_path):
    out = opened(copied(written(tmp_path / "demandes.xlsx", formulas), STATUS))
    assert [out.active.cell(row, 3).value for row in range(2, 12)] == [formula for formula, _ in FORMULAS]
    assert out["Barème"]["A1"].value == 10
    assert out.defined_names["Taux"].value == "0.2"
    assert out.calculation.fullCalcOnLoad


def test_results_of_formulas_are_read(tmp_path):
    (block,) = XlsxReader(written(tmp_path / "demandes.xlsx", formulas), ReadingOptions()).blocks()
    assert block.column(2).to_pylist() == ["2", "oui", "9.5", "true", "#DIV/0!", "10", "0.4", "1", "1", "vu"]
    assert block.uncomputed(2) == []


def test_a_formula_that_was_never_computed_has_no_value_and_stays(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"], [1, "=A2*2"], [2, "=A3*2"], [3]])
    book = opened(path)
    book.active["B3"] = ArrayFormula("B3:B3", "=A3*2")
    book.save(path)
    (block,) = XlsxReader(path, ReadingOptions()).blocks()
    assert block.column(1).to_pylist() == ["", "", ""]
    assert block.uncomputed(1) == [0, 1]
    sheet = opened(copied(path, STATUS)).active
    assert (sheet["B2"].value, sheet["B3"].value.text) == ("=A2*2", "=A3*2")


def test_a_formula_that_gave_an_empty_text_stays(tmp_path):
    path = written(tmp_path / "demandes.xlsx", formulas)
    edited(path, SHEET, "<v>oui</v>", "<v></v>")
    out = copied(path)
    assert opened(out).active["C3"].value == FORMULAS[1][0]
    assert opened(copied(out.rename(tmp_path / "encore.xlsx"))).active["C3"].value == FORMULAS[1][0]


def test_a_shared_formula_is_that_of_its_row(tmp_path):
    path = written(tmp_path / "demandes.xlsx", formulas)
    edited(path, SHEET, "<f>B2*2</f>", '<f t="shared" ref="C2:C3" si="0">B2*2</f>')
    edited(path, SHEET, '<f>IF(B3&gt;1,"oui","non")</f>', '<f t="shared" si="0"/>')
    sheet = opened(copied(path)).active
    assert [sheet["C2"].value, sheet["C3"].value] == ["=B2*2", "=B3*2"]


def test_dates_that_count_from_1904_show_the_same_day(tmp_path):
    day = datetime(2024, 6, 1)  # noqa: DTZ001
    path = written(
        tmp_path / "demandes.xlsx",
        lambda book: [
            sheet := book.add_worksheet(),
            sheet.write_row(0, 0, ["a", "b"]),
            sheet.write(1, 0, day, book.add_format({"num_format": 14})),
            sheet.write(1, 1, 1),
        ],
        date_1904=True,
    )
    (block,) = XlsxReader(path, ReadingOptions()).blocks()
    assert block.column(0).to_pylist() == ["2024-06-01"]
    assert seen(copied(path))["A2"] == (day, "mm-dd-yy")


def test_dates_as_text_of_the_standard_are_dates(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"], [1234, 1]])
    edited(path, SHEET, '<c r="A2" t="n"><v>1234</v>', '<c r="A2" t="d"><v>2024-06-01T10:00:00</v>')
    (block,) = XlsxReader(path, ReadingOptions()).blocks()
    assert block.column(0).to_pylist() == ["2024-06-01T10:00:00"]
    assert seen(copied(path))["A2"][0] == datetime(2024, 6, 1, 10)  # noqa: DTZ001


def test_titles_stay_above_and_cells_at_their_place(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["Demandes 2024"], [], ["nom", "ville"], ["a", "b"]])
    out = copied(path, STATUS)
    values = {cell: value for cell, (value, _) in seen(out).items()}
    assert values == {
        "A1": "Demandes 2024",
        "A3": "nom",
        "B3": "ville",
        "C3": "qpv_status",
        "D3": "qpv_part",
        "A4": "a",
        "B4": "b",
        "C4": "inside",
        "D4": 0.5,
    }
    sheet = opened(out).active
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == (None, None)  # as before


def test_a_number_beyond_numbers_is_an_error_cell(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"], [7, 8]])
    edited(path, SHEET, "<v>7</v>", "<v>1e999</v>")
    assert seen(copied(path))["A2"][0] == "#NUM!"
