"""Score how alike a typed street and an indexed place are, and how well the place's town is given.

These scores only rank candidates: what makes a match firm is in `qpv_geo.geocoding.match`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from qpv_geo.geocoding.normalise import KINDS, sound, telling, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qpv_geo.geocoding.query import AddressReading
    from qpv_geo.geocoding.rows import PlaceRow
    from qpv_geo.geocoding.towns import TownHit

_CUT_SHORT, _INITIALS, _OTHER_KIND, _ALMOST = 0.91, 0.93, 0.88, 0.995
_BY_LETTERS = 0.01
"""Weight of letter similarity among names that are all cut short."""
_HEARD, _LEAST_HEARD = 0.93, 0.4
"""Likeness of names that sound alike, and least letter similarity for comparing sounds."""
_ORDERLESS = 0.98
"""Factor for words that are not in the order of the index."""
_TOWN_UNSAID, _TOWN_OTHER, CODE_UNSAID = 0.75, 0.55, 0.97
_MISTYPED_BESIDE_CODE = 0.2
_CODE_NEAR, _CODE_OTHER, _CODE_ELSEWHERE = 0.97, 0.93, 0.7
_NAMES_ALONE = 0.6
"""Weight of the distinctive words in a street's likeness; the whole name has the rest."""


class TypedStreet(NamedTuple):
    """A possible street name: its words, and the worth of that reading."""

    whole: str
    worth: float


@dataclass(frozen=True, slots=True)
class _NameParts:
    """An actual or possible street name: all its words, its kind, and the distinctive words."""

    whole: str
    kind: str
    own: tuple[str, ...]
    names: str
    has_letters: bool
    has_initials: bool


def likeness(typed: Iterable[TypedStreet], place: PlaceRow, least: float = 0.0) -> float:
    """Return the best likeness of a place to some typed streets, 0 to 1; distinctive words count most.

    Parameters
    ----------
    least
        Lower results don't matter, and may be returned as 0.
    """
    best = 0.0
    for words in (place.words, *_alias_words(place.aliases)) if place.aliases else (place.words,):
        for one in typed:
            if one.whole == words:
                best = max(best, one.worth)
                if best >= 1:
                    return best
            elif one.worth * _ALMOST > max(best, least):
                best = max(best, one.worth * _alike(_name(one.whole), _name(words)))
    return best


@lru_cache(maxsize=20_000)
def _alias_words(aliases: str) -> tuple[str, ...]:
    return tuple(" ".join(tokens(alias)) for alias in aliases.split("|"))


@lru_cache(maxsize=20_000)
def _name(words: str) -> _NameParts:
    every = tuple(words.split())
    own = telling(every)
    return _NameParts(
        whole=words,
        kind=every[0] if every[0] in KINDS else "",
        own=own,
        names=" ".join(own),
        has_letters=any(not word.isdigit() for word in own),
        has_initials=any(len(word.rstrip(".")) == 1 for word in own),
    )


def _alike(typed: _NameParts, name: _NameParts) -> float:
    """Return the likeness of a typed street and a name that is not identical."""
    own, said = name.own, typed.own
    names = _ratio(typed.names, name.names)
    if _LEAST_HEARD < names < _HEARD and len(own) == len(said) and list(map(sound, said)) == list(map(sound, own)):
        names = _HEARD
    found = _NAMES_ALONE * names + (1 - _NAMES_ALONE) * _ratio(typed.whole, name.whole)
    if found < _INITIALS:
        if len(said) < len(own) and typed.has_letters and set(said).issubset(own):
            found = max(found, _CUT_SHORT + _BY_LETTERS * found)  # a first name, or a title, was left out
        elif typed.has_initials and _has_initials(said, own):
            found = _INITIALS
    if typed.kind and name.kind and typed.kind != name.kind:
        found *= _OTHER_KIND
    return min(found, _ALMOST)


def _has_initials(said: Sequence[str], own: Sequence[str]) -> bool:
    """Tell whether each typed word is one of a street's words or an initial of one."""
    left = list(own)
    for word in sorted(said, key=len, reverse=True):
        letter = word.rstrip(".")
        match = next((one for one in left if one == word or (len(letter) == 1 and one.startswith(letter))), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _ratio(one: str, other: str) -> float:
    in_order = fuzz.ratio(one, other)
    if in_order >= _ORDERLESS * 100 or not (" " in one or " " in other):
        return in_order / 100
    return max(in_order, _ORDERLESS * fuzz.token_sort_ratio(one, other)) / 100


def town_factor(reading: AddressReading, hit: TownHit) -> float:
    """Return the factor of a street for how well its town is given."""
    if hit.code < 0:
        return _TOWN_OTHER
    if hit.span is None:
        return CODE_UNSAID * hit.code * (1.0 if hit.is_coded else _CODE_NEAR) if hit.code else _TOWN_UNSAID
    if hit.is_coded:  # its code is given too: errors in its name count for less
        return 1 - (1 - hit.name) * _MISTYPED_BESIDE_CODE
    return hit.name * code_factor(reading, hit)


def code_factor(reading: AddressReading, hit: TownHit) -> float:
    """Return the factor of a town for the code given with its name."""
    if not reading.codes or hit.is_coded:
        return hit.code or 1.0
    if hit.code:
        return _CODE_NEAR
    for code in reading.codes:
        near = any(OSA.distance(code, one, score_cutoff=1) <= 1 for one in (*hit.town.postcodes, hit.town.citycode))
        if near or code[:2] == hit.town.citycode[:2]:
            return _CODE_OTHER
    return _CODE_ELSEWHERE
