"""How alike a street typed and a place of an index are, and what it is worth by how well its town is said.

These figures rank candidates, and nothing else: what makes a match firm is in `qpv_geo.geocoding.match`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from qpv_geo.geocoding.normalise import KINDS, telling, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.geocoding.query import Reading
    from qpv_geo.geocoding.rows import PlaceRow
    from qpv_geo.geocoding.towns import TownHit

_CUT_SHORT, _INITIALS, _OTHER_KIND, _ALMOST = 0.91, 0.93, 0.88, 0.995
_ORDERLESS = 0.98
"""What a likeness is worth when the words are not in the order of the index."""
_TOWN_UNSAID, _TOWN_OTHER, CODE_UNSAID = 0.75, 0.55, 0.97
_CODE_NEAR, _CODE_OTHER, _CODE_ELSEWHERE = 0.97, 0.93, 0.7
_NAMES_ALONE = 0.6
"""Part of a street's likeness that its distinctive words make; articles and the kind make the rest."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What may be the name of a street: its words, the distinctive ones, and what the reading is worth."""

    whole: str
    names: str
    worth: float


def likeness(typed: Typed, place: PlaceRow) -> float:
    """Return how alike a street typed and a place are, 0 to 1: the distinctive words count most."""
    return typed.worth * max(_alike(typed, words) for words in (place.words, *_alias_words(place)))


def _alias_words(place: PlaceRow) -> list[str]:
    return [" ".join(tokens(alias)) for alias in place.aliases.split("|")] if place.aliases else []


def _alike(typed: Typed, words: str) -> float:
    whole, names = typed.whole, typed.names
    if whole == words:
        return 1.0
    wanted = words.split()
    own = telling(tuple(wanted))
    said = names.split()
    found = _NAMES_ALONE * _ratio(names, " ".join(own)) + (1 - _NAMES_ALONE) * _ratio(whole, words)
    if len(said) < len(own) and set(said) < set(own) and any(not word.isdigit() for word in said):
        found = max(found, _CUT_SHORT)  # a first name, or a title, was left out
    elif any(len(word.rstrip(".")) == 1 for word in said) and _has_initials(said, own):
        found = max(found, _INITIALS)
    kind = whole.split(maxsplit=1)[0]
    if kind in KINDS and wanted[0] in KINDS and kind != wanted[0]:
        found *= _OTHER_KIND
    return min(found, _ALMOST)


def _has_initials(said: Sequence[str], own: Sequence[str]) -> bool:
    """Tell whether words typed are those of a street, some by their first letter alone."""
    left = list(own)
    for word in sorted(said, key=len, reverse=True):
        letter = word.rstrip(".")
        match = next((one for one in left if one == word or (len(letter) == 1 and one.startswith(letter))), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _ratio(one: str, other: str) -> float:
    return max(fuzz.ratio(one, other), _ORDERLESS * fuzz.token_sort_ratio(one, other)) / 100


def town_factor(reading: Reading, hit: TownHit) -> float:
    """Return what a street is worth by how well its town is said."""
    if hit.code < 0:
        return _TOWN_OTHER
    if hit.span is None:
        return CODE_UNSAID * (hit.code if hit.code >= 1 else hit.code * _CODE_NEAR) if hit.code else _TOWN_UNSAID
    return hit.name * code_factor(reading, hit)


def code_factor(reading: Reading, hit: TownHit) -> float:
    """Return what a town is worth by the code that is said beside its name."""
    if not reading.codes or hit.code >= 1:
        return 1.0
    if hit.code:
        return _CODE_NEAR
    for code in reading.codes:
        near = any(OSA.distance(code, one, score_cutoff=1) <= 1 for one in (*hit.town.postcodes, hit.town.citycode))
        if near or code[:2] == hit.town.citycode[:2]:
            return _CODE_OTHER
    return _CODE_ELSEWHERE
