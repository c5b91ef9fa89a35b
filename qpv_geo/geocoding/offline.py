"""Find addresses in an index on disk: no network, nothing loaded, about a millisecond an address.

A query is read (see `normalise.readings`), its words are looked up, mistyped ones are replaced by those one error
away, the full-text index gives the places that hold them all (or else most of them), and these are ranked by how
alike the whole address is.
"""

from __future__ import annotations

import math
import sqlite3
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from qpv_geo.errors import InputError, IntegrityError
from qpv_geo.geocoding.accuracy import accuracy_m
from qpv_geo.geocoding.build import CELL_DEGREES, FORMAT, ROW, SCALE, SHORTEST_MISTYPED, cell, deletions
from qpv_geo.geocoding.normalise import mistyped_long_form, readings, telling
from qpv_geo.geocoding.protocol import Candidate, MatchType, make_query
from qpv_geo.texts import address_errors as say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qpv_geo.geocoding.normalise import HouseNumber, Reading
    from qpv_geo.geocoding.protocol import Query

_SURE = 0.95
_LOOKED_AT = 60
_MOST_VARIANTS = 8
_LONG_WORD = 8
_WORDS_KEPT = 20_000
"""Words whose variants an index remembers: a few megabytes."""
_ORDERLESS = 0.98
"""What a score is worth when the words are not in the order of the index."""
_NUMBER_UNKNOWN = 0.92
_TOWN_UNSAID = 0.69
"""Without a commune, a postcode or a filter, a street may be anywhere in France: never a sure match."""
_OTHER_CODE, _ELSEWHERE = 0.88, 0.6
"""The code typed is another: of the same département and with the commune said (a CEDEX has a code of its own), or
not: then it is another place of the same name, and never a sure match."""
_RINGS = 2
_WIDEST = 6
"""Most cells east or west: what two rings take up to 70 degrees of latitude."""


@dataclass(frozen=True)
class _Place:
    id: int
    kind: str
    ban_id: str
    name: str
    postcodes: str
    citycode: str
    city: str
    words: str
    city_words: str
    lon: int
    lat: int
    position: str


@dataclass(frozen=True)
class _Number:
    number: int
    suffix: str
    ban_id: str
    lon: int
    lat: int
    position: str


_PLACE_FIELDS = [field.name for field in fields(_Place)]
_PLACE = ", ".join(f"place.{name}" for name in _PLACE_FIELDS)
_NUMBER = ", ".join(f"number.{field.name}" for field in fields(_Number))
_BOTH = f"SELECT {_PLACE}, {_NUMBER} FROM number JOIN place ON place.id = number.place"  # noqa: S608 - constants
_IN_CELLS = _BOTH + " WHERE number.cell IN ({})"
_OF_ID = _BOTH + " WHERE place.ban_id = ? AND place.name = ? ORDER BY number.number, number.suffix"
_BEGINNING = (
    "SELECT place.name, place.postcodes, place.city, place.kind FROM search JOIN place ON place.id = search.rowid "
    "WHERE search MATCH ? ORDER BY rank LIMIT ?"
)
_OF_COMMUNE = _BOTH + " WHERE place.citycode = ? AND place.name = ? ORDER BY number.number, number.suffix"


