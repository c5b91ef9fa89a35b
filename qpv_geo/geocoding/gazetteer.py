"""French communes: present and former codes, names and postcodes.

Read from ``boundaries/communes.csv.gz``, which ``scripts/gazetteer`` derives from the Code officiel géographique of
INSEE and the postcode list of La Poste; sources and licences are in ``boundaries/README.md``.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

from qpv_geo.resources import data_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_FILE = "communes.csv.gz"
_NAMES_KEPT = 4096
_OVERSEAS = ("97", "98")
"""Starts of codes whose département or collectivity has three digits."""


@dataclass(frozen=True, slots=True)
class Commune:
    """A present-day commune.

    Attributes
    ----------
    code
        INSEE code; 75056, 69123 and 13055 for Paris, Lyon and Marseille.
    name
        Official name, accents included.
    department
        Code of the département or overseas collectivity: ``86``, ``2A``, ``971``, ``987``.
    postcodes
        Its postcodes according to La Poste; empty in the Terres australes only.
    former
        Names of former, delegated and associated communes merged into it, and its own former names.
    other_postcodes
        Postcodes of a few streets, or former ones, from older lists. They mustn't be used to tell communes apart.
    population
        Inhabitants, 0 if not published.
    """

    code: str
    name: str
    department: str
    postcodes: tuple[str, ...]
    former: tuple[str, ...]
    other_postcodes: tuple[str, ...] = ()
    population: int = 0


@dataclass(frozen=True, slots=True)
class _GazetteerRow:
    """A line of the file, split."""

    code: str
    name: str
    words: str
    city: str
    population: str
    postcodes: str
    other_postcodes: str
    former_codes: str
    former_names: str
    former_words: str


def department_of(code: str) -> str:
    """Return the département or overseas collectivity at the start of a code; ``20`` for a Corsican postcode."""
    return code[: 3 if code.startswith(_OVERSEAS) else 2]


class Gazetteer:
    """Looks up communes by code, postcode or name; the file is read on first use.

    Parameters
    ----------
    path
        The file of communes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._with_postcode: dict[str, tuple[Commune, ...]] = {}
        self._of_codes = lru_cache(maxsize=_NAMES_KEPT)(self._communes)

    def read(self) -> None:
        """Read now what is otherwise read on first use, for the processes that are forked from this one."""
        self.names("")
        self.is_name("")
        self.is_shared("")

    def commune(self, code: str) -> Commune | None:
        """Return the commune of an INSEE code: present, former or an arrondissement's (which gives the whole city)."""
        row = self._row(code)
        return None if row is None else _commune(self._city(row))

    def with_postcode(self, postcode: str) -> tuple[Commune, ...]:
        """Return the communes of a postcode, most populated first; Paris, Lyon and Marseille once, as a whole.

        Communes that have it as one of their `other_postcodes` are returned only if no commune has it in `postcodes`.
        """
        if postcode not in self._with_postcode:
            codes = self._postcodes.get(postcode) or self._other_postcodes.get(postcode, "")
            self._with_postcode[postcode] = self._communes(codes.split())
        return self._with_postcode[postcode]

    def is_shared(self, postcode: str) -> bool:
        """Tell whether some commune has a postcode only as one of its `other_postcodes`."""
        others, own = (codes.get(postcode, "").split() for codes in (self._other_postcodes, self._postcodes))
        return bool(set(others) - set(own))

    def named(self, words: str) -> tuple[Commune, ...]:
        """Return the communes that bear or once bore a name, most populated first.

        Parameters
        ----------
        words
            The name as `normalise.tokens` writes it, joined by spaces; an arrondissement (``paris 12e``) is its city.
        """
        codes = self._names.get(words)
        return () if codes is None else self._of_codes(tuple(codes.split()))

    def is_name(self, words: str) -> bool:
        """Tell whether some commune bears or once bore a name, written as for `named`."""
        return words in self._names

    def names(self, code: str) -> tuple[str, ...]:
        """Return every name of the commune with a code, as `named` takes them, the official one first.

        For an arrondissement's code: its own names (``paris 1er arrondissement``, ``paris 1er``, ``paris 1``,
        ``paris 01``…), then those of the whole city. Empty for an unknown code.
        """
        row = self._row(code)
        if row is None:
            return ()
        city = self._city(row)
        return (*(_listed(row.words) if row is not city else ()), *_listed(city.words), *_listed(city.former_words))

    def is_arrondissement(self, code: str) -> bool:
        """Tell whether a code is that of an arrondissement of Paris, Lyon or Marseille."""
        row = self._row(code)
        return row is not None and bool(row.city) and row.code == code

    def codes(self) -> tuple[str, ...]:
        """Return the codes of all present communes, sorted, without arrondissements."""
        return tuple(code for code, line in self._lines.items() if not _split(line).city)

    def _communes(self, codes: Iterable[str]) -> tuple[Commune, ...]:
        found = [_commune(_split(self._lines[code])) for code in dict.fromkeys(codes)]
        return tuple(sorted(found, key=lambda commune: (-commune.population, commune.code)))

    def _row(self, code: str) -> _GazetteerRow | None:
        line = self._lines.get(code) or self._lines.get(self._moved.get(code, ""))
        return None if line is None else _split(line)

    def _city(self, row: _GazetteerRow) -> _GazetteerRow:
        return _split(self._lines[row.city]) if row.city else row

    @cached_property
    def _lines(self) -> dict[str, str]:
        """Lines of the file by code, split on demand."""
        lines = gzip.decompress(self._path.read_bytes()).decode().splitlines()
        return {line.partition(";")[0]: line for line in lines[1:]}

    @cached_property
    def _moved(self) -> dict[str, str]:
        """Present code of each former one."""
        rows = ((line.rsplit(";", 3)[1], code) for code, line in self._lines.items() if not line.endswith(";;;"))
        return {former: code for formers, code in rows for former in formers.split()}

    @cached_property
    def _postcodes(self) -> dict[str, str]:
        return self._by_postcode(5)

    @cached_property
    def _other_postcodes(self) -> dict[str, str]:
        return self._by_postcode(6)

    def _by_postcode(self, column: int) -> dict[str, str]:
        found: dict[str, str] = {}
        for code, line in self._lines.items():
            columns = line.split(";", column + 1)
            for postcode in columns[column].split(" ") if columns[column] else ():
                _add(found, postcode, columns[3] or code)
        return found

    @cached_property
    def _names(self) -> dict[str, str]:
        """Commune codes by normalised name; an arrondissement's name gives its city's code."""
        found: dict[str, str] = {}
        for code, line in self._lines.items():
            columns = line.split(";")
            names = f"{columns[2]}|{columns[9]}" if columns[9] else columns[2]
            for words in names.split("|"):
                _add(found, words, columns[3] or code)
        return found


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer that ships with qpv-geo, read once."""
    return Gazetteer(data_folder() / _FILE)


def _add(codes: dict[str, str], key: str, code: str) -> None:
    """Add a code to those of a key, apart by spaces: lists of them would be many, and searched for garbage."""
    codes[key] = f"{codes[key]} {code}" if key in codes else code


def _split(line: str) -> _GazetteerRow:
    return _GazetteerRow(*line.split(";"))


def _listed(names: str) -> tuple[str, ...]:
    return tuple(names.split("|")) if names else ()


def _commune(row: _GazetteerRow) -> Commune:
    return Commune(
        code=row.code,
        name=row.name,
        department=department_of(row.code),
        postcodes=tuple(row.postcodes.split()),
        former=_listed(row.former_names),
        other_postcodes=tuple(row.other_postcodes.split()),
        population=int(row.population or 0),
    )
