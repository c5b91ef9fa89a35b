"""What an error about a place written in one cell says; see `qpv_geo.messages.errors`."""

from __future__ import annotations

_MOST_SHOWN = 60


def unreadable_place(text: str) -> str:
    return (
        f"lieu illisible : {_quoted(text)} ; attendu deux coordonnées (« 46.58, 0.34 »), un WKT ou un GeoJSON, "
        "dans une seule cellule"
    )


def either_order(text: str) -> str:
    return (
        f"ordre des coordonnées indécidable : {_quoted(text)} ; nommez la colonne geo_point_2d (latitude d'abord), "
        "ou séparez la longitude et la latitude en deux colonnes"
    )


def two_places() -> str:
    return "une seule façon de dire le lieu : donnez --lon-column et --lat-column, ou --point-column"


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return f"« {line if len(line) <= _MOST_SHOWN else f'{line[:_MOST_SHOWN]}…'} »"
