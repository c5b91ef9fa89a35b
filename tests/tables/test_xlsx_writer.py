import itertools
import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from xlsx_files import AS_READ, STATUS, answers, copied, opened, seen, sheet_of

from qpv_geo.errors import FormatError
from qpv_geo.tables.opening import open_writer
from qpv_geo.tables.protocol import AddedColumns, Format, ReadingOptions, Sheet
from qpv_geo.tables.xlsx_reader import XlsxReader

# ── Other sources ──────────────────────────────────────────────────────────────────────────────────────────────────


class Records(SimpleNamespace):
    """A table of another format, in memory."""

    def __init__(self, **columns):
        self.batch = pa.RecordBatch.from_pydict(columns)
        super().__init__(schema=self.batch.schema, first_row=2, start=0, share_read=1.0, faults={})

    def blocks(self, _rows):
        yield self

    def __len__(self):
        return self.batch.num_rows

    def record_batch(self):
        return self.batch


def test_values_of_other_formats_are_cells_of_their_type(tmp_path):
    paris = pa.timestamp("ns", "Europe/Paris")
    moments = pa.array([1_717_237_800_000_000_001, None], pa.timestamp("ns"))
    source = Records(
        texte=["00123", "=1+1"],
        entier=[5, None],
        long=[12_345_678_901_234_567, 7],
        nombre=[0.5, math.nan],
        infini=[math.inf, 1.0],
        booléen=[True, False],
        jour=[date(2024, 6, 1), date(1850, 1, 1)],
        moment=moments,
        zone=moments.cast(pa.timestamp("ns", "UTC")).cast(paris),
        heure=[time(8, 30), None],
        décimal=[Decimal("12.50"), Decimal("0.12345678901234567")],
        liste=[["a", "é"], None],
        objet=[{"a": 1}, {"a": None}],
        octets=[b"\x01\xff", None],
    )
    cells = seen(copied(tmp_path / "table.parquet", source=source))
    values = {cell: value for cell, (value, _) in cells.items()}
    names = dict(zip("ABCDEFGHIJKLMN", source.schema.names, strict=True))
    assert {names[cell[0]]: value for cell, value in values.items() if cell[1:] == "2"} == {
        "texte": "00123",
        "entier": 5,
        "long": "12345678901234567",
        "nombre": 0.5,
        "infini": "inf",
        "booléen": True,
        "jour": datetime(2024, 6, 1),  # noqa: DTZ001
        "moment": datetime(2024, 6, 1, 10, 30),  # noqa: DTZ001
        "zone": "2024-06-01T12:30:00+02:00",
        "heure": time(8, 30),
        "décimal": 12.5,
        "liste": '["a", "é"]',
        "objet": '{"a": 1}',
        "octets": "Af8=",
    }
    assert {names[cell[0]]: value for cell, value in values.items() if cell[1:] == "3"} == {
        "texte": "=1+1",
        "long": 7,
        "infini": 1,
        "booléen": False,
        "jour": "1850-01-01",
        "décimal": "0.12345678901234567",
        "objet": '{"a": null}',
    }
    assert cells["G2"][1] == "yyyy-mm-dd"
    assert datetime.now(UTC).year > opened(tmp_path / "sortie.partiel").properties.created.year


def test_dropped_columns_are_left_out(tmp_path):
    records = Records(a=[1], b=[2])
    assert seen(copied(tmp_path / "table.csv", AddedColumns(pa.schema([]), dropped=(0,)), source=records)) == {
        "A1": ("b", "General"),
        "A2": (2, "General"),
    }


def test_former_answers_of_a_workbook_are_replaced_in_place(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "qpv_part", "c", "qpv_part"], [1, "vieux", 3, "x"], [4, 5]])
    extra = AddedColumns(STATUS.schema, dropped=(1, 3))
    values = {cell: value for cell, (value, _) in seen(copied(path, extra)).items()}
    rows = [[values.get(f"{column}{row}") for column in "ABCDE"] for row in (1, 2, 3)]
    assert rows == [
        ["a", "qpv_part", "c", None, "qpv_status"],
        [1, 0.5, 3, None, "inside"],
        [4, 0.5, None, None, "inside"],
    ]


# ── Limits ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_text_too_long_for_a_cell_names_its_place(tmp_path):
    records = Records(a=["court", "court"], b=["court", "é" * 32_768])
    with pytest.raises(FormatError, match="ligne 3, colonne « B » : texte trop long pour une cellule, qui a 32 767"):
        copied(tmp_path / "table.csv", source=records)


