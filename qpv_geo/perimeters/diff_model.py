"""The result of comparing two generations: pieces of ground, one line per quartier, totals, and their JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import shapely

if TYPE_CHECKING:
    from shapely import Geometry

    from qpv_geo.untyped import AnyValue


class Change(StrEnum):
    """What became of a quartier.

    ==================  =========================================================================================
    ``entering``        it succeeds none, and the earlier set is complete where it lies (or the official
                        correspondence says that it is new)
    ``leaving``         nothing succeeds it, and the later set is complete where it lies
    ``modified``        its perimeter differs by more than slivers from that of the quartier it succeeds; or it
                        succeeds several, or one that has another successor
    ``unchanged``       its perimeter is that of the one quartier it succeeds, except for slivers
    ``not_comparable``  no quartier of the other set is linked to it, and that set is not complete where it lies, or
                        lacks the quartier that the correspondence names
    ==================  =========================================================================================
    """

    ENTERING = "entering"
    LEAVING = "leaving"
    MODIFIED = "modified"
    UNCHANGED = "unchanged"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True, eq=False)
class Piece:
    """Ground in one part that entered or left the priority neighbourhoods.

    Attributes
    ----------
    change
        ``added`` or ``removed``.
    code, name
        The quartier that now holds it (added) or held it (removed).
    area_m2
        Area in the legal projected system, square metres.
    lon, lat
        A point inside it, degrees, 6 decimals: its centroid if that is well inside.
    geometry
        Polygon in longitude and latitude, on a grid of 1e-7 degree.
    """

    change: str
    code: str
    name: str
    area_m2: float
    lon: float
    lat: float
    geometry: Geometry

    def to_dict(self) -> dict[str, Any]:
        """Return the piece as JSON, without its geometry; area rounded to 1 m2."""
        keys = ("change", "code", "name", "lon", "lat")
        return {**{key: getattr(self, key) for key in keys}, "area_m2": round(self.area_m2)}


@dataclass(frozen=True, eq=False)
class QuartierChange:
    """What became of one quartier: a line of the comparison.

    There is one line for each quartier of the later set, then one for each quartier of the earlier set without a
    successor. Areas are in square metres; slivers are ignored.

    Attributes
    ----------
    change
        What became of it.
    codes_before, codes_after
        Codes of the quartiers that the line links; a quartier that was split is in several lines.
    name, names_before
        Current name (the former one if there is none), and former names.
    insee
        INSEE codes of its communes, from the later set or else the earlier one; empty if neither gives them.
    official
        Whether these codes are linked by the official correspondence rather than by overlap.
    split
        Whether a quartier that it succeeds has another successor.
    area_before_m2, area_after_m2
        Total area of its quartiers; 0 if there are none, None if unknown.
    added_m2, removed_m2
        Ground that was in no quartier before, or is in none after, including pieces too small to be listed.
    gained_m2, ceded_m2
        Ground that was in another quartier before, or is in another one after.
    not_comparable_m2
        Ground that differs where the other set is not complete: whether it is new or gone is unknown.
    pieces
        The pieces of at least the minimum area, those added, then those removed, each by decreasing area.
    smaller_pieces, smaller_pieces_m2
        Number and area of the pieces too small to be listed.
    unknown_pieces
        Those of `not_comparable_m2` of at least the minimum area, for drawing.
    """

    change: Change
    codes_before: tuple[str, ...]
    codes_after: tuple[str, ...]
    name: str
    names_before: tuple[str, ...]
    insee: tuple[str, ...]
    official: bool
    split: bool
    area_before_m2: float | None
    area_after_m2: float | None
    added_m2: float
    removed_m2: float
    gained_m2: float
    ceded_m2: float
    not_comparable_m2: float
    pieces: tuple[Piece, ...]
    smaller_pieces: int
    smaller_pieces_m2: float
    unknown_pieces: tuple[Piece, ...] = ()

    @property
    def merged(self) -> bool:
        """Whether it succeeds several quartiers."""
        return len(self.codes_before) > 1

    @property
    def complete(self) -> bool:
        """Whether all of it could be compared."""
        known = self.area_before_m2 is not None and self.area_after_m2 is not None
        return known and not self.not_comparable_m2

    def to_dict(self) -> dict[str, Any]:
        """Return the line as JSON, without its pieces; areas rounded to 1 m2."""
        values = {key: value for key, value in vars(self).items() if key not in {"pieces", "unknown_pieces"}}
        flags = {"change": self.change.value, "merged": self.merged, "complete": self.complete}
        return {key: _plain(value) for key, value in (values | flags).items()}


@dataclass(frozen=True)
class Totals:
    """Sums over a comparison, each quartier and each piece counted once; square metres.

    Attributes
    ----------
    area_before_m2, area_after_m2
        Of the quartiers that could be compared.
    added_m2, removed_m2
        Of all pieces, listed or not.
    not_comparable_m2
        Of the ground that could not be compared.
    """

    area_before_m2: float
    area_after_m2: float
    added_m2: float
    removed_m2: float
    not_comparable_m2: float

    @property
    def is_unknown(self) -> bool:
        """Whether nothing could be compared: the other areas are zero for want of data."""
        return self.not_comparable_m2 > 0 and self.area_before_m2 == 0 == self.area_after_m2


@dataclass(frozen=True, eq=False)
class PerimeterDiff:
    """What changed between two sets of perimeters.

    Attributes
    ----------
    before, after
        Ids of the two datasets.
    before_sha256, after_sha256
        Hashes of their files.
    commune
        The commune that was asked for, or None for all.
    min_area_m2
        Smallest area of a listed piece.
    sliver_width_m
        Width under which a difference is a sliver; at least twice the sum of both sets' precisions.
    quartiers
        One line per quartier.
    totals
        Sums that count nothing twice.
    unattached
        With a commune: number of other quartiers of its department that may belong to it, because the files give no
        code or name to compare. They are not in `quartiers`.
    """

    before: str
    after: str
    before_sha256: str
    after_sha256: str
    commune: str | None
    min_area_m2: float
    sliver_width_m: float
    quartiers: tuple[QuartierChange, ...]
    totals: Totals
    unattached: int = 0

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Every listed piece, once, in the order of the quartiers."""
        return tuple(piece for quartier in self.quartiers for piece in quartier.pieces)

    @property
    def unknown_pieces(self) -> tuple[Piece, ...]:
        """Ground that could not be compared, of quartiers that could in part."""
        partly = (quartier for quartier in self.quartiers if quartier.change is not Change.NOT_COMPARABLE)
        return tuple(piece for quartier in partly for piece in quartier.unknown_pieces)

    @property
    def counts(self) -> dict[str, int]:
        """Number of lines for each of the five changes, zeros included."""
        counted = Counter(quartier.change for quartier in self.quartiers)
        return {change.value: counted[change] for change in Change}

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON: the lines under ``quartiers``, all the pieces under ``pieces``."""
        keys = ("before", "after", "before_sha256", "after_sha256", "commune", "min_area_m2", "sliver_width_m")
        return {
            **{key: getattr(self, key) for key in keys},
            "counts": self.counts,
            "totals": {key: round(value) for key, value in asdict(self.totals).items()},
            "unattached": self.unattached,
            "quartiers": [quartier.to_dict() for quartier in self.quartiers],
            "pieces": [piece.to_dict() for piece in self.pieces],
        }

    def to_geojson(self) -> dict[str, Any]:
        """Return the pieces as a GeoJSON FeatureCollection (RFC 7946), with the properties of `Piece.to_dict`.

        Quartiers are not included: their outlines are the perimeters of the two sets.
        """
        features = [
            {
                "type": "Feature",
                "geometry": json.loads(shapely.to_geojson(piece.geometry)),
                "properties": piece.to_dict(),
            }
            for piece in self.pieces
        ]
        return {"type": "FeatureCollection", "features": features}


def _plain(value: AnyValue) -> AnyValue:
    if isinstance(value, tuple):
        return list(value)
    return round(value) if isinstance(value, float) else value
