"""The columns of a table of projects, and the headings they are found by.

=================  =================================================================================================
``id``             unique; without that column, the line in the file
``title``          required
``lead``           who runs the project
``scheme``         what funds it: FIQ, contrat de ville...
``year``           1970 to 2100, or a date of that year
``amount``         required, unless funders have columns; euros, to the cent (``1 234,56 €``, ``12,5 k€``), or thousands
                   or millions where the heading says so; an empty cell is an amount that is not published
``theme``          one or several, see `qpv_geo.projects.themes`
``theme_parts``    share of the amount for each theme, in the same order, separated by ``;``; equal by default
``funder``         one or several, separated by ``;``, with one amount or as many
``commune``        INSEE code or name of the commune of the neighbourhoods
``address``        as written
``lon``, ``lat``   degrees, WGS84
``site``           WKT or GeoJSON in longitude, latitude, or a pair of coordinates in the order that is in France; the
                   geometries of the file, if any, are used instead
``code_qp``        codes of perimeters, separated by ``;``, ``,``, ``|`` or a new line
``neighbourhood``  names of neighbourhoods, separated likewise; ``tous`` or ``tous les QPV`` for no single one
``parts``          share of the amount for each neighbourhood (or perimeter), in the same order, separated by ``;``
                   (``2;1``: two thirds and one third); equal by default
``portion``        share of the amount that is the row's own, 0.01 to 1: that of a beneficiary in a published subsidy
``etape_ID``       date of the step ``ID`` of the scheme: ISO 8601 or day/month/year; one column per step
=================  =================================================================================================

Funders may have columns: one per funder with what it gives, headed by its name (``État``, ``Ville``, ``CAF``...), or
pairs (``financeur 1``, ``montant 1``, ``financeur 2``...). The amount is then their sum, unless a column gives it.

The published columns of subsidies (schema ``scdl/subventions``, versions 2.0 and 2.1) are read by the same headings:
see `SUBSIDY_COLUMNS`.

Lines are counted as in a spreadsheet: 1 for the header, then one per row, whatever its cells contain.

Columns other than ``title`` and ``amount`` may be absent; cells other than ``title`` and ``id`` may be empty. Columns
with unknown headings are reported and not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.projects.amounts import unit_of
from qpv_geo.projects.faults import CellFault
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from qpv_geo.projects.mapping import TableMapping

HEADINGS: dict[str, tuple[str, ...]] = {
    "id": ("id", "identifiant", "numéro", "n°", "réf", "référence", "code projet"),
    "title": ("title", "intitulé", "titre", "projet", "intitulé du projet", "nom du projet", "action", "objet"),
    "lead": ("lead", "porteur", "porteur de projet", "porteur du projet", "bénéficiaire", "nomBeneficiaire"),
    "scheme": ("scheme", "dispositif", "dispositifAide"),
    "year": ("year", "année", "exercice", "dateConvention"),
    "amount": ("amount", "montant", "montant en euros", "montant euros", "montant eur", "montant total", "subvention"),
    "theme": ("theme", "thème", "thèmes", "thématique", "thématiques"),
    "theme_parts": ("theme_parts", "répartition des thèmes"),
    "funder": ("funder", "financeur", "financeurs", "nomAttribuant"),
    "commune": ("commune", "citycode", "code commune", "code insee", "insee_com"),
    "address": ("address", "adresse"),
    "lon": ("lon", "longitude"),
    "lat": ("lat", "latitude"),
    "site": ("site", "geometry", "géométrie", "emprise", "wkt"),
    "code_qp": ("code_qp", "code qpv", "perimeter", "perimeters", "périmètre", "périmètres"),
    "neighbourhood": ("neighbourhood", "neighbourhoods", "quartier", "quartiers"),
    "parts": ("parts", "répartition"),
    "portion": ("portion", "pourcentageSubvention"),
}
"""Headings of each column, by documented name; case, accents and punctuation do not matter."""

SUBSIDY_COLUMNS = frozenset(
    {
        *("nomAttribuant", "idAttribuant", "dateConvention", "referenceDecision", "nomBeneficiaire", "idBeneficiaire"),
        *("objet", "montant", "nature", "conditionsVersement", "datesPeriodeVersement", "idRAE", "notificationUE"),
        *("pourcentageSubvention", "rnaBeneficiaire", "dispositifAide"),
    }
)
"""Columns of published subsidies, schema scdl/subventions: 14 in version 2.0, the last two since 2.1.

