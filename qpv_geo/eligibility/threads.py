"""Work on blocks of points on all cores: numpy, shapely, pyproj and compiled code let threads run side by side."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_T = TypeVar("_T")
_Block = TypeVar("_Block")


def in_threads(work: Callable[[_Block], _T], blocks: Sequence[_Block]) -> list[_T]:
    """Return what `work` returns for each block, in order."""
    if len(blocks) < 2:  # noqa: PLR2004 - a thread for one block would only cost
        return [work(block) for block in blocks]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, blocks))


def slices(count: int, size: int) -> list[slice]:
    """Cut `count` items into blocks of `size`."""
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]
