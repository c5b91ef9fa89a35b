"""Cells of a sheet: their content as stored, and as text.

Dates stay numbers, as in the sheet (days since the epoch of the workbook); the number format marks them as dates. The
escapes of ECMA-376 in texts are decoded (``_x000D_`` is a carriage return: part 1, 22.9.2.19).
"""

from __future__ import annotations

import re
import sys
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from openpyxl.styles.numbers import is_date_format, is_datetime, is_timedelta_format
from openpyxl.utils.datetime import from_excel, to_excel

GENERAL = "General"
MOST_ROWS = 1_048_576
"""Maximum rows of a sheet in the format."""
_ESCAPED_CONTROL = re.compile(r"_x(00[01][0-9A-Fa-f]|[Ff]{3}[EFef])_|_x005[Ff]_(?=x[0-9A-Fa-f]{4}_)")
_ZEROS = re.compile(r"0{2,}")
ISO_MOMENT = "yyyy-mm-dd hh:mm:ss"
_WHOLE_BELOW = 1e15
"""Below this, a double holds every whole number exactly, and a spreadsheet shows all its digits."""


Value = str | float | bool | None


class ErrorCode(str):
    """An error that a cell shows instead of a value: ``#N/A``, ``#DIV/0!``..."""

    __slots__ = ()


class Cell(NamedTuple):
    """The content of a cell.

    Attributes
    ----------
    value
        Text, number, boolean, `ErrorCode`, or None if empty. For a formula: its last result.
    number_format
        Its format code, ``General`` if it has none.
    is_computed
        False for a formula without a result, whose value is unknown.
    """

    value: Value
    number_format: str = GENERAL
    is_computed: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether it shows nothing and holds no formula."""
        return self.is_computed and self.value in {None, ""}


EMPTY = Cell(None)


def cell_of(value: object, kind: str, number_format: str, epoch: datetime) -> Cell:
    """Build a cell from its value and its type in ECMA-376 (part 1, 18.18.11), as openpyxl reads them."""
    if kind == "e":
        return Cell(ErrorCode(value), number_format)
    if isinstance(value, str):
        return Cell(_decoded(value), number_format)
    if isinstance(value, bool):
        return Cell(value, number_format)
    if not isinstance(value, int | float):  # a date stored as text (ISO 8601)
        days: float = to_excel(value, epoch)  # type: ignore[no-untyped-call]
        return Cell(days, number_format if is_date_format(number_format) else ISO_MOMENT)
    return Cell(value if abs(value) <= sys.float_info.max else ErrorCode("#NUM!"), number_format)


def _decoded(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPED_CONTROL.sub(lambda found: chr(int(found[1], 16)) if found[1] else "_", text)


def text_of(cell: Cell, epoch: datetime) -> str:
    """Return the value of a cell as a person would type it.

    Integers have all their digits; other numbers have a decimal point and at most 15 significant digits, as in a
    spreadsheet; those whose format is a run of zeros are padded (``01000``). Dates are ISO 8601, with the time if the
    format shows one and it is not midnight; durations are ``37:30:00``; booleans ``true`` and ``false``; errors their
    code; an empty cell is an empty text.
    """
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if cell.number_format == GENERAL:
        return _number_text(value)
    return _shown(value, cell.number_format, epoch)


def _number_text(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    return str(int(value)) if value.is_integer() and abs(value) < _WHOLE_BELOW else f"{value:.15g}"


def _shown(value: float, number_format: str, epoch: datetime) -> str:
    zeros, dates, durations = _kind_of(number_format)
    plain = _number_text(value)
    if zeros:
        return plain.zfill(zeros) if plain.isdigit() else plain
    if durations:
        minutes, seconds = divmod(round(value * 86_400), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}" if value >= 0 else plain
    if dates:
        return _date_text(value, dates, epoch) or plain
    return plain


@lru_cache(maxsize=1_000)
def _kind_of(number_format: str) -> tuple[int, str | None, bool]:
    """Return what a format shows: its minimum digits, a date or time (in openpyxl's words), whether a duration."""
    first = number_format.split(";", maxsplit=1)[0]
    zeros = len(first) if _ZEROS.fullmatch(first) else 0
    return zeros, is_datetime(number_format), is_timedelta_format(number_format)


def value_of(cell: Cell, epoch: datetime) -> Value | datetime | time:
    """Return the value of a cell: a date or a time if its format shows one, a text if it pads numbers with zeros."""
    value = cell.value
    if isinstance(value, str | bool) or value is None or cell.number_format == GENERAL:
        return value
    zeros, dates, durations = _kind_of(cell.number_format)
    if zeros or durations:
        return _shown(value, cell.number_format, epoch)
    moment = _moment(value, epoch) if dates else None
    return value if moment is None else moment


def _date_text(value: float, shows: str, epoch: datetime) -> str | None:
    """Return a date, a time or both as text; None for a number that is not a valid date, shown as #### in its cell."""
    moment = _moment(value, epoch)
    if not isinstance(moment, datetime):
        return None if moment is None else moment.isoformat()
    if shows == "time":
        return moment.time().isoformat()
    return moment.date().isoformat() if shows == "date" or moment.time() == time() else moment.isoformat()


def _moment(value: float, epoch: datetime) -> datetime | time | None:
    try:
        moment: datetime | time | timedelta | None = from_excel(value, epoch) if value >= 0 else None
    except (OverflowError, ValueError):
        return None
    return moment if isinstance(moment, datetime | time) else None
