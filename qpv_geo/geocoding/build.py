"""Build an address index: one SQLite file that is searched without loading it.

Places (streets, localities, published places) are numbered town by town, so a town is a range of ranks. Each word has
the list of the ranks of the places named with it; house numbers are stored by street. A table of the words with one
letter left out finds typing errors without scanning the vocabulary (SymSpell's deletion method: two words one error
apart share a deletion); it also holds the words' sounds, to find those spelt as they sound.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qpv_geo.geocoding.accuracy import ESTABLISHMENT
from qpv_geo.geocoding.normalise import sound, suffix, tokens

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from qpv_geo.geocoding.address_files import AddressRow

FORMAT = "4"
"""Format version; changes when files built before can no longer be read."""

CELL_DEGREES = 0.002
"""Size of the grid cells used to find the addresses nearest to a point: about 220 m by 150 m in mainland France."""

ROW = 1_000_000
"""Difference between the numbers of a cell and of the next cell north."""

SHORTEST_MISTYPED = 3
"""Shortest word, in letters, that may be mistyped: too many shorter ones are one error apart."""

SCALE = 10_000_000
"""Degrees are stored as integers in units of 1e-7, about a centimetre."""

SOUND = "~"
"""Prefix of a sound in the table of deletions."""

_BATCH = 20_000
_SCHEMA = """
PRAGMA page_size = 8192;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE town (
    id INTEGER PRIMARY KEY, citycode TEXT, name TEXT, former TEXT, postcodes TEXT, first INTEGER, last INTEGER,
    lon INTEGER, lat INTEGER, west INTEGER, south INTEGER, east INTEGER, north INTEGER
);
CREATE TABLE place (
    rank INTEGER PRIMARY KEY, id INTEGER, town INTEGER, kind TEXT, ban_id TEXT, name TEXT, aliases TEXT, former TEXT,
    postcodes TEXT, words TEXT, lon INTEGER, lat INTEGER, position TEXT
);
CREATE TABLE number (
    place INTEGER, number INTEGER, suffix TEXT, ban_id TEXT, lon INTEGER, lat INTEGER, position TEXT, cell INTEGER,
    PRIMARY KEY (place, number, suffix, ban_id)
) WITHOUT ROWID;
CREATE TABLE plot (plot TEXT, place INTEGER, number INTEGER, suffix TEXT, PRIMARY KEY (plot, place, number, suffix))
    WITHOUT ROWID;
