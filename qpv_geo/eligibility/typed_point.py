"""Read a point that a person typed or pasted: decimal degrees, degrees and minutes, or Lambert 93 metres.

Maps on the web give latitude first, files longitude first: the territories of France tell which is which, since none
holds a point in both orders. Text that is no point is left to the geocoders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry import Point

from qpv_geo import crs

_MINUS, _SPACES = str.maketrans({"−": "-", "–": "-"}), re.compile(r"[\s\u00a0\u202f]+")
_DOT, _COMMA = r"[-+]?\d{1,3}\.\d+", r"[-+]?\d{1,3},\d+"
_WHOLE = r"[-+]?\d{1,3}"
_DECIMAL = tuple(
    re.compile(form)
    for form in (
        rf"\(?({_DOT}|{_WHOLE})(?: ?[,;] ?| )({_DOT}|{_WHOLE})\)?",
        rf"\(?({_COMMA}|{_WHOLE})(?: ?; ?|, | )({_COMMA}|{_WHOLE})\)?",
    )
)
_NAMED = re.compile(r"\b(?P<name>lat(?:itude)?|lon(?:gitude)?|lng)\b\.? ?[:=]? ?", re.IGNORECASE)
_ANGLE = (
    r"(?P<before{0}>[nsewo])? ?(?P<sign{0}>[-+])?(?P<degrees{0}>\d{{1,3}}(?:[.,]\d+)?) ?(?:°|deg) ?"
    r"(?:(?P<minutes{0}>\d{{1,2}}(?:[.,]\d+)?) ?['′’m] ?"
    r"(?:(?P<seconds{0}>\d{{1,2}}(?:[.,]\d+)?) ?(?:\"|″|”|''|’’|s) ?)?)?"
    r"(?P<after{0}>[nsewo])?"
)
_ANGLES = re.compile(rf"{_ANGLE.format(1)} ?[,;]? ?{_ANGLE.format(2)}", re.IGNORECASE)
_METRES = r"(\d{1,3}(?: \d{3})+(?:[.,]\d+)?|\d{5,7}(?:[.,]\d+)?)"
_LAMBERT = re.compile(
    r"(?:(?:rgf ?93 ?)?lambert ?-?93|l93)? ?:? ?"
    rf"(?:[xe] ?[:=]? ?)?{_METRES} ?m? ?(?:[,;/] ?)?(?:[yn] ?[:=]? ?)?{_METRES} ?m?",
    re.IGNORECASE,
)
_LONG_WORD = re.compile(r"(?<![^\W\d_])(?!lambert|latitude|longitude)[^\W\d_]{6}", re.IGNORECASE)
"""The start of a word that no point has: most addresses have one, and need not be tried against every form."""
_LAMBERT_X, _LAMBERT_Y = (0.0, 1_300_000.0), (6_000_000.0, 7_200_000.0)
"""Range of Lambert 93 in mainland France and Corsica, in metres."""
_DECIMALS = 7
_SOUTH_OR_WEST, _LATITUDES = frozenset("swo"), frozenset("ns")


class Writing(StrEnum):
    """How a point was written."""

    LON_LAT = "lon_lat"
    LAT_LON = "lat_lon"
    LAMBERT_93 = "lambert_93"


@dataclass(frozen=True)
class TypedPoint:
    """A point as typed, in degrees (WGS84), and how it was written; it may be outside France."""

    lon: float
    lat: float
    writing: Writing


def read_point(text: str) -> TypedPoint | None:
    """Return the point that a text gives, or None if the text is not one.

    ``48.8566 2.3522``, ``3,00671 ; 50,60889``, ``50°36'32"N 3°00'24"E``, ``X 652 381 Y 6 862 047``.
    """
    if _LONG_WORD.search(text):
        return None
    typed = _SPACES.sub(" ", text.translate(_MINUS)).strip()
    return _decimal(typed) or _angles(typed) or _lambert(typed)


def _decimal(typed: str) -> TypedPoint | None:
    names = [found["name"].lower()[:2] for found in _NAMED.finditer(typed)]
    plain = _NAMED.sub("", typed).strip()
    for form in _DECIMAL:
        found = form.fullmatch(plain)
        if found is None or not any(mark in found[1] + found[2] for mark in ".,"):
            continue  # two whole numbers may be a house number and anything
        first, second = (float(part.replace(",", ".")) for part in found.groups())
        return _in_order(first, second, latitude_first=names[0] == "la" if names else None)
    return None


def _angles(typed: str) -> TypedPoint | None:
    found = _ANGLES.fullmatch(typed)
    if found is None:
        return None
    values, letters = [], []
    for k in "12":
        letter = (found[f"before{k}"] or found[f"after{k}"] or "").lower()
        degrees, minutes, seconds = (
            float((found[f"{part}{k}"] or "0").replace(",", ".")) for part in ("degrees", "minutes", "seconds")
        )
        negative = found[f"sign{k}"] == "-" or letter in _SOUTH_OR_WEST
        values.append(round((degrees + minutes / 60 + seconds / 3600) * (-1 if negative else 1), _DECIMALS))
        letters.append(letter)
    told = [letter in _LATITUDES for letter in letters if letter]
    return _in_order(*values, latitude_first=letters[0] in _LATITUDES if told else None)


def _lambert(typed: str) -> TypedPoint | None:
    found = _LAMBERT.fullmatch(typed)
    if found is None:
        return None
    x, y = (float(part.replace(" ", "").replace(",", ".")) for part in found.groups())
    if not (_LAMBERT_X[0] <= x <= _LAMBERT_X[1] and _LAMBERT_Y[0] <= y <= _LAMBERT_Y[1]):
        return None
    point = crs.unproject(Point(x, y), crs.TERRITORIES[0])
    return TypedPoint(round(point.x, _DECIMALS), round(point.y, _DECIMALS), Writing.LAMBERT_93)


def _in_order(first: float, second: float, *, latitude_first: bool | None) -> TypedPoint:
    """Return a pair of degrees as a point; without `latitude_first`, in the order that is in France."""
    if latitude_first is None:
        in_france = crs.territory_at(lon=first, lat=second) is None and crs.territory_at(lon=second, lat=first)
        latitude_first = bool(in_france)
    lon, lat = (second, first) if latitude_first else (first, second)
    writing = Writing.LAT_LON if latitude_first else Writing.LON_LAT
    return TypedPoint(lon, lat, writing)
