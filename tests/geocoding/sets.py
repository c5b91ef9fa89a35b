"""The data sets that recall and truth are measured on: shuffled, with streets and towns taken out."""

from __future__ import annotations

import csv
import gzip
import random
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import communes
import dense
import ground
from places import Places, address_of
from written import BAN

from qpv_geo.geocoding.store import AddressStore

SAMPLE = Path(__file__).resolve().parents[3] / "shared/addresses/ban-sample.csv.gz"
TOWNS_OUT, STREETS_OUT = 0.08, 0.08


@dataclass
class DataSet:
    """Addresses in an index, others taken out of it, and perimeters over all of them.

    Attributes
    ----------
    path
        The file that the index was made of: what another geocoder is to be loaded with.
    index_path
        The index.
    held
        Places of the index.
    streets_out, towns_out
        Places that were taken out: streets of towns that the index holds, and whole towns.
    inside
        Identifiers of the addresses that are inside a perimeter.
    afar
        Real communes of which no address is held: INSEE code, name, postcode.
    """

    name: str
    path: Path
    index_path: Path
    held: Places
    streets_out: Places
    towns_out: Places
    inside: frozenset[str]
    afar: tuple[tuple[str, str, str], ...]
    perimeters: object

    @property
    def places(self):
        """Held or not."""
        return self.held, self.streets_out, self.towns_out

    @cached_property
    def at(self):
        """Identifiers of the addresses of the index, by their point."""
        found = defaultdict(set)
        for street in self.held.streets:
            for some in street.numbers.values():
                for one in some:
                    found[point(one.lon, one.lat)].add(one.id)
        return found


def point(lon, lat):
    return round(lon * 1e6), round(lat * 1e6)


def sample_rows(_rng, _quick):
    with gzip.open(SAMPLE, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def dense_rows(rng, quick):
    return dense.rows(rng, towns=24, numbers=10) if quick else dense.rows(rng)


SETS = {"sample": sample_rows, "dense": dense_rows}


def make(name, folder, seed, *, quick):
    """Make a data set in a folder, from a seed."""
    rng = random.Random(f"{seed}/{name}")
    return of_rows(name, SETS[name](rng, quick), folder, rng)


def of_rows(name, rows, folder, rng):
    """Make a data set of the rows of a BAN file, whose points are laid anew."""
    squares, inside = ground.lay(rows, rng)
    rows, streets_out, towns_out = take_out(rows, rng)
    rng.shuffle(rows)
    held = Places(map(address_of, rows))
    afar = communes_afar(rng, {street.town for street in held.streets})
    path = folder / f"{name}.csv.gz"
    write(path, rows)
    index_path = AddressStore(folder / "home").import_file(path).path
    return DataSet(
        name,
        path,
        index_path,
        held,
        Places(map(address_of, streets_out)),
        Places(map(address_of, towns_out)),
        frozenset(inside),
        tuple(afar),
        ground.perimeter_set(squares, [code for code, *_ in afar[::2]]),
    )


def take_out(rows, rng):
    """Return the rows that stay, those of the streets taken out, and those of the towns taken out."""
    town_of = lambda row: (row["code_insee"], row["nom_commune"])  # noqa: E731
    street_of = lambda row: (*town_of(row), row["nom_ancienne_commune"], row["nom_voie"])  # noqa: E731
    towns = sorted(set(map(town_of, rows)))
    out = set(rng.sample(towns, round(TOWNS_OUT * len(towns))))
    towns_out = [row for row in rows if town_of(row) in out]
    left = [row for row in rows if town_of(row) not in out]
    streets = sorted(set(map(street_of, left)))
    out = set(rng.sample(streets, round(STREETS_OUT * len(streets))))
    return (
        [row for row in left if street_of(row) not in out],
        [row for row in left if street_of(row) in out],
        towns_out,
    )


def communes_afar(rng, held, count=60):
    """Return real communes whose name no town held has."""
    found = [town for town in communes.drawn(rng, 60) if town[1] not in held]
    return found[:count]


def write(path, rows):
    with gzip.open(path, "wt", encoding="utf-8", newline="", compresslevel=1) as file:
        writer = csv.DictWriter(file, BAN, delimiter=";", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