def test_a_table_too_wide_for_a_sheet_is_refused_at_once(tmp_path):
    records = Records(**{f"c{number}": [1] for number in range(16_383)})
    with pytest.raises(FormatError, match="16 384 colonnes"):
        open_writer(tmp_path / "sortie.partiel", Format.XLSX, records, STATUS)
    assert not list(tmp_path.iterdir())


def test_a_sheet_too_long_is_refused(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"]])
    writer = open_writer(tmp_path / "sortie.partiel", Format.XLSX, XlsxReader(path, ReadingOptions()), AS_READ)
    rows = itertools.chain(itertools.repeat((), 1_048_575), [("un de trop",)])
    with pytest.raises(FormatError, match="« Longue » : un classeur a 1 048 576 lignes au plus"):
        writer.finish([Sheet("Longue", ("a",), rows)])
    writer.abort()
    assert [found.name for found in tmp_path.iterdir()] == ["demandes.xlsx"]


# ── The workbook around the data ───────────────────────────────────────────────────────────────────────────────────


COLOURED = AddedColumns(STATUS.schema, colours={"qpv_status": {"inside": "#c6efce", "outside": "#eeeeee"}})
SUMMARY = Sheet(
    "Demandes",
    ("statut", "nombre", "part"),
    [("inside", np.int64(3), np.float64(0.25)), ("=1+1", None, 0.75)],
    shares=(2,),
    coloured=0,
)


def test_a_summary_is_filtered_coloured_and_in_percents(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"], [1, 2]])
    out = copied(path, COLOURED, sheets=[SUMMARY, SUMMARY])
    book = opened(out)
    assert book.sheetnames == ["Demandes", "Demandes (2)", "Demandes (3)"]
    sheet = book["Demandes (2)"]
    assert [[cell.value for cell in row] for row in sheet.rows] == [
        ["statut", "nombre", "part"],
        ["inside", 3, 0.25],
        ["=1+1", None, 0.75],
    ]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:C3")
    assert [cell.number_format for cell in sheet["C"]] == ["General", "0.0%", "0.0%"]
    assert all(cell.font.b for cell in sheet[1])
    assert sheet["A3"].data_type == "s"
    for cell in (sheet["A2"], book["Demandes"]["C2"]):
        assert cell.fill.start_color.rgb == "FFC6EFCE"
    assert sheet["A3"].fill.fill_type is None
    assert all(8 <= sheet.column_dimensions[letter].width <= 60 for letter in "ABC")


@pytest.mark.parametrize(
    ("wanted", "name"),
    [("Par commune [x]/y", "Par commune  x  y"), ("é" * 40, "é" * 31), ("'", "Feuille"), ("", "Feuille")],
)
def test_names_of_sheets_are_legal(tmp_path, wanted, name):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"]])
    out = copied(path, sheets=[Sheet(wanted, ("a",), [])])
    assert opened(out).sheetnames == ["Demandes", name]


def test_a_column_of_dates_is_wide_enough_to_show_them(tmp_path):
    records = Records(le=[datetime(2024, 6, 1, 10, 30)], b=[1])  # noqa: DTZ001
    assert opened(copied(tmp_path / "table.parquet", source=records)).active.column_dimensions["A"].width >= len(
        "2024-06-01 10:30:00"
    )


def test_a_table_without_rows_gives_its_header(tmp_path):
    empty = Records(a=pa.array([], pa.string()), b=pa.array([], pa.string()))
    assert opened(copied(tmp_path / "table.csv", STATUS, source=empty)).active.auto_filter.ref == "A1:D1"
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"]])
    assert [cell.value for cell in opened(copied(path, STATUS)).active[1]] == ["a", "b", "qpv_status", "qpv_part"]


def test_nothing_temporary_is_left(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"], *[[1, 2]] * 10])
    source = XlsxReader(path, ReadingOptions())
    writer = open_writer(tmp_path / "sortie.partiel", Format.XLSX, source, STATUS)
    for block in source.blocks(4):
        writer.write(block, answers(len(block), STATUS))
    writer.abort()
    writer.abort()
    assert [found.name for found in tmp_path.iterdir()] == ["demandes.xlsx"]
    out = copied(path, STATUS)
    assert {found.name for found in tmp_path.iterdir()} == {"demandes.xlsx", out.name}


def test_a_file_that_cannot_be_written_is_an_os_error(tmp_path):
    path = sheet_of(tmp_path / "demandes.xlsx", [["a", "b"]])
    out = tmp_path / "sortie.partiel"
    writer = open_writer(out, Format.XLSX, XlsxReader(path, ReadingOptions()), AS_READ)
    out.mkdir()
    with pytest.raises(OSError, match="sortie"):
        writer.finish()
    writer.abort()
    assert {found.name for found in tmp_path.iterdir()} == {"demandes.xlsx", out.name}
