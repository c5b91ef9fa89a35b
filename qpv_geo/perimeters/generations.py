"""Find the generation in force on a date in a territory."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from qpv_geo import messages as msg
from qpv_geo.errors import DateError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qpv_geo.crs import Territory
    from qpv_geo.model import Generation
    from qpv_geo.untyped import AnyValue

_FRENCH_DAY = re.compile(r"\s*(\d{1,2})/(\d{1,2})/(\d{4})\s*", re.ASCII)


def day_in_france(moment: datetime) -> date:
    """Return the day of a moment in Paris, of whatever time zone; decrees take effect there, overseas included.

    A moment without a time zone is of its own day.
    """
    return moment.date() if moment.tzinfo is None else moment.astimezone(_paris()).date()


@cache
def _paris() -> ZoneInfo:
    return ZoneInfo("Europe/Paris")


def parse_date(value: date | np.datetime64 | str) -> date:
    """Return a date from a date, a moment, or text in ISO 8601 (``2024-06-01``) or French order (``01/06/2024``).

    A moment is of its day in Paris, see `day_in_france`. Scalars of numpy and pandas are accepted.

    Raises
    ------
    DateError
        The value is none of these, or missing (NaT).
    """
    try:
        if isinstance(value, np.datetime64):
            value = value.astype("datetime64[us]").item()
        if isinstance(value, datetime):
            value = day_in_france(value)
        found = value if isinstance(value, date) else _read_day(value)
        return date(found.year, found.month, found.day)  # NaT, a datetime, has no day
    except (ValueError, TypeError, OverflowError) as error:
        raise DateError(msg.errors.bad_date(value)) from error


def _read_day(text: AnyValue) -> date:
    french = _FRENCH_DAY.fullmatch(text)
    if french is None:
        return date.fromisoformat(text.strip())
    day, month, year = map(int, french.groups())
    return date(year, month, day)


def generation_in_force(generations: Iterable[Generation], *, on: date, territory: Territory) -> Generation:
    """Return the generation in force on a day in a territory.

    Raises
    ------
    DateError
        The day comes before the first generation, or no generation has the territory.
    """
    first: date | None = None
    for generation in generations:
        for validity in generation.validity:
            if territory.id not in validity.territories:
                continue
            if validity.start <= on and (validity.end is None or on <= validity.end):
                return generation
            first = min(first or validity.start, validity.start)
    if first is None:
        raise DateError(msg.errors.nowhere_prioritised(territory.name, on))
    raise DateError(msg.errors.date_too_early(on, first))
