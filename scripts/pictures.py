"""Draw ``docs/images/oliveaux-redraw.png``: Les Oliveaux (Loos) before and after the redraw of 2024."""  # noqa: INP001

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline
from PIL import Image

import qpv_geo
from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.maps import palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from qpv_geo.perimeters.diff_model import Piece, QuartierChange

PICTURE = Path(__file__).resolve().parents[1] / "docs/images/oliveaux-redraw.png"
QUARTIER, COMMUNE = "QN05975M", "59360"
COLLEGE = {"lon": 3.00671, "lat": 50.60889}
"""The published address point of the collège Descartes, that the README asks about."""

SIZE_INCHES, DPI = (9.0, 6.3), 200
MAP_BOX = (0.03, 0.1, 0.94, 0.765)
"""Left, bottom, width and height, as shares of the picture."""

COLOURS = 128
"""Enough for flat areas and smooth edges: a third of the bytes of true colour."""

LEGEND_SHARE = 0.13
"""How far the quartier is moved to the right, as a share of half the width: the legend is on the left."""

MARGIN_M = 30.0
SCALE_M = 100
INK, GREY, PAPER = "#1f2933", "#52606d", "#f6f7f9"
NAMED_M2 = 5_000.0
"""Added parts of at least this area have a label."""

CURRENT: dict[str, Any] = {"facecolor": "#dfe4ea", "edgecolor": palette.OUTLINE, "linewidth": 2.2}
FORMER: dict[str, Any] = {
    "facecolor": "none",
    "edgecolor": palette.FORMER,
    "linewidth": 2.0,
    "linestyle": (0, (2.8, 1.4)),
}
ADDED: dict[str, Any] = {"facecolor": palette.ADDED, "edgecolor": "none"}
REMOVED: dict[str, Any] = {"facecolor": palette.REMOVED, "edgecolor": "white", "linewidth": 0, "hatch": "/////"}

TITLE = "Les Oliveaux, à Loos\u00a0: ce que le redécoupage a changé"
LEGEND = (
    (CURRENT, "quartier de 2024 (QN05975M)"),
    (FORMER, "limite de 2015 (QP059077),\nlà où elle a changé"),
    (ADDED, "parties ajoutées"),
    (REMOVED, "parties retirées"),
)
SOURCE = (
    "Périmètres\u00a0: ANCT, quartiers prioritaires de la politique de la ville, générations 2015 et 2024, "
    "Licence Ouverte 2.0.\nDessin\u00a0: qpv-geo. Résultat indicatif, ne vaut pas attestation réglementaire."
)


def main() -> None:
    """Write the picture."""
    before, after = qpv_geo.load_perimeters("qpv-2015"), qpv_geo.load_perimeters("qpv-2024")
    redraw = qpv_geo.diff("qpv-2015", "qpv-2024", commune=COMMUNE)
    (change,) = (one for one in redraw.quartiers if QUARTIER in one.codes_after)
    former = before.geometry[[code in change.codes_before for code in before.codes]][0]
    current = after.geometry[[code in change.codes_after for code in after.codes]][0]
    with mpl.rc_context({"font.family": "DejaVu Sans", "hatch.linewidth": 0.8, "hatch.color": "white"}):
        figure = draw(change, former, current)
        made = BytesIO()
        figure.savefig(made, format="png", dpi=DPI)
    PICTURE.parent.mkdir(exist_ok=True)
    light = Image.open(made).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    light.save(PICTURE, optimize=True)


