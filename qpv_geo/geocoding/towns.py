"""The towns of an address index, and which of them an address may name: by a name, present or former, or by a code."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.normalise import tokens
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.geocoding.query import AddressReading

    Span = tuple[int, int]

_LEAST_LIKENESS = 78.0
_LONGEST_NAME = 6
_MOST_NEAR = 6
_SURE_CODE, _INSEE_CODE = 0.8, 0.999
"""Code likeness from which the town is certain; likeness of an INSEE code given in place of the postcode."""
_LIKELY_ELSEWHERE = 90.0
"""Least likeness of a name, out of 100, if the code is another département's."""
_SHORT, _CUT_SHORT = 4, 0.9
"""A name cut short, but longer than this in letters, may stand for it next to its postcode, with this likeness."""
_TOWNS_KEPT = 200


@dataclass(frozen=True, slots=True)
class Town:
    """A commune of an index.

    Attributes
    ----------
    former
        Names of former communes given in its addresses.
    first, last
        Its places are those of ranks ``first`` to ``last - 1``.
    lon, lat
        Mean position of its addresses, degrees times `build.SCALE`.
    west, south, east, north
        Bounding box of its addresses, in the same unit.
    """

    id: int
    citycode: str
    name: str
    former: tuple[str, ...]
    postcodes: tuple[str, ...]
    first: int
    last: int
    lon: int
    lat: int
    west: int
    south: int
    east: int
    north: int


class TownHit(NamedTuple):
    """A town that an address may name.

    Attributes
    ----------
    span
        Position of its name in the words of the reading; None if only a code gives the town.
    name
        Likeness of its name and the words of the span, 0 to 1; 0 without a span.
    code
        Likeness of its codes and those of the address, 0 to 1; 0 if none is alike, -1 if other towns are given.
    """

    town: Town
    span: Span | None
    name: float
    code: float

    @property
    def is_coded(self) -> bool:
        """Whether one of its codes is given."""
        return self.code >= _INSEE_CODE

    @property
    def weight(self) -> float:
        """How well the town is given, 0 to 2."""
        return self.name + self.code


