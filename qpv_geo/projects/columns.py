"""The columns of a table of projects, and the headings they are found by.

================  ==================================================================================================
``id``            unique; without that column, the line in the file
``title``         required
``lead``          who runs the project
``scheme``        what funds it: FIQ, contrat de ville...
``year``          1970 to 2100
``amount``        required column; euros, to the cent; an empty cell is an amount that is not published
``theme``         one of the four of the contrats de ville 2024-2030, see `qpv_geo.projects.model.Theme`
``commune``       INSEE code or name of the commune of the neighbourhoods
``address``       as written
``lon``, ``lat``  degrees, WGS84
``site``          WKT or GeoJSON in longitude, latitude, or a pair of coordinates in the order that is in France; the
                  geometries of the file, if any, are used instead
``code_qp``       codes of perimeters, separated by ``;``, ``,``, ``|`` or a new line
``neighbourhood`` names of neighbourhoods, separated likewise; ``tous`` or ``tous les QPV`` for no single one
``parts``         share of the amount for each neighbourhood (or perimeter), in the same order, separated by ``;``
                  (``2;1``: two thirds and one third); equal by default
``etape_ID``      date of the step ``ID`` of the scheme: ISO 8601 or day/month/year; one column per step
================  ==================================================================================================

Lines are counted as in a spreadsheet: 1 for the header, then one per row, whatever its cells contain.

Columns other than ``title`` and ``amount`` may be absent; cells other than ``title`` and ``id`` may be empty. Columns
with unknown headings are reported and not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.projects.faults import CellFault
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

HEADINGS: dict[str, tuple[str, ...]] = {
    "id": ("id", "identifiant", "numéro", "n°", "réf", "référence", "code projet"),
    "title": ("title", "intitulé", "titre", "projet", "intitulé du projet", "nom du projet"),
    "lead": ("lead", "porteur", "porteur de projet", "porteur du projet"),
    "scheme": ("scheme", "dispositif"),
    "year": ("year", "année", "exercice"),
    "amount": ("amount", "montant", "montant en euros", "montant euros", "montant eur"),
    "theme": ("theme", "thème", "thématique"),
    "commune": ("commune", "citycode", "code commune", "code insee", "insee_com"),
    "address": ("address", "adresse"),
    "lon": ("lon", "longitude"),
    "lat": ("lat", "latitude"),
    "site": ("site", "geometry", "géométrie", "emprise", "wkt"),
    "code_qp": ("code_qp", "code qpv", "perimeter", "perimeters", "périmètre", "périmètres"),
    "neighbourhood": ("neighbourhood", "neighbourhoods", "quartier", "quartiers"),
    "parts": ("parts", "répartition"),
}
"""Headings of each column, by documented name; case, accents and punctuation do not matter."""

REQUIRED = ("title", "amount")

_STEP = "etape_"

_BY_HEADING = {fold(heading): name for name, headings in HEADINGS.items() for heading in headings}


def step_column(step: str) -> str:
    """Return the documented name of the column of a step."""
    return f"{_STEP}{step}"


def step_of(column: str) -> str | None:
    """Return the step of a column, by its documented name; None if it is not that of a step."""
    return column.removeprefix(_STEP) if column.startswith(_STEP) else None


def looks_like_a_step(heading: str) -> bool:
    """Tell whether a heading is written as that of a step, known or not."""
    return fold(heading).startswith(fold(_STEP) + " ") and "_" in heading


@dataclass(frozen=True)
class Layout:
    """Positions of the columns of a file.

    Attributes
    ----------
    positions
        Position of each column found, by documented name.
    headings
        Heading of each column found, as written in the file, by documented name.
    ignored
        Unknown headings.
    """

    positions: dict[str, int]
    headings: dict[str, str]
    ignored: tuple[str, ...]


def lay_out(
    names: Sequence[str], *, header_line: int, steps: Collection[str] = ()
) -> tuple[Layout, tuple[CellFault, ...]]:
    """Find the columns by their headings; return the layout and the faults of the headings.

    Parameters
    ----------
    steps
        Ids of the steps that have a column.
    """
    by_heading = _BY_HEADING | {fold(step_column(step)): step_column(step) for step in steps}
    named = [by_heading.get(fold(name)) for name in names]
    positions = {column: k for k, column in reversed(list(enumerate(named))) if column is not None}
    headings = {column: names[k] for column, k in positions.items()}
    ignored = tuple(name for name, column in zip(names, named, strict=True) if column is None and name)
    missing = [
        CellFault(header_line, column, None, msg.projects.a_column(HEADINGS[column]))
        for column in REQUIRED
        if column not in positions
    ]
    doubled = [
        CellFault(header_line, names[k], names[k], msg.projects.one_column([headings[column], names[k]]))
        for k, column in enumerate(named)
        if column is not None and k != positions[column]
    ]
    return Layout(positions, headings, ignored), (*missing, *doubled)
