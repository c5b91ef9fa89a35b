"""Indicators of quartiers (population, income, poverty, employment), each of one generation, vintage and source.

Values are kept as published: a secret (``s``, ``ns``, ``nd``) stays a mark and is no number. Imported sets are in
``QPV_GEO_HOME/indicators``, one JSON file each, written whole; they come before the shipped ones.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.errors import InputError, IntegrityError
from qpv_geo.files import locked, write_whole
from qpv_geo.toml_tables import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qpv_geo.toml_tables import TomlTable

_SHIPPED = Path(__file__).resolve().parent / "data" / "indicators"
_FORMAT = 1
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


class Indicator(StrEnum):
    """Indicators known by a name of their own; other columns of a base keep their heading."""

    POPULATION = "population"
    MEDIAN_INCOME = "median_income"
    POVERTY_RATE = "poverty_rate"
    EMPLOYMENT_RATE = "employment_rate"


SUMMABLE = frozenset({Indicator.POPULATION.value})
"""Indicators whose values may be added: a median or a rate of two quartiers is not the sum of theirs."""


@dataclass(frozen=True)
class IndicatorValue:
    """A value of one quartier.

    Attributes
    ----------
    indicator
        One of `Indicator`, or the heading of the column in its base.
    text
        As published, spaces and decimal comma aside: a number, or the mark of a value that is not given.
    vintage
        Year of the figures, or the period that the page gives; None if unknown.
    rounded
        Whether its source says that it is rounded.
    part
        Whether it is of a part of the quartier only, called `name`: it never stands for the whole.
    """

    code: str
    name: str
    indicator: str
    heading: str
    text: str
    vintage: str | None
    rounded: bool = False
    part: bool = False

    @property
    def value(self) -> Decimal | None:
        """Return the number, exactly; None for a mark."""
        return Decimal(self.text) if _NUMBER.fullmatch(self.text) else None

    def to_dict(self) -> dict[str, Any]:
        """Return the value as JSON; numbers are text, exact."""
        return {**asdict(self), "value": None if self.value is None else str(self.value)}


@dataclass(frozen=True)
class IndicatorSet:
    """A base of indicators of one generation.

    Attributes
    ----------
    read_on
        Day on which it was read or imported, ISO 8601.
    sha256
        Of the file imported; None for a shipped set.
    """

    id: str
    generation: str
    title: str
    source: str
    url: str | None
    read_on: str
    sha256: str | None
    values: tuple[IndicatorValue, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of its quartiers, each once, in its order."""
        return tuple(dict.fromkeys(one.code for one in self.values))

    @property
    def indicators(self) -> tuple[str, ...]:
        """Return its indicators, each once, in its order."""
        return tuple(dict.fromkeys(one.indicator for one in self.values))

    @property
    def vintages(self) -> tuple[str, ...]:
        """Return the vintages of its values, each once."""
        return tuple(sorted({one.vintage for one in self.values if one.vintage is not None}))

    @property
    def marks(self) -> int:
        """Return how many values are not given: secret, not significant or not available."""
        return sum(one.value is None for one in self.values)

    @cached_property
    def of(self) -> dict[str, tuple[IndicatorValue, ...]]:
        """The values of each quartier, by code."""
        found: dict[str, list[IndicatorValue]] = {}
        for one in self.values:
            found.setdefault(one.code, []).append(one)
        return {code: tuple(values) for code, values in found.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return what the set is, as JSON, without its values."""
        keys = ("id", "generation", "title", "source", "url", "read_on", "sha256")
        counts = {"quartiers": len(self.codes), "indicators": list(self.indicators), "vintages": list(self.vintages)}
        return {**{key: getattr(self, key) for key in keys}, **counts, "not_given": self.marks}


@dataclass(frozen=True)
class Indicators:
    """The sets at hand, imported ones first, the latest first."""

    sets: tuple[IndicatorSet, ...]

    def of(self, code: str) -> Iterator[tuple[IndicatorSet, IndicatorValue]]:
        """Yield the values of a quartier, with the set they are from."""
        for one in self.sets:
            for value in one.of.get(code, ()):
                yield one, value

    def best(self, code: str, indicator: Indicator) -> tuple[IndicatorSet, IndicatorValue] | None:
        """Return the value of an indicator for a whole quartier: of the first set that has it, its latest vintage."""
        for one in self.sets:
            found = [value for value in one.of.get(code, ()) if value.indicator == indicator and not value.part]
            if found:
                return one, max(found, key=lambda value: value.vintage or "")
        return None


def load_indicators(home: Path) -> Indicators:
    """Return the imported and shipped sets.

    Raises
    ------
    IntegrityError
        An imported set cannot be read, or was altered.
    """
    imported = [_read(path) for path in sorted((home / "indicators").glob("[!.]*.json"))]
    imported.sort(key=lambda one: (max(one.vintages, default=""), one.read_on, one.id), reverse=True)
    return Indicators((*imported, *(_shipped(path) for path in sorted(_SHIPPED.glob("*.toml")))))


def keep(found: IndicatorSet, home: Path, *, overwrite: bool = False) -> Path:
    """Write a set in the home, whole or not at all.

    Raises
    ------
    InputError
        The id is not one, a set of that id ships, or one is there already and `overwrite` is false.
    """
    if not _ID.fullmatch(found.id):
        raise InputError(msg.indicators.bad_id(found.id))
    folder = home / "indicators"
    path = folder / f"{found.id}.json"
    if found.id in {one.stem for one in _SHIPPED.glob("*.toml")}:
        raise InputError(msg.indicators.already_shipped(found.id))
    document = {
        "format": _FORMAT,
        **{key: getattr(found, key) for key in ("id", "generation", "title", "source", "url", "read_on", "sha256")},
        "values": [list(asdict(one).values()) for one in found.values],
    }
    content = json.dumps(document | {"record_sha256": _digest(document)}, ensure_ascii=False).encode()
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / ".lock", wait=True):
        if path.is_file() and not overwrite:
            raise InputError(msg.indicators.already_imported(found.id))
        write_whole(path, content)
    return path


def _read(path: Path) -> IndicatorSet:
    try:
        document = json.loads(path.read_bytes())
        whole = document.pop("record_sha256") == _digest(document)
        values = tuple(IndicatorValue(*row) for row in document.pop("values"))
        document.pop("format")
        found = IndicatorSet(**document, values=values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(msg.indicators.unreadable_set(str(path))) from error
    if not whole:
        raise IntegrityError(msg.indicators.unreadable_set(str(path)))
    return found


def _digest(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _shipped(path: Path) -> IndicatorSet:
    top = parse(path.read_bytes(), name=str(path))
    found = IndicatorSet(
        id=top.words("id"),
        generation=top.words("generation"),
        title=top.words("title"),
        source=top.words("source"),
        url=top.words_or_none("url"),
        read_on=top.day("read_on").isoformat(),
        sha256=None,
        values=tuple(map(_value, top.tables("values"))),
    )
    top.nothing_else()
    return found


def _value(table: TomlTable) -> IndicatorValue:
    indicator = table.choice("indicator", Indicator).value
    found = IndicatorValue(
        table.words("code"),
        table.words("name"),
        indicator,
        indicator,
        table.words("value"),
        table.words_or_none("vintage"),
        table.flag("rounded", default=False),
        table.flag("part", default=False),
    )
    table.nothing_else()
    return found
