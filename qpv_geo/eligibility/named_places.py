"""Recognise what a text names other than an address: a quartier, a place without a published position, a plot.

The name must be the whole text, apart from commune, postcode and département: ``Rue des Oliveaux`` is an address. A
label given with its commune is that of the perimeter, unless the town is known to use it for a wider area; after
``quartier``, it names an area, as people mean more or less by it. A label alone that is also the name of another
commune may mean either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.match import codes_of, department_of
from qpv_geo.geocoding.named import NamedKind, NamedPlace
from qpv_geo.geocoding.normalise import ARTICLES, abbreviated, tokens
from qpv_geo.geocoding.plots import plots_named, read_plot
from qpv_geo.geocoding.protocol import Agreement, Match, NamedCommune
from qpv_geo.geocoding.towns import whole_code
from qpv_geo.perimeters.names import NamesAtHand, aliases_of, generation_of, names_of_set
from qpv_geo.perimeters.registry import Alias
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qpv_geo.geocoding.gazetteer import Commune
    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.perimeters.catalogue import Catalogue
    from qpv_geo.perimeters.names import NamedPerimeter, PerimeterNames
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.perimeters.registry import Registry, UnpublishedPlace

_CODE = re.compile(r"(?<!\w)q ?[np] ?(?:\d{3}|02[ab]) ?\d{2} ?[0-9a-z](?!\w)")
_FIVE = re.compile(r"\d{5}|2[ab]\d{3}")
_DEPARTMENT = re.compile(r"\(\s*(\d{2,3}|2[ab])\s*\)", re.IGNORECASE)
"""In brackets only: elsewhere it would be a house number."""
_NONE: frozenset[str] = frozenset()
_EXPLICIT = (("qpv",), ("qp",), ("quartier", "prioritaire"))
_AREAS = frozenset({"quartier", "quartiers"})
_CONTRACTED = {"des": "les", "du": "le"}
_OF = frozenset({"de", "d", "des", "du"})
_SAID_BEFORE = frozenset({"a", "de", "d", "en", "au"})
_SAID_AFTER = frozenset({"france", "fr", "cedex"})
_ALONE = Match(Agreement.UNSAID, Agreement.UNSAID, Agreement.UNSAID, Agreement.SAME)


@dataclass(frozen=True)
class Quartiers:
    """The perimeters that a text may name, of any generation.

    Attributes
    ----------
    code
        The perimeter code in the text, or empty.
    perimeters
        Available perimeters; those found by a local name carry it.
    rivals
        Other communes of that name, unless the text specifies a quartier or a commune.
    is_town_said
        Whether the text or its filters give the commune; always True for a code.
    """

    code: str
    perimeters: tuple[NamedPerimeter, ...]
    rivals: tuple[NamedCommune, ...] = ()
    is_town_said: bool = False


class NamedPlaces:
    """Recognises what a text names instead of an address; safe to share between threads.

    Parameters
    ----------
    catalogue
        Available perimeters.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._known = catalogue.registry
        self._names = NamesAtHand(catalogue)
        self._places = {_telling(fold(one.name).split()): one for one in self._known.places}
        self._place_words = frozenset(name[-1] for name in self._places)

    def now(self) -> PerimeterNames:
        """Return the names of the perimeters available now."""
        return self._names.now()

    def named(
        self, query: Query, perimeters: PerimeterSet | None = None, *, names: PerimeterNames | None = None
    ) -> NamedPlace | None:
        """Return what a text names, or None for an address or an unknown name.

        Parameters
        ----------
        perimeters
            Set whose names are tried first, before those available.
        names
            Result of `now`, to reuse for many texts.
        """
        asked = _asked(query)
        if self._quartiers(asked, perimeters, names) is not None:
            return NamedPlace(NamedKind.QUARTIER)
        if self._unpublished(asked) is not None:
            return NamedPlace(NamedKind.PLACE)
        plots = _plots(query)
        return None if plots is None else NamedPlace(NamedKind.PLOT, plots)

    def quartiers(self, query: Query, perimeters: PerimeterSet | None = None) -> Quartiers | None:
        """Return the perimeters that a text may name, or None if it names none."""
        return self._quartiers(_asked(query), perimeters)

    def unpublished(self, query: Query) -> UnpublishedPlace | None:
        """Return the place without a published position that a text names, or None if it names none."""
        return self._unpublished(_asked(query))

    def _quartiers(
        self, asked: _AskedWords, perimeters: PerimeterSet | None, names: PerimeterNames | None = None
    ) -> Quartiers | None:
        if perimeters is not None and (found := _quartiers(asked, _names_of(perimeters, self._known), self._known)):
            return found
        return _quartiers(asked, names or self._names.now(), self._known)

    def _unpublished(self, asked: _AskedWords) -> UnpublishedPlace | None:
        if self._place_words.isdisjoint(asked.words):
            return None
        words = _telling(asked.words)
        for name, place in self._places.items():
            for part, rest in ((words[: len(name)], words[len(name) :]), (words[-len(name) :], words[: -len(name)])):
                if part == name and (town := _town(rest, asked)) and _is_town(place.commune, town):
                    return place
        return None


