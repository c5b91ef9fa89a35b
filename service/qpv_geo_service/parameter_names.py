"""The known parameter that an unknown name may stand for."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_ALIKE = 0.7
"""Least likeness of a name to the one that is offered in its place: « insee » is not « since »."""
_OTHER_NAMES = {
    "q": {"address", "adresse", "query"},
    "lon": {"lng", "long", "longitude", "x"},
    "lat": {"latitude", "y"},
    "on": {"date", "day", "jour"},
    "citycode": {"city", "city_code", "code_insee", "commune", "insee"},
    "commune": {"city", "city_code", "citycode", "code_insee", "insee"},
    "postcode": {"code_postal", "cp", "postal_code", "zip"},
    "scheme": {"dispositif"},
    "answer": {"reponse"},
    "amount": {"montant"},
    "kind": {"type"},
    "accuracy": {"accuracy_m", "precision", "radius"},
    "bbox": {"box", "emprise"},
}
"""Names that other programs give to a parameter."""


def nearest_name(name: str, known: Collection[str]) -> str | None:
    """Return the known name that other programs write like this one, else the most alike, else None."""
    others = [one for one in known if name in _OTHER_NAMES.get(one, ()) or one == f"{name}_column"]
    return next(iter(others or get_close_matches(name, known, 1, _ALIKE)), None)
