"""French texts of the band and of the administrator's page: what this server covers, and how to bring the rest."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from qpv_geo.messages.remedies import setup
from qpv_geo.messages.setup import addresses_facts, addresses_title, perimeters_facts
from qpv_geo.messages.verdicts import day, number

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["addresses_facts", "addresses_title", "number", "perimeters_facts"]

INSTALLED, PARTIAL, MISSING, UNREADABLE = "installé", "en partie", "absent", "illisible"
NO_ADDRESSES, NATIONAL = "aucune", "service national"
ADMINISTRATOR = "l’administrateur de ce serveur"
UPDATE, COMPLETE, INSTALL = "Mettre à jour", "Compléter", "Installer"
ANY_TOWN = setup(["86"])
PERIMETERS, ADDRESSES, OTHERS = "Quartiers", "Adresses", "Compléments"
OTHER_DEPARTMENTS = "Autres départements"
ASKED_ONLINE = "non installés ; leurs adresses sont demandées au service national"
NOT_ASKED = "non installés ; leurs adresses ne peuvent pas être trouvées"
NPNRU = "Quartiers du renouvellement urbain (NPNRU)"
NPNRU_SHIPPED = "liste fournie avec le logiciel"
NPNRU_IMPORTED = "liste importée"
NPNRU_COMMAND = "qpv perimeters import-npnru FICHIER"
PROJECTS = "Projets de la carte"
PROJECTS_EXAMPLES = "exemples publiés (Poitiers 2024 et Loos 2024) ; pour les vôtres :"
PROJECTS_COMMAND = "QPV_GEO_SERVICE_PROJECTS=FICHIER qpv serve"
TILES = "Fond des cartes"
TILES_TOLD = {
    "ign": "plan de l’IGN, demandé par le navigateur",
    "none": "aucun ; les rues viennent des adresses installées",
}
TILES_COMMAND = {"ign": "QPV_GEO_SERVICE_TILES=none qpv serve", "none": "QPV_GEO_SERVICE_TILES=ign qpv serve"}
EXTRA = {"reportlab": ("Fiches en PDF", "reports"), "sqlalchemy": ("Registre", "register")}

BACK = "← Vérifier une adresse"
EXAMPLE = "Table publiée à montrer, où le serveur n’a pas la sienne."
EXAMPLE_LABEL = {"fiq-2024": "Exemple : Poitiers", "loos-2024": "Exemple : Loos"}

_LEFT_OUT = re.compile(r"\s*\(extrait\)|\s*\(fichier [^)]*\)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def short_title(title: str) -> str:
    """« Quartiers 2024 de Poitiers et de Loos »."""
    return _LEFT_OUT.sub("", title).replace("Quartiers prioritaires", "Quartiers").replace("QPV ", "Quartiers ", 1)


def edition(text: str | None) -> str | None:
    """Return the day of an edition as people write it, or the text if it has none."""
    found = _DATE.search(text or "")
    return day(date.fromisoformat(found[0])) if found else text


def covered(titles: Sequence[tuple[str, str | None]], addresses: str) -> str:
    """« Quartiers 2024 de Poitiers et de Loos (édition du 27 juin 2024) ; adresses : 59 »."""
    parts = [f"{title} (édition du {dated})" if dated else title for title, dated in titles]
    return "\u00a0; ".join([*parts, f"adresses\u00a0: {addresses}"]) + "."


def departments(codes: Sequence[str], most: int = 8) -> str:
    return ", ".join(codes) if len(codes) <= most else f"{len(codes)} départements"


def ask(contact: str) -> str:
    """Whom to ask for what is missing."""
    who = contact or ADMINISTRATOR
    return (
        "Une ville qui manque ici n’a pas de réponse ferme\u00a0: ses adresses restent «\u00a0à vérifier\u00a0», "
        f"jamais «\u00a0hors QPV\u00a0». Pour l’ajouter, demandez à {who}."
    )


def indexed(rows: int, places: int, dated: str | None, megabytes: str) -> str:
    return addresses_facts(number(rows), number(places), edition(dated), f"{megabytes}\u00a0Mo")


def zones(count: int, title: str, dated: str | None) -> str:
    return ", ".join([title, f"{number(count)} périmètres", *([f"édition du {edition(dated)}"] if dated else [])])


def example_title(title: str) -> str:
    return f"Exemples publiés\u00a0: {title}"


BAD_LINK = "Ce lien est incorrect. Saisissez votre question ci-dessus."
