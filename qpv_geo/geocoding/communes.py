"""Find the communes that an address names, from the gazetteer: no index and no street are needed.

A name counts as a commune's at either end of the address, or next to a comma or a postcode, but not in
``rue de Lille``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.match import department_of
from qpv_geo.geocoding.normalise import ARTICLES, KINDS, mistyped_long_form
from qpv_geo.geocoding.protocol import Agreement, Match, NamedCommune
from qpv_geo.geocoding.query import read
from qpv_geo.geocoding.towns import is_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qpv_geo.geocoding.gazetteer import Commune
    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.geocoding.query import AddressReading

    Span = tuple[int, int]

_NUMBER_FIRST = re.compile(r"\d{1,4}(?!\d)")
_DEFINITE = frozenset({"le", "la", "les", "l"})
_LONGEST_NAME = 8
_SHORTEST_MISTYPED, _LONG = 5, 9


@dataclass(frozen=True)
class CommunesAsked:
    """The communes that an address names.

    Attributes
    ----------
    communes
        The possible communes, most populated first; empty if the address names none that is known.
    agreement
        How their name is written; ``unsaid`` if only a code or a filter gives them.
    is_alone
        Whether the address is nothing more.
    is_sure
        Whether nothing else could be meant: the name stands apart from the street, or a code alone gives the commune.
    """

    communes: tuple[Commune, ...]
    agreement: Agreement
    is_alone: bool
    is_sure: bool = True

    @property
    def departments(self) -> frozenset[str]:
        """Their départements."""
        return frozenset(one.department for one in self.communes)

    def named(self, query: Query) -> tuple[NamedCommune, ...]:
        """Return the communes, each with its match to the address."""
        reading = read(query.text)[0]
        return tuple(_as_named(one, self, reading) for one in self.communes)


def may_be_alone(query: Query) -> bool:
    """Tell whether an address may be just a commune's name or code: it doesn't begin with a house number."""
    return not _NUMBER_FIRST.match(query.text)


def communes_asked(query: Query) -> CommunesAsked:
    """Return the communes that an address names: by a filter, else by name, else by a code."""
    reading = read(query.text)[0]
    filtered = _filtered(query)
    if filtered is not None:
        return _of_filter(filtered, query, reading)
    named = ((span, _named(reading, span)) for span in _spans(reading, are_names=True))
    first = next(named, None)
    if first is not None:
        span, communes = first if first[1] else next(((span, some) for span, some in named if some), first)
        alone = bool(communes) and _is_alone(reading, span)
        return CommunesAsked(communes, Agreement.SAME, alone, alone or _is_sure(reading, span))
    coded, is_theirs = _coded(reading)
    nearly = ((span, _nearly(reading, span, coded)) for span in _spans(reading, are_names=False))
    near = next(((span, some) for span, some in nearly if some), None)
    if near is not None:
        alone = _is_alone(reading, near[0])
        return CommunesAsked(near[1], Agreement.SPELLING, alone, alone or _is_sure(reading, near[0]))
    alone = bool(coded) and _is_alone(reading, None)
    return CommunesAsked(coded, Agreement.UNSAID, alone, alone or (is_theirs and _ends_with_code(reading)))


def _filtered(query: Query) -> tuple[Commune, ...] | None:
    if query.citycode is not None:
        commune = gazetteer().commune(query.citycode)
        return () if commune is None else (commune,)
    return None if query.postcode is None else gazetteer().with_postcode(query.postcode)


def _of_filter(filtered: tuple[Commune, ...], query: Query, reading: AddressReading) -> CommunesAsked:
    """Return the communes of a filter; they are not sure if the address has the name or the code of others."""
    named = {span: gazetteer().named(" ".join(reading.words[slice(*span)])) for span in _spans(reading, are_names=True)}
    span = next((span for span, some in named.items() if not set(filtered).isdisjoint(some)), None)
    own = {code for one in filtered for code in (*one.postcodes, *one.other_postcodes, one.code)}
    is_elsewhere = any(
        own.isdisjoint(codes) and any(map(gazetteer().with_postcode, codes))
        for codes in (reading.codes, () if query.postcode is None else (query.postcode,))
    )
    if span is not None:
        return CommunesAsked(filtered, Agreement.SAME, _is_alone(reading, span), not is_elsewhere)
    is_elsewhere = is_elsewhere or any(_follows_a_street(reading, other) for other in named)
    return CommunesAsked(filtered, Agreement.UNSAID, _is_alone(reading, None), not is_elsewhere)


def _follows_a_street(reading: AddressReading, span: Span) -> bool:
    """Tell whether a kind of street stands outside a name, which alone may be a locality: « Le Bourg »."""
    words = reading.words
    return not KINDS.intersection(words[slice(*span)]) and any(
        word in KINDS for k, word in enumerate(words) if not span[0] <= k < span[1]
    )


def _spans(reading: AddressReading, *, are_names: bool) -> Iterator[Span]:
    """Yield the spans where the name of a commune may stand, at the end first, longest first: all, or actual names."""
    words, n = reading.words, len(reading.words)
    seen: set[Span] = set()

    def is_new(span: Span) -> bool:
        return span not in seen and (not are_names or is_name(" ".join(words[span[0] : span[1]])))

    for end in (n, *sorted((b for b in reading.breaks if 0 < b < n), reverse=True)):
        for length in range(min(_LONGEST_NAME, end), 0, -1):
            span = (end - length, end)
            if is_new(span) and _leaves_a_street(reading, span):
                seen.add(span)
                yield span
    starts = [0, *sorted(b for b in reading.breaks if 0 < b < n)]
    if reading.number_at:
        starts.append(0)
    ends = {n, *reading.breaks, reading.number_at, *(k for k, word in enumerate(words) if word in KINDS)}
    for start in starts:
        for length in range(min(_LONGEST_NAME, n - start), 0, -1):
            span = (start, start + length)
            if span[1] in ends and is_new(span):
                seen.add(span)
                yield span


def _leaves_a_street(reading: AddressReading, span: Span) -> bool:
    """Tell whether a name at the end leaves a whole street before it, not just ``rue de`` or ``rue``."""
    before = [k for k in range(span[0]) if k not in reading.optional]
    since = max((b for b in reading.breaks if b <= span[0]), default=0)
    if since == span[0]:
        return True
    close = [reading.words[k] for k in before if k >= since]
    if not any(word in KINDS or mistyped_long_form(word) for word in close):
        return reading.numbers is None or not close or close[-1] not in ARTICLES
    return close[-1] not in ARTICLES and close[-1] not in KINDS


def _is_sure(reading: AddressReading, span: Span) -> bool:
    """Tell whether a name stands apart from the street, whose last word may also be the name of a commune."""
    n, breaks = len(reading.words), {0, *reading.breaks}
    if span == (0, n) and reading.numbers is not None and not reading.codes:
        return False  # « 12 Le Bourg » may be a locality of another commune
    if any(k in reading.optional for k in range(*span)) or span[0] not in breaks:
        return False  # « chez M. Lille »
    if span[1] == n:
        return not any(_other_name(reading, start, span) for start in breaks)
    followed = reading.words[span[1]]
    return reading.number_at == span[1] or (span[1] in breaks and followed in KINDS)


def _other_name(reading: AddressReading, start: int, span: Span) -> bool:
    """Tell whether an earlier segment is also the name of a commune: « Le Bourg » may be a locality, or the town."""
    end = min((b for b in (*reading.breaks, len(reading.words)) if b > start), default=start)
    return end <= span[0] and start < end and is_name(" ".join(reading.words[start:end]))


def _ends_with_code(reading: AddressReading) -> bool:
    """Tell whether nothing follows the code, so that no town is named after it."""
    words = reading.words
    if 0 in reading.breaks and words and reading.number_at != 0 and words[0] not in KINDS:
        return False
    return max(reading.breaks, default=0) <= 0 or all(b >= len(words) for b in reading.breaks)


def _named(reading: AddressReading, span: Span) -> tuple[Commune, ...]:
    """Return the communes that bear the name at a span and that no code or département contradicts."""
    return _of_codes(gazetteer().named(" ".join(reading.words[span[0] : span[1]])), reading)


def _of_codes(found: Sequence[Commune], reading: AddressReading) -> tuple[Commune, ...]:
    """Keep the communes that have one of the codes; if no commune has any, those of the codes' départements."""
    if reading.department:
        return tuple(one for one in found if one.department == reading.department)
    codes = set(reading.codes)
    if not codes:
        return tuple(found)
    exact = [one for one in found if codes & {*one.postcodes, *one.other_postcodes, one.code}]
    if exact or any(gazetteer().with_postcode(code) for code in codes):
        return tuple(exact)
    starts = {department_of(code) for code in codes}
    return tuple(one for one in found if department_of(one.code) in starts)


