"""What an error about a GeoPackage or a GeoJSON says; see `qpv_geo.messages.errors`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import quoted, values

if TYPE_CHECKING:
    from collections.abc import Iterable

# ── GeoPackage ─────────────────────────────────────────────────────────────────────────────────────────────────────


def not_geopackage(name: str) -> str:
    return f"{quoted(name)} n’est pas un GeoPackage lisible ; vérifiez le fichier ou son extension"


def geopackage_damaged(name: str, row: int) -> str:
    return f"{quoted(name)} est illisible après la ligne {row} ; réparez le fichier ou enregistrez-le de nouveau"


def no_layer(name: str) -> str:
    return f"{quoted(name)} ne contient aucune couche ni table ; vérifiez le fichier"


def which_layer(name: str, layers: Iterable[str]) -> str:
    return f"{quoted(name)} contient plusieurs couches : {values(layers)} ; choisissez avec --layer"


def unknown_layer(name: str, layer: str, layers: Iterable[str]) -> str:
    return f"{quoted(name)} ne contient pas la couche {quoted(layer)} ; couches présentes : {values(layers)}"


def layer_without_key(name: str, layer: str) -> str:
    return (
        f"{quoted(name)} : {quoted(layer)} n’a pas d’identifiant entier (une vue, par exemple) ; "
        "enregistrez-la comme une couche nouvelle"
    )


def column_in_use(name: str, column: str) -> str:
    return (
        f"{quoted(name)} : la colonne {quoted(column)} ne peut pas être retirée, un index ou une vue s’en sert ; "
        "renommez-la ou retirez-la du fichier"
    )


# ── GeoJSON ────────────────────────────────────────────────────────────────────────────────────────────────────────


def not_json(name: str, line: int, character: int) -> str:
    return f"{quoted(name)} n’est pas du JSON lisible à la ligne {line}, caractère {character} ; réparez le fichier"


def json_cut(name: str, line: int) -> str:
    return f"{quoted(name)} s’arrête avant sa fin, à la ligne {line} ; récupérez le fichier entier"


def json_not_utf8(name: str, line: int) -> str:
    return f"{quoted(name)} n’est pas en UTF-8 après la ligne {line} ; enregistrez-le en UTF-8"


def json_bad_number(name: str, line: int, character: int) -> str:
    return (
        f"{quoted(name)} : la valeur qui commence à la ligne {line}, caractère {character}, contient NaN, Infinity "
        "ou un nombre de milliers de chiffres ; mettez null à la place"
    )


def json_too_deep(name: str, line: int) -> str:
    return f"{quoted(name)} emboîte trop de niveaux à la ligne {line} ; simplifiez le fichier"


def json_too_long(name: str, line: int, limit: int) -> str:
    return f"{quoted(name)} contient un élément de plus de {limit // 1_000_000} Mo à la ligne {line} ; divisez-le"


def not_features(name: str) -> str:
    return f"{quoted(name)} n’est pas du GeoJSON ; donnez une FeatureCollection ou une Feature"


def not_a_feature(name: str, row: int) -> str:
    return f"{quoted(name)} : l’élément n° {row} n’est pas une Feature GeoJSON ; corrigez-le ou retirez-le"


def layer_crs_unknown(name: str, named: object) -> str:
    return (
        f"{quoted(name)} indique un système de coordonnées inconnu : {quoted(named)} ; enregistrez-le en "
        "WGS84 (EPSG:4326)"
    )


# ── Both ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def bad_geometry() -> str:
    return "géométrie illisible ; corrigez-la ou videz-la"


def column_taken(name: str, column: str) -> str:
    return f"{quoted(name)} a déjà une colonne {quoted(column)} ; renommez-la ou retirez-la avant de relancer"
