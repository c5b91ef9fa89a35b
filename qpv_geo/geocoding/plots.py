"""Recognise a cadastral plot in what people type, and normalise it.

The identifier of a plot has 14 characters: the INSEE code of the commune (5; an arrondissement's in Paris, Lyon and
Marseille), the prefix of the section (3 digits: ``000``, or the last digits of the code of a commune merged into it),
the section (2: ``AB``, or ``0A`` where its name is one letter, or digits in Alsace and Moselle) and the number of the
plot (4 digits). This form is used by the cadastre of Etalab (``lib/convert/pci.js`` and ``test/parse-idu.js`` of
``datagouv/cadastre``), the ``IDU`` of Parcellaire Express (IGN), BAL 1.4 and the national geocoder.

Variants that are read, with their sources:

- 15 characters, with the digit of the tax office after the département: ``810289000AC0255`` (the BAL validator drops
  it: ``lib/schema/fields.ts`` of ``BaseAdresseNationale/validateur-bal``).
- A space instead of the zero before a one-letter section, here with the tax office digit too: ``220170000 A0880`` (seen
  in published BAL).
- The arrondissement in place of the prefix in Paris and Lyon: ``75056104AV0133`` for ``75104000AV0133`` (the example of
  the national geocoder's ``openapi.yaml``; its index and Parcellaire Express have the other form).
- What people write: ``59360 AB 123``, ``section AB n° 123 commune 59360``, ``parcelle n° 123 section AB, Loos``.

An address is never taken for a plot: without an identifier or a word such as parcelle, section or cadastre, the text
may hold only a code, a prefix, a section and a number, in that order, and without a prefix the section may not be an
abbreviation of a road or a PO box.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qpv_geo.arrondissements import ARRONDISSEMENTS, arrondissement_of
from qpv_geo.geocoding.normalise import tokens
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qpv_geo.geocoding.gazetteer import Gazetteer

_CODE = r"(?:\d{2}|2[AB])\d{3}"
_DEPARTMENT = r"(?:0[1-9]|1\d|2[1-9AB]|[3-8]\d|9[0-578])"
_INSEE = re.compile(rf"{_DEPARTMENT}\d{{3}}")
_FIVE = re.compile(_CODE)
_PLOT = re.compile(rf"({_CODE})(\d{{3}})([A-Z]{{2}}|[0 ][A-Z]|\d{{2}})(\d{{4}})")
_USUAL = re.compile(rf"(?!75056|69123){_DEPARTMENT}\d{{6}}(?:[A-Z]{{2}}|0[A-Z])(?!0000)\d{{4}}")
"""Well-formed identifiers, which most are: a fast path, as files hold millions."""
_WITH_OFFICE = re.compile(r"(\d{2}|2[AB])\d(\d{6}(?:[A-Z]{2}|[0 ][A-Z]|\d{2})\d{4})")
_PLAIN_DIGITS = re.compile(r"(?:57|67|68)\d{3}000\d{6}")
"""All-digit identifiers that can't be mistaken for other numbers: in Alsace and Moselle, with the usual prefix."""

_SMALL = "AU|DE|DU|EN|ET|LA|LE|NO|N|OU|UN"
"""Words that aren't sections unless "section" comes before them."""
_TOLD = r"SECTION (?P<told>[A-Z]{1,2}|0[A-Z]|\d{1,2})"
_SECTION = rf"(?:{_TOLD}|(?!(?:{_SMALL})(?![A-Z]))(?P<section>[A-Z]{{1,2}}|0[A-Z]))"
_NUMBER = r"(?:(?:NUMERO|NUM|NO|N) ?)?(?P<number>\d{1,4})"
_CORE = re.compile(
    rf"(?<![0-9A-Z])(?:(?P<code>{_CODE}) ?)?(?:(?P<prefix>\d{{3}}) ?)?"
    rf"{_SECTION} ?(?:PARCELLE )?{_NUMBER}(?![0-9A-Z])"
)
"""A section then a number, after an optional code and an optional prefix, glued or not."""
_TURNED = re.compile(rf"(?<![0-9A-Z])(?P<code>)(?P<prefix>){_NUMBER} (?:DE LA |LA )?{_TOLD}(?![0-9A-Z])")
"""A number, then its section."""
_PREFIX = re.compile(r"(?:^| )PREFIXE (?P<prefix>\d{3})(?![0-9A-Z])")
"""A prefix after the word "préfixe", anywhere."""

