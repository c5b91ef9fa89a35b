"""Neighbourhoods by their usual name: the perimeters they are in, or that they are municipal zones and not QPV.

Names come from the registry of perimeters (labels of the embedded sets, local names), from the sets given by a caller
and, for municipal zones whose perimeter is not published, from ``data/neighbourhoods.toml``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo.model import Kind
from qpv_geo.perimeters.correspondence import Correspondence, shipped_correspondence
from qpv_geo.perimeters.formats import read_layer
from qpv_geo.perimeters.registry import registry
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from qpv_geo.model import Generation
    from qpv_geo.perimeters.read import PerimeterSet

_FILE = Path(__file__).parent / "data" / "neighbourhoods.toml"
_INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}")
_ARTICLES = ("le ", "la ", "les ", "l ")


_NO_CORRESPONDENCE = Correspondence({}, {})


@dataclass(frozen=True)
class Neighbourhood:
    """A named neighbourhood.

    Attributes
    ----------
    name
        As written in its source.
    communes
        INSEE codes of the communes it is in.
    codes
        Perimeters it is in, of any generation; none for a municipal zone whose perimeter is not published.
    kind
        ``qpv``, or ``municipal_zone``, which is not a QPV.
    source
        Where the name comes from.
    """

    name: str
    communes: tuple[str, ...]
    codes: tuple[str, ...]
    kind: str
    source: str


@dataclass(frozen=True)
class Known:
    """The known neighbourhoods, perimeters and communes.

    Attributes
    ----------
    neighbourhoods
        In no particular order.
    perimeters
        Label of each perimeter, by code.
    communes
        INSEE code of each commune, by folded name; ambiguous names are left out.
    complete
        Code patterns of the generations whose perimeters are all known.
    correspondence
        Links codes of one generation to those of the next.
    """

    neighbourhoods: tuple[Neighbourhood, ...]
    perimeters: dict[str, str]
    communes: dict[str, str]
    complete: tuple[str, ...] = ()
    correspondence: Correspondence = _NO_CORRESPONDENCE

    def is_of_none(self, code: str) -> bool:
        """Tell whether a code certainly belongs to no perimeter."""
        return code not in self.perimeters and any(re.fullmatch(pattern, code) for pattern in self.complete)

    def find(self, name: str, commune: str | None) -> Neighbourhood | None:
        """Return the neighbourhood of a name, in a commune if given; None if there is not exactly one.

        Parameters
        ----------
        name
            Case, accents, punctuation and a leading article do not matter.
        commune
            INSEE code or name.
        """
        found: Sequence[Neighbourhood] = self._by_name.get(without_article(name), ())
        if commune is not None:
            code = self.commune_code(commune)
            found = [one for one in found if code in one.communes]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _by_name(self) -> dict[str, list[Neighbourhood]]:
        """Neighbourhoods by folded name without article; several communes may use the same name."""
        found: dict[str, list[Neighbourhood]] = {}
        for one in self.neighbourhoods:
            found.setdefault(without_article(one.name), []).append(one)
        return found

    @cached_property
    def _by_code(self) -> dict[str, list[Neighbourhood]]:
        """Neighbourhoods by code of perimeter."""
        found: dict[str, list[Neighbourhood]] = {}
        for one in self.neighbourhoods:
            for code in one.codes:
                found.setdefault(code, []).append(one)
        return found

    def of_code(self, code: str) -> Neighbourhood | None:
        """Return the neighbourhood that has the name of a perimeter, None if the perimeter is not known."""
        name = without_article(self.perimeters.get(code, ""))
        return next((one for one in self._by_code.get(code, ()) if without_article(one.name) == name), None)

    def communes_of(self, *, codes: Iterable[str] = (), names: Iterable[str] = ()) -> tuple[frozenset[str], ...]:
        """Return the INSEE codes of the communes of each of some perimeters, and of every neighbourhood so named."""
        found = [one for code in codes for one in self._by_code.get(code, ())]
        found += (one for name in names for one in self._by_name.get(without_article(name), ()))
        return tuple(dict.fromkeys(frozenset(one.communes) for one in found if one.communes))

    def commune_code(self, commune: str) -> str:
        """Return the INSEE code of a commune given by code or name; if unknown, the folded name in capitals."""
        folded = fold(commune) or commune
        return self.communes.get(folded, folded.upper())


def citycode(commune: str | None, known: Known) -> str | None:
    """Return the INSEE code of a commune given by code or name, or None if it is missing or unknown."""
    code = None if commune is None else known.commune_code(commune)
    return code if code is not None and _INSEE.fullmatch(code) else None


@lru_cache(maxsize=8)
def known_neighbourhoods(sets: tuple[PerimeterSet, ...] = (), correspondence: Correspondence | None = None) -> Known:
    """Return the neighbourhoods shipped with this version and those of some sets; local zones in them are ignored.

    Parameters
    ----------
    correspondence
        Names perimeters of the earlier generation that no set holds; by default the shipped one.
    """
    correspondence = correspondence or shipped_correspondence()
    with _FILE.open("rb") as stream:
        document = tomllib.load(stream)
    drawn = [*_embedded(), *(one for perimeters in sets for one in _drawn(perimeters))]
    names = {fold(name): code for code, name in document["communes"].items()}
    names |= _communes_by_name(drawn, but=names)
    labels = {one.code: one for one in reversed(drawn)}  # the first wins, and embedded ones come first
    communes = {code: one.insee or tuple(filter(None, map(names.get, one.communes))) for code, one in labels.items()}
    neighbourhoods = [Neighbourhood(one.name, communes[code], (code,), Kind.QPV, code) for code, one in labels.items()]
    aliases = [
        Neighbourhood(
            alias.name,
            tuple(dict.fromkeys(commune for code in alias.codes for commune in communes.get(code, ()))),
            alias.codes,
            Kind.QPV,
            alias.source,
        )
        for alias in registry().aliases
    ]
    zones = [
        Neighbourhood(zone["name"], (zone["commune"],), (), Kind.MUNICIPAL_ZONE, zone["source"])
        for zone in document["municipal_zones"]
    ]
    generations = registry().generations
    complete = [one.dataset.generation for one in sets if one.coverage.everywhere and one.dataset.generation]
    former = {code: name for code, name in correspondence.labels.items() if code not in labels}
    return Known(
        (*_with_former(list(_together(aliases, neighbourhoods)), former, communes, correspondence), *zones),
        {code: one.name for code, one in labels.items()} | former,
        names,
        tuple(generations[one].code_pattern for one in complete if one in generations),
        correspondence,
    )


def codes_in_force(neighbourhood: Neighbourhood, year: int | None) -> tuple[str, ...]:
    """Return the codes of a neighbourhood in the generation in force in mainland France in a year.

    Without a year, use the last generation.
    """
    generation = generation_in_year(year)
    if generation is None:
        return ()
    return tuple(code for code in neighbourhood.codes if re.fullmatch(generation.code_pattern, code))


def without_article(name: str) -> str:
    """Return a folded name without its leading article; a name that folds to nothing is unchanged."""
    folded = fold(name) or name
    return next((folded.removeprefix(article) for article in _ARTICLES if folded.startswith(article)), folded)


def generation_in_year(year: int | None) -> Generation | None:
    """Return the generation in force in mainland France in a year, the last one without a year; None before them."""
    generations = list(registry().generations.values())
    if year is None:
        return generations[-1]
    for generation in generations:
        for validity in generation.validity:
            last = year if validity.end is None else validity.end.year
            if "metropole" in validity.territories and validity.start.year <= year <= last:
                return generation
    return None


@dataclass(frozen=True)
class _Drawn:
    """A perimeter, its name, and its communes as given in a file: by INSEE code, by folded name, or by both."""

    code: str
    name: str
    insee: tuple[str, ...]
    communes: tuple[str, ...]


def _embedded() -> Iterator[_Drawn]:
    for embedded in registry().embedded:
        fields = read_layer(embedded.path).fields
        for code, label, insee in zip(fields["code_qp"], fields["lib_qp"], fields["insee_com"], strict=True):
            yield _Drawn(code, label, _codes(insee), ())


def _drawn(perimeters: PerimeterSet) -> Iterator[_Drawn]:
    columns = zip(
        perimeters.codes, perimeters.names, perimeters.insee, perimeters.communes, perimeters.kinds, strict=True
    )
    for code, name, insee, communes, kind in columns:
        if kind == Kind.QPV:
            yield _Drawn(code, name, _codes(insee), tuple(filter(None, map(fold, re.split("[,;]", communes)))))


def _codes(insee: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[0-9AB]{5}", insee))


def _communes_by_name(drawn: Iterable[_Drawn], *, but: Collection[str]) -> dict[str, str]:
    """Return INSEE codes by commune name, from perimeters in a single commune; ambiguous names are left out."""
    found: dict[str, set[str]] = {}
    for one in drawn:
        if len(one.insee) == len(one.communes) == 1 and one.communes[0] not in but:
            found.setdefault(one.communes[0], set()).add(one.insee[0])
    return {name: codes.pop() for name, codes in found.items() if len(codes) == 1}


def _together(aliases: Iterable[Neighbourhood], labels: Iterable[Neighbourhood]) -> Iterator[Neighbourhood]:
    """Merge perimeters with the same name and communes: those of two generations are one neighbourhood."""
    found: dict[tuple[str, tuple[str, ...]], Neighbourhood] = {}
    for one in (*aliases, *labels):
        key = without_article(one.name), tuple(sorted(one.communes))
        same = found.get(key, one)
        found[key] = replace(same, codes=tuple(dict.fromkeys((*same.codes, *one.codes))))
    yield from found.values()


def _with_former(
    known: list[Neighbourhood],
    former: Mapping[str, str],
    communes: Mapping[str, tuple[str, ...]],
    correspondence: Correspondence,
) -> list[Neighbourhood]:
    """Add perimeters that only the correspondence names, in the communes of those that succeed them."""
    for code, name in former.items():
        inside = tuple(dict.fromkeys(one for heir in correspondence.linked(code) for one in communes.get(heir, ())))
        if not inside:
            continue
        same = next((k for k, one in enumerate(known) if _is_same(one, name, inside)), None)
        if same is None:
            known.append(Neighbourhood(name, inside, (code,), Kind.QPV, code))
        else:
            known[same] = replace(known[same], codes=(*known[same].codes, code))
    return known


def _is_same(one: Neighbourhood, name: str, communes: Collection[str]) -> bool:
    return without_article(one.name) == without_article(name) and not set(one.communes).isdisjoint(communes)
