"""Set aside the complement of an address: flat, building, floor, door, residence, « chez », PO box, CEDEX.

The numbers of flats, PO boxes and floors are never house numbers: they are removed. A complement in words (a residence,
a building's name, who lives there) may be a name that the address index knows: it is kept, but need not match.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from qpv_geo.geocoding.normalise import ARTICLES, is_kind

if TYPE_CHECKING:
    from collections.abc import Sequence


class Token(NamedTuple):
    """A folded word, number or sign of an address.

    Attributes
    ----------
    is_glued
        Whether it follows a letter or a digit without a space: ``12bis``.
    is_elided
        Whether an apostrophe follows: ``d’Artagnan``.
    is_optional
        Whether it is part of a complement in words.
    start, end
        Its position in the text.
    """

    text: str
    is_glued: bool = False
    is_elided: bool = False
    is_optional: bool = False
    start: int = 0
    end: int = 0


_NUMBERED = frozenset(
    "appartement appart appt apt app ap porte pte etage etg escalier esc batiment bat bloc entree hall logement logt "  # noqa: SIM905
    "boite bte bal cage digicode interphone niveau niv studio chambre lot immeuble imm tour villa maison pavillon "
    "local box garage case bureau aile bp cs tsa".split()
)
"""Words followed by a number or a letter in a complement."""
_BOXES = frozenset({"bp", "cs", "tsa"})
_WITH_DOOR = frozenset("batiment bat bloc immeuble imm tour villa maison pavillon".split())  # noqa: SIM905
"""Buildings, whose number may be the door's."""
_BEGINNINGS = _NUMBERED | {"cedex", "rdc", "rez"}
"""Words that may begin a complement without a name, as may numbers and single letters."""
_NAMED = frozenset(
    "residence res resid immeuble imm batiment bat bloc tour villa chez foyer ehpad hlm domaine copropriete".split()  # noqa: SIM905
)
"""Words followed by a name in a complement, up to the next number, kind of street, separator or code."""
_FLOORS = frozenset({"etage", "etg"})
_ORDINALS = frozenset({"e", "er", "eme", "ere", "re", "nd", "nde", "ieme"})
_SIDES = frozenset({"gauche", "droite", "face", "fond", "cour", "g", "d"})
_LETTER_SIGN = frozenset({"n", "no", "numero"})
_SEPARATIONS = frozenset(",;\n|()")
_VALUE = re.compile(r"\d{1,5}|[a-z]")
_CEDEX_DIGITS, _CODE_DIGITS = 2, 5


