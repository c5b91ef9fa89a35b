"""The addresses of a file by street and by town, and which of them some words suit as well as the one meant."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import NamedTuple

from rapidfuzz.distance import OSA

from qpv_geo.text_normalisation import fold

ARTICLES = frozenset({"de", "du", "des", "la", "le", "les", "l", "d", "au", "aux", "a", "et", "en"})
fold = cache(fold)


class Address(NamedTuple):
    id: str
    number: str
    """With its suffix: ``12 bis``."""
    street: str
    postcode: str
    citycode: str
    town: str
    former: str
    lon: float
    lat: float


@dataclass(eq=False)
class Street:
    """All the addresses of a name in a town, or in a former one."""

    name: str
    citycode: str
    town: str
    former: str
    numbers: dict[str, list[Address]] = field(default_factory=lambda: defaultdict(list))

    @cached_property
    def postcodes(self):
        return {one.postcode for some in self.numbers.values() for one in some}

    @cached_property
    def words(self):
        return telling(self.name)


@dataclass(frozen=True)
class Asked:
    """An address as parts, and how they are put together.

    `code` is what is written as the postcode; it may be wrong. `department` is that which is said. `others` are the
    numbers of the street with their identifiers, `also` the identifiers of those that are asked for in the same breath.
    Words that are no part of the address are `front`, `middle` and `behind`.
    """

    address: Address
    number: str
    street: str
    code: str
    town: str
    department: str = ""
    others: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()
    front: str = ""
    middle: str = ""
    behind: str = ""
    layout: str = "{front} {number} {street} {middle} {code} {town} {behind}"

    def text(self):
        parts = {
            name: getattr(self, name) for name in ("front", "number", "street", "middle", "code", "town", "behind")
        }
        return " ".join(self.layout.format(**parts).replace(" ,", ",").split()).strip(", ")


class Places:
    """The streets of some addresses."""

    def __init__(self, addresses):
        streets = {}
        for one in addresses:
            key = one.citycode, one.town, one.former, fold(one.street)
            street = streets.setdefault(key, Street(one.street, one.citycode, one.town, one.former))
            street.numbers[one.number].append(one)
        self.streets = list(streets.values())
        self.named = defaultdict(list)
        self.of_postcode = defaultdict(list)
        for street in self.streets:
            for name in {fold(street.town), fold(street.former)} - {""}:
                self.named[name].append(street)
            for postcode in street.postcodes:
                self.of_postcode[postcode].append(street)

    def suiting(self, asked):
        """Return the addresses that have the number asked and suit the words at least as well as the one meant.

        Where words are left out, a street suits as well when it has all those that are left; else, when it is at no
        more letters from what is written.
        """
        written, left = fold(asked.street), telling(asked.street)
        meant = distance(written, fold(asked.address.street))
        omits = meant > 0 and has_all(left, telling(asked.address.street))
        found = []
        for street in self._where(asked):
            if asked.address.number not in street.numbers:
                continue
            far = distance(written, fold(street.name), most=1 if omits else meant)
            if (omits and has_all(left, street.words)) or far <= (1 if omits else meant):
                found += street.numbers[asked.address.number]
        return found

    def twins(self, asked, *, letters=1):
        """Return the names of streets, in the town asked, a letter away from the one meant or with words more or less.

        They have the number asked.
        """
        meant, words = fold(asked.address.street), telling(asked.address.street)
        return [
            street.name
            for street in self._where(asked)
            if asked.address.number in street.numbers
            and (distance(meant, fold(street.name)) <= letters or words <= street.words or words >= street.words)
        ]

    def _where(self, asked):
        """Return the streets of the towns that are meant or that suit what is written as well."""
        right = asked.code == asked.address.postcode
        if not asked.town:
            return self.of_postcode[asked.code.rjust(5, "0")]
        written = fold(asked.town)
        meant = min(distance(written, fold(name)) for name in (asked.address.town, asked.address.former) if name)
        near = [name for name in self.named if distance(written, name, most=meant) <= meant]
        found = {id(street): street for name in near for street in self.named[name]}.values()
        return [
            street
            for street in found
            if (not right or asked.code in street.postcodes) and street.citycode.startswith(asked.department)
        ]


def distance(one, other, *, most=None):
    return OSA.distance(one, other, score_cutoff=most)


def has_all(some, words):
    """Tell whether all of some words are among others; a letter stands for a word."""
    return all(one in words or (len(one) == 1 and any(word.startswith(one) for word in words)) for one in some)


@cache
def telling(name):
    return frozenset(fold(name).split()) - ARTICLES


def address_of(row):
    """Return the address of a row of the BAN."""
    return Address(
        row["id"],
        f"{row['numero']} {row['rep']}".strip(),
        row["nom_voie"],
        row["code_postal"],
        row["code_insee"],
        row["nom_commune"],
        row["nom_ancienne_commune"],
        float(row["lon"]),
        float(row["lat"]),
    )
