"""Answer many places at once: points measured together, addresses measured together, sites one by one.

What is decided is what `Checker.check` decides of each alone, in the same sentence; the evidence is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qpv_geo import crs
from qpv_geo.eligibility import outcome
from qpv_geo.eligibility.address import shortlist
from qpv_geo.eligibility.answer_named import answer_named
from qpv_geo.eligibility.applicable import gather
from qpv_geo.eligibility.compose import not_found_sentence, sentence
from qpv_geo.eligibility.decide import decide
from qpv_geo.eligibility.sentences import Sentences
from qpv_geo.eligibility.table import AnswerTable
from qpv_geo.errors import CoordinatesError, QpvGeoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qpv_geo.crs import Territory
    from qpv_geo.eligibility.address import GeocodingResult, Shortlist
    from qpv_geo.eligibility.applicable import CheckOptions
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.eligibility.location import Place
    from qpv_geo.eligibility.outcome import Outcome

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PlaceAnswer:
    """What was found out about one place, the generation that answers, and the sentence."""

    outcome: Outcome
    generation: str | None
    message: str


def answer_points(  # noqa: PLR0913 - what was asked of them
    checker: Checker,
    lon: Floats,
    lat: Floats,
    accuracy_m: Floats,
    check_options: CheckOptions,
    *,
    horizon_m: float = np.inf,
    told: bool = False,
) -> AnswerTable:
    """Answer points that were made sure of, degrees, shape ``(n,)`` each.

    Parameters
    ----------
    horizon_m
        How far an edge is looked for from a point outside, in metres. It changes no status.
    told
        Whether to fill the sentences and the generations too.

    Raises
    ------
    MissingPerimetersError, DateError
        The perimeters of the day are not installed in the territory of some point, or the day is too early.
    """
    table = AnswerTable(len(lon))
    place = crs.territory_index(lon=lon, lat=lat)
    for k in np.unique(place):
        mine = np.flatnonzero(place == k) if (place != k).any() else slice(None)
        applicable = gather(check_options, crs.TERRITORIES[k], checker.catalogue)
        index = checker.index(applicable.asked)
        measures = index.measure_points(
            lon=lon[mine],
            lat=lat[mine],
            accuracy_m=accuracy_m[mine],
            horizon_m=horizon_m,
            territory=crs.TERRITORIES[k],
        )
        decided = decide(measures, checker.settings.thresholds)
        table.put(mine, index.perimeters, measures, decided)
        if told:
            sentences = Sentences(check_options.day, applicable, index.perimeters)
            table.message[mine] = sentences.of(measures, decided, accuracy_m[mine])
            table.generation[mine] = applicable.generation.id if applicable.generation else None
    return table


def answer_addresses(
    checker: Checker, found: Sequence[GeocodingResult], check_options: CheckOptions
) -> list[PlaceAnswer | QpvGeoError]:
    """Answer addresses, in their order; what raises for one of them alone is returned in its place."""
    answers: list[PlaceAnswer | QpvGeoError | None] = [None] * len(found)
    groups: dict[Territory | None, list[tuple[int, tuple[GeocodingResult, Shortlist]]]] = {}
    for place, one in enumerate(found):
        if one.named is not None:
            answers[place] = _answer_named(checker, one, check_options)
            continue
        short = shortlist(one)
        if not short.is_firm:
            answers[place] = _answer_communes(checker, one, check_options)
        if answers[place] is None and not short.candidates:
            nowhere = outcome.not_found(one)
            answers[place] = PlaceAnswer(nowhere, None, not_found_sentence(nowhere))
        if answers[place] is None:
            best = short.candidates[0]
            groups.setdefault(crs.territory_at(lon=best.lon, lat=best.lat), []).append((place, (one, short)))
    for territory, mine in groups.items():
        told: Sequence[PlaceAnswer | QpvGeoError]
        try:
            told = _answer_group(checker, [one for _, one in mine], check_options, territory)
        except QpvGeoError as error:
            told = [error for _ in mine]
        for (place, _), answer in zip(mine, told, strict=True):
            answers[place] = answer
    return [one for one in answers if one is not None]


def _answer_named(checker: Checker, found: GeocodingResult, check_options: CheckOptions) -> PlaceAnswer | QpvGeoError:
    """Answer what is named instead of an address."""
    try:
        answer = answer_named(checker, found, check_options)
    except QpvGeoError as error:
        return error
    told, context = answer.outcome, answer.context
    message = not_found_sentence(told) if context is None else sentence(told, check_options.day, context.applicable)
    return PlaceAnswer(told, answer.generation, message)


def _answer_communes(
    checker: Checker, found: GeocodingResult, check_options: CheckOptions
) -> PlaceAnswer | QpvGeoError | None:
    """Answer an address whose commune alone answers; None for another."""
    try:
        context = checker.context_of_communes(found, check_options)
    except QpvGeoError as error:
        return error
    if context is None:
        return None
    applicable = context.applicable
    told = outcome.of_communes(found, checker.index(applicable.asked).perimeters)
    if told is None:
        return None
    generation = applicable.generation.id if applicable.generation else None
    return PlaceAnswer(told, generation, sentence(told, check_options.day, applicable))


def _answer_group(
    checker: Checker,
    found: Sequence[tuple[GeocodingResult, Shortlist]],
    check_options: CheckOptions,
    territory: Territory | None,
) -> list[PlaceAnswer]:
    if territory is None:
        best = found[0][1].candidates[0]
        raise CoordinatesError(crs.misplaced(best.lon, best.lat))
    applicable = gather(check_options, territory, checker.catalogue)
    generation = applicable.generation.id if applicable.generation else None
    return [
        PlaceAnswer(one, generation, sentence(one, check_options.day, applicable))
        for one in outcome.of_addresses(found, checker.index(applicable.asked), checker.settings.thresholds)
    ]


def answer_place(checker: Checker, place: Place, check_options: CheckOptions) -> PlaceAnswer:
    """Answer a point or a site.

    Raises
    ------
    MissingPerimetersError, DateError
        As for `answer_points`.
    """
    applicable = gather(check_options, place.territory, checker.catalogue, place.where)
    [found] = outcome.of_places([place], checker.index(applicable.asked), checker.settings.thresholds)
    generation = applicable.generation.id if applicable.generation else None
    return PlaceAnswer(found, generation, sentence(found, check_options.day, applicable))
