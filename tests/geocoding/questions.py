"""The questions asked of a data set: addresses that it holds, written in each class, and addresses that it doesn't."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from classes import CLASSES
from places import Asked, distance, fold

FORMS = {
    "complete": lambda one: Asked(one, one.number, one.street, one.postcode, one.town),
    "no code": lambda one: Asked(one, one.number, one.street, "", one.town),
    "no town": lambda one: Asked(one, one.number, one.street, one.postcode, ""),
}
NAMED_PLACES = ("mairie", "gare", "école", "hôpital", "église", "poste", "château", "stade", "cimetière")
PLAIN = ("complete", "complete", "no code", "no town")
NOISES = (
    *("capitals", "no accents", "abbreviations", "cedex", "typo", "typo in street", "typo in town", "glued words"),
    *("split words", "code: digit wrong", "code: digit missing", "flat, floor", "residence", "in care of"),
    *("city first", "number behind", "e-mail, telephone", "mixed spelling", "HTML entities", "replacement chars"),
)
WANTS = {
    "former commune": lambda street: street.former,
    "arrondissement": lambda street: "Arrondissement" in street.town,
    "12 B for 12 bis": lambda street: any(" " in number for number in street.numbers),
    "12bis": lambda street: any(" " in number for number in street.numbers),
}
"""Streets that a class is about."""
BY_NAME = {each.name: each for each in CLASSES}
AMBIGUOUS = "ambiguous"
TRIES = 40
"""How many addresses are drawn for each question wanted, before a class is said to have no more."""


@dataclass(frozen=True)
class Question:
    """What is asked, in which class, and what it should find: nothing where `expected` is empty.

    `suiting` are the addresses that the words suit as well, the expected one among them.
    """

    line: str
    text: str
    asked: Asked
    expected: frozenset[str] = frozenset()
    suiting: frozenset[str] = frozenset()

    @property
    def is_ambiguous(self):
        return self.suiting > self.expected


def held(data, count, seed, names=()):
    """Return the questions about what is held, `count` a class, and those that several addresses suit as well."""
    found, ambiguous = [], []
    for each in CLASSES:
        if names and each.name not in names:
            continue
        rng = random.Random(f"{seed}/{data.name}/{each.name}")
        mine = list(_of_class(each, data, count, rng))
        clear = [one for one in mine if not one.is_ambiguous]
        found += clear[:count]
        ambiguous += [replace(one, line=AMBIGUOUS) for one in mine if one.is_ambiguous][: max(1, count // 10)]
    return found, ambiguous


def _of_class(each, data, count, rng):
    """Draw until there are enough of a class that only the address meant suits."""
    clear, texts = 0, set()
    streets = [street for street in data.held.streets if WANTS.get(each.name, bool)(street)]
    for _ in range(TRIES * count if streets else 0):
        if clear == count:
            return
        street = rng.choice(streets)
        numbers = tuple((number, some[0].id) for number, some in street.numbers.items())
        asked = replace(FORMS[rng.choice(each.forms)](draw(street, rng)), others=numbers)
        written = each.write(asked, rng)
        if written is None or written[1] in texts:
            continue
        changed, text = written
        texts.add(text)
        suiting = data.held.suiting(changed)
        expected = _same(data, asked.address) | set(changed.also)
        question = Question(each.name, text, changed, expected, expected | {one.id for one in suiting})
        clear += not question.is_ambiguous
        yield question


def draw(street, rng):
    """Draw a number of a street; those with a suffix more often than they come."""
    numbers = street.numbers
    some = [number for number in numbers if " " in number] if rng.random() < 0.2 else []
    return rng.choice(numbers[rng.choice(some or list(numbers))])


def _same(data, address):
    """Return the identifiers of the very same address, which a file may hold twice."""
    return frozenset(
        one.id
        for street in data.held.named[fold(address.town)]
        if (street.citycode, street.former) == (address.citycode, address.former)
        and fold(street.name) == fold(address.street)
        for one in street.numbers.get(address.number, ())
    )


# ── What is not held ─────────────────────────────────────────────────────────────────────────────────────────


def left_out(data, count, seed):
    """Return about `count` questions about streets, towns and numbers that the index doesn't hold."""
    found = []
    for line, (share, make, *unchecked) in LINES.items():
        rng = random.Random(f"{seed}/{data.name}/{line}")
        texts = {}
        wanted = max(1, round(share * count))
        for _ in range(TRIES * wanted):
            if len(texts) == wanted:
                break
            question = make(data, rng)
            if question is not None and (unchecked or not data.held.suiting(question[0])):
                asked, text = question
                texts.setdefault(text, Question(line, text, asked))
        found += texts.values()
    return found


def plainly(address, rng):
    asked = FORMS[rng.choice(PLAIN)](address)
    return asked, asked.text()


def noisily(address, rng):
    each = BY_NAME[rng.choice(NOISES)]
    return each.write(FORMS[rng.choice(each.forms)](address), rng)


def street_out(how, *, twins):
    def make(data, rng):
        if not data.streets_out.streets:
            return None
        address = draw(rng.choice(data.streets_out.streets), rng)
        has = bool(data.held.twins(FORMS["complete"](address)))
        return how(address, rng) if has is twins else None

    return make


def town_out(how):
    return lambda data, rng: how(draw(rng.choice(data.towns_out.streets), rng), rng)


