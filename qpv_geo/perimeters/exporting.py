"""Write perimeters for other programs: GeoPackage (with a style for QGIS), FlatGeobuf, GeoParquet and GeoJSON.

Longitude and latitude (WGS84). The metadata of each file say where the perimeters come from and where they are
complete: elsewhere, a place without perimeter is not known to be outside.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from qpv_geo import messages as msg
from qpv_geo._version import __version__
from qpv_geo.errors import InputError
from qpv_geo.files import replaced
from qpv_geo.perimeters.coverage import NOWHERE
from qpv_geo.perimeters.read import combine
from qpv_geo.perimeters.selection import rows_of_commune
from qpv_geo.tables.qgis_style import PolygonStyle, add_style

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import geopandas as gpd

    from qpv_geo.perimeters.coverage import Coverage
    from qpv_geo.perimeters.read import PerimeterSet

_OUTLINE, _FILL = "#333b45", "#0072b2"


def export(sets: Sequence[PerimeterSet], path: Path, *, commune: str | None = None) -> int:
    """Write the perimeters of some sets to a file, whole or not at all, and return how many.

    Parameters
    ----------
    sets
        One or more; of perimeters with the same kind and code, that of the first set is written.
    path
        A ``.gpkg``, ``.fgb``, ``.parquet`` or ``.geojson`` file. Columns: ``code_qp``, ``lib_qp``, ``insee_com``,
        ``lib_com``, ``kind``, ``generation`` and the geometry (EPSG:4326).
    commune
        INSEE code or name; only the perimeters that the sets place there are written, and ``coverage`` is ``none``.

    Raises
    ------
    InputError
        The extension is another one, the sets give no communes, or no perimeter is in that one.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise InputError(msg.perimeter_errors.unknown_export(path.name, _WRITERS))
    perimeters = combine(tuple(sets))
    rows = np.arange(len(perimeters)) if commune is None else rows_of_commune(perimeters, commune)
    if not len(rows):
        raise InputError(msg.perimeter_errors.none_in_commune(perimeters.dataset.id, str(commune)))
    frame = perimeters.frame.assign(lib_com=list(perimeters.communes), generation=perimeters.dataset.generation)
    with replaced(path) as beside:
        write(frame.iloc[rows][_COLUMNS].reset_index(drop=True), beside, _metadata(sets, perimeters.coverage, commune))
    return len(rows)


def _metadata(sets: Sequence[PerimeterSet], coverage: Coverage, commune: str | None) -> dict[str, str]:
    complete = coverage.to_json() if commune is None else NOWHERE.to_json()  # no outline of the commune is known
    found = {
        **{name: _listed(sets, name) for name in ("title", "source", "edition", "licence", "sha256", "precision_m")},
        "coverage": complete if isinstance(complete, str) else json.dumps(complete),
        "commune": commune,
        "description": msg.perimeters.export_description(coverage.kind, commune),
        "software": f"qpv-geo {__version__}",
    }
    return {name: value for name, value in found.items() if value}


def _listed(sets: Sequence[PerimeterSet], field: str) -> str:
    """Return what the datasets say in a field, each text once."""
    told = (getattr(one.dataset, field) for one in sets)
    return "; ".join(dict.fromkeys(str(value) for value in told if value is not None))


# ── Formats ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _geopackage(frame: gpd.GeoDataFrame, path: Path, metadata: dict[str, str]) -> None:
    options = {"IDENTIFIER": metadata["title"], "DESCRIPTION": metadata["description"]}
    path.write_bytes(_through_gdal(frame, "GPKG", metadata, options))
    add_style(path, _layer(frame), PolygonStyle(metadata["title"], _OUTLINE, _FILL, label="lib_qp"))


def _flatgeobuf(frame: gpd.GeoDataFrame, path: Path, metadata: dict[str, str]) -> None:
    options = {"TITLE": metadata["title"], "DESCRIPTION": metadata["description"]}
    path.write_bytes(_through_gdal(frame, "FlatGeobuf", metadata, options))


def _through_gdal(frame: gpd.GeoDataFrame, driver: str, metadata: dict[str, str], options: dict[str, str]) -> bytes:
    """Return the file that GDAL writes, in memory: it refuses to write over the empty file of `replaced`."""
    import pyogrio  # noqa: PLC0415 - heavy, and used here only

    content = io.BytesIO()
    of_layer: dict[str, Any] = {"layer": _layer(frame), "layer_metadata": metadata, "layer_options": options}
    pyogrio.write_dataframe(
        frame, content, driver=driver, geometry_type="MultiPolygon", promote_to_multi=True, **of_layer
    )
    return content.getvalue()


def _geoparquet(frame: gpd.GeoDataFrame, path: Path, metadata: dict[str, str]) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy, and used here only

    content = io.BytesIO()
    frame.to_parquet(content)
    table = pq.read_table(content)
    pq.write_table(table.replace_schema_metadata((table.schema.metadata or {}) | metadata), path)


def _geojson(frame: gpd.GeoDataFrame, path: Path, metadata: dict[str, str]) -> None:
    collection = json.loads(frame.to_json(drop_id=True))
    members = {"type": collection["type"], "name": _layer(frame), "metadata": metadata}
    path.write_text(json.dumps(members | collection, ensure_ascii=False), encoding="utf-8")


def _layer(frame: gpd.GeoDataFrame) -> str:
    """Return the generation as an SQL identifier: some readers of GeoPackages do not quote it."""
    return str(frame["generation"].iloc[0] or "perimeters").replace("-", "_")


_COLUMNS = ["code_qp", "lib_qp", "insee_com", "lib_com", "kind", "generation", "geometry"]
_WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path, dict[str, str]], None]] = {
    ".gpkg": _geopackage,
    ".fgb": _flatgeobuf,
    ".parquet": _geoparquet,
    ".geojson": _geojson,
}
