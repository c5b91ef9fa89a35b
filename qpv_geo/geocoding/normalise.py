"""Normalise French addresses, so that typed text and the index can be compared.

Case, accents, apostrophes and hyphens are removed; kinds of streets and titles take their usual abbreviation (av, bd,
pl…; st, gal, mal…). Which words belong to the street is decided elsewhere. Source of the abbreviations: norme AFNOR
XP Z10-011 and the usage of the Base Adresse Nationale.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHORT = {
    "avenue": "av", "ave": "av", "aven": "av",
    "boulevard": "bd", "boul": "bd", "blvd": "bd", "bld": "bd", "bvd": "bd",
    "place": "pl",
    "chemin": "che", "chem": "che", "ch": "che", "chm": "che",
    "allee": "all", "allees": "all", "al": "all",
    "impasse": "imp",
    "route": "rte", "rt": "rte",
    "rue": "r",
    "residence": "res", "resid": "res",
    "square": "sq",
    "faubourg": "fg", "fbg": "fg",
    "quai": "qu",
    "quartier": "qua", "quart": "qua",
    "lotissement": "lot",
    "passage": "pas", "pass": "pas",
    "cours": "crs",
    "hameau": "ham",
    "lieu dit": "ld", "lieudit": "ld",
    "rond point": "rpt",
    "zone artisanale": "za", "zone industrielle": "zi",
    "saint": "st", "sainte": "ste", "saints": "sts", "saintes": "stes",
    "general": "gal", "gen": "gal", "gl": "gal",
    "marechal": "mal", "mchal": "mal",
    "docteur": "dr", "doct": "dr",
    "professeur": "pr", "prof": "pr",
    "president": "pdt", "prdt": "pdt",
    "colonel": "cel",
    "commandant": "cdt", "cmdt": "cdt", "comdt": "cdt",
    "capitaine": "cne", "capit": "cne",
    "lieutenant": "lt", "lieut": "lt",
    "notre dame": "nd",
    "monseigneur": "mgr",
    "sous": "s", "sur": "s",
    "premier": "1er", "premiere": "1e", "deuxieme": "2e", "troisieme": "3e", "quatrieme": "4e", "cinquieme": "5e",
    "un": "1", "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "six": "6", "sept": "7", "huit": "8",
    "neuf": "9", "dix": "10", "onze": "11", "douze": "12", "treize": "13", "quatorze": "14", "quinze": "15",
    "dix sept": "17", "dix huit": "18", "dix neuf": "19", "vingt": "20", "vingt deux": "22", "vingt cinq": "25",
    "vingt six": "26", "vingt huit": "28",
}  # fmt: skip
_SHORTEST_MISTYPED = 5
_MISTAKABLE = {long.replace(" ", ""): short for long, short in _SHORT.items() if len(long) >= _SHORTEST_MISTYPED}
"""Abbreviation of each long form that may be mistyped, spaces removed: ``notredame``."""
_PAIRS = {key.replace(" ", ""): short for key, short in _SHORT.items() if " " in key and short.isalpha()}
_SHORT_PAIRS = {tuple(key.split()): short for key, short in _SHORT.items() if " " in key}
_BEGIN_PAIRS = frozenset(one for one, _ in _SHORT_PAIRS)

ARTICLES = frozenset({"de", "du", "des", "la", "le", "les", "l", "d", "a", "au", "aux", "et", "en", "s", "lez"})
"""Words that don't help to find a street, but count when two streets are compared."""
KINDS = frozenset(
    {
        *("av", "bd", "pl", "che", "all", "imp", "rte", "r", "res", "sq", "fg", "qu", "qua", "lot", "pas", "crs"),
        *("ham", "ld", "rpt", "za", "zi"),
        *("venelle", "sentier", "sente", "ruelle", "esplanade", "promenade", "montee", "voie", "chaussee", "traverse"),
        *("parvis", "rocade", "cite", "mail", "clos", "cour"),
    }
)
"""Kinds of streets, abbreviated."""

TITLES = frozenset({"gal", "mal", "dr", "pr", "pdt", "cel", "cdt", "cne", "lt", "mgr", "abbe", "amiral", "sergent"})
"""Titles that people leave out of a person's name, abbreviated."""

