"""From a BAN file to what Addok imports: a JSON line for each street with its numbers, and for each commune.

Run by scripts/addok with any Python: standard library only.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

GZIP = b"\x1f\x8b"
CENTRE, BRETAGNE, AQUITAINE = "Centre-Val de Loire", "Bretagne", "Nouvelle-Aquitaine"
DEPARTMENTS = {
    "16": ("Charente", AQUITAINE),
    "17": ("Charente-Maritime", AQUITAINE),
    "18": ("Cher", CENTRE),
    "19": ("Corrèze", AQUITAINE),
    "22": ("Côtes-d'Armor", BRETAGNE),
    "23": ("Creuse", AQUITAINE),
    "28": ("Eure-et-Loir", CENTRE),
    "29": ("Finistère", BRETAGNE),
    "35": ("Ille-et-Vilaine", BRETAGNE),
    "36": ("Indre", CENTRE),
    "37": ("Indre-et-Loire", CENTRE),
    "41": ("Loir-et-Cher", CENTRE),
    "45": ("Loiret", CENTRE),
    "56": ("Morbihan", BRETAGNE),
    "79": ("Deux-Sèvres", AQUITAINE),
    "86": ("Vienne", AQUITAINE),
    "87": ("Haute-Vienne", AQUITAINE),
}
"""Those of ../shared/addresses: Addok searches the context too. Of the others it gets the code alone."""


class Commune(NamedTuple):
    """Without an INSEE code here and there: the name counts too."""

    citycode: str
    name: str


def convert(rows):
    """Yield what Addok imports, from the rows of a BAN file."""
    streets = defaultdict(list)
    communes = defaultdict(list)
    for row in rows:
        commune = Commune(row["code_insee"], row["nom_commune"])
        streets[commune, row["nom_ancienne_commune"], row["code_postal"], row["nom_voie"]].append(row)
        communes[commune].append(row)
    for (commune, former, postcode, name), numbers in streets.items():
        yield street(commune, former, postcode, name, numbers)
    for commune, numbers in communes.items():
        yield municipality(commune, numbers)


def street(commune, former, postcode, name, numbers):
    """Its identifier is that of its numbers, less the number: 16015_00002_00099_bis is in 16015_00002.

    It is found by the name of its former commune too, as in the Base Adresse Nationale.
    """
    first = numbers[0]
    suffix = f"_{first['numero']:>05}" + (f"_{first['rep']}" if first["rep"] else "")
    return {
        "id": first["id"].removesuffix(suffix),
        "type": "street",
        "name": name,
        "postcode": postcode,
        "citycode": commune.citycode,
        "city": [commune.name, former] if former else commune.name,
        "context": context(postcode, commune.citycode),
        "importance": importance(len(numbers)),
        **position(first),
        "housenumbers": {number_of(row): {"id": row["id"], **position(row)} for row in numbers},
    }


def municipality(commune, numbers):
    """Stand where its first number does: the file says nothing of town halls."""
    postcodes = [postcode for postcode, _count in Counter(row["code_postal"] for row in numbers).most_common()]
    return {
        "id": commune.citycode or f"{postcodes[0]}-{commune.name}",
        "type": "municipality",
        "name": commune.name,
        "postcode": postcodes,
        "citycode": commune.citycode,
        "city": commune.name,
        "context": context(postcodes[0], commune.citycode),
        "importance": importance(len(numbers)),
        **position(numbers[0]),
    }


def number_of(row):
    return f"{row['numero']} {row['rep']}".strip()


def position(row):
    return {"lat": float(row["lat"]), "lon": float(row["lon"])}


def context(postcode, citycode):
    """Begin with the code of the département: that of the INSEE code, for Corsica's are not in its postcodes."""
    code = citycode or postcode
    department = code[: 3 if code.startswith(("97", "98")) else 2]
    return ", ".join((department, *DEPARTMENTS.get(department, ())))


def importance(numbers):
    """From 0 to 1, by the size of a street or of a commune; 1 from a million numbers up."""
    return min(1.0, round(math.log10(1 + numbers) / 6, 4))


def main(source, target):
    opened = gzip.open if Path(source).read_bytes()[:2] == GZIP else open
    with opened(source, "rt", encoding="utf-8", newline="") as file, Path(target).open("w", encoding="utf-8") as out:
        documents = convert(csv.DictReader(file, delimiter=";"))
        out.writelines(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)


if __name__ == "__main__":
    main(*sys.argv[1:])
