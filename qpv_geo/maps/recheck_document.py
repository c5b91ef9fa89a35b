"""The map of a recheck: a mark for each check that changed, coloured by how, on the perimeters in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.maps import areas, palette, shapes
from qpv_geo.maps.diff_map import name_of, source
from qpv_geo.maps.legend import area_entry
from qpv_geo.register.changes import AnswerChange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.register.recheck import Changed, RecheckReport

COLOURS = {
    AnswerChange.ENTERING: palette.ADDED,
    AnswerChange.LEAVING: palette.REMOVED,
    AnswerChange.MOVED: "#cc79a7",
    AnswerChange.BECAME_UNCERTAIN: "#e69f00",
    AnswerChange.BECAME_FIRM: "#009e73",
    AnswerChange.LOCATED: "#56b4e9",
    AnswerChange.SCHEME: "#000000",
    AnswerChange.DISTANCE: "#5f6670",
    AnswerChange.FAILED: "#f0e442",
}
"""Okabe and Ito (2008), as `qpv_geo.maps.palette`."""
_RADIUS_PX = 7.0
_AROUND_DEG = 0.02
"""Around the marks: perimeters that far are drawn, in degrees; for showing only."""


def recheck_document(report: RecheckReport, perimeters: Sequence[PerimeterSet]) -> dict[str, Any]:
    """Return the document of the page of a recheck.

    Parameters
    ----------
    perimeters
        The sets to draw, such as those before and after a redraw, the last one as current.

    Raises
    ------
    InputError
        No check that changed has a position.
    """
    placed = [(one, _point(one)) for one in report.changed]
    marks = [(one, point) for one, point in placed if point is not None]
    if not marks:
        raise InputError(msg.register.nothing_to_map())
    points = np.array([shapely.Point(point) for _, point in marks], dtype=object)
    around = shapely.box(*shapely.buffer(shapely.multipoints(list(points)), _AROUND_DEG).bounds)
    layers = [_perimeters(one, around, k == len(perimeters) - 1) for k, one in enumerate(perimeters)]
    return {
        "title": msg.register.MAP_TITLE,
        "facts": [msg.register.counted(report.counts)],
        "bounds": shapes.bounds(shapely.buffer(points, _AROUND_DEG / 10)),
        "groups": [
            {"name": msg.maps.PERIMETERS, "layers": [one["id"] for one in layers]},
            {"name": msg.register.SHEET_RECHECK, "layers": [str(change) for change in COLOURS]},
        ],
        "areas": layers,
        "marks": [_marks(change, marks) for change in COLOURS],
        "labels": msg.register.MAP_LABELS,
        "legend": [
            {"title": None, "entries": [*_legend(report), *(area_entry(one["id"], one["name"]) for one in layers)]}
        ],
        "lists": [_without_point([one for one, point in placed if point is None])],
        "notes": [msg.maps.NOTICE],
        "sources": [source(one) for one in perimeters],
    }


def _perimeters(one: PerimeterSet, around: Any, current: bool) -> dict[str, Any]:  # noqa: ANN401, FBT001
    rows = np.flatnonzero(shapely.intersects(one.geometry, around)).tolist()
    features = areas.perimeter_features(one, rows, shapes.tolerance_for(one.geometry)) if rows else []
    layer_id = areas.CURRENT if current else areas.FORMER
    return areas.layer(layer_id, msg.maps.layer_perimeters(name_of(one.dataset)), features, searched=True)


def _marks(change: AnswerChange, marks: Sequence[tuple[Changed, tuple[float, float]]]) -> dict[str, Any]:
    """Return the layer of a change; that of mere distances, the most numerous, is shown on request."""
    mine = [_mark(one, point) for one, point in marks if one.change is change]
    hidden = change is AnswerChange.DISTANCE and any(one.change is not change for one, _ in marks)
    return {"id": str(change), "name": msg.register.CHANGE[change], "marks": mine, "hidden": hidden}


def _legend(report: RecheckReport) -> list[dict[str, Any]]:
    found = {one.change for one in report.changed}
    return [
        {"mark": "circle", "colour": colour, "label": msg.register.CHANGE[change]}
        for change, colour in COLOURS.items()
        if change in found
    ]


def _mark(one: Changed, point: tuple[float, float]) -> dict[str, Any]:
    lon, lat = point
    at = [round(lat, shapes.DECIMALS), round(lon, shapes.DECIMALS)]
    return {**_told(one), "at": at, "radius": _RADIUS_PX, "colour": COLOURS[one.change]}


def _told(one: Changed) -> dict[str, Any]:
    content = one.case.check.document
    case = content.get("case")
    location = content["record"]["location"]
    title = location["asked"] or location["label"] or msg.register.check(one.case.check.sequence)
    lines = [
        (msg.register.CHANGE_LABEL, msg.register.CHANGE[one.change]),
        (msg.register.CASE_LABEL, case),
        (msg.register.BEFORE, msg.register.answer(one.before.status, one.before.name, one.before.distance_m)),
        (msg.register.AFTER, msg.register.answer(one.after.status, one.after.name, one.after.distance_m)),
        (
            msg.register.DECIDED_LABEL,
            None if one.case.decision is None else msg.register.status(one.case.decision.status),
        ),
    ]
    found: dict[str, Any] = {"title": title, "lines": [line for line in lines if line[1]]}
    return found | ({"also": [case]} if case else {})


def _without_point(changed: Sequence[Changed]) -> dict[str, Any]:
    told = [_told(one) for one in changed]
    items = [{"title": one["title"], "lines": [text for _, text in one["lines"]]} for one in told]
    return {"title": msg.register.NOT_ON_MAP, "items": items}


def _point(one: Changed) -> tuple[float, float] | None:
    location = one.case.check.document["record"]["location"]
    return None if location["lon"] is None or location["lat"] is None else (location["lon"], location["lat"])
