"""Perimeters, pieces and sites as the layers of polygons of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.maps import palette
from qpv_geo.maps.shapes import simplified, to_geojson
from qpv_geo.perimeters.names import aliases_of
from qpv_geo.perimeters.registry import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qpv_geo.perimeters.diff_model import Piece
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.untyped import Geometry

    AreaPart = tuple[str | float | None, ...]
    """A project of a perimeter: its id, its cents there and, on a map of euros per inhabitant, its inhabitants."""

CURRENT, FORMER, ADDED, REMOVED, SITES, MONEY = "current", "former", "added", "removed", "sites", "money"
NOT_COMPARABLE = "not_comparable"
CHANGES = (ADDED, REMOVED, NOT_COMPARABLE)
"""Layers that a redraw adds to a map of perimeters."""

STYLES: dict[str, dict[str, Any]] = {
    CURRENT: {"color": palette.OUTLINE, "weight": 1.5, "fillColor": palette.NO_AMOUNT, "fillOpacity": 0.15},
    FORMER: {"color": palette.FORMER, "weight": 2, "dashArray": "6 4", "fillOpacity": 0.03},
    ADDED: {"color": palette.ADDED, "weight": 1, "fillColor": palette.ADDED, "fillOpacity": 0.6},
    REMOVED: {
        "color": palette.REMOVED,
        "weight": 1.5,
        "dashArray": "3 3",
        "fillColor": palette.REMOVED,
        "fillOpacity": 0.6,
    },
    NOT_COMPARABLE: {
        "color": palette.NOT_COMPARABLE,
        "weight": 1.5,
        "dashArray": "1 4",
        "fillColor": palette.NOT_COMPARABLE_FILL,
        "fillOpacity": 0.7,
    },
    SITES: {"color": palette.SEVERAL_THEMES, "weight": 2, "fillOpacity": 0.25},
}
"""How Leaflet draws each layer of polygons."""


def layer(layer_id: str, name: str, features: list[dict[str, Any]], *, searched: bool = False) -> dict[str, Any]:
    """Return a layer of polygons; with `searched`, its features can be found by name."""
    return {"id": layer_id, "name": name, "style": STYLES[layer_id], "features": features, "searched": searched}


def perimeter_features(  # noqa: PLR0913 - options by keyword
    perimeters: PerimeterSet,
    rows: Sequence[int],
    tolerance_m: float,
    *,
    facts: Mapping[str, list[tuple[str, str]]] | None = None,
    fills: Mapping[str, str] | None = None,
    parts: Mapping[str, list[AreaPart]] | None = None,
) -> list[dict[str, Any]]:
    """Return some perimeters of a set as GeoJSON features.

    Parameters
    ----------
    facts
        Popup lines of a perimeter after its code, as (label, value), by code.
    fills
        Colour of a choropleth, by code.
    parts
        Projects of a perimeter, by code.
    """
    shapes = simplified(perimeters.geometry[list(rows)], tolerance_m)
    known = registry().aliases
    return [
        feature(
            shape,
            perimeters.names[row],
            [(msg.maps.FIELDS["code"], perimeters.codes[row]), *(facts or {}).get(perimeters.codes[row], [])],
            fill=(fills or {}).get(perimeters.codes[row]),
            also=aliases_of(perimeters.codes[row], known),
            parts=(parts or {}).get(perimeters.codes[row], ()),
        )
        for row, shape in zip(rows, shapes, strict=True)
    ]


def piece_features(pieces: Iterable[Piece], change: str) -> list[dict[str, Any]]:
    """Return the pieces added, or removed, as GeoJSON features; they are small and not simplified."""
    return [
        feature(
            simplified([piece.geometry], 0.0)[0],
            msg.maps.named(piece.name, piece.code),
            [
                (msg.maps.FIELDS["change"], msg.maps.CHANGE[piece.change]),
                (msg.maps.FIELDS["area"], msg.maps.square_metres(piece.area_m2)),
            ],
        )
        for piece in pieces
        if piece.change == change
    ]


def feature(  # noqa: PLR0913 - options by keyword
    shape: Geometry,
    title: str,
    lines: Sequence[tuple[str, str]],
    *,
    fill: str | None = None,
    also: Sequence[str] = (),
    parts: Sequence[AreaPart] = (),
) -> dict[str, Any]:
    """Return a GeoJSON feature with the content of its popup; `also` lists other names, `parts` its projects."""
    told: dict[str, Any] = {"title": title, "lines": lines}
    if fill is not None:
        told["fill"] = fill
    if also:
        told["also"] = also
    if parts:
        told["parts"] = parts
    return {"type": "Feature", "properties": told, "geometry": to_geojson(shape)}
