"""Write a table as GeoJSON, one feature a line, in UTF-8."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.tables.geojson_reader import GeoJSONReader, GeoJSONRowBatch
from qpv_geo.tables.geojson_text import JsonMember, JsonReader, members, one_line
from qpv_geo.tables.plain import distinct_names, json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from qpv_geo.tables.protocol import AddedColumns, Reader, RowBatch, Sheet

_DECIMALS = 7


class GeoJSONWriter:
    """A GeoJSON file that is being written; see `qpv_geo.tables.protocol.Writer`.

    A GeoJSON source keeps the text of all members, in and around the features, including numbers, escapes and
    repeated keys; only white space between members may change. The answers are added at the end of the properties.
    Any other source becomes a FeatureCollection in WGS84 with 7 decimals (about 1 cm), with its columns as properties;
    empty or repeated names are made distinct. A geometry that cannot be converted to WGS84 is null.

    Raises
    ------
    InputError
        The source already has a property with the name of an answer.
    """

    def __init__(self, path: Path, source: Reader, extra: AddedColumns) -> None:
        self._source = source
        self._extra = extra
        self._kept = source if isinstance(source, GeoJSONReader) else None
        self._dropped: frozenset[str] = frozenset()
        if self._kept is not None:
            self._dropped = frozenset(self._kept.keys[position] for position in extra.dropped)
            _refuse_taken(self._kept, extra, self._dropped)
        self._in_collection = self._kept is None or self._kept.document.is_collection
        self._written = False
        self._file = path.open("w", encoding="utf-8", newline="\n")
        if self._in_collection:
            self._file.write("{" + "".join(f"{member}, " for member in self._head()) + '"features": [\n')

    def write(self, block: RowBatch, extra: pa.RecordBatch) -> None:
        """Write the features of some rows."""
        features = self._keep(block, extra) if isinstance(block, GeoJSONRowBatch) else self._make(block, extra)
        for feature in features:
            self._file.write(self._before() + feature)
            self._written = True

    def finish(self, sheets: Sequence[Sheet] = ()) -> None:  # noqa: ARG002 - they go to a workbook only
        """Write what follows the features and close the file."""
        tail = self._kept.document.tail if self._kept is not None else ()
        if self._in_collection:
            self._file.write("\n]" + "".join(f", {_member(member)}" for member, _ in tail) + "}")
        self._file.write("\n")
        self._file.close()

    def abort(self) -> None:
        """Close the file as it is."""
        with suppress(OSError):  # closing flushes the buffer, which fails on a full disk
            self._file.close()

    def _head(self) -> list[str]:
        if self._kept is None:
            return ['"type": "FeatureCollection"']
        return [_member(member) for member, _ in self._kept.document.head]

    def _before(self) -> str:
        """Return the separator to write before the next feature."""
        if self._in_collection:
            return ",\n" if self._written else ""
        separator = self._kept.document.separator if self._kept is not None else ""
        return ("\n" if self._written else "") + separator

    def _keep(self, block: GeoJSONRowBatch, extra: pa.RecordBatch) -> Iterator[str]:
        """Yield the features as they were, with the answers."""
        for feature, answers in zip(block.features, _rows(extra), strict=True):
            shown = [_member(member) for member in feature.members]
            at = {member.key: k for k, member in enumerate(feature.members)}.get("properties", len(shown))
            properties = feature.members[at].text if at < len(shown) else "null"
            shown[at : at + 1] = [f'"properties": {self._extended(one_line(properties), answers)}']
            yield "{" + ", ".join(shown) + "}"

    def _extended(self, properties: str, answers: str) -> str:
        """Return the text of the properties, without dropped ones and with the answers (``{...}``) at the end."""
        inner = properties[1:-1].strip() if properties != "null" else ""
        if inner and self._dropped:
            reader = JsonReader(io.BytesIO(properties.encode()), self._source.path.name)
            inner = ", ".join(_member(member) for member, _ in members(reader) if member.key not in self._dropped)
        added = answers[1:-1]
        return "{" + inner + (", " if inner and added else "") + added + "}"

    def _make(self, block: RowBatch, extra: pa.RecordBatch) -> Iterator[str]:
        """Yield features made of the columns and geometries of a table."""
        batch = block.record_batch()
        dropped = frozenset(self._extra.dropped)
        kept = [position for position in range(batch.num_columns) if position not in dropped]
        names = distinct_names([batch.schema.field(k).name for k in kept], taken=extra.schema.names)
        arrays = [*(batch.column(k) for k in kept), *extra.columns]
        rows = _rows(pa.RecordBatch.from_arrays(arrays, names=[*names, *extra.schema.names]))
        for properties, geometry in zip(rows, self._geometries(block), strict=True):
            yield f'{{"type": "Feature", "properties": {properties}, "geometry": {geometry or "null"}}}'

    def _geometries(self, block: RowBatch) -> Iterable[str | None]:
        geometry = block.geometry()
        if geometry is None or self._source.crs is None:
            return [None] * len(block)
        rounded = shapely.transform(crs.to_wgs84(geometry, self._source.crs), lambda points: points.round(_DECIMALS))
        finite = np.isfinite(shapely.bounds(rounded)).all(axis=1) | shapely.is_empty(rounded)
        return (text if sound else None for text, sound in zip(shapely.to_geojson(rounded), finite, strict=True))


def _refuse_taken(source: GeoJSONReader, extra: AddedColumns, dropped: frozenset[str]) -> None:
    for name in extra.schema.names:
        if name in source.keys and name not in dropped:
            raise InputError(msg.layer_errors.column_taken(source.path.name, name))


def _member(member: JsonMember) -> str:
    return f"{member.name}: {one_line(member.text)}"


def _rows(batch: pa.RecordBatch) -> Iterator[str]:
    """Yield one JSON object per row; column names must be distinct."""
    keys = [json_text(name) for name in batch.schema.names]
    columns: list[Any] = [(json_text(value) for value in column.to_pylist()) for column in batch.columns]
    for values in zip(*columns, strict=True) if columns else [()] * len(batch):
        yield "{" + ", ".join(f"{key}: {value}" for key, value in zip(keys, values, strict=True)) + "}"
