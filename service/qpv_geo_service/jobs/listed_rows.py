"""What the page shows of a list: its first rows, the rows to verify, their places, and its file in another format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from qpv_geo import crs
from qpv_geo.batch.systems import named_crs
from qpv_geo.batch.values import numbers
from qpv_geo.files import replaced
from qpv_geo.messages.batch import COLOURS
from qpv_geo.model import Status
from qpv_geo.tables.opening import format_of, open_reader, open_writer
from qpv_geo.tables.protocol import AddedColumns, Format, ReadingOptions
from qpv_geo_service.jobs.work import reading_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from qpv_geo.tables.protocol import Reader, RowBatch
    from qpv_geo_service.jobs.folder import JobFolder

_FIRM = frozenset({Status.INSIDE.value, Status.OUTSIDE.value})
_PREVIEWED, _MOST_LETTERS = 5, 60
_STATUS = "qpv_status"


def preview(source: Reader) -> list[list[str]]:
    """Return the first rows of a table as text, long cells cut."""
    block = next(iter(source.blocks(_PREVIEWED)), None)
    if block is None:
        return []
    columns = [_texts(block, position) for position in range(len(source.schema))]
    return [[_cut(column[row]) for column in columns] for row in range(min(len(block), _PREVIEWED))]


def listed(job: JobFolder, limit: int) -> dict[str, Any]:
    """Return the rows to verify of a finished job and the points of its rows, at most `limit` of each."""
    source = open_reader(job.output, _output_reading(job))
    names = list(source.schema.names)
    found = _Found(names, job, limit)
    for block in source.blocks():
        found.add(source.first_row, block)
    return {"count": found.count, "rows": found.rows, "points": found.points}


def in_format(job: JobFolder, wanted: str | None) -> Path:
    """Return the file of answers in a format, written once; by default the file as it is."""
    path = job.output
    if wanted is None or format_of(path).value == wanted:
        return path
    other = path.with_suffix(f".{wanted}")
    if not other.exists():
        source = open_reader(path, _output_reading(job))
        with replaced(other) as beside:
            _convert(source, beside, Format(wanted))
    return other


def _convert(source: Reader, path: Path, kind: Format) -> None:
    """Write a table as a CSV or a sheet, its answers coloured as in the workbook of a run."""
    answers = [name for name in source.schema.names if name == _STATUS]
    taken = tuple(source.schema.names.index(name) for name in answers)
    extra = AddedColumns(pa.schema([(name, pa.string()) for name in answers]), taken, {_STATUS: COLOURS})
    writer = open_writer(path, kind, source, extra)
    try:
        for block in source.blocks():
            columns = [block.column(position).cast(pa.string()) for position in taken]
            writer.write(block, pa.record_batch(columns, schema=extra.schema))
        writer.finish([])
    except BaseException:
        writer.abort()
        raise


def _output_reading(job: JobFolder) -> ReadingOptions:
    """Return how to read the answers, which are in the encoding of the upload."""
    return reading_of(job.job_request)


class _Found:
    """Collects the rows to verify, and points, from blocks of answers."""

    def __init__(self, names: Sequence[str], job: JobFolder, limit: int) -> None:
        self.count, self._limit = 0, limit
        self.rows: list[dict[str, Any]] = []
        self.points: list[dict[str, Any]] = []
        self._at = {name: position for position, name in enumerate(names)}
        self._used = job.progress.columns or {}
        self._on = job.job_request.options.get("on")
        self._crs = named_crs(job.job_request.options.get("crs"))

    def add(self, first_row: int, block: RowBatch) -> None:
        """Add a block."""
        statuses, asked = self._column(block, _STATUS), self._asked(block)
        reasons, messages = self._column(block, "qpv_reason"), self._column(block, "qpv_message")
        days = self._column(block, self._used.get("date"))
        for row, status in enumerate(statuses):
            if status in _FIRM:
                continue
            self.count += 1
            if len(self.rows) < self._limit:
                position = block.start + row
                told = {"row": first_row + position, "position": position, "asked": asked[row], "status": status}
                on = days[row] or self._on
                self.rows.append(told | {"on": on, "reason": reasons[row] or None, "message": messages[row] or None})
        for row, lon, lat in self._located(block):
            if len(self.points) < self._limit:
                number = first_row + block.start + row
                self.points.append({"row": number, "lon": lon, "lat": lat, "status": statuses[row]})

    def _column(self, block: RowBatch, name: str | None) -> list[str]:
        return _texts(block, self._at[name]) if name in self._at else [""] * len(block)

    def _asked(self, block: RowBatch) -> list[str]:
        """Return what each row asks, as it is typed in the page: its address, or its coordinates."""
        if "address" in self._used:
            parts = [self._column(block, name) for name in self._used["address"]]
        else:
            parts = [self._column(block, self._used.get(name)) for name in ("point", "lon", "lat")]
        return [" ".join(" ".join(filter(None, words)).split()) for words in zip(*parts, strict=True)]

    def _located(self, block: RowBatch) -> Iterator[tuple[int, float, float]]:
        """Yield the rows that have a point, in degrees: that of their coordinates, or the one found."""
        own = tuple(self._used.get(name) for name in ("lon", "lat"))
        pairs = [("result_longitude", "result_latitude", None), (*own, self._crs)]
        seen: set[int] = set()
        for lon, lat, system in pairs:
            if lon not in self._at or lat not in self._at:
                continue
            x, y = (numbers(block.column(self._at[name]))[0] for name in (lon, lat))
            if system is not None:
                x, y = crs.points_to_wgs84(x, y, system)
            for row in range(len(block)):
                if row not in seen and np.isfinite(x[row]) and np.isfinite(y[row]):
                    seen.add(row)
                    yield row, round(float(x[row]), 6), round(float(y[row]), 6)


def _texts(block: RowBatch, position: int) -> list[str]:
    return [("" if one is None else str(one)) for one in block.column(position).to_pylist()]


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"