def set_aside(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens without numbered complements, and with complements in words marked as optional."""
    kept: list[Token] = []
    k = 0
    while k < len(tokens):
        text = tokens[k].text
        may_begin = text in _BEGINNINGS or text.isdigit() or len(text) == 1
        end = _complement_end(tokens, k, kept[-1].text if kept else "") if may_begin else k
        if end > k:
            kept.append(Token(","))
            k = end
        else:
            kept.append(tokens[k])
            k += 1
    return _with_optional(kept)


def _complement_end(tokens: Sequence[Token], k: int, before: str) -> int:
    """Return the end of the complement that begins at token `k`, or `k` if none does.

    Parameters
    ----------
    before
        The word before it, complements removed: « de la Porte 4 » is part of a street name.
    """
    text = tokens[k].text
    if text.isdigit():
        return _floor_end(tokens, k)
    if text in _NUMBERED and before not in ARTICLES and not is_kind(before):
        return _value_end(tokens, k)
    return _fixed_end(tokens, k)


def _fixed_end(tokens: Sequence[Token], k: int) -> int:
    """Return the end of ``CEDEX 9``, ``RDC``, ``rez-de-chaussée gauche``, ``B.P. 12`` or ``c/o``."""
    text, after, then = tokens[k].text, _text(tokens, k + 1), _text(tokens, k + 2)
    if text == "cedex":
        return k + 1 + (after.isdigit() and len(after) <= _CEDEX_DIGITS)
    if text == "rdc" or (text == "rez" and "chaussee" in (then, _text(tokens, k + 4))):
        end = k + 1 if text == "rdc" else k + (5 if _text(tokens, k + 4) == "chaussee" else 3)
        return end + (_text(tokens, end) in _SIDES)
    is_box = len(text) == 1 and text + after in _BOXES and then.isdigit()
    return k + 3 if is_box or (text, after, then) == ("c", "/", "o") else k


def _floor_end(tokens: Sequence[Token], k: int) -> int:
    """Return the end of a floor: ``3e étage``, ``3 ème etg gauche``."""
    after = k + 1
    if _text(tokens, after) in _ORDINALS:
        after += 1
    if _text(tokens, after) not in _FLOORS:
        return k
    after += 1
    return after + (_text(tokens, after) in _SIDES)


def _value_end(tokens: Sequence[Token], k: int) -> int:
    """Return the end of ``apt 12``, ``bât B2``, ``porte n° 4 B``, ``boîte aux lettres 3`` or ``escalier gauche``."""
    word, after = tokens[k].text, k + 1
    if word in {"boite", "bte"} and _text(tokens, after) in {"aux", "a"}:
        after += 2
    if _text(tokens, after) in _LETTER_SIGN:
        after += 1
    value = _text(tokens, after)
    if value in _SIDES and len(value) > 1 and _text(tokens, after + 1) not in {"a", "au", "du", "de"}:
        return after + 1  # « escalier face », but « garage face au 12 »
    if not _VALUE.fullmatch(value) or (len(value) == 1 and value.isalpha() and _is_article(tokens, after)):
        return k
    if value.isdigit() and (_is_house_number(tokens, after, word) or _is_code(value, word)):
        return k
    after += 1
    while after < len(tokens) and tokens[after].is_glued and _VALUE.fullmatch(tokens[after].text):
        after += 1
    if value.isalpha() and _is_of_letter(tokens, after):
        after += 1  # « appartement A 12 », but « bât A 12 rue »
    if value.isdigit() and len(_text(tokens, after)) == 1 and _text(tokens, after) in "abcef" and word not in _BOXES:
        after += not _kind_follows(tokens, after)
    return after


def _is_code(value: str, word: str) -> bool:
    """Tell whether digits are those of a postcode; a PO box may have as many."""
    return len(value) == _CODE_DIGITS and word not in _BOXES


def _is_of_letter(tokens: Sequence[Token], k: int) -> bool:
    """Tell whether a number goes with the letter before it: another number, a separator or the end follows."""
    number, after = _text(tokens, k), _text(tokens, k + 1)
    if not number.isdigit() or len(number) >= _CODE_DIGITS:
        return False
    then = _text(tokens, k + 2)
    if after in _SEPARATIONS or (after == "-" and (not then.isdigit() or len(then) == _CODE_DIGITS)):
        return not _kind_follows(tokens, k + 2)
    return not after or after.isdigit()


def _is_article(tokens: Sequence[Token], k: int) -> bool:
    """Tell whether an apostrophe follows a letter, which then begins a name: ``Immeuble l’Albatros``."""
    return tokens[k].is_elided


def _is_house_number(tokens: Sequence[Token], k: int, word: str) -> bool:
    """Tell whether the only number, before a kind of street, is the house number: ``Bât 12 rue X``."""
    if word not in _WITH_DOOR or not _kind_follows(tokens, k + 1):
        return False
    return not any(one.text.isdigit() and len(one.text) < _CODE_DIGITS for n, one in enumerate(tokens) if n != k)


def _kind_follows(tokens: Sequence[Token], k: int) -> bool:
    return is_kind(_text(tokens, k))


def _text(tokens: Sequence[Token], k: int) -> str:
    return tokens[k].text if k < len(tokens) else ""


def _with_optional(tokens: Sequence[Token]) -> list[Token]:
    """Mark complements in words as optional, up to the next number, kind of street or separator."""
    marked: list[Token] = []
    inside = False
    for k, one in enumerate(tokens):
        starts = one.text in _NAMED and not (k and (tokens[k - 1].text in ARTICLES or is_kind(tokens[k - 1].text)))
        if starts:
            inside = True
        elif inside and _ends_name(tokens, k):
            inside = False
        marked.append(one._replace(is_optional=True) if inside else one)
    return marked


def _ends_name(tokens: Sequence[Token], k: int) -> bool:
    text = tokens[k].text
    return text in _SEPARATIONS or text[0].isdigit() or is_kind(text)
