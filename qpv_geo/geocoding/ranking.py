"""Rank the places of an index by how well they match an address: streets within towns, then house numbers.

Three passes, each only if the one before found nothing good: words and towns as written; words mistyped, glued or
split, with towns and codes nearly right; all the streets of the towns given. A score only ranks candidates.
"""

from __future__ import annotations

import heapq
from functools import cached_property
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from qpv_geo.geocoding.effort import EffortError
from qpv_geo.geocoding.house_numbers import same_number
from qpv_geo.geocoding.likeness import CODE_UNSAID, TypedStreet, code_factor, likeness, town_factor
from qpv_geo.geocoding.mending import Mending
from qpv_geo.geocoding.normalise import KINDS, telling
from qpv_geo.geocoding.on_demand import OnDemand
from qpv_geo.geocoding.rows import NumberRow
from qpv_geo.geocoding.towns import TownHit

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from qpv_geo.geocoding.house_numbers import HouseNumbers
    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.geocoding.query import AddressReading
    from qpv_geo.geocoding.rows import PlaceRow
    from qpv_geo.geocoding.towns import Town, Towns
    from qpv_geo.geocoding.vocabulary import Vocabulary

_GOOD, AS_WRITTEN, HOMONYMS_WITHIN = 0.9, 0.965, 0.1
"""Scores from which mistyped words, then other readings, are not tried; margin below the best to keep homonyms."""
_LOOKED_AT, _MOST_LOOKED_AT = 10, 40
"""Places that are compared: the heaviest, and those that tie with the last of them, up to a maximum."""
_NUMBERS_LOOKED_AT = 12
"""Best places whose house numbers are looked up."""
_COMMON = 400
"""Number of places above which a word only adds weight to places that rarer words found."""
_OF_TOWN = 0.2
"""Weight factor of a word of the town."""
_MOST_TOWNS = 60
_MOST_SCANNED = 12
_STREETS_KEPT = 5_000
_PART, _LEFT, _MOST_LEFT = 0.995, 0.9, 3
"""Factors for a part of an address as the street and for each word it leaves out, and most words so counted."""
_SUFFIX_OTHER, _NUMBER_UNKNOWN, _NUMBERLESS, _NUMBER_LEFT = 0.95, 0.88, 0.9, 0.9


class Ranked(NamedTuple):
    """A place, or a town alone, with its score and the house number found."""

    town: Town
    place: PlaceRow | None
    number: NumberRow | None
    score: float
    postcode: str = ""


class _Scored(NamedTuple):
    """A place in a town that the address may name, with its score before house numbers are looked up."""

    hit: TownHit
    place: PlaceRow
    score: float


AsWritten = tuple[list[TownHit], list[_Scored]]
"""The towns that an address names, and the places like its street, best first."""


