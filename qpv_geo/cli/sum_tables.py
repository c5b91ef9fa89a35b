"""Sums of projects as text tables, at most `WIDTH` wide: by one key, or by two with totals in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.cli.show import WIDTH, echo, one_line, style
from qpv_geo.messages.verdicts import named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from qpv_geo.projects import CrossSums, Line, Sums

_GAP = "  "
_WIDEST_LABEL, _WIDEST_HEADING = 44, 22


def show_sums(found: Sums) -> None:
    """Print sums by one key: a line each, then the total."""
    rows = [
        (label_of(line), _amount(line.amount), msg.reports.counted(line.count, len(line.unpublished)))
        for line in found.lines
    ]
    rows.append((msg.reports.TOTAL, _amount(found.total), msg.reports.counted(found.count, len(found.unpublished))))
    amounts, counts = (max(len(row[column]) for row in rows) for column in (1, 2))
    most = WIDTH - len(_GAP) * 3 - amounts - counts
    widest = min(max(len(row[0]) for row in rows), most)
    for k, (label, amount, counted) in enumerate(rows):
        text = f"{_GAP}{_cut(label, widest):<{widest}}{_GAP}{amount:>{amounts}}{_GAP}{counted}"
        echo(style(text, bold=k == len(rows) - 1))
    echo()


def show_cross_sums(found: CrossSums) -> None:
    """Print sums by two keys; columns that do not fit go on below, under the same rows."""
    labels = [_cut(label_of(line), _WIDEST_LABEL) for line in found.rows.lines] + [msg.reports.TOTAL]
    widest = max(map(len, labels))
    for block in _blocks(list(_columns(found)), WIDTH - len(_GAP) - widest):
        for k, label in enumerate(("", *labels)):
            text = _GAP + f"{label:<{widest}}" + "".join(_GAP + column[k] for column in block)
            echo(style(text.rstrip(), bold=k in {0, len(labels)}))
        echo()
    echo(f"{_GAP}{msg.reports.IN_EUROS}")
    echo()


def label_of(line: Line) -> str:
    """Return the label of a line, with its code if it has one."""
    label = one_line(line.label)
    return label if line.code is None else named(label, line.code)


def _columns(found: CrossSums) -> Iterator[list[str]]:
    """Return the columns as texts of one width: the heading, a cell a row, and the total; the totals of rows last."""
    count = len(found.rows.lines)
    for k, line in enumerate(found.columns.lines):
        cells = [found.cells.get((row, k)) for row in range(count)]
        yield _aligned(
            label_of(line), [*("" if cell is None else _plain(cell.amount) for cell in cells), _plain(line.amount)]
        )
    yield _aligned(msg.reports.TOTAL, [*(_plain(line.amount) for line in found.rows.lines), _plain(found.rows.total)])


def _aligned(heading: str, cells: Sequence[str]) -> list[str]:
    heading = _cut(heading, _WIDEST_HEADING)
    width = max(len(heading), *map(len, cells))
    return [f"{text:>{width}}" for text in (heading, *cells)]


def _blocks(columns: list[list[str]], room: int) -> Iterator[list[list[str]]]:
    """Group columns into blocks that fit in some room, at least one a block."""
    block: list[list[str]] = []
    for column in columns:
        if block and sum(len(one[0]) + len(_GAP) for one in (*block, column)) > room:
            yield block
            block = []
        block.append(column)
    yield block


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _amount(amount: Decimal | None) -> str:
    return msg.reports.UNPUBLISHED if amount is None else msg.reports.euros(amount)


def _plain(amount: Decimal | None) -> str:
    return msg.reports.UNPUBLISHED_SHORT if amount is None else msg.reports.plain_euros(amount)
