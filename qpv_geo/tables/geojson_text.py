"""Read a GeoJSON file feature by feature, each member with its own text.

A parser that gives values only would lose what a file says beyond them: ``1.10`` becomes 1.1, a key given twice
becomes one, a lone surrogate has no UTF-8. So every value is decoded by the standard library, which also tells where
it ends, and its text is kept beside it.

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
"""What may come before each text of a sequence, RFC 8142."""

_CHUNK = 1 << 20
_LONGEST = 256_000_000
_NEAR_END = 16
"""More than the longest token but strings that the decoder could find cut: ``-Infinity``, or an escaped pair."""
_OPEN_STRING = "Unterminated string"
"""What the decoder says of a string without an end; it tells the place of its start."""
_KINDS = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
)  # fmt: skip
_SPACE = re.compile(r"[ \t\n\r]*")
_FOLDS = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")


class JsonMember(NamedTuple):
    """A member of an object: its key, then the texts of its key and of its value as the file writes them."""

    key: str
    name: str
    text: str


class GeoJSONFeature(NamedTuple):
    """A feature.

    Attributes
    ----------
    members
        All its members, in order; a key may come twice, the last one counts.
    properties
        The decoded values; empty where the file says null or nothing.
    geometry
        Its text, empty where it is no geometry at all, None where the file says null or nothing.
    """

    members: tuple[JsonMember, ...]
    properties: dict[str, Any]
    geometry: str | None


def one_line(text: str) -> str:
    """Return a JSON text without line ends; they are never inside a string, where JSON wants them escaped."""
    return _FOLDS.sub("", text) if "\n" in text or "\r" in text else text


class JsonReader:
    """The values of JSON texts, in the order of the file; never more than some of it is in memory.

    Every method raises `FormatError`, which tells the place, where the file is not JSON, is cut or is not UTF-8.
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
        """Return the next character that is no white space, empty at the end of the file."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr] # it matches nothing too
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._fill():
                return ""

    def take(self, wanted: str) -> str:
        """Return the next character, which has to be one of `wanted`, and go past it."""
        found = self.peek()
        if not found or found not in wanted:
            self._fail(self._at)
        self._at += 1
        return found

    def end(self) -> None:
        """Make sure that nothing is left."""
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
            except ValueError as error:  # a constant or, from Python itself, an integer of thousands of digits
                line, before = self._place(self._at)
                raise FormatError(msg.layer_errors.json_bad_number(self.name, line, before + 1)) from error
            else:
                if end < len(self._text) or not self._fill():  # a number may go on in what is not read yet
                    text = self._text[self._at : end]
                    self._at = end
                    return value, text

    def keys(self) -> Iterator[tuple[str, str]]:
        """Go through an object: yield each key and its text, the value being next and to be read by the caller."""
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
        """Go through an array: the caller reads an item each time."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield
            if self.take(",]") == "]":
                return

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Tell whether what is wrong may only be that the rest is not read yet."""
        return error.msg.startswith(_OPEN_STRING) or error.pos >= len(self._text) - _NEAR_END

    def _fill(self) -> bool:
        """Read on, as much again as what is kept at least, so that a long value is not decoded too many times."""
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
        """Return the line of a position of what is in memory, and the number of characters of it before."""
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
    """The features of a GeoJSON file, read once; what is around them is known when they have been read.

    Attributes
    ----------
    head, tail
        The members of a collection before and after its features, with their decoded values.
    is_collection
        Whether the features are those of a FeatureCollection, not a sequence of Feature texts.
    separator
        What comes before each text of a sequence: `RECORD_SEPARATOR`, or nothing.
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
            Not JSON, cut, or not GeoJSON; the message says where.
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