# ── The words asked ──────────────────────────────────────────────────────────────────────────────────────────


class _AskedWords(NamedTuple):
    """A text split into folded words, perimeter code, commune codes and département, with the filters of the query.

    `quartier` is the perimeter code in capitals, without spaces.
    """

    words: tuple[str, ...]
    quartier: str
    codes: frozenset[str]
    department: str
    postcode: str | None
    citycode: str | None


class _SaidTown(NamedTuple):
    """What the text says about the commune: its name without articles, its codes, its département; and the filters."""

    name: str = ""
    codes: frozenset[str] = _NONE
    department: str = ""
    postcode: str | None = None
    citycode: str | None = None

    @property
    def is_said(self) -> bool:
        return bool(self.name or self.codes or self.postcode or self.citycode)


def _asked(query: Query) -> _AskedWords:
    text, department = query.text, ""
    if "(" in text and (bracketed := _DEPARTMENT.search(text)):
        text, department = _DEPARTMENT.sub(" ", text), bracketed[1].upper()
    folded, quartier = fold(text), ""
    if "q" in folded and (found := _CODE.search(folded)):
        folded, quartier = folded[: found.start()] + folded[found.end() :], found[0].replace(" ", "").upper()
    words = folded.split()
    codes = [word for word in words if len(word) == 5 and _FIVE.fullmatch(word)]  # noqa: PLR2004 - their length
    kept = tuple(word for word in words if word not in codes) if codes else tuple(words)
    said = frozenset(map(str.upper, codes)) if codes else _NONE
    return _AskedWords(kept, quartier, said, department, query.postcode, query.citycode)


def _town(rest: Sequence[str], asked: _AskedWords) -> _SaidTown | None:
    """Return what the words next to a name say about its commune, or None if they say something else."""
    words = list(rest)
    while words and words[-1] in _SAID_AFTER and words[-2:-1] != ["en"]:  # except Tremblay-en-France
        words.pop()
    while words and words[0] in _SAID_BEFORE:
        words = words[1:]
    if any(word.isdigit() for word in words):
        return None
    name = " ".join(_telling(abbreviated(words)))
    if words and not name:
        return None
    return _SaidTown(name, asked.codes, asked.department, asked.postcode, asked.citycode)


def _telling(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in ARTICLES)


@lru_cache(maxsize=1024)
def _town_names(citycode: str) -> frozenset[str]:
    return frozenset(" ".join(_telling(name.split())) for name in gazetteer().names(citycode))


def _is_town(citycode: str, town: _SaidTown) -> bool:
    """Tell whether a commune fits everything the text says about it."""
    if town.name and town.name not in _town_names(citycode):
        return False
    codes = codes_of(None, citycode)
    if town.codes and not town.codes & codes:
        return False
    if town.department and town.department not in {_department(citycode), department_of(citycode)}:
        return False
    if town.postcode and town.postcode not in codes - {citycode}:
        return False
    return not town.citycode or whole_code(town.citycode) == whole_code(citycode)


def _department(citycode: str) -> str:
    commune = gazetteer().commune(citycode)
    return "" if commune is None else commune.department


# ── Quartiers ────────────────────────────────────────────────────────────────────────────────────────────────


def _quartiers(asked: _AskedWords, names: PerimeterNames, known: Registry) -> Quartiers | None:
    words = asked.words
    if asked.quartier:
        return _coded(asked, names, known)
    labelled = _labelled(words, asked, names, known)
    if labelled is not None or not words or words[0][0] != "q":
        return labelled
    for explicit in _EXPLICIT:
        n = len(explicit)
        if words[:n] == explicit and (meant := _labelled(words[n:], asked, names, known, is_explicit=True)):
            return meant
    if words[0] not in _AREAS:
        return None
    areas = (_labelled(some, asked, names, known, is_explicit=True) for some in _after_quartier(words[1:]))
    area = next(filter(None, areas), None)
    return None if area is None else replace(area, perimeters=tuple(map(_as_area, area.perimeters)))


