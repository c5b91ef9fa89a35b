"""Sheets of a report: a table that is read on the screen and on A4, its columns no wider than what they hold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.tables.xlsx_book import PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qpv_geo.tables.xlsx_book import SheetWriter

Cells = dict[str, Any]

EUROS = '#,##0.00\\ "€"'
"""Shown as ``1 234,56 €`` in a French spreadsheet: separators follow the reader's locale."""
_SHARE, _METRES, _DEGREES, _WHOLE = "0.0%", "0.0", "0.000000", "0"
_STYLES = {
    "montant": Style(EUROS),
    msg.indicators.PER_COLUMN: Style(EUROS),
    "part": Style(_SHARE),
    "part en QPV": Style(_SHARE),
    "distance_m": Style(_METRES),
    "longitude": Style(_DEGREES),
    "latitude": Style(_DEGREES),
    "année": Style(_WHOLE),
}
"""Number format of a column, by heading."""
_WIDEST = 30
_WIDEST_OF = {
    "id": 16,
    "explication": 46,
    "financeurs": 36,
    "intitulé": 36,
    "ligne": 44,
    "raisons": 70,
    "remarque": 44,
    "réponse": 14,
    "à installer": 46,
    msg.reports.LEGEND[-1]: 100,
}
"""Most characters of a column before its texts go on over several lines, by heading."""
_MEASURED = 500
"""Rows that are measured."""
_NARROWEST, _ARROW, _ROOM = 6, 3, 1.5
"""Least characters of a column; those of the arrow of a filter, beside the heading; those left empty."""
_PAGE = 180
"""Characters on a line of A4 in landscape that are read without effort."""
_ON_SCREEN = frozenset({"raisons", "empreinte numérique"})
"""Columns at the end of a sheet that are read on the screen: printed, they would make every other one too small."""
_ALWAYS = frozenset({"id", "intitulé", "montant", "réponse", "projets", *msg.reports.SUMMARY, *msg.reports.LEGEND})
"""Columns that are there even if no row has them."""


def fill(sheet: SheetWriter, columns: Iterable[str], rows: Iterable[Cells], *, first: int = 0) -> None:
    """Write a table under its header, without the columns that no row has.

    The keys ``bold`` and ``colours`` of a row are its style, not columns.
    """
    every = list(rows)
    names = [name for name in columns if name in _ALWAYS or any(row.get(name) is not None for row in every)]
    widths = _widths(names, every)
    printed = next((k for k, name in enumerate(names) if _ON_SCREEN.issuperset(names[k:])), len(names))
    sheet.set_widths([width + _ROOM for width in widths])
    sheet.set_height(first, max(len(wrap(name, width - _ARROW)) for name, width in zip(names, widths, strict=True)))
    sheet.header(first, names, wrap=True)
    last = first
    for last, row in enumerate(every, start=first + 1):
        sheet.set_height(last, _lines(row, names[:printed], widths))
        for column, name in enumerate(names):
            background = row.get("colours", {}).get(name)
            style = _STYLES.get(name, PLAIN)._replace(bold=row.get("bold", False), background=background)
            value = row.get(name)
            sheet.value(last, column, value, style._replace(wrap=isinstance(value, str)))
    sheet.finish(first, last, len(names), printed=printed)


def fit(sheet: SheetWriter, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set the widths of columns of a table without styles of its own, its amounts in euros."""
    told = [
        {name: f"{cell:,.2f} €" if isinstance(cell, Decimal) else cell for name, cell in _named(names, row)}
        for row in rows
    ]
    sheet.set_widths([width + _ROOM for width in _widths(names, told)])


def _named(names: Sequence[str], row: Sequence[Any]) -> Iterable[tuple[str, Any]]:
    return zip(names, row, strict=True)


def _widths(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the widths of columns in characters: of its longest text, within limits that a page with room raises."""
    longest = [max((len(_shown(name, row.get(name))) for row in rows[:_MEASURED]), default=0) for name in names]
    least = [max(max(map(len, name.split())) + _ARROW, _NARROWEST) for name in names]
    widths = [
        max(min(most, _WIDEST_OF.get(name, _WIDEST)), some)
        for name, most, some in zip(names, longest, least, strict=True)
    ]
    room = _PAGE - sum(widths)
    for k in sorted(range(len(names)), key=lambda k: longest[k] - widths[k], reverse=True):
        more = max(min(longest[k] - widths[k], room), 0) if names[k] not in _ON_SCREEN else 0
        widths[k] += more
        room -= more
    return widths


def _shown(name: str, value: Any) -> str:  # noqa: ANN401 - any cell
    """Return a cell about as a spreadsheet shows it."""
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal) and name in _STYLES:
        shown = _STYLES[name].number_format
        return f"{value:,.2f} €" if shown == EUROS else f"{value:.{len(shown.partition('.')[2])}f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _lines(row: Mapping[str, Any], names: Sequence[str], widths: Sequence[int]) -> int:
    """Return how many lines the longest text of a row takes, in columns of some widths."""
    told = ((row.get(name), width) for name, width in zip(names, widths, strict=False))
    long = (len(wrap(text, width)) for text, width in told if isinstance(text, str) and len(text) > width)
    return max(long, default=1)
