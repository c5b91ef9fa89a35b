"""The legends of both kinds of maps: what each colour and mark stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.maps import areas, palette
from qpv_geo.messages.typography import joined
from qpv_geo.projects.classes import class_colours

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from qpv_geo.projects.classes import Classes


_OTHER_MARKS = {
    palette.OTHER_THEMES: msg.maps.OTHER_THEMES,
    palette.SEVERAL_THEMES: msg.maps.SEVERAL_THEMES,
    palette.NO_THEME: msg.maps.NO_THEME,
}


def redraw_legend(before: str, after: str | None, *, unknown: bool = False) -> list[dict[str, Any]]:
    """Return the legend of a redraw; `after` is None if another legend has the current perimeters.

    Parameters
    ----------
    unknown
        Whether to include perimeters that could not be compared.
    """
    entries = [area_entry(areas.FORMER, msg.maps.layer_perimeters(before))]
    if after is not None:
        entries.append(area_entry(areas.CURRENT, msg.maps.layer_perimeters(after)))
    entries += [area_entry(areas.ADDED, msg.maps.LAYER_ADDED), area_entry(areas.REMOVED, msg.maps.LAYER_REMOVED)]
    if unknown:
        entries.append(area_entry(areas.NOT_COMPARABLE, msg.maps.LAYER_NOT_COMPARABLE))
    return [{"title": None, "entries": entries}]


def perimeters_legend(dataset: str, classes: Classes, title: str, nothing: str) -> list[dict[str, Any]]:
    """Return the legend of perimeters and of their amounts, under a title; `nothing` is said where there is none."""
    outline = {"title": None, "entries": [area_entry(areas.CURRENT, msg.maps.layer_perimeters(dataset))]}
    return [outline, {"title": title, "entries": money_entries(classes, nothing)}] if classes.bounds else [outline]


def marks_legend(themes: Iterable[tuple[str, str]], *, circles: bool, labels: bool) -> dict[str, Any]:
    """Return the legend of project marks: the themes present, each with its colour, and the kinds of marks."""
    entries = [{"mark": "circle", "colour": colour, "label": label} for label, colour in themes]
    if circles:
        entries.append({"mark": "sizes", "colour": palette.NO_THEME, "label": msg.maps.LEGEND_SIZE})
    if labels:
        entries.append({"mark": "pill", "colour": palette.SEVERAL_THEMES, "label": msg.maps.LEGEND_GATHERED})
    entries.append({"mark": "cluster", "colour": palette.SEVERAL_THEMES, "label": msg.maps.LEGEND_CLUSTER})
    return {"title": msg.maps.LEGEND_THEMES, "entries": entries}


def money_entries(classes: Classes, nothing: str) -> list[dict[str, Any]]:
    """Return the entries of the amount classes, smallest first, then that of no amount."""
    colours = class_colours(classes)
    lows = (None, *classes.bounds)
    steps = [
        {"mark": "fill", "colour": colour, "label": msg.maps.money_class(low, high)}
        for colour, low, high in zip(colours, lows, classes.bounds, strict=False)
    ]
    return [*steps, {"mark": "fill", "colour": palette.NO_AMOUNT, "label": nothing}]


def theme_entries(drawn: Iterable[Collection[str]], colours: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the label and the colour of the marks of some projects, each given by its themes; or of their sums."""
    used = {palette.theme_colour(themes, colours) for themes in drawn}
    named = [*colours.items(), *((label, colour) for colour, label in _OTHER_MARKS.items())]
    return [(label, colour) for label, colour in named if colour in used]


def theme_name(themes: Collection[str]) -> str:
    """Return the names of the themes of a project, or that none is stated."""
    return joined(themes) or msg.maps.NO_THEME


def area_entry(layer_id: str, label: str) -> dict[str, Any]:
    """Return the line of the legend for a layer of polygons."""
    style = areas.STYLES[layer_id]
    filled = style.get("fillColor") if layer_id in areas.CHANGES else None
    return {"mark": "area", "colour": style["color"], "fill": filled, "dashed": "dashArray" in style, "label": label}