``montant`` is that of the whole convention; ``pourcentageSubvention`` is the share of the row's beneficiary.
Source: schema.data.gouv.fr, scdl/subventions, versions 2.0.2 and 2.1.1, read on 2026-11-30.
"""

FUNDERS: dict[str, tuple[str, ...]] = {
    "État": ("état", "anct", "politique de la ville état"),
    "CAF": ("caf",),
    "Bailleurs": ("bailleurs", "bailleur", "bailleurs sociaux"),
    "Ville": ("ville",),
    "Métropole": ("métropole", "mel", "epci", "agglomération", "communauté urbaine"),
    "Région": ("région", "conseil régional"),
    "Département": ("département", "conseil départemental"),
    "Europe": ("europe", "fse", "feder"),
}
"""Usual headings of the columns of funders; after ``montant`` or ``part``, or ``subvention``, too."""

_ALWAYS_A_FUNDER = {"État", "CAF", "Bailleurs"}
"""Funders whose name alone heads nothing else; the others may head places, and count only beside one of these."""

_STEP, _GIVEN, _FUNDER, _AMOUNT = "etape_", "given_", "funder_", "amount_"
_PREFIX = re.compile(r"(?:montant|part|subvention|financement) (?:de l |de la |du |des |d )?")
_QUALIFIED = re.compile(r" (?:(?:bop |p |programme )?147|anct|prefecture|politique de la ville|contrat de ville)$")
"""What towns write after a funder: « État (BOP 147) »."""
_WORD = re.compile(r"\w+")
_PARTICLES = frozenset({"de", "du", "des", "d", "la", "le", "les", "l", "et", "en", "sur"})
_NUMBERED = re.compile(r"(financeur|montant) ([1-9][0-9]?)")
_SUBSIDY = frozenset(fold(name) for name in SUBSIDY_COLUMNS)
_SINCE_2_1 = {fold("rnaBeneficiaire"), fold("dispositifAide")}
_ENOUGH_OF_A_SUBSIDY = {fold(name) for name in ("nomAttribuant", "nomBeneficiaire", "objet", "montant")}

_BY_HEADING = {fold(heading): name for name, headings in HEADINGS.items() for heading in headings}
_FUNDER_BY_HEADING = {fold(heading): name for name, headings in FUNDERS.items() for heading in headings}


def column_named(heading: str) -> str | None:
    """Return the documented name of a column from one of its headings."""
    return _BY_HEADING.get(fold(heading))


def step_column(step: str) -> str:
    """Return the documented name of the column of a step."""
    return f"{_STEP}{step}"


def step_of(column: str) -> str | None:
    """Return the step of a column, by its documented name; None if it is not that of a step."""
    return column.removeprefix(_STEP) if column.startswith(_STEP) else None


def looks_like_a_step(heading: str) -> bool:
    """Tell whether a heading is written as that of a step, known or not."""
    return fold(heading).startswith(fold(_STEP) + " ") and "_" in heading


def looks_like_a_funder(heading: str) -> bool:
    """Tell whether a heading starts with the name of a funder, as « Département du Nord » does."""
    return any(f"{fold(heading)} ".startswith(f"{name} ") for name in _FUNDER_BY_HEADING)


def is_amount(column: str) -> bool:
    """Tell whether a column has amounts, by its name in a `Layout`."""
    return column == "amount" or column.startswith((_GIVEN, _AMOUNT))


def is_funder(column: str) -> bool:
    """Tell whether a column has names of funders, by its name in a `Layout`."""
    return column == "funder" or column.startswith(_FUNDER)


@dataclass(frozen=True)
class Layout:
    """Positions of the columns of a file.

    Attributes
    ----------
    positions
        Position of each column found, by documented name; those of funders have names of their own.
    headings
        Heading of each column found, as written in the file, by the same name.
    ignored
        Unknown headings.
    powers
        Power of ten of the unit of amounts, where the heading gives thousands or millions.
    given
        Funder of each column of amounts that is that of a funder.
    pairs
        Columns of a funder and of its amount.
    subsidies
        Version of the schema of published subsidies that the file follows, None if it follows none.
    """

    positions: dict[str, int]
    headings: dict[str, str]
    ignored: tuple[str, ...]
    powers: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    subsidies: str | None = None


def lay_out(
    names: Sequence[str], *, header_line: int, steps: Collection[str] = (), mapping: TableMapping | None = None
) -> tuple[Layout, tuple[CellFault, ...]]:
    """Find the columns by their headings; return the layout and the faults of the headings.

    Parameters
    ----------
    steps
        Ids of the steps that have a column.
    mapping
        What the table's own headings mean, before the usual ones.
    """
    units = [unit_of(name) for name in names]
    folded = [re.sub(r" en$", "", fold(name)) for name, _ in units]
    subsidies = set(folded) >= _ENOUGH_OF_A_SUBSIDY
    given = dict(_funders(names, folded, mapping))
    named = _named(names, folded, steps, mapping)
    found = [f"{_GIVEN}{k}" if k in given else named[k] for k in range(len(names))]
    found = _paired(found, folded)
    positions = {column: k for k, column in reversed(list(enumerate(found))) if column is not None}
    unused = _SUBSIDY if subsidies else frozenset[str]()
    layout = Layout(
        positions,
        {column: names[k] for column, k in positions.items()},
        tuple(names[k] for k, column in enumerate(found) if column is None and names[k] and folded[k] not in unused),
        {column: units[k][1] for column, k in positions.items() if units[k][1]},
        {f"{_GIVEN}{k}": funder for k, funder in given.items()},
        tuple(_pairs(positions)),
        (msg.projects.SUBSIDIES_2_1 if _SINCE_2_1 & set(folded) else msg.projects.SUBSIDIES_2_0) if subsidies else None,
    )
    return layout, tuple(_faults(names, found, layout, header_line, mapping))


def _named(
    names: Sequence[str], folded: Sequence[str], steps: Collection[str], mapping: TableMapping | None
) -> list[str | None]:
    """Return the documented name of each column, None if unknown; a column that is mapped has no other heading."""
    by_heading = _BY_HEADING | {fold(step_column(step)): step_column(step) for step in steps}
    if mapping is None:
        return [by_heading.get(name) for name in folded]
    mapped = {fold(heading) or heading: column for column, heading in mapping.columns.items()}
    usual = {name: column for name, column in by_heading.items() if column not in mapping.columns}
    return [mapped.get(fold(name) or name) or usual.get(key) for name, key in zip(names, folded, strict=True)]


def _funders(names: Sequence[str], folded: Sequence[str], mapping: TableMapping | None) -> Iterator[tuple[int, str]]:
    """Return the position of the columns of funders, each with its funder."""
    if mapping is not None and mapping.funders:
        mapped = {fold(heading) or heading: funder for funder, heading in mapping.funders.items()}
        yield from ((k, mapped[key]) for k, name in enumerate(names) if (key := fold(name) or name) in mapped)
        return
    bare = [_QUALIFIED.sub("", name) for name in folded]
    alone = {k: _FUNDER_BY_HEADING[name] for k, name in enumerate(bare) if name in _FUNDER_BY_HEADING}
    of_a_place = {k: found for k, name in enumerate(names) if (found := _of_a_place(name, folded[k]))}
    if _ALWAYS_A_FUNDER.isdisjoint([*alone.values(), *(found[0] for found in of_a_place.values())]):
        alone, of_a_place = {}, {}
    for k, name in enumerate(bare):
        prefixed = _FUNDER_BY_HEADING.get(_PREFIX.sub("", name, count=1)) if _PREFIX.match(name) else None
        if funder := alone.get(k) or prefixed or of_a_place.get(k, ("", ""))[1]:
            yield k, funder


def _of_a_place(heading: str, folded: str) -> tuple[str, str] | None:
    """Return the usual name and the whole name of the funder that a heading gives with that of its place, or None.

    « Ville de Loos » and « subvention CAF de la Vienne » do; « Ville de résidence » and « VILLE DE LOOS », which may
    be the head of places, do not.
    """
    bare = _PREFIX.sub("", folded, count=1)
    usual = max((name for name in _FUNDER_BY_HEADING if bare.startswith(f"{name} ")), key=len, default=None)
    if usual is None:
        return None
    words = _WORD.findall(heading)
    place = words[-len(bare.removeprefix(usual).split()) :]
    named = [word for word in place if word not in _PARTICLES]
    if not named or not all(word.istitle() for word in named):
        return None
    start = list(_WORD.finditer(heading))[-len(bare.split())].start()
    return _FUNDER_BY_HEADING[usual], " ".join(heading[start:].split())


def _paired(found: Sequence[str | None], folded: Sequence[str]) -> list[str | None]:
    """Give a number to the columns of pairs of a funder and an amount, whose headings are numbered or repeated."""
    repeated = found.count("funder") > 1 and found.count("funder") == found.count("amount")
    counts = {"funder": 0, "amount": 0}
    named: list[str | None] = []
    for column, heading in zip(found, folded, strict=True):
        numbered = _NUMBERED.fullmatch(heading)
        if repeated and column in counts:
            counts[column] += 1
            named.append(f"{column}_{counts[column]}")
        elif numbered and column is None:
            named.append(f"{_FUNDER if numbered[1] == 'financeur' else _AMOUNT}{numbered[2]}")
        else:
            named.append(column)
    return [None if one and _is_alone(one, named) else one for one in named]


def _is_alone(column: str, named: Collection[str | None]) -> bool:
    """Tell whether a column is half of a pair whose other half is missing."""
    kind, _, number = column.partition("_")
    other = {"funder": _AMOUNT, "amount": _FUNDER}.get(kind)
    return bool(other and number) and f"{other}{number}" not in named


def _pairs(positions: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    numbers = [one.removeprefix(_FUNDER) for one in positions if one.startswith(_FUNDER)]
    if numbers and "funder" in positions and "amount" in positions:
        yield "funder", "amount"
    yield from ((f"{_FUNDER}{number}", f"{_AMOUNT}{number}") for number in sorted(numbers, key=int))


def _faults(
    names: Sequence[str],
    found: Sequence[str | None],
    layout: Layout,
    header_line: int,
    mapping: TableMapping | None,
) -> Iterator[CellFault]:
    """Return the faults of the headings: columns that are missing or there twice."""
    for heading in (*mapping.columns.values(), *mapping.funders.values()) if mapping is not None else ():
        if (fold(heading) or heading) not in {fold(name) or name for name in names}:
            yield CellFault(header_line, heading, None, msg.projects.mapped_column(heading))
    if "title" not in layout.positions:
        yield CellFault(header_line, "title", None, msg.projects.a_column(HEADINGS["title"]))
    if not any(map(is_amount, layout.positions)):
        yield CellFault(header_line, "amount", None, msg.projects.a_column(HEADINGS["amount"]))
    for k, column in enumerate(found):
        if column is not None and k != layout.positions[column]:
            yield CellFault(
                header_line, names[k], names[k], msg.projects.one_column([layout.headings[column], names[k]])
            )
