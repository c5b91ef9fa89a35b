"""What a text names that is no address, as it was found: a quartier, a place without a published position, a plot."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import shapely

from qpv_geo.errors import SiteError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from qpv_geo.untyped import AnyValue


class NamedKind(StrEnum):
    """What is named."""

    QUARTIER = "quartier"
    """A perimeter, by its code, its label or a local name: which one is told on the day of the question."""
    PLACE = "place"
    """A place that a town names without publishing where it is."""
    PLOT = "plot"
    """A cadastral plot."""


@dataclass(frozen=True)
class NamedPlace:
    """What a text names, with all that had to be asked of somebody about it.

    Attributes
    ----------
    plots
        The identifiers of the plots that it may mean; none where its commune is not known.
    surface
        The surface of the one plot, degrees, where a service knows it.
    source
        Who gave the surface.
    """

    kind: NamedKind
    plots: tuple[str, ...] = ()
    surface: BaseGeometry | None = None
    source: str = ""


def named_to_json(named: NamedPlace) -> dict[str, Any]:
    """Return it as JSON keeps it, but for the surface."""
    plots = {"plots": list(named.plots), "source": named.source} if named.kind is NamedKind.PLOT else {}
    return {"kind": named.kind.value, **plots}


def surface_to_json(surface: BaseGeometry) -> dict[str, Any]:
    """Return a surface as a GeoJSON geometry."""
    document: dict[str, Any] = json.loads(shapely.to_geojson(surface))
    return document


def named_from_json(document: AnyValue, site: AnyValue) -> NamedPlace:
    """Return what `named_to_json` and `surface_to_json` made a document of.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        They did not.
    """
    kind = NamedKind(document["kind"])
    if kind is not NamedKind.PLOT:
        return NamedPlace(kind)
    plots = tuple(map(str, document["plots"]))
    return NamedPlace(kind, plots, None if site is None else _surface(site), str(document["source"]))


def _surface(site: AnyValue) -> BaseGeometry:
    try:
        surface: BaseGeometry = shapely.from_geojson(json.dumps(site))
    except shapely.errors.ShapelyError as error:
        raise ValueError(site) from error
    if surface.is_empty or not surface.is_valid:
        raise SiteError(str(site)[:60])
    return surface
