"""Several geocoders in an explicit order: each is asked only if none before it knows the exact address.

By default the indexes on this machine come first, as one group; then the published places, then the national service
unless the chain is offline. Candidates are compared with the query (see `match`): only a firm match ends the search.
If a geocoder fails, so does the search: the others may have found something worse than its answer.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, NoReturn

from qpv_geo.geocoding.communes import communes_asked
from qpv_geo.geocoding.effort import Effort, EffortError
from qpv_geo.geocoding.house_numbers import number_of
from qpv_geo.geocoding.match import compared, is_firm
from qpv_geo.geocoding.offline import OfflineIndex
from qpv_geo.geocoding.protocol import Agreement, MatchType
from qpv_geo.geocoding.query import read, with_each_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from qpv_geo.geocoding.house_numbers import HouseNumbers
    from qpv_geo.geocoding.protocol import Candidate, Geocoder, Query

_DIGITS = re.compile(r"\d+")
_LONGEST_NUMBER = 4


class Chain:
    """Geocoders asked one after the other; itself a geocoder.

    Parameters
    ----------
    geocoders
        In the order in which they are asked.
    effort
        How far it may go; see `within`.
    """

    def __init__(self, geocoders: Sequence[Geocoder], *, effort: Effort = Effort.ASK) -> None:
        self.geocoders = tuple(geocoders)
        self._steps = _steps(self.geocoders)
        self._looks_up = effort is Effort.LOOK_UP
        self._within: dict[Effort, Chain] = {}

    @cached_property
    def name(self) -> str:
        """The names of its geocoders, in order."""
        return ", ".join(one.name for one in self.geocoders)

    @cached_property
    def indexes(self) -> tuple[OfflineIndex, ...]:
        """Its geocoders that are offline indexes."""
        return tuple(one for one in self.geocoders if isinstance(one, OfflineIndex))

    @cached_property
    def is_offline(self) -> bool:
        """Whether it makes no network requests."""
        return len(self.indexes) == len(self.geocoders)

    def within(self, effort: Effort) -> Chain:
        """Return a chain that finds the same, or raises `EffortError` where this one goes further than `effort`."""
        if effort is Effort.ASK:
            return self
        found = self._within.get(effort)
        if found is None:
            here = [one if isinstance(one, OfflineIndex) else _Unasked(one.name) for one in self.geocoders]
            found = self._within[effort] = Chain(here, effort=effort)
        return found

    def search(
        self,
        query: Query,
        *,
        limit: int = 5,
        known: Sequence[Candidate] = (),
        knows: Callable[[str], bool] | None = None,
    ) -> list[Candidate]:
        """Ask the geocoders until one knows the exact address, and return the candidates with their match.

        Parameters
        ----------
        query, limit
            See `qpv_geo.geocoding.protocol.Geocoder`.
        known
            Candidates that earlier geocoders found.
        knows
            Tells the words of streets, as `Chain.knows` of the whole chain where this is one step of it.
        """
        found = list(known)
        for step in self._steps:
            if self._looks_up and not all(one.is_loaded for one in step if isinstance(one, OfflineIndex)):
                raise EffortError
            for some in likeliest_first(query, step):
                for geocoder in some:
                    found += ask(geocoder, query, limit=limit, as_written=self._looks_up)
                found = self.compared(query, found, limit, knows)
                if is_settled(found) and not self._lacks_ends(query, found):
                    return found
        return found

    def _lacks_ends(self, query: Query, found: Sequence[Candidate]) -> bool:
        """Tell whether several house numbers are asked about and some are not known yet."""
        if several_asked(query) is None:
            return False
        return not is_settled(with_numbers(query, found, self.street_numbers(found[0]))[0])

    def steps(self) -> list[tuple[Geocoder, ...]]:
        """Return the groups of geocoders asked together, in order: consecutive indexes, others alone."""
        return list(self._steps)

    def compared(
        self, query: Query, found: Iterable[Candidate], limit: int, knows: Callable[[str], bool] | None = None
    ) -> list[Candidate]:
        """Return candidates with their match, firm ones first, then by score; each place once."""
        best: dict[str, Candidate] = {}
        for one in compared(query, found, knows or self.knows):
            best.setdefault(one.id, one)
        return list(best.values())[:limit]

    def knows(self, word: str) -> bool:
        """Tell whether some index has a street whose name has a folded word, or a town with a code."""
        return any(index.knows(word) for index in self.indexes)

    def holds(self, citycode: str) -> bool:
        """Tell whether some index holds addresses of a commune."""
        return any(index.holds(citycode) for index in self.indexes)

    def box(self, citycode: str) -> tuple[float, float, float, float] | None:
        """Return the bounding box (degrees) of a commune's addresses in the first index that has any."""
        return next((box for index in self.indexes if (box := index.box(citycode))), None)

    def reverse(self, *, lon: float, lat: float, limit: int = 1) -> list[Candidate]:
        """Return the addresses nearest to a point, from the first geocoder that finds any."""
        for geocoder in self.geocoders:
            if found := geocoder.reverse(lon=lon, lat=lat, limit=limit):
                return list(found)
        return []

    def at_plot(self, plot: str) -> list[Candidate]:
        """Return the house numbers on a cadastral plot (14 characters) from all indexes, each once."""
        if self._looks_up:
            raise EffortError
        doors = {one.id: one for index in self.indexes for one in index.at_plot(plot)}
        return list(doors.values())

    def street_numbers(self, street: Candidate) -> list[Candidate]:
        """Return every house number of a street, from the first index that has any."""
        if self._looks_up:
            raise EffortError
        return next((found for index in self.indexes if (found := index.street_numbers(street))), [])


