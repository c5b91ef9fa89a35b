"""The legends of both kinds of maps: what each colour and mark stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.maps import areas, palette

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from qpv_geo.maps.classes import Classes
    from qpv_geo.projects import Theme


def redraw_legend(before: str, after: str | None, *, unknown: bool = False) -> list[dict[str, Any]]:
    """Return the legend of a redraw; `after` is None if another legend has the current perimeters.

    Parameters
    ----------
    unknown
        Whether to include perimeters that could not be compared.
    """
    entries = [_area(areas.FORMER, msg.maps.layer_perimeters(before))]
    if after is not None:
        entries.append(_area(areas.CURRENT, msg.maps.layer_perimeters(after)))
    entries += [_area(areas.ADDED, msg.maps.LAYER_ADDED), _area(areas.REMOVED, msg.maps.LAYER_REMOVED)]
    if unknown:
        entries.append(_area(areas.NOT_COMPARABLE, msg.maps.LAYER_NOT_COMPARABLE))
    return [{"title": None, "entries": entries}]


def perimeters_legend(dataset: str, classes: Classes) -> list[dict[str, Any]]:
    """Return the legend of perimeters and of their amounts."""
    outline = {"title": None, "entries": [_area(areas.CURRENT, msg.maps.layer_perimeters(dataset))]}
    return (
        [outline, {"title": msg.maps.LEGEND_MONEY, "entries": money_entries(classes)}] if classes.bounds else [outline]
    )


def marks_legend(themes: Collection[Theme | None], *, circles: bool, labels: bool) -> dict[str, Any]:
    """Return the legend of project marks: the themes present, and the kinds of marks."""
    entries = [
        {"mark": "circle", "colour": colour, "label": theme_name(theme)}
        for theme, colour in palette.THEMES.items()
        if theme in themes
    ]
    if labels and len(themes) > 1:
        entries.append({"mark": "circle", "colour": palette.SEVERAL_THEMES, "label": msg.maps.SEVERAL_THEMES})
    if circles:
        entries.append({"mark": "sizes", "colour": palette.THEMES[None], "label": msg.maps.LEGEND_SIZE})
    if labels:
        entries.append({"mark": "pill", "colour": palette.SEVERAL_THEMES, "label": msg.maps.LEGEND_GATHERED})
    entries.append({"mark": "cluster", "colour": palette.SEVERAL_THEMES, "label": msg.maps.LEGEND_CLUSTER})
    return {"title": msg.maps.LEGEND_THEMES, "entries": entries}


def money_entries(classes: Classes) -> list[dict[str, Any]]:
    """Return the entries of the amount classes, smallest first, then that of no amount."""
    colours = class_colours(classes)
    lows = (None, *classes.bounds)
    steps = [
        {"mark": "fill", "colour": colour, "label": msg.maps.money_class(low, high)}
        for colour, low, high in zip(colours, lows, classes.bounds, strict=False)
    ]
    return [*steps, {"mark": "fill", "colour": palette.NO_AMOUNT, "label": msg.maps.NO_MONEY}]


def class_colours(classes: Classes) -> Sequence[str]:
    """Return one colour per class, spread over the palette, darkest for the largest amounts; refunds have their own."""
    refunds = [palette.REFUND] if classes.bounds and classes.bounds[0] < 0 else []
    count = len(classes.bounds) - len(refunds)
    last, gaps = len(palette.AMOUNTS) - 1, max(count - 1, 1)
    return refunds + [palette.AMOUNTS[last - round(k * last / gaps)] for k in reversed(range(count))]


def theme_name(theme: Theme | None) -> str:
    """Return the name of a theme, or that it is not stated."""
    return msg.maps.NO_THEME if theme is None else theme.value


def _area(layer_id: str, label: str) -> dict[str, Any]:
    style = areas.STYLES[layer_id]
    filled = style.get("fillColor") if layer_id in areas.CHANGES else None
    return {"mark": "area", "colour": style["color"], "fill": filled, "dashed": "dashArray" in style, "label": label}
