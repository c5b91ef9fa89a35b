"""Marks of projects: a circle at a position, or a label on a perimeter with the sum of the projects placed there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.maps import palette
from qpv_geo.maps.areas import feature
from qpv_geo.maps.legend import theme_name
from qpv_geo.maps.placing import Part
from qpv_geo.maps.shapes import DECIMALS, inner_point, simplified
from qpv_geo.model import Kind
from qpv_geo.projects.amounts import to_cents

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from qpv_geo.maps.placing import Gathering, Placing
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects import Project
    from qpv_geo.projects.judged import Judged
    from qpv_geo.untyped import Geometry

LOCATED, GATHERED = "located", "gathered"

_LEAST_RADIUS_PX, _MOST_RADIUS_PX = 5.0, 20.0
_SITE_TOLERANCE_M = 1.0


def layers(
    placing: Placing, judged: Mapping[str, Judged], perimeters: PerimeterSet, colours: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the two layers of marks as ``assets/layers.js`` reads them."""
    most = max((one.amount for one in placing.located if one.amount is not None), default=None)
    circles = [_circle(one, judged[one.id], most, colours) for one in placing.located]
    where = dict(zip(perimeters.codes, perimeters.geometry, strict=True))
    wholes = {line.code: line.amount for line in placing.by_perimeter.lines}
    labels = [_label(one, where[str(one.code)], wholes.get(one.code), colours) for one in placing.gathered]
    return [
        {"id": LOCATED, "name": msg.maps.LAYER_LOCATED, "marks": circles},
        {"id": GATHERED, "name": msg.maps.LAYER_GATHERED, "marks": labels},
    ]


def radius_px(amount: Decimal | None, most: Decimal | None) -> float:
    """Return a radius growing with the square root of an amount; the smallest for no amount, zero or a refund."""
    if amount is None or most is None or amount <= 0 or most <= 0:
        return _LEAST_RADIUS_PX
    return round(_LEAST_RADIUS_PX + (_MOST_RADIUS_PX - _LEAST_RADIUS_PX) * math.sqrt(amount / most), 1)


def told(part: Part, judged: Judged | None) -> dict[str, Any]:
    """Return the title of a project, the lines of its popup and other names it can be found by."""
    project = part.project
    whole = project.amount
    amount = msg.maps.euros(part.amount)
    if whole is not None and part.amount != whole:
        amount = msg.maps.part_of(amount, msg.maps.euros(whole))
    place = project.placement
    names = ", ".join((*place.neighbourhoods, *([place.everywhere] if place.everywhere else []), *place.codes))
    lines = {
        "amount": amount,
        "lead": project.lead,
        "scheme": project.scheme,
        "year": None if project.year is None else str(project.year),
        "theme": theme_name(project.themes),
        "neighbourhood": names or None,
        **_verdict(judged),
    }
    found: dict[str, Any] = {
        "id": project.id,
        "cents": None if part.amount is None else to_cents(part.amount),
        "title": project.title,
        "lines": [(msg.maps.FIELDS[key], text) for key, text in lines.items() if text],
    }
    if place.neighbourhoods:
        found["also"] = place.neighbourhoods
    return found


def themes_of(gathering: Gathering) -> frozenset[str]:
    """Return the themes of some projects together."""
    return frozenset(theme for part in gathering.parts for theme in part.project.themes)


def site_features(located: Sequence[Project]) -> list[dict[str, Any]]:
    """Return the sites of projects as GeoJSON features."""
    return [
        feature(
            simplified([one.placement.site], _SITE_TOLERANCE_M)[0],
            one.title,
            [(msg.maps.FIELDS["amount"], msg.maps.euros(one.amount))],
        )
        for one in located
        if one.placement.site is not None
    ]


def _circle(project: Project, judged: Judged, most: Decimal | None, colours: Mapping[str, str]) -> dict[str, Any]:
    return {
        **told(Part(project, project.amount), judged),
        "at": [round(judged.lat or 0.0, DECIMALS), round(judged.lon or 0.0, DECIMALS)],
        "radius": radius_px(project.amount, most),
        "colour": palette.theme_colour(project.themes, colours),
    }


def _label(
    gathering: Gathering, perimeter: Geometry, whole: Decimal | None, colours: Mapping[str, str]
) -> dict[str, Any]:
    """Return the label of projects placed on a perimeter, with the sum of the perimeter if it differs."""
    amount, lines = (
        msg.maps.euros(gathering.amount),
        [(msg.maps.FIELDS["amount"], msg.maps.euros(gathering.amount))],
    )
    if whole != gathering.amount:
        lines = [
            (msg.maps.FIELDS["gathered"], amount),
            (msg.maps.FIELDS["whole"], msg.maps.euros(whole)),
        ]
        amount = msg.maps.part_of(amount, msg.maps.euros(whole))
    lon, lat = inner_point(perimeter)
    themes = themes_of(gathering)
    return {
        "title": msg.maps.named(gathering.label, str(gathering.code)),
        "lines": lines,
        "note": msg.maps.BY_NEIGHBOURHOOD,
        "projects": [told(part, None) for part in gathering.parts],
        "at": [lat, lon],
        "label": amount,
        "whole": None if whole is None or whole == gathering.amount else msg.maps.euros(whole),
        "colour": palette.theme_colour(themes, colours),
    }


def _verdict(judged: Judged | None) -> dict[str, str | None]:
    if judged is not None and judged.why is not None:
        return {"verdict": judged.why}
    if judged is None or judged.status is None or judged.reason is None:
        return {"verdict": msg.maps.NOT_CHECKED}
    name = ", ".join(msg.maps.named(one.name, one.code) for one in judged.held) or None
    distance = None if judged.distance_m is None else msg.maps.metres(judged.distance_m)
    words = msg.maps.STATUS if judged.kinds == (Kind.QPV,) else msg.maps.STATUS_ELSEWHERE
    return {
        "verdict": msg.maps.verdict(words[judged.status], name),
        "reason": msg.maps.reason(msg.maps.REASON[judged.reason], distance),
    }
