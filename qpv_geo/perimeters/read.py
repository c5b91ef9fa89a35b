"""Turn a decoded file into perimeters that can be trusted, and combine sets of perimeters.

Columns are found under the names used by either generation; geometries are converted to longitude and latitude and
repaired. Anything that cannot be trusted is refused, with the code at fault if there is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.errors import PerimeterError
from qpv_geo.files import sha256_of
from qpv_geo.perimeters.repair import repair, simple_parts, without_collection
from qpv_geo.text_normalisation import shown

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from qpv_geo.model import Dataset, Generation
    from qpv_geo.perimeters.coverage import Coverage
    from qpv_geo.perimeters.formats import PerimeterLayer
    from qpv_geo.untyped import AnyValue

CODE_FIELDS = ("code_qp", "code_qpv", "code")
NAME_FIELDS = ("lib_qp", "nom_qp", "libelle", "label", "nom", "name")
INSEE_FIELDS = ("insee_com", "code_insee", "citycode")
COMMUNE_FIELDS = ("lib_com", "commune_qp", "nom_com")

_POLYGONAL = {3, 6}
_FINEST_PRECISION_M = 0.1
_LEAST_AREA = 1e-10
"""Square degrees, about a square metre: a smaller polygon is a line that rounding gave an area."""

_DECIMALS = range(8)
_SHAPEFILE_PARTS = {".shp", ".shx", ".dbf", ".prj", ".cpg"}
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ufeff\ud800-\udfff]+")


class CheckedFile(NamedTuple):
    """An installed file and its hash, checked when it was read."""

    path: Path
    sha256: str


@dataclass(frozen=True, eq=False)
class PerimeterSet:
    """Perimeters, where they are complete, and where they come from.

    Attributes
    ----------
    dataset
        Who published them, their hash, their precision.
    coverage
        Where the set is complete.
    codes, names
        One string per perimeter, such as ``QN05975M`` and ``Les Oliveaux``.
    insee
        INSEE codes of its communes separated by commas; empty if the file does not give them.
    communes
        Names of its communes, as written in the file; empty if it does not give them.
    geometry
        Valid polygons in longitude and latitude (WGS84), object array of shape ``(n,)``.
    kinds
        Kind of each perimeter; by default that of the dataset.
    file
        For an installed set, its file.
    """

    dataset: Dataset
    coverage: Coverage
    codes: tuple[str, ...]
    names: tuple[str, ...]
    insee: tuple[str, ...]
    communes: tuple[str, ...]
    geometry: NDArray[np.object_]
    kinds: tuple[str, ...] = ()
    file: CheckedFile | None = None

    def __post_init__(self) -> None:
        """Give every perimeter the kind of the dataset, unless kinds are given one by one."""
        if not self.kinds:
            object.__setattr__(self, "kinds", (self.dataset.kind,) * len(self.codes))

    def __len__(self) -> int:
        """Return the number of perimeters."""
        return len(self.codes)

    @cached_property
    def frame(self) -> gpd.GeoDataFrame:
        """The perimeters as a GeoDataFrame: code_qp, lib_qp, insee_com, kind, geometry (EPSG:4326)."""
        import geopandas as gpd  # noqa: PLC0415 - heavy, and a single check does without

        columns = {"code_qp": self.codes, "lib_qp": self.names, "insee_com": self.insee, "kind": self.kinds}
        return gpd.GeoDataFrame(
            {name: list(values) for name, values in columns.items()}, geometry=self.geometry, crs=crs.WGS84
        )


@dataclass(frozen=True, eq=False)
class PerimeterFeatures:
    """The result of `normalise`: the parts of a `PerimeterSet` that come from the file alone."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    insee: tuple[str, ...]
    communes: tuple[str, ...]
    geometry: NDArray[np.object_]
    repaired: int
    precision_m: float


