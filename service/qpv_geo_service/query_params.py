"""Request parameters: one model defines both parsing and documentation.

Pydantic validates the raw query in a few microseconds. FastAPI would process each of a dozen parameters twice, which
costs more than a verdict.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, ValidationError

from qpv_geo.errors import InputError
from qpv_geo_service import messages
from qpv_geo_service.errors import ParametersError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pydantic_core import ErrorDetails
    from starlette.types import Scope

_MOST_FIELDS = 100


class Parameters(BaseModel):
    """Base of parameters; unknown ones are refused, since a typo would silently change an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Some = TypeVar("Some", bound=Parameters)


def read_query(model: type[Some], scope: Scope) -> Some:
    """Read the query of a request.

    Raises
    ------
    ParametersError
        A parameter is unknown, repeated, missing or invalid.
    """
    return read_pairs(model, _pairs(scope))


def refuse_unknown(scope: Scope, known: Collection[str], fields: Collection[str] = ()) -> None:
    """Raise `ParametersError` for the query parameters that a route does not know.

    Parameters
    ----------
    known
        Names of its query parameters.
    fields
        Names of the fields of its form, which the error tells apart.
    """
    unknown = dict.fromkeys(name for name, _ in _pairs(scope) if name not in known)
    if unknown:
        raise _refused([(name, messages.unknown_parameter(name, known, fields)) for name in unknown])


def _pairs(scope: Scope) -> list[tuple[str, str]]:
    try:
        return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise _refused([("?", messages.fault("too_long"))]) from error


def read_pairs(model: type[Some], pairs: Iterable[tuple[str, Any]]) -> Some:
    """Read pairs of names and values; see `read_query`. An empty value counts as absent."""
    several = _repeatable(model)
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in several:
            if value:
                values.setdefault(name, []).append(value)
        elif name in values:
            raise _refused([(name, messages.fault("repeated"))])
        elif value or name not in model.model_fields:
            values[name] = value
    return read_values(model, values)


def read_values(model: type[Some], values: Mapping[str, Any]) -> Some:
    """Read values by name; see `read_query`."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _refused([_fault(model, one) for one in error.errors()]) from error


def read_bbox(text: str) -> tuple[float, float, float, float]:
    """Return a box in degrees: west, south, east, north.

    Raises
    ------
    InputError
        Not four finite numbers in order.
    """
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError as error:
        raise InputError(messages.bad_bbox(text)) from error
    in_order = west <= east and south <= north
    if not in_order or not all(map(math.isfinite, (west, south, east, north))) or max(abs(west), abs(east)) > 180:  # noqa: PLR2004 - degrees
        raise InputError(messages.bad_bbox(text))
    return west, south, east, north


def documented(model: type[Parameters]) -> dict[str, Any]:
    """Return the OpenAPI description of the query parameters of a route."""
    schema = model.model_json_schema()
    required = schema.get("required", ())
    return {"parameters": [_parameter(name, one, name in required) for name, one in schema["properties"].items()]}


def documented_object(model: type[Parameters]) -> dict[str, Any]:
    """Return the OpenAPI schema of the parameters as a JSON object."""
    described = {one["name"]: one for one in documented(model)["parameters"]}
    fields = {name: one["schema"] | {"description": one["description"]} for name, one in described.items()}
    return {"type": "object", "properties": fields, "additionalProperties": False}


def _parameter(name: str, schema: dict[str, Any], required: bool) -> dict[str, Any]:  # noqa: FBT001 - only one caller
    shown = {key: value for key, value in schema.items() if key not in {"title", "description", "examples"}}
    options = shown.pop("anyOf", None)
    if options is not None:  # None means that the parameter is absent, it is not a value
        shown |= next(one for one in options if one != {"type": "null"})
        if shown.get("default", ...) is None:
            del shown["default"]
    said = schema.get("description") or messages.PARAMETER[name]
    told = {"name": name, "in": "query", "required": required, "schema": shown, "description": said}
    return told | ({"example": schema["examples"][0]} if schema.get("examples", [None])[0] is not None else {})


def _fault(model: type[Parameters], one: ErrorDetails) -> tuple[str, str]:
    name = str(one["loc"][0]) if one["loc"] else "?"
    if one["type"] == "extra_forbidden":
        return name, messages.unknown_parameter(name, model.model_fields)
    return name, messages.fault(one["type"], one["input"], one.get("ctx"))


@cache
def _repeatable(model: type[Parameters]) -> frozenset[str]:
    return frozenset(name for name, field in model.model_fields.items() if "tuple" in str(field.annotation))


def _refused(faults: list[tuple[str, str]]) -> ParametersError:
    told = tuple((name[:60], text) for name, text in faults)
    return ParametersError(messages.bad_parameters(told), told)
