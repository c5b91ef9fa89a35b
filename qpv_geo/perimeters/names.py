"""Find a perimeter by what people call it: its code, its label, a local name, or a part of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.perimeters.registry import Alias


def find_perimeters(text: str, perimeters: PerimeterSet, aliases: Iterable[Alias]) -> list[int]:
    """Return the rows of the perimeters that `text` names, in the order of the set.

    A code, a whole label or a local name comes before parts of labels: those are returned only where nothing is
    named exactly.
    """
    wanted = fold(text)
    if not wanted:
        return []
    aliased = {code for alias in aliases if fold(alias.name) == wanted for code in alias.codes}
    exact = [
        row
        for row, (code, name) in enumerate(zip(perimeters.codes, perimeters.names, strict=True))
        if wanted in {fold(code), fold(name)} or code in aliased
    ]
    return exact or [row for row, name in enumerate(perimeters.names) if wanted in fold(name)]


def aliases_of(code: str, aliases: Iterable[Alias]) -> tuple[str, ...]:
    """Return the local names of a perimeter."""
    return tuple(alias.name for alias in aliases if code in alias.codes)
