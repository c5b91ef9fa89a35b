"""Cut a stream of records into blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Record = TypeVar("_Record")
_SIZE = 64_000_000


def pieces(
    records: Iterable[_Record], rows: int, weigh: Callable[[_Record], int], *, size: int = _SIZE
) -> Iterator[list[_Record]]:
    """Yield lists of at most `rows` consecutive records, each cut short once it reaches `size` bytes.

    A block of detailed polygons would otherwise take a thousand times the memory of a block of points.
    """
    piece: list[_Record] = []
    weight = 0
    for record in records:
        piece.append(record)
        weight += weigh(record)
        if len(piece) >= rows or weight >= size:
            yield piece
            piece, weight = [], 0
    if piece:
        yield piece
