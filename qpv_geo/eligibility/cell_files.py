"""The cells of an installed set, in a file beside it that is mapped into memory rather than read.

The file is a few arrays as ``numpy.save`` writes them, one after the other. The first holds the key of the perimeters
that the cells are of, and the sum of all the rest as 64-bit words: cells of other perimeters, of another version, cut
short or damaged are never used. (A hash would take longer than a first question, and whoever alters the file on purpose
may write that too.)
"""

from __future__ import annotations

import hashlib
import io
import mmap
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

from qpv_geo.eligibility.cells import Cells
from qpv_geo.files import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from qpv_geo.crs import Territory
    from qpv_geo.perimeters.read import PerimeterSet

_FORMAT = 1
"""Raised whenever cells are built otherwise, or mean something else."""
_ALIGNED = 64
_READABLE = 0o644
_NUMBERS = 3


def cell_file(perimeters: PerimeterSet, territory: Territory) -> Path | None:
    """Return the path of the cells of an installed set in a territory; None for a set that is not installed."""
    return perimeters.file and perimeters.file.path.with_suffix(f".{territory.id}.npy")


def key_of(perimeters: PerimeterSet, rows: NDArray[np.int32], territory: Territory) -> bytes:
    """Return what changes whenever the cells of some perimeters do."""
    some = perimeters.geometry[rows]
    sha256 = perimeters.file.sha256 if perimeters.file else ""
    facts = (_FORMAT, territory.id, territory.epsg, pyproj.proj_version_str, sha256)
    found = hashlib.sha256(repr(facts).encode())
    for values in (rows, shapely.bounds(some), shapely.get_num_coordinates(some)):
        found.update(np.ascontiguousarray(values).tobytes())
    return found.digest()


def write_cells(path: Path, cells: Cells, key: bytes) -> None:
    """Write cells, whole or not at all.

    Raises
    ------
    OSError
        They cannot be written.
    """
    content = b"".join(_saved(np.asarray(values)) for values in (cells[:_NUMBERS], *cells[_NUMBERS:]))
    head = _saved(np.frombuffer(key + _sum(memoryview(content)), dtype=np.uint8))
    write_whole(path, head + content, mode=_READABLE)


def read_cells(path: Path, key: bytes) -> Cells | None:
    """Map cells into memory; None if they are not there, altered, or not those of `key`."""
    try:
        with path.open("rb") as stream:
            content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)  # closed with the last array
        head, end = _mapped(content, 0)
        if head.tobytes() != key + _sum(memoryview(content)[end:]):
            return None
        arrays = []
        while end < len(content):
            array, end = _mapped(content, end)
            arrays.append(array)
    except (OSError, ValueError):
        return None
    return Cells(*arrays[0].tolist(), *arrays[1:])


def _saved(array: NDArray[Any]) -> bytes:
    """Return an array as ``numpy.save`` writes it, padded so that the next one is aligned."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue() + bytes(-stream.tell() % _ALIGNED)


def _sum(content: memoryview) -> bytes:
    words = np.frombuffer(content, dtype=np.uint64)
    return int(words.sum(dtype=np.uint64)).to_bytes(8)


def _mapped(content: mmap.mmap, start: int) -> tuple[NDArray[Any], int]:
    """Return the array that begins at `start`, and where the next one does."""
    content.seek(start)
    np.lib.format.read_magic(content)
    shape, _, dtype = np.lib.format.read_array_header_1_0(content)
    array: NDArray[Any] = np.frombuffer(content, dtype=dtype, count=shape[0], offset=content.tell())
    end = content.tell() + array.nbytes
    return array, end + -end % _ALIGNED
