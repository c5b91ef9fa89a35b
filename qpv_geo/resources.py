"""Location of the data shipped with the project."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def data_folder() -> Path:
    """Return the folder ``boundaries``: inside an installed package, beside it in a checkout."""
    packaged = _PACKAGE / "boundaries"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "boundaries"