class OfflineIndex:
    """An address index; safe to share between threads.

    Parameters
    ----------
    path
        A file that `qpv_geo.geocoding.build.build` wrote.
    uri
        Instead of a file: the SQLite URI of a database, such as one in memory that somebody keeps open.

    Raises
    ------
    IntegrityError
        The file is not an address index, or of a former format.
    """

    def __init__(self, path: Path, *, uri: str | None = None) -> None:
        self.path = path
        self._uri = uri or f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._local = threading.local()
        self._words: dict[str, list[str]] = {}
        try:
            self.meta = dict(self._connection.execute("SELECT key, value FROM meta").fetchall())
        except sqlite3.DatabaseError as error:
            raise IntegrityError(say.bad_address_index(str(path))) from error
        if self.meta.get("format") != FORMAT:
            raise IntegrityError(say.bad_address_index(str(path)))

    @property
    def name(self) -> str:
        """What the evidence calls it."""
        return f"index {self.meta['id']}"

    @cached_property
    def departments(self) -> frozenset[str]:
        """The départements it holds addresses of, as the first characters of an INSEE code: ``86``, ``2A``, ``974``."""
        rows = self._connection.execute("SELECT DISTINCT substr(citycode, 1, 3) FROM place").fetchall()
        return frozenset(code if code.startswith(("97", "98")) else code[:2] for (code,) in rows)

    @property
    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self._uri, uri=True)
            self._local.connection = found
        return found

    def search(self, query: Query, *, limit: int = 5) -> list[Candidate]:
        """Return the candidates for an address, best first; see `qpv_geo.geocoding.protocol.Geocoder`."""
        best: dict[tuple[int, str], Candidate] = {}
        sure = False
        for reading in self._readings(query.text):
            for place, candidate in self._read(reading, query):
                key = place.id, candidate.id
                if key not in best or best[key].score < candidate.score:
                    best[key] = candidate
                sure = sure or (candidate.score >= _SURE and _explains_numbers(reading, place))
            if sure:
                break
        return sorted(best.values(), key=lambda one: (-one.score, one.label, one.id))[:limit]

    def complete(self, text: str, *, limit: int = 5) -> list[Candidate]:
        """Return what an address that is being typed may become, best first: its last word may be a beginning.

        The places that hold such a word are searched for as if they had been typed whole, so that what is returned is
        what a search then finds.
        """
        reading = readings(text)[0]
        words = [one for one in telling(reading.words) if one.isalnum()]
        if not words or not text[-1:].isalnum():
            return []
        number = "" if reading.number is None else f"{reading.number.number} {reading.number.suffix}".strip()
        beginning = " AND ".join([*map(_quoted, words[:-1]), f"{_quoted(words[-1])}*"])
        found: list[Candidate] = []
        for name, postcodes, city, kind in self._connection.execute(_BEGINNING, (beginning, limit)).fetchall():
            parts = (city,) if kind == "municipality" else (number, name, postcodes.split(",")[0], city)
            with suppress(InputError):  # the name of a place may be shorter than an address
                found += self.search(make_query(" ".join(filter(None, parts))), limit=1)
        return found

    def _readings(self, text: str) -> Iterator[Reading]:
        """Return the ways to read an address, then each again with mistyped kinds of streets set right."""
        for reading in readings(text):
            yield reading
            words = tuple(self._corrected(word) for word in reading.words)
            if words != reading.words:
                yield replace(reading, words=words)

    def reverse(self, *, lon: float, lat: float, limit: int = 1) -> list[Candidate]:
        """Return the house numbers nearest to a point, nearest first; none where the nearest is half a kilometre away.

        Their score is 1 at the point and falls to 0 at that distance.
        """
        near: list[Candidate] = []
        for ring in range(1, _RINGS + 1):
            near = self._near(lon, lat, ring)
            if sum(one.score >= 1 - ring / _RINGS for one in near) >= limit:
                break  # those beyond the ring are farther
        return near[:limit]

    def _near(self, lon: float, lat: float, ring: int) -> list[Candidate]:
        """Return the house numbers of the cells around a point, so many cells each way as the crow flies."""
        here, squeeze = cell(lon, lat), math.cos(math.radians(lat))
        wide = min(math.ceil(ring / squeeze), _WIDEST)
        cells = [here + row * ROW + column for row in range(-ring, ring + 1) for column in range(-wide, wide + 1)]
        rows = self._connection.execute(_IN_CELLS.format(",".join("?" * len(cells))), cells)
        near = []
        for row in rows:
            place, number = _Place(*row[: len(_PLACE_FIELDS)]), _Number(*row[len(_PLACE_FIELDS) :])
            east, north = (number.lon / SCALE - lon) * squeeze, number.lat / SCALE - lat
            score = 1 - math.hypot(east, north) / (_RINGS * CELL_DEGREES)
            if score > 0:
                near.append(_candidate(place, number, round(score, 4), self.name, self.meta.get("edition")))
        return sorted(near, key=lambda one: (-one.score, one.id))

    def street_numbers(self, street: Candidate) -> list[Candidate]:
        """Return every house number of a street that was found, in order; none where the index knows none.

        The street is known by its identifier or, where the index has not that one, by its name in its commune.
        """
        for statement, key in ((_OF_ID, street.id), (_OF_COMMUNE, street.citycode)):
            rows = self._connection.execute(statement, (key, street.street)).fetchall()
            if rows:
                break
        places = len(_PLACE_FIELDS)
        found = [(_Place(*row[:places]), _Number(*row[places:])) for row in rows]
        return [_candidate(place, number, 1.0, self.name, self.meta.get("edition")) for place, number in found]

    def _read(self, reading: Reading, query: Query) -> list[tuple[_Place, Candidate]]:
        """Return the candidates for one way to read an address, each with its place in the index."""
        words = telling(reading.words)
        if not words:
            return []
        variants = [self._variants(word) for word in dict.fromkeys((*words, *reading.codes))]
        return [(place, self._scored(place, reading, query)) for place in self._places(variants, query)]

    def _corrected(self, word: str) -> str:
        """Return a word, or the abbreviation of a kind of street that it mistypes: the index holds no long form."""
        return word if self._variants(word) == [word] else mistyped_long_form(word) or word

    def _variants(self, word: str) -> list[str]:
        """Return what a word may be in the index, looked up once: many addresses share their words."""
        found = self._words.get(word)
        if found is None:
            if len(self._words) >= _WORDS_KEPT:
                self._words.clear()
            found = self._words[word] = self._looked_up(word)
        return found

    def _looked_up(self, word: str) -> list[str]:
        """Return a word that the index has, or else the nearest that it has, one error away.

        In a long word a letter may also be in another place altogether, which counts as two errors.
        """
        known = self._connection.execute("SELECT 1 FROM search WHERE search MATCH ? LIMIT 1", (_quoted(word),))
        if known.fetchone() is not None:
            return [word]
        if len(word) < SHORTEST_MISTYPED or not word.isalpha():
            return []
        marks = list(dict.fromkeys(deletions(word)))
        query = f"SELECT DISTINCT word FROM deletion WHERE letters IN ({','.join('?' * len(marks))})"  # noqa: S608
        errors = 2 if len(word) >= _LONG_WORD else 1
        near = [(OSA.distance(word, other), other) for (other,) in self._connection.execute(query, marks)]
        return [other for distance, other in sorted(near) if distance <= errors][:_MOST_VARIANTS]

    def _places(self, variants: list[list[str]], query: Query) -> list[_Place]:
        """Return the places that hold all the words, else all but one, else those that hold the most and rarest."""
        known = [" OR ".join(map(_quoted, some)) for some in variants if some]
        if not known:
            return []
        found = self._matching(_all_of(known), query)
        if not found and len(known) > 2:  # noqa: PLR2004 - of two words, each alone is what the last search looks for
            without_one = [known[:k] + known[k + 1 :] for k in range(len(known))]
            by_id = {place.id: place for some in without_one for place in self._matching(_all_of(some), query)}
            found = list(by_id.values())
        if not found and len(known) > 1:
            found = self._matching(" OR ".join(known), query)
        return found

    def _matching(self, expression: str, query: Query) -> list[_Place]:
        """Return the places that match, or the rarest in words of too many: only then is their rank worth its time."""
        filters, values = "", [expression]
        if query.citycode is not None:
            filters, values = " AND place.citycode = ?", [*values, query.citycode]
        if query.postcode is not None:
            filters, values = f"{filters} AND instr(place.postcodes, ?)", [*values, query.postcode]
        statement = f"SELECT {_PLACE} FROM search JOIN place ON place.id = search.rowid WHERE search MATCH ?{filters}"  # noqa: S608 - constants
        rows = self._connection.execute(f"{statement} LIMIT {_LOOKED_AT + 1}", values).fetchall()
        if len(rows) > _LOOKED_AT:
            rows = self._connection.execute(f"{statement} ORDER BY rank LIMIT {_LOOKED_AT}", values).fetchall()
        return [_Place(*row) for row in rows]

    def _scored(self, place: _Place, reading: Reading, query: Query) -> Candidate:
        """Return a place as a candidate: its score is how alike the two addresses are, less what does not fit."""
        fits = bool(set(reading.codes) & {*place.postcodes.split(","), place.citycode})
        told = fits or query.postcode is not None or query.citycode is not None
        whole, street = _alike(reading.words, place)
        score = max(whole, street if told or place.kind == "municipality" else street * _TOWN_UNSAID)
        if reading.codes and not fits:
            near = any(code[:2] == place.citycode[:2] for code in reading.codes)
            score *= _OTHER_CODE if near and whole > street else _ELSEWHERE
        number = None
        if reading.number is not None:
            number = self._number(place, reading.number)
            if number is None:
                score *= _NUMBER_UNKNOWN
        return _candidate(place, number, round(score, 4), self.name, self.meta.get("edition"))

    def _number(self, place: _Place, wanted: HouseNumber) -> _Number | None:
        rows = self._connection.execute(
            "SELECT number, suffix, ban_id, lon, lat, position FROM number WHERE place = ? AND number = ?",
            (place.id, wanted.number),
        ).fetchall()
        found = [_Number(*row) for row in rows]
        exact = [one for one in found if one.suffix == wanted.suffix]
        alike = [one for one in found if wanted.suffix and one.suffix[:1] == wanted.suffix[:1]]
        return next(iter(exact or alike), None)


