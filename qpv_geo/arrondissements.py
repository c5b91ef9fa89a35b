"""INSEE codes of the arrondissements of Paris, Lyon and Marseille (INSEE, Code officiel géographique)."""

from __future__ import annotations

ARRONDISSEMENTS = {"75056": range(75101, 75121), "69123": range(69381, 69390), "13055": range(13201, 13217)}
"""By the code of their commune, the first arrondissement first."""


def arrondissement_of(citycode: str, postcode: str) -> str | None:
    """Return the code of a postcode's arrondissement: 75104 for 75004, 69381 for 69001; None if there is none."""
    codes, number = ARRONDISSEMENTS.get(citycode, range(0)), postcode[-2:]
    within = number.isdecimal() and 1 <= int(number) <= len(codes)
    return str(codes[int(number) - 1]) if within else None


def commune_of(code: str) -> str | None:
    """Return the code of the commune of an arrondissement; None for any other code."""
    number = int(code) if code.isdecimal() else 0
    return next((commune for commune, codes in ARRONDISSEMENTS.items() if number in codes), None)
