"""Colours that remain distinct for people with colour vision deficiency.

Themes and redraw: the qualitative palette of Okabe and Ito (2008, "Color universal design"). Amounts: sequential
purples in the style of ColorBrewer 2 (Brewer and Harrower), whose steps differ in lightness and so survive printing in
grey.
"""

from __future__ import annotations

from qpv_geo.projects import Theme

THEMES: dict[Theme | None, str] = {
    Theme.SOCIAL_COHESION: "#0072b2",
    Theme.ECONOMY: "#e69f00",
    Theme.LIVING_ENVIRONMENT: "#009e73",
    Theme.STEERING: "#cc79a7",
    None: "#5f6670",
}
SEVERAL_THEMES = "#1f2933"
AMOUNTS = ("#d4d2ea", "#b0acd6", "#8b84c0", "#6650a4", "#431a7e")
REFUND = "#f3d9b1"
NO_AMOUNT = "#f1f3f4"
OUTLINE = "#333b45"
FORMER = "#7a5c00"
ADDED = "#0072b2"
REMOVED = "#d55e00"
NOT_COMPARABLE, NOT_COMPARABLE_FILL = "#5f6670", "#b3b8bf"
