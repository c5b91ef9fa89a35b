"""Write ``docs/http.md`` from the OpenAPI document of the service."""  # noqa: INP001

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qpv_geo_service.app import create_app
from qpv_geo_service.problems import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Json = dict[str, Any]

PAGE = Path(__file__).resolve().parents[1] / "docs/http.md"
INTRODUCTION = """\
# HTTP

<!-- Written by scripts/http_reference.py from the OpenAPI document: do not edit. -->

`qpv serve` answers these routes. A running service shows the same reference at `/docs`, and its OpenAPI document at
`/openapi.json`; summaries, parameters and responses are in French there, and so they are here.

A route refuses the parameters, form fields and bodies that it does not list, and gives the nearest known name; an
empty value counts as absent. Errors are `application/problem+json` (RFC 9457).
Where the service has keys (`QPV_GEO_SERVICE_API_KEYS`), every route under `/v1` needs one in the header `X-API-Key`.
[How a verdict is decided](decision.md) explains `status` and `reason`.
"""
PROBLEMS = "Problems that every `/v1` route may return"
KINDS_OF_PROBLEMS = "Kinds of problems"
RESPONSE_COLUMNS = ("status", "description", "body")
LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "maxItems": "at most {} values",
    "pattern": "matches `{}`",
}


def main() -> None:
    """Write the page."""
    PAGE.write_text(reference(create_app().openapi()), encoding="utf-8")


def reference(document: Json) -> str:
    """Return the page of an OpenAPI document."""
    operations = [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    shared = shared_responses([one for name, one in operations if " /v1/" in name])
    parts = [INTRODUCTION, routes(operations), *(route(name, one, shared) for name, one in operations)]
    parts += [f"## {PROBLEMS}\n\n{responses(shared)}", problems(), "## Schemas\n"]
    parts += [schema(name, one) for name, one in sorted(document["components"]["schemas"].items())]
    return "\n".join(parts)


# ── Routes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def routes(operations: Iterable[tuple[str, Json]]) -> str:
    """Return the table of routes, each with a link to its section."""
    rows = [(f"[`{name}`](#{anchor(name)})", one["summary"]) for name, one in operations]
    return f"## Routes\n\n{table(('route', 'summary'), rows)}"


def route(name: str, operation: Json, shared: Json) -> str:
    """Return the section of a route; the responses that all share are only linked."""
    parts = [f"### `{name}`\n", *(f"{operation[one]}\n" for one in ("summary", "description") if one in operation)]
    parameters = [
        (f"`{one['name']}`", one["in"], *value(one["schema"], is_required=one["required"]), one["description"])
        for one in operation.get("parameters", ())
    ]
    if parameters:
        parts.append(table(("parameter", "in", "type", "required", "description"), parameters))
    if "requestBody" in operation:
        parts += body(operation["requestBody"])
    own = {status: one for status, one in operation["responses"].items() if shared.get(status) != one}
    parts.append(responses(own))
    if len(own) < len(operation["responses"]):
        parts.append(f"And the [problems of every `/v1` route](#{anchor(PROBLEMS)}).\n")
    return "\n".join(parts)


def body(request: Json) -> Iterator[str]:
    """Yield what the body of a request holds: its media types, and the fields of a form or of the objects of a list."""
    kinds = ", ".join(f"`{kind}`" for kind in request["content"])
    yield f"Body ({'required' if request.get('required') else 'optional'}): {kinds}\n"
    for content in request["content"].values():
        described = content["schema"].get("items", content["schema"])
        required = described.get("required", ())
        fields = described.get("properties", {})
        rows = [
            (f"`{name}`", *value(one, is_required=name in required), one["description"]) for name, one in fields.items()
        ]
        if rows:
            yield table(("field", "type", "required", "description"), rows)


def shared_responses(operations: list[Json]) -> Json:
    """Return the responses that all operations have, by status."""
    first, *others = (one["responses"] for one in operations)
    return {status: one for status, one in first.items() if all(each.get(status) == one for each in others)}


def responses(described: Json) -> str:
    """Return the table of responses, by status."""
    told = sorted(described.items())
    rows = [(status, one["description"], contents(one.get("content", {}))) for status, one in told]
    return table(RESPONSE_COLUMNS, rows)


def contents(content: Json) -> str:
    """Return the media types of a response, each with its schema if it has one."""
    types = {kind: type_of(one["schema"]) if one.get("schema") else "" for kind, one in content.items()}
    return ", ".join(f"`{kind}`" + (f": {told}" if told else "") for kind, told in types.items())


def problems() -> str:
    """Return the table of the kinds of problems, each with the detail of an example."""
    kinds = sorted(KINDS, key=lambda kind: (kind.status, kind.slug))
    rows = [(str(kind.status), f"`urn:qpv-geo:problem:{kind.slug}`", kind.title, kind.example) for kind in kinds]
    return f"## {KINDS_OF_PROBLEMS}\n\n{table(('status', 'type', 'title', 'example of a detail'), rows)}"


# ── Schemas ────────────────────────────────────────────────────────────────────────────────────────────────────────


def schema(name: str, described: Json) -> str:
    """Return the section of a schema: the first paragraph of its description, and its fields or values."""
    told = described["description"].partition("\n\n")[0].replace("``", "`")
    if "enum" in described:
        return f"### {name}\n\n{told}\n\n{values(described)}\n"
    rows = [(f"`{field}`", type_of(one)) for field, one in described["properties"].items()]
    return f"### {name}\n\n{told}\n\n{table(('field', 'type'), rows)}"


def value(described: Json, *, is_required: bool) -> tuple[str, str]:
    """Return the type and default of a value, and whether it is required."""
    default = described.get("default")
    told = "" if default in (None, []) else f", default `{str(default).lower()}`"
    return f"{type_of(described)}{told}", "yes" if is_required else "no"


def type_of(described: Json) -> str:
    """Return a schema in words: ``number or null``, ``array of string, at most 10 values``, ``one of a, b``."""
    if "$ref" in described:
        name = described["$ref"].rpartition("/")[2]
        return f"[{name}](#{anchor(name)})"
    if "anyOf" in described:
        return " or ".join(type_of(one) for one in described["anyOf"])
    kind = described.get("type", "any")
    if "enum" in described:
        kind = f"one of {values(described)}"
    elif kind == "array":
        kind = f"array of {type_of(described['items'])}"
    elif described.get("format") == "binary":
        kind = "file"
    return ", ".join([kind, *(words.format(described[key]) for key, words in LIMITS.items() if key in described)])


def values(described: Json) -> str:
    """Return the values of an enumeration."""
    return ", ".join(f"`{one}`" for one in described["enum"])


# ── Markdown ───────────────────────────────────────────────────────────────────────────────────────────────────────


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    header = list(columns)
    lines = [header, ["---"] * len(header), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def anchor(heading: str) -> str:
    """Return the anchor that mkdocs gives to a heading."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


if __name__ == "__main__":
    main()
