"""What is published or was measured of the redraw of 2024, for those who have not installed the perimeters of 2015."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.resources import data_folder
from qpv_geo.text_normalisation import fold
from qpv_geo.toml_tables import parse

if TYPE_CHECKING:
    from datetime import date

    from qpv_geo.toml_tables import TomlTable

FILE = "redraw-2024.toml"
_MOST_M2, _MOST_HA = 1e9, 1e5
_MOST_LON, _MOST_LAT = 180.0, 90.0


@dataclass(frozen=True)
class MeasuredPiece:
    """Ground that was added or removed; degrees for a point inside it."""

    change: str
    area_m2: float
    lon: float
    lat: float


@dataclass(frozen=True)
class ToldFact:
    """What a source says, in French."""

    text: str
    source: str
    read_on: date


@dataclass(frozen=True)
class RedrawFacts:
    """What is known of the redraw of one quartier, without its outlines.

    Attributes
    ----------
    commune, town
        INSEE code and name.
    source, read_on
        Of the areas and the pieces.
    """

    name: str
    commune: str
    town: str
    code_before: str
    code_after: str
    area_before_ha: float
    area_after_ha: float
    source: str
    read_on: date
    pieces: tuple[MeasuredPiece, ...]
    told: tuple[ToldFact, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as JSON; the pieces have the keys of those of a comparison."""
        pieces = [{**asdict(one), "code": self.code_after} for one in self.pieces]
        told = [{**asdict(one), "read_on": one.read_on.isoformat()} for one in self.told]
        return {**vars(self), "read_on": self.read_on.isoformat(), "pieces": pieces, "told": told}


def redraw_facts(commune: str | None = None) -> tuple[RedrawFacts, ...]:
    """Return the facts that ship, of one commune by its INSEE code or name, or of all."""
    path = data_folder() / FILE
    top = parse(path.read_bytes(), name=str(path))
    found = tuple(_facts(table) for table in top.tables("quartiers"))
    top.nothing_else()
    if commune is None:
        return found
    return tuple(one for one in found if fold(commune) in {fold(one.commune), fold(one.town)})


def _facts(table: TomlTable) -> RedrawFacts:
    found = RedrawFacts(
        name=table.words("name"),
        commune=table.words("commune"),
        town=table.words("town"),
        code_before=table.words("code_before"),
        code_after=table.words("code_after"),
        area_before_ha=_number(table, "area_before_ha", _MOST_HA),
        area_after_ha=_number(table, "area_after_ha", _MOST_HA),
        source=table.words("source"),
        read_on=table.day("read_on"),
        pieces=tuple(map(_piece, table.tables("pieces"))),
        told=tuple(map(_told, table.tables("told"))),
    )
    table.nothing_else()
    return found


def _piece(table: TomlTable) -> MeasuredPiece:
    lon, lat = _number(table, "lon", _MOST_LON), _number(table, "lat", _MOST_LAT)
    found = MeasuredPiece(table.words("change"), _number(table, "area_m2", _MOST_M2), lon, lat)
    table.nothing_else()
    return found


def _told(table: TomlTable) -> ToldFact:
    found = ToldFact(table.words("text"), table.words("source"), table.day("read_on"))
    table.nothing_else()
    return found


def _number(table: TomlTable, key: str, most: float) -> float:
    value = table.number(key, most=most)
    if value is None:
        table.refuse(msg.schemes.missing_key(key))
    return value