class Towns:
    """The towns of an index, by their names and their codes.

    Parameters
    ----------
    rows
        Rows of the index's ``town`` table, by id.
    """

    def __init__(self, rows: Iterable[Sequence[object]]) -> None:
        self.all = [_town(row) for row in rows]
        self._by_name: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._lengths: dict[str, set[int]] = defaultdict(set)
        self._by_code: dict[str, list[int]] = defaultdict(list)
        self._joined: dict[str, list[int]] = defaultdict(list)
        for town in self.all:
            # in a fixed order, so that the choice between equally near names isn't random
            for name in town_names(town.citycode, town.name, town.former, with_others=True):
                self._by_name[name].append(town.id)
                self._lengths[name[0]].add(len(name))
                self._joined["".join(name)].append(town.id)
            self._joined[fold(town.name).replace(" ", "")].append(town.id)
            for code in dict.fromkeys(filter(None, (*town.postcodes, town.citycode, whole_code(town.citycode)))):
                self._by_code[code].append(town.id)
        self._parts = {
            name[low:high]
            for name in self._by_name
            for low, high in combinations(range(len(name) + 1), 2)
            if high - low < len(name) and name[low:high] in self._by_name
        }
        self._codes = list(self._by_code)
        self._names = list(self._joined)
        self._streets: dict[int, tuple[list[int], list[str]]] = {}
        self.places = self.all[-1].last if self.all else 0

    def streets(self, town: Town, connection: sqlite3.Connection) -> tuple[list[int], list[str]]:
        """Return the ranks and names (as words) of all the places of a town, cached between queries."""
        found = self._streets.get(town.id)
        if found is None:
            rows = connection.execute(
                "SELECT rank, words FROM place WHERE rank >= ? AND rank < ?", (town.first, town.last)
            ).fetchall()
            found = [rank for rank, _ in rows], [words for _, words in rows]
            if len(self._streets) >= _TOWNS_KEPT:
                self._streets.clear()
            self._streets[town.id] = found
        return found

    def beginning(self, words: Sequence[str], *, limit: int) -> list[Town]:
        """Return the towns whose name starts with some words, the last of which may be unfinished."""
        start = " ".join(words)
        return [town for town in self.all if " ".join(tokens(town.name)).startswith(start)][:limit]

    def of_citycode(self, citycode: str) -> list[Town]:
        """Return the towns with an INSEE code; for a whole city, its arrondissements too."""
        return [self.all[k] for k in self._by_code.get(citycode, ()) if self._is_of(self.all[k], citycode)]

    def has_code(self, code: str) -> bool:
        """Tell whether some town has a code, postcode or INSEE code."""
        return code in self._by_code

    def allowed(self, query: Query) -> frozenset[int] | None:
        """Return the ids of the towns that pass the query's filters, or None if it has none."""
        if query.citycode is None and query.postcode is None:
            return None
        return frozenset(
            town.id
            for town in self.all
            if (query.citycode is None or self._is_of(town, query.citycode))
            and (query.postcode is None or query.postcode in town.postcodes)
        )

    def hits(self, reading: AddressReading) -> list[TownHit]:
        """Return the towns that an address gives exactly, by name or code, once per span."""
        coded: dict[int, float] = {}
        for code in reading.codes:
            for k in self._by_code.get(code, ()):
                alike = 1.0 if code in self.all[k].postcodes else _INSEE_CODE
                coded[k] = max(alike, coded.get(k, 0.0))
        found = [
            TownHit(self.all[k], span, 1.0, coded.get(k, 0.0))
            for k, spans in self._spans(reading).items()
            for span in spans
        ]
        return found + [TownHit(self.all[k], None, 0.0, alike) for k, alike in coded.items()]

    def near_hits(self, reading: AddressReading) -> list[TownHit]:
        """Return the towns that an address nearly names: codes one digit away, names mistyped, glued or split."""
        codes = self._near_codes(reading)
        near_code: dict[int, float] = {}
        for code, likeness in codes.items():
            for k in self._by_code[code]:
                near_code[k] = max(likeness, near_code.get(k, 0.0))
        spans = self._spans(reading)
        said = near_code.keys() & spans
        found = [TownHit(self.all[k], span, 1.0, near_code[k]) for k in said for span in spans[k]]
        sure = [span for k in said if near_code[k] >= _SURE_CODE for span in spans[k]]
        if any(reading.words[slice(*span)] not in self._parts for span in sure):
            # given by name and code: no other can be meant, unless the name is part of a longer, mistyped one
            return found + [TownHit(self.all[k], None, 0.0, near_code[k]) for k in said]
        found += self._near_names(reading, near_code)
        return found + [TownHit(self.all[k], None, 0.0, likeness) for k, likeness in near_code.items()]

    def _spans(self, reading: AddressReading) -> dict[int, list[Span]]:
        words, found = reading.words, defaultdict[int, list[tuple[int, int]]](list)
        for start, word in enumerate(words):
            for size in self._lengths.get(word, ()):
                for town in self._by_name.get(words[start : start + size], ()):
                    found[town].append((start, start + size))
        longest = {span for spans in found.values() for span in spans}
        return {
            k: kept for k, spans in found.items() if (kept := [s for s in spans if not is_within(s, longest, words)])
        }

    def _near_codes(self, reading: AddressReading) -> dict[str, float]:
        """Return the codes of the index that are, or may be, those of an address, with their likeness."""
        found: dict[str, float] = {}
        for code in (*reading.codes, *reading.near_codes):
            if code in self._by_code:
                found[code] = 1.0
                continue
            near = process.extract(code, self._codes, scorer=OSA.distance, score_cutoff=1, limit=_MOST_NEAR)
            found |= {other: max(0.8, found.get(other, 0.0)) for other, _, _ in near}
        for code in reading.codes:  # even a known code may be mistyped
            near = process.extract(code, self._codes, scorer=OSA.distance, score_cutoff=1, limit=_MOST_NEAR)
            found |= {other: found.get(other, 0.6) for other, _, _ in near}
        return found

    def _near_names(self, reading: AddressReading, codes: dict[int, float]) -> list[TownHit]:
        best: dict[tuple[int, Span], TownHit] = {}
        departments = {code[:2] for code in reading.codes}
        for span in _windows(reading):
            typed = "".join(reading.words[span[0] : span[1]])
            if len(typed) < 3:  # noqa: PLR2004 - too little to be like anything
                continue
            for k, likeness in codes.items():
                if likeness >= 1 and len(typed) > _SHORT and any(n.startswith(typed) for n in self._joined_of(k)):
                    best.setdefault((k, span), TownHit(self.all[k], span, _CUT_SHORT, likeness))
            for name, likeness, _ in process.extract(
                typed, self._names, scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS, limit=_MOST_NEAR
            ):
                for k in self._joined[name]:
                    is_elsewhere = departments and k not in codes and self.all[k].citycode[:2] not in departments
                    if is_elsewhere and likeness < _LIKELY_ELSEWHERE:
                        continue
                    hit = TownHit(self.all[k], span, likeness / 100, codes.get(k, 0.0))
                    best[k, span] = max(hit, best.get((k, span), hit), key=lambda one: one.name)
        return list(best.values())

    def _joined_of(self, k: int) -> list[str]:
        town = self.all[k]
        return ["".join(name) for name in town_names(town.citycode, town.name, town.former)]

    @staticmethod
    def _is_of(town: Town, citycode: str) -> bool:
        return citycode in {town.citycode, whole_code(town.citycode)} or whole_code(citycode) == town.citycode


