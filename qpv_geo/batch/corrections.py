"""Addresses that a person chose for some rows of a table, in place of what the file says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.model import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.tables.protocol import RowBatch


def chosen_in(block: RowBatch, corrections: Mapping[int, Query], queries: Mapping[int, Query]) -> dict[int, Query]:
    """Return the addresses chosen for rows of a block, by row from 0; `queries` are those of the file.

    Raises
    ------
    InputError
        One of these rows has no address to replace.
    """
    ends = block.start + len(block)
    chosen = {place - block.start: query for place, query in corrections.items() if block.start <= place < ends}
    for row in sorted(chosen.keys() - queries.keys()):
        raise InputError(msg.row_errors.nothing_to_correct(block.start + row))
    return chosen


def refuse_unfound(start: int, chosen: Mapping[int, Query], answers: pa.RecordBatch) -> None:
    """Raise `InputError` if a chosen address is not found; `start` is the position of the first row."""
    for row, query in chosen.items():
        if answers["qpv_reason"][row].as_py() == Reason.NO_MATCH:
            raise InputError(msg.row_errors.chosen_unfound(start + row, query.text))


def refuse_beyond(rows: int, corrections: Mapping[int, Query]) -> None:
    """Raise `InputError` for a position that the table, of so many rows, does not have."""
    beyond = max(corrections, default=-1)
    if beyond >= rows:
        raise InputError(msg.row_errors.no_such_position(beyond, rows))
