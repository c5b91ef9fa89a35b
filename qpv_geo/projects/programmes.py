"""Programmes: the envelopes that towns publish, one TOML file each, shipped or in ``QPV_GEO_HOME/programmes``.

Figures are kept as published; nothing is computed or rounded. Every figure, fact and quartier has its source and the
day on which that was read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError, InputError
from qpv_geo.toml_tables import files_by_id, parse

if TYPE_CHECKING:
    from datetime import date

    from qpv_geo.toml_tables import TomlTable

SHIPPED = Path(__file__).resolve().parent / "data" / "programmes"

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_INSEE = re.compile(r"\d{5}|2[AB]\d{3}")


class ProgrammeMeasure(StrEnum):
    """What a figure announces.

    ``total``: euros of the whole programme; ``funder``: euros that one funder paid; ``count``: number of projects or
    actions; ``cap``: most euros for one project.
    """

    TOTAL = "total"
    FUNDER = "funder"
    COUNT = "count"
    CAP = "cap"


@dataclass(frozen=True)
class PublishedSource:
    """Where something was read, and when."""

    title: str
    url: str | None
    read_on: date

    def to_dict(self) -> dict[str, str | None]:
        """Return the source as JSON."""
        return {"title": self.title, "url": self.url, "read_on": self.read_on.isoformat()}


@dataclass(frozen=True)
class Figure:
    """A published figure.

    Attributes
    ----------
    value
        Euros, or a number of projects or actions for `ProgrammeMeasure.COUNT`; as published.
    unit
        ``euro``, ``projet`` or ``action``.
    funders
        Who paid, for `ProgrammeMeasure.FUNDER`: its names in tables of projects.
    """

    id: str
    label: str
    measure: ProgrammeMeasure
    value: int
    unit: str
    funders: tuple[str, ...]
    source: PublishedSource

    def to_dict(self) -> dict[str, Any]:
        """Return the figure as JSON."""
        changed = {"measure": self.measure.value, "funders": list(self.funders), "source": self.source.to_dict()}
        return {**vars(self), **changed}


@dataclass(frozen=True)
class Fact:
    """What a page says without a figure."""

    title: str
    text: str
    source: PublishedSource

    def to_dict(self) -> dict[str, Any]:
        """Return the fact as JSON."""
        return {"title": self.title, "text": self.text, "source": self.source.to_dict()}


@dataclass(frozen=True)
class ProgrammeQuartier:
    """A quartier of a programme, by the name the town gives it, with its perimeters; `note` tells what it is of them.

    A local name may be a small part of its perimeter: Épi de Soil is one tower in Secteur Sud.
    """

    name: str
    codes: tuple[str, ...]
    note: str | None
    source: PublishedSource

    def to_dict(self) -> dict[str, Any]:
        """Return the quartier as JSON."""
        return {"name": self.name, "codes": list(self.codes), "note": self.note, "source": self.source.to_dict()}


@dataclass(frozen=True)
class Programme:
    """An envelope that a town publishes.

    Attributes
    ----------
    commune, town
        INSEE code and name.
    schemes
        Names that tables of projects give it in their column ``scheme``.
    from_year, to_year
        First and last year, None if not published.
    table
        Shipped table of its projects, or None.
    """

    id: str
    label: str
    summary: str
    commune: str
    town: str
    schemes: tuple[str, ...]
    from_year: int | None
    to_year: int | None
    table: str | None
    figures: tuple[Figure, ...]
    facts: tuple[Fact, ...]
    quartiers: tuple[ProgrammeQuartier, ...]

    @property
    def sources(self) -> tuple[PublishedSource, ...]:
        """Return the sources of what it tells, each once."""
        told: tuple[Figure | Fact | ProgrammeQuartier, ...] = (*self.figures, *self.facts, *self.quartiers)
        return tuple(dict.fromkeys(one.source for one in told))

    def to_dict(self) -> dict[str, Any]:
        """Return the programme as JSON."""
        keys = ("id", "label", "summary", "commune", "town", "from_year", "to_year", "table")
        return {
            **{key: getattr(self, key) for key in keys},
            "schemes": list(self.schemes),
            "figures": [one.to_dict() for one in self.figures],
            "facts": [one.to_dict() for one in self.facts],
            "quartiers": [one.to_dict() for one in self.quartiers],
        }


def load_programmes(home: Path) -> tuple[Programme, ...]:
    """Return all programmes, shipped ones first, each folder in the order of ids.

    Parameters
    ----------
    home
        ``QPV_GEO_HOME``; its folder ``programmes`` need not exist.

    Raises
    ------
    FormatError
        A file is invalid; the message gives the file, the line and the reason.
    """
    return tuple(read_programme(path) for path in _files(home).values())


def find_programme(programme_id: str, home: Path) -> Programme:
    """Return one programme, without reading the others.

    Raises
    ------
    InputError
        There is no such programme.
    FormatError
        Its file is invalid.
    """
    files = _files(home)
    if programme_id not in files:
        raise InputError(msg.programmes.unknown(programme_id, sorted(files)))
    return read_programme(files[programme_id])


def programme_ids(home: Path) -> tuple[str, ...]:
    """Return the ids of all programmes, without reading them."""
    return tuple(_files(home))


def read_programme(path: Path) -> Programme:
    """Read the file of a programme.

    Raises
    ------
    FormatError
        The file cannot be read or is not a valid programme.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FormatError(msg.programmes.unreadable(str(path), error.strerror or str(error))) from error
    top = parse(content, name=str(path))
    programme_id, commune = top.words("id"), top.words("commune").upper()
    if not _ID.fullmatch(programme_id):
        top.refuse(msg.schemes.bad_id(programme_id), "id")
    if programme_id != path.stem:
        top.refuse(msg.schemes.id_is_not_name(programme_id, path.name), "id")
    if not _INSEE.fullmatch(commune):
        top.refuse(msg.schemes.bad_insee(commune), "commune")
    sources = _sources(top)
    first, last = top.whole_or_none("from_year"), top.whole_or_none("to_year")
    if first is not None and last is not None and last < first:
        top.refuse(msg.programmes.YEARS_REVERSED, "to_year")
    found = Programme(
        id=programme_id,
        label=top.words("label"),
        summary=top.words("summary"),
        commune=commune,
        town=top.words("town"),
        schemes=top.list_of_words("schemes"),
        from_year=first,
        to_year=last,
        table=top.words_or_none("table"),
        figures=_figures(top, sources),
        facts=tuple(_fact(table, sources) for table in top.tables("facts")),
        quartiers=tuple(_quartier(table, sources) for table in top.tables("quartiers")),
    )
    top.nothing_else()
    return found


