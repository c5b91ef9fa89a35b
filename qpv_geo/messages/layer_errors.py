"""What an error about a GeoPackage or a GeoJSON says; see `qpv_geo.messages.errors`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# ── GeoPackage ─────────────────────────────────────────────────────────────────────────────────────────────────────


def not_geopackage(name: str) -> str:
    return f"{name} n'est pas un GeoPackage lisible ; vérifiez le fichier ou son extension"


def geopackage_damaged(name: str, row: int) -> str:
    return f"{name} est illisible après la ligne {row} ; réparez le fichier ou enregistrez-le de nouveau"


def no_layer(name: str) -> str:
    return f"{name} ne contient aucune couche ni table ; vérifiez le fichier"


def which_layer(name: str, layers: Iterable[str]) -> str:
    return f"{name} contient plusieurs couches : {', '.join(layers)} ; choisissez avec --layer"


def unknown_layer(name: str, layer: str, layers: Iterable[str]) -> str:
    return f"{name} ne contient pas la couche {layer!r} ; couches présentes : {', '.join(layers)}"


def layer_without_key(name: str, layer: str) -> str:
    return (
        f"{name} : {layer!r} n'a pas d'identifiant entier (une vue, par exemple) ; "
        "enregistrez-la comme une couche nouvelle"
    )


def column_in_use(name: str, column: str) -> str:
    return (
        f"{name} : la colonne {column!r} ne peut pas être retirée, un index ou une vue s'en sert ; "
        "renommez-la ou retirez-la du fichier"
    )


# ── GeoJSON ────────────────────────────────────────────────────────────────────────────────────────────────────────


def not_json(name: str, line: int, character: int) -> str:
    return f"{name} n'est pas du JSON lisible à la ligne {line}, caractère {character} ; réparez le fichier"


def json_cut(name: str, line: int) -> str:
    return f"{name} s'arrête avant sa fin, à la ligne {line} ; récupérez le fichier entier"


def json_not_utf8(name: str, line: int) -> str:
    return f"{name} n'est pas en UTF-8 après la ligne {line} ; enregistrez-le en UTF-8"


def json_bad_number(name: str, line: int, character: int) -> str:
    return (
        f"{name} : la valeur qui commence à la ligne {line}, caractère {character}, contient NaN, Infinity "
        "ou un nombre de milliers de chiffres ; mettez null à la place"
    )


def json_too_deep(name: str, line: int) -> str:
    return f"{name} emboîte trop de niveaux à la ligne {line} ; simplifiez le fichier"


def json_too_long(name: str, line: int, limit: int) -> str:
    return f"{name} contient un élément de plus de {limit // 1_000_000} Mo à la ligne {line} ; divisez-le"


def not_features(name: str) -> str:
    return f"{name} n'est pas du GeoJSON ; attendu une FeatureCollection ou une Feature"


def not_a_feature(name: str, row: int) -> str:
    return f"{name} : l'élément n° {row} n'est pas une Feature GeoJSON ; corrigez-le ou retirez-le"


def layer_crs_unknown(name: str, named: object) -> str:
    return f"{name} annonce un système de coordonnées inconnu : {named!r} ; enregistrez-le en WGS84 (EPSG:4326)"


# ── Both ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def bad_geometry() -> str:
    return "géométrie illisible ; corrigez-la ou mettez-la à vide"


def column_taken(name: str, column: str) -> str:
    return f"{name} a déjà une colonne {column!r} ; renommez-la ou retirez-la avant de relancer"
