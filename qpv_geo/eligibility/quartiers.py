"""Answer a quartier named by its code, its label or a local name.

- By code or label: ``inside`` if that perimeter is in force on the day, ``outside`` if not. If inside, its geometry
  goes into the evidence as the site, and the location is a point inside it.
- By a label shared by several perimeters, or with communes: ``weak_match``, each listed.
- By a local name: ``uncertain``, ``named_area``, with the perimeters in force that it is linked to.
- By a code or label missing from the available perimeters: ``not_covered``, unless they are complete.
- If the question is about zones of another kind, the quartier is checked as a site.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.eligibility.address import asked_words, listed_communes
from qpv_geo.eligibility.decided import DecidedPlace, from_context, generation_of_context, of_site, when
from qpv_geo.eligibility.location import site_place
from qpv_geo.eligibility.named_places import communes_of
from qpv_geo.eligibility.outcome import Outcome
from qpv_geo.errors import MissingPerimetersError
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.result import MOST_LISTED
from qpv_geo.model import Location, PerimeterMatch, PlausibleMatch, Reason, Status
from qpv_geo.perimeters.generations import generation_in_force
from qpv_geo.perimeters.names import generation_of
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from qpv_geo.crs import Territory
    from qpv_geo.eligibility.applicable import CheckOptions
    from qpv_geo.eligibility.compose import CheckContext
    from qpv_geo.eligibility.contexts import Contexts
    from qpv_geo.eligibility.location import Place
    from qpv_geo.eligibility.named_places import Quartiers
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.perimeters.names import NamedPerimeter, PerimeterNames
    from qpv_geo.perimeters.read import PerimeterSet

_KIND = "perimeter"
_AREA = "locality"
_AT_HAND = "périmètres installés"
_ARTICLES = ("les ", "la ", "le ", "l ")
_QPV_CODE = re.compile(r"Q[PN](0?)(\d{2,3}|2[AB])")


def answer_quartier(
    contexts: Contexts, found: GeocodingResult, check_options: CheckOptions, meant: Quartiers
) -> DecidedPlace:
    """Answer a named quartier.

    Raises
    ------
    MissingPerimetersError, DateError
        No perimeters for that day are installed there, or the day precedes the first generation.
    """
    return _QuartierQuestion(contexts, found, check_options, meant).answer()


def quartiers_beginning(contexts: Contexts, today: date, text: str) -> list[NamedPerimeter]:
    """Return the quartiers in force today whose code, label or local name begins with a text, each once.

    A leading article may be left out, and a whole label may be followed by the start of its commune: ``bel air poit``.
    """
    known = contexts.catalogue.registry.generations.values()
    found: dict[tuple[str, str], NamedPerimeter] = {}
    for one in _beginning(contexts.places.now(), fold(text)):
        in_force = generation_in_force(known, on=today, territory=territory_of_code(one.code)).id
        if one.generation in {None, in_force}:
            found.setdefault((one.code, described(one)), one)
    return list(found.values())


def _beginning(names: PerimeterNames, folded: str) -> Iterator[NamedPerimeter]:
    words = folded.split()
    for article in ("", *_ARTICLES) if words else ():
        yield from names.beginning(f"{article}{folded}")
        for k in range(1, len(words)):
            town = " ".join(words[k:])
            for one in names.named(article + " ".join(words[:k])):
                if any(fold(name).startswith(town) for name in _towns(one)):
                    yield one


def described(one: NamedPerimeter) -> str:
    """Return text that names a perimeter and its commune: ``Les Oliveaux (QN05975M), Loos``, ``Épi de Soil, Loos``."""
    if one.alias is not None:
        commune = gazetteer().commune(one.alias.commune)
        return one.alias.name if commune is None else f"{one.alias.name}, {commune.name}"
    label = msg.named_places.described(one.name, one.code)
    towns = _towns(one)
    return f"{label}, {towns[0]}" if len(towns) == 1 else label


def territory_of_code(code: str) -> Territory:
    """Return the territory of the département in a QPV code (059, 02A, 974); metropolitan France by default."""
    found = _QPV_CODE.match(code)
    territory = crs.territory_of_commune(found[2]) if found else None
    return territory or crs.TERRITORIES[0]


def commune_of(one: NamedPerimeter) -> str | None:
    """Return the INSEE code of the only commune of a perimeter, or None if it has several or none is known."""
    codes = communes_of(one)
    return codes[0] if len(codes) == 1 else None


def _towns(one: NamedPerimeter) -> tuple[str, ...]:
    known = (gazetteer().commune(code) for code in communes_of(replace(one, alias=None)))
    return tuple(dict.fromkeys(commune.name for commune in known if commune is not None))


def _told(one: NamedPerimeter) -> str:
    return msg.named_places.described(one.name, one.code, _towns(one))


@dataclass(frozen=True, eq=False)
class _InForce:
    """A named perimeter in force on the day, and its row in the set that draws it."""

    named: NamedPerimeter
    context: CheckContext
    perimeters: PerimeterSet
    row: int

    @property
    def match(self) -> PerimeterMatch:
        """The perimeter; `share_inside` is None."""
        return PerimeterMatch(self.named.code, self.named.name, str(self.perimeters.kinds[self.row]), None)


@dataclass(frozen=True, eq=False)
class _QuartierQuestion:
    """A question about a quartier on a given day."""

    contexts: Contexts
    found: GeocodingResult
    check_options: CheckOptions
    meant: Quartiers

    def answer(self) -> DecidedPlace:
        contexts = self._contexts()
        if not contexts:
            return self._of_another_generation(None)
        held = list(self._in_force(contexts))
        labelled = [one for one in held if one.named.alias is None]
        if labelled and (len(held) > 1 or self.meant.rivals):
            return self._several(held)
        if labelled:
            return self._inside(labelled[0])
        return self._area_in_force(held) if held else self._not_in_force(contexts[0])

    # ── What is in force ─────────────────────────────────────────────────────────────────────────────────────

    def _contexts(self) -> list[CheckContext]:
        """Return one context per territory; empty if perimeters are missing for a code of another generation.

        Raises
        ------
        MissingPerimetersError
            No perimeters for that day are installed in any of the territories.
        """
        found: list[CheckContext] = []
        missing: MissingPerimetersError | None = None
        for territory in self._territories:
            try:
                found.append(self.contexts.of(self.check_options, territory))
            except MissingPerimetersError as error:
                missing = error
        if found or missing is None:
            return found
        if self.meant.code and self._generation_of_code != self._generation_asked:
            return []
        raise missing

    @cached_property
    def _territories(self) -> tuple[Territory, ...]:
        if self.meant.code:
            return (territory_of_code(self.meant.code),)
        return tuple({one.id: one for one in map(self._territory, self.meant.perimeters)}.values())

    def _territory(self, one: NamedPerimeter) -> Territory:
        if _QPV_CODE.match(one.code):
            return territory_of_code(one.code)
        surface = self._surface(one)
        inner = None if surface is None else surface.point_on_surface()
        return (inner and crs.territory_at(lon=inner.x, lat=inner.y)) or crs.TERRITORIES[0]

    @cached_property
    def _generation_asked(self) -> str:
        """Id of the generation that is forced, or in force on the day."""
        if self.check_options.generation is not None:
            return self.check_options.generation
        known = self.contexts.catalogue.registry.generations.values()
        return generation_in_force(known, on=self.check_options.day, territory=self._territories[0]).id

    @cached_property
    def _generation_of_code(self) -> str | None:
        return generation_of(self.meant.code, self.contexts.catalogue.registry)

    @cached_property
    def _perimeters(self) -> list[NamedPerimeter]:
        """The named perimeters: those found by code or label first, then those of the generation asked first."""
        asked = self._generation_asked
        return sorted(self.meant.perimeters, key=lambda one: (one.alias is not None, one.generation != asked))

    def _in_force(self, contexts: Sequence[CheckContext]) -> Iterator[_InForce]:
        """Yield the named perimeters that are among those asked about, each once."""
        seen: set[str] = set()
        for one in self._perimeters:
            for context in contexts:
                held = next((some for some in context.applicable.asked if one.code in some.codes), None)
                if held is None or one.code in seen or self._territory(one).id != context.territory.id:
                    continue
                seen.add(one.code)
                yield _InForce(one, context, held, held.codes.index(one.code))

    def _surface(self, one: NamedPerimeter) -> BaseGeometry | None:
        """Return the geometry of a perimeter from the given set or an available one, or None if none draws it."""
        given, catalogue = self.check_options.perimeters, self.contexts.catalogue
        entries = (entry for entry in catalogue.entries() if entry.dataset.generation == one.generation)
        for perimeters in (*(() if given is None else (given,)), *map(catalogue.load, entries)):
            if one.code in perimeters.codes:
                surface: BaseGeometry = perimeters.geometry[perimeters.codes.index(one.code)]
                return surface
        return None

    # ── Named by its code or its label ───────────────────────────────────────────────────────────────────────

    def _inside(self, one: _InForce) -> DecidedPlace:
        place = self._as_place(one.perimeters.geometry[one.row], one.named, one.perimeters.dataset.id)
        match = replace(one.match, share_inside=1.0)
        is_unique = self.meant.is_town_said or any(some.coverage.everywhere for some in one.context.applicable.asked)
        message = msg.named_places.in_force(
            when(one.context), _told(one.named), match.kind, may_be_others=not is_unique
        )
        told = self._outcome((Status.INSIDE, Reason.CLEAR), place.location, message)
        told = told._replace(share=1.0, matches=(match,), question=told.question | place.question)
        return from_context(told, one.context, place)

    def _several(self, held: Sequence[_InForce]) -> DecidedPlace:
        towns = [msg.addresses.with_department(one.name, one.department) for one in self.meant.rivals]
        message = msg.named_places.several(self.found.query.text, [_told(one.named) for one in held], towns)
        quartiers = [
            PlausibleMatch(
                described(one.named),
                1.0,
                _KIND if one.named.alias is None else _AREA,
                commune_of(one.named),
                (Status.INSIDE if one.named.alias is None else Status.UNCERTAIN).value,
                one.named.code,
            )
            for one in held[: MOST_LISTED - bool(towns)]
        ]
        communes = listed_communes(self.meant.rivals, [Status.UNCERTAIN] * len(towns))
        told = self._outcome((Status.UNCERTAIN, Reason.WEAK_MATCH), self._nowhere(_KIND), message)
        return from_context(told._replace(candidates=(*quartiers, *communes)[:MOST_LISTED]), held[0].context)

    def _not_in_force(self, context: CheckContext) -> DecidedPlace:
        applicable = context.applicable
        if not applicable.about_qpv or applicable.generation is None:
            return self._as_site(context)
        everywhere = any(some.coverage.everywhere for some in applicable.asked)
        if self.meant.code:
            if self._generation_of_code != applicable.generation.id:
                return self._of_another_generation(context)
            return self._unknown_code(context) if everywhere else self._not_installed(context)
        first = self._perimeters[0]
        if first.alias is not None:
            names = [msg.named_places.described(one.name, one.code) for one in self._perimeters]
            message = msg.named_places.area_not_in_force(when(context), self.found.query.text, names)
            return from_context(self._area(first, message), context)
        surface = self._surface(first)
        covered = surface is not None and any(some.coverage.covers(surface) for some in applicable.asked)
        return self._of_another_generation(context) if everywhere or covered else self._not_installed(context)

    def _as_site(self, context: CheckContext) -> DecidedPlace:
        """Answer a question about zones of another kind by checking the quartier as a site."""
        for one in self._perimeters:
            surface = self._surface(one)
            if surface is not None:
                place = self._as_place(surface, one, one.generation or _AT_HAND)
                return of_site(self.contexts, self.found, context, place)
        return self._not_installed(context)

    def _of_another_generation(self, context: CheckContext | None) -> DecidedPlace:
        known = self._perimeters[0] if self._perimeters else None
        code = self.meant.code if known is None else known.code
        what = code if known is None else f"{code} ({', '.join((known.name, *_towns(known)))})"
        instead = [self._named_by(one) for one in self.contexts.catalogue.correspondence.linked(code)]
        generation = self._generation_asked if context is None else generation_of_context(context)
        if self.check_options.generation is None and (context is None or not context.applicable.forced):
            message = msg.named_places.not_in_force(what, msg.verdicts.day(self.check_options.day), instead)
        else:
            message = msg.named_places.not_of_generation(what, generation or "", instead)
        location = replace(
            self._nowhere(_KIND),
            label=code if known is None else msg.named_places.described(known.name, code),
            citycode=None if known is None else commune_of(known),
        )
        told = self._outcome((Status.OUTSIDE, Reason.CLEAR), location, message)
        return DecidedPlace(told, context, generation)

    def _named_by(self, code: str) -> str:
        names = self.contexts.places.now().coded(code)
        return msg.named_places.described(names[0].name, code) if names else code

    def _unknown_code(self, context: CheckContext) -> DecidedPlace:
        message = msg.named_places.unknown_code(when(context), self.meant.code)
        location = replace(self._nowhere(_KIND), label=self.meant.code)
        return from_context(self._outcome((Status.NOT_LOCATED, Reason.NO_MATCH), location, message), context)

    def _not_installed(self, context: CheckContext) -> DecidedPlace:
        message = msg.named_places.not_installed(when(context), self.found.query.text, generation_of_context(context))
        told = self._outcome((Status.UNCERTAIN, Reason.NOT_COVERED), self._nowhere(_KIND), message)
        return from_context(told, context)

    # ── Named by a local name ────────────────────────────────────────────────────────────────────────────────

    def _area_in_force(self, held: Sequence[_InForce]) -> DecidedPlace:
        first = held[0]
        towns = [msg.addresses.with_department(one.name, one.department) for one in self.meant.rivals]
        names = [msg.named_places.described(one.named.name, one.named.code) for one in held]
        message = msg.named_places.named_area(when(first.context), self.found.query.text, names, towns)
        told = self._area(first.named, message)._replace(matches=tuple(one.match for one in held))
        return from_context(told, first.context)

    def _area(self, one: NamedPerimeter, message: str) -> Outcome:
        name, source = (one.name, _AT_HAND) if one.alias is None else (one.alias.name, one.alias.source or _AT_HAND)
        location = replace(self._nowhere(_AREA), label=name, citycode=commune_of(one), source=source)
        return self._outcome((Status.UNCERTAIN, Reason.NAMED_AREA), location, message)

    # ── Outcomes ─────────────────────────────────────────────────────────────────────────────────────────────

    def _as_place(self, surface: BaseGeometry, one: NamedPerimeter, source: str) -> Place:
        place = site_place(surface)
        location = replace(
            place.location,
            type=_KIND,
            score=1.0,
            label=msg.named_places.described(one.name, one.code),
            citycode=commune_of(one),
            source=source,
            asked=asked_words(self.found.query),
        )
        return replace(place, location=location)

    def _nowhere(self, kind: str) -> Location:
        return Location(None, None, None, kind, source=_AT_HAND, asked=asked_words(self.found.query))

    def _outcome(self, answer: tuple[Status, Reason], location: Location, message: str) -> Outcome:
        return Outcome(self.found.to_json(), "address", *answer, location, found=self.found, message=message)
