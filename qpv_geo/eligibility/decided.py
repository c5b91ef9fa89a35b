"""What was found out about what is named instead of an address, before it is written."""

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
    """What was found out about a place, before its verdict or its sentence is written.

    Attributes
    ----------
    context
        What its verdict is written from; None where no perimeters were consulted.
    generation
        The generation that answers.
    place
        The point or the surface on which the zones that are only listed are to be measured; None where there is none.
    """

    outcome: Outcome
    context: CheckContext | None = None
    generation: str | None = None
    place: Place | None = None


def from_context(told: Outcome, context: CheckContext, place: Place | None = None) -> DecidedPlace:
    """Return what was found out from the perimeters of a context."""
    return DecidedPlace(told, context, generation_of_context(context), place)


def of_site(contexts: Contexts, found: GeocodingResult, context: CheckContext, place: Place) -> DecidedPlace:
    """Decide the surface of what is named as a site."""
    about = context.about(place.where)
    [told] = outcome.of_places([place], contexts.index(about.applicable.asked), contexts.thresholds)
    return from_context(told._replace(question=found.to_json() | place.question, found=found), about, place)


def generation_of_context(context: CheckContext) -> str | None:
    """Return the id of the generation that answers, or None for sets of none."""
    return context.applicable.generation.id if context.applicable.generation else None


def when(context: CheckContext) -> str:
    """Return the day as sentences begin with it."""
    return msg.verdicts.at(context.day, generation_of_context(context) if context.applicable.forced else None)