_SAID = frozenset(
    {
        *("PARCELLE", "PARCELLES", "SECTION", "CADASTRE", "CADASTREE", "CADASTREES"),
        *("CADASTRAL", "CADASTRALE", "CADASTRALES"),
    }
)
"""Words that say that a plot is meant."""
_AROUND = frozenset({"REF", "REFERENCE", "REFERENCES", "COMMUNE", "VILLE", "CODE", "INSEE", "N", "NO", "NUM", "NUMERO"})
_ELSEWHERE = frozenset(
    {
        *("RUE", "R", "AVENUE", "AV", "AVE", "BOULEVARD", "BD", "PLACE", "PL", "CHEMIN", "CHE", "CH", "IMPASSE", "IMP"),
        *("ALLEE", "ALLEES", "ALL", "ROUTE", "RTE", "QUAI", "SQUARE", "SQ", "COURS", "CRS", "PASSAGE", "SENTIER"),
        *(
            "SENTE",
            "RUELLE",
            "VOIE",
            "ROND",
            "RESIDENCE",
            "RES",
            "LOTISSEMENT",
            "LOT",
            "HAMEAU",
            "HAM",
            "CITE",
            "VILLA",
        ),
        *("QUARTIER", "FAUBOURG", "FG", "CLOS", "ZONE", "ZA", "ZI", "ZAC", "LIEU", "LIEUDIT", "LD", "BATIMENT", "BAT"),
        *("IMMEUBLE", "TOUR", "APPARTEMENT", "APPT", "APT", "ETAGE", "ESCALIER", "PORTE", "BP", "CS", "TSA", "CEDEX"),
        *("BIS", "TER", "HA", "ARES", "HECTARES", "CENTIARES", "METRES", "KM"),
    }
)
"""Words of an address or an area: next to them, "parcelle" or "section" is part of a name."""
_ABBREVIATIONS = frozenset(
    {
        *("D", "N", "M", "R", "RD", "RN", "RM", "RC", "RT", "CD", "CR", "CV", "VC", "VR", "GR", "BP", "CS", "CP", "SP"),
        *("AV", "BD", "PL", "CH", "AL", "SQ", "FG", "QU", "ZA", "ZI", "ZC", "LD", "RP", "ST", "DR", "PR", "MT", "BT"),
        *("AP", "ES", "PT"),
    }
)
"""Likelier a road, a PO box, a kind of street or a title unless the word before says otherwise: ``59360 BP 12``."""

_BOXES = frozenset({"BP", "CS"})
"""Read as sections only after "section" or a prefix: a place may be called La Parcelle."""

_ORDINAL = re.compile(r"\d{1,2}(?:ER|E|EME)")
_BY_PREFIX = frozenset({"75056", "69123"})
_ARTICLES = frozenset({"D", "DE", "DES", "DU", "L", "LA", "LE", "LES"})
_CONTRACTED = {"DU": "LE", "AU": "LE", "DES": "LES", "AUX": "LES"}
_LONGEST = 120
_MAYBE = re.compile(r"parcel|cadastr|section|\b\d[\dab]\d{6}|^\W*\d[\dab]\d{3}", re.IGNORECASE)
"""Matches every plot; rules out nearly all addresses at once."""


