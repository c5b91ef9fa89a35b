"""Build an address index: one SQLite file that is searched without loading it.

Streets, localities and communes are the documents of a full-text index of their abbreviated words; house numbers are
beside, in the order of their street. A table of the words with one letter left out finds typed errors without walking
the vocabulary (the deletion method of SymSpell: two words one error apart share a deletion).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from qpv_geo.geocoding.accuracy import ESTABLISHMENT
from qpv_geo.geocoding.normalise import suffix, tokens

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from qpv_geo.geocoding.address_files import AddressRow

FORMAT = "3"
"""Changes when a file built before can no longer be read."""

CELL_DEGREES = 0.002
"""Size of the cells by which the nearest addresses of a point are found: some 220 m by 150 m."""

ROW = 1_000_000
"""What is added to the number of a cell for the cell north of it."""

SHORTEST_MISTYPED = 4
"""Letters from which a word may be mistyped: below, too many words are one error apart."""

SCALE = 10_000_000
"""Degrees are kept as integers of 1e-7, about a centimetre."""

_BATCH = 20_000
_SCHEMA = """
PRAGMA page_size = 8192;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE place (
    id INTEGER PRIMARY KEY, kind TEXT, ban_id TEXT, name TEXT, postcodes TEXT, citycode TEXT, city TEXT,
    words TEXT, city_words TEXT, lon INTEGER, lat INTEGER, position TEXT
);
CREATE TABLE number (
    place INTEGER, number INTEGER, suffix TEXT, ban_id TEXT, lon INTEGER, lat INTEGER, position TEXT, cell INTEGER,
    PRIMARY KEY (place, number, suffix, ban_id)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5(words, content='', detail=none, tokenize='ascii');
CREATE TABLE deletion (letters TEXT, word TEXT, PRIMARY KEY (letters, word)) WITHOUT ROWID;
"""


@dataclass(eq=False)
class _Place:
    """A street, a locality or a commune as its rows come."""

    id: int
    kind: str
    ban_id: str
    name: str
    citycode: str
    city: str
    postcodes: set[str] = field(default_factory=set)
    old_cities: set[str] = field(default_factory=set)
    count: int = 0
    lon: float = 0.0
    lat: float = 0.0
    position: str = ""

    def add(self, row: AddressRow) -> None:
        """Take note of an address."""
        self.count += 1
        self.lon += row.lon
        self.lat += row.lat
        if row.postcode:
            self.postcodes.add(row.postcode)
        if row.old_city and row.old_city != self.city:
            self.old_cities.add(row.old_city)


def build(connection: sqlite3.Connection, rows: Iterable[AddressRow], meta: dict[str, str]) -> int:
    """Write an index and return how many rows it was made of.

    Parameters
    ----------
    connection
        An empty database.
    rows
        The addresses, in any order; streets are held in memory, house numbers are not.
    meta
        What to keep of the file they come from.
    """
    connection.executescript(_SCHEMA)
    places: dict[tuple[str, str, str, str], _Place] = {}
    count = _write_numbers(connection, rows, places)
    _add_communes(places)
    _write_places(connection, places.values())
    _write_deletions(connection)
    connection.execute("CREATE INDEX number_cell ON number (cell)")
    connection.execute("CREATE INDEX place_name ON place (citycode, name)")
    connection.execute("CREATE INDEX place_ban_id ON place (ban_id)")
    connection.execute("INSERT INTO search (search) VALUES ('optimize')")
    facts = meta | {"format": FORMAT, "rows": str(count), "places": str(len(places))}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", sorted(facts.items()))
    connection.commit()
    return count


def cell(lon: float, lat: float) -> int:
    """Return the number of the cell that holds a point."""
    return int((lat + 90) / CELL_DEGREES) * ROW + int((lon + 180) / CELL_DEGREES)


def deletions(word: str) -> Iterator[str]:
    """Return a word and what is left of it without one of its letters."""
    yield word
    if len(word) >= SHORTEST_MISTYPED:
        for k in range(len(word)):
            yield word[:k] + word[k + 1 :]


def _write_numbers(
    connection: sqlite3.Connection, rows: Iterable[AddressRow], places: dict[tuple[str, str, str, str], _Place]
) -> int:
    """Write house numbers as they come, and gather their streets."""
    batch: list[tuple[object, ...]] = []
    count = 0
    for row in rows:
        count += 1
        place = _place(row, places)
        place.add(row)
        if row.number is None:
            place.position = row.position
            continue
        lon, lat = round(row.lon * SCALE), round(row.lat * SCALE)
        where = cell(row.lon, row.lat)
        batch.append((place.id, row.number, suffix(row.suffix), row.id, lon, lat, row.position, where))
        if len(batch) >= _BATCH:
            connection.executemany("INSERT OR REPLACE INTO number VALUES (?, ?, ?, ?, ?, ?, ?, ?)", batch)
            batch.clear()
    connection.executemany("INSERT OR REPLACE INTO number VALUES (?, ?, ?, ?, ?, ?, ?, ?)", batch)
    return count


def _place(row: AddressRow, places: dict[tuple[str, str, str, str], _Place]) -> _Place:
    kind = "street"
    if row.number is None:
        kind = "poi" if row.position == ESTABLISHMENT else "locality"
    key = (kind, row.citycode, row.street, row.street_id)
    found = places.get(key)
    if found is None:
        identifier = row.street_id or f"{row.citycode}_{row.street}"
        found = places[key] = _Place(len(places) + 1, kind, identifier, row.street, row.citycode, row.city)
    return found


def _add_communes(places: dict[tuple[str, str, str, str], _Place]) -> None:
    """Make a place of each commune, in the middle of its addresses; published places alone do not tell where it is."""
    members: dict[str, list[_Place]] = defaultdict(list)
    for place in places.values():
        if place.kind != "poi":
            members[place.citycode].append(place)
    for citycode, some in members.items():
        commune = _Place(len(places) + 1, "municipality", citycode, some[0].city, citycode, some[0].city)
        commune.count = sum(place.count for place in some)
        commune.lon, commune.lat = sum(place.lon for place in some), sum(place.lat for place in some)
        commune.postcodes = set().union(*(place.postcodes for place in some))
        places["municipality", citycode, "", ""] = commune


def _write_places(connection: sqlite3.Connection, places: Iterable[_Place]) -> None:
    for place in places:
        words = tokens(place.name)
        towns = [tokens(name) for name in (place.city, *sorted(place.old_cities))]
        town_words = [] if place.kind == "municipality" else [" ".join(town) for town in towns]
        connection.execute(
            "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                place.id,
                place.kind,
                place.ban_id,
                place.name,
                ",".join(sorted(place.postcodes)),
                place.citycode,
                place.city,
                " ".join(words),
                "|".join(town_words),
                round(place.lon / place.count * SCALE),
                round(place.lat / place.count * SCALE),
                place.position,
            ),
        )
        codes = (*sorted(place.postcodes), place.citycode)  # what people type may be either
        document = " ".join(dict.fromkeys((*words, *chain.from_iterable(towns), *codes)))
        connection.execute("INSERT INTO search (rowid, words) VALUES (?, ?)", (place.id, document))


def _write_deletions(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, search, row)")
    words = [word for (word,) in connection.execute("SELECT term FROM temp.vocabulary") if word.isalpha()]
    pairs = sorted({(letters, word) for word in words for letters in deletions(word)})
    connection.executemany("INSERT INTO deletion VALUES (?, ?)", pairs)