def normalise(
    layer: PerimeterLayer, *, name: str, generation: Generation | None, prefix: str | None = None
) -> PerimeterFeatures:
    """Turn a decoded layer into perimeters that can be trusted.

    Parameters
    ----------
    layer
        The content of the file.
    name
        The file's name, for messages.
    generation
        The generation whose pattern the codes must match, or None for local zones.
    prefix
        For local zones: prefix of the numbered codes given to those without one.

    Raises
    ------
    PerimeterError
        No code, a code of another generation, the same code twice, no CRS, an empty or non-polygonal geometry,
        coordinates that are swapped or outside France's territories.
    """
    if not len(layer.geometry):
        raise PerimeterError(msg.perimeter_errors.no_perimeter(name))
    codes = _codes(layer, name, generation, prefix)
    geometry, changed, precision_m = _geometry(layer, codes, name)
    insee = [",".join(insee_codes(value)) for value in _column(layer, INSEE_FIELDS)]
    communes = [re.sub(r"\s+", " ", text) for text in texts(layer, COMMUNE_FIELDS)]
    names = texts(layer, NAME_FIELDS)
    return PerimeterFeatures(
        tuple(codes),
        tuple(text or code for text, code in zip(names, codes, strict=True)),
        tuple(insee),
        tuple(communes),
        geometry,
        int(changed.sum()),
        precision_m,
    )


def combine(sets: tuple[PerimeterSet, ...]) -> PerimeterSet:
    """Concatenate several sets under the dataset of the first.

    Of perimeters with the same kind and code, the first is kept. The precision is that of the coarsest set. The result
    is complete where, for each kind, at least one set is.
    """
    if len(sets) == 1:
        return sets[0]
    seen: set[tuple[str, str]] = set()
    kept: list[tuple[PerimeterSet, int]] = []
    for one in sets:
        for row, code in enumerate(one.codes):
            if (one.dataset.kind, code) not in seen:
                seen.add((one.dataset.kind, code))
                kept.append((one, row))
    geometry = np.empty(len(kept), dtype=object)
    geometry[:] = [one.geometry[row] for one, row in kept]
    return PerimeterSet(
        dataset=replace(sets[0].dataset, precision_m=max(one.dataset.precision_m for one in sets)),
        coverage=_common_coverage(sets),
        codes=tuple(one.codes[row] for one, row in kept),
        names=tuple(one.names[row] for one, row in kept),
        insee=tuple(one.insee[row] for one, row in kept),
        communes=tuple(one.communes[row] for one, row in kept),
        geometry=geometry,
        kinds=tuple(one.kinds[row] for one, row in kept),
    )


def _common_coverage(sets: tuple[PerimeterSet, ...]) -> Coverage:
    by_kind: dict[str, Coverage] = {}
    for one in sets:
        known = by_kind.get(one.dataset.kind)
        by_kind[one.dataset.kind] = one.coverage if known is None else known.union(one.coverage)
    first, *rest = by_kind.values()
    return reduce(lambda whole, other: whole.intersection(other), rest, first)