@dataclass(frozen=True, slots=True)
class PlotReference:
    """A cadastral plot as it was written.

    Attributes
    ----------
    code
        The five characters given for its commune, or empty.
    prefix, section, number
        As in the identifier: three digits, two characters, four digits.
    is_insee
        Whether the code can only be an INSEE code, as in an identifier; otherwise it may be a postcode.
    town
        Words that name the commune, folded, in capitals, or empty.
    """

    code: str
    prefix: str
    section: str
    number: str
    is_insee: bool = False
    town: str = ""

    @property
    def id(self) -> str:
        """The identifier; an arrondissement given in place of the prefix is moved into the code."""
        code, prefix = self.code, self.prefix
        if code in _BY_PREFIX and int(code[:2] + prefix) in ARRONDISSEMENTS[code]:
            code, prefix = code[:2] + prefix, "000"
        return f"{code}{prefix}{self.section}{self.number}"


def plots_of_cell(cell: str) -> tuple[str, ...]:
    """Return the plots of a ``cad_parcelles`` cell, each once; what isn't an identifier is ignored."""
    found: dict[str, None] = {}
    for part in cell.split("|"):
        if _USUAL.fullmatch(part):
            found[part] = None
        else:
            plot = _identified(part.strip().upper())
            if plot is not None:
                found[plot.id] = None
    return tuple(found)


def normalise_plot(text: str) -> str | None:
    """Return the 14-character identifier of the plot that a text names, or None if it names none for certain.

    The five characters given for its commune are taken for an INSEE code; `plots_named` knows postcodes and towns.

    Parameters
    ----------
    text
        What someone typed: only the plot and its commune may be in it.
    """
    found = read_plot(text)
    return found.id if found is not None and _INSEE.fullmatch(found.code) else None


def plots_named(text: str, communes: Gazetteer) -> tuple[str, ...]:
    """Return the identifiers of the plots that a text may name; empty if it names none, or its town is unknown.

    There are several if the five characters are both the INSEE code of a commune (which comes first) and the postcode
    of others, or if communes share a name: nothing in the text says which is meant.

    Parameters
    ----------
    text
        What someone typed, as for `normalise_plot`; a town (``parcelle AB 123, Loos``) or a postcode will do too.
    communes
        The communes of France.
    """
    found = read_plot(text)
    return () if found is None else tuple(dict.fromkeys(plot.id for plot in _in_communes(found, communes)))


def read_plot(text: str) -> PlotReference | None:
    """Return the plot that a text names, with or without its commune, or None if it is anything else."""
    if len(text) > _LONGEST or not _MAYBE.search(text):
        return None
    words = fold(text).upper().split()
    said = not _SAID.isdisjoint(words)
    for k, word in enumerate(words):
        plot = _identified(word)
        if plot is not None and (said or not word.isdigit() or _PLAIN_DIGITS.fullmatch(word)):
            return _among(plot, words[:k] + words[k + 1 :])
    return _in_parts(" ".join(words), said=said)


def _in_parts(line: str, *, said: bool) -> PlotReference | None:
    told = _PREFIX.search(line)
    if told is not None:
        line = line[: told.start()] + line[told.end() :]
    found = (_CORE.search(line) or _TURNED.search(line)) if said else _CORE.fullmatch(line)
    if found is None or (told and found["prefix"]) or not (said or found["code"]):
        return None
    before, after = line[: found.start()].split(), line[found.end() :].split()
    prefix = (told or found)["prefix"]
    if _is_rather_an_address(found, before) and not prefix:
        return None
    section = found["told"] or found["section"]
    plot = _plot(found["code"] or "", prefix or "000", section, found["number"], is_insee=bool(prefix))
    return plot and _among(plot, [*before, *after])


def _is_rather_an_address(found: re.Match[str], before: Sequence[str]) -> bool:
    """Tell whether what looks like a section is an abbreviation, unless a word before it says it is a section."""
    if found["told"] or found["section"] not in _ABBREVIATIONS:
        return False
    return found["section"] in _BOXES or not before or before[-1] not in _SAID | _AROUND


