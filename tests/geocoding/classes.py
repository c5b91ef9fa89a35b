"""Ways to write an address that an index holds, by class: each changes the parts of an address, or its whole text.

A class gets what is asked in parts and a random generator, and returns parts, or None where it changes nothing. What
only changes how the whole is spelt, and takes no letter from anyone, is done to the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import noise
import slips
from dense_names import FIRST_NAMES, KINDS, TITLES

from qpv_geo.geocoding.protocol import MAX_LETTERS

if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST_NAMES, _TITLES, _KINDS = set(FIRST_NAMES), set(TITLES), set(KINDS)
_ARTICLE = re.compile(r"\b(?:de la|de l'|du|des|de|d'|le|la|les)(?: |(?<='))", re.IGNORECASE)
_ARRONDISSEMENT = re.compile(r" (\d+)(?:er|e) Arrondissement")
_CODE = re.compile(r"\b\d{5}\b")
ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI")
PEOPLE = ("Mme Durand", "M. et Mme Petit", "Mme Lefebvre", "M. Nguyen", "Mlle Garcia")
ORGANISATIONS = (
    *("SARL Dupont et Fils", "Boulangerie Martin", "Association Les Amis du Quartier", "Cabinet Dr Moreau"),
    *("Crèche Les Petits Pas", "SCI du Parc", "Garage de la Gare", "Pharmacie Centrale"),
)
RESIDENCES = ("les Acacias", "du Parc", "Bellevue", "les Terrasses", "Clairval", "les Hauts de Seine", "Jean Rostand")


@dataclass(frozen=True)
class Class:
    """A way to write addresses.

    `parts` changes what is asked, `text` how it reads; `forms` are the forms it starts from.
    """

    name: str
    parts: Callable = lambda asked, _rng: asked
    text: Callable = lambda text, _rng: text
    forms: tuple[str, ...] = ("complete", "complete", "no code", "no town")

    def write(self, asked, rng):
        """Return the parts and the text of a question, or None where this changes nothing."""
        changed = self.parts(asked, rng)
        if changed is None:
            return None
        text = self.text(changed.text(), rng)
        if (text == asked.text() and self.name not in AS_WRITTEN) or len(text) > MAX_LETTERS:
            return None
        return changed, text


COMPLETE, NO_CODE, NO_TOWN = ("complete",), ("no code",), ("no town",)
AS_WRITTEN = ("complete", "without postcode", "without town")


def street_hurt(how):
    """One that hurts the name of the street."""

    def hurt(asked, rng):
        street = how(asked.street, rng)
        return None if street is None or street == asked.street else replace(asked, street=street)

    return hurt


def town_hurt(how):
    def hurt(asked, rng):
        town = how(asked.town, rng)
        return None if town == asked.town else replace(asked, town=town)

    return hurt


def code_hurt(how):
    def hurt(asked, rng):
        code = how(asked.code, rng)
        return None if code == asked.code else replace(asked, code=code)

    return hurt


def words_hurt(how):
    """One that hurts a word of the street, or of the town where one is written."""

    def hurt(asked, rng):
        in_street = len(asked.street.split())
        in_town = len(asked.town.split())
        wanted = street_hurt if rng.randrange(in_street + in_town) < in_street else town_hurt
        return wanted(how)(asked, rng)

    return hurt


# ── Words left out ───────────────────────────────────────────────────────────────────────────────────────────


def without(words, *, initial=False):
    """Leave out, from the name of a street, the first of some words, or leave its initial; never the last word."""

    def hurt(street, _rng):
        kind, *name = street.split()
        at = next((at for at, word in enumerate(name[:-1]) if word in words), None)
        if at is None:
            return None
        before = name[:at] if at + 1 < len(name) else []
        if initial:
            return " ".join((kind, *before, f"{name[at][0]}.", *name[at + 1 :]))
        if before and before[-1] in {"du", "de", "des"}:  # du Général Leclerc: Leclerc
            before = before[:-1]
        return " ".join((kind, *before, *name[at + 1 :]))

    return hurt


def without_kind(street, rng):
    kind, *name = street.split()
    if kind not in _KINDS or not name:
        return None
    left = " ".join(name)
    return _ARTICLE.sub("", left, count=1) if rng.random() < 0.5 and _ARTICLE.match(left) else left


def without_articles(street, _rng):
    return " ".join(_ARTICLE.sub("", street).split()) or None


# ── Other parts, other orders ────────────────────────────────────────────────────────────────────────────────


def flat(asked, rng):
    number, building = rng.randint(1, 40), rng.choice("ABCD")
    floor = number % 8 + 2
    words = (
        *(f"Apt {number}", f"appt {number}", f"Appartement {number}", f"porte {number}", f"Entrée {number % 6 + 1}"),
        *(f"Bât {building}", f"Bâtiment {building}", f"Bât {building} Apt {number}", f"Esc. {floor}", f"Hall {floor}"),
        *(f"{floor}e étage", f"{floor}ème étage porte {number}", "RDC", "rez-de-chaussée"),
    )
    return placed(asked, rng.choice(words), rng)


def placed(asked, words, rng):
    """Put words in front, or between street and town, or behind, with a comma or without."""
    where = rng.choice(("front", "middle", "middle", "behind"))
    comma = rng.choice((",", ""))
    return replace(asked, **{where: {"front": f"{words}{comma}"}.get(where, f"{comma} {words}")})


def residence(asked, rng):
    return placed(asked, f"{rng.choice(('Résidence', 'Rés.', 'résidence'))} {rng.choice(RESIDENCES)}", rng)


def in_care_of(asked, rng):
    return replace(asked, **{rng.choice(("front", "behind")): f"{rng.choice(('chez', 'c/o'))} {rng.choice(PEOPLE)}"})


def box(asked, rng):
    words = f"{rng.choice(('BP', 'B.P.', 'CS', 'BP'))} {rng.randint(10, 90_000)}"
    return replace(asked, middle=rng.choice((words, f", {words}")))


def organisation(asked, rng):
    return replace(asked, front=rng.choice(ORGANISATIONS) + rng.choice((",", "", " -")))


def contact(asked, rng):
    phone = "0" + "".join(rng.choice("0123456789") for _ in range(9))
    spaced = " ".join(re.findall("..", phone))
    words = rng.choice(
        ("jean.dupont@example.org", "contact@example.net", spaced, f"tél. {spaced}", phone, f"Tel : {phone}")
    )
    return replace(asked, behind=words)


CITY_FIRST = ("{code} {town}, {number} {street}", "{code} {town} {number} {street}", "{town} {number} {street}")
NUMBER_BEHIND = (
    "{street} {number}, {code} {town}",
    "{street}, {number} {code} {town}",
    "{street} n° {number}, {code} {town}",
)


def several_numbers(asked, rng):
    """Ask for a number and the next of its side, when `with_others` has told which there are."""
    others = [(number, one) for number, one in asked.others if is_next(asked.number, number)]
    if not others:
        return None
    number, identifier = rng.choice(others)
    joined = rng.choice(("{}-{}", "{} à {}", "{}/{}", "{} et {}", "{} - {}")).format(asked.number, number)
    return replace(asked, number=joined, also=(identifier,))


def is_next(one, other):
    return one.isdigit() and other.isdigit() and int(other) - int(one) == 2


def laid_out(layouts):
    return lambda asked, rng: replace(asked, layout=rng.choice(layouts))


def insee(asked, _rng):
    known = asked.address.citycode not in {"", asked.code}
    return replace(asked, code=asked.address.citycode) if known else None


def former_town(asked, _rng):
    return replace(asked, town=asked.address.former) if asked.address.former else None


def suffix_as(how):
    """Write ``12 bis`` otherwise."""

    def changed(asked, rng):
        number, _, suffix = asked.number.partition(" ")
        return replace(asked, number=how(number, suffix, rng)) if suffix else None

    return changed


def letter_for(number, suffix, rng):
    if suffix not in {"bis", "ter", "quater"}:
        return f"{number} {suffix.upper()}"
    return number + rng.choice((" ", "")) + rng.choice((suffix[0].upper(), suffix[0]))


def glued_suffix(number, suffix, rng):
    return number + rng.choice((suffix, suffix.upper(), f"-{suffix}"))


def arrondissement(text, rng):
    """Write the arrondissement otherwise, or leave it to the postcode."""
    found = _ARRONDISSEMENT.search(text)
    if found is None:
        return text
    number = int(found[1])
    ways = [f" {number}", f" {number}e", f" {number}ème", f" {number:02}", f" {ROMAN[number]}e", f" {number}e arr."]
    if _CODE.search(text):
        ways += ["", "", ""]
    return text[: found.start()] + rng.choice(ways) + text[found.end() :]


def department(asked, rng):
    """Write the département behind the town, instead of a postcode."""
    code = asked.address.citycode[:2]
    said = rng.choice(("({})", "{}", "({})")).format(code)
    return replace(asked, behind=said, department=code) if code else None


def of_all(*how):
    """Several of these, one after the other; what changes nothing is passed over."""

    def hurt(asked, rng):
        changed = asked
        for one in sorted(rng.sample(how, 2), key=how.index):
            changed = one(changed, rng) or changed
        return None if changed == asked else changed

    return hurt


def in_turn(*how):
    def hurt(text, rng):
        for one in how:
            if rng.random() < 0.5:
                text = one(text, rng)
        return text

    return hurt


TYPO = words_hurt(slips.mistyped)
MIXED = of_all(TYPO, flat, code_hurt(slips.digit_wrong), words_hurt(slips.glued))

CLASSES = (
    Class("complete", forms=COMPLETE),
    Class("without postcode", forms=NO_CODE),
    Class("without town", forms=NO_TOWN),
    Class("capitals", text=noise.capitals),
    Class("no accents", text=noise.no_accents),
    Class("abbreviations", text=noise.abbreviations),
    Class("cedex", text=noise.cedex, forms=("complete", "no code")),
    Class("typo", TYPO),
    Class("typo in long word", text=noise.typo, forms=("complete", "no code")),
    Class("typo in street", street_hurt(slips.mistyped)),
    Class("typo in town", town_hurt(slips.mistyped), forms=("complete", "no code")),
    Class("two typos", of_all(street_hurt(slips.mistyped), town_hurt(slips.mistyped)), forms=COMPLETE),
    Class("code: digit missing", code_hurt(slips.digit_missing), forms=COMPLETE),
    Class("code: digit added", code_hurt(slips.digit_added), forms=COMPLETE),
    Class("code: digits swapped", code_hurt(slips.digits_swapped), forms=COMPLETE),
    Class("code: digit wrong", code_hurt(slips.digit_wrong), forms=COMPLETE),
    Class("code: zero lost", code_hurt(slips.zero_lost), forms=("complete", "no town")),
    Class("code: INSEE", insee, forms=COMPLETE),
    Class("département", department, forms=NO_CODE),
    Class("arrondissement", text=arrondissement, forms=("complete", "no code")),
    Class("by sound", words_hurt(slips.by_sound)),
    Class("numbers in words", street_hurt(slips.numbers_in_words)),
    Class("glued words", words_hurt(slips.glued)),
    Class("split words", words_hurt(slips.split)),
    Class("HTML entities", text=slips.entities),
    Class("UTF-8 as 1252", text=slips.read_as_windows),
    Class("replacement chars", text=slips.replacement_characters),
    Class("no first name", street_hurt(without(_FIRST_NAMES))),
    Class("initial", street_hurt(without(_FIRST_NAMES, initial=True))),
    Class("no title", street_hurt(without(_TITLES))),
    Class("no kind", street_hurt(without_kind)),
    Class("no articles", street_hurt(without_articles)),
    Class("city first", laid_out(CITY_FIRST), forms=("complete", "no code")),
    Class("number behind", laid_out(NUMBER_BEHIND)),
    Class("flat, floor", flat),
    Class("residence", residence),
    Class("in care of", in_care_of, forms=("complete", "no code")),
    Class("BP, CS", box, forms=COMPLETE),
    Class("organisation", organisation),
    Class("e-mail, telephone", contact, forms=("complete", "no code")),
    Class("former commune", former_town, forms=("complete", "no code")),
    Class("several numbers", several_numbers),
    Class("12 B for 12 bis", suffix_as(letter_for)),
    Class("12bis", suffix_as(glued_suffix)),
    Class("mixed", MIXED, in_turn(noise.abbreviations, noise.no_accents, noise.capitals), forms=COMPLETE),
    Class("mixed spelling", TYPO, in_turn(noise.abbreviations, noise.no_accents, noise.cedex, noise.capitals)),
)
