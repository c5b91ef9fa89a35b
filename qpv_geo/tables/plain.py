"""Names and values in a form that a format can write: distinct names, and JSON."""

from __future__ import annotations

import base64
import json
import math
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qpv_geo.untyped import AnyValue

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def distinct_names(names: Iterable[str], *, taken: Iterable[str] = ()) -> list[str]:
    """Return names changed where needed to be non-empty, unique whatever their case, and not in `taken`.

    A second ``nom`` becomes ``nom_2``, an empty third name ``colonne_3``.
    """
    used = {name.casefold() for name in taken}
    result = []
    for position, given in enumerate(names, start=1):
        base = given or f"colonne_{position}"
        name, again = base, 1
        while name.casefold() in used:
            again += 1
            name = f"{base}_{again}"
        used.add(name.casefold())
        result.append(name)
    return result


def json_value(value: AnyValue) -> AnyValue:  # noqa: PLR0911 - any value that Arrow gives, one line a kind
    """Convert a value to JSON: dates and times to ISO 8601, bytes to base64, NaN and infinities to null."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case date() | time():  # a datetime is a date
            return value.isoformat()
        case Decimal():
            if not value.is_finite():
                return None
            return json_value(int(value) if value == value.to_integral_value() else float(value))
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case dict():
            return {str(key): json_value(inner) for key, inner in value.items()}
        case list() | tuple():
            return [json_value(inner) for inner in value]
        case _:
            return str(value)


def json_text(value: AnyValue) -> str:
    """Return the JSON text of a value, on one line."""
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError):  # a value that JSON lacks
        return _ENCODER.encode(json_value(value))
