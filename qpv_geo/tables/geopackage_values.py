"""Find the types of the columns of a GeoPackage, and read its geometries.

GDAL is not asked: it turns a value that does not fit its column into 0, and a geometry that it cannot read into none.

Source of the format: OGC 12-128r19, GeoPackage Encoding Standard 1.4 (table 1, the types of columns; clause 2.1.3,
the header of a geometry).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qpv_geo.untyped import AnyValue, Geometry

_MAGIC = b"GP"
_FIXED_HEADER = 8
_ENVELOPES = (0, 32, 48, 48, 64)
"""Bytes of the envelope, by its code in the header's flags."""
_EXTENDED = 0b10_0000

_EXACT = 2**53
"""Integers up to this magnitude are exact as floats too."""
_LONG = f"WHEN typeof({{0}}) = 'integer' AND {{0}} NOT BETWEEN {-_EXACT} AND {_EXACT} THEN 'long'"
_FORMS = {
    "BOOLEAN": "WHEN {0} IN (0, 1) THEN 'boolean'",
    "DATE": "WHEN date({0}, '+0 days') = {0} THEN 'date'",
    "DATETIME": (
        "WHEN {0} IN (strftime('%Y-%m-%dT%H:%M:%fZ', {0}, '+0 days'), strftime('%Y-%m-%dT%H:%M:%SZ', {0}, '+0 days')) "
        "THEN 'datetime'"
    ),
}
"""SQL tests of whether a value fits its declared type, for types that SQLite has no storage class for.

Adding no days makes SQLite compute with a date: otherwise it accepts 30 February.
"""
_TYPES = (
    ({"boolean"}, pa.bool_()),
    ({"date"}, pa.date32()),
    ({"datetime"}, pa.timestamp("ms", tz="UTC")),
    ({"boolean", "integer", "long"}, pa.int64()),
    ({"integer", "real"}, pa.float64()),
    ({"blob"}, pa.binary()),
)
"""The first type whose forms include all those of the values of a column; text if there is none."""
_DECLARED = (
    ("BOOLEAN", pa.bool_()),
    ("DATE", pa.date32()),
    ("DATETIME", pa.timestamp("ms", tz="UTC")),
    (".*INT.*", pa.int64()),
    ("FLOAT|DOUBLE|REAL", pa.float64()),
    ("BLOB", pa.binary()),
)
"""Types of columns without values, by a pattern of their declared type; text if there is none."""


def form_of(column: str, declared: str) -> str:
    """Return the SQL expression for the form of a column's values.

    The form is ``boolean``, ``date`` or ``datetime`` if the type is declared so and the value fits; else ``long`` for
    an integer that may not be exact as a float; else the storage class.
    """
    special = _FORMS.get(declared.upper(), "")
    return f"CASE {special.format(column)} {_LONG.format(column)} ELSE typeof({column}) END"


def type_of(forms: frozenset[str], declared: str) -> pa.DataType:
    """Return the type of a column from the forms of its values (see `form_of`), or as declared if it has none."""
    base = declared.upper().split("(")[0].strip()
    told = (kind for pattern, kind in _DECLARED if re.fullmatch(pattern, base))
    found = (kind for known, kind in _TYPES if forms <= known)
    return next(found if forms else told, pa.string())


def geometries(blobs: Sequence[AnyValue]) -> NDArray[Any]:
    """Decode geometries, None where missing or undecodable."""
    stored = [_wkb(blob) for blob in blobs]
    try:
        return np.asarray(shapely.from_wkb(np.array(stored, dtype=object), on_invalid="ignore"))
    except NotImplementedError:  # curves: shapely then decodes nothing of the array
        return np.array([_one(wkb) for wkb in stored], dtype=object)


def _one(wkb: bytes | None) -> Geometry:
    try:
        return shapely.from_wkb(wkb, on_invalid="ignore")
    except NotImplementedError:
        return None


def _wkb(blob: AnyValue) -> bytes | None:
    """Return the WKB after the header of a stored geometry; empty if there is no valid header, None for null."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or len(blob) < _FIXED_HEADER or blob[:2] != _MAGIC:
        return b""
    flags = blob[3]
    envelope = flags >> 1 & 0b111
    if flags & _EXTENDED or envelope >= len(_ENVELOPES):
        return b""
    return blob[_FIXED_HEADER + _ENVELOPES[envelope] :]
