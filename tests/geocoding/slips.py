"""What goes wrong in letters, codes and encodings between a head and a file; each from a random generator."""

from __future__ import annotations

import re

AZERTY = {
    "a": "zq", "z": "aes", "e": "zrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "om", "q": "asw", "s": "qdz", "d": "sfe", "f": "dgr", "g": "fht", "h": "gjy", "j": "hku",
    "k": "jli", "l": "kmo", "m": "lp", "w": "xq", "x": "wcs", "c": "xvd", "v": "cbf", "b": "vng", "n": "bhj",
}  # fmt: skip
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
NAMED_ENTITIES = {
    "é": "&eacute;", "è": "&egrave;", "ê": "&ecirc;", "ë": "&euml;", "à": "&agrave;", "â": "&acirc;", "î": "&icirc;",
    "ï": "&iuml;", "ô": "&ocirc;", "û": "&ucirc;", "ù": "&ugrave;", "ç": "&ccedil;", "É": "&Eacute;", "È": "&Egrave;",
    "œ": "&oelig;", "Œ": "&OElig;", "'": "&#39;", "’": "&rsquo;",
}  # fmt: skip
SOUNDS = (
    *(
        (r"ph", "f"),
        (r"eau", "o"),
        (r"(?<=\w)au(?!x)", "o"),
        (r"qu(?=[eéi])", "k"),
        (r"(?<=[aeiou])ss(?=[ei])", "c"),
    ),
    *(
        (r"nn", "n"),
        (r"ll(?!e)", "l"),
        (r"tt", "t"),
        (r"rr", "r"),
        (r"mm", "m"),
        (r"th", "t"),
        (r"y", "i"),
        (r"ch(?=r)", "c"),
    ),
    *((r"ai(?!l|n)", "é"), (r"ei(?!l|n)", "è"), (r"en(?=[tsc])", "an"), (r"an(?=[tsc])", "en"), (r"ç", "ss")),
    *(
        (r"(?<=[a-z]{2}[nru])[td]s?\b", ""),
        (r"(?<=[a-z]{3}[a-z])x\b", ""),
        (r"\bh(?=\w{3})", ""),
        (r"ain\b", "in"),
        (r"ez\b", "é"),
    ),
)
"""Letters of French and others that sound alike, or none where they are silent."""
NUMBER_WORDS = {
    "1er": "premier", "4": "quatre", "6": "six", "8": "huit", "11": "onze", "14": "quatorze", "19": "dix-neuf",
    "22": "vingt-deux",
}  # fmt: skip
_NUMBER = re.compile(r"\b\d+(?:er)?\b")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LONG_WORD = re.compile(r"[^\W\d_]{6,}")


def mistyped(text, rng):
    """One error in one word of two letters or more, wherever in it: swapped, dropped, doubled, replaced or added."""
    words = list(_WORD.finditer(text))
    if not words:
        return text
    word = rng.choice(words)
    hurt = rng.choice((swapped, dropped, doubled, replaced, added))(word[0], rng)
    return text[: word.start()] + hurt + text[word.end() :]


def swapped(word, rng):
    places = [at for at in range(len(word) - 1) if word[at].lower() != word[at + 1].lower()]
    if not places:
        return doubled(word, rng)
    at = rng.choice(places)
    pair = word[at + 1] + word[at]
    if word[at].isupper() and not word.isupper():
        pair = word[at + 1].upper() + word[at].lower()
    return word[:at] + pair + word[at + 2 :]


def dropped(word, rng):
    at = rng.randrange(len(word))
    return word[:at] + word[at + 1 :]


def doubled(word, rng):
    at = rng.randrange(len(word))
    return word[: at + 1] + word[at].lower() + word[at + 1 :]


def replaced(word, rng):
    """By a neighbour on a French keyboard, or by any letter."""
    at = rng.randrange(len(word))
    other = rng.choice(AZERTY.get(word[at].lower(), ALPHABET) if rng.random() < 0.6 else ALPHABET)
    if other == word[at].lower():
        return dropped(word, rng)
    return word[:at] + (other.upper() if word[at].isupper() else other) + word[at + 1 :]


def added(word, rng):
    at = rng.randint(0, len(word))
    return word[:at] + rng.choice(ALPHABET) + word[at:]


def glued(text, rng):
    """Two words in one."""
    spaces = [at for at, letter in enumerate(text) if letter in " -'"]
    if not spaces:
        return text
    at = rng.choice(spaces)
    return text[:at] + text[at + 1 :]


def split(text, rng):
    """One word of six letters or more in two."""
    words = list(_LONG_WORD.finditer(text))
    if not words:
        return text
    word = rng.choice(words)
    at = word.start() + rng.randint(2, len(word[0]) - 2)
    return f"{text[:at]} {text[at:]}"


def by_sound(text, rng):
    """One group of letters written as another that sounds the same."""
    places = [(match, other) for group, other in SOUNDS for match in re.finditer(group, text, re.IGNORECASE)]
    if not places:
        return text
    match, other = rng.choice(places)
    other = other.capitalize() if match[0][0].isupper() else other
    return text[: match.start()] + other + text[match.end() :]


def numbers_in_words(text, _rng):
    return _NUMBER.sub(lambda match: NUMBER_WORDS.get(match[0], match[0]), text)


# ── Codes of five digits ─────────────────────────────────────────────────────────────────────────────────────


def digit_missing(code, rng):
    return dropped(code, rng)


def digit_added(code, rng):
    at = rng.randint(0, len(code))
    return code[:at] + rng.choice("0123456789") + code[at:]


def digits_swapped(code, rng):
    return swapped(code, rng) if len(set(code)) > 1 else code


def digit_wrong(code, rng):
    at = rng.randrange(len(code))
    return code[:at] + rng.choice("0123456789".replace(code[at], "")) + code[at + 1 :]


def zero_lost(code, _rng):
    return code.removeprefix("0")


# ── Files of others ──────────────────────────────────────────────────────────────────────────────────────────


def entities(text, rng):
    """Letters as HTML writes them: by their names, or by their numbers."""
    numbers = rng.random() < 0.4
    return "".join(
        f"&#{ord(letter)};" if numbers and ord(letter) > 127 else NAMED_ENTITIES.get(letter, letter) for letter in text
    )


def read_as_windows(text, _rng):
    """UTF-8 read as Windows-1252."""
    return "".join(bytes([byte]).decode("cp1252", errors="replace") for byte in text.encode())


def replacement_characters(text, _rng):
    return "".join("�" if ord(letter) > 127 else letter for letter in text)
