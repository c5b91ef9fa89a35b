"""JSON bodies of requests, read whole: a name given twice, of which a reader would keep one, is refused."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING

import orjson

from qpv_geo.errors import InputError
from qpv_geo_service import messages
from qpv_geo_service.errors import UnsupportedMediaError

if TYPE_CHECKING:
    from collections.abc import Collection

    from fastapi import Request

    from qpv_geo.untyped import AnyValue


async def read_json(request: Request, kinds: Collection[str], expected: str) -> AnyValue:
    """Return the JSON of a body, in UTF-8 with or without a byte order mark.

    Parameters
    ----------
    kinds
        Media types of the body.
    expected
        What a message says is expected instead of another body.

    Raises
    ------
    UnsupportedMediaError
        The body is of another media type.
    InputError
        It is not JSON, is nested too deeply, or an object has two members of one name.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in kinds:
        raise UnsupportedMediaError(expected)
    body = (await request.body()).removeprefix(codecs.BOM_UTF8)
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InputError(messages.not_json(expected, error.lineno, error.colno) if body else expected) from error
    refuse_twice(body)
    return found


def refuse_twice(text: str | bytes) -> None:
    """Raise `InputError` for JSON whose objects have two members of one name: most readers keep the last.

    Parameters
    ----------
    text
        Valid JSON. Nested too deeply for the standard library (about 950 levels, of the 1,024 of orjson), it is refused
        too.
    """
    try:
        json.loads(text, object_pairs_hook=_once)
    except RecursionError as error:
        raise InputError(messages.TOO_DEEP) from error


def _once(members: list[tuple[str, AnyValue]]) -> None:
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        raise InputError(messages.given_twice(next(name for name in names if names.count(name) > 1)))
