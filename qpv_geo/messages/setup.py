"""What `qpv setup` says, and what is told of the data that a server has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import values

if TYPE_CHECKING:
    from collections.abc import Sequence

SETUP = """Installer en une commande ce qu’il faut à une ville.

Pour chaque DÉPARTEMENT (86, 2A, 974) : les périmètres de 2015 et de 2024 pour toute la France, ses adresses et ses
lieux-dits. Ce qui est déjà installé n’est pas téléchargé à nouveau. Une installation arrêtée continue en relançant la
même commande.

\b
Exemples :
  qpv setup 86
  qpv setup 86 59 --refresh"""
REFRESH = "Télécharger à nouveau ce qui est déjà installé, pour avoir la dernière édition."

_KIND = {"adresses": "adresses du département", "lieux-dits": "lieux-dits du département"}
ALREADY, INSTALLED, FAILED = "déjà là", "installé", "échec"


def addresses_title(kind: str, department: str) -> str:
    return f"{_KIND[kind]} {department}"


def plan(count: int, already: int) -> str:
    left = count - already
    if not left:
        return "Tout est déjà installé. Pour avoir les dernières éditions, ajoutez --refresh."
    there = f", {already} déjà là" if already else ""
    return f"{count} jeux de données, dont {left} à télécharger{there}."


def perimeters_facts(count: str, edition: str | None, size: str) -> str:
    return ", ".join([f"{count} périmètres", *([f"édition {edition}"] if edition else []), size])


def addresses_facts(rows: str, places: str, edition: str | None, size: str) -> str:
    known = [f"{rows} adresses", f"{places} voies, lieux-dits et communes"]
    return ", ".join([*known, *([f"édition du {edition}"] if edition else []), size])


def size(megabytes: str) -> str:
    return f"{megabytes} Mo"


def received(facts: str, megabytes: str) -> str:
    return f"{facts} ({megabytes} Mo téléchargés)"


def incomplete(titles: Sequence[str]) -> str:
    return f"installation incomplète, il manque {values(titles)} ; pour continuer, relancez la commande"
