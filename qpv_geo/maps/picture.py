"""Static picture of a map, for a report: the same perimeters and projects, a legend, a scale bar and the sources."""

from __future__ import annotations

import math
from decimal import Decimal
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.maps import areas, legend, marks, palette, shapes
from qpv_geo.maps.diff_map import has_unknown, name_of, rows_of_redraw, source, title_of, totals_line
from qpv_geo.maps.labels import FONT, HALO, MapLabels
from qpv_geo.maps.placing import positions
from qpv_geo.maps.projects import sources, split_lines
from qpv_geo.maps.views import beyond, count_of, marked
from qpv_geo.perimeters.diff_model import Change
from qpv_geo.projects.amounts import total
from qpv_geo.projects.classes import class_colours

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

    from qpv_geo.maps.projects import Scene
    from qpv_geo.perimeters.diff_model import PerimeterDiff
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects.sums import Line
    from qpv_geo.untyped import AnyValue, Geometry

_SIZE_INCHES, _DPI = (11.69, 8.27), 300
"""A4 in landscape, as fine as a report is printed."""
_LINE = 0.0141
"""Height of a line of sources, as a share of the picture's."""
_MAP_BOX = (0.02, 0.12, 0.66, 0.81)
"""Left, bottom, width and height, as shares of the picture."""

_MARGIN = 0.06
_LEAST_VIEW = 0.004
"""Smallest height and width of a view, in degrees of latitude."""

_POINTS_PER_PX = 72 / 96
_SCALE_CORNER = ((0.0, 0.0), (0.3, 0.1))
"""Opposite corners of the area of the scale bar, as shares of the map."""

_MOST_LINES = 4
"""Most lines for sums outside the perimeters of the picture; smaller ones are added up in one line."""
_HATCHES = {areas.ADDED: "////", areas.REMOVED: "xxxx", areas.NOT_COMPARABLE: "...."}
"""Used with the colours, as a picture may be printed in grey."""


def draw_projects(scene: Scene) -> Figure:
    """Draw projects on their perimeters; see `qpv_geo.maps.projects_picture`."""
    figure, axes = _start(scene.title, scene.view)
    _draw_perimeters(axes, scene)
    handles: list[Artist] = [_handle(areas.CURRENT, msg.maps.layer_perimeters(name_of(scene.perimeters.dataset)))]
    if scene.redraw is not None and scene.earlier is not None:
        handles += _draw_unknown(axes, scene.redraw, scene.earlier, scene.perimeters)
        handles += _draw_redraw(axes, scene.redraw, scene.earlier.geometry, name_of(scene.earlier.dataset))
    handles += _money(scene)
    handles += _draw_circles(axes, scene)
    labels = _draw_labels(axes, scene)
    facts = [
        msg.maps.totals(
            len(scene.projects.projects), msg.maps.euros(scene.projects.total), len(scene.projects.unpublished)
        ),
        *_balance(axes, scene),
        *labels,
    ]
    told = [*scene.caption.notes, *sources(scene), msg.maps.NOTICE]
    _finish(figure, axes, handles, facts, told, sizes=_sizes(scene))
    return figure


def draw_redraw(redraw: PerimeterDiff, before: PerimeterSet, after: PerimeterSet) -> Figure:
    """Draw what a redraw added and removed; see `qpv_geo.maps.redraw_picture`."""
    former, present = rows_of_redraw(redraw, before, after)
    geometry = np.concatenate([before.geometry[former], after.geometry[present]])
    if not len(geometry):
        raise InputError(msg.maps.nothing_to_show())
    figure, axes = _start(title_of(redraw, before, after), shapes.bounds(geometry))
    _fill(axes, after.geometry[present], areas.CURRENT)
    handles: list[Artist] = [_handle(areas.CURRENT, msg.maps.layer_perimeters(name_of(after.dataset)))]
    handles += _draw_unknown(axes, redraw, before, after)
    handles += _draw_redraw(axes, redraw, before.geometry[former], name_of(before.dataset))
    _finish(figure, axes, handles, [totals_line(redraw)], [source(before), source(after), msg.maps.NOTICE])
    return figure


