"""Euros per inhabitant as columns of a file: inhabitants and vintage by generation, the quotient, source and remark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.messages.typography import joined

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from qpv_geo.projects import Line
    from qpv_geo.projects.per_inhabitant import Inhabitants, PerInhabitant


class DividedColumns:
    """Columns of euros per inhabitant, for the lines of a sum; there are none if nothing is divided.

    Inhabitants of each generation have columns of their own: euros of one are never divided by those of the other.
    """

    def __init__(self, divided: Sequence[PerInhabitant] = ()) -> None:
        self._of = {(one.line.label, one.line.code): one for one in divided}
        self.generations = sorted({each.generation for one in divided for each in one.inhabitants})

    @property
    def names(self) -> list[str]:
        """Return the names of the columns; `msg.indicators.PER_COLUMN` is the quotient."""
        return list(msg.indicators.divided_columns(self.generations)) if self._of else []

    @property
    def inhabitants(self) -> list[str]:
        """Return the names of the columns of inhabitants, numbers."""
        return [msg.indicators.inhabitants_column(one) for one in self.generations]

    def cells(self, line: Line | None) -> list[Any]:
        """Return the cells of a line, in the order of `names`: None where a line is no place, and for the total."""
        one = None if line is None else self._of.get((line.label, line.code))
        if one is None:
            return [None] * len(self.names)
        by_generation = {each.generation: each for each in one.inhabitants}
        mine = [by_generation.get(generation) for generation in self.generations]
        sources = dict.fromkeys(source for each in one.inhabitants for source in each.sources)
        rounded = any(each.rounded for each in one.inhabitants)
        return [
            *(cell for each in mine for cell in _counted(each)),
            one.amount,
            joined(sources) or None,
            one.reason or (msg.indicators.ROUNDED if rounded else None),
        ]

    def record(self, line: Line) -> dict[str, Any]:
        """Return the cells of a line by name."""
        return dict(zip(self.names, self.cells(line), strict=True))


def _counted(one: Inhabitants | None) -> tuple[Decimal | None, str | None]:
    return (None, None) if one is None else (one.count, ", ".join(one.vintages) or None)