def _coded(reading: AddressReading) -> tuple[tuple[Commune, ...], bool]:
    """Return the communes of a postcode or INSEE code, and whether no other commune could have that code.

    An INSEE code that isn't a known postcode may also be another commune's CEDEX, and a few streets of a commune may
    have the postcode of the next one.
    """
    for code in reading.codes:
        if found := gazetteer().with_postcode(code):
            return found, not gazetteer().is_shared(code)
        if commune := gazetteer().commune(code):
            return (commune,), False
    return (), False


def _nearly(reading: AddressReading, span: Span, coded: Iterable[Commune]) -> tuple[Commune, ...]:
    """Return the communes of the code given whose name is close to the words of a span."""
    if any(word in KINDS for word in reading.words[slice(*span)]):
        return ()
    typed = "".join(reading.words[span[0] : span[1]])
    return tuple(one for one in coded if any(_is_near(typed, name) for name in gazetteer().names(one.code)))


def _is_near(typed: str, name: str) -> bool:
    joined = name.replace(" ", "")
    errors = 2 if len(joined) >= _LONG else 1
    return len(joined) >= _SHORTEST_MISTYPED and OSA.distance(typed, joined, score_cutoff=errors) <= errors


def _is_alone(reading: AddressReading, span: Span | None) -> bool:
    left = [k for k in range(len(reading.words)) if not (span and span[0] <= k < span[1])]
    definite = span is not None and span[0] > 0 and reading.words[span[0] - 1] in _DEFINITE  # « Le Bourg » is not Bourg
    return reading.numbers is None and not definite and all(reading.words[k] in ARTICLES for k in left)


def _as_named(commune: Commune, asked: CommunesAsked, reading: AddressReading) -> NamedCommune:
    codes = {*commune.postcodes, *commune.other_postcodes, commune.code}
    postcode = Agreement.UNSAID
    if reading.codes:
        postcode = Agreement.SAME if codes & set(reading.codes) else Agreement.DIFFERENT
    unasked = Agreement.UNSAID if asked.is_alone else Agreement.DIFFERENT
    number = unasked if reading.numbers is not None else Agreement.UNSAID
    match = Match(number, unasked, postcode, asked.agreement, is_determined=len(asked.communes) == 1)
    return NamedCommune(commune.code, commune.name, commune.department, match, asked.is_sure)