_SOUNDS = tuple(
    (re.compile(pattern), heard)
    for pattern, heard in (
        (r"ph", "f"),
        (r"sch|sh|ch", "S"),
        (r"h", ""),
        (r"qu|ck|q", "k"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"gu(?=[eiy])", "g"),
        (r"g(?=[eiy])", "j"),
        (r"eau|au(?:l[td]s?)?|eo", "o"),
        (r"(?:ai|ei|i|y|u)[nm](?![aeiouy])", "1"),
        (r"[ea][nm](?![aeiouy])", "2"),
        (r"ai|ei|ay|ey|oe", "e"),
        (r"y", "i"),
        (r"z", "s"),
        (r"w", "v"),
        (r"(.)\1+", r"\1"),
        (r"(?<=..)(?:e?s|x|t|d|p|e|er|ez|et)$", ""),
    )
)

_ORDINAL = re.compile(r"^(\d+)(?:eme|ieme|ere|re|nde?)$")

_SUFFIXES = {"bis": "bis", "b": "b", "ter": "ter", "t": "t", "quater": "quater", "q": "q", "quinquies": "quinquies"}


def tokens(text: str) -> tuple[str, ...]:
    """Return the words of a name or an address, folded and abbreviated."""
    return abbreviated(fold(text).split())


@lru_cache(maxsize=50_000)
def telling(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words to look up a street by: all but articles and the first kind, unless nothing is left."""
    kind = next((k for k, word in enumerate(words) if word in KINDS), None)
    kept = tuple(word for k, word in enumerate(words) if word not in ARTICLES and k != kind)
    return kept or words


@lru_cache(maxsize=50_000)
def mistyped_long_form(word: str) -> str | None:
    """Return the abbreviation of the long form that a word is one error away from (``plawe``: ``pl``), or None."""
    if len(word) < _SHORTEST_MISTYPED - 1:
        return None
    return next((short for long, short in _MISTAKABLE.items() if OSA.distance(word, long, score_cutoff=1) <= 1), None)


def is_kind(word: str) -> bool:
    """Tell whether a folded word is a kind of street, abbreviated or not."""
    return word in KINDS or _SHORT.get(word) in KINDS


@lru_cache(maxsize=50_000)
def mistyped_pair(one: str, other: str) -> str | None:
    """Return the abbreviation of two words with at most one error in them (``notre ame``: ``nd``), or None."""
    joined = one + other
    if len(joined) < _SHORTEST_MISTYPED:
        return None
    return next((short for long, short in _PAIRS.items() if OSA.distance(joined, long, score_cutoff=1) <= 1), None)


@lru_cache(maxsize=50_000)
def mistyped_kind(word: str) -> str | None:
    """Return the kind of street that a word is one error away from, or None.

    For ``rue``, a letter may be added, missing or out of place (``reu``, ``rrue``), but not replaced (``que``).
    """
    is_rue = len(word) > 1 and (len(word) != len("rue") or sorted(word) == sorted("rue"))
    if is_rue and OSA.distance(word, "rue", score_cutoff=1) <= 1:
        return "r"
    found = mistyped_long_form(word)
    return found if found in KINDS else None


@lru_cache(maxsize=50_000)
def kind_said_alike(word: str) -> str | None:
    """Return the kind of street that a word sounds like (``qué``: ``qu``), or None."""
    return _HEARD_KINDS.get(sound(word)) if len(word) >= _SHORTEST_HEARD else None


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """Return a word roughly as it sounds: words spelt differently but pronounced alike come out the same."""
    for pattern, heard in _SOUNDS:
        word = pattern.sub(heard, word)
    return word


_SHORTEST_HEARD = 3
_HEARD_KINDS = {sound(long): short for long, short in _SHORT.items() if short in KINDS and len(long) > len(short) + 1}


def suffix(text: str) -> str:
    """Return the normalised suffix of a house number."""
    return _SUFFIXES.get(fold(text), fold(text))


def abbreviated(words: Sequence[str]) -> tuple[str, ...]:
    """Return folded words with kinds of streets and titles abbreviated."""
    found: list[str] = []
    k = 0
    while k < len(words):
        word = words[k]
        if word in _BEGIN_PAIRS and (pair := _SHORT_PAIRS.get(tuple(words[k : k + 2]))):
            found.append(pair)
            k += 2
            continue
        found.append(_SHORT.get(word) or (_ORDINAL.sub(r"\1e", word) if word[0].isdigit() else word))
        k += 1
    return tuple(found)
