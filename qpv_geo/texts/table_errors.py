"""What an error about a CSV or Parquet table says; see `qpv_geo.texts.errors`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# ── CSV ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def not_csv(name: str) -> str:
    return f"{name} n'est pas un fichier CSV mais un classeur ou une archive ; vérifiez son extension"


def empty_file(name: str) -> str:
    return f"{name} est vide ; attendu un CSV dont la première ligne nomme les colonnes"


def no_header(name: str) -> str:
    return f"la première ligne de {name} est vide ; supprimez-la : la première ligne doit nommer les colonnes"


def unknown_encoding(name: str) -> str:
    return f"encodage inconnu : {name!r} ; attendu par exemple utf-8, cp1252 ou latin-1"


def undecodable(name: str, encoding: str, line: int, position: int) -> str:
    return (
        f"{name}, ligne {line} : l'octet {position} ne se lit pas en {encoding} ; "
        "indiquez le bon encodage (par exemple cp1252) ou enregistrez le fichier en UTF-8"
    )


def not_rewritable(name: str, encoding: str) -> str:
    return f"{name} ne peut pas être réécrit à l'identique en {encoding} ; enregistrez-le en UTF-8"


def bad_delimiter(value: str) -> str:
    return f"séparateur invalide : {value!r} ; attendu un seul caractère, par exemple ';' ou ','"


def unclosed_quote(name: str, line: int) -> str:
    return f"{name}, ligne {line} : un guillemet ouvert n'est jamais refermé ; corrigez cette ligne"


def record_too_long(name: str, line: int, limit: int) -> str:
    return (
        f"{name}, ligne {line} : enregistrement de plus de {limit >> 20} Mo ; "
        "vérifiez les guillemets et les fins de ligne à partir de là"
    )


def cells(count: int, expected: int, more: Sequence[str]) -> str:
    most = 2_000  # what a cell of a workbook holds with ease
    texts = ", ".join(f"« {' '.join(text.split())} »" if text.strip() else "vide" for text in more)
    shown = texts if len(texts) <= most else f"{texts[:most]}…"
    return f"{count} cellules au lieu de {expected} ; en trop : {shown}"


# ── Parquet ────────────────────────────────────────────────────────────────────────────────────────────────────────


def not_parquet(name: str) -> str:
    return f"{name} n'est pas un fichier Parquet lisible (tronqué, chiffré, ou autre chose) ; exportez-le de nouveau"


def damaged_parquet(name: str, row: int) -> str:
    return f"{name} est illisible à partir de la ligne {row} (fichier abîmé) ; exportez-le de nouveau"


def not_wkb(name: str, row: int, column: str) -> str:
    return f"{name}, ligne {row} : la géométrie de la colonne {column!r} n'est pas du WKB ; corrigez-la ou videz-la"


def geometry_encoding(name: str, column: str, encoding: object) -> str:
    return f"{name} : géométries de la colonne {column!r} codées en {encoding!r} ; enregistrez-les en WKB"
