"""Compare the words of an address with the name of a street, once the town is taken out.

Every word of the street but its articles must be typed, and every word typed must be the street's or be excused by its
position: an organisation before the number, a complement, a separate segment, what follows the town.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import OSA

from qpv_geo.geocoding.lexicon import is_word
from qpv_geo.geocoding.normalise import ARTICLES, KINDS, TITLES, abbreviated, mistyped_kind, sound, tokens
from qpv_geo.geocoding.protocol import Agreement
from qpv_geo.geocoding.towns import is_name
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from qpv_geo.geocoding.query import AddressReading

    Span = tuple[int, int]

_SHORTEST_MISTYPED, _MOST_ERRORS = 5, 3
"""Shortest word that may be mistyped, and most errors in one that sounds alike; any other may have one."""
_ENDINGS = frozenset({"e", "s", "x", "es", "le", "ne", "te", "se", "les", "nes", "tes"})
"""Endings that make a different word: a feminine, a plural."""
_BESIDE = frozenset("face derriere devant pres cote angle proximite dessus dessous entre".split())  # noqa: SIM905
"""Words for a place other than the number that follows: « face au 3 »."""
_NOT_AT = re.compile(
    r" (?:(?:apres|avant|vers|sous|contre|proche|jouxtant|ni|sauf|hors|ex|ancien|ancienne|ancienne adresse|"
    r"anciennement|dossier|ref|reference|parcelle|ilot|secteur|stand|emplacement|ligne|vu|jusqu|qpv|km|pk|vc|cr|cd|rd|rn)"
    r"(?: (?:a|au|du|de|le|la|n|no|numero))*|(?:autour|abords|loin|hauteur|niveau|opposee?|voisine?|mitoyenne?|"
    r"vis|attenante?|limitrophe|gauche|droite|bout|fond|parking|coin|carrefour)(?: (?:a|au|du|de|le|la))+) \d{1,4}\b"
)
"""Words for a place other than the number after them, or for a number that is no door's: « voisin du 3 », « km 3 »."""
_QUALIFIERS = frozenset(
    "ancien ancienne vieux vieille vx petit petite pt pte grand grande gd gde nouveau nouvel nouvelle haut haute bas "  # noqa: SIM905
    "basse arriere contre double beau belle long longue court courte faux fausse second seconde autre ex".split()
)
"""Words that make another street of a kind they stand before: Vieux Chemin de Lille, Petite Rue du Port."""
_PARTS = _QUALIFIERS.union("nord sud est ouest partie prolonge prolongee prolongement inferieur superieur".split())  # noqa: SIM905
"""Words that make another street, or a part of it, where they are all of a segment: « rue du Port, prolongée »."""
_WITH_KIND = _QUALIFIERS | _BESIDE
_WITH_KIND |= {"apres", "avant", "vers", "proche", "par", "ni", "sauf", "hors", "croisement", "intersection", "limite"}
_WITH_KIND |= {"anciennement", "oppose", "bis", "ter", "x"}
"""Words that say more of a street than who is there, where its kind follows them: « derrière rue du Port »."""
_STREETS = KINDS - {"res", "qua", "lot", "ham", "ld", "za", "zi", "cite", "clos"}
"""Kinds of streets, without those of areas, which may be named beside a street."""
_ABROAD = frozenset(
    "belgique belgie belgium wallonie luxembourg suisse schweiz allemagne deutschland germany espagne italie portugal "  # noqa: SIM905
    "monaco andorre angleterre uk usa canada quebec algerie maroc tunisie senegal be ch".split()
)
_OF_ARRONDISSEMENTS = frozenset({"paris", "lyon", "marseille"})
"""Towns behind whose name an arrondissement may stand, which is read elsewhere."""
_PLURAL = frozenset({"des", "les", "aux"})
_NEUTRAL = frozenset({"de", "et", "en", "a", "s", "lez"})
_GENDERS = ({"du", "le", "au"}, {"la"}, {"des", "les", "aux"})


class Street(NamedTuple):
    """How the words of an address and the name of a street agree.

    Attributes
    ----------
    left
        Positions of words that are neither the street's nor excused.
    shares_name
        Whether a distinctive word of the street was typed.
    adjoins
        Whether words that are left stand within the name of the street or next to it.
    """

    agreement: Agreement
    left: tuple[int, ...]
    shares_name: bool
    adjoins: bool = False


@dataclass(frozen=True, slots=True)
class _StreetName:
    """The name of a street in parts."""

    words: tuple[str, ...]
    kind: str | None
    names: tuple[str, ...]
    articles: tuple[str, ...]
    plain: str
    glued: dict[str, frozenset[str]]


