"""What the projects of a map are filtered by: year, scheme, theme, funder, lead; the values that the table has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.projects import sums

if TYPE_CHECKING:
    from qpv_geo.projects import Projects

_KEYS = ("year", "scheme", "theme", "funder", "lead")


def facets_of(projects: Projects) -> tuple[list[dict[str, Any]], dict[str, dict[str, list[int]]]]:
    """Return the filters of a table, and the values of each project.

    Returns
    -------
    filters
        Key, label and values of each key by which projects differ.
    facets
        Positions of its values, by project id, then by key.
    """
    filters: list[dict[str, Any]] = []
    facets: dict[str, dict[str, list[int]]] = {project.id: {} for project in projects.projects}
    for key in _KEYS:
        lines = sums(projects, key).lines
        if len(lines) < 2:  # noqa: PLR2004 - there is something to choose
            continue
        filters.append({"key": key, "label": msg.reports.BY[key], "values": [line.label for line in lines]})
        for k, line in enumerate(lines):
            for project in (*line.projects, *line.unpublished):
                values = facets[project].setdefault(key, [])
                if k not in values:
                    values.append(k)
    return filters, facets
