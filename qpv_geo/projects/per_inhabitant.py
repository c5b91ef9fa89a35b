"""Euros per inhabitant: the euros of a generation are divided by inhabitants of the perimeters of that generation only.

Where a line has euros of both generations, each part is divided by its own inhabitants, and the two quotients are
added. Without the inhabitants of one of them there is no figure, and the reason is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.perimeters.names import generation_of
from qpv_geo.perimeters.registry import registry
from qpv_geo.projects.amounts import to_cents
from qpv_geo.projects.indicators import Indicator
from qpv_geo.projects.neighbourhoods import generation_in_year
from qpv_geo.projects.places import LineKind
from qpv_geo.projects.sums import sums
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qpv_geo.projects.checks import Answers
    from qpv_geo.projects.indicators import Indicators, IndicatorSet, IndicatorValue
    from qpv_geo.projects.model import Projects
    from qpv_geo.projects.neighbourhoods import Known
    from qpv_geo.projects.sums import Line, Sums

KEYS_PER_INHABITANT = ("qpv", "quartier-suivi", "quartier")
"""Keys whose lines are places with inhabitants."""

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Inhabitants:
    """The inhabitants of some perimeters of one generation.

    Attributes
    ----------
    count
        None if it is not known for one of them; `missing` names those.
    vintages, sources
        Of the figures, each once.
    marks
        What the bases have in place of the missing figures, such as ``s``; none if no base names the perimeter.
    """

    generation: str
    codes: tuple[str, ...]
    count: Decimal | None
    rounded: bool = False
    vintages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class PerInhabitant:
    """Euros per inhabitant of a line of a sum.

    Attributes
    ----------
    amount
        Euros per inhabitant, to the cent; None if it cannot be told.
    inhabitants
        One for each generation that the line has euros of.
    reason
        Why there is no amount, in French; None if there is one.
    """

    line: Line
    amount: Decimal | None
    inhabitants: tuple[Inhabitants, ...] = ()
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON; amounts are text."""
        return {
            "label": self.line.label,
            "code": self.line.code,
            "per_inhabitant": None if self.amount is None else str(self.amount),
            "inhabitants": [
                {
                    "generation": one.generation,
                    "codes": list(one.codes),
                    "count": None if one.count is None else str(one.count),
                    "rounded": one.rounded,
                    "vintages": list(one.vintages),
                    "sources": list(one.sources),
                }
                for one in self.inhabitants
            ],
            "reason": self.reason,
        }


def per_inhabitant(
    found: Sums, projects: Projects, indicators: Indicators, known: Known, told: Answers
) -> list[PerInhabitant]:
    """Return the euros per inhabitant of the lines of a sum that are places.

    Parameters
    ----------
    found
        Sums by one of `KEYS_PER_INHABITANT`.
    told
        Answers on the places of projects; those of the sums.

    Raises
    ------
    InputError
        The key is another one.
    """
    if found.by not in KEYS_PER_INHABITANT:
        raise InputError(msg.indicators.not_per_inhabitant(found.by, KEYS_PER_INHABITANT))
    by_code = {line.code: line.amount for line in sums(projects, "qpv", known=known, **told).lines}
    places = (line for line in found.lines if line.kind is LineKind.GROUP)
    if found.by == "quartier-suivi":
        return [_followed(line, by_code, indicators, known) for line in places]
    return [_single(line, projects, indicators) for line in places]


def _followed(
    line: Line, by_code: Mapping[str | None, Decimal | None], indicators: Indicators, known: Known
) -> PerInhabitant:
    """Divide the euros of each generation by its own inhabitants."""
    quartier = known.correspondence.followed(str(line.code).partition("+")[0])
    parts: list[tuple[int, Inhabitants]] = []
    for codes in (quartier.before, quartier.after):
        amounts = [amount for code in codes if (amount := by_code.get(code)) is not None]
        if amounts:
            parts.append((sum(map(to_cents, amounts)), inhabitants_of(codes, indicators)))
    return _divided(line, parts)


def _single(line: Line, projects: Projects, indicators: Indicators) -> PerInhabitant:
    """Divide by the inhabitants of a perimeter, or of a part of one that has figures of its own (a tower)."""
    if line.code is not None:
        mine = inhabitants_of((line.code,), indicators)
    else:
        part = _part(line, projects, indicators)
        if part is None:
            return PerInhabitant(line, None, (), msg.indicators.NO_SINGLE_PERIMETER)
        mine = _inhabitants([(part[1].code, part)])
    return _divided(line, [] if line.amount is None else [(to_cents(line.amount), mine)])


def _part(line: Line, projects: Projects, indicators: Indicators) -> tuple[IndicatorSet, IndicatorValue] | None:
    """Return the population of the part that a line names, if all its projects are of that generation."""
    generations = {generation_in_year(one.year) for one in projects.projects if one.id in line.projects}
    ids = {None if one is None else one.id for one in generations}
    for found in indicators.sets:
        for value in found.values:
            named = value.part and value.indicator == Indicator.POPULATION and fold(value.name) == fold(line.label)
            if named and ids == {found.generation}:
                return found, value
    return None


def inhabitants_of(codes: Sequence[str], indicators: Indicators) -> Inhabitants:
    """Return the inhabitants of some perimeters of one generation, together."""
    return _inhabitants([(code, indicators.best(code, Indicator.POPULATION)) for code in codes])


def _inhabitants(found: Iterable[tuple[str, tuple[IndicatorSet, IndicatorValue] | None]]) -> Inhabitants:
    pairs = list(found)
    codes = tuple(code for code, _ in pairs)
    given = [one for _, one in pairs if one is not None and one[1].value is not None]
    missing = tuple(code for code, one in pairs if one is None or one[1].value is None)
    return Inhabitants(
        generation_of(codes[0], registry()) or "",
        codes,
        None if missing else sum((one.value for _, one in given if one.value is not None), Decimal(0)),
        any(one.rounded for _, one in given),
        tuple(dict.fromkeys(one.vintage for _, one in given if one.vintage)),
        tuple(dict.fromkeys(one.source for one, _ in given)),
        missing,
        tuple(dict.fromkeys(one[1].text for _, one in pairs if one is not None and one[1].value is None)),
    )


def _divided(line: Line, parts: Sequence[tuple[int, Inhabitants]]) -> PerInhabitant:
    """Add the quotients exactly, then round once."""
    inhabitants = tuple(one for _, one in parts)
    if not parts:
        return PerInhabitant(line, None, inhabitants, msg.reports.UNPUBLISHED)
    quotient = Fraction(0)
    for cents, one in parts:
        if one.count is None:
            return PerInhabitant(
                line, None, inhabitants, msg.indicators.no_population(one.missing, one.generation, one.marks)
            )
        if one.count <= 0:
            return PerInhabitant(line, None, inhabitants, msg.indicators.NOBODY)
        quotient += Fraction(cents, 100) / Fraction(one.count)
    exact = Decimal(quotient.numerator) / Decimal(quotient.denominator)
    return PerInhabitant(line, exact.quantize(_CENT, ROUND_HALF_UP), inhabitants)
