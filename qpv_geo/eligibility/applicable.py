"""The perimeters a verdict is based on: the generation in force, the sets asked about, and those only listed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypedDict

import shapely

from qpv_geo import messages as msg
from qpv_geo.errors import InputError, MissingPerimetersError
from qpv_geo.model import Kind, OtherDataset
from qpv_geo.perimeters.generations import generation_in_force

if TYPE_CHECKING:
    from datetime import date

    from shapely import Geometry

    from qpv_geo.crs import Territory
    from qpv_geo.model import Generation
    from qpv_geo.perimeters.catalogue import Catalogue
    from qpv_geo.perimeters.read import PerimeterSet


@dataclass(frozen=True)
class CheckOptions:
    """Everything a question specifies except the place: the day and the perimeters.

    Attributes
    ----------
    generation
        Generation to use whatever the day; None for the one in force.
    kinds
        Kinds of perimeters the status is about.
    perimeters
        Set to use instead of the registered ones.
    """

    day: date
    generation: str | None
    kinds: tuple[str, ...]
    perimeters: PerimeterSet | None


class Consulted(TypedDict):
    """Evidence fields about the sets consulted; see `qpv_geo.model.Evidence`."""

    dataset: str | None
    title: str | None
    source: str | None
    edition: str | None
    licence: str | None
    sha256: str | None
    precision_m: float | None
    coverage: str | None
    others: tuple[OtherDataset, ...]


@dataclass(frozen=True, eq=False)
class ApplicablePerimeters:
    """The perimeters a verdict is based on.

    Attributes
    ----------
    generation
        Generation in force on the day, or forced; None for a set that belongs to none.
    asked
        Sets that the status is about.
    others
        Sets of local zones that are only listed.
    """

    generation: Generation | None
    forced: bool
    asked: tuple[PerimeterSet, ...]
    others: tuple[PerimeterSet, ...]
    kinds: tuple[str, ...]

    @property
    def about_qpv(self) -> bool:
        """Whether QPV are among the kinds asked about: only they rest on decrees and can be fetched."""
        return Kind.QPV in self.kinds

    def decrees(self, territory: Territory) -> tuple[str, ...]:
        """Return the decrees that the answer rests on in a territory."""
        return self.generation.decrees(territory.id) if self.generation and self.about_qpv else ()

    @cached_property
    def consulted(self) -> Consulted:
        """Evidence fields about the sets; cached, as questions about the same day share them."""
        first, *rest = self.asked
        dataset = first.dataset
        return Consulted(
            dataset=dataset.id,
            title=dataset.title,
            source=dataset.source,
            edition=dataset.edition,
            licence=dataset.licence,
            sha256=dataset.sha256,
            precision_m=dataset.precision_m,
            coverage=first.coverage.kind,
            others=tuple(
                OtherDataset(one.dataset.id, one.dataset.kind, one.dataset.sha256) for one in (*rest, *self.others)
            ),
        )

    def about(self, where: Geometry) -> ApplicablePerimeters:
        """Return these perimeters, with the sets that cover or touch `where` (degrees) first within each kind."""
        if len(self.asked) <= 1:
            return self
        order = sorted(self.asked, key=lambda one: (self.kinds.index(one.dataset.kind), not _speaks_of(one, where)))
        return replace(self, asked=tuple(order))


def gather(
    check_options: CheckOptions, territory: Territory, catalogue: Catalogue, where: Geometry | None = None
) -> ApplicablePerimeters:
    """Return the perimeters that answer a question in a territory.

    Parameters
    ----------
    where
        The place, in degrees: sets that cover or touch it come first within each kind, and so in the evidence.

    Raises
    ------
    InputError
        No kind is asked about, or the generation is unknown.
    DateError
        The day comes before the first generation.
    MissingPerimetersError
        Nothing of the generation, or of a kind, is installed.
    """
    if not check_options.kinds:
        raise InputError(msg.errors.no_kind())
    if check_options.perimeters is not None:
        return _of_given_set(check_options.perimeters, catalogue)
    known = catalogue.registry.generations.values()
    in_force = generation_in_force(known, on=check_options.day, territory=territory)
    generation = in_force if check_options.generation is None else catalogue.generation(check_options.generation)
    local = catalogue.local_zones(check_options.day)
    asked = list(catalogue.sets_of(generation)) if Kind.QPV in check_options.kinds else []
    asked += [one for one in local if one.dataset.kind in check_options.kinds]
    for kind in check_options.kinds:
        if kind not in {one.dataset.kind for one in asked}:
            raise MissingPerimetersError(
                msg.errors.unknown_kind(kind, {Kind.QPV, *(one.dataset.kind for one in local)})
            )
    others = tuple(one for one in local if one.dataset.kind not in check_options.kinds)
    applicable = ApplicablePerimeters(
        generation, check_options.generation is not None, tuple(asked), others, check_options.kinds
    )
    return applicable if where is None else applicable.about(where)


def _speaks_of(perimeters: PerimeterSet, where: Geometry) -> bool:
    return perimeters.coverage.covers(where) or bool(shapely.intersects(perimeters.geometry, where).any())


def _of_given_set(given: PerimeterSet, catalogue: Catalogue) -> ApplicablePerimeters:
    known = given.dataset.generation
    generation = catalogue.generation(known) if known else None
    return ApplicablePerimeters(generation, forced=True, asked=(given,), others=(), kinds=(given.dataset.kind,))
