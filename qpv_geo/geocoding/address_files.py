"""Read address files row by row: the CSV of the Base Adresse Nationale, its lieux-dits, and Bases Adresses Locales.

Formats: the 23-column BAN CSV and its ``lieux-dits`` file (semicolons, UTF-8, adresse.data.gouv.fr), BAL 1.3 and 1.4
(AITF). Columns are found by name, so extra or missing optional columns are harmless. Gzip is detected from the content.

How some columns are read, with sources:

- ``cad_parcelles``: plots separated by ``|`` (BAL 1.3 and 1.4; ``lib/formatters/csv-legacy.cjs`` of
  ``BaseAdresseNationale/ban-plateforme``, which writes the BAN's files). Anything that isn't a plot is ignored.
- ``alias``: another name of the street. Published empty since 2019 (``public/schemas/adresses-csv.md`` of
  ``BaseAdresseNationale/adresse.data.gouv.fr``), and no page says how several would be written: they are split on
  ``|`` only, as plots are, because names contain commas.
- ``voie_nom_bre``, ``voie_nom_eus``…: the street in a regional language (``lib/formatters/csv-bal.js``, as above).
  ``lieudit_complement_nom`` is the surrounding place, not another name of the street.
- ``x``, ``y``: metres in the territory's legal projected CRS (both formats), used if a row has no longitude and
  latitude.
"""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from typing import IO, TYPE_CHECKING, NamedTuple

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.geocoding.plots import plots_of_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_GZIP = b"\x1f\x8b"
_STREET_ID = re.compile(r"((?:\d{5}|2[AB]\d{3})_[0-9A-Za-z]+)_")
_OTHER_NAME = re.compile(r"voie_nom_[a-z]{3}")
_ONE_SYSTEM = re.compile(r"(?:0[1-9]|1\d|2[1-9AB]|[3-8]\d|9[0-5])\d{3}|97[1-46-8]\d\d")
"""INSEE codes for which the CRS of x and y is certain.

Polynésie (987) spans four UTM zones, and a point read in the wrong zone would be silently misplaced. `qpv_geo.crs` has
no CRS for 975, 986 and 988.
"""
_NO_NUMBER = 99999
"""The number that a BAL gives to a street or locality without house numbers."""
_LARGEST_NUMBER = 99999
"""Largest house number accepted: both formats allow five digits."""
_LON, _LAT = 180.0, 90.0
_METRES = 1e8
"""Above any projected coordinate: a larger value cannot be metres."""
UNPACKED_BYTES = 20_000_000_000
"""Largest size of what a gzip file unpacks to: four times the addresses of the whole country."""
_LINE = 1_000_000
"""Largest size of a line in bytes; a gzip of a few kilobytes can hold one that fills the memory."""
_BLOCK = 10_000
"""Rows projected at once; one at a time takes about thirty times as long."""


class AddressRow(NamedTuple):
    """A row of an address file.

    `number` is None for a locality. `position` is the kind of point as the file writes it, or empty. `street_id` is the
    identifier shared by all addresses of the street, empty if the file has none. `aliases` are other names of the
    street, `plots` the cadastral plots of the address, as `qpv_geo.geocoding.plots` writes them.
    """

    id: str
    street_id: str
    number: int | None
    suffix: str
    street: str
    postcode: str
    citycode: str
    city: str
    old_city: str
    lon: float
    lat: float
    position: str
    aliases: tuple[str, ...] = ()
    plots: tuple[str, ...] = ()


class _Columns(NamedTuple):
    """Column names of a format, by content; empty if the format has no such column."""

    key: str
    id: str
    number: str
    suffix: str
    street: str
    postcode: str
    citycode: str
    city: str
    old_city: str
    lon: str
    lat: str
    position: str
    alias: str
    plots: str


@dataclass(frozen=True)
class _Format:
    """How to read a format; its ``required`` columns, plus a pair of coordinates, identify it."""

    columns: _Columns
    required: frozenset[str]
    number: Callable[[str], int | None]
    street_id: Callable[[str], str]

    def describes(self, titles: set[str]) -> bool:
        columns = self.columns
        return self.required <= titles and ({columns.lon, columns.lat} <= titles or {"x", "y"} <= titles)


class _Projected(NamedTuple):
    """A row whose x and y, in metres, must be converted to degrees."""

    row: AddressRow
    x: float
    y: float


