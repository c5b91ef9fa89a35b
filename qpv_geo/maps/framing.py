"""What a map of projects is of: the communes of its table, their perimeters and no others, and a title in words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from qpv_geo import messages as msg
from qpv_geo.projects.judged import judged_by_year
from qpv_geo.projects.places import commune_name, name_and_code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from qpv_geo.perimeters.diff_model import PerimeterDiff
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects import Project, Projects
    from qpv_geo.projects.checks import Assessment
    from qpv_geo.projects.judged import Judged
    from qpv_geo.projects.neighbourhoods import Known

_MOST_NAMED = 3
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_IN_BRACKETS = re.compile(r" ?\([^)]*\)")


def communes_of(projects: Iterable[Project], judged: Mapping[str, Judged], known: Known) -> list[str]:
    """Return the INSEE codes of the communes of some projects, most frequent first: as few as have all of them.

    They are those of the table or, without any, those of its perimeters and neighbourhoods, and of the perimeters that
    hold its places. Where a perimeter is in several, the commune with more quartiers is the one meant.
    """
    quartiers = Counter(commune for one in known.neighbourhoods for commune in set(one.communes))
    places = [found for one in projects if (found := _communes(one, judged.get(one.id), known))]
    chosen: list[str] = []
    while places:
        counts = Counter(commune for place in places for commune in place)
        chosen.append(min(counts, key=lambda commune: (-counts[commune], -quartiers[commune], commune)))
        places = [place for place in places if chosen[-1] not in place]
    return chosen


def around(perimeters: PerimeterSet, communes: Collection[str], codes: Collection[str]) -> PerimeterSet:
    """Return the perimeters of some communes, and those with some codes."""
    rows = [
        row
        for row, code in enumerate(perimeters.codes)
        if code in codes or not set(re.findall(r"[0-9AB]{5}", perimeters.insee[row])).isdisjoint(communes)
    ]

    def kept(column: Sequence[str]) -> tuple[str, ...]:
        return tuple(column[row] for row in rows)

    return replace(
        perimeters,
        codes=kept(perimeters.codes),
        names=kept(perimeters.names),
        insee=kept(perimeters.insee),
        communes=kept(perimeters.communes),
        geometry=perimeters.geometry[np.array(rows, dtype=np.intp)],
        kinds=kept(perimeters.kinds),
    )


def of_quartiers(redraw: PerimeterDiff, codes: Collection[str], communes: Collection[str]) -> PerimeterDiff:
    """Return what a redraw changed of the current perimeters with some codes, and those that left some communes."""
    kept = tuple(
        one
        for one in redraw.quartiers
        if not set(one.codes_after or one.insee).isdisjoint(codes if one.codes_after else communes)
    )
    return replace(redraw, quartiers=kept)


def title_of(projects: Projects, assessments: Sequence[Assessment], known: Known) -> str:
    """Return a title in words: the schemes and the communes if they are few, and the years.

    Communes are those of the table, or of the perimeters that its places are in; without any, or with too many, the
    name of the table is there. A table that states no year has that of its name, if there is one.
    """
    labels = list(dict.fromkeys(one.decision.label if one.decision else one.project.scheme for one in assessments))
    schemes = [] if None in labels or len(labels) > _MOST_NAMED else [str(label) for label in labels]
    communes = communes_of(projects.projects, judged_by_year(assessments), known)
    named = list(map(commune_name, communes)) if len(communes) <= _MOST_NAMED else []
    years = sorted({project.year for project in projects.projects if project.year is not None})
    stem = PurePath(projects.name).stem
    if not named and not schemes:
        return msg.maps.titled_projects(stem)
    years = years or [int(year) for year in _YEAR.findall(stem)[-1:]]
    return msg.maps.map_title([_without_commune(label, named) for label in schemes], named, years)


def _without_commune(label: str, communes: Iterable[str]) -> str:
    short = _IN_BRACKETS.sub("", label)
    for commune in communes:
        short = short.removesuffix(f", {commune}")
    return short


def _communes(project: Project, judged: Judged | None, known: Known) -> set[str]:
    place = project.placement
    if place.commune is not None:
        return {known.commune_code(place.commune)}
    named = [name_and_code(name) for name in place.neighbourhoods]
    held = judged.held if judged is not None else ()
    codes = [*place.codes, *(code for _, code in named if code is not None), *(one.code for one in held)]
    return set().union(*known.communes_of(codes=codes, names=[name for name, code in named if code is None]))
