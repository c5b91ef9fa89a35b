"""Decode vector files, without deciding yet whether their content can be trusted.

GeoJSON (RFC 7946, also gzipped or zipped, with the older ``crs`` member honoured) is read with the standard library, so
that a single check never waits for the heavier readers; GeoParquet goes through geopandas; everything else (GeoPackage,
Shapefile, FlatGeobuf, also zipped) through GDAL.
"""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.errors import FormatError, InputError
from qpv_geo.perimeters.shapefile_text import text_encoding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from qpv_geo.untyped import AnyValue, Geometry

_GEOJSON = (".geojson", ".json", ".geojson.gz", ".json.gz")
_PARQUET = (".parquet", ".geoparquet")
_TEXT_PARTS = {".dbf", ".cpg"}
_VECTOR_MEMBERS = (".shp", ".geojson", ".json", ".gpkg", ".fgb")
_MAC_LEFTOVERS = "__MACOSX/"
UNPACKED_BYTES = 500_000_000
"""Largest size of what a zip or gzip file unpacks to; the perimeters of the whole country take 20 MB."""


@dataclass(frozen=True, eq=False)
class PerimeterLayer:
    """Features as a file gives them.

    Attributes
    ----------
    geometry
        Shapely geometries (or None), object array of shape ``(n,)``, in `crs`, x or longitude first, without Z.
    fields
        Column name to the list of its ``n`` values.
    crs
        The file's coordinate reference system, or None if it gives none that is geographic or projected.
    """

    geometry: NDArray[np.object_]
    fields: dict[str, list[Any]]
    crs: CRS | None


def read_layer(
    path: Path, *, layer: str | None = None, encoding: str | None = None, limit: int = UNPACKED_BYTES
) -> PerimeterLayer:
    """Read one layer of a vector file.

    Parameters
    ----------
    path
        GeoJSON (``.gz`` too), GeoParquet, GeoPackage, Shapefile, FlatGeobuf, or a zip of any of these but GeoParquet.
    layer
        The layer of a GeoPackage, or the member of a zip, if there are several.
    encoding
        The encoding of its text; by default what it declares, or UTF-8 where a Shapefile's text obviously is.
    limit
        Largest size in bytes of what a zip or gzip file unpacks to.

    Raises
    ------
    FormatError
        The file is missing, is not a vector file, has no such layer, holds several layers and none was named, is not
        in the encoding that it declares, or unpacks to more than `limit`.
    InputError
        The encoding is unknown.
    """
    _refuse_unknown(encoding)
    if not path.is_file():
        raise FormatError(msg.errors.file_missing(str(path)))
    name = path.name.lower()
    if name.endswith(_GEOJSON):
        return read_geojson(_file_bytes(path, limit), name=path.name, encoding=encoding)
    if name.endswith(_PARQUET):
        return _read_parquet(path)
    return _read_gdal(path, layer, encoding, limit)


_DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, UnicodeDecodeError)
"""What zipfile raises for a damaged or encrypted archive."""


def _refuse_unknown(encoding: str | None) -> None:
    try:
        "".encode(encoding or "utf-8")
    except (LookupError, ValueError) as error:
        raise InputError(msg.errors.encoding_unknown(str(encoding))) from error


