"""Write French addresses in one way: what people type and what the index holds come out alike.

Case, accents, apostrophes and hyphens go; kinds of streets and titles take their usual abbreviation (av, bd, pl…;
st, gal, mal…); the parts that lead to no place (CEDEX, BP, CS, TSA and their numbers) are dropped. Source of the
abbreviations: norme AFNOR XP Z10-011 and the usage of the Base Adresse Nationale.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from qpv_geo.words import fold

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
    "marechal": "mal", "mar": "mal", "mchal": "mal",
    "docteur": "dr", "doct": "dr",
    "professeur": "pr", "prof": "pr",
    "president": "pdt", "prdt": "pdt", "pres": "pdt",
    "colonel": "cel", "col": "cel",
    "commandant": "cdt", "cmdt": "cdt", "comdt": "cdt",
    "capitaine": "cne", "capit": "cne",
    "lieutenant": "lt", "lieut": "lt",
    "notre dame": "nd",
    "monseigneur": "mgr",
    "sous": "s", "sur": "s",
    "premier": "1er",
    "un": "1", "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "six": "6", "sept": "7", "huit": "8",
    "neuf": "9", "dix": "10", "onze": "11", "douze": "12",
}  # fmt: skip
_SHORTEST_MISTYPED = 5
_MISTAKABLE = {long: short for long, short in _SHORT.items() if long.isalpha() and len(long) >= _SHORTEST_MISTYPED}
_LONG = max(len(key.split()) for key in _SHORT)

_EMPTY = frozenset({"de", "du", "des", "la", "le", "les", "l", "d", "a", "au", "aux", "et", "en", "s", "lez"})
"""Words that help nothing to find a street, though they count when two are compared."""
_KINDS = frozenset(
    {
        *("av", "bd", "pl", "che", "all", "imp", "rte", "r", "res", "sq", "fg", "qu", "qua", "lot", "pas", "crs"),
        *("ham", "ld", "rpt", "za", "zi"),
    }
)

_SUFFIXES = {"bis": "bis", "b": "b", "ter": "ter", "t": "t", "quater": "quater", "q": "q", "quinquies": "quinquies"}
_DROPPED = re.compile(r"\b(?:cedex(?:\s+\d{1,2})?|(?:b ?p|c ?s|tsa)\s*\d+)\b")
_AMBIGUOUS = frozenset({"d", "l", "r"})
"""Letters that are a suffix before a kind of street only: ``12 d'Artagnan``, ``12 r des Lilas``."""
_FIVE_DIGITS = re.compile(r"\d{5}")
_NUMBER = re.compile(r"(\d{1,4})(bis|ter|quater|quinquies|[a-z])?")
_LETTER = re.compile(r"[a-z]")


@dataclass(frozen=True)
class HouseNumber:
    """A number and its suffix (``bis``, ``a``), empty where there is none."""

    number: int
    suffix: str = ""


@dataclass(frozen=True)
class Reading:
    """One way to read an address.

    Attributes
    ----------
    number
        The house number, or None.
    words
        The rest, in order, abbreviated, without five-digit numbers.
    codes
        The five-digit numbers, which may be postcodes: they rank candidates and never discard one.
    """

    number: HouseNumber | None
    words: tuple[str, ...]
    codes: tuple[str, ...]


def tokens(text: str) -> tuple[str, ...]:
    """Return the words of a name or an address, folded and abbreviated."""
    return _abbreviated(fold(text).split())


def telling(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words by which to look for a street: neither articles nor kinds of streets, unless nothing else."""
    kept = tuple(word for word in words if word not in _EMPTY and word not in _KINDS)
    return kept or words


def readings(text: str) -> tuple[Reading, ...]:
    """Return the ways to read an address, the likeliest first.

    A number at the head is the house number; without one, every number may be part of the name (``rue du 8 mai
    1945``) or, failing that, be the house number written elsewhere.
    """
    words = _DROPPED.sub(" ", fold(text)).split()
    codes = tuple(word for word in words if _FIVE_DIGITS.fullmatch(word))
    words = [word for word in words if not _FIVE_DIGITS.fullmatch(word)]
    places = [k for k, word in enumerate(words) if _NUMBER.fullmatch(word)]
    whole = Reading(None, _abbreviated(words), codes)
    numbered = [_numbered(words, k, codes) for k in places]
    return (*numbered[:1], whole, *numbered[1:]) if places[:1] == [0] else (whole, *numbered)


def mistyped_long_form(word: str) -> str | None:
    """Return the abbreviation of the long form that a word is one error away from (``plawe``: ``pl``), or None."""
    if len(word) < _SHORTEST_MISTYPED - 1:
        return None
    return next((short for long, short in _MISTAKABLE.items() if OSA.distance(word, long, score_cutoff=1) <= 1), None)


def suffix(text: str) -> str:
    """Return the suffix of a house number, written in one way."""
    return _SUFFIXES.get(fold(text), fold(text))


def _numbered(words: list[str], k: int, codes: tuple[str, ...]) -> Reading:
    """Read the k-th word as the house number, with the suffix that may follow it, attached or not."""
    digits, *attached = filter(None, _NUMBER.findall(words[k])[0])
    words = [*words[:k], digits, *attached, *words[k + 1 :]]
    after, then = (*words[k + 1 : k + 3], "", "")[:2]
    long = after in _SUFFIXES and len(after) > 1
    lone = bool(_LETTER.fullmatch(after)) and (after not in _AMBIGUOUS or _SHORT.get(then, then) in _KINDS)
    rest = words[:k] + words[k + (2 if long or lone else 1) :]
    return Reading(HouseNumber(int(words[k]), suffix(after) if long or lone else ""), _abbreviated(rest), codes)


def _abbreviated(words: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    k = 0
    while k < len(words):
        for length in range(min(_LONG, len(words) - k), 0, -1):
            short = _SHORT.get(" ".join(words[k : k + length]))
            if short is not None:
                found.append(short)
                k += length
                break
        else:
            found.append(words[k])
            k += 1
    return tuple(found)