def insee_codes(value: object) -> tuple[str, ...]:
    """Return the INSEE codes in a cell, undoing what spreadsheets do to them.

    Accepts lists separated by commas or semicolons, spreadsheet text such as ``="01053"``, a byte order mark, and
    numbers that lost their leading zero or gained a ``.0``.
    """
    parts = (part.strip() for part in re.split(r"[,;]", re.sub(r'[="\ufeff]', "", _text(value))))
    return tuple(part.removesuffix(".0").upper().zfill(5) for part in parts if part)


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file; for a Shapefile, that of all its parts in the order of their names."""
    parts = [path]
    if path.suffix.lower() == ".shp":
        beside = (part for part in path.parent.iterdir() if part.stem == path.stem)
        parts = sorted(part for part in beside if part.suffix.lower() in _SHAPEFILE_PARTS)
    return sha256_of(parts)


def coordinate_precision(geometry: NDArray[np.object_], *, geographic: bool) -> float:
    """Return how far, in metres, rounding may have moved an edge: half a step of the last decimal in use, at least 0.1.

    Parameters
    ----------
    geometry
        Geometries in their file's own system.
    geographic
        Whether coordinates are degrees rather than metres.
    """
    points = shapely.get_coordinates(geometry)
    for decimals in _DECIMALS:
        if np.abs(points - np.round(points, decimals)).max() < 1e-8:  # noqa: PLR2004 - below any decimal tried
            break
    else:
        return _FINEST_PRECISION_M
    step = 0.5 * 10.0**-decimals
    if geographic:
        shrink = np.cos(np.radians(points[:, 1].mean()))
        return max(_FINEST_PRECISION_M, round(step * crs.METRES_PER_DEGREE * float(np.hypot(1, shrink)), 1))
    return max(_FINEST_PRECISION_M, step)


def _column(layer: PerimeterLayer, wanted: tuple[str, ...]) -> list[Any]:
    """Return the column of the first wanted name that exists, whatever its case; all None if there is none."""
    by_name = {column.lower(): values for column, values in layer.fields.items()}
    for field in wanted:
        if field in by_name:
            return by_name[field]
    return [None] * len(layer.geometry)


def texts(layer: PerimeterLayer, wanted: tuple[str, ...]) -> list[str]:
    """Return, as text, the column of the first wanted name that exists; empty strings if there is none."""
    return [_text(value) for value in _column(layer, wanted)]


def _text(value: AnyValue) -> str:
    """Return a cell as text that can be printed and stored; empty for None and for NaN, a missing number."""
    if value is None or value != value:  # noqa: PLR0124
        return ""
    return _UNPRINTABLE.sub(" ", shown(str(value))).strip()


def _codes(layer: PerimeterLayer, name: str, generation: Generation | None, prefix: str | None) -> list[str]:
    codes = texts(layer, CODE_FIELDS)
    if prefix is not None:
        codes = [code or f"{prefix}-{number}" for number, code in enumerate(codes, 1)]
    if not any(codes):
        raise PerimeterError(msg.perimeter_errors.no_code_column(name, CODE_FIELDS, list(layer.fields)))
    seen: set[str] = set()
    for row, code in enumerate(codes, 1):
        if not code:
            raise PerimeterError(msg.perimeter_errors.missing_code(name, row))
        if code in seen:
            raise PerimeterError(msg.perimeter_errors.duplicate_code(name, code))
        if generation is not None and not re.match(generation.code_pattern, code):
            raise PerimeterError(msg.perimeter_errors.code_of_another_generation(name, code, generation.id))
        seen.add(code)
    return codes


def _geometry(
    layer: PerimeterLayer, codes: list[str], name: str
) -> tuple[NDArray[np.object_], NDArray[np.bool_], float]:
    if layer.crs is None:
        raise PerimeterError(msg.errors.file_without_crs(name))
    outlines = np.empty(len(codes), dtype=object)
    for row, (code, geometry) in enumerate(zip(codes, layer.geometry, strict=True)):
        if geometry is None or geometry.is_empty:
            raise PerimeterError(msg.perimeter_errors.empty_perimeter(name, code))
        if not np.isfinite(shapely.get_coordinates(geometry)).all():
            raise PerimeterError(msg.perimeter_errors.non_finite_perimeter(name, code))
        outlines[row] = outline = without_collection(geometry)
        if outline.geom_type == "GeometryCollection":
            kinds = sorted({part.geom_type for part in simple_parts(outline)} - {"Polygon"})
            raise PerimeterError(msg.perimeter_errors.mixed_collection(name, code, kinds))
        if int(shapely.get_type_id(outline)) not in _POLYGONAL:
            raise PerimeterError(msg.perimeter_errors.not_a_polygon(name, code, outline.geom_type))
    precision_m = coordinate_precision(layer.geometry, geographic=layer.crs.is_geographic)
    placed = crs.to_wgs84(outlines, layer.crs)
    _refuse_misplaced(placed, codes, name)
    geometry, changed = repair(placed)
    for code, repaired in zip(codes, geometry, strict=True):
        if repaired.area < _LEAST_AREA:
            raise PerimeterError(msg.perimeter_errors.perimeter_without_area(name, code))
    return geometry, changed, precision_m


def _refuse_misplaced(geometry: NDArray[np.object_], codes: list[str], name: str) -> None:
    """Refuse perimeters that are not wholly in one territory; say so if their coordinates look swapped."""
    lon_min, lat_min, lon_max, lat_max = shapely.bounds(geometry).T
    low, high = crs.territory_index(lon=lon_min, lat=lat_min), crs.territory_index(lon=lon_max, lat=lat_max)
    wrong = (low < 0) | (low != high)
    if not wrong.any():
        return
    first = int(np.argmax(wrong))
    swapped = crs.territory_index(lon=lat_min[first : first + 1], lat=lon_min[first : first + 1])[0] >= 0
    place = (float(lon_min[first]), float(lat_min[first]))
    raise PerimeterError(
        (msg.perimeter_errors.perimeter_swapped if swapped else msg.perimeter_errors.perimeter_abroad)(
            name, codes[first], place
        )
    )
