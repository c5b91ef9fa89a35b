"""Read a GeoJSON file feature by feature, keeping the source text of each member.

Decoded values alone would lose information: ``1.10`` becomes 1.1, a repeated key is kept once, a lone surrogate cannot
be encoded in UTF-8. So the standard library decodes each value and tells where it ends, and its text is kept too.

Sources: RFC 8259 (JSON), RFC 7946 (GeoJSON), RFC 8142 (GeoJSON text sequences), GeoJSON 2008 (the ``crs`` member).
"""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, NoReturn

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qpv_geo.untyped import AnyValue

RECORD_SEPARATOR = "\x1e"
"""Character that may precede each text of a sequence (RFC 8142)."""

_CHUNK = 1 << 20
_LONGEST = 256_000_000
_NEAR_END = 16
"""Characters: more than the longest token that a chunk may cut, strings apart: ``-Infinity``, an escaped pair."""
_OPEN_STRING = "Unterminated string"
"""Start of the decoder's message about an unterminated string; it gives the position where the string starts."""
_KINDS = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
)  # fmt: skip
_SPACE = re.compile(r"[ \t\n\r]*")
_FOLDS = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")


class JsonMember(NamedTuple):
    """A member of an object: its key, then the source text of its key and of its value."""

    key: str
    name: str
    text: str


class GeoJSONFeature(NamedTuple):
    """A feature.

    Attributes
    ----------
    members
        All its members, in order; if a key is repeated, the last one counts.
    properties
        The decoded values; empty if null or absent.
    geometry
        Its source text; empty if it is not a geometry, None if null or absent.
    """

    members: tuple[JsonMember, ...]
    properties: dict[str, Any]
    geometry: str | None


def one_line(text: str) -> str:
    """Return a JSON text without line breaks; strings keep theirs, which JSON escapes."""
    return _FOLDS.sub("", text) if "\n" in text or "\r" in text else text


class JsonReader:
    """Reads JSON texts value by value, with only part of the file in memory.

    Every method raises `FormatError`, with the position, if the file is not JSON, is truncated or is not UTF-8.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self.bytes_read = 0
        self._file = file
        self._utf8 = codecs.getincrementaldecoder("utf-8-sig")()
        self._decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode
        self._text = ""
        self._at = 0
        self._ended = False
        self._line = 1
        self._column = 0

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

    def end(self) -> None:
        """Check that nothing is left."""
        if self.peek():
            self._fail(self._at)

    def value(self) -> tuple[Any, str]:
        """Return the next value and its text."""
        self.peek()
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not (self._may_go_on(error) and self._fill()):
                    self._fail(error.pos, error)
            except RecursionError as error:
                raise FormatError(msg.layer_errors.json_too_deep(self.name, self._place(self._at)[0])) from error
            except ValueError as error:  # NaN or an infinity, or an integer too long for Python
                line, before = self._place(self._at)
                raise FormatError(msg.layer_errors.json_bad_number(self.name, line, before + 1)) from error
            else:
                if end < len(self._text) or not self._fill():  # a number may continue in the next chunk
                    text = self._text[self._at : end]
                    self._at = end
                    return value, text

    def keys(self) -> Iterator[tuple[str, str]]:
        """Iterate over an object: yield each key and its text; the caller must read the value before going on."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            if self.peek() != '"':
                self._fail(self._at)
            key, text = self.value()
            self.take(":")
            yield key, text
            if self.take(",}") == "}":
                return

    def items(self) -> Iterator[None]:
        """Iterate over an array: the caller must read one item at each step."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield
            if self.take(",]") == "]":
                return

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Tell whether the error may be due only to text not read yet."""
        return error.msg.startswith(_OPEN_STRING) or error.pos >= len(self._text) - _NEAR_END

    def _fill(self) -> bool:
        """Read more, doubling the text kept so that a long value is not decoded too often; return False at the end."""
        if self._ended:
            return False
        if len(self._text) - self._at > _LONGEST:
            raise FormatError(msg.layer_errors.json_too_long(self.name, self._place(self._at)[0], _LONGEST))
        chunk = self._file.read(max(_CHUNK, len(self._text) - self._at))
        self.bytes_read += len(chunk)
        self._ended = not chunk
        try:
            more = self._utf8.decode(chunk, final=self._ended)
        except UnicodeDecodeError as error:
            raise FormatError(msg.layer_errors.json_not_utf8(self.name, self._place(len(self._text))[0])) from error
        if not self._ended:
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