def read_geojson(content: bytes, *, name: str, encoding: str | None = None) -> PerimeterLayer:
    """Read the bytes of a GeoJSON object: a FeatureCollection, a Feature or a bare geometry.

    Parameters
    ----------
    content
        JSON in UTF-8, or in UTF-16 or UTF-32, with or without a byte order mark.
    name
        What to call it in an error message.
    encoding
        Another encoding.

    Raises
    ------
    FormatError
        Not JSON, not GeoJSON, not in this encoding, or a geometry that cannot be built.
    """
    codec = encoding or json.detect_encoding(content)
    try:
        document = json.loads(content.decode(codec).removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        text = content.lstrip()[:1] in {b"{", b"["}  # rather than an image, or anything else
        why = msg.errors.not_in_its_encoding(name, error.encoding.upper()) if text else msg.errors.not_json(name)
        raise FormatError(why) from error
    except (ValueError, RecursionError) as error:
        raise FormatError(msg.errors.not_json(name)) from error
    features = _features_of(document, name)
    try:
        geometry = shapely.from_geojson([_geometry_text(feature) for feature in features])
    except shapely.errors.GEOSException as error:
        raise FormatError(msg.errors.bad_geojson_geometry(name)) from error
    properties = [feature.get("properties") or {} for feature in features]
    columns = dict.fromkeys(key for row in properties for key in row)
    fields = {column: [row.get(column) for row in properties] for column in columns}
    return PerimeterLayer(_flat(geometry), fields, _geojson_crs(document, name))


def _geometry_text(feature: dict[str, Any]) -> str | None:
    geometry = feature.get("geometry")
    return None if geometry is None else json.dumps(geometry)


def _features_of(document: AnyValue, name: str) -> list[dict[str, Any]]:
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection":
        features = document.get("features")
    elif kind == "Feature":
        features = [document]
    elif isinstance(document, dict) and ("coordinates" in document or "geometries" in document):
        features = [{"geometry": document}]
    else:
        features = None
    if not isinstance(features, list) or not all(_is_feature(feature) for feature in features):
        raise FormatError(msg.errors.not_geojson(name))
    return features


def _is_feature(value: AnyValue) -> bool:
    return isinstance(value, dict) and isinstance(value.get("properties") or {}, dict)


def _geojson_crs(document: dict[str, Any], name: str) -> CRS:
    """Return the system of a GeoJSON object: WGS84 (RFC 7946) unless it has the ``crs`` member of older files.

    PostGIS writes it in the geometry: that of a feature's geometry precedes that of the feature.
    """
    geometry = document.get("geometry")
    holders = [geometry, document] if isinstance(geometry, dict) else [document]
    member = next((one["crs"] for one in holders if one.get("crs") is not None), None)
    if member is None:
        return CRS(crs.WGS84)
    properties = member.get("properties") if isinstance(member, dict) else None
    named = properties.get("name") if isinstance(properties, dict) else None
    found = crs.parse(named) if isinstance(named, str) else None
    if found is None or not on_earth(found):
        raise FormatError(msg.errors.unknown_crs(name, named if named is not None else member))
    return found


def _file_bytes(path: Path, limit: int) -> bytes:
    if path.suffix.lower() != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as opened:
            content = opened.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FormatError(msg.errors.not_gzip(path.name)) from error
    if len(content) > limit:
        raise FormatError(msg.errors.unpacks_to_too_much(path.name, limit))
    return content


def _read_parquet(path: Path) -> PerimeterLayer:
    import geopandas as gpd  # noqa: PLC0415 - heavy, and needed by this format only

    try:
        frame = gpd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise FormatError(msg.errors.not_vector(path.name)) from error
    return _from_frame(frame)


def _read_gdal(path: Path, layer: str | None, encoding: str | None, limit: int) -> PerimeterLayer:
    import pyogrio  # noqa: PLC0415 - heavy, and needed by these formats only
    from pyogrio.errors import DataLayerError, DataSourceError  # noqa: PLC0415

    source: str = str(path)
    if zipfile.is_zipfile(path):
        member, layer = _zip_member(path, layer)
        parts = _zip_parts(path, member, limit)
        if member.lower().endswith(_GEOJSON):
            return read_geojson(parts[PurePosixPath(member).suffix.lower()], name=path.name, encoding=encoding)
        source = f"/vsizip/{path.resolve()}/{member}"
    else:
        parts = _parts_beside(path)
    if encoding is None and ".dbf" in parts:
        encoding = text_encoding(parts[".dbf"], parts.get(".cpg"), path.name)
    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(source) if kind is not None]  # not tables of styles
        if layer is None and len(layers) > 1:
            raise FormatError(msg.errors.several_layers(path.name, layers))
        layer = layer or next(iter(layers), None)
        return _from_frame(pyogrio.read_dataframe(source, layer=layer, encoding=encoding, fid_as_index=False))
    except DataLayerError as error:
        raise FormatError(msg.errors.no_such_layer(path.name, layer)) from error
    except UnicodeDecodeError as error:
        text = ".dbf" in parts or encoding is not None  # rather than an image taken for a table
        why = (
            msg.errors.not_in_its_encoding(path.name, error.encoding.upper())
            if text
            else msg.errors.not_vector(path.name)
        )
        raise FormatError(why) from error
    except (DataSourceError, shapely.errors.GEOSException) as error:
        raise FormatError(msg.errors.not_vector(path.name)) from error


