"""Parse an address into its parts: house numbers, complement, codes, and the words of the street and the town.

Which words belong to the street and which to the town is decided later, by comparison with candidates
(`qpv_geo.geocoding.match`). An address may have several readings, as a number may be the house number or part of the
street's name (``8 mai 1945``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from qpv_geo.geocoding.cleaning import clean
from qpv_geo.geocoding.complement import Token, set_aside
from qpv_geo.geocoding.departments import department_named
from qpv_geo.geocoding.house_numbers import LONG_SUFFIXES, HouseNumber, HouseNumbers
from qpv_geo.geocoding.normalise import KINDS, abbreviated, is_kind, suffix
from qpv_geo.geocoding.on_demand import OnDemand
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    _Numbers = tuple["HouseNumbers", int, int]
    """House numbers, and where they and the words around them begin and end."""

_DEPARTMENT = re.compile(r"\(\s*(\d{2,3}|2[ab])\s*\)", re.IGNORECASE)
_LAST_PART = re.compile(r"[,(\n]([^,()\n\d]+)\)?(?:[\s,]*france)?\s*$", re.IGNORECASE)
_PIECES = re.compile(r"\d+|[^\W\d_]+|[,;\n/|()&-]", re.UNICODE)
_INITIALS = frozenset({"a", "d", "l", "s"})
"""Letters that are an article or a preposition, unless a full stop follows."""
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_CORSICAN = re.compile(r"2[ab]\d{3}")
_BREAKS = frozenset(",;\n|()")
_APOSTROPHES = frozenset("'’‘`´ʼ")
_MONTHS = frozenset(
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split()  # noqa: SIM905
)
_ORDINALS = frozenset({"e", "er", "eme", "ere", "re", "nd", "nde", "ieme"})
_RANGE_SIGNS, _LIST_SIGNS = frozenset({"-", "/", "a", "au"}), frozenset({",", "et", "&", "ou"})
_MOST_DIGITS, _CODE_DIGITS = 4, 5


@dataclass(frozen=True, slots=True)
class AddressReading:
    """One way to read an address.

    Attributes
    ----------
    numbers
        The house numbers, or None.
    words
        The rest, in order, abbreviated: street, town, and possibly neither.
    optional
        Positions in `words` of a complement in words (a residence, « chez »…), which need not match.
    breaks
        Positions in `words` that follow a separator: a comma, a line break, a postcode…
    number_at
        Position in `words` before which the numbers stood, or None.
    codes
        Numbers of five digits, which may be postcodes or INSEE codes.
    department
        The département in brackets, or named at the end; or empty.
    near_codes
        Numbers of four or six digits that may be mistyped codes.
    plain
        The whole address, folded but not abbreviated, with a space at each end.
    """

    numbers: HouseNumbers | None
    words: tuple[str, ...]
    optional: frozenset[int] = frozenset()
    breaks: frozenset[int] = frozenset()
    number_at: int | None = None
    codes: tuple[str, ...] = ()
    near_codes: tuple[str, ...] = ()
    department: str = ""
    plain: str = field(default="", compare=False)

    @property
    def but_for_numbers(self) -> tuple[object, ...]:
        """Everything read except the house numbers: the same for every number of a street."""
        parts = self.words, self.optional, self.breaks, self.number_at
        return *parts, self.codes, self.near_codes, self.department


@lru_cache(maxsize=1024)
def read(text: str) -> OnDemand[AddressReading]:
    """Return the readings of an address, likeliest first; there is always at least one."""
    cleaned, department = clean(text), ""
    if bracketed := _DEPARTMENT.search(cleaned):
        cleaned, department = _DEPARTMENT.sub(" , ", cleaned, count=1), bracketed[1].upper()
    elif (last := _LAST_PART.search(cleaned)) and (department := department_named(last[1])):
        cleaned = cleaned[: last.start()]
    plain = f" {fold(cleaned)} "
    tokens, codes, near = _without_codes(set_aside(_tokens(cleaned)))
    return OnDemand(_readings(tokens, (codes, near, department, plain)))


def _readings(
    tokens: Sequence[Token], all_of_it: tuple[tuple[str, ...], tuple[str, ...], str, str]
) -> Iterator[AddressReading]:
    """Yield the address with house numbers at each place where they may be, and once without any.

    The reading without numbers comes first, or second if the likeliest numbers stand where house numbers do: at the
    start, or before a kind of street.
    """
    numbered = _numbers_in(tokens)
    is_told = False
    for numbers, first, end in numbered:
        found = _reading(tokens[:first], tokens[end:], numbers, all_of_it)
        if not is_told and found.number_at != 0 and not _before_kind(tokens, end):
            yield _reading(tokens, (), None, all_of_it)
            is_told = True
        yield found
        if not is_told:
            yield _reading(tokens, (), None, all_of_it)
            is_told = True
    if not numbered:
        yield _reading(tokens, (), None, all_of_it)


def with_each_number(text: str) -> list[str]:
    """Return an address with several house numbers once for each; the text itself if it has at most one."""
    cleaned = clean(text)
    tokens, _, _ = _without_codes(set_aside(_tokens(cleaned)))
    numbers, first, end = next(iter(_numbers_in(tokens)), (None, 0, 0))
    if numbers is None or numbers.is_one:
        return [text]
    low, high = tokens[first].start, tokens[end - 1].end
    return [f"{cleaned[:low]}{one}{cleaned[high:]}" for one in numbers.ends]


# ── Tokens ───────────────────────────────────────────────────────────────────────────────────────────────────


def _tokens(text: str) -> list[Token]:
    """Split a text into folded words, numbers and signs; each separator is a token."""
    found: list[Token] = []
    for piece in _PIECES.finditer(text):
        raw, (start, end) = piece[0], piece.span()
        if not raw[0].isalnum():
            found.append(Token(raw, start=start, end=end))
            continue
        glued, following = start > 0 and text[start - 1].isalnum(), text[end : end + 1]
        for word in (raw.lower(),) if raw.isascii() else fold(raw).split():
            is_initial = following == "." and word in _INITIALS  # not an article
            elided = following in _APOSTROPHES
            found.append(Token(f"{word}." if is_initial else word, glued, elided, start=start, end=end))
    return found


def _without_codes(tokens: Sequence[Token]) -> tuple[list[Token], tuple[str, ...], tuple[str, ...]]:
    """Replace the codes with separators, and return also those of five digits and those that may be mistyped.

    ``86 000`` is a code only if at least two words precede it; four digits stay among the words, as they may be a house
    number.
    """
    kept: list[Token] = []
    codes: list[str] = []
    near: list[str] = []
    k = 0
    while k < len(tokens):
        text = tokens[k].text
        following = tokens[k + 1].text if k + 1 < len(tokens) else ""
        if text.isdigit() and len(text) == _CODE_DIGITS:
            codes.append(text)
        elif text.isdigit() and len(text) == _CODE_DIGITS + 1:
            near.append(text)
        elif text == "2" and (corsican := _corsican_code(tokens[k : k + 3])):
            codes.append(corsican)
            k += 2
        elif text.isdigit() and following.isdigit() and _is_split_code(text, following, kept, tokens[k + 2 :]):
            codes.append(text + following)
            k += 1
        else:
            kept.append(tokens[k])
            k += 1
            continue
        if kept and kept[-1].text in {"f", "fr"}:
            kept.pop()
        kept.append(Token(","))
        k += 1
    if not codes:
        near += (one.text for before, one in pairwise(kept) if _may_be_code(before.text, one.text))
    return kept, tuple(codes), tuple(near)


def _may_be_code(before: str, text: str) -> bool:
    """Tell whether a number may be a postcode that lost a digit, rather than the year of a date."""
    is_year = before in _MONTHS and _YEAR.fullmatch(text)
    return text.isdigit() and len(text) == _CODE_DIGITS - 1 and not is_year


def _corsican_code(tokens: Sequence[Token]) -> str:
    """Return a code such as ``2A004``, split by its letter into three tokens, or an empty string."""
    text = "".join(one.text for one in tokens)
    glued = all(one.is_glued for one in tokens[1:])
    return text.upper() if glued and _CORSICAN.fullmatch(text) else ""


def _is_split_code(text: str, following: str, before: Sequence[Token], after: Sequence[Token]) -> bool:
    if (len(text), len(following)) != (2, 3):
        return False
    words = [one.text for one in before if one.text.isalpha()]
    return len(words) > 1 and all(one.text not in KINDS for one in after[:1])


def _numbers_in(tokens: Sequence[Token]) -> list[_Numbers]:
    """Return up to three possible groups of house numbers, likeliest first, with where they begin and end."""
    found: dict[int, _Numbers] = {}
    ended = -1
    for k, one in enumerate(tokens):
        if k <= ended or not _may_be_number(tokens, k):
            continue  # part of the previous group
        late = len(one.text) == _MOST_DIGITS and bool(found)  # likelier a postcode that lost a digit, or a year
        if not late and not _is_ordinal_or_date(tokens, k):
            found[k] = _numbers_at(tokens, k)
            ended = found[k][2]
    first = _first_word(tokens)
    likeliest = next((k for k, some in found.items() if _before_kind(tokens, some[2])), first)
    return sorted(found.values(), key=lambda some: some is not found.get(likeliest))[:3]


def _may_be_number(tokens: Sequence[Token], k: int) -> bool:
    """Tell whether a token is a number that stands alone, or is glued to a word (``Lilas12``, but not ``D137``)."""
    one = tokens[k]
    if not one.text.isdigit() or len(one.text) > _MOST_DIGITS:
        return False
    return not one.is_glued or (tokens[k - 1].text.isalpha() and len(tokens[k - 1].text) > 2)  # noqa: PLR2004


def _first_word(tokens: Sequence[Token]) -> int:
    return next((k for k, one in enumerate(tokens) if one.text[0].isalnum() and one.text not in {"du", "n", "no"}), -1)


def _before_kind(tokens: Sequence[Token], k: int) -> bool:
    while k < len(tokens) and tokens[k].text in _BREAKS:
        k += 1
    return k < len(tokens) and is_kind(tokens[k].text)


def _is_ordinal_or_date(tokens: Sequence[Token], k: int) -> bool:
    """Tell whether a number is ``2e``, ``8 mai`` or the year after a month."""
    following = tokens[k + 1] if k + 1 < len(tokens) else Token("")
    before = tokens[k - 1].text if k else ""
    ordinal = following.is_glued and following.text in _ORDINALS
    if ordinal and following.text == "e" and _before_kind(tokens, k + 2):
        return False  # « 22E rue »: the door after 22 D
    is_year = before in _MONTHS and len(tokens[k].text) == _MOST_DIGITS
    return following.text in _MONTHS or is_year or ordinal


# ── House numbers ────────────────────────────────────────────────────────────────────────────────────────────


def _numbers_at(tokens: Sequence[Token], start: int) -> _Numbers:
    """Read the numbers that begin at `start`, and return where they and words such as « n° » begin and end."""
    first, end = _one_at(tokens, start)
    ends, ranges = [first], list[tuple[int, int]]()
    while (sign := _sign(tokens, end)) and _is_number(tokens, end + 1):
        following, after = _one_at(tokens, end + 1)
        ends.append(following)
        if sign in _RANGE_SIGNS:
            low, high = sorted((ends[-2].number, following.number))
            ranges.append((low, high))
        end = after
    if start and tokens[start - 1].text in {"du", "n", "no", "num"}:
        start -= 1
    return HouseNumbers(tuple(ends), tuple(ranges)), start, end


def _sign(tokens: Sequence[Token], k: int) -> str:
    text = tokens[k].text if k < len(tokens) else ""
    return text if text in _RANGE_SIGNS or text in _LIST_SIGNS else ""


def _is_number(tokens: Sequence[Token], k: int) -> bool:
    if k >= len(tokens) or not tokens[k].text.isdigit() or len(tokens[k].text) > _MOST_DIGITS:
        return False
    return not _is_ordinal_or_date(tokens, k)


def _one_at(tokens: Sequence[Token], k: int) -> tuple[HouseNumber, int]:
    number = int(tokens[k].text)
    following = tokens[k + 1] if k + 1 < len(tokens) else Token("")
    if following.text == "-" and k + 2 < len(tokens) and tokens[k + 2].text.isalpha():
        dashed = tokens[k + 2].text
        if dashed in LONG_SUFFIXES or len(dashed) == 1:
            return HouseNumber(number, suffix(dashed)), k + 3
    if following.text in LONG_SUFFIXES:
        return HouseNumber(number, following.text), k + 2
    lone = len(following.text) == 1 and following.text.isalpha()
    if not lone or following.is_elided:
        return HouseNumber(number), k + 1  # « 12 d’Artagnan »
    if following.is_glued:
        return HouseNumber(number, suffix(following.text)), k + 2
    is_street = following.text == "r" and not _before_kind(tokens, k + 2)  # « 12 r des Lilas »
    is_range = following.text == "a" and _is_number(tokens, k + 2)  # « 10 à 12 »
    if is_street or is_range:
        return HouseNumber(number), k + 1
    return HouseNumber(number, suffix(following.text)), k + 2


def _reading(
    before: Sequence[Token],
    after: Sequence[Token],
    numbers: HouseNumbers | None,
    all_of_it: tuple[tuple[str, ...], tuple[str, ...], str, str],
) -> AddressReading:
    words: list[str] = []
    optional: set[int] = set()
    breaks: set[int] = set()
    number_at = 0
    for some in (before, after):
        number_at = len(words)
        for run, is_optional, is_break in _runs(some):
            if is_break:
                breaks.add(len(words))
            start = len(words)
            words += abbreviated(run)
            if is_optional:
                optional.update(range(start, len(words)))
    where = None if numbers is None else number_at
    return AddressReading(numbers, tuple(words), frozenset(optional), frozenset(breaks), where, *all_of_it)


def _runs(tokens: Iterable[Token]) -> Iterable[tuple[tuple[str, ...], bool, bool]]:
    """Yield unbroken runs of words, with whether they are optional and whether a break comes before."""
    run: list[str] = []
    is_optional = is_break = False
    for one in (*tokens, Token(",")):
        ends = one.text in _BREAKS
        if run and (ends or one.is_optional != is_optional):
            yield tuple(run), is_optional, is_break
            run, is_break = [], False
        is_break = is_break or ends
        if not one.text[0].isalnum():
            continue
        is_optional = one.is_optional
        if one.is_glued and run:
            run[-1] += one.text
        else:
            run.append(one.text)
