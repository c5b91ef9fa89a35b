"""Read the cells of a column as texts, numbers, dates or codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qpv_geo.errors import DateError
from qpv_geo.perimeters.generations import day_in_france, parse_date

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qpv_geo.untyped import AnyValue

_WRAPPED = re.compile(r'^="(.*)"$', re.DOTALL)
_FRENCH_DAY = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[ T].*)?")
_SLASHED_DAY = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?:[ T].*)?")
_WITH_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[ T].*")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:inf|infinity|nan)", re.ASCII | re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_CODE_DIGITS = 5
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
_SERIAL_START = date(1899, 12, 30)
_FIRST_SERIAL_YEAR, _END_SERIAL_YEAR = 2015, 2050


def texts(column: pa.Array) -> list[str]:
    """Return each cell as trimmed text, empty if missing; ``="01000"`` is read as ``01000``."""
    plain = pc.fill_null(_as_text(column), "")
    return [_unwrapped(text) for text in pc.utf8_trim_whitespace(plain).to_pylist()]


class Written(Sequence[str]):
    """The cells of a column as text, empty if missing, each converted only when read."""

    def __init__(self, column: pa.Array) -> None:
        self._column = column

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self._column)

    def __getitem__(self, row: int) -> str:  # type: ignore[override] # no slices
        """Return a cell."""
        value = self._column[row].as_py()
        return "" if value is None or value != value else str(value)  # noqa: PLR0124 - NaN


def numbers(column: pa.Array) -> tuple[NDArray[np.float64], Written]:
    """Return each cell as a number, and as text.

    Returns
    -------
    values
        float64, shape ``(n,)``: NaN if the cell is empty or not a number.
    written
        The cell as text, to tell an empty cell from an invalid one.

    Decimal commas and French thousands spaces are accepted.
    """
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type) or pa.types.is_decimal(column.type):
        values = np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
        return values, Written(pa.array(values))
    plain = pc.utf8_trim_whitespace(pc.fill_null(_as_text(column), ""))
    dotted = pc.replace_substring(plain, ",", ".")
    fit = pc.match_substring_regex(dotted, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
    kept = pc.if_else(fit, dotted, pa.scalar(None, pa.string()))
    values = pc.cast(kept, pa.float64()).fill_null(float("nan")).to_numpy(zero_copy_only=False)
    written = Written(plain)
    rest = np.flatnonzero(~fit.to_numpy(zero_copy_only=False))
    if len(rest):
        values = np.array(values)
        for k in rest.tolist():
            values[k] = _number(_unwrapped(written[k]))
    return values, written


def days(column: pa.Array) -> list[date | str]:
    """Return each cell as a date or, if it is not one, as its text, empty if missing.

    Accepted: dates and times of the file, ISO 8601 (``2024-06-01``, ``2024/06/01``) and the French order
    (``01/06/2024``, ``01-06-2024``).
    """
    if pa.types.is_temporal(column.type) and not pa.types.is_time(column.type):
        return [_day_of(value) for value in column.to_pylist()]
    known: dict[str, date | str] = {}
    return [known[text] if text in known else known.setdefault(text, _day(text)) for text in texts(column)]


def serial_day(text: str) -> date | str:
    """Return the day of a serial number of a spreadsheet, from 2015 to 2049: ``45292`` is 2024-01-01; else the text.

    A postcode looks the same: call it only for a column that certainly holds dates. The numbers of a workbook that
    counts from 1904, as old ones of Macs do, are those of days four years earlier.
    """
    found = _SERIAL.fullmatch(text)
    if found is None:
        return text
    day = _SERIAL_START + timedelta(days=int(found[1]))
    return day if _FIRST_SERIAL_YEAR <= day.year < _END_SERIAL_YEAR else text


def code(text: str) -> str | None:
    """Return a postcode or an INSEE code, with the leading zero that spreadsheets drop; None if empty."""
    plain = text.strip().upper().removesuffix(".0")  # pandas writes a column of numbers with empty cells as floats
    if plain.isdigit() and len(plain) == _CODE_DIGITS - 1:
        return f"0{plain}"
    return plain or None


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_string(column.type):
        return column
    if pa.types.is_dictionary(column.type):
        return _as_text(column.dictionary_decode())
    if pa.types.is_large_string(column.type):
        return pc.cast(column, pa.string())
    if pa.types.is_floating(column.type):  # pandas reads a column of numbers with empty cells as floats
        values = pc.if_else(pc.is_nan(column), None, column).to_pylist()
        return pa.array([None if v is None else f"{v:.15g}" for v in values], pa.string())
    return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())


def _unwrapped(text: str) -> str:
    found = _WRAPPED.match(text)
    return found[1].strip() if found else text


def _number(text: str) -> float:
    plain = _THOUSANDS.sub("", text).replace(",", ".")
    return float(plain) if _NUMBER.fullmatch(plain) else np.nan


def _day_of(value: AnyValue) -> date | str:
    return day_in_france(value) if isinstance(value, datetime) else value if isinstance(value, date) else ""


def _day(text: str) -> date | str:
    try:
        return parse_date(iso_day(text))
    except DateError:
        return text


def iso_day(text: str) -> str:
    """Convert a date in any format that `days` accepts to ISO 8601; return any other text unchanged.

    A moment with a time zone becomes its day in France.
    """
    if french := _FRENCH_DAY.fullmatch(text):
        return f"{french[4]}-{int(french[3]):02d}-{int(french[1]):02d}"
    if slashed := _SLASHED_DAY.fullmatch(text):
        return f"{slashed[1]}-{int(slashed[2]):02d}-{int(slashed[3]):02d}"
    timed = _WITH_TIME.fullmatch(text)
    if timed is None:
        return text
    try:
        return day_in_france(datetime.fromisoformat(text)).isoformat()
    except (ValueError, OverflowError):
        return timed[1]
