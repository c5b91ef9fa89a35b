"""What a process on another machine needs to answer as this one does: the installed perimeters, the settings.

Perimeters travel with the work, in a few megabytes. Address indexes are too large for that: each machine opens its own,
which must be of the same editions.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo._version import __version__
from qpv_geo.eligibility.check import Checker, default_checker
from qpv_geo.errors import MissingError
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class PortableHome:
    """A copy of a home folder, to pickle.

    Attributes
    ----------
    software
        Version of qpv-geo that made it.
    settings
        The settings other than the home, as JSON.
    perimeters
        Name and content of each file of the installed perimeters, compressed.
    indexes
        File name and sha256 of the source of each address index; empty if no address is asked.
    """

    software: str
    settings: str
    perimeters: tuple[tuple[str, bytes], ...]
    indexes: tuple[tuple[str, str], ...]

    def checker(self, find_index: Callable[[str], Path] | None = None) -> Checker:
        """Return the checker of this home in this process, made once.

        Parameters
        ----------
        find_index
            Returns the path of an address index by its file name; by default, that in ``QPV_GEO_HOME``.

        Raises
        ------
        MissingError
            This machine has another version of qpv-geo, or lacks one of the address indexes.
        """
        return _unpacked(self, find_index or _own_index)[0]


def pack_home(*, addresses: bool) -> tuple[PortableHome, tuple[Path, ...]]:
    """Return the home of the settings, and the address indexes, which it only names."""
    settings = default_checker().settings
    indexes = AddressStore(settings.home).status() if addresses else []
    files = sorted((settings.home / "perimeters").glob("[!.]*"))
    home = PortableHome(
        __version__,
        settings.model_dump_json(exclude={"home"}),
        tuple((path.name, zlib.compress(path.read_bytes(), 1)) for path in files if path.is_file()),
        tuple((one.path.name, one.sha256) for one in indexes),
    )
    return home, tuple(one.path for one in indexes)


def _own_index(name: str) -> Path:
    return load_settings().home / "addresses" / name


@lru_cache(maxsize=1)
def _unpacked(home: PortableHome, find_index: Callable[[str], Path]) -> tuple[Checker, TemporaryDirectory[str]]:
    """Return the checker and the folder it reads, which is removed when the process ends."""
    if home.software != __version__:
        raise MissingError(msg.errors.other_version(__version__, home.software))
    folder = TemporaryDirectory(prefix="qpv-geo-")
    root = Path(folder.name)
    for name in ("perimeters", "addresses"):
        (root / name).mkdir()
    for name, content in home.perimeters:
        (root / "perimeters" / name).write_bytes(zlib.decompress(content))
    for name, sha256 in home.indexes:
        path = find_index(name)
        if path.is_file():
            (root / "addresses" / name).symlink_to(path)
        if not any(one.path.name == name and one.sha256 == sha256 for one in AddressStore(root).status()):
            raise MissingError(msg.errors.index_not_here(name, str(path)))
    return Checker(Settings(home=root, **json.loads(home.settings))), folder
