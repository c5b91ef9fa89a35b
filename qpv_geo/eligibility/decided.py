"""Places that have been decided, before their verdict or sentence is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qpv_geo import messages as msg
from qpv_geo.eligibility import outcome

if TYPE_CHECKING:
    from qpv_geo.eligibility.compose import CheckContext
    from qpv_geo.eligibility.contexts import Contexts
    from qpv_geo.eligibility.location import Place
    from qpv_geo.eligibility.outcome import Outcome
    from qpv_geo.geocoding.result import GeocodingResult


class DecidedPlace(NamedTuple):
    """A place that has been decided, before its verdict or its sentence is written.

    Attributes
    ----------
    context
        Context of its verdict; None if no perimeters were consulted.
    generation
        Id of the generation that answers, or None.
    place
        Point or site on which to measure the zones that are only listed, or None.
    """

    outcome: Outcome
    context: CheckContext | None = None
    generation: str | None = None
    place: Place | None = None


def from_context(told: Outcome, context: CheckContext, place: Place | None = None) -> DecidedPlace:
    """Return a place that was decided in a context."""
    return DecidedPlace(told, context, generation_of_context(context), place)


def of_site(contexts: Contexts, found: GeocodingResult, context: CheckContext, place: Place) -> DecidedPlace:
    """Decide the geometry of a named place as a site."""
    about = context.about(place.where)
    [told] = outcome.of_places([place], contexts.index(about.applicable.asked), contexts.thresholds)
    return from_context(told._replace(question=found.to_json() | place.question, found=found), about, place)


def generation_of_context(context: CheckContext) -> str | None:
    """Return the id of the generation that answers, or None for sets that belong to none."""
    return context.applicable.generation.id if context.applicable.generation else None


def when(context: CheckContext) -> str:
    """Return the phrase that opens a sentence: the day, or the forced generation."""
    return msg.verdicts.at(context.day, generation_of_context(context) if context.applicable.forced else None)