class _Unasked:
    """Stands for a service that must not be asked."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _refuse(self, *_: object, **_options: object) -> NoReturn:
        raise EffortError

    search = reverse = plot = _refuse


def _steps(geocoders: Iterable[Geocoder]) -> list[tuple[Geocoder, ...]]:
    steps: list[tuple[Geocoder, ...]] = []
    for are_indexes, some in groupby(geocoders, is_index):
        members = tuple(some)
        steps += [members] if are_indexes else [(one,) for one in members]
    return steps


def is_index(geocoder: Geocoder) -> bool:
    """Tell whether a geocoder is an offline index of whole communes."""
    return isinstance(geocoder, OfflineIndex) and not geocoder.is_partial


def likeliest_first(query: Query, step: Sequence[Geocoder]) -> list[Sequence[Geocoder]]:
    """Return indexes in two groups: those of the départements that the address names, if any, then the others."""
    if len(step) == 1:
        return [step]
    asked = communes_asked(query).departments
    likely = [one for one in step if isinstance(one, OfflineIndex) and one.departments & asked]
    return [likely, [one for one in step if one not in likely]] if likely else [step]


def ask(geocoder: Geocoder, query: Query, *, limit: int, as_written: bool = False) -> list[Candidate]:
    """Ask a geocoder for an address, once per house number unless it is an offline index, which knows ranges."""
    if isinstance(geocoder, OfflineIndex):
        return geocoder.search(query, limit=limit, as_written=as_written)
    texts = with_each_number(query.text)
    return [one for text in texts for one in geocoder.search(query._replace(text=text), limit=limit)]


def is_settled(found: Sequence[Candidate]) -> bool:
    """Tell whether the exact address was found, so that no other geocoder needs to be asked."""
    return bool(found) and (is_firm(found[0].match) or any(is_firm(one.match) for one in found[1:]))


def wants_numbers(query: Query, found: Sequence[Candidate]) -> bool:
    """Tell whether the house numbers of the best street are needed, to decide it or to list those asked about."""
    if not found or found[0].street is None:
        return False
    return found[0].type is MatchType.STREET or several_asked(query) is not None


def numbers_asked(query: Query) -> HouseNumbers | None:
    """Return the house numbers of the likeliest reading that has any, or None."""
    return next((one.numbers for one in read(query.text) if one.numbers is not None), None)


def several_asked(query: Query) -> HouseNumbers | None:
    """Return the house numbers that an address asks about if there are several, else None."""
    if sum(len(digits) <= _LONGEST_NUMBER for digits in _DIGITS.findall(query.text)) <= 1:  # nearly always
        return None
    numbers = numbers_asked(query)
    return None if numbers is None or numbers.is_one else numbers


def with_numbers(
    query: Query, found: Sequence[Candidate], numbers: Sequence[Candidate]
) -> tuple[list[Candidate], list[Candidate]]:
    """Settle an address with several house numbers, by the numbers of its street.

    Returns
    -------
    found
        The candidates; the number of the best and of firm ones is ``different`` if a number asked, or an end of
        a range, is unknown.
    numbers
        If several numbers are asked and none is lacking, those asked; otherwise all of the street's.
    """
    asked = several_asked(query)
    if asked is None or not found or found[0].match is None:
        return list(found), list(numbers)
    doors = [one for one in found if is_firm(one.match)]
    known = [number for one in (*numbers, *doors) if (number := number_of(one.housenumber)) is not None]
    own = {one.housenumber: (one, number_of(one.housenumber)) for one in (*numbers, *doors)}
    held = [one for one, number in own.values() if number is not None and asked.holds(number.number, number.suffix)]
    if not asked.unknown(known):
        return list(found), held
    return [_lacking(one) if k == 0 or is_firm(one.match) else one for k, one in enumerate(found)], list(numbers)


def _lacking(candidate: Candidate) -> Candidate:
    """Return a candidate as one that lacks a number asked."""
    match = candidate.match
    return candidate if match is None else candidate._replace(match=match._replace(number=Agreement.DIFFERENT))
