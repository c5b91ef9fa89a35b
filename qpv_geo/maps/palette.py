"""Colours that remain distinct for people with colour vision deficiency.

Themes and redraw: the qualitative palette of Okabe and Ito (2008, "Color universal design"). Those of amounts are in
`qpv_geo.projects.classes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.projects import LineKind, sums
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qpv_geo.projects import Projects

THEMES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
NO_THEME, OTHER_THEMES, SEVERAL_THEMES = "#5f6670", "#8a6d3b", "#1f2933"
NO_AMOUNT = "#f1f3f4"
OUTLINE = "#333b45"
FORMER = "#7a5c00"
ADDED = "#0072b2"
REMOVED = "#d55e00"
NOT_COMPARABLE, NOT_COMPARABLE_FILL = "#5f6670", "#b3b8bf"


def theme_colours(projects: Projects) -> dict[str, str]:
    """Return the colours of the largest themes of a table, by name."""
    found = [line.label for line in sums(projects, "theme").lines if line.kind is LineKind.GROUP]
    return dict(zip(found, THEMES, strict=False))


def theme_colour(themes: Collection[str], colours: Mapping[str, str]) -> str:
    """Return the colour of a project of some themes."""
    if len(themes) > 1:
        return SEVERAL_THEMES
    names = {fold(name): colour for name, colour in colours.items()}
    return next((names.get(fold(theme), OTHER_THEMES) for theme in themes), NO_THEME)