def draw(change: QuartierChange, former: Any, current: Any) -> Figure:  # noqa: ANN401 - geometries are untyped
    """Return the picture of one quartier: both perimeters, in degrees, and the parts that were added and removed."""
    figure = Figure(figsize=SIZE_INCHES, facecolor="white")
    FigureCanvasAgg(figure)
    axes = start(figure, shapely.union_all([former, current]).bounds)
    axes.add_patch(PathPatch(outline(current), **CURRENT | {"edgecolor": "none"}))
    for piece in change.pieces:
        axes.add_patch(PathPatch(outline(piece.geometry), **(ADDED if piece.change == "added" else REMOVED)))
    axes.add_patch(PathPatch(outline(former), **FORMER))
    axes.add_patch(PathPatch(outline(current), **CURRENT | {"facecolor": "none"}))
    named = [piece for piece in change.pieces if piece.change == "added" and piece.area_m2 >= NAMED_M2]
    middle = shapely.union_all([former, current]).centroid.x
    for piece in named:
        name_part(axes, piece, is_west=piece.lon < middle)
    name_college(axes)
    scale_bar(axes)
    areas = (msg.maps.hectares(change.area_before_m2), msg.maps.hectares(change.area_after_m2))
    figure.text(0.03, 0.935, TITLE, size=15, weight="bold", color=INK)
    figure.text(
        0.03,
        0.888,
        f"Quartier prioritaire\u00a0: {areas[0]} de 2015 à 2023, {areas[1]} depuis le 1er janvier 2024",
        size=11,
        color=GREY,
    )
    handles = [Patch(label=label, **style) for style, label in LEGEND]
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.012, 0.12),
        frameon=False,
        fontsize=10,
        labelspacing=0.7,
        labelcolor=INK,
    )
    figure.text(0.03, 0.025, SOURCE, size=7.5, color=GREY, linespacing=1.5)
    return figure


def start(figure: Figure, bounds: tuple[float, float, float, float]) -> Axes:
    """Return axes in degrees, where a metre is as long in both directions, around some bounds."""
    axes = figure.add_axes(MAP_BOX)
    west, south, east, north = bounds
    shrink = math.cos(math.radians((south + north) / 2))
    margin = MARGIN_M / crs.METRES_PER_DEGREE
    width, height = (share * inches for share, inches in zip(MAP_BOX[2:], SIZE_INCHES, strict=True))
    half = (north - south) / 2 + margin
    half_lon = half * width / height / shrink
    lon = (west + east) / 2 - LEGEND_SHARE * half_lon
    axes.set(xlim=(lon - half_lon, lon + half_lon), ylim=(south - margin, north + margin))
    axes.set(xticks=[], yticks=[], facecolor=PAPER)
    axes.spines[:].set_visible(False)
    return axes


def name_part(axes: Axes, piece: Piece, *, is_west: bool) -> None:
    """Write the area of a part on the outer side of it."""
    west, _, east, _ = piece.geometry.bounds
    axes.annotate(
        f"+ {msg.maps.square_metres(piece.area_m2)}",
        (west if is_west else east, piece.lat),
        xytext=(-6 if is_west else 8, 0),
        textcoords="offset points",
        ha="right" if is_west else "left",
        va="center",
        size=14,
        weight="bold",
        color=palette.ADDED,
    )


def name_college(axes: Axes) -> None:
    """Mark the point of the collège, with its distance to the limit of 2024."""
    distance_m = qpv_geo.check(**COLLEGE, on="2024-06-01").distance_m
    axes.annotate(
        f"collège Descartes (adresse publiée),\nà {msg.maps.metres(abs(distance_m))} de la limite",
        (COLLEGE["lon"], COLLEGE["lat"]),
        xytext=(-72, -52),
        textcoords="offset points",
        ha="right",
        va="center",
        size=10,
        color=INK,
        arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.8, "shrinkB": 0, "relpos": (1, 0.5)},
    )
    axes.plot(COLLEGE["lon"], COLLEGE["lat"], "o", color=INK, markersize=6, markeredgecolor="white", zorder=5)


def scale_bar(axes: Axes) -> None:
    """Draw a bar of `SCALE_M` metres."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    degree_m = crs.METRES_PER_DEGREE * math.cos(math.radians((south + north) / 2))
    share = SCALE_M / degree_m / (east - west)
    axes.plot([0.025, 0.025 + share], [0.04, 0.04], transform=axes.transAxes, color=INK, linewidth=3)
    axes.text(0.025, 0.055, msg.maps.scale(SCALE_M), transform=axes.transAxes, size=10, color=INK)


def outline(shape: Any) -> Outline:  # noqa: ANN401 - geometries are untyped
    """Return a polygon as a matplotlib path, with its holes."""
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return Outline.make_compound_path(*(Outline(shapely.get_coordinates(ring), closed=True) for ring in rings))


if __name__ == "__main__":
    main()
