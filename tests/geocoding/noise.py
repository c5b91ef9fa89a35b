"""What people do to an address when they type it, from a seed: the same text is always hurt in the same way."""

from __future__ import annotations

import random
import re
import unicodedata

STREET_TYPES = {
    "allée": "all",
    "avenue": "av",
    "boulevard": "bd",
    "chemin": "che",
    "faubourg": "fg",
    "impasse": "imp",
    "place": "pl",
    "résidence": "res",
    "route": "rte",
    "rue": "r",
    "square": "sq",
}
NAME_WORDS = {"docteur": "dr", "général": "gal", "maréchal": "mal", "saint": "st", "sainte": "ste"}
_STREET_TYPE = re.compile(rf"\b({'|'.join(STREET_TYPES)})\b", re.IGNORECASE)
_NAME_WORD = re.compile(rf"\b({'|'.join(NAME_WORDS)})\b", re.IGNORECASE)
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_ENDS_WITH_POSTCODE = re.compile(r"\d{5}$")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})


def capitals(text, _rng):
    return text.upper()


def no_accents(text, _rng):
    decomposed = unicodedata.normalize("NFD", text.translate(_LIGATURES))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def abbreviations(text, rng):
    """Shorten the type of the street, and the saints, doctors and generals of any name; a full stop, or none."""

    def short(words):
        def replace(match):
            word = words[match[0].lower()]
            return (word.capitalize() if match[0][0].isupper() else word) + rng.choice(("", "."))

        return replace

    text = _STREET_TYPE.sub(short(STREET_TYPES), text, count=1)
    return _NAME_WORD.sub(short(NAME_WORDS), text)


def cedex(text, rng):
    """After the city; a text that ends with its postcode has none."""
    if _ENDS_WITH_POSTCODE.search(text):
        return text
    return text + rng.choice((" CEDEX", " Cedex", f" CEDEX {rng.randint(1, 9)}"))


def typo(text, rng):
    """One mistake in one word of five letters or more, wherever in it."""
    words = list(_LONG_WORD.finditer(text))
    if not words:
        return text
    word = rng.choice(words)
    mistake = rng.choice((_swap, _drop, _double, _replace))
    return text[: word.start()] + mistake(word[0], rng) + text[word.end() :]


def _swap(word, rng):
    at = rng.choice([at for at in range(len(word) - 1) if word[at] != word[at + 1]])
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _drop(word, rng):
    at = rng.randrange(len(word))
    return word[:at] + word[at + 1 :]


def _double(word, rng):
    at = rng.randrange(len(word))
    return word[:at] + word[at] + word[at:]


def _replace(word, rng):
    at = rng.randrange(len(word))
    return word[:at] + rng.choice("abcdefghijklmnopqrstuvwxyz".replace(word[at].lower(), "")) + word[at + 1 :]


def mixed(text, rng):
    """Two or more of the others."""
    kinds = [abbreviations, typo, no_accents, cedex, capitals]
    for kind in sorted(rng.sample(kinds, rng.randint(2, len(kinds))), key=kinds.index):
        text = kind(text, rng)
    return text


NOISES = {
    "capitals": capitals,
    "no accents": no_accents,
    "abbreviations": abbreviations,
    "cedex": cedex,
    "typo": typo,
    "mixed": mixed,
}


def noisy(text, seed):
    """Yield the name of each noise and what it makes of a text, where it changes it."""
    for name, noise in NOISES.items():
        hurt = noise(text, random.Random(f"{seed}/{name}/{text}"))
        if hurt != text:
            yield name, hurt
