"""What an error about a CSV or Parquet table says; see `qpv_geo.messages.errors`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import plural, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

# ── CSV ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def not_csv(name: str) -> str:
    return f"{quoted(name)} n’est pas un fichier CSV mais un classeur ou une archive ; vérifiez son extension"


def empty_file(name: str) -> str:
    return f"{quoted(name)} est vide ; donnez un CSV dont la première ligne nomme les colonnes"


def no_header(name: str) -> str:
    return f"la première ligne de {quoted(name)} est vide ; supprimez-la, la première ligne doit nommer les colonnes"


def no_such_header(name: str, line: int) -> str:
    return f"{quoted(name)} : la ligne {line} est vide ou absente ; choisissez une autre ligne d’en-têtes"


def unknown_encoding(name: str) -> str:
    return f"encodage inconnu : {quoted(name)} ; donnez par exemple utf-8, cp1252, ou utf-8+cp1252 s’il mêle les deux"


def mixed(name: str, counts: tuple[int, int], line: int, byte: int, read: str) -> str:
    shown = f" ({quoted(read)} en cp1252)" if read.isprintable() else ""
    return (
        f"{quoted(name)} mêle deux encodages : {_counted(counts[0], 'caractère')} en UTF-8, et "
        f"{_counted(counts[1], 'octet')} d’un autre, le premier ligne {line} : 0x{byte:02X}{shown} ; "
        "corrigez le fichier, ou donnez l’encodage utf-8+cp1252 (--encoding), qui lit ceux-ci en cp1252 "
        "et le reste en UTF-8"
    )


def read_as_mixed(strays: int, line: int) -> str:
    first = f", le premier ligne {line}" if strays > 1 else f", ligne {line}"
    return (
        f"{_counted(strays, 'octet')} lu{plural(strays)} en cp1252{first}. Un fichier CSV de sortie est tout "
        "entier en UTF-8"
    )


def spoilt_texts(codec: str, characters: int, line: int, shown: str) -> str:
    seem, first = ("semblent écrits", ", le premier") if characters > 1 else ("semble écrit", ",")
    read = "les" if characters > 1 else "le"
    return (
        f"{_counted(characters, 'caractère')} {seem} en UTF-8 dans ce fichier en {codec}{first} ligne {line} "
        f"({quoted(shown)}). Pour {read} lire ainsi : --encoding utf-8+cp1252"
    )


def undecodable(name: str, encoding: str, line: int, position: int) -> str:
    return (
        f"{quoted(name)}, ligne {line} : l’octet {position} ne se lit pas en {encoding} ; "
        "indiquez le bon encodage (cp1252, ou utf-8+cp1252 s’il mêle les deux) ou enregistrez le fichier en UTF-8"
    )


def not_rewritable(name: str, encoding: str) -> str:
    return f"{quoted(name)} ne peut pas être réécrit à l’identique en {encoding} ; enregistrez-le en UTF-8"


def bad_delimiter(value: str) -> str:
    return f"séparateur invalide : {quoted(value)} ; donnez un seul caractère, par exemple « ; » ou « , »"


def unclosed_quote(name: str, line: int) -> str:
    return f"{quoted(name)}, ligne {line} : un guillemet ouvert n’est jamais refermé ; corrigez cette ligne"


def record_too_long(name: str, line: int, limit: int) -> str:
    return (
        f"{quoted(name)}, ligne {line} : enregistrement de plus de {limit >> 20} Mo ; "
        "vérifiez les guillemets et les fins de ligne à partir de là"
    )


def cells(count: int, expected: int, more: Sequence[str]) -> str:
    most = 2_000  # what a cell of a workbook holds with ease
    texts = ", ".join(quoted(text) if text.strip() else "vide" for text in more)
    shown = texts if len(texts) <= most else f"{texts[:most]}…"
    return f"{count} cellules au lieu de {expected} (en trop : {shown})"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{plural(count)}".replace(",", "\u202f")


# ── Parquet ────────────────────────────────────────────────────────────────────────────────────────────────────────


def not_parquet(name: str) -> str:
    return (
        f"{quoted(name)} n’est pas un fichier Parquet lisible (tronqué, chiffré, ou autre chose) ; "
        "exportez-le de nouveau"
    )


def damaged_parquet(name: str, row: int) -> str:
    return f"{quoted(name)} est illisible à partir de la ligne {row} (fichier abîmé) ; exportez-le de nouveau"


def not_wkb(name: str, row: int, column: str) -> str:
    return (
        f"{quoted(name)}, ligne {row} : la géométrie de la colonne {quoted(column)} n’est pas du WKB ; "
        "corrigez-la ou videz-la"
    )


def geometry_encoding(name: str, column: str, encoding: object) -> str:
    return (
        f"{quoted(name)} : géométries de la colonne {quoted(column)} codées en {quoted(encoding)} ; "
        "enregistrez-les en WKB"
    )
