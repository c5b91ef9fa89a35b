"""The addresses installed on this machine in a box, to draw streets without the network."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qpv_geo.geocoding.resolve import geocoder_of

if TYPE_CHECKING:
    from qpv_geo.geocoding.protocol import Candidate
    from qpv_geo.settings import Settings

Box = tuple[float, float, float, float]
"""West, south, east and north, degrees (WGS84)."""


def addresses_within(settings: Settings, box: Box, *, limit: int) -> list[Candidate]:
    """Return the house numbers of the installed indexes in a box of a few kilometres, nearest to its centre first."""
    indexes = geocoder_of(settings, offline=True).indexes
    found = {one.id: one for index in indexes if not index.is_partial for one in index.within(box, limit=limit)}
    west, south, east, north = box
    centre = (west + east) / 2, (south + north) / 2
    return sorted(found.values(), key=lambda one: math.dist(centre, (one.lon, one.lat)))[:limit]
