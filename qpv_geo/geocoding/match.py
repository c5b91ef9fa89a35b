"""Compare a candidate with the query part by part, and tell whether the match is firm.

A score only ranks candidates. A match is firm if every part passes this table:

============  ===============================================================================================
part          firm if it is
============  ===============================================================================================
number        ``same``, or ``unsaid`` (the street itself is asked); every end of a range must exist
street        ``same`` or ``spelling``
postcode      anything but a code of other communes, or of another département
town          ``same`` or ``spelling``; or ``unsaid`` but determined: by ``--postcode`` or ``--citycode``, or
              by a postcode of a single commune
============  ===============================================================================================

Why: of 600 addresses whose street or town was in no index, 147 got a firm answer when only the score decided: a town
that matches makes up for a street that doesn't. So the words of the town are removed first, and the street must match
on its own. ``12 bis`` is not ``12``: they are two doors. A CEDEX has its own postcode, and postcodes are often
mistyped, so a code of no commune is ignored if the town is given. A code of other communes contradicts the town:
someone who writes 69100 Lyon may mean Villeurbanne.

A word of the street is ``spelling`` only if what was typed isn't itself a word: Tulpies is Tulipes, but Lilas, a word
of French or of another street, is never a misspelling. The same goes for the kind: an Impasse des Lilas is not the Rue
des Lilas, and a street without its kind may be either. First names and titles may not be left out: there are a Rue
Martin, a Rue Henri Martin and a Rue du Docteur Martin. An article may be left out, but ``du`` is not ``des``: the Rue
du Chêne is not the Rue des Chênes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from qpv_geo.arrondissements import arrondissement_of, commune_of, is_other_arrondissement_said
from qpv_geo.geocoding.gazetteer import department_of as gazetteer_department
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.house_numbers import number_of, same_number
from qpv_geo.geocoding.normalise import ARTICLES
from qpv_geo.geocoding.protocol import Agreement, Match, MatchType
from qpv_geo.geocoding.query import read
from qpv_geo.geocoding.street import Street, compare_street
from qpv_geo.geocoding.towns import is_name, is_within, town_names, whole_code
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from qpv_geo.geocoding.protocol import Candidate, Query
    from qpv_geo.geocoding.query import AddressReading

    Span = tuple[int, int]

_SAME, _SPELLING = Agreement.SAME, Agreement.SPELLING
_UNSAID, _DIFFERENT = Agreement.UNSAID, Agreement.DIFFERENT
_ORDER = {_SAME: 0, _SPELLING: 1, _UNSAID: 2, _DIFFERENT: 3}
_ALIKE = frozenset({_SAME, _SPELLING})
_ANSWERED = frozenset({_SAME, _UNSAID})
_SHORTEST_TOWN, _LONG_TOWN = 5, 9
_LONGEST_TOWN = 8
_BENIGN = frozenset({"france", "fr", "f", "cedex"})


def is_firm(match: Match | None) -> bool:
    """Tell whether a match is firm, by the table of this module."""
    if match is None or match.number not in _ANSWERED or match.street not in _ALIKE or match.is_elsewhere:
        return False
    return is_town_sure(match)


def is_town_sure(match: Match | None) -> bool:
    """Tell whether the commune of a candidate is the one asked."""
    if match is None or match.is_elsewhere:
        return False
    return match.city in _ALIKE or (match.city is _UNSAID and match.is_determined)


def quality(match: Match) -> tuple[int, ...]:
    """Return a sort key for matches, lowest is best: firm ones, then by street, number, town and postcode."""
    parts = (match.street, match.number, match.city, match.postcode)
    return (not is_firm(match), *(_ORDER[part] for part in parts))


def compared(query: Query, candidates: Iterable[Candidate], knows: Callable[[str], bool]) -> list[Candidate]:
    """Return candidates with their match, the firm ones first, then by score.

    Parameters
    ----------
    knows
        Tells whether a folded word is in the name of some street, or a code is that of some town.
    """
    some = list(candidates)
    matches: list[Match] = []
    for reading in read(query.text):
        now = [_match(query, reading, one, knows) for one in some]
        matches = [min(pair, key=quality) for pair in zip(matches, now, strict=True)] if matches else now
        if any(map(is_firm, matches)):
            break  # this is the reading that was meant
    found = [one._replace(match=match) for one, match in zip(some, matches, strict=True)]
    return sorted(found, key=lambda one: (not is_firm(one.match), -one.score))


def _match(query: Query, reading: AddressReading, candidate: Candidate, knows: Callable[[str], bool]) -> Match:
    number = _number(reading, candidate)
    postcode, is_elsewhere = _postcode(reading, candidate, knows)
    if not is_elsewhere:
        is_elsewhere = is_other_arrondissement_said(reading.plain, candidate.citycode or "", candidate.postcode or "")
    is_determined = _is_determined(query, reading, candidate)
    best: Match | None = None
    near: Container[str] = ()
    if reading.near_codes:
        own = codes_of(candidate.postcode, candidate.citycode)
        near = {code for code in reading.near_codes if any(_is_one_away(code, one) for one in own)}
    for span, city in _town_spans(reading, candidate, postcode):
        street, settled = _explained(reading, span, city, _street(reading, span, candidate, knows, near))
        match = Match(
            number, street.agreement, postcode, settled, is_determined, street.shares_name, is_elsewhere=is_elsewhere
        )
        if best is None or quality(match) < quality(best):
            best = match
        if match.street is _SAME and match.city is _SAME:
            break  # no other span is better
    assert best is not None  # noqa: S101 - a town not given is always one of the spans
    return _with_filters(query, candidate, best)


# ── Number ───────────────────────────────────────────────────────────────────────────────────────────────────


def _number(reading: AddressReading, candidate: Candidate) -> Agreement:
    if reading.numbers is None:
        return _DIFFERENT if candidate.type is MatchType.HOUSENUMBER else _UNSAID  # a door is not its street
    own = number_of(candidate.housenumber)
    if own is None:
        return _DIFFERENT
    if any(same_number(end, own.number, own.suffix) for end in reading.numbers.ends):
        return _SAME
    return _SAME if reading.numbers.holds(own.number, own.suffix) else _DIFFERENT


# ── Postcode ─────────────────────────────────────────────────────────────────────────────────────────────────


def _postcode(reading: AddressReading, candidate: Candidate, knows: Callable[[str], bool]) -> tuple[Agreement, bool]:
    """Return how the postcode agrees, and whether the code or département asked is that of other communes."""
    if reading.department:
        said = "20" if reading.department in {"2A", "2B"} else reading.department
        return _UNSAID, said != department_of(candidate.citycode or candidate.postcode or "")
    if not reading.codes and not reading.near_codes:
        return _UNSAID, False
    own = codes_of(candidate.postcode, candidate.citycode)
    if not own.isdisjoint(reading.codes):
        is_other = _is_other_arrondissement(reading, candidate)
        beside = any(
            (code not in own and _is_of_others(code, candidate, knows)) or _is_beside(code, candidate)
            for code in reading.codes
        )
        return _DIFFERENT if is_other else _SAME, is_other or beside
    if any(_is_one_away(code, one) for code in (*reading.codes, *reading.near_codes) for one in own):
        return _SPELLING, bool(reading.codes) and all(_is_of_others(code, candidate, knows) for code in reading.codes)
    if not reading.codes:
        return _UNSAID, False  # near codes that are not close to this commune's: a number, or a year
    return _DIFFERENT, all(_is_of_others(code, candidate, knows) for code in reading.codes)


def _is_other_arrondissement(reading: AddressReading, candidate: Candidate) -> bool:
    """Tell whether the postcodes asked are those of arrondissements other than the candidate's."""
    if candidate.postcode is None or candidate.postcode in reading.codes:
        return False
    return gazetteer().is_arrondissement(candidate.citycode or "") and candidate.citycode not in reading.codes


