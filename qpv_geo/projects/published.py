"""The tables of projects that ship with qpv-geo: what towns have published, and nothing more."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "data"


def published_ids() -> tuple[str, ...]:
    """Return the names by which the tables are asked for, such as ``fiq-2024``."""
    return tuple(sorted(path.name for path in _FOLDER.iterdir() if path.is_dir()))


def published_file(name: str) -> Path | None:
    """Return the file of a table that ships, or None where no table has that name; its README is beside it."""
    return _FOLDER / name / f"{name}.csv" if name in published_ids() else None
