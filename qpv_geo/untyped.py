"""Names for what no library declares, so that a signature says what it takes where it can't say which class."""

from __future__ import annotations

from typing import Any, TypeAlias

Geometry: TypeAlias = Any
"""A shapely geometry, or a set of them: shapely has no types."""

AnyValue: TypeAlias = Any
"""Anything a file, a library or a caller may give: a JSON value, a cell, the keywords of somebody else's function."""
