"""The tables of projects shipped with qpv-geo, as published by towns."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "data"


def published_ids() -> tuple[str, ...]:
    """Return the names of the shipped tables, such as ``fiq-2024``."""
    return tuple(sorted(path.parent.name for path in _FOLDER.glob("*/*.csv")))


def published_file(name: str) -> Path | None:
    """Return the file of a shipped table, or None if there is no such table; its README is in the same folder."""
    return _FOLDER / name / f"{name}.csv" if name in published_ids() else None
