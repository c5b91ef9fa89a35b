"""Workbooks made for a test, what they become, and what a reader sees in them."""

import re
import zipfile

import openpyxl
import pyarrow as pa
import xlsxwriter

from qpv_geo.tables.opening import open_writer
from qpv_geo.tables.protocol import AddedColumns, Format, ReadingOptions
from qpv_geo.tables.xlsx_reader import XlsxReader

SHEET = "xl/worksheets/sheet1.xml"
STATUS = AddedColumns(pa.schema([("qpv_status", pa.string()), ("qpv_part", pa.float64())]))
AS_READ = AddedColumns(pa.schema([]))


def written(path, fill, **options):
    """A workbook that `fill` fills through xlsxwriter, its texts shared as a spreadsheet does."""
    with xlsxwriter.Workbook(path, options) as book:
        fill(book)
    return path


def sheet_of(path, rows, title="Demandes"):
    """A workbook that openpyxl writes, one sheet of `rows`."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def answers(count, extra):
    values = {"qpv_status": ["inside"] * count, "qpv_part": [0.5] * count}
    return pa.RecordBatch.from_arrays([pa.array(values[name]) for name in extra.schema.names], schema=extra.schema)


def copied(path, extra=AS_READ, *, rows=50_000, sheets=(), source=None):
    """What comes out of a workbook, under a name that does not end in .xlsx."""
    source = XlsxReader(path, ReadingOptions()) if source is None else source
    out = path.with_name("sortie.partiel")
    writer = open_writer(out, Format.XLSX, source, extra)
    try:
        for block in source.blocks(rows):
            writer.write(block, answers(len(block), extra))
        writer.finish(sheets)
    finally:
        writer.abort()
    return out


def opened(path, *, computed=False):
    with path.open("rb") as file:
        return openpyxl.load_workbook(file, data_only=computed)


def decoded(value):
    """Text as the format escapes it (openpyxl leaves that to its caller); anything else as it is."""
    if not isinstance(value, str):
        return value
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), value)


def seen(path, sheet=0):
    """Value and format of every cell that has either, by its coordinate; formulas would be `=…` of type ``f``."""
    cells = [cell for row in opened(path).worksheets[sheet].rows for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    return {
        cell.coordinate: (decoded(cell.value), cell.number_format)
        for cell in cells
        if cell.value is not None or cell.number_format != "General"
    }


def edited(path, part, old, new):
    """Replace a piece of a part of a workbook; `old` must be there."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    zipped(path, parts)


def zipped(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
