"""Tables in GeoJSON: the features of a file, their properties as columns.

A FeatureCollection, a Feature, or a sequence of features (RFC 8142, or one a line). The older ``crs`` member is
honoured. A file is read once to find its columns, then again each time its features are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.geojson_text import Document, encoded
from qpv_geo.tables.layer import LayerRowBatch
from qpv_geo.tables.pieces import pieces
from qpv_geo.tables.plain import json_text
from qpv_geo.tables.protocol import BLOCK_ROWS, Format, ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from qpv_geo.untyped import AnyValue

_KINDS = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
)  # fmt: skip
_BLOCK_CHARACTERS = 1 << 20
"""Length of the texts of features after which a block is cut short: decoded, they take several times more memory."""
_EXACT = 2**53
_INT64 = range(-(2**63), 2**63)


class GeoJSONRowBatch(LayerRowBatch):
    """Some consecutive features; see `qpv_geo.tables.protocol.RowBatch`.

    Attributes
    ----------
    features
        The features, decoded.
    """

    def __init__(
        self, source: GeoJSONReader, features: Sequence[dict[str, Any]], start: int, share_read: float
    ) -> None:
        self.features = features
        self._keys = source.keys
        stored = [feature.get("geometry") for feature in features]
        super().__init__(source.schema, start, share_read, stored, None if source.crs is None else _decoded(stored))

    def values(self, position: int) -> list[Any]:
        """Return the values of a property."""
        key = self._keys[position]
        return [(feature["properties"] or {}).get(key) for feature in self.features]

    @staticmethod
    def text(value: AnyValue) -> str:
        """Return a string as it is, and any other value as JSON."""
        return _clean(value if isinstance(value, str) else json_text(value))


class GeoJSONReader:
    """The features of a GeoJSON file; see `qpv_geo.tables.protocol.Reader`.

    A property is int64, float64 or bool if that type holds all its values without loss. Otherwise it is text: strings
    as they are, any other value as JSON.

    Parameters
    ----------
    path
        UTF-8, with or without a byte order mark.
    reading
        Not used.

    Attributes
    ----------
    crs
        WGS84 unless the file names another; None where no feature has a geometry.
    keys
        The names of the properties, in order of first appearance: the columns.
    document
        The members around the features.

    Raises
    ------
    FormatError
        Not JSON, truncated, not GeoJSON, or in an unknown coordinate reference system; the message says where.
    """

    def __init__(self, path: Path, reading: ReadingOptions) -> None:  # noqa: ARG002 - every source is opened alike
        self.path = path
        self.format = Format.GEOJSON
        self.reading = ReadingOptions()
        self.first_row = 1
        kinds: dict[str, set[str]] = {}
        located = False
        with path.open("rb") as file:
            self.document = Document(file, path.name)
            for feature in self.document.features():
                located = located or feature.get("geometry") is not None
                for key, value in (feature["properties"] or {}).items():
                    kinds.setdefault(key, set()).add(_kind(value))
        self.keys = tuple(kinds)
        self.schema = pa.schema([(_clean(key), _type(found)) for key, found in kinds.items()])
        named = _crs_of(self.document.members.get("crs"), path.name)
        self.has_geometry = located
        self.crs: CRS | None = named if located else None

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[GeoJSONRowBatch]:
        """Read the features from the start, with fewer in a block if their texts are long.

        Raises
        ------
        FormatError
            The file has changed since it was opened, and can no longer be read.
        """
        size = self.path.stat().st_size
        start = 0
        with self.path.open("rb") as file:
            document = Document(file, self.path.name)
            for features in pieces(document.features(), rows, document.length, size=_BLOCK_CHARACTERS):
                yield GeoJSONRowBatch(self, features, start, min(1.0, file.tell() / size))
                start += len(features)


def _decoded(stored: Sequence[AnyValue]) -> NDArray[Any]:
    sound = (isinstance(value, dict) and value.get("type") in _KINDS for value in stored)
    texts = [
        encoded(value) if good else None if value is None else b"" for value, good in zip(stored, sound, strict=True)
    ]
    return np.asarray(shapely.from_geojson(np.array(texts, dtype=object), on_invalid="ignore"))


def _kind(value: AnyValue) -> str:
    """Classify a value, to choose the type of its column."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int" if abs(value) <= _EXACT else "long" if value in _INT64 else "text"
    if isinstance(value, float):
        return "float"
    return "null" if value is None else "text"


def _type(kinds: set[str]) -> pa.DataType:
    """Return the column type that holds these kinds of values without loss."""
    found = kinds - {"null"}
    if not found:
        return pa.string()
    if found <= {"int", "long"}:
        return pa.int64()
    if found <= {"int", "float"}:
        return pa.float64()
    return pa.bool_() if found == {"bool"} else pa.string()


def _clean(text: str) -> str:
    """Replace lone surrogates, which JSON can escape but UTF-8 cannot encode."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _crs_of(member: AnyValue, name: str) -> CRS:
    """Return the system that a ``crs`` member names (GeoJSON 2008), WGS84 where there is none (RFC 7946)."""
    if member is None:
        return CRS(crs.WGS84)
    properties = member.get("properties") if isinstance(member, dict) else None
    named = properties.get("name") if isinstance(properties, dict) else None
    found = crs.parse(named) if isinstance(named, str) else None
    if found is None or not (found.is_geographic or found.is_projected):
        told = next((one for one in (named, member) if isinstance(one, str)), None) or json_text(member)
        raise FormatError(msg.layer_errors.layer_crs_unknown(name, told))
    return found
