"""Convert the values stored in a GeoPackage to Arrow arrays and shapely geometries.

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
_TYPES = {
    frozenset({"boolean"}): pa.bool_(),
    frozenset({"date"}): pa.date32(),
    frozenset({"datetime"}): pa.timestamp("ms", tz="UTC"),
    frozenset({"integer"}): pa.int64(),
    frozenset({"boolean", "integer"}): pa.int64(),
    frozenset({"long"}): pa.int64(),
    frozenset({"integer", "long"}): pa.int64(),
    frozenset({"boolean", "long"}): pa.int64(),
    frozenset({"boolean", "integer", "long"}): pa.int64(),
    frozenset({"real"}): pa.float64(),
    frozenset({"integer", "real"}): pa.float64(),
    frozenset({"blob"}): pa.binary(),
}
_DECLARED = (
    (re.compile("BOOLEAN"), pa.bool_()),
    (re.compile("DATE"), pa.date32()),
    (re.compile("DATETIME"), pa.timestamp("ms", tz="UTC")),
    (re.compile(".*INT.*"), pa.int64()),
    (re.compile("FLOAT|DOUBLE|REAL"), pa.float64()),
    (re.compile("BLOB"), pa.binary()),
)
"""Types of columns without values, by their declared type."""


def form_of(column: str, declared: str) -> str:
    """Return the SQL expression for the form of a column's values.

    The form is ``boolean``, ``date`` or ``datetime`` if the type is declared so and the value fits; else ``long`` for
    an integer that may not be exact as a float; else the storage class.
    """
    special = _FORMS.get(declared.upper(), "")
    return f"CASE {special.format(column)} {_LONG.format(column)} ELSE typeof({column}) END"


def type_of(forms: frozenset[str], declared: str) -> pa.DataType:
    """Return the type of a column from the forms of its values (see `form_of`), or as declared if it has none."""
    return _TYPES.get(forms, pa.string()) if forms else _declared(declared)


def _declared(text: str) -> pa.DataType:
    """Return the type for a declared type, text if it is not in `_DECLARED`."""
    base = text.upper().split("(")[0].strip()
    return next((kind for pattern, kind in _DECLARED if pattern.fullmatch(base)), pa.string())


def array(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Convert values read from SQLite to an array of the column's type."""
    if pa.types.is_string(kind):
        return pa.array([_text(value) for value in values], kind)
    if pa.types.is_temporal(kind):
        return pa.array(values, pa.string()).cast(kind)
    if pa.types.is_boolean(kind) or pa.types.is_floating(kind):
        convert = bool if pa.types.is_boolean(kind) else float
        return pa.array([None if value is None else convert(value) for value in values], kind)
    return pa.array(values, kind)


def _text(value: AnyValue) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)


def geometries(blobs: Sequence[Any]) -> NDArray[Any]:
    """Decode geometries in two dimensions, None where missing or undecodable."""
    inner = np.array([_wkb(blob) for blob in blobs], dtype=object)
    try:
        found = shapely.from_wkb(inner, on_invalid="ignore")
    except NotImplementedError:  # curves: shapely then decodes nothing of the array
        found = np.array([_one(wkb) for wkb in inner], dtype=object)
    return np.asarray(shapely.force_2d(found))


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
