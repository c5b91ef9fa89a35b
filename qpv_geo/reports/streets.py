"""The streets on the map of a fiche, from installed addresses: a dot a house number, and the names of the streets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patheffects import withStroke

from qpv_geo import crs
from qpv_geo.geocoding.within import addresses_within
from qpv_geo.reports.pdf_page import drawable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from matplotlib.axes import Axes

    from qpv_geo.geocoding.protocol import Candidate
    from qpv_geo.geocoding.within import Box
    from qpv_geo.settings import Settings

    Streets = Callable[[Box], list[Candidate]]
    """Returns the house numbers in a box."""

_MOST_DOORS, _MOST_NUMBERS, _MOST_NAMES, _LONGEST = 1_500, 60, 14, 30
_WIDEST_M = 1_500.0
"""Half the width of the widest picture with streets, metres."""
_INK, _NAME_INK = "#8f897c", "#4d493f"
_LETTER, _LINE = 0.017, 0.075
"""Width of a letter and height of a line, as a part of the width and of half the width of the picture."""


@dataclass(frozen=True)
class Door:
    """A house number, in metres from the middle of the picture."""

    x: float
    y: float
    number: str
    street: str
    citycode: str


def streets_of(settings: Settings) -> Streets:
    """Return what gives the house numbers of the installed indexes."""
    return partial(addresses_within, settings, limit=_MOST_DOORS)


def doors_in(
    streets: Streets | None, box: Box, middle: tuple[float, float], half: float, territory: crs.Territory
) -> list[Door]:
    """Return the house numbers of a picture of `half` on each side, metres; none if it is too wide for streets."""
    if streets is None or half > _WIDEST_M:
        return []
    found = [one for one in streets(box) if one.street]
    if not found:
        return []
    x, y = crs.project_points(lon=[one.lon for one in found], lat=[one.lat for one in found], territory=territory)
    return [
        Door(float(px) - middle[0], float(py) - middle[1], one.housenumber or "", one.street or "", one.citycode or "")
        for one, px, py in zip(found, x, y, strict=True)
    ]


def draw_streets(axes: Axes, doors: Sequence[Door], half: float, taken: Iterable[tuple[float, float]]) -> None:
    """Draw house numbers and the names of their streets, which keep clear of each other and of the points `taken`."""
    shown = [one for one in doors if max(abs(one.x), abs(one.y)) < half]
    if not shown:
        return
    axes.plot([one.x for one in shown], [one.y for one in shown], "o", color=_INK, markersize=1.5, mew=0, zorder=2.5)
    if len(shown) <= _MOST_NUMBERS:
        for one in shown:
            write_text(axes, one.x, one.y, one.number, size=5, color=_INK, offset=(0, 4), zorder=3.4)
    by_street: dict[tuple[str, str], list[Door]] = {}
    for one in shown:
        by_street.setdefault((one.street, one.citycode), []).append(one)
    placed = [(x, y, 0.12 * half) for x, y in taken]
    for (name, _), of_street in sorted(by_street.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(placed) >= _MOST_NAMES:
            break
        _name_street(axes, name, of_street, half, placed)


def _name_street(
    axes: Axes, name: str, doors: list[Door], half: float, placed: list[tuple[float, float, float]]
) -> None:
    """Write the name of a street along it, at the first of its doors where it covers nothing; else leave it out."""
    short = short_name(name, _LONGEST)
    reach = _LETTER * len(short) * half
    angle = _direction(doors)
    across, along = abs(math.cos(angle)) * reach, abs(math.sin(angle)) * reach
    centre = np.median([(one.x, one.y) for one in doors], axis=0)
    for door in sorted(doors, key=lambda one: math.dist((one.x, one.y), centre)):
        is_within = abs(door.x) + across < 0.95 * half and abs(door.y) + along < 0.88 * half
        is_free = all(
            abs(door.x - x) > across + room or abs(door.y - y) > along + max(_LINE * half, room / 2)
            for x, y, room in placed
        )
        if is_within and is_free:
            placed.append((door.x, door.y, reach))
            look: dict[str, Any] = {
                "color": _NAME_INK,
                "rotation": math.degrees(angle),
                "rotation_mode": "anchor",
                "zorder": 3.6,
            }
            write_text(axes, door.x, door.y, short, size=6, **look)
            return


def _direction(doors: list[Door]) -> float:
    """Return the main direction of a street, radians from the east, between a quarter turn down and one up."""
    points = np.array([(one.x, one.y) for one in doors])
    if len(points) < 3 or np.ptp(points, axis=0).max() < 1.0:  # noqa: PLR2004 - two points say little
        return 0.0
    _, _, axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    angle = math.atan2(axes[0][1], axes[0][0])
    return angle - math.pi if angle > math.pi / 2 else angle + math.pi if angle < -math.pi / 2 else angle


def short_name(name: str, longest: int) -> str:
    """Return a name that can be drawn, cut to a number of characters."""
    clean = drawable(name)
    return clean if len(clean) <= longest else f"{clean[: longest - 1].rstrip()}…"


def write_text(  # noqa: PLR0913 - where a text is, and how it looks
    axes: Axes,
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    offset: tuple[float, float] = (0, 0),
    outline: float = 1.5,
    **look: Any,  # noqa: ANN401 - as matplotlib takes them
) -> None:
    """Write a text with a white outline; `offset` and `size` in points."""
    axes.annotate(
        text,
        (x, y),
        offset,
        textcoords="offset points",
        va="center",
        fontsize=size,
        parse_math=False,
        path_effects=[withStroke(linewidth=outline, foreground="white")],
        annotation_clip=True,
        **{"ha": "center"} | look,
    )
