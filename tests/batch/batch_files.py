"""Tables for tests of a whole list at once: two known places, and files of every format written and read back."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import geopandas
import openpyxl
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

ON = "2024-06-01"
INSIDE, OUTSIDE = (3.00671, 50.60889), (0.30, 46.55)
"""In Les Oliveaux (QN05975M), and far from any perimeter within the extract of Poitiers; degrees."""
LAMBERT_93 = 2154
ANSWERS = (
    *("qpv_reponse", "qpv_message", "qpv_code", "qpv_nom", "qpv_status", "qpv_reason"),
    *("qpv_part", "qpv_distance_m", "qpv_generation"),
)
RESULTS = (
    *("result_label", "result_score", "result_type", "result_id", "result_housenumber", "result_street"),
    *("result_postcode", "result_city", "result_citycode", "result_longitude", "result_latitude"),
    *("result_status", "result_match", "qpv_mention"),
)


def write_csv(path: Path, header: Sequence[str], *rows: Sequence[Any], delimiter: str = ";") -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows([header, *rows])
    return path


def write_points(path: Path, *points: tuple[Any, Any]) -> Path:
    """Write rows of an id, a longitude and a latitude."""
    return write_csv(path, ("id", "lon", "lat"), *((k, *point) for k, point in enumerate(points, start=1)))


def read_csv(path: Path, *, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    """Return the rows of a CSV as text, read by what knows nothing of qpv-geo."""
    with path.open(encoding=encoding, newline="") as stream:
        start = stream.read(2_000)
        stream.seek(0)
        return list(csv.DictReader(stream, delimiter=max(";\t|,", key=start.count)))


def read_sheets(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the values of all the sheets of a workbook, each as rows."""
    book = openpyxl.load_workbook(path)
    found = {sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}
    book.close()
    return found


def read_rows(path: Path, *, layer: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of a table of any format, without its geometries; what is missing is None."""
    match path.suffix:
        case ".csv":
            return [{name: value or None for name, value in row.items()} for row in read_csv(path)]
        case ".xlsx":
            header, *rows = next(iter(read_sheets(path).values()))
            return [dict(zip(header, row, strict=True)) for row in rows]
        case ".parquet":
            frame = pd.read_parquet(path)
        case ".geojson":
            return [feature["properties"] for feature in json.loads(path.read_text(encoding="utf-8"))["features"]]
        case _:
            frame = geopandas.read_file(path, **({} if layer is None else {"layer": layer}))
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore")).astype(object)
    return plain.where(plain.notna(), None).to_dict("records")


def answers_of(rows: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Return the answers of rows in a form that does not depend on the format: numbers as numbers."""
    numbers = {"qpv_part", "qpv_distance_m"}
    return [
        tuple(
            None if row[name] is None else float(str(row[name]).replace(",", ".")) if name in numbers else row[name]
            for name in ANSWERS
        )
        for row in rows
    ]
