"""Find the columns of the place and date of each row: named by the user, or guessed from usual names.

Guesses are shown before the run. A date is never guessed: a birth date could be taken for the date of the question.
Nor is an address, if the coordinates of the table are those the national service found for it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.tables.written_places import PairOrder, pair_order
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_LON = ("lon", "longitude", "lng", "long", "x", "coord x", "x wgs84", "lon wgs84")
_LAT = ("lat", "latitude", "y", "coord y", "y wgs84", "lat wgs84")
_POINT = (
    *("geo shape", "geoshape", "the geom", "geom", "geometry", "geometrie", "wkt", "geojson", "wkt geom"),
    *("geo point 2d", "geopoint2d", "geo point", "geopoint", "coordonnees gps", "gps", "latlon", "lat lon", "lonlat"),
    *("lon lat", "latitude longitude", "longitude latitude"),
)
"""Whole places in one cell; shapes come first, as the point beside them is only their centre."""
_WHOLE = ("adresse postale", "adresse", "address", "libelle adresse", "adr", "q")
_NUMBER = ("numero", "numero voie", "num voie", "no voie", "n voie")
_SUFFIX = ("rep", "repetition", "indice repetition", "suffixe")
_KIND = ("type voie", "nature voie")
_STREET = ("nom voie", "voie", "libelle voie", "rue", "nom rue")
_POSTCODE = ("code postal", "codepostal", "cp", "postcode", "code post")
_CITY = ("commune", "ville", "nom commune", "libelle commune", "city", "localite")
_CITYCODE = (
    "code insee",
    "codeinsee",
    "insee",
    "citycode",
    "insee com",
    "code commune",
    "depcom",
    "code insee commune",
)
_MATCH_TYPE, _MATCH_LON = ("result type",), ("result longitude",)
"""Columns of the national service: the match type, and its own longitude if the table also has another."""
_DATE = ("date", "date demande", "date depot", "on")
_BIRTH = ("nais", "birth")
_ADDRESS_WORDS, _WHOLE_WORDS = {"adresse", "address", "adr"}, {"complete", "complet", "full"}


@dataclass(frozen=True)
class NamedColumns:
    """The columns named by the user; empty or None if not named."""

    address: tuple[str, ...] = ()
    lon: str | None = None
    lat: str | None = None
    date: str | None = None
    postcode: str | None = None
    citycode: str | None = None
    point: str | None = None
    amount: str | None = None
    case: str | None = None

    @property
    def place(self) -> bool:
        """Whether a column of places is named."""
        return bool(self.address or self.lon or self.lat or self.point)


@dataclass(frozen=True)
class Columns:
    """The columns to use, by position in the table.

    Attributes
    ----------
    address
        Columns to join, in this order, for rows without coordinates.
    address_postcodes, address_cities
        Columns of `address` named as postcodes, or as names of communes.
    lon, lat, date, postcode, citycode, amount, case
        None if absent.
    point
        Column of whole places: pairs of coordinates, WKT or GeoJSON.
    point_order
        Order of the pairs.
    is_date_by_name
        Whether the name of the column of dates says that it holds dates.
    match_type
        Match type of the national service if the coordinates are its own; it gives their accuracy.
    geometry
        Whether the geometries of the table are checked.
    guessed
        Whether the user named no column of places.
    unused_date
        A column that looks like a date but is not used.
    """

    address: tuple[int, ...] = ()
    address_postcodes: tuple[int, ...] = ()
    address_cities: tuple[int, ...] = ()
    lon: int | None = None
    lat: int | None = None
    date: int | None = None
    postcode: int | None = None
    citycode: int | None = None
    amount: int | None = None
    case: int | None = None
    match_type: int | None = None
    geometry: bool = False
    guessed: bool = False
    unused_date: int | None = None
    point: int | None = None
    point_order: PairOrder = PairOrder.UNKNOWN
    is_date_by_name: bool = False

    @property
    def has_points(self) -> bool:
        """Whether columns give points, or whole places."""
        return self.lon is not None or self.point is not None

    @property
    def used(self) -> tuple[int, ...]:
        """The positions of all columns to read."""
        single = (self.lon, self.lat, self.point, self.date, self.postcode, self.citycode, self.amount, self.case)
        named = (*self.address, *single, self.match_type)
        return tuple(dict.fromkeys(one for one in named if one is not None))

    def same_name(self, names: Sequence[str]) -> dict[str, int]:
        """Return how many columns have the name of a column to use, where it isn't the only one."""
        folded = [fold(name) for name in names]
        count = {names[k]: folded.count(folded[k]) for k in self.used}
        return {name: some for name, some in count.items() if some > 1}

    def named(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the names of the columns to use, for JSON; `names` are those of the table."""
        single = {"lon": self.lon, "lat": self.lat, "point": self.point, "date": self.date}
        single |= {"postcode": self.postcode, "citycode": self.citycode, "amount": self.amount}
        single |= {"case": self.case, "match_type": self.match_type}
        used: dict[str, Any] = {name: names[place] for name, place in single.items() if place is not None}
        if self.address:
            used["address"] = [names[place] for place in self.address]
        return used | {"geometry": self.geometry, "guessed": self.guessed}


def find_columns(names: Sequence[str], named: NamedColumns, *, has_geometry: bool) -> Columns:
    """Return the columns to use.

    Parameters
    ----------
    names
        Columns of the table, in order; the first of several with the same name is used.
    named
        Columns named by the user; if they give a place, none is guessed.
    has_geometry
        Whether the rows have geometries, which are checked unless columns of places are named.

    Raises
    ------
    InputError
        A column is missing, only one coordinate is named, or no column gives a place.
    """
    asked = {field.name: getattr(named, field.name) for field in fields(NamedColumns)}
    place = {name: _position(names, value) for name, value in asked.items() if isinstance(value, str)}
    address = tuple(_position(names, one) for one in named.address)
    if ("lon" in place) != ("lat" in place):
        raise InputError(msg.batch.half_coordinates("longitude" if "lat" in place else "latitude"))
    if {"lon", "point"} <= place.keys():
        raise InputError(msg.place_errors.two_places())
    said = bool(address or "lon" in place or "point" in place)
    guess = _Guess(names)
    if not said and not has_geometry:
        place |= guess.coordinates() or guess.point()
    match_type = guess.match_type(place["lon"]) if "lon" in place else None
    if not said and not has_geometry and match_type is None:
        address = guess.address()
    found = Columns(
        address=address,
        address_postcodes=tuple(k for k in address if fold(names[k]) in _POSTCODE),
        address_cities=tuple(k for k in address if fold(names[k]) in _CITY),
        match_type=match_type,
        geometry=has_geometry and not said,
        guessed=not said,
        unused_date=None if "date" in place else guess.date(),
        is_date_by_name="date" in place
        and not {"date", "dates", "jour"}.isdisjoint(fold(names[place["date"]]).split()),
        point_order=pair_order(names[place["point"]]) if "point" in place else PairOrder.UNKNOWN,
        **place,
    )
    if not (found.address or found.has_points or found.geometry):
        raise InputError(msg.batch.no_place(names))
    if found.address and found.citycode is None and not said:
        return replace(found, citycode=guess.first(_CITYCODE))
    return found


def names_columns(names: Sequence[str], named: NamedColumns) -> bool:
    """Tell whether a row can be the header, that is, names the columns needed."""
    try:
        find_columns(names, named, has_geometry=False)
    except InputError:
        return False
    return True


def _position(names: Sequence[str], wanted: str) -> int:
    """Return the position of a column by its exact name, else by its name without case and accents."""
    for alike in (lambda name: name == wanted, lambda name: bool(fold(name)) and fold(name) == fold(wanted)):
        found = [k for k, name in enumerate(names) if alike(name)]
        if found:
            return found[0]
    raise InputError(msg.batch.no_such_column(wanted, names))


class _Guess:
    def __init__(self, names: Sequence[str]) -> None:
        self._places: dict[str, int] = {}
        for k, name in enumerate(names):
            self._places.setdefault(fold(name), k)

    def first(self, wanted: Iterable[str]) -> int | None:
        return next((self._places[name] for name in wanted if name in self._places), None)

    def coordinates(self) -> dict[str, int]:
        lon, lat = self.first(_LON), self.first(_LAT)
        return {} if lon is None or lat is None else {"lon": lon, "lat": lat}

    def point(self) -> dict[str, int]:
        point = self.first(_POINT)
        return {} if point is None else {"point": point}

    def match_type(self, lon: int) -> int | None:
        """Return the column of the match type, unless it belongs to other coordinates than those used."""
        return self.first(_MATCH_TYPE) if self.first(_MATCH_LON) in {None, lon} else None

    def date(self) -> int | None:
        """Return a column that may be the date of the question."""
        usual = self.first(_DATE)
        if usual is not None:
            return usual
        return self._like(lambda name: name.startswith("date") and not any(word in name for word in _BIRTH))

    def _like(self, fits: Callable[[str], bool]) -> int | None:
        return next((place for name, place in self._places.items() if fits(name)), None)

    def address(self) -> tuple[int, ...]:
        """Return the columns of an address: a complete one alone, or those of a street, a postcode and a commune."""
        complete = self._like(
            lambda name: bool(_ADDRESS_WORDS & set(name.split()) and _WHOLE_WORDS & set(name.split()))
        )
        if complete is not None:
            return (complete,)
        whole = self.first(_WHOLE)
        street = (whole,) if whole is not None else tuple(map(self.first, (_NUMBER, _SUFFIX, _KIND, _STREET)))
        if whole is None and street[-1] is None:
            return ()
        return tuple(one for one in (*street, self.first(_POSTCODE), self.first(_CITY)) if one is not None)
