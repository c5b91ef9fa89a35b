"""Find the generation in force on a date in a territory."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import DateError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qpv_geo.crs import Territory
    from qpv_geo.model import Generation


def parse_date(value: date | str) -> date:
    """Return a date from a date or from ISO 8601 text (``2024-06-01``).

    Raises
    ------
    DateError
        The value is neither.
    """
    try:
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else date.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise DateError(msg.errors.bad_date(value)) from error


def generation_in_force(generations: Iterable[Generation], *, on: date, territory: Territory) -> Generation:
    """Return the generation in force on a day in a territory.

    Raises
    ------
    DateError
        The day comes before the first generation.
    """
    first: date | None = None
    for generation in generations:
        for validity in generation.validity:
            if territory.id not in validity.territories:
                continue
            if validity.start <= on and (validity.end is None or on <= validity.end):
                return generation
            first = min(first or validity.start, validity.start)
    raise DateError(msg.errors.date_too_early(on, first or date.max))
