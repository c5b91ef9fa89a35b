"""An exact oracle for the tests: is a point inside a perimeter, in whole-number arithmetic, without any library.

Coordinates of a file with a fixed number of decimals are whole numbers of its last decimal; positions asked are whole
numbers of one decimal more, or of several. A point is inside a ring if a ray to the east crosses it an odd number of
times (even-odd rule), or if the ring winds around it (non-zero rule). The two differ only where a ring overlaps itself:
what such a drawing means is nobody's to say, and those points are told apart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_MOST_PRODUCTS = 4_000_000
"""Points times edges compared at once; bounds the memory."""


@dataclass(frozen=True)
class ExactPerimeter:
    """A perimeter in whole numbers of `10 ** -decimals` degrees.

    Attributes
    ----------
    parts
        For each part, the edges of each of its rings, the outer one first: int64 arrays of shape (n, 4), x y x y.
    """

    code: str
    parts: tuple[tuple[np.ndarray, ...], ...]

    @property
    def edges(self) -> np.ndarray:
        return np.concatenate([ring for part in self.parts for ring in part])


def exact_perimeters(features: Iterable[Mapping], *, scale: int) -> Iterator[ExactPerimeter]:
    """Read GeoJSON features whose coordinates are whole numbers of ``1 / scale`` degrees."""
    for feature in features:
        geometry = feature["geometry"]
        polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        parts = tuple(tuple(_edges(ring, scale) for ring in polygon) for polygon in polygons)
        yield ExactPerimeter(feature["properties"].get("code_qp") or feature["properties"]["CODE_QP"], parts)


def read_features(path: Path) -> list[Mapping]:
    """Return the features of a GeoJSON file, gzipped or not."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        import gzip  # noqa: PLC0415 - seldom needed

        content = gzip.decompress(content)
    return json.loads(content)["features"]


def _edges(ring: Sequence[Sequence[float]], scale: int) -> np.ndarray:
    """Return the edges of a ring; refuse a coordinate that is no whole number of ``1 / scale``, beyond float noise."""
    floats = np.array([corner[:2] for corner in ring]) * scale
    whole = np.rint(floats)
    assert np.abs(floats - whole).max() < 1e-3, "the file has more decimals than that"
    corners = whole.astype(np.int64)
    return np.hstack([corners[:-1], corners[1:]])


def sides(perimeter: ExactPerimeter, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Tell where whole-number points are: 1 inside, -1 outside, 0 on an edge or where the two rules differ."""
    inside, unknown = np.zeros(len(x), bool), np.zeros(len(x), bool)
    for outer, *holes in perimeter.parts:
        odd, winds, on = _rules(outer, x, y)
        of_part, differs = odd, (odd != winds) | on
        for hole in holes:
            odd, winds, on = _rules(hole, x, y)
            of_part = of_part & ~odd
            differs |= (odd != winds) | on
        inside |= of_part
        unknown |= differs
    return np.where(unknown, 0, np.where(inside, 1, -1))


def _rules(edges: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each point: inside by the even-odd rule, inside by the non-zero rule, on an edge."""
    odd, winds, on = (np.zeros(len(x), bool) for _ in range(3))
    step = max(1, _MOST_PRODUCTS // max(1, len(edges)))
    ax, ay, bx, by = (edges[:, k][None, :] for k in range(4))
    for start in range(0, len(x), step):
        px, py = x[start : start + step, None], y[start : start + step, None]
        turn = (bx - ax) * (py - ay) - (px - ax) * (by - ay)  # exact: under 2 ** 62 for edges of a few degrees
        up, down = (ay <= py) & (by > py) & (turn > 0), (ay > py) & (by <= py) & (turn < 0)
        # a ray to the east crosses an edge that climbs past the point with the point on its left, or falls with it
        # on its right
        odd[start : start + step] = (up.sum(1) + down.sum(1)) % 2 == 1
        winds[start : start + step] = up.sum(1) != down.sum(1)
        within = (np.minimum(ax, bx) <= px) & (px <= np.maximum(ax, bx))
        within &= (np.minimum(ay, by) <= py) & (py <= np.maximum(ay, by))
        on[start : start + step] = ((turn == 0) & within).any(1)
    return odd, winds, on


def positions_near(perimeter: ExactPerimeter, count: int, generator: np.random.Generator, *, reach: int, finer: int):
    """Return whole-number points, in units `finer` times smaller, most at most `reach` of the file's units off an edge.

    One in eight is on an edge's end, one in eight anywhere in the bounds.
    """
    edges = perimeter.edges
    chosen = edges[generator.integers(len(edges), size=count)]
    share = generator.random((count, 1))
    at = chosen[:, :2] + share * (chosen[:, 2:] - chosen[:, :2])
    spread = 10 ** generator.uniform(-1, np.log10(max(reach, 1)), size=(count, 1))
    points = (at + generator.normal(size=(count, 2)) * spread) * finer
    corner = generator.random(count) < 1 / 8
    points[corner] = chosen[corner, :2] * finer
    anywhere = generator.random(count) < 1 / 8
    low, high = edges[:, :2].min(0), edges[:, :2].max(0)
    points[anywhere] = generator.uniform(low, high, size=(int(anywhere.sum()), 2)) * finer
    return np.rint(points).astype(np.int64)


def finer_perimeter(perimeter: ExactPerimeter, finer: int) -> ExactPerimeter:
    """Return the perimeter in a unit `finer` times smaller."""
    return ExactPerimeter(perimeter.code, tuple(tuple(ring * finer for ring in part) for part in perimeter.parts))
