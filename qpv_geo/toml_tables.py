"""Read a TOML file of data: values are read by name and type, and rejected with their file and line.

``tomllib`` gives the line of a syntax error but not that of a value: `line_of` finds it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from qpv_geo import messages as msg
from qpv_geo.errors import FormatError
from qpv_geo.files import FileListing
from qpv_geo.messages.typography import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from enum import StrEnum
    from pathlib import Path

    from qpv_geo.untyped import AnyValue

_HEADER = re.compile(r"\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_BOX_NUMBERS = 4
_SUFFIX = ".toml"
_AT_LINE = re.compile(r"at line (\d+)")
_Choice = TypeVar("_Choice", bound="StrEnum")


def files_by_id(shipped: Path, own: Path, *, already_shipped: Callable[[str], str]) -> dict[str, Path]:
    """Return the files of two folders by id, which is their name: those that ship first, then the user's.

    Raises
    ------
    FormatError
        A file of the user has the id of one that ships; `already_shipped` says so.
    """
    found, added = (_paths(folder, _listing(folder).stems()) for folder in (shipped, own))
    for name, path in added.items():
        if name in found:
            raise FormatError(msg.schemes.at_line(str(path), 1, already_shipped(name)))
    return found | added


@cache
def _listing(folder: Path) -> FileListing:
    return FileListing(folder, _SUFFIX)


@lru_cache(maxsize=16)
def _paths(folder: Path, stems: tuple[str, ...]) -> dict[str, Path]:
    return {stem: folder / f"{stem}{_SUFFIX}" for stem in stems}


def parse(content: bytes, *, name: str) -> TomlTable:
    """Parse a file into its top table.

    Raises
    ------
    FormatError
        Not UTF-8, or not TOML.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            msg.schemes.at_line(name, content.count(b"\n", 0, error.start) + 1, msg.schemes.not_utf8())
        ) from error
    try:
        return TomlTable(name, text, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found else text.rstrip().count("\n") + 1
        raise FormatError(msg.schemes.at_line(name, line, msg.schemes.not_toml())) from error


@dataclass
class TomlTable:
    """A table of the file that records which keys were read.

    Attributes
    ----------
    path
        Path of the table: names, and positions in arrays of tables.
    """

    name: str
    text: str
    values: dict[str, Any]
    path: tuple[str | int, ...] = ()
    read: set[str] = field(default_factory=set)

    def refuse(self, message: str, key: str | None = None) -> NoReturn:
        """Raise `FormatError` at the line of a key, or of the table."""
        raise FormatError(msg.schemes.at_line(self.name, line_of(self.text, self.path, key), message))

    def words(self, key: str) -> str:
        """Return a required text that is not blank."""
        value = self._needed(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse(msg.schemes.wrong_type(key, value, "un texte"), key)
        return one_line(value)

    def words_or_none(self, key: str) -> str | None:
        """Return an optional text."""
        return self.words(key) if self._has(key) else None

    def list_of_words(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty if absent."""
        self.read.add(key)
        found = self.values.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, str) and one.strip() for one in found):
            self.refuse(msg.schemes.wrong_type(key, found, "une liste de textes"), key)
        return tuple(found)

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """Return true or false."""
        value = self._needed(key) if default is None else self._optional(key, default)
        if not isinstance(value, bool):
            self.refuse(msg.schemes.wrong_type(key, value, "true ou false"), key)
        return value

    def number(self, key: str, *, most: float) -> float | None:
        """Return a number above 0 and at most `most`, or None if absent."""
        value = self._optional(key, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            self.refuse(msg.schemes.wrong_number(key, value, most), key)
        return float(value)

    def whole(self, key: str) -> int:
        """Return a required whole number above 0."""
        value = self._needed(key)
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            self.refuse(msg.schemes.wrong_type(key, value, "un nombre entier positif"), key)
        return value

    def whole_or_none(self, key: str) -> int | None:
        """Return an optional whole number above 0."""
        return self.whole(key) if self._has(key) else None

    def box(self, key: str) -> tuple[float, float, float, float] | None:
        """Return west, south, east and north in degrees, or None if absent."""
        value = self._optional(key, None)
        if value is None:
            return None
        numbers = [float(one) for one in value if isinstance(one, int | float)] if isinstance(value, list) else []
        if len(numbers) != _BOX_NUMBERS or len(value) != _BOX_NUMBERS or not _is_box(*numbers):
            self.refuse(msg.schemes.wrong_type(key, value, "[ouest, sud, est, nord] en degrés"), key)
        west, south, east, north = numbers
        return west, south, east, north

    def day(self, key: str) -> date:
        """Return a required date."""
        value = self._needed(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            self.refuse(msg.schemes.wrong_type(key, value, "une date sans guillemets, par exemple 2024-01-01"), key)
        return value

    def day_or_none(self, key: str) -> date | None:
        """Return an optional date."""
        return self.day(key) if self._has(key) else None

    def choice(self, key: str, choices: type[_Choice], *, default: _Choice | None = None) -> _Choice:
        """Return a member of `choices`."""
        value = self._needed(key) if default is None else self._optional(key, default.value)
        if value not in [one.value for one in choices]:
            self.refuse(msg.schemes.not_one_of(key, value, [one.value for one in choices]), key)
        return choices(value)

    def choice_or_none(self, key: str, choices: type[_Choice]) -> _Choice | None:
        """Return a member of `choices`, or None if absent."""
        return self.choice(key, choices) if self._has(key) else None

    def table(self, key: str) -> TomlTable | None:
        """Return a subtable, or None if absent."""
        value = self._optional(key, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(msg.schemes.wrong_type(key, value, f"une section [{key}]"), key)
        return TomlTable(self.name, self.text, value, (*self.path, key))

    def tables(self, key: str) -> Iterator[TomlTable]:
        """Return the tables of an array of tables, none if absent."""
        found = self._optional(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.refuse(msg.schemes.wrong_type(key, found, f"des sections [[{key}]]"), key)
        for position, value in enumerate(found):
            yield TomlTable(self.name, self.text, value, (*self.path, key, position))

    def nothing_else(self) -> None:
        """Reject keys that were not read, so that a misspelt rule is not silently ignored."""
        for key in self.values:
            if key not in self.read:
                self.refuse(msg.schemes.unknown_key(key, sorted(self.read)), key)

    def _has(self, key: str) -> bool:
        """Tell whether there is an optional key, which is then known whether there is or not."""
        self.read.add(key)
        return key in self.values

    def _needed(self, key: str) -> AnyValue:
        if key not in self.values:
            self.refuse(msg.schemes.missing_key(key))
        return self._optional(key, None)

    def _optional(self, key: str, default: AnyValue) -> AnyValue:
        self.read.add(key)
        return self.values.get(key, default)


def _is_box(west: float, south: float, east: float, north: float) -> bool:
    return -180 <= west < east <= 180 and -90 <= south < north <= 90  # noqa: PLR2004 - degrees


def line_of(text: str, path: tuple[str | int, ...], key: str | None) -> int:
    """Return the line of a key or, if it has none of its own, of the table that contains it."""
    lines = list(_lines(text))
    mine = [(number, line) for number, here, line in lines if here == path]
    if not mine and path:
        parent = path[:-2] if isinstance(path[-1], int) else path[:-1]
        return line_of(text, parent, str(path[len(parent)]))
    for number, line in mine:
        if key is not None and re.match(rf'["\']?{re.escape(key)}["\']?\s*[=.]', line):
            return number
    if key is not None:  # the key may itself be a table
        below = (number for number, here, _ in lines if here[: len(path) + 1] == (*path, key))
        return next(below, mine[0][0] if mine else 1)
    return mine[0][0] if mine else 1


def _lines(text: str) -> Iterator[tuple[int, tuple[str | int, ...], str]]:
    """Return each line with its number and the path of its table."""
    counts: dict[str, int] = {}
    here: tuple[str | int, ...] = ()
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        found = _HEADER.match(line)
        if found and line.startswith("[["):
            counts[found[1]] = counts.get(found[1], -1) + 1
            here = (found[1], counts[found[1]])
        elif found:
            here = tuple(part.strip() for part in found[1].split("."))
        yield number, here, line