@contextmanager
def open_rows(
    path: Path, *, progress: Callable[[int], None] = lambda _done: None, limit: int = UNPACKED_BYTES
) -> Iterator[AddressRows]:
    """Open an address file for iterating over its rows.

    Parameters
    ----------
    path
        CSV, gzipped or not.
    progress
        Called about every 10,000 lines with the number of bytes of the file read so far.
    limit
        Largest size in bytes of its content, once unpacked.

    Raises
    ------
    FormatError
        The file is missing, is not an address file of a known format, is too large or has a line of over 1 MB, or has
        an unreadable row: the message gives its line.
    """
    if not path.is_file():
        raise FormatError(msg.errors.file_missing(str(path)))
    with path.open("rb") as raw:
        zipped = raw.read(2) == _GZIP
        raw.seek(0)
        with gzip.open(raw) if zipped else raw as content:
            yield AddressRows(_lines(content, path.name, limit), path.name, raw, progress)


class AddressRows:
    """Rows of an open address file, to iterate over once; created by `open_rows`.

    Rows come in file order, except those with ``x`` and ``y`` only, which are projected in blocks.

    Attributes
    ----------
    without_position
        Rows left out so far: without a position, or with ``x`` and ``y`` that fall outside their territory or have an
        unknown CRS. Final once all rows have been read.
    """

    def __init__(self, lines: Iterator[str], name: str, raw: IO[bytes], progress: Callable[[int], None]) -> None:
        self.without_position = 0
        self._lines, self._name, self._raw, self._progress = lines, name, raw, progress
        header = next(lines, "")
        self._separator = ";" if header.count(";") >= header.count(",") else ","
        titles = [title.strip().strip('"').lower() for title in header.strip().split(self._separator)]
        found = next((one for one in _FORMATS if one.describes(set(titles))), None)
        if found is None:
            raise FormatError(msg.address_errors.not_addresses(name, titles))
        self._reader = csv.reader(lines, delimiter=self._separator)
        self._width = len(titles)
        self._number, self._street_id = found.number, found.street_id
        self._fields, self._metres = _picker(titles, found.columns), _picker(titles, ("x", "y"))
        self._other_names = [k for k, title in enumerate(titles) if _OTHER_NAME.fullmatch(title)]
        self._waiting: list[_Projected] = []

    def __iter__(self) -> Iterator[AddressRow]:
        """Iterate over the rows that have a usable position."""
        reader = self._reader
        try:
            for cells in reader:
                row = self._row(cells) if cells else None
                if row is not None:
                    yield row
                elif len(self._waiting) == _BLOCK:
                    yield from self._flush()
                if not reader.line_num % 10_000:
                    self._progress(self._raw.tell())
        except csv.Error as error:  # a quotation mark left open swallows lines until the reader gives up
            raise FormatError(self._bad_row('"')) from error
        yield from self._flush()

    def _row(self, cells: list[str]) -> AddressRow | None:
        """Read a row; return None if its position must first be projected, or is unusable."""
        if len(cells) < self._width:
            cells.extend([""] * (self._width - len(cells)))
        cells.append("")  # the value of any column that the file lacks
        key, own_id, number, suffix, street, postcode, code, city, old_city, lon, lat, position, alias, plots = (
            self._fields(cells)
        )
        try:
            row = AddressRow(
                own_id or key,
                self._street_id(key),
                self._number(number),
                suffix,
                street,
                postcode,
                code,
                city,
                old_city,
                _bounded(lon, _LON) if lon or lat else 0.0,
                _bounded(lat, _LAT) if lon or lat else 0.0,
                position,
                self._names(street, alias, cells) if alias or self._other_names else (),
                plots_of_cell(plots) if plots else (),
            )
            if row.lon or row.lat:  # some programs write 0, 0 for no position
                return row
            self._wait(row, *self._metres(cells))
        except ValueError as error:
            raise FormatError(self._bad_row(self._separator.join(cells)[:80])) from error
        return None

    def _bad_row(self, text: str) -> str:
        return msg.address_errors.bad_address_row(self._name, self._reader.line_num + 1, text)

    def _names(self, street: str, alias: str, cells: Sequence[str]) -> tuple[str, ...]:
        """Return the other names of a street, without duplicates or its own name."""
        found = (*alias.split("|"), *(cells[k] for k in self._other_names))
        return tuple(dict.fromkeys(name for name in map(str.strip, found) if name and name != street))

    def _wait(self, row: AddressRow, x: str, y: str) -> None:
        """Queue a row without degrees for projection, or count it as left out."""
        if (x or y) and _ONE_SYSTEM.fullmatch(row.citycode):
            self._waiting.append(_Projected(row, _bounded(x, _METRES), _bounded(y, _METRES)))
        else:
            self.without_position += 1

    def _flush(self) -> Iterator[AddressRow]:
        """Project the queued rows, and iterate over those that fall in their territory."""
        waiting, self._waiting = self._waiting, []
        placed = _in_degrees(waiting) if waiting else []
        self.without_position += len(waiting) - len(placed)
        yield from placed


