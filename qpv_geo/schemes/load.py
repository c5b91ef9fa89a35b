"""Available schemes: those shipped with the project and those in ``QPV_GEO_HOME/schemes``, one TOML file each.

The name of a file is the id of its scheme, so that looking up one scheme reads no other file.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.eligibility.bands import MOST_M
from qpv_geo.errors import FormatError, InputError
from qpv_geo.schemes.dates import AsOf, Dates
from qpv_geo.schemes.model import (
    Amounts,
    Condition,
    KnownBy,
    LegalSource,
    RoadLimit,
    Scheme,
    Step,
    Zone,
)
from qpv_geo.schemes.relation import Relation, SchemeCommune, SpatialTest
from qpv_geo.toml_tables import TomlTable, files_by_id, parse

if TYPE_CHECKING:
    from collections.abc import Collection

SHIPPED = Path(__file__).resolve().parent / "data"

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_INSEE = re.compile(r"\d{5}|2[AB]\d{3}")
_MOST_EUR = 1e12
_KEPT = 64
"""Schemes kept, by what their files hold, for the next question."""
_BANDS = frozenset({Relation.WITHIN_DISTANCE, Relation.ENTIRELY_WITHIN_DISTANCE})


def load_schemes(home: Path, *, generations: Collection[str]) -> tuple[Scheme, ...]:
    """Return all available schemes, shipped ones first, each folder in the order of ids.

    Parameters
    ----------
    home
        ``QPV_GEO_HOME``; its folder ``schemes`` need not exist.
    generations
        Ids of the generations that a scheme may name.

    Raises
    ------
    FormatError
        A file is invalid; the message gives the file, the line and the reason.
    """
    return tuple(read_scheme(path, generations=generations) for path in _files(home).values())


def find_scheme(scheme_id: str, home: Path, *, generations: Collection[str]) -> Scheme:
    """Return one scheme, without reading the others.

    Raises
    ------
    InputError
        There is no such scheme.
    FormatError
        Its file is invalid.
    """
    files = _files(home)
    if scheme_id in files:
        return read_scheme(files[scheme_id], generations=generations)
    every = (read_scheme(path, generations=generations) for path in files.values())
    successors = [one.id for one in every if scheme_id in one.replaces]
    if successors:
        raise InputError(msg.schemes.replaced(scheme_id, successors))
    raise InputError(msg.schemes.unknown_scheme(scheme_id, sorted(files)))


def read_scheme(path: Path, *, generations: Collection[str]) -> Scheme:
    """Read the file of a scheme.

    Raises
    ------
    FormatError
        The file cannot be read or is not a valid scheme.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FormatError(msg.schemes.unreadable(str(path), error.strerror or str(error))) from error
    return _read(content, path, tuple(generations))


@lru_cache(maxsize=_KEPT)
def _read(content: bytes, path: Path, generations: tuple[str, ...]) -> Scheme:
    top = parse(content, name=str(path))
    scheme_id = top.words("id")
    if not _ID.fullmatch(scheme_id):
        top.refuse(msg.schemes.bad_id(scheme_id), "id")
    if scheme_id != path.stem:
        top.refuse(msg.schemes.id_is_not_name(scheme_id, path.name), "id")
    sources = _sources(top)
    conditions = _conditions(top, sources)
    zones = _zones(top, sources, conditions, generations)
    of_zones = {condition.id for zone in zones for condition in zone.requires}
    _refuse_known_by(top, of_zones)
    scheme = Scheme(
        id=scheme_id,
        label=top.words("label"),
        summary=top.words("summary"),
        dates=_dates(top, sources),
        zones=zones,
        conditions=tuple(one for key, ones in conditions.items() if key not in of_zones for one in ones),
        sources=tuple(sources.values()),
        amounts=_amounts(top, sources),
        place_decides=top.flag("place_decides", default=True),
        sha256=hashlib.sha256(content).hexdigest(),
        path=str(path),
        aliases=top.list_of_words("aliases"),
        road_limit=top.choice("road_limit", RoadLimit, default=RoadLimit.AS_DRAWN),
        steps=_steps(top, sources),
        replaces=top.list_of_words("replaces"),
    )
    if not scheme.place_decides and not any(one.decisive for one in scheme.conditions):
        top.refuse(msg.schemes.nothing_decides(), "place_decides")
    top.nothing_else()
    return scheme


