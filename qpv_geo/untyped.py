"""Aliases for values without a type of their own, so that signatures still say what they accept."""

from __future__ import annotations

from typing import Any, TypeAlias

Geometry: TypeAlias = Any
"""A shapely geometry, or an array of them; shapely is untyped."""

AnyValue: TypeAlias = Any
"""Any value from a file, a library or a caller: a JSON value, a cell, keyword arguments of another function."""