@dataclass(slots=True)
class _Found:
    """Where the words of a street were found, and how."""

    places: list[int]
    is_missing: bool = False
    shares_name: bool = False


def compare_street(
    reading: AddressReading, span: Span | None, name: str, knows: Callable[[str], bool], codes: Container[str] = ()
) -> Street:
    """Compare the words of an address, except those of its town, with the name of a street.

    Parameters
    ----------
    span
        Positions of the town's words, taken out.
    codes
        Words that are a mistyped postcode of the town.
    knows
        Tells whether a folded word is in the name of some street.
    """
    street = _name(name)
    taken = range(*span) if span else ()
    free = [k for k, word in enumerate(reading.words) if k not in taken and word not in codes]
    run = _run(reading.words, free, street.words)
    if run is not None:
        left = _left(reading, span, free, run)
        if _is_within(reading.number_at, run):
            return Street(Agreement.DIFFERENT, tuple(left), shares_name=True)
        spelt = Agreement.SAME if street.plain in reading.plain else Agreement.SPELLING
        return Street(spelt, tuple(left), shares_name=True, adjoins=_adjoins(left, run, reading))
    found = _gathered(reading, free, street, knows)
    if not found.places:
        return Street(Agreement.DIFFERENT, tuple(_left(reading, span, free, [])), shares_name=False)
    left = _left(reading, span, free, found.places)
    apart = _is_within(reading.number_at, found.places) or (span is not None and _is_within(span[0], found.places))
    wrong = found.is_missing or apart or _articles_differ(reading, free, found, street)
    agreement = Agreement.DIFFERENT if wrong else Agreement.SPELLING
    return Street(agreement, tuple(left), found.shares_name, adjoins=_adjoins(left, found.places, reading))


@lru_cache(maxsize=20_000)
def _name(name: str) -> _StreetName:
    words = tokens(name)
    kind = words[0] if words[:1] and words[0] in KINDS and len(words) > 1 else None
    rest = words[1:] if kind else words
    names = tuple(word for word in rest if word not in ARTICLES) or rest
    articles = tuple(word for word in rest if word in ARTICLES and word not in names)
    plain = fold(name)
    return _StreetName(words, kind, names, articles, f" {plain} ", _glued(plain.split(), has_kind=kind is not None))


def _glued(spoken: Sequence[str], *, has_kind: bool) -> dict[str, frozenset[str]]:
    """Return consecutive words of a street glued together, each with the words it contains.

    « Dubois » is not « du Bois », but « destulipes », which isn't a name, is « des Tulipes ».
    """
    found: dict[str, frozenset[str]] = {}
    for start, end in combinations(range(len(spoken) + 1), 2):
        some = spoken[start:end]
        names = some[1:] if start == 0 and has_kind else some
        is_article = any(word in ARTICLES and word not in _PLURAL for word in names[:-1])
        if len(some) > 1 and not is_article:
            found.setdefault("".join(some), frozenset(abbreviated(some)))
    return found


def _run(words: tuple[str, ...], free: Sequence[int], wanted: tuple[str, ...]) -> list[int] | None:
    """Return where all the words of a street stand one after the other, or None."""
    if not wanted or wanted[0] not in words:
        return None
    size = len(wanted)
    for at in range(len(free) - size + 1):
        first = free[at]
        if free[at + size - 1] - first == size - 1 and words[first : first + size] == wanted:
            return list(free[at : at + size])
    return None


# ── Word by word ─────────────────────────────────────────────────────────────────────────────────────────────


def _gathered(
    reading: AddressReading, free: Sequence[int], street: _StreetName, knows: Callable[[str], bool]
) -> _Found:
    """Find the kind and each distinctive word of a street among the words typed: as written, else mistyped or glued."""
    words, found = reading.words, _Found([])
    left = [k for k in free if words[k] not in ARTICLES or words[k] in street.names]
    wanted = [word for word in street.names if not _take(found, left, [k for k in left if words[k] == word])]
    found.shares_name = any(words[k] not in TITLES for k in found.places)
    kind = street.kind
    if wanted or kind not in words:
        glued = _take_glued(words, left, street, found, knows)
        wanted = [word for word in wanted if word not in glued]
        kind = None if kind in glued else kind
    for word in list(wanted):
        near = [k for k in left if is_misspelt(words[k], word, knows)]
        if _take(found, left, near) or _take_split(words, left, word, found, knows):
            wanted.remove(word)
            found.shares_name = found.shares_name or word not in TITLES
    found.is_missing = bool(wanted)
    if kind is not None and found.places and not _take_kind(words, left, kind, found):
        found.is_missing = True
    return found


