"""Find addresses in an index on disk: no network, only the towns loaded, under a millisecond per address.

An address is read (see `query.read`), the towns it may name give the ranges in which its street's words are looked up,
and the places with the most and the rarest of them are ranked by how alike the names are. If that fails, the search
is repeated with mistyped, glued and split words, and finally among all the streets of the towns.
"""

from __future__ import annotations

import math
import sqlite3
import threading
from contextlib import suppress
from functools import cached_property, wraps
from heapq import nlargest
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from qpv_geo import messages as msg
from qpv_geo.errors import InputError, IntegrityError
from qpv_geo.geocoding.accuracy import accuracy_m
from qpv_geo.geocoding.build import CELL_DEGREES, FORMAT, ROW, SCALE, cell
from qpv_geo.geocoding.gazetteer import department_of
from qpv_geo.geocoding.normalise import telling
from qpv_geo.geocoding.protocol import Candidate, MatchType, make_query
from qpv_geo.geocoding.query import read
from qpv_geo.geocoding.ranking import AS_WRITTEN, HOMONYMS_WITHIN, Ranking
from qpv_geo.geocoding.rows import NumberRow, PlaceRow
from qpv_geo.geocoding.towns import Towns
from qpv_geo.geocoding.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.geocoding.ranking import AsWritten, Ranked
    from qpv_geo.geocoding.towns import Town

_P = ParamSpec("_P")
_T = TypeVar("_T")

_RINGS = 2
_WIDEST = 6
"""Most cells east or west: enough for two rings up to 70 degrees of latitude."""

_PLACE = ", ".join(f"place.{name}" for name in PlaceRow._fields)
_NUMBER = ", ".join(f"number.{name}" for name in NumberRow._fields)
_BOTH = f"SELECT {_PLACE}, {_NUMBER} FROM number JOIN place ON place.id = number.place"  # noqa: S608 - constants
_IN_ORDER = " ORDER BY number.number, number.suffix"
_IN_CELLS = _BOTH + " WHERE number.cell IN ({})"
_IN_BOX = _BOTH + " WHERE number.cell BETWEEN ? AND ? AND number.lon BETWEEN ? AND ? AND number.lat BETWEEN ? AND ?"
_OF_ID = _BOTH + " WHERE place.ban_id = ? AND place.name = ?" + _IN_ORDER
_OF_PLOT = _BOTH + " JOIN plot ON plot.place = place.id AND plot.number = number.number AND plot.suffix = number.suffix"


