"""Small multiples of a table over years: a bar chart for each line of its sums, all on one scale."""

from __future__ import annotations

import math
from textwrap import fill, wrap
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from qpv_geo import messages as msg
from qpv_geo.maps import palette
from qpv_geo.projects import LineKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from matplotlib.axes import Axes

    from qpv_geo.projects import CrossSums, Line
    from qpv_geo.projects.per_inhabitant import PerInhabitant

_SIZE_INCHES = (11.69, 8.27)
"""A4, landscape."""
_DPI = 300
_COLUMNS, _MOST = 4, 16
_INK, _GREY = "#1f2933", "#52606d"
_WIDE, _LABEL = 175, 42
_REDRAWN_FROM = 2024
_COLOURS = {LineKind.GROUP: "#6a51a3", LineKind.TO_REVIEW: "#c98a1b"}


def draw_series(found: CrossSums, *, title: str, notes: Sequence[str], divided: Sequence[PerInhabitant] = ()) -> Figure:
    """Draw the sums of a table by line and by year.

    Parameters
    ----------
    found
        Sums by any key, then by ``year``. The largest lines have a chart each; the others are told, with their sum.
    notes
        Sentences of the caption.
    divided
        Euros per inhabitant of the lines, told beside their sums.
    """
    per = {one.line.label: one for one in divided}
    years = _years(found)
    shown, rest = found.rows.lines[:_MOST], found.rows.lines[_MOST:]
    figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI)
    FigureCanvasAgg(figure)
    columns = min(_COLUMNS, max(len(shown), 1))
    rows = max(math.ceil(len(shown) / columns), 1)
    told = [*_totals(found, rest), *notes, *_divided(divided), msg.verdicts.NOTICE]
    caption = "\n".join(fill(text, _WIDE, break_on_hyphens=False) for text in told)
    bottom = 0.04 + 0.0155 * (caption.count("\n") + 1)
    figure.text(0.04, 0.955, title.replace("$", r"\$"), fontsize=14, fontweight="bold", color=_INK)
    figure.text(0.04, 0.02, caption, fontsize=7, color=_GREY, va="bottom", linespacing=1.3)
    figure.text(0.04, 0.93, msg.series.subtitle(msg.reports.BY[found.rows.by]), fontsize=9, color=_GREY)
    grid = figure.add_gridspec(
        rows, columns, left=0.07, right=0.98, top=0.86, bottom=bottom + 0.05, hspace=0.55, wspace=0.3
    )
    most = max((abs(float(amount)) for amount in _amounts(found, range(len(shown)))), default=0.0)
    for k, line in enumerate(shown):
        axes = figure.add_subplot(grid[k // columns, k % columns])
        _draw(axes, _heading(line, per.get(line.label)), line.kind, _series(found, k, years), most)
    return figure


def _years(found: CrossSums) -> list[int]:
    """Return every year from the first to the last, whether the table has projects in it or not."""
    stated = [int(line.label) for line in found.columns.lines if line.kind is LineKind.GROUP]
    return list(range(min(stated), max(stated) + 1)) if stated else []


def _series(found: CrossSums, row: int, years: Sequence[int]) -> dict[int, Decimal | None]:
    column = {line.label: k for k, line in enumerate(found.columns.lines) if line.kind is LineKind.GROUP}
    cells = [found.cells.get((row, column[str(year)])) if str(year) in column else None for year in years]
    return {year: None if cell is None else cell.amount for year, cell in zip(years, cells, strict=True)}


def _amounts(found: CrossSums, rows: Sequence[int]) -> list[Decimal]:
    return [cell.amount for (row, _), cell in found.cells.items() if row in rows and cell.amount is not None]


def _heading(line: Line, per: PerInhabitant | None) -> str:
    """Return the label of a line, on at most two lines, and its sum, with its euros per inhabitant."""
    label = "\n".join(wrap(line.label, _LABEL, max_lines=2, placeholder=" …")).replace("$", r"\$")
    amount = msg.maps.euros(line.amount)
    return f"{label}\n{amount if per is None or per.amount is None else msg.indicators.both(amount, per.amount)}"


def _divided(divided: Sequence[PerInhabitant]) -> list[str]:
    """Return what the caption says of euros per inhabitant: their sources, and why some lines have none."""
    sources = dict.fromkeys(source for one in divided for each in one.inhabitants for source in each.sources)
    reasons = dict.fromkeys(one.reason for one in divided if one.reason)
    return [msg.indicators.per_note((*sources, *reasons))] if divided else []


def _draw(axes: Axes, heading: str, kind: LineKind, by_year: Mapping[int, Decimal | None], most: float) -> None:
    years, amounts = list(by_year), by_year.values()
    heights = [0.0 if amount is None else float(amount) for amount in amounts]
    axes.bar(years, heights, width=0.75, color=_COLOURS.get(kind, palette.NO_THEME))
    low = min(0.0, *heights) if heights else 0.0
    axes.set(xlim=(min(years, default=0) - 0.6, max(years, default=0) + 0.6), ylim=(low * 1.1, (most or 1.0) * 1.12))
    axes.set_title(heading, fontsize=8, color=_INK, loc="left")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: msg.series.short_euros(value)))
    axes.tick_params(labelsize=6.5, colors=_GREY, length=2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#c3cad1")
    if years and years[0] < _REDRAWN_FROM <= years[-1]:
        axes.axvline(_REDRAWN_FROM - 0.5, color=palette.FORMER, linewidth=0.8, linestyle=(0, (3, 2)))
        axes.text(_REDRAWN_FROM - 0.55, most * 1.1, msg.series.REDRAW, fontsize=5.5, color=_GREY, ha="right", va="top")


def _totals(found: CrossSums, rest: Sequence[Line]) -> list[str]:
    undated = [line for line in found.columns.lines if line.kind is not LineKind.GROUP]
    told = [msg.series.total(msg.maps.euros(found.rows.total), found.rows.count, len(found.rows.unpublished))]
    told += [msg.series.beside(line.label, msg.maps.euros(line.amount)) for line in undated]
    if rest:
        amounts = [line.amount for line in rest if line.amount is not None]
        told.append(msg.series.not_drawn(len(rest), msg.maps.euros(sum(amounts[1:], amounts[0]) if amounts else None)))
    return told