def is_name(words: str) -> bool:
    """Tell whether folded words are the name of some commune."""
    return gazetteer().is_name(words)


def is_within(span: Span, others: Iterable[Span], words: Sequence[str]) -> bool:
    """Tell whether the name of a town is only part of a longer one: Biard in Vouneuil-sous-Biard."""
    start, end = span
    if any(low <= start and end <= high and high - low > end - start for low, high in others):
        return True
    return _is_within_name(start, end, tuple(words))


@lru_cache(maxsize=4096)
def _is_within_name(start: int, end: int, words: tuple[str, ...]) -> bool:
    return any(
        is_name(" ".join(words[low:high]))
        for low in range(max(0, end - _LONGEST_NAME), start + 1)
        for high in range(end, min(len(words), start + _LONGEST_NAME) + 1)
        if high - low > end - start
    )


def town_names(
    citycode: str | None, city: str | None, former: Sequence[str] = (), *, with_others: bool = False
) -> list[tuple[str, ...]]:
    """Return every name of a town as folded words: those of a source first, then those of the gazetteer.

    Parameters
    ----------
    former
        The former communes that an address was in, if the source says.
    with_others
        Whether to include the other former communes of the town even then.
    """
    known = gazetteer().names(citycode or "")
    if any(former) and not with_others:
        known = _without_former(citycode or "", known)
    own = map(tokens, filter(None, (city, *former)))
    return list(dict.fromkeys((*own, *map(tuple, map(str.split, known)))))


def _without_former(citycode: str, names: tuple[str, ...]) -> tuple[str, ...]:
    commune = gazetteer().commune(citycode)
    return names if commune is None else names[: names.index(" ".join(tokens(commune.name))) + 1]


@lru_cache(maxsize=50_000)
def whole_code(citycode: str) -> str:
    """Return the INSEE code of the present commune that includes a former one or an arrondissement."""
    commune = gazetteer().commune(citycode)
    return citycode if commune is None else commune.code


def _windows(reading: AddressReading) -> Iterator[Span]:
    """Yield the spans where a mistyped name of a town may stand: at either end, or next to a separator."""
    n = len(reading.words)
    stops = sorted({0, n, *reading.breaks, *(() if reading.number_at is None else (reading.number_at,))})
    seen = set()
    for low, high in pairwise(stops):
        for length in range(1, min(_LONGEST_NAME, high - low) + 1):
            for span in ((low, low + length), (high - length, high)):
                if span not in seen:
                    seen.add(span)
                    yield span


def _town(row: Sequence[object]) -> Town:
    values = list(row)
    values[3] = tuple(filter(None, str(values[3]).split("|")))
    values[4] = tuple(filter(None, str(values[4]).split(",")))
    return Town(*values)  # type: ignore[arg-type]