def _among(plot: PlotReference, others: Sequence[str]) -> PlotReference | None:
    """Return a plot with the code and town found in the other words, or None if they hold anything else."""
    if not _ELSEWHERE.isdisjoint(others):
        return None
    codes = [word for word in others if _FIVE.fullmatch(word)]
    town = [word for word in others if word not in codes and word not in _SAID and word not in _AROUND]
    if len(codes) + bool(plot.code) > 1 or any(not word.isalpha() and not _ORDINAL.fullmatch(word) for word in town):
        return None
    if town and town[-1] in _ARTICLES:
        if not _ARTICLES.issuperset(town):
            return None  # "ferme de la Parcelle A 12": it is a name
        town = []
    is_insee = plot.is_insee or "INSEE" in others
    return replace(plot, code=plot.code or "".join(codes), is_insee=is_insee, town=" ".join(town))


def _identified(text: str) -> PlotReference | None:
    """Return the plot of an identifier, in capitals, in any form found in files; None for anything else."""
    found = _PLOT.fullmatch(text)
    if found is None:
        with_office = _WITH_OFFICE.fullmatch(text)
        found = with_office and _PLOT.fullmatch(with_office[1] + with_office[2])
    if found is None or not _INSEE.fullmatch(found[1]):
        return None
    return _plot(*found.groups(), is_insee=True)


def _plot(code: str, prefix: str, section: str, number: str, *, is_insee: bool) -> PlotReference | None:
    """Return a plot with its parts as in an identifier, or None if its section or number is zero."""
    section, number = section.strip().rjust(2, "0"), number.rjust(4, "0")
    return PlotReference(code, prefix, section, number, is_insee) if section.strip("0") and number.strip("0") else None


# ── The commune of a plot ────────────────────────────────────────────────────────────────────────────────────


def _in_communes(plot: PlotReference, communes: Gazetteer) -> Iterator[PlotReference]:
    """Yield the plot in each of the communes that its code, its town, or both may mean."""
    named = _named(plot.town, communes) if plot.town else None
    if not plot.code:
        yield from (replace(plot, code=code) for code in named or ())
        return
    wanted = None if named is None else {_today(code, communes) for code in named}
    for one in _of_code(plot, communes):
        if wanted is None or _today(one.code, communes) in wanted:
            yield one


def _of_code(plot: PlotReference, communes: Gazetteer) -> Iterator[PlotReference]:
    today = _today(plot.code, communes)
    if plot.is_insee or today == plot.code or communes.is_arrondissement(plot.code):
        yield plot
    elif today and _INSEE.fullmatch(plot.code) and today[:2] == plot.code[:2]:
        yield replace(plot, code=today, prefix=plot.code[2:])  # a commune merged into another
    for commune in () if plot.is_insee else communes.with_postcode(plot.code):
        yield from (replace(plot, code=code) for code in _district(commune.code, plot.code))


def _today(code: str, communes: Gazetteer) -> str:
    found = communes.commune(code)
    return "" if found is None else found.code


def _district(code: str, postcode: str) -> list[str]:
    """Return the code of a commune, or of a postcode's arrondissement: 75104 for 75004, 69381 for 69001."""
    if code not in ARRONDISSEMENTS:
        return [code]
    found = arrondissement_of(code, postcode)
    return [] if found is None else [found]


def _named(town: str, communes: Gazetteer) -> list[str]:
    """Return the codes of the communes with a name, as people write it: ``à Loos``, ``commune du Havre``."""
    for words in _sayings(town.split()):
        name = " ".join(tokens(words))
        found = communes.named(name)
        if found:
            return [code for one in found for code in _named_districts(one.code, name, communes) or [one.code]]
    return []


def _named_districts(code: str, name: str, communes: Gazetteer) -> list[str]:
    """Return the arrondissements of a city that have a name: one for ``paris 4e``, all for ``paris``."""
    return [str(one) for one in ARRONDISSEMENTS.get(code, ()) if name in communes.names(str(one))]


def _sayings(words: Sequence[str]) -> Iterator[str]:
    first, *rest = words
    yield " ".join(words)
    if rest and first in _CONTRACTED:
        yield " ".join([_CONTRACTED[first], *rest])
    if rest and first in {"A", "D", "DE"}:
        yield " ".join(rest)
