"""Labels of perimeters on a picture: beside what they name, over no perimeter and no other label."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib import patheffects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matplotlib.axes import Axes

    from qpv_geo.untyped import Geometry

FONT: dict[str, Any] = {"family": "DejaVu Sans", "size": 8}
HALO = [patheffects.withStroke(linewidth=2.5, foreground="white")]

_AROUND = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))
"""Where a label is tried: above, below, on the right, on the left, then at the corners."""
_STEPS = (1.0, 3.0, 6.0, 10.0)
"""Distances from the perimeter that are tried, in gaps."""
_GAP_POINTS = 4.0
_LEADER: dict[str, Any] = {"color": "#52606d", "linewidth": 0.6, "zorder": 5.5}


@dataclass
class MapLabels:
    """Writes labels on axes in degrees, whose limits are set.

    Parameters
    ----------
    shapes
        Perimeters that no label covers.
    taken
        Boxes in pixels that no label covers: west, south, east, north.
    """

    axes: Axes
    shapes: Iterable[Geometry]
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Convert the perimeters to pixels."""
        drawn = [self._pixels(shape) for shape in self.shapes]
        self._tree = shapely.STRtree(drawn)

    def write(self, text: str, shape: Geometry) -> bool:
        """Write a label beside a perimeter, tied to it by a line if it is apart; tell whether there was room."""
        mine = self._pixels(shape)
        written = self.axes.text(0, 0, text, ha="center", va="center", path_effects=HALO, zorder=6, **FONT)
        size = written.get_window_extent()
        found = next(filter(self._is_free, self._places(mine, size.width, size.height)), None)
        if found is None:
            written.remove()
            return False
        west, south, east, north = found
        middle = self._degrees((west + east) / 2, (south + north) / 2)
        written.set_position(middle)
        self.taken.append(found)
        line = shapely.shortest_line(mine, shapely.box(*found))
        if line.length > self._gap * 2:
            ends = np.array([self._degrees(*point) for point in shapely.get_coordinates(line)])
            self.axes.plot(ends[:, 0], ends[:, 1], **_LEADER)
        return True

    @property
    def _gap(self) -> float:
        return _GAP_POINTS * self.axes.figure.dpi / 72

    def _places(self, shape: Geometry, width: float, height: float) -> Iterator[tuple[float, float, float, float]]:
        west, south, east, north = shape.bounds
        for step in _STEPS:
            apart = step * self._gap
            for right, up in _AROUND:
                x = (west + east) / 2 + right * ((east - west) / 2 + width / 2 + apart)
                y = (south + north) / 2 + up * ((north - south) / 2 + height / 2 + apart)
                yield x - width / 2, y - height / 2, x + width / 2, y + height / 2

    def _is_free(self, box: tuple[float, float, float, float]) -> bool:
        west, south, east, north = box
        edge = self.axes.bbox
        if west < edge.x0 or south < edge.y0 or east > edge.x1 or north > edge.y1:
            return False
        if any(west < one[2] and one[0] < east and south < one[3] and one[1] < north for one in self.taken):
            return False
        return not len(self._tree.query(shapely.box(*box), predicate="intersects"))

    def _pixels(self, shape: Geometry) -> Geometry:
        return shapely.transform(shape, self.axes.transData.transform)

    def _degrees(self, x: float, y: float) -> tuple[float, float]:
        lon, lat = self.axes.transData.inverted().transform((x, y))
        return float(lon), float(lat)