def _take(found: _Found, left: list[int], places: Sequence[int]) -> bool:
    """Take the position nearest after the last one found, or else nearest before it."""
    if not places:
        return False
    last = found.places[-1] if found.places else -1
    place = min(places, key=lambda k: (k < last, abs(k - last)))
    found.places.append(place)
    left.remove(place)
    return True


def _take_kind(words: Sequence[str], left: list[int], kind: str, found: _Found) -> bool:
    """Take the nearest kind of street before the words of its name, abbreviated or else mistyped."""
    before = [k for k in left if k < min(found.places)]
    exact = [k for k in before if words[k] == kind]
    near = [k for k in before if words[k] not in KINDS and mistyped_kind(words[k]) == kind]
    place = (exact or near)[-1:]
    for k in place:
        found.places.append(k)
        left.remove(k)
    return bool(place)


def is_misspelt(typed: str, word: str, knows: Callable[[str], bool]) -> bool:
    """Tell whether a typed word is a misspelling of another, which it never is if it is a word itself."""
    if not typed.isalpha() or len(typed) < _SHORTEST_MISTYPED - 1 or len(word) < _SHORTEST_MISTYPED or typed in KINDS:
        return False
    short, long = sorted((typed, word), key=len)
    if long.startswith(short) and long[len(short) :] in _ENDINGS:
        return False  # Marcelle is not Marcel, nor Chênes Chêne
    distance = OSA.distance(typed, word, score_cutoff=_MOST_ERRORS)
    alike = distance <= 1 or (distance <= _MOST_ERRORS and sound(typed) == sound(word))
    return alike and not is_word(typed) and not knows(typed) and not _is_form_of_another(typed, knows)


def _is_form_of_another(typed: str, knows: Callable[[str], bool]) -> bool:
    """Tell whether a word is another one with an ending: « Martins » may be Martin, and is no misspelt Martine."""
    stems = (typed.removesuffix(ending) for ending in _ENDINGS if typed.endswith(ending))
    return any(len(stem) >= _SHORTEST_MISTYPED - 1 and knows(stem) for stem in stems)


def _take_split(words: Sequence[str], left: list[int], word: str, found: _Found, knows: Callable[[str], bool]) -> bool:
    """Take two typed words that form one of the street's (``Ger maine``: Germaine); « du Bois » is not « Dubois »."""
    for k in left:
        if k + 1 not in left or words[k] + words[k + 1] != word:
            continue
        if words[k] in ARTICLES or all(_is_real(words[j], knows) for j in (k, k + 1)):
            return False
        found.places += (k, k + 1)
        left.remove(k)
        left.remove(k + 1)
        return True
    return False


def _take_glued(
    words: Sequence[str], left: list[int], street: _StreetName, found: _Found, knows: Callable[[str], bool]
) -> set[str]:
    """Take typed words that glue several of the street's (``ruedes``, ``victorhugo``), and return the words within."""
    held = set[str]()
    for k in list(left):
        covered = street.glued.get(words[k])
        if covered is None or _is_real(words[k], knows):
            continue
        found.places.append(k)
        left.remove(k)
        found.shares_name = found.shares_name or not covered.isdisjoint(street.names)
        held |= covered
    return held


def _is_real(word: str, knows: Callable[[str], bool]) -> bool:
    return is_word(word) or knows(word) or word in ARTICLES or word in KINDS


# ── What is left ─────────────────────────────────────────────────────────────────────────────────────────────


def _left(reading: AddressReading, span: Span | None, free: Sequence[int], taken: Sequence[int]) -> list[int]:
    """Return the positions of words that are neither the street's nor excused by where they stand."""
    used = set(taken)
    return [
        k
        for k in free
        if k not in used
        and not _is_article(reading.words, k)
        and not _is_complement(reading, k, taken)
        and not _is_excused(reading, span, k, taken)
    ]


def _is_article(words: Sequence[str], k: int) -> bool:
    """Tell whether a word is just an article; ``a`` after a kind of street is an initial (« rue A Moreau »)."""
    return words[k] in ARTICLES and not (words[k] == "a" and k > 0 and words[k - 1] in KINDS)


