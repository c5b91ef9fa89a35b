"""What a rule asks of a place: its relation to a zone, and the communes whose perimeters count."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """Required relation of a place to a zone.

    ``within``: inside, as a verdict decides; ``intersects``: partly inside; ``within_distance``: partly within a
    distance; ``entirely_within_distance``: wholly within it.
    """

    WITHIN = "within"
    INTERSECTS = "intersects"
    WITHIN_DISTANCE = "within_distance"
    ENTIRELY_WITHIN_DISTANCE = "entirely_within_distance"


@dataclass(frozen=True)
class SchemeCommune:
    """A commune; the files of 2024 identify it by INSEE code, those of 2015 by name.

    Attributes
    ----------
    box
        ``(west, south, east, north)`` in degrees, generous: a place outside it is certainly not in the commune.
    """

    insee: str
    name: str
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class SpatialTest:
    """A relation and, for bands, its distance in metres."""

    relation: Relation
    distance_m: float | None = None
    partly_within_m: float | None = None