def _is_beside(code: str, candidate: Candidate) -> bool:
    """Tell whether a code is the postcode of another arrondissement than the candidate's."""
    own = candidate.citycode or ""
    other = arrondissement_of(commune_of(own) or "", code) if code != candidate.postcode else None
    return other is not None and other != own and bool(gazetteer().with_postcode(code))


def _is_one_away(code: str, other: str) -> bool:
    return OSA.distance(code, other, score_cutoff=1) <= 1


def _is_of_others(code: str, candidate: Candidate, knows: Callable[[str], bool]) -> bool:
    """Tell whether a code that isn't the candidate's belongs to other communes, or to another département.

    A code of no commune may be a CEDEX, or mistyped.
    """
    if gazetteer().with_postcode(code) or knows(code):
        return True
    if (city := commune_of(code)) is not None and city == whole_code(candidate.citycode or ""):
        return True  # the INSEE code of another arrondissement
    department = department_of(candidate.citycode or candidate.postcode or "")
    return bool(department) and department_of(code) != department


def department_of(code: str) -> str:
    """Return the département at the start of a code; ``20`` for both in Corsica."""
    start = gazetteer_department(code)
    return "20" if start in {"2A", "2B"} else start


@lru_cache(maxsize=4096)
def codes_of(postcode: str | None, citycode: str | None) -> frozenset[str]:
    """Return the codes that may stand for a commune: its postcodes and INSEE code."""
    commune = gazetteer().commune(citycode) if citycode else None
    known = () if commune is None else (*commune.postcodes, *commune.other_postcodes, commune.code)
    return frozenset(filter(None, (postcode, citycode, *known)))


