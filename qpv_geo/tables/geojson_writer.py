"""Write a table as GeoJSON, one feature a line, in UTF-8."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import shapely

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.tables.geojson_reader import GeoJSONReader, GeoJSONRowBatch
from qpv_geo.tables.geojson_text import encoded
from qpv_geo.tables.plain import distinct_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from qpv_geo.tables.protocol import AddedColumns, Reader, RowBatch, Sheet
    from qpv_geo.untyped import AnyValue

_DECIMALS = 7


class GeoJSONWriter:
    """A GeoJSON file that is being written; see `qpv_geo.tables.protocol.Writer`.

    A GeoJSON source keeps all its members, in and around the features, in their order: the same names and values, not
    the same text (``1.10`` becomes ``1.1``). The answers are added at the end of the properties. Any other source
    becomes a FeatureCollection in WGS84 with 7 decimals (about 1 cm), with its columns as properties; empty or repeated
    names are made distinct. A geometry that cannot be converted to WGS84 is null, and so is a number too large.

    Raises
    ------
    InputError
        The source already has a property with the name of an answer.
    """

    def __init__(self, path: Path, source: Reader, extra: AddedColumns) -> None:
        self._source = source
        self._extra = extra
        self._dropped: frozenset[str] = frozenset()
        head, self._separator, self._tail = _around({"type": "FeatureCollection", "features": None})
        if isinstance(source, GeoJSONReader):
            self._dropped = frozenset(source.keys[position] for position in extra.dropped)
            _refuse_taken(source, extra, self._dropped)
            document, mark = source.document, source.document.separator.encode()
            head, self._separator, self._tail = (
                _around(document.members) if document.is_collection else (mark, b"\n" + mark, b"\n")
            )
        self._between = b""
        self._file = path.open("wb")
        self._file.write(head)

    def write(self, block: RowBatch, extra: pa.RecordBatch) -> None:
        """Write the features of some rows."""
        features = self._keep(block, extra) if isinstance(block, GeoJSONRowBatch) else self._make(block, extra)
        for feature in features:
            self._file.write(self._between + feature)
            self._between = self._separator

    def finish(self, sheets: Sequence[Sheet] = ()) -> None:  # noqa: ARG002 - they go to a workbook only
        """Write what follows the features and close the file."""
        self._file.write(self._tail)
        self._file.close()

    def abort(self) -> None:
        """Close the file as it is."""
        with suppress(OSError):  # closing flushes the buffer, which fails on a full disk
            self._file.close()

    def _keep(self, block: GeoJSONRowBatch, extra: pa.RecordBatch) -> Iterator[bytes]:
        """Yield the features as they were, with the answers."""
        for feature, answers in zip(block.features, extra.to_pylist() or [{}] * len(block), strict=True):
            properties = feature.get("properties") or {}
            kept = {name: value for name, value in properties.items() if name not in self._dropped}
            yield encoded({**feature, "properties": {**kept, **answers}})

    def _make(self, block: RowBatch, extra: pa.RecordBatch) -> Iterator[bytes]:
        """Yield features made of the columns and geometries of a table."""
        batch = block.record_batch()
        kept = [position for position in range(batch.num_columns) if position not in self._extra.dropped]
        names = distinct_names([batch.schema.field(k).name for k in kept], taken=extra.schema.names)
        arrays = [*(batch.column(k) for k in kept), *extra.columns]
        rows = pa.RecordBatch.from_arrays(arrays, names=[*names, *extra.schema.names]).to_pylist()
        for properties, geometry in zip(rows, self._geometries(block), strict=True):
            yield b'{"type":"Feature","properties":%b,"geometry":%b}' % (encoded(properties), geometry)

    def _geometries(self, block: RowBatch) -> list[bytes]:
        geometry = block.geometry()
        if geometry is None or self._source.crs is None:
            return [b"null"] * len(block)
        rounded = shapely.transform(crs.to_wgs84(geometry, self._source.crs), lambda points: points.round(_DECIMALS))
        finite = np.isfinite(shapely.bounds(rounded)).all(axis=1) | shapely.is_empty(rounded)
        return [
            text.encode() if sound else b"null" for text, sound in zip(shapely.to_geojson(rounded), finite, strict=True)
        ]


def _around(members: Mapping[str, AnyValue]) -> tuple[bytes, bytes, bytes]:
    """Return what a collection has before, between and after its features."""
    texts = [
        encoded(name) + b":" + (b"[\n" if name == "features" else encoded(value)) for name, value in members.items()
    ]
    at = list(members).index("features") + 1
    return b"{" + b",".join(texts[:at]), b",\n", b"\n]" + b"".join(b"," + text for text in texts[at:]) + b"}\n"


def _refuse_taken(source: GeoJSONReader, extra: AddedColumns, dropped: frozenset[str]) -> None:
    for name in extra.schema.names:
        if name in source.keys and name not in dropped:
            raise InputError(msg.layer_errors.column_taken(source.path.name, name))
