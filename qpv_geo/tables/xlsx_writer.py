"""Write a table to a new workbook: the data with its answers, then extra sheets.

Text stays text (``00123``, ``=1+1``); other values are written as by `SheetWriter.value`. Of a workbook too large to be
copied whole, the values of the table are written: numbers, dates, texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from qpv_geo import messages as msg
from qpv_geo.messages.sheet_notes import LOSSES
from qpv_geo.tables.xlsx_book import PLAIN, SHARE, BookWriter, Style
from qpv_geo.tables.xlsx_cells import GENERAL
from qpv_geo.tables.xlsx_copy import XlsxCopyWriter
from qpv_geo.tables.xlsx_reader import XlsxReader, XlsxRowBatch
from qpv_geo.tables.xlsx_survey import MOST_CELLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from qpv_geo.tables.protocol import AddedColumns, Reader, RowBatch, Sheet, Writer


def xlsx_writer(path: Path, source: Reader, extra: AddedColumns) -> Writer:
    """Open a workbook to write: a copy of the source if it is one that is not too large, else a new one."""
    if isinstance(source, XlsxReader) and source.survey.copied_cells(len(extra.schema)) <= MOST_CELLS:
        return XlsxCopyWriter(path, source, extra)
    return XlsxWriter(path, source, extra)


def xlsx_notes(source: XlsxReader, extra: AddedColumns) -> list[str]:
    """Return notes, in French, on what a workbook loses when it is written with more columns."""
    found, added = source.survey, len(extra.schema) - len(extra.dropped)
    if (cells := found.copied_cells(len(extra.schema))) > MOST_CELLS:
        return [msg.sheet_notes.values_only(cells, MOST_CELLS)]
    notes = []
    if found.losses or found.unknown_parts:
        notes.append(msg.sheet_notes.losses([one for one in LOSSES if one in found.losses], found.unknown_parts))
    width = len(source.schema)
    columns = range(width + 1, width + 1 + added)
    if columns and (formulas := found.reaching(source.sheet, columns, source.first_row - 1)):
        notes.append(msg.sheet_notes.reaching(formulas))
    return notes


class XlsxWriter:
    """A workbook that is being written; see `qpv_geo.tables.protocol.Writer`.

    Parameters
    ----------
    path
        The file to write, whatever its extension; temporary files are in a folder next to it.
    source
        The table that the blocks come from.
    extra
        The columns to add.

    Raises
    ------
    FormatError
        The table has more rows, columns or characters in a cell than a sheet can hold; raised here or by any method.
    """

    def __init__(self, path: Path, source: Reader, extra: AddedColumns) -> None:
        self._extra = extra
        self._kept = [position for position in range(len(source.schema)) if position not in extra.dropped]
        self._columns = len(self._kept) + len(extra.schema)
        self._row = 1
        self._book = BookWriter(path)
        try:
            self._data = self._book.sheet(
                source.sheet if isinstance(source, XlsxReader) else msg.sheet_errors.DATA_SHEET
            )
            self._data.check_columns(self._columns)
            self._data.header(0, [*(source.schema.names[position] for position in self._kept), *extra.schema.names])
        except BaseException:
            self.abort()
            raise

    def write(self, block: RowBatch, extra: pa.RecordBatch) -> None:
        """Write rows, each with its answers."""
        if isinstance(block, XlsxRowBatch):
            columns = [block.values(position) for position in self._kept]
        else:
            batch = block.record_batch()
            columns = [_values(batch.column(position)) for position in self._kept]
        answers = [_values(column) for column in extra.columns]
        for number in range(len(block)):
            for column, values in enumerate(columns):
                self._data.value(self._row, column, values[number])
            self._write_answers(answers, number)
            self._row += 1

    def finish(self, sheets: Sequence[Sheet] = ()) -> None:
        """Write the extra sheets, then the file.

        In the coloured column of a sheet, values have the colours that `AddedColumns.colours` gives them.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        self._data.finish(0, self._row - 1, self._columns)
        colours = {word: colour for words in self._extra.colours.values() for word, colour in words.items()}
        for sheet in sheets:
            self._write_sheet(sheet, colours)
        self._book.close()

    def abort(self) -> None:
        """Remove the temporary files; what `finish` wrote stays."""
        self._book.abort()

    def _write_answers(self, answers: Sequence[Sequence[Any]], number: int) -> None:
        for column, (name, values) in enumerate(zip(self._extra.schema.names, answers, strict=True), len(self._kept)):
            value = values[number]
            background = self._extra.colours.get(name, {}).get(value)
            self._data.value(self._row, column, value, Style(background=background) if background else PLAIN)

    def _write_sheet(self, sheet: Sheet, colours: Mapping[str, str]) -> None:
        writer = self._book.sheet(sheet.name)
        writer.check_columns(len(sheet.columns))
        writer.header(0, sheet.columns)
        last = 0
        for last, row in enumerate(sheet.rows, start=1):
            for column, value in enumerate(row):
                background = colours.get(str(value)) if column == sheet.coloured else None
                shown = SHARE if column in sheet.shares else GENERAL
                writer.value(last, column, value, Style(shown, background=background))
        writer.finish(0, last, len(sheet.columns))


def _values(column: pa.Array) -> list[Any]:
    """Return the values of a column; timestamps to the microsecond, which is finer than a sheet holds."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    values: list[Any] = column.to_pylist()
    return values
