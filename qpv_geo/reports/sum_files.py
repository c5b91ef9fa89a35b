"""Sums of projects as files for other programs: CSV, Parquet, GeoPackage (with a style for QGIS) and GeoJSON.

The rows of a file add up to the total of the table, to the cent. A file of features has one per perimeter, with its
sums, and one without geometry for each other line.
"""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from qpv_geo import messages as msg
from qpv_geo._version import __version__
from qpv_geo.errors import InputError
from qpv_geo.files import replaced
from qpv_geo.messages.verdicts import NOTICE
from qpv_geo.projects import KEYS, Sums
from qpv_geo.projects.classes import class_colours, classify
from qpv_geo.reports.divided import DividedColumns
from qpv_geo.tables.plain import distinct_names
from qpv_geo.tables.qgis_style import Class, PolygonStyle, add_style

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from qpv_geo.projects import CrossSums, Line
    from qpv_geo.projects.per_inhabitant import PerInhabitant
    from qpv_geo.untyped import Geometry

    Found = Sums | CrossSums

_AMOUNT = (18, 2)
"""Precision and scale of the decimals of a Parquet file."""
_LAYER = "sommes"
_OUTLINE, _NO_AMOUNT = "#333b45", "#f1f3f4"


class SumsFile(NamedTuple):
    """Sums to write.

    Attributes
    ----------
    name
        Name of the table.
    found
        Sums by one key, or by two: a row for each line of the first, a column for each of the second.
    perimeters
        Geometry of perimeters, degrees, by code.
    divided
        Euros per inhabitant of the lines, or of the rows, that are places; none if they were not asked for.
    """

    name: str
    found: Found
    perimeters: Mapping[str, Geometry]
    divided: Sequence[PerInhabitant] = ()


def write_sums(path: Path, sums_file: SumsFile) -> None:
    """Write sums to a file, whole or not at all.

    Raises
    ------
    InputError
        The extension is not one of `EXTENSIONS`, or features are asked for a key whose lines are not perimeters.
    OSError
        The file cannot be written.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise InputError(msg.reports.unknown_output(path.name, (".xlsx", *_WRITERS)))
    if path.suffix.lower() in _FEATURES and not KEYS[_rows(sums_file.found).by].on_perimeters:
        raise InputError(
            msg.reports.not_on_perimeters(path.name, [key for key, one in KEYS.items() if one.on_perimeters])
        )
    with replaced(path) as beside:
        write(beside, sums_file)


def sums_table(found: Found, divided: Sequence[PerInhabitant] = ()) -> tuple[list[str], list[list[Any]]]:
    """Return sums as a table: its columns, then a row per line and, last, the totals.

    Amounts are decimals; None for an amount that is not published, or where there is no project.
    """
    rows, per = _rows(found), DividedColumns(divided)
    across = [] if isinstance(found, Sums) else list(found.columns.lines)
    names = [*msg.reports.SUM_COLUMNS[:-1], *map(_label, across), msg.reports.SUM_COLUMNS[-1], *per.names]
    lines = [
        [*_facts(line), *(_cell(found, row, k) for k in range(len(across))), line.amount, *per.cells(line)]
        for row, line in enumerate(rows.lines)
    ]
    last = [msg.reports.TOTAL, None, None, rows.count, len(rows.unpublished)]
    return distinct_names(names), [*lines, [*last, *(line.amount for line in across), rows.total, *per.cells(None)]]


def _facts(line: Line) -> list[Any]:
    return [line.label, line.code, msg.reports.LINE_KIND[line.kind] or None, line.count, len(line.unpublished)]


def _cell(found: Found, row: int, column: int) -> Decimal | None:
    cell = None if isinstance(found, Sums) else found.cells.get((row, column))
    return None if cell is None else cell.amount


def _rows(found: Found) -> Sums:
    return found if isinstance(found, Sums) else found.rows


def _label(line: Line) -> str:
    return line.label if line.code is None else msg.maps.named(line.label, line.code)


# ── Formats ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _csv(path: Path, sums_file: SumsFile) -> None:
    """Write what a French spreadsheet opens: UTF-8 with a mark, semicolons, decimal commas; the totals come last."""
    columns, rows = sums_table(sums_file.found, sums_file.divided)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(
        [str(cell).replace(".", ",") if isinstance(cell, Decimal) else cell for cell in row] for row in rows
    )
    path.write_bytes(text.getvalue().encode("utf-8-sig"))


def _parquet(path: Path, sums_file: SumsFile) -> None:
    """Write a row per line or, by two keys, per line of both; amounts are decimals.

    By two keys, euros per inhabitant are those of the whole row of the table, repeated.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy

    found, per = sums_file.found, DividedColumns(sums_file.divided)
    records = list(_records(found, per))
    fields = [(name, pa.string()) for name in ("ligne", "code", "nature")]
    if not isinstance(found, Sums):
        fields += [(f"{name}_colonne", pa.string()) for name in ("ligne", "code", "nature")]
    schema = pa.schema([*fields, ("projets", pa.int64()), ("montant", pa.decimal128(*_AMOUNT))])
    numbers = {*per.inhabitants, msg.indicators.PER_COLUMN}
    for name in per.names:
        schema = schema.append(pa.field(name, pa.decimal128(*_AMOUNT) if name in numbers else pa.string()))
    by = [_rows(found).by] if isinstance(found, Sums) else [found.rows.by, found.columns.by]
    about = {"table": sums_file.name, "by": ",".join(by), "software": f"qpv-geo {__version__}", "notice": NOTICE}
    pq.write_table(pa.Table.from_pylist(records, schema).replace_schema_metadata(about), path)


