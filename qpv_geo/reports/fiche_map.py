"""The map excerpt of a fiche: surrounding perimeters, the place with its accuracy, a scale; north is up, no tiles.

Drawn in the legal projected system of the territory, in metres from the middle of the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, PathPatch
from matplotlib.path import Path
from PIL import Image

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.model import Kind
from qpv_geo.reports.places import asked_of
from qpv_geo.reports.streets import doors_in, draw_streets, short_name, write_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from PIL.Image import Image as Picture

    from qpv_geo.model import Verdict
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.reports.places import Asked, Spot
    from qpv_geo.reports.streets import Door, Streets
    from qpv_geo.untyped import Geometry

STATUS_COLOURS = msg.colours.PRINT
_QPV, _OTHER_KIND, _INK, _GROUND = "#7a3b8f", "#8a6d1d", "#222222", "#f5f3ee"
_FULL_MM, _MM_PER_INCH, _DPI = 93.0, 25.4, 200
_LEAST_M, _MOST_M, _FAR_M = 150.0, 20_000.0, 1_500.0
"""Half the width of the picture, metres: least, most, and least if the nearest edge is beyond `_NEAR_M`."""
_NEAR_M = 4_000.0
_MOST_NAMES, _MOST_NUMBERS, _LONGEST_NAME = 4, 30, 34
_HALF_OF_LONGEST = 0.65
"""Half the width of a name of the most letters, as a part of half the picture."""
_EDGE, _LEFT_OF_NORTH, _BELOW_NORTH = 0.97, 0.84, 0.68
"""How far right and high a name may reach, so that it covers neither the edge nor the north arrow."""
_OUTLINE = 2.5


@dataclass(frozen=True, eq=False)
class Excerpt:
    """What is drawn, in metres from the middle of a square of `half` on each side."""

    half: float
    perimeters: list[tuple[str, str, str, Any]]
    spots: list[tuple[Spot, float, float]]
    site: Any
    to_nearest: Any
    unknown: Any
    doors: list[Door]


def is_too_wide(verdict: Verdict) -> bool:
    """Tell whether the candidates of an address are too far apart for one picture."""
    if not verdict.candidates:
        return False
    lon, lat = np.array([(one.lon, one.lat) for one in asked_of(verdict).spots]).T
    if len(set(crs.territory_index(lon=lon, lat=lat).tolist())) > 1:
        return True
    x, y = crs.project_points(lon=lon, lat=lat, territory=crs.territory_of(lon=lon[0], lat=lat[0]))
    return bool(max(np.ptp(x), np.ptp(y)) > 2 * _MOST_M)


def draw(verdict: Verdict, scene: Excerpt, *, side_mm: float = _FULL_MM) -> Picture:
    """Return the excerpt; `side_mm` is its side on paper, on which the size of its texts does not depend."""
    figure = Figure(figsize=(side_mm / _MM_PER_INCH, side_mm / _MM_PER_INCH), dpi=_DPI)
    canvas: Any = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), facecolor=_GROUND)
    axes.set(xlim=(-scene.half, scene.half), ylim=(-scene.half, scene.half), xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    _fill(axes, scene.unknown, "#d9d4c7", alpha=1, hatch="////")
    draw_streets(axes, scene.doors, scene.half, [(x, y) for _, x, y in scene.spots])
    _draw_perimeters(axes, scene, verdict)
    _draw_place(axes, scene, verdict)
    longest = int(_LONGEST_NAME * side_mm / _FULL_MM)
    _draw_nearest(axes, scene, verdict, longest)
    _draw_names(axes, scene, verdict, longest)
    _draw_scale(axes, scene.half)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


# ── What is drawn ──────────────────────────────────────────────────────────────────────────────────────────────────


def scene_of(verdict: Verdict, perimeters: PerimeterSet, streets: Streets | None = None) -> Excerpt:
    """Return what is drawn.

    Parameters
    ----------
    verdict
        Verdict with a point, whose candidates are not too far apart: see `is_too_wide`.
    perimeters
        Perimeters used by the verdict; see `qpv_geo.reports.places.perimeters_of`.
    streets
        Returns the house numbers in a box; without it there are none.
    """
    asked = asked_of(verdict)
    point = verdict.location.point
    assert point is not None  # noqa: S101 - a verdict without a point has no picture
    territory = crs.territory_of(lon=point[0], lat=point[1])
    site = None if asked.site is None else crs.project(asked.site, territory)
    lon, lat = [one.lon for one in asked.spots], [one.lat for one in asked.spots]
    x, y = crs.project_points(lon=lon, lat=lat, territory=territory)
    here = site if site is not None else shapely.multipoints(np.column_stack((x, y)))
    nearest = _to_nearest(verdict, here, perimeters, territory)
    middle, half = _frame(verdict, asked, here, nearest)
    box = shapely.box(middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
    in_degrees = crs.unproject(box, territory)
    near = np.flatnonzero(shapely.intersects(perimeters.geometry, in_degrees))
    drawn = crs.project(perimeters.geometry[near], territory)  # rounded coordinates may cross once projected
    shapes = _moved(shapely.make_valid(drawn, method="structure", keep_collapsed=False), middle)
    return Excerpt(
        half,
        [(perimeters.codes[k], perimeters.names[k], perimeters.kinds[k], shapes[i]) for i, k in enumerate(near)],
        [(spot, px - middle[0], py - middle[1]) for spot, px, py in zip(asked.spots, x, y, strict=True)],
        None if site is None else _moved(site, middle),
        None if nearest is None else _moved(nearest, middle),
        _moved(_unknown(perimeters, box, territory), middle),
        doors_in(streets, in_degrees.bounds, middle, half, territory),
    )


def _to_nearest(verdict: Verdict, here: Geometry, perimeters: PerimeterSet, territory: crs.Territory) -> Geometry:
    """Return the line from the point to the nearest edge, None without a single point or a perimeter."""
    if verdict.nearest is None or here.geom_type != "MultiPoint" or len(here.geoms) != 1:
        return None
    if verdict.nearest.code not in perimeters.codes:
        return None
    drawn = crs.project(perimeters.geometry[perimeters.codes.index(verdict.nearest.code)], territory)
    return shapely.shortest_line(here, drawn.boundary)


def _frame(verdict: Verdict, asked: Asked, here: Geometry, nearest: Geometry) -> tuple[tuple[float, float], float]:
    """Return the middle and half-width of the picture, to show the place, and the nearest edge unless it is far."""
    west, south, east, north = here.bounds
    if max(east - west, north - south) > 2 * _MOST_M:
        west, south, east, north = here.point_on_surface().bounds
    middle = ((west + east) / 2, (south + north) / 2)
    radius = max((one.accuracy_m for one in asked.spots), default=0.0) + (verdict.evidence.precision_m or 0.0)
    wanted = [_LEAST_M, 0.75 * max(east - west, north - south), 3 * radius]
    if nearest is not None:
        wanted.append(1.5 * nearest.length if nearest.length <= _NEAR_M else _FAR_M)
    return middle, min(max(wanted), _MOST_M)


def _unknown(perimeters: PerimeterSet, box: Geometry, territory: crs.Territory) -> Geometry:
    """Return the part of a box, in metres, where the set is incomplete and a blank proves nothing."""
    if perimeters.coverage.everywhere:
        return shapely.MultiPolygon()
    return box.difference(perimeters.coverage.in_metres(territory))


def _moved(geometry: Geometry, middle: tuple[float, float]) -> Geometry:
    return shapely.transform(geometry, lambda points: points - np.asarray(middle))


# ── Drawing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _draw_perimeters(axes: Axes, scene: Excerpt, verdict: Verdict) -> None:
    touched = {one.code for one in verdict.perimeters}
    for code, _, kind, shape in scene.perimeters:
        colour = _QPV if kind == Kind.QPV else _OTHER_KIND
        _fill(axes, shape, colour, alpha=0.30 if code in touched else 0.16)
        _outline(axes, shape, colour, width=1.3, dashed=kind != Kind.QPV)


def _draw_place(axes: Axes, scene: Excerpt, verdict: Verdict) -> None:
    if scene.site is not None:
        _draw_site(axes, scene.site, STATUS_COLOURS[verdict.status])
    precision_m = verdict.evidence.precision_m or 0.0
    for spot, x, y in scene.spots:
        colour = STATUS_COLOURS[spot.status]
        radius = spot.accuracy_m + precision_m
        if spot.accuracy_m and radius > scene.half / 100:
            axes.add_patch(Circle((x, y), radius, facecolor=colour, alpha=0.18, edgecolor="none", zorder=4))
            axes.add_patch(Circle((x, y), radius, facecolor="none", edgecolor=colour, linestyle="--", zorder=4))
        crowd = len(scene.spots) > _MOST_NUMBERS
        size = 8 if len(scene.spots) == 1 else 3 if crowd else 5
        axes.plot(x, y, "o", color=colour, markersize=size, zorder=6, mec="white", mew=0.2 if crowd else 1)
    for spot, x, y in scene.spots:
        if spot.label and len(scene.spots) <= _MOST_NUMBERS:
            _write(axes, x, y, spot.label, size=6.5, offset=(4, 4))


def _draw_site(axes: Axes, site: Geometry, colour: str) -> None:
    for part in shapely.get_parts(site):
        if part.geom_type == "Polygon":
            _fill(axes, part, colour, alpha=0.35)
            _outline(axes, part, colour, width=2.0)
            continue
        x, y = shapely.get_coordinates(part).T
        axes.plot(x, y, "-o" if part.geom_type == "Point" else "-", color=colour, linewidth=2.5, markersize=6, zorder=5)


def _draw_nearest(axes: Axes, scene: Excerpt, verdict: Verdict, longest: int) -> None:
    """Draw a line to the nearest edge, or an arrow towards it if it is out of the picture, with the distance."""
    if scene.to_nearest is None or verdict.nearest is None:
        return
    (x, y), (to_x, to_y) = shapely.get_coordinates(scene.to_nearest)
    length = math.hypot(to_x - x, to_y - y)
    if length < scene.half / 12:
        return
    if max(abs(to_x), abs(to_y)) < scene.half:
        axes.plot([x, to_x], [y, to_y], linestyle=(0, (4, 2)), color=_INK, linewidth=1, zorder=5)
        _write(axes, (x + to_x) / 2, (y + to_y) / 2, msg.verdicts.metres(length), size=7, offset=(4, 3))
        return
    reach = 0.62 * scene.half
    end = (x + (to_x - x) / length * reach, y + (to_y - y) / length * reach)
    axes.annotate("", end, (x, y), arrowprops={"arrowstyle": "-|>", "color": _INK, "shrinkA": 6}, zorder=5)
    text = msg.fiche.to_nearest(short_name(verdict.nearest.name, longest), msg.verdicts.metres(length))
    _write(axes, end[0], end[1], text, size=7, offset=(0, 7 if to_y >= y else -7), ha="center")


def _draw_names(axes: Axes, scene: Excerpt, verdict: Verdict, longest: int) -> None:
    """Write the names of a few perimeters, the verdict's first, inside their largest visible part."""
    first = [one.code for one in verdict.perimeters] + ([verdict.nearest.code] if verdict.nearest else [])
    frame = shapely.box(*(scene.half * side for side in (-0.86, -0.8, 0.86, 0.9)))
    free = frame.difference(_around_place(scene))
    shown = [(code, name, shapely.intersection(shape, free)) for code, name, _, shape in scene.perimeters]
    shown.sort(key=lambda one: (one[0] not in first, -one[2].area, one[0]))
    for _, name, part in shown[:_MOST_NAMES]:
        if part.is_empty:
            continue
        largest = max(shapely.get_parts(part), key=lambda one: one.area)
        point = shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=scene.half / 100), 0)
        short = short_name(name, longest)
        width = _HALF_OF_LONGEST * len(short) / longest * scene.half
        right = (_LEFT_OF_NORTH if point.y > _BELOW_NORTH * scene.half else _EDGE) * scene.half
        x = min(max(point.x, width - _EDGE * scene.half), right - width)
        _write(axes, x, point.y, short, size=7.5, fontweight="bold", color="#4b1f5b", ha="center")


