"""Commands for the administrator, shown apart from the sentences that a clerk reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CORRESPONDENCE = "qpv perimeters import-correspondence FICHIER"
LIBRARIES = {"swagger": "pip install fastapi-swagger", "leaflet": "pip install xstatic-leaflet"}
VERIFY_REGISTER = "qpv register verify"
EXPORT_REGISTER = "qpv register export -o registre.jsonl"
VERIFY_RECORD = "qpv verify verdict.json"


def fetch_perimeters(download: str, *, unpinned: bool) -> str:
    return f"qpv perimeters fetch {download}{' --accept-new' if unpinned else ''}"


def import_perimeters(generation: str) -> str:
    return f"qpv perimeters import FICHIER --generation {generation}"


def fetch_addresses(departments: Sequence[str]) -> str:
    """Return the command for the first of some départements, or for any if none is known."""
    return f"qpv addresses fetch {departments[0] if departments else 'DÉPARTEMENT'}"


def setup(departments: Sequence[str]) -> str:
    return " ".join(["qpv setup", *departments])


def import_population(generation: str) -> str:
    return f"qpv indicators import FICHIER --generation {generation}"


def libraries(extra: str) -> str:
    return f"pip install 'qpv-geo[{extra}]'"


def reinstall(package: str) -> str:
    return f"pip install --force-reinstall {package}"