def _picker(titles: Sequence[str], columns: Sequence[str]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Return a function that picks some columns' cells from a row, the last cell for columns the file lacks."""
    at = {title: k for k, title in enumerate(titles) if title}
    return itemgetter(*(at.get(column, -1) for column in columns))


def _in_degrees(waiting: Sequence[_Projected]) -> list[AddressRow]:
    """Convert x and y of rows to longitude and latitude, and drop the rows that fall outside their territory."""
    import shapely  # noqa: PLC0415 - heavy, like the next one; most address files need no projection

    from qpv_geo.crs import TERRITORIES, territory_index, territory_of_commune, unproject  # noqa: PLC0415

    by_territory = defaultdict(list)
    for one in waiting:
        by_territory[territory_of_commune(one.row.citycode)].append(one)
    rows = []
    for k, territory in enumerate(TERRITORIES):
        some = by_territory[territory]
        points = shapely.points([one.x for one in some], [one.y for one in some])
        lon, lat = shapely.get_coordinates(unproject(points, territory)).T
        inside = territory_index(lon=lon, lat=lat) == k
        found = zip(some, lon.tolist(), lat.tolist(), inside.tolist(), strict=True)
        rows += [one.row._replace(lon=x, lat=y) for one, x, y, usable in found if usable]
    return rows


def _lines(content: IO[bytes] | gzip.GzipFile, name: str, limit: int) -> Iterator[str]:
    """Decode lines as they come; only errors raised while reading them become a `FormatError`."""
    done, encoding = 0, "utf-8-sig"
    try:
        while line := content.readline(_LINE + 1):
            done += len(line)
            if len(line) > _LINE:
                raise FormatError(msg.errors.line_too_long(name, _LINE))
            if done > limit:
                raise FormatError(msg.errors.unpacks_to_too_much(name, limit))
            yield line.decode(encoding)
            encoding = "utf-8"
    except UnicodeDecodeError as error:
        raise FormatError(msg.address_errors.not_utf8(name)) from error
    except (OSError, EOFError, zlib.error) as error:
        raise FormatError(msg.errors.not_gzip(name)) from error


def _house_number(text: str) -> int:
    value = int(text)
    if not 0 <= value <= _LARGEST_NUMBER:
        raise ValueError(text)
    return value


def _house_number_if_any(text: str) -> int | None:
    number = _house_number(text)
    return None if number == _NO_NUMBER else number


def _bounded(text: str, most: float) -> float:
    value = float(text)
    if not abs(value) <= most:  # NaN compares false
        raise ValueError(text)
    return value


def _street_part(identifier: str) -> str:
    """Return ``16015_00002`` for ``16015_00002_00099_bis``, or an empty string for identifiers of another form."""
    found = _STREET_ID.match(identifier)
    return found[1] if found else ""


_BAN = _Columns(
    key="id",
    id="",
    number="numero",
    suffix="rep",
    street="nom_voie",
    postcode="code_postal",
    citycode="code_insee",
    city="nom_commune",
    old_city="nom_ancienne_commune",
    lon="lon",
    lat="lat",
    position="type_position",
    alias="alias",
    plots="cad_parcelles",
)
_LIEUX_DITS = _BAN._replace(number="", suffix="", street="nom_lieu_dit", old_city="", alias="", plots="")
_BAL = _Columns(
    key="cle_interop",
    id="id_ban_adresse",
    number="numero",
    suffix="suffixe",
    street="voie_nom",
    postcode="",
    citycode="commune_insee",
    city="commune_nom",
    old_city="commune_deleguee_nom",
    lon="long",
    lat="lat",
    position="position",
    alias="",
    plots="cad_parcelles",
)
_FORMATS = (
    _Format(
        _BAN,
        frozenset({"id", "numero", "rep", "nom_voie", "code_postal", "code_insee", "nom_commune"}),
        _house_number,
        _street_part,
    ),
    _Format(
        _LIEUX_DITS, frozenset({"id", "nom_lieu_dit", "code_insee", "nom_commune"}), lambda _none: None, lambda key: key
    ),
    _Format(
        _BAL,
        frozenset({"cle_interop", "voie_nom", "numero", "suffixe", "commune_insee", "commune_nom"}),
        _house_number_if_any,
        _street_part,
    ),
)