def _around_place(scene: Excerpt) -> Geometry:
    """Return the area around the points of the place, which no name should cover; empty for a site."""
    if scene.site is not None:
        return shapely.Polygon()
    return shapely.envelope(shapely.multipoints([(x, y) for _, x, y in scene.spots])).buffer(0.12 * scene.half)


def _draw_scale(axes: Axes, half: float) -> None:
    """Draw a scale bar of a round length, and a north arrow."""
    length = _round_length(half * 0.6)
    left, low = -0.93 * half, -0.93 * half
    axes.plot([left, left, left + length, left + length], [low + half / 45, low, low, low + half / 45], "-", color=_INK)
    _write(axes, left + length / 2, low, msg.verdicts.metres(length), size=7, offset=(0, 6), ha="center")
    axes.annotate(
        msg.fiche.NORTH,
        (0.91 * half, 0.94 * half),
        (0.91 * half, 0.74 * half),
        ha="center",
        va="center",
        fontsize=8,
        fontweight="bold",
        color=_INK,
        arrowprops={"arrowstyle": "-|>", "color": _INK},
        zorder=9,
    )


def _round_length(most: float) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten that is no more than `most`."""
    power = 10.0 ** math.floor(math.log10(most))
    return max(step * power for step in (1, 2, 5) if step * power <= most)


def _fill(axes: Axes, shape: Geometry, colour: str, *, alpha: float, hatch: str | None = None) -> None:
    for part in shapely.get_parts(shape):
        rings = shapely.get_rings(shapely.normalize(part))
        path = Path.make_compound_path(*(Path(shapely.get_coordinates(ring), closed=True) for ring in rings))
        look = {"facecolor": "none", "edgecolor": colour} if hatch else {"facecolor": colour, "edgecolor": "none"}
        axes.add_patch(PathPatch(path, **look, alpha=alpha, hatch=hatch, linewidth=0, zorder=2))


def _outline(axes: Axes, shape: Geometry, colour: str, *, width: float, dashed: bool = False) -> None:
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        x, y = shapely.get_coordinates(ring).T
        axes.plot(x, y, "--" if dashed else "-", color=colour, linewidth=width, zorder=3)


def _write(axes: Axes, x: float, y: float, text: str, *, size: float, **look: Any) -> None:  # noqa: ANN401
    """Write a text above all else; see `qpv_geo.reports.streets.write_text`."""
    above: dict[str, Any] = {"ha": "left", "color": _INK, "zorder": 8}
    write_text(axes, x, y, text, size=size, outline=_OUTLINE, **above | look)