def _files(home: Path) -> dict[str, Path]:
    return files_by_id(SHIPPED, home / "programmes", already_shipped=msg.programmes.already_shipped)


def _sources(top: TomlTable) -> dict[str, PublishedSource]:
    found: dict[str, PublishedSource] = {}
    for table in top.tables("sources"):
        key = table.words("id")
        if key in found:
            table.refuse(msg.schemes.twice(key), "id")
        found[key] = PublishedSource(table.words("title"), table.words_or_none("url"), table.day("read_on"))
        table.nothing_else()
    if not found:
        top.refuse(msg.schemes.missing_key("[[sources]]"))
    return found


def _source(table: TomlTable, sources: dict[str, PublishedSource]) -> PublishedSource:
    wanted = table.words("source")
    if wanted not in sources:
        table.refuse(msg.schemes.not_one_of("source", wanted, sorted(sources)), "source")
    return sources[wanted]


def _figures(top: TomlTable, sources: dict[str, PublishedSource]) -> tuple[Figure, ...]:
    found: dict[str, Figure] = {}
    for table in top.tables("figures"):
        measure = table.choice("measure", ProgrammeMeasure)
        one = Figure(
            id=table.words("id"),
            label=table.words("label"),
            measure=measure,
            value=table.whole("value"),
            unit=table.words("unit") if measure is ProgrammeMeasure.COUNT else "euro",
            funders=table.list_of_words("funders"),
            source=_source(table, sources),
        )
        if one.id in found:
            table.refuse(msg.schemes.twice(one.id), "id")
        if measure is ProgrammeMeasure.COUNT and one.unit not in msg.programmes.UNITS:
            table.refuse(msg.schemes.not_one_of("unit", one.unit, sorted(msg.programmes.UNITS)), "unit")
        if bool(one.funders) is not (measure is ProgrammeMeasure.FUNDER):
            table.refuse(
                msg.schemes.missing_key("funders") if measure is ProgrammeMeasure.FUNDER else msg.programmes.NO_FUNDERS
            )
        table.nothing_else()
        found[one.id] = one
    return tuple(found.values())


def _fact(table: TomlTable, sources: dict[str, PublishedSource]) -> Fact:
    found = Fact(table.words("title"), table.words("text"), _source(table, sources))
    table.nothing_else()
    return found


def _quartier(table: TomlTable, sources: dict[str, PublishedSource]) -> ProgrammeQuartier:
    found = ProgrammeQuartier(
        table.words("name"), table.list_of_words("codes"), table.words_or_none("note"), _source(table, sources)
    )
    table.nothing_else()
    return found
