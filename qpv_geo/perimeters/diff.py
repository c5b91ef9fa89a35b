"""Compare two generations of perimeters, quartier by quartier: what changed, and which ground was added or removed.

Areas are in square metres, in the legal projected system of the territory. A difference narrower than
`PerimeterDiff.sliver_width_m` is a sliver, due to rounding or to two drawings of the same street, and not a change.
Ground missing from a set counts as new or gone only where that set is complete; elsewhere it is not comparable. A
perimeter in a set is known whole, even outside the area where the set is complete.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import shapely

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.perimeters.communes import of_commune
from qpv_geo.perimeters.correspondence import read_correspondence
from qpv_geo.perimeters.diff_model import Change, PerimeterDiff, Piece, QuartierChange, Totals
from qpv_geo.perimeters.overlay import Overlay, Side, confront, inner_point
from qpv_geo.perimeters.succession import successions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shapely import Geometry

    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.perimeters.succession import Succession

__all__ = ["Change", "PerimeterDiff", "Piece", "QuartierChange", "Totals", "compare", "read_correspondence"]

_POINT_DECIMALS = 6
_GRID_DEG = 1e-7
"""Grid step of the coordinates of a piece: about 1 cm."""

_LEAST_EROSION_M = 0.1
"""Every piece holds a circle of this radius, so that a point rounded to 6 decimals (8 cm at most) stays inside."""


def compare(  # noqa: PLR0913 - two sets, and options by keyword
    before: PerimeterSet,
    after: PerimeterSet,
    *,
    min_area_m2: float = 500.0,
    sliver_width_m: float = 4.0,
    commune: str | None = None,
    correspondence: Mapping[str, Sequence[str]] | None = None,
) -> PerimeterDiff:
    """Compare two sets of perimeters, the earlier first.

    Parameters
    ----------
    before, after
        The two sets, of one or several territories.
    min_area_m2
        Smaller pieces are counted, not listed; square metres.
    sliver_width_m
        Differences narrower than this, in metres, are not changes. At least twice the sum of both sets' precisions:
        two drawings of the same edge may be that sum apart, on either side.
    commune
        Keep only the quartiers of a commune: an INSEE code, or a name; see `qpv_geo.perimeters.communes`.
    correspondence
        Later code to earlier codes, as returned by `read_correspondence`. Quartiers not in it are linked by overlap;
        see `qpv_geo.perimeters.succession.MIN_SHARE`.

    Raises
    ------
    InputError
        The minimum area or the width is negative or not finite, or the commune is blank.
    """
    if not (math.isfinite(min_area_m2) and min_area_m2 >= 0):
        raise InputError(msg.perimeter_errors.bad_min_area(min_area_m2))
    if not (math.isfinite(sliver_width_m) and sliver_width_m >= 0):
        raise InputError(msg.perimeter_errors.bad_sliver_width(sliver_width_m))
    drawing_m = before.dataset.precision_m + after.dataset.precision_m
    erosion_m = max(sliver_width_m / 2, drawing_m, _LEAST_EROSION_M)
    overlay = confront(before, after, erosion_m=erosion_m)
    lines = successions(before, after, overlay, correspondence)
    kept, unattached = (lines, 0) if commune is None else of_commune(lines, before, after, commune)
    builder = _Builder(overlay, _heirs(lines), min_area_m2)
    quartiers = tuple(builder.quartier(line) for line in kept)
    return PerimeterDiff(
        before.dataset.id,
        after.dataset.id,
        before.dataset.sha256,
        after.dataset.sha256,
        commune,
        min_area_m2,
        round(2 * erosion_m, 3),
        quartiers,
        _totals(overlay, kept, quartiers),
        unattached,
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """Ground that changed, in metres, and the perimeter that holds it or held it."""

    change: str
    side: Side
    row: int
    overlay: Geometry

    def piece(self) -> Piece:
        """Convert it to longitude and latitude, with a point inside."""
        territory = crs.TERRITORIES[self.side.territory[self.row]]
        point = crs.unproject(inner_point(self.overlay), territory)
        return Piece(
            self.change,
            self.side.perimeters.codes[self.row],
            self.side.perimeters.names[self.row],
            float(self.overlay.area),
            round(float(point.x), _POINT_DECIMALS),
            round(float(point.y), _POINT_DECIMALS),
            shapely.set_precision(crs.unproject(self.overlay, territory), _GRID_DEG),
        )


@dataclass(frozen=True, eq=False)
class _Builder:
    """Builds the line of each succession.

    `heirs` gives, for each row of the earlier set, the rows of the later one that succeed it.
    """

    overlay: Overlay
    heirs: Mapping[int, Sequence[int]]
    min_area_m2: float

    def quartier(self, line: Succession) -> QuartierChange:
        """Return what became of a quartier."""
        before, after = self.overlay.removed.here, self.overlay.added.here
        rows_after = () if line.after is None else (line.after,)
        sure, unsure = self._parts(line, rows_after)
        gained_m2, ceded_m2 = self._exchanged_m2(line, rows_after)
        change = self._change(line, differs=bool(sure or unsure or gained_m2 or ceded_m2))
        large = [part for part in sure if part.overlay.area >= self.min_area_m2]
        names_before = _of(before.perimeters.names, line.before)
        return QuartierChange(
            change=change,
            codes_before=line.codes_before,
            codes_after=line.codes_after,
            name=(_of(after.perimeters.names, rows_after) or names_before)[0],
            names_before=names_before,
            insee=_insee(after.perimeters, rows_after) or _insee(before.perimeters, line.before),
            official=line.official,
            split=line.split,
            area_before_m2=_known_area_m2(before, line.before, line.codes_before, change),
            area_after_m2=_known_area_m2(after, rows_after, line.codes_after, change),
            added_m2=_sum_m2(part for part in sure if part.change == "added"),
            removed_m2=_sum_m2(part for part in sure if part.change == "removed"),
            gained_m2=gained_m2,
            ceded_m2=ceded_m2,
            not_comparable_m2=_sum_m2(unsure),
            pieces=tuple(part.piece() for part in sorted(large, key=lambda part: (part.change, -part.overlay.area))),
            smaller_pieces=len(sure) - len(large),
            smaller_pieces_m2=_sum_m2(part for part in sure if part.overlay.area < self.min_area_m2),
            unknown_pieces=self._unknown(unsure),
        )

    def _unknown(self, unsure: Iterable[_Part]) -> tuple[Piece, ...]:
        """Return the ground that could not be compared, without what is too small to be drawn."""
        large = [part.piece() for part in unsure if part.overlay.area >= self.min_area_m2]
        return tuple(replace(piece, change=Change.NOT_COMPARABLE.value) for piece in large)

    def _parts(self, line: Succession, rows_after: tuple[int, ...]) -> tuple[list[_Part], list[_Part]]:
        """Return the ground added or removed, first where the other set is complete, then where it is not."""
        added, removed = self.overlay.added, self.overlay.removed
        sources = [("added", added, row) for row in rows_after] + [("removed", removed, row) for row in line.before]
        sure: list[_Part] = []
        unsure: list[_Part] = []
        for change, view, row in sources:
            found = view.only_here(row)
            sure += [_Part(change, view.here, row, overlay) for overlay in found.sure]
            unsure += [_Part(change, view.here, row, overlay) for overlay in found.unsure]
        return [part for part in sure if self._is_of(part, line)], [part for part in unsure if self._is_of(part, line)]

    def _is_of(self, part: _Part, line: Succession) -> bool:
        """Tell whether ground belongs to that line: ground removed from a split quartier goes to the nearest heir."""
        heirs = self.heirs.get(part.row, ()) if part.change == "removed" else ()
        if len(heirs) < 2:  # noqa: PLR2004 - not split
            return True
        metric = self.overlay.added.here.metric
        return line.after == min(heirs, key=lambda row: float(shapely.distance(metric[row], part.overlay)))

    def _exchanged_m2(self, line: Succession, rows_after: tuple[int, ...]) -> tuple[float, float]:
        """Return the area gained from other quartiers and the area ceded to others."""
        gained = [self.overlay.added.exchanged_m2(row, line.before) for row in rows_after]
        ceded = [self.overlay.removed.exchanged_m2(row, rows_after) for row in line.before]
        return float(sum(gained)), float(sum(ceded))

    def _change(self, line: Succession, *, differs: bool) -> Change:
        if line.after is None:
            gone = not line.codes_after and self.overlay.removed.is_covered(line.before[0])
            return Change.LEAVING if gone else Change.NOT_COMPARABLE
        if not line.before:
            new = not line.codes_before and (line.official or self.overlay.added.is_covered(line.after))
            return Change.ENTERING if new else Change.NOT_COMPARABLE
        same = len(line.codes_before) == 1 and not line.split and not differs
        return Change.UNCHANGED if same else Change.MODIFIED


def _heirs(lines: Iterable[Succession]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for line in lines:
        if line.after is not None:
            for row in line.before:
                found[row].append(line.after)
    return dict(found)


def _known_area_m2(side: Side, rows: Sequence[int], codes: Sequence[str], change: Change) -> float | None:
    """Return the area of a line's quartiers on one side; None if that side lacks some of them, or may lack some."""
    unknown = len(rows) < len(codes) or (not codes and change is Change.NOT_COMPARABLE)
    return None if unknown else side.area_m2(rows)


def _totals(overlay: Overlay, lines: Sequence[Succession], quartiers: Sequence[QuartierChange]) -> Totals:
    pairs = zip(lines, quartiers, strict=True)
    comparable = [line for line, quartier in pairs if quartier.change is not Change.NOT_COMPARABLE]
    return Totals(
        overlay.removed.here.area_m2({row for line in comparable for row in line.before}),
        overlay.added.here.area_m2({line.after for line in comparable if line.after is not None}),
        float(sum(quartier.added_m2 for quartier in quartiers)),
        float(sum(quartier.removed_m2 for quartier in quartiers)),
        float(sum(quartier.not_comparable_m2 for quartier in quartiers)),
    )


def _of(values: Sequence[str], rows: Sequence[int]) -> tuple[str, ...]:
    return tuple(values[row] for row in rows)


def _insee(perimeters: PerimeterSet, rows: Sequence[int]) -> tuple[str, ...]:
    codes = ",".join(_of(perimeters.insee, rows)).split(",")
    return tuple(dict.fromkeys(code for code in codes if code))


def _sum_m2(parts: Iterable[_Part]) -> float:
    return float(sum(part.overlay.area for part in parts))