def _parts_beside(path: Path) -> dict[str, bytes]:
    """Return the text parts of a Shapefile by their extension in small letters; nothing for another file."""
    if path.suffix.lower() != ".shp":
        return {}
    beside = (one for one in path.parent.iterdir() if one.stem == path.stem)
    return {one.suffix.lower(): one.read_bytes() for one in beside if one.suffix.lower() in _TEXT_PARTS}


def _zip_parts(path: Path, member: str, limit: int) -> dict[str, bytes]:
    """Return, by extension, a GeoJSON member of a zip, or the text parts of a Shapefile; GDAL reads what else it needs.

    A member is never larger than it declares: zipfile and GDAL both stop there.
    """
    stem, wanted = PurePosixPath(member).with_suffix(""), {PurePosixPath(member).suffix.lower()} & {*_GEOJSON}
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [one for one in archive.infolist() if PurePosixPath(one.filename).with_suffix("") == stem]
            if sum(one.file_size for one in parts) > limit:
                raise FormatError(msg.errors.unpacks_to_too_much(path.name, limit))
            by_suffix = {PurePosixPath(one.filename).suffix.lower(): one for one in parts}
            if member.lower().endswith(".shp"):
                wanted = _TEXT_PARTS
            return {suffix: archive.read(one) for suffix, one in by_suffix.items() if suffix in wanted}
    except _DAMAGED_ZIP as error:
        raise FormatError(msg.errors.not_vector(path.name)) from error


def _zip_member(path: Path, wanted: str | None) -> tuple[str, str | None]:
    """Return the vector file to read in a zip, and the layer to read in it.

    `wanted` is the path or name of a member or, if there is only one, a layer of it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except _DAMAGED_ZIP as error:
        raise FormatError(msg.errors.not_vector(path.name)) from error
    members = [name for name in names if name.lower().endswith(_VECTOR_MEMBERS) and not name.startswith(_MAC_LEFTOVERS)]
    named = [name for name in members if wanted in {name, PurePosixPath(name).name, PurePosixPath(name).stem}]
    if len(named) == 1:
        return named[0], None
    if not members:
        raise FormatError(msg.errors.not_vector(path.name))
    if len(members) > 1 and (named or wanted is None):
        raise FormatError(msg.errors.several_layers(path.name, named or members))
    if len(members) > 1 or (wanted is not None and members[0].lower().endswith(_GEOJSON)):
        raise FormatError(msg.errors.no_such_layer(path.name, wanted))
    return members[0], wanted


def _from_frame(frame: Geometry) -> PerimeterLayer:
    geometry = getattr(frame, "geometry", None)
    if geometry is None:
        return PerimeterLayer(np.empty(0, dtype=object), {str(column): [] for column in frame.columns}, None)
    columns = frame.drop(columns=geometry.name)
    known = columns.astype(object).where(columns.notna(), None)
    fields = {str(column): known[column].tolist() for column in known.columns}
    named = CRS(frame.crs) if frame.crs is not None else None
    return PerimeterLayer(
        _flat(np.asarray(geometry.array)), fields, named if named is not None and on_earth(named) else None
    )


def on_earth(system: CRS) -> bool:
    """Tell whether a system is geographic or projected, unlike a local drawing's axes or heights alone."""
    return bool(system.is_geographic or system.is_projected)


def _flat(geometry: Iterable[Any]) -> NDArray[np.object_]:
    """Return the geometries without Z or M, as an object array."""
    return np.asarray(shapely.force_2d(np.asarray(geometry, dtype=object)))
