"""A dense address file that is made up: towns whose streets are easily taken for one another, from a seed.

Half of the towns bear the names and codes of real communes, the others are made up as their streets are; positions
come from `ground`. The file is written where it is used and never kept.
"""

from __future__ import annotations

from typing import NamedTuple

import communes
from dense_names import (
    ARRONDISSEMENTS,
    BEGINNINGS,
    ENDINGS,
    FAMILIES,
    FIRST_NAMES,
    KINDS,
    MIDDLES,
    RIVERS,
    SURNAMES,
)
from written import BAN

DEPARTMENTS = ("01", "02", "04", "06", "16", "24", "33", "35", "42", "59", "62", "63", "69", "86", "2A")
HOMONYMS = ("Beaumont", "Saint-Aubin", "Villeneuve", "Mons")
"""Names of made-up towns of several départements."""
ORDINALS, LETTERS = (["bis"], ["bis", "ter"]), (["a"], ["b"], ["a", "b", "c"])
"""Suffixes that a number may have; no street has both."""


class Town(NamedTuple):
    citycode: str
    name: str
    postcodes: tuple[str, ...]
    former: tuple[str, ...] = ()


def rows(rng, towns=60, streets=(200, 400), numbers=16):
    """Return the rows of the file, by the columns of the BAN, in no order that counts."""
    found = []
    for town in make_towns(rng, towns):
        for at, street in enumerate(sorted(make_streets(rng, town, rng.randint(*streets)))):
            found += street_rows(rng, town, street, at, numbers)
    return found


# ── Towns ────────────────────────────────────────────────────────────────────────────────────────────────────


def make_towns(rng, count):
    """Return half real, half made-up towns; some share a postcode, some have several, some have former communes."""
    drawn = [*ARRONDISSEMENTS, *communes.drawn(rng, count // 2 - len(ARRONDISSEMENTS))]
    real = [Town(code, name, (postcode,)) for code, name, postcode in drawn]
    made, taken = [], {town.name for town in real}
    postcode = ""
    for at in range(count - len(real)):
        department = DEPARTMENTS[at % len(DEPARTMENTS)]
        if at >= 2 * len(HOMONYMS) and at % 3 == 1:  # with the postcode of the one before
            department = made[-1].citycode[:2]
        else:
            postcode = new_postcode(rng, department)
        name = HOMONYMS[at // 2] if at < 2 * len(HOMONYMS) else town_name(rng, taken)
        taken.add(name)
        former = tuple(town_name(rng, taken) for _ in range(2)) if at % 4 == 3 else ()
        taken.update(former)
        codes = (postcode, f"{postcode[:4]}{(int(postcode[4]) + 1) % 10}") if at % 6 == 5 else (postcode,)
        made.append(Town(f"{department}{900 + at}", name, codes, former))
    return real + made


def new_postcode(rng, department):
    """Make up a postcode that no real commune has."""
    start = "20" if department == "2A" else department
    while True:
        postcode = f"{start}{rng.randint(10, 89)}{rng.choice('01')}"
        if not communes.with_postcode(postcode):
            return postcode


def town_name(rng, taken):
    """Make up the name of a town that none has yet, short or long."""
    while True:
        stem = rng.choice(BEGINNINGS) + rng.choice(MIDDLES) + rng.choice(ENDINGS)
        name = rng.choice(
            (
                *(stem, stem, stem, f"{stem}-sur-{rng.choice(RIVERS)}", f"Saint-{rng.choice(SURNAMES)}-de-{stem}"),
                *(f"Le {stem}", f"La {stem}", f"{stem}-les-Bains", f"Vieux-{stem}", f"{stem}-la-Forêt"),
            )
        )
        if name not in taken:
            return name


# ── Streets ──────────────────────────────────────────────────────────────────────────────────────────────────


def make_streets(rng, town, count):
    """Return the names of the streets of a town, each with the former commune it was of, if any."""
    found = set()
    for former in town.former:
        found |= {(name, former) for name in ("Rue de l'Église", "Rue de la Mairie", "Place de la Mairie")}
    while len(found) < count:
        former = rng.choice((*town.former, "")) if town.former else ""
        for name in relatives(rng):
            if former or not any(name == other for other, _ in found):
                found.add((name, former))
    return found


def relatives(rng):
    """Return a few streets that are easily taken for one another."""
    name = base_name(rng)
    kinds = rng.sample(KINDS, 3)
    same_name = [f"{kind} {name}" for kind in dict.fromkeys(kinds[: rng.choice((1, 1, 2, 3))])]
    other = twin_name(rng, name)
    return [*same_name, f"{kinds[0]} {other}"] if other else same_name


def base_name(rng):
    draw = rng.random()
    if draw < 0.12:
        return f"{rng.choice(FIRST_NAMES)} {rng.choice(SURNAMES)}"
    if draw < 0.22:  # a name that no dictionary has
        return f"{rng.choice(FIRST_NAMES)} {rng.choice(BEGINNINGS)}{rng.choice(MIDDLES)}{rng.choice(ENDINGS)}"
    return rng.choice(rng.choice(FAMILIES))


def twin_name(rng, name):
    """Return a name next to another, or none: in the plural, with no first name, with another surname or article."""
    first, *rest = name.split()
    if first == "du" and len(rest) == 1 and name[-1] not in "sx" and rng.random() < 0.6:
        return f"des {rest[0]}s"
    if first == "des" and len(rest) == 1 and rest[0].endswith("s") and rng.random() < 0.3:
        return f"{rng.choice(('du', 'de la'))} {rest[0][:-1]}"
    if first in FIRST_NAMES and rng.random() < 0.6:
        return rng.choice((rest[-1], f"{rng.choice(FIRST_NAMES)} {rest[-1]}", f"{first} {rng.choice(SURNAMES)}"))
    return None


def street_rows(rng, town, street, at, most):
    """Return the numbers of a street; some are missing, some have bis, ter or letters."""
    name, former = street
    common = dict.fromkeys(BAN, "") | {
        "nom_voie": name,
        "code_postal": rng.choice(town.postcodes),
        "code_insee": town.citycode,
        "nom_commune": town.name,
        "nom_ancienne_commune": former,
        "type_position": "entrée",
    }
    suffixed = LETTERS if rng.random() < 0.15 else ORDINALS
    found = []
    for number in range(1, rng.randint(4, most) + 1):
        if rng.random() < 0.15 and number > 1:
            continue
        for suffix in suffixes(rng, suffixed):
            identifier = "_".join(filter(None, (f"{town.citycode}_{at:04}", f"{number:05}", suffix)))
            found.append(common | {"id": identifier, "numero": str(number), "rep": suffix})
    return found


def suffixes(rng, suffixed):
    """Return the suffixes of a number: none but the number alone, most often; now and then without that."""
    if rng.random() >= 0.12:
        return [""]
    some = rng.choice(suffixed)
    return some if rng.random() < 0.2 else ["", *some]
