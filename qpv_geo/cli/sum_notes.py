"""What is told below the sums of a table: how places were judged, what to install, and what the redraw changed."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.cli.show import echo, echo_paragraph, style
from qpv_geo.messages.cli import remedy
from qpv_geo.messages.typography import joined
from qpv_geo.perimeters.correspondence import EARLIER
from qpv_geo.projects import LineKind
from qpv_geo.projects.followed import redrawn
from qpv_geo.projects.judgement import judgement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.projects import Sums
    from qpv_geo.projects.checks import Assessment
    from qpv_geo.projects.followed import Redrawn
    from qpv_geo.projects.judgement import Judgement
    from qpv_geo.projects.neighbourhoods import Known
    from qpv_geo.projects.per_inhabitant import PerInhabitant

_MOST_FOLLOWED = 12
_LEAST_M2 = 500.0


def judged(assessments: Sequence[Assessment], checker: Checker) -> Judgement:
    """Return how the places of a table were judged."""
    return judgement(assessments, checker.catalogue.registry)


def show_judgement(found: Judgement) -> None:
    """Print by which perimeters places were judged, why some are to review, and what to install."""
    for note in found.notes:
        echo_paragraph(note)
    for command in found.remedies:
        echo_paragraph(remedy(command))


def followed_in(every: Iterable[Sums], known: Known, checker: Checker) -> list[Redrawn]:
    """Return the followed quartiers of sums by `quartier-suivi`, with what the redraw changed."""
    codes = [
        line.code.partition("+")[0]
        for one in every
        if one.by == "quartier-suivi"
        for line in one.lines
        if line.kind is LineKind.GROUP and line.code is not None
    ]
    return redrawn(map(known.correspondence.followed, codes), checker.catalogue)


def show_followed(found: Sequence[Redrawn], checker: Checker) -> None:
    """Print what became of followed quartiers."""
    if not found:
        return
    echo(style(msg.series.FOLLOWED, bold=True))
    for one in islice(found, _MOST_FOLLOWED):
        quartier = one.quartier
        echo_paragraph(msg.series.followed(quartier.name, quartier.before, quartier.after, known=quartier.known))
        if one.area_before_m2 is not None and one.area_after_m2 is not None and quartier.before and quartier.after:
            echo_paragraph(_areas(one, one.area_before_m2, one.area_after_m2), indent="    ")
    if not all(one.quartier.known for one in found):
        echo_paragraph(remedy(msg.remedies.CORRESPONDENCE))
    if len(found) > _MOST_FOLLOWED:
        echo_paragraph(msg.reports.and_others(len(found) - _MOST_FOLLOWED))
    if not checker.catalogue.answering(EARLIER):
        download = checker.catalogue.registry.downloads[EARLIER]
        command = msg.remedies.fetch_perimeters(EARLIER, unpinned=download.sha256 is None)
        echo_paragraph(msg.series.NOT_MEASURED)
        echo_paragraph(remedy(command))
    echo()


def show_per_inhabitant(found: Sequence[PerInhabitant]) -> None:
    """Print the euros per inhabitant of each line, with the inhabitants, or why there is none."""
    if not found:
        return
    echo(style(msg.indicators.PER_INHABITANT, bold=True))
    amounts = ["—" if one.amount is None else msg.indicators.per_inhabitant(one.amount) for one in found]
    labels = [msg.verdicts.named(one.line.label, one.line.code) if one.line.code else one.line.label for one in found]
    widest = max(map(len, labels)), max(map(len, amounts))
    for one, label, amount in zip(found, labels, amounts, strict=True):
        told = one.reason or joined(
            msg.indicators.inhabitants(each.count, each.vintages, each.generation, rounded=each.rounded)
            for each in one.inhabitants
            if each.count is not None
        )
        echo(f"  {label:<{widest[0]}}  {amount:>{widest[1]}}")
        echo_paragraph(told, indent="    ")
    sources = dict.fromkeys(source for one in found for each in one.inhabitants for source in each.sources)
    for source in sources:
        echo_paragraph(f"[{source}]", indent="    ")
    missing = {each.generation for one in found for each in one.inhabitants if each.missing and not each.marks}
    for generation in sorted(missing):
        echo_paragraph(remedy(msg.remedies.import_population(generation)))
    echo()


def notes_json(found: Judgement | None, followed: Sequence[Redrawn]) -> dict[str, Any]:
    """Return the same as a JSON object."""
    told: dict[str, Any] = {}
    if found is not None:
        told["judgement"] = {"notes": found.notes, "remedies": list(found.remedies)}
    if followed:
        told["followed"] = [
            {
                "name": one.quartier.name,
                "before": list(one.quartier.before),
                "after": list(one.quartier.after),
                "known": one.quartier.known,
                **{
                    key: None if value is None else round(value)
                    for key, value in vars(one).items()
                    if key.endswith("_m2")
                },
                "source": one.source,
            }
            for one in followed
        ]
    return told


def _areas(one: Redrawn, before_m2: float, after_m2: float) -> str:
    added, removed = map(_changed, (one.added_m2, one.removed_m2))
    return msg.series.redrawn(msg.maps.hectares(before_m2), msg.maps.hectares(after_m2), added, removed, one.source)


def _changed(area_m2: float | None) -> str | None:
    if area_m2 is None:
        return None
    return msg.maps.hectares(area_m2) if area_m2 >= _LEAST_M2 else msg.series.LESS_THAN_A_TENTH
