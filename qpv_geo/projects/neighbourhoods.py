"""What is known of neighbourhoods by the name that people give them: the perimeters they are in, or that they are none.

Names come from the registry of perimeters (labels of the embedded sets, local names) and, for the zones of a town
whose perimeter is not published, from ``data/neighbourhoods.toml``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo.model import Kind
from qpv_geo.perimeters.formats import read_layer
from qpv_geo.perimeters.registry import registry
from qpv_geo.words import fold

if TYPE_CHECKING:
    from qpv_geo.model import Generation
    from qpv_geo.projects.model import Placement

_FILE = Path(__file__).parent / "data" / "neighbourhoods.toml"
_INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}")
_ARTICLES = ("le ", "la ", "les ", "l ")


@dataclass(frozen=True)
class Neighbourhood:
    """A neighbourhood that has a name.

    Attributes
    ----------
    name
        As it is written.
    communes
        INSEE codes of the communes it is in.
    codes
        Perimeters it is in, of any generation; none for a municipal zone whose perimeter is not published.
    kind
        ``qpv``, or ``municipal_zone``: such a zone is no QPV.
    source
        Who says so.
    """

    name: str
    communes: tuple[str, ...]
    codes: tuple[str, ...]
    kind: str
    source: str


@dataclass(frozen=True)
class Known:
    """What is known of neighbourhoods.

    Attributes
    ----------
    neighbourhoods
        In no order that means anything.
    perimeters
        Label of each perimeter that the project ships, by its code.
    communes
        INSEE code of each commune, by its folded name.
    """

    neighbourhoods: tuple[Neighbourhood, ...]
    perimeters: dict[str, str]
    communes: dict[str, str]

    def find(self, name: str, commune: str | None) -> Neighbourhood | None:
        """Return the neighbourhood of that name, in that commune where one is told.

        Without a commune, a name is understood only where it is known in one place.

        Parameters
        ----------
        name
            Case, accents, punctuation and a leading article do not matter.
        commune
            INSEE code or name.
        """
        wanted = without_article(name)
        found = [one for one in self.neighbourhoods if without_article(one.name) == wanted]
        if commune is not None:
            code = self.commune_code(commune)
            found = [one for one in found if code in one.communes]
        return found[0] if len(found) == 1 else None

    def commune_code(self, commune: str) -> str:
        """Return the INSEE code of a commune given by code or name; folded, the name of one that is not known."""
        folded = fold(commune) or commune
        return self.communes.get(folded, folded.upper())


def citycode(place: Placement) -> str | None:
    """Return the INSEE code of the commune that a table tells of a place; None where it tells none that is known."""
    code = None if place.commune is None else known_neighbourhoods().commune_code(place.commune)
    return code if code is not None and _INSEE.fullmatch(code) else None


@cache
def known_neighbourhoods() -> Known:
    """Return what ships with this version."""
    with _FILE.open("rb") as stream:
        document = tomllib.load(stream)
    perimeters, communes = _embedded()
    labels = [Neighbourhood(name, communes[code], (code,), Kind.QPV, code) for code, name in perimeters.items()]
    aliases = [
        Neighbourhood(alias.name, _communes(alias.codes, communes), alias.codes, Kind.QPV, alias.source)
        for alias in registry().aliases
    ]
    zones = [
        Neighbourhood(zone["name"], (zone["commune"],), (), Kind.MUNICIPAL_ZONE, zone["source"])
        for zone in document["municipal_zones"]
    ]
    names = {fold(name): code for code, name in document["communes"].items()}
    return Known((*labels, *aliases, *zones), perimeters, names)


def codes_in_force(neighbourhood: Neighbourhood, year: int | None) -> tuple[str, ...]:
    """Return the perimeters of a neighbourhood of mainland France in the generation in force in a year.

    Without a year, that is the last generation.
    """
    generation = _in_force(year)
    if generation is None:
        return ()
    return tuple(code for code in neighbourhood.codes if re.fullmatch(generation.code_pattern, code))


def without_article(name: str) -> str:
    """Return a folded name without its leading article; what folds to nothing is left as it is."""
    folded = fold(name) or name
    return next((folded.removeprefix(article) for article in _ARTICLES if folded.startswith(article)), folded)


def _in_force(year: int | None) -> Generation | None:
    generations = list(registry().generations.values())
    if year is None:
        return generations[-1]
    for generation in generations:
        for validity in generation.validity:
            last = year if validity.end is None else validity.end.year
            if "metropole" in validity.territories and validity.start.year <= year <= last:
                return generation
    return None


def _embedded() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the labels of the embedded perimeters, and the INSEE codes of their communes, by code."""
    labels: dict[str, str] = {}
    communes: dict[str, tuple[str, ...]] = {}
    for embedded in registry().embedded:
        fields = read_layer(embedded.path).fields
        for code, label, insee in zip(fields["code_qp"], fields["lib_qp"], fields["insee_com"], strict=True):
            labels[code] = label
            communes[code] = tuple(re.findall(r"[0-9AB]{5}", insee))
    return labels, communes


def _communes(codes: tuple[str, ...], communes: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(commune for code in codes for commune in communes.get(code, ())))
