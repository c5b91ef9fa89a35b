"""Locations of projects: from the table, or found by the caller for an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.model import Location

if TYPE_CHECKING:
    from collections.abc import Callable

    from qpv_geo.projects.model import Placement, Projects


def locations(projects: Projects, locate: Callable[[str], Location | None] | None = None) -> dict[str, Location]:
    """Return the locations of projects, by id.

    A project placed by perimeter or neighbourhood, or not at all, is left out.

    Parameters
    ----------
    locate
        Locates an address, or returns None. Without it, addresses are not located.

    Returns
    -------
    locations
        For a site, a point inside it, of type ``site``.
    """
    found = {project.id: _location(project.placement, locate) for project in projects.projects}
    return {project: location for project, location in found.items() if location is not None}


def _location(place: Placement, locate: Callable[[str], Location | None] | None) -> Location | None:
    if place.site is not None:
        inner = place.site.point_on_surface()
        return Location(inner.x, inner.y, type="site")
    if place.lon is not None and place.lat is not None:
        return Location(place.lon, place.lat)
    return locate(place.address) if locate is not None and place.address is not None else None
