"""Find perimeters by code, label or local name, whole or in part."""

from __future__ import annotations

import re
import sqlite3
from bisect import bisect_left
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from qpv_geo.errors import IntegrityError
from qpv_geo.perimeters.correspondence import correspondence_state
from qpv_geo.perimeters.store import Installed
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qpv_geo.model import Dataset
    from qpv_geo.perimeters.catalogue import Catalogue, Entry
    from qpv_geo.perimeters.correspondence import Correspondence
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.perimeters.registry import Alias, Registry

_ROWS = "SELECT code_qp, lib_qp, insee_com, lib_com FROM perimeters ORDER BY fid"


def find_perimeters(text: str, perimeters: PerimeterSet, aliases: Iterable[Alias]) -> list[int]:
    """Return the rows of the perimeters that `text` names, in the order of the set.

    Parts of labels count only if `text` is not exactly a code, a label or a local name.
    """
    wanted = fold(text)
    if not wanted:
        return []
    aliased = {code for alias in aliases if fold(alias.name) == wanted for code in alias.codes}
    exact = [
        row
        for row, (code, name) in enumerate(zip(perimeters.codes, perimeters.names, strict=True))
        if wanted in {fold(code), fold(name)} or code in aliased
    ]
    return exact or [row for row, name in enumerate(perimeters.names) if wanted in fold(name)]


def named_by(text: str, aliases: Iterable[Alias]) -> Alias | None:
    """Return the local name that `text` is, or None."""
    return next((alias for alias in aliases if fold(alias.name) == fold(text)), None)


def aliases_of(code: str, aliases: Iterable[Alias]) -> tuple[str, ...]:
    """Return the local names of a perimeter."""
    return tuple(alias.name for alias in aliases if code in alias.codes)


# ── Names of all the perimeters at hand ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class NamedPerimeter:
    """A perimeter and its names, without its geometry.

    Attributes
    ----------
    generation
        Generation of its dataset, or None for a local zone.
    insee, communes
        INSEE codes and names of its communes, as far as the file gives them.
    alias
        The local name under which it was found; None if found under its code or label.
    """

    code: str
    name: str
    generation: str | None
    kind: str
    insee: tuple[str, ...]
    communes: tuple[str, ...]
    alias: Alias | None = None


class PerimeterNames:
    """Perimeters indexed by whole folded name: code, label or local name.

    Parameters
    ----------
    perimeters
        Of several with the same code and label, the first one counts.
    known
        The registry, for its local names.
    """

    def __init__(self, perimeters: Iterable[NamedPerimeter], known: Registry) -> None:
        self._by_name: dict[str, list[NamedPerimeter]] = {}
        self._by_code: dict[str, list[NamedPerimeter]] = {}
        seen: set[tuple[str, str]] = set()
        for one in perimeters:
            name = fold(one.name)
            if (one.code, name) not in seen:
                seen.add((one.code, name))
                self._by_code.setdefault(one.code, []).append(one)
                self._by_name.setdefault(name, []).append(one)
                if fold(one.code) != name:
                    self._by_name.setdefault(fold(one.code), []).append(one)
        for alias in known.aliases:
            named = [replace(one, alias=alias) for code in alias.codes for one in self.coded(code)[:1]]
            self._by_name.setdefault(fold(alias.name), []).extend(named)
        self._lengths: tuple[dict[str, set[int]], dict[str, set[int]]] = {}, {}
        for name in self._by_name:
            words = name.split()
            for word, lengths in zip((words[0], words[-1]), self._lengths, strict=True) if words else ():
                lengths.setdefault(word, set()).add(len(words))

    def named(self, folded: str) -> tuple[NamedPerimeter, ...]:
        """Return the perimeters with this whole folded name; `alias` is set on those with it as a local name."""
        return tuple(self._by_name.get(folded, ()))

    def within(self, words: tuple[str, ...]) -> Iterator[tuple[str, tuple[NamedPerimeter, ...], tuple[str, ...]]]:
        """Yield each known name at either end of `words`, longest first, its perimeters, and the other words."""
        n = len(words)
        starts, ends = (
            lengths.get(word, ()) for lengths, word in zip(self._lengths, (words[0], words[-1]), strict=True)
        )
        for k in sorted((k for k in {*starts, *ends} if k <= n), reverse=True):
            for part, rest in ((words[:k], words[k:]), (words[n - k :], words[: n - k]))[: 1 + (k < n)]:
                name = " ".join(part)
                if name in self._by_name:
                    yield name, tuple(self._by_name[name]), rest

    def coded(self, code: str) -> tuple[NamedPerimeter, ...]:
        """Return the perimeters of a code, one for each label given to it."""
        return tuple(self._by_code.get(code, ()))

    def beginning(self, folded: str) -> Iterator[NamedPerimeter]:
        """Yield the perimeters whose folded code, label or local name starts with `folded`, in alphabetical order."""
        names = self._in_order
        for k in range(bisect_left(names, folded), len(names)):
            if not names[k].startswith(folded):
                return
            yield from self._by_name[names[k]]

    @cached_property
    def _in_order(self) -> list[str]:
        return sorted(self._by_name)


