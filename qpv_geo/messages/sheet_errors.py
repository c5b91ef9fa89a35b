"""What an error about a workbook says, and the names that a written one carries; see `qpv_geo.messages.errors`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.messages.typography import number, plural, quoted, values

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA_SHEET = "Données"
OTHER_SHEET = "Feuille"

# ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────────


def old_or_locked(name: str) -> str:
    return (
        f"{quoted(name)} est un classeur .xls ancien ou protégé par mot de passe ; enregistrez-le en .xlsx, "
        "sans mot de passe"
    )


def not_a_workbook(name: str) -> str:
    return f"{quoted(name)} n’est pas un classeur XLSX lisible ; ouvrez-le dans un tableur et enregistrez-le en .xlsx"


def too_large(name: str, part: str, size: int) -> str:
    return f"{quoted(name)} est trop volumineux ({part}, {size // 1_000_000} Mo) ; enregistrez de nouveau le classeur"


def has_doctype(name: str, part: str) -> str:
    return (
        f"{quoted(name)} déclare des entités XML ({part}), ce qu’aucun tableur n’écrit ; enregistrez de "
        "nouveau le classeur"
    )


def missing_sheet_part(name: str, part: str) -> str:
    return (
        f"{quoted(name)} est incomplet : il manque {part} ; demandez de nouveau le fichier ou réparez-le dans "
        "un tableur"
    )


def damaged_sheet(name: str, sheet: str, row: int) -> str:
    return (
        f"{quoted(name)}, feuille {quoted(sheet)} : illisible après la ligne {row} ; réparez le classeur dans "
        "un tableur"
    )


def too_many_rows_read(name: str, sheet: str, limit: int) -> str:
    return (
        f"{quoted(name)}, feuille {quoted(sheet)} : plus de {number(limit)} lignes, ce qu’aucun tableur n’écrit ; "
        "réparez le classeur"
    )


def no_such_sheet(name: str, sheet: str, sheets: Sequence[str]) -> str:
    return f"{quoted(name)} ne contient pas la feuille {quoted(sheet)} ; feuilles présentes : {values(sheets)}"


def no_header(name: str, sheet: str) -> str:
    return (
        f"{quoted(name)}, feuille {quoted(sheet)} : aucune cellule remplie ; écrivez une ligne d’en-têtes, "
        "puis les données"
    )


def no_such_header(name: str, sheet: str, row: int) -> str:
    return (
        f"{quoted(name)}, feuille {quoted(sheet)} : la ligne {row} est vide ou absente, choisissez une autre "
        "ligne d’en-têtes"
    )


def no_sheet(name: str) -> str:
    return f"{quoted(name)} ne contient aucune feuille de cellules ; enregistrez le tableau dans une feuille ordinaire"


def surplus_cells(columns: Sequence[str]) -> str:
    where = f"colonne{plural(len(columns))} {values(columns)}"
    return f"cellules remplies au-delà des en-têtes, {where} ; donnez un en-tête à chaque colonne"


def uncomputed() -> str:
    return "formule dont le résultat n’est pas enregistré ; ouvrez le classeur dans un tableur et enregistrez-le"


# ── Writing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def too_many_rows(sheet: str, limit: int) -> str:
    return (
        f"feuille {quoted(sheet)} : un classeur a {number(limit)} lignes au plus ; écrivez un CSV ou un Parquet, ou "
        "divisez la table"
    )


def too_many_columns(sheet: str, limit: int) -> str:
    return f"feuille {quoted(sheet)} : un classeur a {number(limit)} colonnes au plus ; écrivez un CSV ou un Parquet"


def cell_too_long(sheet: str, row: int, column: str, limit: int) -> str:
    return (
        f"feuille {quoted(sheet)}, ligne {row}, colonne {quoted(column)} : texte trop long pour une cellule, "
        f"qui a {number(limit)} caractères au plus ; écrivez un CSV ou un Parquet"
    )


def cannot_be_copied(name: str) -> str:
    return (
        f"{quoted(name)} ne peut pas être copié ; enregistrez-le de nouveau dans un tableur, ou écrivez un CSV "
        "(-o, nom en .csv)"
    )
