"""What the page shows of a list: its first rows, the rows to verify, their places, and its file in another format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.batch.answers import answer_schema, shortened
from qpv_geo.batch.systems import named_crs
from qpv_geo.batch.values import numbers
from qpv_geo.files import replaced
from qpv_geo.model import Status
from qpv_geo.tables.opening import format_of, open_reader, open_writer
from qpv_geo.tables.protocol import AddedColumns, Format
from qpv_geo_service.jobs.work import reading_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from qpv_geo.batch.run import Run
    from qpv_geo.tables.protocol import Reader, RowBatch
    from qpv_geo_service.jobs.folder import JobFolder

MOST_LISTED = 2_000
"""Most rows to verify, and most points, that are kept of a list."""

_FIRM = frozenset({Status.INSIDE.value, Status.OUTSIDE.value})
_PREVIEWED, _MOST_LETTERS = 5, 60
_ANSWER = "qpv_reponse"


def preview(source: Reader) -> list[list[str]]:
    """Return the first rows of a table as text, long cells cut."""
    block = next(iter(source.blocks(_PREVIEWED)), None)
    if block is None:
        return []
    columns = [_texts(block.column(position)) for position in range(len(source.schema))]
    return [[_cut(column[row]) for column in columns] for row in range(min(len(block), _PREVIEWED))]


def in_format(job: JobFolder, wanted: str | None) -> Path:
    """Return the file of answers in a format, written once; by default the file as it is."""
    path = job.output
    if wanted is None or format_of(path).value == wanted:
        return path
    other = path.with_suffix(f".{wanted}")
    if not other.exists():
        source = open_reader(path, reading_of(job.job_request))
        with replaced(other) as beside:
            _convert(source, beside, Format(wanted))
    return other


def _convert(source: Reader, path: Path, kind: Format) -> None:
    """Write a table as a CSV, or as a sheet with the columns for people and its answers coloured, as those of a run."""
    names = list(source.schema.names)
    every = answer_schema(addresses=True)
    left_out = set(every.names) - set(shortened(every)) if kind is Format.XLSX else set()
    answer = [name for name in names if name == _ANSWER]
    dropped = tuple(k for k, name in enumerate(names) if name in left_out or name == _ANSWER)
    schema = pa.schema([(name, pa.string()) for name in answer])
    writer = open_writer(path, kind, source, AddedColumns(schema, dropped, {_ANSWER: msg.colours.in_french(("qpv",))}))
    try:
        for block in source.blocks():
            columns = [block.column(names.index(name)).cast(pa.string()) for name in answer]
            writer.write(block, pa.record_batch(columns, schema=schema))
        writer.finish([])
    except BaseException:
        writer.abort()
        raise


class RowCollector:
    """Collects the rows to verify of a run, and the points of its rows, as its blocks are answered."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._names = list(run.source.schema.names)
        self._used = run.columns.named(self._names)
        self._crs = named_crs(run.options.crs)
        self._count = 0
        self._rows: list[dict[str, Any]] = []
        self._points: list[dict[str, Any]] = []

    def add(self, block: RowBatch, answers: pa.RecordBatch) -> None:
        """Add a block and its answers."""
        statuses = _texts(answers["qpv_status"])
        doubtful = [row for row, status in enumerate(statuses) if status not in _FIRM]
        self._count += len(doubtful)
        room = MOST_LISTED - len(self._rows)
        if doubtful and room > 0:
            self._rows += self._listed(block, answers, doubtful[:room])
        if len(self._points) < MOST_LISTED:
            located = self._located(block, answers)
            self._points += [
                {"row": self._number(block, row), "lon": lon, "lat": lat, "status": statuses[row]}
                for row, lon, lat in located
            ][: MOST_LISTED - len(self._points)]

    def to_dict(self) -> dict[str, Any]:
        """Return the number of rows to verify, the first of them, and the first points."""
        return {"count": self._count, "rows": self._rows, "points": self._points}

    def _listed(self, block: RowBatch, answers: pa.RecordBatch, rows: list[int]) -> Iterator[dict[str, Any]]:
        asked, days = self._asked(block), self._column(block, self._used.get("date"))
        names = ("qpv_status", "qpv_reason", "qpv_message")
        for row in rows:
            status, reason, message = (answers[name][row].as_py() for name in names)
            yield {
                "row": self._number(block, row),
                "position": block.start + row,
                "asked": asked[row],
                "on": days[row] or self._run.day.isoformat(),
                "status": status,
                "reason": reason,
                "message": message,
            }

    def _number(self, block: RowBatch, row: int) -> int:
        return self._run.source.first_row + block.start + row

    def _column(self, block: RowBatch, name: str | None) -> list[str]:
        return [""] * len(block) if name is None else _texts(block.column(self._names.index(name)))

    def _asked(self, block: RowBatch) -> list[str]:
        """Return what each row asks, as it is typed in the page: its address, or its coordinates."""
        wanted = self._used.get("address") or [self._used.get(name) for name in ("point", "lon", "lat")]
        parts = [self._column(block, name) for name in wanted]
        return [" ".join(" ".join(filter(None, words)).split()) for words in zip(*parts, strict=True)]

    def _located(self, block: RowBatch, answers: pa.RecordBatch) -> Iterator[tuple[int, float, float]]:
        """Yield the rows that have a point, in degrees: that of their coordinates, or the one found."""
        lon, lat = np.full(len(block), np.nan), np.full(len(block), np.nan)
        if "lon" in self._used and "lat" in self._used:
            lon, lat = (
                numbers(block.column(self._names.index(self._used[name])))[0].astype(float) for name in ("lon", "lat")
            )
            if self._crs is not None:
                lon, lat = crs.points_to_wgs84(lon, lat, self._crs)
        if "result_longitude" in answers.schema.names:
            found = (_floats(answers["result_longitude"]), _floats(answers["result_latitude"]))
            lon, lat = (np.where(np.isnan(own), other, own) for own, other in zip((lon, lat), found, strict=True))
        for row in np.flatnonzero(np.isfinite(lon) & np.isfinite(lat)).tolist():
            yield row, round(float(lon[row]), 6), round(float(lat[row]), 6)


def _floats(column: pa.Array) -> NDArray[np.float64]:
    return np.array(column.to_pylist(), dtype=np.float64)


def _texts(column: pa.Array) -> list[str]:
    return ["" if one is None else str(one) for one in column.to_pylist()]


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"
