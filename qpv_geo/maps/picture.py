"""Static picture of a map, for a report: the same perimeters and projects, a legend, a scale bar and the sources."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.maps import areas, frames, legend, marks, palette, shapes
from qpv_geo.maps.diff_map import has_unknown, name_of, rows_of_redraw, source, title_of, totals_line
from qpv_geo.maps.labels import FONT, MapLabels
from qpv_geo.maps.placing import positions
from qpv_geo.maps.projects import sources, split_lines
from qpv_geo.maps.views import TownView, beyond, count_of, marked
from qpv_geo.perimeters.diff_model import Change
from qpv_geo.projects.amounts import total
from qpv_geo.projects.classes import class_colours

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

    from qpv_geo.maps.projects import Scene
    from qpv_geo.perimeters.diff_model import PerimeterDiff
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects.sums import Line
    from qpv_geo.untyped import AnyValue, Geometry

_POINTS_PER_PX = 72 / 96
_MOST_LINES = 4
"""Most lines for sums outside the perimeters of the picture; smaller ones are added up in one line."""
_HATCHES = {areas.ADDED: "////", areas.REMOVED: "xxxx", areas.NOT_COMPARABLE: "...."}
"""Used with the colours, as a picture may be printed in grey."""


def draw_projects(scene: Scene) -> Figure:
    """Draw projects on their perimeters; see `qpv_geo.maps.projects_picture`."""
    figure, every = frames.start(scene.title, scene.towns, [*scene.caption.notes, *sources(scene), msg.maps.NOTICE])
    handles, *_ = [_draw_frame(axes, scene) for axes in every]
    facts = [
        msg.maps.totals(
            len(scene.projects.projects), msg.maps.euros(scene.projects.total), len(scene.projects.unpublished)
        ),
        *_balance(every, scene),
        *_draw_labels(every, scene),
    ]
    _finish(figure, handles, facts, sizes=_sizes(scene))
    return figure


def _draw_frame(axes: Axes, scene: Scene) -> list[Artist]:
    """Draw all but the labels on a map, and return its legend."""
    _draw_perimeters(axes, scene)
    handles: list[Artist] = [_handle(areas.CURRENT, msg.maps.layer_perimeters(name_of(scene.perimeters.dataset)))]
    if scene.redraw is not None and scene.earlier is not None:
        handles += _draw_unknown(axes, scene.redraw, scene.earlier, scene.perimeters)
        handles += _draw_redraw(axes, scene.redraw, scene.earlier.geometry, name_of(scene.earlier.dataset))
    return [*handles, *_money(scene), *_draw_circles(axes, scene)]


def draw_redraw(redraw: PerimeterDiff, before: PerimeterSet, after: PerimeterSet) -> Figure:
    """Draw what a redraw added and removed; see `qpv_geo.maps.redraw_picture`."""
    former, present = rows_of_redraw(redraw, before, after)
    geometry = np.concatenate([before.geometry[former], after.geometry[present]])
    if not len(geometry):
        raise InputError(msg.maps.nothing_to_show())
    told = [source(before), source(after), msg.maps.NOTICE]
    figure, [axes] = frames.start(title_of(redraw, before, after), [TownView("", shapes.bounds(geometry))], told)
    _fill(axes, after.geometry[present], areas.CURRENT)
    handles: list[Artist] = [_handle(areas.CURRENT, msg.maps.layer_perimeters(name_of(after.dataset)))]
    handles += _draw_unknown(axes, redraw, before, after)
    handles += _draw_redraw(axes, redraw, before.geometry[former], name_of(before.dataset))
    _finish(figure, handles, [totals_line(redraw)])
    return figure


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


def _draw_labels(every: Sequence[Axes], scene: Scene) -> list[str]:
    """Write the name and the full sum of perimeters beside them on each map; return the note about these labels."""
    left_out = [_label(axes, scene) for axes in every]
    if not split_lines(scene.perimeters, scene.placing)[0]:
        return []
    return [f"{msg.maps.LABELS}. {msg.maps.UNLABELLED}" if any(left_out) else f"{msg.maps.LABELS}."]


def _label(axes: Axes, scene: Scene) -> bool:
    """Label the perimeters in view, the largest sums first; tell whether one was left out for want of room."""
    drawn, _ = split_lines(scene.perimeters, scene.placing)
    sums = {line.code: line for line in drawn}
    rows = sorted(range(len(scene.perimeters)), key=lambda row: _by_sum(sums.get(scene.perimeters.codes[row])))
    (west, south), (east, north) = (axes.transAxes.transform(corner) for corner in frames.SCALE_CORNER)
    seen = shapely.box(*_corners(axes))
    labels = MapLabels(axes, scene.perimeters.geometry, [(west, south, east, north)])
    left_out = False
    for row in rows:
        shape = shapely.intersection(scene.perimeters.geometry[row], seen)
        if shape.is_empty:
            continue
        line = sums.get(scene.perimeters.codes[row])
        told = [frames.plain(scene.perimeters.names[row])]
        if line is not None:
            told.append(scene.caption.amount_of(line))
        left_out |= not labels.write("\n".join(told), shape)
    return left_out


def _by_sum(line: Line | None) -> tuple[bool, bool, Decimal]:
    amount = None if line is None else line.amount
    return line is None, amount is None, -(amount or Decimal(0))


def _corners(axes: Axes) -> tuple[float, float, float, float]:
    """Return the limits of the map in degrees: west, south, east, north."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return west, south, east, north


def _balance(every: Iterable[Axes], scene: Scene) -> list[str]:
    """Return the sums of the perimeters and of every other line, which add up to the total, and what is out of view."""
    drawn, others = split_lines(scene.perimeters, scene.placing)
    others.sort(key=lambda line: abs(line.amount or Decimal(0)), reverse=True)
    listed, rest = others[:_MOST_LINES], others[_MOST_LINES:]
    told = [msg.maps.in_perimeters(msg.maps.euros(total(line.amount for line in drawn)))] if drawn else []
    told += [msg.maps.beside_picture(line.label, msg.maps.euros(line.amount), line.count) for line in listed]
    if rest:
        told.append(msg.maps.other_lines(len(rest), msg.maps.euros(total(line.amount for line in rest))))
    hidden = beyond(map(frames.seen_in, every), marked(scene.perimeters, scene.placing, scene.judged))
    if hidden:
        told.append(msg.maps.out_of_sight(msg.maps.euros(total(part.amount for part in hidden)), count_of(hidden)))
    return told


def _money(scene: Scene) -> list[Artist]:
    if not scene.classes.bounds:
        return []
    entries = legend.money_entries(scene.classes, scene.caption.nothing)
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
        label=frames.plain(label),
    )


def _finish(figure: Figure, handles: list[Artist], facts: Iterable[str], *, sizes: list[Artist] | None = None) -> None:
    """Add the legend, the legend of sizes below it, and the facts."""
    found = _legend(figure, handles, 0.93, msg.maps.CONTROLS["legend"])
    if sizes:
        under = found.get_window_extent().transformed(figure.transFigure.inverted()).y0
        _legend(
            figure, sizes, under, msg.maps.CIRCLES, labelspacing=1.6, handlelength=3, handletextpad=1.4
        ).get_title().set(**FONT)
    figure.text(0.695, 0.12, frames.wrapped(facts, 44), va="bottom", **FONT)


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
