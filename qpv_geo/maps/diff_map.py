"""The map of a redraw: former and current perimeters, and the parts added and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.maps import areas, shapes
from qpv_geo.maps.legend import redraw_legend
from qpv_geo.perimeters.diff_model import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qpv_geo.model import Dataset
    from qpv_geo.perimeters.diff_model import PerimeterDiff, QuartierChange
    from qpv_geo.perimeters.read import PerimeterSet


def redraw_document(redraw: PerimeterDiff, before: PerimeterSet, after: PerimeterSet) -> dict[str, Any]:
    """Return the document of the page of a redraw; see `qpv_geo.maps.redraw_map`."""
    former, present = rows_of_redraw(redraw, before, after)
    geometry = np.concatenate([before.geometry[former], after.geometry[present]])
    if not len(geometry):
        raise InputError(msg.maps.nothing_to_show())
    tolerance_m = shapes.tolerance_for(geometry)
    return {
        "title": title_of(redraw, before, after),
        "facts": [totals_line(redraw)],
        "bounds": shapes.bounds(geometry),
        "groups": [
            {"name": msg.maps.PERIMETERS, "layers": [areas.FORMER, areas.CURRENT]},
            {"name": msg.maps.REDRAW, "layers": list(areas.CHANGES)},
        ],
        "areas": _layers(redraw, before, after, tolerance_m),
        "legend": redraw_legend(name_of(before.dataset), name_of(after.dataset), unknown=has_unknown(redraw)),
        "lists": [_quartiers(redraw, before, after)],
        "notes": _notes(redraw, tolerance_m),
        "sources": [source(before), source(after)],
    }


def title_of(redraw: PerimeterDiff, before: PerimeterSet, after: PerimeterSet) -> str:
    """Return the title of a redraw."""
    return msg.maps.titled_redraw(name_of(before.dataset), name_of(after.dataset), redraw.commune)


def totals_line(redraw: PerimeterDiff) -> str:
    """Return the line of total areas of a comparison, with the area that could not be compared."""
    totals = redraw.totals
    unknown = msg.maps.hectares(totals.not_comparable_m2) if totals.not_comparable_m2 else None
    if totals.is_unknown and unknown is not None:
        return msg.maps.redraw_not_compared(unknown)
    before, after = msg.maps.hectares(totals.area_before_m2), msg.maps.hectares(totals.area_after_m2)
    return msg.maps.redraw_totals(
        before, after, msg.maps.hectares(totals.added_m2), msg.maps.hectares(totals.removed_m2), unknown
    )


def name_of(dataset: Dataset) -> str:
    """Return the name of a set of perimeters: its generation, or its own id."""
    return dataset.generation or dataset.id


def source(perimeters: PerimeterSet) -> str:
    """Return the source line of a set of perimeters."""
    one = perimeters.dataset
    return msg.maps.source(one.title, one.source, one.edition, one.licence)


def rows_of_redraw(
    redraw: PerimeterDiff, before: PerimeterSet, after: PerimeterSet, *, only: Change | None = None
) -> tuple[list[int], list[int]]:
    """Return the rows of both sets named in a comparison; with `only`, those with that change."""
    kept = [one for one in redraw.quartiers if only is None or one.change is only]
    return (
        _rows(before, {code for one in kept for code in one.codes_before}),
        _rows(after, {code for one in kept for code in one.codes_after}),
    )


def has_unknown(redraw: PerimeterDiff) -> bool:
    """Tell whether some ground could not be compared."""
    return bool(redraw.unknown_pieces) or any(one.change is Change.NOT_COMPARABLE for one in redraw.quartiers)


def change_layers(redraw: PerimeterDiff) -> list[dict[str, Any]]:
    """Return the layers of added and removed pieces."""
    return [
        areas.layer(areas.ADDED, msg.maps.LAYER_ADDED, areas.piece_features(redraw.pieces, areas.ADDED)),
        areas.layer(areas.REMOVED, msg.maps.LAYER_REMOVED, areas.piece_features(redraw.pieces, areas.REMOVED)),
    ]


def unknown_notes(redraw: PerimeterDiff) -> list[str]:
    """Return the note that some areas could not be compared, if any."""
    return [msg.maps.UNKNOWN_CHANGE] if has_unknown(redraw) or redraw.totals.not_comparable_m2 else []


def unknown_layer(
    redraw: PerimeterDiff, before: PerimeterSet, after: PerimeterSet, tolerance_m: float
) -> dict[str, Any]:
    """Return the layer of what could not be compared: whole perimeters, and parts of others."""
    former, present = rows_of_redraw(redraw, before, after, only=Change.NOT_COMPARABLE)
    told = [(msg.maps.FIELDS["change"], msg.maps.CHANGE[Change.NOT_COMPARABLE])]
    features = [
        one
        for perimeters, rows in ((before, former), (after, present))
        for one in areas.perimeter_features(perimeters, rows, tolerance_m, facts=dict.fromkeys(perimeters.codes, told))
    ]
    features += areas.piece_features(redraw.unknown_pieces, areas.NOT_COMPARABLE)
    return areas.layer(areas.NOT_COMPARABLE, msg.maps.LAYER_NOT_COMPARABLE, features)


def _rows(perimeters: PerimeterSet, codes: set[str]) -> list[int]:
    return [row for row, code in enumerate(perimeters.codes) if code in codes]


def _layers(
    redraw: PerimeterDiff, before: PerimeterSet, after: PerimeterSet, tolerance_m: float
) -> list[dict[str, Any]]:
    former, present = rows_of_redraw(redraw, before, after)
    of_former = areas.perimeter_features(before, former, tolerance_m)
    of_present = areas.perimeter_features(after, present, tolerance_m)
    return [
        areas.layer(areas.FORMER, msg.maps.layer_perimeters(name_of(before.dataset)), of_former, searched=True),
        areas.layer(areas.CURRENT, msg.maps.layer_perimeters(name_of(after.dataset)), of_present, searched=True),
        *change_layers(redraw),
        unknown_layer(redraw, before, after, tolerance_m),
    ]


def _quartiers(redraw: PerimeterDiff, before: PerimeterSet, after: PerimeterSet) -> dict[str, Any]:
    box = {
        **dict(zip(before.codes, before.geometry, strict=True)),
        **dict(zip(after.codes, after.geometry, strict=True)),
    }
    return {"title": msg.maps.CHANGES, "items": [_item(one, box) for one in redraw.quartiers]}


def _item(quartier: QuartierChange, geometry: Mapping[str, Any]) -> dict[str, Any]:
    drawn = [geometry[code] for code in (*quartier.codes_before, *quartier.codes_after) if code in geometry]
    areas_of_it = msg.maps.redraw_areas(
        msg.maps.hectares(quartier.area_before_m2), msg.maps.hectares(quartier.area_after_m2)
    )
    lines = [msg.maps.CHANGE[quartier.change], areas_of_it]
    if quartier.smaller_pieces:
        lines.append(
            msg.maps.redraw_smaller(quartier.smaller_pieces, msg.maps.square_metres(quartier.smaller_pieces_m2))
        )
    if quartier.not_comparable_m2 and quartier.change is not Change.NOT_COMPARABLE:
        lines.append(msg.maps.partly_unknown(msg.maps.hectares(quartier.not_comparable_m2)))
    item: dict[str, Any] = {"title": quartier.name, "lines": lines}
    if drawn:
        item["bounds"] = shapes.bounds(np.array(drawn, dtype=object))
    return item


def _notes(redraw: PerimeterDiff, tolerance_m: float) -> list[str]:
    rule = msg.maps.redraw_rule(msg.maps.metres(redraw.sliver_width_m), msg.maps.square_metres(redraw.min_area_m2))
    unattached = [msg.maps.redraw_unattached(redraw.unattached)] if redraw.unattached else []
    return [rule, *unknown_notes(redraw), *unattached, msg.maps.simplified(tolerance_m)]
