"""Read a GeoJSON file feature by feature, with only part of it in memory.

The standard library decodes each value and tells where it ends; what is done here is to go from one to the next. If a
key is repeated, its last value counts; a number too large for a double is null.

Sources: RFC 8259 (JSON), RFC 7946 (GeoJSON), RFC 8142 (GeoJSON text sequences), GeoJSON 2008 (the ``crs`` member).
"""

from __future__ import annotations

import io
import json
import re
from math import isfinite
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

import orjson

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.tables.plain import json_text, json_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qpv_geo.untyped import AnyValue

RECORD_SEPARATOR = "\x1e"
"""Character that may precede each text of a sequence (RFC 8142)."""

_CHUNK = 1 << 19
_LONGEST = 256_000_000
_NEAR_END = 16
"""Characters: more than the longest token that a chunk may cut, strings apart: ``-Infinity``, an escaped pair."""
_OPEN_STRING = "Unterminated string"
"""Start of the decoder's message about an unterminated string; it gives the position where the string starts."""
_SPACE = re.compile(r"[ \t\n\r]*")


def encoded(value: AnyValue) -> bytes:
    """Return the JSON of a value, on one line."""
    try:
        return orjson.dumps(value, json_value, orjson.OPT_PASSTHROUGH_DATETIME)
    except orjson.JSONEncodeError:  # an integer of more than 64 bits, half a surrogate pair, many levels
        return json_text(value).encode("utf-8", "backslashreplace")


class JsonReader:
    """Reads JSON texts value by value.

    Every method raises `FormatError`, with the position, if the file is not JSON, is truncated or is not UTF-8.

    Attributes
    ----------
    length
        Characters of the value read last.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self.length = 0
        self._file = io.TextIOWrapper(file, "utf-8-sig")
        self._decode = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant).raw_decode
        self._text, self._at, self._ended = "", 0, False
        self._line, self._column = 1, 0

    def peek(self) -> str:
        """Return the next character other than white space, without passing it; empty at the end of the file."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr] # it also matches an empty text
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._fill():
                return ""

    def take(self, wanted: str) -> str:
        """Return and pass the next character, which must be one of `wanted`."""
        found = self.peek()
        if not found or found not in wanted:
            self._fail(self._at)
        self._at += 1
        return found

    def key(self) -> str:
        """Return the next key of an object, past its colon."""
        if self.peek() != '"':
            self._fail(self._at)
        key: str = self.value()
        self.take(":")
        return key

    def value(self) -> AnyValue:
        """Return the next value."""
        self.peek()
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as error:
                near_end = error.pos >= len(self._text) - _NEAR_END or error.msg.startswith(_OPEN_STRING)
                if not (near_end and self._fill()):
                    self._fail(error.pos, error)
            except RecursionError as error:
                raise FormatError(msg.layer_errors.json_too_deep(self.name, self._place(self._at)[0])) from error
            except ValueError as error:  # NaN or an infinity, or an integer too long for Python
                line, before = self._place(self._at)
                raise FormatError(msg.layer_errors.json_bad_number(self.name, line, before + 1)) from error
            else:
                if end < len(self._text) or not self._fill():  # a number may continue in the next chunk
                    self.length, self._at = end - self._at, end
                    return value

    def steps(self, brackets: str) -> Iterator[None]:
        """Iterate over an object or an array (``{}``, ``[]``): the caller must read one entry at each step."""
        self.take(brackets[0])
        if self.peek() == brackets[1]:
            self.take(brackets[1])
            return
        while True:
            yield
            if self.take("," + brackets[1]) != ",":
                return

    def _fill(self) -> bool:
        """Read more, doubling the text kept so that a long value is not decoded too often; return False at the end."""
        left = len(self._text) - self._at
        if left > _LONGEST:
            raise FormatError(msg.layer_errors.json_too_long(self.name, self._place(self._at)[0], _LONGEST))
        try:
            more = self._file.read(max(_CHUNK, left))
        except UnicodeDecodeError as error:
            raise FormatError(msg.layer_errors.json_not_utf8(self.name, self._place(len(self._text))[0])) from error
        self._ended = not more
        if more:
            self._line, self._column = self._place(self._at)
            self._text, self._at = self._text[self._at :] + more, 0
        return not self._ended

    def _place(self, position: int) -> tuple[int, int]:
        """Return the line of a position in the text in memory, and the number of characters before it on that line."""
        lines = self._text.count("\n", 0, position)
        if not lines:
            return self._line, self._column + position
        return self._line + lines, position - self._text.rfind("\n", 0, position) - 1

    def _fail(self, position: int, cause: json.JSONDecodeError | None = None) -> NoReturn:
        line, before = self._place(position)
        open_string = cause is not None and cause.msg.startswith(_OPEN_STRING)
        if self._ended and (open_string or position >= len(self._text)):
            raise FormatError(msg.layer_errors.json_cut(self.name, line)) from cause
        raise FormatError(msg.layer_errors.not_json(self.name, line, before + 1)) from cause


class Document:
    """The features of a GeoJSON file, read once; the members around them are complete after that.

    Attributes
    ----------
    members
        The members of a collection, with None as its features.
    is_collection
        Whether the file is a FeatureCollection rather than a sequence of Feature texts.
    separator
        What precedes each text of a sequence: `RECORD_SEPARATOR`, or nothing.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.members: dict[str, Any] = {}
        self.is_collection = False
        self.separator = ""
        self._reader = JsonReader(file, name)
        self._count = 0

    def length(self, _: AnyValue = None) -> int:
        """Return the number of characters of the feature read last."""
        return self._reader.length

    def features(self) -> Iterator[dict[str, Any]]:
        """Read the features: each has a member ``properties``, an object or null.

        Raises
        ------
        FormatError
            Not JSON, truncated, or not GeoJSON; the message says where.
        """
        reader = self._reader
        if reader.peek() not in {"{", RECORD_SEPARATOR}:
            raise FormatError(msg.layer_errors.not_features(reader.name))
        while found := reader.peek():
            if self.is_collection:
                reader.take("")
            elif found == RECORD_SEPARATOR:
                self.separator = reader.take(found)
            elif self._count:
                yield self._feature(reader.value())
            else:
                yield from self._first_text()

    def _first_text(self) -> Iterator[dict[str, Any]]:
        """Read a collection, or the first feature of a sequence."""
        reader, members = self._reader, self.members
        for _ in reader.steps("{}"):
            key = reader.key()
            if key == "features" and reader.peek() == "[" and not self.is_collection:
                self.is_collection, members[key] = True, None
                for _ in reader.steps("[]"):
                    yield self._feature(reader.value())
            else:
                members[key] = reader.value()
        if not self.is_collection:
            yield self._feature(members)
        elif members.get("type") != "FeatureCollection" or members["features"] is not None:
            raise FormatError(msg.layer_errors.not_features(reader.name))

    def _feature(self, value: AnyValue) -> dict[str, Any]:
        self._count += 1
        is_feature = isinstance(value, dict) and value.get("type") == "Feature"
        if isinstance(value, dict) and is_feature and isinstance(value.setdefault("properties", None), dict | None):
            return value
        name, alone = self._reader.name, self._count == 1 and not self.is_collection
        if alone and not is_feature:
            raise FormatError(msg.layer_errors.not_features(name))
        raise FormatError(msg.layer_errors.not_a_feature(name, self._count))


def _finite(text: str) -> float | None:
    """Return a number, None if it is too large."""
    number = float(text)
    return number if isfinite(number) else None


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)
