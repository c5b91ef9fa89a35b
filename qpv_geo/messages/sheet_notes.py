"""What a workbook loses when it is copied with its answers, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import enumerated, number, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

LOSSES = {
    "macros": "les macros",
    "controls": "les boutons et les contrôles de formulaire",
    "objects": "les objets incorporés",
    "diagrams": "les schémas SmartArt",
    "shapes": "les formes et les zones de texte",
    "charts": "des graphiques",
    "chart_styles": "une partie de la mise en forme des graphiques",
    "pictures": "des images",
    "cell_pictures": "les images placées dans les cellules",
    "header_pictures": "les images d’en-tête et de pied de page",
    "backgrounds": "les images de fond des feuilles",
    "sparklines": "les graphiques dans les cellules (sparklines)",
    "formats": "des mises en forme conditionnelles propres à Excel 2010 et suivants",
    "validations": "des listes de choix propres à Excel 2010 et suivants",
    "checkboxes": "les cases à cocher des cellules (il reste VRAI ou FAUX)",
    "slicers": "les segments et les chronologies",
    "comments": "la taille et la mise en forme des commentaires",
    "threads": "les fils de discussion (il en reste un commentaire)",
    "queries": "les requêtes et les connexions de données",
    "spills": "les formules dynamiques (elles deviennent matricielles)",
    "signatures": "la signature numérique",
    "values": "les résultats des formules, que le tableur recalcule à l’ouverture",
}
"""What is lost, in the order in which it is told."""
_LISTED = 3


def losses(what: Sequence[str], parts: Sequence[str]) -> str:
    told = [LOSSES[one] for one in what]
    if parts:
        told.append(f"d’autres contenus ({', '.join(parts[:_LISTED])}{'…' if len(parts) > _LISTED else ''})")
    return f"le classeur est copié avec ses feuilles et sa mise en forme, sauf {enumerated(told)}"


def merged(ranges: Sequence[str]) -> str:
    shown = ", ".join(ranges[:_LISTED]) + ("…" if len(ranges) > _LISTED else "")
    return (
        f"cellules fusionnées dans le tableau ({shown}) : seule la première garde sa valeur, les autres sont lues "
        "comme vides"
    )


def values_only(cells: int, limit: int) -> str:
    return (
        f"classeur trop grand pour être copié en entier ({number(cells)} cellules avec les réponses, "
        f"{number(limit)} au plus) : le fichier de sortie a seulement les valeurs, sans mise en forme ni "
        "formules, sans ce qui est au-dessus ni les autres feuilles"
    )


def reaching(formulas: Sequence[str]) -> str:
    shown = ", ".join(formulas[:_LISTED]) + ("…" if len(formulas) > _LISTED else "")
    if len(formulas) == 1:
        return f"une formule porte sur les colonnes de réponse, son résultat peut changer : {shown}"
    return f"{number(len(formulas))} formules portent sur les colonnes de réponse, leur résultat peut changer : {shown}"


def formula(sheet: str | None, place: str, text: str) -> str:
    where = f"le nom {place}" if sheet is None else f"{quoted(sheet)} {place}"
    return f"{where} (={text})"
