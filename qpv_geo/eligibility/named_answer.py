"""What was found out about what is named instead of an address, before it is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qpv_geo.eligibility import findings
from qpv_geo.texts import verdicts

if TYPE_CHECKING:
    from qpv_geo.eligibility.address import Found
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.eligibility.compose import Occasion
    from qpv_geo.eligibility.findings import Findings
    from qpv_geo.eligibility.location import Place


@dataclass(frozen=True, eq=False)
class NamedAnswer:
    """What was found out about what is named.

    Attributes
    ----------
    occasion
        What its verdict is written from; None where no perimeters were consulted.
    generation
        The generation that answers.
    place
        The surface on which the zones that are only listed are to be measured; None where there is none.
    """

    findings: Findings
    occasion: Occasion | None = None
    generation: str | None = None
    place: Place | None = None


def from_occasion(told: Findings, occasion: Occasion, place: Place | None = None) -> NamedAnswer:
    """Return what was found out from the perimeters of an occasion."""
    return NamedAnswer(told, occasion, generation_of_occasion(occasion), place)


def of_site(checker: Checker, found: Found, occasion: Occasion, place: Place) -> NamedAnswer:
    """Decide the surface of what is named as a site."""
    about = occasion.about(place.where)
    [told] = findings.of_places([place], checker.index(about.grounds.asked), checker.settings.thresholds)
    return from_occasion(replace(told, question=found.to_json() | place.question, found=found), about, place)


def generation_of_occasion(occasion: Occasion) -> str | None:
    """Return the id of the generation that answers, or None for sets of none."""
    return occasion.grounds.generation.id if occasion.grounds.generation else None


def when(occasion: Occasion) -> str:
    """Return the day as sentences begin with it."""
    return verdicts.at(occasion.day, generation_of_occasion(occasion) if occasion.grounds.forced else None)
