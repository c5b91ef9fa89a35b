"""The themes of projects: free text, of which the usual ones are recognised; a project may have several."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FILE = Path(__file__).parent / "data" / "themes.toml"
_SEPARATORS = re.compile(r"[;|\n]| [/+] ")
_SHARE = re.compile(r"(.+?)[\s:(]+([0-9]{1,3}(?:[.,][0-9]+)?)\s*%\s*\)?")
_LITTLE_WORDS = frozenset({"et", "un", "une", "l", "le", "la", "les"})
_WHOLE = 100


@dataclass(frozen=True)
class Themes:
    """The themes of a project, and their weights; no weights mean equal ones.

    `stated` tells that the weights are written beside the themes.
    """

    names: tuple[str, ...]
    parts: tuple[Fraction, ...] = ()
    stated: bool = False


@dataclass(frozen=True)
class ThemeReader:
    """Reads themes.

    Attributes
    ----------
    names
        Recognised themes, by their words without case, accents, articles and punctuation.
    weights
        Weight of a theme among those of a project, by its words; 1 by default.
    """

    names: Mapping[str, str]
    weights: Mapping[str, Fraction] = field(default_factory=dict)

    def read(self, written: str) -> Themes:
        """Read one theme or several, each with its share or none.

        They are separated by ``;``, ``|``, `` / ``, `` + `` or a new line; by a comma only if each of them is
        recognised, since names may hold one.

        Raises
        ------
        ValueError
            The same theme twice, or shares that are not those of every theme or do not add up to 100 %.
        """
        cells = [_SHARE.fullmatch(one.strip()) or one.strip() for one in self._listed(written) if one.strip()]
        names = [one if isinstance(one, str) else one[1].strip(" :(") for one in cells]
        shares = [Fraction(one[2].replace(",", ".")) for one in cells if not isinstance(one, str)]
        if shares and (len(shares) < len(names) or sum(shares) != _WHOLE or not all(shares)):
            raise ValueError(msg.projects.SHARES_OF_THEMES)
        if not names or len({words(self._named(name)) for name in names}) < len(names):
            raise ValueError(msg.projects.SOME_THEMES)
        return Themes(tuple(map(self._named, names)), tuple(shares) or self._weights(names), stated=bool(shares))

    def _listed(self, written: str) -> Sequence[str]:
        if words(written) in self.names:
            return [written]
        found = _SEPARATORS.split(written)
        by_comma = written.split(",")
        return by_comma if len(found) == 1 and all(words(one) in self.names for one in by_comma) else found

    def _named(self, name: str) -> str:
        return self.names.get(words(name), name)

    def _weights(self, names: Sequence[str]) -> tuple[Fraction, ...]:
        found = tuple(self.weights.get(words(self._named(name)), Fraction(1)) for name in names)
        return found if len(set(found)) > 1 else ()


def words(name: str) -> str:
    """Return a theme without case, accents, articles and punctuation."""
    return " ".join(word for word in fold(name).split() if word not in _LITTLE_WORDS) or name


@cache
def known_themes() -> ThemeReader:
    """Return the reader of the themes that ship."""
    with _FILE.open("rb") as stream:
        document = tomllib.load(stream)
    names = {words(name): name for source in document["sources"] for name in source["themes"]}
    return ThemeReader(names | {words(name): theme for name, theme in document["also"].items()})


def with_themes(
    reader: ThemeReader, spellings: Mapping[str, Sequence[str]], weights: Mapping[str, Fraction]
) -> ThemeReader:
    """Return a reader that also knows a table's own themes, by name, with their other spellings and weights."""
    own = {words(spelling): name for name, others in spellings.items() for spelling in (name, *others)}
    names = {**reader.names, **own}
    found = {words(names.get(words(name), name)): weight for name, weight in weights.items()}
    return ThemeReader(names, {**reader.weights, **found})