class Ranking:
    """Ranks the places of an index for one query.

    Parameters
    ----------
    connection, vocabulary, towns
        The index.
    query
        The address to find; its filters restrict the towns.
    kept
        Cache of what earlier addresses gave as written, reused for other house numbers of the same street.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        vocabulary: Vocabulary,
        towns: Towns,
        query: Query,
        kept: dict[object, AsWritten],
    ) -> None:
        self._connection, self._vocabulary, self._towns, self._query = connection, vocabulary, towns, query
        self._kept = kept
        self._names: dict[tuple[object, ...], OnDemand[TypedStreet]] = {}
        self._mending = Mending(vocabulary)

    def of(self, readings: Iterable[AddressReading], *, as_written: bool = False) -> list[Ranked]:
        """Return the best places for an address over its readings, each once; see `OfflineIndex.search`."""
        best: dict[tuple[int, int], Ranked] = {}
        for near in (False, True):
            for reading in readings:
                for one in self._pass(reading, near=near):
                    key = one.town.id, -1 if one.place is None else one.place.rank
                    if key not in best or best[key].score < one.score:
                        best[key] = one
                if any(one.score >= (_GOOD if near else AS_WRITTEN) for one in best.values()):
                    break
                if as_written:
                    raise EffortError
            if any(one.score >= _GOOD for one in best.values()):
                break
        return list(best.values())

    def _pass(self, reading: AddressReading, *, near: bool) -> Iterator[Ranked]:
        if near:
            hits = self._hits(reading, near=True)
            scored = self._scored(reading, hits, near=True)
            if not any(one.score >= _GOOD for one in scored):
                scored += self._scanned(reading, hits)
            scored.sort(key=lambda one: -one.score)
        else:
            hits, scored = self._as_written(reading)
        yield from self._communes(reading, hits)
        yield from self._numbered(reading, scored)

    def _as_written(self, reading: AddressReading) -> AsWritten:
        key = reading.but_for_numbers, self._query.postcode, self._query.citycode
        found = self._kept.get(key)
        if found is None:
            hits = self._hits(reading, near=False)
            scored = sorted(self._scored(reading, hits, near=False), key=lambda one: -one.score)
            if len(self._kept) >= _STREETS_KEPT:
                self._kept.clear()
            self._kept[key] = found = hits, scored
        return found

    @cached_property
    def _allowed(self) -> frozenset[int] | None:
        return self._towns.allowed(self._query)

    # ── Towns ────────────────────────────────────────────────────────────────────────────────────────────────

    def _hits(self, reading: AddressReading, *, near: bool) -> list[TownHit]:
        found = self._towns.near_hits(reading) if near else self._towns.hits(reading)
        if self._allowed is None:
            return sorted(found, key=lambda one: -one.weight)[:_MOST_TOWNS] if near else _likeliest(found)
        found = [one for one in found if one.town.id in self._allowed]
        return found + [TownHit(self._towns.all[k], None, 0.0, 1.0) for k in self._allowed]

    def _communes(self, reading: AddressReading, hits: Iterable[TownHit]) -> Iterator[Ranked]:
        """Yield the towns of an address that gives nothing else."""
        if reading.numbers is not None:
            return
        named = {hit.town.id for hit in hits if hit.name == 1}
        for hit in hits:
            if hit.name < 1 and hit.town.id in named:
                continue
            left = [word for k, word in enumerate(reading.words) if not _in(hit.span, k)]
            if not left and (hit.span or not reading.words):
                score = hit.name * code_factor(reading, hit) if hit.span else CODE_UNSAID * hit.code
                yield Ranked(hit.town, None, None, round(score, 4))

    # ── Streets ──────────────────────────────────────────────────────────────────────────────────────────────

    def _scored(self, reading: AddressReading, hits: Sequence[TownHit], *, near: bool) -> list[_Scored]:
        """Score the best places by words; in the whole index if no town is given, or none has such a place."""
        weights = self._weights(reading, hits, near=near)
        allowed = None
        if hits or self._allowed is not None:
            allowed = sorted({(hit.town.first, hit.town.last) for hit in hits})
        ranks = self._heaviest(weights, allowed)
        if not ranks and allowed is not None and self._allowed is None:
            ranks = self._heaviest(weights, None)
        return self._likened(reading, hits, self._vocabulary.places(ranks) if ranks else [], near=near)

    def _weights(self, reading: AddressReading, hits: Iterable[TownHit], *, near: bool) -> dict[str, float]:
        """Return the words to look up with their weights: more for a rare word, less for one only near a typed word.

        A word of the town weighs little, but counts: some streets are named after their town.
        """
        of_town = {word for hit in hits if hit.span for word in reading.words[slice(*hit.span)]}
        count = self._towns.places
        words = dict.fromkeys(telling(reading.words), 1.0)
        if near:
            words = self._mending.mended(
                tuple(part for word in self._mending.as_known(reading.words) for part in word.split())
            )
        weights = {}
        self._vocabulary.look_up(words)
        for word, worth in words.items():
            held = len(self._vocabulary.ranks(word))
            if held:
                weights[word] = worth * log(1 + count / held) * (_OF_TOWN if word in of_town else 1.0)
        return weights

    def _heaviest(self, weights: dict[str, float], allowed: Sequence[tuple[int, int]] | None) -> list[int]:
        """Return the ranks of the places with the heaviest words, in some towns or anywhere."""
        gathered: dict[int, float] = {}
        for word, weight in sorted(weights.items(), key=lambda one: -one[1]):
            ranks = self._vocabulary.ranks(word)
            if allowed is not None:
                ranks = _within(ranks, allowed)
            if len(ranks) > _COMMON and gathered:
                known = np.fromiter(gathered, dtype=np.uint32, count=len(gathered))
                ranks = known[np.isin(known, ranks)]
            for rank in ranks[: _COMMON * 10].tolist():
                gathered[rank] = gathered.get(rank, 0.0) + weight
        if len(gathered) <= _LOOKED_AT:
            return list(gathered)
        best = heapq.nlargest(_MOST_LOOKED_AT, gathered, key=gathered.__getitem__)
        least = gathered[best[_LOOKED_AT - 1]]
        return [rank for rank in best if gathered[rank] >= least]

    def _likened(
        self, reading: AddressReading, hits: Sequence[TownHit], places: Iterable[PlaceRow], *, near: bool
    ) -> list[_Scored]:
        by_town: dict[int, list[TownHit]] = {}
        for hit in hits:
            by_town.setdefault(hit.town.id, []).append(hit)
        worths: dict[int, list[tuple[TownHit, float]]] = {}
        typed: dict[tuple[int, int] | None, OnDemand[TypedStreet]] = {}
        numerals = [k for k, word in enumerate(reading.words) if word[0].isdigit() and word not in reading.near_codes]
        is_plain = not near and not reading.optional
        found = []
        for place in places:
            if place.town not in worths:
                unsaid = TownHit(self._towns.all[place.town], None, 0.0, -1.0 if hits else 0.0)
                worths[place.town] = [(hit, town_factor(reading, hit)) for hit in by_town.get(place.town, (unsaid,))]
            best, score = worths[place.town][0][0], 0.0
            for hit, factor in worths[place.town]:
                is_explained = not numerals or _explains_numbers(reading, numerals, hit.span, place)
                worth = factor if is_explained else factor * _NUMBER_LEFT
                if worth > score and is_plain and _without(reading.words, hit.span) == place.words:
                    best, score = hit, worth
                elif worth > score:
                    if hit.span not in typed:
                        typed[hit.span] = self._typed(reading, hit.span, near=near)
                    alike = worth * likeness(typed[hit.span], place, score / worth)
                    best, score = (hit, alike) if alike > score else (best, score)
            found.append(_Scored(best, place, score))
        return found

    def _typed(self, reading: AddressReading, span: tuple[int, int] | None, *, near: bool) -> OnDemand[TypedStreet]:
        key = reading.words, reading.number_at, span, near
        if key not in self._names:
            self._names[key] = OnDemand(self._made_typed(reading, span, near=near))
        return self._names[key]

    def _made_typed(
        self, reading: AddressReading, span: tuple[int, int] | None, *, near: bool
    ) -> Iterator[TypedStreet]:
        """Yield possible names of the street once the town is removed: all the words left, or some of them."""
        words = self._mending.as_known(reading.words) if near else reading.words
        taken = range(*span) if span else ()
        codes = reading.near_codes if near else ()
        kept = [k for k, word in enumerate(words) if k not in taken and word not in codes]
        plain = [k for k in kept if k not in reading.optional] if reading.optional else kept
        plain = plain if any(words[k].isalpha() for k in plain) else kept
        seen = set()
        for some, excused in self._parts(reading, words, kept, plain):
            chosen = " ".join([words[k] for k in some if words[k]])
            if not chosen or tuple(some) in seen:
                continue
            seen.add(tuple(some))
            worth = 1.0
            if len(some) < len(plain):
                left = telling(tuple(words[k] for k in plain if k not in some and k not in excused))
                worth = _PART * _LEFT ** min(len(left), _MOST_LEFT)
            yield TypedStreet(chosen, worth)

    @staticmethod
    def _parts(
        reading: AddressReading, words: Sequence[str], kept: list[int], plain: list[int]
    ) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
        """Yield the positions that may be the street's, each with those that then need not match.

        All, without then with a complement in words; what follows the number; what precedes it; each segment that has a
        kind of street, or each segment if none has.
        """
        yield plain, ()
        if len(kept) != len(plain):
            yield kept, ()
        if reading.number_at:
            after = [k for k in kept if k >= reading.number_at]
            before = [k for k in plain if k < reading.number_at]
            yield [k for k in after if k in plain] or after, before
            yield before, ()
        breaks = [b for b in reading.breaks if kept and kept[0] < b <= kept[-1]]
        if not breaks:
            return
        segments = [[k for k in kept if low <= k < high] for low, high in pairwise((0, *sorted(breaks), len(words)))]
        has_kind = any(words[k] in KINDS for k in kept)
        yield from ((some, ()) for some in segments if not has_kind or any(words[k] in KINDS for k in some))

    def _scanned(self, reading: AddressReading, hits: Sequence[TownHit]) -> list[_Scored]:
        """Score the most similar of all the streets of the likeliest towns."""
        found: set[int] = set()
        likeliest = sorted(hits, key=lambda one: -one.weight)[:_MOST_SCANNED]
        for hit in likeliest:
            ranks, names = self._towns.streets(hit.town, self._connection)
            for one in self._typed(reading, hit.span, near=True):
                for _, _, k in process.extract(one.whole, names, scorer=fuzz.ratio, score_cutoff=60, limit=3):
                    found.add(ranks[k])
        return self._likened(reading, likeliest, self._vocabulary.places(sorted(found)), near=True)

    # ── House numbers ────────────────────────────────────────────────────────────────────────────────────────

    def _numbered(self, reading: AddressReading, scored: Sequence[_Scored]) -> Iterator[Ranked]:
        """Yield the scored places, best first, each with the house number asked if it has it.

        After one as written, those that `HOMONYMS_WITHIN` rules out are left out.
        """
        codes = (self._query.postcode, *reading.codes) if self._query.postcode else reading.codes
        numbers = self._numbers([one for one in scored if one.score >= _GOOD][:_NUMBERS_LOOKED_AT], reading.numbers)
        if reading.numbers is not None and not any(
            one.score >= AS_WRITTEN and numbers.get(one.place.id, (None, 0.0))[0] for one in scored
        ):
            numbers |= self._numbers([one for one in scored[:_NUMBERS_LOOKED_AT] if one.score < _GOOD], reading.numbers)
        otherwise = None, 1.0 if reading.numbers is None else _NUMBER_UNKNOWN
        least = 0.0
        for one in scored:
            if round(one.score, 4) < least:
                break
            number, worth = numbers.get(one.place.id, otherwise)
            score = round(one.score * worth, 4)
            least = max(least, score - HOMONYMS_WITHIN if score >= AS_WRITTEN else 0.0)
            postcode = next((code for code in codes if code in one.place.postcodes), "") if codes else ""
            yield Ranked(one.hit.town, one.place, number, score, postcode)

    def _numbers(
        self, scored: Sequence[_Scored], wanted: HouseNumbers | None
    ) -> dict[int, tuple[NumberRow | None, float]]:
        """Return, by place, the first number asked that it has, and the factor for its score."""
        if wanted is None or not scored:
            return {}
        rows: dict[int, list[NumberRow]] = {one.place.id: [] for one in scored}
        low, high = min(one.number for one in wanted.ends), max(one.number for one in wanted.ends)
        statement = (
            "SELECT place, number, suffix, ban_id, lon, lat, position FROM number "  # noqa: S608 - placeholders only
            f"WHERE place IN ({','.join('?' * len(rows))}) AND number BETWEEN ? AND ?"
        )
        for place, *row in self._connection.execute(statement, (*rows, low, high)):
            rows[place].append(NumberRow._make(row))
        return {one.place.id: self._number(one.place, rows[one.place.id], wanted) for one in scored}

    @staticmethod
    def _number(place: PlaceRow, rows: Sequence[NumberRow], wanted: HouseNumbers) -> tuple[NumberRow | None, float]:
        for end in wanted.ends:
            exact = [one for one in rows if (one.number, one.suffix) == (end.number, end.suffix)]
            alike = [one for one in rows if same_number(end, one.number, one.suffix)]
            if exact or alike:
                return (exact or alike)[0], 1.0
        inside = [one for one in rows if wanted.holds(one.number, one.suffix)]
        if inside:
            return inside[0], _SUFFIX_OTHER
        return None, _NUMBERLESS if place.kind != "street" else _SUFFIX_OTHER - 0.03 if rows else _NUMBER_UNKNOWN


def _within(ranks: NDArray[np.uint32], allowed: Sequence[tuple[int, int]]) -> NDArray[np.uint32]:
    """Return the ranks, given in ascending order, that fall in some sorted, disjoint ranges."""
    if not len(ranks) or not allowed:
        return ranks[:0]
    ends = ranks.searchsorted(np.array(allowed, dtype=ranks.dtype).ravel()).tolist()
    parts = [ranks[low:high] for low, high in zip(ends[::2], ends[1::2], strict=True) if low < high]
    return parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else ranks[:0]


def _likeliest(hits: list[TownHit]) -> list[TownHit]:
    """Drop the towns given by name or code alone if others are given by both."""
    both = [hit for hit in hits if hit.span is not None and hit.code]
    if not both:
        return hits
    kept = {hit.town.id for hit in both}
    return [*both, *(hit for hit in hits if hit.town.id in kept and hit.span is None)]


def _without(words: tuple[str, ...], span: tuple[int, int] | None) -> str:
    return " ".join(words if span is None else words[: span[0]] + words[span[1] :])


def _in(span: tuple[int, int] | None, k: int) -> bool:
    return span is not None and span[0] <= k < span[1]


def _explains_numbers(
    reading: AddressReading, numerals: Iterable[int], span: tuple[int, int] | None, place: PlaceRow
) -> bool:
    """Tell whether a place has all the numbers that were not read as house numbers, codes or part of the town."""
    own = place.words.split()
    return all(_in(span, k) or reading.words[k] in own for k in numerals)