CREATE TABLE word (word TEXT PRIMARY KEY, ranks BLOB);
CREATE TABLE deletion (letters TEXT, word TEXT, PRIMARY KEY (letters, word)) WITHOUT ROWID;
"""
_SCRATCH = """
ATTACH DATABASE '' AS scratch;
CREATE TABLE scratch.number (place, number, suffix, ban_id, lon, lat, position, cell);
CREATE TABLE scratch.plot (plot, place, number, suffix);
"""
"""Staging tables for rows in any order, sorted once at the end: each insertion into a B-tree would cost a search."""
_IN_ORDER = """
INSERT OR REPLACE INTO main.number SELECT * FROM scratch.number ORDER BY place, number, suffix, ban_id, rowid;
INSERT OR IGNORE INTO main.plot SELECT * FROM scratch.plot ORDER BY plot, place, number, suffix;
"""
_FINISH = """
CREATE INDEX number_cell ON number (cell);
CREATE UNIQUE INDEX place_id ON place (id);
CREATE INDEX place_ban_id ON place (ban_id);
"""


@dataclass(eq=False)
class _BuiltPlace:
    """A street, locality or published place, built up row by row."""

    id: int
    kind: str
    ban_id: str
    name: str
    town: tuple[str, str]
    postcodes: set[str] = field(default_factory=set)
    former: set[str] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)
    count: int = 0
    lon: float = 0.0
    lat: float = 0.0
    position: str = ""

    def add(self, row: AddressRow) -> None:
        """Add an address."""
        self.count += 1
        self.lon += row.lon
        self.lat += row.lat
        if row.postcode:
            self.postcodes.add(row.postcode)
        if row.old_city and row.old_city != row.city:
            self.former.add(row.old_city)
        self.aliases.update(row.aliases)


@dataclass(eq=False)
class _BuiltTown:
    """A commune, built up row by row."""

    west: float = 180.0
    south: float = 90.0
    east: float = -180.0
    north: float = -90.0
    places: list[_BuiltPlace] = field(default_factory=list)

    def add(self, row: AddressRow) -> None:
        """Extend the bounding box to an address."""
        self.west, self.east = min(self.west, row.lon), max(self.east, row.lon)
        self.south, self.north = min(self.south, row.lat), max(self.north, row.lat)


def build(connection: sqlite3.Connection, rows: Iterable[AddressRow], meta: dict[str, str]) -> int:
    """Write an index and return the number of rows it was built from.

    Parameters
    ----------
    connection
        An empty database.
    rows
        The addresses, in any order; streets are held in memory, house numbers are not.
    meta
        What to record about their file.
    """
    connection.executescript(_SCHEMA + _SCRATCH)
    towns: dict[tuple[str, str], _BuiltTown] = defaultdict(_BuiltTown)
    places: dict[tuple[str, str, str, str], _BuiltPlace] = {}
    count = _write_numbers(connection, rows, places, towns)
    connection.executescript(_IN_ORDER)
    connection.execute("DETACH DATABASE scratch")
    for place in places.values():
        towns[place.town].places.append(place)
    words = _write_places(connection, towns)
    connection.executemany("INSERT INTO word VALUES (?, ?)", ((word, words[word].tobytes()) for word in sorted(words)))
    _write_deletions(connection, words)
    connection.executescript(_FINISH)
    facts = meta | {"format": FORMAT, "rows": str(count), "places": str(len(places) + len(towns))}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", sorted(facts.items()))
    connection.commit()
    return count


def cell(lon: float, lat: float) -> int:
    """Return the number of the cell that holds a point."""
    return int((lat + 90) / CELL_DEGREES) * ROW + int((lon + 180) / CELL_DEGREES)


def deletions(word: str) -> Iterator[str]:
    """Yield a word and, if it is long enough, what is left of it without each of its letters in turn."""
    yield word
    if len(word) >= SHORTEST_MISTYPED:
        for k in range(len(word)):
            yield word[:k] + word[k + 1 :]


def _write_numbers(
    connection: sqlite3.Connection,
    rows: Iterable[AddressRow],
    places: dict[tuple[str, str, str, str], _BuiltPlace],
    towns: dict[tuple[str, str], _BuiltTown],
) -> int:
    """Write house numbers as they come, and collect their streets and towns."""
    batch: list[tuple[object, ...]] = []
    plots: list[tuple[object, ...]] = []
    count = 0
    for row in rows:
        count += 1
        place = _place(row, places)
        place.add(row)
        towns[place.town].add(row)
        plots += ((plot, place.id, row.number or 0, suffix(row.suffix)) for plot in row.plots)
        if row.number is None:
            place.position = row.position
            continue
        lon, lat = round(row.lon * SCALE), round(row.lat * SCALE)
        where = cell(row.lon, row.lat)
        batch.append((place.id, row.number, suffix(row.suffix), row.id, lon, lat, row.position, where))
        if len(batch) >= _BATCH:
            _flush(connection, batch, plots)
    _flush(connection, batch, plots)
    return count


def _flush(connection: sqlite3.Connection, numbers: list[tuple[object, ...]], plots: list[tuple[object, ...]]) -> None:
    connection.executemany("INSERT INTO scratch.number VALUES (?, ?, ?, ?, ?, ?, ?, ?)", numbers)
    connection.executemany("INSERT INTO scratch.plot VALUES (?, ?, ?, ?)", plots)
    numbers.clear()
    plots.clear()


def _place(row: AddressRow, places: dict[tuple[str, str, str, str], _BuiltPlace]) -> _BuiltPlace:
    kind = "street"
    if row.number is None:
        kind = "poi" if row.position == ESTABLISHMENT else "locality"
    key = (kind, row.citycode or row.city, row.street, row.street_id or row.old_city)
    found = places.get(key)
    if found is None:
        identifier = row.street_id or f"{row.citycode}_{row.street}"
        town = (row.citycode, row.city)
        found = places[key] = _BuiltPlace(len(places) + 1, kind, identifier, row.street, town)
    return found


def _write_places(connection: sqlite3.Connection, towns: dict[tuple[str, str], _BuiltTown]) -> dict[str, array[int]]:
    """Write towns and their places, and return the ranks of the places named with each word."""
    words: dict[str, array[int]] = defaultdict(lambda: array("I"))
    rank = 0
    for number, ((citycode, name), town) in enumerate(sorted(towns.items(), key=lambda one: one[0])):
        first = rank
        for place in sorted(town.places, key=lambda one: (one.name, one.ban_id)):
            own = tokens(place.name)
            for word in dict.fromkeys((*own, *(word for alias in sorted(place.aliases) for word in tokens(alias)))):
                words[word].append(rank)
            connection.execute(_INSERT_PLACE, _place_row(place, rank, number, own))
            rank += 1
        connection.execute(_INSERT_TOWN, _town_row(town, number, citycode, name, (first, rank)))
    return words


_INSERT_PLACE = "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_TOWN = "INSERT INTO town VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def _place_row(place: _BuiltPlace, rank: int, town: int, words: Sequence[str]) -> tuple[object, ...]:
    return (
        rank,
        place.id,
        town,
        place.kind,
        place.ban_id,
        place.name,
        "|".join(sorted(place.aliases)),
        "|".join(sorted(place.former)),
        ",".join(sorted(place.postcodes)),
        " ".join(words),
        round(place.lon / place.count * SCALE),
        round(place.lat / place.count * SCALE),
        place.position,
    )


def _town_row(town: _BuiltTown, number: int, citycode: str, name: str, ranks: tuple[int, int]) -> tuple[object, ...]:
    """Return the row of a town, located at the mean of its addresses."""
    count = sum(place.count for place in town.places)
    former = sorted(set().union(*(place.former for place in town.places)))
    postcodes = sorted(set().union(*(place.postcodes for place in town.places)))
    middle = (sum(place.lon for place in town.places) / count, sum(place.lat for place in town.places) / count)
    box = (town.west, town.south, town.east, town.north)
    scaled = [round(value * SCALE) for value in (*middle, *box)]
    return (number, citycode, name, "|".join(former), ",".join(postcodes), *ranks, *scaled)


def _write_deletions(connection: sqlite3.Connection, words: Iterable[str]) -> None:
    alphabetic = [word for word in words if word.isalpha()]
    pairs = {(letters, word) for word in alphabetic for letters in deletions(word)}
    pairs |= {(SOUND + sound(word), word) for word in alphabetic if len(word) >= SHORTEST_MISTYPED}
    connection.executemany("INSERT INTO deletion VALUES (?, ?)", sorted(pairs))