def _explains_numbers(reading: Reading, place: _Place) -> bool:
    """Tell whether the name of a place has all the numbers that were not read as the house number."""
    typed = Counter(word for word in reading.words if word[0].isdigit())
    return typed <= Counter(f"{place.words} {place.city_words}".replace("|", " ").split())


def _alike(words: tuple[str, ...], place: _Place) -> tuple[float, float]:
    """Return how alike what was typed and a place are, 0 to 1: with its commune, whatever its name was, and without."""
    typed = " ".join(words)
    towns = place.city_words.split("|")
    whole = max(_ratio(typed, f"{place.words} {town}".strip()) for town in towns)
    return whole, _ratio(typed, place.words)


def _ratio(one: str, other: str) -> float:
    return max(fuzz.ratio(one, other), _ORDERLESS * fuzz.token_sort_ratio(one, other)) / 100


def _candidate(place: _Place, number: _Number | None, score: float, source: str, edition: str | None) -> Candidate:
    kind = MatchType.HOUSENUMBER if number else MatchType(place.kind)
    house = None if number is None else f"{number.number} {number.suffix}".strip()
    postcode = place.postcodes.split(",")[0]
    street = None if kind is MatchType.MUNICIPALITY else place.name
    parts = (postcode, place.city) if street else (place.city,)
    label = " ".join(part for part in (house, street, *parts) if part)
    position = number.position if number else place.position
    return Candidate(
        label=label,
        score=score,
        type=kind,
        id=number.ban_id if number else place.ban_id,
        housenumber=house,
        street=street,
        postcode=postcode or None,
        citycode=place.citycode,
        city=place.city,
        lon=(number or place).lon / SCALE,
        lat=(number or place).lat / SCALE,
        position=position or None,
        accuracy_m=accuracy_m(kind, position or None),
        source=source,
        edition=edition,
    )


def _all_of(expressions: list[str]) -> str:
    return " AND ".join(f"({one})" for one in expressions)


def _quoted(word: str) -> str:
    return f'"{word}"'
