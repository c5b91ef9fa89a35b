"""What the rows of a table ask, in the words of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from qpv_geo import messages as msg
from qpv_geo.batch import values
from qpv_geo.batch.summary import to_verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.batch.columns import Columns
    from qpv_geo.tables.protocol import RowBatch


def asked_texts(block: RowBatch, columns: Columns) -> list[str]:
    """Return what each row asks: its coordinates or whole place if it has them, else its address with its postcode."""
    address = [*columns.address, *([] if columns.postcode in columns.address else [columns.postcode])]
    places = _joined(block, [columns.point, columns.lon, columns.lat])
    addresses = _joined(block, address if columns.address else [])
    unsaid = msg.batch_sheets.GEOMETRY_ASKED if columns.geometry else ""
    return [place or words or unsaid for place, words in zip(places, addresses, strict=True)]


def _joined(block: RowBatch, positions: Sequence[int | None]) -> list[str]:
    parts = [values.texts(block.column(one)) for one in positions if one is not None]
    if not parts:
        return [""] * len(block)
    return [" ".join(" ".join(filter(None, words)).split()) for words in zip(*parts, strict=True)]


class AskedToVerify:
    """Collects what the rows to verify ask, block by block."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._by_start: dict[int, pa.Array] = {}

    def add(self, block: RowBatch, answers: pa.RecordBatch) -> None:
        """Add a block and its answers."""
        rows = to_verify(answers)
        if rows:
            texts = asked_texts(block, self._columns)
            self._by_start[block.start] = pa.array([texts[row] or None for row in rows], pa.string())

    def of_block(self, start: int) -> list[str | None]:
        """Return the texts of the rows to verify, in order, of the block that starts at a row."""
        texts = self._by_start.get(start)
        return [] if texts is None else texts.to_pylist()