def _readable(method: Callable[Concatenate[OfflineIndex, _P], _T]) -> Callable[Concatenate[OfflineIndex, _P], _T]:
    """Raise `IntegrityError` if the file was damaged or overwritten since it was opened."""

    @wraps(method)
    def checked(index: OfflineIndex, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return method(index, *args, **kwargs)
        except sqlite3.DatabaseError as error:
            raise IntegrityError(msg.address_errors.bad_address_index(str(index.path))) from error

    return checked


class OfflineIndex:
    """An address index; safe to share between threads.

    Parameters
    ----------
    path
        A file that `qpv_geo.geocoding.build.build` wrote.
    uri
        SQLite URI of a database to read instead of the file, such as one in memory that the caller keeps open.

    Raises
    ------
    IntegrityError
        The file is not an address index, or has an older format.
    """

    is_partial = False
    """Whether it holds only some places of a commune."""

    def __init__(self, path: Path, *, uri: str | None = None) -> None:
        self.path = path
        self._uri = uri or f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._local = threading.local()
        self._vocabulary = Vocabulary(lambda: self._connection)
        self._as_written: dict[object, AsWritten] = {}
        try:
            self.meta = dict(self._connection.execute("SELECT key, value FROM meta").fetchall())
        except sqlite3.DatabaseError as error:
            raise IntegrityError(msg.address_errors.bad_address_index(str(path))) from error
        if self.meta.get("format") != FORMAT:
            raise IntegrityError(msg.address_errors.bad_address_index(str(path)))

    @property
    def name(self) -> str:
        """Name in the evidence."""
        return f"index {self.meta['id']}"

    @property
    def is_loaded(self) -> bool:
        """Whether its towns are in memory, which the first search takes up to a second to read."""
        return "_towns" in self.__dict__

    @cached_property
    def departments(self) -> frozenset[str]:
        """Départements it has addresses in, as the first characters of an INSEE code: ``86``, ``2A``, ``974``."""
        return frozenset(department_of(town.citycode) for town in self._towns.all)

    @cached_property
    def _towns(self) -> Towns:
        return Towns(self._connection.execute("SELECT * FROM town ORDER BY id"))

    @property
    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self._uri, uri=True)
            self._local.connection = found
        return found

    @_readable
    def knows(self, word: str) -> bool:
        """Tell whether a folded word is in the name of some street, or a code is that of some town."""
        return self._vocabulary.knows(word) or (word.isdigit() and self._towns.has_code(word))

    @_readable
    def holds(self, citycode: str) -> bool:
        """Tell whether there are addresses of the commune with an INSEE code."""
        return bool(self._towns.of_citycode(citycode))

    @_readable
    def box(self, citycode: str) -> tuple[float, float, float, float] | None:
        """Return the bounding box of a commune's addresses, or None: west, south, east, north, degrees."""
        towns = self._towns.of_citycode(citycode)
        if not towns:
            return None
        low = min(one.west for one in towns), min(one.south for one in towns)
        high = max(one.east for one in towns), max(one.north for one in towns)
        west, south, east, north = (value / SCALE for value in (*low, *high))
        return west, south, east, north

    @_readable
    def search(self, query: Query, *, limit: int = 5, as_written: bool = False) -> list[Candidate]:
        """Return the candidates for an address, best first; see `qpv_geo.geocoding.protocol.Geocoder`.

        The score ranks them: it is 1 for an address exactly as written, and says nothing about the verdict.

        Parameters
        ----------
        as_written
            Whether to look for no mistyped word.

        Raises
        ------
        EffortError
            Mistyped words would have to be looked for.
        """
        ranking = Ranking(self._connection, self._vocabulary, self._towns, query, self._as_written)
        ranked = ranking.of(read(query.text), as_written=as_written)
        best = max((one.score for one in ranked), default=0.0)
        least = best - HOMONYMS_WITHIN if best >= AS_WRITTEN else 0.0  # an exact match competes only with homonyms
        if len(ranked) > limit:  # ties with the last one wanted are settled by name
            least = max(least, nlargest(limit, (one.score for one in ranked))[-1])
        found = [self._candidate(one) for one in ranked if one.score >= least]
        return sorted(found, key=lambda one: (-one.score, one.label, one.id))[:limit]

    @_readable
    def complete(self, text: str, *, limit: int = 5) -> list[Candidate]:
        """Return completions of an address being typed, whose last word may be unfinished: places, then towns.

        Each place is searched for as if typed in full, so a completion is what a search would then find.
        """
        reading = read(text)[0]
        words = [one for one in telling(reading.words) if one.isalnum()]
        if not words or not text[-1:].isalnum():
            return []
        number = "" if reading.numbers is None else str(reading.numbers.ends[0])
        found: list[Candidate] = []
        for place in self._vocabulary.beginning(words, limit=limit):
            town = self._towns.all[place.town]
            found += self._searched(number, place.name, place.postcodes.split(",")[0], town.name)
        for town in self._towns.beginning(words, limit=limit):
            found += self._searched("", "", "", town.name)
        return found[:limit]

    def _searched(self, *parts: str) -> list[Candidate]:
        with suppress(InputError):  # the name of a place may be too short for a query
            return self.search(make_query(" ".join(filter(None, parts))), limit=1)
        return []

    @_readable
    def reverse(self, *, lon: float, lat: float, limit: int = 1) -> list[Candidate]:
        """Return the house numbers nearest to a point, nearest first, within about 440 m.

        Their score is 1 at the point and falls to 0 at that distance.
        """
        near: list[Candidate] = []
        for ring in range(1, _RINGS + 1):
            near = self._near(lon, lat, ring)
            if sum(one.score >= 1 - ring / _RINGS for one in near) >= limit:
                break  # those beyond the ring are farther
        return near[:limit]

    @_readable
    def within(self, box: tuple[float, float, float, float], *, limit: int = 1_000) -> list[Candidate]:
        """Return the house numbers in a box, nearest to its centre first: west, south, east, north, degrees.

        Each row of cells of about 220 m is one range of the file: meant for the part of a town that a map shows.
        """
        west, south, east, north = box
        centre = (west + east) / 2, (south + north) / 2
        squeeze, columns = math.cos(math.radians(centre[1])), cell(east, south) - cell(west, south)
        edges = [round(value * SCALE) for value in (west, east, south, north)]
        first = range(cell(west, south), cell(west, north) + 1, ROW)
        found = [pair for start in first for pair in self._pairs(_IN_BOX, (start, start + columns, *edges))]

        def distance(pair: tuple[PlaceRow, NumberRow]) -> float:
            at = pair[1]
            return math.hypot((at.lon / SCALE - centre[0]) * squeeze, at.lat / SCALE - centre[1])

        return [self._door(place, number, 1.0) for place, number in sorted(found, key=distance)[:limit]]

    def _near(self, lon: float, lat: float, ring: int) -> list[Candidate]:
        """Return the house numbers around a point, nearest first, from at least `ring` cells in each direction."""
        here, squeeze = cell(lon, lat), math.cos(math.radians(lat))
        wide = min(math.ceil(ring / squeeze), _WIDEST)
        cells = [here + row * ROW + column for row in range(-ring, ring + 1) for column in range(-wide, wide + 1)]
        near = []
        for place, number in self._pairs(_IN_CELLS.format(",".join("?" * len(cells))), cells):
            east, north = (number.lon / SCALE - lon) * squeeze, number.lat / SCALE - lat
            score = 1 - math.hypot(east, north) / (_RINGS * CELL_DEGREES)
            if score > 0:
                near.append(self._door(place, number, round(score, 4)))
        return sorted(near, key=lambda one: (-one.score, one.id))

    @_readable
    def street_numbers(self, street: Candidate) -> list[Candidate]:
        """Return every house number of a street, in order; empty if the index has none.

        The street is found by its identifier and name or, failing that, by its name in its commune.
        """
        found = self._pairs(_OF_ID, (street.id, street.street)) or self._of_name(street)
        return [self._door(place, number, 1.0) for place, number in found]

    @_readable
    def at_plot(self, plot: str) -> list[Candidate]:
        """Return the house numbers on a cadastral plot (14 characters), in order."""
        return [self._door(*pair, 1.0) for pair in self._pairs(f"{_OF_PLOT} WHERE plot.plot = ?{_IN_ORDER}", (plot,))]

    def _of_name(self, street: Candidate) -> list[tuple[PlaceRow, NumberRow]]:
        towns = self._towns.of_citycode(street.citycode or "")
        marks = ",".join("?" * len(towns))
        statement = f"{_BOTH} WHERE place.name = ? AND place.town IN ({marks}){_IN_ORDER}"
        return self._pairs(statement, (street.street, *(town.id for town in towns)))

    def _pairs(self, statement: str, values: object) -> list[tuple[PlaceRow, NumberRow]]:
        n = len(PlaceRow._fields)
        rows = self._connection.execute(statement, values).fetchall()  # type: ignore[arg-type]
        return [(PlaceRow._make(row[:n]), NumberRow._make(row[n:])) for row in rows]

    # ── Candidates ───────────────────────────────────────────────────────────────────────────────────────────

    def _candidate(self, ranked: Ranked) -> Candidate:
        place, town = ranked.place, ranked.town
        if place is None:
            return self._commune(town, ranked.score)
        if ranked.number is not None:
            return self._door(place, ranked.number, ranked.score, ranked.postcode)
        return self._place(place, ranked.score, ranked.postcode)

    def _place(self, place: PlaceRow, score: float, postcode: str = "") -> Candidate:
        return self._at(place, place, score, postcode)

    def _door(self, place: PlaceRow, number: NumberRow, score: float, postcode: str = "") -> Candidate:
        house = f"{number.number} {number.suffix}" if number.suffix else str(number.number)
        return self._at(place, number, score, postcode, house)

    def _at(
        self, place: PlaceRow, point: PlaceRow | NumberRow, score: float, postcode: str, house: str | None = None
    ) -> Candidate:
        town, position = self._towns.all[place.town], point.position or None
        kind = MatchType(place.kind) if house is None else MatchType.HOUSENUMBER
        postcode = postcode or place.postcodes.partition(",")[0]
        return Candidate(
            label=" ".join(filter(None, (house, place.name, postcode, town.name))),
            score=score,
            type=kind,
            id=point.ban_id,
            housenumber=house,
            street=place.name,
            postcode=postcode or None,
            citycode=town.citycode,
            city=town.name,
            lon=point.lon / SCALE,
            lat=point.lat / SCALE,
            position=position,
            accuracy_m=accuracy_m(kind, position),
            source=self.name,
            edition=self.meta.get("edition"),
            former_city=place.former or None,
            aliases=place.aliases or None,
        )

    def _commune(self, town: Town, score: float) -> Candidate:
        return Candidate(
            label=town.name,
            score=score,
            type=MatchType.MUNICIPALITY,
            id=town.citycode,
            housenumber=None,
            street=None,
            postcode=next(iter(town.postcodes), None),
            citycode=town.citycode,
            city=town.name,
            lon=town.lon / SCALE,
            lat=town.lat / SCALE,
            position=None,
            accuracy_m=accuracy_m(MatchType.MUNICIPALITY, None),
            source=self.name,
            edition=self.meta.get("edition"),
            former_city="|".join(town.former) or None,
        )