class NamesAtHand:
    """The names of a catalogue's perimeters, read again after a dataset is installed or removed."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._kept: tuple[object, PerimeterNames] | None = None

    def now(self) -> PerimeterNames:
        """Return the names of the perimeters available now."""
        state = self._catalogue.store.state(), correspondence_state(self._catalogue.home)
        kept = self._kept
        if kept is None or kept[0] != state:
            kept = self._kept = state, PerimeterNames(self._perimeters(), self._catalogue.registry)
        return kept[1]

    def _perimeters(self) -> Iterator[NamedPerimeter]:
        rows: list[NamedPerimeter] = []
        for entry in self._catalogue.entries():
            with suppress(IntegrityError, sqlite3.DatabaseError):  # a bad dataset is left out, not fatal
                rows += _of_entry(entry, self._catalogue)
        yield from rows
        yield from _succeeded(rows, self._catalogue.correspondence, self._catalogue.registry)


def names_of_set(perimeters: PerimeterSet, known: Registry) -> PerimeterNames:
    """Return the names of the perimeters of one set."""
    rows = zip(perimeters.codes, perimeters.names, perimeters.insee, perimeters.communes, strict=True)
    named = [_named(perimeters.dataset, row) for row in rows]
    kinds = map(str, perimeters.kinds)
    return PerimeterNames([replace(one, kind=kind) for one, kind in zip(named, kinds, strict=True)], known)


def _of_entry(entry: Entry, catalogue: Catalogue) -> list[NamedPerimeter]:
    """Return the perimeters of a dataset, without reading the geometries of an installed one."""
    if not isinstance(entry, Installed):
        held = catalogue.load(entry)
        rows = list(zip(held.codes, held.names, held.insee, held.communes, strict=True))
    else:
        with closing(sqlite3.connect(f"{entry.path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            rows = connection.execute(_ROWS).fetchall()
    return [_named(entry.dataset, row) for row in rows]


def _named(dataset: Dataset, row: tuple[str, str, str, str]) -> NamedPerimeter:
    code, name, insee, communes = row
    return NamedPerimeter(code, name, dataset.generation, dataset.kind, _listed(insee), _listed(communes))


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(one for part in re.split("[,;]", cell or "") if (one := part.strip()))


# ── From one generation to the next ──────────────────────────────────────────────────────────────────────────


def _succeeded(
    rows: Iterable[NamedPerimeter], correspondence: Correspondence, known: Registry
) -> Iterator[NamedPerimeter]:
    """Yield earlier perimeters that the correspondence names and no available set holds."""
    held = {one.code: one for one in rows}
    for code, heirs in correspondence.heirs.items():
        later = next((held[heir] for heir in heirs if heir in held), None)
        if later is not None and code not in held:
            name = correspondence.labels.get(code, code)
            yield replace(later, code=code, name=name, generation=generation_of(code, known))


def generation_of(code: str, known: Registry) -> str | None:
    """Return the id of the generation whose code pattern `code` matches, or None."""
    return next((one.id for one in known.generations.values() if re.match(one.code_pattern, code)), None)