def members(reader: JsonReader) -> Iterator[tuple[JsonMember, Any]]:
    """Read an object: yield each member and its decoded value."""
    for key, name in reader.keys():  # noqa: SIM118 - no dictionary
        value, text = reader.value()
        yield JsonMember(key, name, text), value


class Document:
    """The features of a GeoJSON file, read once; the members around them are complete after that.

    Attributes
    ----------
    head, tail
        The members of a collection before and after its features, with their decoded values.
    is_collection
        Whether the file is a FeatureCollection rather than a sequence of Feature texts.
    separator
        What precedes each text of a sequence: `RECORD_SEPARATOR`, or nothing.
    """

    def __init__(self, reader: JsonReader) -> None:
        self.head: list[tuple[JsonMember, Any]] = []
        self.tail: list[tuple[JsonMember, Any]] = []
        self.is_collection = False
        self.separator = ""
        self._reader = reader
        self._count = 0

    def outer(self, key: str) -> AnyValue:
        """Return the value of a member of the collection, None where it has none."""
        return {member.key: value for member, value in (*self.head, *self.tail)}.get(key)

    def features(self) -> Iterator[GeoJSONFeature]:
        """Read the features.

        Raises
        ------
        FormatError
            Not JSON, truncated, or not GeoJSON; the message says where.
        """
        if self._reader.peek() not in {"{", RECORD_SEPARATOR}:
            raise FormatError(msg.layer_errors.not_features(self._reader.name))
        while self._reader.peek():
            if self._reader.peek() == RECORD_SEPARATOR:
                self.separator = self._reader.take(RECORD_SEPARATOR)
            elif self.is_collection:
                self._reader.end()
            else:
                yield from self._text()

    def _text(self) -> Iterator[GeoJSONFeature]:
        """Read a text: a collection, or a feature of a sequence."""
        around = self.head
        for key, name in self._reader.keys():  # noqa: SIM118 - no dictionary
            if key == "features" and self._reader.peek() == "[" and not self._count and not self.is_collection:
                self.is_collection, around = True, self.tail
                for _ in self._reader.items():
                    yield self._feature(self._object())
            else:
                value, text = self._reader.value()
                around.append((JsonMember(key, name, text), value))
        if not self.is_collection:
            read, self.head = self.head, []
            yield self._feature(read)
        elif self.outer("type") != "FeatureCollection" or self.outer("features") is not None:
            raise FormatError(msg.layer_errors.not_features(self._reader.name))

    def _object(self) -> list[tuple[JsonMember, Any]]:
        if self._reader.peek() != "{":
            self._reader.value()
            raise FormatError(msg.layer_errors.not_a_feature(self._reader.name, self._count + 1))
        return list(members(self._reader))

    def _feature(self, read: list[tuple[JsonMember, Any]]) -> GeoJSONFeature:
        self._count += 1
        values = {member.key: value for member, value in read}
        properties = values.get("properties")
        if values.get("type") != "Feature" or not isinstance(properties, dict | None):
            raise FormatError(self._why_not(values))
        texts = {member.key: member.text for member, _ in read}
        geometry = values.get("geometry")
        sound = isinstance(geometry, dict) and geometry.get("type") in _KINDS
        shown = None if geometry is None else texts["geometry"] if sound else ""
        return GeoJSONFeature(tuple(member for member, _ in read), properties or {}, shown)

    def _why_not(self, values: dict[str, Any]) -> str:
        if self._count == 1 and not self.is_collection and values.get("type") != "Feature":
            return msg.layer_errors.not_features(self._reader.name)
        return msg.layer_errors.not_a_feature(self._reader.name, self._count)


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)