def _records(found: Found, per: DividedColumns) -> Iterator[dict[str, Any]]:
    if isinstance(found, Sums):
        for line in found.lines:
            yield {**_named(line), "projets": line.count, "montant": line.amount, **per.record(line)}
        return
    for (row, column), cell in sorted(found.cells.items()):
        across = {f"{name}_colonne": value for name, value in _named(found.columns.lines[column]).items()}
        line = found.rows.lines[row]
        yield {**_named(line), **across, "projets": cell.count, "montant": cell.amount, **per.record(line)}


def _named(line: Line) -> dict[str, Any]:
    return {"ligne": line.label, "code": line.code, "nature": msg.reports.LINE_KIND[line.kind] or None}


def _features(sums_file: SumsFile) -> gpd.GeoDataFrame:
    """Return a feature per line, in longitude and latitude, without geometry if it is no perimeter that is known.

    The columns that every file has are named without spaces: some readers of GeoPackages do not quote them.
    """
    import geopandas as gpd  # noqa: PLC0415 - heavy

    from qpv_geo import crs  # noqa: PLC0415 - beside it

    columns, rows = sums_table(sums_file.found, sums_file.divided)
    frame = gpd.GeoDataFrame(
        {name: [_number(row[k]) for row in rows[:-1]] for k, name in enumerate(columns)},
        geometry=[sums_file.perimeters.get(line.code or "") for line in _rows(sums_file.found).lines],
        crs=crs.WGS84,
    )
    plain = {name: _plain(name) for name in (*msg.reports.SUM_COLUMNS, *DividedColumns(sums_file.divided).names)}
    return frame.rename(columns=plain | {"code": "code_qp"})


def _plain(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _number(value: Any) -> Any:  # noqa: ANN401 - the values of a table
    return float(value) if isinstance(value, Decimal) else value


def _geopackage(path: Path, sums_file: SumsFile) -> None:
    import pyogrio  # noqa: PLC0415 - heavy

    content = io.BytesIO()
    about = {"table": sums_file.name, "software": f"qpv-geo {__version__}", "notice": NOTICE}
    frame = _features(sums_file)
    pyogrio.write_dataframe(
        frame, content, driver="GPKG", layer=_LAYER, geometry_type="MultiPolygon", promote_to_multi=True,
        layer_metadata=about, layer_options={"IDENTIFIER": sums_file.name, "DESCRIPTION": NOTICE},
    )  # fmt: skip
    path.write_bytes(content.getvalue())
    add_style(path, _LAYER, _style(sums_file))


def _style(sums_file: SumsFile) -> PolygonStyle:
    """Return the style of a choropleth of the total of each perimeter, or of its euros per inhabitant."""
    title, field = msg.maps.LEGEND_MONEY, msg.reports.SUM_COLUMNS[-1]
    told = [(line.code, line.amount) for line in _rows(sums_file.found).lines]
    if sums_file.divided:
        title, field = msg.indicators.LEGEND_PER, _plain(msg.indicators.PER_COLUMN)
        told = [(one.line.code, one.amount) for one in sums_file.divided]
    amounts = {code: amount for code, amount in told if code and amount is not None}
    classes = classify(amounts)
    least = min(amounts.values(), default=Decimal(0))
    lows = (min(least - 1, Decimal(0)), *classes.bounds)
    steps = tuple(
        Class(float(low), float(high), colour, msg.maps.money_class(low, high))
        for low, high, colour in zip(lows, classes.bounds, class_colours(classes), strict=False)
    )
    return PolygonStyle(title, _OUTLINE, _NO_AMOUNT, label="ligne", field=field, classes=steps)


def _geojson(path: Path, sums_file: SumsFile) -> None:
    collection = json.loads(_features(sums_file).to_json(drop_id=True))
    total = _rows(sums_file.found).total
    about = {
        "table": sums_file.name,
        "total": None if total is None else str(total),
        "software": f"qpv-geo {__version__}",
        "notice": NOTICE,
    }
    members = {"type": collection["type"], "name": _LAYER, "metadata": about}
    path.write_text(json.dumps(members | collection, ensure_ascii=False), encoding="utf-8")


_FEATURES = frozenset({".gpkg", ".geojson"})
_WRITERS = {".csv": _csv, ".parquet": _parquet, ".gpkg": _geopackage, ".geojson": _geojson}
EXTENSIONS = tuple(_WRITERS)
"""Extensions of the files that `write_sums` writes."""