def _files(home: Path) -> dict[str, Path]:
    return files_by_id(SHIPPED, home / "schemes", already_shipped=msg.schemes.already_shipped)


def _sources(top: TomlTable) -> dict[str, LegalSource]:
    found: dict[str, LegalSource] = {}
    for table in top.tables("sources"):
        one = LegalSource(
            table.words("id"),
            table.words("title"),
            table.day("read_on"),
            table.words_or_none("url"),
            *_period(table),
            table.words_or_none("unread"),
        )
        _refuse_twice(table, one.id, found)
        table.nothing_else()
        found[one.id] = one
    if not found:
        top.refuse(msg.schemes.missing_key("[[sources]]"))
    return found


def _source(table: TomlTable, sources: dict[str, LegalSource]) -> LegalSource:
    wanted = table.words("source")
    if wanted not in sources:
        table.refuse(msg.schemes.not_one_of("source", wanted, sorted(sources)), "source")
    return sources[wanted]


def _conditions(top: TomlTable, sources: dict[str, LegalSource]) -> dict[str, list[Condition]]:
    """Return the conditions by id; one that changed with time has several, of periods that do not overlap."""
    found: dict[str, list[Condition]] = {}
    for table in top.tables("conditions"):
        one = Condition(
            table.words("id"),
            table.words("question"),
            _source(table, sources),
            table.flag("decisive"),
            table.words_or_none("article"),
            table.choice_or_none("known_by", KnownBy),
            *_period(table),
        )
        if not _ID.fullmatch(one.id):
            table.refuse(msg.schemes.bad_id(one.id), "id")
        if not one.question.endswith("?"):
            table.refuse(msg.schemes.not_a_question(one.question), "question")
        if any(_overlap(one, other) for other in found.get(one.id, [])):
            table.refuse(msg.schemes.twice(one.id), "id")
        table.nothing_else()
        found.setdefault(one.id, []).append(one)
    return found


def _steps(top: TomlTable, sources: dict[str, LegalSource]) -> tuple[Step, ...]:
    found: dict[str, Step] = {}
    for table in top.tables("steps"):
        one = Step(table.words("id"), table.words("text"), _source(table, sources))
        if not _ID.fullmatch(one.id):
            table.refuse(msg.schemes.bad_id(one.id), "id")
        _refuse_twice(table, one.id, found)
        table.nothing_else()
        found[one.id] = one
    return tuple(found.values())


def _zones(
    top: TomlTable,
    sources: dict[str, LegalSource],
    conditions: dict[str, list[Condition]],
    generations: Collection[str],
) -> tuple[Zone, ...]:
    default = _generation(top, generations)
    found: dict[str, Zone] = {}
    for table in top.tables("zones"):
        period = _period(table)
        zone = Zone(
            id=table.words("id"),
            label=table.words("label"),
            kind=table.words("kind").lower(),
            test=_test(table),
            source=_source(table, sources),
            communes=tuple(_commune(one) for one in table.tables("communes")),
            datasets=table.list_of_words("datasets"),
            generation=_generation(table, generations) or default,
            requires=_required(table, conditions),
            unpublished=table.words_or_none("unpublished"),
            start=period[0],
            end=period[1],
        )
        _refuse_twice(table, zone.id, found)
        table.nothing_else()
        found[zone.id] = zone
    if not found:
        top.refuse(msg.schemes.missing_key("[[zones]]"))
    return tuple(found.values())


