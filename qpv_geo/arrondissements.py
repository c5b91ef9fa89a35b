"""INSEE codes of the arrondissements of Paris, Lyon and Marseille (INSEE, Code officiel géographique)."""

from __future__ import annotations

import re

ARRONDISSEMENTS = {"75056": range(75101, 75121), "69123": range(69381, 69390), "13055": range(13201, 13217)}
"""By the code of their commune, the first arrondissement first."""

_NAMES = {"75056": "paris", "69123": "lyon", "13055": "marseille"}
_ROMAN = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx".split()  # noqa: SIM905
_IN_WORDS = (
    "premier deuxieme troisieme quatrieme cinquieme sixieme septieme huitieme neuvieme dixieme onzieme douzieme "  # noqa: SIM905
    "treizieme quatorzieme quinzieme seizieme dixseptieme dixhuitieme dixneuvieme vingtieme".split()
)
_SAID = re.compile(rf"\b(?:cedex 0?(\d{{1,2}})|({'|'.join(_NAMES.values())}) (?!cedex)([a-z]+(?: [a-z]+ieme)?))\b")
_ORDINAL = re.compile(r"(?:er|eme|e)$")


def arrondissement_of(citycode: str, postcode: str) -> str | None:
    """Return the code of a postcode's arrondissement: 75104 for 75004, 69381 for 69001; None if there is none."""
    codes, number = ARRONDISSEMENTS.get(citycode, range(0)), postcode[-2:]
    within = number.isdecimal() and 1 <= int(number) <= len(codes)
    return str(codes[int(number) - 1]) if within else None


def commune_of(code: str) -> str | None:
    """Return the code of the commune of an arrondissement; None for any other code."""
    number = int(code) if code.isdecimal() else 0
    return next((commune for commune, codes in ARRONDISSEMENTS.items() if number in codes), None)


def is_other_arrondissement_said(text: str, citycode: str, postcode: str) -> bool:
    """Tell whether a folded address names another arrondissement than a place's: Paris Cedex 13, Paris XIIIe.

    ``Paris 13`` is read elsewhere, as the name of a town is. The number of a CEDEX is that of the arrondissement.
    """
    commune = commune_of(citycode) or citycode
    if commune not in ARRONDISSEMENTS:
        return False
    codes = ARRONDISSEMENTS[commune]
    own = citycode if citycode != commune else arrondissement_of(commune, postcode)
    said = {_number_said(found, _NAMES[commune]) for found in _SAID.finditer(text)}
    return own is not None and any(str(codes[number - 1]) != own for number in said if 1 <= number <= len(codes))


def _number_said(found: re.Match[str], name: str) -> int:
    """Return the number of an arrondissement, or 0 if none is said."""
    cedex, city, words = found.groups()
    if cedex is not None or city != name:
        return int(cedex or 0)
    first = words.split()[0]
    for one in (first, _ORDINAL.sub("", first), words.replace(" ", "")):
        for numbers in (_ROMAN, _IN_WORDS):
            if one in numbers:
                return numbers.index(one) + 1
    return 0
