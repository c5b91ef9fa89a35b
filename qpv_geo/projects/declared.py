"""What a table states of the place of a project: the perimeters it is in, as far as they exist and were in force."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.model import Status
from qpv_geo.projects.model import Precision
from qpv_geo.projects.places import LineKind, by_qpv

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qpv_geo.model import Generation
    from qpv_geo.projects.model import Project
    from qpv_geo.projects.neighbourhoods import Known

_OF_LINES = {LineKind.GROUP: Status.INSIDE, LineKind.OUTSIDE: Status.OUTSIDE, LineKind.NOT_STATED: Status.NOT_LOCATED}


def declared(
    project: Project, basis: Precision, generations: Mapping[str, Generation], known: Known
) -> tuple[Status | None, str, tuple[str, ...]]:
    """Return the status, message and codes declared by the table, consistent with the sums."""
    if basis is Precision.EVERYWHERE:
        return None, msg.reports.NO_SINGLE_PLACE, ()
    place = project.placement
    groups = by_qpv(project, None, known).groups
    codes = tuple(dict.fromkeys(group.code for group in groups if group.code is not None))
    unknown = [code for code in codes if known.is_of_none(code)]
    if unknown:
        return Status.UNCERTAIN, msg.projects.unknown_codes(unknown), codes
    lapsed = [code for code in codes if not _in_force(code, project.year, generations)]
    if lapsed:
        return Status.UNCERTAIN, msg.reports.lapsed_codes(lapsed, project.year), codes
    kinds = {group.kind for group in groups}
    status = _OF_LINES.get(kinds.pop(), Status.UNCERTAIN) if len(kinds) == 1 else Status.UNCERTAIN
    named = place.codes or place.neighbourhoods
    return status, msg.reports.declared(status, basis, named, [group.label for group in groups], codes), codes


def _in_force(code: str, year: int | None, generations: Mapping[str, Generation]) -> bool:
    """Tell whether a code is in force in a year in its territory or, without a year, still in force.

    Codes of overseas territories begin with 97 or 98.
    """
    overseas = code[2:4] in {"97", "98"}
    return any(
        (one.end is None or (year is not None and year <= one.end.year))
        and (year is None or one.start.year <= year)
        and ("metropole" not in one.territories) is overseas
        for generation in generations.values()
        if re.fullmatch(generation.code_pattern, code)
        for one in generation.validity
    )
