"""What an error about a place written in one cell says; see `qpv_geo.messages.errors`."""

from __future__ import annotations

from qpv_geo.messages.typography import quoted


def unreadable_place(text: str) -> str:
    return (
        f"lieu illisible : {quoted(text)} ; donnez deux coordonnées (« 46.58, 0.34 »), un WKT ou un GeoJSON, "
        "dans une seule cellule"
    )


def either_order(text: str) -> str:
    return (
        f"ordre des coordonnées impossible à deviner : {quoted(text)} ; nommez la colonne geo_point_2d (latitude "
        "d’abord), ou séparez la longitude et la latitude en deux colonnes"
    )


def two_places() -> str:
    return "deux façons de donner le lieu ; donnez --lon-column et --lat-column, ou --point-column"
