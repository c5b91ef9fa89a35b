"""The one pipeline for every place: points and addresses are measured together, sites one by one, then decided.

A single check writes a verdict from what is decided here; a table, only its columns and its sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo.eligibility import outcome
from qpv_geo.eligibility.answer_named import answer_named
from qpv_geo.eligibility.compose import not_found_sentence, sentence
from qpv_geo.eligibility.decide import decide
from qpv_geo.eligibility.decided import DecidedPlace, from_context
from qpv_geo.eligibility.table import AnswerTable
from qpv_geo.errors import QpvGeoError
from qpv_geo.geocoding.result import shortlist

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray
    from shapely import Geometry

    from qpv_geo.crs import Territory
    from qpv_geo.eligibility.applicable import CheckOptions
    from qpv_geo.eligibility.compose import CheckContext
    from qpv_geo.eligibility.contexts import Contexts
    from qpv_geo.eligibility.location import Place
    from qpv_geo.eligibility.outcome import Outcome
    from qpv_geo.eligibility.sentences import Messages
    from qpv_geo.geocoding.result import GeocodingResult, Shortlist
    from qpv_geo.perimeters.read import PerimeterSet

    Floats = NDArray[np.float64]


class PlaceAnswer(NamedTuple):
    """The outcome for one place, the generation that answers, and the sentence."""

    outcome: Outcome
    generation: str | None
    message: str


def answer_points(  # noqa: PLR0913 - what was asked of them
    contexts: Contexts,
    lon: Floats,
    lat: Floats,
    accuracy_m: Floats,
    check_options: CheckOptions,
    *,
    horizon_m: float = np.inf,
    messages: Messages | None = None,
) -> AnswerTable:
    """Answer validated points, in degrees with accuracies in metres, shape ``(n,)`` each.

    Parameters
    ----------
    horizon_m
        How far from a point outside to look for an edge, in metres. It changes no status.
    messages
        Which rows to tell in a sentence; if given, the generations are filled too.

    Raises
    ------
    MissingPerimetersError, DateError
        No perimeters for that day are installed in some point's territory, or the day precedes the first generation.
    """
    table = AnswerTable(len(lon))
    place = crs.territory_index(lon=lon, lat=lat)
    for k in np.unique(place):
        mine = np.flatnonzero(place == k) if (place != k).any() else slice(None)
        applicable = contexts.of(check_options, crs.TERRITORIES[k]).applicable
        index = contexts.index(applicable.asked)
        measures = index.measure_points(
            lon=lon[mine],
            lat=lat[mine],
            accuracy_m=accuracy_m[mine],
            horizon_m=horizon_m,
            territory=crs.TERRITORIES[k],
        )
        decided = decide(measures, contexts.thresholds)
        table.put(mine, index.perimeters, measures, decided)
        if messages is not None:
            sentences = contexts.sentences(check_options.day, applicable, index.perimeters)
            generation = applicable.generation.id if applicable.generation else None
            table.tell(mine, sentences.of(measures, decided, accuracy_m[mine], messages), generation=generation)
    return table


def answer_addresses(
    contexts: Contexts, found: Sequence[GeocodingResult], check_options: CheckOptions
) -> list[PlaceAnswer | QpvGeoError]:
    """Answer addresses in order; an error takes the place of the answers it prevents."""
    decided = decide_addresses(contexts, found, check_options)
    return [one if isinstance(one, QpvGeoError) else _answer(one, check_options) for one in decided]


def answer_place(contexts: Contexts, place: Place, check_options: CheckOptions) -> PlaceAnswer:
    """Answer a point or a site.

    Raises
    ------
    MissingPerimetersError, DateError
        As for `answer_points`.
    """
    [decided] = decide_places(contexts, [place], check_options)
    return _answer(decided, check_options)


def _answer(decided: DecidedPlace, check_options: CheckOptions) -> PlaceAnswer:
    told, context = decided.outcome, decided.context
    message = not_found_sentence(told) if context is None else sentence(told, check_options.day, context.applicable)
    return PlaceAnswer(told, decided.generation, message)


# ── Decide ───────────────────────────────────────────────────────────────────────────────────────────────────


def decide_places(contexts: Contexts, places: Sequence[Place], check_options: CheckOptions) -> list[DecidedPlace]:
    """Decide points of one territory, all measured at once, or one site.

    Raises
    ------
    MissingPerimetersError, DateError
        As for `answer_points`.
    """
    context = contexts.of(check_options, places[0].territory)
    decided: dict[int, DecidedPlace] = {}
    for own, mine in _by_context(context, len(places), lambda k: places[k].where):
        some = [places[k] for k in mine]
        told = outcome.of_places(some, contexts.index(own.applicable.asked), contexts.thresholds)
        decided |= {k: from_context(one, own, places[k]) for k, one in zip(mine, told, strict=True)}
    return [decided[k] for k in range(len(places))]


def decide_addresses(
    contexts: Contexts, found: Sequence[GeocodingResult], check_options: CheckOptions
) -> list[DecidedPlace | QpvGeoError]:
    """Decide addresses in order; an error takes the place of the answers it prevents."""
    decided: list[DecidedPlace | QpvGeoError | None] = [None] * len(found)
    territories: dict[Territory, list[tuple[int, Shortlist]]] = {}
    for k, one in enumerate(found):
        short = shortlist(one)
        try:
            decided[k] = _without_points(contexts, one, short, check_options)
            if decided[k] is None:
                best = short.candidates[0]
                territories.setdefault(crs.territory_of(lon=best.lon, lat=best.lat), []).append((k, short))
        except QpvGeoError as error:
            decided[k] = error
    for territory, mine in territories.items():
        some: Sequence[DecidedPlace | QpvGeoError]
        try:
            some = _by_points(contexts, [(found[k], short) for k, short in mine], check_options, territory)
        except QpvGeoError as error:
            some = [error] * len(mine)
        for (k, _), told in zip(mine, some, strict=True):
            decided[k] = told
    return [one for one in decided if one is not None]


def _without_points(
    contexts: Contexts, found: GeocodingResult, short: Shortlist, check_options: CheckOptions
) -> DecidedPlace | None:
    """Decide named places, addresses that their commune answers, and addresses not found; return None for others."""
    if found.named is not None:
        return answer_named(contexts, found, check_options)
    context = None if short.is_firm else contexts.of_communes(check_options, found)
    if context is not None:
        told = outcome.of_communes(found, contexts.index(context.applicable.asked).perimeters)
        if told is not None:
            return from_context(told, context)
    return None if short.candidates else DecidedPlace(outcome.not_found(found))


def _by_points(
    contexts: Contexts,
    found: Sequence[tuple[GeocodingResult, Shortlist]],
    check_options: CheckOptions,
    territory: Territory,
) -> list[DecidedPlace]:
    """Decide addresses of one territory by their geocoded points, all measured at once."""
    context = contexts.of(check_options, territory)
    bests = [short.candidates[0] for _, short in found]
    decided: dict[int, DecidedPlace] = {}
    for own, mine in _by_context(context, len(found), lambda k: shapely.Point(bests[k].lon, bests[k].lat)):
        some = [found[k] for k in mine]
        told = outcome.of_addresses(some, contexts.index(own.applicable.asked), contexts.thresholds)
        decided |= {k: from_context(one, own) for k, one in zip(mine, told, strict=True)}
    return [decided[k] for k in range(len(found))]


def _by_context(
    context: CheckContext, count: int, where: Callable[[int], Geometry]
) -> Iterable[tuple[CheckContext, Sequence[int]]]:
    """Group the positions of places that use the same sets in the same order, each group with its context."""
    if len(context.applicable.asked) == 1:
        return [(context, range(count))]
    groups: dict[tuple[PerimeterSet, ...], tuple[CheckContext, list[int]]] = {}
    for k in range(count):
        own = context.about(where(k))
        groups.setdefault(own.applicable.asked, (own, []))[1].append(k)
    return groups.values()