# ── Town ─────────────────────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=4096)
def names_of(
    citycode: str | None, city: str | None, former: str | None, postcode: str | None = None
) -> tuple[tuple[str, ...], ...]:
    """Return every name of a candidate's commune and of its arrondissement, as folded words, longest first."""
    own = town_names(citycode, city, (former or "").split("|"))
    arrondissement = arrondissement_of(citycode or "", postcode or "")
    names = (*own, *(tuple(name.split()) for name in gazetteer().names(arrondissement or "")))
    return tuple(sorted(names, key=len, reverse=True))


def _town_spans(
    reading: AddressReading, candidate: Candidate, postcode: Agreement
) -> Iterator[tuple[Span | None, Agreement]]:
    """Yield the spans that may name the candidate's town, and how: exact ones, else near ones, and lastly none."""
    names = names_of(candidate.citycode, candidate.city, candidate.former_city, candidate.postcode)
    words, exact = reading.words, False
    for name in names:
        if name[0] not in words:
            continue
        for start in range(len(words) - len(name), -1, -1):
            span = start, start + len(name)
            if words[start : span[1]] == name and not _is_of_longer(span, words, names):
                exact = True
                yield span, _SAME
    if not exact:
        yield from _near_spans(reading, names, candidate, postcode)
    yield None, _UNSAID


def _is_of_longer(span: Span, words: Sequence[str], names: Sequence[tuple[str, ...]]) -> bool:
    """Tell whether a name of the town is only part of another town's: Biard in Vouneuil-sous-Biard."""
    return is_within(span, (), words) and not any(
        words[low : low + len(name)] == name and low <= span[0] and span[1] <= low + len(name)
        for name in names
        if len(name) > span[1] - span[0]
        for low in range(len(words))
    )


@lru_cache(maxsize=4096)
def _joined_names(names: tuple[tuple[str, ...], ...], city: str) -> tuple[frozenset[str], int, int]:
    """Return the names of a town without spaces, and the least and greatest length of a mistyped one."""
    joined = frozenset("".join(name) for name in names) | {fold(city).replace(" ", "")}
    lengths = [len(one) for one in joined]
    return joined, max(min(lengths) - 2, _SHORTEST_TOWN - 1), max(lengths) + 2


def _near_spans(
    reading: AddressReading, names: tuple[tuple[str, ...], ...], candidate: Candidate, postcode: Agreement
) -> Iterator[tuple[Span, Agreement]]:
    """Yield the spans that nearly name the town: mistyped, glued, split, or cut short next to its postcode."""
    words = reading.words
    joined, shortest, longest = _joined_names(names, candidate.city or "")
    code = whole_code(candidate.citycode or "")
    if postcode is _SAME:
        shortest = _SHORTEST_TOWN - 1
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST_TOWN, len(words)) + 1):
            typed = "".join(words[start:end])
            if len(typed) < shortest:
                continue
            if len(typed) > longest:
                break
            near = typed in joined or any(_is_mistyped(typed, one) for one in joined)
            if near and typed not in joined:
                near = not is_name(" ".join(words[start:end])) or words[start:end] in names
            cut = not near and postcode is _SAME and _is_cut_short(words[start:end], names)
            if (not near and not cut) or _is_of_longer((start, end), words, names):
                continue
            others = [one for one in gazetteer().named(" ".join(words[start:end])) if one.code != code]
            settled = postcode is _SAME and not any(set(reading.codes) & set(one.postcodes) for one in others)
            if not others or (settled and (cut or typed in joined)):
                yield (start, end), _SPELLING