def _test(table: TomlTable) -> SpatialTest:
    relation = table.choice("relation", Relation)
    distance_m = table.number("distance_m", most=MOST_M)
    partly_within_m = table.number("partly_within_m", most=MOST_M)
    if relation in _BANDS and distance_m is None:
        table.refuse(msg.schemes.missing_key("distance_m"), "relation")
    if relation not in _BANDS and distance_m is not None:
        table.refuse(msg.schemes.useless_distance(relation), "distance_m")
    if partly_within_m is not None and (
        relation is not Relation.ENTIRELY_WITHIN_DISTANCE or partly_within_m >= (distance_m or 0.0)
    ):
        table.refuse(msg.schemes.bad_partly_within(), "partly_within_m")
    return SpatialTest(relation, distance_m, partly_within_m)


def _commune(table: TomlTable) -> SchemeCommune:
    insee = table.words("insee").upper()
    if not _INSEE.fullmatch(insee):
        table.refuse(msg.schemes.bad_insee(insee), "insee")
    commune = SchemeCommune(insee, table.words("name"), table.box("box"))
    table.nothing_else()
    return commune


def _generation(table: TomlTable, generations: Collection[str]) -> str | None:
    value = table.words_or_none("generation")
    if value is not None and value not in generations:
        table.refuse(msg.schemes.not_one_of("generation", value, sorted(generations)), "generation")
    return value


def _required(table: TomlTable, conditions: dict[str, list[Condition]]) -> tuple[Condition, ...]:
    wanted = table.list_of_words("requires")
    for one in wanted:
        if one not in conditions:
            table.refuse(msg.schemes.not_one_of("requires", one, sorted(conditions)), "requires")
    return tuple(condition for one in wanted for condition in conditions[one])


def _dates(top: TomlTable, sources: dict[str, LegalSource]) -> Dates:
    table = top.table("date")
    if table is None:
        top.refuse(msg.schemes.missing_key("[date]"))
    period = _period(table)
    dates = Dates(
        counts=table.words("counts"),
        as_of=table.choice("as_of", AsOf, default=AsOf.GIVEN),
        source=_source(table, sources),
        start=period[0],
        end=period[1],
        outside=table.words_or_none("outside"),
    )
    table.nothing_else()
    return dates


def _amounts(top: TomlTable, sources: dict[str, LegalSource]) -> tuple[Amounts, ...]:
    found: list[Amounts] = []
    for table in top.tables("amounts"):
        limits = table.number("max_eur", most=_MOST_EUR), table.number("budget_eur", most=_MOST_EUR)
        one = Amounts(_source(table, sources), *limits, *_period(table))
        table.nothing_else()
        if limits == (None, None):
            table.refuse(msg.schemes.missing_key("max_eur"))
        if any(_overlap(one, other) for other in found):
            table.refuse(msg.schemes.periods_overlap())
        found.append(one)
    return tuple(found)


def _refuse_known_by(top: TomlTable, of_zones: Collection[str]) -> None:
    """Raise `FormatError` for data that would answer a condition of no zone: only a perimeter has a convention."""
    for table in top.tables("conditions"):
        if "known_by" in table.values and table.values["id"] not in of_zones:
            table.refuse(msg.schemes.known_by_needs_zone(), "known_by")


def _overlap(one: Condition | Amounts, other: Condition | Amounts) -> bool:
    return max(one.start or date.min, other.start or date.min) <= min(one.end or date.max, other.end or date.max)


def _period(table: TomlTable) -> tuple[date | None, date | None]:
    """Return the first and last day of a table, both optional."""
    start, end = table.day_or_none("from"), table.day_or_none("to")
    if start is not None and end is not None and end < start:
        table.refuse(msg.schemes.dates_reversed(), "to")
    return start, end


def _refuse_twice(table: TomlTable, one: str, found: Collection[str]) -> None:
    if one in found:
        table.refuse(msg.schemes.twice(one), "id")