def _after_quartier(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the possible labels after "quartier": ``des Oliveaux`` may be Les Oliveaux."""
    yield tuple(words)
    if words and words[0] in _CONTRACTED:
        yield (_CONTRACTED[words[0]], *words[1:])
    if words and words[0] in _OF:
        yield tuple(words[1:])


def _as_area(one: NamedPerimeter) -> NamedPerimeter:
    return one if one.alias is not None else replace(one, alias=Alias(one.name, (one.code,), ""))


def _coded(asked: _AskedWords, names: PerimeterNames, known: Registry) -> Quartiers | None:
    """Return the perimeters of a code, if the other words only give their label and their commune."""
    code = asked.quartier
    if generation_of(code, known) is None:
        return None
    held = names.coded(code)
    labels = [fold(one.name) for one in held] + [fold(name) for name in aliases_of(code, known.aliases)]
    for left in _without_names(asked.words, labels):
        town = _town(left, asked)
        if town is not None and (any(_is_in(one, town) for one in held) if held else not left):
            return Quartiers(code, held, is_town_said=True)
    return None


def _without_names(words: tuple[str, ...], names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the words with and without a leading "QPV", then without one of the names at either end."""
    for some in (words, words[1:]) if words[:1] == ("qpv",) else (words,):
        yield some
        for name in names:
            n = len(name.split())
            if " ".join(some[:n]) == name:
                yield some[n:]
            if " ".join(some[-n:]) == name:
                yield some[:-n]


def _labelled(
    words: tuple[str, ...], asked: _AskedWords, names: PerimeterNames, known: Registry, *, is_explicit: bool = False
) -> Quartiers | None:
    """Return the perimeters of a label or a local name, if the other words only give their commune."""
    for name, held, rest in names.within(words) if words else ():
        town = _town(rest, asked)
        mine = [one for one in held if _is_in(one, town)] if town else []
        if not mine or town is None:
            continue
        if is_explicit or town.name:
            rivals: tuple[Commune, ...] | None = ()
        else:
            rivals = _rivals(name, mine, town)
        if rivals is None:
            return None
        if town.is_said and not is_explicit:
            mine = [_wider(one, name, town, known) for one in mine]
        listed = tuple(NamedCommune(one.code, one.name, one.department, _ALONE) for one in rivals)
        return Quartiers("", tuple(mine), listed, is_town_said=town.is_said)
    return None


def _rivals(name: str, named: Sequence[NamedPerimeter], town: _SaidTown) -> tuple[Commune, ...] | None:
    """Return the communes of that name, or None if one is the perimeters' own: that commune is then meant."""
    communes = [one for one in gazetteer().named(" ".join(tokens(name))) if _is_town(one.code, town)]
    own = {whole_code(code) for one in named if one.alias is None for code in communes_of(one)}
    if any(one.code in own for one in communes):
        return None
    return tuple(sorted(communes, key=lambda one: fold(one.name) != name))  # former names last


def _wider(one: NamedPerimeter, name: str, town: _SaidTown, known: Registry) -> NamedPerimeter:
    """Return a perimeter under the name that its town uses for a wider area, if it does."""
    for alias in known.wider:
        if one.code in alias.codes and fold(alias.name) == name and _is_town(alias.commune, town):
            return replace(one, alias=alias)
    return one


def _is_in(one: NamedPerimeter, town: _SaidTown) -> bool:
    """Tell whether a perimeter, or the area of its local name, is in the commune given."""
    if not (town.is_said or town.department):
        return True
    return any(_is_town(code, town) for code in communes_of(one))


def communes_of(one: NamedPerimeter) -> tuple[str, ...]:
    """Return the INSEE codes of a perimeter's communes (or its local name's), found by name if the file has none."""
    if one.alias is not None and one.alias.commune:
        return (one.alias.commune,)
    return one.insee or _communes_named(one.code, one.communes)


@lru_cache(maxsize=1024)
def _communes_named(code: str, names: tuple[str, ...]) -> tuple[str, ...]:
    found = (one for name in names for one in gazetteer().named(" ".join(tokens(name))))
    return tuple(one.code for one in found if one.department.rjust(3, "0") == code[2:5])


@lru_cache(maxsize=4)
def _names_of(perimeters: PerimeterSet, known: Registry) -> PerimeterNames:
    return names_of_set(perimeters, known)


# ── Plots ────────────────────────────────────────────────────────────────────────────────────────────────────


def _plots(query: Query) -> tuple[str, ...] | None:
    """Return the plots that a text may name: empty if its commune is unknown, None if it names no plot."""
    if read_plot(query.text) is None:
        return None
    communes = gazetteer()
    found = plots_named(query.text, communes)
    if not found and query.citycode:
        found = plots_named(f"{query.text} INSEE {query.citycode}", communes)
    elif not found and query.postcode:
        found = plots_named(f"{query.text} {query.postcode}", communes)
    town = _SaidTown(postcode=query.postcode, citycode=query.citycode)
    return tuple(one for one in found if _is_town(one[:5], town))
