"""Read one cell of a table of projects; an invalid cell raises `ValueError`, which says what is expected.

A cell is a value from a reader of `qpv_geo.tables`, never empty: text, a number, a list or a geometry.
"""

from __future__ import annotations

import json
import math
import re
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.projects.amounts import parse_amount
from qpv_geo.tables.written_places import PairOrder, read_place
from qpv_geo.text_normalisation import fold, shown

if TYPE_CHECKING:
    from decimal import Decimal

    from qpv_geo.untyped import Geometry

YEARS = range(1970, 2101)

_EVERYWHERE = {
    *("all", "all qpv", "all neighbourhoods", "tous", "toutes", "tous qpv", "tous les qpv", "tous quartiers"),
    *("tous les quartiers", "ensemble des quartiers", "ensemble des qpv", "tous les quartiers prioritaires"),
}
_SEPARATORS = re.compile(r"[;|\n]")
_SEPARATORS_OF_NAMES = re.compile(r"[;|,\n]")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T][0-9:.]+)?")
_FRENCH_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: [0-9:.]+)?")
_LONGEST_YEAR, _WHOLE = 4, 100


def text(value: object) -> str:
    """Read text; whole numbers lose their decimals."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return shown(str(value)).strip()
    raise ValueError(msg.projects.A_TEXT)


def title(value: object) -> str:
    """Read a title; reject a row of totals that is not the sum of rows."""
    found = text(value)
    if re.match(r"(?:sous )?(?:total|totaux)(?: |$)", fold(found)):
        raise ValueError(msg.projects.NOT_A_TOTAL)
    return found


def year(value: object) -> int:
    """Read a year in `YEARS`, or that of a date."""
    if isinstance(value, date) or (isinstance(value, str) and len(value.strip()) > _LONGEST_YEAR):
        try:
            return day(value).year
        except ValueError as error:
            raise ValueError(msg.projects.A_YEAR) from error
    found = text(value)
    if re.fullmatch(r"[0-9]{4}", found) is None or int(found) not in YEARS:
        raise ValueError(msg.projects.A_YEAR)
    return int(found)


def amounts(value: object, power: int = 0) -> tuple[Decimal, ...]:
    """Read an amount, or several in the order of the funders; see `qpv_geo.projects.amounts.parse_amount`."""
    listed = _SEPARATORS.split(value) if isinstance(value, str) else [value]
    return tuple(parse_amount(one, power) for one in listed)


def names(value: object) -> tuple[str, ...]:
    """Read one or several names: of funders, of which each is named once."""
    found = [name for name in map(text, _listed(value, _SEPARATORS)) if name]
    if not found or len({fold(name) or name for name in found}) < len(found):
        raise ValueError(msg.projects.SOME_FUNDERS)
    return tuple(found)


def portion(value: object) -> Fraction:
    """Read a share of an amount, from 0.01 to 1 as the schema of subsidies wants it; 100 is the whole."""
    found = Fraction(_number(value, msg.projects.A_PORTION)).limit_denominator(10**6)
    if found == _WHOLE:
        return Fraction(1)
    if not 0 < found <= 1:
        raise ValueError(msg.projects.A_PORTION)
    return found


def day(value: object) -> date:
    """Read a date in `YEARS`: a date of a workbook, ISO 8601, or day/month/year; a time after it is left out."""
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        value = _day(value.strip() if isinstance(value, str) else "")
    if value.year not in YEARS:
        raise ValueError(msg.projects.A_DAY)
    return value


def _day(written: str) -> date:
    if found := _ISO_DAY.fullmatch(written):
        year, month, number = found.groups()
    elif found := _FRENCH_DAY.fullmatch(written):
        number, month, year = found.groups()
    else:
        raise ValueError(msg.projects.A_DAY)
    try:
        return date(int(year), int(month), int(number))
    except ValueError as error:
        raise ValueError(msg.projects.A_DAY) from error


def longitude(value: object) -> float:
    """Read a longitude: a finite number of degrees."""
    return _number(value, msg.projects.A_LONGITUDE)


def latitude(value: object) -> float:
    """Read a latitude: a finite number of degrees."""
    return _number(value, msg.projects.A_LATITUDE)


def site(value: object) -> Geometry:
    """Read a geometry in longitude and latitude, or a pair of coordinates, in the order that is in France.

    It is valid, not empty, and its coordinates are finite.
    """
    if isinstance(value, str):
        try:
            value = read_place(value.strip(), PairOrder.UNKNOWN, None)
        except InputError as error:
            raise ValueError(msg.projects.A_SITE) from error
    if not isinstance(value, shapely.Geometry) or value.is_empty or not value.is_valid:
        raise ValueError(msg.projects.A_SITE)
    if not np.isfinite(shapely.get_coordinates(value)).all():
        raise ValueError(msg.projects.A_SITE)
    return shapely.force_2d(value)


def codes(value: object) -> tuple[str, ...]:
    """Read codes of perimeters, without checking that they exist."""
    return tuple(code.upper() for code in _different(value))


def neighbourhoods(value: object) -> tuple[str, ...]:
    """Read names of neighbourhoods, or the phrase for all of them."""
    found = _different(value)
    if len(found) > 1 and any(is_everywhere(name) for name in found):
        raise ValueError(msg.projects.ALL_ALONE)
    return found


def is_everywhere(name: str) -> bool:
    """Tell whether a name means that there is no single place."""
    return fold(name) in _EVERYWHERE


def parts(value: object) -> tuple[Fraction, ...]:
    """Read weights: positive numbers."""
    cells = _listed(value, _SEPARATORS)
    found = tuple(Fraction(_number(cell, msg.projects.SOME_PARTS)).limit_denominator(10**6) for cell in cells)
    if any(weight <= 0 for weight in found):
        raise ValueError(msg.projects.SOME_PARTS)
    return found


def _different(value: object) -> tuple[str, ...]:
    """Read names from a list or a text; reject duplicates."""
    found = [name for name in map(text, _listed(value, _SEPARATORS_OF_NAMES)) if name]
    if not found or len({fold(name) or name for name in found}) < len(found):
        raise ValueError(msg.projects.SOME_NAMES)
    return tuple(found)


def _listed(value: object, separators: re.Pattern[str]) -> list[Any]:
    """Return the items of a Parquet list, of a JSON list (a GeoJSON property) or of separated text."""
    if isinstance(value, list):
        return value
    written = text(value)
    if written.startswith("["):
        try:
            return list(json.loads(written))
        except ValueError:
            pass
    return list(separators.split(written))


def _number(value: object, expected: str) -> float:
    try:
        found = float(value.strip().replace(",", ".") if isinstance(value, str) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise ValueError(expected) from error
    if isinstance(value, bool) or not math.isfinite(found):
        raise ValueError(expected)
    return found