def town_alone(data, rng):
    """Ask for a town without a street: one held, one taken out, or a real one that is in no index."""
    address = draw(rng.choice((data.towns_out if rng.random() < 0.4 else data.held).streets), rng)
    if rng.random() < 0.4:
        address = _moved(address, rng.choice(data.afar))
    asked = replace(FORMS[rng.choice(("complete", "no code"))](address), number="", street="")
    return asked, asked.text()


def named_place(data, rng):
    """Ask for a place by its name, which is no street: the town hall of a town is not in the Rue de la Mairie."""
    address = draw(rng.choice(data.held.streets), rng)
    asked = replace(FORMS["no code"](address), number="", street=rng.choice(NAMED_PLACES), layout="{street} de {town}")
    return asked, asked.text()


def number_unknown(data, rng):
    """Ask for a number that a street hasn't; now and then with a flat, or to the end of a range, that it has."""
    street = rng.choice(data.held.streets)
    known = {int(number.split()[0]) for number in street.numbers}
    other = rng.choice((999, max(known) + rng.randint(1, 9), max(known) * 10 + 1, rng.randint(1, max(known))))
    if other in known:
        return None
    asked, text = _elsewhere(street, str(other), rng)
    way, inside = rng.randrange(5), rng.choice(sorted(known))
    if way == 0:
        asked = replace(asked, middle=rng.choice((f"Apt {inside}", f", porte {inside}", f"Bât {inside}")))
    elif way == 1:
        asked = replace(asked, number=rng.choice((f"{inside}-{other}", f"{inside} à {other}", f"{other}/{inside}")))
    return asked, asked.text() if way < 2 else text


def suffix_unknown(data, rng):
    street = rng.choice(data.held.streets)
    number = rng.choice(list(street.numbers))
    alone, _, suffix = number.partition(" ")
    wanted = alone if suffix else f"{alone} {rng.choice(('bis', 'ter', 'B', 'C'))}"
    alike = {wanted, wanted.lower(), wanted.lower().replace(" bis", " b").replace(" ter", " t")}
    if wanted.endswith(" B"):
        alike.add(f"{alone} bis")
    return None if alike & set(street.numbers) else _elsewhere(street, wanted, rng)


def _elsewhere(street, number, rng):
    some = next(iter(street.numbers.values()))
    return plainly(some[0]._replace(number=number), rng)


def other_town_held(data, rng):
    """Ask for a street in another town of the index, which hasn't it."""
    other = rng.choice(data.held.streets)
    town = other.citycode, other.town, min(other.postcodes)
    return _in_another(draw(rng.choice(data.held.streets), rng), town, rng)


def other_town_afar(data, rng):
    return _in_another(draw(rng.choice(data.held.streets), rng), rng.choice(data.afar), rng)


def _in_another(address, town, rng):
    moved = _moved(address, town)
    if fold(moved.town) in {fold(address.town), fold(address.former)}:
        return None
    asked = FORMS[rng.choice(("complete", "no code"))](moved)
    return asked, asked.text()


def another_department(data, rng):
    """Ask for an address with a postcode of another département."""
    asked = FORMS["complete"](draw(rng.choice(data.held.streets), rng))
    _code, _name, postcode = rng.choice(data.afar)
    home = (asked.address.citycode or asked.code)[:2].replace("2A", "20")
    if home == postcode[:2]:
        return None
    asked = replace(asked, code=postcode)
    return asked, asked.text()


def town_against_code(data, rng):
    """Ask for a street with its own postcode and the name of another town, which hasn't it."""
    address = draw(rng.choice(data.held.streets), rng)
    others = [
        *data.afar,
        *((street.citycode, street.town, min(street.postcodes)) for street in rng.sample(data.held.streets, 9)),
    ]
    moved = _moved(address, rng.choice(others))
    names = {fold(address.town), fold(address.former)}
    if any(name and distance(name, fold(moved.town)) <= 2 for name in names) or data.held.suiting(
        FORMS["no code"](moved)
    ):
        return None
    asked = replace(FORMS["complete"](moved), code=address.postcode)
    return asked, asked.text()


def _moved(address, town):
    citycode, name, postcode = town
    return address._replace(citycode=citycode, town=name, postcode=postcode, former="")


LINES = {
    "street out": (0.22, street_out(plainly, twins=False)),
    "street out, noise": (0.22, street_out(noisily, twins=False)),
    "street out, a twin stays": (0.08, street_out(plainly, twins=True)),
    "street out, a twin stays, noise": (0.06, street_out(noisily, twins=True)),
    "town out": (0.12, town_out(plainly)),
    "town out, noise": (0.10, town_out(noisily)),
    "town alone": (0.02, town_alone, "no street is asked for"),
    "named place": (0.02, named_place, "no street is asked for"),
    "number unknown": (0.05, number_unknown),
    "suffix unknown": (0.03, suffix_unknown),
    "another town, held": (0.04, other_town_held),
    "another town, not held": (0.04, other_town_afar),
    "town against postcode": (0.02, town_against_code),
    "another département": (0.02, another_department, "found by all but its postcode, and never firm"),
}
"""What is left out, its share of the questions, and why it may suit what is held.

A twin is a street of the same town and number, one letter away or
with words more or less: what a person may have meant."""
