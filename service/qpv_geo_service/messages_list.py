"""French texts of the routes of a list."""

from __future__ import annotations

from qpv_geo.messages.typography import quoted

CORRECTIONS = (
    "Adresses choisies pour des lignes, à la place de celles du fichier : un objet JSON. Ses clés sont des positions "
    "de lignes (0 pour la première, « 4,12 » pour deux lignes), ses valeurs des objets avec q et citycode."
)
ROWS = "Les lignes à vérifier d’une liste, et la position de chacune"
ROWS_DESCRIPTION = (
    "Lignes « à vérifier », « non localisées » ou en erreur, avec ce qui était demandé et pourquoi. Celles qui posent "
    "exactement la même question sont réunies. Et un point par ligne localisée. Au plus `limit` de chaque."
)
LIMIT = "Nombre de lignes et de points au plus."
RESULT_FORMAT = "csv ou xlsx. Sans lui, le format du fichier envoyé."
PREVIEW = "Les premières lignes, en texte."


def bad_corrections(text: str) -> str:
    wanted = 'envoyez un objet JSON comme {"0": {"q": "1 rue des Jumeaux 59120 Loos", "citycode": "59360"}}'
    return f"corrections illisibles : {quoted(text, 80)} ; {wanted}"


def corrected_twice(position: int) -> str:
    return f"corrections : la position « {position} » est donnée deux fois ; gardez une seule adresse"