def _is_mistyped(typed: str, name: str) -> bool:
    errors = 2 if len(name) >= _LONG_TOWN else 1
    return len(name) >= _SHORTEST_TOWN and OSA.distance(typed, name, score_cutoff=errors) <= errors


def _is_cut_short(words: Sequence[str], names: Sequence[tuple[str, ...]]) -> bool:
    """Tell whether words begin a longer name of the town: ``Saint-Maurice`` for Saint-Maurice-la-Clouère."""
    telling = [word for word in words if word not in ARTICLES]
    return (
        bool(telling)
        and telling[-1] == words[-1]
        and telling != ["st"]
        and any(len(name) > len(words) and tuple(words) == name[: len(words)] for name in names)
    )


def _explained(reading: AddressReading, span: Span | None, city: Agreement, street: Street) -> tuple[Street, Agreement]:
    """Return how street and town agree once every word counts: an unexplained word makes one of them differ.

    If the town is given, the street differs. Otherwise the town differs, and so does the street unless the words name
    a commune or stand apart from it.
    """
    left = [k for k in street.left if not (span and span[0] <= k < span[1]) and reading.words[k] not in _BENIGN]
    if not left:
        return street, city
    if city is _UNSAID and (_is_town(reading, left) or not street.adjoins):
        return street, _DIFFERENT
    return street._replace(agreement=_DIFFERENT), _DIFFERENT if city is _UNSAID else city


def _is_town(reading: AddressReading, left: Sequence[int]) -> bool:
    """Tell whether the unexplained words name some commune, articles included."""
    first, last = left[0], left[-1]
    words = reading.words
    while first and words[first - 1] in ARTICLES and words[first - 1] != "de":
        if is_name(" ".join(words[first : last + 1])):
            break
        first -= 1
    return is_name(" ".join(words[first : last + 1]))


def _is_determined(query: Query, reading: AddressReading, candidate: Candidate) -> bool:
    if query.citycode is not None or query.postcode is not None:
        return True
    if not reading.codes:
        return False
    code = whole_code(candidate.citycode or "")
    for asked in reading.codes:
        communes = gazetteer().with_postcode(asked)
        if len(communes) == 1 and communes[0].code == code:
            return True
    return False


def _with_filters(query: Query, candidate: Candidate, match: Match) -> Match:
    """Apply the query's filters to a match: a candidate that they exclude is in another town."""
    if query.citycode is not None and whole_code(query.citycode) != whole_code(candidate.citycode or ""):
        return match._replace(city=_DIFFERENT)
    if query.postcode is not None and query.postcode not in codes_of(candidate.postcode, candidate.citycode):
        return match._replace(postcode=_DIFFERENT, city=_DIFFERENT)
    return match


# ── Street ───────────────────────────────────────────────────────────────────────────────────────────────────


def _street(
    reading: AddressReading,
    span: Span | None,
    candidate: Candidate,
    knows: Callable[[str], bool],
    codes: Container[str],
) -> Street:
    if candidate.type is MatchType.MUNICIPALITY:
        left = tuple(k for k in range(len(reading.words)) if not (span and span[0] <= k < span[1]))
        left = tuple(k for k in left if k not in reading.optional and reading.words[k] not in ARTICLES)
        return Street(_DIFFERENT if left or reading.numbers else _UNSAID, (), shares_name=False)
    names = (candidate.street or "", *(candidate.aliases or "").split("|"))
    found = [compare_street(reading, span, name, knows, codes) for name in names if name]
    return min(
        found,
        key=lambda one: (_ORDER[one.agreement], not one.shares_name),
        default=Street(_DIFFERENT, (), shares_name=False),
    )
