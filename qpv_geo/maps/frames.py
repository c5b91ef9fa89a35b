"""Frames of a picture: one map per town on A4 in landscape, in degrees, each with its scale bar."""

from __future__ import annotations

import math
from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.maps.labels import FONT, HALO
from qpv_geo.maps.views import TownView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

SIZE_INCHES, DPI = (11.69, 8.27), 300
"""A4 in landscape, as fine as a report is printed."""
SCALE_CORNER = ((0.0, 0.0), (0.3, 0.1))
"""Opposite corners of the area of the scale bar, as shares of a map."""
MOST_FRAMES = 4
"""Most towns on a picture; the projects of others are told beyond its edges."""

_LINE = 0.0141
"""Height of a line of sources, as a share of the picture's."""
_LEFT, _WIDTH, _TOP, _LOWEST = 0.02, 0.66, 0.93, 0.12
"""Where the maps are, as shares of the picture; they end higher above a long caption."""
_GAP, _NAME = 0.012, 0.03
"""Between maps, and the height of the name of a town, as shares of the picture."""
_MARGIN = 0.06
_LEAST_VIEW = 0.004
"""Smallest height and width of a view, in degrees of latitude."""


class _Box(NamedTuple):
    """Where a map is, as shares of the picture."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def proportion(self) -> float:
        """Return its width over its height, on paper."""
        return self.width * SIZE_INCHES[0] / (self.height * SIZE_INCHES[1])


def start(title: str, towns: Sequence[TownView], caption: Iterable[str]) -> tuple[Figure, list[Axes]]:
    """Return a figure with a title and a caption, and a map per town where a metre is as long in both directions."""
    figure = Figure(figsize=SIZE_INCHES, dpi=DPI)
    FigureCanvasAgg(figure)
    figure.text(0.02, 0.95, plain(title), fontsize=13, fontweight="bold", family=FONT["family"])
    told = wrapped(caption, 150)
    figure.text(0.02, 0.02, told, va="bottom", color="#52606d", family=FONT["family"], size=6.5)
    bottom = max(_LOWEST, 0.03 + _LINE * (told.count("\n") + 1))
    shown = towns[:MOST_FRAMES]
    boxes = _boxes(shown, bottom)
    return figure, [_frame(figure, box, town, named=len(shown) > 1) for box, town in zip(boxes, shown, strict=True)]


def seen_in(axes: Axes) -> TownView:
    """Return the box that a map shows."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return TownView("", [[south, west], [north, east]])


def wrapped(lines: Iterable[str], width: int) -> str:
    """Return lines of text, each on as many lines of some characters as it needs."""
    return "\n".join(fill(plain(line), width, break_on_hyphens=False) for line in lines)


def plain(text: str) -> str:
    """Escape a text so that matplotlib sees no formula in it."""
    return text.replace("$", r"\$")


def _boxes(towns: Sequence[TownView], bottom: float) -> list[_Box]:
    """Return the box of each map, in one or two columns: those that draw the towns larger."""
    if len(towns) == 1:
        return [_Box(_LEFT, bottom, _WIDTH, _TOP - bottom)]
    grids = [_grid(len(towns), columns, bottom) for columns in (1, 2)]
    return max(grids, key=lambda boxes: math.prod(map(_scale, towns, boxes)))


def _grid(count: int, columns: int, bottom: float) -> list[_Box]:
    rows = math.ceil(count / columns)
    width = (_WIDTH - _GAP * (columns - 1)) / columns
    height = (_TOP - bottom - _GAP * (rows - 1)) / rows
    return [
        _Box(
            _LEFT + (k % columns) * (width + _GAP),
            _TOP - (k // columns + 1) * height - (k // columns) * _GAP,
            width,
            height - _NAME,
        )
        for k in range(count)
    ]


def _scale(town: TownView, box: _Box) -> float:
    """Return the size of a degree of latitude in a box, as a share of the picture."""
    _, (south, north) = _limits(town.bounds, box.proportion)
    return box.height / (north - south)


def _frame(figure: Figure, box: _Box, town: TownView, *, named: bool) -> Axes:
    axes = figure.add_axes(box)
    (west, east), (south, north) = _limits(town.bounds, box.proportion)
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], facecolor="#f6f7f9")
    if named:
        axes.set_title(plain(town.name), loc="left", pad=4, fontweight="bold", fontsize=9, family=FONT["family"])
    _scale_bar(axes)
    return axes


def _limits(view: list[list[float]], proportion: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the longitude and latitude limits of a view, with a margin, in some proportions of width to height."""
    (south, west), (north, east) = view
    shrink = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shrink, _LEAST_VIEW), max(north - south, _LEAST_VIEW)
    half = max(high, wide / proportion) * (0.5 + _MARGIN)
    lon, lat = (west + east) / 2, (south + north) / 2
    return (lon - half * proportion / shrink, lon + half * proportion / shrink), (lat - half, lat + half)


def _scale_bar(axes: Axes) -> None:
    """Draw a bar of a round length in metres, at most a quarter of the width, exact at the middle latitude."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    metres_per_degree = crs.METRES_PER_DEGREE * math.cos(math.radians((south + north) / 2))
    quarter_m = (east - west) * metres_per_degree / 4
    power = 10 ** math.floor(math.log10(quarter_m))
    length_m = max(step * power for step in (1, 2, 5) if step * power <= quarter_m)
    share = length_m / metres_per_degree / (east - west)
    axes.plot([0.03, 0.03 + share], [0.04, 0.04], transform=axes.transAxes, color="black", linewidth=3, zorder=7)
    axes.text(0.03, 0.055, msg.maps.scale(length_m), transform=axes.transAxes, path_effects=HALO, zorder=7, **FONT)
