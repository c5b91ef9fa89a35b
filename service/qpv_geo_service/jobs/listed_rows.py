"""What the page shows of a list: its first rows, the rows to verify, their places, and its file in another format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.batch.answer_columns import QPV_COLUMNS, answer_schema, shortened
from qpv_geo.batch.asked import AskedToVerify, asked_texts
from qpv_geo.batch.columns import Columns
from qpv_geo.batch.summary import Summary, sheets, to_verify
from qpv_geo.batch.systems import named_crs
from qpv_geo.batch.values import numbers, texts
from qpv_geo.files import replaced
from qpv_geo.model import Kind
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
"""Most questions to verify, and most points, that are kept of a list."""
MOST_POSITIONS = 20_000
"""Most rows to verify whose position is kept, over all questions."""

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
            _convert(source, beside, Format(wanted), job)
    return other


def _convert(source: Reader, path: Path, kind: Format, job: JobFolder) -> None:
    """Write a table as a CSV, or as a workbook with the columns for people and the sheets, as that of a run."""
    names = list(source.schema.names)
    every = answer_schema(addresses=True)
    left_out = set(every.names) - set(shortened(every)) if kind is Format.XLSX else set()
    answer = [name for name in names if name == _ANSWER]
    dropped = tuple(k for k, name in enumerate(names) if name in left_out or name == _ANSWER)
    schema = pa.schema([(name, pa.string()) for name in answer])
    kinds = tuple(job.job_request.options.get("kind") or (Kind.QPV,))
    writer = open_writer(path, kind, source, AddedColumns(schema, dropped, {_ANSWER: msg.colours.in_french(kinds)}))
    told = _Told(source, job) if kind is Format.XLSX and set(QPV_COLUMNS.names) <= set(names) else None
    try:
        for block in source.blocks():
            columns = [block.column(names.index(name)).cast(pa.string()) for name in answer]
            writer.write(block, pa.record_batch(columns, schema=schema))
            if told is not None:
                told.add(block)
        writer.finish([] if told is None else sheets(told.summary, told.answers, told.asked.of_block, kinds))
    except BaseException:
        writer.abort()
        raise


class _Told:
    """Collects what the sheets of a workbook say from a file of answers."""

    def __init__(self, source: Reader, job: JobFolder) -> None:
        self._names = list(source.schema.names)
        named = job.progress.columns or {}
        point, lon, lat, postcode = (self._place(named.get(name)) for name in ("point", "lon", "lat", "postcode"))
        address = tuple(place for one in named.get("address", ()) if (place := self._place(one)) is not None)
        self.summary = Summary(source.first_row)
        self.asked = AskedToVerify(Columns(address=address, point=point, lon=lon, lat=lat, postcode=postcode))
        self.answers: list[tuple[int, pa.RecordBatch]] = []

    def _place(self, name: str | None) -> int | None:
        return self._names.index(name) if name in self._names else None

    def add(self, block: RowBatch) -> None:
        """Add a block of the file."""
        columns = [texts(block.column(self._names.index(name))) for name in QPV_COLUMNS.names]
        answers = pa.record_batch(
            [pa.array([one or None for one in column], pa.string()) for column in columns], QPV_COLUMNS.names
        )
        self.summary.add(block.start, answers)
        self.asked.add(block, answers)
        self.answers.append((block.start, answers.select(["qpv_status", "qpv_reason", "qpv_message"])))


class RowCollector:
    """Collects the rows to verify of a run, and the points of its rows, as its blocks are answered.

    Rows that ask the very same question, on the same date, are one entry that has the positions of all of them.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._names = list(run.source.schema.names)
        self._used = run.columns.named(self._names)
        self._crs = named_crs(run.options.crs)
        self._count = 0
        self._kept_positions = 0
        self._rows: dict[tuple[str, ...], dict[str, Any]] = {}
        self._points: list[dict[str, Any]] = []
        self._corrected: list[dict[str, Any]] = []

    def add(self, block: RowBatch, answers: pa.RecordBatch) -> None:
        """Add a block and its answers."""
        statuses = _texts(answers["qpv_status"])
        doubtful = to_verify(answers)
        self._count += len(doubtful)
        if doubtful:
            self._list(block, answers, doubtful)
        self._correct(block)
        if len(self._points) < MOST_LISTED:
            located = self._located(block, answers)
            self._points += [
                {"row": self._number(block, row), "lon": lon, "lat": lat, "status": statuses[row]}
                for row, lon, lat in located
            ][: MOST_LISTED - len(self._points)]

    def to_dict(self) -> dict[str, Any]:
        """Return the number of rows to verify, the first questions that they ask, the first points, the corrections."""
        rows = list(self._rows.values())
        return {"count": self._count, "rows": rows, "points": self._points, "corrections": self._corrected}

    def _correct(self, block: RowBatch) -> None:
        """Keep what the corrected rows of a block ask, and what was chosen instead."""
        chosen = self._run.options.corrections
        rows = [place - block.start for place in chosen if block.start <= place < block.start + len(block)]
        asked = asked_texts(block, self._run.columns) if rows else []
        for row in rows:
            query = chosen[block.start + row]
            place = {"row": self._number(block, row), "position": block.start + row, "asked": asked[row]}
            self._corrected.append(place | {"q": query.text, "citycode": query.citycode})

    def _list(self, block: RowBatch, answers: pa.RecordBatch, rows: list[int]) -> None:
        asked, days = asked_texts(block, self._run.columns), self._column(block, self._used.get("date"))
        questions = self._questions(block)
        for row in rows:
            entry = self._rows.get(questions[row])
            if entry is None:
                if len(self._rows) >= MOST_LISTED:
                    continue
                status, reason, message = (
                    answers[name][row].as_py() for name in ("qpv_status", "qpv_reason", "qpv_message")
                )
                entry = self._rows[questions[row]] = {
                    "row": self._number(block, row),
                    "position": block.start + row,
                    "positions": [],
                    "count": 0,
                    "asked": asked[row],
                    "on": days[row] or self._run.day.isoformat(),
                    "status": status,
                    "reason": reason,
                    "message": message,
                }
            entry["count"] += 1
            if self._kept_positions < MOST_POSITIONS:
                self._kept_positions += 1
                entry["positions"].append(block.start + row)

    def _questions(self, block: RowBatch) -> list[tuple[str, ...]]:
        """Return all that each row asks: the cells of its place and its date."""
        columns = self._run.columns
        single = (columns.point, columns.lon, columns.lat, columns.date, columns.postcode, columns.citycode)
        used = [one for one in (*columns.address, *single) if one is not None]
        if columns.geometry:
            return [(str(block.start + row),) for row in range(len(block))]
        return list(zip(*(_texts(block.column(one)) for one in used), strict=True))

    def _number(self, block: RowBatch, row: int) -> int:
        return self._run.source.first_row + block.start + row

    def _column(self, block: RowBatch, name: str | None) -> list[str]:
        return [""] * len(block) if name is None else _texts(block.column(self._names.index(name)))

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
