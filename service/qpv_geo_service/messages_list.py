"""French texts of the routes of a list."""

from __future__ import annotations

from qpv_geo.messages.typography import quoted

CORRECTIONS = (
    "Adresses choisies pour des lignes, à la place de celles du fichier : un objet JSON, de la position de la ligne "
    "(0 pour la première) à un objet avec q et citycode."
)
ROWS = "Les lignes à vérifier d’une liste, et la position de chacune"
ROWS_DESCRIPTION = (
    "Lignes « à vérifier », « non localisées » ou en erreur, avec ce qui était demandé et pourquoi, et un point par "
    "ligne localisée, au plus `limit` de chaque."
)
LIMIT = "Nombre de lignes et de points au plus."
RESULT_FORMAT = "csv ou xlsx. Sans lui, le format du fichier envoyé."
PREVIEW = "Les premières lignes, en texte."


def bad_corrections(text: str) -> str:
    wanted = "un objet JSON est attendu, de la position d’une ligne à son adresse"
    return f"corrections illisibles : {quoted(text, 80)} ; {wanted}"