def _is_complement(reading: AddressReading, k: int, taken: Sequence[int]) -> bool:
    """Tell whether a word is in a complement with no word of the street's name, which « Villa Hugo » may be."""
    if k not in reading.optional or reading.words[k][0].isdigit():
        return False
    end = next(j for j in range(k, len(reading.words) + 1) if j not in reading.optional)
    if (
        end in taken
        and end not in reading.breaks
        and end != reading.number_at
        and reading.words[end - 1] in ARTICLES | _WITH_KIND
    ):
        return False  # « Résidence de la Rue Hugo »
    return not any(
        j in reading.optional and all(i in reading.optional for i in range(min(j, k), max(j, k))) for j in taken
    )


def _is_excused(reading: AddressReading, span: Span | None, k: int, taken: Sequence[int]) -> bool:
    if not taken or reading.words[k][0].isdigit():
        return False  # an unexplained number is never excused
    first, last = min(taken), max(taken)
    if reading.number_at is not None and k < reading.number_at <= first:
        return _is_in_front_of_number(reading, reading.number_at)
    if reading.numbers is None and k < first and reading.words[first] in KINDS:
        return not _is_of_street(reading, k, first)  # an organisation in front of the street
    if span is None:
        return False
    if k >= span[1] and span[0] > last:
        return _is_behind_town(reading, span, k)
    start, end = _segment(reading, k)
    apart = last < start and k < end <= span[0]  # a segment of its own between the street and the town
    return apart and not _names_a_place(reading.words[start:end])


def _is_in_front_of_number(reading: AddressReading, number_at: int) -> bool:
    """Tell whether the words in front of the number are an organisation's, not of a place beside it or of a town."""
    front = reading.words[:number_at]
    return not (_BESIDE.intersection(front) or _NOT_AT.search(reading.plain) or is_name(" ".join(front)))


def _is_of_street(reading: AddressReading, k: int, kind: int) -> bool:
    """Tell whether a word in front of a kind of street says which one, or is a number not read as one: « N95 »."""
    words = reading.words
    if any(letter.isdigit() for letter in words[k]) or is_name(" ".join(words[:kind])):
        return True
    if any(words[j] in _STREETS and j + 1 not in reading.breaks and j not in reading.optional for j in range(kind - 1)):
        return True  # « angle rue Hugo et rue du Port », but « Café de la Place, rue du Port »
    before = words[_segment(reading, kind - 1)[0] : kind] if kind not in reading.breaks else ()
    return bool(before) and (before[-1] in ARTICLES | _WITH_KIND | KINDS or len(before[-1]) == 1)


def _is_behind_town(reading: AddressReading, span: Span, k: int) -> bool:
    """Tell whether a word behind the town is no part of its name, nor of another town, street or country."""
    words = reading.words
    if not reading.codes and _segment(reading, k)[0] < span[1] and words[span[0]] not in _OF_ARRONDISSEMENTS:
        return False  # « Beaumont-le-Haut »
    if words[k] in _ABROAD or not _STREETS.isdisjoint(words[span[1] :]):
        return False
    return not any(is_name(" ".join(words[j:])) for j in range(span[1], k + 1))


def _names_a_place(words: Sequence[str]) -> bool:
    """Tell whether words that stand apart name a town, another street or a part of one."""
    return not _STREETS.isdisjoint(words) or _PARTS.issuperset(words) or is_name(" ".join(words))


def _segment(reading: AddressReading, k: int) -> Span:
    """Return the words between two separators around a word; the last segment ends at 0."""
    return max((b for b in reading.breaks if b <= k), default=0), min((b for b in reading.breaks if b > k), default=0)


def _is_within(at: int | None, taken: Sequence[int]) -> bool:
    """Tell whether the number or the town stands within a street: « rue des 4 Vents », « rue de Loos, Hem »."""
    return at is not None and min(taken) < at <= max(taken)


def _adjoins(left: Sequence[int], taken: Sequence[int], reading: AddressReading) -> bool:
    """Tell whether words that are left stand within the name of the street, or next to it."""
    if not left or not taken:
        return False
    low, high = min(taken), max(taken)
    for k in left:
        inside = low < k < high
        after = k > high and not any(high < b <= k for b in reading.breaks)
        before = k < low and not any(k < b <= low for b in reading.breaks)
        if inside or after or before:
            return True
    return False


def _articles_differ(reading: AddressReading, free: Sequence[int], found: _Found, street: _StreetName) -> bool:
    """Tell whether the articles typed differ from the street's: ``du`` for ``des``."""
    low, high = min(found.places), max(found.places)
    typed = {reading.words[k] for k in free if low < k < high and reading.words[k] in ARTICLES}
    own = set(street.articles)
    if not (typed - _NEUTRAL) or not (own - _NEUTRAL):
        return False
    return any((typed & gender) and not (own & gender) for gender in _GENDERS)
