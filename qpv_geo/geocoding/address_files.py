"""Read address files row by row: the CSV of the Base Adresse Nationale, its lieux-dits, and Bases Adresses Locales.

Formats: the 23-column BAN CSV and its ``lieux-dits`` file (semicolons, UTF-8, adresse.data.gouv.fr), BAL 1.3 and 1.4
(AITF). Columns are found by name, so that one more or less does no harm. Gzip is seen from the content.
"""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, NamedTuple

from qpv_geo.errors import FormatError
from qpv_geo.texts import address_errors as say_of_addresses
from qpv_geo.texts import errors as say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_GZIP = b"\x1f\x8b"
_STREET_ID = re.compile(r"((?:\d{5}|2[AB]\d{3})_[0-9A-Za-z]+)_")
_NO_NUMBER = 99999
"""The number that a BAL gives to a street or locality without house numbers."""
_LARGEST_NUMBER = 99999
"""Larger than any house number in either format, which allow five digits."""
_LON, _LAT = 180.0, 90.0


class AddressRow(NamedTuple):
    """A row of an address file.

    `number` is None for a locality. `position` is what the point is, in the words of the file, or empty. `street_id`
    is the identifier that all the addresses of the street share, empty where the file has none.
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


@dataclass(frozen=True)
class _Columns:
    """Where each field is in a format, by name; ``required`` tells the format from the others."""

    name: str
    required: tuple[str, ...]
    read: Callable[[Mapping[str, int], Sequence[str]], AddressRow | None]


@contextmanager
def open_rows(path: Path, *, progress: Callable[[int], None] = lambda _done: None) -> Iterator[Iterator[AddressRow]]:
    """Open an address file and iterate over its rows.

    Parameters
    ----------
    path
        CSV, gzipped or not.
    progress
        Told how many bytes of the file have been read, now and then.

    Raises
    ------
    FormatError
        Not an address file of a known format, or a row that cannot be read: the message gives its line.
    """
    if not path.is_file():
        raise FormatError(say.file_missing(str(path)))
    with path.open("rb") as raw:
        zipped = raw.read(2) == _GZIP
        raw.seek(0)
        with gzip.open(raw) if zipped else raw as content:
            yield _rows(_lines(content, path.name), path.name, raw, progress)


def _lines(content: Iterable[bytes], name: str) -> Iterator[str]:
    """Decode lines as they come; only what goes wrong in reading them is told as an error of the file."""
    try:
        for k, line in enumerate(content):
            yield line.decode("utf-8-sig" if k == 0 else "utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(say_of_addresses.not_utf8(name)) from error
    except (OSError, EOFError, zlib.error) as error:
        raise FormatError(say.not_gzip(name)) from error


def _rows(lines: Iterator[str], name: str, raw: IO[bytes], progress: Callable[[int], None]) -> Iterator[AddressRow]:
    header = next(lines, "")
    separator = ";" if header.count(";") >= header.count(",") else ","
    titles = [title.strip().strip('"').lower() for title in header.strip().split(separator)]
    columns = next((one for one in _FORMATS if set(one.required) <= set(titles)), None)
    if columns is None:
        raise FormatError(say_of_addresses.not_addresses(name, titles))
    at = {title: k for k, title in enumerate(titles)}
    read, width = columns.read, len(titles)
    for line, found in _cells(lines, separator, name):
        cells = found if len(found) >= width else [*found, *[""] * (width - len(found))]
        try:
            row = read(at, cells)
        except ValueError as error:
            raise FormatError(say_of_addresses.bad_address_row(name, line, ";".join(cells)[:80])) from error
        if row is not None:
            yield row
        if line % 10_000 == 0:
            progress(raw.tell())


def _cells(lines: Iterator[str], separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Return each row with its line; a quotation mark left open swallows lines until the reader gives up."""
    reader = csv.reader(lines, delimiter=separator)
    try:
        for cells in reader:
            yield reader.line_num + 1, cells
    except csv.Error as error:
        raise FormatError(say_of_addresses.bad_address_row(name, reader.line_num + 1, '"')) from error


def _house_number(text: str) -> int:
    value = int(text)
    if not 0 <= value <= _LARGEST_NUMBER:
        raise ValueError(text)
    return value


def _degrees(text: str, most: float) -> float:
    value = float(text)
    if not abs(value) <= most:  # NaN compares false
        raise ValueError(text)
    return value


def _ban(at: Mapping[str, int], cells: Sequence[str]) -> AddressRow | None:
    identifier = cells[at["id"]]
    return AddressRow(
        identifier,
        _street_part(identifier),
        _house_number(cells[at["numero"]]),
        cells[at["rep"]],
        cells[at["nom_voie"]],
        cells[at["code_postal"]],
        cells[at["code_insee"]],
        cells[at["nom_commune"]],
        cells[at["nom_ancienne_commune"]] if "nom_ancienne_commune" in at else "",
        _degrees(cells[at["lon"]], _LON),
        _degrees(cells[at["lat"]], _LAT),
        cells[at["type_position"]] if "type_position" in at else "",
    )


def _lieux_dits(at: Mapping[str, int], cells: Sequence[str]) -> AddressRow | None:
    if not cells[at["lon"]]:
        return None  # a name without a place
    return AddressRow(
        cells[at["id"]],
        cells[at["id"]],
        None,
        "",
        cells[at["nom_lieu_dit"]],
        cells[at["code_postal"]] if "code_postal" in at else "",
        cells[at["code_insee"]],
        cells[at["nom_commune"]],
        "",
        _degrees(cells[at["lon"]], _LON),
        _degrees(cells[at["lat"]], _LAT),
        cells[at["type_position"]] if "type_position" in at else "",
    )


def _bal(at: Mapping[str, int], cells: Sequence[str]) -> AddressRow | None:
    if not cells[at["long"]]:
        return None  # a name without a place
    number = _house_number(cells[at["numero"]])
    key = cells[at["cle_interop"]]
    return AddressRow(
        (cells[at["id_ban_adresse"]] if "id_ban_adresse" in at else "") or key,
        _street_part(key),
        None if number == _NO_NUMBER else number,
        cells[at["suffixe"]],
        cells[at["voie_nom"]],
        "",
        cells[at["commune_insee"]],
        cells[at["commune_nom"]],
        cells[at["commune_deleguee_nom"]] if "commune_deleguee_nom" in at else "",
        _degrees(cells[at["long"]], _LON),
        _degrees(cells[at["lat"]], _LAT),
        cells[at["position"]] if "position" in at else "",
    )


def _street_part(identifier: str) -> str:
    """Return ``16015_00002`` of ``16015_00002_00099_bis``; nothing of an identifier that is not so made."""
    found = _STREET_ID.match(identifier)
    return found[1] if found else ""


_FORMATS = (
    _Columns(
        "BAN",
        ("id", "numero", "rep", "nom_voie", "code_postal", "code_insee", "nom_commune", "lon", "lat"),
        _ban,
    ),
    _Columns("lieux-dits", ("id", "nom_lieu_dit", "code_insee", "nom_commune", "lon", "lat"), _lieux_dits),
    _Columns(
        "BAL",
        ("cle_interop", "voie_nom", "numero", "suffixe", "commune_insee", "commune_nom", "long", "lat"),
        _bal,
    ),
)
