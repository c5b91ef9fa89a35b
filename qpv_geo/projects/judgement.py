"""By which perimeters the places of a table were judged, why some are to review, and what to install: its caption.

Each project is judged by the perimeters in force in its year; a summary, a map, a workbook and a picture of one table
say the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import MissingPerimetersError
from qpv_geo.model import Status
from qpv_geo.projects.model import Precision
from qpv_geo.projects.neighbourhoods import generation_in_year

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qpv_geo.perimeters.registry import Registry
    from qpv_geo.projects.checks import Assessment

_UNPLACED = frozenset({Precision.EVERYWHERE, Precision.NOT_STATED})


@dataclass(frozen=True)
class Judgement:
    """How the places of a table were judged.

    Attributes
    ----------
    years
        Generation, and first and last year of the projects judged by it; mainland France's dates.
    undated
        Number of projects without a year, judged by today's perimeters.
    reasons
        Why projects are to review, in French, with their number, most first.
    remedies
        Commands that bring what was missing.
    """

    years: tuple[tuple[str, int, int], ...]
    undated: int
    reasons: tuple[tuple[str, int], ...]
    remedies: tuple[str, ...]

    @property
    def notes(self) -> list[str]:
        """Return the caption, in French."""
        return [
            *([msg.series.judged_by_year(self.years, self.undated)] if self.years or self.undated else []),
            *([msg.series.why_to_review(self.reasons)] if self.reasons else []),
        ]


def judgement(assessments: Sequence[Assessment], known: Registry) -> Judgement:
    """Return how the places of some projects were judged."""
    placed = [one for one in assessments if one.basis not in _UNPLACED]
    years: dict[str, list[int]] = {}
    for one in placed:
        generation = None if one.project.year is None else generation_in_year(one.project.year)
        if one.project.year is not None and generation is not None:
            years.setdefault(generation.id, []).append(one.project.year)
    reasons = Counter(_reason(one) for one in placed if one.status is Status.UNCERTAIN)
    ordered = sorted(years.items(), key=lambda pair: min(pair[1]))
    return Judgement(
        tuple((generation, min(found), max(found)) for generation, found in ordered),
        sum(one.project.year is None for one in placed),
        tuple(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
        tuple(sorted(set(_remedies(placed, known)))),
    )


def _reason(one: Assessment) -> str:
    if isinstance(one.error, MissingPerimetersError):
        return msg.series.perimeters_missing(_generation_of(one))
    if one.error is not None:
        return str(one.error)
    if one.verdict is not None:
        return msg.cli.REASON[one.verdict.reason]
    return msg.series.CODE_NOT_IN_FORCE if one.basis is Precision.PERIMETER else msg.series.QPV_NOT_KNOWN


def _remedies(assessments: Iterable[Assessment], known: Registry) -> Iterable[str]:
    for one in assessments:
        if one.verdict is not None and one.verdict.remedy and one.status is Status.UNCERTAIN:
            yield one.verdict.remedy
        if isinstance(one.error, MissingPerimetersError):
            generation = _generation_of(one)
            download = known.downloads.get(generation)
            if download is not None:
                yield msg.remedies.fetch_perimeters(generation, unpinned=download.sha256 is None)


def _generation_of(one: Assessment) -> str:
    generation = generation_in_year(one.project.year)
    return "" if generation is None else generation.id