def _start(title: str, view: list[list[float]]) -> tuple[Figure, Axes]:
    """Return a figure with a title, and axes in degrees where a metre has the same length in both directions."""
    figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI)
    FigureCanvasAgg(figure)
    figure.text(0.02, 0.95, _plain(title), fontsize=13, fontweight="bold", family=FONT["family"])
    axes = figure.add_axes(_MAP_BOX)
    (west, east), (south, north) = _limits(view)
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], facecolor="#f6f7f9")
    return figure, axes


def _limits(view: list[list[float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the longitude and latitude limits of a view, with a margin, in the proportions of the map."""
    (south, west), (north, east) = view
    shrink = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shrink, _LEAST_VIEW), max(north - south, _LEAST_VIEW)
    proportion = _MAP_BOX[2] * _SIZE_INCHES[0] / (_MAP_BOX[3] * _SIZE_INCHES[1])
    half = max(high, wide / proportion) * (0.5 + _MARGIN)
    lon, lat = (west + east) / 2, (south + north) / 2
    return (lon - half * proportion / shrink, lon + half * proportion / shrink), (lat - half, lat + half)


def _draw_perimeters(axes: Axes, scene: Scene) -> None:
    colours = class_colours(scene.classes)
    for k, colour in enumerate(colours):
        mine = [scene.classes.of.get(code) == k for code in scene.perimeters.codes]
        _fill(axes, scene.perimeters.geometry[mine], areas.CURRENT, colour)
    rest = [code not in scene.classes.of for code in scene.perimeters.codes]
    _fill(axes, scene.perimeters.geometry[rest], areas.CURRENT, palette.NO_AMOUNT)
    sites = [one.placement.site for one in scene.placing.located if one.placement.site is not None]
    _fill(axes, [one for one in sites if one.geom_type.endswith("Polygon")], areas.SITES)


def _draw_unknown(axes: Axes, redraw: PerimeterDiff, before: PerimeterSet, after: PerimeterSet) -> list[Artist]:
    """Draw the perimeters that could not be compared, and return their legend."""
    former, present = rows_of_redraw(redraw, before, after, only=Change.NOT_COMPARABLE)
    colour, hatch = areas.STYLES[areas.NOT_COMPARABLE]["fillColor"], _HATCHES[areas.NOT_COMPARABLE]
    parts = [piece.geometry for piece in redraw.unknown_pieces]
    for geometry in (before.geometry[former], after.geometry[present], parts):
        _fill(axes, geometry, areas.NOT_COMPARABLE, colour, hatch=hatch)
    return [_handle(areas.NOT_COMPARABLE, msg.maps.LAYER_NOT_COMPARABLE)] if has_unknown(redraw) else []


def _draw_redraw(axes: Axes, redraw: PerimeterDiff, former: Iterable[Any], name: str) -> list[Artist]:
    for change in (areas.ADDED, areas.REMOVED):
        drawn = [piece.geometry for piece in redraw.pieces if piece.change == change]
        _fill(axes, drawn, change, areas.STYLES[change]["fillColor"], hatch=_HATCHES[change])
    _fill(axes, former, areas.FORMER, "none")
    return [
        _handle(areas.FORMER, msg.maps.layer_perimeters(name)),
        _handle(areas.ADDED, msg.maps.LAYER_ADDED),
        _handle(areas.REMOVED, msg.maps.LAYER_REMOVED),
    ]


def _draw_circles(axes: Axes, scene: Scene) -> list[Artist]:
    """Draw the projects that have a position, and return the legend of their themes."""
    located = scene.placing.located
    radius = {one.id: marks.radius_px(one.amount, _largest(scene)) * _POINTS_PER_PX for one in located}
    largest_first = sorted(located, key=lambda one: -radius[one.id])
    lon, lat = positions(largest_first, scene.judged)
    area = [math.pi * radius[one.id] ** 2 for one in largest_first]
    colours = [palette.theme_colour(one.themes, scene.colours) for one in largest_first]
    axes.scatter(lon, lat, s=area, c=colours, ec="white", zorder=5)
    circles = [
        Line2D([], [], marker="o", linestyle="", color=colour, markeredgecolor="white", label=label)
        for label, colour in legend.theme_entries([one.themes for one in located], scene.colours)
    ]
    return [_heading(msg.maps.LEGEND_THEMES), *circles] if circles else []


def _largest(scene: Scene) -> Decimal | None:
    return max((one.amount for one in scene.placing.located if one.amount is not None), default=None)


def _sizes(scene: Scene) -> list[Artist]:
    """Return legend circles for two amounts, each a power of ten."""
    most = _largest(scene)
    if most is None or most <= 0:
        return []
    amounts = [Decimal(1).scaleb(most.adjusted() - step) for step in (0, 1)]
    return [
        Line2D(
            [],
            [],
            marker="o",
            linestyle="",
            color=palette.NO_THEME,
            markersize=2 * marks.radius_px(amount, most) * _POINTS_PER_PX,
            label=msg.maps.euros(amount),
        )
        for amount in amounts
    ]


def _draw_labels(axes: Axes, scene: Scene) -> list[str]:
    """Write the name and the full sum of the perimeters in view beside them; return the note about these labels.

    The largest sums come first; a label for which there is no room is left out.
    """
    drawn, _ = split_lines(scene.perimeters, scene.placing)
    sums = {line.code: line for line in drawn}
    rows = sorted(range(len(scene.perimeters)), key=lambda row: _by_sum(sums.get(scene.perimeters.codes[row])))
    (west, south), (east, north) = (axes.transAxes.transform(corner) for corner in _SCALE_CORNER)
    seen = shapely.box(*_corners(axes))
    labels = MapLabels(axes, scene.perimeters.geometry, [(west, south, east, north)])
    left_out = False
    for row in rows:
        shape = shapely.intersection(scene.perimeters.geometry[row], seen)
        if shape.is_empty:
            continue
        line = sums.get(scene.perimeters.codes[row])
        told = [_plain(scene.perimeters.names[row])]
        if line is not None:
            told.append(scene.caption.amount_of(line))
        left_out |= not labels.write("\n".join(told), shape)
    return [f"{msg.maps.LABELS}. {msg.maps.UNLABELLED}" if left_out else f"{msg.maps.LABELS}."] if drawn else []


def _by_sum(line: Line | None) -> tuple[bool, bool, Decimal]:
    amount = None if line is None else line.amount
    return line is None, amount is None, -(amount or Decimal(0))


def _corners(axes: Axes) -> tuple[float, float, float, float]:
    """Return the limits of the map in degrees: west, south, east, north."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return west, south, east, north


def _balance(axes: Axes, scene: Scene) -> list[str]:
    """Return the sums of the perimeters and of every other line, which add up to the total, and what is out of view."""
    drawn, others = split_lines(scene.perimeters, scene.placing)
    others.sort(key=lambda line: abs(line.amount or Decimal(0)), reverse=True)
    listed, rest = others[:_MOST_LINES], others[_MOST_LINES:]
    told = [msg.maps.in_perimeters(msg.maps.euros(total(line.amount for line in drawn)))] if drawn else []
    told += [msg.maps.beside_picture(line.label, msg.maps.euros(line.amount), line.count) for line in listed]
    if rest:
        told.append(msg.maps.other_lines(len(rest), msg.maps.euros(total(line.amount for line in rest))))
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    hidden = beyond([[south, west], [north, east]], marked(scene.perimeters, scene.placing, scene.judged))
    if hidden:
        told.append(msg.maps.out_of_sight(msg.maps.euros(total(part.amount for part in hidden)), count_of(hidden)))
    return told


def _money(scene: Scene) -> list[Artist]:
    if not scene.classes.bounds:
        return []
    entries = legend.money_entries(scene.classes)
    classes = [Patch(facecolor=one["colour"], edgecolor=palette.OUTLINE, label=one["label"]) for one in entries]
    return [_heading(scene.caption.money_title), *classes]


def _heading(text: str) -> Artist:
    return Line2D([], [], linestyle="", label=text)


def _fill(axes: Axes, geometry: Iterable[Any], layer_id: str, colour: str | None = None, **more: AnyValue) -> None:
    style = areas.STYLES[layer_id]
    drawn = PathCollection(
        [_outline(shape) for shape in geometry],
        facecolor=colour or style.get("fillColor", "none"),
        edgecolor=_edge(layer_id),
        linewidth=0 if layer_id in _HATCHES else style["weight"] * 0.6,
        linestyle="--" if "dashArray" in style else "-",
        alpha=0.85 if layer_id in _HATCHES else None,
        **more,
    )
    axes.add_collection(drawn, autolim=False)


def _edge(layer_id: str) -> str:
    """Return the colour of an outline and of its hatches: white on hatched layers."""
    return "white" if layer_id in _HATCHES else str(areas.STYLES[layer_id]["color"])


def _outline(shape: Geometry) -> Outline:
    """Return a polygon as a matplotlib path, with its holes."""
    rings = [ring for part in shapely.get_parts(shapely.normalize(shape)) for ring in (part.exterior, *part.interiors)]
    return Outline.make_compound_path(*(Outline(shapely.get_coordinates(ring), closed=True) for ring in rings))


def _handle(layer_id: str, label: str) -> Patch:
    style = areas.STYLES[layer_id]
    return Patch(
        facecolor=style["fillColor"] if layer_id in _HATCHES else "none",
        edgecolor=_edge(layer_id),
        linestyle="--" if "dashArray" in style else "-",
        hatch=_HATCHES.get(layer_id),
        label=_plain(label),
    )


def _finish(  # noqa: PLR0913 - all that is around a map
    figure: Figure,
    axes: Axes,
    handles: list[Artist],
    facts: Iterable[str],
    sources: Iterable[str],
    *,
    sizes: list[Artist] | None = None,
) -> None:
    """Add the legend, the legend of sizes below it, the facts, the scale bar and the sources."""
    found = _legend(figure, handles, 0.93, msg.maps.CONTROLS["legend"])
    if sizes:
        under = found.get_window_extent().transformed(figure.transFigure.inverted()).y0
        _legend(figure, sizes, under, msg.maps.CIRCLES, labelspacing=1.6).get_title().set(**FONT)
    figure.text(0.695, 0.12, _wrapped(facts, 44), va="bottom", **FONT)
    told = _wrapped(sources, 150)
    figure.text(0.02, 0.02, told, va="bottom", color="#52606d", family=FONT["family"], size=6.5)
    _raise_above(axes, 0.03 + _LINE * (told.count("\n") + 1))
    _scale_bar(axes)


def _raise_above(axes: Axes, bottom: float) -> None:
    """Shrink a map so that it ends above a share of the picture's height, without changing its proportions."""
    left, lowest, width, height = _MAP_BOX
    if bottom > lowest:
        less = (lowest + height - bottom) / height
        axes.set_position((left, bottom, width * less, height * less))


def _legend(figure: Figure, handles: list[Artist], top: float, title: str, **more: AnyValue) -> Legend:
    """Add a legend to the right of the map, below `top`, a share of the picture's height."""
    return figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.69, top),
        frameon=False,
        prop=FONT,
        title=title,
        alignment="left",
        **more,
    )


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


def _wrapped(lines: Iterable[str], width: int) -> str:
    return "\n".join(fill(_plain(line), width, break_on_hyphens=False) for line in lines)


def _plain(text: str) -> str:
    """Escape a text so that matplotlib sees no formula in it."""
    return text.replace("$", r"\$")
