"""Which scheme a project names, and how far its file has come.

A short name such as FIQ is that of a fund in each town: it is recognised from the communes that the table, or what was
found for its address, gives. Where these leave a doubt, nothing is chosen and a sentence says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.model import Status
from qpv_geo.schemes.asking import AskedPlace
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.model import Verdict
    from qpv_geo.projects import Placement, Project
    from qpv_geo.projects.neighbourhoods import Known
    from qpv_geo.schemes.model import Scheme

    Communes = dict[str, tuple[frozenset[str], ...]]
    """INSEE codes of the communes of each place that a project may be in, by what gives it."""


# ── Which scheme ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class NamedScheme:
    """The scheme that a project names.

    Attributes
    ----------
    scheme
        None if there is none, or if it is not certain.
    text
        How it was recognised from a short name, or why none was; None if there is nothing to say.
    """

    scheme: Scheme | None = None
    text: str | None = None


class SchemeNames:
    """Recognises the schemes that projects name.

    Parameters
    ----------
    schemes
        Those that a project may name.
    known
        Gives the communes of codes and neighbourhoods.
    """

    def __init__(self, schemes: Sequence[Scheme], known: Known, checker: Checker) -> None:
        self._known, self._checker = known, checker
        self._named = cache(lambda name, communes: named_scheme(name, schemes, dict(communes)))

    def of(self, project: Project, verdict: Verdict | None = None) -> NamedScheme:
        """Return the scheme that a project names, by the communes of its table and of the verdict on its place."""
        if project.scheme is None:
            return NamedScheme()
        communes = self._stated(project.placement)
        if verdict is not None:
            communes |= self._found(verdict)
        return self._named(project.scheme, tuple(communes.items()))

    def _stated(self, place: Placement) -> Communes:
        """Return the communes that the table gives: by its column, by codes of perimeters, by names of neighbourhoods.

        A commune that is not known is kept as it is written, in capitals: a project is not elsewhere for that.
        """
        found: Communes = {}
        if place.commune is not None:
            found[msg.projects.BY_COMMUNE] = (frozenset({self._known.commune_code(place.commune)}),)
        found[msg.projects.BY_CODE] = self._known.communes_of(codes=place.codes)
        found[msg.projects.BY_NEIGHBOURHOOD] = self._known.communes_of(names=place.neighbourhoods)
        return {source: communes for source, communes in found.items() if communes}

    def _found(self, verdict: Verdict) -> Communes:
        """Return the commune of an address found with certainty, else those of the perimeters that hold the place."""
        citycode = AskedPlace(self._checker, verdict, date.fromisoformat(verdict.on)).citycode
        if citycode is not None:
            return {msg.projects.BY_ADDRESS: (frozenset({citycode}),)}
        codes = [one.code for one in verdict.perimeters] if verdict.status is Status.INSIDE else []
        communes = self._known.communes_of(codes=codes)
        return {msg.projects.BY_PLACE: communes} if communes else {}


def named_scheme(name: str | None, schemes: Sequence[Scheme], communes: Communes) -> NamedScheme:
    """Return the scheme of a name: its id, its label or, in its communes only, a short name.

    Parameters
    ----------
    name
        As written in the table; case, accents and punctuation do not matter.
    communes
        Those of each place that the project may be in, by what gives it.
    """
    if name is None or not fold(name):
        return NamedScheme()
    exact = [one for one in schemes if fold(name) in {fold(one.id), fold(one.label)}]
    if len(exact) == 1:
        return NamedScheme(exact[0])
    aliased = exact or [one for one in schemes if fold(name) in map(fold, one.aliases)]
    if not aliased:
        return NamedScheme(text=msg.reports.unknown_scheme(name))
    return _in_commune(name, aliased, communes)


def _in_commune(name: str, aliased: Sequence[Scheme], communes: Communes) -> NamedScheme:
    """Return the one scheme of a short name that has a commune of every place the project may be in."""
    choices = [(one.id, sorted(_names(one).values())) for one in aliased]
    if len(aliased) == 1 and not aliased[0].communes:
        return NamedScheme(aliased[0])
    if not communes:
        return NamedScheme(text=msg.projects.scheme_without_commune(name, choices))
    sources = {source: _coded(places, aliased) for source, places in communes.items()}
    places = _agreed(sources)
    if not places:
        told = {source: _listed(some) for source, some in sources.items()}
        return NamedScheme(text=msg.projects.scheme_communes_differ(name, told))
    fitting = [one for one in aliased if not one.communes or all(place & one.communes for place in places)]
    if len(fitting) == 1:
        return NamedScheme(fitting[0], msg.projects.scheme_recognised(name, fitting[0].label, list(communes)))
    if fitting or any(place & one.communes for one in aliased for place in places):
        return NamedScheme(text=msg.projects.scheme_ambiguous(name, choices, _listed(places)))
    return NamedScheme(text=msg.projects.scheme_elsewhere(name, choices, _listed(places)))


def _agreed(sources: Communes) -> list[frozenset[str]]:
    """Return the places that every source allows, each with the communes it may have; none if sources disagree."""
    where = frozenset.intersection(*(frozenset().union(*places) for places in sources.values()))
    return [place & where for places in sources.values() for place in places if place & where]


def _listed(places: Iterable[frozenset[str]]) -> list[str]:
    """Return the names of communes; one that no code names as it is written."""
    found = {one: gazetteer().commune(one) for one in frozenset().union(*places)}
    return sorted(one if commune is None else commune.name for one, commune in found.items())


def _coded(places: Iterable[frozenset[str]], schemes: Iterable[Scheme]) -> tuple[frozenset[str], ...]:
    """Return communes with the INSEE codes that the schemes give to their names."""
    codes = {fold(name): insee for one in schemes for insee, name in _names(one).items()}
    return tuple(frozenset(codes.get(fold(one), one) for one in place) for place in places)


def _names(scheme: Scheme) -> dict[str, str]:
    """Return the names of the communes of a scheme, by INSEE code."""
    return {commune.insee: commune.name for zone in scheme.zones for commune in zone.communes}


# ── Course of a file ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Course:
    """How far the file of a project has come. No deadline is published, so that nothing is late.

    Attributes
    ----------
    dated
        Date of each step of the scheme that has one, in the order of the scheme.
    missing
        Steps without a date before one that has a date.
    out_of_order
        Steps dated before an earlier step, each after that one; two steps on the same day are in order.
    foreign
        Dated steps that the scheme does not have.
    """

    dated: Mapping[str, date]
    missing: tuple[str, ...]
    out_of_order: tuple[tuple[str, str], ...]
    foreign: tuple[str, ...]

    @property
    def messages(self) -> tuple[str, ...]:
        """French sentences about the steps that are missing, out of order or not of the scheme; none if all is well."""
        return tuple(self._told())

    def _told(self) -> Iterator[str]:
        if self.missing:
            yield msg.projects.steps_missing(self.missing)
        for earlier, step in self.out_of_order:
            yield msg.projects.steps_out_of_order((earlier, self.dated[earlier]), (step, self.dated[step]))
        if self.foreign:
            yield msg.projects.steps_foreign(self.foreign)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "dated": {step: day.isoformat() for step, day in self.dated.items()},
            "missing": list(self.missing),
            "out_of_order": [{"step": step, "dated_before": earlier} for earlier, step in self.out_of_order],
            "not_of_scheme": list(self.foreign),
            "messages": list(self.messages),
        }


def course_of(steps: Sequence[str], dates: Mapping[str, date]) -> Course | None:
    """Return the course of a file, None if no step has a date.

    Parameters
    ----------
    steps
        Ids of the steps of the scheme, in order.
    dates
        Date of each step that has one, by id.
    """
    if not dates:
        return None
    dated = {step: dates[step] for step in steps if step in dates}
    last = max((k for k, step in enumerate(steps) if step in dated), default=0)
    order = list(dated)
    wrong = []
    for k, step in enumerate(order):
        latest = max(order[:k], key=dated.__getitem__, default=step)
        if dated[latest] > dated[step]:
            wrong.append((latest, step))
    return Course(
        dated,
        tuple(step for step in steps[:last] if step not in dated),
        tuple(wrong),
        tuple(step for step in dates if step not in steps),
    )
